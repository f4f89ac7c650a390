"""Internal rates of return: every root found, one value by a stated policy, the rest flagged.

An IRR is a rate r > -1 with sum of flow_t (1 + r)^-t = 0, t in years. The number of sign changes of the flows bounds the
number of IRRs (Descartes). With s = ln(1 + r), the derivative of e^(s tau) NPV(s) has the flows flow_t (tau - t):
when tau lies where the flows change sign, one sign change is gone, and between two of its roots NPV has at most
one (Rolle). So flows with k sign changes are solved from those with one, each root inside its own bracket.

Policy: a single root is the value. Of several, the value is the one at which NPV falls through zero as the rate
rises, because only there does "accept when the hurdle is below the IRR" hold; when there is no such root or more
than one, it is NaN. `state` says which case it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.compiled import compiled

NONE, UNIQUE, SEVERAL = 0, 1, 2
LOWEST, HIGHEST = np.log1p(-0.9999999), np.log1p(1e6)  # of s = ln(1 + r), within which roots are looked for
CLOSE = 4e-16  # of s, or of 1 %: a step this small ends the search
FIRST = np.log1p(0.08)  # where a search begins
MOST_STEPS = 200
ABREAST = 32  # cases searched side by side
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
    gaps, kind = np.unique(np.diff(times), return_inverse=True)
    flows = np.ascontiguousarray(flows)
    changes, _ = sign_changes(flows)
    most = max(int(changes.max(initial=0)), 1)
    value, roots = np.full(flows.shape[1], np.nan), np.full((most, flows.shape[1]), np.nan)
    found = np.zeros(flows.shape[1], dtype=np.int64)
    _solve(flows, changes, times, gaps, kind, value, roots, found)
    return Irr(np.expm1(value), np.minimum(found, SEVERAL), np.expm1(roots))


def sign_changes(flows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of changes of sign along time, zeros passed over, and the row before which the first one happens. Both (cases,)."""
    count, first = np.zeros(flows.shape[1], dtype=np.int64), np.zeros(flows.shape[1], dtype=np.int64)
    _count_changes(np.ascontiguousarray(flows, dtype=float), count, first)
    return count, first


def _changes(flows, case):
    """Changes of sign of one flow of (rows, cases), and the row before which the first happens."""
    count, first, last = 0, 0, 0.0
    for t in range(flows.shape[0]):
        if flows[t, case] * last < 0.0:
            if count == 0:
                first = t
            count += 1
        if flows[t, case] != 0.0:
            last = 1.0 if flows[t, case] > 0.0 else -1.0
    return count, first


def _count_changes(flows, count, first):
    for case in range(flows.shape[1]):
        count[case], first[case] = _changes(flows, case)


def _solve(flows, changes, times, gaps, kind, value, roots, found):
    """Every case: its roots s into `roots`, how many into `found`, and the value that the policy picks.

    Neighbouring cases with one change of sign are searched side by side; the others are taken apart one by one."""
    rows, cases = flows.shape
    low, high, at, above = np.empty(ABREAST), np.empty(ABREAST), np.empty(ABREAST), np.empty(ABREAST, dtype=np.bool_)
    for start in range(0, cases, ABREAST):
        many = min(ABREAST, cases - start)
        for j in range(many):
            low[j], high[j] = LOWEST, HIGHEST
            above[j] = _last_sign(flows, start + j) > 0.0
            at[j] = np.nan if changes[start + j] == 1 else FIRST
        _search(flows[:, start : start + many], low, high, above, at, gaps, kind)
        for j in range(many):
            case = start + j
            if changes[case] == 1 and LOWEST < at[j] < HIGHEST:
                value[case] = roots[0, case] = at[j]
                found[case] = 1
    chain, nodes = np.empty((roots.shape[0], rows, 1)), np.empty(roots.shape[0] + 2)
    falls = np.empty(roots.shape[0], dtype=np.bool_)
    for case in range(cases):
        if changes[case] < 2:
            continue
        for t in range(rows):
            chain[0, t, 0] = flows[t, case]
        _scale(chain[0])
        found[case] = _roots(chain, changes[case], times, gaps, kind, nodes, roots[:, case], falls)
        falling = 0
        for k in range(found[case]):
            if falls[k] or found[case] == 1:
                falling += 1
                value[case] = roots[k, case]
        if falling != 1:
            value[case] = np.nan


def _last_sign(flows, case):
    """The sign of NPV as s falls without end: that of the last flow."""
    for t in range(flows.shape[0] - 1, -1, -1):
        if flows[t, case] != 0.0:
            return np.sign(flows[t, case])
    return 0.0


def _scale(flow):
    """Divides a flow (rows, 1) by its largest amount."""
    largest = 0.0
    for t in range(flow.shape[0]):
        largest = max(largest, abs(flow[t, 0]))
    for t in range(flow.shape[0]):
        flow[t, 0] /= largest


def _roots(chain, changes, times, gaps, kind, nodes, at, falls):
    """Roots s of chain[0] (rows, 1), which changes sign `changes` times, ascending into `at`, and whether NPV falls there; how many.

    chain[k] is made from chain[k - 1] with one change of sign less; the roots of each bracket those of the one before it."""
    for k in range(1, changes):
        _, change = _changes(chain[k - 1], 0)
        between = (times[change - 1] + times[change]) / 2.0
        for t in range(times.size):
            chain[k, t, 0] = chain[k - 1, t, 0] * (between - times[t])
        _scale(chain[k])
    count = 0
    for k in range(changes - 1, -1, -1):
        nodes[0] = LOWEST
        for j in range(count):
            nodes[j + 1] = at[j]
        nodes[count + 1] = HIGHEST
        count = _between(chain[k], nodes, count + 2, gaps, kind, at, falls)
    for k in range(count, at.size):
        at[k] = np.nan
    return count


