"""Outturn beside forecast by contract year, in base units; and the model's inputs with the past as it was and the rest forecast anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ppp.arrays import Prices
from ppp.contract.contract_years import ContractYears
from ppp.contract.settlement import Settlement, settle
from ppp.contract.signed import as_signed
from ppp.contract_terms import ActualYear
from ppp.model.inputs import Availability, Inputs
from ppp.model.payments import government_payment
from ppp.project import Project
from ppp.quantities import SCALES

OPERATING = ("user_payments", "other_revenue", "opex", "lifecycle")


@dataclass(frozen=True)
class Record:
    """One contract year as it was, in base units. index: of the construction or operating year. None: nothing recorded."""

    year: int
    phase: str
    index: int
    row: ActualYear
    scale: float

    def money(self, key: str) -> float | None:
        value = getattr(self.row, key)
        return None if value is None else value * self.scale


class Outturn:
    """The records of a project against its signed forecast. `planned`: inputs of the approved evaluation, one case."""

    def __init__(self, project: Project, planned: Inputs):
        self.project, self.planned = project, planned
        self.terms = project.contract.actuals
        self.years = ContractYears(planned.timeline)
        self.prices = Prices(project)
        scale, building = SCALES[project.unit], self.years.building
        rows = self.terms.years if self.terms else []
        self.records = [
            Record(row.year, "construction", k, row, scale)
            if k < building
            else Record(row.year, "operation", k - building, row, scale)
            for k, row in enumerate(rows)
        ]

    @property
    def built(self) -> list[Record]:
        return [record for record in self.records if record.phase == "construction"]

    @property
    def operated(self) -> list[Record]:
        return [record for record in self.records if record.phase == "operation"]

    @property
    def last(self) -> int:
        """Calendar year of the last recorded contract year."""
        return self.records[-1].year

    # --- forecast, whole years' amounts ---

    def planned_year(self, key: str) -> np.ndarray:
        """A forecast of operation by operating year: user_payments, other_revenue, opex or lifecycle."""
        return self.years.of_operation(getattr(self.planned, key))

    @cached_property
    def planned_payment(self) -> np.ndarray:
        return self.years.of_operation(government_payment(self.planned)["government_payment"])

    @cached_property
    def planned_capex(self) -> np.ndarray:
        """By construction year, land apart."""
        spent = self.planned.capex_by_year[:, 0].copy()
        spent[0] -= self.planned.land[0]
        return spent

    @cached_property
    def demand(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Forecast demand and tariff by operating year, ramp-up counted as demand; None where the file gives payments alone."""
        users = self.project.users
        if users is None or users.demand is None:
            return None
        sold = self.prices.profile(users.demand, SCALES[users.demand_scale])[:, 0] * self.years.lengths
        sold[: len(users.ramp_up or ())] *= np.array(users.ramp_up or ())
        price = self.prices.profile(users.tariff, 1.0)[:, 0] * self.prices.index_of["operating"][:, 0]
        return sold, price

    # --- outturn ---

    def sold(self, record: Record) -> float | None:
        """Actual demand of a year, in units."""
        return None if record.row.demand is None else record.row.demand * SCALES[self.project.users.demand_scale]

    def amount(self, record: Record, key: str) -> float:
        """What was recorded for a line of operation; zero where nothing is and nothing was forecast."""
        if key == "user_payments" and record.row.user_payments is None and record.row.demand is not None:
            return self.sold(record) * record.row.tariff
        return record.money(key) or 0.0

    def earned_value(self) -> np.ndarray:
        """Forecast cost of the works done in each recorded construction year."""
        progress = np.array([record.row.progress for record in self.built])
        return np.diff(progress, prepend=0.0) * self.planned_capex.sum()

    def capex_by_year(self) -> np.ndarray:
        """Spending by construction year, land apart: as recorded; the works to come at the cost that those done have shown, spread as
        the forecast spends what was left."""
        found = self.planned_capex.copy()
        count = len(self.built)
        if not count:
            return found
        spent, worth = np.array([record.money("capex") for record in self.built]), self.earned_value().sum()
        found[:count] = spent
        left = self.planned_capex[count:].sum()
        if left > 0:
            dearer = spent.sum() / worth if worth > 0 else 1.0
            found[count:] *= (self.planned_capex.sum() - worth) * dearer / left
        return found

    def operating(self, key: str) -> np.ndarray:
        """A line of operation by operating year: recorded, then forecast, as far as the outlook lets the last deviation stay. Renewals
        that were put off come in the next year."""
        found = self.planned_year(key)
        count = len(self.operated)
        if not count:
            return found
        past = np.array([self.amount(record, key) for record in self.operated])
        if key == "lifecycle":
            backlog = found[:count].sum() - sum(self.renewed(record) for record in self.operated)
            found[count : count + 1] += backlog
        elif found[count - 1] > 0:
            stays = self.terms.outlook.opex if key == "opex" else self.terms.outlook.users
            found[count:] *= 1.0 + stays * (past[-1] / found[count - 1] - 1.0)
        found[:count] = past
        return found

    def renewed(self, record: Record) -> float:
        """Forecast cost of the renewals done in a year."""
        done = record.money("lifecycle_done")
        return self.planned_year("lifecycle")[record.index] if done is None else done

    def with_users(self, **yearly) -> Inputs:
        """The planned inputs with other lines of operation, whole years' amounts by operating year."""
        return replace(self.planned, **{key: self.years.at_yearly_rate(values) for key, values in yearly.items()})

    @cached_property
    def settlement(self) -> Settlement:
        """What the contract owes on the users' payments that were made or are now expected: its own cost and construction terms stay."""
        inputs = self.with_users(**{key: self.operating(key) for key in ("user_payments", "other_revenue")})
        return settle(self.project, self.years, government_payment(inputs))

    def payment(self, whole: bool = False) -> np.ndarray:
        """The government's payment by operating year: as paid; then as entitled, less the part of performance that stays lost.

        whole: as if no score and no event had cost anything."""
        settled, count = self.settlement, len(self.operated)
        found = settled.entitled.copy()
        if not whole and count:
            lost = 1.0 - settled.earned[count - 1] if settled.scored[count - 1] or settled.deduction[count - 1] else 0.0
            found[count:] *= 1.0 - self.terms.outlook.performance * lost
        for record in self.operated:
            paid = record.money("government_payment") or 0.0
            found[record.index] = paid + (settled.lost[record.index] if whole else 0.0)
        return found

    def inputs(self, whole: bool = False) -> Inputs:
        """The model's inputs: the past as recorded, the rest forecast anew, the debt as signed."""
        signed = as_signed(self.planned)
        by_year = self.capex_by_year()[:, None]
        by_year[0] += signed.land
        spread = signed.timeline.spread("building", self.capex_by_year()[:, None])
        spread[0] += signed.land
        nothing = np.zeros((signed.timeline.operating_years, 1))
        paid = self.years.at_yearly_rate(self.payment(whole))
        changed = {key: self.years.at_yearly_rate(self.operating(key)) for key in OPERATING}
        payment = Availability(paid, np.zeros(1), np.zeros(1), nothing)
        return replace(signed, capex=spread, capex_by_year=by_year, payment=payment, **changed)
