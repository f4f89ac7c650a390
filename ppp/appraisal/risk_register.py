"""The risk register: what each risk is expected to cost, who bears it with and without the PPP, and where it may be counted again.

A risk is valued once, on the reference project (on the project itself when there is none), by the same amount on both sides:

    whole W = (ratio x cost of the phase, or sum of probability x yearly cost, or probability x mean of the distribution) x times
    PPP: the company bears transferred x W, the government retains (1 - transferred) x W
    without the PPP: the government bears government_share x W, which is the retained part plus what the PPP transfers
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.risk import expected_value
from ppp.arrays import Prices, capex_by_year
from ppp.draws import mean_cost
from ppp.model.company import Lines
from ppp.procurement import Adjustment, Risk
from ppp.project import Project
from ppp.quantities import Profile


@dataclass(frozen=True)
class Borne:
    """Expected cost of one risk (rows, cases): in all, and who bears it."""

    key: str
    whole: np.ndarray
    government: np.ndarray
    retained: np.ndarray

    @property
    def transferred(self) -> np.ndarray:
        """What the PPP takes off the government."""
        return self.government - self.retained


def register(project: Project, prices: Prices) -> list[Borne]:
    """Every risk of the file with its expected cost by row."""
    cost, found = phase_cost(project, prices), []
    for key, risk in project.risks.items():
        whole = expected_cost(risk, cost, prices)
        keeps = whole * (1.0 - np.asarray(risk.transferred))
        found.append(Borne(key, whole, whole * np.asarray(risk.government_share), keeps))
    return found


def expected_cost(risk: Risk, cost: Lines, prices: Prices) -> np.ndarray:
    """Expected cost of one risk, whoever bears it, times its factor, (rows, cases). cost: of each phase, from phase_cost."""
    return _by_method(risk, cost, prices) * np.asarray(risk.times)


def _by_method(risk: Risk, cost: Lines, prices: Prices) -> np.ndarray:
    if risk.outcomes is not None:
        yearly = expected_value([o.probability for o in risk.outcomes], [o.cost for o in risk.outcomes])
        timeline = prices.timeline
        if risk.phase == "operation":
            return timeline.spread("operating", yearly * prices.scale * prices.index_of["operating"])
        lengths = (
            timeline.year_lengths("construction") if timeline.construction else np.ones(1)
        )  # a short year its part
        return timeline.spread("building", yearly * lengths[:, None] * prices.scale * prices.index_of["building"])
    if risk.distribution is not None:
        return spread_over(risk, np.asarray(risk.distribution.probability) * mean_cost(risk.distribution), prices)
    return cost[risk.phase] * np.asarray(risk.ratio)


def phase_cost(project: Project, prices: Prices) -> Lines:
    """Cost of each phase on which ratios are reckoned, (rows, cases): of the reference project, else of the project."""
    comparator = project.comparator
    if comparator is None:
        building = prices.timeline.spread("building", capex_by_year(project, prices))
        building[0] = building[0] + prices.at_row(project.construction.land, 0)
    else:
        building = prices.building(comparator.capex) + adjustments(comparator.adjustments, prices)["construction"]
    return {
        "construction": building,
        "operation": prices.timeline.spread("operating", running_by_year(project, prices)),
    }


def running_by_year(project: Project, prices: Prices) -> np.ndarray:
    """Yearly running cost and renewals of the reference project with its adjustments, else of the project: (operating years, cases)."""
    source = project.comparator or project.operation
    running = prices.profile(source.opex) + prices.profile(source.lifecycle)
    for item in project.comparator.adjustments.values() if project.comparator else ():
        if item.phase == "operation":
            running = running + _sign(item) * prices.profile(item.amount)
    return running


def adjustments(given: dict[str, Adjustment], prices: Prices) -> Lines:
    """Sum of adjustments by phase, (rows, cases), positive where they add to cost."""
    total = {phase: np.zeros((prices.timeline.rows, 1)) for phase in ("construction", "operation")}
    for item in given.values():
        total[item.phase] = total[item.phase] + _sign(item) * prices.item(item.phase, item.amount)
    return total


def _sign(item: Adjustment) -> float:
    return 1.0 if item.direction == "adds" else -1.0


def spread_over(risk: Risk, total, prices: Prices) -> np.ndarray:
    """A phase's cost (cases,) in the file's unit, on the rows in which it falls."""
    timing, timeline = risk.distribution.timing, prices.timeline
    total = np.atleast_1d(total)
    if risk.phase == "construction":
        if timing is None:
            return prices.building(total)
        return timeline.spread("building", prices.construction_years(total, timing))
    lengths = timeline.year_lengths(
        "operation"
    )  # a profile is at a yearly rate, so that shares of a short year are as well
    shares = list((lengths / lengths.sum() if timing is None else np.asarray(timing)) / lengths)
    return prices.item("operation", Profile.model_construct(start=None, growth=0.0, values=shares, times=total))


def likelihood(risk: Risk) -> float | None:
    """Probability that the risk happens: of any outcome that costs something, of the distribution, or as the file says."""
    if risk.outcomes is not None:
        return float(sum(o.probability for o in risk.outcomes if o.cost > 0.0))
    return risk.distribution.probability if risk.distribution is not None else risk.likelihood


def counted_again(risk: Risk, project: Project, method: str) -> list[str]:
    """Where the same risk may be counted a second time: "discount_rate", "optimism_bias", "contingency".

    The discount rate holds risk when it has a premium, or (two_rates) when systematic risk is priced in it: then for the risks that
    move with the economy, demand and finance. Optimism bias and contingency are about construction cost. What the file says was
    taken out is not counted again.
    """
    comparator, building = project.comparator, risk.phase == "construction"
    premium = bool(np.any(np.asarray(project.discounting.risk_premium) > 0.0))
    systematic = method == "two_rates" and risk.category in ("demand", "finance")
    places = {
        "discount_rate": premium or systematic,
        "optimism_bias": building and comparator is not None and comparator.optimism_bias is not None,
        "contingency": building and comparator is not None and bool(np.any(np.asarray(comparator.contingency) > 0.0)),
    }
    return [place for place, again in places.items() if again and place not in risk.taken_out_of]
