"""What the government really pays: the course of a formula over the years, its level equivalent, the yearly return it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.model.company import Lines
from ppp.model.discounting import net_present_value, present_value
from ppp.model.inputs import Formula
from ppp.model.irr import irr
from ppp.model.payments import construction_cost_of_formula, government_payment, level_factor
from ppp.model.working_capital import increase


@dataclass(frozen=True)
class PaymentProfile:
    """The capital part of the payment: first and last year and level equivalent, yearly, in base units; rates are fractions a year."""

    first: float
    last: float
    level: float
    profit_rate: float
    implied_irr: float


def payment_profile(evaluation: Evaluation) -> PaymentProfile | None:
    """None unless the payment follows Cai Jin [2015] 21. level = PV of the capital part at the formula's rate / annuity factor;
    implied_irr = IRR of - cost of the formula at the start of operation, then the capital part at year ends."""
    formula = evaluation.inputs.payment
    if not isinstance(formula, Formula) or formula.method != "cai_jin_21":
        return None
    lengths = evaluation.inputs.timeline.year_lengths("operation")[: math.ceil(formula.years)]
    yearly = government_payment(evaluation.inputs)["payment_capital_part"][: lengths.size, 0]
    rate, profit = float(formula.rate[0]), float(formula.profit_rate[0])
    times, paid = np.concatenate([[0.0], np.cumsum(lengths)]), yearly * lengths
    level = float(
        np.ravel(net_present_value(rate, np.concatenate([[0.0], paid]), times) / level_factor(rate, lengths))[0]
    )
    cost = float(construction_cost_of_formula(formula, evaluation.inputs)[0])
    implied = float(irr(np.concatenate([[-cost], paid]), times).value[0])
    return PaymentProfile(float(yearly[0]), float(yearly[-1]), level, profit, implied)


@dataclass(frozen=True)
class Subsidy:
    """level: the operating subsidy as an equal amount a year, same present value, in base units. implied_irr: what financing through
    the PPP costs a year, None where no single rate exists; discount_rate: what the evaluation discounts with."""

    level: float
    implied_irr: float | None
    discount_rate: float


def subsidy(evaluation: Evaluation) -> Subsidy | None:
    """Of a base case, None where the government pays no operating subsidy.

    level = PV of the subsidy / PV of 1 a year in operation, paid by period. implied_irr = IRR of what lenders and private shareholders
    put in and get out: through the PPP the government borrows at that rate what it would else pay as it falls."""
    lines, timeline = evaluation.lines, evaluation.inputs.timeline
    paid = lines["operating_subsidy"][:, :1]
    if not paid.any():
        return None
    factors, years = evaluation.factors[:, 0], timeline.months / 12.0
    level = float(present_value(paid[:, 0], factors) / (factors * years)[timeline.operating].sum())
    private = financing_flow(lines) - lines["government_distributions"]
    rate = float(irr(private[:, 0], timeline.times).value[0])
    return Subsidy(level, rate if np.isfinite(rate) else None, float(evaluation.inputs.discount_rate[0]))


def financing_flow(lines: Lines) -> np.ndarray:
    """What lenders and all shareholders get out of the PPP less what lenders and private shareholders put in, (rows, cases).

    Fees and profit are in it: it is all that the government pays in money, less what the project costs net of its own income, less the
    company's taxes and what it ties up in working capital, reserve accounts and cash.
    """
    cost = lines["capex"] + lines["opex"] + lines["lifecycle"]
    income = lines["user_payments"] + lines["other_revenue"] + lines["disposal"]
    nothing = np.zeros((1, 1))
    held = lines["receivables"] - lines["payables"] + lines["maintenance_reserve"]
    held = held + lines.get("debt_service_reserve", nothing) + lines.get("cash", nothing)
    return paid_in_money(lines) - (cost - income) - lines.get("tax", 0.0) - lines["vat"] - increase(held)


def paid_in_money(lines: Lines) -> np.ndarray:
    """The government's equity, operating subsidy and grant, (rows, cases)."""
    return lines["government_equity"] + lines["operating_subsidy"] + lines.get("grant", 0.0)
