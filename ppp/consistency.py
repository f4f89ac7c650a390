"""What must agree between the parts of one file. A finding says what was given and what is allowed.

A part that was refused already is a Refused; a check that needs it ends there, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from ppp import comparability, contract_checks, district_checks, rule_pack
from ppp.arrays import timeline_of
from ppp.contingent_terms import disagreements, unguaranteed
from ppp.district import District
from ppp.explain import AlreadyRefused, Finding, unknown
from ppp.financing import Debt
from ppp.lines import LINES, RESULTS
from ppp.payment_terms import Availability, SubsidyFormula, UserPay, ViabilityGap
from ppp.project import Project
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
    checks += [_contingent, _district, _published, *rule_pack.CHECKS, *comparability.CHECKS, *contract_checks.CHECKS]
    return [finding for check in checks for finding in _until_refused(check(project))]


def district_problems(district: District) -> list[Finding]:
    """(path, message) of every disagreement between the parts of a district."""
    checks = (_years, *district_checks.CHECKS)
    return [finding for check in checks for finding in _until_refused(check(district))]


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
    construction, years = project.construction, project.timeline.construction_years
    lists = [(("construction", "spending"), construction.spending)]
    lists += [(("construction", "items", key, "spending"), item.spending) for key, item in construction.items.items()]
    for where, spending in lists:
        yield from _shares(spending, years, "construction years", *where)


def _shares(shares: list[float] | None, years: int, counted: str, *where: str) -> Found:
    if shares is None:
        return
    if len(shares) != years:
        yield where, f"has {len(shares)} shares for {years} {counted}; allowed: {years}"
    elif abs(sum(shares) - 1.0) > 1e-9:
        yield where, f"the shares add to {sum(shares):.6%}; allowed: 100%"


def _length(profile: Profile | None, years: int, *where: str) -> Found:
    if profile is not None and profile.values is not None and len(profile.values) != years:
        yield where, f"has {len(profile.values)} values for {years} years; allowed: {years}"


def _operation(project: Project) -> Found:
    for key in ("opex", "lifecycle", "other_revenue"):
        yield from _length(getattr(project.operation, key), project.timeline.operating_years, "operation", key)


def _comparator(project: Project) -> Found:
    comparator, years = project.comparator, project.timeline.operating_years
    if comparator is None:
        return
    for key in ("opex", "lifecycle", "third_party_revenue"):
        yield from _length(getattr(comparator, key), years, "comparator", key)
    for key, item in comparator.competitive_neutrality.items():
        yield from _item(item.phase, item.amount, years, "comparator", "competitive_neutrality", key, "amount")


def _support(project: Project) -> Found:
    years = project.timeline.operating_years
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
    years = project.timeline.operating_years
    if project.users is None and isinstance(project.payment, (UserPay, ViabilityGap)):
        yield ("users",), f"is missing; payment: {project.payment.kind} needs what users pay"
    if project.users is not None:
        for key in ("payments", "demand", "tariff"):
            yield from _length(getattr(project.users, key), years, "users", key)
        if len(project.users.ramp_up or ()) > years:
            said = f"has {len(project.users.ramp_up)} shares for {years} operating years; allowed: up to {years}"
            yield ("users", "ramp_up"), said


def _contingent(project: Project) -> Found:
    """As a district asks it of its own entries; here the file itself says who pays and what is guaranteed."""
    terms = project.contingent
    if terms is None:
        return
    for path, said in disagreements(terms):
        yield ("contingent", *path), said
    if terms.revenue_guarantee is not None:
        floor = getattr(project.payment, "minimum_revenue", None)
        rows = {"user_payments": [float(project.users is not None)], "minimum_revenue": [float(floor is not None)]}
        for path, said in unguaranteed(terms.revenue_guarantee, rows):
            yield ("contingent", *path), said


def _payment(project: Project) -> Found:
    payment, years = project.payment, project.timeline.operating_years
    _ = payment.kind  # ends this check where the payment was refused already
    profiles = {key: value for key in type(payment).model_fields if isinstance(value := getattr(payment, key), Profile)}
    for key, profile in profiles.items():
        yield from _length(profile, years, "payment", key)
    if isinstance(payment, SubsidyFormula):
        if payment.years is not None and not 1 <= payment.years <= project.timeline.operation // 12:
            allowed = f"allowed: 1 to {project.timeline.operation // 12} years"
            yield ("payment", "years"), f"must fall in operation, given {payment.years} years; {allowed}"
    if isinstance(payment, UserPay):
        before = payment.minimum_revenue
        for index, band in enumerate(payment.revenue_share or ()):
            where = ("payment", "revenue_share", index, "above")
            yield from _length(band.above, years, *where)
            if before is not None and not _above(band.above, before, years):
                yield (
                    where,
                    "begins below the guarantee or the band before it in some year; allowed: bands in rising order above it",
                )
            before = band.above


def _above(profile: Profile, other: Profile, years: int) -> bool:
    def amount(one: Profile, year: int) -> float:
        listed = one.values[year] if one.values is not None else one.start * (1.0 + one.growth) ** year
        return listed * one.times

    lists = [one.values for one in (profile, other) if one.values is not None]
    if any(len(values) != years for values in lists):
        return True  # said already, at the list
    return all(amount(profile, year) >= amount(other, year) for year in range(years))


def _funding(project: Project) -> Found:
    if project.funding is not None and project.assumed_funding is not None:
        yield ("assumed_funding",), "goes with files that have no funding model; this one has funding"
    funding, capex = project.funding, project.construction.capex
    if funding is None:
        if project.published is None:
            yield ("funding",), "is missing; only a published example may go without a funding model"
            return
        for key, what in (("tax", "interest and depreciation"), ("distributions", "what may be distributed")):
            if getattr(project, key) is not None:
                yield (key,), f"needs a funding model: {what} follow from it"
        return
    if funding.grant > capex:
        yield (
            ("funding", "grant"),
            f"is more than capex, given {funding.grant:.12g}; allowed: up to {capex:.12g}",
        )
    tranches = [(("funding", "debt"), funding.debt)] if funding.debt is not None else []
    tranches += [(("funding", "further_debt", key), debt) for key, debt in funding.further_debt.items()]
    for where, debt in tranches:
        for key, message in _tranche(project, debt):
            yield (*where, *key), message
    ranks = [debt.rank for debt in funding.further_debt.values()]
    for index, (key, debt) in enumerate(funding.further_debt.items()):
        if debt.rank != "shareholder" and "shareholder" in ranks[:index]:
            said = "a lender's tranche after a shareholder loan, which would then be paid before it"
            yield ("funding", "further_debt", key, "rank"), f"is {said}; allowed: shareholder loans last"
    if "senior" in funding.further_debt:
        yield ("funding", "further_debt", "senior"), "is the name of the first tranche (debt); allowed: another name"
    if funding.reserves and funding.reserves.debt_service and not any(d for _, d in tranches if _lent(d)):
        yield ("funding", "reserves", "debt_service"), "holds the service of debt, and the file has no lender's debt"


def _lent(debt: Debt) -> bool:
    return getattr(debt, "rank", "senior") != "shareholder"


def _tranche(project: Project, debt: Debt) -> Found:
    timeline = timeline_of(project)
    operation, ends = timeline.operation, set(timeline.boundaries[timeline.operating] - timeline.construction)
    if debt.tenor > operation:
        said = f"given {length(debt.tenor)}; allowed: up to {length(operation)}"
        yield ("tenor",), f"is longer than operation, {said}"
        return
    for key in ("tenor", "grace"):
        months = getattr(debt, key)
        if months and months not in ends:
            near = sorted(ends, key=lambda end: abs(end - months))[:2]
            allowed = " or ".join(length(int(end)) for end in sorted(near))
            yield (key,), f"does not end with a period of the model, given {length(months)}; nearest: {allowed}"
    years = -(-debt.tenor // 12)
    if debt.principal is not None:
        yield from _shares(debt.principal, years, "years of the tenor", "principal")
        if any(debt.principal[: debt.grace // 12]):
            yield ("principal",), "repays in years that are wholly in grace; allowed: 0 in those years"
        if debt.tail > operation - debt.tenor:
            yield ("tail",), "would cut the shares of principal; allowed: a tenor that leaves the tail free"
    if timeline.operating_rows_within(operation - debt.tail) <= timeline.operating_rows_within(debt.grace):
        said = f"given {length(debt.tail)} of {length(operation)} of operation"
        yield ("tail",), f"leaves no period in which to repay, {said}"


def length(months: int) -> str:
    """A length of time as a file writes it."""
    whole, rest = divmod(months, 12)
    return f"{months} months" if rest else f"{whole} years"


def _tax(project: Project) -> Found:
    if project.tax is None:
        return
    if project.tax.depreciation is None:
        for key in ("method", "first_year"):
            if key in project.tax.model_fields_set and getattr(project.tax, key) not in ("straight_line", "full"):
                yield ("tax", key), "needs depreciation, the years of the schedule"
        return
    extra = 1 if project.tax.first_year == "half" else 0
    most = project.timeline.operation // 12 - extra
    if not 1 <= project.tax.depreciation <= most:
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
        if figure.year is not None and figure.year > project.timeline.operating_years:
            allowed = f"allowed: 1 to {project.timeline.operating_years}"
            yield (*where, "year"), f"is after the last operating year, given {figure.year}; {allowed}"
        if figure.scenario is not None and figure.scenario not in project.scenarios:
            scenarios = list(project.scenarios) or ["none"]
            yield (*where, "scenario"), unknown(figure.scenario, "a scenario of this file", scenarios)
