"""The waterfall of operation: lenders, their reserve, sweeps, shareholder loans, distributions. docs/model.md, section 6."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ppp.model.cash import NOTHING_DUE, SURPLUS, TIE
from ppp.report.workbook.context import Context
from ppp.report.workbook.debt import Schedule
from ppp.report.workbook.distributions import distribute, rows_before_free
from ppp.report.workbook.formula import Cell, Expr, call, least, most, product, total
from ppp.report.workbook.funding import Drawn, times
from ppp.report.workbook.grid import Row, Sheet

ByPeriod = Callable[[int], Expr]


@dataclass
class Paid:
    """By tranche and period: interest, principal, prepayment, closing. Rows of the accounts and of what shareholders receive."""

    interest: list[ByPeriod]
    principal: list[ByPeriod]
    prepayment: list[ByPeriod]
    closing: list[ByPeriod]
    reserve: Row
    target: Row
    free: Row
    dividends: Row
    capital_returned: Row | None
    statutory: Row | None


def prepare(m: Context) -> None:
    """Terms of distributions, and the months of debt service that a reserve holds."""
    sheet, rules, reserves = m.sheets["cash"], m.project.distributions, m.inputs_model.reserves
    m["negligible"] = m.fixed("negligible", NOTHING_DUE)
    if rules is not None:
        m.given.heading(m.word("head.distributions"))
        if rules.lock_up is not None:
            m["lock_up"] = m.number("distributions.lock_up", rules.lock_up, "ratio")
            m["tie"] = m.fixed("tie", 1.0 - TIE)
        if rules.statutory_reserve is not None:
            for key in ("rate", "limit"):
                name = f"distributions.statutory_reserve.{key}"
                m[f"statutory_{key}"] = m.number(name, getattr(rules.statutory_reserve, key), "rate")
        kept = m.number("distributions.minimum_cash", rules.minimum_cash)
        if m.real:
            kept = sheet.single("minimum_cash_then", kept * product(m["completion"].all, m["price_index"].all))
        m["minimum_cash"] = kept
        m["surplus"] = m.fixed("surplus", SURPLUS)
    if reserves.service_months is not None:
        cover = m["reserve_cover"] = m.fixed("reserve_cover", reserves.service_months, "months")
        _covered(m, sheet)
        end, months, c = m["month_end"], m["months"], m["construction_months"]
        sheet.heading(m.word("head.debt_service_reserve"))
        m["covered_at_completion"] = sheet.row(
            "covered_at_completion",
            lambda t: (
                m["operating"].at(t)
                * most(least(end.at(t), c + cover) - end.at(t) + months.at(t), 0)
                / most(months.at(t), 1)
            ),
            unit="rate",
        )


def _covered(m: Context, sheet: Sheet) -> None:
    """Of the months that the reserve holds after each period: periods that have ended by then, the one under way, its part."""
    end, cover, rows = m["month_end"], m["reserve_cover"], m.fixed("periods", m.timeline.rows)
    last = m["construction_months"] + m["operation_months"]
    until = sheet.row("covered_until", lambda t: least(end.at(t) + cover, last), unit="months")
    ended = m["covered_periods"] = sheet.row(
        "covered_periods", lambda t: product(end.all.at_most(until.at(t)) * 1), unit="number"
    )
    begun = m["covered_next"] = sheet.row("covered_next", lambda t: least(ended.at(t) + 1, rows), unit="number")
    m["covered_part"] = sheet.row(
        "covered_part",
        lambda t: (
            (until.at(t) - call("INDEX", end.all, ended.at(t))) / most(call("INDEX", m["months"].all, begun.at(t)), 1)
        ),
        unit="rate",
    )


class _Run:
    """One waterfall on one sheet."""

    def __init__(self, m: Context, sheet: Sheet, schedules: list[Schedule], drawn: Drawn, tax: Row):
        self.m, self.sheet, self.schedules, self.tax = m, sheet, schedules, tax
        self.rules = m.project.distributions
        self.own: Expr = total(drawn.own.all)
        if not (isinstance(drawn.equity_share, int) and drawn.equity_share == 1):
            self.own = times(self.own, drawn.equity_share)
        if self.rules is not None:
            self.own = sheet.single("equity_paid_in", self.own)
        self.largest: Expr | None = None  # lenders' scheduled service, where a lock-up asks what is negligible
        self.lenders = [n for n, item in enumerate(schedules) if item.terms.tranche.lender]
        self.shareholders = [n for n, item in enumerate(schedules) if not item.terms.tranche.lender]
        self.interest: dict[int, ByPeriod] = {}
        self.principal: dict[int, ByPeriod] = {}
        self.served: dict[int, ByPeriod] = {}
        self.prepayment: dict[int, ByPeriod] = {}
        self.closing: dict[int, ByPeriod] = {}

    def serve(self, n: int, prepaid: Row | None, closing: Row | None) -> None:
        """Scheduled service; a swept tranche (prepaid, closing: where its sweep will stand) pays interest on what it still owes, and
        principal = max(min(scheduled, owed), -interest)."""
        item, sheet, m = self.schedules[n], self.sheet, self.m
        name, key = item.terms.name, item.terms.tranche.name
        label = lambda what: m.word(f"debt.{what}", name=name)  # noqa: E731
        scheduled = lambda t: item.service.at(t) - item.interest(t)  # noqa: E731
        if prepaid is None or closing is None:
            interest = sheet.row(f"{key}.interest", item.interest, label=label("interest"), summed=True)
            principal = sheet.row(
                f"{key}.principal", lambda t: item.service.at(t) - interest.at(t), label=label("principal"), summed=True
            )
            self.interest[n], self.principal[n] = interest.at, principal.at
            self.closing[n] = self.served[n] = lambda t: m["operating"].at(t) * item.closing.at(t)
            self.prepayment[n] = lambda t: m["period"].at(t) * 0
            return
        interest = sheet.row(
            f"{key}.interest",
            lambda t: item.terms.rate.at(t) * closing.before(t) * m["operating"].at(t),
            label=label("interest"),
            summed=True,
        )
        principal = sheet.row(
            f"{key}.principal",
            lambda t: m["operating"].at(t) * most(least(scheduled(t), closing.before(t)), 0 - interest.at(t)),
            label=label("principal"),
            summed=True,
        )
        served = sheet.row(
            f"{key}.owed_before_sweep",
            lambda t: m["operating"].at(t) * (closing.before(t) - principal.at(t)),
            label=label("owed_before_sweep"),
        )
        self.interest[n], self.principal[n], self.served[n] = interest.at, principal.at, served.at
        self.prepayment[n], self.closing[n] = prepaid.at, closing.at

    def sweep_rows(self, n: int, cash: ByPeriod) -> None:
        """What a sweep prepays and what is left, once every tranche has been served: the rows that `serve` was promised."""
        item, sheet, m = self.schedules[n], self.sheet, self.m
        name, key = item.terms.name, item.terms.tranche.name
        served, prepayment = self.served[n], self.prepayment[n]
        sheet.row(
            f"{key}.prepayment",
            lambda t: m["operating"].at(t) * least(item.terms.sweep * most(cash(t), 0), served(t)),
            label=m.word("debt.prepayment", name=name),
            summed=True,
        )
        sheet.row(
            f"{key}.closing",
            lambda t: m["completion"].at(t) * item.size + served(t) - prepayment(t),
            label=m.word("debt.closing", name=name),
        )

    def total(self, chosen: list[int], *what: dict[int, ByPeriod]) -> ByPeriod:
        return lambda t: self.m.added([part[n](t) for part in what for n in chosen], t)


def waterfall(
    m: Context,
    sheet: Sheet,
    schedules: list[Schedule],
    drawn: Drawn,
    written_off: Row,
    tax: Row,
    reserve: Cell | None,
    target: Cell | None,
) -> Paid:
    """Every period in order. The rows of the accounts are promised places first, because each reads the others' past."""
    run = _Run(m, sheet, schedules, drawn, tax)
    if m.has("lock_up"):
        scheduled = sheet.row(
            "scheduled_service", lambda t: m.added([schedules[n].service.at(t) for n in run.lenders], t)
        )
        run.largest = sheet.single("largest_service", call("MAX", scheduled.all))
    swept = [n for n, item in enumerate(schedules) if item.terms.sweep is not None]
    rows_of_service = sum(3 if n in swept else 2 for n in range(len(schedules)))
    rows_of_sweeps = rows_of_service + 2 * len(swept)
    sweeps = {n: [sheet.coming(rows_of_service + 2 * i + row) for row in range(2)] for i, n in enumerate(swept)}
    before = ("service",) if target is None else ("service", "due", "to_date")
    names = (*before, "required", "available", "reserve", "left_lenders", "left")
    place = {name: sheet.coming(rows_of_sweeps + n) for n, name in enumerate(names)}
    free = sheet.coming(rows_of_sweeps + len(names) + rows_before_free(m))
    kept = (lambda t: free.before(t)) if run.rules is not None else None
    for n in range(len(schedules)):
        run.serve(n, *sweeps.get(n, (None, None)))
    for i, n in enumerate(swept):
        base = place["left_lenders"] if n in run.lenders else None
        run.sweep_rows(n, _sweepable(run, base, kept, swept[:i], place))
    operating = m["operating"]
    service = sheet.row("lender_service", run.total(run.lenders, run.interest, run.principal), summed=True)
    required = _required(m, sheet, run, schedules, target)
    start = (lambda t: kept(t) + m["cash_before_tax"].at(t)) if kept else (lambda t: m["cash_before_tax"].at(t))
    held = place["reserve"]
    available = sheet.row(
        "available",
        lambda t: operating.at(t) * (start(t) - tax.at(t) + m["disposal"].at(t) - service.at(t) + held.before(t)),
    )
    filled = (lambda t: m["completion"].at(t) * reserve) if reserve is not None else None
    held = sheet.row(
        "debt_service_reserve",
        lambda t: (
            operating.at(t) * most(least(available.at(t), required.at(t)), 0)
            if filled is None
            else filled(t) + operating.at(t) * most(least(available.at(t), required.at(t)), 0)
        ),
    )
    prepaid = run.total([n for n in swept if n in run.lenders], run.prepayment)
    sheet.row("left_lenders", lambda t: operating.at(t) * (available.at(t) - held.at(t)))
    lent_left = place["left_lenders"]
    left = sheet.row(
        "left",
        lambda t: (
            lent_left.at(t) - prepaid(t) - run.total(run.shareholders, run.interest, run.principal, run.prepayment)(t)
        ),
    )
    dividends, returned, statutory, free_row = distribute(m, sheet, run, left, service, written_off, free)
    pick = lambda found: [found[n] for n in range(len(schedules))]  # noqa: E731
    return Paid(
        pick(run.interest),
        pick(run.principal),
        pick(run.prepayment),
        pick(run.closing),
        held,
        required,
        free_row,
        dividends,
        returned,
        statutory,
    )


