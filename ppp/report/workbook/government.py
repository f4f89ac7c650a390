"""The government's side: its spending, the reference project, and the share of the budget."""

from __future__ import annotations

from ppp.quantities import SCALES
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr, call, product, total, when
from ppp.report.workbook.grid import DISTRICT_MONEY, FIXED, Row, Sheet
from ppp.report.workbook.results import government_shares, result
from ppp.report.workbook.risks import risk_lines
from ppp.report.workbook.timing import by_construction_year


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
    risk_lines(m, sheet)
    if project.comparator is None:
        del m.book.lines["transferred_risk"]
    _support(m, sheet)
    sheet.heading(m.word("head.government"))
    _equity(m, sheet)
    m.line("operating_subsidy", sheet.row("operating_subsidy", m["government_payment"].at, summed=True))
    parts = ("government_equity", "operating_subsidy", "retained_risk", "supporting_input")
    m.line(
        "fiscal_spending",
        sheet.row("fiscal_spending", lambda t: m.added([m[key].at(t) for key in parts], t), summed=True),
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
        return m.added(parts, t)

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


def _comparator(m: Context, sheet: Sheet) -> None:
    comparator = m.project.comparator
    m.given.heading(m.word("head.comparator"))
    sheet.heading(m.word("head.comparator"))
    by_year = by_construction_year(
        m, "comparator.capex_by_year", m.number("comparator.capex", comparator.capex), label=m.word("psc_by_year")
    )
    spread = m.building(by_year)
    added = _adjustments(m, sheet, "construction")
    m.line("psc_capex", sheet.row("psc_capex", lambda t: _signed(spread(t), added, t), summed=True))
    _optimism_bias(m, sheet)
    running = m.profile("comparator.opex", comparator.opex)
    renewals = None if comparator.lifecycle is None else m.profile("comparator.lifecycle", comparator.lifecycle)
    extra = _adjustments(m, sheet, "operation")
    yearly = m.sheets["years"].row(
        "psc_running",
        lambda k: _signed(running(k) if renewals is None else running(k) + renewals(k), extra, k),
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
    m.line("neutrality", sheet.row("neutrality", lambda t: m.added([row.at(t) for row in rows], t), summed=True))
    _tax_adjustment(m, sheet)


def _adjustments(m: Context, sheet: Sheet, phase: str) -> list[tuple[bool, Row]]:
    """What makes the reference project comparable: (whether it adds, its amounts), by period in construction, by year in operation."""
    found = []
    for key, item in m.project.comparator.adjustments.items():
        dotted, name = f"comparator.adjustments.{key}.amount", m.name_of(f"comparator.adjustments.{key}", key)
        if item.phase != phase:
            continue
        if phase == "construction":
            row = _item(m, sheet, dotted, phase, item.amount, name)
        else:
            row = m.sheets["years"].row(dotted, m.profile(dotted, item.amount), label=name)
        found.append((item.direction == "adds", row))
    return found


def _signed(value: Expr, parts: list[tuple[bool, Row]], t: int) -> Expr:
    for adds, row in parts:
        value = value + row.at(t) if adds else value - row.at(t)
    return value


def _optimism_bias(m: Context, sheet: Sheet) -> None:
    """Reference construction x upper bound x what has not been mitigated."""
    bias = m.project.comparator.optimism_bias
    if bias is None:
        m.line("optimism_bias", sheet.row("optimism_bias", lambda t: m["period"].at(t) * 0, summed=True))
        return
    label = m.word("bias_bound")
    if bias.kind is None:
        bound = m.number("comparator.optimism_bias.upper_bound", bias.upper_bound, "rate", label)
    else:
        bound = m.fixed("optimism_bias_capex", m.rules.entry("optimism_bias_capex", bias.kind), "rate", label)
    mitigated = m.number("comparator.optimism_bias.mitigated", bias.mitigated, "rate", m.word("bias_mitigated"))
    m.line(
        "optimism_bias",
        sheet.row("optimism_bias", lambda t: m["psc_capex"].at(t) * bound * (1 - mitigated), summed=True),
    )


def _tax_adjustment(m: Context, sheet: Sheet) -> None:
    """The company's own tax, where the rule book adds it to the reference project."""
    if m.rules.convention("tax_adjustment") == "company_tax" and m.has("tax"):
        m.line("tax_adjustment", sheet.row("tax_adjustment", m["tax"].at, summed=True))
    else:
        m.line("tax_adjustment", sheet.row("tax_adjustment", lambda t: m["period"].at(t) * 0, summed=True))


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
        "existing", lambda y: m.added([row.at(y) for row in rows], 0) * unit if rows else year.at(y) * 0, summed=True
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
