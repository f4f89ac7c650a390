"""Where value for money comes from: the way from the PSC to the PPP value, shared among drivers by their Shapley values.

Think of the government moving from doing it itself to the PPP by turning eight switches. The cost of the alternative, with the set S of
switches turned, is a flow over the whole term:

    A(S) = cost(S) + risk(S) + burden(S) + payment(S) + support(S) + retained risk

    construction  cost(S) has the construction cost of the reference project, or the company's
    operation     the same for running cost and renewals
    revenue       the same for what users and third parties pay and for disposal (taken off)
    risk          the government bears the transferred risk and the optimism bias of its own estimate, or the company does
    financing     the government pays cost as it falls, or what the payment mechanism asks: then payment(S) is added, which is
                  the government's payments, equity and grant less cost(S) and tax(S): what lenders and shareholders receive,
                  fees and profit included
    tax           the burden is the comparator's competitive neutrality and tax adjustment, or the company's income tax
    support       what the government provides beside money, net of what the company pays for it, is added
    discounting   money of every year counts alike, or each side is discounted as the rule book says (its own rate, a later start of
                  the comparator with its escalation)

v(S) = worth of the PSC - worth of A(S), both with discounting as S says. With no switch turned both are the same project, so v is 0;
with all turned it is the VfM amount. Where the payment is a formula, payment(S) and tax(S) come from a full evaluation of a company with
the costs of S, so a saving passes to the government as the formula passes it, mark-up and deferral included. Where the price is
fixed by a bid or paid by users, a company with other costs would have asked another price: what lenders and shareholders receive is held,
and cost passes on as it falls.

A driver's part is its Shapley value: the mean of what turning its switch adds over all orders in which the switches can be turned. So no
order is preferred, the parts add to the VfM amount exactly, and a driver that changes nothing has no part. The range is from the least to
the most that it adds in any order. Source: L. S. Shapley, A value for n-person games, 1953.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import factorial

import numpy as np

from ppp.appraisal.evaluation import Evaluation, inputs_of, with_cases
from ppp.appraisal.government import government_lines
from ppp.appraisal.payment_profile import paid_in_money
from ppp.appraisal.risk_register import register, running_by_year
from ppp.arrays import Prices
from ppp.model.company import Lines, evaluate_company
from ppp.model.discounting import present_value
from ppp.model.inputs import Formula

DRIVERS = ("construction", "operation", "revenue", "risk", "financing", "tax", "support", "discounting")
ALWAYS_SHOWN = ("construction", "operation", "risk", "financing", "tax", "discounting")
NOTHING = 1e-12  # of the largest worth of any set of switches
COSTS = ("construction", "operation", "revenue")  # those that change what a company's model is fed


@dataclass(frozen=True)
class Part:
    """What a driver adds to value for money, in base units, positive where it speaks for the PPP: its Shapley value, and the least and
    the most that it adds in any order."""

    driver: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Attribution:
    """parts: in the order of DRIVERS, those left out that never change anything and are not ALWAYS_SHOWN; they add to the VfM amount.

    given_discounting: the same where discounting is not shared out but taken as given, so that only orders count in which its switch is
    turned first; discounting then adds what it does to two equal flows, 0 unless the rule book discounts the sides differently.
    undiscounted: value for money without any discounting."""

    parts: list[Part]
    given_discounting: list[Part]
    undiscounted: float


def attribution(evaluation: Evaluation) -> Attribution | None:
    """The parts of a base case's value for money, None without a comparator."""
    if evaluation.vfm is None:
        return None
    values = coalition_values(evaluation)
    undiscounted, discounted = np.split(values, 2)  # discounting is the last switch, the highest bit
    parts = _parts(values)
    size = np.abs(values).max()
    first = float(discounted[0]) if abs(discounted[0]) > NOTHING * size else 0.0
    given = [*_parts(discounted), Part("discounting", first, first, first)]
    shown = {p.driver for p in parts if p.driver in ALWAYS_SHOWN or max(-p.low, p.high) > NOTHING * size}
    kept = ([part for part in every if part.driver in shown] for every in (parts, given))
    return Attribution(*kept, float(undiscounted[-1]))


def _parts(values: np.ndarray) -> list[Part]:
    return [Part(driver, *map(float, each)) for driver, *each in zip(DRIVERS, *shapley(values), strict=False)]


