"""Returns and covers: flows, NPV, covers, payback; the roots of the flows stand in roots.py. docs/model.md, section 7."""

from __future__ import annotations

from ppp.appraisal.government import government_distributions_share
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, call, most, product, total, when
from ppp.report.workbook.grid import Row, Sheet
from ppp.report.workbook.terms import Terms


def result(m: Context, sheet: Sheet, key: str, formula: Expr, unit: str = "money") -> Cell:
    """A result under the report's key."""
    m.book.results[key] = sheet.single(key, formula, unit=unit)
    return m.book.results[key]


def returns(m: Context, terms: list[Terms]) -> None:
    """Everything that the report calls a result of the company."""
    sheet = m.open("results", m.timeline.rows)
    discount = m.rate("discounting.rate", m.project.discounting.rate)
    asked = m.project.discounting.equity_rate
    equity_rate = discount if asked is None else m.rate("discounting.equity_rate", asked)
    m["tolerance"] = m.fixed("tolerance", 1e-9)
    sheet.heading(m.word("head.funding_totals"))
    debt = result(m, sheet, "debt", total(m["debt_drawn"].all))
    equity = result(m, sheet, "equity_total", total(m["equity"].all))
    result(m, sheet, "uses_total", total(m["uses"].all))
    result(m, sheet, "grant_total", total(m["grant"].all))
    funds = debt + equity + total(m["shareholder_loan_drawn"].all)
    result(m, sheet, "gearing", when(funds.equals(0), 0, debt / funds), "rate")
    flows = _flows(m, sheet)
    sheet.heading(m.word("head.npv"))
    time = m["time"].all
    worth = lambda row, rate: product(row.all / (1 + rate) ** time)  # noqa: E731
    result(m, sheet, "project_npv", worth(flows["project_irr"], discount))
    result(m, sheet, "equity_npv", worth(flows["equity_irr"], equity_rate))
    m["flows"] = flows
    _payback(m, sheet, "payback_years", flows["project_irr"], None)
    _payback(m, sheet, "discounted_payback_years", flows["project_irr"], discount)
    if any(term.tranche.lender for term in terms):
        _covers(m, sheet, terms, debt)


def _flows(m: Context, sheet: Sheet) -> dict[str, Row]:
    """The flow behind every IRR, receipts positive."""
    sheet.heading(m.word("head.flows"))
    spread = m.building(m["grant_by_year"])
    project = sheet.row(
        "flow.project_irr",
        lambda t: (
            m["ebitda"].at(t)
            + m["disposal"].at(t)
            + spread(t)
            - m["capex"].at(t)
            - m["close_costs"].at(t)
            - m["working_capital_increase"].at(t)
            - m["vat"].at(t)
        ),
        summed=True,
    )
    after = sheet.row(
        "flow.project_irr_after_tax", lambda t: project.at(t) - m["tax_without_interest"].at(t), summed=True
    )
    share, kept = government_shares(m)
    equity = sheet.row("flow.equity_irr", m["equity_flow"].at, summed=True)
    partner = sheet.row(
        "flow.partner_irr",
        lambda t: (
            (1 - kept) * m["distributions"].at(t)
            - (1 - share) * m["equity"].at(t)
            + m["shareholder_loan_interest"].at(t)
            + m["shareholder_loan_repaid"].at(t)
            - m["shareholder_loan_drawn"].at(t)
        ),
        summed=True,
    )
    return {"project_irr": project, "project_irr_after_tax": after, "equity_irr": equity, "partner_irr": partner}


def government_shares(m: Context) -> tuple[Cell, Cell]:
    """The government's share of equity, and of distributions."""
    funding = m.project.funding
    share = m.number("funding.government_share", funding.government_share, "rate")
    if funding.government_distributions is None:
        return share, share
    agreed = float(government_distributions_share(m.project, 0.0))
    return share, m.number("funding.government_distributions", agreed, "rate")


def _payback(m: Context, sheet: Sheet, key: str, flow: Row, rate) -> None:
    """The time at which the flow to date returns to zero for good, even within a period."""
    sheet.heading(m.book.described(key, None, "", "")[1])
    time, rows = m["time"], m.fixed("periods", m.timeline.rows)
    worth = (lambda t: flow.at(t)) if rate is None else (lambda t: flow.at(t) / (1 + rate) ** time.at(t))
    to_date = sheet.coming()
    to_date = sheet.row(f"{key}.to_date", lambda t: to_date.before(t) + worth(t), label=m.word("to_date"))
    largest = sheet.single(
        f"{key}.largest", most(call("MAX", to_date.all), 0 - call("MIN", to_date.all)), label=m.word("largest_sum")
    )
    owing = sheet.row(
        f"{key}.owing",
        lambda t: when(to_date.at(t).below(0 - m["tolerance"] * largest), m["period"].at(t) + 1),
        label=m.word("owing"),
        unit="number",
    )
    at = sheet.single(f"{key}.last", call("MAX", owing.all), label=m.word("last_owing"), unit="number")
    before, after = (call("INDEX", to_date.all, position) for position in (at, at + 1))
    start, end = (call("INDEX", time.all, position) for position in (at, at + 1))
    turned = start + (0 - before) / (after - before) * (end - start)
    never = at.equals(rows)
    result(m, sheet, key, when(at.equals(0), 0, when(never, m.word("none"), turned)), "years")


def _covers(m: Context, sheet: Sheet, terms: list[Terms], debt: Cell) -> None:
    lent = [term for term in terms if term.tranche.lender]
    sheet.heading(m.word("head.covers"))
    if lent[0].tranche.after_tax:
        cash = sheet.row("lender_cash", m["cfads"].at)
    else:
        cash = sheet.row("lender_cash", lambda t: m["cfads"].at(t) + m["tax"].at(t))

    def cover(key: str, due: Row) -> Row:
        largest = sheet.single(f"{key}.largest", call("MAX", due.all), label=m.word("largest_service"))
        return sheet.row(
            key,
            lambda t: when(due.at(t).above(m["negligible"] * largest), cash.at(t) / due.at(t), ""),
            unit="ratio",
        )

    dscr, icr = cover("dscr", m["debt_service"]), cover("icr", m["interest"])
    none = m.word("none")
    known = lambda row, formula: when(call("COUNT", row.all).above(0), formula, none)  # noqa: E731
    result(m, sheet, "dscr_min", known(dscr, call("MIN", dscr.all)), "ratio")
    result(m, sheet, "dscr_average", known(dscr, call("AVERAGE", dscr.all)), "ratio")
    result(m, sheet, "interest_cover_min", known(icr, call("MIN", icr.all)), "ratio")
    lives = sheet.row("within_maturity", lambda t: most(*(term.active.at(t) for term in lent)), unit="flag")
    factors = lent[0].loan_life
    owed = lambda worth: when(debt.above(0), worth / debt, none)  # noqa: E731
    result(m, sheet, "llcr", owed(product(cash.all, factors.all, lives.all)), "ratio")
    result(m, sheet, "plcr", owed(product(cash.all, factors.all)), "ratio")
