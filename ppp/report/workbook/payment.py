"""What the government pays by operating year: formula, availability, shadow tariff, guarantee. docs/model.md, section 2."""

from __future__ import annotations

from ppp.model.discounting import TIMING
from ppp.model.inputs import Availability, Formula, Guarantee, ShadowTariff
from ppp.quantities import SCALES
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import added, call, most, product, total, when
from ppp.report.workbook.grid import Row


def government_payment(m: Context) -> None:
    """Rows of the sheet of operating years; `payment_parts` names the parts beside the whole."""
    m["payment_parts"] = ()
    m.given.heading(m.word("head.payment"))
    m.sheets["years"].heading(m.word("head.payment"))
    paid = m.project.payment
    match m.inputs_model.payment:
        case None:
            m.yearly("government_payment", lambda k: m["operating_year"].at(k) * 0)
        case Availability():
            _availability(m, paid)
        case ShadowTariff():
            m.yearly("government_payment", sold(m, "payment", paid))
        case Guarantee():
            _guarantee(m, paid)
        case Formula() as formula:
            _formula(m, paid, formula)


def sold(m: Context, section: str, given):
    """demand x tariff, the tariff being in the currency itself."""
    demand = m.profile(f"{section}.demand", given.demand, index=False, unit="number")
    tariff = m.profile(f"{section}.tariff", given.tariff, unit="number")
    scale = m.fixed(f"{section}.demand_scale", SCALES[given.demand_scale])
    unit = m.fixed("unit_of_money", m.scale)
    return lambda k: demand(k) * scale * tariff(k) / unit


def _availability(m: Context, paid) -> None:
    amount = m.profile("payment.amount", paid.amount)
    share = m.number("payment.indexed_share", paid.indexed_share, "rate")
    index = m.number("payment.index", paid.index, "rate")
    through = None if paid.pass_through is None else m.profile("payment.pass_through", paid.pass_through)
    level = m.sheets["years"].row(
        "payment_index",
        lambda k: 1 - share + share * (1 + index) ** (m["operating_year"].at(k) - 1),
        unit="factor",
    )
    base = lambda k: amount(k) * level.at(k)  # noqa: E731
    m.yearly("government_payment", base if through is None else lambda k: base(k) + through(k))


def _guarantee(m: Context, paid) -> None:
    users = m["yearly.user_payments"]
    if paid.minimum_revenue is None:
        m.yearly("guarantee_payment", lambda k: users.at(k) * 0)
    else:
        minimum = m.profile("payment.minimum_revenue", paid.minimum_revenue)
        m.yearly("guarantee_payment", lambda k: most(minimum(k) - users.at(k), 0))
    rows: list[Row] = []
    before = None
    for n, band in enumerate(paid.revenue_share or ()):
        above = m.profile(f"payment.revenue_share.{n}.above", band.above)
        share = m.given.constant(
            f"payment.revenue_share.{n}.government",
            band.government,
            unit="rate",
            label=m.word("band_share", n=str(n + 1)),
        )
        step = share if before is None else share - before
        rows.append(
            m.sheets["years"].row(
                f"band_{n}",
                lambda k, above=above, step=step: step * most(users.at(k) - above(k), 0),
                label=m.word("band", n=str(n + 1)),
            )
        )
        before = share
    m.yearly("revenue_shared", lambda k: added(row.at(k) for row in rows) if rows else users.at(k) * 0)
    m.yearly("government_payment", lambda k: m["yearly.guarantee_payment"].at(k) - m["yearly.revenue_shared"].at(k))
    m["payment_parts"] = ("guarantee_payment", "revenue_shared")


def _formula(m: Context, paid, formula: Formula) -> None:
    """Parts, then what users pay is taken off."""
    profit = m.number("payment.profit_rate", paid.profit_rate, "rate")
    m["formula_profit"] = profit
    discount = m.rate("discounting.rate", m.project.discounting.rate)
    m["formula_rate"] = discount if paid.rate is None else m.rate("payment.rate", paid.rate)
    years = m.sheets["years"]
    term = m.fixed("subsidy_years", formula.years, "years")
    paid_in = m["subsidised"] = years.row(
        "subsidised", lambda k: when((m["operating_year"].at(k) - 1).below(term), 1), unit="flag"
    )
    length = m["operating_length"]
    m["subsidy_length"] = years.single("subsidy_length", product(paid_in.all, length.all), unit="years")
    capital = _capital_part(m, formula)
    running = lambda k: m["yearly.opex"].at(k) + m["yearly.lifecycle"].at(k)  # noqa: E731
    marked = (lambda k: running(k) * (1 + profit)) if formula.mark_up_opex else running
    if formula.method == "equity_annuity_debt_service" and paid.debt_service is not None:
        service = m.profile("payment.debt_service", paid.debt_service)
    else:
        service = lambda k: paid_in.at(k) * 0  # noqa: E731
    rounded = _rounding(m, formula)
    parts = ("payment_capital_part", "payment_running_part", "payment_debt_service_part")
    for key, part in zip(parts, (capital, marked, service), strict=True):
        m.yearly(key, lambda k, part=part: rounded(part(k)))
    m["payment_parts"] = parts
    required = lambda k: added(m[f"yearly.{key}"].at(k) for key in parts)  # noqa: E731
    if not formula.gap:
        m.yearly("government_payment", lambda k: rounded(required(k)))
        return
    _gap(m, paid, formula, required, rounded)


def _rounding(m: Context, formula: Formula):
    if formula.rounding != "yearly":
        return lambda value: value
    unit = m.fixed("rounding_unit", formula.rounding_unit / m.scale)
    return lambda value: call("ROUND", value / unit, 0) * unit


