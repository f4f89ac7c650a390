"""What a subsidy formula really pays: its course over the years, its level equivalent, the yearly return it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.model.discounting import net_present_value
from ppp.model.inputs import Formula
from ppp.model.irr import irr
from ppp.model.payments import construction_cost_of_formula, government_payment, level_factor


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
    level = float(net_present_value(rate, np.concatenate([[0.0], paid]), times)[0]) / float(level_factor(rate, lengths))
    cost = float(construction_cost_of_formula(formula, evaluation.inputs)[0])
    implied = float(irr(np.concatenate([[-cost], paid]), times).value[0])
    return PaymentProfile(float(yearly[0]), float(yearly[-1]), level, profit, implied)
