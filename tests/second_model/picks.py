"""Where random choices come from: a seed, or hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Data = dict[str, Any]


class Picks:
    """Choices from a source of whole numbers: `whole(low, high)`, both included."""

    def __init__(self, whole: Callable[[int, int], int]):
        self.whole = whole

    def one(self, options: Sequence):
        return options[self.whole(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """True so often; shrinks towards False, so that a failing file loses what it does not need."""
        return self.whole(1, 100) > 100 - percent

    def percent(self, low: float, high: float) -> str:
        """A rate between, in steps of 0.05 %."""
        return f"{self.whole(round(low * 20), round(high * 20)) / 20:g}%"

    def amount(self, low: float, high: float) -> float:
        """An amount with one decimal."""
        return self.whole(round(low * 10), round(high * 10)) / 10

    def hundredths(self, low: float, high: float) -> float:
        return self.whole(round(low * 100), round(high * 100)) / 100

    def shares(self, count: int) -> list[str]:
        """Whole percentages that add to 100."""
        weights = [self.whole(1, 9) for _ in range(count)]
        percent = [100 * weight // sum(weights) for weight in weights]
        percent[0] += 100 - sum(percent)
        return [f"{p}%" for p in percent]
