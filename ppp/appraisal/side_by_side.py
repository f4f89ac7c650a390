"""Projects side by side: scenarios of one file, two versions of a file, or different projects; what differs, and what that moves.

Between two sides of one project every difference is also put into the first alone, so that one sees what each of them does; what is left
over is their interaction. Different projects are set side by side without that: their inputs have nothing in common but the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from ppp.appraisal.criteria import passes
from ppp.appraisal.evaluation import Evaluation, evaluate, replaced
from ppp.consistency import project_problems
from ppp.databook import NOT_INPUTS
from ppp.overlays import HELD, RESIZED
from ppp.project import Project
from ppp.quantities import Profile
from ppp.reading import KeyPath

SHOWN = (
    "vfm_amount",
    "vfm_index",
    "project_irr",
    "equity_irr",
    "equity_npv",
    "dscr_min",
    "debt",
    "equity_total",
    "share_peak",
    "fiscal_total",
)
ABOUT = {"id", "name", "status"}  # what a project is called, not what it is
MOST_APART = 60  # differences between two sides that are put in one by one
DISTRICT, LOAN = ("district",), ("loan",)


@dataclass(frozen=True)
class Side:
    """One project as it is compared. results: by key, the first case; failing: tests that it fails."""

    name: str
    project: Project
    evaluation: Evaluation
    results: dict[str, float]
    failing: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """An input that is not the same on all sides: its value on each (None: absent), in the file's own unit."""

    path: KeyPath
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Effect:
    """What one difference alone does to the first side's results (second's less first's), and whether it can stand alone: effects is None
    where the file would not be valid with it and without the others."""

    difference: Difference
    effects: dict[str, float] | None


@dataclass(frozen=True)
class Moved:
    """From the first side to another: the whole change by result, what each difference does alone, and what only all of them do."""

    side: Side
    whole: dict[str, float]
    alone: list[Effect]

    def together(self, result: str) -> float:
        """The change that is not the sum of the differences' own: their interaction, and those that cannot stand alone."""
        return self.whole[result] - sum(effect.effects[result] for effect in self.alone if effect.effects)


@dataclass(frozen=True)
class SideBySide:
    """sides: two or more, the first is what the others are compared with. moved: one for each of the others that is the same project."""

    sides: list[Side]
    differences: list[Difference]
    moved: list[Moved]
    results: tuple[str, ...]


def side_by_side(projects: list[Project], names: list[str] | None = None) -> SideBySide:
    """Set projects side by side. Raises ValueError for fewer than two."""
    if len(projects) < 2:
        raise ValueError("a comparison needs two projects or scenarios")
    names = names or [name_of(project, projects) for project in projects]
    sides = [_side(name, project) for name, project in zip(names, projects, strict=True)]
    shown = tuple(key for key in SHOWN if any(key in side.results for side in sides))
    first = sides[0]
    moved = [_moved(first, side, shown) for side in sides[1:] if side.project.id == first.project.id]
    return SideBySide(sides, differences(projects), moved, shown)


def name_of(project: Project, among: list[Project]) -> str:
    """A side's name: its scenario among scenarios of one file, its id among projects, the file's name among versions."""
    scenario = project._origin.scenario or "base"
    if len({other.id for other in among}) > 1:
        return project.id if scenario == "base" else f"{project.id}#{scenario}"
    files = {other._origin.document.file for other in among}
    if len(files) == 1:
        return scenario
    return project._origin.document.file + (f"#{scenario}" if scenario != "base" else "")


def _side(name: str, project: Project) -> Side:
    evaluation = evaluate(project)
    failing = tuple(test for test, passed in passes(evaluation).items() if not passed.all())
    return Side(name, project, evaluation, _results(evaluation), failing)


def _results(evaluation: Evaluation) -> dict[str, float]:
    return {key: float(evaluation.results[key][0]) for key in SHOWN if key in evaluation.results}


def differences(projects: list[Project]) -> list[Difference]:
    """Every input that is not the same in all projects, at the finest key that all of them have."""
    paths = dict.fromkeys(path for other in projects[1:] for path in _apart(projects[0], other))
    coarsest = [path for path in paths if not any(path[: len(p)] == p for p in paths if len(p) < len(path))]
    return [Difference(path, tuple(value_at(project, path) for project in projects)) for path in coarsest]


def _apart(one: Project, other: Project) -> Iterator[KeyPath]:
    yield from _between(one, other, ())
    if one.budget != other.budget:
        yield DISTRICT
    if _loan(one) != _loan(other):
        yield LOAN


def _loan(project: Project) -> str:
    return RESIZED if project._signed is None else HELD


def _between(one: Any, other: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(one, BaseModel) and type(one) is type(other) and not _unlike(one, other):
        names = [name for name in type(one).model_fields if path or name not in NOT_INPUTS | ABOUT | set(DISTRICT)]
        for name in names:
            yield from _between(getattr(one, name), getattr(other, name), (*path, name))
    elif isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other):
        for name in one:
            yield from _between(one[name], other[name], (*path, name))
    elif one != other:
        yield path


def _unlike(one: BaseModel, other: BaseModel) -> bool:
    """Two profiles of different forms, such as a list and a first year with growth, are compared whole."""
    return isinstance(one, Profile) and (one.values is None) != (other.values is None)


def value_at(project: Project, path: KeyPath) -> Any:
    """What stands at a path, None where the project has nothing there."""
    if path == LOAN:
        return _loan(project)
    if path == DISTRICT:
        return project.budget.id if project.budget else None
    here: Any = project
    for part in path:
        here = here.get(part) if isinstance(here, dict) else getattr(here, str(part), None)
    return here


def _moved(first: Side, side: Side, shown: tuple[str, ...]) -> Moved:
    whole = {key: side.results.get(key, np.nan) - first.results.get(key, np.nan) for key in shown}
    found = differences([first.project, side.project])
    if len(found) > MOST_APART or len(found) == 1:
        return Moved(side, whole, [Effect(each, whole) for each in found] if len(found) == 1 else [])
    return Moved(side, whole, [_alone(first, side, each, shown) for each in found])


def _alone(first: Side, side: Side, difference: Difference, shown: tuple[str, ...]) -> Effect:
    changed = _with(first.project, side.project, difference.path)
    if difference.path not in (LOAN, DISTRICT) and project_problems(changed):
        return Effect(difference, None)
    try:
        results = _results(evaluate(changed))
    except ValueError:  # the base case's loan cannot be held with this change alone
        return Effect(difference, None)
    return Effect(difference, {key: results.get(key, np.nan) - first.results.get(key, np.nan) for key in shown})


def _with(base: Project, other: Project, path: KeyPath) -> Project:
    """The base with what the other has at one path."""
    if path in (LOAN, DISTRICT):
        changed = base.model_copy()
        if path == LOAN:
            changed._signed = other._signed
        else:
            changed._districts = other._districts
        return changed
    return replaced(base, path, value_at(other, path))
