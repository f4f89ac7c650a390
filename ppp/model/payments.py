"""What the government pays in operating years, by formula.

Arrays cover the operating years only: shape (years, cases), at a yearly rate also in a short last year.
Payments are positive from government to company.
Source of the formula: Cai Jin [2015] 21; the switches are the readings that published cases prove are in use.
"""

from __future__ import annotations

import math

import numpy as np

from ppp.model.discounting import TIMING, annuity_factor
from ppp.model.inputs import Availability, Formula, Guarantee, Inputs, ShadowTariff
from ppp.model.operations import growing, partly_indexed

PARTS = ("payment_capital_part", "payment_running_part", "payment_debt_service_part")


def government_payment(inputs: Inputs) -> dict[str, np.ndarray]:
    """The operating payment by the project's mechanism, each (years, cases) at a yearly rate: "government_payment", and its parts:
    for a formula, before user payments are taken off, return of construction cost or capital, running cost, debt service passed
    through; for a guarantee, what the government pays for it and the revenue that it shares."""
    years = inputs.timeline.operating_years
    match inputs.payment:
        case None:
            return {"government_payment": np.zeros((years, 1))}
        case Availability(amount, indexed_share, index, pass_through):
            return {"government_payment": partly_indexed(amount, indexed_share, index, years) + pass_through}
        case ShadowTariff(amount):
            return {"government_payment": amount}
        case Guarantee() as guarantee:
            paid = guaranteed(inputs.user_payments, guarantee.minimum)
            shared = revenue_shared(inputs.user_payments, guarantee.bands)
            return {"government_payment": paid - shared, "guarantee_payment": paid, "revenue_shared": shared}
        case Formula() as formula:
            return _by_formula(formula, inputs)


def guaranteed(revenue, minimum) -> np.ndarray:
    """max(minimum - revenue, 0): what the government adds to user payments, (years, cases); nothing when minimum is None."""
    return np.zeros_like(revenue) if minimum is None else np.maximum(minimum - revenue, 0.0)


def revenue_shared(revenue, bands) -> np.ndarray:
    """sum over bands (above, share), ascending, of (share - share before) max(revenue - above, 0): (years, cases).

    So each band's share holds from its beginning to the next one's; limit: with one band at 0, share x revenue."""
    total, before = np.zeros_like(revenue), 0.0
    for above, share in bands:
        total = total + (share - before) * np.maximum(revenue - above, 0.0)
        before = share
    return total


def _by_formula(formula: Formula, inputs: Inputs) -> dict[str, np.ndarray]:
    parts = _parts(formula, inputs)
    step = formula.rounding_unit
    if formula.rounding == "yearly":
        parts = {key: rounded(part, step) for key, part in parts.items()}
    paid = sum(parts.values())
    if formula.gap:
        lengths = inputs.timeline.year_lengths("operation")[:, None]
        income = inputs.user_payments + inputs.other_revenue
        paid = viability_gap(paid * lengths, income * lengths, formula.when_negative, formula.excess_share) / lengths
    return {"government_payment": rounded(paid, step) if formula.rounding == "yearly" else paid, **parts}


def construction_cost_of_formula(formula: Formula, inputs: Inputs) -> np.ndarray:
    """C of the formula: capex - capital grant + interest during construction by convention - the government's equity if deducted.

    What the government has granted is not paid for again. (cases,)"""
    capex = inputs.capex.sum(axis=0)
    interest = 0.0  # none when all is spent at close
    if inputs.timeline.construction:
        share = inputs.capex_by_year / np.where(capex > 0, capex, 1.0)
        lengths = inputs.timeline.year_lengths("construction")
        interest = interest_during_construction(
            share * formula.loan, formula.loan_rate, inputs.draw, formula.interest, lengths
        )
    deducted = formula.government_equity if formula.deduct_government_equity else 0.0
    return capex - inputs.grant.sum(axis=0) + interest - deducted


def _parts(formula: Formula, inputs: Inputs) -> dict[str, np.ndarray]:
    """S_n before user payments, by part: capital, O_n (1 + pi), debt service."""
    running = (inputs.opex + inputs.lifecycle) * (1.0 + (formula.profit_rate if formula.mark_up_opex else 0.0))
    lengths = inputs.timeline.year_lengths("operation")
    lengths = lengths[: math.ceil(formula.years)]
    passed_through = np.zeros((inputs.timeline.operating_years, 1))
    match formula.method:
        case "cai_jin_21":
            first = {"from_one": 1, "from_zero": 0, "from_construction": inputs.timeline.construction / 12.0 + 1}[
                formula.counting
            ]
            cost = construction_cost_of_formula(formula, inputs)
            capital = construction_subsidy(cost, formula.profit_rate, formula.rate, lengths, first)
        case "level_annuity":
            cost = construction_cost_of_formula(formula, inputs)
            capital = level_annuity(cost, formula.profit_rate, formula.rate, lengths)
        case "equity_annuity_debt_service":
            capital = equity_annuity(formula.equity, formula.equity_without_profit, formula.rate, lengths)
            passed_through = formula.debt_service
        case unknown:
            raise ValueError(f"unknown subsidy method: {unknown}")
    over_all_years = np.zeros((inputs.timeline.operating_years, *capital.shape[1:]))
    over_all_years[: lengths.size] = capital
    return dict(zip(PARTS, (over_all_years, running, passed_through), strict=True))


