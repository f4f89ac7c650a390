"""All projects together against the lines of the rule book: shares, first breach, headroom, what still fits.

Source: Cai Jin [2015] 21 (the cap is on the sum over all projects) and Cai Jin [2019] 10 (the lines below it), by the rule pack.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.criteria import ROUNDING
from ppp.model.discounting import annuity_factor, discount_factors
from ppp.portfolio.members import Member
from ppp.regimes import Rules

LINES = ("affordability_no_new_government_pay", "affordability_warning", "affordability_cap")
TERMS = (10, 15, 20, 25, 30)


@dataclass(frozen=True)
class Line:
    """A line of the rule book against the share of a year. first: the first year above it, None when there is none; headroom
    (years,): line x budget - spending, negative where it is crossed."""

    key: str
    limit: float
    first: int | None
    count: int
    headroom: np.ndarray


@dataclass(frozen=True)
class Room:
    """The largest further project of a term that fits under a line when it begins to be paid in the first year.

    level: equal payment a year; worth: its present value; formula_cost: construction cost with its profit, C (1 + profit), paid by
    the formula C (1 + profit) (1 + rate)^n / term. binding: the year that holds each of the two down.
    """

    term: int
    level: float
    worth: float
    level_year: int
    formula_cost: float
    formula_year: int


@dataclass(frozen=True)
class UserPay:
    """Whether a viability-gap project's users pay enough not to count as government-pay; the smallest share is the rule book's."""

    member: str
    share: float | None
    smallest: float
    passed: bool


def lines(rules: Rules, years: np.ndarray, spending: np.ndarray, budget: np.ndarray) -> list[Line]:
    """Every line in force, from the lowest; spending and budget (years,)."""
    found = []
    for key in LINES:
        if not rules.has(key):
            continue
        limit = rules.value(key)
        over = spending > limit * budget * (1.0 + ROUNDING)
        first = int(years[np.argmax(over)]) if over.any() else None
        found.append(Line(key, limit, first, int(over.sum()), limit * budget - spending))
    return found


def room(headroom: np.ndarray, years: np.ndarray, rate: float) -> list[Room]:
    """The largest further project for each of TERMS that the view is long enough for; zero where there is no headroom."""
    found = []
    for term in TERMS:
        if term > years.size:
            break
        free = np.maximum(headroom[:term], 0.0)
        n = np.arange(1, term + 1)
        cost = free * term / (1.0 + rate) ** n
        tight, dear = int(np.argmin(free)), int(np.argmin(cost))
        level = float(free[tight])
        worth = level * float(annuity_factor(rate, term))
        found.append(Room(term, level, worth, int(years[tight]), float(cost[dear]), int(years[dear])))
    return found


def level_equivalent(spending: np.ndarray, rate: float) -> float:
    """The equal amount a year with the same present value over the years from the first to the last with spending; 0 without any."""
    paid = np.flatnonzero(spending)
    if paid.size == 0:
        return 0.0
    part = spending[paid[0] : paid[-1] + 1]
    factors = discount_factors(rate, np.arange(1, part.size + 1))[:, 0]
    return float(part @ factors / annuity_factor(rate, part.size))


def user_pay_tests(members: list[Member], rules: Rules) -> list[UserPay]:
    """The test of every viability-gap project; empty where the rule book has no smallest share."""
    key = "user_pay_share_of_viability_gap"
    gaps = [m for m in members if m.payment == "viability_gap"]
    if not gaps or not rules.has(key):
        return []
    smallest = rules.value(key)
    return [UserPay(m.id, m.user_share, smallest, (m.user_share or 0.0) >= smallest) for m in gaps]


def allowed_now(found: list[Line]) -> list[str]:
    """What the lines permit when they are read as the rule book does, on the worst year: keys of the glossary."""
    crossed = {line.key for line in found if line.count}
    if "affordability_cap" in crossed:
        return ["no_new_project"]
    if "affordability_no_new_government_pay" in crossed:
        said = ["no_new_government_pay"]
        return [*said, "risk_warning"] if "affordability_warning" in crossed else said
    return ["all_kinds"]
