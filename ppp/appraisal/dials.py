"""Dials: the inputs of a project that an analyst turns, with how far each goes and how its value is written in the file.

The file's own plausible ranges come first, each from its low to its high. Then come the inputs below that the project has and that move
one of its results, until there are a dozen: amounts and factors 30 % either way, rates two points, shares twenty, terms five years.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ppp import overlays
from ppp.appraisal.evaluation import evaluate
from ppp.databook import kind_of
from ppp.loading import range_of
from ppp.project import Project
from ppp.saving import as_written

MOST = 12
PART, POINTS, SHARE, TERM = "part", "points", "share", "term"  # how far an input goes where the file does not say
REACH = {PART: 0.3, POINTS: 0.02, SHARE: 0.2, TERM: 60.0}  # of the value; then of a fraction; then months
STEPS = 40  # about how many steps a dial has from end to end

INPUTS = {  # by weight; each project has some
    "construction.capex": PART,
    "operation.opex.times": PART,
    "users.demand.times": PART,
    "users.payments.times": PART,
    "payment.amount.times": PART,
    "payment.demand.times": PART,
    "payment.profit_rate": POINTS,
    "funding.debt.rate": POINTS,
    "discounting.rate": POINTS,
    "users.tariff.times": PART,
    "payment.tariff.times": PART,
    "funding.debt.tenor": TERM,
    "funding.debt.dscr": PART,
    "funding.debt.max_gearing": SHARE,
    "payment.rate": POINTS,
    "payment.minimum_revenue.times": PART,
    "operation.other_revenue.times": PART,
    "comparator.capex": PART,
    "risks.{}.ratio": PART,
    "discounting.equity_rate": POINTS,
    "funding.government_share": SHARE,
    "comparator.opex.times": PART,
    "payment.index": POINTS,
    "tax.rate": POINTS,
    "inflation": POINTS,
    "discounting.systematic_risk.share_transferred": SHARE,
    "operation.lifecycle.times": PART,
    "operation.opex.growth": POINTS,
}
LOAN = (
    "funding.debt.tenor",
    "funding.debt.dscr",
    "funding.debt.max_gearing",
)  # as signed where a scenario holds the loan
ORDER = (
    "construction",
    "operation",
    "users",
    "payment",
    "funding",
    "tax",
    "discounting",
    "inflation",
    "comparator",
    "risks",
)


@dataclass(frozen=True)
class Dial:
    """One input. low, high, step and `at` in the unit in which it is shown: percent for rates, years for terms, else the file's own.

    kind: "rate", "years", "money" or "plain". ranged: whether low and high are the file's plausible range."""

    key: str
    kind: str
    low: float
    high: float
    step: float
    ranged: bool

    def shown(self, value: float) -> float:
        """A value of the model as the dial shows it."""
        return float(value) * (100.0 if self.kind == "rate" else 1.0 / 12.0 if self.kind == "years" else 1.0)

    def written(self, shown: float) -> str:
        """A place of the dial as the file writes it, to the digits of its step."""
        if self.kind == "years":
            months = round(12.0 * shown)
            return f"{months} months" if months % 12 else f"{months // 12} years"
        digits = max(0, -math.floor(math.log10(self.step) + 1e-9)) + 1
        at = round(float(shown), digits)
        return str(as_written(self.key, round(at / 100.0, digits + 2) if self.kind == "rate" else at))

    def text(self, value: float) -> str:
        """A value of the model as the file writes it, to its last digit."""
        return self.written(self.shown(value)) if self.kind == "years" else str(as_written(self.key, float(value)))


