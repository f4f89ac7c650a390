"""Outturn less forecast, line by line and year by year, by cause. The parts add up to the total, to the cent.

Causes: volume (how much), price (at what cost), timing (when), performance (how well), and what the records cannot tell apart.
volume is valued at forecast prices and price at actual volume, so that nothing is left between them; works and renewals are measured by
their earned value: timing = forecast cost of what was done - forecast of the year, price = paid - forecast cost of what was done.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.contract.actuals import Outturn, Record
from ppp.model.payments import government_payment

CAUSES = ("volume", "price", "timing", "performance", "other")
CENTS = 100


@dataclass(frozen=True)
class Variance:
    """One line of one contract year, in base units: forecast, actual, and actual - forecast by cause."""

    year: int
    line: str
    forecast: float
    actual: float
    parts: dict[str, float]

    @property
    def total(self) -> float:
        return self.actual - self.forecast

    @property
    def cents(self) -> dict[str, int]:
        """The parts in cents, which add up to the total in cents: the largest part takes what rounding leaves."""
        found = {cause: round(value * CENTS) for cause, value in self.parts.items()}
        largest = max(found, key=lambda cause: (abs(found[cause]), cause))
        found[largest] += round(self.actual * CENTS) - round(self.forecast * CENTS) - sum(found.values())
        return found


def variances(outturn: Outturn) -> list[Variance]:
    """Every line with a forecast or an outturn, in the order of time."""
    found = _of_building(outturn)
    for record in outturn.operated:
        found += _of_operation(outturn, record)
    return [v for v in found if v.forecast or v.actual]


def _variance(year: int, line: str, forecast: float, actual: float, **known: float) -> Variance:
    """With the parts that are known; `other` is the rest, 0 where the records tell all apart."""
    parts = dict.fromkeys(CAUSES, 0.0) | known
    if not known:
        parts["other"] = actual - forecast
    return Variance(year, line, float(forecast), float(actual), {key: float(value) for key, value in parts.items()})


def _of_building(outturn: Outturn) -> list[Variance]:
    if not outturn.built:
        return []
    worth, found = outturn.earned_value(), []
    for record in outturn.built:
        planned, paid = outturn.planned_capex[record.index], record.money("capex")
        done = worth[record.index]
        found.append(_variance(record.year, "capex", planned, paid, timing=done - planned, price=paid - done))
    return found


def _of_operation(outturn: Outturn, record: Record) -> list[Variance]:
    k, year = record.index, record.year
    forecast = {key: outturn.planned_year(key)[k] for key in ("user_payments", "other_revenue", "opex", "lifecycle")}
    actual = {key: outturn.amount(record, key) for key in forecast}
    done = outturn.renewed(record)
    return [
        _variance(
            year, "user_payments", forecast["user_payments"], actual["user_payments"], **_of_users(outturn, record)
        ),
        _variance(year, "other_revenue", forecast["other_revenue"], actual["other_revenue"]),
        _of_payment(outturn, record),
        _variance(
            year,
            "opex",
            forecast["opex"],
            actual["opex"],
            **_of_opex(outturn, record, forecast["opex"], actual["opex"]),
        ),
        _variance(
            year,
            "lifecycle",
            forecast["lifecycle"],
            actual["lifecycle"],
            timing=done - forecast["lifecycle"],
            price=actual["lifecycle"] - done,
        ),
    ]


def _of_users(outturn: Outturn, record: Record) -> dict[str, float]:
    if outturn.demand is None or record.row.demand is None:
        return {}
    sold, price = (values[record.index] for values in outturn.demand)
    now = outturn.sold(record)
    return {"volume": (now - sold) * price, "price": (record.row.tariff - price) * now}


def _of_opex(outturn: Outturn, record: Record, forecast: float, actual: float) -> dict[str, float]:
    if outturn.demand is None or record.row.demand is None:
        return {"price": actual - forecast}
    sold = outturn.demand[0][record.index]
    moved = (outturn.sold(record) / sold - 1.0) if sold > 0 else 0.0
    volume = forecast * outturn.terms.variable_opex * moved
    return {"volume": volume, "price": actual - forecast - volume}


def _of_payment(outturn: Outturn, record: Record) -> Variance:
    """volume and price: what users' payments change in what the contract owes; performance: what scores and events take off;
    timing: paid - due."""
    k, settled = record.index, outturn.settlement
    forecast, paid = outturn.planned_payment[k], record.money("government_payment") or 0.0
    known = {"performance": settled.due[k] - settled.entitled[k], "timing": paid - settled.due[k]}
    users = _of_users(outturn, record)
    if users:
        at_old_prices = outturn.operating("user_payments")
        at_old_prices[k] -= users["price"]
        entitled = _entitled(outturn, at_old_prices)[k]
        known |= {"volume": entitled - forecast, "price": settled.entitled[k] - entitled}
    else:
        known["other"] = settled.entitled[k] - forecast
    return _variance(record.year, "government_payment", forecast, paid, **known)


def _entitled(outturn: Outturn, user_payments: np.ndarray) -> np.ndarray:
    inputs = outturn.with_users(user_payments=user_payments, other_revenue=outturn.operating("other_revenue"))
    return outturn.years.of_operation(government_payment(inputs)["government_payment"])
