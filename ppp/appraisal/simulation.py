"""Draws of a project: what its results are in many worlds at once, with the sampling error of what is said about them.

Every draw passes through the same evaluation as the base case, both sides of value for money on the same draw. Draws are evaluated in
blocks, by several processes where asked, and only the vectors of the results are kept, so that the memory grows by these alone. What a
draw is does not depend on blocks, processes or other projects (ppp/draws.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ppp.appraisal.blocks import Blocks
from ppp.appraisal.criteria import passes, vfm_holds
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.draws import Plan, plan_of
from ppp.loading import apply_scenario
from ppp.memory import keep_memory
from ppp.overlays import HELD
from ppp.project import Project

KEPT = (
    "vfm_amount",
    "vfm_index",
    "psc",
    "ppp_value",
    "project_irr",
    "equity_irr",
    "equity_npv",
    "dscr_min",
    "debt",
    "share_peak",
    "fiscal_total",
)
HIGH_IS_BAD = ("psc", "ppp_value", "debt", "share_peak", "fiscal_total")
BLOCK = 2112  # draws evaluated at once: arrays that stay in the cache, with rows whose places in it differ (no power of two)
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Estimate:
    """A figure of all draws, and its standard error from the scatter of the scrambles; NaN where no draw has the result."""

    value: float
    error: float


@dataclass(frozen=True)
class Simulation:
    """results: (draws,) by key of lines.RESULTS, NaN where a draw has none (an IRR without a root). failed: (draws,) by test of the
    pack. events: (draws,) by name of the event, as `_events` knows them. Draw n stands at place n and is of scramble n % scrambles."""

    plan: Plan
    results: dict[str, np.ndarray]
    failed: dict[str, np.ndarray]
    events: dict[str, np.ndarray]
    covenant: float | None = None
    as_filed: bool = True  # whether the file itself draws so, and knows each draw by its number

    @property
    def draws(self) -> int:
        return self.plan.draws

    @property
    def scrambles(self) -> int:
        return self.plan.terms.scrambles

    @property
    def loan(self) -> str:
        return self.plan.terms.loan

    @cached_property
    def randoms(self) -> dict[str, np.ndarray]:
        """What was drawn, by name of the quantity, (draws,); made again from the draws' numbers."""
        return self.plan.values(self.plan.uniform(np.arange(self.draws)))

    @property
    def vfm(self) -> np.ndarray | None:
        return self.results.get("vfm_amount")

    @property
    def share_peak(self) -> np.ndarray | None:
        return self.results.get("share_peak")

    @cached_property
    def failing(self) -> dict[str, float]:
        """Share of the draws that fail each test."""
        return {test: float(np.mean(failed)) for test, failed in self.failed.items()}

    def probability(self, event: str) -> Estimate:
        """How probable an event is."""
        return self._estimate(self.events[event].astype(float), np.mean)

    def mean(self, result: str) -> Estimate:
        return self._estimate(self.results[result], np.mean)

    def quantile(self, result: str, share: float) -> Estimate:
        """The value below which a share of the draws lies, of those that have the result."""
        return self._estimate(self.results[result], lambda values: np.quantile(values, share))

    def undefined(self, result: str) -> float:
        """Share of the draws without the result."""
        return float(np.mean(np.isnan(self.results[result])))

    def _estimate(self, values: np.ndarray, figure) -> Estimate:
        def of(part: np.ndarray) -> float:
            known = part[~np.isnan(part)]
            return float(figure(known)) if known.size else np.nan

        parts = np.array([of(values[scramble :: self.scrambles]) for scramble in range(self.scrambles)])
        return Estimate(of(values), float(np.std(parts, ddof=1) / np.sqrt(self.scrambles)))

    def worst(self, result: str, count: int = 5) -> list[int]:
        """The numbers of the draws with the worst values of a result, the worst first; those without it are left out."""
        values = self.results[result]
        order = np.argsort(-values if result in HIGH_IS_BAD else values, kind="stable")
        return [int(number) for number in order[: count + int(np.isnan(values).sum())] if np.isfinite(values[number])][
            :count
        ]

    def scenario_of(self, number: int) -> str:
        """The name under which the file knows a draw, as in file.yaml#draw-12."""
        under = self.plan.project._origin.scenario
        return f"{under}+draw-{number}" if under else f"draw-{number}"

    def case(self, number: int) -> Project:
        """One draw as a project, to be evaluated, reported or saved like any other. Raises ValueError for a number that is none, and
        where the draws were asked for in another way than the file says: then write that into the file."""
        if not 0 <= number < self.draws:
            raise ValueError(f"there are draws 0 to {self.draws - 1}, given {number}")
        if not self.as_filed:
            raise ValueError(
                "the file draws otherwise; write loan and risks into its section simulation to open a draw"
            )
        return apply_scenario(self.plan.project, self.scenario_of(number))


