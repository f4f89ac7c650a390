"""The liability and the residual interest in the government's own accounts, by operating year. Source: ppp.model.liability."""

from __future__ import annotations

from ppp.contract_terms import OnBalanceSheet
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, call, most, when
from ppp.report.workbook.grid import Row
from ppp.report.workbook.performance import year_ended

SECTION = "contract.on_balance_sheet"


def liability_lines(m: Context) -> None:
    """Each year's figures in the last period that ends within it."""
    terms = m.project.contract.on_balance_sheet if m.project.contract else None
    if terms is None:
        return
    m.given.heading(m.word("head.liability"))
    m.sheets["years"].heading(m.word("head.liability"))
    yearly = _yearly(m, terms)
    sheet = m.sheets["value"]
    sheet.heading(m.word("head.liability"))
    ended, last = year_ended(m), m["last"]
    closes = sheet.row(
        "closes_year",
        lambda t: m["operating"].at(t) * most(last.at(t), when(ended.at(t + 1).above(ended.at(t)), 1)),
        unit="flag",
    )
    for key, row in yearly.items():
        m.line(
            key,
            sheet.row(key, lambda t, row=row: closes.at(t) * call("INDEX", row.all, most(ended.at(t), 1))),
        )


def _number(m: Context, key: str, value: float, unit: str = "money") -> Cell:
    return m.number(f"{SECTION}.{key}", value, unit, m.word(f"liability.{key}"))


def _yearly(m: Context, terms: OnBalanceSheet) -> dict[str, Row]:
    """interest = rate x opening, principal = payment - interest, closing = opening - principal; the residual grows at the same rate."""
    sheet, number = m.sheets["years"], m["operating_year"]
    opening, rate = _number(m, "liability", terms.liability), _number(m, "rate", terms.rate, "rate")
    added = _number(m, "residual", terms.residual)
    if terms.payment is not None:
        payment: Expr = _number(m, "payment", terms.payment)
    else:
        payment = _level(m, opening, rate)
    rounded = lambda value: value  # noqa: E731
    if terms.decimals is not None:
        digits = m.fixed(f"{SECTION}.decimals", terms.decimals, "number", m.word("liability.decimals"))
        rounded = lambda value: call("ROUND", value, digits)  # noqa: E731
    closing = sheet.coming(2)
    owed = lambda k: when(number.at(k).equals(1), opening, closing.before(k))  # noqa: E731
    interest = sheet.row("yearly.liability_interest", lambda k: rounded(rate * owed(k)), label=_label(m, "interest"))
    principal = sheet.row(
        "yearly.liability_principal", lambda k: payment - interest.at(k), label=_label(m, "principal")
    )
    closing = sheet.row(
        "yearly.liability_closing", lambda k: rounded(owed(k) - principal.at(k)), label=_label(m, "closing")
    )
    residual = sheet.coming()
    residual = sheet.row(
        "yearly.residual_opening",
        lambda k: when(number.at(k).equals(1), 0, rounded(residual.before(k) * (1 + rate) + added)),
        label=m.book.described("residual_opening", None, "", "")[1],
    )
    return {
        "liability_interest": interest,
        "liability_principal": principal,
        "liability_closing": closing,
        "residual_opening": residual,
    }


def _label(m: Context, part: str) -> str:
    return m.book.described(f"liability_{part}", None, "", "")[1]


def _level(m: Context, opening: Expr, rate: Expr) -> Cell:
    """Level payment in arrears over the operating years: L r / (1 - (1 + r)^-n), L / n at a rate of zero."""
    years = m.fixed("operating_years", m.operating_years, "years")
    level = opening * rate / (1 - 1 / (1 + rate) ** years)
    return m.sheets["years"].single(
        f"{SECTION}.level", when(rate.equals(0), opening / years, level), label=m.word("liability.payment")
    )
