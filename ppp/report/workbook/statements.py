"""The company's statements: debt, profit, cash flow and balance sheet, line by line as the report names them."""

from __future__ import annotations

from ppp.report.workbook.circle import Round
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr
from ppp.report.workbook.tax import taxed
from ppp.report.workbook.terms import Terms


def debt_and_tax_lines(m: Context, terms: list[Terms], final: Round) -> None:
    """Names the rows of the final round, and adds up the tranches."""
    paid = final.paid
    for key, row in (
        ("depreciation", final.depreciation),
        ("profit_before_tax", final.profit),
        ("tax", final.taxed.tax),
        ("losses_used", final.taxed.used),
        ("debt_service_reserve", paid.reserve),
        ("debt_service_reserve_target", paid.target),
        ("dividends", paid.dividends),
    ):
        m.line(key, row)
    sheet = m.sheets["tax"]
    sheet.heading(m.word("head.without_interest"))
    free = sheet.row(
        "profit_without_interest", lambda t: m["profit_before_interest"].at(t) - m["depreciation"].at(t), summed=True
    )
    m.line("tax_without_interest", taxed(m, sheet, free).tax)
    _tranche_totals(m, terms, final)


def _tranche_totals(m: Context, terms: list[Terms], final: Round) -> None:
    sheet, paid = m.open("statements", m.timeline.rows), final.paid
    sheet.heading(m.word("head.debt"))
    lent = [n for n, term in enumerate(terms) if term.tranche.lender]
    own = [n for n, term in enumerate(terms) if not term.tranche.lender]

    def added(chosen: list[int], *parts) -> object:
        def formula(t: int) -> Expr:
            value = None
            for part in parts:
                for n in chosen:
                    value = part[n](t) if value is None else value + part[n](t)
            return m["period"].at(t) * 0 if value is None else value

        return formula

    def balance(chosen: list[int]):
        def formula(t: int) -> Expr:
            value = None
            for n in chosen:
                part = m["built"].at(t) * final.drawn.balances[n].at(t) + m["operating"].at(t) * paid.closing[n](t)
                value = part if value is None else value + part
            return m["period"].at(t) * 0 if value is None else value

        return formula

    for key, formula in (
        ("interest", added(lent, paid.interest)),
        ("principal", added(lent, paid.principal)),
        ("prepayment", added(lent, paid.prepayment)),
    ):
        m.line(key, sheet.row(key, formula, summed=True))
    m.line(
        "debt_service",
        sheet.row("debt_service", lambda t: m["interest"].at(t) + m["principal"].at(t), summed=True),
    )
    m.line("debt_closing", sheet.row("debt_closing", balance(lent)))
    m.line(
        "shareholder_loan_interest",
        sheet.row("shareholder_loan_interest", added(own, paid.interest), summed=True),
    )
    m.line(
        "shareholder_loan_repaid",
        sheet.row("shareholder_loan_repaid", added(own, paid.principal, paid.prepayment), summed=True),
    )
    m.line("shareholder_loan_closing", sheet.row("shareholder_loan_closing", balance(own)))


def statements(m: Context, final: Round) -> None:
    """Income, cash flow and balance sheet; the balance sheet's difference is a check."""
    sheet, paid = m.sheets["statements"], final.paid
    zero = lambda t: m["period"].at(t) * 0  # noqa: E731
    sheet.heading(m.word("head.income"))
    m.line(
        "net_profit",
        sheet.row("net_profit", lambda t: m["profit_before_tax"].at(t) - m["tax"].at(t), summed=True),
    )
    sheet.heading(m.word("head.cash_flow"))
    m.line(
        "cfads",
        sheet.row("cfads", lambda t: m["cash_before_tax"].at(t) - m["tax"].at(t), summed=True),
    )
    returned = paid.capital_returned.at if paid.capital_returned else zero
    m.line("capital_returned", sheet.row("capital_returned", returned, summed=True))
    m.line(
        "distributions",
        sheet.row("distributions", lambda t: m["dividends"].at(t) + m["capital_returned"].at(t), summed=True),
    )
    m.line(
        "equity_flow",
        sheet.row("equity_flow", lambda t: m["distributions"].at(t) - m["equity"].at(t), summed=True),
    )
    sheet.heading(m.word("head.balance_sheet"))
    fixed = sheet.coming()
    m.line(
        "fixed_assets",
        sheet.row(
            "fixed_assets",
            lambda t: (
                fixed.before(t)
                + m["built"].at(t) * m["capex"].at(t)
                + m["interest_during_construction"].at(t)
                + m["fees"].at(t)
                - m["grant"].at(t)
                - m["depreciation"].at(t)
            ),
        ),
    )
    m.line(
        "cash",
        sheet.row(
            "cash",
            lambda t: paid.free.at(t) + m["completion"].at(t) * m["working_capital_filled"].at(t),
        ),
    )
    m.line("statutory_reserve", sheet.row("statutory_reserve", paid.statutory.at if paid.statutory else zero))
    funds = sheet.coming()
    m.line(
        "shareholders_funds",
        sheet.row(
            "shareholders_funds",
            lambda t: funds.before(t) + m["equity"].at(t) + m["net_profit"].at(t) - m["distributions"].at(t),
        ),
    )
    m["balance_difference"] = sheet.row(
        "balance_difference",
        lambda t: (
            m["fixed_assets"].at(t)
            + m["cash"].at(t)
            + m["debt_service_reserve"].at(t)
            + m["maintenance_reserve"].at(t)
            + m["receivables"].at(t)
            - m["payables"].at(t)
            + m["vat_credit"].at(t)
            - m["debt_closing"].at(t)
            - m["shareholder_loan_closing"].at(t)
            - m["bridge_closing"].at(t)
            - m["shareholders_funds"].at(t)
        ),
    )
    m["sources_difference"] = sheet.row(
        "sources_difference",
        lambda t: (
            m["uses"].at(t)
            - m["grant"].at(t)
            - m["equity"].at(t)
            - m["debt_drawn"].at(t)
            - m["shareholder_loan_drawn"].at(t)
            - (m["bridge_closing"].at(t) - m["bridge_closing"].before(t))
        ),
    )
