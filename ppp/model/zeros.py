"""All zeros of curves: every change of sign on a grid, and every point where a curve turns back at zero.

What is promised: a zero is found where the curve has no more than one turning point between neighbouring points of the grid, jumps
aside. Two zeros that lie closer together than the grid, with no point of it between them and another turn beside them, can be missed.
The points of a grid may be unequally far apart, but no two so near that the curve's slope between them is lost in its last bits.

Many curves are followed at once: a curve is a number from 0 on, and `values(which, at)` gives the value of curve which[i] at at[i].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

Curves = Callable[[np.ndarray, np.ndarray], np.ndarray]

NOISE = 1e-13  # a value this small is zero but for its last bits
ZERO = 1e-10  # at a zero a curve is at most this large, else it jumps there
PARTS, TURNS = 32, 9  # a turning point is narrowed down to 1 / PARTS of its surroundings, TURNS times
MOST_STEPS = 120
EPSILON = float(np.finfo(float).eps)


@dataclass
class Zeros:
    """zeros: where the curve is zero, ascending. jumps: where it changes sign without being zero. flat: stretches from one point of the
    grid to another on which it is zero all along."""

    zeros: list[float] = field(default_factory=list)
    jumps: list[float] = field(default_factory=list)
    flat: list[tuple[float, float]] = field(default_factory=list)


def all_zeros(values: Curves, grids: Sequence[np.ndarray]) -> list[Zeros]:
    """The zeros of each curve on its grid (points,), ascending. Values are relative: 1 is large, NOISE is zero, NaN is refused.

    Raises ValueError for a value that is not a number."""
    which = np.repeat(np.arange(len(grids)), [grid.size for grid in grids])
    height = values(which, np.concatenate(grids))
    if np.isnan(height).any():
        raise ValueError("a curve has no value somewhere on its grid")
    found = [Zeros() for _ in grids]
    brackets: list[tuple[int, float, float, float, float]] = []
    turns: list[tuple[int, float, float]] = []
    for curve, grid in enumerate(grids):
        sign = _signs(height[which == curve])
        flat, single = _runs(sign == 0)
        found[curve].flat = [(float(grid[a]), float(grid[b])) for a, b in flat]
        found[curve].zeros = [float(grid[i]) for i in single]
        y = height[which == curve]
        for i in np.flatnonzero(sign[:-1] * sign[1:] < 0):
            brackets.append((curve, grid[i], grid[i + 1], y[i], y[i + 1]))
        turns += [(curve, low, high) for low, high in _turning_to_zero(grid, y, sign)]
    for turn in _narrowed(values, turns):
        (brackets if len(turn) == 5 else found[turn[0]].zeros).append(turn if len(turn) == 5 else turn[1])
    for (curve, *_), at, left in zip(brackets, *_crossings(values, brackets), strict=True):
        (found[curve].zeros if abs(left) <= ZERO else found[curve].jumps).append(float(at))
    for each in found:
        each.zeros.sort()
        each.jumps.sort()
    return found


def _signs(height: np.ndarray) -> np.ndarray:
    return np.where(np.abs(height) <= NOISE, 0.0, np.sign(height))


def _runs(true: np.ndarray) -> tuple[list[tuple[int, int]], list[int]]:
    """First and last position of each run of two or more, and the positions that stand alone."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(int)))
    runs = list(zip(edges[::2], edges[1::2] - 1, strict=True))
    return [(a, b) for a, b in runs if b > a], [a for a, b in runs if a == b]


def _turning_to_zero(x: np.ndarray, y: np.ndarray, sign: np.ndarray) -> list[tuple[float, float]]:
    """Surroundings of the points that are nearer to zero than both neighbours of the same sign, the ends of the grid among them, where
    the curve may reach zero beside the point."""
    size = np.abs(y)
    left, right = np.append(np.inf, size[:-1]), np.append(size[1:], np.inf)
    same = (np.append(sign[0], sign[:-1]) == sign) & (sign == np.append(sign[1:], sign[-1])) & (sign != 0)
    # of two equally near neighbours one is taken, lest what lies between them be found twice
    around = [_surroundings(x, size, int(i)) for i in np.flatnonzero(same & (size <= left) & (size < right))]
    return [each for each in around if each is not None]


