"""The projects of a district as it adds them up: each from its own evaluation or from its stored result, by budget year."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.contingent_terms import Contingent, in_force
from ppp.district import Listed


@dataclass(frozen=True)
class Member:
    """One project. `flows`: (years,) by line, positive in the line's own direction, base units; `years` consecutive; own: guarantees and
    termination sums of its own file."""

    id: str
    name: dict[str, str]
    sector: str
    payment: str
    status: str
    currency: str
    years: np.ndarray
    flows: dict[str, np.ndarray]
    results: dict[str, float | None]
    government_pay: bool
    spared: bool
    user_share: float | None
    government_share: float
    listed: Listed | None = field(default=None, compare=False)
    own: Contingent | None = field(default=None, compare=False)
    sound: bool = True

    @property
    def terms(self) -> Contingent | None:
        """Guarantees and termination sums in force: those of the district file before its own."""
        return in_force(self.own, self.listed)

    @property
    def candidate(self) -> bool:
        return self.listed is not None and self.listed.stage == "candidate"

    @property
    def total(self) -> float:
        """Fiscal spending over the term, the sum of the four responsibilities."""
        return float(self.spending.sum())

    @property
    def spending(self) -> np.ndarray:
        """Fiscal spending of each of its own years, (years,)."""
        return sum((self.flows[key] for key in RESPONSIBILITIES), np.zeros(self.years.size))

    def on(self, years: np.ndarray, key: str) -> np.ndarray:
        """A line on other years, (years,): zero where the project has no year, and for a line that it does not have."""
        values = self.spending if key == "fiscal_spending" else self.flows.get(key)
        out = np.zeros(years.size)
        if values is None:
            return out
        _, here, there = np.intersect1d(years, self.years, assume_unique=True, return_indices=True)
        out[here] = values[there]
        return out

    @property
    def building(self) -> np.ndarray:
        """The calendar years in which capex is spent."""
        return self.years[self.flows["capex"] > 0.0]


def from_record(record: dict[str, Any], listed: Listed | None = None) -> Member:
    """A member from a stored result (summary.json). Raises KeyError where the result lacks what a district needs."""
    by_year, kind = record["budget_years"], record["standing"]
    own = None if record.get("contingent") is None else Contingent.model_validate(record["contingent"])
    flows = {key: np.asarray(values, dtype=float) for key, values in by_year.items() if key != "years"}
    return Member(
        id=record["id"],
        name=record["name"],
        sector=record["sector"],
        payment=record["payment"],
        status=record["status"],
        currency=record["currency"],
        years=np.asarray(by_year["years"], dtype=int),
        flows=flows,
        results=record["results"],
        government_pay=kind["government_pay"],
        spared=kind["spared"],
        user_share=kind["user_share"],
        government_share=kind["government_share"],
        listed=listed,
        own=own,
        sound=record.get("sound", True),
    )
