"""A whole table from a CSV file or a sheet of an XLSX workbook that lies beside a project file: one mapping a row, by heading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ppp.columns import csv_rows
from ppp.problems import InputError, Place, Problem
from ppp.quantities import given
from ppp.scalars import plain_scalar
from ppp.text_files import read_text
from ppp.workbooks import MOST_COLUMNS, MOST_ROWS, read_sheet

RESERVED = ("source", "date", "signed_off_by", "value")  # said of values; no table may use them as headings


@dataclass(frozen=True)
class Table:
    """rows: heading -> value of every cell that is not empty, read as in a project file. `place` says where a cell stands."""

    file: str
    headings: list[str]
    lines: list[int]
    rows: list[dict[str, Any]]

    def place(self, row: int, heading: str | None = None) -> Place:
        cell = 1 if heading is None else self.headings.index(heading) + 1
        return Place(self.file, self.lines[row], cell, heading or "")


def read_table(path: Path, shown_as: str, sheet: str | None = None) -> Table:
    """Every row with an entry, below a line of headings.

    Raises InputError when the file cannot be read, a heading is missing, doubled or reserved, or a row has more cells than headings.
    """
    if path.suffix.lower() == ".xlsx":
        found = read_sheet(path, shown_as, sheet, "")
    else:
        found = csv_rows(read_text(path, shown_as), shown_as, "")
    found = [(line, [cell.strip() for cell in cells]) for line, cells in found]
    if not found:
        raise InputError(
            [Problem(shown_as, 1, 1, "", "is empty; allowed: a line of headings and a row for each entry")]
        )
    headings = found[0][1]
    while headings and not headings[-1]:
        headings.pop()
    problems = _heading_problems(headings, shown_as)
    if len(found) > MOST_ROWS or len(headings) > MOST_COLUMNS:
        problems.append(
            Problem(shown_as, 1, 1, "", f"is too large; allowed: {MOST_ROWS} rows and {MOST_COLUMNS} columns")
        )
    table = Table(shown_as, headings, [], [])
    for line, cells in found[1:]:
        if not any(cells):
            continue
        if any(cells[len(headings) :]):
            shown = given(next(cell for cell in cells[len(headings) :] if cell))
            problems.append(
                Problem(shown_as, line, len(headings) + 1, "", f"stands below no heading, {shown}; allowed: nothing")
            )
        table.lines.append(line)
        table.rows.append(
            {head: plain_scalar(cell) for head, cell in zip(headings, cells, strict=False) if head and cell}
        )
    if not table.rows:
        problems.append(Problem(shown_as, 1, 1, "", "has no rows; allowed: one row or more below the headings"))
    if problems:
        raise InputError(problems)
    return table


def _heading_problems(headings: list[str], name: str) -> list[Problem]:
    found = []
    for index, heading in enumerate(headings, 1):
        if not heading:
            found.append(Problem(name, 1, index, "", "a column has no heading; allowed: a heading over every column"))
        elif headings.index(heading) + 1 != index:
            found.append(Problem(name, 1, index, heading, "two columns have this heading; allowed: each once"))
        elif heading in RESERVED:
            found.append(Problem(name, 1, index, heading, "is a word for sources; allowed: another heading"))
    return found
