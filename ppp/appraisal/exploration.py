"""Exploration: a project under a scenario with inputs moved by hand, its results beside the base case, and how it is kept.

Nothing here draws or writes to a screen; the panel of notebooks/explore.ipynb shows it, and a test or a script can drive it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ppp.appraisal.appraise import Appraisal, appraise
from ppp.appraisal.criteria import answered
from ppp.appraisal.dials import Dial, dials, value_of
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.appraisal.verdict import PUBLISHED, Verdict, verdict
from ppp.lines import RESULTS
from ppp.loading import apply_scenario, find_file, read_project
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.saving import save_scenario
from ppp.scalars import plain_scalar
from ppp.trial import tried

BASE = "base"
FIGURES = (
    "vfm_amount",
    "vfm_index",
    "project_irr",
    "equity_irr",
    "equity_npv",
    "dscr_min",
    "llcr",
    "uses_total",
    "debt",
    "gearing",
    "psc",
    "ppp_value",
    "share_peak",
    "fiscal_total",
)


@dataclass(frozen=True)
class Figure:
    """A result as it stands and in the file's base case; NaN where one does not exist, money in base units."""

    key: str
    value: float
    base: float

    @property
    def unit(self) -> str:
        return RESULTS[self.key].unit

    @property
    def difference(self) -> float:
        return self.value - self.base


class Exploration:
    """A project file, one of its scenarios, and what is changed in it. Raises InputError for a file or scenario that is wrong.

    `refused` holds, by key, why the last value given for an input was not taken; the figures are then those without it."""

    def __init__(self, file: str | Path, scenario: str = BASE):
        self.file = str(file)
        self._open(scenario)

    def _open(self, scenario: str) -> None:
        path = find_file(self.file)
        base = read_project(path, self.file)
        if scenario not in (BASE, *base.scenarios):
            apply_scenario(base, scenario)  # says what is allowed; a draw is no scenario that others can be laid over
            message = f"a draw is opened by ppp report, given {scenario}; allowed: {', '.join([BASE, *base.scenarios])}"
            raise InputError([Problem(self.file, 0, 0, "scenarios", message)])
        self.path, self.base = path, base
        self.base_evaluation = evaluate(base)
        self.choose(scenario)

    def choose(self, scenario: str) -> None:
        """Go to a scenario of the file as it stands there, every change dropped. Raises InputError where it has none of the name."""
        self.start = self.base if scenario == BASE else apply_scenario(self.base, scenario)
        self.scenario = scenario
        self.dials: list[Dial] = dials(self.start)
        self.reset()

    @property
    def scenarios(self) -> list[str]:
        return [BASE, *self.base.scenarios]

    def reset(self) -> None:
        """Drop every change."""
        self.changes: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self._take(self.start, {}, evaluate(self.start))

    def _take(self, project: Project, changes: dict[str, str], evaluation: Evaluation) -> None:
        self.project, self.changes, self.evaluation = project, changes, evaluation
        self.appraisal: Appraisal | None = None  # draws and reservations, once asked for

    def dial(self, key: str) -> Dial:
        return next(dial for dial in self.dials if dial.key == key)

    def text(self, key: str) -> str:
        """What the input at a key stands at, as a file writes it."""
        return self.changes.get(key) or self.dial(key).text(value_of(self.start, key))

    def shown(self, key: str) -> float:
        """The same in the unit of its dial."""
        return self.dial(key).shown(value_of(self.project, key))

    def set(self, key: str, said: str) -> bool:
        """Give an input what a file would say of it, such as `5.5%`. Where the file could not hold it, or nothing can be computed from it,
        the figures stay and `refused` says why; returns whether it was taken."""
        text = said.strip()
        changes = {other: value for other, value in self.changes.items() if other != key}
        self.refused.pop(key, None)
        try:
            project = self.start
            if text != self.dial(key).text(value_of(self.start, key)):
                changes[key] = text
                project = tried(self.start, {each: plain_scalar(value) for each, value in changes.items()})
                if value_of(project, key) == value_of(self.start, key):
                    del changes[key]
            elif changes:
                project = tried(self.start, {each: plain_scalar(value) for each, value in changes.items()})
            evaluation = evaluate(project)
        except InputError as error:
            self.refused[key] = "; ".join(self._about(problem, key) for problem in error.problems)
            return False
        except ValueError as error:  # of the model, about values that each may stand in a file
            self.refused[key] = str(error)
            return False
        self._take(project, changes, evaluation)
        return True

    def _about(self, problem: Problem, key: str) -> str:
        """A problem without the name of the input beside which it is said."""
        return problem.message if problem.field == key else f"{problem.field}: {problem.message}"

    @property
    def figures(self) -> list[Figure]:
        found, base = self.evaluation.results, self.base_evaluation.results
        return [Figure(key, _first(found, key), _first(base, key)) for key in FIGURES if key in found]

    @property
    def verdict(self) -> Verdict:
        """By the tests alone until `simulate` has looked for reservations; of a published example, none."""
        if self.appraisal is not None:
            return self.appraisal.verdict
        if self.project.published is not None:
            return Verdict(PUBLISHED, (), (), (), ())
        return verdict(answered(self.evaluation), [])

    @property
    def judged_whole(self) -> bool:
        """Whether the verdict holds its reservations too."""
        return self.appraisal is not None

    @property
    def failing_checks(self) -> list[str]:
        """The hard checks that fail, by key: with any of them no figure is to be believed."""
        return [check.key for check in self.evaluation.checks if not np.all(check.passed)]

    @property
    def alerts(self) -> list[str]:
        return [alert.key for alert in self.evaluation.alerts if not np.all(alert.passed)]

    def simulate(self, draws: int) -> Appraisal:
        """The whole appraisal of what stands now, its draws seeded by the project's id: what the report of it would say."""
        self.appraisal = appraise(self.project, draws)
        return self.appraisal

    def save(self, name: str, title: str = "") -> None:
        """Keep what stands now as a scenario of the file, with what its scenario says already, and go to it.

        Raises InputError, with nothing written, for a name that is taken or cannot be one, for changes that are none or refused, and
        for a file that is no longer valid; OSError where it cannot be written."""
        if self.refused:
            raise self._unsaved(f"{', '.join(self.refused)}: refused above; allowed: values that are taken")
        if not self.changes:
            raise self._unsaved("nothing is changed; allowed: a scenario with at least one other value")
        if name.strip() in self.scenarios:
            raise self._unsaved(f"there is a scenario {name.strip()} already; allowed: another name")
        under = None if self.scenario == BASE else self.scenario
        said = {key: plain_scalar(value) for key, value in self.changes.items()}
        save_scenario(self.path, name.strip(), said, title.strip() or None, under=under)
        self._open(name.strip())

    def _unsaved(self, message: str) -> InputError:
        return InputError([Problem(self.file, 0, 0, "scenarios", message)])


def _first(results: dict[str, np.ndarray], key: str) -> float:
    return float(results[key][0]) if key in results else float("nan")
