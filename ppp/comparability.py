"""What must agree between the parts of a file for two options to be comparable: discounting, the reference project, risks, bids."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ppp import regimes
from ppp.explain import Finding, unknown
from ppp.procurement import Distribution, Phase, Risk
from ppp.project import Project
from ppp.quantities import Profile
from ppp.rule_pack import is_choice

Found = Iterator[Finding]


def _rules(project: Project) -> regimes.Rules | None:
    """The pack with the project's conventions; None where one of them is refused already."""
    if project.regime not in regimes.available():
        return None
    pack = regimes.load(project.regime)
    if any(key in pack.conventions and not is_choice(pack, key, v) for key, v in project.conventions.items()):
        return None
    return regimes.Rules(pack, project.appraised, dict(project.conventions))


def _discounting(project: Project) -> Found:
    """Both sides are discounted alike unless the rule book says how they differ; what it needs for that must be there."""
    rules = _rules(project)
    if rules is None:
        return
    basis = rules.pack.price_basis
    if basis != "either" and project.price_basis != basis and project.published is None:
        yield ("price_basis",), f"is not that of {rules.pack.id}, given {project.price_basis}; allowed: {basis}"
    method, given_risk = rules.convention("discount_method"), project.discounting.systematic_risk
    two = "two_rates" in rules.pack.conventions["discount_method"].allowed
    if method == "two_rates" and given_risk is None and project.comparator is not None:
        yield (
            ("discounting", "systematic_risk"),
            f"is missing; {rules.pack.id} discounts the PPP at a rate of its own, and without it the comparison is refused",
        )
    if given_risk is not None and not two:
        message = f"is not used: {rules.pack.id} discounts both sides at one rate; remove it or name another regime"
        yield ("discounting", "systematic_risk"), message
    if method == "financing_cost":
        if project.funding is None or project.funding.debt is None:
            yield ("funding",), "needs debt; the convention discount_method: financing_cost takes its rate"
        if project.discounting.equity_rate is None:
            yield ("discounting", "equity_rate"), "is missing; the convention discount_method: financing_cost needs it"


def _comparator(project: Project) -> Found:
    rules, comparator = _rules(project), project.comparator
    if rules is None or comparator is None:
        return
    pack = rules.pack
    may_wait = "delayed" in pack.conventions["comparator_start"].allowed
    if comparator.delay is not None and not may_wait:
        yield ("comparator", "delay"), f"both options start together in {pack.id}; remove it, or name another regime"
    if comparator.delay is None and rules.convention("comparator_start") == "delayed":
        yield ("comparator", "delay"), "is missing; the convention comparator_start: delayed needs it"
    bias, table = comparator.optimism_bias, rules.choices("optimism_bias_capex")
    if bias is not None and bias.kind is not None and bias.kind not in table:
        known = table or ["none: the rule pack has no such table; give upper_bound"]
        yield ("comparator", "optimism_bias", "kind"), unknown(bias.kind, f"in the table of {pack.id}", known)
    if comparator.contingency > comparator.capex:
        allowed = f"given {comparator.contingency:.12g}; allowed: up to {comparator.capex:.12g}"
        yield ("comparator", "contingency"), f"is part of capex and cannot be more, {allowed}"
    if comparator.reference == "hypothetical" and comparator.adjustments:
        yield ("comparator", "adjustments"), "go with reference: recent_project; a hypothetical one is designed to fit"
    yield from _neutrality(project, rules)


def _neutrality(project: Project, rules: regimes.Rules) -> Found:
    for key, item in project.comparator.competitive_neutrality.items():
        where = ("comparator", "competitive_neutrality", key, "kind")
        if item.kind in rules.pack.neutrality_refuses:
            yield (
                where,
                f"{rules.pack.id} does not allow it in competitive neutrality, given {item.kind}; remove the item",
            )
        elif item.kind == "income_tax" and rules.convention("tax_adjustment") == "company_tax":
            yield where, "is counted already by the convention tax_adjustment: company_tax; remove one of the two"


def _risks(project: Project) -> Found:
    for key, earlier in _listed_twice(project.risks):
        yield ("risks", key, "name"), f"this risk is listed already as {earlier}; remove one, or say how they differ"
    for section in ("bids", "routes"):
        for name, entry in getattr(project, section).items():
            for key in entry.transferred:
                if key not in project.risks:
                    yield (section, name, "transferred", key), unknown(key, "a risk of this file", project.risks)


def _district(project: Project) -> Found:
    rules = _rules(project)
    if rules is not None and project.district is not None and "affordability" not in rules.pack.tests:
        yield (
            ("district",),
            f"the rule pack {rules.pack.id} has no affordability test; remove it or name another regime",
        )


def _listed_twice(risks: dict[str, Risk]) -> list[tuple[str, str]]:
    """(key, earlier key) of risks that say the same: one name in either language and phase, but for case, spaces and punctuation."""
    seen: dict[tuple[str, str, str], str] = {}
    found = []
    for key, risk in risks.items():
        names = [(lang, risk.phase, _bare(text)) for lang, text in risk.name.items()]
        earlier = next((seen[name] for name in names if name in seen), None)
        if earlier is not None:
            found.append((key, earlier))
        for name in names:
            seen.setdefault(name, key)
    return found


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _years_of(project: Project, phase: Phase) -> int:
    timeline = project.timeline
    return timeline.operating_years if phase == "operation" else timeline.construction_years


def _lengths(project: Project) -> Found:
    """A list has one amount for each year of its phase; what falls in construction is one amount."""
    for name, bid in project.bids.items():
        yield from _profile(project, bid.payment, "operation", "bids", name, "payment")
        for key, item in bid.adjustments.items():
            yield from _profile(project, item.amount, item.phase, "bids", name, "adjustments", key, "amount")
    for name, route in project.routes.items():
        for key in ("opex", "payments", "revenue"):
            yield from _profile(project, getattr(route, key), "operation", "routes", name, key)
    for key, item in (project.comparator.adjustments if project.comparator else {}).items():
        yield from _profile(project, item.amount, item.phase, "comparator", "adjustments", key, "amount")
    for key, risk in project.risks.items():
        yield from _timing(project, risk.distribution, risk.phase, key)


def _profile(project: Project, profile: Profile | None, phase: Phase, *where: str) -> Found:
    if profile is None:
        return
    if phase == "construction":
        if profile.values is not None or profile.growth:
            yield where, "falls in construction, so it is one amount, spread as capex is spent; allowed: a number"
    elif profile.values is not None and len(profile.values) != project.timeline.operating_years:
        years = project.timeline.operating_years
        yield where, f"has {len(profile.values)} values for {years} years; allowed: {years}"


def _timing(project: Project, given: Distribution | None, phase: Phase, key: str) -> Found:
    years = _years_of(project, phase)
    if given is not None and given.timing is not None and len(given.timing) != years:
        where = ("risks", key, "distribution", "timing")
        yield where, f"has {len(given.timing)} shares for {years} years; allowed: {years}"


def _beside_a_comparator(project: Project) -> Found:
    for section in ("bids", "routes"):
        if getattr(project, section) and project.comparator is None:
            yield (section,), "are set beside a comparator, which is missing; allowed: a file with comparator"


CHECKS = (_discounting, _comparator, _risks, _district, _lengths, _beside_a_comparator)
