"""Section 1 of docs/model.md: boundaries in months from close, rows between them, operating and construction years."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from second_model.exact import ONE, ZERO, exact

PERIOD = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}


class Rows:
    """The rows of a project: `ends[t]` and `months[t]` of row t; rows 1 to `last_building` build, the later ones operate."""

    def __init__(self, timeline):
        self.close: dt.date = timeline.financial_close
        self.c, self.o = timeline.construction, timeline.operation
        self.ends = [0]
        for month in range(1, self.c + self.o + 1):
            if self._ends_here(month, PERIOD[timeline.period], timeline.periods_end):
                self.ends.append(month)
        self.count = len(self.ends)
        self.months = [0] + [self.ends[t] - self.ends[t - 1] for t in range(1, self.count)]
        self.last_building = self.ends.index(self.c)
        self.operating = range(self.last_building + 1, self.count)
        self.building = range(0, self.last_building + 1)
        self.last = self.count - 1
        self.years = [self.year_before(month) if month else self.close.year for month in self.ends]

    def _ends_here(self, month: int, length: int, periods_end: str) -> bool:
        if month in (self.c, self.c + self.o):
            return True
        if periods_end == "anniversary":
            return (month if month < self.c else month - self.c) % length == 0
        return (self.close.month - 1 + month) % length == 0

    def year_before(self, month: int) -> int:
        """The calendar year of the day before the date so many months after close."""
        months = self.close.year * 12 + self.close.month - 1 + month
        begins_a_month = self.close.day == 1
        return (months - 1) // 12 if begins_a_month else months // 12

    def shared(self, t: int, first: int, last: int) -> int:
        """Months that row t shares with the months from `first` to `last`."""
        if t == 0:
            return 0
        return max(min(self.ends[t], last) - max(self.ends[t - 1], first), 0)

    # operating years

    @property
    def operating_years(self) -> int:
        return -(-self.o // 12)

    def operating_year_end(self, k: int) -> int:
        return self.c + min(12 * (k + 1), self.o)

    def length_of_year(self, k: int) -> Decimal:
        """Length of operating year k in years: 1, but for a short last one."""
        return Decimal(min(12, self.o - 12 * k)) / 12

    def year_of_row(self, t: int) -> int:
        """The operating year in which row t begins (negative in construction)."""
        return (self.ends[t - 1] - self.c) // 12

    def by_operating_year(self, yearly: list[Decimal]) -> list[Decimal]:
        """Yearly amounts of the operating years, on rows: each row gets its months' part."""
        rows = [ZERO] * self.count
        for t in self.operating:
            for k in range(self.operating_years):
                months = self.shared(t, self.c + 12 * k, self.operating_year_end(k))
                rows[t] += yearly[k] * months / 12
        return rows

    # construction years

    @property
    def construction_years(self) -> int:
        return max(-(-self.c // 12), 1)

    def construction_year_end(self, j: int) -> int:
        return min(12 * (j + 1), self.c)

    def months_of_construction_year(self, j: int) -> int:
        return self.construction_year_end(j) - 12 * j

    def by_construction_year(self, amounts: list[Decimal]) -> list[Decimal]:
        """Amounts of the construction years (whole, not yearly), spread evenly over their months; row 0 takes all without construction."""
        rows = [ZERO] * self.count
        if self.c == 0:
            rows[0] = sum(amounts, ZERO)
            return rows
        for t in self.building:
            for j in range(self.construction_years):
                months = self.shared(t, 12 * j, self.construction_year_end(j))
                rows[t] += amounts[j] * months / self.months_of_construction_year(j)
        return rows


class Prices:
    """What one unit of the file's money is worth in base units of each year's money."""

    def __init__(self, project, rows: Rows, scale: Decimal):
        self.rows, self.scale = rows, scale
        self.real = project.price_basis == "real"
        self.inflation = exact(project.inflation) if self.real else ZERO
        self.price_year = project.price_year

    def in_year(self, year: int) -> Decimal:
        return self.scale * self.level(year)

    def level(self, year: int) -> Decimal:
        return (ONE + self.inflation) ** (year - self.price_year) if self.real else ONE

    def of_row(self, t: int) -> Decimal:
        return self.in_year(self.rows.years[t])

    def operating(self, k: int) -> Decimal:
        return self.in_year(self.rows.year_before(self.rows.operating_year_end(k)))

    def construction(self, j: int) -> Decimal:
        if self.rows.c == 0:
            return self.of_row(0)
        return self.in_year(self.rows.year_before(self.rows.construction_year_end(j)))

    def rate(self, rate) -> Decimal:
        """A rate of the evaluation, nominal by Fisher: (1 + r) (1 + inflation) - 1."""
        return (ONE + exact(rate)) * (ONE + self.inflation) - ONE
