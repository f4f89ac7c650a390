"""Rule packs: what a law or guide says, as dated and cited data. Code asks a pack by key and never holds a value of its own.

A pack is a YAML file of this folder named after its id. Adding a country is adding a file.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from ppp.problems import InputError, Problem
from ppp.quantities import Date, Flag, Identifier, Localised, Section, Text
from ppp.reading import Doubtful, read_document

TestName = Literal["value_for_money", "qualitative", "affordability", "feasibility"]


class DatedValue(Section):
    """A value in force `from` a day until the next entry; None means abolished."""

    from_: Date = Field(alias="from")
    value: float | None
    document: Identifier
    article: Localised
    checked: Flag


class Rule(Section):
    meaning: Localised
    unit: Text
    values: list[DatedValue] = Field(min_length=1)


class Convention(Section):
    """A named switch: how a text that leaves room is read."""

    meaning: Localised
    default: bool | str
    allowed: list[bool | str]
    document: Identifier

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Convention:
        if self.default not in self.allowed:
            raise ValueError("the default is not among the allowed values")
        return self


class IndicatorRule(Section):
    group: Literal["basic", "supplementary"]
    name: Localised


class Exemption(Section):
    rule: Identifier
    sectors: list[Text]
    document: Identifier
    note: Localised


class Pack(Section):
    id: Identifier
    name: Localised
    valid_from: Date
    valid_to: Date | None
    dates_checked: Flag
    note: Localised
    tests: list[TestName]
    documents: dict[Identifier, Localised]
    rules: dict[Identifier, Rule]
    exempt_sectors: Exemption | None = None
    conventions: dict[Identifier, Convention]
    indicators: dict[Identifier, IndicatorRule] = Field({})

    @model_validator(mode="after")
    def _documents_are_named(self) -> Pack:
        used = {v.document for rule in self.rules.values() for v in rule.values} | {
            c.document for c in self.conventions.values()
        }
        if missing := used - set(self.documents):
            raise ValueError(f"documents are cited but not named: {', '.join(sorted(missing))}")
        return self


@dataclass(frozen=True)
class Applied:
    """A value of a pack as used in an evaluation."""

    key: str
    value: float
    unit: str
    document: str
    article: dict[str, str]
    valid_from: dt.date
    checked: bool
    confirmed_by: str | None


@dataclass
class Rules:
    """A pack as it stood on a day, with a project's overrides of conventions. Remembers which values were asked for."""

    pack: Pack
    day: dt.date
    overrides: dict[str, bool | str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    used: dict[str, Applied] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        return self._in_force(key) is not None

    def value(self, key: str) -> float:
        """The value in force on the day. Raises KeyError when the pack has none then: ask `has` where a rule may be absent."""
        entry = self._in_force(key)
        if entry is None:
            raise KeyError(f"{self.pack.id} has no rule {key} in force on {self.day}")
        rule = self.pack.rules[key]
        self.used[key] = Applied(
            key,
            entry.value,
            rule.unit,
            entry.document,
            entry.article,
            entry.from_,
            entry.checked,
            self.confirmed.get(key),
        )
        return entry.value

    def convention(self, key: str) -> bool | str:
        return self.overrides.get(key, self.pack.conventions[key].default)

    def _in_force(self, key: str) -> DatedValue | None:
        if key not in self.pack.rules:
            return None
        begun = [v for v in self.pack.rules[key].values if v.from_ <= self.day]
        latest = max(begun, key=lambda v: v.from_, default=None)
        return latest if latest is not None and latest.value is not None else None


def folder() -> Path:
    return Path(str(resources.files(__name__)))


def available() -> list[str]:
    return sorted(path.stem for path in folder().glob("*.yaml"))


@cache
def load(pack_id: str) -> Pack:
    """The pack of that id. Raises InputError when there is no such pack or its file is malformed."""
    path = folder() / f"{pack_id}.yaml"
    if not path.is_file():
        raise InputError(
            [Problem(f"{pack_id}.yaml", 0, 0, "", f"there is no such rule pack; allowed: {', '.join(available())}")]
        )
    return read_pack(path)


def read_pack(path: Path) -> Pack:
    """A pack from a file. Raises InputError naming the place of each problem."""
    document = read_document(path, path.name)
    try:
        return Pack.model_validate(_without_null(document.data))
    except ValidationError as error:
        raise InputError([document.problem(tuple(e["loc"]), e["msg"]) for e in error.errors()]) from None


def _without_null(value):
    """Packs may say null (abolished, without end); project files may not."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return None if isinstance(value, Doubtful) and value.text == "null" else value
