"""Present values and annuities.

What must be true: a factor at close is 1; factors fall with time for a positive rate; the PV of
a level payment at its own annuity factor is the amount lent; at rate 0 an annuity factor is the number of payments.
"""

from __future__ import annotations

import numpy as np

from ppp.model.compiled import running_sum

TIMING = {"end": 0.0, "middle": 0.5, "start": 1.0}


def discount_factors(rate, times, timing: str = "end", base: float = 0.0) -> np.ndarray:
    """(1 + rate)^-(time - base), time being the end, middle or start of each row; shape (rows, cases).

    rate: fraction a year, scalar or (cases,), above -1. times: years from close to the end of each row (rows,), the first being
    close itself, an instant that is never shifted. base: the time of the valuation date.
    Raises KeyError for another timing. Source: any text; HM Treasury, Green Book, annex on discounting, for mid-year.
    """
    times = np.asarray(times, dtype=float)[:, None]
    shift = TIMING[timing] * np.diff(times, axis=0, prepend=times[:1])
    return np.exp(-np.log1p(np.atleast_1d(np.asarray(rate, dtype=float))) * (times - base - shift))


def schedule_factors(rates, after, times) -> np.ndarray:
    """Discount factors of rates that change with time, applied cumulatively; shape (rows, cases).

    rates (steps, cases): fractions a year, above -1; after (steps,): rates[k] holds from after[k] years after the valuation date to
    the next step, the first also before it; times (rows,): years from the valuation date to each flow.
    DF(t) = exp(-integral of ln(1 + r(u)) du from 0 to t). With one step this is (1 + r)^-t. Source: HM Treasury, Green Book,
    annex on discounting: DF30 = 0.356278, DF31 = 0.345901. Raises ValueError unless the steps begin at 0 and rise.
    """
    rates, after, times = np.atleast_2d(rates), np.asarray(after, dtype=float), np.asarray(times, dtype=float)
    if after[0] != 0.0 or np.any(np.diff(after) <= 0.0):
        raise ValueError("the steps begin at 0 and rise")
    begins, ends = after, np.append(after[1:], np.inf)
    spent = np.clip(times[:, None], begins, ends) - begins  # years within each step
    spent[:, 0] += np.minimum(times, 0.0)
    return np.exp(-spent @ np.log1p(rates))


def period_factors(rates) -> np.ndarray:
    """Discount factors at rates per period (rows, cases), to the start of the first row: 1 / ((1 + i_1) ... (1 + i_t))."""
    return np.exp(-running_sum(np.log1p(np.asarray(rates, dtype=float))))


def present_value(flows, factors) -> np.ndarray:
    """Sum over time of flows x factors; flows (rows, cases), result (cases,), in the unit and sign of flows."""
    return np.einsum("t...,t...->...", *np.broadcast_arrays(flows, factors))


def net_present_value(rate, flows, times=None) -> np.ndarray:
    """NPV at close of flows on the first axis, receipts positive: sum of flow_t (1 + rate)^-t; t is the row, or its `times` in years."""
    flows = np.asarray(flows, dtype=float)
    flows = flows[:, None] if flows.ndim == 1 else flows
    return present_value(flows, discount_factors(rate, np.arange(flows.shape[0]) if times is None else times))


def annuity_factor(rate, periods) -> np.ndarray:
    """PV of 1 paid at the end of each of `periods`: (1 - (1 + rate)^-periods) / rate; `periods` at rate 0.

    Written with expm1 and log1p, so that it keeps its digits for rates down to 1e-15.
    """
    rate, periods = np.asarray(rate, dtype=float), np.asarray(periods, dtype=float)
    safe = np.where(rate == 0.0, 1.0, rate)
    return np.where(rate == 0.0, periods, -np.expm1(-periods * np.log1p(safe)) / safe)


def level_payment(amount, rate, periods) -> np.ndarray:
    """The equal payment at the end of each of `periods` that repays `amount` (positive) at `rate`: amount / annuity factor."""
    return np.asarray(amount, dtype=float) / annuity_factor(rate, periods)


def mean_return_of_markup(markup, rate, periods) -> np.ndarray:
    """Flows of the Cai Jin [2015] 21 construction payment per 1 of cost: row 0 is -1, row n is (1 + markup)(1 + rate)^n / periods.

    Their IRR is the yearly return that a one-off profit rate `markup` really gives. Shape (periods + 1, cases).
    """
    n = np.arange(1, int(periods) + 1, dtype=float)[:, None]
    payments = (1.0 + np.atleast_1d(markup)) * (1.0 + np.atleast_1d(rate)) ** n / periods
    return np.vstack([-np.ones((1, payments.shape[1])), payments])
