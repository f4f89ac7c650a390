"""An on-balance-sheet PPP liability and the accruing residual interest. Source: NHSScotland capital accounting manual, note 4."""

from __future__ import annotations

import numpy as np


def liability_schedule(
    opening: float, payment: float, rate: float, years: int, decimals: int | None = None
) -> dict[str, np.ndarray]:
    """interest, principal, closing: (years,). interest = rate x opening; principal = payment - interest; closing = opening - principal.

    `decimals` rounds the interest of each year, as manual schedules do. All positive in the payer's direction."""
    interest, principal, closing = np.zeros(years), np.zeros(years), np.zeros(years)
    balance = opening
    for t in range(years):
        due = rate * balance
        interest[t] = due if decimals is None else round(due, decimals)
        principal[t] = payment - interest[t]
        balance = balance - principal[t] if decimals is None else round(balance - principal[t], decimals)
        closing[t] = balance
    return {"interest": interest, "principal": principal, "closing": closing}


def residual_schedule(payment: float, rate: float, years: int, decimals: int | None = None) -> np.ndarray:
    """Opening residual of each year when `payment` is added at the end of every year and the balance grows at `rate`: (years,)."""
    opening = np.zeros(years)
    for t in range(1, years):
        grown = opening[t - 1] * (1.0 + rate) + payment
        opening[t] = grown if decimals is None else round(grown, decimals)
    return opening
