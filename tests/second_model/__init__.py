"""The model a second time, deliberately plain: one case, scalar loops, Decimal, written from docs/model.md and not from the code.

It shares with `ppp` only the reading of files: it starts from a validated `Project`. Where the two disagree, one of them, or the page,
is wrong.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal

from second_model.before_debt import BeforeDebt
from second_model.circle import Circle
from second_model.exact import DIGITS, ZERO
from second_model.figures import lines_of, results_of


@dataclass(frozen=True)
class Second:
    """lines: {key: amounts by row}; results: {key: number}; sizes and binding by tranche. Money in base units."""

    lines: dict[str, list[Decimal]]
    results: dict[str, Decimal]
    sizes: dict[str, Decimal]
    binding: dict[str, str]
    months: list[int]
    circle: Circle

    def floats(self, key: str) -> list[float]:
        """A line in floats; zeros where the project has no such thing."""
        return [float(amount) for amount in self.lines.get(key, [ZERO] * len(self.months))]


def second_model(project) -> Second:
    """Evaluate a validated Project with a funding model."""
    with decimal.localcontext() as context:
        context.prec = DIGITS
        circle = Circle(BeforeDebt(project))
        lines = lines_of(circle)
        results = results_of(circle, lines)
    binding = {tranche.key: tranche.binding for tranche in circle.tranches}
    return Second(lines, results, circle.sizes, binding, circle.rows.ends, circle)


def second_operation(project) -> dict[str, list[Decimal]]:
    """The lines of operation alone, which need no funding model."""
    with decimal.localcontext() as context:
        context.prec = DIGITS
        return BeforeDebt(project).lines


__all__ = ["Second", "second_model", "second_operation"]
