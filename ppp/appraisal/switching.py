"""Switching values: where value for money is zero along each lever, so that the verdict flips, and whether that is plausible.

Each lever is followed over a fine grid of its whole span; every change of sign and every touching of zero is then solved to the last
digits, so that the value, put back in, gives a VfM amount of zero within 1e-9 of the PSC. What is promised about completeness stands in
ppp.model.zeros. The yearly rounding of payments is left off here: rounded payments jump from cent to cent and pass zero by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation, worth
from ppp.appraisal.levers import Lever, Span, levers, moved
from ppp.model.zeros import all_zeros
from ppp.project import Project

POINTS = 121  # of the grid over what is searched, and half as many over the plausible range
APART = 1e-6  # of what is searched: points nearer to each other are one, as no slope can be seen between them
STILL = 1e-12  # of the PSC: a lever that moves value for money less than this moves nothing
WITHOUT_ROUNDING = {"subsidy_rounding": "none"}


@dataclass(frozen=True)
class Switching:
    """One lever in its own unit: values where VfM is 0, jumps where it changes sign without being 0, flat stretches of zeros.

    grid, vfm: (points,) the curve, VfM in base units."""

    key: str
    base: float
    searched: Span
    plausible: Span | None
    values: list[float]
    jumps: list[float]
    flat: list[tuple[float, float]]
    grid: np.ndarray
    vfm: np.ndarray

    @property
    def flips(self) -> list[float]:
        """Every value at which the sign of VfM may change, ascending."""
        return sorted([*self.values, *self.jumps, *(end for stretch in self.flat for end in stretch)])

    @property
    def nearest(self) -> float | None:
        """The flip nearest to the file's value."""
        return min(self.flips, key=lambda value: abs(value - self.base), default=None)

    def within(self, low: float, high: float) -> list[float]:
        return [value for value in self.flips if low <= value <= high]


def switching_values(evaluation: Evaluation) -> list[Switching]:
    """Every lever that moves value for money, with its switching values; empty without a comparator."""
    if evaluation.vfm is None:
        return []
    found = along(evaluation.project, levers(evaluation))
    size = float(np.max(np.abs(evaluation.vfm.psc)))
    return [each for each in found if np.ptp(each.vfm) > STILL * size]


def along(project: Project, chosen: list[Lever]) -> list[Switching]:
    """The switching values of levers, all of them solved together."""
    grids = [_grid(lever) for lever in chosen]
    curves: list[np.ndarray] = []

    def relative(which: np.ndarray, at: np.ndarray) -> np.ndarray:
        value = worth(moved(project, chosen, which, at), WITHOUT_ROUNDING)
        amount, psc = (np.broadcast_to(each, at.shape) for each in (value.amount, value.psc))
        if not curves:
            curves.append(amount)
        scale = np.maximum(np.abs(psc), 1e-12 * np.max(np.abs(psc), initial=1e-300))
        return amount / scale

    zeros = all_zeros(relative, grids)
    ends = np.cumsum([grid.size for grid in grids])[:-1]
    return [
        Switching(
            lever.key, lever.base, lever.searched, lever.plausible, found.zeros, found.jumps, found.flat, grid, vfm
        )
        for lever, found, grid, vfm in zip(chosen, zeros, grids, np.split(curves[0], ends), strict=True)
    ]


def _grid(lever: Lever) -> np.ndarray:
    """The points of what is searched and of the plausible range, and the file's own value, which is one of them to its last digit."""
    points = [np.linspace(*lever.searched, POINTS)]
    if lever.plausible is not None and lever.plausible != lever.searched:
        points.append(np.clip(np.linspace(*lever.plausible, POINTS // 2), *lever.searched))
    own = float(np.clip(lever.base, *lever.searched))
    at = np.unique(np.concatenate(points))
    apart = APART * (lever.searched[1] - lever.searched[0])
    at = at[np.append(True, np.diff(at) > apart) & (np.abs(at - own) > apart)]
    return np.unique(np.append(at, own))
