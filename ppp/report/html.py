"""The few pieces of markup that reports are made of. Every value passes through markupsafe, so text stays text."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence

from markupsafe import Markup


class Html:
    """A fragment that Jupyter shows and the report keeps."""

    def __init__(self, markup: Markup):
        self.markup = markup

    def _repr_html_(self) -> str:
        return str(self.markup)

    def __repr__(self) -> str:
        return "<report fragment>"


def join(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)


def heading(text: str, anchor: str, level: int = 2) -> Markup:
    return Markup("<h{level} id='{anchor}'>{text}</h{level}>").format(level=level, anchor=anchor, text=text)


def paragraph(text: str, css: str = "") -> Markup:
    return Markup("<p class='{}'>{}</p>").format(css, text) if css else Markup("<p>{}</p>").format(text)


def bullets(items: Sequence[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(item) for item in items))


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    numbers: Sequence[int] = (),
    caption: str = "",
    css: str = "",
    last_is_sum: bool = False,
    sums: Collection[int] = (),
    groups: Sequence[tuple[str, int]] = (),
) -> Markup:
    """A table with a heading row; `numbers` are the columns set flush right; a row's first cell is its heading; `sums` are the
    rows set as totals; `groups` head the columns from the second on: a text and how many columns it stands over."""
    kind = ["number" if i in numbers else "text" for i in range(len(headings))]
    head = Markup("").join(
        Markup("<th scope='col' class='{}'>{}</th>").format(kind[i], text) for i, text in enumerate(headings)
    )
    over = Markup("").join(Markup("<th scope='colgroup' colspan='{}'>{}</th>").format(n, text) for text, n in groups)
    above = Markup("<tr class='groups'><td></td>{}</tr>").format(over) if groups else Markup("")
    body = []
    rows = list(rows)
    for number, row in enumerate(rows):
        first = Markup("<th scope='row' class='{}'>{}</th>").format(kind[0], row[0])
        rest = Markup("").join(
            Markup("<td class='{}'>{}</td>").format(kind[i], cell) for i, cell in enumerate(row[1:], 1)
        )
        css_row = " class='sum'" if number in sums or (last_is_sum and number == len(rows) - 1) else ""
        body.append(Markup("<tr{}>{}{}</tr>").format(Markup(css_row), first, rest))
    title = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
    return Markup(
        "<div class='wide'><table class='{}'>{}<thead>{}<tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(css, title, above, head, Markup("").join(body))


def figure(svg: str, alt: str) -> Markup:
    """An SVG as an image with its text alternative: isolated, so that identifiers of two charts cannot meet."""
    data = base64.b64encode(svg.encode()).decode()
    return Markup("<figure><img alt='{}' src='data:image/svg+xml;base64,{}'></figure>").format(alt, Markup(data))


def mark(passed: bool | None, text: str) -> Markup:
    """A result that reads without colour: a sign and a word."""
    css, sign = {True: ("good", "✓"), False: ("bad", "×"), None: ("open", "–")}[passed]
    return Markup("<span class='mark {}'>{} {}</span>").format(css, sign, text)


def keep(text: object) -> Markup:
    """Text that is not broken over two lines."""
    return Markup("<span class='keep'>{}</span>").format(text)
