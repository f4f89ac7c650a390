"""Internal rates of return: every root found, one value by a stated policy, the rest flagged.

An IRR is a rate r > -1 with sum of flow_t (1 + r)^-t = 0. With v = 1 / (1 + r) it is a positive root of a polynomial, so the
number of sign changes of the flows bounds the number of IRRs (Descartes).

Policy: the value is the root at which NPV falls through zero as the rate rises, because only there does "accept when the hurdle
is below the IRR" hold. When no root or more than one such root exists the value is NaN. `state` says which case it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NONE, UNIQUE, SEVERAL = 0, 1, 2
LOWEST, HIGHEST = -0.9999999, 1e6


@dataclass(frozen=True)
class Irr:
    """value: (cases,) fraction a year, NaN where none; state: (cases,) NONE, UNIQUE or SEVERAL roots; roots: list by case, ascending."""

    value: np.ndarray
    state: np.ndarray
    roots: dict[int, np.ndarray]


def irr(flows) -> Irr:
    """IRR of flows (rows, cases), receipts positive, one period apart. Equation and policy: see the module."""
    flows = np.asarray(flows, dtype=float)
    flows = flows[:, None] if flows.ndim == 1 else flows
    scale = np.max(np.abs(flows), axis=0)
    flows = flows / np.where(scale > 0, scale, 1.0)
    changes = sign_changes(flows)
    value = np.full(flows.shape[1], np.nan)
    state = np.full(flows.shape[1], NONE)
    simple = changes == 1
    if simple.any():
        value[simple] = _single_root(flows[:, simple])
        state[simple] = np.where(np.isnan(value[simple]), NONE, UNIQUE)
    roots = {int(i): value[i : i + 1] for i in np.flatnonzero(simple & (state == UNIQUE))} if flows.shape[1] <= 64 else {}
    for i in np.flatnonzero(changes > 1):
        found = all_roots(flows[:, i])
        roots[int(i)] = found
        state[i] = (NONE, UNIQUE)[len(found)] if len(found) < 2 else SEVERAL
        falling = [r for r in found if _npv_slope(flows[:, i], r) < 0]
        if len(falling) == 1:
            value[i] = falling[0]
    return Irr(value, state, roots)


def sign_changes(flows: np.ndarray) -> np.ndarray:
    """Number of changes of sign along time, zeros passed over. Shape (cases,)."""
    signs = np.sign(flows)
    last = np.zeros(signs.shape[1])
    count = np.zeros(signs.shape[1], dtype=int)
    for row in signs:
        count += (row * last) < 0
        last = np.where(row != 0, row, last)
    return count


def all_roots(flow: np.ndarray) -> np.ndarray:
    """Every IRR of one flow (rows,), ascending: the positive real roots of the polynomial in v, polished by Newton's method."""
    used = np.flatnonzero(flow)
    trimmed = flow[used[0] : used[-1] + 1]
    candidates = np.roots(trimmed[::-1])
    real = candidates[(np.abs(candidates.imag) < 1e-7 * np.maximum(1.0, np.abs(candidates))) & (candidates.real > 0)].real
    polished = sorted({round(r, 12): r for r in (_polish(trimmed, 1.0 / v - 1.0) for v in real) if np.isfinite(r)}.values())
    return np.array(polished)


def _npv_and_slope(flows: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NPV and its derivative by the rate, by Horner's rule in v = 1 / (1 + rate)."""
    v = 1.0 / (1.0 + rate)
    total, slope = np.zeros_like(v), np.zeros_like(v)
    for row in flows[::-1]:
        slope = slope * v + total
        total = total * v + row
    return total, -slope * v * v


def _npv_slope(flow: np.ndarray, rate: float) -> float:
    return float(_npv_and_slope(flow[:, None], np.array([rate]))[1][0])


def _polish(flow: np.ndarray, rate: float) -> float:
    for _ in range(8):
        value, slope = _npv_and_slope(flow[:, None], np.array([rate]))
        step = value[0] / slope[0] if slope[0] else 0.0
        if not np.isfinite(step) or abs(step) > 0.1 * (1.0 + rate):
            break
        rate -= step
    return rate if rate > -1.0 else np.nan


def _single_root(flows: np.ndarray) -> np.ndarray:
    """The one root of each flow with one sign change: Newton's method kept inside a shrinking bracket."""
    low, high = np.full(flows.shape[1], LOWEST), np.full(flows.shape[1], HIGHEST)
    at_low, at_high = _npv_and_slope(flows, low)[0], _npv_and_slope(flows, high)[0]
    exists = np.sign(at_low) * np.sign(at_high) < 0
    rate = np.full(flows.shape[1], 0.08)
    with np.errstate(all="ignore"):
        for _ in range(200):
            value, slope = _npv_and_slope(flows, rate)
            above = np.sign(value) == np.sign(at_low)
            low, high = np.where(above, rate, low), np.where(above, high, rate)
            step = rate - value / slope
            middle = np.exp((np.log1p(low) + np.log1p(high)) / 2.0) - 1.0
            following = np.where((step > low) & (step < high), step, middle)
            done = np.abs(following - rate) <= 1e-15 * (1.0 + np.abs(rate))
            rate = np.where(value == 0.0, rate, following)
            if np.all(done | (value == 0.0) | ~exists):
                break
    return np.where(exists, rate, np.nan)
