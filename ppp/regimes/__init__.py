"""Rule packs: what a law or guide says, as dated and cited data. Code asks a pack by key and never holds a value of its own.

A pack is a YAML file of this folder named after its id. Adding a country is adding a file: docs/rule-packs.md shows how.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from ppp.problems import InputError, Problem
from ppp.reading import Doubtful, read_document
from ppp.regimes.pack import DatedValue, Pack, Rule
from ppp.regimes.soundness import pack_problems

__all__ = [
    "Applied",
    "DatedValue",
    "Pack",
    "Rule",
    "Rules",
    "available",
    "folder",
    "load",
    "read_pack",
    "usable",
    "without_null",
]


@dataclass(frozen=True)
class Applied:
    """A value of a pack as used in an evaluation; of a table, the `choice` that was taken or all its `steps` (after, value)."""

    key: str
    value: float
    unit: str
    document: str
    article: dict[str, str]
    valid_from: dt.date
    valid_to: dt.date | None
    checked: bool
    confirmed_by: str | None
    choice: str | None = None
    steps: tuple[tuple[float, float], ...] = ()


@dataclass
class Rules:
    """A pack as it stood on a day, with a project's overrides of conventions. Remembers which values were asked for.

    After the pack has ended it goes on for stock projects as it stood on its last day.
    """

    pack: Pack
    day: dt.date
    overrides: dict[str, bool | str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    used: dict[str, Applied] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        return self._in_force(key) is not None

    def value(self, key: str) -> float:
        """The number in force on the day. Raises KeyError when the pack has none then: ask `has` where a rule may be absent."""
        entry = self._entry(key)
        if entry.value is None:
            raise KeyError(f"{key} of {self.pack.id} is a table")
        self.used[key] = self._applied(key, entry, entry.value)
        return entry.value

    def steps(self, key: str) -> list[tuple[float, float]]:
        """The schedule in force on the day: (after, value), beginning at 0. Raises KeyError when the pack has none."""
        entry = self._entry(key)
        if entry.steps is None:
            raise KeyError(f"{key} of {self.pack.id} is no schedule")
        steps = [(step.after, step.value) for step in entry.steps]
        self.used[key] = self._applied(key, entry, steps[0][1], steps=tuple(steps))
        return steps

    def choices(self, key: str) -> list[str]:
        """The names of a table in force on the day; none when the pack has no such table."""
        entry = self._in_force(key)
        return list(entry.by or ()) if entry is not None else []

    def entry(self, key: str, name: str) -> float:
        """The number of one name of a table. Raises KeyError when the pack has none."""
        table = self._entry(key)
        if table.by is None or name not in table.by:
            raise KeyError(f"{key} of {self.pack.id} has no entry {name}")
        self.used[f"{key}.{name}"] = self._applied(key, table, table.by[name], choice=name)
        return table.by[name]

    def convention(self, key: str) -> bool | str:
        return self.overrides.get(key, self.pack.conventions[key].default)

    def _applied(self, key: str, entry: DatedValue, value: float, **more) -> Applied:
        said = (self.pack.rules[key].unit, entry.document, entry.article, entry.from_, entry.to, entry.checked)
        return Applied(key, value, *said, self.confirmed.get(key), **more)

    def _entry(self, key: str) -> DatedValue:
        entry = self._in_force(key)
        if entry is None:
            raise KeyError(f"{self.pack.id} has no rule {key} in force on {self.day}")
        return entry

    def _in_force(self, key: str) -> DatedValue | None:
        if key not in self.pack.rules:
            return None
        day = self.day if self.pack.valid_to is None else min(self.day, self.pack.valid_to)
        begun = [v for v in self.pack.rules[key].values if v.from_ <= day and (v.to is None or day <= v.to)]
        return max(begun, key=lambda v: v.from_, default=None)


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


def usable(pack_id: str) -> Pack | None:
    """The pack of that id; None where its file cannot be used, which concerns only those who name it."""
    try:
        return load(pack_id)
    except InputError:
        return None


def read_pack(path: Path) -> Pack:
    """A pack from a file. Raises InputError naming the place of each problem."""
    document = read_document(path, path.name)
    try:
        pack = Pack.model_validate(without_null(document.data))
    except ValidationError as error:
        raise InputError([document.problem(tuple(e["loc"]), e["msg"]) for e in error.errors()]) from None
    if found := [document.problem(where, message) for where, message in pack_problems(pack, path.stem)]:
        raise InputError(found)
    return pack


def without_null(value):
    """Packs may say null (abolished, without end); project files may not."""
    if isinstance(value, dict):
        return {key: without_null(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_null(item) for item in value]
    return None if isinstance(value, Doubtful) and value.text == "null" else value
