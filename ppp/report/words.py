"""The glossary: every word a report prints, by key and language, and how values are written in each language."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from ppp.appraisal.criteria import ROUNDING
from ppp.appraisal.levers import SHARES
from ppp.appraisal.verdict import Reason
from ppp.databook import kind_of
from ppp.draws import Random
from ppp.project import Project
from ppp.quantities import SCALES

FINER_KINDS = ("money", "rate", "score")  # printed with more digits where two values would else look the same
MOST_FINER = 12
# what a reason's sentence holds against each other
COMPARED = (("score", "mark"), ("share", "cap"), ("psc", "ppp"))
LANGUAGES = ("en", "zh")
GLOSSARIES = (
    "words.yaml",
    "words-district.yaml",
    "words-contract.yaml",
    "words-simulation.yaml",
    "words-documents.yaml",
    "words-explore.yaml",
    "words-assurance.yaml",
)


@cache
def glossary() -> dict[str, dict[str, str]]:
    return read_words("ppp.report", *GLOSSARIES)


def read_words(package: str, *names: str) -> dict[str, dict[str, str]]:
    """What the YAML files of a package say, by key and language. Raises ValueError for a key that two of them have."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        text = (resources.files(package) / name).read_text(encoding="utf-8")
        more = YAML(typ="safe", pure=True).load(text)
        if twice := found.keys() & more.keys():
            raise ValueError(f"{name}: said already: {', '.join(sorted(twice))}")
        found |= more
    return found


def word(key: str, lang: str, /, **values: str) -> str:
    """The glossary's text for a key, filled in. Raises KeyError for a key or language that the glossary lacks."""
    return glossary()[key][lang].format(**values)


def has_word(key: str) -> bool:
    return key in glossary()


def input_label(key: str, project: Project, lang: str) -> str:
    """What the input at a dotted key is called: by the glossary, by the name that the project gives it, else by its key."""
    if has_word(f"input.{key}"):
        return word(f"input.{key}", lang)
    section, _, last = key.rpartition(".")
    named = named_at(project, section)
    what = word(f"part.{last}", lang) if has_word(f"part.{last}") else last
    if named is not None:
        return word("input.of", lang, name=named[lang], part=what)
    if section and has_word(f"input.{section}"):
        return word("input.of", lang, name=word(f"input.{section}", lang), part=what)
    return key


def random_label(name: str, project: Project, lang: str) -> str:
    """What a random quantity is called: by its own name in the file, else by the input that it moves."""
    terms = project.simulation
    drawn = terms.inputs.get(name) if terms is not None else None
    if drawn is None:
        return input_label(name, project, lang)
    return drawn.name[lang] if drawn.name else input_label(drawn.moves[0], project, lang) if drawn.sets else name


def random_value(random: Random, value: float, display: Display) -> str:
    """A drawn value as printed: an input's own value, a factor, or what is added to a rate or an amount."""
    if random.how == "multiplies":
        return f"× {value:,.4g}"
    shown = display.input_value(random.keys[0], value)
    return shown if random.how == "sets" or value < 0.0 else f"+{shown}"


def is_rate(key: str) -> bool:
    """Whether an input or a lever is written in percent."""
    return key in SHARES or kind_of(key) == "rate"


def named_at(project: Project, section: str) -> dict[str, str] | None:
    """The name in the file of the risk, support or neutrality item that a key lies in."""
    here: Any = project
    named = None
    for part in section.split("."):
        here = here.get(part) if isinstance(here, dict) else getattr(here, part, None)
        named = getattr(here, "name", None) or named if here is not project else None
    return named if isinstance(named, dict) else None


