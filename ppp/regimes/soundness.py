"""What a rule pack must hold for code to apply it: the rules that its tests and choices ask for, within limits, in force all the time.

A pack that lacks one would fail in the middle of an appraisal, or judge by nonsense; here it is refused when its file is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

from ppp.explain import Finding, unknown
from ppp.procurement import Neutrality
from ppp.project import Project

if TYPE_CHECKING:
    from ppp.regimes import DatedValue, Pack

Found = Iterator[Finding]


@dataclass(frozen=True)
class Asked:
    """How code asks for a rule: its form (a field of DatedValue), the limits of its numbers, and whether they are whole."""

    form: str
    lowest: float = 0.0
    highest: float = 1.0
    whole: bool = False


SHARE = Asked("value")
RULES = {
    "market_risk_premium": Asked("value", 0.0, 0.5),
    "discount_schedule": Asked("steps", -0.5, 0.5),  # as a project's own rates
    "optimism_bias_capex": Asked("by", 0.0, 10.0),  # a share of cost that may exceed it
    "psc_range_low": SHARE,
    "psc_range_high": SHARE,
    "qualitative_pass_mark": Asked("value", 0.0, 100.0),
    "qualitative_experts": Asked("value", 1, 1000, whole=True),
    "qualitative_basic_weight": SHARE,
    "qualitative_basic_weight_cap": SHARE,
    "qualitative_supplementary_weight_cap": SHARE,
    "affordability_cap": SHARE,
    "affordability_warning": SHARE,
    "affordability_no_new_government_pay": SHARE,
    "user_pay_share_of_viability_gap": SHARE,
    "budget_growth_years": Asked("value", 1, 100, whole=True),
    "longest_concession": Asked("value", 1, 1000),
    "private_share_strongly_public": SHARE,
}
OF_TESTS = {
    "value_for_money": (),
    "qualitative": ("qualitative_pass_mark", "qualitative_basic_weight"),
    "affordability": ("affordability_cap", "budget_growth_years"),
    "feasibility": ("longest_concession", "private_share_strongly_public"),
}
OF_CHOICES = {
    ("discount_method", "two_rates"): ("market_risk_premium",),
    ("discount_method", "declining"): ("discount_schedule",),
}
OF_SHOWS = {"psc_range": ("psc_range_low", "psc_range_high")}


def pack_problems(pack: Pack, stem: str) -> Found:
    """Everything for which code could not apply the pack in the file of that stem: where, and what is wrong."""
    if pack.id != stem:
        yield ("id",), f"is not the name of the file, given {pack.id}; allowed: {stem}"
    yield from _days(pack)
    for key, rule in pack.rules.items():
        if key not in RULES:
            yield ("rules", key), unknown(key, "a rule that code asks for", RULES)
            continue
        for index, value in enumerate(rule.values):
            yield from _numbers(RULES[key], value, ("rules", key, "values", index))
    for key, why in needed(pack).items():
        yield from _in_force_throughout(pack, key, why)
    yield from _names(pack)


def needed(pack: Pack) -> dict[str, str]:
    """The rules without which a test, a choice of a convention, or something shown cannot be computed -> which of these it is."""
    found: dict[str, str] = {}
    for test in pack.tests:
        found |= dict.fromkeys(OF_TESTS[test], f"the test {test}")
    for (convention, choice), keys in OF_CHOICES.items():
        if choice in pack.conventions[convention].allowed:
            found |= dict.fromkeys(keys, f"{convention}: {choice}")
    for shown in pack.shows:
        found |= dict.fromkeys(OF_SHOWS.get(shown, ()), f"shows: {shown}")
    return found


def _days(pack: Pack) -> Found:
    if pack.valid_to is not None and pack.valid_to < pack.valid_from:
        yield ("valid_to",), f"is before valid_from, given {pack.valid_to}; allowed: {pack.valid_from} or later"
    cited = [(("rules", key, "values", i), v) for key, rule in pack.rules.items() for i, v in enumerate(rule.values)]
    cited += [(("compliance", key), requirement) for key, requirement in pack.compliance.items()]
    cited += [(("score_bands",), pack.score_bands)] if pack.score_bands is not None else []
    for path, entry in cited:
        if entry.to is not None and entry.to < entry.from_:
            yield (*path, "to"), f"is before from, given {entry.to}; allowed: {entry.from_} or later"


def _numbers(asked: Asked, entry: DatedValue, path: tuple) -> Found:
    if getattr(entry, asked.form) is None:
        yield path, f"is not of the form that code asks for; allowed: {asked.form}"
        return
    numbers = {("value",): entry.value} if entry.value is not None else {}
    numbers |= {("steps", i, "value"): step.value for i, step in enumerate(entry.steps or ())}
    numbers |= {("by", name): number for name, number in (entry.by or {}).items()}
    for where, number in numbers.items():
        if not asked.lowest <= number <= asked.highest or (asked.whole and number != int(number)):
            kind = "a whole number" if asked.whole else "a number"
            allowed = f"{kind} from {asked.lowest:g} to {asked.highest:g}"
            yield (*path, *where), f"is outside its limits, given {number:g}; allowed: {allowed}"


def _in_force_throughout(pack: Pack, key: str, why: str) -> Found:
    """A rule that is needed is in force on every day on which the pack is."""
    if key not in pack.rules:
        yield ("rules",), f"{key} is missing; {why} needs it"
        return
    after = pack.valid_from  # the first day for which no value has been found yet
    for value in sorted(pack.rules[key].values, key=lambda v: v.from_):
        if value.from_ > after:
            break
        if value.to is None:
            return
        after = max(after, value.to + dt.timedelta(days=1))
    if pack.valid_to is None or after <= pack.valid_to:
        yield ("rules", key), f"has no value in force on {after}, when the pack is; {why} needs it"


def _names(pack: Pack) -> Found:
    for index, key in enumerate(pack.needs):
        if not _is_key(Project, key.split(".")):
            yield ("needs", index), unknown(key, "a key of a project file", Project.model_fields)
    kinds = get_args(Neutrality.model_fields["kind"].annotation)
    for index, kind in enumerate(pack.neutrality_refuses):
        if kind not in kinds:
            yield ("neutrality_refuses", index), unknown(kind, "a kind of competitive neutrality", kinds)
    if pack.exempt_sectors is not None and pack.exempt_sectors.rule not in pack.rules:
        yield ("exempt_sectors", "rule"), unknown(pack.exempt_sectors.rule, "a rule of this pack", pack.rules)
    if "qualitative" in pack.tests and not any(rule.group == "basic" for rule in pack.indicators.values()):
        yield ("indicators",), "no basic indicator is named; the test qualitative needs one"
    low, high = (pack.rules.get(key) for key in OF_SHOWS["psc_range"])
    if low is not None and high is not None:
        ends = [max(v.value or 0.0 for v in low.values), min(v.value or 0.0 for v in high.values)]
        if ends[0] >= ends[1]:
            yield (
                ("rules", "psc_range_low"),
                f"is not below psc_range_high, given {ends[0]:g}; allowed: below {ends[1]:g}",
            )


def _is_key(model: type[BaseModel], parts: list[str]) -> bool:
    """Whether the dotted key names a section or value that a project file of this model may hold."""
    head, *rest = parts
    field = model.model_fields.get(head)
    if field is None:
        return False
    return not rest or any(_is_key(section, rest) for section in _sections(field.annotation))


def _sections(annotation) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _sections(part)
