"""The whole appraisal of a project: evaluation, tests, how robust they are, the verdict, and the summary that every format prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ppp.appraisal import sensitivity, whatif
from ppp.appraisal.comparison import Comparison, compare, comparison_reservations
from ppp.appraisal.compliance import compliance_reservations
from ppp.appraisal.criteria import answered
from ppp.appraisal.critique import Critique, critique, scenario_reservations
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.appraisal.importance import Drivers, drivers
from ppp.appraisal.sensitivity import Alternative, Response
from ppp.appraisal.simulation import Simulation, simulate
from ppp.appraisal.verdict import DRAWS_THAT_MATTER, NOT_ASSESSABLE, PUBLISHED, Reason, Verdict, verdict
from ppp.appraisal.whatif import Whatif
from ppp.loading import apply_scenario
from ppp.project import PrintedFigure, Project
from ppp.quantities import SCALES

DRAWS = 4096  # where the file does not say; below 0.5 % sampling error on a probability, about half a second


@dataclass(frozen=True)
class Printed:
    """A printed figure beside the computed one, in the file's unit (rates as fractions)."""

    figure: PrintedFigure
    computed: float
    tolerance: float

    @property
    def printed(self) -> float:
        text = self.figure.digits
        return float(text.rstrip("%")) / (100.0 if text.endswith("%") else 1.0)

    @property
    def agrees(self) -> bool:
        return bool(abs(self.computed - self.printed) <= self.tolerance * (1.0 + 1e-9) + 1e-12 * abs(self.printed))


@dataclass(frozen=True)
class Appraisal:
    """Everything that a report says about one project and scenario."""

    evaluation: Evaluation
    verdict: Verdict
    ranges: list[Response]
    rates: list[Response]
    simulation: Simulation | None
    alternatives: list[Alternative]
    printed: list[Printed]
    comparison: Comparison | None = None
    critique: Critique | None = None
    drivers: dict[str, Drivers] = field(default_factory=dict)
    whatif: Whatif | None = None

    @property
    def project(self) -> Project:
        return self.evaluation.project

    @cached_property
    def summary(self) -> dict[str, Any]:
        from ppp.appraisal.summary import summary

        return summary(self)

    @property
    def complete(self) -> bool:
        """Whether the project was fully assessed: a verdict was reached, or every printed figure was reproduced."""
        if self.verdict.outcome == PUBLISHED:
            return all(figure.agrees for figure in self.printed) and bool(self.evaluation.sound.all())
        return self.verdict.outcome != NOT_ASSESSABLE


def appraise(project: Project, draws: int = DRAWS) -> Appraisal:
    """Evaluate a project and judge it. Deterministic: the same file and number of draws give the same figures.

    draws: about how many where the file does not say; 0 draws nothing."""
    evaluation = evaluate(project)
    printed = [_printed(project, figure) for figure in project.published.figures] if project.published else []
    if project.published is not None:
        return Appraisal(evaluation, Verdict(PUBLISHED, (), (), (), ()), [], [], None, [], printed)
    ranges = sensitivity.ranged(project)
    said = project.simulation is not None and project.simulation.points is not None
    simulation = simulate(project, None if said and draws else draws)
    tests = answered(evaluation)
    alternatives = sensitivity.alternatives(evaluation)
    comparison, answers = compare(evaluation), critique(evaluation, ranges, simulation)
    found = comparison_reservations(evaluation, comparison) + _reservations(evaluation, tests, ranges, simulation)
    found += scenario_reservations(project, tests, answers.scenarios)
    outcome = verdict(tests, found)
    rates = sensitivity.of_rates(project)
    single = whatif.of_report(project, tuple(evaluation.results))
    driven = drivers(simulation) if simulation is not None else {}
    return Appraisal(
        evaluation, outcome, ranges, rates, simulation, alternatives, printed, comparison, answers, driven, single
    )


