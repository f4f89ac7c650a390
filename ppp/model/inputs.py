"""What the model needs, as arrays in base units: (rows, cases) on the timeline, (years, cases) in operation, (cases,) otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.timeline import Timeline


@dataclass(frozen=True)
class Availability:
    """A yearly payment (years, cases) of which `indexed_share` follows `index`."""

    amount: np.ndarray
    indexed_share: np.ndarray
    index: np.ndarray


@dataclass(frozen=True)
class Formula:
    """The government's payment by formula; the words are the conventions' values in the rule packs."""

    gap: bool
    profit_rate: np.ndarray
    rate: np.ndarray
    years: int
    method: str
    counting: str
    interest: str
    deduct_government_equity: bool
    mark_up_opex: bool
    when_negative: str
    excess_share: np.ndarray
    rounding: str
    rounding_unit: float
    loan: np.ndarray
    loan_rate: np.ndarray
    equity: np.ndarray
    government_equity: np.ndarray
    equity_without_profit: np.ndarray
    debt_service: np.ndarray


@dataclass(frozen=True)
class DebtTerms:
    """Senior debt; dscr None means that the lender sets no cover."""

    rate: np.ndarray
    tenor: int
    repayment: str
    max_gearing: np.ndarray
    dscr: np.ndarray | None
    dscr_after_tax: bool
    upfront_fee: np.ndarray
    commitment_fee: np.ndarray


@dataclass(frozen=True)
class TaxTerms:
    rate: np.ndarray
    depreciation_years: int
    first_year: str
    losses: str
    loss_years: int | None


@dataclass(frozen=True)
class Inputs:
    """One project, one or many cases. `funded` is False when the file gives no funding model: then no debt, tax or equity is computed."""

    timeline: Timeline
    capex: np.ndarray
    grant: np.ndarray
    close_costs: np.ndarray
    draw: str
    opex: np.ndarray
    lifecycle: np.ndarray
    user_payments: np.ndarray
    other_revenue: np.ndarray
    disposal: np.ndarray
    payment: Formula | Availability | None
    funded: bool
    debt: DebtTerms | None
    tax: TaxTerms | None
    discount_rate: np.ndarray
    equity_rate: np.ndarray
