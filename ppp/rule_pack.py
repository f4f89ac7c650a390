"""What a project file must agree on with the rule pack that it names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ppp import regimes
from ppp.explain import Finding, unknown
from ppp.procurement import Risk
from ppp.project import Indicator, Project, SubsidyFormula, ViabilityGap
from ppp.quantities import given

Found = Iterator[Finding]


def _regime(project: Project) -> Found:
    if project.regime not in regimes.available():
        yield ("regime",), unknown(project.regime, "a rule pack", regimes.available())
        return
    pack = regimes.load(project.regime)
    day = f"given {project.appraised}"
    if project.appraised < pack.valid_from:
        allowed = f"allowed: {pack.valid_from} or later"
        yield ("appraised",), f"is before the rule pack {pack.id} began, {day}; {allowed}"
    if pack.valid_to is not None and project.appraised > pack.valid_to and not project.stock_project:
        allowed = "allowed: stock_project: true, or another regime"
        yield ("appraised",), f"is after the rule pack {pack.id} ended on {pack.valid_to}, {day}; {allowed}"


def _conventions(project: Project) -> Found:
    if project.regime not in regimes.available():
        return
    pack = regimes.load(project.regime)
    for key, value in project.conventions.items():
        if key not in pack.conventions:
            yield ("conventions", key), unknown(key, f"a convention of {pack.id}", pack.conventions)
        elif not _is_choice(pack, key, value):
            choices = pack.conventions[key].allowed
            allowed = ", ".join(str(choice).lower() if isinstance(choice, bool) else choice for choice in choices)
            yield ("conventions", key), f"is not one of the choices, {given(value)}; allowed: {allowed}"
    for key in project.confirmed_rules:
        if key not in pack.rules:
            yield ("confirmed_rules", key), unknown(key, f"a rule of {pack.id}", pack.rules)


def _is_choice(pack: regimes.Pack, key: str, value: bool | str) -> bool:
    convention = pack.conventions[key]
    return value in convention.allowed and isinstance(value, bool) == isinstance(convention.default, bool)


def _subsidy(project: Project) -> Found:
    """What the conventions ask of a payment by formula."""
    payment = project.payment
    if not isinstance(payment, SubsidyFormula) or project.regime not in regimes.available():
        return
    pack = regimes.load(project.regime)
    conventions = regimes.Rules(pack, project.appraised, project.conventions)
    method = conventions.convention("subsidy_method")
    if not _is_choice(pack, "subsidy_method", method):
        return
    setting = "the convention subsidy_method: equity_annuity_debt_service"
    if method == "equity_annuity_debt_service":
        if payment.debt_service is None:
            yield ("payment", "debt_service"), f"is missing; {setting} passes it through"
        if project.assumed_funding is None and project.funding is None:
            yield ("assumed_funding",), f"is missing; {setting} needs the capital"
    elif payment.debt_service is not None:
        unused = "is not used by the convention subsidy_method in force"
        yield ("payment", "debt_service"), f"{unused}; remove it or set the convention"
    shares = isinstance(payment, ViabilityGap) and conventions.convention("negative_gap") == "share"
    if shares and payment.excess_share is None:
        yield ("payment", "excess_share"), "is missing; the convention negative_gap: share needs it"


def _qualitative(project: Project) -> Found:
    if project.qualitative is None or project.regime not in regimes.available():
        return
    pack = regimes.load(project.regime)
    if "qualitative" not in pack.tests:
        yield ("qualitative",), f"the rule pack {pack.id} has no qualitative assessment"
        return
    others = [key for key in project.qualitative if key not in pack.indicators]
    for key in others:
        yield ("qualitative", key), unknown(key, f"an indicator of {pack.id}", pack.indicators)
    if not others:  # else the indicator that was meant is missing, and the sums are short, for that reason
        yield from _weights(project.qualitative, pack, regimes.Rules(pack, project.appraised))
    experts = {len(entry.scores) for entry in project.qualitative.values()}
    if len(experts) > 1:
        counts = f"given {sorted(experts)}; allowed: one score by each expert"
        yield ("qualitative",), f"the indicators have different numbers of experts, {counts}"


def _weights(qualitative: dict[str, Indicator], pack: regimes.Pack, rules: regimes.Rules) -> Found:
    """Which indicators are there, and their weights; each step only where the one before found nothing."""
    missing = [key for key, rule in pack.indicators.items() if rule.group == "basic" and key not in qualitative]
    for key in missing:
        yield ("qualitative",), f"the basic indicator {key} is missing"
    too_heavy = False
    for key, entry in qualitative.items():
        cap_key = f"qualitative_{pack.indicators[key].group}_weight_cap"
        if rules.has(cap_key) and entry.weight > rules.value(cap_key) + 1e-12:
            too_heavy = True
            allowed = f"allowed: up to {rules.value(cap_key):.0%}"
            yield ("qualitative", key, "weight"), f"is above the cap, given {entry.weight:.4%}; {allowed}"
    if missing or too_heavy or not rules.has("qualitative_basic_weight"):
        return
    basic = rules.value("qualitative_basic_weight")
    for group, wanted in (("basic", basic), ("supplementary", 1.0 - basic)):
        total = sum(entry.weight for key, entry in qualitative.items() if pack.indicators[key].group == group)
        if abs(total - wanted) > 1e-9:
            yield ("qualitative",), f"the {group} weights add to {total:.4%}; allowed: {wanted:.0%}"


def _rules(project: Project) -> regimes.Rules | None:
    """The pack with the project's conventions; None where one of them is refused already."""
    if project.regime not in regimes.available():
        return None
    pack = regimes.load(project.regime)
    if any(key in pack.conventions and not _is_choice(pack, key, v) for key, v in project.conventions.items()):
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


CHECKS = (_regime, _conventions, _subsidy, _qualitative, _discounting, _comparator, _risks, _district)