def _surroundings(x: np.ndarray, size: np.ndarray, i: int) -> tuple[float, float] | None:
    """From the neighbour before point i to the one after it, if zero is within reach there; None where it is not.

    A curve that bends away from zero lies above each of its chords drawn on beyond the chord's ends. So over a cell it comes down at most
    by the slope of the chord next to the cell times the cell's width; it is taken to reach twice as far."""
    if x.size < 3:
        return None
    cells = [k for k in (i - 1, i) if 0 <= k < x.size - 1]  # cell k lies between points k and k + 1
    for cell in cells:
        for near, far in ((cell, cell - 1), (cell + 1, cell + 2)):
            # the chord on the point's other side; at an end of the grid the one beyond the cell
            beside = 0 <= far < x.size and (near == i or len(cells) == 1)
            if beside and size[near] <= 2.0 * (size[far] - size[near]) * (x[cell + 1] - x[cell]) / abs(
                x[far] - x[near]
            ):
                return float(x[cells[0]]), float(x[cells[-1] + 1])
    return None


def _narrowed(values: Curves, turns: list[tuple[int, float, float]]) -> list[tuple]:
    """What becomes of turning points: (curve, zero) where one touches zero, two brackets where it crosses, nothing where it stays off."""
    done: list[tuple] = []
    for _ in range(TURNS):
        if not turns:
            break
        share = np.linspace(0.0, 1.0, PARTS + 1)
        at = np.array([low + (high - low) * share for _, low, high in turns])
        curve = np.array([curve for curve, _, _ in turns])
        height = values(np.repeat(curve, PARTS + 1), at.ravel()).reshape(at.shape)
        left = []
        for row, (number, _, _) in enumerate(turns):
            x, y = at[row], height[row]
            sign, i = _signs(y), int(np.argmin(np.abs(y)))
            if (sign * sign[0] < 0).any():
                crossed = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
                done += [(number, x[k], x[k + 1], y[k], y[k + 1]) for k in crossed]
                done += [(number, float(x[k])) for k in np.flatnonzero(y == 0.0)]
            elif sign[i] == 0:
                done.append((number, float(x[i])))
            elif (around := _surroundings(x, np.abs(y), i)) is not None:
                left.append((number, *around))
        turns = left
    return done


def _crossings(values: Curves, brackets: list[tuple[int, float, float, float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """The zero within each bracket and the curve's value there, all brackets together.

    Chandrupatla's method: inverse quadratic interpolation where it is safe, else a bisection, until the bracket is as narrow as
    numbers are. Source: T. R. Chandrupatla, Advances in Engineering Software 28 (1997) 145-149."""
    if not brackets:
        return np.empty(0), np.empty(0)
    which = np.array([bracket[0] for bracket in brackets])
    b, a, fb, fa = (np.array([bracket[k] for bracket in brackets], dtype=float) for k in (1, 2, 3, 4))
    c, fc, t = b.copy(), fb.copy(), np.full(a.shape, 0.5)
    best, left = np.where(np.abs(fa) < np.abs(fb), a, b), np.where(np.abs(fa) < np.abs(fb), fa, fb)
    open_ = np.ones(a.shape, dtype=bool)
    for _ in range(MOST_STEPS):
        x = a + t * (b - a)
        fx = np.array(fa)
        fx[open_] = values(which[open_], x[open_])
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(open_, np.where(np.abs(fa) < np.abs(fb), a, b), best)
        left = np.where(open_, np.where(np.abs(fa) < np.abs(fb), fa, fb), left)
        limit = (2.0 * EPSILON * np.abs(best) + 1e-300) / np.maximum(np.abs(b - a), 1e-300)
        open_ = open_ & (np.abs(left) > 4.0 * EPSILON) & (limit <= 0.5)
        if not open_.any():
            break
        t = np.clip(_step(a, b, c, fa, fb, fc), limit, 1.0 - limit)
    return best, left


def _step(a, b, c, fa, fb, fc) -> np.ndarray:
    """Where between a (0) and b (1) to look next."""
    with np.errstate(divide="ignore", invalid="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        safe = (phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi)
        inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return np.where(safe & np.isfinite(inverse), inverse, 0.5)