def _between(flow, nodes, many, gaps, kind, at, falls):
    """The root between each pair of neighbouring nodes, ascending into `at`, and whether NPV falls there; how many there are.

    A node at which NPV only touches zero is a root of the bracket that begins with it."""
    count = 0
    low, high, root, above = np.empty(1), np.empty(1), np.empty(1), np.empty(1, dtype=np.bool_)
    at_low = _sign(flow, nodes[0], gaps, kind)
    for i in range(many - 1):
        at_high = _sign(flow, nodes[i + 1], gaps, kind)
        if at_low * at_high < 0.0:
            low[0], high[0], above[0], root[0] = nodes[i], nodes[i + 1], at_low > 0.0, np.nan
            _search(flow, low, high, above, root, gaps, kind)
            at[count], falls[count] = root[0], at_low > 0.0
            count += 1
        elif at_low == 0.0 and LOWEST < nodes[i] < HIGHEST:
            at[count], falls[count] = nodes[i], False
            count += 1
        at_low = at_high
    return count


def _sign(flow, s, gaps, kind):
    """Sign of NPV of a flow (rows, 1) at s, 0 where it is no more than rounding of its terms."""
    at, value, slope, decay = np.empty(1), np.empty(1), np.empty(1), np.empty((gaps.size, 1))
    at[0] = s
    _npv(flow, at, gaps, kind, value, slope, decay)
    npv, sizes, largest = value[0], np.empty_like(flow), 0.0
    for t in range(flow.shape[0]):
        sizes[t, 0] = abs(flow[t, 0])
        largest += sizes[t, 0]  # no term is larger than its flow
    if abs(npv) <= TOUCHING * largest:
        _npv(sizes, at, gaps, kind, value, slope, decay)
        if abs(npv) <= TOUCHING * value[0]:
            return 0.0
    return np.sign(npv)


def _search(flows, low, high, above, at, gaps, kind):
    """The root of each flow (rows, cases) between low and high, NPV being above zero at low, or below it and above at high, into `at`;
    cases whose `at` is a number already are left alone.

    Newton's method, with a bisection whenever it leaves the bracket or does not halve its step. It ends when the next step, as two
    steps of Newton's foretell it, would no longer move s."""
    many = flows.shape[1]
    s, step, smooth = np.empty(many), np.empty(many), np.zeros(many, dtype=np.bool_)
    value, slope, decay = np.empty(many), np.empty(many), np.empty((gaps.size, many))
    left = 0
    for j in range(many):
        s[j] = FIRST if low[j] < FIRST < high[j] else (low[j] + high[j]) / 2.0
        step[j] = high[j] - low[j]
        left += np.isnan(at[j])
    for _ in range(MOST_STEPS):
        if left == 0:
            return
        _npv(flows, s, gaps, kind, value, slope, decay)
        for j in range(many):
            if not np.isnan(at[j]):
                continue
            if (value[j] > 0.0) == above[j]:
                low[j] = s[j]
            else:
                high[j] = s[j]
            last, newton = step[j], (-value[j] / slope[j] if slope[j] != 0.0 else np.inf)
            if value[j] == 0.0:
                step[j], smooth[j] = 0.0, True
            elif low[j] < s[j] + newton < high[j] and abs(newton) < 0.5 * abs(last):
                foretold = newton * (newton / last) ** 2 if smooth[j] else newton
                step[j], smooth[j] = newton, True
            else:
                step[j], smooth[j] = (low[j] + high[j]) / 2.0 - s[j], False
                foretold = step[j]
            s[j] += step[j]
            if value[j] == 0.0 or abs(foretold) <= CLOSE * max(abs(s[j]), 1e-2):
                at[j] = s[j]
                left -= 1
    for j in range(many):
        if np.isnan(at[j]):
            at[j] = s[j]


def _npv(flows, s, gaps, kind, value, slope, decay):
    """NPV of flows (rows, cases) at s (cases,) into `value` and its derivative by s into `slope`, by Horner's rule in e^(-|s| gap), the
    gaps between rows; decay (gaps, cases) is room for it.

    For s < 0 both are of NPV e^(s T), T the last time, which has the same zeros and signs and cannot overflow; there the rule
    runs from the first row on, else from the last row back."""
    rows, many = flows.shape
    mixed = False
    for j in range(many):
        mixed |= s[j] < 0.0
        value[j], slope[j] = flows[rows - 1, j], 0.0
        for k in range(gaps.size):
            decay[k, j] = np.exp(-abs(s[j]) * gaps[k])
    for t in range(rows - 2, -1, -1):
        gap, kept = gaps[kind[t]], decay[kind[t]]
        for j in range(many):
            carried = value[j] * kept[j]
            slope[j] = slope[j] * kept[j] - gap * carried
            value[j] = carried + flows[t, j]
    if not mixed:
        return
    for j in range(many):
        if s[j] < 0.0:
            total, change = flows[0, j], 0.0
            for t in range(1, rows):
                carried = total * decay[kind[t - 1], j]
                change = change * decay[kind[t - 1], j] - gaps[kind[t - 1]] * carried
                total = carried + flows[t, j]
            value[j], slope[j] = total, -change


_changes = compiled(_changes)
_count_changes = compiled(_count_changes)
_last_sign = compiled(_last_sign)
_npv = compiled(_npv)
_sign = compiled(_sign)
_search = compiled(_search)
_between = compiled(_between)
_scale = compiled(_scale)
_roots = compiled(_roots)
_solve = compiled(_solve)
