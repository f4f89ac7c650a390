"""From a file on disk to a validated Project: read, separate provenance, fetch CSV columns, validate, cross-check, apply scenarios."""

from __future__ import annotations

import copy
import hashlib
import json
import types
import typing
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ppp.consistency import project_problems
from ppp.district import District
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.quantities import given
from ppp.reading import Document, Doubtful, KeyPath, dotted, read_column, read_document

PROVENANCE = ("source", "date", "signed_off_by")


@dataclass
class Origin:
    """Where a project came from: its document, the provenance of its inputs, and the scenario that was applied."""

    document: Document
    path: Path
    raw: dict[str, Any]
    provenance: dict[str, dict[str, str]] = field(default_factory=dict)
    scenario: str | None = None
    district_raw: dict[str, Any] | None = None


def find_file(name: str | Path) -> Path:
    """An input file by a path relative to the working folder or, failing that, to a folder above it that holds params/ and notebooks/."""
    path = Path(name).expanduser()
    if path.is_absolute() or path.exists():
        return path
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "params").is_dir() and (folder / "notebooks").is_dir() and (folder / path).exists():
            return folder / path
    return path


def load(name: str | Path, scenario: str | None = None) -> Project:
    """The project in a YAML file or in the canonical JSON, with a scenario applied. Raises InputError naming every problem found."""
    path = find_file(name)
    base = read_project(path, str(name))
    return base if scenario in (None, "base") else apply_scenario(base, scenario)


def read_project(path: Path, shown_as: str | None = None) -> Project:
    """Validate a file with all its scenarios and ranges, each of which must be a valid project too."""
    document = read_document(path, shown_as or str(path))
    envelope = document.data
    district_raw = None
    if set(envelope) == {"canonical", "project", "district"}:
        document, district_raw = Document(envelope["canonical"], envelope["project"]), envelope["district"]
    _refuse_other_kind(document, "project")
    project, problems = _validate(document, path, district_raw)
    if project is None:
        raise InputError(problems)
    district_raw = project._origin.district_raw
    for kind, changes in (("scenarios", _scenarios(project)), ("ranges", _range_ends(project))):
        for place, change in changes:
            _, found = _validate(_overlaid(document, change, (kind, *place)), path, district_raw)
            problems += [p for p in found if p not in problems]
    problems += _range_problems(project, document)
    if problems:
        raise InputError(problems)
    return project


def apply_scenario(project: Project, name: str) -> Project:
    """The project with one of its scenarios. Raises InputError when it has no such scenario."""
    origin: Origin = project._origin
    changes = dict(_scenarios(project))
    if (name,) not in changes:
        allowed = ", ".join(["base", *project.scenarios])
        raise InputError([origin.document.problem(("scenarios",), f"there is no scenario {name!r}; allowed: {allowed}")])
    result, problems = _validate(_overlaid(origin.document, changes[(name,)], ("scenarios", name)), origin.path, origin.district_raw)
    if result is None or problems:
        raise InputError(problems)
    result._origin.document, result._origin.raw, result._origin.scenario = origin.document, origin.raw, name
    return result


def canonical(project: Project) -> dict[str, Any]:
    """The file as plain data without comments, order or CSV files, its district inside: what a run is keyed by.

    Loading this again gives the same project; two files that differ in comments or key order only give the same data."""
    origin: Origin = project._origin
    return {"canonical": origin.document.file, "project": origin.raw, "district": origin.district_raw}


def input_hash(project: Project) -> str:
    """SHA-256 of the canonical data, without the file's own path."""
    data = {key: value for key, value in canonical(project).items() if key != "canonical"}
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def value_at(project: Project, key: str) -> float:
    """The number at a dotted key such as `operation.opex.growth`. Raises KeyError, with the nearest known key, when there is none."""
    here: Any = project
    for part in key.split("."):
        if isinstance(here, BaseModel) and part in type(here).model_fields:
            here = getattr(here, part)
        elif isinstance(here, dict) and part in here:
            here = here[part]
        else:
            known = list(type(here).model_fields) if isinstance(here, BaseModel) else list(here) if isinstance(here, dict) else []
            raise KeyError(f"there is no input {key!r}: {part!r} is unknown{_nearest(part, known)}")
    if isinstance(here, bool) or not isinstance(here, float):
        hint = f"; its parts are {', '.join(type(here).model_fields)}" if isinstance(here, BaseModel) else ""
        raise KeyError(f"{key!r} is not a number that can vary{hint}")
    return here


