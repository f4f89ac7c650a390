"""Sources and uses in construction for debts of given sizes: each period solved in one step. docs/model.md, section 5."""

from __future__ import annotations

from dataclasses import dataclass

from ppp.model.discounting import TIMING
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, added, least, most, total, when
from ppp.report.workbook.grid import Row, Sheet
from ppp.report.workbook.terms import Terms


@dataclass
class Drawn:
    """taken: by period, from lenders and from shareholders; balances: drawn to date, by tranche; bridge: the same of the bridge loan."""

    lent: Row
    own: Row
    balances: list[Row]
    shares: list[Expr]
    equity_share: Expr
    bridge: Row | None
    need: Cell


def plain(m: Context) -> None:
    """What must be paid whatever the debt: capex + VAT - grant, close costs; on the sheet of funding."""
    sheet, funding = m.sheets["funding"], m.project.funding
    sheet.heading(m.word("head.uses_before_debt"))
    spread = m.building(m["grant_by_year"])
    m.line("grant", sheet.row("grant", lambda t: m["built"].at(t) * spread(t), summed=True))
    costs = m.number("funding.close_costs", funding.close_costs)
    m["close_costs"] = sheet.row("close_costs", m.at_flag(costs, "close"), summed=True)
    m["plain"] = sheet.row(
        "plain",
        lambda t: m["built"].at(t) * (m["capex"].at(t) + m["vat"].at(t) - m["grant"].at(t)) + m["close_costs"].at(t),
        summed=True,
    )
    opening = m.number("funding.opening_cash", funding.opening_cash)
    m["opening_cash"] = sheet.row("opening_cash", m.at_flag(opening, "completion"))
    m["filled"] = sheet.row(
        "filled",
        lambda t: (
            m["opening_cash"].at(t)
            + m["completion"].at(t) * (m["working_capital_filled"].at(t) + m["maintenance_reserve"].at(t))
        ),
        summed=True,
    )
    theta = m.fixed("draw_timing", TIMING[m.inputs_model.draw], label=m.word("draw_timing"))
    m["theta"] = sheet.row("theta", lambda t: theta * (1 - m["close"].at(t)) * m["built"].at(t), unit="number")
    if funding.equity_bridge is not None:
        rate = m.number("funding.equity_bridge.rate", funding.equity_bridge.rate, "rate")
        m["bridge_rate"] = sheet.row(
            "bridge_rate",
            lambda t: m["built"].at(t) * rate * m["months"].at(t) / m["months_a_year"],
            unit="rate",
        )


def times(value: Expr, share) -> Expr:
    """value x share, left as it is where the share is the whole."""
    return value if share is None or (isinstance(share, int) and share == 1) else value * share


def fund(
    m: Context, sheet: Sheet, terms: list[Terms], sizes: list[Cell], need: Cell, at_completion: Cell | None
) -> Drawn:
    """Draws by period. What a row needs is linear in what it draws, so it is solved exactly, without a circle."""
    lent_sizes = [size for size, term in zip(sizes, terms, strict=True) if term.tranche.lender]
    debt = sheet.single("lenders_debt", added(lent_sizes) if lent_sizes else need * 0)
    own = sheet.single("own_money", need - debt)
    shares = [
        sheet.single(
            f"{term.tranche.name}.share",
            when((debt if term.tranche.lender else own).equals(0), 0, size / (debt if term.tranche.lender else own)),
            label=m.word("debt.share", name=term.name),
            unit="rate",
        )
        if len(terms) > 1
        else None
        for size, term in zip(sizes, terms, strict=True)
    ]
    share = lambda n: 1 if shares[n] is None else shares[n]  # noqa: E731
    own_parts = [shares[n] for n, term in enumerate(terms) if not term.tranche.lender]
    equity_share: Expr | int = 1 if not own_parts else 1 - added(own_parts)
    if len(own_parts) == len(terms) == 1:  # a single tranche which is the shareholders' own
        shares[0] = sheet.single("own_share", when(own.equals(0), 0, sizes[0] / own), unit="rate")
        equity_share = 1 - shares[0]
    gearing = sheet.single("gearing_drawn", when(need.above(0), debt / need), unit="rate")
    bridged = m.has("bridge_rate")
    order = m.inputs_model.order
    fixed = sheet.coming()
    lent, own_row = sheet.coming(1), sheet.coming(2)
    balances = [sheet.coming(3 + n) for n in range(len(terms))]
    bridge = sheet.coming(3 + len(terms)) if bridged else None
    used = sheet.coming(3 + len(terms) + (1 if bridged else 0)) if order != "pro_rata" else None
    net_rate = lambda term, t: (  # noqa: E731
        term.rate.at(t) if term.commitment is None else term.rate.at(t) - term.commitment.at(t)
    )

    def needed(t: int) -> Expr:
        value = m["plain"].at(t)
        fees = added([term.upfront * size for term, size in zip(terms, sizes, strict=True)])
        if fees is not None:
            value = value + m["close"].at(t) * fees
        filled = m["filled"].at(t)
        if at_completion is not None:
            filled = filled + m["completion"].at(t) * at_completion
        value = value + filled
        for term, size, balance in zip(terms, sizes, balances, strict=True):
            value = value + m["built"].at(t) * net_rate(term, t) * balance.before(t)
            if term.commitment is not None:
                value = value + term.commitment.at(t) * size
        if bridged:
            value = value + m["bridge_rate"].at(t) * bridge.before(t)
        return value

    def slope(lender: bool, t: int) -> Expr:
        parts = [times(net_rate(term, t), share(n)) for n, term in enumerate(terms) if term.tranche.lender == lender]
        if not lender and bridged:
            parts.append(times(m["bridge_rate"].at(t), equity_share))
        return m["theta"].at(t) * added(parts) if parts else m["theta"].at(t) * 0

    sheet.row("row_need", needed)
    if order == "pro_rata":

        def whole(t):
            return fixed.at(t) / (1 - gearing * slope(True, t) - (1 - gearing) * slope(False, t))

        sheet.row("lent", lambda t: m["built"].at(t) * gearing * whole(t))
        sheet.row("own", lambda t: m["built"].at(t) * (1 - gearing) * whole(t))
    else:
        first = order == "debt_first"
        side = debt if first else own

        def early(t):
            return m["built"].at(t) * least(fixed.at(t) / (1 - slope(first, t)), most(side, 0) - used.before(t))

        def late(row, t):
            return m["built"].at(t) * ((fixed.at(t) - (1 - slope(first, t)) * row.at(t)) / (1 - slope(not first, t)))

        sheet.row("lent", early if first else lambda t: late(own_row, t))
        sheet.row("own", (lambda t: late(lent, t)) if first else early)
    for n, (term, balance) in enumerate(zip(terms, balances, strict=True)):
        side_row = lent if term.tranche.lender else own_row
        sheet.row(
            f"{term.tranche.name}.drawn_to_date",
            lambda t, balance=balance, side_row=side_row, n=n: balance.before(t) + times(side_row.at(t), share(n)),
            label=m.word("debt.drawn_to_date", name=term.name),
        )
    if bridged:
        sheet.row("bridge_drawn", lambda t: bridge.before(t) + times(own_row.at(t), equity_share))
    if used is not None:
        spent = lent if order == "debt_first" else own_row
        sheet.row("first_used", lambda t: used.before(t) + spent.at(t))
    found = sheet.single("need_found", most(total(lent.all) + total(own_row.all), 0))
    return Drawn(lent, own_row, balances, [share(n) for n in range(len(terms))], equity_share, bridge, found)


