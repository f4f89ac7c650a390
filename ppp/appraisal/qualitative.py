"""The qualitative assessment: experts' scores weighted by indicator. Source: Cai Jin [2015] 167."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scored:
    """One indicator: weight (fraction), mean of the experts, lowest and highest score, all of 100."""

    key: str
    weight: float
    mean: float
    lowest: float
    highest: float


def score(weights: dict[str, float], scores: dict[str, list[float]], mean: str = "all") -> tuple[float, list[Scored]]:
    """Sum of weight x mean score, of 100, and the indicators.

    mean: "all" experts, or "trimmed": without the highest and the lowest score of each indicator, which needs three experts.
    Raises ValueError for fewer. Identity: equal scores give that score when the weights add to 1.
    """
    scored = []
    for key, weight in weights.items():
        given = np.sort(np.asarray(scores[key], dtype=float))
        if mean == "trimmed":
            if given.size < 3:
                raise ValueError("a trimmed mean needs at least three experts")
            average = float(given[1:-1].mean())
        else:
            average = float(given.mean())
        scored.append(Scored(key, weight, average, float(given[0]), float(given[-1])))
    return sum(item.weight * item.mean for item in scored), scored
