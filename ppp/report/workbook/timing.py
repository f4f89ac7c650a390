"""The sheets of time: periods, operating years and construction years. Boundaries are fixed by the file; all else follows from them."""

from __future__ import annotations

from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import call, least, most, when
from ppp.report.workbook.grid import FIXED


def timing(m: Context) -> None:
    """Flags, lengths, and the months that each period shares with its operating and construction years."""
    line = m.timeline
    m["months_a_year"] = m.fixed("months_a_year", 12, "months")
    c = m["construction_months"] = m.fixed("construction_months", line.construction, "months")
    o = m["operation_months"] = m.fixed("operation_months", line.operation, "months")
    sheet = m.open("timing", line.rows)
    year = m["months_a_year"]
    period = m["period"] = sheet.given("period", list(range(line.rows)), unit="number", status=FIXED)
    m["budget_year"] = sheet.given("budget_year", line.budget_years.tolist(), unit="year", status=FIXED)
    end = m["month_end"] = sheet.given("month_end", line.boundaries.tolist(), unit="months", status=FIXED)
    months = m["months"] = sheet.row("months", lambda t: end.at(t) - end.before(t), unit="months")
    m["time"] = sheet.row("time", lambda t: end.at(t) / year, unit="years")
    m["close"] = sheet.row("close", lambda t: when(period.at(t).equals(0), 1), unit="flag")
    built = m["built"] = sheet.row("built", lambda t: when(end.at(t).at_most(c), 1), unit="flag")
    operating = m["operating"] = sheet.row("operating", lambda t: 1 - built.at(t), unit="flag")
    completion = m["completion"] = sheet.row("completion", lambda t: when(end.at(t).equals(c), 1), unit="flag")
    m["first_operating"] = sheet.row("first_operating", lambda t: operating.at(t) * completion.before(t), unit="flag")
    m["last"] = sheet.row("last", lambda t: when(end.at(t).equals(c + o), 1), unit="flag")
    if m.real:
        base = m.fixed("price_year", m.project.price_year, "year")
        m["price_index"] = sheet.row(
            "price_index", lambda t: (1 + m.inflation) ** (m["budget_year"].at(t) - base), unit="factor"
        )
    begin = m["begin"] = sheet.row("begin", lambda t: end.at(t) - months.at(t) - c, unit="months")
    years = m.fixed("operating_years", m.operating_years, "years")
    one = m["year_one"] = sheet.row(
        "year_one", lambda t: when(operating.at(t).equals(1), call("INT", begin.at(t) / year) + 1, 1), unit="number"
    )
    m["year_two"] = sheet.row("year_two", lambda t: least(one.at(t) + 1, years), unit="number")
    first = m["months_one"] = sheet.row(
        "months_one",
        lambda t: operating.at(t) * (least(begin.at(t) + months.at(t), one.at(t) * year) - begin.at(t)),
        unit="months",
    )
    m["months_two"] = sheet.row("months_two", lambda t: operating.at(t) * months.at(t) - first.at(t), unit="months")
    _building(m, sheet)


def _building(m: Context, sheet) -> None:
    """Where a period lies among the construction years, and what part of each of them it is."""
    end, months, year, c = m["month_end"], m["months"], m["months_a_year"], m["construction_months"]
    lengths = _building_years(m)
    years = m.fixed("building_years", m.building_years, "years")
    active = m["in_construction"] = sheet.row(
        "in_construction", lambda t: m["built"].at(t) * (1 - m["close"].at(t)), unit="flag"
    )
    start = sheet.row("month_begin", lambda t: end.at(t) - months.at(t), unit="months")
    one = m["building_one"] = sheet.row(
        "building_one", lambda t: when(active.at(t).equals(1), call("INT", start.at(t) / year) + 1, 1), unit="number"
    )
    two = m["building_two"] = sheet.row("building_two", lambda t: least(one.at(t) + 1, years), unit="number")
    first = sheet.row(
        "building_months_one",
        lambda t: active.at(t) * (least(start.at(t) + months.at(t), one.at(t) * year) - start.at(t)),
        unit="months",
    )
    m["part_one"] = sheet.row(
        "part_one",
        lambda t: when(c.equals(0), m["close"].at(t), first.at(t) / most(call("INDEX", lengths.all, one.at(t)), 1)),
        unit="rate",
    )
    m["part_two"] = sheet.row(
        "part_two",
        lambda t: when(
            c.equals(0), 0, (active.at(t) * months.at(t) - first.at(t)) / most(call("INDEX", lengths.all, two.at(t)), 1)
        ),
        unit="rate",
    )


def _building_years(m: Context):
    """Construction years with their lengths in months, on a sheet of their own."""
    sheet = m.open("building_years", m.building_years)
    m.given.heading(m.word("head.construction"))
    c, year = m["construction_months"], m["months_a_year"]
    number = m["building_year"] = sheet.given(
        "building_year", list(range(1, m.building_years + 1)), unit="number", status=FIXED
    )
    lengths = m["building_length"] = sheet.row(
        "building_length", lambda j: most(least(year, c - (number.at(j) - 1) * year), 0), unit="months"
    )
    if m.project.construction.spending is not None:
        shares = m.given.given("construction.spending", m.project.construction.spending, unit="rate")
        m["spending"] = sheet.row(
            "spending", lambda j: call("INDEX", shares.span(m.building_years), number.at(j)), unit="rate"
        )
    else:
        m["spending"] = sheet.row("spending", lambda j: when(c.equals(0), 1, lengths.at(j) / most(c, 1)), unit="rate")
    if m.real:
        base = m.fixed("price_year", m.project.price_year, "year")
        ends = sheet.given(
            "building_year_ends", m.timeline.years_of_phase("construction").tolist(), unit="year", status=FIXED
        )
        m["building_index"] = sheet.row(
            "building_index", lambda j: (1 + m.inflation) ** (ends.at(j) - base), unit="factor"
        )
    return lengths


def operating_years(m: Context) -> None:
    """The axis of the sheet of operating years: number, length in years, price index."""
    sheet = m.open("years", m.operating_years)
    number = m["operating_year"] = sheet.given(
        "operating_year", list(range(1, m.operating_years + 1)), unit="number", status=FIXED
    )
    year, o = m["months_a_year"], m["operation_months"]
    m["operating_length"] = sheet.row(
        "operating_length", lambda k: least(year, o - (number.at(k) - 1) * year) / year, unit="years"
    )
    if m.real:
        base = m.fixed("price_year", m.project.price_year, "year")
        ends = sheet.given(
            "operating_year_ends", m.timeline.years_of_phase("operation").tolist(), unit="year", status=FIXED
        )
        m["operating_index"] = sheet.row(
            "operating_index", lambda k: (1 + m.inflation) ** (ends.at(k) - base), unit="factor"
        )


def by_construction_year(m: Context, key: str, amount, label: str | None = None, spending=None, escalation=None):
    """A total by construction year: share of spending x escalation x prices; a row of the sheet of construction years."""
    share, number = spending or m["spending"], m["building_year"]

    def formula(j: int):
        value = amount * share.at(j)
        if escalation is not None:
            value = value * (1 + escalation) ** (number.at(j) - 1)
        return value * m["building_index"].at(j) if m.real else value

    return m.sheets["building_years"].row(key, formula, label=label)
