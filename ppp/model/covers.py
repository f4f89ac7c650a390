"""Cover ratios and payback of the company's cash flow. Flows have shape (rows, cases)."""

from __future__ import annotations

import numpy as np

from ppp.model.compiled import largest, running_sum
from ppp.model.discounting import discount_factors, present_value


def dscr(cfads, service, scale=None) -> np.ndarray:
    """CFADS_t / debt service_t; NaN in rows without debt service (a debt-free row has no cover). Shape (rows, cases).

    Service of less than 1e-12 of the largest (of the largest of `scale`, when interest alone is the service) is what rounding
    leaves of a loan repaid early, and counts as none."""
    cfads, service = np.broadcast_arrays(np.asarray(cfads, dtype=float), np.asarray(service, dtype=float))
    due = service > 1e-12 * np.max(service if scale is None else scale, axis=0, initial=0.0)
    with np.errstate(over="ignore"):  # the cover of next to nothing is infinite
        return np.divide(cfads, service, out=np.full(cfads.shape, np.nan), where=due)


def life_cover(cfads, debt, factors) -> np.ndarray:
    """LLCR (cfads up to final maturity) or PLCR (to the end of operation) at the start of operation: (cases,).

    PV of cfads (rows, cases) by the loan's discount factors (rows, cases, or more rows), over the debt then owed (cases,); NaN where
    nothing is owed."""
    worth = present_value(cfads, factors[: len(cfads)])
    worth, debt = np.broadcast_arrays(worth, debt)
    return np.divide(worth, debt, out=np.full(worth.shape, np.nan), where=debt > 0)


def payback(flows, times, rate=0.0) -> np.ndarray:
    """Years from close until the cumulative flow, discounted at `rate`, returns to zero and stays there; NaN when it never does.

    flows: (rows, cases), receipts positive, investment included, at `times` in years (rows,). Within the row in which it
    turns the flow is taken as even.
    Static payback has rate 0.
    """
    flows = np.asarray(flows, dtype=float)
    times = np.asarray(times, dtype=float)
    total = running_sum(flows * discount_factors(rate, times))
    negative = total < -1e-9 * largest(total)
    last = np.where(negative.any(axis=0), flows.shape[0] - 1 - np.argmax(negative[::-1], axis=0), -1)
    before, after = np.maximum(last, 0), np.minimum(last + 1, flows.shape[0] - 1)
    cases = np.arange(total.shape[1])
    step = total[after, cases] - total[before, cases]
    part = np.divide(-total[before, cases], step, out=np.zeros(total.shape[1]), where=step > 0)
    turned = times[before] + part * (times[after] - times[before])
    return np.where(last == flows.shape[0] - 1, np.nan, np.where(last < 0, 0.0, turned))
