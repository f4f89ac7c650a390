"""Special funds: where every unit of an appropriation is at the end of each year, and what that means for the next budget.

A unit is in exactly one state: not drawn, idle, spent on the purpose, diverted, returned, or lapsed; counted in cents, so that the states
add up to what was appropriated.
"""

from __future__ import annotations

from dataclasses import dataclass

from ppp.contract_terms import FundYear, SpecialFund

STATES = ("not_drawn", "idle", "spent", "diverted", "returned", "lapsed")
CENTS = 100


@dataclass(frozen=True)
class FundStand:
    """The end of one year, in cents. overdue: the part of idle that the fund's document recalls. advised: next year's appropriation,
    the planned spending less what is at hand and not recalled; None where no plan is given."""

    year: int
    appropriated: int
    states: dict[str, int]
    overdue: int
    advised: int | None

    @property
    def available(self) -> int:
        """At hand for the purpose: not drawn, or idle and not recalled."""
        return self.states["not_drawn"] + self.states["idle"] - self.overdue


def stands(fund: SpecialFund, scale: float) -> list[FundStand]:
    """One entry a year; scale: of the file's amounts. Idle money is used oldest first."""
    states = dict.fromkeys(STATES, 0)
    appropriated, layers, found = 0, [], []
    for row in fund.years:
        cents = {key: round(getattr(row, key) * scale * CENTS) for key in _MOVES}
        appropriated += cents["appropriated"]
        for key, (source, target) in _MOVES.items():
            if source is not None:
                states[source] -= cents[key]
            states[target] += cents[key]
        layers.append([row.year, cents["drawn"] + cents["recovered"]])
        _use(layers, cents["spent"] + cents["diverted"] + cents["returned"])
        overdue = sum(left for year, left in layers if _overdue(fund, year, row.year))
        found.append(FundStand(row.year, appropriated, dict(states), overdue, _advised(row, scale, states, overdue)))
    return found


# Movement of a year: the state that it leaves (None: from outside) and the one that it enters.
_MOVES = {
    "appropriated": (None, "not_drawn"),
    "lapsed": ("not_drawn", "lapsed"),
    "drawn": ("not_drawn", "idle"),
    "recovered": ("diverted", "idle"),
    "spent": ("idle", "spent"),
    "diverted": ("idle", "diverted"),
    "returned": ("idle", "returned"),
}


def _use(layers: list[list[int]], used: int) -> None:
    for layer in layers:
        taken = min(layer[1], used)
        layer[1] -= taken
        used -= taken


def _overdue(fund: SpecialFund, drawn: int, now: int) -> bool:
    return fund.recall_after is not None and now - drawn >= fund.recall_after


def _advised(row: FundYear, scale: float, states: dict[str, int], overdue: int) -> int | None:
    if row.next_need is None:
        return None
    return max(round(row.next_need * scale * CENTS) - (states["not_drawn"] + states["idle"] - overdue), 0)
