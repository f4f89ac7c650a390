"""Cover ratios and payback of the company's cash flow. Flows have shape (years, cases)."""

from __future__ import annotations

import numpy as np


def dscr(cfads, service) -> np.ndarray:
    """CFADS_t / debt service_t; NaN in years without debt service (a debt-free year has no cover). Shape (years, cases)."""
    cfads, service = np.broadcast_arrays(np.asarray(cfads, dtype=float), np.asarray(service, dtype=float))
    return np.divide(cfads, service, out=np.full(cfads.shape, np.nan), where=service > 0.0)


def life_cover(cfads, opening, rate, tenor: int | None = None) -> np.ndarray:
    """LLCR (tenor given: CFADS to final maturity) or PLCR (None: CFADS to the end) at the start of each year: (years, cases).

    PV of CFADS from this year on, the first one discounted one period, at the loan's rate, over the opening balance; NaN where
    nothing is owed.
    """
    cfads = np.asarray(cfads, dtype=float)
    worth = np.zeros(np.broadcast_shapes(cfads.shape, (1, *np.shape(rate))))
    last = cfads.shape[0] if tenor is None else min(tenor, cfads.shape[0])
    total = np.zeros(worth.shape[1:])
    for t in range(last - 1, -1, -1):
        total = (total + cfads[t]) / (1.0 + np.asarray(rate))
        worth[t] = total
    opening = np.broadcast_to(opening, worth.shape)
    owed = opening > 1e-9 * np.max(opening, axis=0, initial=0.0)
    return np.divide(worth, opening, out=np.full(worth.shape, np.nan), where=owed)


def payback(flows, rate=0.0) -> np.ndarray:
    """Years from row 0 until the cumulative flow, discounted at `rate`, returns to zero and stays there; NaN when it never does.

    flows: (rows, cases), receipts positive, investment included. Within the last negative year the flow is taken as even.
    Static payback has rate 0.
    """
    flows = np.asarray(flows, dtype=float)
    t = np.arange(flows.shape[0], dtype=float)[:, None]
    total = np.cumsum(flows * (1.0 + np.atleast_1d(rate)) ** -t, axis=0)
    negative = total < -1e-9 * np.max(np.abs(total), axis=0)
    last = np.where(negative.any(axis=0), flows.shape[0] - 1 - np.argmax(negative[::-1], axis=0), -1)
    after = np.minimum(last + 1, flows.shape[0] - 1)
    cases = np.arange(total.shape[1])
    step = total[after, cases] - total[np.maximum(last, 0), cases]
    part = np.divide(-total[np.maximum(last, 0), cases], step, out=np.zeros(total.shape[1]), where=step > 0)
    return np.where(last == flows.shape[0] - 1, np.nan, np.where(last < 0, 0.0, last + part))