def _validate(document: Document, path: Path, district_raw: dict[str, Any] | None) -> tuple[Project | None, list[Problem]]:
    problems: list[Problem] = []
    origin = Origin(document, path, {})
    plain = _plain_values(document.data, (), document, path.parent, origin, problems)
    try:
        project = Project.model_validate(plain)
    except ValidationError as error:
        return None, problems + [_translate(e, plain, document, Project) for e in error.errors()]
    project._origin = origin
    origin.raw = _canonical_values(document.data, path.parent)
    if project.district is not None:
        try:
            project._districts, origin.district_raw = _district_of(project, path, district_raw)
        except InputError as error:
            if error.problems[0].file == document.file:
                return None, problems + error.problems
            note = f"its district file has {len(error.problems)} problem(s)"
            return None, [*problems, document.problem(("district",), note), *error.problems]
    problems += [document.problem(where, what) for where, what in project_problems(project)]
    return (None if problems else project), problems


def _district_of(project: Project, path: Path, raw: dict[str, Any] | None) -> tuple[District, dict[str, Any]]:
    if raw is not None:
        return validate_district(Document(f"{project.district} (inside {path.name})", raw)), raw
    target = path.parent / project.district
    document: Document = project._origin.document
    if Path(project.district).is_absolute() or not target.is_file():
        raise InputError([document.problem(("district",), f"there is no such file beside the project, {given(project.district)}; allowed: a relative path to a district file")])
    district_document = read_document(target)
    return validate_district(district_document), _canonical_values(district_document.data, target.parent)


def read_district(path: Path) -> District:
    return validate_district(read_document(path))


def validate_district(document: Document) -> District:
    _refuse_other_kind(document, "district")
    problems: list[Problem] = []
    plain = _plain_values(document.data, (), document, Path(), Origin(document, Path(), {}), problems)
    try:
        district = District.model_validate(plain)
    except ValidationError as error:
        raise InputError(problems + [_translate(e, plain, document, District) for e in error.errors()]) from None
    years = [entry.year for entry in district.budget]
    if years != list(range(years[0], years[0] + len(years))):
        problems.append(document.problem(("budget",), f"the years do not follow one another, given {years}; allowed: every year once, in order"))
    if problems:
        raise InputError(problems)
    return district


def _refuse_other_kind(document: Document, wanted: str) -> None:
    kind = document.data.get("kind")
    if kind in ("project", "district") and kind != wanted:
        raise InputError([document.problem(("kind",), f"a {wanted} file is wanted here, given {kind}")])


def _plain_values(value: Any, path: KeyPath, document: Document, folder: Path, origin: Origin, problems: list[Problem]) -> Any:
    """Take provenance out of `{value: ..., source: ...}` and of sections, and put CSV columns in. Records provenance by dotted key."""
    if isinstance(value, list):
        return [_plain_values(item, (*path, i), document, folder, origin, problems) for i, item in enumerate(value)]
    if not isinstance(value, dict) or path[:1] in (("scenarios",), ("ranges",)) and len(path) < 2:
        if isinstance(value, dict):
            return {key: _plain_values(item, (*path, key), document, folder, origin, problems) for key, item in value.items()}
        return value
    said = {key: value[key] for key in PROVENANCE if key in value}
    rest = {key: item for key, item in value.items() if key not in PROVENANCE}
    for key, item in said.items():
        text = item.text if isinstance(item, Doubtful) and key == "date" else item
        if not isinstance(text, str) or not text.strip():
            problems.append(document.problem((*path, key), f"is not text, {given(item)}; allowed: text, in quotes"))
        else:
            origin.provenance.setdefault(dotted(path), {})[key] = text
    if set(rest) == {"value"}:
        if "value" in rest and (*path, "value") in document.places:
            document.places[path] = document.places[(*path, "value")]
        return _plain_values(rest["value"], path, document, folder, origin, problems)
    if "csv" in rest:
        rest = _from_csv(rest, path, document, folder, problems)
    return {key: _plain_values(item, (*path, key), document, folder, origin, problems) for key, item in rest.items()}