@dataclass(frozen=True)
class Display:
    """How one report writes its values: language, the scale and name of money. `project` names inputs and their unit."""

    lang: str
    currency: str
    scale: float
    decimals: int
    project: Project | None = None

    @property
    def unit(self) -> str:
        """The money unit as printed beside tables and axes: 万元 for yuan in Chinese, CNY million in English."""
        if self.lang == "zh":
            return "万元" if self.currency == "CNY" else f"万{self.currency}"
        return f"{self.currency} million"

    def file_unit(self, unit: str) -> str:
        """A unit of money as a file names it, in words: 万元 for wan of yuan in Chinese."""
        coin = "元" if self.lang == "zh" and self.currency == "CNY" else self.currency
        return word(f"unit.{unit}", self.lang, currency=coin)

    def money(self, value: float, unit: bool = True) -> str:
        """An amount in base units, rounded for print; a minus sign for negative ones, a dash where there is none."""
        if value is None or not math.isfinite(value):
            return "–"
        shown = _rounded(value / self.scale, self.decimals)
        if not unit:
            return shown
        return f"{shown}{self.unit}" if self.lang == "zh" else f"{self.currency}\u00a0{shown}\u00a0million"

    def say(self, reason: Reason) -> str:
        """A reason of the verdict as a sentence."""
        finer = 0
        for one, other in COMPARED:
            if one in reason.values and other in reason.values:
                kind, value = reason.values[one]
                finer = max(finer, self.finer(kind, value, reason.values[other][1]))
        values = {name: self.value(kind, value, finer) for name, (kind, value) in reason.values.items()}
        return word(reason.key, self.lang, **values)

    def finer(self, kind: str, one: float, other: float) -> int:
        """How many digits more than usual tell two values of a kind apart; 0 where they are equal but for their last bits."""
        if kind not in FINER_KINDS or not abs(one - other) > ROUNDING * max(abs(one), abs(other)):
            return 0
        return next((n for n in range(MOST_FINER) if self.value(kind, one, n) != self.value(kind, other, n)), 0)

    def rounded_money(self, value: float, step: float) -> str:
        """An amount that is known to a step (a power of ten) and no finer, with no digit beyond it."""
        decimals = max(0, -math.floor(math.log10(step / self.scale) + 1e-9))
        return replace(self, decimals=decimals).money(value)

    def value(self, kind: str, value: Any, finer: int = 0) -> str:
        """A value as printed, by its kind: the units of lines.Line, and those of the verdict's reasons. finer: digits more than usual
        for money, rates and scores."""
        if isinstance(value, float) and not math.isfinite(value):
            return "–"
        match kind:
            case "money":
                return replace(self, decimals=self.decimals + finer).money(value)
            case "rate":
                return percent(value, 2 + finer)
            case "ratio":
                return f"{value:.2f}"
            case "score":
                return _rounded(value, 1 + finer)
            case "years":
                return word("value.years", self.lang, years=str(value) if isinstance(value, int) else f"{value:.1f}")
            case "months":
                return self.length(value)
            case "count":
                return f"{value:.0f}"
            case "error":
                return f"{value:.0e}" if value else "0"
            case "year":
                return str(value)
            case "test":
                return word(f"test.{value}", self.lang)
            case "check":
                return word(f"check.{value}", self.lang)
            case "input":
                return input_label(value, self.project, self.lang)
            case "at_value":
                key, at = value
                return self.input_value(key, at)
            case "text":
                return self.text(value)
        raise KeyError(f"unknown kind of value: {kind}")

    def input_value(self, key: str, value: float) -> str:
        """An input at a value that the file may or may not hold: rates in percent, amounts in the report's money."""
        if key in SHARES:
            return percent(value, 1)
        kind = kind_of(key)
        if kind == "rate":
            return percent(value, 2 if abs(100.0 * value - round(100.0 * value, 2)) < 1e-9 else 3)
        if kind == "money":
            return self.money(value * SCALES[self.project.unit])
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"

    def text(self, value: Any) -> str:
        """Text in this language: a plain string, or the matching one of {en, zh}."""
        return value[self.lang] if isinstance(value, dict) else str(value)

    def length(self, months: int) -> str:
        """A length of time: whole years, or months."""
        if months % 12:
            return word("value.months", self.lang, months=str(months))
        if months == 12:
            return word("value.year", self.lang)
        return word("value.years", self.lang, years=str(months // 12))

    def date(self, day: dt.date) -> str:
        return f"{day.year}年{day.month}月{day.day}日" if self.lang == "zh" else f"{day.day} {day:%B} {day.year}"


def display_of(project: Project, lang: str) -> Display:
    """Chinese reports count in 万元, English ones in millions; small projects get more decimals."""
    size = float(max(project.construction.capex * SCALES[project.unit], 1.0))
    scale = 1e4 if lang == "zh" else 1e6
    decimals = 0 if size / scale >= 20_000 else 1 if size / scale >= 100 else 2
    return Display(lang, project.currency, scale, decimals, project)


def percent(value: float, decimals: int = 2) -> str:
    """A fraction as percent with its trailing zeros cut to two decimals: 0.045 -> 4.50%, 0.04206 -> 4.206% where three are asked."""
    return f"{_rounded(100.0 * value, decimals)}%"


def _rounded(value: float, decimals: int) -> str:
    shown = f"{value:,.{decimals}f}"
    return shown.replace("-", "−") if float(shown.replace(",", "")) else shown.lstrip("-")
