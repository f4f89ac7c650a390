"""Internal rates of return: every root found, one value by a stated policy, the rest flagged.

An IRR is a rate r > -1 with sum of flow_t (1 + r)^-t = 0, t in years. The number of sign changes of the flows bounds the
number of IRRs (Descartes). With s = ln(1 + r), the derivative of e^(s tau) NPV(s) has the flows flow_t (tau - t):
when tau lies where the flows change sign, one sign change is gone, and between two of its roots NPV has at most
one (Rolle). So flows with k sign changes are solved from those with one, each root inside its own bracket, all
cases together.

Policy: a single root is the value. Of several, the value is the one at which NPV falls through zero as the rate
rises, because only there does "accept when the hurdle is below the IRR" hold; when there is no such root or more
than one, it is NaN. `state` says which case it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NONE, UNIQUE, SEVERAL = 0, 1, 2
LOWEST, HIGHEST = np.log1p(-0.9999999), np.log1p(1e6)  # of s = ln(1 + r), within which roots are looked for
CLOSE = 4e-16  # of s, or of 1 %: a step this small ends the search
MANY = 100
TOUCHING = 1e-14  # an NPV this small, relative to its terms, at its own extreme counts as a root


@dataclass(frozen=True)
class Irr:
    """value: (cases,) fraction a year, NaN where none; state: (cases,) NONE, UNIQUE or SEVERAL roots; roots: (most, cases) ascending,
    NaN after the last root of a case."""

    value: np.ndarray
    state: np.ndarray
    roots: np.ndarray

    def roots_of(self, case: int) -> np.ndarray:
        return self.roots[np.isfinite(self.roots[:, case]), case]


def irr(flows, times=None) -> Irr:
    """Yearly IRR of flows (rows, cases), receipts positive, at `times` in years (rows,) ascending, or one year apart.

    Equation and policy: see the module."""
    flows = np.asarray(flows, dtype=float)
    flows = flows[:, None] if flows.ndim == 1 else flows
    times = np.arange(flows.shape[0], dtype=float) if times is None else np.asarray(times, dtype=float)
    scale = np.max(np.abs(flows), axis=0)
    flows = flows / np.where(scale > 0, scale, 1.0)
    changes, _ = sign_changes(flows)
    roots = np.full((max(changes.max(initial=0), 1), flows.shape[1]), np.nan)
    falling = roots.copy()
    for count in np.unique(changes[changes > 0]):
        chosen = changes == count
        roots[:count, chosen], falling[:count, chosen] = _roots(flows[:, chosen], times, count)
    found = np.isfinite(roots).sum(axis=0)
    ones = np.where((found == 1)[None, :], roots, falling)
    value = np.where(np.isfinite(ones).sum(axis=0) == 1, np.nansum(ones, axis=0), np.nan)
    return Irr(np.expm1(value), np.minimum(found, SEVERAL), np.expm1(roots))


def sign_changes(flows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of changes of sign along time, zeros passed over, and the row before which the first one happens. Both (cases,)."""
    last, first = np.zeros(flows.shape[1]), np.zeros(flows.shape[1])
    count = np.zeros(flows.shape[1], dtype=int)
    for t, row in enumerate(np.sign(flows)):
        changed = row * last < 0
        first = np.where(changed & (count == 0), t, first)
        count += changed
        last = np.where(row != 0, row, last)
    return count, first


def _roots(flows: np.ndarray, times: np.ndarray, changes: int) -> tuple[np.ndarray, np.ndarray]:
    """Roots s of flows that all change sign `changes` times, and those among them where NPV falls: both (changes, cases), ascending."""
    chain = [flows]
    for _ in range(changes - 1):
        change = sign_changes(chain[-1])[1].astype(int)
        between = (times[change - 1] + times[change]) / 2.0
        derived = chain[-1] * (between - times[:, None])
        chain.append(derived / np.max(np.abs(derived), axis=0))
    lowest, highest = np.full((1, flows.shape[1]), LOWEST), np.full((1, flows.shape[1]), HIGHEST)
    roots = np.empty((0, flows.shape[1]))
    for level in reversed(chain):
        nodes = np.concatenate([lowest, np.where(np.isnan(roots), HIGHEST, roots), highest])
        roots, falls = _between(level, times, np.sort(nodes, axis=0))
    order = np.argsort(np.where(np.isnan(roots), np.inf, roots), axis=0)
    return np.take_along_axis(roots, order, 0), np.take_along_axis(np.where(falls, roots, np.nan), order, 0)


