"""The answer to the critics of value for money: what drives the number, where it flips, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.attribution import Attribution, attribution
from ppp.appraisal.criteria import passes
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.appraisal.payment_profile import Subsidy, subsidy
from ppp.appraisal.precision import Supported, supported
from ppp.appraisal.rule_books import UnderRules, under_every_rule_book
from ppp.appraisal.sensitivity import Response
from ppp.appraisal.simulation import Simulation
from ppp.appraisal.switching import Switching, switching_values
from ppp.appraisal.verdict import Reason, Test
from ppp.loading import apply_scenario
from ppp.project import Project


@dataclass(frozen=True)
class Critique:
    """scenarios: name -> tests that fail there. supported: how the VfM amount may be stated, None where nothing says how uncertain
    it is; by: "draws" (5th to 95th percentile) or "ranges" (lowest to highest end of any one range)."""

    attribution: Attribution | None
    switching: list[Switching]
    rule_books: list[UnderRules]
    scenarios: dict[str, list[str]]
    subsidy: Subsidy | None
    supported: Supported | None
    by: str | None


def critique(evaluation: Evaluation, ranges: list[Response], simulation: Simulation | None) -> Critique:
    """Of a base case, with the responses to its ranges and its draws."""
    stated, by = _stated(evaluation, ranges, simulation)
    return Critique(
        attribution(evaluation),
        switching_values(evaluation),
        under_every_rule_book(evaluation),
        failing_scenarios(evaluation.project),
        subsidy(evaluation),
        stated,
        by,
    )


def failing_scenarios(project: Project) -> dict[str, list[str]]:
    """The tests that fail in each scenario of the file. Empty for a project that is itself under a scenario: it is none of its own."""
    if project._origin.base is not None:  # one is applied, of the file or not yet in it
        return {}
    found = {}
    for name in project.scenarios:
        answers = passes(evaluate(apply_scenario(project, name)))
        found[name] = [test for test, passed in answers.items() if not passed.all()]
    return found


def scenario_reservations(project: Project, tests: list[Test], failing: dict[str, list[str]]) -> list[Reason]:
    """One for each test that the file as it stands passes and a scenario of it fails."""
    passed = {test.key for test in tests if test.passed}
    return [
        Reason(
            "fails_in_scenario",
            {"test": ("test", test), "scenario": ("text", project.scenarios[name].get("title", name))},
        )
        for name, failed in failing.items()
        for test in failed
        if test in passed
    ]


def _stated(
    evaluation: Evaluation, ranges: list[Response], simulation: Simulation | None
) -> tuple[Supported | None, str | None]:
    if evaluation.vfm is None:
        return None, None
    if simulation is not None and simulation.vfm is not None:
        low, high = (float(end) for end in np.percentile(simulation.vfm, [5, 95]))
        by = "draws"
    else:
        ends = [response.vfm for response in ranges if response.vfm is not None]
        low, high = (min(map(np.min, ends)), max(map(np.max, ends))) if ends else (0.0, 0.0)
        by = "ranges"
    return (supported(float(evaluation.vfm.amount[0]), float(low), float(high)), by) if low < high else (None, None)
