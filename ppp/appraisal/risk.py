"""Risk: expected cost, optimism bias, and the value of a minimum revenue guarantee."""

from __future__ import annotations

import math

import numpy as np


def expected_value(probabilities, costs) -> np.ndarray:
    """Sum of probability x cost over the first axis. Raises ValueError unless the probabilities add to 1."""
    probabilities = np.asarray(probabilities, dtype=float)
    if not np.allclose(probabilities.sum(axis=0), 1.0, rtol=0, atol=1e-9):
        raise ValueError("the probabilities do not add to 1")
    return np.tensordot(probabilities, np.asarray(costs, dtype=float), axes=(0, 0))


def optimism_bias(cost, upper_bound, mitigated):
    """Cost with the optimism bias left after mitigation: cost x (1 + upper bound x (1 - mitigated)). Source: Mott MacDonald 2002."""
    return cost * (1.0 + residual_bias(upper_bound, mitigated))


def residual_bias(upper_bound, mitigated):
    """Upper bound x (1 - mitigated share), a fraction of cost."""
    return upper_bound * (1.0 - mitigated)


def guarantee_value(
    expected, guarantee, sigma: float, years: int, rate: float, drift: str = "martingale", shocks: str = "cumulative"
) -> float:
    """PV of paying max(guarantee - revenue_t, 0) at the end of each of `years`, revenue lognormal: a series of European puts.

    revenue_t = expected x exp(m_t + s_t z) with s_t = sigma sqrt(t) (shocks: cumulative, a geometric Brownian motion) or sigma
    (shocks: independent each year); m_t = -s_t^2 / 2 keeps the mean at `expected` (drift: martingale), 0 keeps the median
    (drift: zero). Put = K N(-d2) - F N(-d1), F = expected exp(m_t + s_t^2 / 2), d1 = [ln(F/K) + s_t^2/2] / s_t, d2 = d1 - s_t.
    Money positive from the government. Limits: sigma -> 0 gives max(K - F, 0); guarantee 0 gives 0. ValueError for other words.
    """
    if drift not in ("martingale", "zero") or shocks not in ("cumulative", "independent"):
        raise ValueError(f"unknown drift {drift!r} or shocks {shocks!r}")
    total = 0.0
    for t in range(1, years + 1):
        spread = sigma * (math.sqrt(t) if shocks == "cumulative" else 1.0)
        forward = expected * (1.0 if drift == "martingale" else math.exp(spread**2 / 2.0))
        total += _put(forward, guarantee, spread) / (1.0 + rate) ** t
    return total


def _put(forward: float, strike: float, spread: float) -> float:
    if spread == 0.0 or strike == 0.0:
        return max(strike - forward, 0.0)
    d1 = (math.log(forward / strike) + spread**2 / 2.0) / spread
    return strike * _normal(spread - d1) - forward * _normal(-d1)


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
