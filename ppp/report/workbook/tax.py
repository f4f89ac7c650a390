"""Depreciation and income tax by period. docs/model.md, section 6."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr, call, least, most, product, when, wrap
from ppp.report.workbook.grid import Row, Sheet


@dataclass
class Taxed:
    tax: Row
    used: Row


def prepare(m: Context) -> None:
    """Terms of tax, and the share of cost that each period writes off."""
    sheet, tax = m.sheets["tax"], m.project.tax
    even = lambda t: m["operating"].at(t) * m["months"].at(t) / m["operation_months"]  # noqa: E731
    if tax is None:
        m["write_off"] = sheet.row("write_off", even, unit="rate")
        m["land_write_off"] = m["write_off"]
        return
    m.given.heading(m.word("head.tax"))
    m["tax_rate"] = m.number("tax.rate", tax.rate, "rate")
    if tax.losses == "carry_forward":
        m["loss_years"] = m.fixed(
            "loss_years", m.operating_years if tax.loss_years is None else tax.loss_years, "years"
        )
    sheet.heading(m.word("head.tax_terms"))
    if tax.depreciation is None:
        m["write_off"] = m["land_write_off"] = sheet.row("write_off", even, unit="rate")
    else:
        m["write_off"] = sheet.row("write_off", m.spread(_yearly_shares(m, tax)), unit="rate")
        m["land_write_off"] = sheet.row("land_write_off", even, unit="rate")
    first = total_of_first(m)
    factor: Callable[[int], Expr] = lambda t: m["operating"].at(t)  # noqa: E731
    if tax.holiday is not None:
        exempt = m.fixed("tax_exempt", tax.holiday.exempt, "years")
        half = m.fixed("tax_half", tax.holiday.half, "years")
        year = lambda t: m["budget_year"].at(t) - first  # noqa: E731
        factor = lambda t: (  # noqa: E731
            m["operating"].at(t) * when(year(t).below(exempt), 0, when(year(t).below(exempt + half), _half(), 1))
        )
    m["tax_factor"] = sheet.row("tax_factor", lambda t: factor(t) * m["tax_rate"], unit="rate")
    _lapse(m, sheet)
    years = m.timeline.budget_years[m.timeline.operating]
    m["tax_by_row"] = np.unique(years).size == years.size
    if not m["tax_by_row"]:
        year_row = m["budget_year"]
        m["year_end"] = sheet.row(
            "year_end",
            lambda t: m["operating"].at(t) * when(year_row.at(t).equals(year_row.at(t + 1)), 0, 1),
            unit="flag",
        )
        m["rows_to_year_end"] = sheet.row(
            "rows_to_year_end", lambda t: product(year_row.all.at_most(year_row.at(t)) * 1), unit="number"
        )
        m["part_of_year"] = sheet.row(
            "part_of_year",
            lambda t: (
                m["operating"].at(t)
                * m["months"].at(t)
                / most(product(year_row.all.equals(year_row.at(t)) * m["operating"].all, m["months"].all), 1)
            ),
            unit="rate",
        )


def _lapse(m: Context, sheet: Sheet) -> None:
    """How many periods lie in tax years whose losses can no longer be used."""
    if m.has("loss_years"):
        year = m["budget_year"]
        m["rows_that_lapsed"] = sheet.row(
            "rows_that_lapsed", lambda t: product(year.all.below(year.at(t) - m["loss_years"]) * 1), unit="number"
        )


def _half() -> Expr:
    return wrap(1) / 2


def total_of_first(m: Context) -> Expr:
    """The tax year of the first operating period."""
    return product(m["first_operating"].all, m["budget_year"].all)


def _yearly_shares(m: Context, tax) -> Row:
    """Share of cost written off in each operating year, by the method."""
    years, number = m.sheets["years"], m["operating_year"]
    life = m.fixed("depreciation_years", tax.depreciation, "years")
    years.heading(m.word("head.depreciation"))
    within = lambda k: number.at(k).at_most(life)  # noqa: E731
    if tax.method == "straight_line" or (tax.method == "declining_balance" and tax.depreciation <= 2):
        share = lambda k: when(within(k), 1 / life)  # noqa: E731
    elif tax.method == "sum_of_digits":
        share = lambda k: when(within(k), (life - number.at(k) + 1) / (life * (life + 1) / 2))  # noqa: E731
    else:
        book = lambda n: (1 - 2 / life) ** n  # noqa: E731
        share = lambda k: when(  # noqa: E731
            number.at(k).at_most(life - 2),
            2 / life * book(number.at(k) - 1),
            when(within(k), book(life - 2) / 2, 0),
        )
    full = years.row("write_off_full", share, unit="rate")
    if tax.first_year == "full":
        return full
    return years.row("write_off_half", lambda k: (full.at(k) + full.before(k)) / 2, unit="rate")


def taxed(m: Context, sheet: Sheet, profit: Row) -> Taxed:
    """Tax on a row of profit before tax, and losses used: each year's loss is usable in the next years, oldest first.

    Losses are counted as they arise (to date) and as they go (used or lapsed, to date): what goes is always the oldest, so lapsed losses
    are those of the years before the limit that have not gone already."""
    if m.project.tax is None:
        zero = sheet.row("tax", lambda t: m["period"].at(t) * 0)
        return Taxed(zero, sheet.row("losses_used", lambda t: m["period"].at(t) * 0))
    if m["tax_by_row"]:
        base = profit
    else:
        year = m["budget_year"]
        to_date = sheet.coming()
        to_date = sheet.row(
            "profit_to_date",
            lambda t: when(year.at(t).equals(year.before(t)), to_date.before(t)) + m["operating"].at(t) * profit.at(t),
        )
        base = sheet.row("profit_of_year", lambda t: m["year_end"].at(t) * to_date.at(t))
    if m.project.tax.losses == "refund":
        used = None
        due = lambda t: m["tax_factor"].at(t) * base.at(t)  # noqa: E731
    else:
        used = _losses(m, sheet, base)
        due = lambda t: m["tax_factor"].at(t) * (most(base.at(t), 0) - used.at(t))  # noqa: E731
    if m["tax_by_row"]:
        tax = sheet.row("tax", due, summed=True)
        return Taxed(tax, used or sheet.row("losses_used", lambda t: m["period"].at(t) * 0))
    yearly = sheet.row("tax_of_year", lambda t: m["year_end"].at(t) * due(t))
    spread = lambda row: lambda t: m["part_of_year"].at(t) * call("INDEX", row.all, m["rows_to_year_end"].at(t))  # noqa: E731
    tax = sheet.row("tax", spread(yearly), summed=True)
    if used is None:
        return Taxed(tax, sheet.row("losses_used", lambda t: m["period"].at(t) * 0))
    return Taxed(tax, sheet.row("losses_used", spread(used)))


def _losses(m: Context, sheet: Sheet, base: Row) -> Row:
    loss = sheet.row("loss", lambda t: most(0 - base.at(t), 0))
    arisen, gone, used = sheet.coming(), sheet.coming(2), sheet.coming(1)
    arisen = sheet.row("losses_to_date", lambda t: arisen.before(t) + loss.at(t))
    lapsing = m["rows_that_lapsed"]
    lapsed = lambda t: most(  # noqa: E731
        gone.before(t), when(lapsing.at(t).above(0), call("INDEX", arisen.all, most(lapsing.at(t), 1)))
    )
    key = "losses_used" if m["tax_by_row"] else "losses_used_in_year"
    sheet.row(key, lambda t: least(most(base.at(t), 0), most(arisen.before(t) - lapsed(t), 0)))
    sheet.row("losses_gone", lambda t: lapsed(t) + used.at(t))
    return Row(sheet, used.index, key, "")
