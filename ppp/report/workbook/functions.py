"""The spreadsheet functions that formulas may use, computed as spreadsheets do: a range is a list, text in it is passed over."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ppp.model.irr import irr


class FormulaError(Exception):
    """What a spreadsheet shows as an error value."""


def _numbers(*arguments) -> list[float]:
    """Numbers among the arguments; text in a range is passed over, as spreadsheets do."""
    found: list[float] = []
    for argument in arguments:
        if isinstance(argument, list):
            found += [value for value in argument if not isinstance(value, str)]
        else:
            found.append(argument)
    return found


def _average(*arguments) -> float:
    numbers = _numbers(*arguments)
    if not numbers:
        raise FormulaError("#DIV/0!")
    return math.fsum(numbers) / len(numbers)


def _index(block: list, position) -> float:
    if not 1 <= int(position) <= len(block):
        raise FormulaError("#REF!")
    return block[int(position) - 1]


def _irr(block: list, guess: float) -> float:
    """The guess only helps a spreadsheet to begin."""
    found = irr(np.array(block, dtype=float)).value[0]
    if not math.isfinite(found):
        raise FormulaError("#NUM!")
    return float(found)


def _sumproduct(*factors) -> float:
    product = np.array(1.0)
    for factor in factors:
        product = product * (np.array(factor, dtype=float) if isinstance(factor, list) else factor)
    return float(np.sum(product))


def _logarithm(value) -> float:
    if value <= 0:
        raise FormulaError("#NUM!")
    return math.log(value)


def _round(value, digits) -> float:
    """Half away from zero."""
    scaled = abs(value) * 10.0 ** int(digits)
    return math.copysign(math.floor(scaled * (1.0 + 4e-16) + 0.5) / 10.0 ** int(digits), value)


FUNCTIONS: dict[str, Callable] = {
    "SUM": lambda *a: math.fsum(_numbers(*a)),
    "MIN": lambda *a: min(_numbers(*a), default=0.0),
    "MAX": lambda *a: max(_numbers(*a), default=0.0),
    "COUNT": lambda *a: float(len(_numbers(*a))),
    "AVERAGE": _average,
    "ABS": abs,
    "INT": math.floor,
    "EXP": math.exp,
    "LN": _logarithm,
    "ROUND": _round,
    "AND": lambda *a: all(a),
    "OR": lambda *a: any(a),
    "INDEX": _index,
    "IRR": _irr,
    "SUMPRODUCT": _sumproduct,
}
