"""The IRR of indifference: shareholders' return at the payment at which the PPP costs what the comparator does.

HM Treasury solves the unitary charge from a target equity IRR (here `ppp solve`), and backwards the IRR of indifference. The lever is
what the file's payment is set by: a factor on the availability payment, or the profit rate of the formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.loading import value_at
from ppp.payment_terms import Availability, SubsidyFormula
from ppp.project import Project

GRID = 41
REFINEMENTS = 8
REACH = {"payment.amount.times": (0.2, 3.0), "payment.profit_rate": (-0.5, 1.5)}  # how far the lever is moved in search


@dataclass(frozen=True)
class Indifference:
    """At `at` of the input `lever` the PPP costs what the comparator does, and shareholders earn `equity_irr` (NaN: none)."""

    lever: str
    base: float
    at: float
    equity_irr: float


def lever_of(project: Project) -> str | None:
    """Dotted key by which the government's payment is set; None when users alone pay."""
    if isinstance(project.payment, Availability):
        return "payment.amount.times"
    return "payment.profit_rate" if isinstance(project.payment, SubsidyFormula) else None


def indifference(evaluation: Evaluation) -> Indifference | None:
    """The lever at which VfM is zero, nearest to the file's own, and the equity IRR there.

    None without comparator, funding model or lever, or where VfM keeps its sign throughout REACH."""
    project, lever = evaluation.project, lever_of(evaluation.project)
    if lever is None or evaluation.vfm is None or not evaluation.inputs.funded:
        return None
    at = _solve(project, lever)
    if at is None:
        return None
    irr = float(evaluate(project, {lever: np.array([at])}).results["equity_irr"][0])
    return Indifference(lever, value_at(project, lever), at, irr)


def _solve(project: Project, lever: str) -> float | None:
    """The zero of VfM along the lever that is nearest to the file's value, by repeated division of the interval."""
    base = value_at(project, lever)
    grid = np.linspace(*REACH[lever], GRID)
    crossing = _crossings(project, lever, grid)
    if not crossing:
        return None
    low, high = min(crossing, key=lambda ends: abs(sum(ends) / 2.0 - base))
    for _ in range(REFINEMENTS):
        ends = _crossings(project, lever, np.linspace(low, high, GRID))
        if not ends:
            break
        low, high = ends[0]
    return (low + high) / 2.0


def _crossings(project: Project, lever: str, grid: np.ndarray) -> list[tuple[float, float]]:
    with np.errstate(all="ignore"):  # far from the file's value a return may not exist
        values = np.broadcast_to(evaluate(project, {lever: grid}).vfm.amount, grid.shape)
    known = np.isfinite(values)
    crosses = known[1:] & known[:-1] & ((values[1:] >= 0.0) != (values[:-1] >= 0.0))
    return [(float(grid[i]), float(grid[i + 1])) for i in np.flatnonzero(crosses)]
