"""Save changes as a scenario of a project file, every other byte of which stays: comments, order, spelling.

The new text is read back and validated before it takes the file's place, whole or not at all.
"""

from __future__ import annotations

import io
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import Comment

from ppp import overlays
from ppp.databook import kind_of
from ppp.draws import put
from ppp.loading import read_project
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.provenance import PROVENANCE
from ppp.quantities import Identifier
from ppp.reading import Document, dotted, read_document

STAGED = ".saving-"


def save_scenario(
    path: str | Path,
    name: str,
    changes: dict[str, Any],
    title: str | dict[str, str] | None = None,
    loan: str | None = None,
    replace: bool = False,
    under: str | None = None,
) -> Project:
    """Write a scenario into a YAML project file and return the project with it applied.

    changes: dotted keys of numbers -> values in the file's own unit, rates as fractions; or any key -> text as the file writes it, such as
    `20 years`. title: text, or {en, zh}. loan: "held" for the base case's loan. replace: whether a scenario of this name may be written
    over. under: a scenario of the file that the changes are laid over; it becomes part of the new one, without its title. Raises
    InputError, the file unchanged, when the name is taken or cannot be one, or when the file with the scenario would not be valid;
    KeyError for a key that names no number.
    """
    path = Path(path)
    project = read_project(path)
    document = read_document(path)
    _refuse(document, name, replace)
    text = path.read_bytes().decode("utf-8")
    scenario: dict[str, Any] = {}
    if title is not None:
        scenario["title"] = title
    if loan is not None:
        scenario["loan"] = loan
    said: dict[str, Any] = {}
    for key, value in changes.items():
        if isinstance(value, str):
            put(said, overlays.at(project, key)[0], value)
        else:
            put(said, overlays.number_at(project, key)[0], as_written(key, float(value)))
    scenario |= said if under is None else overlays.merged(_of_file(text, under, said), said)
    new = _with(text, document, name, scenario)
    _publish(path, new)
    from ppp.loading import apply_scenario

    return apply_scenario(read_project(path), name)


def _of_file(text: str, name: str, changed: dict[str, Any]) -> dict[str, Any]:
    """What the file writes in a scenario, without its title, comments, and sources of what is changed. KeyError where it has none."""
    yaml = YAML()
    yaml.preserve_quotes = True
    scenario = _bare(yaml.load(text)["scenarios"][name])
    scenario.pop("title", None)
    return _unsourced(scenario, changed)


def _bare(node: Any) -> Any:
    """A part of a file without its comments, which stand where they are."""
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _bare(child)
    if hasattr(node, Comment.attrib):
        delattr(node, Comment.attrib)
    return node


def _unsourced(said: Any, changed: Any) -> Any:
    """What a scenario says without the sources of the values that change: they vouch for the old ones."""
    if not isinstance(said, dict) or not isinstance(changed, dict):
        return said
    within = {key: value for key, value in said.items() if key not in PROVENANCE}
    if set(within) == {"value"}:
        return _unsourced(within["value"], changed)
    return {key: _unsourced(value, changed[key]) if key in changed else value for key, value in within.items()}


def as_written(key: str, value: float) -> str | int | float:
    """A number as a file writes it, to its last digit: rates in percent, never with an exponent."""
    exact = Decimal(repr(value))
    if kind_of(key) == "rate":
        return f"{(exact * 100).normalize():f}%"
    return int(exact) if exact == exact.to_integral_value() else float(value)


def _refuse(document: Document, name: str, replace: bool) -> None:
    try:
        from pydantic import TypeAdapter

        TypeAdapter(Identifier).validate_python(name)
    except ValueError as error:
        raise InputError([Problem(document.file, 0, 0, dotted(("scenarios",)), _first(error))]) from None
    if name in (document.data.get("scenarios") or {}) and not replace:
        message = f"there is a scenario {name} already; allowed: another name, or replace=True"
        raise InputError([document.problem(("scenarios", name), message)])


def _first(error: ValueError) -> str:
    errors = getattr(error, "errors", lambda: [])()
    return str(errors[0]["ctx"]["error"]) if errors else str(error)


def _block(scenario: dict[str, Any], name: str, indent: int, newline: str) -> list[str]:
    """The scenario as lines of YAML, its name `indent` columns in."""
    yaml = YAML()
    yaml.width, yaml.allow_unicode, yaml.default_flow_style = 10**6, True, False
    out = io.StringIO()
    yaml.dump({name: scenario}, out)
    return [" " * indent + _without_exponent(line) + newline for line in out.getvalue().splitlines()]


def _without_exponent(line: str) -> str:
    """A reader refuses 1e-07, which may be text; the same number in plain digits."""
    return re.sub(r"(?<=: )-?\d+(\.\d+)?e[-+]?\d+$", lambda found: f"{Decimal(found[0]):f}", line)


def _with(text: str, document: Document, name: str, scenario: dict[str, Any]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    if not document.data.get("scenarios"):
        if "scenarios" in document.data:  # `scenarios: {}` or an empty key
            at = document.places[("scenarios",)][0] - 1
            lines[at : at + 1] = [f"scenarios:{newline}", *_block(scenario, name, 2, newline)]
            return "".join(lines)
        return "".join([*lines, newline, f"scenarios:{newline}", *_block(scenario, name, 2, newline)])
    top = document.places[("scenarios",)][0] - 1
    if not re.fullmatch(r"scenarios\s*:\s*(#.*)?", lines[top].strip()):
        return _rewritten(text, name, scenario)  # all in braces on one line: there is no block to write into
    own = [place for path, place in document.places.items() if len(path) == 2 and path[0] == "scenarios"]
    indent = own[0][1] - 1
    ends = [*sorted(line - 1 for line, _ in own), _end(lines, top)]
    if name in document.data["scenarios"]:
        start = document.places[("scenarios", name)][0] - 1
        stop = next(line for line in ends if line > start)
        stop = _before_comments(lines, start, stop)
    else:
        start = stop = ends[-1]
    return "".join([*lines[:start], *_block(scenario, name, indent, newline), *lines[stop:]])


def _end(lines: list[str], top: int) -> int:
    """The line after a top-level block; comments and blank lines that stand before the next key belong to that."""
    after = (i for i in range(top + 1, len(lines)) if re.match(r"[^\s#]", lines[i]))
    return _before_comments(lines, top, next(after, len(lines)))


def _before_comments(lines: list[str], start: int, stop: int) -> int:
    while stop > start + 1 and (not lines[stop - 1].strip() or lines[stop - 1].lstrip().startswith("#")):
        stop -= 1
    return stop


def _rewritten(text: str, name: str, scenario: dict[str, Any]) -> str:
    yaml = YAML()
    yaml.preserve_quotes, yaml.width, yaml.allow_unicode = True, 10**6, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(text)
    data["scenarios"][name] = scenario
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _publish(path: Path, text: str) -> None:
    """Put the text in the file's place when it is a valid project; beside it until then, since it may name files there."""
    staged = path.with_name(f"{STAGED}{os.getpid()}-{path.name}")
    try:
        with open(staged, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        read_project(staged, str(path))
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
