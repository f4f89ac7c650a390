"""Sources and uses during construction, with the circle of debt, interest and fees solved.

Interest during construction and fees are uses; uses decide the debt; the debt decides interest and fees.
Arrays cover row 0 (financial close) and the construction years: shape (1 + years, cases). All amounts positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.discounting import TIMING

TOLERANCE = 1e-13  # relative change of the debt at which the circle is closed; reported residuals stay below 1e-10
MOST_ROUNDS = 200
TINY = 1e-300  # keeps a project that needs no money from dividing by zero


@dataclass(frozen=True)
class Terms:
    """Loan terms that bear on construction: rates are fractions a year, scalar or (cases,)."""

    rate: np.ndarray
    max_gearing: np.ndarray
    upfront_fee: np.ndarray
    commitment_fee: np.ndarray
    draw: str


@dataclass(frozen=True)
class Funded:
    """Uses: capex, interest, fees. Sources: grant, equity, drawn. `debt` (cases,) is the balance at the end of construction.

    residual: |debt assumed for fees and limits - debt drawn| relative to uses, what is left of the circle.
    """

    capex: np.ndarray
    interest: np.ndarray
    fees: np.ndarray
    grant: np.ndarray
    equity: np.ndarray
    drawn: np.ndarray
    debt: np.ndarray
    residual: np.ndarray

    @property
    def uses(self) -> np.ndarray:
        return self.capex + self.interest + self.fees


def fund(capex, close_costs, grant, capacity, terms: Terms) -> Funded:
    """Draw debt and equity pro rata so that sources = uses in every row and debt = min(max gearing x (uses - grant), capacity).

    capex, grant: (1 + years, cases); close_costs: (cases,), paid in row 0; capacity: (cases,). Interest accrues on drawn debt:
    IDC_t = i (B_(t-1) + theta draw_t), theta 1, 0.5 or 0 for draws at start, middle or end; it is itself funded pro rata.
    Upfront fee = f x debt in row 0; commitment fee_t = c (debt - B_(t-1) - theta draw_t).
    Fixed point on the gearing, which contracts by about the share of interest in uses.
    """
    capex = np.asarray(capex, dtype=float)
    need = np.maximum((capex - grant).sum(axis=0) + close_costs, 0.0)
    debt = np.minimum(terms.max_gearing * need, capacity)
    for _ in range(MOST_ROUNDS):
        drawn, interest, fees = _draw(capex, close_costs, grant, debt / np.maximum(need, TINY), debt, terms)
        new_need = np.maximum((capex + interest + fees - grant).sum(axis=0), 0.0)
        new_debt = np.minimum(terms.max_gearing * new_need, capacity)
        change = np.max((np.abs(new_debt - debt) + np.abs(new_need - need)) / np.maximum(new_need, TINY))
        need, debt = new_need, new_debt
        if change < TOLERANCE:
            break
    drawn, interest, fees = _draw(capex, close_costs, grant, debt / np.maximum(need, TINY), debt, terms)
    balance = drawn.sum(axis=0)
    equity = capex + interest + fees - grant - drawn
    return Funded(
        capex,
        interest,
        fees,
        np.asarray(grant, dtype=float),
        equity,
        drawn,
        balance,
        np.abs(debt - balance) / np.maximum(need, TINY),
    )


def _draw(capex, close_costs, grant, gearing, debt, terms: Terms):
    """One pass through construction at a given gearing and debt. Within a year draw = gearing x (capex - grant + interest + fee)
    is linear in the draw, so it is solved exactly."""
    theta = TIMING[terms.draw]
    one_per_case = (gearing, debt, close_costs, terms.rate, terms.upfront_fee, terms.commitment_fee)
    shape = np.broadcast_shapes(capex.shape, np.shape(grant), *((1, *np.shape(value)) for value in one_per_case))
    drawn, interest, fees = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    fees[0] = terms.upfront_fee * debt + close_costs
    drawn[0] = gearing * (capex[0] - grant[0] + fees[0])
    balance = drawn[0]
    slope = theta * (terms.rate - terms.commitment_fee)
    for t in range(1, shape[0]):
        carried = terms.rate * balance + terms.commitment_fee * (debt - balance)
        drawn[t] = gearing * (capex[t] - grant[t] + carried) / (1.0 - gearing * slope)
        interest[t] = terms.rate * (balance + theta * drawn[t])
        fees[t] = terms.commitment_fee * (debt - balance - theta * drawn[t])
        balance = balance + drawn[t]
    return drawn, interest, fees