def _sweepable(run: _Run, base: Row | None, kept, before: list[int], place) -> ByPeriod:
    """The period's own cash that a sweep may take, less what earlier sweeps took."""

    def cash(t: int) -> Expr:
        left: Expr = place["left_lenders"].at(t)
        if base is None:
            taken = run.total([n for n in before if n in run.lenders], run.prepayment)(t)
            left = left - taken - run.total(run.shareholders, run.interest, run.principal)(t)
            earlier = [n for n in before if n not in run.lenders]
        else:
            earlier = [n for n in before if n in run.lenders]
        own = least(left, left - kept(t)) if kept else left
        return own - run.total(earlier, run.prepayment)(t) if earlier else own

    return cash


def _required(m: Context, sheet: Sheet, run: _Run, schedules: list[Schedule], target: Cell | None) -> Row:
    """What the debt service reserve should hold: scheduled service of the coming months, at most what is owed."""
    if target is None:
        return sheet.row("debt_service_reserve_target", lambda t: m["period"].at(t) * 0)
    # scheduled service to date: of the periods ended, and an even part of the one under way
    to_date = sheet.coming(1)
    due = sheet.row("service_due", lambda t: m.added([schedules[n].service.at(t) for n in run.lenders], t))
    to_date = sheet.row("service_to_date", lambda t: to_date.before(t) + due.at(t))

    def coming(t: int) -> Expr:
        ended = call("INDEX", to_date.all, m["covered_periods"].at(t)) - to_date.at(t)
        return ended + call("INDEX", due.all, m["covered_next"].at(t)) * m["covered_part"].at(t)

    owed = run.total(run.lenders, run.served)
    return sheet.row(
        "debt_service_reserve_target",
        lambda t: m["completion"].at(t) * target + m["operating"].at(t) * most(least(coming(t), owed(t)), 0),
    )
