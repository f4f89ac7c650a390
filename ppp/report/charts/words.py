"""What charts say: their words, numbers as printed, and the scale in which one chart shows its amounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ppp.appraisal.appraise import Appraisal
from ppp.quantities import SCALES
from ppp.report.words import Display, display_of, read_words

NAMES = {"en": ["one", "thousand", "million", "billion", "trillion"], "zh": ["one", "wan", "yi", "trillion"]}
SIZES = {**SCALES, "trillion": 1e12}


@cache
def chart_words() -> dict[str, dict[str, str]]:
    return read_words("ppp.report.charts", "words.yaml", "words-simulation.yaml")


def word(key: str, lang: str, /, **values) -> str:
    return chart_words()[key][lang].format(**values)


def inside_sentence(label: str, lang: str) -> str:
    """An English label after its article, with a small first letter unless it begins with an abbreviation."""
    if lang == "zh":
        return label
    return "the " + (label[0].lower() + label[1:] if label[1:2].islower() else label)


def number(value: float, decimals: int, trim: bool = False) -> str:
    text = f"{value:,.{decimals}f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−") if re.search("[1-9]", text) else text.lstrip("-")


def percent(value: float, decimals: int = 2, trim: bool = True) -> str:
    """A fraction as percent, without trailing zeros unless they are asked for."""
    return number(100.0 * value, decimals, trim) + "%"


def told_apart(value: float, limit: float, form: Callable, decimals: int = 2) -> tuple[str, str]:
    """Both numbers with so many decimals that they read differently when they differ."""
    differ = abs(value - limit) > 1e-9 * abs(limit)
    while differ and form(value, decimals) == form(limit, decimals) and decimals < 8:
        decimals += 1
    return form(value, decimals), form(limit, decimals)


@dataclass(frozen=True)
class Money:
    """How one chart writes amounts: in `scale` units of the currency."""

    lang: str
    currency: str
    name: str
    decimals: int

    @property
    def scale(self) -> float:
        return SIZES[self.name]

    @property
    def unit(self) -> str:
        return word(f"unit.{self.name}", self.lang, currency=self.currency)

    def of(self, name: str) -> str:
        """A quantity with this unit, as an axis names it."""
        return word("with_unit", self.lang, name=name, unit=self.unit)

    def figure(self, amount: float) -> str:
        return number(float(amount) / self.scale, self.decimals)

    def say(self, amount: float) -> str:
        return word(f"amount.{self.name}", self.lang, currency=self.currency, value=self.figure(amount))


def money_for(appraisal: Appraisal, lang: str, *amounts) -> Money:
    """The report's own scale, or the next one that keeps the largest amount between 0.1 and a million."""
    return money_in(display_of(appraisal.project, lang), *amounts)


def money_in(display: Display, *amounts) -> Money:
    """The same for any report's way of writing values."""
    lang = display.lang
    size = max((float(np.max(np.abs(a))) for a in amounts if np.size(a)), default=0.0)
    names = NAMES[lang]
    own = next(i for i, name in enumerate(names) if SIZES[name] == display.scale)
    fitting = [i for i, name in enumerate(names) if 0.1 <= size / SIZES[name] < 1e6] or [own]
    at = min(fitting, key=lambda i: abs(i - own))
    shown = size / SIZES[names[at]]
    decimals = display.decimals if at == own else 0 if shown >= 2e4 else 1 if shown >= 100 else 2
    currency = display.currency
    return Money(lang, word("yuan", lang) if currency == "CNY" else currency, names[at], decimals)