def _from_csv(rest: dict[str, Any], path: KeyPath, document: Document, folder: Path, problems: list[Problem]) -> dict[str, Any]:
    name, column = rest.get("csv"), rest.get("column")
    others = {key: item for key, item in rest.items() if key not in ("csv", "column")}
    if not isinstance(name, str) or not isinstance(column, str):
        problems.append(document.problem(path, "csv and column go together, both as text; allowed: {csv: costs.csv, column: opex}"))
        return {"values": [0.0], **others}
    if Path(name).is_absolute() or ".." in Path(name).parts:
        problems.append(document.problem((*path, "csv"), f"leaves the project's folder, {given(name)}; allowed: a file beside the project"))
        return {"values": [0.0], **others}
    try:
        return {"values": read_column(folder / name, column), **others}
    except InputError as error:
        problems.append(document.problem((*path, "csv"), f"the CSV file has {len(error.problems)} problem(s), listed under its own name"))
        problems.extend(error.problems)
        return {"values": [0.0], **others}


def _canonical_values(value: Any, folder: Path) -> Any:
    """The document's data with CSV columns resolved and doubtful dates as text, ready for JSON."""
    if isinstance(value, list):
        return [_canonical_values(item, folder) for item in value]
    if isinstance(value, dict):
        if "csv" in value and isinstance(value["csv"], str):
            others = {key: item for key, item in value.items() if key not in ("csv", "column")}
            return {"values": read_column(folder / value["csv"], value["column"]), **{k: _canonical_values(v, folder) for k, v in others.items()}}
        return {key: _canonical_values(item, folder) for key, item in value.items()}
    return value.text if isinstance(value, Doubtful) else value


def _scenarios(project: Project) -> list[tuple[KeyPath, dict[str, Any]]]:
    raw = project._origin.document.data.get("scenarios", {})
    return [((name,), {k: v for k, v in change.items() if k not in ("title", *PROVENANCE)}) for name, change in raw.items()]


def _range_ends(project: Project) -> list[tuple[KeyPath, dict[str, Any]]]:
    ends = []
    for key, ends_of_key in project._origin.document.data.get("ranges", {}).items():
        for end in ("low", "high"):
            if isinstance(ends_of_key, dict) and end in ends_of_key and _is_known(project, key):
                change: Any = ends_of_key[end]
                for part in reversed(key.split(".")):
                    change = {part: change}
                ends.append(((key, end), change))
    return ends


def _is_known(project: Project, key: str) -> bool:
    try:
        value_at(project, key)
    except KeyError:
        return False
    return True


def range_of(project: Project, key: str) -> tuple[float, float]:
    """Low and high of a plausible range, in the input's own type."""
    origin: Origin = project._origin
    found = []
    for (range_key, _), change in _range_ends(project):
        if range_key == key:
            shifted, _ = _validate(_overlaid(origin.document, change, ("ranges", key)), origin.path, origin.district_raw)
            found.append(value_at(shifted, key))
    return found[0], found[1]


def _range_problems(project: Project, document: Document) -> list[Problem]:
    problems = []
    for key, ends in project.ranges.items():
        where = ("ranges", key)
        try:
            base = value_at(project, key)
        except KeyError as error:
            problems.append(document.problem(where, error.args[0]))
            continue
        if set(ends) != {"low", "high"}:
            problems.append(document.problem(where, f"{given(sorted(ends))}; allowed: low and high"))
            continue
        try:
            low, high = range_of(project, key)
        except (IndexError, AttributeError):
            continue  # an end was refused, and is reported already
        if not low <= base <= high or low == high:
            problems.append(document.problem(where, f"the file's own value {base:g} must lie between low {low:g} and high {high:g}"))
    return problems


def _overlaid(document: Document, change: dict[str, Any], where: KeyPath) -> Document:
    """The document with a change merged in; changed keys keep the place where the change is written."""
    data = copy.deepcopy(document.data)
    places = dict(document.places)

    def merge(base: dict[str, Any], over: dict[str, Any], path: KeyPath) -> None:
        for key, value in over.items():
            here = (*path, key)
            places[here] = document.place((*where, *here))
            old = base.get(key)
            if isinstance(value, dict) and not isinstance(old, dict) and old is not None and "value" not in value:
                old = {"values": old} if isinstance(old, list) else {"start": old}
                base[key] = old if set(value) <= {"times", "growth"} else {}
            if isinstance(value, dict) and isinstance(base.get(key), dict):
                if "start" in value or "values" in value or "csv" in value:
                    for other in {"start", "values", "csv", "column"} - set(value):
                        base[key].pop(other, None)
                merge(base[key], value, here)
            else:
                base[key] = copy.deepcopy(value)
                _place_below(value, here)

    def _place_below(value: Any, here: KeyPath) -> None:
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in children:
            places[(*here, key)] = document.place((*where, *here, key))
            _place_below(child, (*here, key))

    merge(data, change, ())
    return Document(document.file, data, places)


