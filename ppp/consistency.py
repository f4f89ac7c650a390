"""What must agree between the parts of one project file. Each problem names its key and says what was given and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator

from ppp import regimes
from ppp.project import Availability, Project, SubsidyFormula, UserPay, ViabilityGap
from ppp.quantities import Profile

KeyPath = tuple[str | int, ...]
Found = Iterator[tuple[KeyPath, str]]


def project_problems(project: Project) -> list[tuple[KeyPath, str]]:
    """(path, message) of every disagreement."""
    checks = (_prices, _regime, _construction, _profiles, _users, _payment, _funding, _tax, _qualitative, _district, _published)
    return [problem for check in checks for problem in check(project)]


def _prices(project: Project) -> Found:
    real = project.price_basis == "real"
    for key in ("price_year", "inflation"):
        value = getattr(project, key)
        if real and value is None:
            yield (key,), "is missing; a real file needs price_year and inflation to reach the money of each year"
        if not real and value is not None:
            yield (key,), "belongs to a real file; this file says price_basis: nominal"
    if real:
        fixed = "is fixed in the money of each year; a real file cannot hold it"
        payment = project.payment
        if isinstance(payment, Availability) and (payment.index or payment.indexed_share):
            yield ("payment", "index"), "a real file's payment follows inflation already; remove index and indexed_share"
        if isinstance(payment, SubsidyFormula) and payment.debt_service is not None:
            yield ("payment", "debt_service"), fixed
        if project.assumed_funding is not None:
            yield ("assumed_funding",), fixed
    basis = project.discounting.basis
    if basis is not None and basis != project.price_basis:
        yield ("discounting", "basis"), f"mixes bases, given {basis} in a file whose price_basis is {project.price_basis}; allowed: {project.price_basis}"


def _regime(project: Project) -> Found:
    if project.regime not in regimes.available():
        yield ("regime",), f"there is no such rule pack, given {project.regime}; allowed: {', '.join(regimes.available())}"
        return
    pack = regimes.load(project.regime)
    if project.appraised < pack.valid_from:
        yield ("appraised",), f"is before the rule pack {pack.id} began, given {project.appraised}; allowed: {pack.valid_from} or later"
    if pack.valid_to is not None and project.appraised > pack.valid_to and not project.stock_project:
        yield ("appraised",), f"is after the rule pack {pack.id} ended on {pack.valid_to}, given {project.appraised}; allowed: stock_project: true, or another regime"
    if project.appraised > project.timeline.financial_close and project.published is None:
        yield ("appraised",), f"is after financial close, given {project.appraised}; allowed: {project.timeline.financial_close} or earlier"
    for key, value in project.conventions.items():
        if key not in pack.conventions:
            yield ("conventions", key), f"is not a convention of {pack.id}; allowed: {', '.join(pack.conventions)}"
        elif value not in pack.conventions[key].allowed or isinstance(value, bool) != isinstance(pack.conventions[key].default, bool):
            allowed = ", ".join(str(choice).lower() if isinstance(choice, bool) else choice for choice in pack.conventions[key].allowed)
            yield ("conventions", key), f"is not one of the choices, given {value}; allowed: {allowed}"
    for key in project.confirmed_rules:
        if key not in pack.rules:
            yield ("confirmed_rules", key), f"is not a rule of {pack.id}; allowed: {', '.join(pack.rules)}"


def _construction(project: Project) -> Found:
    years, spending = project.timeline.construction, project.construction.spending
    if spending is None:
        return
    where = ("construction", "spending")
    if len(spending) != max(years, 1):
        yield where, f"has {len(spending)} shares for {years} construction years; allowed: {max(years, 1)}"
    if abs(sum(spending) - 1.0) > 1e-9:
        yield where, f"the shares add to {sum(spending):.6%}; allowed: 100%"


def _profiles(project: Project) -> Found:
    years = project.timeline.operation

    def check(profile: Profile | None, *where: str | int, length: int = years) -> Found:
        if profile is not None and profile.values is not None and len(profile.values) != length:
            yield where, f"has {len(profile.values)} values for {length} years; allowed: {length}"

    operation, comparator, payment = project.operation, project.comparator, project.payment
    for key in ("opex", "lifecycle", "other_revenue"):
        yield from check(getattr(operation, key), "operation", key)
    if project.users is not None:
        for key in ("payments", "demand", "tariff"):
            yield from check(getattr(project.users, key), "users", key)
    if isinstance(payment, Availability):
        yield from check(payment.amount, "payment", "amount")
    if isinstance(payment, SubsidyFormula):
        yield from check(payment.debt_service, "payment", "debt_service")
    if comparator is not None:
        for key in ("opex", "lifecycle", "third_party_revenue"):
            yield from check(getattr(comparator, key), "comparator", key)
        for key, item in comparator.competitive_neutrality.items():
            yield from _item(item.phase, item.amount, years, "comparator", "competitive_neutrality", key, "amount")
    for key, item in project.support.items():
        yield from _item(item.phase, item.cost, years, "support", key, "cost")
        if item.paid is not None:
            yield from _item(item.phase, item.paid, years, "support", key, "paid")


def _item(phase: str, profile: Profile, years: int, *where: str) -> Found:
    if phase == "construction":
        if profile.values is not None or profile.growth:
            yield where, "falls in construction, so it is one amount, spread as capex is spent; allowed: a number"
    elif profile.values is not None and len(profile.values) != years:
        yield where, f"has {len(profile.values)} values for {years} years; allowed: {years}"


def _users(project: Project) -> Found:
    if project.users is None and isinstance(project.payment, (UserPay, ViabilityGap)):
        yield ("users",), f"is missing; payment: {project.payment.kind} needs what users pay"


def _payment(project: Project) -> Found:
    payment = project.payment
    if not isinstance(payment, SubsidyFormula) or project.regime not in regimes.available():
        return
    conventions = regimes.Rules(regimes.load(project.regime), project.appraised, project.conventions)
    if payment.years is not None and not 1 <= payment.years <= project.timeline.operation:
        yield ("payment", "years"), f"must fall in operation, given {payment.years} years; allowed: 1 to {project.timeline.operation} years"
    passes_through = conventions.convention("subsidy_method") == "equity_annuity_debt_service"
    if passes_through and payment.debt_service is None:
        yield ("payment", "debt_service"), "is missing; the convention subsidy_method: equity_annuity_debt_service passes it through"
    if passes_through and project.assumed_funding is None:
        yield ("assumed_funding",), "is missing; the convention subsidy_method: equity_annuity_debt_service needs the capital"
    if not passes_through and payment.debt_service is not None:
        yield ("payment", "debt_service"), "is not used by the convention subsidy_method in force; remove it or set the convention"
    if isinstance(payment, ViabilityGap) and conventions.convention("negative_gap") == "share" and payment.excess_share is None:
        yield ("payment", "excess_share"), "is missing; the convention negative_gap: share needs it"


def _funding(project: Project) -> Found:
    if project.funding is not None and project.assumed_funding is not None:
        yield ("assumed_funding",), "goes with files that have no funding model; this one has funding"
    if project.tax is not None and project.funding is None:
        yield ("tax",), "needs a funding model: interest and depreciation follow from it"
    if project.funding is None and project.published is None:
        yield ("funding",), "is missing; only a published example may go without a funding model"
    if project.funding is None:
        return
    if project.funding.grant > project.construction.capex:
        yield ("funding", "grant"), f"is more than capex, given {project.funding.grant:g}; allowed: up to {project.construction.capex:g}"
    debt = project.funding.debt
    if debt is not None and debt.tenor > project.timeline.operation:
        yield ("funding", "debt", "tenor"), f"is longer than operation, given {debt.tenor} years; allowed: up to {project.timeline.operation} years"


def _tax(project: Project) -> Found:
    if project.tax is None or project.tax.depreciation is None:
        return
    extra = 1 if project.tax.first_year == "half" else 0
    if not 1 <= project.tax.depreciation <= project.timeline.operation - extra:
        most = project.timeline.operation - extra
        yield ("tax", "depreciation"), f"must end within operation, given {project.tax.depreciation} years; allowed: 1 to {most} years"


def _qualitative(project: Project) -> Found:
    if project.qualitative is None or project.regime not in regimes.available():
        return
    pack = regimes.load(project.regime)
    if "qualitative" not in pack.tests:
        yield ("qualitative",), f"the rule pack {pack.id} has no qualitative assessment"
        return
    rules = regimes.Rules(pack, project.appraised)
    for key in project.qualitative:
        if key not in pack.indicators:
            yield ("qualitative", key), f"is not an indicator of {pack.id}; allowed: {', '.join(pack.indicators)}"
    for key, indicator in pack.indicators.items():
        given = project.qualitative.get(key)
        if indicator.group == "basic" and given is None:
            yield ("qualitative",), f"the basic indicator {key} is missing"
        cap_key = f"qualitative_{indicator.group}_weight_cap"
        if given is not None and rules.has(cap_key) and given.weight > rules.value(cap_key) + 1e-12:
            yield ("qualitative", key, "weight"), f"is above the cap, given {given.weight:.4g}; allowed: up to {rules.value(cap_key):.0%}"
    weights = {"basic": 0.0, "supplementary": 0.0}
    for key, entry in project.qualitative.items():
        if key in pack.indicators:
            weights[pack.indicators[key].group] += entry.weight
    if rules.has("qualitative_basic_weight"):
        basic = rules.value("qualitative_basic_weight")
        for group, wanted in (("basic", basic), ("supplementary", 1.0 - basic)):
            if abs(weights[group] - wanted) > 1e-9:
                yield ("qualitative",), f"the {group} weights add to {weights[group]:.4%}; allowed: {wanted:.0%}"
    experts = {len(entry.scores) for entry in project.qualitative.values()}
    if len(experts) > 1:
        yield ("qualitative",), f"the indicators have different numbers of experts, given {sorted(experts)}; allowed: one score by each expert"


def _district(project: Project) -> Found:
    district = project.budget
    if district is None:
        return
    if district.currency != project.currency:
        yield ("district",), f"keeps its budget in {district.currency}, the project is in {project.currency}; allowed: one currency"


def _published(project: Project) -> Found:
    from ppp.lines import LINES, RESULTS

    if (project.published is None) != (project.status != "published"):
        yield ("status",), "status: published and the section published go together"
    for index, figure in enumerate(project.published.figures if project.published else []):
        where = ("published", "figures", index)
        if figure.line is not None and figure.line not in LINES:
            yield (*where, "line"), f"is not a line, given {figure.line}; allowed: {', '.join(LINES)}"
        if figure.result is not None and figure.result not in RESULTS:
            yield (*where, "result"), f"is not a result, given {figure.result}; allowed: {', '.join(RESULTS)}"
        if figure.year is not None and figure.year > project.timeline.operation:
            yield (*where, "year"), f"is after the last operating year, given {figure.year}; allowed: 1 to {project.timeline.operation}"
        if figure.scenario is not None and figure.scenario not in project.scenarios:
            yield (*where, "scenario"), f"there is no such scenario, given {figure.scenario}; allowed: {', '.join(project.scenarios) or 'none'}"
