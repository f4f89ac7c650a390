"""Which random quantity drives a result: shares of its variance where the quantities are independent, rank correlation otherwise.

Shares (Sobol' indices) of quantity i, f the result, A and B two independent sets of points, AB_i the first with column i of the second:
    alone    S_i = mean of f(B) (f(AB_i) - f(A)) / V      Saltelli et al. 2010; what fixing i alone would take off the variance
    in all   T_i = mean of (f(A) - f(AB_i))^2 / (2 V)     Jansen 1999; i alone and through every interaction with the others
with f measured from its mean. Correlated quantities have no such shares, for part of the variance belongs to several of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import evaluate
from ppp.appraisal.simulation import BLOCK, KEPT, Estimate, Simulation, bearing_of

POINTS = 64  # of each scramble: enough for the order of the drivers at a seventh of the draws' own cost
FEWEST = 16  # points of a scramble below which shares would be noise

SHARES, RANKS = "variance_shares", "rank_correlation"
CORRELATED, FEW, STILL, UNDEFINED = "correlated", "few_draws", "does_not_vary", "undefined"


@dataclass(frozen=True)
class Drivers:
    """Of one result. alone, total: share of the variance by quantity; empty where `why` says why there are none. rank: rank
    correlation (Spearman) with the result, from all draws."""

    result: str
    alone: dict[str, Estimate]
    total: dict[str, Estimate]
    rank: dict[str, float]
    why: str | None

    @property
    def measure(self) -> str:
        return SHARES if self.why is None else RANKS

    @property
    def ranked(self) -> list[str]:
        """Quantities by how much they drive the result, the strongest first."""
        size = {name: self.total[name].value if self.total else abs(self.rank[name]) for name in self.rank}
        return sorted(size, key=lambda name: -size[name])


def drivers(simulation: Simulation, points: int = POINTS) -> dict[str, Drivers]:
    """The drivers of every result that the simulation keeps, by its key. points: of each scramble, for the variance shares."""
    plan, names = simulation.plan, simulation.plan.names
    points = min(points, plan.points)
    kept = [key for key in KEPT if key in simulation.results]
    given = {key: simulation.results[key] for key in kept}
    ranks = {name: average_ranks(values) for name, values in simulation.randoms.items()}
    joint = plan.joint is not None
    crossed = {} if joint or points < FEWEST else _crossed(simulation, points, kept)
    count, found = points * simulation.scrambles, {}
    for key in kept:
        values = given[key]
        rank = {name: correlation(ranks[name], average_ranks(values)) if _known(values) else np.nan for name in names}
        why = CORRELATED if joint else FEW if not crossed else _unfit(values, crossed, key)
        alone: dict[str, Estimate] = {}
        total: dict[str, Estimate] = {}
        if why is None:
            part = [values[:count], crossed["second"][key], *(crossed[name][key] for name in names)]
            alone, total = _shares(part, names, simulation.scrambles)
        found[key] = Drivers(key, alone, total, rank, why)
    return found


def _known(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).all())


def _unfit(values: np.ndarray, crossed: dict, key: str) -> str | None:
    if not (_known(values) and all(_known(part[key]) for part in crossed.values())):
        return UNDEFINED
    return STILL if np.ptp(values) <= 1e-12 * max(float(np.max(np.abs(values))), 1e-300) else None


def _crossed(simulation: Simulation, points: int, kept: list[str]) -> dict[str, dict[str, np.ndarray]]:
    """The results on the second set of points, and on the first with one column of the second: "second" or quantity -> key -> (draws,)."""
    plan = simulation.plan
    numbers = np.arange(points * simulation.scrambles)
    first, second = plan.uniform(numbers), plan.uniform(numbers, second=True)
    parts = [second]
    for i in range(len(plan.names)):
        mixed = first.copy()
        mixed[:, i] = second[:, i]
        parts.append(mixed)
    stacked = np.concatenate(parts)
    bearing = bearing_of(plan.project, simulation.loan)
    found = {key: np.empty(stacked.shape[0]) for key in kept}
    for start in range(0, stacked.shape[0], BLOCK):
        part = slice(start, start + BLOCK)
        results = evaluate(bearing, plan.cases(plan.values(stacked[part]))).results
        for key in kept:
            found[key][part] = results[key]
    split = {key: np.split(values, len(parts)) for key, values in found.items()}
    return {name: {key: split[key][i] for key in kept} for i, name in enumerate(("second", *plan.names))}


def _shares(
    parts: list[np.ndarray], names: tuple[str, ...], scrambles: int
) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    whole = variance_shares(*parts[:2], parts[2:])
    each = [
        variance_shares(*[p[s::scrambles] for p in parts[:2]], [p[s::scrambles] for p in parts[2:]])
        for s in range(scrambles)
    ]
    error = np.std(np.array(each), axis=0, ddof=1) / np.sqrt(scrambles)
    alone, total = (
        {name: Estimate(float(whole[k][i]), float(error[k][i])) for i, name in enumerate(names)} for k in range(2)
    )
    return alone, total


def variance_shares(first: np.ndarray, second: np.ndarray, crossed: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(S, T), (quantities,) each, from a function on two independent sets of points and, by quantity, on the first with that column of the
    second. NaN for a function that does not vary."""
    both = np.concatenate([first, second])
    middle, variance = both.mean(), both.var()
    if variance <= 0.0:
        return np.full(len(crossed), np.nan), np.full(len(crossed), np.nan)
    alone = [np.mean((second - middle) * (mixed - first)) / variance for mixed in crossed]
    total = [np.mean((first - mixed) ** 2) / (2.0 * variance) for mixed in crossed]
    return np.array(alone), np.array(total)


def average_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts + 1) / 2.0)[place]


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's; of ranks it is Spearman's. NaN where one does not vary."""
    one, other = one - one.mean(), other - other.mean()
    size = np.sqrt((one @ one) * (other @ other))
    return float(one @ other / size) if size > 0.0 else np.nan