def _reservations(evaluation: Evaluation, tests, ranges: list[Response], simulation: Simulation | None) -> list[Reason]:
    """Why a pass may not hold: it flips within a plausible range or in many draws, or by a rule that nobody has checked."""
    passed = {test.key for test in tests if test.passed and not test.informs}
    found = [Reason("number_informs_for" if t.passed else "number_informs_against") for t in tests if t.informs]
    for response in ranges:
        for test in response.flips:
            if test in passed:
                values = {
                    "input": ("input", response.key),
                    "test": ("test", test),
                    "base": ("at_value", (response.key, response.base)),
                }
                if test == "value_for_money" and response.switches:
                    nearest = min(response.switches, key=lambda value: abs(value - response.base))
                    found.append(Reason("flips_at", {**values, "value": ("at_value", (response.key, nearest))}))
                else:
                    failing = response.grid[response.failing[test]]
                    nearest = float(failing[np.argmin(np.abs(failing - response.base))])
                    found.append(Reason("flips_in_range", {**values, "value": ("at_value", (response.key, nearest))}))
    for test, share in (simulation.failing if simulation else {}).items():
        if test in passed and share > DRAWS_THAT_MATTER:
            found.append(Reason("fails_in_draws", {"test": ("test", test), "share": ("rate", share)}))
    for test in tests:
        for rule in test.rules:
            applied = next((used for used in evaluation.rules.used.values() if used.key == rule), None)
            if test.passed and applied is not None and not applied.checked and applied.confirmed_by is None:
                found.append(
                    Reason(
                        "unchecked_rule",
                        {"rule": ("text", evaluation.rules.pack.rules[rule].meaning), "test": ("test", test.key)},
                    )
                )
    if evaluation.vfm is not None and not evaluation.project.risks:
        found.append(Reason("no_risk_valued"))
    if evaluation.inputs.funded and float(evaluation.results["equity_npv"][0]) < 0.0:
        found.append(_return_below_ask(evaluation))
    found += [
        Reason("alert_raised", {"check": ("check", alert.key)}) for alert in evaluation.alerts if not alert.passed.all()
    ]
    if evaluation.load is not None and not evaluation.project.budget.commitments:
        found.append(Reason("no_commitments"))
    if "feasibility" in passed and float(evaluation.results["project_npv"][0]) < 0.0:
        values = {
            "irr": ("rate", float(evaluation.results["project_irr"][0])),
            "rate": ("rate", float(evaluation.inputs.discount_rate[0])),
        }
        found.append(Reason("project_below_discount_rate", values))
    if "feasibility" in passed:
        found += compliance_reservations(evaluation.project, evaluation.rules)
    if evaluation.project.strongly_public and "feasibility" in passed:
        found.append(Reason("private_nature_not_shown"))
    if "qualitative" in passed:
        found += _few_experts(evaluation)
    if not ranges:
        found.append(Reason("no_ranges"))
    return found


def _few_experts(evaluation: Evaluation) -> list[Reason]:
    given, rules = len(evaluation.scores[0].scores), evaluation.rules
    if not rules.has("qualitative_experts") or given >= rules.value("qualitative_experts"):
        return []
    return [Reason("few_experts", {"given": ("count", given), "asked": ("count", rules.value("qualitative_experts"))})]


def _return_below_ask(evaluation: Evaluation) -> Reason:
    earned = float(evaluation.results["equity_irr"][0])
    values = {"rate": ("rate", float(evaluation.inputs.equity_rate[0]))}
    given = (
        "return_below_ask" if evaluation.project.discounting.equity_rate is not None else "return_below_discount_rate"
    )
    return Reason(given, {**values, "irr": ("rate", earned)}) if np.isfinite(earned) else Reason("no_return", values)


def _printed(project: Project, figure: PrintedFigure) -> Printed:
    shown = evaluate(project if figure.scenario is None else apply_scenario(project, figure.scenario))
    scale = SCALES[project.unit]
    if figure.result is not None:
        from ppp.lines import RESULTS

        value = float(shown.results[figure.result][0]) / (scale if RESULTS[figure.result].unit == "money" else 1.0)
    else:
        from ppp.lines import LINES

        scale = scale if LINES[figure.line].unit == "money" else 1.0
        line = shown.lines[figure.line][:, 0]
        timeline = shown.inputs.timeline
        year = np.ceil((timeline.boundaries - timeline.construction) / 12.0)
        value = float(line.sum() if figure.year is None else line[year == figure.year].sum()) / scale
    return Printed(figure, value, figure.tolerance if figure.tolerance is not None else _half_digit(figure.digits))


def _half_digit(text: str) -> float:
    digits = text.rstrip("%")
    decimals = len(digits.split(".")[1]) if "." in digits else 0
    return 0.5 * 10.0**-decimals / (100.0 if text.endswith("%") else 1.0)
