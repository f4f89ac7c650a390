"""From a file on disk to a validated Project with its district, its scenarios and its ranges."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ppp import overlays
from ppp.consistency import district_problems
from ppp.district import District
from ppp.draws import NAMED, draw_as_scenario, plan_of
from ppp.explain import Refused, checked
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.provenance import Inputs, is_file, leaves_folder, separate
from ppp.quantities import given, text
from ppp.reading import Document, Doubtful, read_document
from ppp.simulation_checks import simulation_problems
from ppp.variants import checked_ranges, scenario_problems, validated

DISTRICT_FILES = (".yaml", ".yml", ".json")
_ENVELOPE = {"canonical", "project", "district"}


@dataclass
class Origin:
    """Where a project came from. Two are equal when they hold the same inputs, from whatever file.

    `provenance` holds source, date and signed_off_by by dotted key, under the scenario that was applied.
    """

    document: Document = field(compare=False)
    path: Path = field(compare=False)
    raw: dict[str, Any]
    provenance: dict[str, dict[str, str]] = field(default_factory=dict)
    scenario: str | None = None
    district_raw: dict[str, Any] | None = None
    inputs: Inputs | None = field(default=None, compare=False, repr=False)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict, compare=False)
    base: Project | None = field(
        default=None, compare=False, repr=False
    )  # the file as it stands, where a scenario is applied
    change: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # what the scenario changes in it


def find_file(name: str | Path) -> Path:
    """An input file, from the working folder or a folder above it that holds params/ and notebooks/."""
    path = Path(name)
    if path.parts[:1] == ("~",):
        path = path.expanduser()
    if path.is_absolute() or is_file(path):
        return path
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "params").is_dir() and (folder / "notebooks").is_dir() and is_file(folder / path):
            return folder / path
    return path


def load(name: str | Path, scenario: str | None = None) -> Project:
    """The project in a YAML file or in the canonical JSON, with a scenario applied.

    Raises InputError naming every problem found, also in scenarios that were not asked for.
    """
    base = read_project(find_file(name), str(name))
    return base if scenario in (None, "base") else apply_scenario(base, scenario)


def read_project(path: Path, shown_as: str | None = None) -> Project:
    """Validate a file with all its scenarios and ranges, each of which must be a valid project too.

    Raises InputError naming every problem found.
    """
    document, district_raw = _opened(path, shown_as or str(path))
    inputs, raw = separate(document, path.parent)
    district, district_raw, problems = _district_of(inputs, document.file, path, district_raw)
    project, findings = validated(inputs, district)
    ranges, range_problems = checked_ranges(project, inputs, findings)
    problems += inputs.problems + [inputs.problem(*finding) for finding in findings] + range_problems
    problems += scenario_problems(project, inputs, findings)
    project._origin = Origin(document, path, raw, inputs.provenance, None, district_raw, inputs, ranges)
    problems += simulation_problems(project, inputs, [*findings, *range_problems])
    if problems:
        raise InputError(problems)
    return project


def apply_scenario(project: Project, name: str) -> Project:
    """The project of the same file with one of its scenarios. Raises InputError when it has no such one."""
    origin: Origin = project._origin
    base = origin.base or project
    scenario, where = _scenario(base, name), ("scenarios", name) if name in project.scenarios else ()
    change = overlays.scenario_change(scenario)
    inputs = overlays.overlaid(origin.inputs, change, where)
    result, findings = validated(inputs, project.budget)
    if findings:
        raise InputError([inputs.problem(*finding) for finding in findings])
    provenance = overlays.provenance_after(origin.inputs, change, name)
    if scenario.get("loan") == overlays.HELD:
        result._signed = base
    # The inputs stay those of the file, so that another scenario can be applied to the result.
    result._origin = Origin(
        origin.document,
        origin.path,
        origin.raw,
        provenance,
        name,
        origin.district_raw,
        origin.inputs,
        origin.ranges,
        base,
        change,
    )
    return result


def _scenario(base: Project, name: str) -> dict[str, Any]:
    """What the file says of a scenario, or what one draw of its simulation comes to. Raises InputError where there is no such one."""
    inputs: Inputs = base._origin.inputs
    if name in base.scenarios:
        return inputs.data["scenarios"][name]
    if one := NAMED.fullmatch(name):
        under = one["scenario"]
        plan = plan_of(apply_scenario(base, under) if under else base)
        if plan is not None:
            drawn = draw_as_scenario(plan, int(one["number"]))
            return overlays.merged(inputs.data["scenarios"][under], drawn) if under else drawn
        raise InputError(
            [inputs.problem(("simulation",), "nothing is drawn here; allowed: a file with ranges or simulation")]
        )
    message = f"there is no such scenario, {given(name)}; allowed: {', '.join(['base', *base.scenarios])}"
    raise InputError(
        [inputs.problem(("scenarios",), f"{message}, or a draw such as draw-12" if base.ranges else message)]
    )


def canonical(project: Project) -> dict[str, Any]:
    """The file as plain data without comments, order or CSV files, its district inside: a run is keyed by it.

    Loading this again gives the same project; two files that differ only in comments or key order give the
    same data. A scenario that was applied is no part of it.
    """
    origin: Origin = project._origin
    return {"canonical": origin.document.file, "project": origin.raw, "district": origin.district_raw}


def input_hash(project: Project) -> str:
    """SHA-256 of the canonical data, without the file's own path."""
    data = {key: value for key, value in canonical(project).items() if key != "canonical"}
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def value_at(project: Project, key: str) -> float:
    """The number at a dotted key such as `operation.opex.growth`.

    Raises KeyError, with the nearest known key, when there is none.
    """
    return overlays.number_at(project, key)[1]


