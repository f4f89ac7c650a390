"""Payment by performance: scores to payment shares, and deductions for unavailability.

What must be true: a share lies between the floor and the cap; a better score never earns less on a rising scale; full scores and no
events earn the payment whole; all areas down for half of the periods cost it whole.
Sources: Cai Jin [2020] 13 for the indicator tree; published contracts for the scales and the deductions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Band:
    """From `score` upwards, up to the next band: share = base + per_point x (score - `score`)."""

    score: float
    base: float
    per_point: float


READINGS = {"on_the_line": lambda s: s, "whole_points": np.floor, "nearest_point": lambda s: np.floor(s + 0.5)}


def payment_share(score, scale: Sequence[Band], fractional: str = "on_the_line") -> np.ndarray:
    """Share of the payment earned by a score of 0 to 100.

    fractional: a score between two points is read on the line of the band it falls in, as the whole points reached, or as the
    nearest point (a half upwards). Raises ValueError for scores outside 0 to 100 or a scale that does not begin at 0."""
    scale = sorted(scale, key=lambda band: band.score)
    score = np.asarray(score, dtype=float)
    if scale[0].score != 0 or np.any((score < 0) | (score > 100)):
        raise ValueError("scores run from 0 to 100 and the scale begins at 0")
    score = READINGS[fractional](score)
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


def rounded_to(value: float, step: float) -> float:
    """The nearest multiple of `step`, a half upwards; as it is when the step is 0. The same in every direction for payer and payee,
    because amounts are positive."""
    return value if step == 0 else math.floor(value / step + 0.5) * step


def year_deduction(
    payment: float, rate: float, events: Sequence[tuple[str, float, float]], after: float, factor: float, cap: float
) -> float:
    """Deduction of one year: sum of weight x rate x periods over events (kind, weight, periods), in the order they are listed; each
    event of a kind beyond the first `after` costs `factor` times as much; at most `cap` x payment, and nothing of no payment."""
    seen: dict[str, int] = {}
    total = 0.0
    for kind, weight, periods in events:
        seen[kind] = seen.get(kind, 0) + 1
        total += unavailability_deduction(weight, rate, periods) * (factor if seen[kind] > after else 1.0)
    return min(total, cap * max(payment, 0.0))
