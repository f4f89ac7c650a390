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

LOWER, CAP = "affordability_no_new_government_pay", "affordability_cap"
DECIDED, EVERYTHING = "decided", "everything"
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
    """The largest further project of a term that fits under a line.

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
class Space:
    """What still fits under a line beside some spending, paid from `start` on: the first year of the forecast or, where a later year
    has no headroom, the year after the last such one. rooms: one for each of TERMS."""

    line: str
    beside: str
    start: int
    rooms: list[Room]


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


def spaces(
    rules: Rules, years: np.ndarray, besides: dict[str, np.ndarray], budget: np.ndarray, rate: float
) -> list[Space]:
    """What still fits under the cap, and under the line for government-pay projects, beside each spending. besides and budget (years,);
    the years reach past the last spending by the longest of TERMS, for a project outlasts what is promised today."""
    found = []
    for line in (LOWER, CAP):
        for beside, spending in besides.items() if rules.has(line) else ():
            headroom = rules.value(line) * budget - spending
            full = np.flatnonzero(headroom <= 0.0)
            first = int(full[-1]) + 1 if full.size else 0
            if first <= years.size - max(TERMS):  # else a budget that shrinks to nothing never has room again
                found.append(Space(line, beside, int(years[first]), room(headroom[first:], years[first:], rate)))
    return found


def room(headroom: np.ndarray, years: np.ndarray, rate: float) -> list[Room]:
    """The largest further project for each of TERMS, paid from the first of these years; zero where one of its years has no
    headroom. Raises ValueError for fewer years than the longest term."""
    if years.size < max(TERMS):
        raise ValueError(f"{years.size} years are too few for a term of {max(TERMS)}")
    found = []
    for term in TERMS:
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
