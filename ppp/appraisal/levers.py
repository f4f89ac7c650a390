"""Levers: what is moved to see where the verdict flips. Each is one input of the file, or several that are moved together.

    construction_saving   how much less the company spends on construction than the reference project: moves the reference project's cost
    operating_saving      the same for running cost and renewals, in present value
    risk_level            a factor on the expected cost of every risk
    transferred_share     the share of all risk, in present value, that the company bears: below the file's own, every risk's share
                          is scaled; above it every share that is kept is scaled
    any dotted key        that input

A saving is a claim about the reference project, which nobody builds, so the reference project is what moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ppp.appraisal.evaluation import Evaluation, replaced
from ppp.appraisal.risk_register import register
from ppp.arrays import Prices
from ppp.loading import range_of, value_at
from ppp.model.discounting import present_value
from ppp.overlays import number_at
from ppp.payment_terms import Availability, SubsidyFormula
from ppp.project import Project
from ppp.reading import KeyPath

Span = tuple[float, float]

RATES: Span = (0.0, 0.12)  # what is searched, whatever the file's own range; in the file's price basis
RETURN: Span = (0.0, 0.25)
SHARE: Span = (0.0, 1.0)
BETA: Span = (0.0, 2.0)
PROFIT: Span = (0.0, 0.15)
PAYMENT: Span = (0.5, 1.5)
SAVING: Span = (-0.5, 0.5)
LEVEL: Span = (0.0, 3.0)
SHARES = (
    "construction_saving",
    "operating_saving",
    "risk_level",
    "transferred_share",
)  # levers of their own, all in percent


@dataclass(frozen=True)
class Lever:
    """base: where the file stands. searched: low and high between which it is moved. plausible: the file's range, None without one.
    change: from values (cases,) to arrays by path of the project's keys."""

    key: str
    base: float
    searched: Span
    plausible: Span | None
    change: Callable[[np.ndarray], dict[KeyPath, np.ndarray]]


def levers(evaluation: Evaluation) -> list[Lever]:
    """Every lever that a base case with a comparator has."""
    project = evaluation.project
    found = [_input(project, key, span) for key, span in _named(evaluation).items()]
    found += [lever for make in (_construction, _operation, _risk_level, _transferred) if (lever := make(evaluation))]
    known = {lever.key for lever in found}
    found += [_input(project, key, range_of(project, key)) for key in project.ranges if key not in known]
    return found


def moved(project: Project, chosen: Sequence[Lever], which: np.ndarray, at: np.ndarray) -> Project:
    """The project with, in case i, the lever chosen[which[i]] moved to at[i] and all others where the file has them."""
    arrays: dict[KeyPath, np.ndarray] = {}
    for number, lever in enumerate(chosen):
        cases = which == number
        if not cases.any():
            continue
        for path, values in lever.change(at[cases]).items():
            if path not in arrays:
                arrays[path] = np.full(at.shape, _at(project, path))
            arrays[path][cases] = values
    for path, values in arrays.items():
        project = replaced(project, path, values)
    return project


def _at(project: Project, path: KeyPath) -> float:
    here = project
    for part in path:
        here = here[part] if isinstance(here, dict | list) else getattr(here, part)
    return float(here)


def _named(evaluation: Evaluation) -> dict[str, Span]:
    """Inputs that are moved in every file that has them, and how far."""
    project = evaluation.project
    found = {"discounting.rate": RATES}
    if project.discounting.equity_rate is not None:
        found["discounting.equity_rate"] = RETURN
    if project.discounting.systematic_risk is not None:
        found |= {"discounting.systematic_risk.share_transferred": SHARE, "discounting.systematic_risk.beta": BETA}
    if isinstance(project.payment, SubsidyFormula):
        found["payment.profit_rate"] = PROFIT
        if project.payment.rate is not None:
            found["payment.rate"] = RATES
    elif isinstance(project.payment, Availability):
        found["payment.amount.times"] = PAYMENT
    has_loan = project.funding is not None and project.funding.debt is not None
    if has_loan and (isinstance(project.payment, SubsidyFormula) or _discounts_at_cost_of_finance(evaluation)):
        found["funding.debt.rate"] = RATES
    return found


def _discounts_at_cost_of_finance(evaluation: Evaluation) -> bool:
    """Whether the loan rate is part of the discount rate."""
    return evaluation.side_rates is not None and evaluation.side_rates.method == "financing_cost"


