"""A report's fragments as plain text for a terminal: headings, paragraphs, and tables in columns."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

from ppp.report.html import Html

GAP = "  "
WIDEST = (60, 34)  # columns of a row's first cell and of its others; a longer text is cut


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.out: list[str] = []
        self.rows: list[list[str]] | None = None
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes) -> None:
        if tag == "table":
            self.rows = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in ("td", "th", "h1", "h2", "h3", "p", "caption", "li"):
            self.text = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        said = " ".join("".join(self.text).split())
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append(said)
        elif tag in ("h1", "h2", "h3"):
            self.out += ["", said, "-" * _width(said)]
        elif tag in ("p", "caption", "li") and said:
            self.out.append(said)
        elif tag == "table" and self.rows is not None:
            self.out += _columns(self.rows)
            self.rows = None


def plain_tables(*fragments: Html) -> str:
    """The text of fragments; pictures are left out."""
    reader = _Reader()
    for fragment in fragments:
        reader.feed(str(fragment.markup))
    return "\n".join(reader.out).strip("\n")


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _cut(text: str, widest: int) -> str:
    if _width(text) <= widest:
        return text
    kept = ""
    while _width(kept + text[len(kept)]) < widest:
        kept += text[len(kept)]
    return kept + "…"


def _columns(rows: list[list[str]]) -> list[str]:
    rows = [[_cut(cell, WIDEST[i > 0]) for i, cell in enumerate(row)] for row in rows]
    widths = [max(_width(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    lines = []
    for row in rows:
        cells = [row[0] + " " * (widths[0] - _width(row[0]))]
        cells += [" " * (widths[i] - _width(cell)) + cell for i, cell in enumerate(row[1:], 1)]
        lines.append(GAP.join(cells).rstrip())
    return lines
