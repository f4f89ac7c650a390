"""What must agree between the parts of one file. A finding says what was given and what is allowed.

A part that was refused already is a Refused; a check that needs it ends there, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from ppp import comparability, rule_pack
from ppp.district import District
from ppp.explain import AlreadyRefused, Finding, unknown
from ppp.lines import LINES, RESULTS
from ppp.project import Availability, Project, SubsidyFormula, UserPay, ViabilityGap
from ppp.quantities import Profile, given

Found = Iterator[Finding]


def project_problems(project: Project) -> list[Finding]:
    """(path, message) of every disagreement between the parts of a project."""
    checks = [
        _prices,
        _dates,
        _construction,
        _operation,
        _users,
        _payment,
        _comparator,
        _support,
        _funding,
        _tax,
    ]
    checks += [_district, _published, *rule_pack.CHECKS, *comparability.CHECKS]
    return [finding for check in checks for finding in _until_refused(check(project))]


def district_problems(district: District) -> list[Finding]:
    """(path, message) of every disagreement between the parts of a district."""
    return list(_until_refused(_years(district)))


def _until_refused(findings: Found) -> Found:
    try:
        yield from findings
    except AlreadyRefused:
        return


def _years(district: District) -> Found:
    years = [entry.year for entry in district.budget]
    if years != list(range(years[0], years[0] + len(years))):
        allowed = "allowed: every year once, in order"
        yield ("budget",), f"the years do not follow one another, {given(years)}; {allowed}"
    if district.growth is None and len(district.budget) < 2:
        yield ("growth",), "is missing; one recorded year shows no growth, so give growth or more years"
    for index, entry in enumerate(district.budget):
        if entry.expenditure == 0:
            yield (
                ("budget", index, "expenditure"),
                "is zero, so no share of it can be taken; allowed: an amount above zero",
            )


def _prices(project: Project) -> Found:
    real = project.price_basis == "real"
    for key in ("price_year", "inflation"):
        value = getattr(project, key)
        if real and value is None:
            needs = "a real file needs price_year and inflation to reach the money of each year"
            yield (key,), f"is missing; {needs}"
        if not real and value is not None:
            yield (key,), "belongs to a real file; this file says price_basis: nominal"
    if real:
        fixed = "is fixed in the money of each year; a real file cannot hold it"
        payment = project.payment
        if isinstance(payment, Availability) and (payment.index or payment.indexed_share):
            yield (
                ("payment", "index"),
                "a real file's payment follows inflation already; remove index and indexed_share",
            )
        if isinstance(payment, SubsidyFormula) and payment.debt_service is not None:
            yield ("payment", "debt_service"), fixed
        if project.assumed_funding is not None:
            yield ("assumed_funding",), fixed
    basis = project.discounting.basis
    if basis is not None and basis != project.price_basis:
        said = f"given {basis} in a file whose price_basis is {project.price_basis}"
        yield ("discounting", "basis"), f"mixes bases, {said}; allowed: {project.price_basis}"


def _dates(project: Project) -> Found:
    close = project.timeline.financial_close
    if project.appraised > close and project.published is None:
        said = f"given {project.appraised}; allowed: {close} or earlier"
        yield ("appraised",), f"is after financial close, {said}"


def _construction(project: Project) -> Found:
    years, spending = project.timeline.construction, project.construction.spending
    if spending is None:
        return
    where = ("construction", "spending")
    if len(spending) != max(years, 1):
        yield where, f"has {len(spending)} shares for {years} construction years; allowed: {max(years, 1)}"
    elif abs(sum(spending) - 1.0) > 1e-9:
        yield where, f"the shares add to {sum(spending):.6%}; allowed: 100%"


def _length(profile: Profile | None, years: int, *where: str) -> Found:
    if profile is not None and profile.values is not None and len(profile.values) != years:
        yield where, f"has {len(profile.values)} values for {years} years; allowed: {years}"


def _operation(project: Project) -> Found:
    for key in ("opex", "lifecycle", "other_revenue"):
        yield from _length(getattr(project.operation, key), project.timeline.operation, "operation", key)


def _comparator(project: Project) -> Found:
    comparator, years = project.comparator, project.timeline.operation
    if comparator is None:
        return
    for key in ("opex", "lifecycle", "third_party_revenue"):
        yield from _length(getattr(comparator, key), years, "comparator", key)
    for key, item in comparator.competitive_neutrality.items():
        yield from _item(item.phase, item.amount, years, "comparator", "competitive_neutrality", key, "amount")


def _support(project: Project) -> Found:
    years = project.timeline.operation
    for key, item in project.support.items():
        yield from _item(item.phase, item.cost, years, "support", key, "cost")
        if item.paid is not None:
            yield from _item(item.phase, item.paid, years, "support", key, "paid")


def _item(phase: str, profile: Profile, years: int, *where: str) -> Found:
    if phase == "construction":
        if profile.values is not None or profile.growth:
            yield (
                where,
                "falls in construction, so it is one amount, spread as capex is spent; allowed: a number",
            )
    else:
        yield from _length(profile, years, *where)


def _users(project: Project) -> Found:
    if project.users is None and isinstance(project.payment, (UserPay, ViabilityGap)):
        yield ("users",), f"is missing; payment: {project.payment.kind} needs what users pay"
    if project.users is not None:
        for key in ("payments", "demand", "tariff"):
            yield from _length(getattr(project.users, key), project.timeline.operation, "users", key)


def _payment(project: Project) -> Found:
    payment, years = project.payment, project.timeline.operation
    if isinstance(payment, Availability):
        yield from _length(payment.amount, years, "payment", "amount")
    if isinstance(payment, SubsidyFormula):
        yield from _length(payment.debt_service, years, "payment", "debt_service")
        if payment.years is not None and not 1 <= payment.years <= years:
            allowed = f"allowed: 1 to {years} years"
            yield ("payment", "years"), f"must fall in operation, given {payment.years} years; {allowed}"


def _funding(project: Project) -> Found:
    if project.funding is not None and project.assumed_funding is not None:
        yield ("assumed_funding",), "goes with files that have no funding model; this one has funding"
    funding, capex = project.funding, project.construction.capex
    if funding is None:
        if project.published is None:
            yield ("funding",), "is missing; only a published example may go without a funding model"
        elif project.tax is not None:
            yield ("tax",), "needs a funding model: interest and depreciation follow from it"
        return
    if funding.grant > capex:
        yield (
            ("funding", "grant"),
            f"is more than capex, given {funding.grant:.12g}; allowed: up to {capex:.12g}",
        )
    years = project.timeline.operation
    if funding.debt is not None and funding.debt.tenor > years:
        said = f"given {funding.debt.tenor} years; allowed: up to {years} years"
        yield ("funding", "debt", "tenor"), f"is longer than operation, {said}"


def _tax(project: Project) -> Found:
    if project.tax is None or project.tax.depreciation is None:
        return
    extra = 1 if project.tax.first_year == "half" else 0
    if not 1 <= project.tax.depreciation <= project.timeline.operation - extra:
        most = project.timeline.operation - extra
        said = f"given {project.tax.depreciation} years; allowed: 1 to {most} years"
        yield ("tax", "depreciation"), f"must end within operation, {said}"


def _district(project: Project) -> Found:
    district = project.budget
    if district is not None and district.currency != project.currency:
        said = f"keeps its budget in {district.currency}, the project is in {project.currency}"
        yield ("district",), f"{said}; allowed: one currency"
    if district is not None:
        first, needed = min(entry.year for entry in district.budget), project.timeline.financial_close.year
        if first > needed:
            yield (
                ("district",),
                f"its budget begins in {first}, the project in {needed}; allowed: a budget from {needed} on or earlier",
            )


def _published(project: Project) -> Found:
    if (project.published is None) != (project.status != "published"):
        yield ("status",), "status: published and the section published go together"
    for index, figure in enumerate(project.published.figures if project.published else []):
        where = ("published", "figures", index)
        if figure.line is not None and figure.line not in LINES:
            yield (*where, "line"), unknown(figure.line, "a line", LINES)
        if figure.result is not None and figure.result not in RESULTS:
            yield (*where, "result"), unknown(figure.result, "a result", RESULTS)
        if figure.year is not None and figure.year > project.timeline.operation:
            allowed = f"allowed: 1 to {project.timeline.operation}"
            yield (*where, "year"), f"is after the last operating year, given {figure.year}; {allowed}"
        if figure.scenario is not None and figure.scenario not in project.scenarios:
            scenarios = list(project.scenarios) or ["none"]
            yield (*where, "scenario"), unknown(figure.scenario, "a scenario of this file", scenarios)