def _between(flows: np.ndarray, times: np.ndarray, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The root between each pair of neighbouring nodes (nodes, cases), NaN where there is none, and whether NPV falls there.

    A node at which NPV only touches zero is a root of the bracket that begins with it."""
    sign = np.stack([_sign(flows, times, node) for node in nodes])
    crossing = sign[:-1] * sign[1:] < 0
    low, at_low = nodes[:-1], sign[:-1]
    touching = (at_low == 0) & (low > LOWEST) & (low < HIGHEST)
    roots = np.where(touching, low, np.nan)
    for i, crossed in enumerate(crossing):
        found = _root(flows[:, crossed], times, nodes[i, crossed], nodes[i + 1, crossed], at_low[i, crossed])
        roots[i, crossed] = found
    return roots, crossing & (at_low > 0)


def _sign(flows: np.ndarray, times: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Sign of NPV at s, 0 where it is no more than rounding of its terms: (cases,)."""
    value = _npv(flows, times, s)[0]
    near = np.abs(value) <= TOUCHING * np.abs(flows).sum(axis=0)  # no term is larger than its flow
    sign = np.sign(value)
    if near.any():
        size = _npv(np.abs(flows[:, near]), times, s[near])[0]
        sign[near] = np.where(np.abs(value[near]) <= TOUCHING * size, 0.0, sign[near])
    return sign


def _root(flows: np.ndarray, times: np.ndarray, low: np.ndarray, high: np.ndarray, at_low: np.ndarray) -> np.ndarray:
    """The root between low and high, at whose ends NPV has opposite signs, `at_low` the one at low; all (cases,).

    Newton's method, with a bisection whenever it leaves the bracket or does not halve its step. Cases that are done are set aside;
    of many cases a few are solved first, and the others begin at their middle."""
    root = np.full(low.shape, np.nan)
    open_ = np.arange(low.size)
    first = np.log1p(0.08)
    if low.size > MANY:
        few = np.linspace(0, low.size - 1, 9).astype(int)
        first = np.median(_root(flows[:, few], times, low[few], high[few], at_low[few]))
    s = np.clip(first, low, high)
    s = np.where((s > low) & (s < high), s, (low + high) / 2.0)
    step = high - low
    for _ in range(200):
        value, slope = _npv(flows, times, s)
        above = np.sign(value) == at_low
        low, high = np.where(above, s, low), np.where(above, high, s)
        newton = -np.divide(value, slope, out=np.full_like(value, np.inf), where=slope != 0)
        good = (s + newton > low) & (s + newton < high) & (np.abs(newton) < 0.5 * np.abs(step))
        step = np.where(value == 0, 0.0, np.where(good, newton, (low + high) / 2.0 - s))
        s = s + step
        root[open_] = s
        more = np.abs(step) > CLOSE * np.maximum(np.abs(s), 1e-2)
        if not more.any():
            break
        if np.count_nonzero(more) < 0.7 * more.size:
            flows, open_, at_low = flows[:, more], open_[more], at_low[more]
            low, high, s, step = low[more], high[more], s[more], step[more]
    return root


def _npv(flows: np.ndarray, times: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NPV of flows (rows, cases) at s (cases,) and its derivative by s, by Horner's rule in e^(-|s| gap), the gaps between rows.

    For s < 0 both are of NPV e^(s T), T the last time, which has the same zeros and signs and cannot overflow; there the rule
    runs from the first row on, else from the last row back."""
    negative, gaps = s < 0, np.diff(times)
    decay = {gap: np.exp(-np.abs(s) * gap) for gap in set(gaps.tolist())}
    mixed = bool(negative.any())
    total, slope = np.zeros_like(s), np.zeros_like(s)
    for late, early, row, first in zip(
        [0.0, *gaps[::-1].tolist()], [0.0, *gaps.tolist()], flows[::-1], flows, strict=True
    ):
        if late or early:
            kept = decay[late] if late == early or not mixed else np.where(negative, decay[early], decay[late])
            carried = total * kept
            gap = late if late == early or not mixed else np.where(negative, early, late)
            slope = slope * kept - gap * carried
            total = carried
        total = total + (np.where(negative, first, row) if mixed else row)
    return total, np.where(negative, -slope, slope) if mixed else slope