def range_of(project: Project, key: str) -> tuple[float, float]:
    """Low and high of a plausible range, in the input's own type. Raises KeyError where the file has none."""
    return project._origin.ranges[key]


def read_district(path: Path) -> District:
    """The district in a file. Raises InputError naming every problem found."""
    district, _, problems = _checked_district(read_document(path, keep_going=True))
    if problems:
        raise InputError(problems)
    return district


def _opened(path: Path, shown_as: str) -> tuple[Document, dict[str, Any] | None]:
    """The project's document; with the district's data where the file is canonical JSON, which holds both."""
    document = read_document(path, shown_as, keep_going=True)
    district_raw = None
    if set(document.data) == _ENVELOPE:
        name, project, district_raw = (document.data[key] for key in ("canonical", "project", "district"))
        if isinstance(district_raw, Doubtful) and district_raw.text == "null":
            district_raw = None
        if not isinstance(name, str) or not isinstance(project, dict) or not isinstance(district_raw, dict | None):
            message = "is not canonical JSON; allowed: canonical (text), project and district (mappings)"
            raise InputError([*document.problems, Problem(shown_as, 0, 0, "", message)])
        document = Document(name, project, problems=document.problems)
    _refuse_other_kind(document, "project")
    return document, district_raw


def _refuse_other_kind(document: Document, wanted: str) -> None:
    kind = document.data.get("kind")
    if kind in ("project", "district") and kind != wanted:
        raise InputError([document.problem(("kind",), f"a {wanted} file is wanted here, given {kind}")])


def _district_of(
    inputs: Inputs, shown_as: str, path: Path, raw: dict[str, Any] | None
) -> tuple[District | Refused | None, dict[str, Any] | None, list[Problem]]:
    """The district that the file names, from beside it or from canonical JSON; its data; its problems."""
    name = inputs.data.get("district")
    try:
        text(name)
    except ValueError:
        return None, None, []  # absent, or refused as text with the other fields
    if raw is not None:
        return _checked_district(Document(f"{shown_as} (its district)", raw))
    target = path.parent / name
    # A project in a folder of params/ may name a district above it; another kind of file is refused as such.
    if leaves_folder(name.replace("../", "")) or not name.lower().endswith(DISTRICT_FILES) or not is_file(target):
        allowed = f"a relative path to a district file ({', '.join(DISTRICT_FILES)})"
        message = f"there is no such district file, {given(name)}; allowed: {allowed}"
        return Refused(), None, [inputs.problem(("district",), message)]
    try:
        return _checked_district(read_document(target, str(Path(shown_as).parent / name), keep_going=True))
    except InputError as error:
        return Refused(), None, error.problems


def _checked_district(document: Document) -> tuple[District, dict[str, Any], list[Problem]]:
    _refuse_other_kind(document, "district")
    inputs, raw = separate(document)
    district, findings = checked(District, inputs.data)
    findings += district_problems(district)
    problems = inputs.problems + [inputs.problem(*finding) for finding in findings]
    return (Refused() if problems else district), raw, problems
