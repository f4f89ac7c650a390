"""The range of the comparator: its 5th percentile, mean and 95th percentile over the risks that it carries.

Source: National PPP Guidelines vol. 4. Each risk is drawn on its own distribution: a scenario's outcome holds over the whole phase, a
ratio stands still. Risks that move together (one draw for all) have percentiles that add; independent risks have a narrower range.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from ppp.draws import relative_cost
from ppp.procurement import Risk

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
        shift = sum((worth[key] * (relative_cost(risk, ends) - 1.0) for key, risk in spread.items()), np.zeros(2))
        low, high = psc + shift
        return PscRange(float(low), psc, float(high), percentiles, dependence, len(spread))
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")))
    drawn = np.full(DRAWS, psc)
    for key in sorted(spread):
        uniform = (generator.permutation(DRAWS) + generator.random(DRAWS)) / DRAWS
        drawn = drawn + worth[key] * (relative_cost(spread[key], uniform) - 1.0)
    low, high = np.quantile(drawn, ends)
    return PscRange(float(low), psc, float(high), percentiles, dependence, len(spread))
