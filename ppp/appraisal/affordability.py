"""Fiscal affordability: the yearly load on the district's budget. Source: Cai Jin [2015] 21 and the thresholds of the rule pack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Load:
    """By calendar year: `years` (years,); budget and existing (years, 1); own (years, cases): this project's fiscal spending."""

    years: np.ndarray
    budget: np.ndarray
    existing: np.ndarray
    own: np.ndarray
    last_recorded: float

    @property
    def share_without_growth(self) -> np.ndarray:
        """The share if the budget stayed at its last recorded year, (years, cases)."""
        return (self.existing + self.own) / self.last_recorded

    @property
    def share(self) -> np.ndarray:
        """(existing + own) / budget, (years, cases)."""
        return (self.existing + self.own) / self.budget

    @property
    def share_alone(self) -> np.ndarray:
        return self.own / self.budget

    def headroom(self, cap: float) -> np.ndarray:
        """cap x budget - existing - own: money left under the cap, negative when it is broken."""
        return cap * self.budget - self.existing - self.own


def average_growth(expenditure, years: int) -> float:
    """Mean of the yearly growth rates of the last `years` rates (fewer when the history is shorter; 0 with a single year)."""
    history = np.asarray(expenditure, dtype=float)
    if history.size < 2:
        return 0.0
    return float(
        np.mean(history[1:] / history[:-1] - 1.0, where=np.arange(history.size - 1) >= history.size - 1 - years)
    )


def forecast_budget(known: dict[int, float], growth: float, base: str, averaged: int, years: np.ndarray) -> np.ndarray:
    """Expenditure of each year: as recorded where known, else base x (1 + growth)^(year - last known year). Shape (years, 1).

    base: "last_year", or "average" of the last `averaged` years. Raises ValueError for a year before the records begin.
    """
    last = max(known)
    recorded = [known[year] for year in sorted(known)]
    level = known[last] if base == "last_year" else float(np.mean(recorded[-averaged:]))
    if min(years) < min(known):
        raise ValueError(f"the budget is not recorded for {min(years)}; its first year is {min(known)}")
    return np.array(
        [[known[y] if y in known else level * (1.0 + growth) ** (y - last)] for y in (int(year) for year in years)]
    )