def funding_lines(m: Context, terms: list[Terms], sizes: list[Cell], drawn: Drawn, reserve: Cell | None) -> None:
    """The lines that the report shows, from the draws."""
    sheet = m.sheets["funding"]
    sheet.heading(m.word("head.uses"))
    m.line(
        "interest_during_construction",
        sheet.row("interest_during_construction", lambda t: _interest(m, terms, drawn, t), summed=True),
    )
    m.line("fees", sheet.row("fees", lambda t: _fees(m, terms, sizes, drawn, t), summed=True))
    filled = lambda t: (  # noqa: E731
        m["filled"].at(t) if reserve is None else m["filled"].at(t) + m["completion"].at(t) * reserve
    )
    m.line("reserves_filled", sheet.row("reserves_filled", filled, summed=True))
    built = m["built"]
    m.line(
        "uses",
        sheet.row(
            "uses",
            lambda t: (
                built.at(t) * (m["capex"].at(t) + m["vat"].at(t))
                + m["interest_during_construction"].at(t)
                + m["fees"].at(t)
                + m["reserves_filled"].at(t)
            ),
            summed=True,
        ),
    )
    sheet.heading(m.word("head.sources"))
    if drawn.bridge is None:
        equity = lambda t: times(drawn.own.at(t), drawn.equity_share)  # noqa: E731
        bridge = lambda t: m["period"].at(t) * 0  # noqa: E731
    else:
        equity = lambda t: m["completion"].at(t) * drawn.bridge.at(t)  # noqa: E731
        bridge = lambda t: built.at(t) * (1 - m["completion"].at(t)) * drawn.bridge.at(t)  # noqa: E731
    m.line("equity", sheet.row("equity", equity, summed=True))
    m.line("bridge_closing", sheet.row("bridge_closing", bridge))
    for lender, key in ((True, "debt_drawn"), (False, "shareholder_loan_drawn")):
        chosen = [row for row, term in zip(drawn.balances, terms, strict=True) if term.tranche.lender == lender]
        m.line(
            key,
            sheet.row(
                key,
                lambda t, chosen=chosen: (
                    added([row.at(t) - row.before(t) for row in chosen]) if chosen else m["period"].at(t) * 0
                ),
                summed=True,
            ),
        )


def _interest(m: Context, terms: list[Terms], drawn: Drawn, t: int) -> Expr:
    parts = [
        term.rate.at(t) * (row.before(t) + m["theta"].at(t) * (row.at(t) - row.before(t)))
        for term, row in zip(terms, drawn.balances, strict=True)
    ]
    if drawn.bridge is not None:
        row = drawn.bridge
        parts.append(m["bridge_rate"].at(t) * (row.before(t) + m["theta"].at(t) * (row.at(t) - row.before(t))))
    return m["built"].at(t) * added(parts) if parts else m["built"].at(t) * 0


def _fees(m: Context, terms: list[Terms], sizes: list[Cell], drawn: Drawn, t: int) -> Expr:
    value = m["close_costs"].at(t)
    fees = added([term.upfront * size for term, size in zip(terms, sizes, strict=True)])
    if fees is not None:
        value = value + m["close"].at(t) * fees
    for term, size, row in zip(terms, sizes, drawn.balances, strict=True):
        if term.commitment is not None:
            undrawn = size - row.before(t) - m["theta"].at(t) * (row.at(t) - row.before(t))
            value = value + term.commitment.at(t) * undrawn
    return value
