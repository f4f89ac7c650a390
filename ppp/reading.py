"""Read YAML or JSON as plain data, strictly, keeping the place of every key.

A project file is plain data: no anchors, aliases, tags, merge keys or second documents, and no key twice.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ppp.broken_yaml import explained
from ppp.problems import InputError, Place, Problem
from ppp.scalars import EMPTY, LONGEST_NUMBER, UNREADABLE, Doubtful, plain_scalar
from ppp.text_files import read_text

KeyPath = tuple[str | int, ...]

# Bytes; a project file is a few kilobytes, and the YAML parser takes seconds for the largest.
LARGEST_YAML = 250_000
DEEPEST = 30  # levels of nesting
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Document:
    """Plain data with the place of every key: `places[path] = (line, column)`, counted from 1.

    `problems` holds what was refused in reading; UNREADABLE stands there, so that the rest can be checked.
    """

    file: str
    data: dict[str, Any]
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: KeyPath) -> Place:
        """Where `path` stands, or the nearest enclosing thing that stands somewhere."""
        near = path
        while near and near not in self.places:
            near = near[:-1]
        return Place(self.file, *self.places.get(near, (0, 0)), dotted(path))

    def problem(self, path: KeyPath, message: str) -> Problem:
        return self.place(path).problem(message)


def dotted(path: KeyPath) -> str:
    """The path with dots between its keys; a key too long for an error message is cut."""
    return ".".join(part if len(part) <= 64 else part[:61] + "..." for part in map(str, path))


def read_document(path: Path, shown_as: str | None = None, *, keep_going: bool = False) -> Document:
    """The mapping in a YAML (or, by its ending, JSON) file.

    Raises InputError naming every problem found; with `keep_going` only where no data could be made out at
    all, and the other problems are in the document.
    """
    name = shown_as or str(path)
    if path.suffix.lower() == ".json":
        document = _read_json(read_text(path, name), name)
    else:
        document = _Yaml(read_text(path, name, LARGEST_YAML), name).document()
    if document.problems and not keep_going:
        raise InputError(document.problems)
    return document


def _read_json(text: str, name: str) -> Document:
    document = Document(name, {})

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, value in pairs:
            if key in mapping:
                document.problems.append(Problem(name, 0, 0, dotted((key,)), "is given twice"))
            mapping.setdefault(key, value)
        return mapping

    def whole(digits: str) -> int | Doubtful:
        return int(digits) if len(digits) <= LONGEST_NUMBER else Doubtful(digits, "the number is too long")

    def broken(digits: str) -> float | Doubtful:
        value = float(digits)
        return value if math.isfinite(value) else Doubtful(digits, "it is not a finite number")

    try:
        data = json.loads(text, object_pairs_hook=unique, parse_int=whole, parse_float=broken, parse_constant=broken)
    except json.JSONDecodeError as error:
        raise InputError([Problem(name, error.lineno, error.colno, "", f"is not JSON: {error.msg}")]) from None
    except RecursionError:
        raise InputError([Problem(name, 0, 0, "", "is nested too deeply")]) from None
    if not isinstance(data, dict):
        raise InputError([Problem(name, 1, 1, "", "must be a mapping of keys to values")])
    document.data = _without_null(data, name, DEEPEST)
    return document


def _without_null(value: Any, name: str, levels: int) -> Any:
    """JSON's null as YAML's, which every field refuses."""
    if levels == 0:
        raise InputError([Problem(name, 0, 0, "", "is nested too deeply")])
    if isinstance(value, dict):
        return {key: _without_null(item, name, levels - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_null(item, name, levels - 1) for item in value]
    return Doubtful("null", EMPTY) if value is None else value


class _Yaml:
    """One pass over the parser's events: the data, the places, and whatever is not plain data."""

    def __init__(self, text: str, name: str):
        self.text, self.result = text, Document(name, {})
        self.events = self._parsed()

    def document(self) -> Document:
        """Raises InputError for broken YAML, an empty file, and a file that is not a mapping."""
        next(self.events)  # the stream begins
        event = next(self.events)
        if not isinstance(event, DocumentStartEvent):
            self._stop(1, 1, "is empty; ppp new writes a file to start from")
        if event.version or event.tags:
            self._refuse(event, (), "%YAML and %TAG lines are not read: remove them")
        event = next(self.events)
        if not isinstance(event, MappingStartEvent):
            message = "must be a mapping of keys to values; ppp new writes a file to start from"
            self._stop_at(event, message)
        self.result.data = self._value(event, (), 1)
        next(self.events)  # the document ends
        event = next(self.events)
        if isinstance(event, DocumentStartEvent):
            self._refuse(event, (), "a second document begins here; allowed: one document in a file")
        if self.result.data is UNREADABLE:
            raise InputError(self.result.problems)
        return self.result

    def _parsed(self) -> Iterator[Event]:
        """The parser's events; where it stops, an InputError."""
        if found := _UNPRINTABLE.search(self.text):
            line = self.text.count("\n", 0, found.start()) + 1
            column = found.start() - self.text.rfind("\n", 0, found.start())
            self._stop(line, column, f"the character U+{ord(found[0]):04X} cannot be printed: remove it")
        try:
            yield from YAML(typ="safe", pure=True).parse(self.text)
        except MarkedYAMLError as error:
            line, column, why = explained(error, self.text)
            self._stop(line, column, f"is not YAML: {why}")
        except (YAMLError, ValueError, OverflowError, RecursionError) as error:
            first = (str(error).strip() or "cannot be read").splitlines()[0]
            if isinstance(error, OverflowError):  # the parser hands an escape such as "\UFFFFFFFF" to chr unseen
                first = "a backslash escape names no character"
            self._stop(0, 0, f"is not YAML: {first}")

    def _stop(self, line: int, column: int, message: str) -> None:
        raise InputError([*self.result.problems, Problem(self.result.file, line, column, "", message)]) from None

    def _stop_at(self, event: Event, message: str) -> None:
        self._stop(event.start_mark.line + 1, event.start_mark.column + 1, message)

    def _refuse(self, event: Event, path: KeyPath, message: str) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self.result.problems.append(Problem(self.result.file, line, column, dotted(path), message))

    def _value(self, event: Event, path: KeyPath, depth: int) -> Any:
        mark = event.start_mark
        self.result.places.setdefault(path, (mark.line + 1, mark.column + 1))
        if depth > DEEPEST:
            self._stop_at(event, f"is nested too deeply; allowed: {DEEPEST} levels")
        if isinstance(event, AliasEvent) or event.anchor is not None:
            # An alias also hides exponential growth, and a project file has no need of it.
            self._refuse(event, path, "anchors and aliases (& and *) are not read: write the value out")
        tag = None if isinstance(event, AliasEvent) else event.tag
        if tag is not None:
            self._refuse(event, path, f"the tag {str(tag)[:60]!r} is not read: a project file is plain data")
        if isinstance(event, MappingStartEvent):
            value: Any = self._mapping(path, depth)
        elif isinstance(event, SequenceStartEvent):
            value = []
            while not isinstance(event := next(self.events), SequenceEndEvent):
                value.append(self._value(event, (*path, len(value)), depth + 1))
        elif isinstance(event, ScalarEvent) and tag is None:
            return event.value if event.style else plain_scalar(event.value)
        else:
            return UNREADABLE
        return value if tag is None else UNREADABLE

    def _mapping(self, path: KeyPath, depth: int) -> Any:
        mapping: dict[str, Any] = {}
        whole = True
        while not isinstance(event := next(self.events), MappingEndEvent):
            place = (event.start_mark.line + 1, event.start_mark.column + 1)
            message = self._key_refusal(event, mapping, path)
            if message is None:
                self.result.places[(*path, event.value)] = place
                mapping[event.value] = self._value(next(self.events), (*path, event.value), depth + 1)
                continue
            repeated = isinstance(event, ScalarEvent) and event.value in mapping
            whole = whole and repeated  # else nobody knows what the mapping was to hold
            self._refuse(event, (*path, event.value) if repeated else path, message)
            self._pass_over(event, depth + 1)
            self._pass_over(next(self.events), depth + 1)
        return mapping if whole else UNREADABLE

    def _pass_over(self, event: Event, depth: int) -> None:
        """Read to the end of a value; what else is wrong inside does not matter any more."""
        begun = depth
        while True:
            depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
            depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
            if depth == begun:
                return
            if depth > DEEPEST:
                self._stop_at(event, f"is nested too deeply; allowed: {DEEPEST} levels")
            event = next(self.events)

    def _key_refusal(self, event: Event, mapping: dict[str, Any], path: KeyPath) -> str | None:
        if not isinstance(event, ScalarEvent):
            return "a key must be a word"
        if event.anchor is not None or event.tag is not None:
            return "a key must be a plain word, without anchor or tag"
        if event.value == "<<":
            return "merge keys (<<) are not read: write the values out"
        if event.value in mapping:
            return f"is given twice; first on line {self.result.places[(*path, event.value)][0]}"
        return None
