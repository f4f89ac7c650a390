"""Bids levelled to the same risks, and other ways of procurement, in present value to the government.

    as bid   = PV(payment + what the government pays in construction)
    levelled = as bid + PV(risk that the bid leaves with the government) + PV(adjustments that add) - PV(those that remove)

Of a risk the bid leaves what it does not take, and no more than the government bears without the PPP. The shadow bid is the project's
own PPP, treated alike. What the government provides under `support` is the same for every bid and is left out of the ranking, and
counted when a bid is set beside the comparator. Source: National PPP Guidelines vol. 4, on evaluating bids.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ppp.appraisal.rates import premium, times_from_valuation
from ppp.appraisal.risk_register import adjustments, register
from ppp.arrays import Prices
from ppp.model.company import Lines
from ppp.model.discounting import present_value, schedule_factors
from ppp.procurement import Bid, Risk, Route
from ppp.project import Project
from ppp.regimes import Rules

SHADOW = "shadow"


@dataclass(frozen=True)
class Levelled:
    """One bid in present value (money): what it asks, what risk it leaves, other departures; `transferred`: its share of each risk."""

    key: str
    as_bid: float
    retained_risk: float
    adjusted: float
    vfm: float
    transferred: dict[str, float] = field(default_factory=dict)

    @property
    def levelled(self) -> float:
        return self.as_bid + self.retained_risk + self.adjusted


@dataclass(frozen=True)
class Procured:
    """One way of procurement in present value (money): what the government pays less what it receives, and the risk it keeps."""

    key: str
    cost: float
    retained_risk: float

    @property
    def total(self) -> float:
        return self.cost + self.retained_risk


def ranked(bids: list[Levelled], by: str) -> dict[str, int]:
    """Rank of each bid, cheapest first, by "as_bid" or "levelled"; equal bids share a rank."""
    values = {bid.key: getattr(bid, by) for bid in bids}
    return {key: 1 + sum(other < value for other in values.values()) for key, value in values.items()}


def level_bids(
    project: Project, rules: Rules, prices: Prices, lines: Lines, factors: np.ndarray, psc: float
) -> list[Levelled]:
    """Every bid of the file after the shadow bid; none when the file has no bids. factors: the PPP side's (rows, 1)."""
    if not project.bids:
        return []
    costs = {borne.key: borne.whole for borne in register(project, prices)}
    grant = lines.get("grant", np.zeros((prices.timeline.rows, 1)))
    support = float(present_value(lines["supporting_input"] - grant, factors)[0])
    own = lines["operating_subsidy"] + lines["government_equity"] + grant
    shares = {key: float(risk.transferred) for key, risk in project.risks.items()}
    asked, kept = float(present_value(own, factors)[0]), float(present_value(lines["retained_risk"], factors)[0])
    found = [Levelled(SHADOW, asked, kept, 0.0, psc - asked - kept - support, shares)]
    for key, bid in project.bids.items():
        found.append(_levelled(key, bid, project, rules, prices, factors, costs, psc - support))
    return found


def _levelled(key: str, bid: Bid, project, rules, prices: Prices, factors, costs: Lines, allowance: float) -> Levelled:
    if bid.systematic_share is not None and rules.convention("discount_method") == "two_rates":
        rate = prices.rate(project.discounting.rate + premium(project, rules, bid.systematic_share))
        factors = schedule_factors(np.atleast_2d(rate), (0.0,), times_from_valuation(prices, rules))
    worth = lambda flow: float(np.ravel(present_value(flow, factors))[0])  # noqa: E731
    shares = {name: float(bid.transferred.get(name, project.risks[name].transferred)) for name in costs}
    as_bid = worth(prices.item("operation", bid.payment) + prices.building(bid.capital_contribution))
    kept = sum(worth(cost) * _left(project.risks[name], shares[name]) for name, cost in costs.items())
    adjusted = sum(worth(flow) for flow in adjustments(bid.adjustments, prices).values())
    return Levelled(key, as_bid, kept, adjusted, allowance - as_bid - kept - adjusted, shares)


def _left(risk: Risk, transferred: float) -> float:
    """The government's share of a risk of which so much is passed on: no more than it bears without the PPP, where others share it."""
    return min(float(risk.government_share), 1.0 - transferred)


def procure(route: Route, key: str, project: Project, prices: Prices, factors: np.ndarray) -> Procured:
    """A route in present value at the comparator's factors: it is paid from the same budget.

    Of a risk the government keeps what the route does not pass on, and no more than it bears in the reference project."""
    flow = prices.building(route.capex)
    for profile, sign in ((route.opex, 1.0), (route.payments, 1.0), (route.revenue, -1.0)):
        flow = flow + sign * prices.item("operation", profile)
    end = np.zeros_like(flow)
    end[-1] = prices.at_row(route.disposal, -1)
    cost = float(present_value(flow - end, factors)[0])
    kept = 0.0
    for borne in register(project, prices):
        share = _left(project.risks[borne.key], route.transferred.get(borne.key, 0.0))
        kept += share * float(present_value(borne.whole, factors)[0])
    return Procured(key, cost, kept)
