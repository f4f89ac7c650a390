"""What a subsidy formula really pays: its course over the years, its level equivalent, the yearly return it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.model.discounting import annuity_factor, net_present_value
from ppp.model.inputs import Formula
from ppp.model.irr import irr
from ppp.model.payments import construction_cost_of_formula


@dataclass(frozen=True)
class PaymentProfile:
    """The capital part of the payment: first and last year and level equivalent in base units; rates are fractions a year."""

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
    part = evaluation.lines["payment_capital_part"][evaluation.inputs.timeline.operating][: formula.years, :1]
    rate, profit = float(formula.rate[0]), float(formula.profit_rate[0])
    worth = float(net_present_value(rate, part)[0]) / (1.0 + rate)
    level = worth / float(annuity_factor(rate, formula.years))
    cost = construction_cost_of_formula(formula, evaluation.inputs)[:1]
    implied = float(irr(np.vstack([-cost[None], part])).value[0])
    return PaymentProfile(float(part[0, 0]), float(part[-1, 0]), level, profit, implied)
