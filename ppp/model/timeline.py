"""Periods with dates. Row 0 is financial close, an instant; row t is the end of the t-th period after it.

Boundaries are counted in whole months from close, so a year's total is the sum of its periods, whatever their length.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

MONTHS = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}


@dataclass(frozen=True)
class Timeline:
    """`construction` months from `close`, then `operation` months, in periods of `period` months.

    by_calendar: periods end with the calendar's years, quarters ..., so that the first and last of a phase may be short;
    otherwise they run from close and from the start of operation, and only the last of a phase may be short.
    """

    close: dt.date
    construction: int
    operation: int
    period: int = 12
    by_calendar: bool = False

    @cached_property
    def boundaries(self) -> np.ndarray:
        """Months from close to the end of each row, the first being 0: (rows,)."""
        end = self.construction + self.operation
        if self.by_calendar:
            shift = self.close.month - 1
            inner = [month for month in range(1, end) if (month + shift) % self.period == 0]
        else:
            inner = [*range(self.period, self.construction, self.period)]
            inner += range(self.construction + self.period, end, self.period)
        return np.array(sorted({0, self.construction, end, *inner}))

    @property
    def rows(self) -> int:
        return self.boundaries.size

    @cached_property
    def months(self) -> np.ndarray:
        """Length of each row in months, 0 at close: (rows,)."""
        return np.diff(self.boundaries, prepend=0)

    @property
    def times(self) -> np.ndarray:
        """Years from close to the end of each row: (rows,)."""
        return self.boundaries / 12.0

    @cached_property
    def completion(self) -> int:
        """The row at whose end construction is finished; 0 when all is built at close."""
        return int(np.searchsorted(self.boundaries, self.construction))

    @property
    def built(self) -> slice:
        """Close and the construction rows."""
        return slice(0, self.completion + 1)

    @property
    def building(self) -> slice:
        """Rows in which capex is spent: the construction rows, or financial close when there are none."""
        return slice(1, self.completion + 1) if self.completion else slice(0, 1)

    @property
    def operating(self) -> slice:
        return slice(self.completion + 1, self.rows)

    @property
    def operating_rows(self) -> int:
        return self.rows - self.completion - 1

    def operating_rows_within(self, months: int) -> int:
        """How many operating rows end within so many months of operation."""
        return int(np.sum(self.boundaries[self.operating] - self.construction <= months))

    @property
    def operating_years(self) -> int:
        """Operating years begun; the last may be short."""
        return -(-self.operation // 12)

    @property
    def construction_years(self) -> int:
        return -(-self.construction // 12)

    def year_lengths(self, phase: str) -> np.ndarray:
        """Length in years of each year of "construction" or "operation": 1, the last perhaps less. (years,)."""
        months = getattr(self, phase)
        return np.minimum(12, months - 12 * np.arange(-(-months // 12))) / 12.0

    def date(self, months: int) -> dt.date:
        """The date so many months after close; the last day of a month that is too short."""
        year, month = divmod(self.close.month - 1 + int(months), 12)
        year, month = self.close.year + year, month + 1
        return dt.date(year, month, min(self.close.day, calendar.monthrange(year, month)[1]))

    @cached_property
    def ends(self) -> list[dt.date]:
        """The last day of each row; row 0 holds the day of financial close."""
        return [self.close] + [self.date(months) - dt.timedelta(days=1) for months in self.boundaries[1:]]

    @cached_property
    def budget_years(self) -> np.ndarray:
        """The calendar year whose budget bears each row: the year in which the row ends. (rows,)."""
        return np.array([end.year for end in self.ends])

    def years_of_phase(self, phase: str) -> np.ndarray:
        """Calendar year of the last day of each year of "construction" (of close, when there is none) or "operation": (years,)."""
        begin = 0 if phase == "construction" else self.construction
        months = getattr(self, phase)
        ends = [begin + min(12 * (k + 1), months) for k in range(-(-months // 12))]
        return np.array([(self.date(end) - dt.timedelta(days=1)).year for end in ends] or [self.close.year])

    def shared_months(self, phase: str) -> np.ndarray:
        """Months that each row of a phase shares with each of the phase's years: (rows of the phase, years)."""
        begin = 0 if phase == "construction" else self.construction
        rows = slice(1, self.completion + 1) if phase == "construction" else self.operating
        high = self.boundaries[rows][:, None] - begin
        low = high - self.months[rows][:, None]
        year = 12 * np.arange(-(-getattr(self, phase) // 12))[None, :]
        return np.clip(np.minimum(high, year + 12) - np.maximum(low, year), 0, None)

    @cached_property
    def _of_operating_years(self) -> np.ndarray:
        return self.shared_months("operation") / 12.0

    @cached_property
    def _of_construction_years(self) -> np.ndarray:
        shared = self.shared_months("construction")
        return shared / shared.sum(axis=0) if self.construction else np.ones((1, 1))

    @property
    def one_row_a_year(self) -> bool:
        """Whether every operating row is one operating year, so that yearly amounts and rows are the same."""
        return self.operating_rows == self.operating_years and self.operation % 12 == 0 and self.period == 12

    def by_row(self, yearly) -> np.ndarray:
        """Yearly amounts of the operating years (years, cases) as amounts of the operating rows (operating rows, cases).

        A row receives the months it shares with a year as a part of twelve; a short year receives less than its yearly amount.
        """
        yearly = np.atleast_2d(np.asarray(yearly, dtype=float))
        return yearly if self.one_row_a_year and not self.by_calendar else self._of_operating_years @ yearly

    def spread(self, phase: str, yearly) -> np.ndarray:
        """Place amounts on all rows (rows, cases), zero elsewhere.

        "operating": yearly amounts of the operating years, as in by_row. "building": the whole amount of each construction year
        (years, cases), even over its months; all at close when nothing is built later.
        """
        yearly = np.atleast_2d(np.asarray(yearly, dtype=float))
        out = np.zeros((self.rows, yearly.shape[1]))
        out[getattr(self, phase)] = (
            self.by_row(yearly) if phase == "operating" else self._of_construction_years @ yearly
        )
        return out

    @cached_property
    def calendar_years(self) -> np.ndarray:
        """Every budget year from close to the end, ascending: (calendar years,)."""
        return np.arange(self.budget_years[0], self.budget_years[-1] + 1)

    def by_calendar_year(self, values, balance: bool = False) -> np.ndarray:
        """A line (rows, cases) by budget year (calendar years, cases): flows added up, a balance as it stands at the year's end."""
        values = np.asarray(values, dtype=float)
        if balance:
            return values[np.searchsorted(self.budget_years, self.calendar_years, side="right") - 1]
        total = np.zeros((self.calendar_years.size, *values.shape[1:]))
        for year, row in zip(self.budget_years - self.budget_years[0], values, strict=True):
            total[year] += row
        return total

    def place(self, values) -> np.ndarray:
        """Values of the operating rows (operating rows, cases) on all rows, zero elsewhere."""
        values = np.asarray(values, dtype=float)
        return np.concatenate([np.zeros((self.completion + 1, *values.shape[1:])), values])
