"""What shareholders receive, and what must stay: dividends, capital returned, statutory reserve, free cash. docs/model.md, section 6."""

from __future__ import annotations

from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr, call, least, most, when
from ppp.report.workbook.grid import Row, Sheet


def rows_before_free(m: Context) -> int:
    """Rows of `distribute` that come before the free cash."""
    if m.project.distributions is None:
        return 1
    return 8


def distribute(m: Context, sheet: Sheet, run, left: Row, service: Row, written_off: Row, free: Row):
    """Dividends, capital returned, statutory reserve and free cash."""
    rules, last, operating = run.rules, m["last"], m["operating"]
    if rules is None:
        dividends = sheet.row("dividends", lambda t: left.at(t) + last.at(t) * free.before(t), summed=True)
        sheet.row("free_cash", lambda t: (m["opening_cash"].at(t) + free.before(t)) * (1 - last.at(t)))
        return dividends, None, None, free
    net_profit = sheet.row(
        "net_profit",
        lambda t: (
            m["profit_before_interest"].at(t)
            - written_off.at(t)
            - run.tax.at(t)
            - run.total(list(range(len(run.schedules))), run.interest)(t)
        ),
    )
    retained, statutory = sheet.coming(4), sheet.coming(1)
    capital = sheet.coming(6)
    if m.has("statutory_rate"):
        room = lambda t: most(m["statutory_limit"] * run.own - statutory.before(t), 0)  # noqa: E731
        profit = lambda t: most(least(net_profit.at(t), retained.before(t) + net_profit.at(t)), 0)  # noqa: E731
        transfer = sheet.row(
            "statutory_transfer",
            lambda t: operating.at(t) * least(m["statutory_rate"] * profit(t), room(t)),
        )
    else:
        transfer = sheet.row("statutory_transfer", lambda t: m["period"].at(t) * 0)
    sheet.row("statutory_reserve", lambda t: statutory.before(t) + transfer.at(t))
    payable = sheet.row("payable", lambda t: _payable(m, run, left, service, t))
    distributable = retained.before
    most_paid = lambda t: distributable(t) + net_profit.at(t) - transfer.at(t)  # noqa: E731
    if rules.from_profit:
        paid = lambda t: most(least(payable.at(t), most(most_paid(t), 0)), 0)  # noqa: E731
    else:
        paid = lambda t: most(payable.at(t), 0)  # noqa: E731
    dividends = sheet.row("dividends", lambda t: operating.at(t) * paid(t), summed=True)
    sheet.row("retained", lambda t: most_paid(t) - dividends.at(t))
    owed = lambda t: when(capital.before(t).above(m["surplus"] * run.own), capital.before(t), 0)  # noqa: E731
    during = (lambda t: least(payable.at(t) - dividends.at(t), owed(t))) if rules.return_of_capital else (lambda t: 0)
    returned = sheet.row(
        "capital_returned",
        lambda t: operating.at(t) * when(last.at(t).equals(1), payable.at(t) - dividends.at(t), during(t)),
        summed=True,
    )
    sheet.row(
        "capital_left",
        lambda t: m["completion"].at(t) * run.own + operating.at(t) * (capital.before(t) - returned.at(t)),
    )
    sheet.row(
        "free_cash",
        lambda t: m["opening_cash"].at(t) + operating.at(t) * (left.at(t) - dividends.at(t) - returned.at(t)),
    )
    return dividends, returned, statutory, free


def _payable(m: Context, run, left: Row, service: Row, t: int) -> Expr:
    """Cash above the minimum, none of it in lock-up; all of it in the last period."""
    above = most(left.at(t) - m["minimum_cash"], 0)
    if m.has("lock_up"):
        cfads = m["cash_before_tax"].at(t) - run.tax.at(t)
        due = service.at(t).above(m["negligible"] * run.largest)
        short = cfads.below(m["lock_up"] * m["tie"] * service.at(t))
        above = when(call("AND", due, short), 0, above)
    return m["operating"].at(t) * when(m["last"].at(t).equals(1), left.at(t), above)
