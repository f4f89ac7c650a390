"""How far the verdict can be trusted: ranges of inputs, the values at which it flips, and other conventions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.criteria import passes
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.appraisal.levers import Span, input_lever
from ppp.appraisal.rates import missing_for
from ppp.appraisal.switching import along
from ppp.loading import range_of
from ppp.payment_terms import SubsidyFormula
from ppp.project import Project

GRID = 41


@dataclass(frozen=True)
class Response:
    """A result along one input: grid (points,) in the input's own unit, vfm (points,) or None, failing: test -> (points,) bool."""

    key: str
    base: float
    grid: np.ndarray
    vfm: np.ndarray | None
    failing: dict[str, np.ndarray]
    switches: list[float]

    @property
    def flips(self) -> list[str]:
        """Tests that the base case passes and that fail somewhere in the range."""
        return [test for test, failed in self.failing.items() if failed.any()]


@dataclass(frozen=True)
class Alternative:
    """The evaluation with one convention changed."""

    convention: str
    choice: bool | str
    vfm: float | None
    share_peak: float | None
    failing: list[str]


def response(project: Project, key: str, low: float, high: float) -> Response:
    """The verdict's tests along one input from low to high, and every value where VfM changes its sign."""
    return responses(project, {key: (low, high)})[0]


def responses(project: Project, spans: dict[str, Span]) -> list[Response]:
    """The response to each input, by dotted key, over its span; all of them evaluated together."""
    if not spans:
        return []
    levers = [input_lever(project, key, span) for key, span in spans.items()]
    grids = [np.linspace(low, high, GRID) for low, high in spans.values()]
    which = np.repeat(np.arange(len(levers)), GRID)
    one_at_a_time = {
        lever.key: np.where(which == number, np.tile(grid, len(levers)), lever.base)
        for number, (lever, grid) in enumerate(zip(levers, grids, strict=True))
    }
    result = evaluate(project, one_at_a_time)
    failing = {test: np.broadcast_to(~ok, which.shape) for test, ok in passes(result).items()}
    amount = None if result.vfm is None else np.broadcast_to(result.vfm.amount, which.shape)
    switches = [[] for _ in levers] if amount is None else [found.flips for found in along(project, levers)]
    return [
        Response(
            lever.key,
            lever.base,
            grid,
            None if amount is None else amount[which == number],
            {test: failed[which == number] for test, failed in failing.items()},
            switches[number],
        )
        for number, (lever, grid) in enumerate(zip(levers, grids, strict=True))
    ]


def ranged(project: Project) -> list[Response]:
    """One response for every plausible range of the file."""
    return responses(project, {key: range_of(project, key) for key in project.ranges})


def of_rates(project: Project) -> list[Response]:
    """The response to the discount rate and, where a formula uses one, to the profit rate, over wide ranges for the report's chart."""
    rate = project.discounting.rate
    spans = {"discounting.rate": (max(rate - 0.04, 0.001) if rate > 0.001 else rate - 0.04, rate + 0.04)}
    if isinstance(project.payment, SubsidyFormula):
        profit = project.payment.profit_rate
        spans["payment.profit_rate"] = (max(profit - 0.06, 0.0), profit + 0.06)
    return responses(project, spans)


def alternatives(evaluation: Evaluation) -> list[Alternative]:
    """The tests under every other choice of every convention, one at a time; those that change no figure are left out."""
    found = []
    base = _figures(evaluation)
    for key, convention in evaluation.rules.pack.conventions.items():
        for choice in convention.allowed:
            if choice == evaluation.rules.convention(key) or not _possible(evaluation.project, key, choice):
                continue
            other = evaluate(evaluation.project, conventions={key: choice})
            figures = _figures(other)
            if figures != base:
                failing = [test for test, ok in passes(other).items() if not ok.all()]
                found.append(Alternative(key, choice, *figures[:2], failing))
    return found


def _possible(project: Project, key: str, choice: bool | str) -> bool:
    """Whether the file holds what another choice would need."""
    if key == "discount_method":
        return not missing_for(project, str(choice))
    if key == "comparator_start" and choice == "delayed":
        return project.comparator is not None and project.comparator.delay is not None
    if key == "subsidy_method":
        passes_through = choice == "equity_annuity_debt_service"
        return passes_through == (getattr(project.payment, "debt_service", None) is not None)
    if key == "qualitative_mean" and choice == "trimmed":
        return all(len(entry.scores) >= 3 for entry in (project.qualitative or {}).values())
    return key != "negative_gap" or choice != "share" or getattr(project.payment, "excess_share", None) is not None


def _figures(evaluation: Evaluation) -> tuple[float | None, float | None, float | None, float | None]:
    """The figures by which two evaluations are told apart: VfM, peak share, score, equity IRR; rounded so that noise is no difference."""

    def first(key: str, scale: float) -> float | None:
        value = evaluation.results.get(key)
        return None if value is None or not np.isfinite(value[0]) else round(float(value[0]) / scale, 9) * scale

    investment = float(evaluation.inputs.capex.sum()) or 1.0
    return (
        first("vfm_amount", investment),
        first("share_peak", 1.0),
        first("qualitative_score", 1.0),
        first("equity_irr", 1.0),
    )
