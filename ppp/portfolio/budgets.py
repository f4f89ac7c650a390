"""The district's budgets by year: as recorded, then as forecast by hand or by the rule book's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.affordability import average_growth, forecast_budget
from ppp.district import BudgetYear, District
from ppp.portfolio.members import Member
from ppp.quantities import SCALES
from ppp.regimes import Rules

COLUMNS = tuple(key for key in BudgetYear.model_fields if key != "year")
SHORTEST_VIEW = 10  # years that a report looks ahead when nothing is promised for longer


@dataclass(frozen=True)
class Budgets:
    """years (n,); columns (n,) by key of BudgetYear, base units, absent where the file does not give them; growth: the rate used
    for each and whether it was given by hand; recorded: the last settled year."""

    years: np.ndarray
    columns: dict[str, np.ndarray]
    growth: dict[str, tuple[float, bool]]
    recorded: int

    @property
    def ahead(self) -> Budgets:
        """Only the years after the last settled one: what is settled holds no call, no stress and no debt to come."""
        late = self.years > self.recorded
        columns = {key: row[late] for key, row in self.columns.items()}
        return Budgets(self.years[late], columns, self.growth, self.recorded)

    def total(self, *keys: str) -> np.ndarray:
        """Sum of the columns that are there, (n,)."""
        return sum((self.columns[key] for key in keys if key in self.columns), np.zeros(self.years.size))


def view_of(district: District, members: list[Member]) -> np.ndarray:
    """The years of the report: from the year after the last recorded one, or a project's first year if that is earlier (the first
    budget year at the earliest), to the last year with spending (a candidate at its latest start), and SHORTEST_VIEW years after the
    last recorded one at least."""
    recorded = max(entry.year for entry in district.budget)
    first = max(min([recorded + 1, *(int(m.years[0]) for m in members)]), min(e.year for e in district.budget))
    ends = [recorded + SHORTEST_VIEW]
    ends += [int(m.years[-1]) + (m.listed.defer_up_to if m.listed else 0) for m in members]
    ends += [c.from_year + len(c.spending) - 1 for c in district.commitments.values()]
    return np.arange(first, max(ends) + 1)


def budgets(district: District, rules: Rules, years: np.ndarray, no_growth: bool = False) -> Budgets:
    """Recorded amounts where known, forecasts elsewhere; with `no_growth` every forecast stays at its base level."""
    scale = SCALES[district.unit]
    columns, growth = {}, {}
    base = str(rules.convention("budget_base")) if "budget_base" in rules.pack.conventions else "last_year"
    for key in COLUMNS:
        if getattr(district.budget[0], key) is None:
            continue
        known = {entry.year: getattr(entry, key) * scale for entry in district.budget}
        by_hand = district.growth if key == "expenditure" else getattr(district.other_growth, key)
        averaged = int(rules.value("budget_growth_years")) if by_hand is None or base == "average" else 1
        rate = average_growth([known[year] for year in sorted(known)], averaged) if by_hand is None else by_hand
        rate = 0.0 if no_growth else rate
        columns[key] = forecast_budget(known, rate, base, averaged, years)[:, 0]
        growth[key] = (rate, by_hand is not None)
    return Budgets(years, columns, growth, max(entry.year for entry in district.budget))


def promised(district: District, years: np.ndarray) -> dict[str, np.ndarray]:
    """Spending of each existing commitment on these years, (n,) by its key; what fell due earlier is past."""
    scale = SCALES[district.unit]
    found = {}
    for key, commitment in district.commitments.items():
        row = np.zeros(years.size)
        for offset, amount in enumerate(commitment.spending):
            index = commitment.from_year + offset - years[0]
            if 0 <= index < years.size:
                row[index] = amount * scale
        found[key] = row
    return found
