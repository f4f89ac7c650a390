"""What must agree between the parts of a district file."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import get_args

from ppp import regimes
from ppp.contingent_terms import disagreements
from ppp.district import BudgetYear, District, Listed
from ppp.explain import Finding, unknown
from ppp.project import Sector

Found = Iterator[Finding]

RESPONSIBILITIES = ("government_equity", "operating_subsidy", "retained_risk", "supporting_input")
SECTORS = get_args(Sector)
OPTIONAL_BUDGETS = tuple(key for key in BudgetYear.model_fields if key not in ("year", "expenditure"))


def _budgets(district: District) -> Found:
    """A column of the budgets is given for every recorded year or for none: a hole would be read as zero."""
    for key in OPTIONAL_BUDGETS:
        missing = [index for index, entry in enumerate(district.budget) if getattr(entry, key) is None]
        if missing and len(missing) < len(district.budget):
            years = ", ".join(str(district.budget[index].year) for index in missing)
            yield ("budget", missing[0], key), f"is missing for {years}; allowed: every recorded year, or none"
    for key in OPTIONAL_BUDGETS:
        holds_zero = any(getattr(entry, key) == 0.0 for entry in district.budget)
        if holds_zero and getattr(district.other_growth, key) is None:
            yield ("other_growth", key), "is missing; a recorded year of zero shows no growth, so give it by hand"
    pairs = (("fund_revenue", "fund_expenditure"), ("capital_revenue", "capital_expenditure"))
    first = district.budget[0]
    for one, other in pairs:
        if (getattr(first, one) is None) != (getattr(first, other) is None):
            lacking = other if getattr(first, other) is None else one
            yield ("budget", 0, lacking), f"is missing; allowed: {one} and {other} together, or neither"
    if first.transfers is not None and first.revenue is None:
        yield ("budget", 0, "revenue"), "is missing; transfers come beside the district's own revenue"


def _rules(district: District) -> Found:
    if district.regime is None:
        if district.projects is not None:
            yield ("regime",), f"is missing; the report needs a rule book; allowed: {', '.join(regimes.available())}"
    elif district.regime not in regimes.available():
        yield ("regime",), unknown(district.regime, "a rule pack", regimes.available())
    elif "affordability_cap" not in regimes.load(district.regime).rules:
        yield ("regime",), f"has no limit of fiscal spending, given {district.regime}; allowed: a pack that has one"


def _debt(district: District) -> Found:
    if district.debt is None:
        return
    if district.budget[0].revenue is None or district.budget[0].fund_revenue is None:
        yield ("debt",), "needs revenue and fund_revenue in every budget year: debt is measured against them"
    for kind in ("general", "special"):
        stock = getattr(district.debt, kind)
        due = sum(stock.principal)
        if due > stock.outstanding * (1.0 + 1e-9):
            said = f"adds to {due:.12g}; allowed: up to the outstanding {stock.outstanding:.12g}"
            yield ("debt", kind, "principal"), said


def _places(district: District) -> Found:
    """The grades divide by the number of places, this one among them."""
    places = district.places
    if places is None:
        return
    if places.all < 1.0:
        yield ("places", "all"), f"counts this place too, given {places.all:g}; allowed: 1 or more"
    elif places.in_default > places.all - 1.0:
        said = f"counts others than this place, given {places.in_default:g} of {places.all:g}"
        yield ("places", "in_default"), f"{said}; allowed: up to {places.all - 1.0:g}"


def _sectors(district: District) -> Found:
    for key, commitment in district.commitments.items():
        if commitment.sector not in SECTORS:
            yield ("commitments", key, "sector"), unknown(commitment.sector, "a sector", SECTORS)
    for sector in district.plan.sector_limits if district.plan else ():
        if sector not in SECTORS:
            yield ("plan", "sector_limits", sector), unknown(sector, "a sector", SECTORS)
    if district.accounts is not None:
        for key in district.accounts.sectors:
            if key not in SECTORS:
                yield ("accounts", "sectors", key), unknown(key, "a sector", SECTORS)
        for key in district.accounts.spending:
            if key not in RESPONSIBILITIES:
                yield ("accounts", "spending", key), unknown(key, "a spending responsibility", RESPONSIBILITIES)


def _projects(district: District) -> Found:
    projects = district.projects or {}
    needs_rate = projects or district.guarantees
    if needs_rate and district.discount_rate is None:
        yield ("discount_rate",), "is missing; projects and guarantees are valued with it"
    for key, listed in projects.items():
        where = ("projects", key)
        for need in listed.needs:
            if need not in projects:
                yield (*where, "needs"), unknown(need, "a project of this file", projects)
            elif need == key:
                yield (*where, "needs"), "names the project itself; allowed: other projects"
        if listed.stage == "committed":
            for name in ("defer_up_to", "scales"):
                if getattr(listed, name):
                    yield (*where, name), "goes with stage: candidate; a committed project is not moved or scaled"
            for need in listed.needs:
                if need in projects and projects[need].stage == "candidate":
                    yield (*where, "needs"), f"a committed project cannot wait for a candidate, given {need}"
        if any(scale <= 0.0 or scale >= 1.0 for scale in listed.scales):
            yield (*where, "scales"), "holds a size that is none; allowed: above 0% and below 100%"
        if len(set(listed.scales)) < len(listed.scales):
            yield (*where, "scales"), "names a size twice; allowed: each once"
        for path, said in disagreements(listed):
            yield (*where, *path), said
    if cycle := _cycle(projects):
        yield ("projects", cycle[0], "needs"), f"goes in a circle: {' > '.join(cycle)}; allowed: no circle"


def _cycle(projects: dict[str, Listed]) -> list[str]:
    """A circle of needs, if there is one: the names along it, the first one again at its end."""
    needs = {key: [need for need in listed.needs if need in projects] for key, listed in projects.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def _plan(district: District) -> Found:
    projects, plan = district.projects or {}, district.plan
    candidates = [key for key, listed in projects.items() if listed.stage == "candidate"]
    if plan is None:
        return
    for name in plan.wished:
        if name not in candidates:
            yield ("plan", "wished"), unknown(name, "a candidate of this file", candidates or ["none"])
    if plan.objective == "priority":
        for key in candidates:
            if projects[key].priority is None:
                yield ("projects", key, "priority"), "is missing; plan: objective: priority needs it"
    if not plan.staff:
        for key in candidates:
            if projects[key].staff:
                yield ("plan", "staff"), f"is missing; {key} needs staff"


CHECKS = (_budgets, _rules, _debt, _places, _sectors, _projects, _plan)
