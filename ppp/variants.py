"""Check what a project file varies: each scenario and each end of a range must be a valid project too."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from ppp import overlays
from ppp.consistency import project_problems
from ppp.databook import kind_of
from ppp.district import District
from ppp.draws import put
from ppp.explain import AlreadyRefused, Finding, Refused, checked
from ppp.problems import Problem
from ppp.project import Project
from ppp.provenance import Inputs
from ppp.quantities import Localised, given
from ppp.reading import UNREADABLE, KeyPath, dotted
from ppp.simulation_checks import scenario_loan_problems

MOST_VARIANTS = 100  # scenarios, and ranges, in one file: each takes another validation of the whole
_TITLE = TypeAdapter(Localised)


def validated(inputs: Inputs, district: District | Refused | None) -> tuple[Project, list[Finding]]:
    """The project and what is wrong with it, in its parts and between them."""
    project, findings = checked(Project, inputs.data)
    project._districts = district
    return project, findings + project_problems(project)


def _overlay_problems(overlay: Inputs, base: list[Finding], district: Any) -> tuple[Project, list[Problem]]:
    """The project under a change, and what is wrong with it that was not wrong without.

    Where the file itself has problems, only what the change writes is judged: the rest may follow from them.
    """
    project, findings = validated(overlay, district)
    new = [finding for finding in findings if finding not in base]
    if base:
        new = [(path, message) for path, message in new if path in overlay.places]
    return project, [overlay.problem(*finding) for finding in new]


def scenario_problems(project: Project, inputs: Inputs, base: list[Finding]) -> list[Problem]:
    """What is wrong with the scenarios that is not in `base`, the findings on the file itself."""
    problems: list[Problem] = []
    scenarios = inputs.data.get("scenarios")
    if isinstance(scenarios, dict) and len(scenarios) > MOST_VARIANTS:
        return [_too_many(inputs, "scenarios")]
    for name, scenario in scenarios.items() if isinstance(scenarios, dict) else ():
        where = ("scenarios", name)
        if not isinstance(scenario, dict):
            continue  # refused with the other fields
        if name == "base":
            problems.append(inputs.problem(where, "the name base means the file without a scenario; allowed: another"))
        problems += _title_problems(inputs, where, scenario)
        change = overlays.scenario_change(scenario)
        for key in [key for key in change if key in overlays.UNCHANGEABLE]:
            problems.append(inputs.problem((*where, key), "cannot be changed by a scenario"))
            del change[key]
        if set(scenario) <= set(overlays.ABOUT_SCENARIOS):
            problems.append(inputs.problem(where, "changes nothing; allowed: keys of the file with other values"))
        overlay = overlays.overlaid(inputs, change, where)
        changed, wrong = _overlay_problems(overlay, base, project._districts)
        problems += wrong + scenario_loan_problems(project, inputs, name, scenario, None if base or wrong else changed)
    return problems


def _too_many(inputs: Inputs, key: str) -> Problem:
    return inputs.problem((key,), f"has {len(inputs.data[key])} entries; allowed: at most {MOST_VARIANTS}")


def _title_problems(inputs: Inputs, where: KeyPath, scenario: dict[str, Any]) -> list[Problem]:
    title = scenario.get("title", "as its name")
    if title is UNREADABLE:
        return []
    try:
        _TITLE.validate_python(title)
    except ValidationError as error:
        return [inputs.problem((*where, "title", *e["loc"]), str(e["ctx"]["error"])) for e in error.errors()]
    return []


def checked_ranges(
    project: Project, inputs: Inputs, base: list[Finding]
) -> tuple[dict[str, tuple[float, float]], list[Problem]]:
    """Low and high of every range in its input's type, and what is wrong with them that is not in `base`."""
    found: dict[str, tuple[float, float]] = {}
    problems: list[Problem] = []
    ranges = inputs.data.get("ranges")
    if isinstance(ranges, dict) and len(ranges) > MOST_VARIANTS:
        return found, [_too_many(inputs, "ranges")]
    for key, ends in ranges.items() if isinstance(ranges, dict) else ():
        if not isinstance(ends, dict):
            continue  # refused with the other fields
        where = ("ranges", key)
        try:
            path, middle = overlays.number_at(project, key)
        except KeyError as error:
            problems.append(inputs.problem(where, error.args[0]))
            continue
        except AlreadyRefused:
            continue
        if set(ends) != {"low", "high"}:
            shown = given(", ".join(map(str, ends)) or "nothing")
            problems.append(inputs.problem(where, f"a range has two ends, {shown}; allowed: low and high"))
            continue
        shifted = {}
        for end, value in ends.items():
            change = overlays.range_change(path, value)
            overlay = overlays.overlaid(inputs, change, (*where, end), path)
            shifted[end], wrong = _overlay_problems(overlay, base, project._districts)
            problems += wrong
        try:
            low, high = (overlays.number_at(shifted[end], key)[1] for end in ("low", "high"))
        except AlreadyRefused:
            continue
        found[key] = (low, high)
        if not low <= middle <= high or low == high:
            message = f"the file's own value {middle:.12g} must lie between low {low:.12g} and high {high:.12g}"
            problems.append(inputs.problem(where, message))
    return found, problems


def why_not(project: Project, values: dict[str, float]) -> str | None:
    """Why the file may not hold these numbers at dotted keys, in the words that reading it would use; None when it may.

    Raises KeyError for a key that names no number.
    """
    changes: dict[str, Any] = {}
    for key, value in values.items():
        path, _ = overlays.number_at(project, key)
        # a rate as a file writes it, so that what is out of range is not taken for a slip of the pen
        put(changes, path, f"{100 * value:.12f}%" if kind_of(key) == "rate" else float(value))
    data = overlays.merged(project._origin.inputs.data, project._origin.change)
    _, findings = validated(Inputs(overlays.merged(data, changes), {}), project._districts)
    if not findings:
        return None
    path, message = findings[0]
    return f"{dotted(path)}: {message}"
