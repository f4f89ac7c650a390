"""Handback: which conditions are not met, what it costs to meet them, and whether the retention covers it."""

from __future__ import annotations

from dataclasses import dataclass

from ppp.contract_terms import Handback, HandbackItem

MET, SHORT, NOT_INSPECTED = "met", "short", "not_inspected"


@dataclass(frozen=True)
class Returned:
    """Base units. states: by item; cost: of the items that are short; uncovered: what the retention does not cover, at least 0."""

    states: dict[str, str]
    cost: float
    retention: float

    @property
    def uncovered(self) -> float:
        return max(self.cost - self.retention, 0.0)


def handback(terms: Handback, scale: float) -> Returned:
    states = {key: _state(item) for key, item in terms.items.items()}
    cost = sum(item.cost for key, item in terms.items.items() if states[key] == SHORT)
    return Returned(states, cost * scale, terms.retention * scale)


def _state(item: HandbackItem) -> str:
    if item.found is None:
        return NOT_INSPECTED
    return MET if item.found >= item.required else SHORT
