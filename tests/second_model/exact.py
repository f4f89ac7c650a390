"""Numbers of the second model: Decimal with more digits than a float, so that its rounding is never what two models differ by."""

from __future__ import annotations

from decimal import Decimal

DIGITS = 34
CLOSE = Decimal("1e-25")  # of the uses: when the circle counts as closed
ZERO, ONE, HALF = Decimal(0), Decimal(1), Decimal("0.5")


def exact(value) -> Decimal:
    """The number as the file wrote it: the shortest decimal that reads as this float."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))