def shapley(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shapley values, and the least and the most that each player adds in any order, of a game of n players; each (n,).

    values: (2^n,), the worth of each coalition; bit i of the position says whether player i is in it. A player's Shapley value is the sum
    over the coalitions S without it of |S|! (n - |S| - 1)! / n! x (v(S with it) - v(S)). They add to v(all) - v(none).
    Every coalition without a player stands before it in some order, so the range over orders is that over coalitions.
    """
    n = values.size.bit_length() - 1
    coalitions = np.arange(values.size)
    members = np.array([coalition.bit_count() for coalition in range(values.size)])
    chance = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    mean, low, high = np.empty(n), np.empty(n), np.empty(n)
    for player in range(n):
        without = coalitions[(coalitions >> player) % 2 == 0]
        added = values[without | (1 << player)] - values[without]
        mean[player], low[player], high[player] = chance[members[without]] @ added, added.min(), added.max()
    return mean, low, high


def coalition_values(evaluation: Evaluation) -> np.ndarray:
    """v(S) of every set of switches, (2^8,), bit i of the position being DRIVERS[i]."""
    positions = np.arange(2 ** len(DRIVERS))
    turned = {driver: (positions >> i) % 2 == 1 for i, driver in enumerate(DRIVERS)}
    lines, companies = evaluation.lines, _companies(evaluation)
    own = sum(turned[driver] * 2**i for i, driver in enumerate(COSTS))  # which of the eight companies stands behind S
    alternative = (
        companies.cost[:, own]
        + turned["financing"] * companies.payment[:, own]
        + np.where(turned["tax"], companies.tax[:, own], lines["neutrality"][:, :1] + lines["tax_adjustment"][:, :1])
        + ~turned["risk"] * (lines["transferred_risk"] + lines["optimism_bias"])[:, :1]
        + turned["support"] * _support(evaluation)
        + lines["retained_risk"][:, :1]
    )
    comparator = alternative[:, :1]  # no switch turned
    discounted = evaluation.vfm.psc[0] - present_value(alternative, evaluation.factors)
    return np.where(turned["discounting"], discounted, (comparator - alternative).sum(axis=0))


@dataclass(frozen=True)
class _Companies:
    """cost, payment and tax of the eight companies, each (rows, 8); bit i of the column says whether COSTS[i] is the company's own."""

    cost: np.ndarray
    payment: np.ndarray
    tax: np.ndarray


def _companies(evaluation: Evaluation) -> _Companies:
    """The company with each of its costs its own or the reference project's."""
    inputs, lines = evaluation.inputs, evaluation.lines
    own = {driver: (np.arange(8) >> i) % 2 == 1 for i, driver in enumerate(COSTS)}
    blocks = {
        "construction": (lines["capex"], lines["psc_capex"]),
        "operation": (lines["opex"] + lines["lifecycle"], lines["psc_running"]),
        "revenue": (-lines["user_payments"] - lines["other_revenue"] - lines["disposal"], -lines["psc_revenue"]),
    }
    cost = sum(np.where(own[driver], mine[:, :1], reference[:, :1]) for driver, (mine, reference) in blocks.items())
    if isinstance(inputs.payment, Formula):
        lines = _paid_by_formula(evaluation, own)
    asked = paid_in_money(lines)
    tax = lines.get("tax", np.zeros_like(asked)) + np.zeros((1, 8))
    payment = asked - cost - tax if isinstance(inputs.payment, Formula) else asked - cost[:, -1:] - tax
    return _Companies(cost, payment + np.zeros((1, 8)), tax)


def _paid_by_formula(evaluation: Evaluation, own: dict[str, np.ndarray]) -> Lines:
    """The lines (rows, 8) of companies that the formula pays, with the reference project's cost where it is not their `own`."""
    project, rules = evaluation.project, evaluation.rules
    prices, base, lines = Prices(project), evaluation.inputs, evaluation.lines
    comparator = project.comparator
    sold = prices.at_row(comparator.disposal, -1)
    given = comparator.third_party_revenue
    revenue = base.user_payments + base.other_revenue if given is None else prices.profile(given)
    running = running_by_year(project, prices)
    spent, reference = (
        float(lines[key].sum()) for key in ("capex", "psc_capex")
    )  # both are spread alike over the years
    construction = project.construction
    a_unit = float(prices.construction_years(1.0, escalation=construction.escalation).sum())
    capex = construction.capex + np.where(own["construction"], 0.0, (reference - spent) / a_unit)
    varied = with_cases(project, {"construction.capex": capex})
    inputs = replace(
        inputs_of(varied, rules),
        opex=np.where(own["operation"], base.opex, running),
        lifecycle=np.where(own["operation"], base.lifecycle, 0.0),
        user_payments=np.where(own["revenue"], base.user_payments, revenue),
        other_revenue=np.where(own["revenue"], base.other_revenue, 0.0),
        disposal=np.where(own["revenue"], base.disposal, sold),
    )
    company = evaluate_company(inputs)
    return company.lines | government_lines(varied, prices, company, register(varied, prices))


def _support(evaluation: Evaluation) -> np.ndarray:
    """What the government provides beside money and grants, net of what the company pays for it, (rows, 1)."""
    lines = evaluation.lines
    return (lines["supporting_input"] - lines.get("grant", 0.0))[:, :1]
