"""Value for money: both sides as present values, each discounted as the rule book says. Source: ppp.appraisal.rates."""

from __future__ import annotations

from ppp.appraisal.rates import valuation_time
from ppp.appraisal.value_for_money import PPP_PARTS, PSC_PARTS
from ppp.model.discounting import TIMING
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr, least, most, product, when
from ppp.report.workbook.grid import Row, Sheet
from ppp.report.workbook.results import result

Steps = list[
    tuple[Expr | None, Expr]
]  # (years after the valuation date from which a rate holds, nominal rate); None: from the start


def value_for_money(m: Context) -> None:
    """Present values of every part of both sides, and what is left of the reference project's."""
    if m.project.comparator is None:
        return
    sheet = m.sheets["value"]
    sheet.heading(m.word("head.present_values"))
    psc_steps, ppp_steps = _steps(m)
    times = _times(m, sheet)
    factor = _factors(m, sheet, "discount_factor", psc_steps, times)
    of_ppp = factor if ppp_steps is psc_steps else _factors(m, sheet, "discount_factor_ppp", ppp_steps, times)
    later = _delayed(m, sheet, psc_steps, times) or factor
    sides = {"psc": PSC_PARTS, "ppp_value": PPP_PARTS}
    for key, parts in sides.items():
        value: Expr | None = None
        for part, sign in parts.items():
            # the tax adjustment is the company's own tax under the PPP, which does not wait
            side = of_ppp if key == "ppp_value" else factor if part == "tax_adjustment" else later
            worth = product(m[part].all, side.all)
            label = m.word("worth_of", name=m.book.described(part, None, "", "")[1])
            cell = sheet.single(f"{key}.{part}", worth if sign > 0 else 0 - worth, label=label)
            value = cell if value is None else value + cell
        result(m, sheet, key, value)
    psc, ppp = m.book.results["psc"], m.book.results["ppp_value"]
    amount = result(m, sheet, "vfm_amount", psc - ppp)
    result(m, sheet, "vfm_index", when(psc.above(0), amount / psc, m.word("none")), "rate")


def _times(m: Context, sheet: Sheet) -> Row:
    """Years from the valuation date to each period's flow."""
    shift = m.fixed("discount_timing", TIMING[m.rules.convention("discount_timing")])
    start = m["construction_months"] / m["months_a_year"]
    base = start if valuation_time(m.rules, m.timeline) else start * 0
    return sheet.row(
        "valuation_years",
        lambda t: m["time"].at(t) - base - shift * m["months"].at(t) / m["months_a_year"],
        unit="years",
    )


def _steps(m: Context) -> tuple[Steps, Steps]:
    """The rates of the reference project's side and of the PPP's; the same list where they are the same."""
    method, given = m.rules.convention("discount_method"), m.project.discounting
    rate = m.number("discounting.rate", given.rate, "rate")
    same: Steps = [(None, m.nominal(rate))]
    if method == "two_rates":
        risk, key = given.systematic_risk, "discounting.systematic_risk"
        share = m.number(f"{key}.share_transferred", risk.share_transferred, "rate", m.word("systematic_share"))
        beta = m.number(f"{key}.beta", risk.beta, "number", m.word("systematic_beta"))
        premium = m.fixed("market_risk_premium", m.rules.value("market_risk_premium"), "rate")
        return same, [(None, m.nominal(rate + share * beta * premium))]
    if method == "declining":
        same = _schedule(m, rate)
    elif method == "financing_cost":
        gearing = m.book.results["gearing"]
        debt = m.number("funding.debt.rate", m.project.funding.debt.rate, "rate")
        asked = m.rate("discounting.equity_rate", given.equity_rate)
        same = [(None, gearing * debt + (1 - gearing) * asked)]
    return same, same


def _schedule(m: Context, rate: Expr) -> Steps:
    """The rule book's schedule, all of it moved with the file's own first rate."""
    schedule, cells = m.rules.steps("discount_schedule"), []
    for n, (after, value) in enumerate(schedule):
        label = m.word("schedule_rate", n=str(n + 1))
        of_book = m.fixed(f"discount_schedule_{n + 1}", value, "rate", label)
        label = m.word("schedule_after", n=str(n + 1))
        begins = m.fixed(f"discount_schedule_after_{n + 1}", after, "years", label) if n else None
        cells.append((begins, of_book))
    first = cells[0][1]
    return [(begins, m.nominal(of_book + (rate - first))) for begins, of_book in cells]


def _factors(m: Context, sheet: Sheet, key: str, steps: Steps, times: Row) -> Row:
    """1 / product over the steps of (1 + rate) ^ years within the step."""
    label = m.word(key)
    if len(steps) == 1:
        rate = steps[0][1]
        return sheet.row(key, lambda t: 1 / (1 + rate) ** times.at(t), label=label, unit="factor")
    rows = []
    for n, (begins, rate) in enumerate(steps):
        ends = steps[n + 1][0] if n + 1 < len(steps) else None
        rows.append(
            sheet.row(
                f"{key}.{n + 1}",
                lambda t, begins=begins, ends=ends, rate=rate: 1 / (1 + rate) ** _within(times.at(t), begins, ends),
                label=m.word("factor_step", name=label, n=str(n + 1)),
                unit="factor",
            )
        )

    def formula(t: int) -> Expr:
        value: Expr = rows[0].at(t)
        for row in rows[1:]:
            value = value * row.at(t)
        return value

    return sheet.row(key, formula, label=label, unit="factor")


def _within(time: Expr, begins: Expr | None, ends: Expr | None) -> Expr:
    """Years of a step until a time; the first step holds before the valuation date too."""
    until = time if ends is None else least(time, ends)
    return until if begins is None else most(until, begins) - begins


def _delayed(m: Context, sheet: Sheet, steps: Steps, times: Row) -> Row | None:
    """The factors of a reference project that starts later: its cost grows while it waits."""
    delay = m.project.comparator.delay
    if delay is None or m.rules.convention("comparator_start") != "delayed":
        return None
    years = m.number("comparator.delay.years", delay.years, "years", m.word("delay_years"))
    growth = m.nominal(m.number("comparator.delay.escalation", delay.escalation, "rate", m.word("delay_escalation")))
    later = sheet.row("valuation_years_delayed", lambda t: times.at(t) + years, unit="years")
    waiting = _factors(m, sheet, "discount_factor_waiting", steps, later)
    return sheet.row("discount_factor_delayed", lambda t: waiting.at(t) * (1 + growth) ** years, unit="factor")
