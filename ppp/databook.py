"""The databook: every input of a project with its meaning, its value, where it came from, and whether it is a default."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from pydantic import BaseModel

from ppp.explain import models_in
from ppp.project import Project
from ppp.quantities import Kind, Profile

NOT_INPUTS = {
    "scenarios",
    "ranges",
    "simulation",
    "published",
    "confirmed_rules",
    "kind",
    "contract",
}  # contract: in its own report


@dataclass(frozen=True)
class Entry:
    """One input: dotted key, value in the file's own unit, description by language, provenance (source, date, signed_off_by)."""

    key: str
    value: Any
    en: str
    zh: str
    is_default: bool
    provenance: dict[str, str]


def databook(project: Project) -> list[Entry]:
    """Every input, in the order of the schema; a section that is absent and has no default is one entry without a value."""
    return list(_entries(project, "", project._origin.provenance))


def _entries(section: BaseModel, prefix: str, provenance: dict[str, dict[str, str]]) -> Iterator[Entry]:
    for name, info in type(section).model_fields.items():
        if not prefix and name in NOT_INPUTS:
            continue
        yield from _entry(
            getattr(section, name),
            f"{prefix}{name}",
            info.description or "",
            name not in section.model_fields_set,
            provenance,
        )


def _entry(
    value: Any, key: str, description: str, is_default: bool, provenance: dict[str, dict[str, str]]
) -> Iterator[Entry]:
    if isinstance(value, Profile) or not isinstance(value, BaseModel | dict) or _is_localised(value):
        yield Entry(key, _shown(value), *both_languages(description), is_default, _provenance(key, provenance))
    elif isinstance(value, dict):
        for name, item in value.items():
            for entry in _entry(item, f"{key}.{name}", description, False, provenance):
                yield _named(entry, item)
    else:
        for entry in _entries(value, f"{key}.", provenance):
            yield _within(entry, key, description) if "." in key and not hasattr(value, "name") else entry


def _within(entry: Entry, key: str, description: str) -> Entry:
    """An entry of a section within a section under the section's name, once: "cover" says little without its account."""
    if "." in entry.key.removeprefix(f"{key}."):
        return entry
    en, zh = both_languages(description)
    return replace(entry, en=f"{en.split(';')[0]}: {entry.en}", zh=f"{zh}：{entry.zh}")


def _named(entry: Entry, item: Any) -> Entry:
    """An entry of a named item, such as a risk, under the item's name."""
    name = getattr(item, "name", None)
    return entry if name is None else replace(entry, en=f"{name['en']}: {entry.en}", zh=f"{name['zh']}：{entry.zh}")


def _is_localised(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"en", "zh"}


def _shown(value: Any) -> Any:
    """A profile as its own short form: a number, a list, or start and growth."""
    if isinstance(value, Profile):
        if value.values is not None:
            form: Any = list(value.values)
        else:
            form = value.start if not value.growth else {"start": value.start, "growth": value.growth}
        return form if value.times == 1.0 else {"profile": form, "times": value.times}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, BaseModel):
        return {name: _shown(item) for name, item in value if item is not None}
    return value.isoformat() if isinstance(value, dt.date) else value


def _provenance(key: str, provenance: dict[str, dict[str, str]]) -> dict[str, str]:
    """Of the input itself, else of the nearest section around it that says one."""
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in provenance:
            return provenance[".".join(parts[:length])]
    return provenance.get("", {})


def both_languages(description: str) -> tuple[str, str]:
    """Split a schema description into its English and its Chinese part.

    >>> both_languages("Loan rate. 贷款利率")
    ('Loan rate', '贷款利率')
    """
    match = re.search(r"[\u3400-\u9fff]", description)
    if not match:
        return description.rstrip(". "), description.rstrip(". ")
    cut = description.rfind(". ", 0, match.start())
    cut = cut + 2 if cut >= 0 else match.start()
    return description[:cut].rstrip(". "), description[cut:].rstrip("。 ")


def shown_form(value: Any) -> Any:
    """A value of a file in its short form, as the databook lists it."""
    return _shown(value)


def description_of(key: str) -> tuple[str, str]:
    """What the schema says about a dotted key, in English and Chinese; empty where it says nothing."""
    here: Any = Project
    said = ""
    for part in key.split("."):
        for model in models_in(here):
            if part in model.model_fields:
                here, said = model.model_fields[part].annotation, model.model_fields[part].description or ""
                break
    return both_languages(said)


def kind_of(key: str) -> str:
    """How the number at a dotted key of a project file is shown: "rate", "money" or "plain" (see quantities.Kind)."""
    here: Any = Project
    shown = ""
    for part in key.split("."):
        here, marked = _inside(here, part)
        shown = marked if marked == "rate" or not shown else shown
    return shown or "plain"


def _inside(annotation: Any, part: str) -> tuple[Any, str]:
    """The type at one part of a key inside a type, and the kind marked on it; dictionaries and lists are passed through."""
    for model in models_in(annotation):
        if part in model.model_fields:
            info = model.model_fields[part]
            marks = [mark.name for mark in info.metadata if isinstance(mark, Kind)]
            return info.annotation, (marks or _marks(info.annotation) or [""])[0]
    return annotation, ""


def _marks(annotation: Any) -> list[str]:
    found = [mark.name for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Kind)]
    return found or [name for argument in get_args(annotation) for name in _marks(argument)]


def contract_book(project: Project) -> list[Entry]:
    """Every input of the section `contract`, for the report of a running contract."""
    provenance = project._origin.provenance
    return list(_entries(project.contract, "contract.", provenance)) if project.contract is not None else []
