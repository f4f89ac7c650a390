"""How many digits of a result its inputs support.

A result and the interval in which it probably lies are rounded to the same step, and the step follows from the width: with u half of the
interval, two digits of u are kept where its three leading digits are 100 to 354, one where they are 355 to 949, and 1000 with two where
they are 950 to 999. Source: Particle Data Group, Review of Particle Physics, introduction, section 5.3 (rounding); the same in spirit as
JCGM 100:2008 (GUM), 7.2.6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Supported:
    """value, low, high: rounded to `step`, in the unit of what was given. digits: significant ones of the value, 0 when it rounds to 0.
    sign_known: whether low and high lie on the same side of zero."""

    value: float
    low: float
    high: float
    step: float
    digits: int
    sign_known: bool


def supported(value: float, low: float, high: float) -> Supported:
    """The value as its interval low..high allows it to be stated. Raises ValueError unless low < high and all are finite."""
    if not (math.isfinite(value) and math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"needs finite numbers and low below high, given {value}, {low}, {high}")
    step = step_for((high - low) / 2.0)
    rounded = [round(number / step) * step + 0.0 for number in (value, low, high)]
    whole = abs(round(value / step))
    return Supported(*rounded, step, len(str(whole)) if whole else 0, low > 0.0 or high < 0.0)


def step_for(half_width: float) -> float:
    """The power of ten to which a number with this uncertainty (positive) is rounded."""
    exponent = math.floor(math.log10(half_width))
    leading = half_width / 10.0**exponent
    if leading >= 9.5:
        exponent, leading = exponent + 1, 1.0
    return 10.0 ** (exponent - 1 if leading < 3.55 else exponent)
