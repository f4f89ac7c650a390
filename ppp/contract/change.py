"""Changes of a contract: ordered variations, a new indexation, a longer term. Each is set beside the contract as it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from ppp.arrays import Prices
from ppp.contract.contract_years import ContractYears
from ppp.contract_terms import Extension, IndexReset, Variation
from ppp.model.company import evaluate_company
from ppp.model.discounting import discount_factors, net_present_value
from ppp.model.inputs import Availability, Inputs
from ppp.model.irr import irr
from ppp.model.payments import government_payment


@dataclass(frozen=True)
class Changed:
    """Base units. payment: more payment a year from the change on (of an extension: in the added years together); equity_irr after the
    change; equity_worth, government_cost: PV at close of the change in shareholders' flow, and in what the government pays, at the
    base-case equity IRR and at the discount rate."""

    key: str
    payment: float
    equity_irr: float
    equity_worth: float
    government_cost: float


def vary(key: str, inputs: Inputs, terms: Variation, scale: float, rate: float) -> Changed:
    """A variation. Without a payment of its own, the payment that leaves shareholders as they were: PV of the change in their flow at
    `rate`, the base-case equity IRR, is 0."""
    before = evaluate_company(inputs).lines["equity_flow"]
    times = inputs.timeline.times

    def worth(payment: float) -> float:
        flow = evaluate_company(_varied(inputs, terms, scale, payment)).lines["equity_flow"]
        return float(net_present_value(rate, flow - before, times)[0])

    if terms.payment is None:
        size = 1.0 + 10.0 * (abs(terms.opex) + terms.cost) * scale
        payment = brentq(worth, -size, size, xtol=1e-6, rtol=1e-14)
    else:
        payment = terms.payment * scale
    return _set_beside(key, inputs, _varied(inputs, terms, scale, payment), payment, rate)


def _varied(inputs: Inputs, terms: Variation, scale: float, payment: float) -> Inputs:
    first = terms.from_year - 1
    lengths = ContractYears(inputs.timeline).lengths
    opex, lifecycle, paid = inputs.opex.copy(), inputs.lifecycle.copy(), _paid(inputs)
    opex[first:] += terms.opex * scale
    lifecycle[first] += terms.cost * scale / lengths[first]
    paid[first:] += payment
    return _paying(replace(inputs, opex=opex, lifecycle=lifecycle), paid)


def reset_index(inputs: Inputs, planned: Inputs, terms: IndexReset, rate: float) -> Changed:
    """A new index for the indexed part of an availability payment: I_k = I_(k-1) (1 + new index) from `from_year` on. planned: inputs with
    the contract's own payment."""
    contract = planned.payment
    years = inputs.timeline.operating_years
    old = (1.0 + contract.index[0]) ** np.arange(years)
    new = old.copy()
    for k in range(terms.from_year - 1, years):
        new[k] = (new[k - 1] if k else 1.0) * (1.0 + terms.index if k else 1.0)
    more = contract.amount * contract.indexed_share * (new - old)[:, None]
    paid = _paid(inputs) + more
    later = more[terms.from_year - 1 :, 0]
    return _set_beside("index_reset", inputs, _paying(inputs, paid), float(later.mean()), rate)


def extend(inputs: Inputs, prices: Prices, terms: Extension, rate: float) -> Changed:
    """Years after the last one: users and government pay, operating cost is paid, tax is due on the surplus at the full rate (the assets
    are written off and debt repaid by then). Nothing before the old end moves."""
    flow, timeline = evaluate_company(inputs).lines["equity_flow"], inputs.timeline
    users, paid, cost = (
        _added(profile, terms.years, prices) for profile in (terms.user_payments, terms.government_payment, terms.opex)
    )
    surplus = users + paid - cost
    tax = 0.0 if inputs.tax is None else float(inputs.tax.rate[0])
    added = surplus - tax * np.maximum(surplus, 0.0)
    times = np.concatenate([timeline.times, timeline.times[-1] + 1.0 + np.arange(terms.years)])
    longer = np.concatenate([flow[:, 0], added])
    after = timeline.times.size
    worth = float(np.sum(added * discount_factors(rate, times)[after:, 0]))
    spent = float(np.sum(paid * discount_factors(inputs.discount_rate, times)[after:, 0]))
    return Changed("extension", float(paid.sum()), float(irr(longer, times).value[0]), worth, spent)


def _added(profile, years: int, prices: Prices) -> np.ndarray:
    """Amounts of the added years, in base units: listed, or growing from the first of them."""
    if profile is None:
        return np.zeros(years)
    listed = (
        profile.values if profile.values is not None else profile.start * (1.0 + profile.growth) ** np.arange(years)
    )
    return np.asarray(listed, dtype=float) * profile.times * prices.scale


def _paid(inputs: Inputs) -> np.ndarray:
    """What the government pays, (operating years, 1) at a yearly rate, as a copy."""
    paid = government_payment(inputs)["government_payment"]
    return np.array(np.broadcast_to(paid, (inputs.timeline.operating_years, 1)))


def _paying(inputs: Inputs, paid: np.ndarray) -> Inputs:
    return replace(inputs, payment=Availability(paid, np.zeros(1), np.zeros(1), np.zeros_like(paid)))


def _set_beside(key: str, inputs: Inputs, changed: Inputs, payment: float, rate: float) -> Changed:
    before, after = (evaluate_company(given).lines for given in (inputs, changed))
    times = inputs.timeline.times
    return Changed(
        key,
        payment,
        float(irr(after["equity_flow"], times).value[0]),
        float(net_present_value(rate, after["equity_flow"] - before["equity_flow"], times)[0]),
        float(
            net_present_value(inputs.discount_rate, after["government_payment"] - before["government_payment"], times)[
                0
            ]
        ),
    )
