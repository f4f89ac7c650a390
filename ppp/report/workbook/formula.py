"""Formulas as expressions: each is written as the text of a cell and computed here, so that a workbook is shipped with its values.

Only operators and functions (functions.py) that Excel, LibreOffice and ironcalc read alike are offered. In SUMPRODUCT only
operators work on whole ranges: no function of a range is used there. The only numbers a formula may hold are 0, 1 and 2; all
others are inputs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np

from ppp.report.workbook.functions import FUNCTIONS, FormulaError

NUMBERS = (0, 1, 2)


class Shown(str):
    """An error value of a cell."""


Place = tuple[str, int, int]  # sheet, row and column, from 0
Values = dict[Place, object]  # while formulas are computed, an empty cell is found as 0


class Expr:
    """Operators build formulas: x + y, x * y, x / y, x ** y, comparisons by name."""

    strength = 9

    def text(self, sheet: str) -> str:
        raise NotImplementedError

    def value(self, values: Values):
        raise NotImplementedError

    def places(self) -> Iterator[Place]:
        """Cells that it reads."""
        yield from ()

    def __add__(self, other):
        return Op("+", self, wrap(other))

    def __radd__(self, other):
        return Op("+", wrap(other), self)

    def __sub__(self, other):
        return Op("-", self, wrap(other))

    def __rsub__(self, other):
        return Op("-", wrap(other), self)

    def __mul__(self, other):
        return Op("*", self, wrap(other))

    def __rmul__(self, other):
        return Op("*", wrap(other), self)

    def __truediv__(self, other):
        return Op("/", self, wrap(other))

    def __rtruediv__(self, other):
        return Op("/", wrap(other), self)

    def __pow__(self, other):
        return Op("^", self, wrap(other))

    def equals(self, other):
        return Op("=", self, wrap(other))

    def below(self, other):
        return Op("<", self, wrap(other))

    def at_most(self, other):
        return Op("<=", self, wrap(other))

    def above(self, other):
        return Op(">", self, wrap(other))

    def at_least(self, other):
        return Op(">=", self, wrap(other))


def wrap(value) -> Expr:
    """An expression of a number; ValueError for a number that belongs among the inputs."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, str):
        return Words(value)
    if value not in NUMBERS:
        raise ValueError(f"{value!r} stands in no formula: make it an input")
    return Number(value)


@dataclass(frozen=True)
class Number(Expr):
    number: float

    def text(self, sheet: str) -> str:
        return f"{self.number:g}"

    def value(self, values: Values):
        return float(self.number)


@dataclass(frozen=True)
class Words(Expr):
    words: str

    def text(self, sheet: str) -> str:
        return '"' + self.words.replace('"', '""') + '"'

    def value(self, values: Values):
        return self.words


def column_name(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def on_sheet(name: str, here: str) -> str:
    return "" if name == here else "'" + name.replace("'", "''") + "'!"


@dataclass(frozen=True)
class Cell(Expr):
    """One cell; fixed: it does not move with the column of the formula. An empty cell counts as 0."""

    sheet: str
    row: int
    column: int
    fixed: bool = True

    @property
    def place(self) -> Place:
        return self.sheet, self.row, self.column

    def text(self, sheet: str) -> str:
        mark = "$" if self.fixed else ""
        return f"{on_sheet(self.sheet, sheet)}{mark}{column_name(self.column)}${self.row + 1}"

    def value(self, values: Values):
        found = values[self.sheet, self.row, self.column]
        if isinstance(found, Shown):
            raise FormulaError(found)
        return found

    def places(self) -> Iterator[Place]:
        yield self.place


@dataclass(frozen=True)
class Block(Expr):
    """Cells of one row, from column first to last."""

    sheet: str
    row: int
    first: int
    last: int

    def text(self, sheet: str) -> str:
        first, last = (f"${column_name(c)}${self.row + 1}" for c in (self.first, self.last))
        return f"{on_sheet(self.sheet, sheet)}{first}:{last}"

    def value(self, values: Values):
        found = [values[self.sheet, self.row, c] for c in range(self.first, self.last + 1)]
        wrong = next((value for value in found if isinstance(value, Shown)), None)
        if wrong is not None:
            raise FormulaError(wrong)
        return found

    def places(self) -> Iterator[Place]:
        for column in range(self.first, self.last + 1):
            yield self.sheet, self.row, column


COMPARISONS = ("=", "<", "<=", ">", ">=")
STRENGTHS = {"=": 1, "<": 1, "<=": 1, ">": 1, ">=": 1, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
OPERATORS: dict[str, Callable] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "^": lambda a, b: a**b,
}


@dataclass(frozen=True)
class Op(Expr):
    sign: str
    left: Expr
    right: Expr

    @property
    def strength(self) -> int:
        return STRENGTHS[self.sign]

    def text(self, sheet: str) -> str:
        left, right = self.left.text(sheet), self.right.text(sheet)
        if self.left.strength < self.strength:
            left = f"({left})"
        if self.right.strength < self.strength or (
            self.right.strength == self.strength and self.sign in ("-", "/", "^")
        ):
            right = f"({right})"
        return f"{left}{self.sign}{right}"

    def value(self, values: Values):
        left, right = _operand(self.left.value(values)), _operand(self.right.value(values))
        if self.sign == "/":
            if np.any(np.asarray(right) == 0):
                raise FormulaError("#DIV/0!")
            return left / right
        try:
            return OPERATORS[self.sign](left, right)
        except (OverflowError, ZeroDivisionError) as error:
            raise FormulaError("#NUM!") from error

    def places(self) -> Iterator[Place]:
        yield from self.left.places()
        yield from self.right.places()


def _operand(value):
    if isinstance(value, list):
        return np.array(value, dtype=float)
    return value


@dataclass(frozen=True)
class Call(Expr):
    name: str
    arguments: tuple[Expr, ...]

    def text(self, sheet: str) -> str:
        return f"{self.name}({','.join(argument.text(sheet) for argument in self.arguments)})"

    def value(self, values: Values):
        if self.name == "IF":
            condition, yes, no = self.arguments
            return (yes if condition.value(values) else no).value(values)
        if self.name == "IFERROR":
            try:
                return self.arguments[0].value(values)
            except FormulaError:
                return self.arguments[1].value(values)
        return FUNCTIONS[self.name](*(argument.value(values) for argument in self.arguments))

    def places(self) -> Iterator[Place]:
        for argument in self.arguments:
            yield from argument.places()


def call(name: str, *arguments) -> Call:
    return Call(name, tuple(wrap(argument) for argument in arguments))


def total(block: Expr) -> Call:
    return call("SUM", block)


def added(parts: Iterable[Expr]) -> Expr | None:
    """a + b + ... in this order; None where there is nothing to add."""
    parts = list(parts)
    return reduce(operator.add, parts) if parts else None


def least(*arguments) -> Call:
    return call("MIN", *arguments)


def most(*arguments) -> Call:
    return call("MAX", *arguments)


def product(*arguments) -> Call:
    """SUMPRODUCT: the sum over a row of the products of its arguments. A condition is multiplied into an argument, because alone it counts
    as nothing in Excel; ValueError for one that is not."""
    if any(isinstance(argument, Op) and argument.sign in COMPARISONS for argument in arguments):
        raise ValueError("a condition by itself counts as 0 in SUMPRODUCT: multiply it")
    return call("SUMPRODUCT", *arguments)


def when(condition: Expr, yes, no=0) -> Call:
    return call("IF", condition, yes, no)


def size(argument) -> Call:
    return call("ABS", argument)
