"""A small project company to change one thing at a time in."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from ppp.model.inputs import DebtTerms, Formula, Inputs, TaxTerms
from ppp.model.timeline import Timeline


def column(values) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=float))[:, None]


@pytest.fixture
def debt_terms():
    """6 % over 10 years, sculpted to a cover of 1.3 after tax, no fees; change what matters."""

    def make(**changes) -> DebtTerms:
        terms = DebtTerms(
            rate=np.array([0.06]),
            tenor=10,
            repayment="sculpted",
            max_gearing=np.array([1.0]),
            dscr=np.array([1.3]),
            dscr_after_tax=True,
            upfront_fee=np.array([0.0]),
            commitment_fee=np.array([0.0]),
        )
        return replace(terms, **{k: np.atleast_1d(v) if isinstance(v, float) else v for k, v in changes.items()})

    return make


@pytest.fixture
def tax_terms():
    """25 %, straight line over 15 years, losses carried forward without end."""

    def make(**changes) -> TaxTerms:
        return replace(TaxTerms(np.array([0.25]), 15, "full", "carry_forward", None), **changes)

    return make


@pytest.fixture
def formula():
    """The subsidy formula with a profit rate of 6 % and a rate of 5 %, no loan, for `years` years."""

    def make(years: int, **changes) -> Formula:
        terms = Formula(
            gap=False,
            profit_rate=np.array([0.06]),
            rate=np.array([0.05]),
            years=years,
            method="cai_jin_21",
            counting="from_one",
            interest="none",
            deduct_government_equity=False,
            mark_up_opex=True,
            when_negative="floor",
            excess_share=np.array([0.0]),
            rounding="none",
            rounding_unit=0.01,
            loan=np.array([0.0]),
            loan_rate=np.array([0.0]),
            equity=np.array([0.0]),
            government_equity=np.array([0.0]),
            equity_without_profit=np.array([0.0]),
            debt_service=np.zeros((years, 1)),
        )
        return replace(terms, **{k: np.atleast_1d(v) if isinstance(v, float) else v for k, v in changes.items()})

    return make


@pytest.fixture
def inputs(debt_terms, tax_terms):
    """1000 of capex over two years, then 15 years in which users pay 180 and operation costs 50."""

    def make(construction: int = 2, operation: int = 15, **changes) -> Inputs:
        timeline = Timeline(dt.date(2024, 1, 1), construction, operation)
        even = np.full((max(construction, 1), 1), 1_000.0 / max(construction, 1))
        given = dict(
            timeline=timeline,
            capex=timeline.spread("building", even),
            grant=np.zeros((timeline.rows, 1)),
            close_costs=np.zeros(1),
            draw="middle",
            opex=np.full((operation, 1), 50.0),
            lifecycle=np.zeros((operation, 1)),
            user_payments=np.full((operation, 1), 180.0),
            other_revenue=np.zeros((operation, 1)),
            disposal=np.zeros(1),
            payment=None,
            funded=True,
            debt=debt_terms(),
            tax=tax_terms(),
            discount_rate=np.array([0.05]),
            equity_rate=np.array([0.08]),
        )
        for key, value in changes.items():
            if isinstance(value, list):
                changes[key] = column(value)
            elif isinstance(value, float):
                changes[key] = np.array([value])
        return Inputs(**(given | changes))

    return make
