"""The range of the comparator: its 5th percentile, mean and 95th percentile over the risks that it carries.

Source: National PPP Guidelines vol. 4. Each risk is drawn on its own distribution: a scenario's outcome holds over the whole phase, a
ratio stands still. Risks that move together (one draw for all) have percentiles that add; independent risks have a narrower range.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from ppp.appraisal.risk import expected_value
from ppp.appraisal.risk_register import mean
from ppp.procurement import Distribution, Risk

DRAWS = 8192  # of independent risks; the sampling error of a percentile is below 1 % of the range


@dataclass(frozen=True)
class PscRange:
    """PSC in base units of money at the lower percentile, in expectation, and at the upper one; `spread` risks have a distribution."""

    low: float
    mean: float
    high: float
    percentiles: tuple[float, float]
    dependence: str
    spread: int

    def position(self, value: float) -> str:
        """Where a PPP value lies: below, in_lower_half, in_upper_half or above the range."""
        if value < self.low:
            return "below"
        if value > self.high:
            return "above"
        return "in_lower_half" if value <= self.mean else "in_upper_half"


def psc_range(
    psc: float,
    risks: dict[str, Risk],
    worth: dict[str, float],
    percentiles: tuple[float, float],
    dependence: str,
    seed: str,
) -> PscRange:
    """The range of a PSC whose expected risk cost by risk is `worth` (present values, money).

    PSC = psc + sum over risks of worth x (draw / expected - 1). dependence: "together" (comonotonic: exact, percentiles add) or
    "independent" (DRAWS stratified draws, seeded by `seed`). Raises ValueError for another word or percentiles out of order.
    """
    if dependence not in ("together", "independent"):
        raise ValueError(f"unknown dependence {dependence!r}")
    if not 0.0 < percentiles[0] < percentiles[1] < 1.0:
        raise ValueError(f"percentiles must rise within 0 and 1: {percentiles}")
    spread = {key: risk for key, risk in risks.items() if risk.ratio is None and worth[key] != 0.0}
    ends = np.asarray(percentiles)
    if dependence == "together":
        shift = sum((worth[key] * (_relative(risk, ends) - 1.0) for key, risk in spread.items()), np.zeros(2))
        low, high = psc + shift
        return PscRange(float(low), psc, float(high), percentiles, dependence, len(spread))
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")))
    drawn = np.full(DRAWS, psc)
    for key in sorted(spread):
        uniform = (generator.permutation(DRAWS) + generator.random(DRAWS)) / DRAWS
        drawn = drawn + worth[key] * (_relative(spread[key], uniform) - 1.0)
    low, high = np.quantile(drawn, ends)
    return PscRange(float(low), psc, float(high), percentiles, dependence, len(spread))


def _relative(risk: Risk, uniform: np.ndarray) -> np.ndarray:
    """The risk's cost at quantiles over its expected cost."""
    if risk.outcomes is not None:
        return _of_outcomes(risk, uniform)
    given = risk.distribution
    return quantile(given, uniform) / (given.probability * mean(given))


def _of_outcomes(risk: Risk, uniform: np.ndarray) -> np.ndarray:
    ordered = sorted(risk.outcomes, key=lambda outcome: outcome.cost)
    chances, costs = [o.probability for o in ordered], np.array([o.cost for o in ordered])
    reached = np.searchsorted(np.cumsum(chances) - 1e-12, uniform)
    return costs[np.minimum(reached, len(ordered) - 1)] / expected_value(chances, costs)


def quantile(given: Distribution, uniform: np.ndarray) -> np.ndarray:
    """Inverse distribution function of the cost, which is 0 with probability 1 - p and else follows the shape."""
    within = np.clip((uniform - (1.0 - given.probability)) / given.probability, 0.0, 1.0)
    return np.where(uniform < 1.0 - given.probability, 0.0, _shape(given, within))


def _shape(given: Distribution, uniform: np.ndarray) -> np.ndarray:
    low, width = given.low, given.high - given.low
    if given.shape == "uniform":
        return low + uniform * width
    peak = (given.likely - low) / width
    if given.shape == "pert":  # a beta distribution of weight 4 on the most likely value
        from scipy.special import betaincinv

        return low + width * betaincinv(1.0 + 4.0 * peak, 5.0 - 4.0 * peak, uniform)
    rising = np.sqrt(uniform * peak)
    falling = 1.0 - np.sqrt((1.0 - uniform) * (1.0 - peak))
    return low + width * np.where(uniform < peak, rising, falling)
