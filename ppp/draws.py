"""From what a file says about its uncertain inputs to the values of any draw, by the draw's number alone.

Draw n is point n // R of scramble n % R, R the number of scrambles: the same draw whatever the number of points, blocks and processes.
Scrambles are seeded by the project's id, so that other projects of a batch change nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ppp.model.distributions import Distribution
from ppp.model.sampling import copula_factor, joined, normal_correlation, pseudo_random, sobol, within_edges
from ppp.overlays import number_at
from ppp.simulation_terms import SimulationTerms

if TYPE_CHECKING:
    from ppp.procurement import Distribution as RiskDistribution
    from ppp.procurement import Risk
    from ppp.project import Project

NAMED = re.compile(r"(?:(?P<scenario>[^+]+)\+)?draw-(?P<number>0|[1-9][0-9]{0,8})")  # the scenario that one draw is
RISK = "risks.{}.times"
DEFAULTS = SimulationTerms()
POINTS = (
    512  # a scramble, where neither the file nor the caller says how many: 4,096 draws in the default eight scrambles
)


@dataclass(frozen=True)
class Random:
    """One random quantity: the distribution that moves `keys`, and how (sets, multiplies, adds_to)."""

    name: str
    how: str
    keys: tuple[str, ...]
    distribution: Distribution | RiskCost

    def quantile(self, at: np.ndarray) -> np.ndarray:
        return self.distribution.quantile(at)


@dataclass(frozen=True)
class RiskCost:
    """A risk's cost over its expected cost: an outcome holds over the whole phase; nothing costs nothing."""

    risk: Risk

    def quantile(self, at: np.ndarray) -> np.ndarray:
        return relative_cost(self.risk, at)

    @property
    def reach(self) -> tuple[float, float]:
        low, high = self.quantile(np.array([1e-9, 1.0 - 1e-9]))
        return float(low), float(high)


def relative_cost(risk: Risk, at: np.ndarray) -> np.ndarray:
    """The cost of a risk with outcomes or a distribution at quantiles, over its expected cost."""
    if risk.outcomes is not None:
        costs, chances = (np.array([getattr(o, key) for o in risk.outcomes]) for key in ("cost", "probability"))
        drawn = Distribution("discrete", values=tuple(costs), probabilities=tuple(chances)).quantile(at)
        return drawn / float(costs @ chances)
    return cost_quantile(risk.distribution, at) / (risk.distribution.probability * mean_cost(risk.distribution))


def cost_quantile(given: RiskDistribution, at: np.ndarray) -> np.ndarray:
    """Inverse distribution function of a risk's cost, which is 0 with probability 1 - p and else follows the shape."""
    shape = Distribution(given.shape, given.low, given.likely, given.high)
    within = np.clip((at - (1.0 - given.probability)) / given.probability, 0.0, 1.0)
    return np.where(at < 1.0 - given.probability, 0.0, shape.quantile(within))


def mean_cost(given: RiskDistribution) -> float:
    """Mean cost if the risk occurs: (low + likely + high) / 3, (low + 4 likely + high) / 6 for PERT, (low + high) / 2 for uniform."""
    low, high = np.asarray(given.low), np.asarray(given.high)  # a simulation may hold an array in place of either
    if given.shape == "uniform":
        return (low + high) / 2.0
    return (low + given.likely + high) / 3.0 if given.shape == "triangular" else (low + 4.0 * given.likely + high) / 6.0


