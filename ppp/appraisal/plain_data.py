"""Results as JSON holds them: a number, or null where a result does not exist."""

from __future__ import annotations

import math
from typing import Any


def number_or_none(value: Any) -> float | None:
    """A float of any kind; None for NaN and infinity, which JSON has not."""
    value = float(value)
    return value if math.isfinite(value) else None
