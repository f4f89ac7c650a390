"""What must hold for the draws that a file asks for: known inputs, values that they may take, correlations that can be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ppp import overlays
from ppp.consistency import project_problems
from ppp.databook import kind_of
from ppp.draws import NAMED, RISK, has_spread, plan_of, put, rank_matrix
from ppp.explain import AlreadyRefused, Finding, Refused, checked, unknown
from ppp.model.sampling import MOST_DIMENSIONS, consistent, nearest_correlation, normal_correlation
from ppp.problems import Problem
from ppp.project import Project
from ppp.provenance import Inputs
from ppp.quantities import given
from ppp.reading import KeyPath

INPUTS: KeyPath = ("simulation", "inputs")
MOST_DRAWN = MOST_DIMENSIONS // 2


def simulation_problems(project: Project, inputs: Inputs, base: list[Finding]) -> list[Problem]:
    """What is wrong with the section `simulation` that is not in `base`, the findings on the file itself."""
    terms = project.simulation
    if terms is None or isinstance(terms, Refused):
        return []
    try:
        findings = [*_named(project), *_loans(project), *_risks(project)]
        if not findings and not base:
            findings = [*_correlations(project), *_reached(project, inputs)]
    except AlreadyRefused:
        return []
    return [inputs.problem(*finding) for finding in findings]


def _named(project: Project) -> Iterator[Finding]:
    terms, setters = project.simulation, {}
    if len(terms.inputs) > MOST_DRAWN:
        yield INPUTS, f"has {len(terms.inputs)} entries; allowed: at most {MOST_DRAWN}"
        return
    for name, drawn in terms.inputs.items():
        how = "sets" if drawn.sets else "multiplies" if drawn.multiplies else "adds_to"
        where = (*INPUTS, name, how)
        if len(set(drawn.moves)) < len(drawn.moves):
            yield where, "names an input twice"
        for key in drawn.moves:
            try:
                _, value = overlays.number_at(project, key)
            except KeyError as error:
                yield where, f"{error.args[0]}; allowed: the dotted key of a number that can vary"
                continue
            if how == "multiplies" and value == 0.0:
                yield where, f"{key} is zero in the file, so a factor moves nothing; allowed: adds_to or sets"
            if how == "sets" and key in setters:
                yield where, f"{key} is set by {setters[key]} already; allowed: one quantity that sets an input"
            if how == "sets":
                setters.setdefault(key, name)


def _loans(project: Project) -> Iterator[Finding]:
    if project.simulation.loan == overlays.HELD and not has_loan(project):
        yield ("simulation", "loan"), "there is no loan to hold; allowed: resized, or a file with funding.debt"


def has_loan(project: Project) -> bool:
    funding = project.funding
    return funding is not None and (funding.debt is not None or bool(funding.further_debt))


def _risks(project: Project) -> Iterator[Finding]:
    if project.simulation.risks == "drawn" and not any(has_spread(risk) for risk in project.risks.values()):
        said = "no risk has outcomes or a distribution to draw from"
        yield ("simulation", "risks"), f"{said}; allowed: expected, or such a risk"


def _correlations(project: Project) -> Iterator[Finding]:
    terms, plan = project.simulation, plan_of(project)
    names, pairs = plan.names if plan else (), set()
    for index, entry in enumerate(terms.correlations):
        where = ("simulation", "correlations", index, "between")
        for name in entry.between:
            if name not in names:
                yield where, unknown(name, "a quantity that is drawn", names)
        pair = frozenset(entry.between)
        if len(pair) == 1 or pair in pairs:
            said = "names one quantity twice" if len(pair) == 1 else "says a pair again"
            yield where, f"{said}; allowed: each pair of two once"
        pairs.add(pair)
    matrix = normal_correlation(rank_matrix(names, terms))
    if names and not consistent(matrix):
        near = 6.0 / np.pi * np.arcsin(nearest_correlation(matrix) / 2.0)
        cure = "; ".join(
            f"{' and '.join(e.between)} {near[names.index(e.between[0]), names.index(e.between[1])]:.1%}"
            for e in terms.correlations
            if all(name in names for name in e.between)
        )
        yield (
            ("simulation", "correlations"),
            f"contradict one another: no variables can have them all; the nearest that can be: {cure}",
        )


def _reached(project: Project, inputs: Inputs) -> Iterator[Finding]:
    """The ends of what each input is given must be values of it, in a file that is valid with them."""
    plan = plan_of(project)
    for key, ends in plan.reach().items() if plan else ():
        moved_by = [random.name for random in plan.randoms if key in random.keys]
        if moved_by == [key] and not key.startswith(RISK.format("")):
            continue  # a range, whose ends were checked as such
        where = (*INPUTS, moved_by[0]) if moved_by[0] in project.simulation.inputs else ("simulation",)
        for end in dict.fromkeys(ends):
            change: dict[str, object] = {}
            # a rate as a file writes it, so that what is out of range is not taken for a slip of the pen
            put(change, overlays.number_at(project, key)[0], f"{100 * end:.12f}%" if kind_of(key) == "rate" else end)
            overlay = overlays.overlaid(inputs, change, ())
            found, findings = checked(Project, overlay.data)
            found._districts = project._districts
            wrong = findings or project_problems(found)
            if wrong:
                others = f" (moved by {', '.join(moved_by)})" if len(moved_by) > 1 else ""
                yield (
                    where,
                    f"draws of {key}{others} reach {end:.6g}: {wrong[0][1]}; cut the distribution with low and high",
                )


def scenario_loan_problems(
    project: Project, inputs: Inputs, name: str, scenario: dict, changed: Project | None
) -> list[Problem]:
    """What is wrong with a scenario's name and with the loan that it asks for. changed: the project under it, None where it is refused."""
    try:
        return list(_scenario_loan(project, inputs, name, scenario, changed))
    except AlreadyRefused:
        return []


def _scenario_loan(
    project: Project, inputs: Inputs, name: str, scenario: dict, changed: Project | None
) -> Iterator[Problem]:
    where = ("scenarios", name)
    if NAMED.fullmatch(name):
        yield inputs.problem(where, "is the name of a draw; allowed: another")
    loan = scenario.get("loan", overlays.RESIZED)
    if loan not in (overlays.RESIZED, overlays.HELD):
        yield inputs.problem((*where, "loan"), f"{given(loan)}; allowed: resized or held")
    if loan == overlays.HELD and not has_loan(project):
        yield inputs.problem((*where, "loan"), "there is no loan to hold; allowed: resized")
    elif loan == overlays.HELD and changed is not None and _terms(project) != _terms(changed):
        said = "cannot be held: the scenario changes the loans themselves, or the periods in which they are repaid"
        yield inputs.problem((*where, "loan"), f"{said}; allowed: resized")


def _terms(project: Project) -> list:
    """What must be the same for a loan to be held: the timeline, and of every loan all but its price."""
    debts = [project.funding.debt, *project.funding.further_debt.values()]
    kept = ("tenor", "grace", "tail", "repayment", "amount", "principal", "max_gearing", "dscr", "dscr_basis", "llcr")
    names = ["debt", *project.funding.further_debt]
    return [project.timeline, names, [[getattr(debt, key, None) for key in kept] for debt in debts]]
