"""Construction cost, revenue, operating surplus, working capital, value-added tax and the maintenance reserve, by period."""

from __future__ import annotations

from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import call, most, product, when
from ppp.report.workbook.grid import Row
from ppp.report.workbook.payment import government_payment, sold
from ppp.report.workbook.timing import by_construction_year


def operation(m: Context) -> None:
    """Everything before financing, in the order of docs/model.md, sections 2 and 3."""
    _construction_cost(m)
    _yearly(m)
    government_payment(m)
    sheet = m.open("operation", m.timeline.rows)
    sheet.heading(m.word("head.construction"))
    land = m.sheets["operation"].row("land", m.at_flag(m["land_amount"], "close"), unit="money", summed=True)
    m["land"] = land
    spread = m.building(m["capex_by_year"])
    m.line("capex", sheet.row("capex", lambda t: spread(t) + land.at(t), summed=True))
    sheet.heading(m.word("head.operation"))
    for key in ("user_payments", "other_revenue", "government_payment", *m["payment_parts"], "opex", "lifecycle"):
        spread_row = m.spread(m[f"yearly.{key}"])
        m.line(key, sheet.row(key, spread_row, summed=True))
    disposal = m.number("operation.disposal", m.project.operation.disposal)
    m.line("disposal", sheet.row("disposal", m.at_flag(disposal, "last"), summed=True))
    m.line(
        "revenue",
        sheet.row(
            "revenue",
            lambda t: m["user_payments"].at(t) + m["other_revenue"].at(t) + m["government_payment"].at(t),
            summed=True,
        ),
    )
    m.line(
        "ebitda",
        sheet.row("ebitda", lambda t: m["revenue"].at(t) - m["opex"].at(t) - m["lifecycle"].at(t), summed=True),
    )
    _working_capital(m)
    _value_added_tax(m)
    _maintenance_reserve(m)


def _construction_cost(m: Context) -> None:
    construction = m.project.construction
    capex = m.number("construction.capex", construction.capex)
    growth = m.number("construction.escalation", construction.escalation, "rate")
    m["land_amount"] = m.number("construction.land", construction.land)
    rows = [by_construction_year(m, "capex_main", capex, escalation=growth)]
    for key, item in construction.items.items():
        name = f"construction.items.{key}"
        shares = None
        if item.spending is not None:
            given = m.given.given(f"{name}.spending", item.spending, unit="rate", label=m.name_of(name, key))
            number = m["building_year"]
            shares = m.sheets["building_years"].row(
                f"{name}.spending",
                lambda j, given=given, number=number: call("INDEX", given.span(m.building_years), number.at(j)),
                unit="rate",
                label=m.name_of(name, key),
            )
        rows.append(
            by_construction_year(
                m,
                name,
                m.number(f"{name}.amount", item.amount),
                label=m.name_of(name, key),
                spending=shares,
                escalation=m.number(f"{name}.escalation", item.escalation, "rate"),
            )
        )

    def added(j: int):
        value = rows[0].at(j)
        for row in rows[1:]:
            value = value + row.at(j)
        return value

    m["capex_by_year"] = m.sheets["building_years"].row("capex_by_year", added, summed=True)
    grant = m.number("funding.grant", m.project.funding.grant) if m.project.funding else None
    m["grant_by_year"] = by_construction_year(m, "grant_by_year", grant) if grant is not None else None


def nothing(m: Context, key: str) -> Row:
    """A yearly line that the file does not have: zero, so that later formulas need no exceptions."""
    return m.yearly(key, lambda k: m["operating_year"].at(k) * 0)


def _yearly(m: Context) -> None:
    """What the file gives by operating year."""
    operation, users = m.project.operation, m.project.users
    m.given.heading(m.word("head.operation"))
    for key in ("opex", "lifecycle", "other_revenue"):
        profile = getattr(operation, key)
        if profile is None:
            nothing(m, key)
        else:
            m.yearly(key, m.profile(f"operation.{key}", profile))
    m.number("operation.disposal", operation.disposal)
    if users is None:
        nothing(m, "user_payments")
        return
    m.given.heading(m.word("head.users"))
    if users.payments is not None:
        paid = m.profile("users.payments", users.payments)
    else:
        paid = sold(m, "users", users)
    if users.ramp_up:
        full = [*users.ramp_up, *[1.0] * (m.operating_years - len(users.ramp_up))]
        reached = m.given.given("users.ramp_up", full, unit="rate")
        m.yearly("user_payments", lambda k: paid(k) * reached.at(k))
    else:
        m.yearly("user_payments", paid)


