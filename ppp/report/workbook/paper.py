"""How the workbook prints: A3 across, as few pages wide as can be read, and of the sheets of workings what a reader follows on paper."""

from __future__ import annotations

import math

from ppp.report.workbook.context import Context
from ppp.report.workbook.grid import FIRST, LABEL, TOTAL, Sheet

A4, A3 = 9, 8  # paper sizes of the file format
MARGIN = 0.4  # inches, left and right
ROOM = 420.0 - 2 * MARGIN * 25.4  # mm across A3
SMALLEST = 0.5  # letters of 10 points are printed with 5 at least
DIGIT, PADDING = 7.0, 5.0  # pixels: a column is so many digits wide and some more
PIXEL = 25.4 / 96.0  # mm


def on_paper(m: Context, sheet: Sheet, page, widths: list[float], heads: int) -> None:
    """Paper, pages across, what is repeated on each page, and what is printed. widths: digits by column; heads: rows at the top."""
    page.repeat_rows(0, heads - 1)
    page.set_margins(left=MARGIN, right=MARGIN)
    page.set_footer("&L&A&R&P / &N")
    if sheet.key == "control":
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        return
    last_row, last_column = printed(m, sheet)
    page.set_landscape()
    page.set_paper(A3)
    page.repeat_columns(LABEL)
    page.print_area(0, 0, last_row, last_column)
    page.fit_to_pages(pages_across([_mm(width) for width in widths[: last_column + 1]]), 0)


def printed(m: Context, sheet: Sheet) -> tuple[int, int]:
    """The last row and column on paper. Of the circle one round stands for all, for they hold the same formulas; of the search for
    rates of return the results, without the points of its grid."""
    last_column = TOTAL if sheet.key == "roots" or not sheet.columns else FIRST + sheet.columns - 1
    second = m.word("round", n="2")
    ends = [row.index - 1 for row in sheet.rows if row.unit == "heading" and row.label == second]
    return (ends[0] if ends else sheet.next - 1), last_column


def pages_across(widths: list[float]) -> int:
    """How many pages hold all columns, the first repeated on each, in letters that can be read. widths: mm by column."""
    label, rest = widths[0], sum(widths[1:])
    return max(1, math.ceil(rest / (ROOM / SMALLEST - label)))


def _mm(width: float) -> float:
    return (width * DIGIT + PADDING) * PIXEL
