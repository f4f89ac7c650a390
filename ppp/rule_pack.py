"""What a project file must agree on with the rule pack that it names."""

from __future__ import annotations

from collections.abc import Iterator

from ppp import regimes
from ppp.explain import Finding, unknown
from ppp.payment_terms import SubsidyFormula, ViabilityGap
from ppp.project import Indicator, Project
from ppp.quantities import given

Found = Iterator[Finding]

FEWEST_TRIMMED = 3  # experts of whom a mean without the highest and the lowest leaves one


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
        elif not is_choice(pack, key, value):
            choices = pack.conventions[key].allowed
            allowed = ", ".join(str(choice).lower() if isinstance(choice, bool) else choice for choice in choices)
            yield ("conventions", key), f"is not one of the choices, {given(value)}; allowed: {allowed}"
    for key in project.confirmed_rules:
        if key not in pack.rules:
            yield ("confirmed_rules", key), unknown(key, f"a rule of {pack.id}", pack.rules)


def is_choice(pack: regimes.Pack, key: str, value: bool | str) -> bool:
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
    if not is_choice(pack, "subsidy_method", method):
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
    mean = regimes.Rules(pack, project.appraised, project.conventions).convention("qualitative_mean")
    if mean == "trimmed" and min(experts, default=FEWEST_TRIMMED) < FEWEST_TRIMMED:
        asked = f"the convention qualitative_mean: trimmed leaves out the highest and the lowest; given {min(experts)} experts"
        yield ("qualitative",), f"{asked}; allowed: {FEWEST_TRIMMED} or more, or qualitative_mean: all"


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


def _compliance(project: Project) -> Found:
    if project.regime not in regimes.available():
        return
    pack = regimes.load(project.regime)
    for key in project.compliance:
        if key not in pack.compliance:
            known = pack.compliance or ["none: the rule pack has no checklist"]
            yield ("compliance", key), unknown(key, f"a requirement of {pack.id}", known)


CHECKS = (_regime, _conventions, _subsidy, _qualitative, _compliance)
