"""Distributions of inputs by their inverse distribution functions: from points in (0, 1) to values.

A shape may be cut at a low and a high end: it then holds the same values between them in the same proportions. Where both ends or all
values are one, so is every draw. Values have the input's own unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

from ppp.model.sampling import EDGE

SHAPES = ("triangular", "pert", "uniform", "normal", "lognormal", "discrete", "empirical")


@dataclass(frozen=True)
class Distribution:
    """One shape with its parameters; those of other shapes are None.

    triangular, pert: low, likely, high. uniform: low, high. normal, lognormal: mean and sd of the value itself, cut at low and high where
    these are given. discrete: values and probabilities. empirical: values, each as likely as any other.
    """

    shape: str
    low: float | None = None
    likely: float | None = None
    high: float | None = None
    mean: float | None = None
    sd: float | None = None
    values: tuple[float, ...] | None = None
    probabilities: tuple[float, ...] | None = None

    def quantile(self, at: np.ndarray) -> np.ndarray:
        """The values below which the shares `at` of all draws lie; `at` in (0, 1), any shape of array."""
        return _QUANTILES[self.shape](self, np.asarray(at, dtype=float))

    @property
    def reach(self) -> tuple[float, float]:
        """The lowest and the highest value that is ever drawn: the quantiles at EDGE and 1 - EDGE."""
        low, high = self.quantile(np.array([EDGE, 1.0 - EDGE]))
        return float(low), float(high)


def problem_of(d: Distribution) -> str | None:
    """What is impossible about the parameters, and what is allowed; None where nothing is."""
    if d.shape in ("triangular", "pert", "uniform"):
        middle = d.low if d.likely is None else d.likely
        if not d.low <= middle <= d.high:
            named = "low, likely and high" if d.likely is not None else "low and high"
            shown = ", ".join(f"{value:.12g}" for value in (d.low, d.likely, d.high) if value is not None)
            return f"{named} must rise, given {shown}"
        return None
    if d.shape in ("normal", "lognormal"):
        return _spread_problem(d)
    if d.shape == "discrete":
        if len(d.values) != len(d.probabilities):
            return (
                f"has {len(d.values)} values and {len(d.probabilities)} probabilities; allowed: one probability a value"
            )
        if abs(sum(d.probabilities) - 1.0) > 1e-9:
            return f"the probabilities add to {sum(d.probabilities):.4%}; allowed: 100%"
    return None


def _spread_problem(d: Distribution) -> str | None:
    if d.sd < 0.0:
        return f"a standard deviation cannot be negative, given {d.sd:.12g}; allowed: zero or more"
    if d.shape == "lognormal" and d.mean <= 0.0:
        return f"the mean of a lognormal distribution is above zero, given {d.mean:.12g}"
    low, high = _cut(d)
    if low > high:
        return f"low must not be above high, given {low:.12g} and {high:.12g}"
    if d.sd == 0.0:
        inside = low <= d.mean <= high
    else:
        shares = _below(d, np.array([low, high]))
        inside = bool(shares[1] - shares[0] > 1e-6)
    return None if inside else "low and high leave out all but a millionth of the draws; allowed: ends around the mean"


def _cut(d: Distribution) -> tuple[float, float]:
    return -np.inf if d.low is None else d.low, np.inf if d.high is None else d.high


def _triangular(d: Distribution, at: np.ndarray) -> np.ndarray:
    return triangular(at, d.low, d.likely, d.high)


def triangular(at: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    """Inverse distribution function of the triangular distribution at `at` in [0, 1]."""
    if low == high:
        return np.full(np.shape(at), low)
    split = (mode - low) / (high - low)
    rising = low + np.sqrt(at * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - at) * (high - low) * (high - mode))
    return np.where(at < split, rising, falling)


def _pert(d: Distribution, at: np.ndarray) -> np.ndarray:
    """A beta distribution on low..high with weight 4 on the most likely value: mean (low + 4 likely + high) / 6."""
    if d.low == d.high:
        return np.full(at.shape, d.low)
    peak = (d.likely - d.low) / (d.high - d.low)
    return d.low + (d.high - d.low) * betaincinv(1.0 + 4.0 * peak, 5.0 - 4.0 * peak, at)


def _uniform(d: Distribution, at: np.ndarray) -> np.ndarray:
    return d.low + at * (d.high - d.low)


def _logs(d: Distribution) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of a lognormal value with this mean and standard deviation."""
    variance = np.log1p((d.sd / d.mean) ** 2)
    return float(np.log(d.mean) - variance / 2.0), float(np.sqrt(variance))


def _below(d: Distribution, value: np.ndarray) -> np.ndarray:
    """Share of the uncut distribution below a value."""
    if d.shape == "normal":
        return ndtr((value - d.mean) / d.sd)
    middle, spread = _logs(d)
    with np.errstate(divide="ignore"):
        return ndtr((np.log(np.maximum(value, 0.0)) - middle) / spread)


def _normal(d: Distribution, at: np.ndarray) -> np.ndarray:
    if d.sd == 0.0:
        return np.full(at.shape, d.mean)
    standard = ndtri(_between(d, at))
    if d.shape == "normal":
        value = d.mean + d.sd * standard
    else:
        middle, spread = _logs(d)
        value = np.exp(middle + spread * standard)
    return np.clip(value, *_cut(d))  # the last bits of the share at a cut may step over it


def _between(d: Distribution, at: np.ndarray) -> np.ndarray:
    if d.low is None and d.high is None:
        return at
    low, high = _below(d, np.array(_cut(d)))
    return low + at * (high - low)


def _discrete(d: Distribution, at: np.ndarray) -> np.ndarray:
    order = np.argsort(d.values, kind="stable")
    values, reached = np.array(d.values)[order], np.cumsum(np.array(d.probabilities)[order])
    # the first value that the share reaches, whatever the last bits of the sum say
    return values[np.minimum(np.searchsorted(reached - 1e-12, at), values.size - 1)]


def _empirical(d: Distribution, at: np.ndarray) -> np.ndarray:
    values = np.sort(np.array(d.values))
    return values[np.minimum((at * values.size).astype(int), values.size - 1)]


_QUANTILES = {
    "triangular": _triangular,
    "pert": _pert,
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _normal,
    "discrete": _discrete,
    "empirical": _empirical,
}
