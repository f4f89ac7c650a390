"""What the government pays in operating years, by formula.

Arrays cover the operating years only: shape (years, cases). Payments are positive from government to company.
Source of the formula: Cai Jin [2015] 21; the switches are the readings that published cases prove are in use.
"""

from __future__ import annotations

import numpy as np

from ppp.model.discounting import TIMING, annuity_factor
from ppp.model.inputs import Availability, Formula, Inputs
from ppp.model.operations import growing, partly_indexed

PARTS = ("payment_capital_part", "payment_running_part", "payment_debt_service_part")


def government_payment(inputs: Inputs) -> dict[str, np.ndarray]:
    """The operating payment by the project's mechanism, each (years, cases): "government_payment", and for a formula its parts
    before user payments are taken off: return of construction cost or capital, running cost, debt service passed through."""
    years = inputs.timeline.operation
    match inputs.payment:
        case None:
            return {"government_payment": np.zeros((years, 1))}
        case Availability(amount, indexed_share, index):
            return {"government_payment": partly_indexed(amount, indexed_share, index, years)}
        case Formula() as formula:
            parts = _parts(formula, inputs)
            step = formula.rounding_unit
            if formula.rounding == "yearly":
                parts = {key: rounded(part, step) for key, part in parts.items()}
            paid = sum(parts.values())
            if formula.gap:
                paid = viability_gap(
                    paid, inputs.user_payments + inputs.other_revenue, formula.when_negative, formula.excess_share
                )
            return {"government_payment": rounded(paid, step) if formula.rounding == "yearly" else paid, **parts}


def construction_cost_of_formula(formula: Formula, inputs: Inputs) -> np.ndarray:
    """C of the formula: capex - capital grant + interest during construction by convention - the government's equity if deducted.

    What the government has granted is not paid for again. (cases,)"""
    capex = inputs.capex.sum(axis=0)
    construction_years = slice(
        1, inputs.timeline.construction + 1
    )  # none when all is spent at close: then there is no interest
    share = inputs.capex[construction_years] / np.where(capex > 0, capex, 1.0)
    interest = interest_during_construction(share * formula.loan, formula.loan_rate, inputs.draw, formula.interest)
    deducted = formula.government_equity if formula.deduct_government_equity else 0.0
    return capex - inputs.grant.sum(axis=0) + interest - deducted


def _parts(formula: Formula, inputs: Inputs) -> dict[str, np.ndarray]:
    """S_n before user payments, by part: capital, O_n (1 + pi), debt service."""
    running = (inputs.opex + inputs.lifecycle) * (1.0 + (formula.profit_rate if formula.mark_up_opex else 0.0))
    years, passed_through = formula.years, np.zeros((inputs.timeline.operation, 1))
    match formula.method:
        case "cai_jin_21":
            first = {"from_one": 1, "from_zero": 0, "from_construction": inputs.timeline.construction + 1}[
                formula.counting
            ]
            cost = construction_cost_of_formula(formula, inputs)
            capital = construction_subsidy(cost, formula.profit_rate, formula.rate, years, first)
        case "level_annuity":
            capital = level_annuity(
                construction_cost_of_formula(formula, inputs), formula.profit_rate, formula.rate, years
            )
        case "equity_annuity_debt_service":
            capital = equity_annuity(formula.equity, formula.equity_without_profit, formula.rate, years)
            passed_through = formula.debt_service
        case unknown:
            raise ValueError(f"unknown subsidy method: {unknown}")
    over_all_years = np.zeros((inputs.timeline.operation, *capital.shape[1:]))
    over_all_years[:years] = capital
    return dict(zip(PARTS, (over_all_years, running, passed_through), strict=True))


def interest_during_construction(loan_draws, rate, draw: str, kind: str) -> np.ndarray:
    """Interest reckoned on a loan up to the start of operation. Shape (cases,).

    loan_draws: (construction years, cases), positive. draw: start, middle or end of the year in which money is drawn: it bears
    interest for 1, 0.5 or 0 of that year. kind: "none"; "simple": sum of draws x rate x years outstanding; "compound": each
    year's interest joins the balance. Limits: 0 at rate 0; simple = compound when one year long.
    """
    draws = np.asarray(loan_draws, dtype=float)
    rate = np.atleast_1d(np.asarray(rate, dtype=float))
    principal = np.zeros(np.broadcast_shapes(draws.shape[1:], rate.shape))
    interest = np.zeros_like(principal)
    for drawn in draws if kind != "none" else ():
        base = principal + interest if kind == "compound" else principal
        interest = interest + rate * (base + TIMING[draw] * drawn)
        principal = principal + drawn
    return interest


def construction_subsidy(cost, profit_rate, rate, years: int, first_exponent: int = 1) -> np.ndarray:
    """C (1 + pi)(1 + r)^n / N with n = first_exponent, first_exponent + 1, ...; shape (years, cases).

    With n from 1, payments at year ends and discounting at r to the start of operation, its PV is C (1 + pi) for every r and N.
    """
    first = (
        np.atleast_1d(cost) * (1.0 + np.atleast_1d(profit_rate)) * (1.0 + np.atleast_1d(rate)) ** first_exponent / years
    )
    return growing(first, rate, years)


def equity_annuity(equity, returned_without_profit, rate, years: int) -> np.ndarray:
    """Level return of equity with profit, the part without profit returned evenly: (E - E0) / a(r, N) + E0 / N."""
    with_profit = np.atleast_1d(equity) - returned_without_profit
    level = with_profit / annuity_factor(rate, years) + np.asarray(returned_without_profit) / years
    return np.broadcast_to(level, (years, *np.shape(level))).copy()


def level_annuity(cost, profit_rate, rate, years: int) -> np.ndarray:
    """C (1 + pi) paid in level instalments: C (1 + pi) / a(r, N). Same PV as construction_subsidy with n from 1."""
    level = np.atleast_1d(cost) * (1.0 + np.atleast_1d(profit_rate)) / annuity_factor(rate, years)
    return np.broadcast_to(level, (years, *np.shape(level))).copy()


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
