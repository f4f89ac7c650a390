"""Spending in whole cents by project, year, sector and responsibility, so that every total agrees with every other to the cent.

Rounding each cell by itself would let totals drift by half a cent a cell. The rounding is carried instead: cell k of a project is
round(S_k) - round(S_(k-1)), S being the running sum over its cells in the order of year and responsibility. So each cell is within a
cent of its value, an empty cell stays empty, and the project's total is its own result rounded to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.portfolio.members import Member

CENTS = 100


@dataclass(frozen=True)
class Cell:
    """Spending of one project, year and responsibility, in cents; sector carried along."""

    project: str
    sector: str
    year: int
    responsibility: str
    cents: int


def carried(amounts: np.ndarray) -> np.ndarray:
    """Whole cents of amounts in base units (any shape, in C order), with the rounding carried from cell to cell."""
    running = np.rint(np.cumsum(np.asarray(amounts, dtype=float).ravel()) * CENTS).astype(np.int64)
    return np.diff(running, prepend=0).reshape(np.shape(amounts))


def cells(member: Member) -> list[Cell]:
    """The cells of a project that are not zero."""
    amounts = np.column_stack([member.flows[key] for key in RESPONSIBILITIES])
    cents = carried(amounts)
    return [
        Cell(member.id, member.sector, int(year), key, int(cents[row, column]))
        for row, year in enumerate(member.years)
        for column, key in enumerate(RESPONSIBILITIES)
        if cents[row, column]
    ]


def totals(found: Iterable[Cell], by: Callable[[Cell], object]) -> dict:
    """Cents by whatever `by` gives for a cell."""
    out: dict = {}
    for cell in found:
        key = by(cell)
        out[key] = out.get(key, 0) + cell.cents
    return out


def disagreements(members: Iterable[Member], found: list[Cell]) -> dict[str, int]:
    """Cents by which the cells of each project differ from its own result; empty when they agree to the cent."""
    kept = totals(found, lambda cell: cell.project)
    wrong = {}
    for member in members:
        own = member.results.get("fiscal_total")
        wanted = round((member.total if own is None else own) * CENTS)
        difference = kept.get(member.id, 0) - wanted
        if difference and not _on_the_edge(member.total if own is None else own, difference):
            wrong[member.id] = difference
    return wrong


def _on_the_edge(amount: float, difference: int) -> bool:
    """Whether a difference of one cent is only the last bits of two sums of an amount that lies on half a cent."""
    cents = abs(amount * CENTS)
    return abs(difference) == 1 and abs(cents % 1.0 - 0.5) <= 1e-13 * max(cents, 1.0)