def _gap(m: Context, paid, formula: Formula, required, rounded) -> None:
    """What the formula gives less income, and what becomes of a negative year."""
    years, length = m.sheets["years"], m["operating_length"]
    due = years.row(
        "gap",
        lambda k: (required(k) - m["yearly.user_payments"].at(k) - m["yearly.other_revenue"].at(k)) * length.at(k),
    )
    if formula.when_negative == "floor":
        net = lambda k: most(due.at(k), 0)  # noqa: E731
    elif formula.when_negative == "share":
        share = m.number("payment.excess_share", paid.excess_share or 0.0, "rate")
        net = lambda k: when(due.at(k).below(0), due.at(k) * share, due.at(k))  # noqa: E731
    else:
        credit = years.coming()
        credit = years.row("gap_credit", lambda k: most(credit.before(k) - due.at(k), 0))
        net = lambda k: most(due.at(k) - credit.before(k), 0)  # noqa: E731
    m.yearly("government_payment", lambda k: rounded(net(k) / length.at(k)))


def _capital_part(m: Context, formula: Formula):
    """C (1 + pi)(1 + r)^n / N, a level annuity of it, or a level return of equity."""
    years, rate, profit = m.sheets["years"], m["formula_rate"], m["formula_profit"]
    paid_in, length, number = m["subsidised"], m["operating_length"], m["operating_year"]
    if formula.method != "cai_jin_21":
        ends = years.coming()
        ends = years.row("subsidy_time", lambda k: ends.before(k) + length.at(k), unit="years")
        factors = years.row("subsidy_factor", lambda k: paid_in.at(k) / (1 + rate) ** ends.at(k), unit="factor")
        annuity = years.single("subsidy_annuity", product(length.all, factors.all), unit="factor")
    if formula.method == "equity_annuity_debt_service":
        capital = m.number("assumed_funding.capital", m.project.assumed_funding.capital)
        free = m.number("payment.equity_returned_without_profit", m.project.payment.equity_returned_without_profit)
        return lambda k: paid_in.at(k) * ((capital - free) / annuity + free / m["subsidy_length"])
    cost = _construction_cost(m, formula)
    if formula.method == "level_annuity":
        return lambda k: paid_in.at(k) * cost * (1 + profit) / annuity
    if formula.counting == "from_construction":
        first = m["construction_months"] / m["months_a_year"] + 1
    else:
        first = {"from_one": 1, "from_zero": 0}[formula.counting]
    return lambda k: (
        paid_in.at(k) * cost * (1 + profit) * (1 + rate) ** (number.at(k) - 1 + first) / m["subsidy_length"]
    )


def _construction_cost(m: Context, formula: Formula):
    """C = capex - grant + interest during construction by convention - the government's equity where deducted."""
    sheet, number = m.sheets["building_years"], m["building_year"]
    project = m.project
    land = m["land_amount"] * m["price_index"].at(0) if m.real else m["land_amount"]
    with_land = sheet.row(
        "capex_with_land",
        lambda j: m["capex_by_year"].at(j) + when(number.at(j).equals(1), land),
    )
    capex = sheet.single("formula_capex", total(with_land.all))
    granted = total(m["grant_by_year"].all) if m["grant_by_year"] is not None else None
    net = capex if granted is None else capex - granted
    needed = sheet.single("formula_needed", net)
    assumed, funding = project.assumed_funding, project.funding
    if assumed is not None:
        loan = m.number("assumed_funding.loan", assumed.loan)
        loan_rate = m.number("assumed_funding.loan_rate", assumed.loan_rate, "rate")
        capital = m.number("assumed_funding.capital", assumed.capital)
        share = m.number("assumed_funding.government_share", assumed.government_share, "rate")
    elif funding is not None and funding.debt is not None:
        loan = needed * m.number("funding.debt.max_gearing", funding.debt.max_gearing, "rate")
        loan_rate = m.number("funding.debt.rate", funding.debt.rate, "rate")
        capital, share = needed - loan, m.number("funding.government_share", funding.government_share, "rate")
    else:
        loan = loan_rate = None
        capital = needed if funding is not None else None
        share = m.number("funding.government_share", funding.government_share, "rate") if funding else None
    interest = None
    if m.timeline.construction and formula.interest != "none" and loan is not None:
        interest = _interest(m, formula, with_land, capex, loan, loan_rate)
    cost = needed if interest is None else needed + interest
    if formula.deduct_government_equity and capital is not None:
        cost = cost - capital * share
    return sheet.single("formula_cost", cost)


def _interest(m: Context, formula: Formula, capex_rows: Row, capex, loan, rate):
    """Simple or compound interest on the assumed loan, drawn as capex is spent."""
    sheet = m.sheets["building_years"]
    theta = m.fixed("draw_timing", TIMING[m.inputs_model.draw], label=m.word("draw_timing"))
    drawn = sheet.row("formula_drawn", lambda j: capex_rows.at(j) / capex * loan)
    owed = sheet.coming()
    owed = sheet.row("formula_owed", lambda j: owed.before(j) + drawn.at(j))
    accrued = sheet.coming(1)
    base = lambda j: owed.before(j) + (accrued.before(j) if formula.interest == "compound" else 0)  # noqa: E731
    interest = sheet.row(
        "formula_interest",
        lambda j: rate * m["building_length"].at(j) / m["months_a_year"] * (base(j) + theta * drawn.at(j)),
    )
    sheet.row("formula_accrued", lambda j: accrued.before(j) + interest.at(j))
    return total(interest.all)