def simulate(
    project: Project, draws: int | None = None, *, loan: str | None = None, risks: str | None = None, jobs: int = 1
) -> Simulation | None:
    """Draw the uncertain inputs of a project; None where the file has none, and for draws=0.

    draws: about how many, raised to a power of two of points in each scramble; as the file says when absent. loan ("resized", "held") and
    risks ("expected", "drawn"): instead of what the file says. jobs: processes at work at once; the figures are the same for any number.
    """
    plan = plan_of(_with_terms(project, loan, risks), draws)
    if plan is None:
        return None
    keep_memory()
    base = evaluate(plan.project)
    asked = covenant(base)
    bearing = bearing_of(plan.project, plan.terms.loan)

    def block(start: int, end: int) -> dict[str, np.ndarray]:
        return outcomes(bearing, plan.of(np.arange(start, end)), asked)

    found = Blocks(block, plan.draws, BLOCK).run(jobs)
    sorted_ = {kind: _of_kind(found, kind) for kind in ("result", "failed", "event")}
    return Simulation(
        plan, sorted_["result"], sorted_["failed"], sorted_["event"], asked, loan is None and risks is None
    )


def _with_terms(project: Project, loan: str | None, risks: str | None) -> Project:
    from ppp.draws import DEFAULTS

    said = {key: value for key, value in (("loan", loan), ("risks", risks)) if value is not None}
    allowed = {"loan": ("resized", "held"), "risks": ("expected", "drawn")}
    for key, value in said.items():
        if value not in allowed[key]:
            raise ValueError(f"{key}: given {value}; allowed: {' or '.join(allowed[key])}")
    if not said:
        return project
    return project.model_copy(update={"simulation": (project.simulation or DEFAULTS).model_copy(update=said)})


def bearing_of(project: Project, loan: str) -> Project:
    """The project with the loan that its draws bear."""
    if loan != HELD or project._signed is not None:
        return project
    bearing = project.model_copy()
    bearing._signed = project
    return bearing


def covenant(base: Evaluation) -> float | None:
    """The cover below which a covenant is broken: the file's own, the lock-up, the least that a lender asks; None without any."""
    project = base.project
    if project.simulation is not None and project.simulation.covenant is not None:
        return project.simulation.covenant
    if project.distributions is not None and project.distributions.lock_up is not None:
        return float(project.distributions.lock_up)
    asked = [float(t.dscr[0]) for t in base.inputs.tranches if t.lender and t.dscr is not None]
    if project._signed is not None and not asked:
        return covenant(evaluate(project._signed))
    return min(asked, default=None)


def outcomes(project: Project, cases: dict[str, np.ndarray], asked: float | None) -> dict[str, np.ndarray]:
    """Everything that is kept of some cases: (cases,) by "result:key", "failed:test" and "event:name"."""
    size = next(iter(cases.values())).size
    evaluation = evaluate(project, cases)
    found = {f"result:{key}": evaluation.results[key] for key in KEPT if key in evaluation.results}
    answers = passes(evaluation)
    found |= {f"failed:{test}": ~np.asarray(ok) for test, ok in answers.items()}
    found |= {f"event:{name}": happened for name, happened in _events(evaluation, answers, asked).items()}
    return {key: np.broadcast_to(values, (size,)).copy() for key, values in found.items()}


def _events(evaluation: Evaluation, answers: dict[str, np.ndarray], asked: float | None) -> dict[str, np.ndarray]:
    """What may happen in a draw, as far as the file lets it be told, (cases,) each."""
    found: dict[str, np.ndarray] = {}
    if evaluation.vfm is not None:
        found["ppp_cheaper"] = vfm_holds(evaluation)
    if asked is not None and "dscr_min" in evaluation.results:
        found["covenant_broken"] = evaluation.results["dscr_min"] < asked - 1e-9
    if evaluation.inputs.funded:
        paid, received = evaluation.lines["equity"].sum(axis=0), evaluation.lines["distributions"].sum(axis=0)
        found["equity_loses"] = received < paid - 1e-9 * np.maximum(paid, 1.0)
        found["equity_below_ask"] = evaluation.results["equity_npv"] < -1e-9 * np.maximum(paid, 1.0)
        calls = next(alert for alert in evaluation.alerts if alert.key == "no_cash_call_in_operation")
        found["cash_call"] = ~calls.passed
    if "affordability" in answers:
        found["cap_crossed"] = ~answers["affordability"]
    return found


def _of_kind(found: dict[str, np.ndarray], kind: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(f"{kind}:"): values for key, values in found.items() if key.startswith(f"{kind}:")}
