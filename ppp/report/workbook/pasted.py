"""Lines and results that the workbook has no formula for: pasted values, marked so, with a residual that tells when they are stale."""

from __future__ import annotations

from ppp.lines import LINES, RESULTS
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr, size
from ppp.report.workbook.grid import PASTED


def paste_lines(m: Context) -> None:
    """Every line of the evaluation that no part of the workbook computes."""
    missing = [key for key in m.evaluation.lines if key not in m.book.lines]
    if missing:
        m.sheets["value"].heading(m.word("head.pasted"))
    for key in missing:
        values = m.evaluation.lines[key]
        unit = LINES[key].unit
        scale = m.scale if unit == "money" else 1.0
        shown = [float(value) / scale for value in values[:, 0]]
        m.line(key, m.sheets["value"].given(key, shown, unit=unit, status=PASTED))
        m.book.pasted.append(key)


def paste_results(m: Context) -> None:
    """Every result of the evaluation that no part of the workbook computes."""
    for key, value in m.evaluation.results.items():
        if key not in m.book.results:
            unit = RESULTS[key].unit
            shown = float(value[0]) / (m.scale if unit == "money" else 1.0)
            m.book.results[key] = m.sheets["results"].constant(key, shown, unit=unit, status=PASTED)
            m.book.pasted.append(key)


def residual(m: Context) -> Expr:
    """How far the sum of all inputs has moved from that with which the values were pasted: 0 while they hold."""
    cells = list(m.book.inputs.values())
    total: Expr = cells[0]
    for cell in cells[1:]:
        total = total + cell
    then = m.sheets["fixed"].constant(
        "pasted_inputs", sum(float(m.book.values[cell.place]) for cell in cells), unit="number", status=PASTED
    )
    return size(total - then)
