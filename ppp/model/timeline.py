"""Periods with dates: row 0 is financial close, row t the end of the t-th year after it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timeline:
    """`construction` years from `close`, then `operation` years; arrays over it have 1 + construction + operation rows."""

    close: dt.date
    construction: int
    operation: int

    @property
    def rows(self) -> int:
        return 1 + self.construction + self.operation

    @property
    def building(self) -> slice:
        """Rows in which capex is spent: the construction years, or financial close when there are none."""
        return slice(1, self.construction + 1) if self.construction else slice(0, 1)

    @property
    def operating(self) -> slice:
        return slice(self.construction + 1, self.rows)

    def anniversary(self, years: int) -> dt.date:
        """The date `years` after close; 29 February becomes 28 February in a common year."""
        try:
            return self.close.replace(year=self.close.year + years)
        except ValueError:
            return self.close.replace(year=self.close.year + years, day=28)

    @property
    def ends(self) -> list[dt.date]:
        """The last day of each period; row 0 holds the day of financial close."""
        return [self.close] + [self.anniversary(t) - dt.timedelta(days=1) for t in range(1, self.rows)]

    @property
    def budget_years(self) -> np.ndarray:
        """The calendar year whose budget bears each row: the year in which the period ends. Shape (rows,)."""
        return np.array([end.year for end in self.ends])

    def spread(self, phase: str, values: np.ndarray) -> np.ndarray:
        """Place values of one phase ("building" or "operating"; shape (years, cases)) on all rows, zero elsewhere."""
        values = np.atleast_2d(np.asarray(values, dtype=float))
        out = np.zeros((self.rows, values.shape[1]))
        out[getattr(self, phase)] = values
        return out
