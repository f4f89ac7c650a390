"""Spending of listed projects and stored results by year, sector, responsibility and budget code, in whole cents."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from ppp.district import Accounts, Code, District
from ppp.portfolio import ledger
from ppp.portfolio.ledger import CENTS, Cell
from ppp.portfolio.packs import code_of
from ppp.portfolio.stored import Stored


@dataclass(frozen=True)
class Account:
    """What is charged to one budget account (by function) under one economic classification: cents by year."""

    function: Code
    economic: Code
    by_year: dict[int, int]

    @property
    def cents(self) -> int:
        """Over all years."""
        return sum(self.by_year.values())


def by_parts(cells: list[Cell], stored: Stored | None, of: Callable[[int, str, str], object]) -> dict:
    """Cents by whatever `of(year, sector, responsibility)` gives, over all years."""
    found: dict = ledger.totals(cells, lambda cell: of(cell.year, cell.sector, cell.responsibility))
    for (year, sector, kind), cents in (stored.cents if stored else {}).items():
        key = of(year, sector, kind)
        found[key] = found.get(key, 0) + cents
    return found


def by_year(
    cells: list[Cell], stored: Stored | None, years: np.ndarray, of: Callable[[str, str], str]
) -> dict[str, np.ndarray]:
    """Amounts in base units by year, (years,), of each part that `of(sector, responsibility)` names, in the order of names."""
    cube = by_parts(cells, stored, lambda year, sector, kind: (of(sector, kind), year))
    names = sorted({name for name, _ in cube})
    return {name: np.array([cube.get((name, int(year)), 0) for year in years]) / CENTS for name in names}


@dataclass(frozen=True)
class Sector:
    """Who spends in one sector, (years,) base units: listed projects and stored results, existing commitments; limit: the plan's largest
    share of the budget, None without one."""

    key: str
    projects: np.ndarray
    existing: np.ndarray
    limit: float | None

    @property
    def spending(self) -> np.ndarray:
        return self.projects + self.existing


def by_sector(
    cells: list[Cell], stored: Stored | None, district: District, promised: dict[str, np.ndarray], years: np.ndarray
) -> list[Sector]:
    """Every sector with spending or a limit, the largest first; their sums by year are all PPP spending."""
    projects = by_year(cells, stored, years, lambda sector, kind: sector)
    limits = district.plan.sector_limits if district.plan else {}
    existing: dict[str, np.ndarray] = {}
    for key, row in promised.items():
        sector = district.commitments[key].sector
        existing[sector] = existing.get(sector, np.zeros(years.size)) + row
    nothing = np.zeros(years.size)
    found = [
        Sector(key, projects.get(key, nothing), existing.get(key, nothing), limits.get(key))
        for key in {*projects, *existing, *limits}
    ]
    return sorted(found, key=lambda sector: (-sector.spending.sum(), sector.key))


def by_account(cells: list[Cell], stored: Stored | None, accounts: Accounts) -> list[Account]:
    """Every pair of codes that is charged, the largest first."""
    found: dict[tuple[str, str], Account] = {}
    cube = by_parts(cells, stored, lambda year, sector, kind: (sector, kind, year))
    for (sector, kind, year), cents in sorted(cube.items()):
        function, economic = code_of(accounts, sector, kind)
        account = found.setdefault((function.code, economic.code), Account(function, economic, {}))
        account.by_year[year] = account.by_year.get(year, 0) + cents
    return sorted(found.values(), key=lambda a: (-a.cents, a.function.code, a.economic.code))


def in_cents(cells: list[Cell], years: np.ndarray, project: str | None = None, but: Collection[str] = ()) -> np.ndarray:
    """Spending by year in base units and whole cents, (years,): of all projects but some, or of one."""
    kept = (c for c in cells if project in (None, c.project) and c.project not in but)
    found = ledger.totals(kept, lambda cell: cell.year)
    return np.array([found.get(int(year), 0) for year in years]) / CENTS


def stored_on(stored: Stored | None, years: np.ndarray) -> np.ndarray:
    """Spending of the stored results on these years, (years,), base units."""
    row = np.zeros(years.size)
    for (year, _, _), cents in (stored.cents if stored else {}).items():
        if years[0] <= year <= years[-1]:
            row[year - years[0]] += cents / CENTS
    return row