def value_of(project: Project, key: str) -> float | None:
    """The number at a key, terms in months; None where the project has none."""
    try:
        value: Any = overlays.at(project, key)[1]
    except KeyError:
        return None
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def dials(project: Project) -> list[Dial]:
    """The dials of a project, in the order of its file; a dozen unless it gives more plausible ranges."""
    kept = dict.fromkeys(key for key in project.ranges if _turns(project, key))
    for key in _known(project):
        if len(kept) >= MOST:
            break
        if key not in kept and _turns(project, key) and _moves(project, key):
            kept[key] = None
    place = {name: i for i, name in enumerate(ORDER)}
    rank = {key: i for i, key in enumerate(_known(project))}
    order = sorted(kept, key=lambda k: (place.get(k.split(".")[0], len(ORDER)), rank.get(k, len(rank))))
    return [_dial(project, key) for key in order]


def _known(project: Project) -> list[str]:
    """The inputs above by their keys in this project: the risk that costs most stands for all."""
    costly = max(project.risks, key=lambda key: project.risks[key].ratio or 0.0, default=None)
    return [key.format(costly) for key in INPUTS if costly is not None or "{}" not in key]


def _turns(project: Project, key: str) -> bool:
    """Whether a key names a number of the project that may be turned: one that is not zero, nor part of a loan that is held."""
    value = value_of(project, key)
    held = project._signed is not None and key in LOAN
    return value is not None and value != 0.0 and not held


def _moves(project: Project, key: str) -> bool:
    """Whether the ends of a dial give other results; a term has no arrays to try and counts as moving."""
    dial = _dial(project, key)
    if dial.kind == "years":
        return True
    ends = np.array([dial.low, dial.high]) / (100.0 if dial.kind == "rate" else 1.0)
    try:
        found = evaluate(project, {key: ends}).results
    except KeyError:
        return False  # a number that varies nothing, such as growth beside a list of every year
    return any(np.ptp(np.broadcast_to(values, (2,))) > 0.0 for values in found.values() if np.isfinite(values).all())


def _dial(project: Project, key: str) -> Dial:
    value = value_of(project, key)
    reach = next((how for known, how in INPUTS.items() if _same(known, key)), None)
    kind = "years" if reach == TERM else kind_of(key)
    ranged = key in project.ranges
    if ranged:
        ends = range_of(project, key)
        low, high = min(*ends, value), max(*ends, value)  # a scenario may stand outside its file's range
    elif reach == TERM:
        longest = 12.0 * (project.timeline.operation // 12)  # in whole years, as the dial goes
        low, high = max(12.0, value - REACH[TERM]), max(value, min(value + REACH[TERM], longest))
    elif reach == SHARE:
        low, high = max(0.0, value - REACH[SHARE]), min(1.0, value + REACH[SHARE])
    elif reach == POINTS:
        low, high = max(0.0, value - REACH[POINTS]), value + REACH[POINTS]
    else:
        ends = value * (1.0 - REACH[PART]), value * (1.0 + REACH[PART])
        low, high = min(ends), max(ends)
    if key.endswith(".dscr"):
        low = max(low, 1.0)  # no lender asks for less than its due
    if kind == "rate":
        low, high = 100.0 * low, 100.0 * high
    elif kind == "years":
        low, high = low / 12.0, high / 12.0
    step = 1.0 if kind == "years" else _nice((high - low) / STEPS)
    at = value * (100.0 if kind == "rate" else 1.0 / 12.0 if kind == "years" else 1.0)
    return Dial(key, kind, *_on_grid(low, at, high, step), step, ranged)


def _same(known: str, key: str) -> bool:
    if "{}" not in known:
        return known == key
    before, after = known.split("{}")
    return key.startswith(before) and key.endswith(after)


def _nice(step: float) -> float:
    """The nearest of 1, 2, 5 times a power of ten that is no larger."""
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    return max(part for part in (1.0, 2.0, 5.0) if part * power <= step * (1.0 + 1e-9)) * power


def _on_grid(low: float, at: float, high: float, step: float) -> tuple[float, float]:
    """The ends on whole steps from where the dial stands, inward: a slider stands on its own steps alone and would move what does not."""
    down, up = math.floor((at - low) / step + 1e-9), math.floor((high - at) / step + 1e-9)
    return round(at - down * step, 10), round(at + up * step, 10)
