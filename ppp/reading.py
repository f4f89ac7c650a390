"""Read YAML as plain data, strictly, keeping the place of every key.

YAML guesses types: `no` is false, `010` is eight, `12:30` is a number in base 60. A finance file must not guess, so a plain
(unquoted) scalar is read as a number, true / false or text only where no reader could doubt it; everything else becomes
a `Doubtful` value that every field refuses with its reason, but for dates in a date field.
"""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ppp.problems import InputError, Problem

KeyPath = tuple[str | int, ...]

LARGEST_FILE = 4_000_000  # bytes; a project file is a few kilobytes
DEEPEST = 30  # levels of nesting

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_DOUBTFUL = [
    (re.compile(r"(?i)(y|n|yes|no|on|off)"), "YAML readers disagree whether it is text or true / false"),
    (re.compile(r"(?i)(null|~)|"), "it is empty"),
    (re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?"), "a leading zero may mean an octal number"),
    (re.compile(r"(?i)[-+]?0[xo][0-9a-f_]+"), "it may be a hexadecimal or octal number"),
    (re.compile(r"(?i)[-+]?(\d[\d_]*\.?\d*|\.\d+)e[-+]?\d+"), "exponents are not read: write the digits out"),
    (re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?"), "it may be a time of day or a number in base 60"),
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*"), "it is a date, or a date and time"),
    (re.compile(r"(?i)[-+]?\.?(inf|nan|infinity)"), "it is not a finite number"),
    (re.compile(r"[-+]?\d[\d_,]*[_,][\d_,.]*"), "digit separators are not read: write the digits alone"),
    (re.compile(r"[-+]?(\.\d+|\d+\.)"), "a number has digits on both sides of its point"),
    (re.compile(r"[-+]\d+(\.\d+)?%"), "write the rate in quotes or without the plus sign"),
]
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


@dataclass(frozen=True)
class Doubtful:
    """An unquoted scalar that YAML readers understand in different ways."""

    text: str
    why: str

    def __str__(self) -> str:
        return self.text


@dataclass
class Document:
    """Plain data with the place of every key: `places[path] = (line, column)`, counted from 1."""

    file: str
    data: dict[str, Any]
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: KeyPath) -> tuple[int, int]:
        """Where `path` stands, or the nearest enclosing thing that stands somewhere."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (0, 0))

    def problem(self, path: KeyPath, message: str) -> Problem:
        return Problem(self.file, *self.place(path), dotted(path), message)


def dotted(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)


def read_document(path: Path, shown_as: str | None = None) -> Document:
    """The mapping in a YAML (or, by its ending, JSON) file. Raises InputError naming every problem found."""
    name = shown_as or str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError([Problem(name, 0, 0, "", f"cannot be read: {error.strerror}")]) from None
    if len(raw) > LARGEST_FILE:
        raise InputError([Problem(name, 0, 0, "", f"is {len(raw)} bytes long; at most {LARGEST_FILE} are read")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise InputError([Problem(name, line, column, "", "is not UTF-8 text: save the file as UTF-8")]) from None
    return _read_json(text, name) if path.suffix == ".json" else _read_yaml(text, name)


def _read_json(text: str, name: str) -> Document:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            raise InputError([Problem(name, 0, 0, "", "a key is given twice")])
        return mapping

    def refuse(constant: str) -> None:
        raise InputError([Problem(name, 0, 0, "", f"{constant} is not a finite number")])

    try:
        data = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise InputError([Problem(name, error.lineno, error.colno, "", f"is not JSON: {error.msg}")]) from None
    except RecursionError:
        raise InputError([Problem(name, 0, 0, "", "is nested too deeply")]) from None
    if not isinstance(data, dict):
        raise InputError([Problem(name, 1, 1, "", "must be a mapping of keys to values")])
    return Document(name, data)


def _read_yaml(text: str, name: str) -> Document:
    problems: list[Problem] = []
    try:
        _refuse_yaml_machinery(text, name, problems)
        if problems:
            raise InputError(problems)
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        what = (error.problem or "cannot be read").replace("\n", " ")
        if "\t" in what or "'\\t'" in what:
            what = "a tab stands where YAML wants spaces"
        raise InputError([Problem(name, line, column, "", f"is not YAML: {what}")]) from None
    except (YAMLError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        first = str(error).strip().splitlines()[0] if str(error).strip() else "cannot be read"
        raise InputError([Problem(name, *_control_character(text), "", f"is not YAML: {first}")]) from None
    except RecursionError:
        raise InputError([Problem(name, 0, 0, "", "is nested too deeply")]) from None
    if not isinstance(node, MappingNode):
        raise InputError([Problem(name, 1, 1, "", "must be a mapping of keys to values; ppp new writes one to start from")])
    document = Document(name, {})
    document.data = _plain(node, (), document, problems)
    if problems:
        raise InputError(problems)
    return document


def _control_character(text: str) -> tuple[int, int]:
    for number, line in enumerate(text.split("\n"), 1):
        for column, character in enumerate(line, 1):
            if ord(character) < 32 and character not in "\t\r" or 0x7F <= ord(character) < 0xA0:
                return number, column
    return 0, 0


def _refuse_yaml_machinery(text: str, name: str, problems: list[Problem]) -> None:
    """Anchors, aliases, tags and second documents: a project file is plain data (aliases also hide exponential growth)."""
    documents = depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        kind = type(event).__name__
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if kind == "DocumentStartEvent":
            documents += 1
            if documents == 2:
                problems.append(Problem(name, line, column, "", "a second document begins here; one file holds one"))
        if kind.endswith("StartEvent"):
            depth += 1
        elif kind.endswith("EndEvent"):
            depth -= 1
        if depth > DEEPEST:
            raise InputError([*problems, Problem(name, line, column, "", "is nested too deeply")])
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            problems.append(Problem(name, line, column, "", "anchors and aliases (& and *) are not read: write the value out"))
        tag = getattr(event, "tag", None) or getattr(event, "ctag", None)
        if tag is not None and str(tag) not in _PLAIN_TAGS:
            problems.append(Problem(name, line, column, "", f"the tag {str(tag)[:60]!r} is not read: a project file is plain data"))


def _plain(node: Node, path: KeyPath, document: Document, problems: list[Problem]) -> Any:
    document.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, ScalarNode):
        return node.value if node.style else plain_scalar(node.value)
    if isinstance(node, SequenceNode):
        return [_plain(child, (*path, i), document, problems) for i, child in enumerate(node.value)]
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
        if not isinstance(key_node, ScalarNode):
            problems.append(Problem(document.file, line, column, dotted(path), "a key must be a word"))
            continue
        key = key_node.value
        if key == "<<":
            problems.append(Problem(document.file, line, column, dotted(path), "merge keys (<<) are not read: write the values out"))
            continue
        if key in mapping:
            first = document.places[(*path, key)]
            problems.append(
                Problem(document.file, line, column, dotted((*path, key)), f"is given twice; first on line {first[0]}")
            )
            continue
        document.places[(*path, key)] = (line, column)
        mapping[key] = _plain(value_node, (*path, key), document, problems)
    return mapping


def plain_scalar(text: str) -> Any:
    """The value of an unquoted scalar: int, float, bool, str, or Doubtful.

    >>> plain_scalar("42"), plain_scalar("4.20"), plain_scalar("true"), plain_scalar("8%"), plain_scalar("no").why[:4]
    (42, 4.2, True, '8%', 'YAML')
    """
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        if "." not in text:
            return int(text) if len(text) < 40 else Doubtful(text, "the number is too long")
        return float(text)
    for pattern, why in _DOUBTFUL:
        if pattern.fullmatch(text):
            return Doubtful(text, why)
    return text


def read_column(path: Path, column: str) -> list[float]:
    """One column of numbers from a CSV file with a heading line. Raises InputError naming every cell that is not a number."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError([Problem(str(path), 0, 0, column, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(str(path), 0, 0, column, "is not UTF-8 text: save the file as UTF-8 CSV")]) from None
    rows = list(csv.reader(text.splitlines()))
    headings = [heading.strip() for heading in rows[0]] if rows else []
    if column not in headings:
        raise InputError([Problem(str(path), 1, 1, column, f"there is no such column; the headings are {', '.join(headings) or 'missing'}")])
    if headings.count(column) > 1:
        raise InputError([Problem(str(path), 1, 1, column, "two columns have this heading")])
    index, values, problems = headings.index(column), [], []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        cell = row[index].strip() if index < len(row) else ""
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            problems.append(Problem(str(path), number, index + 1, column, f"is not a number; given {cell!r}"))
        values.append(value)
    if problems:
        raise InputError(problems)
    return values
