"""Senior debt: how much the cash flow carries, and how it is repaid.

Arrays cover the repayment years only, first repayment year first: shape (tenor, cases). All amounts positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.discounting import annuity_factor


@dataclass(frozen=True)
class Schedule:
    """interest, principal, closing: (tenor, cases). closing[-1] is 0 because the debt is repaid on its last day."""

    interest: np.ndarray
    principal: np.ndarray
    closing: np.ndarray

    @property
    def service(self) -> np.ndarray:
        return self.interest + self.principal


def capacity(cfads, rate, dscr, repayment: str) -> np.ndarray:
    """The largest debt at the start of repayment whose service leaves a cover of `dscr` in every year. Shape (cases,).

    sculpted: sum of CFADS_t / DSCR (1 + i)^-t. annuity: min(CFADS) / DSCR x a(i, n). equal_principal: the least of
    CFADS_t / DSCR divided by the service of one unit of debt in year t. Years of negative CFADS carry nothing.
    """
    affordable = np.maximum(cfads, 0.0) / dscr
    tenor = affordable.shape[0]
    if repayment == "sculpted":
        return _present_value(affordable, rate)
    if repayment == "annuity":
        return affordable.min(axis=0) * annuity_factor(rate, tenor)
    return (affordable / _equal_principal_service(rate, tenor)).min(axis=0)


def repay(amount, rate, cfads, repayment: str) -> Schedule:
    """The repayment schedule of `amount` (cases,) at `rate`.

    sculpted: service_t = max(CFADS_t, 0) x amount / PV(max(CFADS, 0)), the same cover in every year; annuity: equal service;
    equal_principal: principal_t = amount / n. interest_t = i x opening balance; closing = opening - principal.
    """
    tenor = cfads.shape[0]
    amount = np.asarray(amount, dtype=float)
    rate = np.broadcast_to(np.asarray(rate, dtype=float), np.broadcast_shapes(np.shape(rate), amount.shape))
    if repayment == "sculpted":
        carrying = np.maximum(cfads, 0.0)
        worth = _present_value(carrying, rate)
        service = carrying * np.where(worth > 0.0, amount / np.where(worth > 0.0, worth, 1.0), 0.0)
    elif repayment == "annuity":
        service = np.broadcast_to(amount / annuity_factor(rate, tenor), (tenor, *amount.shape))
    else:
        service = amount * _equal_principal_service(rate, tenor)
    shape = (tenor, *np.broadcast_shapes(service.shape[1:], amount.shape, rate.shape))
    interest, principal, closing = np.empty(shape), np.empty(shape), np.empty(shape)
    balance = amount
    for t in range(tenor):
        interest[t] = rate * balance
        principal[t] = service[t] - interest[t]
        balance = balance - principal[t]
        closing[t] = balance
    return Schedule(interest, principal, closing)


def _equal_principal_service(rate, tenor: int) -> np.ndarray:
    """Service of one unit of debt repaid in equal parts: 1/n + i (1 - (t - 1)/n)."""
    t = np.arange(tenor, dtype=float)[:, None]
    return 1.0 / tenor + np.atleast_1d(rate) * (1.0 - t / tenor)


def _present_value(flows, rate) -> np.ndarray:
    """PV one period before the first flow."""
    total = np.zeros(np.broadcast_shapes(flows.shape[1:], np.shape(rate)))
    for row in flows[::-1]:
        total = (total + row) / (1.0 + np.asarray(rate))
    return total
