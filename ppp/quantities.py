"""The kinds of value that an input file may hold, with their units, limits and spelling.

Every type refuses what it cannot read without doubt, and says what was given and what is allowed.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from ppp import hints
from ppp.problems import printable
from ppp.scalars import EMPTY, Doubtful

SCALES = {"one": 1.0, "thousand": 1e3, "wan": 1e4, "million": 1e6, "yi": 1e8, "billion": 1e9}
LARGEST = 1e15  # of the file's unit: more than the world's yearly product in yuan
LONGEST_TEXT = 4000
LONGEST_YEARS = 99

# [0-9], for \d would take the digits of every script; few digits, for a decimal can overflow
_PERCENT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})? ?%")
_DURATION = re.compile(r"([0-9]{1,4}) ?(years?|months?|年|个月)")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def given(value: Any) -> str:
    """How a refused value is quoted in an error: short, on one line, as a file would write it."""
    text = printable(_as_written(value))
    return f"given {text[:57] + '...' if len(text) > 60 else text}"


def _as_written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_as_written(item)}" for key, item in list(value.items())[:20]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_as_written(item) for item in value[:20]) + "]"
    return str(value)


def refuse_doubt(value: Any, allowed: str) -> None:
    """Raises ValueError for a scalar that may mean several things, with the reason."""
    if isinstance(value, Doubtful):
        shown = "" if value.why == EMPTY else f", {given(value)}"
        raise ValueError(f"{value.why}{shown}; allowed: {allowed}{hints.number(value.text)}")


def _number(value: Any, allowed: str) -> float:
    refuse_doubt(value, allowed)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        quoted = isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value)
        why = "is a number in quotes" if quoted else "is not a number"
        if isinstance(value, dict):
            why = "is one number, with its source written {value: ..., source: ...}"
            why = "is one number and no profile, so times does not go with it" if "times" in value else why
        hint = hints.number(value, share="%" in allowed) if isinstance(value, str) else ""
        raise ValueError(f"{why}, {given(value)}; allowed: {allowed}{hint}")
    if not math.isfinite(value):
        raise ValueError(f"is not a finite number, {given(value)}; allowed: {allowed}")
    return float(value)


def _limited(value: float, low: float, high: float, shown: Any, allowed: str) -> float:
    if not low <= value <= high:
        raise ValueError(f"is out of range, {given(shown)}; allowed: {allowed}")
    return value


def number(low: float, high: float, allowed: str):
    """A validator for plain numbers within limits."""
    return BeforeValidator(lambda value: _limited(_number(value, allowed), low, high, value, allowed))


def whole(low: int, high: int, allowed: str):
    """A validator for whole numbers within limits."""

    def check(value: Any) -> int:
        result = _limited(_number(value, allowed), low, high, value, allowed)
        if result != int(result):
            raise ValueError(f"is not a whole number, {given(value)}; allowed: {allowed}")
        return int(result)

    return BeforeValidator(check)


def rate(low: float, high: float):
    """A validator for rates: `8%` or `0.08`. A bare number from one up may mean percent and is refused."""
    allowed = f"a rate from {low:.0%} to {high:.0%}, written such as 8% or 0.08"

    def check(value: Any) -> float:
        if isinstance(value, str) and _PERCENT.fullmatch(value.strip()):
            return _limited(float(Decimal(value.strip().rstrip("%").strip()) / 100), low, high, value, allowed)
        result = _number(value, allowed)
        if abs(result) >= 1 and (low <= result / 100 <= high):
            percent = Decimal(str(value))
            other = f"{percent * 100}%" if abs(result) == 1 else f"{percent / 100:f}"
            raise ValueError(f"may be a percentage or a fraction, {given(value)}; write {percent}% or {other}")
        return _limited(result, low, high, value, allowed)

    return BeforeValidator(check)


def text(value: Any) -> str:
    """Free text in any language. Raises ValueError for all else, and for unprintable characters."""
    allowed = "text; put it in quotes"
    refuse_doubt(value, allowed)
    if not isinstance(value, str):
        raise ValueError(f"is not text, {given(value)}; allowed: {allowed}")
    if not value.strip():
        raise ValueError("is empty; allowed: text")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"is {len(value)} characters long; allowed: at most {LONGEST_TEXT}")
    # Unassigned and private characters print as boxes; the second set turns the direction of text around it.
    bad = {c for c in value if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") and c not in "\n\t"}
    bad |= {c for c in value if c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"}
    if bad:
        names = ", ".join(sorted(f"U+{ord(c):04X}" for c in bad)[:5])
        raise ValueError(f"holds characters that cannot be printed ({names}); allowed: text without them")
    return value


def _identifier(value: Any) -> str:
    allowed = "letters A-Z a-z, digits, dot, underscore and hyphen, 64 at most, beginning with a letter or digit"
    refuse_doubt(value, allowed + "; put it in quotes")
    if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
        hint = hints.identifier(value) if isinstance(value, str) else ""
        raise ValueError(f"is not an identifier, {given(value)}; allowed: {allowed}{hint}")
    if value.endswith(".") or re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", value):
        raise ValueError(f"cannot be a folder's name on Windows, {given(value)}; allowed: {allowed}")
    return value


def _date(value: Any) -> dt.date:
    allowed = "a date such as 2024-01-01"
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    text = value.text if isinstance(value, Doubtful) else value
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"is not a date, {given(value)}; allowed: {allowed}{hints.date(str(text))}")
    try:
        result = dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is not a day of the calendar, {given(value)}; allowed: {allowed}") from None
    if not 1990 <= result.year <= 2100:
        raise ValueError(f"is out of range, {given(value)}; allowed: {allowed}, from 1990 to 2100")
    return result


def _months(value: Any, allowed: str = f"up to {LONGEST_YEARS} years, written such as 20 years or 30 months") -> int:
    refuse_doubt(value, allowed)
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"is not a length of time, {given(value)}; allowed: {allowed}{hints.length_of_time(value)}")
    months = int(match[1]) * (1 if match[2] in ("month", "months", "个月") else 12)
    return int(_limited(months, 0, 12 * LONGEST_YEARS, value, allowed))


def _years(value: Any) -> int:
    allowed = f"whole years up to {LONGEST_YEARS}, written such as 20 years or 240 months"
    months = _months(value, allowed)
    if months % 12:
        raise ValueError(f"is not a number of whole years, {given(value)}; allowed: {allowed}")
    return months // 12


def _flag(value: Any) -> bool:
    hint = hints.everyday(str(value), ["true", "false"])
    refuse_doubt(value, f"true or false{hint}")
    if not isinstance(value, bool):
        raise ValueError(f"is not true or false, {given(value)}; allowed: true or false{hint}")
    return value


def _choice(value: Any) -> bool | str:
    allowed = "a word, or true or false"
    refuse_doubt(value, allowed)
    if not isinstance(value, (bool, str)):
        raise ValueError(f"is not a choice, {given(value)}; allowed: {allowed}")
    return value


def _localised(value: Any) -> Any:
    """One text stands for both languages; what each language says is checked after this, at its own place."""
    allowed = "text, or both languages as {en: ..., zh: ...}"
    if not isinstance(value, dict):
        refuse_doubt(value, allowed)
        if not isinstance(value, str):
            raise ValueError(f"is not text, {given(value)}; allowed: {allowed}")
        return {"en": text(value), "zh": value}
    if set(value) != {"en", "zh"}:
        keys = given(", ".join(sorted(map(str, value))) or "nothing")
        hint = " (a comma inside braces ends a text: put it in quotes)"
        raise ValueError(f"is not in both languages, {keys}; allowed: {allowed}{hint}")
    return value


_AMOUNT = {"type": "number"}
_RATE = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": -1, "exclusiveMaximum": 1},
        {"type": "string", "pattern": r"^-?\d+(\.\d+)?\s?%$"},
    ]
}


@dataclass(frozen=True)
class Kind:
    """How a number is shown: "rate" in percent, "money" in the report's unit, "years", "months" (shown as a
    length of time), "plain" as it is."""

    name: str


Text = Annotated[str, BeforeValidator(text), WithJsonSchema({"type": "string"})]
Identifier = Annotated[
    str,
    BeforeValidator(_identifier),
    WithJsonSchema({"type": "string", "pattern": f"^{IDENTIFIER.pattern}$"}),
]
Localised = Annotated[
    dict[str, Text],
    BeforeValidator(_localised),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
                    "required": ["en", "zh"],
                },
            ]
        }
    ),
]
Date = Annotated[dt.date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Years = Annotated[
    int,
    Kind("years"),
    BeforeValidator(_years),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,4} ?(years?|months?|年|个月)$"}),
]
Months = Annotated[
    int,
    Kind("months"),
    BeforeValidator(_months),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,4} ?(years?|months?|年|个月)$"}),
]
Choice = Annotated[bool | str, BeforeValidator(_choice), WithJsonSchema({"type": ["boolean", "string"]})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Rate = Annotated[float, Kind("rate"), rate(-0.5, 0.5), WithJsonSchema(_RATE)]
Share = Annotated[float, Kind("rate"), rate(0.0, 1.0), WithJsonSchema(_RATE)]
Cover = Annotated[float, number(1.0, 10.0, "a cover ratio from 1.0 to 10, such as 1.25"), WithJsonSchema(_AMOUNT)]
Factor = Annotated[float, number(0.0, 100.0, "a factor from 0 to 100, such as 1.15"), WithJsonSchema(_AMOUNT)]
Score = Annotated[float, number(0.0, 100.0, "a score from 0 to 100"), WithJsonSchema(_AMOUNT)]
Amount = Annotated[
    float,
    Kind("money"),
    number(0.0, LARGEST, "an amount of zero or more; its direction is its key's"),
    WithJsonSchema(_AMOUNT),
]
Days = Annotated[float, number(0.0, 730.0, "a number of days from 0 to 730"), WithJsonSchema(_AMOUNT)]
Year = Annotated[int, whole(1990, 2200, "a calendar year such as 2024"), WithJsonSchema({"type": "integer"})]


class Section(BaseModel):
    """A part of an input file: unknown keys are refused, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Profile(Section):
    """An amount for every year of a phase: constant, growing, or listed.

    In a file: a number; a list with one number a year; `{start: 300, growth: 2%}`; `{csv: a.csv, column: b}`.
    `times` multiplies the whole profile, so that a scenario or a simulation can move a listed one.
    """

    start: Amount | None = Field(None, description="Amount in the first year of the phase. 首年金额")
    growth: Rate = Field(0.0, description="Growth a year after the first. 年增长率")
    values: list[Amount] | None = Field(None, description="One amount for every year of the phase. 逐年金额")
    times: Factor = Field(1.0, description="Multiplies the whole profile. 整体系数")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        allowed = "a number, a list of numbers, {start, growth} or {csv, column}"
        if isinstance(value, dict):
            return value
        refuse_doubt(value, allowed)
        if isinstance(value, list):
            return {"values": value}
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {"start": value}
        hint = hints.number(value) if isinstance(value, str) else ""
        raise ValueError(f"is not an amount over time, {given(value)}; allowed: {allowed}{hint}")

    @model_validator(mode="after")
    def _one_form(self) -> Profile:
        if (self.start is None) == (self.values is None):
            raise ValueError(
                "needs either start or values; allowed: a number, a list, {start, growth} or {csv, column}"
            )
        if self.values is not None and "growth" in self.model_fields_set:
            raise ValueError("growth goes with start, not with values: the list already says every year")
        return self
