"""The qualitative assessment: experts' scores weighted by indicator, and how far the experts agree. Source: Cai Jin [2015] 167."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scored:
    """One indicator, all of 100 but `weight` (a fraction): the mean that counts, both means, lowest and highest score, deviation.

    `trimmed` is NaN below three experts. `deviation` is the sample's standard deviation, NaN for one expert.
    """

    key: str
    weight: float
    mean: float
    lowest: float
    highest: float
    plain: float
    trimmed: float
    deviation: float
    scores: tuple[float, ...]


def score(weights: dict[str, float], scores: dict[str, list[float]], mean: str = "all") -> tuple[float, list[Scored]]:
    """Sum of weight x mean score, of 100, and the indicators.

    mean: "all" experts, or "trimmed": without the highest and the lowest score of each indicator, which needs three experts.
    Raises ValueError for fewer. Identity: equal scores give that score when the weights add to 1.
    """
    scored = []
    for key, weight in weights.items():
        given = np.asarray(scores[key], dtype=float)
        if mean == "trimmed" and given.size < 3:
            raise ValueError("a trimmed mean needs at least three experts")
        plain = float(given.mean())
        trimmed = float(np.sort(given)[1:-1].mean()) if given.size > 2 else float("nan")
        deviation = float(given.std(ddof=1)) if given.size > 1 else float("nan")
        counts = trimmed if mean == "trimmed" else plain
        ends = (float(given.min()), float(given.max()))
        scored.append(Scored(key, weight, counts, *ends, plain, trimmed, deviation, tuple(map(float, given))))
    return sum(item.weight * item.mean for item in scored), scored


def totals(scored: list[Scored]) -> dict[str, float]:
    """The weighted score by either mean, of 100: "all", and "trimmed" (NaN below three experts)."""
    return {
        "all": sum(item.weight * item.plain for item in scored),
        "trimmed": sum(item.weight * item.trimmed for item in scored),
    }


def by_expert(scored: list[Scored]) -> list[float]:
    """Each expert's own weighted score, of 100, in the order of the sheet. Their mean is the plain weighted score."""
    weights = np.array([item.weight for item in scored])
    return [float(value) for value in weights @ np.array([item.scores for item in scored])]


def band(score: float, lowest: list[float]) -> int:
    """Which band a score falls in: the first of `lowest`, best first, that it reaches. A fraction between two bands is in the lower."""
    return next(i for i, bound in enumerate(lowest) if score >= bound)


def bands_apart(item: Scored, lowest: list[float]) -> int:
    """How many bands lie between the highest and the lowest score of an indicator; 0 when all are in one."""
    return band(item.lowest, lowest) - band(item.highest, lowest)


def disputed(item: Scored, mark: float) -> bool:
    """Whether the experts disagree on the indicator itself: some score it at the pass mark or above, some below."""
    return item.lowest < mark <= item.highest