def interest_during_construction(loan_draws, rate, draw: str, kind: str, lengths=None) -> np.ndarray:
    """Interest reckoned on a loan up to the start of operation. Shape (cases,).

    loan_draws: (construction years, cases), positive. draw: start, middle or end of the year in which money is drawn: it bears
    interest for 1, 0.5 or 0 of that year. kind: "none"; "simple": sum of draws x rate x years outstanding; "compound": each
    year's interest joins the balance. lengths: of the construction years, (years,), 1 each when None; a short one bears its part.
    Limits: 0 at rate 0; simple = compound when one year long.
    """
    draws = np.asarray(loan_draws, dtype=float)
    rate = np.atleast_1d(np.asarray(rate, dtype=float))
    principal = np.zeros(np.broadcast_shapes(draws.shape[1:], rate.shape))
    interest = np.zeros_like(principal)
    lengths = np.ones(draws.shape[0]) if lengths is None else lengths
    for drawn, length in zip(draws, lengths, strict=True) if kind != "none" else ():
        base = principal + interest if kind == "compound" else principal
        interest = interest + rate * length * (base + TIMING[draw] * drawn)
        principal = principal + drawn
    return interest


def construction_subsidy(cost, profit_rate, rate, lengths, first_exponent: float = 1) -> np.ndarray:
    """C (1 + pi)(1 + r)^n / N with n = first_exponent, first_exponent + 1, ...; (years, cases) at a yearly rate.

    lengths: of the subsidy years, (years,), N being their sum. With whole years, n from 1, payments at year ends and discounting
    at r to the start of operation, its PV is C (1 + pi) for every r and N.
    """
    first = np.atleast_1d(cost) * (1.0 + np.atleast_1d(profit_rate)) * (1.0 + np.atleast_1d(rate)) ** first_exponent
    return growing(first / np.sum(lengths), rate, np.size(lengths))


def level_factor(rate, lengths) -> np.ndarray:
    """PV at the start of operation of 1 a year, paid at the ends of years of these lengths: sum l_k (1 + r)^-(l_1 + ... + l_k).

    For whole years it is the annuity factor. (cases,)"""
    lengths = np.asarray(lengths, dtype=float)
    if np.all(lengths == 1.0):
        return annuity_factor(rate, lengths.size)
    ends = np.cumsum(lengths)[:, None]
    return np.sum(lengths[:, None] * np.exp(-np.log1p(np.atleast_1d(rate)) * ends), axis=0)


def equity_annuity(equity, returned_without_profit, rate, lengths) -> np.ndarray:
    """Level return of equity with profit, the part without profit returned evenly: (E - E0) / a(r, N) + E0 / N; (years, cases)."""
    with_profit = np.atleast_1d(equity) - returned_without_profit
    level = with_profit / level_factor(rate, lengths) + np.asarray(returned_without_profit) / np.sum(lengths)
    return np.broadcast_to(level, (np.size(lengths), *np.shape(level))).copy()


def level_annuity(cost, profit_rate, rate, lengths) -> np.ndarray:
    """C (1 + pi) paid in level instalments: C (1 + pi) / a(r, N). Same PV as construction_subsidy with n from 1; (years, cases)."""
    level = np.atleast_1d(cost) * (1.0 + np.atleast_1d(profit_rate)) / level_factor(rate, lengths)
    return np.broadcast_to(level, (np.size(lengths), *np.shape(level))).copy()


def viability_gap(required, user_payments, when_negative: str, excess_share=0.0) -> np.ndarray:
    """S_n - U_n, and what happens in a year when it is negative. Shape (years, cases).

    floor: the company keeps the excess, the subsidy is 0. share: the company pays over `excess_share` of the excess, a negative
    subsidy. carry_forward: the excess reduces later subsidies until used, without interest.
    Raises ValueError for another word.
    """
    gap = np.asarray(required, dtype=float) - user_payments
    if when_negative == "floor":
        return np.maximum(gap, 0.0)
    if when_negative == "share":
        return np.where(gap < 0.0, gap * excess_share, gap)
    if when_negative != "carry_forward":
        raise ValueError(f"unknown treatment of a negative gap: {when_negative}")
    paid, credit = np.zeros_like(gap), np.zeros(gap.shape[1:])
    for year, due in enumerate(gap):
        net = due - credit
        paid[year] = np.maximum(net, 0.0)
        credit = np.maximum(-net, 0.0)
    return paid


def rounded(amounts, unit: float) -> np.ndarray:
    """Amounts rounded to whole `unit`s (such as 0.01), half away from zero as contracts do, not half to even."""
    scaled = np.asarray(amounts) / unit
    return np.sign(scaled) * np.floor(np.abs(scaled) * (1.0 + 4e-16) + 0.5) * unit
