"""Live checks: each is a number that must be zero within a tolerance; the master check is on every sheet."""

from __future__ import annotations

from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, call, most, product, size, total, when
from ppp.report.workbook.pasted import inputs_moved


def _largest(block) -> Expr:
    """The largest absolute value of a row."""
    return most(call("MAX", block), 0 - call("MIN", block))


def checks(m: Context) -> None:
    """Each check with its error, its tolerance and whether it holds; then the master."""
    sheet = m.open("checks")
    tolerance = m.fixed("tolerance", 1e-9)
    errors: list[Cell] = []

    def check(key: str, error: Expr, label: str | None = None) -> Cell:
        errors.append(sheet.single(key, call("IFERROR", error, 1), label=label, unit="error"))
        return errors[-1]

    sheet.heading(m.word("head.checks"))
    scale = most(1, total(m["revenue"].all), total(m["capex"].all))
    by_part = total(m["user_payments"].all) + total(m["other_revenue"].all) + total(m["government_payment"].all)
    check("check.revenue", size(total(m["revenue"].all) - by_part) / scale)
    years = m["yearly.opex"]
    even = product(years.all, m["operating_length"].all)
    check("check.years", size(total(m["opex"].all) - even) / scale)
    check("check.spending", size(total(m["capex"].all) - total(m["capex_by_year"].all) - total(m["land"].all)) / scale)
    if m.has("final"):
        _company(m, check)
    check("check.fiscal", size(total(m["own_spending"].all) - total(m["fiscal_spending"].all)) / scale)
    if m.book.pasted:
        moved = inputs_moved(m)
        for key in m.book.pasted:
            check(f"residual.{key}", moved, m.word("residual.pasted", name=m.book.described(key, None, "", "")[1]))
    sheet.heading(m.word("head.master"))
    failed: Expr = when(errors[0].above(tolerance), 1)
    for error in errors[1:]:
        failed = failed + when(error.above(tolerance), 1)
    m["failed"] = sheet.single("checks_failed", failed, unit="number")
    m["master"] = sheet.single("master_check", when(m["failed"].equals(0), m.word("ok"), m.word("not_ok")), unit="text")
    m["errors"] = errors


def _company(m: Context, check) -> None:
    """The circle's residuals, sources against uses, the balance sheet, every debt repaid, every IRR a root."""
    state, final = m["state"], m["final"]
    uses = most(total(m["uses"].all), 1)
    difference = m.sheets["tax"].row("residual.tax", lambda t: final.taxed.tax.at(t) - state.tax.at(t))
    # of the tax, not of the whole project, which would hide how far a small tax still moves
    taxed = most(_largest(final.taxed.tax.all), m.fixed("tolerance", 1e-9) * uses)
    m["circle_errors"] = [
        check("residual.circle_tax", _largest(difference.all) / taxed),
        check("residual.circle_need", size(final.drawn.need - state.need) / uses),
    ]
    check("check.sources", _largest(m["sources_difference"].all) / uses)
    check("check.balance", _largest(m["balance_difference"].all) / uses)
    check("check.equity", size(_end(m, "shareholders_funds")) / uses)
    check("check.debt_repaid", size(_end(m, "debt_closing")) / uses)


def _end(m: Context, key: str) -> Expr:
    """A line in the last period."""
    return product(m[key].all, m["last"].all)
