"""The government's side: its spending, the reference project, value for money, and the share of the budget."""

from __future__ import annotations

from ppp.appraisal.evaluation import valuation_time
from ppp.appraisal.value_for_money import PPP_PARTS, PSC_PARTS
from ppp.model.discounting import TIMING
from ppp.quantities import SCALES
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr, call, product, total, when
from ppp.report.workbook.grid import DISTRICT_MONEY, FIXED, Row, Sheet
from ppp.report.workbook.results import government_shares, result
from ppp.report.workbook.timing import by_construction_year


def _add(parts: list[Expr], m: Context, t: int) -> Expr:
    if not parts:
        return m["period"].at(t) * 0
    value = parts[0]
    for part in parts[1:]:
        value = value + part
    return value


def _item(m: Context, sheet: Sheet, key: str, phase: str, profile, name: str) -> Row:
    """A named amount of one phase by period."""
    if phase == "construction":
        amount = m.number(f"{key}.start", profile.start) * m.number(f"{key}.times", profile.times, "number")
        by_year = by_construction_year(m, key, amount, label=name)
        return sheet.row(key, m.building(by_year), label=name, summed=True)
    yearly = m.sheets["years"].row(key, m.profile(key, profile), label=name)
    return sheet.row(key, m.spread(yearly), label=name, summed=True)


def government_lines(m: Context) -> None:
    """The four responsibilities and their sum."""
    project = m.project
    sheet = m.open("value", m.timeline.rows)
    if project.comparator is not None:
        _comparator(m, sheet)
    if project.risks:
        m.given.heading(m.word("head.risks"))
        sheet.heading(m.word("head.risks"))
    whole = {key: _expected(m, sheet, key, risk) for key, risk in project.risks.items()}
    borne = {key: m.number(f"risks.{key}.transferred", risk.transferred, "rate") for key, risk in project.risks.items()}
    m.line(
        "transferred_risk",
        sheet.row(
            "transferred_risk",
            lambda t: _add([row.at(t) * borne[key] for key, row in whole.items()], m, t),
            summed=True,
        ),
    )
    m.line(
        "retained_risk",
        sheet.row(
            "retained_risk",
            lambda t: _add([row.at(t) * (1 - borne[key]) for key, row in whole.items()], m, t),
            summed=True,
        ),
    )
    if project.comparator is None:
        del m.book.lines["transferred_risk"]
    _support(m, sheet)
    sheet.heading(m.word("head.government"))
    _equity(m, sheet)
    m.line("operating_subsidy", sheet.row("operating_subsidy", m["government_payment"].at, summed=True))
    parts = ("government_equity", "operating_subsidy", "retained_risk", "supporting_input")
    m.line(
        "fiscal_spending",
        sheet.row("fiscal_spending", lambda t: _add([m[key].at(t) for key in parts], m, t), summed=True),
    )


def _support(m: Context, sheet: Sheet) -> None:
    rows: list[tuple[Row, Row | None]] = []
    if m.project.support:
        m.given.heading(m.word("head.support"))
        sheet.heading(m.word("head.support"))
    for key, item in m.project.support.items():
        name = m.name_of(f"support.{key}", key)
        cost = _item(m, sheet, f"support.{key}.cost", item.phase, item.cost, name)
        paid = None
        if item.paid is not None:
            paid = _item(m, sheet, f"support.{key}.paid", item.phase, item.paid, m.word("paid_for", name=name))
        rows.append((cost, paid))

    def support(t: int) -> Expr:
        parts = [cost.at(t) if paid is None else cost.at(t) - paid.at(t) for cost, paid in rows]
        if m.has("grant"):
            parts.append(m["grant"].at(t))
        return _add(parts, m, t)

    m.line("supporting_input", sheet.row("supporting_input", support, summed=True))


def _equity(m: Context, sheet: Sheet) -> None:
    assumed = m.project.assumed_funding
    if m.project.funding is not None:
        share, kept = government_shares(m)
        equity, received = m["equity"].at, m["distributions"].at
        m.line(
            "government_distributions", sheet.row("government_distributions", lambda t: kept * received(t), summed=True)
        )
        m.line("government_equity", sheet.row("government_equity", lambda t: share * equity(t), summed=True))
        return
    m.line("government_distributions", sheet.row("government_distributions", lambda t: m["period"].at(t) * 0))
    if assumed is not None:
        share = m.number("assumed_funding.government_share", assumed.government_share, "rate")
        by_year = by_construction_year(m, "assumed_capital", m.number("assumed_funding.capital", assumed.capital))
        equity = m.building(by_year)
    else:
        m.line("government_equity", sheet.row("government_equity", lambda t: m["period"].at(t) * 0))
        return
    m.line("government_equity", sheet.row("government_equity", lambda t: share * equity(t), summed=True))


