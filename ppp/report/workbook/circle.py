"""The circle of debt, need and tax, solved in cells: rounds of the same equations, one below the other, each fed by the one before.

It needs no macro and no iterative calculation: the rounds are a fixed number of plain formulas. How far the last one still moves is
shown and checked. The state that passes from round to round is the tax by period and the need for funds.
"""

from __future__ import annotations

from dataclasses import dataclass

from ppp.report.workbook.cash import Paid, waterfall
from ppp.report.workbook.context import Context
from ppp.report.workbook.debt import Schedule, schedule, sized
from ppp.report.workbook.formula import Cell, Expr, least, most, product, total
from ppp.report.workbook.funding import Drawn, fund
from ppp.report.workbook.grid import Row, Sheet
from ppp.report.workbook.tax import Taxed, taxed
from ppp.report.workbook.terms import Terms


@dataclass
class State:
    tax: Row
    need: Cell


@dataclass
class Round:
    sizes: list[Cell]
    schedules: list[Schedule]
    drawn: Drawn
    reserve: Cell | None
    target: Cell | None
    depreciation: Row
    profit: Row
    taxed: Taxed
    paid: Paid | None


def before_debt(m: Context) -> None:
    """Rows that no debt moves: cash flow before tax, profit before interest and depreciation, months of service to be held."""
    sheet = m.sheets["operation"]
    sheet.heading(m.word("head.before_debt"))
    working = lambda t, at: (  # noqa: E731
        getattr(m["receivables"], at)(t) - getattr(m["payables"], at)(t)
    )
    m["working_capital_increase"] = sheet.row(
        "working_capital_increase", lambda t: working(t, "at") - working(t, "before"), summed=True
    )
    m["cash_before_tax"] = sheet.row(
        "cash_before_tax",
        lambda t: (
            m["operating"].at(t)
            * (
                m["ebitda"].at(t)
                - m["working_capital_increase"].at(t)
                + m["working_capital_filled"].before(t)
                - (m["maintenance_reserve"].at(t) - m["maintenance_reserve"].before(t))
                - m["vat"].at(t)
            )
        ),
        summed=True,
    )
    m["profit_before_interest"] = sheet.row(
        "profit_before_interest",
        lambda t: m["operating"].at(t) * (m["ebitda"].at(t) + m["disposal"].at(t) - m["vat_written_off"].at(t)),
        summed=True,
    )


def one_round(
    m: Context, sheet: Sheet, terms: list[Terms], state: State, sheets: dict[str, Sheet] | None = None
) -> Round:
    """Debt from tax and need, need from debt, tax from both. sheets: where each part goes when the round is the final one."""
    on = sheets or dict.fromkeys(("debt", "funding", "tax", "cash"), sheet)
    sizes, schedules = [], []
    for term in terms:
        cash = _lender_cash(m, term, state.tax)
        prior = _prior(list(schedules))
        if sheets:
            on["debt"].heading(m.word("head.schedule", name=term.name))
        found = sized(m, on["debt"], term, cash, prior, state.need, list(sizes))
        schedules.append(schedule(m, on["debt"], term, found.size, found.affordable))
        sizes.append(found.size)
    target = _target_at_completion(m, on["debt"], schedules)
    reserve = target if m.inputs_model.reserves.service_in_construction else None
    if sheets:
        on["funding"].heading(m.word("head.draws"))
    drawn = fund(m, on["funding"], terms, sizes, state.need, reserve)
    if sheets:
        on["tax"].heading(m.word("head.depreciation"))
    written_off = _depreciation(m, on["tax"], drawn, reserve)
    sweeping = any(term.sweep is not None for term in terms)
    paid = None
    if sweeping:
        paid = waterfall(m, on["cash"], schedules, drawn, written_off, state.tax, reserve, target)
    interest = [lambda t, item=item: item.interest(t) for item in schedules] if paid is None else paid.interest
    if sheets:
        on["tax"].heading(m.word("head.profit"))
    profit = on["tax"].row("profit_before_tax", lambda t: _profit(m, interest, written_off, t), summed=True)
    found = taxed(m, on["tax"], profit)
    if sheets and paid is None:
        paid = waterfall(m, on["cash"], schedules, drawn, written_off, found.tax, reserve, target)
    return Round(sizes, schedules, drawn, reserve, target, written_off, profit, found, paid)


def _profit(m: Context, interest: list, written_off: Row, t: int) -> Expr:
    value = m["profit_before_interest"].at(t) - written_off.at(t)
    for due in interest:
        value = value - due(t)
    return value


def _lender_cash(m: Context, term: Terms, tax: Row):
    if term.tranche.after_tax:
        return lambda t: m["cash_before_tax"].at(t) - tax.at(t)
    return lambda t: m["cash_before_tax"].at(t)


def _prior(schedules: list[Schedule]):
    if not schedules:
        return None

    def served(t: int) -> Expr:
        value: Expr = schedules[0].service.at(t)
        for item in schedules[1:]:
            value = value + item.service.at(t)
        return value

    return served


def _target_at_completion(m: Context, sheet: Sheet, schedules: list[Schedule]) -> Cell | None:
    """What the debt service reserve should hold when operation begins."""
    lent = [item for item in schedules if item.terms.tranche.lender]
    if m.inputs_model.reserves.service_months is None or not lent:
        return None
    parts = [product(m["covered_at_completion"].all, item.service.all) for item in lent]
    owed: Expr = lent[0].size
    service: Expr = parts[0]
    for item, part in zip(lent[1:], parts[1:], strict=True):
        owed, service = owed + item.size, service + part
    return sheet.single("target_at_completion", most(least(service, owed), 0))


def _depreciation(m: Context, sheet: Sheet, drawn: Drawn, reserve: Cell | None) -> Row:
    """Write-off of capex + interest + fees - grant, that is of all that construction needed but VAT, reserves and land."""
    cost = total(drawn.lent.all) + total(drawn.own.all) - total(m["filled"].all)
    cost = cost - product(m["vat"].all, m["built"].all) - total(m["land"].all)
    if reserve is not None:
        cost = cost - reserve
    base = sheet.single("depreciable", cost)
    land = total(m["land"].all)
    return sheet.row(
        "depreciation",
        lambda t: m["write_off"].at(t) * base + m["land_write_off"].at(t) * land,
        summed=True,
    )


def solve(m: Context, terms: list[Terms]) -> State:
    """The state from which the final round starts: after ROUNDS rounds from no tax and no debt."""
    sheet = m.open("circle", m.timeline.rows)
    sheet.heading(m.word("round", n="0"))
    state = State(
        sheet.row("tax", lambda t: m["period"].at(t) * 0),
        sheet.single("need_found", most(total(m["plain"].all) + total(m["filled"].all), 0)),
    )
    for number in range(m.rounds):
        sheet.heading(m.word("round", n=str(number + 1)))
        found = one_round(m, sheet, terms, state)
        state = State(found.taxed.tax, found.drawn.need)
    return state
