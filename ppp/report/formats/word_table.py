"""A table of the page as a table of Word, with column widths that Word, WPS and LibreOffice all keep."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from lxml.html import HtmlElement

from ppp.report.formats.word_style import COLOURS, TEXT_WIDTH

TWIPS_OF_MM, TWIPS_OF_POINT = 56.6929, 20
PADDING = 70  # twips, on each side of a cell
SIZES = {"accounts": 6.5, "dense": 7.0, "databook": 7.5}  # points; else
USUAL = 8.5
SMALLER = (8.0, 7.5, 7.0, 6.5)  # tried in turn for a table that squeezes its columns
ROOMY = 10.0  # ems: a column of text narrower than this stands in too many lines
BOLD = 1.1  # heads are bold, and bold letters are wider
MAY_BREAK = "\u200b"  # the zero-width space: a line may end here
MOST_WANTED = 26.0  # ems: a longer text is set in several lines sooner than that others are squeezed
SHORT_HEAD = 6.0  # ems: such a head is set in one line where there is room
SHORT, SHORT_OF_YEARS = 14, 28  # rows: such a table, and one of a statement's years, is kept on one page
FIRST_ROWS = 3  # of a longer table: they stand on the page where it begins
# widths of letters as a share of their size: Chinese ones are as wide as high, the rest as in Arial
_PIECE = re.compile(r"[^\u2e80-\uffee]+|[\u2e80-\uffee]{1,4}")
SCRIPT_GAP = 0.25  # ems
NARROW, DIGIT, LETTER, CAPITAL = 0.30, 0.57, 0.55, 0.72


def table_xml(table: HtmlElement):
    """The <w:tbl> of a <table>: its head repeated on every page, no row broken over two."""
    from ppp.report.formats.word_document import runs

    css = (table.get("class") or "").split()
    size = next((SIZES[name] for name in SIZES if name in css), USUAL)
    rows = [(row, row.getparent().tag == "thead") for row in table.iter("tr")]
    cells = [[(list(runs(cell)), int(cell.get("colspan", 1))) for cell in row] for row, _ in rows]
    heads = next(row for row, _ in rows if all(cell.get("colspan") is None for cell in row))
    numbers = ["number" in (cell.get("class") or "").split() for cell in heads]
    single = [
        row for row in cells if all(span == 1 for _, span in row)
    ]  # what stands over several columns takes what they take
    size, widths = fitting_widths([["".join(t for t, _ in cell) for cell, _ in row] for row in single], numbers, size)
    made = _element("w:tbl")
    together = len(rows) <= (SHORT_OF_YEARS if "accounts" in css else SHORT)
    made.append(_properties(sum(widths)))
    grid = _added(made, "w:tblGrid")
    for width in widths:
        _added(grid, "w:gridCol", w=width)
    for number, ((row, is_head), texts) in enumerate(zip(rows, cells, strict=True)):
        line = _added(made, "w:tr")
        about = _added(line, "w:trPr")
        _added(about, "w:cantSplit")
        if is_head:
            _added(about, "w:tblHeader")
        is_sum = "sum" in (row.get("class") or "").split()
        keep = number < (len(rows) - 1 if together else FIRST_ROWS) or is_head
        position = 0
        for pieces, span in texts:
            width = sum(widths[position : position + span])
            _cell(line, pieces, width, numbers[position] and span == 1, size, is_head, is_sum, keep, span)
            position += span
    return made


def fitting_widths(texts: list[list[str]], numbers: list[bool], size: float) -> tuple[float, list[int]]:
    """The largest letters, of the usual ones and those smaller, in which no column is squeezed, and the widths in twips by column."""
    room = TEXT_WIDTH * TWIPS_OF_MM
    for tried in (size, *(smaller for smaller in SMALLER if smaller < size)):
        least, wanted = _needs(texts, numbers, tried)
        roomy = ROOMY * tried * TWIPS_OF_POINT
        size = tried
        if sum(max(low, min(want, roomy)) for low, want in zip(least, wanted, strict=True)) <= room:
            break
    return size, column_widths(texts, numbers, size)


def column_widths(texts: list[list[str]], numbers: list[bool], size: float) -> list[int]:
    """Twips by column, together the width of the text: what keeps numbers and the longest word whole, the rest by what is written."""
    least, wanted = _needs(texts, numbers, size)
    room = TEXT_WIDTH * TWIPS_OF_MM
    if sum(least) >= room:
        shares = [width * room / sum(least) for width in least]
    elif sum(wanted) <= room:  # all have what they want, so what is left is for all
        shares = [width * room / sum(wanted) for width in wanted]
    else:
        more = [max(want - low, 1.0) for want, low in zip(wanted, least, strict=True)]
        spare = room - sum(least)
        shares = [low + spare * part / sum(more) for low, part in zip(least, more, strict=True)]
    return [round(share) for share in shares]


def _needs(texts: list[list[str]], numbers: list[bool], size: float) -> tuple[list[float], list[float]]:
    """Least and wanted width of every column, in twips; the first text of a column is its head."""
    least, wanted = [], []
    for column, is_number in zip(zip(*texts, strict=True), numbers, strict=True):
        body = column[1:] or column
        whole = max(map(_ems, body))
        longest_head = BOLD * max(map(_ems, _unbroken(column[0])), default=0.0)
        longest_word = max((_ems(part) for text in body for part in _unbroken(text)), default=0.0)
        floor = max(longest_head, longest_word, whole if is_number else 0.0)
        head = BOLD * _ems(column[0])
        want = max(floor, min(max(whole, head if head <= SHORT_HEAD else head / 2), MOST_WANTED))
        least.append(floor * size * TWIPS_OF_POINT + 2 * PADDING)
        wanted.append(want * size * TWIPS_OF_POINT + 2 * PADDING)
    return least, wanted


def _unbroken(text: str) -> list[str]:
    """The pieces that a line should not break: words, dates, figures, and of Chinese four characters."""
    return [piece for part in re.split(rf"[\s/{MAY_BREAK}]+", text) for piece in _PIECE.findall(part)]


def _ems(text: str) -> float:
    """Width in ems, with the gap that Word sets between Chinese and what is not."""
    wide = [_is_wide(character) for character in text]
    return sum(map(_em, text)) + SCRIPT_GAP * sum(one != next_one for one, next_one in pairwise(wide))


def _em(character: str) -> float:
    if character == MAY_BREAK:
        return 0.0
    if _is_wide(character):
        return 1.0
    if character in " .,:;'|il()":
        return NARROW
    if character.isupper() or character in "%&@✓×mw":
        return CAPITAL if character != "%" else 0.9
    return DIGIT if character.isdigit() else LETTER


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _properties(width: int):
    about = _element("w:tblPr")
    _added(about, "w:tblW", w=width, type="dxa")
    borders = _added(about, "w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        _added(borders, f"w:{side}", val="single", sz=4, space=0, color="C5CCD4" if side == "insideH" else "1C2530")
    _added(about, "w:tblLayout", type="fixed")
    margins = _added(about, "w:tblCellMar")
    for side in ("left", "right"):
        _added(margins, f"w:{side}", w=PADDING, type="dxa")
    return about


def _cell(
    line, pieces, width: int, is_number: bool, size: float, is_head: bool, is_sum: bool, keep: bool, span: int
) -> None:
    cell = _added(line, "w:tc")
    about = _added(cell, "w:tcPr")
    _added(about, "w:tcW", w=width, type="dxa")
    if span > 1:
        _added(about, "w:gridSpan", val=span)
    if is_head:
        _added(about, "w:shd", val="clear", color="auto", fill="E8EDF2")
    _added(about, "w:vAlign", val="bottom" if is_head else "top")
    paragraph = _added(cell, "w:p")
    look = _added(paragraph, "w:pPr")
    if keep:
        _added(look, "w:keepNext")
    _added(look, "w:spacing", before=20, after=20)
    if is_number:
        _added(look, "w:jc", val="right")
    _added(
        _added(look, "w:rPr"), "w:sz", val=round(2 * size)
    )  # the mark at its end, which alone makes an empty cell as high
    for text, colour in pieces:
        _run(paragraph, text, size, is_head or is_sum or colour == "bad", COLOURS.get(colour))


def _run(paragraph, text: str, size: float, bold: bool, colour: str | None) -> None:
    run = _added(paragraph, "w:r")
    about = _added(run, "w:rPr")
    if bold:
        _added(about, "w:b")
    if colour:
        _added(about, "w:color", val=colour)
    _added(about, "w:sz", val=round(2 * size))
    for position, part in enumerate(text.split("\n")):
        if position:
            _added(run, "w:br")
        written = _added(run, "w:t")
        written.text = part
        written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _element(tag: str, **attributes):
    made = OxmlElement(tag)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def _added(parent, tag: str, **attributes):
    made = _element(tag, **attributes)
    parent.append(made)
    return made
