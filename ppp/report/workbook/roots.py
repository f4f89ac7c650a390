"""Internal rates of return in cells: every crossing of NPV on a grid of rates, the one that the policy names, then Newton's steps.

Policy and equation: ppp.model.irr. The grid runs over the same rates as the model's search; a bracket is divided once more, so that
Newton's method begins within a few hundredths of the root.
"""

from __future__ import annotations

import numpy as np

from ppp.model.irr import HIGHEST, LOWEST
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, call, product, size, total, when
from ppp.report.workbook.grid import FIXED, Row, Sheet
from ppp.report.workbook.results import result

POINTS = 81  # of the grid
DENSER = 5.5  # how much closer the points lie around a rate of zero than at the ends
NEWTON_STEPS = 6


def grid_rates() -> np.ndarray:
    """Rates a year (points,), ascending, evenly over sinh^-1 of s = ln(1 + r), so that they are closest around zero."""
    half = POINTS // 2
    steps = np.sinh(np.linspace(0.0, DENSER, half + 1)) / np.sinh(DENSER)
    return np.expm1(np.concatenate([LOWEST * steps[:0:-1], HIGHEST * steps]))


def irr_results(m: Context, flows: dict[str, Row]) -> None:
    """The IRR of every flow, on a sheet whose columns are the points of the grid."""
    sheet, rates = m.open("roots", POINTS), grid_rates()
    m["grid_point"] = sheet.given("grid_point", list(range(1, POINTS + 1)), unit="number", status=FIXED)
    m["grid_rate"] = sheet.given("grid_rate", rates.tolist(), unit="rate", status=FIXED)
    for key, flow in flows.items():
        sheet.heading(m.word("head.irr", name=m.book.described(key, None, "", "")[1]))
        _irr(m, sheet, key, flow)


class _Curve:
    """NPV of a flow at a rate: sum of flow / (1 + rate) ^ time, below a rate of zero times (1 + rate) ^ its last time, which has the
    same roots and cannot overflow."""

    def __init__(self, m: Context, key: str, flow: Row):
        results = m.sheets["results"]
        moves = results.row(
            f"{key}.time",
            lambda t: when(flow.at(t).equals(0), 0, m["time"].at(t)),
            label=m.word("flow_time"),
            unit="years",
        )
        self.flow, self.time = flow.all, m["time"].all
        self.last = results.single(f"{key}.last_time", call("MAX", moves.all), label=m.word("last_time"), unit="years")

    def npv(self, rate: Expr) -> Expr:
        return product(self.flow * (1 + rate) ** (rate.below(0) * self.last - self.time))

    def slope(self, rate: Expr) -> Expr:
        """How fast NPV falls by the rate, in the same measure."""
        return product(self.flow * self.time * (1 + rate) ** (rate.below(0) * self.last - self.time)) / (1 + rate)

    def worth(self, rate: Expr) -> Expr:
        """Of receipts alone: the measure of what is left at a root."""
        return product(self.flow.above(0) * self.flow * (1 + rate) ** (rate.below(0) * self.last - self.time))


def _irr(m: Context, sheet: Sheet, key: str, flow: Row) -> None:
    curve = _Curve(m, key, flow)
    crossed, falls = _crossings(m, sheet, f"{key}.wide", m["grid_rate"], curve)
    roots = sheet.single(f"{key}.roots", total(crossed.all), label=m.word("roots"), unit="number")
    falling = sheet.single(f"{key}.falling", total(falls.all), label=m.word("roots_falling"), unit="number")
    number = m["grid_point"].all
    at = sheet.single(
        f"{key}.bracket",
        when(
            roots.equals(1),
            product(crossed.all, number),
            when(falling.equals(1), product(falls.all, number), 0),
        ),
        label=m.word("bracket"),
        unit="number",
    )
    low, high = (
        sheet.single(
            f"{key}.{name}",
            call("IFERROR", call("INDEX", m["grid_rate"].all, position), 0),
            label=m.word(f"bracket_{name}"),
            unit="rate",
        )
        for name, position in (("low", at - 1), ("high", at))
    )
    points = m.fixed("grid_points", POINTS, label=m.word("grid_points"))
    narrow = sheet.row(
        f"{key}.rate",
        lambda k: (1 + low) * ((1 + high) / (1 + low)) ** ((m["grid_point"].at(k) - 1) / (points - 1)) - 1,
        label=m.word("narrow_rate"),
        unit="rate",
    )
    inner, _ = _crossings(m, sheet, f"{key}.narrow", narrow, curve)
    # at the end of its bracket nearer to the root; only one crossing may be there
    found = sheet.single(
        f"{key}.start",
        when(total(inner.all).equals(1), product(inner.all, narrow.all), high),
        label=m.word("irr_start"),
        unit="rate",
    )
    for n in range(NEWTON_STEPS):
        found = _newton(m, sheet, f"{key}.step_{n + 1}", curve, found, str(n + 1))
    there = size(curve.npv(found)).at_most(m["tolerance"] * curve.worth(found))
    good = call("AND", at.above(1), there)
    result(m, sheet, key, call("IFERROR", when(good, found, m.word("none")), m.word("none")), "rate")


def _crossings(m: Context, sheet: Sheet, key: str, rates: Row, curve: _Curve) -> tuple[Row, Row]:
    """Flags of the points between which and the one before NPV changes its sign, and where it falls."""
    worth = sheet.row(f"{key}.npv", lambda k: curve.npv(rates.at(k)), label=m.word("npv_at_rate"), unit="money")
    above = sheet.row(
        f"{key}.above", lambda k: when(worth.at(k).above(0), 1, 0), label=m.word("npv_above"), unit="flag"
    )
    later = m["grid_point"]
    crossed = sheet.row(
        f"{key}.crossed",
        lambda k: when(later.at(k).above(1), size(above.at(k) - above.before(k)), 0),
        label=m.word("npv_crosses"),
        unit="flag",
    )
    falls = sheet.row(
        f"{key}.falls", lambda k: crossed.at(k) * (1 - above.at(k)), label=m.word("npv_falls"), unit="flag"
    )
    return crossed, falls


def _newton(m: Context, sheet: Sheet, key: str, curve: _Curve, found: Cell, n: str) -> Cell:
    return sheet.single(
        key,
        call("IFERROR", found + curve.npv(found) / curve.slope(found), found),
        label=m.word("irr_step", n=n),
        unit="rate",
    )
