"""What every part of the workbook shares: the project, its evaluation, the sheets, and how inputs are placed on the input sheet."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ppp.appraisal.evaluation import Evaluation
from ppp.lines import LINES, RESULTS
from ppp.quantities import SCALES, Profile
from ppp.report import words as glossary
from ppp.report.workbook.formula import Cell, Expr, added, call
from ppp.report.workbook.grid import FIXED, Book, Row, Sheet

ROUNDS = 16  # of the circle: twice what most projects take to settle to the last digit
ByYear = Callable[[int], Expr]

SHEETS = (
    "control",
    "inputs",
    "fixed",
    "timing",
    "years",
    "building_years",
    "operation",
    "circle",
    "funding",
    "debt",
    "tax",
    "cash",
    "statements",
    "results",
    "roots",
    "value",
    "fiscal",
    "checks",
    "pasted",
)


@cache
def _own_words() -> dict[str, dict[str, str]]:
    return glossary.read_words("ppp.report.workbook", "words.yaml")


def own_word(key: str, lang: str, /, **values: str) -> str:
    """The workbook's own text for a key. Raises KeyError for one that its glossary lacks."""
    return _own_words()[key][lang].format(**values)


class Context:
    """lines and results: what a reader finds under the report's keys; yearly: expressions by operating year."""

    def __init__(self, evaluation: Evaluation, lang: str, rounds: int = ROUNDS):
        self.evaluation, self.project, self.lang = evaluation, evaluation.project, lang
        self.inputs_model, self.timeline = evaluation.inputs, evaluation.inputs.timeline
        self.rules = evaluation.rules
        self.rounds = rounds
        self.book = Book(self._described)
        self.scale = SCALES[self.project.unit]
        self.real = self.project.price_basis == "real"
        self.operating_years = self.timeline.operating_years
        self.building_years = max(self.timeline.construction_years, 1)
        self.sheets: dict[str, Sheet] = {}
        self.places: dict[str, Cell | Row] = {}

    def _described(self, key: str) -> tuple[str, str, str] | None:
        declared = LINES.get(key) or RESULTS.get(key)
        if declared is not None:
            return declared.label(self.lang), declared.unit, declared.sign
        if key in _own_words():
            return own_word(key, self.lang), "", ""
        return None

    def word(self, key: str, **values: str) -> str:
        return own_word(key, self.lang, **values)

    def open(self, key: str, columns: int = 0) -> Sheet:
        self.sheets[key] = self.book.sheet(key, self.word(f"sheet.{key}"), columns)
        return self.sheets[key]

    @property
    def given(self) -> Sheet:
        return self.sheets["inputs"]

    def line(self, key: str, row: Row) -> Row:
        """Offer a row as the workbook's version of a line of the model."""
        self.book.lines[key] = row
        return row

    def __getitem__(self, key: str):
        return self.book.lines[key] if key in self.book.lines else self.places[key]

    def __setitem__(self, key: str, place) -> None:
        self.places[key] = place

    def has(self, key: str) -> bool:
        return key in self.book.lines or key in self.places

    def added(self, parts: list[Expr], t: int) -> Expr:
        """The sum of expressions in a period; 0 in every period where there are none."""
        return added(parts) if parts else self["period"].at(t) * 0

    def number(self, key: str, value: float, unit: str = "money", label: str | None = None) -> Cell:
        """An input of the project file, by its dotted key: placed once."""
        if key not in self.book.inputs:
            label = self.label_of(key) if label is None else label
            self.book.inputs[key] = self.given.constant(key, float(value), label=label, unit=unit)
        return self.book.inputs[key]

    def label_of(self, key: str) -> str:
        """What an input is called: by a word for all of its key, else by what its section is called and a word for its last part."""
        if key in _own_words():
            return self.word(key)
        if glossary.has_word(f"input.{key}"):
            return glossary.input_label(key, self.project, self.lang)
        head, _, last = key.rpartition(".")
        if glossary.has_word(f"part.{last}"):
            part = glossary.word(f"part.{last}", self.lang)
        elif f"input.{last}" in _own_words():
            part = self.word(f"input.{last}")
        else:
            return key
        named = self.name_of(head, "") or self._section_name(head)
        return self.word("of", name=named, part=part) if named else part

    def _section_name(self, section: str) -> str:
        """What a section without a name of its own is called, where it is an amount; nothing for the large ones."""
        parts = section.split(".")
        if len(parts) > 2 and parts[1] == "revenue_share":
            return self.word("band_above", n=str(int(parts[2]) + 1))
        if glossary.has_word(f"input.{section}"):
            return glossary.word(f"input.{section}", self.lang)
        key = section if section in _own_words() else f"input.{parts[-1]}"
        return self.word(key) if len(parts) > 1 and key in _own_words() else ""

    def fixed(self, key: str, value, unit: str = "number", label: str | None = None) -> Cell:
        """What the file fixes and the workbook cannot change without being made anew, or a constant of the calendar."""
        if key not in self.places:
            if label is None and "." in key:
                label = self.label_of(key)
            self.places[key] = self.sheets["fixed"].constant(key, value, unit=unit, status=FIXED, label=label)
        return self.places[key]

    def rate(self, key: str, value: float) -> Expr:
        """An evaluation rate as a nominal one (Fisher in a real file)."""
        return self.nominal(self.number(key, value, "rate"))

    def nominal(self, rate: Expr) -> Expr:
        """A rate of the file's price basis as a nominal one."""
        return (1 + rate) * (1 + self.inflation) - 1 if self.real else rate

    @property
    def inflation(self) -> Cell:
        return self.number("inflation", self.project.inflation, "rate")

    def profile(self, key: str, profile: Profile, *, index: bool = True, unit: str = "money") -> ByYear:
        """An amount by operating year as the file gives it, in its unit and nominal money: column k of the sheet of years."""
        times = self.number(f"{key}.times", profile.times, "number")
        if profile.values is not None:
            label = self.label_of(key)
            values = self.given.given(key, [float(v) for v in profile.values], label=label, unit=unit)
            shape: ByYear = lambda k: call("INDEX", values.all, self["operating_year"].at(k))  # noqa: E731
        else:
            start = self.number(f"{key}.start", profile.start, unit)
            growth = self.number(f"{key}.growth", profile.growth, "rate")
            shape = lambda k: start * (1 + growth) ** (self["operating_year"].at(k) - 1)  # noqa: E731
        if self.real and index:
            return lambda k: shape(k) * times * self["operating_index"].at(k)
        return lambda k: shape(k) * times

    def yearly(self, key: str, formula: ByYear, **about) -> Row:
        """A row of the sheet of operating years."""
        row = self.sheets["years"].row(key, formula, **about)
        self.places[f"yearly.{key}"] = row
        return row

    def spread(self, yearly: Row) -> ByYear:
        """Yearly amounts by period: the months that a period shares with a year, of twelve."""
        first, second = self["year_one"], self["year_two"]
        months = self["months_a_year"]
        if self.timeline.one_row_a_year and not self.timeline.by_calendar:
            return lambda t: call("INDEX", yearly.all, first.at(t)) * self["operating"].at(t)
        return lambda t: (
            (
                call("INDEX", yearly.all, first.at(t)) * self["months_one"].at(t)
                + call("INDEX", yearly.all, second.at(t)) * self["months_two"].at(t)
            )
            / months
        )

    def building(self, by_year: Row) -> ByYear:
        """Amounts of construction years by period, even over each year's months."""
        return lambda t: (
            call("INDEX", by_year.all, self["building_one"].at(t)) * self["part_one"].at(t)
            + call("INDEX", by_year.all, self["building_two"].at(t)) * self["part_two"].at(t)
        )

    def at_flag(self, amount: Expr, flag: str) -> ByYear:
        """An amount that falls in the one period that a flag marks, in that period's prices."""
        if self.real:
            return lambda t: amount * self[flag].at(t) * self["price_index"].at(t)
        return lambda t: amount * self[flag].at(t)

    def name_of(self, section: str, fallback: str) -> str:
        """The name that the file gives a risk, a support item and so on, as text."""
        node = self.project
        for part in section.split("."):
            node = node.get(part) if isinstance(node, dict) else getattr(node, part, None)
        named = getattr(node, "name", None)
        return named[self.lang] if named else fallback