def _translate(error: dict[str, Any], data: Any, document: Document, model: type[BaseModel]) -> Problem:
    """One of pydantic's errors in the words of this project, at its place in the file."""
    path = _path_in_file(error["loc"], data)
    kind, value = error["type"], error.get("input")
    owner = _model_at(model, error["loc"][:-1])
    last = str(error["loc"][-1]) if error["loc"] else ""
    known = list(owner.model_fields) if owner else []
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        message = f"unknown key{_nearest(last, known)}; allowed here: {', '.join(known)}"
    elif kind == "missing":
        info = owner.model_fields.get(last) if owner else None
        message = f"is missing; wanted: {(info.description or '').rstrip('.') if info else 'a value'}"
    elif kind in ("literal_error", "union_tag_invalid"):
        allowed = context.get("expected") or context.get("expected_tags", "")
        allowed = allowed.replace("'", "").replace(" or ", ", ")
        shown = context.get("tag", value)
        if kind == "union_tag_invalid":
            path = (*path, "kind")
        options = [option.strip() for option in allowed.split(",")]
        message = f"is not one of the choices, {given(shown)}{_nearest(str(shown), options)}; allowed: {allowed}"
    elif kind == "union_tag_not_found":
        message = "kind is missing; allowed: user_pay, government_pay, viability_gap, availability"
    elif kind == "value_error":
        message = str(context.get("error", error["msg"]))
    elif kind == "string_pattern_mismatch":
        message = f"has the wrong form, {given(value)}; allowed: text like {_example(context.get('pattern', ''))}"
    elif kind in ("dict_type", "model_type", "model_attributes_type"):
        message = f"must hold keys and values, {given(value)}"
    elif kind == "list_type":
        message = f"must be a list, {given(value)}; allowed: [a, b, ...]"
    elif kind in ("too_short", "too_long"):
        message = f"has {context.get('actual_length')} entries; allowed: {context.get('min_length', 0)} to {context.get('max_length', 'any number')}"
    elif kind.startswith("string"):
        message = f"is not text, {given(value)}; allowed: text; put it in quotes"
    elif kind.startswith(("int", "float", "greater", "less")):
        message = f"is not an allowed number, {given(value)}; {error['msg'].lower()}"
    else:
        message = f"{error['msg']}, {given(value)}"
    return document.problem(path, message) if path in document.places else _missing(document, path, message)


def _missing(document: Document, path: KeyPath, message: str) -> Problem:
    return Problem(document.file, *document.place(path[:-1]), dotted(path), message)


def _example(pattern: str) -> str:
    return {"^[A-Z]{3}$": "CNY"}.get(pattern, '"1234.5" or "15.0%", in quotes')


def _nearest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def _path_in_file(loc: tuple[str | int, ...], data: Any) -> KeyPath:
    """pydantic's location without the names of union members and functions, which stand in no file."""
    path: KeyPath = ()
    here = data
    for index, part in enumerate(loc):
        if isinstance(here, dict) and part in here or isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
            path = (*path, part)
        elif index == len(loc) - 1 and isinstance(part, str) and isinstance(here, dict):
            path = (*path, part)
    return path


def _model_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    here: Any = model
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            info = here.model_fields.get(str(part))
            if info is None:
                return None
            here = info.annotation
        else:
            here = _member(here, part)
        if here is None:
            return None
    found = [m for m in _models(here)]
    return found[0] if len(found) == 1 else None


def _member(annotation: Any, part: str | int) -> Any:
    models = _models(annotation)
    for member in models:
        kind = member.model_fields.get("kind")
        if kind is not None and part in typing.get_args(kind.annotation):
            return member
    if typing.get_origin(annotation) in (dict, list):
        return annotation
    if len(models) == 1:
        info = models[0].model_fields.get(str(part))
        return info.annotation if info else models[0]
    return None


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (typing.Annotated, typing.Union, types.UnionType, list, dict):
        return [m for argument in typing.get_args(annotation) for m in _models(argument)]
    return []