def input_lever(project: Project, key: str, span: Span) -> Lever:
    """The lever that moves one input, over a span. Raises KeyError for a key that names no number."""
    path, base = number_at(project, key)
    return Lever(key, base, span, range_of(project, key) if key in project.ranges else None, lambda at: {path: at})


def _input(project: Project, key: str, wanted: Span) -> Lever:
    lever = input_lever(project, key, wanted)
    return replace(lever, searched=_span(wanted, lever.base, lever.plausible))


def _span(wanted: Span, base: float, plausible: Span | None) -> Span:
    ends = [base, *wanted, *(plausible or ())]
    return min(ends), max(ends)


def _ends(project: Project, key: str) -> Span:
    """The file's range of an input; its own value twice where it has none."""
    return range_of(project, key) if key in project.ranges else (value_at(project, key),) * 2


def _construction(evaluation: Evaluation) -> Lever | None:
    project = evaluation.project
    reference = project.comparator.capex
    # the whole cost, with items, land and escalation, in the unit in which the reference project's cost is written
    prices = Prices(project)
    unit = float(prices.building(1.0).sum())
    own = float(evaluation.lines["capex"].sum() / unit)
    if own <= 0.0 or reference <= 0.0:
        return None
    # capex moves the whole with its escalation; items and land stay
    grown = prices.construction_years(1.0, escalation=project.construction.escalation).sum() / unit
    mine = tuple(own + grown * (end - project.construction.capex) for end in _ends(project, "construction.capex"))
    theirs = _ends(project, "comparator.capex")
    plausible = None
    if mine[0] < mine[1] or theirs[0] < theirs[1]:
        plausible = (1.0 - mine[1] / theirs[0], 1.0 - mine[0] / theirs[1])
    base = 1.0 - own / reference
    span = _span(SAVING, base, plausible)
    return Lever("construction_saving", base, span, plausible, lambda at: {("comparator", "capex"): own / (1.0 - at)})


def _operation(evaluation: Evaluation) -> Lever | None:
    project, lines = evaluation.project, evaluation.lines
    worth = lambda line: float(present_value(line, evaluation.side_rates.psc)[0])  # noqa: E731
    own, reference = worth(lines["opex"] + lines["lifecycle"]), worth(lines["psc_running"])
    if own <= 0.0 or reference <= 0.0:
        return None
    profiles = [key for key in ("opex", "lifecycle") if getattr(project.comparator, key) is not None]
    times = {key: getattr(project.comparator, key).times for key in profiles}
    base = 1.0 - own / reference

    def change(at: np.ndarray) -> dict[KeyPath, np.ndarray]:
        factor = (1.0 - base) / (1.0 - at)
        return {("comparator", key, "times"): times[key] * factor for key in profiles}

    return Lever("operating_saving", base, _span(SAVING, base, None), None, change)


def _risk_level(evaluation: Evaluation) -> Lever | None:
    project = evaluation.project
    amounts: dict[KeyPath, float] = {}
    for key, risk in project.risks.items():
        if risk.ratio is not None:
            amounts["risks", key, "ratio"] = risk.ratio
        elif risk.outcomes is not None:
            amounts |= {("risks", key, "outcomes", i, "cost"): o.cost for i, o in enumerate(risk.outcomes)}
        else:
            amounts["risks", key, "distribution", "probability"] = risk.distribution.probability
    if not any(amounts.values()):
        return None
    return Lever("risk_level", 1.0, LEVEL, None, lambda at: {path: amount * at for path, amount in amounts.items()})


def _transferred(evaluation: Evaluation) -> Lever | None:
    project = evaluation.project
    worth = {
        borne.key: float(present_value(borne.whole, evaluation.side_rates.psc)[0])
        for borne in register(project, Prices(project))
    }
    whole = sum(worth.values())
    taken = sum(worth[key] * risk.transferred for key, risk in project.risks.items())
    if taken <= 0.0:
        return None
    base = taken / whole

    def change(at: np.ndarray) -> dict[KeyPath, np.ndarray]:
        less = np.minimum(at / base, 1.0)
        more = np.minimum((1.0 - at) / (1.0 - base), 1.0) if base < 1.0 else np.ones(at.shape)
        return {
            ("risks", key, "transferred"): np.where(
                at <= base, risk.transferred * less, 1.0 - (1.0 - risk.transferred) * more
            )
            for key, risk in project.risks.items()
        }

    return Lever("transferred_share", base, SHARE, None, change)