def _expected(m: Context, sheet: Sheet, key: str, risk) -> Row:
    """Expected cost of a risk by period, whoever bears it."""
    name = m.name_of(f"risks.{key}", key)
    if risk.outcomes is None:
        ratio = m.number(f"risks.{key}.ratio", risk.ratio, "rate")
        if risk.phase == "construction":
            base = m["psc_capex"] if m.project.comparator else _own_capex(m)
            return sheet.row(f"risks.{key}", lambda t: base.at(t) * ratio, label=name, summed=True)
        running = m["psc_running"] if m.project.comparator else None
        base_at = running.at if running else lambda t: m["opex"].at(t) + m["lifecycle"].at(t)
        return sheet.row(f"risks.{key}", lambda t: base_at(t) * ratio, label=name, summed=True)
    expected = None
    for n, outcome in enumerate(risk.outcomes):
        about = {"name": name, "n": str(n + 1)}
        chance = m.given.constant(
            f"risks.{key}.{n}.probability", outcome.probability, unit="rate", label=m.word("outcome_chance", **about)
        )
        cost = m.given.constant(f"risks.{key}.{n}.cost", outcome.cost, label=m.word("outcome_cost", **about))
        expected = chance * cost if expected is None else expected + chance * cost
    if risk.phase == "construction":
        index = m["building_index"].at if m.real else None
        by_year = m.sheets["building_years"].row(
            f"risks.{key}", lambda j: expected if index is None else expected * index(j), label=name
        )
        return sheet.row(f"risks.{key}", m.building(by_year), label=name, summed=True)
    yearly = m.sheets["years"].row(
        f"risks.{key}", lambda k: expected * m["operating_index"].at(k) if m.real else expected, label=name
    )
    return sheet.row(f"risks.{key}", m.spread(yearly), label=name, summed=True)


def _own_capex(m: Context) -> Row:
    """Capex without further items, escalation and land, on which the ratio of a construction risk is reckoned without a comparator."""
    if not m.has("risk_base"):
        by_year = by_construction_year(m, "risk_base_by_year", m.book.inputs["construction.capex"])
        m["risk_base"] = m.sheets["value"].row("risk_base", m.building(by_year), summed=True)
    return m["risk_base"]


def _comparator(m: Context, sheet: Sheet) -> None:
    comparator = m.project.comparator
    m.given.heading(m.word("head.comparator"))
    sheet.heading(m.word("head.comparator"))
    by_year = by_construction_year(
        m, "comparator.capex_by_year", m.number("comparator.capex", comparator.capex), label=m.word("psc_by_year")
    )
    m.line("psc_capex", sheet.row("psc_capex", m.building(by_year), summed=True))
    running = m.profile("comparator.opex", comparator.opex)
    renewals = None if comparator.lifecycle is None else m.profile("comparator.lifecycle", comparator.lifecycle)
    yearly = m.sheets["years"].row(
        "psc_running", lambda k: running(k) if renewals is None else running(k) + renewals(k)
    )
    m.line("psc_running", sheet.row("psc_running", m.spread(yearly), summed=True))
    disposal = m.at_flag(m.number("comparator.disposal", comparator.disposal), "last")
    if comparator.third_party_revenue is not None:
        revenue = m.sheets["years"].row(
            "psc_revenue", m.profile("comparator.third_party_revenue", comparator.third_party_revenue)
        )
        spread = m.spread(revenue)
        earned = lambda t: spread(t) + disposal(t)  # noqa: E731
    else:
        earned = lambda t: m["user_payments"].at(t) + m["other_revenue"].at(t) + disposal(t)  # noqa: E731
    m.line("psc_revenue", sheet.row("psc_revenue", earned, summed=True))
    rows = [
        _item(
            m,
            sheet,
            f"comparator.competitive_neutrality.{key}.amount",
            item.phase,
            item.amount,
            m.name_of(f"comparator.competitive_neutrality.{key}", key),
        )
        for key, item in comparator.competitive_neutrality.items()
    ]
    m.line("neutrality", sheet.row("neutrality", lambda t: _add([row.at(t) for row in rows], m, t), summed=True))


