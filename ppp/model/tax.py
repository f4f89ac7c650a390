"""Income tax: straight-line depreciation, losses carried forward."""

from __future__ import annotations

import numpy as np


def straight_line(cost, years: int, operating_years: int, first_year: str = "full") -> np.ndarray:
    """Depreciation by operating year, summing to `cost`: cost / years each, or a half in year 1 and the other half in year
    years + 1. Shape (operating_years, cases), positive. Raises ValueError when the schedule is longer than operation."""
    share = np.zeros((operating_years, 1))
    if first_year == "half":
        if years + 1 > operating_years:
            raise ValueError("the depreciation schedule is longer than operation")
        share[: years + 1] = 1.0 / years
        share[0] = share[years] = 0.5 / years
    else:
        if years > operating_years:
            raise ValueError("the depreciation schedule is longer than operation")
        share[:years] = 1.0 / years
    return share * np.atleast_1d(cost)


def income_tax(
    profit, rate, losses: str = "carry_forward", loss_years: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Tax and losses used, both (years, cases); profit before tax may be negative.

    carry_forward: a loss reduces the profits of the next `loss_years` years (all later years when None), oldest loss first.
    refund: tax = rate x profit at once, negative in a loss year (what a parent with other profits enjoys).
    Limit: without losses both give rate x profit; tax is never negative under carry_forward.
    """
    profit = np.asarray(profit, dtype=float)
    if losses == "refund":
        return rate * profit, np.zeros_like(profit)
    used = np.zeros_like(profit)
    life = profit.shape[0] if loss_years is None else loss_years
    if not (profit < 0.0).any():
        return rate * profit, used
    pools: list[np.ndarray] = []
    for t, row in enumerate(profit):
        pools = pools[-life:] if life else []
        left = np.maximum(row, 0.0)
        for k, pool in enumerate(pools):
            take = np.minimum(pool, left)
            pools[k] = pool - take
            left = left - take
        used[t] = np.maximum(row, 0.0) - left
        pools.append(np.maximum(-row, 0.0))
    return rate * (np.maximum(profit, 0.0) - used), used
