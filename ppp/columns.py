"""One column of numbers from a CSV file or a sheet of an XLSX workbook that lies beside a project file."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from ppp.hints import nearest
from ppp.problems import InputError, Place, Problem
from ppp.quantities import given
from ppp.scalars import Doubtful, plain_scalar
from ppp.text_files import read_text
from ppp.workbooks import read_sheet

EXPERTS = ("expert", "专家")  # headings, of any case, over the column that says who scored
MOST_LISTED = 20  # bad cells that are named one by one


@dataclass(frozen=True)
class Column:
    """The numbers under a heading. `cell` counts a line's cells from 1; `lines` has each number's line."""

    file: str
    heading: str
    cell: int
    values: list[float]
    lines: list[int]

    def place(self, index: int) -> Place:
        return Place(self.file, self.lines[index], self.cell, self.heading)


def read_column(path: Path, heading: str, shown_as: str | None = None, sheet: str | None = None) -> Column:
    """The column under `heading`, of that sheet where the file is a workbook; lines without any entry are passed over.

    Raises InputError when the file cannot be read, has no such column or two of them, and for every cell that
    is not a number, and for an expert who stands in two rows. Places count cells, not characters, as a spreadsheet does.
    """
    name = shown_as or str(path)
    if path.suffix.lower() == ".xlsx":
        rows = read_sheet(path, name, sheet, heading)
    else:
        rows = csv_rows(read_text(path, name), name, heading)
    headings = [cell.strip() for cell in rows[0][1]] if rows else []
    if headings.count(heading) != 1:
        known = [found for found in headings if found]
        shown = ", ".join(known)
        missing = f"there is no such column{nearest(heading, known)}"
        why = "two columns have this heading" if heading in headings else missing
        allowed = f"one of the headings {shown[:200] + '...' if len(shown) > 200 else shown or '(none)'}"
        raise InputError([Problem(name, 1, 1, heading, f"{why}; allowed: {allowed}")])
    index = headings.index(heading)
    column, problems = Column(name, heading, index + 1, [], []), []
    for line, row in rows[1:]:
        if any(cell.strip() for cell in row):
            value = plain_scalar(row[index].strip() if index < len(row) else "")
            if isinstance(value, bool) or not isinstance(value, int | float):
                why = value.why if isinstance(value, Doubtful) else "is not a number"
                shown = f", {given(value)}" if str(value) else ""
                problems.append(
                    Problem(name, line, index + 1, heading, f"{why}{shown}; allowed: a number such as 1234.5")
                )
                value = 0.0
            column.values.append(float(value))
            column.lines.append(line)
    problems += _named_twice(rows, headings, name)
    if len(problems) > MOST_LISTED:
        rest = Problem(
            name,
            problems[MOST_LISTED].line,
            index + 1,
            heading,
            f"{len(problems) - MOST_LISTED} more such cells follow",
        )
        problems = [*problems[:MOST_LISTED], rest]
    if not column.values:
        problems.append(Problem(name, 1, index + 1, heading, "has no numbers below it; allowed: one number a year"))
    if problems:
        raise InputError(problems)
    return column


def _named_twice(rows: list[tuple[int, list[str]]], headings: list[str], name: str) -> list[Problem]:
    """An expert in two rows of a score sheet, where a column says who scored: one person would count twice."""
    found = []
    for index in (i for i, heading in enumerate(headings) if heading.casefold() in EXPERTS):
        seen: dict[str, int] = {}
        for line, row in rows[1:]:
            expert = row[index].strip() if index < len(row) else ""
            known = " ".join(unicodedata.normalize("NFKC", expert).casefold().split())
            if known and known in seen:
                message = (
                    f"this expert has scored already on line {seen[known]}, {given(expert)}; allowed: one row each"
                )
                found.append(Problem(name, line, index + 1, headings[index], message))
            seen.setdefault(known, line)
    return found


def csv_rows(text: str, name: str, heading: str) -> list[tuple[int, list[str]]]:
    """The rows with the line on which each begins."""
    reader, rows, line = csv.reader(io.StringIO(text, newline=""), strict=True), [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError([Problem(name, line, 1, heading, f"is not CSV: {error}")]) from None
    return rows
