"""A workbook in memory: sheets of rows, each row one formula over its columns, and the values of all cells.

A sheet's columns are periods, years or nothing (single values only). Columns: label, key, unit, sign, status, constant or total, an
empty one (so that "the period before the first" reads as zero), then the axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ppp.report.workbook.formula import Block, Cell, Expr, FormulaError, Place, Shown, Values, total, wrap

LABEL, KEY, UNIT, SIGN, STATUS, TOTAL, BEFORE, FIRST = range(8)
HEAD = 6  # rows above the first entry: title, project, check, two rows of the axis, a blank one

DISTRICT_MONEY = "district_money"  # the unit of amounts that stand in the district file's unit
INPUT, FIXED, LIVE, PASTED, RESTING = "input", "fixed", "live", "pasted", "resting"


@dataclass
class Row:
    """One line of a sheet. unit: money, rate, ratio, years, months, flag, number, text. what: a heading when it holds nothing."""

    sheet: Sheet
    index: int
    key: str
    label: str
    unit: str = ""
    sign: str = ""
    status: str = ""

    def at(self, t: int) -> Cell:
        return Cell(self.sheet.name, self.index, FIRST + t, fixed=False)

    def before(self, t: int) -> Cell:
        """The column before; empty, and so zero, before the first."""
        return self.at(t - 1)

    @property
    def all(self) -> Block:
        return Block(self.sheet.name, self.index, FIRST, FIRST + self.sheet.columns - 1)

    def span(self, count: int) -> Block:
        """The first so many columns: for inputs with an axis of their own."""
        return Block(self.sheet.name, self.index, FIRST, FIRST + count - 1)

    @property
    def one(self) -> Cell:
        """The value in the column of constants and totals."""
        return Cell(self.sheet.name, self.index, TOTAL)


@dataclass
class Sheet:
    book: Book
    key: str
    name: str
    columns: int = 0
    axis: tuple[Row, ...] = ()
    rows: list[Row] = field(default_factory=list)
    next: int = HEAD

    def coming(self, offset: int = 0) -> Row:
        """The row that will be added next, or `offset` rows later: for formulas that read their own line's past."""
        return Row(self, self.next + offset, "", "")

    def heading(self, label: str) -> None:
        self.next += 1 if self.rows else 0
        self._add("", label, "heading", "", "")

    def _add(self, key: str, label: str, unit: str, sign: str, status: str) -> Row:
        row = Row(self, self.next, key, label, unit, sign, status)
        self.rows.append(row)
        self.next += 1
        return row

    def row(
        self,
        key: str,
        formula: Callable[[int], Expr],
        *,
        label: str | None = None,
        unit: str = "money",
        sign: str = "",
        summed: bool = False,
    ) -> Row:
        """One formula over the axis; summed: with its total."""
        row = self._add(key, *self.book.described(key, label, unit, sign)[1:], LIVE)
        for t in range(self.columns):
            self.book.formulas[row.at(t).place] = wrap(formula(t))
        if summed:
            self.book.formulas[row.one.place] = total(row.all)
        return row

    def given(
        self, key: str, values: Sequence, *, label: str | None = None, unit: str = "money", status: str = INPUT
    ) -> Row:
        """Values over the axis: inputs, or structure that the file fixes, or what Python solved (pasted)."""
        row = self._add(key, *self.book.described(key, label, unit, "")[1:], status)
        for t, value in enumerate(values):
            self.book.values[row.at(t).place] = value
        return row

    def single(self, key: str, formula: Expr, *, label: str | None = None, unit: str = "money", sign: str = "") -> Cell:
        """One value by formula."""
        row = self._add(key, *self.book.described(key, label, unit, sign)[1:], LIVE)
        self.book.formulas[row.one.place] = wrap(formula)
        return row.one

    def constant(self, key: str, value, *, label: str | None = None, unit: str = "money", status: str = INPUT) -> Cell:
        """One value: an input, structure, or pasted."""
        row = self._add(key, *self.book.described(key, label, unit, "")[1:], status)
        self.book.values[row.one.place] = value
        return row.one


class Book:
    """words: (key) -> label for lines that no caller names."""

    def __init__(self, words: Callable[[str], tuple[str, str, str]]):
        self._words = words
        self.sheets: list[Sheet] = []
        self.values: Values = {}
        self.formulas: dict[Place, Expr] = {}
        self.inputs: dict[str, Cell] = {}
        self.lines: dict[str, Row] = {}
        self.results: dict[str, Cell] = {}
        self.pasted: list[str] = []

    def described(self, key: str, label: str | None, unit: str, sign: str) -> tuple[str, str, str, str]:
        known = self._words(key)
        if known is not None and label is None:
            return key, known[0], known[1] or unit, sign or known[2]
        return key, label if label is not None else key, unit, sign

    def sheet(self, key: str, name: str, columns: int = 0) -> Sheet:
        made = Sheet(self, key, name, columns)
        self.sheets.append(made)
        return made

    def computed(self, changes: Values | None = None) -> Values:
        """Every cell's value, with some inputs changed; an error is shown as such, "#DIV/0!". RecursionError for a circle."""
        values = _Values(self.formulas, {**self.values, **(changes or {})})
        waiting: set[Place] = set()
        for start in self.formulas:
            stack = [start] if start not in values else []
            while stack:
                place = stack[-1]
                try:
                    value = self.formulas[place].value(values)
                except _Missing as missing:
                    if missing.place in waiting:
                        raise RecursionError(f"a circle through {missing.place}") from None
                    waiting.add(place)
                    stack.append(missing.place)
                    continue
                except FormulaError as error:
                    value = Shown(str(error))
                waiting.discard(place)
                values[place] = value if isinstance(value, (bool, str)) else float(value)
                stack.pop()
        return dict(values)


class _Missing(Exception):
    """A cell that has to be computed first."""

    def __init__(self, place: Place):
        super().__init__(place)
        self.place = place


class _Values(dict):
    """Values so far. A cell with a formula that has none yet is asked for first; an empty cell is 0."""

    def __init__(self, formulas: dict[Place, Expr], known: Values):
        super().__init__(known)
        self.formulas = formulas

    def __missing__(self, place: Place) -> float:
        if place in self.formulas:
            raise _Missing(place)
        return 0.0
