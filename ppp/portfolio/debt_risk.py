"""How near the district is to a debt-risk event: colour, reorganisation trigger, event grade and what the plan then asks for.

All lines, grades and actions come from the debt-risk pack; this module only reads a path against them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.criteria import reaches
from ppp.district import District
from ppp.portfolio.debt_path import DebtPath
from ppp.portfolio.packs import Condition, DebtRules, Grade


@dataclass(frozen=True)
class Standing:
    """One case by year: `colours` by name, whether reorganisation is triggered and by which measure, the event grade (None where there
    is no event), and the gravest of them."""

    years: np.ndarray
    ratio: np.ndarray
    interest_share_general: np.ndarray
    interest_share_special: np.ndarray
    unpaid: np.ndarray
    colours: list[str]
    triggered: dict[str, np.ndarray]
    grades: list[Grade | None]
    gravest: Grade | None

    def first_year(self, hit: np.ndarray) -> int | None:
        return int(self.years[np.argmax(hit)]) if hit.any() else None

    @property
    def reorganised(self) -> bool:
        """Whether fiscal reorganisation is triggered in any year."""
        return any(hit.any() for hit in self.triggered.values())

    def reached(self, colour: str, rules: DebtRules) -> np.ndarray:
        """Whether the debt ratio is at or above a colour's line, (years,)."""
        return reaches(self.ratio, next(c.at_least for c in rules.colours if c.colour == colour))


def measures(district: District, path: DebtPath, case: int) -> dict[str, np.ndarray]:
    """Every measure that a pack may ask for, (years,). Where the district cannot pay it counts among the places in default."""
    unpaid = path.unpaid[:, case]
    others = district.places.in_default if district.places else 0.0
    everywhere = district.places.all if district.places else np.inf
    places = others + (unpaid > 0.0)
    return {
        "interest_share_general": path.interest_share_general[:, case],
        "interest_share_special": path.interest_share_special[:, case],
        "unpaid": unpaid,
        "places_in_default": places,
        "places_share_in_default": places / everywhere,
    }


def holds(condition: Condition, values: dict[str, np.ndarray]) -> np.ndarray:
    """Whether a condition holds, (years,)."""
    value = values[condition.measure]
    answer = np.ones(value.shape, dtype=bool)
    if condition.above is not None:
        answer &= value > condition.above
    if condition.at_least is not None:
        answer &= value >= condition.at_least
    return answer


def standing(district: District, path: DebtPath, case: int, rules: DebtRules) -> Standing:
    """A case of a path against the pack."""
    values = measures(district, path, case)
    ratio = path.ratio[:, case]
    colours = [
        next((c.colour for c in rules.colours if reaches(r, c.at_least)), rules.colours[-1].colour) for r in ratio
    ]
    triggered = {trigger.measure: holds(trigger, values) for trigger in rules.reorganisation}
    when = [np.logical_and.reduce([holds(c, values) for c in grade.when]) for grade in rules.grades]
    grades = [
        next((grade for grade, hit in zip(rules.grades, when, strict=True) if hit[t]), None) for t in range(ratio.size)
    ]
    return Standing(
        path.years,
        ratio,
        values["interest_share_general"],
        values["interest_share_special"],
        values["unpaid"],
        colours,
        triggered,
        grades,
        next((grade for grade in rules.grades if grade in grades), None),
    )