def value_for_money(m: Context) -> None:
    """Both sides as present values at one rate, date and timing."""
    if m.project.comparator is None:
        return
    sheet, theta = m.sheets["value"], TIMING[m.rules.convention("discount_timing")]
    sheet.heading(m.word("head.present_values"))
    rate = m.rate("discounting.rate", m.project.discounting.rate)
    shift = m.fixed("discount_timing", theta)
    start = m["construction_months"] / m["months_a_year"]
    base = start if valuation_time(m.rules, m.timeline) else start * 0
    factor = sheet.row(
        "discount_factor",
        lambda t: 1 / (1 + rate) ** (m["time"].at(t) - base - shift * m["months"].at(t) / m["months_a_year"]),
        unit="factor",
    )
    sides = {"psc": PSC_PARTS, "ppp_value": PPP_PARTS}
    for key, parts in sides.items():
        cells = []
        for part, sign in parts.items():
            worth = product(m[part].all, factor.all)
            label = m.word("worth_of", name=m.book.described(part, None, "", "")[1])
            cells.append(sheet.single(f"{key}.{part}", worth if sign > 0 else 0 - worth, label=label))
        value: Expr = cells[0]
        for cell in cells[1:]:
            value = value + cell
        result(m, sheet, key, value)
    psc, ppp = m.book.results["psc"], m.book.results["ppp_value"]
    amount = result(m, sheet, "vfm_amount", psc - ppp)
    result(m, sheet, "vfm_index", when(psc.above(0), amount / psc, m.word("none")), "rate")


def budget_share(m: Context) -> None:
    """Spending by calendar year against the budget, existing commitments included."""
    years = m.timeline.calendar_years.tolist()
    sheet = m.open("fiscal", len(years))
    year = m["fiscal_year"] = sheet.given("fiscal_year", years, unit="year", status=FIXED)
    own = sheet.row(
        "own_spending",
        lambda y: product(m["budget_year"].all.equals(year.at(y)) * m["fiscal_spending"].all),
        summed=True,
    )
    m["own_spending"] = own
    result(m, sheet, "fiscal_total", total(m["fiscal_spending"].all))
    district = m.project.budget
    if district is None:
        return
    unit = m.fixed("district_unit", SCALES[district.unit] / m.scale)
    sheet.heading(m.word("head.existing"))
    rows = []
    for key, commitment in district.commitments.items():
        spending = {commitment.from_year + n: float(amount) for n, amount in enumerate(commitment.spending)}
        rows.append(
            sheet.given(
                f"commitments.{key}",
                [spending.get(y, 0.0) for y in years],
                unit=DISTRICT_MONEY,
                label=commitment.name[m.lang],
            )
        )
    existing = sheet.row(
        "existing", lambda y: _add([row.at(y) for row in rows], m, 0) * unit if rows else year.at(y) * 0, summed=True
    )
    sheet.heading(m.word("head.budget"))
    budget = _budget(m, sheet, district, year, unit)
    share = sheet.row("share", lambda y: (existing.at(y) + own.at(y)) / budget.at(y), unit="rate")
    alone = sheet.row("share_alone", lambda y: own.at(y) / budget.at(y), unit="rate")
    result(m, sheet, "share_peak", call("MAX", share.all), "rate")
    result(m, sheet, "share_peak_alone", call("MAX", alone.all), "rate")


def _budget(m: Context, sheet: Sheet, district, year: Row, unit) -> Row:
    """As recorded where known, else the base grown from the last known year."""
    known = {entry.year: float(entry.expenditure) for entry in district.budget}
    m.given.heading(m.word("head.district"))
    ordered = sorted(known)
    names = m.given.given("budget_years", ordered, unit="year", status=FIXED)
    spent = m.given.given("budget_expenditure", [known[y] for y in ordered], unit=DISTRICT_MONEY)
    count = len(ordered)
    all_years, all_spent = names.span(count), spent.span(count)
    last = call("MAX", all_years)
    by_rule = m.evaluation.forecast_by_rule
    averaged = int(m.rules.value("budget_growth_years")) if by_rule else 1
    if district.growth is not None:
        growth = m.given.constant("budget_growth", district.growth, unit="rate")
    else:
        rates = [spent.at(n) / spent.at(n - 1) - 1 for n in range(max(1, count - averaged), count)]
        growth = sheet.single("budget_growth", _average(rates) if rates else year.at(0) * 0, unit="rate")
    if m.rules.convention("budget_base") == "last_year":
        level = call("INDEX", all_spent, m.fixed("budget_count", count))
    else:
        level = _average([spent.at(n) for n in range(max(0, count - averaged), count)])
    base = sheet.single("budget_base", level, unit=DISTRICT_MONEY)
    return sheet.row(
        "budget",
        lambda y: (
            unit
            * when(
                product(all_years.equals(year.at(y)) * 1).above(0),
                product(all_years.equals(year.at(y)) * all_spent),
                base * (1 + growth) ** (year.at(y) - last),
            )
        ),
    )


def _average(parts: list[Expr]) -> Expr:
    return call("AVERAGE", *parts)
