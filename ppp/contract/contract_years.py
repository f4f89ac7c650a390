"""Contract years: the years of construction and of operation in a row, and amounts moved between them and the model's rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ppp.model.timeline import Timeline


@dataclass(frozen=True)
class ContractYears:
    """Construction years (close counts as one where nothing is built later), then operating years. Amounts are whole years' amounts,
    also in a short last year: (contract years,)."""

    timeline: Timeline

    @cached_property
    def building(self) -> int:
        """Contract years in which capex is spent."""
        return max(self.timeline.construction_years, 1)

    @property
    def count(self) -> int:
        return self.building + self.timeline.operating_years

    @cached_property
    def years(self) -> np.ndarray:
        """Calendar year of the last day of each contract year: (contract years,)."""
        parts = [self.timeline.years_of_phase("construction"), self.timeline.years_of_phase("operation")]
        return np.concatenate(parts)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Length of each operating year in years: (operating years,)."""
        return self.timeline.year_lengths("operation")

    def last_row(self, operating_year: int) -> int:
        """The last row that ends within so many operating years; the row of completion for 0."""
        within = self.timeline.boundaries <= self.timeline.construction + 12 * operating_year
        return int(np.nonzero(within)[0][-1])

    def of_operation(self, yearly) -> np.ndarray:
        """Amounts of the operating years (operating years,) from amounts at a yearly rate (operating years, 1)."""
        return np.asarray(yearly, dtype=float)[:, 0] * self.lengths

    def at_yearly_rate(self, amounts) -> np.ndarray:
        """The reverse: (operating years, 1)."""
        return (np.asarray(amounts, dtype=float) / self.lengths)[:, None]

    def of_rows(self, values, phase: str = "operation") -> np.ndarray:
        """A flow on the rows (rows, 1) by year of a phase (years,): each row by the months it shares with each year."""
        if phase == "construction" and self.timeline.construction == 0:
            return np.asarray(values, dtype=float)[:1, 0]
        rows = self.timeline.operating if phase == "operation" else self.timeline.building
        shared = self.timeline.shared_months(phase)
        return np.asarray(values, dtype=float)[rows, 0] @ (shared / shared.sum(axis=1, keepdims=True))
