"""What stands beside the two totals of value for money: the comparator's range, a delayed comparator, drivers, the return of
indifference, levelled bids, other routes; and what must be said before the number is believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.bids import Levelled, Procured, level_bids, procure
from ppp.appraisal.drivers import drivers
from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.indifference import Indifference, indifference
from ppp.appraisal.psc_range import PscRange, psc_range
from ppp.appraisal.risk_register import Borne, adjustments, counted_again, register
from ppp.appraisal.value_for_money import ValueForMoney, value_for_money
from ppp.appraisal.verdict import Reason
from ppp.arrays import Prices
from ppp.model.discounting import present_value

SAME_RATE = 1e-12
REFERENCE = "reference"
PPP = "ppp"


@dataclass(frozen=True)
class RiskBorne:
    """One risk in present value (money): in all, borne by the government without the PPP, and by it and the company under it."""

    key: str
    whole: float
    government: float
    retained: float
    company: float


@dataclass(frozen=True)
class Comparison:
    """Of a base case with a comparator. What the rule book does not ask for, or the file does not hold, is None or empty.

    adjustments, neutrality: present value of each item of the reference project (money), positive where it adds to its cost.
    """

    adjustments: dict[str, float]
    neutrality: dict[str, float]
    risks: list[RiskBorne]
    range: PscRange | None
    delayed: ValueForMoney | None
    drivers: dict[str, float]
    indifference: Indifference | None
    bids: list[Levelled]
    routes: list[Procured]


def compare(evaluation: Evaluation) -> Comparison | None:
    """Everything beside the two totals; None without a comparator. Raises ValueError for an evaluation of many cases."""
    if evaluation.vfm is None:
        return None
    if evaluation.cases:
        raise ValueError("a comparison is of one case")
    project, rules, rates, lines = evaluation.project, evaluation.rules, evaluation.side_rates, evaluation.lines
    prices, shows = Prices(project), rules.pack.shows
    start = rates.delayed if rules.convention("comparator_start") == "delayed" else rates.psc
    borne = [_borne(risk, start) for risk in register(project, prices)]
    psc = float(evaluation.vfm.psc[0])
    wants_delay = "delayed_psc" in shows and rates.delayed is not None
    routes = [procure(route, key, project, prices, rates.psc) for key, route in project.routes.items()]
    adjusted = {
        key: sum(float(present_value(flow, start)[0]) for flow in adjustments({key: item}, prices).values())
        for key, item in project.comparator.adjustments.items()
    }
    items = project.comparator.competitive_neutrality.items()
    neutral = {key: float(present_value(prices.item(item.phase, item.amount), start)[0]) for key, item in items}
    return Comparison(
        adjusted,
        neutral,
        borne,
        _range(evaluation, psc, borne) if "psc_range" in shows and project.risks else None,
        value_for_money(lines, rates.psc, rates.ppp, rates.delayed) if wants_delay else None,
        drivers(evaluation) if "drivers" in shows else {},
        indifference(evaluation) if "indifference_irr" in shows else None,
        level_bids(project, rules, prices, lines, rates.ppp, psc),
        _beside(evaluation, routes) if routes else [],
    )


def _borne(risk: Borne, factors: np.ndarray) -> RiskBorne:
    whole, government, retained = (
        float(present_value(flow, factors)[0]) for flow in (risk.whole, risk.government, risk.retained)
    )
    return RiskBorne(risk.key, whole, government, retained, whole - retained)


def _range(evaluation: Evaluation, psc: float, borne: list[RiskBorne]) -> PscRange:
    rules = evaluation.rules
    percentiles = (rules.value("psc_range_low"), rules.value("psc_range_high"))
    worth = {risk.key: risk.government for risk in borne}
    dependence = str(rules.convention("risk_dependence"))
    return psc_range(psc, evaluation.project.risks, worth, percentiles, dependence, evaluation.project.id)


def _beside(evaluation: Evaluation, routes: list[Procured]) -> list[Procured]:
    """The reference project, the PPP and the file's other routes, each as cost and risk kept."""
    vfm = evaluation.vfm
    risk = float(vfm.psc_parts["transferred_risk"][0] + vfm.psc_parts["retained_risk"][0])
    kept = float(vfm.ppp_parts["retained_risk"][0])
    own = Procured(REFERENCE, float(vfm.psc[0]) - risk, risk)
    return [own, *routes, Procured(PPP, float(vfm.ppp_value[0]) - kept, kept)]


def comparison_reservations(evaluation: Evaluation, comparison: Comparison | None) -> list[Reason]:
    """Reservations of the comparison itself; none without one."""
    if comparison is None:
        return []
    found = [*_off_schedule(evaluation), *_inside_range(evaluation, comparison), *_counted_twice(evaluation)]
    return [*found, *_beaten(evaluation, comparison)]


def _inside_range(evaluation: Evaluation, comparison: Comparison) -> list[Reason]:
    """A bid within the comparator's range is not told apart from it by the number."""
    found, value = comparison.range, float(evaluation.vfm.ppp_value[0])
    if found is None or not found.spread or found.position(value) not in ("in_lower_half", "in_upper_half"):
        return []
    values = {"ppp": ("money", value), "low": ("money", found.low), "high": ("money", found.high)}
    return [Reason("inside_psc_range", values)]


def _beaten(evaluation: Evaluation, comparison: Comparison) -> list[Reason]:
    """What the file itself shows to be cheaper than the PPP: the comparator with a later start, or another route."""
    found = []
    own = float(evaluation.vfm.ppp_value[0])
    late = comparison.delayed
    if late is not None and evaluation.vfm.amount[0] >= 0.0 > late.amount[0]:
        found.append(Reason("delayed_comparator_cheaper", {"amount": ("money", -float(late.amount[0]))}))
    others = [route for route in comparison.routes if route.key not in (REFERENCE, PPP)]
    best = min(others, key=lambda route: route.total, default=None)
    if best is not None and best.total < own:
        values = {"route": ("text", evaluation.project.routes[best.key].name), "amount": ("money", own - best.total)}
        found.append(Reason("another_route_cheaper", values))
    return found


def _off_schedule(evaluation: Evaluation) -> list[Reason]:
    """A file's own first rate moves the whole declining schedule; the rule book's stands beside it."""
    if evaluation.side_rates.method != "declining":
        return []
    given, ruled = evaluation.project.discounting.rate, evaluation.rules.steps("discount_schedule")[0][1]
    if np.all(np.abs(np.asarray(given) - ruled) <= SAME_RATE):
        return []
    return [Reason("rate_off_schedule", {"given": ("rate", float(np.ravel(given)[0])), "ruled": ("rate", ruled)})]


def _counted_twice(evaluation: Evaluation) -> list[Reason]:
    method = evaluation.side_rates.method
    return [
        Reason(f"counted_again_in_{place}", {"risk": ("text", risk.name)})
        for risk in evaluation.project.risks.values()
        for place in counted_again(risk, evaluation.project, method)
    ]