@dataclass(frozen=True)
class Plan:
    """The random quantities of a project, in the order of their names, and how they are drawn."""

    project: Project
    terms: SimulationTerms
    randoms: tuple[Random, ...]
    points: int

    @property
    def draws(self) -> int:
        return self.points * self.terms.scrambles

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(random.name for random in self.randoms)

    @cached_property
    def joint(self) -> tuple[list[int], np.ndarray] | None:
        """The places of the quantities that are correlated, and the factor of their normal correlation; None where none is."""
        matrix = rank_matrix(self.names, self.terms)
        together = [i for i in range(len(self.names)) if np.count_nonzero(matrix[i]) > 1]
        if not together:
            return None
        return together, copula_factor(normal_correlation(matrix)[np.ix_(together, together)])

    def uniform(self, numbers: np.ndarray, second: bool = False) -> np.ndarray:
        """Points of draws by number, each column uniform and still independent: (draws, quantities). second: an independent set of
        points of the same numbers, for Sobol indices."""
        numbers = np.asarray(numbers)
        width = len(self.randoms)
        found = np.empty((numbers.size, 2 * width))
        for scramble in range(self.terms.scrambles):
            own = numbers % self.terms.scrambles == scramble
            if own.any():
                make = sobol if self.terms.sampling == "sobol" else pseudo_random
                found[own] = make(numbers[own] // self.terms.scrambles, 2 * width, seed_of(self.project.id, scramble))
        return within_edges(found[:, width:] if second else found[:, :width])

    def values(self, uniform: np.ndarray) -> dict[str, np.ndarray]:
        """The random quantities at points, correlated as the file says, by name: (draws,) each."""
        if self.joint is not None:
            places, factor = self.joint
            uniform = uniform.copy()
            uniform[:, places] = joined(uniform[:, places], factor)
        return {random.name: random.quantile(uniform[:, i]) for i, random in enumerate(self.randoms)}

    def cases(self, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The inputs that the quantities move, by dotted key: (draws,) each. An input is first set, then multiplied, then added to."""
        found: dict[str, np.ndarray] = {}
        for how in ("sets", "multiplies", "adds_to"):
            for random in self.randoms:
                for key in random.keys if random.how == how else ():
                    before = found[key] if key in found else number_at(self.project, key)[1]
                    drawn = values[random.name]
                    found[key] = drawn if how == "sets" else before * drawn if how == "multiplies" else before + drawn
        return found

    def of(self, numbers: np.ndarray) -> dict[str, np.ndarray]:
        """The inputs of draws by number."""
        return self.cases(self.values(self.uniform(numbers)))

    def reach(self) -> dict[str, tuple[float, float]]:
        """The lowest and highest value that each input is ever given, its quantities taken together."""
        ends = {random.name: np.array(random.distribution.reach) for random in self.randoms}
        found = {key: number_at(self.project, key)[1] * np.ones(2) for random in self.randoms for key in random.keys}
        for how in ("sets", "multiplies", "adds_to"):
            for random in self.randoms:
                for key in random.keys if random.how == how else ():
                    end = ends[random.name]
                    if how == "multiplies":
                        corners = np.outer(found[key], end)
                        found[key] = np.array([corners.min(), corners.max()])
                    else:
                        found[key] = end if how == "sets" else found[key] + end
        return {key: (float(low), float(high)) for key, (low, high) in found.items()}


def seed_of(project_id: str, scramble: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{project_id}\n{scramble}".encode()).digest()[:8], "big")


def points_for(terms: SimulationTerms, draws: int) -> int:
    """Points a scramble for about `draws` draws: the power of two that gives no fewer."""
    wanted = max(1, -(-draws // terms.scrambles))
    return 1 << (wanted - 1).bit_length()


def plan_of(project: Project, draws: int | None = None) -> Plan | None:
    """What is drawn in a project; None where nothing is, and for a project that is itself a draw.

    draws: about how many, instead of what the file says. Where a scenario is applied, an input that it says is known and not drawn.
    """
    terms = project.simulation or DEFAULTS
    scenario = project._origin.scenario
    if draws == 0 or (scenario is not None and NAMED.fullmatch(scenario)):
        return None
    randoms = [_random(name, drawn) for name, drawn in terms.inputs.items()]
    moved = {key for random in randoms for key in random.keys}
    randoms = [random for random in randoms if random.how != "sets" or not _said(project, random.keys[0])]
    randoms += [_ranged(project, key) for key in project.ranges if key not in moved]
    if terms.risks == "drawn":
        keys = {RISK.format(key): risk for key, risk in project.risks.items() if has_spread(risk)}
        randoms += [Random(key, "multiplies", (key,), RiskCost(risk)) for key, risk in keys.items() if key not in moved]
    points = terms.points or POINTS
    if draws is not None:
        points = points_for(terms, draws)
    return Plan(project, terms, tuple(sorted(randoms, key=lambda r: r.name)), points) if randoms else None


def has_spread(risk: Risk) -> bool:
    """Whether a risk has more than one cost, and an expected one to measure it by."""
    if risk.outcomes is not None:
        return sum(o.probability * o.cost for o in risk.outcomes) > 0.0
    return risk.distribution is not None and risk.distribution.probability > 0.0


def _random(name: str, drawn) -> Random:
    how = "sets" if drawn.sets else "multiplies" if drawn.multiplies else "adds_to"
    return Random(name, how, drawn.moves, drawn.distribution)


def _ranged(project: Project, key: str) -> Random:
    """An input with a plausible range and no distribution: triangular, most likely where it stands. A scenario may have moved it out of
    the file's range, which then reaches to it."""
    low, high = project._origin.ranges[key]
    base = number_at(project, key)[1]
    return Random(key, "sets", (key,), Distribution("triangular", min(low, base), base, max(high, base)))


def _said(project: Project, key: str) -> bool:
    """Whether the scenario that was applied gives an input another value."""
    base = project._origin.base
    return base is not None and number_at(project, key)[1] != number_at(base, key)[1]


def rank_matrix(names: tuple[str, ...], terms: SimulationTerms) -> np.ndarray:
    """Rank correlations between quantities by name; those that are not drawn are left out."""
    matrix = np.eye(len(names))
    for entry in terms.correlations:
        if all(name in names for name in entry.between):
            i, j = (names.index(name) for name in entry.between)
            matrix[i, j] = matrix[j, i] = entry.rank
    return matrix


def draw_as_scenario(plan: Plan, number: int) -> dict[str, object]:
    """One draw as a scenario of the file would say it: the inputs that it moves, and which loan it bears."""
    change: dict[str, object] = {"loan": plan.terms.loan}
    for key, values in plan.of(np.array([number])).items():
        put(change, number_at(plan.project, key)[0], float(values[0]))
    return change


def put(change: dict[str, object], path: tuple, value: object) -> None:
    """Write a value at a path of keys into nested mappings."""
    for part in path[:-1]:
        change = change.setdefault(part, {})
    change[path[-1]] = value
