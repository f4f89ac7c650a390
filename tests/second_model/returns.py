"""Section 7: IRR with all its roots, NPV, covers and payback of plain lists."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise

from second_model.exact import ONE, ZERO

NOT_A_NUMBER = Decimal("NaN")


def npv(rate: Decimal, flow: list[Decimal], months: list[int]) -> Decimal:
    """Sum of flow_t (1 + rate)^(-months_t / 12)."""
    return sum((amount * (ONE + rate) ** (-Decimal(m) / 12) for amount, m in zip(flow, months, strict=True)), ZERO)


def irr_roots(flow: list[Decimal], months: list[int]) -> list[Decimal]:
    """Every r > -1 with npv(r) = 0, ascending: a fine scan of ln(1 + r) in floats, each crossing closed in on in Decimal."""
    largest = max((abs(amount) for amount in flow), default=ZERO)
    if not largest:
        return []
    floats = [float(amount / largest) for amount in flow]
    steps = _grid(floats, months)
    values = [_value(floats, months, s) for s in steps]
    roots = []
    for a, b, left, right in zip(steps, steps[1:], values, values[1:], strict=False):
        if left == 0 or (left < 0) != (right < 0):
            roots.append(_closed_in(flow, months, Decimal(repr(a)), Decimal(repr(b))))
    return sorted(set(roots))


def _grid(flow: list[float], months: list[int]) -> list[float]:
    """Values of ln(1 + r) to look between: fine where returns lie, coarse beyond, as far as Cauchy's bounds allow a root."""
    paid = [(amount, m) for amount, m in zip(flow, months, strict=True) if amount]
    changes = sum((a > 0) != (b > 0) for (a, _), (b, _) in pairwise(paid))
    if changes == 0:
        return []
    largest = max(abs(amount) for amount, _ in paid)
    # a root v = (1 + r)^(-1/12) lies below 1 + largest / last, and 1 / v below 1 + largest / first
    low = -12 * math.log(1 + largest / abs(paid[-1][0])) - 1
    high = 12 * math.log(1 + largest / abs(paid[0][0])) + 1
    if changes == 1:  # exactly one root, by Descartes
        return [low, high]
    fine = [-3 + 0.004 * i for i in range(1501)]
    return [*_coarse(low, -3.0), *fine, *_coarse(3.0, high)[1:]]


def _coarse(low: float, high: float) -> list[float]:
    count = max(int((high - low) / 0.02), 0)
    return [low + 0.02 * i for i in range(count + 1)] if count else []


def _value(flow: list[float], months: list[int], s: float) -> float:
    """The flow's worth at ln(1 + r) = s, seen from its first or last month so that nothing overflows."""
    seen_from = 0 if s >= 0 else months[-1]
    return sum(amount * math.exp(-s * (m - seen_from) / 12) for amount, m in zip(flow, months, strict=True))


def _closed_in(flow, months, low: Decimal, high: Decimal) -> Decimal:
    """The root between ln(1 + r) = low and high, halving the bracket and, once near, by secant steps within it."""
    f_low, f_high = _worth(flow, months, low), _worth(flow, months, high)
    for _ in range(200):
        middle = (low + high) / 2
        if high - low < Decimal("1e-3"):
            secant = low - f_low * (high - low) / (f_high - f_low)
            # A step off the secant towards the far end keeps the bracket shrinking from both sides.
            middle = secant if low < secant < high else middle
        f_middle = _worth(flow, months, middle)
        if f_middle == 0:
            return middle.exp() - 1
        if (f_middle < 0) == (f_low < 0):
            moved, low, f_low = middle - low, middle, f_middle
            f_high /= 2  # Illinois
        else:
            moved, high, f_high = high - middle, middle, f_middle
            f_low /= 2
        if high - low < Decimal("1e-22") or abs(moved) < Decimal("1e-22"):
            break
    return middle.exp() - 1


def _worth(flow, months, s: Decimal) -> Decimal:
    seen_from = 0 if s >= 0 else months[-1]
    monthly = (-s / 12).exp()
    return sum((amount * monthly ** (m - seen_from) for amount, m in zip(flow, months, strict=True)), ZERO)


def irr(flow: list[Decimal], months: list[int]) -> Decimal:
    """The one root at which the worth falls through zero as the rate rises; NaN when there is none, or more than one."""
    step = Decimal("1e-9")
    falling = [r for r in irr_roots(flow, months) if npv(r - step, flow, months) > 0 > npv(r + step, flow, months)]
    return falling[0] if len(falling) == 1 else NOT_A_NUMBER


def payback(flow: list[Decimal], ends: list[int]) -> Decimal:
    """Years from close until the cumulative flow, even within a row, is back at zero for good; NaN when it never is."""
    total, since = ZERO, ZERO
    for t, amount in enumerate(flow):
        before, total = total, total + amount
        if total < 0:
            since = NOT_A_NUMBER
        elif before < 0:
            begins = ends[t - 1]
            since = (begins + (ends[t] - begins) * -before / amount) / Decimal(12)
    return since
