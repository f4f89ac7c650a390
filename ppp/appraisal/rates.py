"""How each side of the comparison is discounted, by the rule book's convention `discount_method`.

one_rate: the file's discount rate on both sides. two_rates: the comparator at the file's rate, which is the risk-free one, the PPP at
risk-free + share of systematic risk transferred x beta x market risk premium (National PPP Guidelines vol. 5). declining: the
rule book's schedule on both sides, cumulatively (HM Treasury, Green Book). financing_cost: gearing x loan rate + (1 - gearing)
x the return that shareholders ask, on both sides (FHWA P3-VALUE). Any other difference between the sides is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.arrays import Prices
from ppp.model.discounting import TIMING, schedule_factors
from ppp.model.timeline import Timeline
from ppp.project import Project
from ppp.regimes import Rules


@dataclass(frozen=True)
class SideRates:
    """Discount factors (rows, cases) of each side, and the nominal rate a year (cases,) with which each begins.

    `steps`: years after the valuation date at which a declining schedule changes; (0,) for a single rate.
    `delayed`: factors of a comparator that starts later, its escalation included, or None.
    """

    method: str
    psc: np.ndarray
    ppp: np.ndarray
    psc_rate: np.ndarray
    ppp_rate: np.ndarray
    steps: tuple[float, ...] = (0.0,)
    delayed: np.ndarray | None = None


def missing_for(project: Project, method: str) -> list[str]:
    """Dotted keys that a discounting method needs and the file lacks."""
    if method == "two_rates":
        return [] if project.discounting.systematic_risk is not None else ["discounting.systematic_risk"]
    if method == "financing_cost":
        wanted = {"funding.debt": project.funding and project.funding.debt, "discounting.equity_rate": None}
        wanted["discounting.equity_rate"] = project.discounting.equity_rate
        return [key for key, value in wanted.items() if value is None]
    return []


def side_rates(project: Project, rules: Rules, prices: Prices, gearing: np.ndarray) -> SideRates:
    """The factors of both sides. gearing (cases,): debt over debt and equity, for financing_cost.

    Raises ValueError when the file lacks what the method needs: then the sides cannot be compared.
    """
    method = rules.convention("discount_method")
    if missing := missing_for(project, method):
        raise ValueError(f"the discount method {method} needs {', '.join(missing)}")
    steps: tuple[float, ...] = (0.0,)
    free = prices.rate(project.discounting.rate)
    psc = ppp = np.atleast_2d(free)
    if method == "two_rates":
        ppp = np.atleast_2d(prices.rate(project.discounting.rate + premium(project, rules)))
    elif method == "declining":
        schedule = rules.steps("discount_schedule")
        steps = tuple(after for after, _ in schedule)
        shift = (
            np.asarray(project.discounting.rate) - schedule[0][1]
        )  # a file's own first rate moves the whole schedule
        psc = ppp = np.vstack([np.atleast_1d(prices.rate(value + shift)) for _, value in schedule])
    elif method == "financing_cost":
        debt, asked = np.atleast_1d(project.funding.debt.rate), prices.rate(project.discounting.equity_rate)
        psc = ppp = np.atleast_2d(gearing * debt + (1.0 - gearing) * asked)
    times = times_from_valuation(prices, rules)
    delay = project.comparator.delay if project.comparator is not None else None
    delayed = None
    if delay is not None:
        growth = 1.0 + prices.rate(delay.escalation)
        delayed = schedule_factors(psc, steps, times + delay.years) * growth**delay.years
    of_psc = schedule_factors(psc, steps, times)
    of_ppp = of_psc if ppp is psc else schedule_factors(ppp, steps, times)
    return SideRates(method, of_psc, of_ppp, psc[0], ppp[0], steps, delayed)


def premium(project: Project, rules: Rules, share=None):
    """Share of systematic risk transferred x beta x market risk premium, a rate a year in the file's price basis."""
    risk = project.discounting.systematic_risk
    share = risk.share_transferred if share is None else share
    return np.asarray(share) * risk.beta * rules.value("market_risk_premium")


def times_from_valuation(prices: Prices, rules: Rules) -> np.ndarray:
    """Years from the valuation date to each row's flow, (rows,): the end of the row, less what the timing takes off."""
    times = prices.timeline.times
    shift = TIMING[rules.convention("discount_timing")] * np.diff(times, prepend=0.0)
    return times - valuation_time(rules, prices.timeline) - shift


def valuation_time(rules: Rules, timeline: Timeline) -> float:
    """Years from close to the date of the present values: the start of operation, or close itself, by the rule book's convention."""
    return timeline.construction / 12.0 if rules.convention("valuation_date") == "start_of_operation" else 0.0
