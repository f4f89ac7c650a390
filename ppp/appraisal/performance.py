"""Payment by performance: scores to payment shares, and deductions for unavailability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Band:
    """From `score` upwards, up to the next band: share = base + per_point x (score - `score`)."""

    score: float
    base: float
    per_point: float


def payment_share(score, scale: list[Band]) -> np.ndarray:
    """Share of the payment earned by a score of 0 to 100. A fractional score is read on the line of the band it falls in.

    Raises ValueError for scores outside 0 to 100 or a scale that does not begin at 0."""
    scale = sorted(scale, key=lambda band: band.score)
    score = np.asarray(score, dtype=float)
    if scale[0].score != 0 or np.any((score < 0) | (score > 100)):
        raise ValueError("scores run from 0 to 100 and the scale begins at 0")
    starts = np.array([band.score for band in scale])
    chosen = np.searchsorted(starts, score, side="right") - 1
    base, slope = np.array([band.base for band in scale]), np.array([band.per_point for band in scale])
    return base[chosen] + slope[chosen] * (score - starts[chosen])


def performance_payment(construction_fee, om_fee, construction_share, operation_share, linked):
    """R1 x construction fee x (1 - linked) + R2 x (O&M fee + construction fee x linked); `linked` is the share of the
    construction fee that depends on operating performance."""
    at_construction = construction_share * construction_fee * (1.0 - linked)
    return at_construction + operation_share * (om_fee + construction_fee * linked)


def unavailability_rate(
    annual_payment, weighted_units, periods_a_day: int, days: int = 365, decimals: int | None = None
):
    """Deduction for one weighted unit of area over one period, such that everything unavailable for half the periods costs the
    whole annual payment: payment / (weighted units x periods x days / 2). `decimals` rounds the rate, as some contracts do."""
    rate = annual_payment / (weighted_units * periods_a_day * days / 2.0)
    return rate if decimals is None else round(rate, decimals)


def unavailability_deduction(weight, rate, periods):
    """Weight of the area x rate x periods of unavailability."""
    return weight * rate * periods
