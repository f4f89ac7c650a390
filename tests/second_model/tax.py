"""Depreciation, and income tax by tax year with losses first in, first out (section 6)."""

from __future__ import annotations

from decimal import Decimal

from second_model.exact import ONE, ZERO, exact
from second_model.rows import Rows


def depreciation(tax, rows: Rows, base: Decimal, land: Decimal) -> list[Decimal]:
    """What is written off in each row: `base` by method, land evenly over the operation."""
    even = [Decimal(rows.months[t]) / rows.o if t in rows.operating else ZERO for t in range(rows.count)]
    if tax is None or tax.depreciation is None:
        return [(base + land) * part for part in even]
    yearly = _yearly_shares(tax.method, tax.depreciation)
    if tax.first_year == "half":
        yearly = [(a + b) / 2 for a, b in zip([*yearly, ZERO], [ZERO, *yearly], strict=True)]
    yearly += [ZERO] * (rows.operating_years - len(yearly))
    written = rows.by_operating_year(yearly[: rows.operating_years])
    return [base * written[t] + land * even[t] for t in range(rows.count)]


def _yearly_shares(method: str, years: int) -> list[Decimal]:
    if method == "straight_line":
        return [ONE / years] * years
    if method == "sum_of_digits":
        return [Decimal(years - k) / (Decimal(years * (years + 1)) / 2) for k in range(years)]
    left, shares = ONE, []
    for _ in range(years - 2):
        shares.append(left * 2 / years)
        left -= shares[-1]
    return [*shares, left / 2, left / 2] if years > 1 else [ONE]


def income_tax(tax, rows: Rows, profit: list[Decimal]) -> tuple[list[Decimal], list[Decimal]]:
    """(tax, losses used) by row; a tax year's amount is spread over its operating rows by months."""
    due, used = [ZERO] * rows.count, [ZERO] * rows.count
    if tax is None:
        return due, used
    first = rows.years[rows.operating[0]]
    losses: list[list] = []  # [tax year, what is left of its loss], oldest first
    for year in range(first, rows.years[rows.last] + 1):
        mine = [t for t in rows.operating if rows.years[t] == year]
        total = sum((profit[t] for t in mine), ZERO)
        factor = exact(tax.rate) * _holiday(tax.holiday, year - first)
        if tax.losses == "refund":
            owed, taken = factor * total, ZERO
        else:
            taken = _use(losses, total, year, tax.loss_years)
            owed = factor * max(total - taken, ZERO)
        length = sum(rows.months[t] for t in mine)
        for t in mine:
            due[t], used[t] = owed * rows.months[t] / length, taken * rows.months[t] / length
    return due, used


def _use(losses: list, profit: Decimal, year: int, loss_years: int | None) -> Decimal:
    """Set losses against a profit, oldest first, or remember a loss. What was used."""
    if profit < 0:
        losses.append([year, -profit])
        return ZERO
    taken = ZERO
    for loss in losses:
        if loss_years is None or year - loss[0] <= loss_years:
            part = min(loss[1], profit - taken)
            loss[1] -= part
            taken += part
    return taken


def _holiday(holiday, years: int) -> Decimal:
    if holiday is None:
        return ONE
    if years < holiday.exempt:
        return ZERO
    return ONE / 2 if years < holiday.exempt + holiday.half else ONE
