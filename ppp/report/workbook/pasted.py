"""Lines and results that the workbook has no formula for, or one that is apart from the model: pasted values, marked so.

Beside them stands what every input was when they were pasted; a residual counts the inputs that have moved since. What a formula
reckons from a pasted value is marked as well, because it is stale together with it.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ppp.lines import LINES, RESULTS
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, Place, product, when
from ppp.report.workbook.grid import FIRST, INPUT, LIVE, PASTED, RESTING, Row


def paste_lines(m: Context) -> None:
    """Every line of the evaluation that no part of the workbook computes."""
    missing = [key for key in m.evaluation.lines if key not in m.book.lines]
    if missing:
        m.sheets["value"].heading(m.word("head.pasted"))
    for key in missing:
        m.line(key, m.sheets["value"].given(key, line_values(m, key), unit=LINES[key].unit, status=PASTED))
        m.book.pasted.append(key)


def paste_results(m: Context) -> None:
    """Every result of the evaluation that no part of the workbook computes."""
    for key in m.evaluation.results:
        if key not in m.book.results:
            m.book.results[key] = m.sheets["results"].constant(
                key, _result_value(m, key), unit=RESULTS[key].unit, status=PASTED
            )
            m.book.pasted.append(key)


def paste_over(m: Context, keys: Collection[str]) -> None:
    """Values in place of the formulas of lines and results that are apart from the model."""
    for key in keys:
        if key in m.book.pasted:
            continue
        m.book.pasted.append(key)
        if key in m.book.lines:
            row = m.book.lines[key]
            cells = [row.at(t).place for t in range(m.timeline.rows)]
            values: list = line_values(m, key)
        else:
            cells, values = [m.book.results[key].place], [_result_value(m, key)]
        for place, value in zip(cells, values, strict=True):
            m.book.formulas.pop(place, None)
            m.book.values[place] = value
        _row_of(m, cells[0]).status = PASTED


def line_values(m: Context, key: str) -> list[float]:
    """The model's values of a line by period, in the workbook's unit."""
    scale = m.scale if LINES[key].unit == "money" else 1.0
    return (np.broadcast_to(m.evaluation.lines[key][:, 0], (m.timeline.rows,)) / scale).tolist()


def _result_value(m: Context, key: str) -> float | str:
    value = float(m.evaluation.results[key][0])
    if np.isnan(value):
        return m.word("none")
    return value / (m.scale if RESULTS[key].unit == "money" else 1.0)


def _row_of(m: Context, place: Place) -> Row:
    return next(row for sheet in m.book.sheets if sheet.name == place[0] for row in sheet.rows if row.index == place[1])


def inputs_moved(m: Context) -> Cell:
    """How many inputs are not what they were: 0 while the pasted values hold. A sheet of its own keeps what they were."""
    rows = [row for row in m.given.rows if row.status == INPUT]
    known = m.book.values
    counts = {
        row.index: sum(
            1 for sheet, index, column in known if sheet == m.given.name and index == row.index and column >= FIRST
        )
        for row in rows
    }
    sheet = m.open("pasted", max(counts.values(), default=0))
    moved: Expr | None = None
    for row in rows:
        count = counts[row.index]
        if count:
            then = sheet.given(
                row.key, [known[row.at(t).place] for t in range(count)], label=row.label, unit=row.unit, status=PASTED
            )
            apart: Expr = product(1 - row.span(count).equals(then.span(count)) * 1)
        else:
            was = sheet.constant(row.key, known[row.one.place], label=row.label, unit=row.unit, status=PASTED)
            apart = when(row.one.equals(was), 0, 1)
        cell = sheet.single(f"moved.{row.key}", apart, label=m.word("moved", name=row.label), unit="number")
        moved = cell if moved is None else moved + cell
    return sheet.single("inputs_moved", moved if moved is not None else when(m["master"].equals(0), 0), unit="number")


def mark_resting(m: Context) -> None:
    """Every row with a formula that reads a pasted value, directly or through others."""
    stale = {place for key in m.book.pasted for place in _cells(m, key)}
    readers: dict[Place, list[Place]] = {}
    for place, formula in m.book.formulas.items():
        for read in set(formula.places()):
            readers.setdefault(read, []).append(place)
    waiting = list(stale)
    while waiting:
        for reader in readers.get(waiting.pop(), ()):
            if reader not in stale:
                stale.add(reader)
                waiting.append(reader)
    touched = {place[:2] for place in stale}
    for sheet in m.book.sheets:
        for row in sheet.rows:
            if row.status == LIVE and (sheet.name, row.index) in touched:
                row.status = RESTING


def _cells(m: Context, key: str) -> list[Place]:
    if key in m.book.lines:
        return [m.book.lines[key].at(t).place for t in range(m.timeline.rows)]
    return [m.book.results[key].place]