def _working_capital(m: Context) -> None:
    sheet, days = m.sheets["operation"], m.project.working_capital
    zero = lambda key: m.line(key, sheet.row(key, lambda t: m["period"].at(t) * 0))  # noqa: E731
    if days is None:
        for key in ("receivables", "payables", "working_capital_filled"):
            zero(key)
        return
    m.given.heading(m.word("head.working_capital"))
    terms = {
        key: m.number(f"working_capital.{key}", getattr(days, key), "days")
        for key in ("receivable_days", "government_days", "payable_days")
    }
    year = m.fixed("days_a_year", 365, "days")
    sheet.heading(m.word("head.working_capital"))
    pace = sheet.row(
        "pace",
        lambda t: when(
            m["months"].at(t).above(0), (1 - m["last"].at(t)) * m["months_a_year"] / most(m["months"].at(t), 1) / year
        ),
        unit="factor",
    )
    m.line(
        "receivables",
        sheet.row(
            "receivables",
            lambda t: (
                (
                    (m["user_payments"].at(t) + m["other_revenue"].at(t)) * terms["receivable_days"]
                    + m["government_payment"].at(t) * terms["government_days"]
                )
                * pace.at(t)
            ),
        ),
    )
    m.line(
        "payables",
        sheet.row(
            "payables",
            lambda t: (m["opex"].at(t) + m["lifecycle"].at(t)) * terms["payable_days"] * pace.at(t),
        ),
    )
    if days.funded != "construction":
        zero("working_capital_filled")
        return
    net = sheet.row("working_capital", lambda t: m["receivables"].at(t) - m["payables"].at(t))
    m.line(
        "working_capital_filled",
        sheet.row(
            "working_capital_filled",
            lambda t: m["completion"].at(t) * most(product(m["first_operating"].all, net.all), 0),
        ),
    )


def _value_added_tax(m: Context) -> None:
    sheet = m.sheets["operation"]
    vat = m.project.tax.vat if m.project.tax else None
    if vat is None:
        for key in ("vat", "vat_credit", "vat_written_off"):
            m.line(key, sheet.row(key, lambda t: m["period"].at(t) * 0))
        return
    m.given.heading(m.word("head.vat"))
    rate = {
        key: m.number(f"tax.vat.{key}", getattr(vat, key), "rate")
        for key in ("revenue", "government_payment", "capex", "costs")
    }
    sheet.heading(m.word("head.vat"))
    paid = sheet.row(
        "vat_input",
        lambda t: (
            (m["capex"].at(t) - m["land"].at(t)) * rate["capex"]
            + (m["opex"].at(t) + m["lifecycle"].at(t)) * rate["costs"]
        ),
    )
    collected = sheet.row(
        "vat_output",
        lambda t: (
            (m["user_payments"].at(t) + m["other_revenue"].at(t)) * rate["revenue"]
            + m["government_payment"].at(t) * rate["government_payment"]
        ),
    )
    if vat.credit == "refunded":
        kept = lambda row, t: row.before(t) * (1 - m["first_operating"].at(t))  # noqa: E731
    else:
        kept = lambda row, t: row.before(t)  # noqa: E731
    pool = sheet.coming()
    pool = sheet.row("vat_pool", lambda t: most(kept(pool, t) + paid.at(t) - collected.at(t), 0))
    m.line("vat", sheet.row("vat", lambda t: pool.at(t) - pool.before(t), summed=True))
    m.line("vat_credit", sheet.row("vat_credit", lambda t: pool.at(t) * (1 - m["last"].at(t))))
    m.line("vat_written_off", sheet.row("vat_written_off", lambda t: pool.at(t) * m["last"].at(t)))


def _maintenance_reserve(m: Context) -> None:
    sheet = m.sheets["operation"]
    reserves = m.project.funding.reserves if m.project.funding else None
    given = reserves.maintenance if reserves else None
    if given is None:
        m.line("maintenance_reserve", sheet.row("maintenance_reserve", lambda t: m["period"].at(t) * 0))
        return
    sheet.heading(m.word("head.maintenance_reserve"))
    ahead = m.fixed("maintenance_ahead", given.ahead, "months")
    filled = m.fixed("maintenance_filled", 1 if given.funded == "construction" else 0, "flag")
    end, all_ends, costs = m["month_end"], m["month_end"].all, m["lifecycle"].all
    target = lambda t: product(  # noqa: E731
        all_ends.above(end.at(t)) * all_ends.below(end.at(t) + ahead),
        1 - (all_ends - end.at(t)) / ahead,
        costs,
    )
    m.line(
        "maintenance_reserve",
        sheet.row(
            "maintenance_reserve",
            lambda t: target(t) * (m["operating"].at(t) + m["completion"].at(t) * filled),
        ),
    )
