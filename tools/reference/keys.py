"""Every key of a kind of file, from the models that read it: unit, what is allowed, default, meaning in both languages.

What is allowed is asked of the reader itself: it is shown a value that no key takes, and its complaint says what it would have taken.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from ppp.explain import models_in
from ppp.quantities import Kind, Profile
from reference.markdown import both, choices, code, escaped, table, written

HEAD = ("Key", "Unit and what is allowed", "Default", "Meaning", "含义")
NAME = "<name>"  # a key that the file chooses
WHOLE = "The file itself 文件顶层"
MONEY = "in the file's `unit`"
PROFILE_HEADING = "An amount over time 随时间变化的金额"
# what is not said by a type: keys that the file or its rule pack chooses
FREE = {
    ("Project", "ranges"): "`{low, high}` by the dotted key of a number of this file",
    ("Project", "scenarios"): "any keys of this file, by the scenario's name",
    ("Project", "regime"): "the name of a [rule pack](rules/index.md)",
    ("Project", "conventions"): "a choice by the name of a convention of the [rule pack](rules/index.md)",
}


@dataclass(frozen=True)
class Part:
    """A section of a file: where it stands, and the model that reads it."""

    path: str
    model: type[BaseModel]

    @property
    def heading(self) -> str:
        kind = kind_of(self.model)
        return (f"{self.path}, kind: {kind}" if kind else self.path) if self.path else WHOLE


Places = dict[type[BaseModel], Part]


def kind_of(model: type[BaseModel]) -> str | None:
    """Of the sections that a union offers, the word that chooses this one."""
    info = model.model_fields.get("kind")
    named = typing.get_args(info.annotation) if info and typing.get_origin(info.annotation) is Literal else ()
    return named[0] if len(named) == 1 else None


def parts(root: type[BaseModel]) -> list[Part]:
    """Every section of a file once, depth first, at the first place where it may stand."""
    return list(_parts(root, "", set()))


def _parts(model: type[BaseModel], path: str, seen: set[type[BaseModel]]) -> Iterator[Part]:
    if model in seen or issubclass(model, Profile):
        return
    seen.add(model)
    yield Part(path, model)
    for key, info in model.model_fields.items():
        here = f"{path}.{alias(key, info)}".lstrip(".") + (f".{NAME}" if _is_map(info.annotation) else "")
        for inner in models_in(info.annotation):
            yield from _parts(inner, here, seen)


def alias(key: str, info: FieldInfo) -> str:
    return info.alias or key


def keys_of(root: type[BaseModel]) -> str:
    """A heading and a table for each section of a file."""
    found = parts(root)
    place = {part.model: part for part in found}
    shown = []
    for part in found:
        level = "##" if part.path.count(".") - part.path.count(NAME) < 1 else "###"
        rows = [_row(part.model, key, info, place) for key, info in part.model.model_fields.items()]
        shown += [f"{level} {escaped(part.heading)}", table(HEAD, rows)]
    return "\n\n".join(shown)


def profile_keys() -> str:
    return table(HEAD, [_row(Profile, key, info, {}) for key, info in Profile.model_fields.items()])


def _row(model: type[BaseModel], key: str, info: FieldInfo, place: Places) -> tuple[str, ...]:
    described = info.description or (KIND if key == "kind" else "")
    english, chinese = both(described)
    taken = FREE.get((model.__name__, key)) or allowed(info, place)
    return code(alias(key, info)), taken, _default(info), escaped(english), escaped(chinese)


KIND = "Which of these sections is meant; it decides the other keys. 类型（决定其他字段）"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required 必填**"
    value = info.default
    if value is None or value in ({}, []):
        return "none 无"
    kind = _kind(info)
    if kind == "rate":
        return code(f"{value * 100:g}%")
    if kind in ("years", "months"):
        return code(f"{value} {kind}")
    return code(written(f"{value:g}" if isinstance(value, float) else value))


def _kind(info: FieldInfo) -> str | None:
    found = [item for item in info.metadata if isinstance(item, Kind)]
    return found[0].name if found else _inner_kind(info.annotation)


def _inner_kind(annotation: Any) -> str | None:
    for argument in typing.get_args(annotation):
        if isinstance(argument, Kind):
            return argument.name
        if found := _inner_kind(argument):
            return found
    return None


def allowed(info: FieldInfo, place: Places) -> str:
    """What a key takes, in words."""
    annotation = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return " or ".join(dict.fromkeys(_words(annotation, place)))


def _words(annotation: Any, place: Places) -> Iterator[str]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    bare = annotation if origin is not Annotated else arguments[0]
    if annotation is type(None):
        return
    if origin in (typing.Union, types.UnionType):
        for argument in arguments:
            yield from _words(argument, place)
    elif origin is Literal:
        yield f"one of {choices(arguments)}" if len(arguments) > 1 else code(written(arguments[0]))
    elif isinstance(bare, type) and issubclass(bare, BaseModel):
        yield _link(bare, place)
    elif origin is Annotated and not _reads(arguments[1:]):
        yield from _constrained(bare, arguments[1:], place)
    elif origin is list:
        yield "a list, each: " + " or ".join(_words(arguments[0], place))
    elif origin is dict and not _asked(annotation):
        yield f"entries under names of your choice ({code(NAME)}), each: " + " or ".join(_words(arguments[1], place))
    else:
        yield _asked(annotation) or escaped(str(annotation))


def _reads(metadata: tuple) -> bool:
    """Whether a value is read by a validator of ours, which says itself what it takes."""
    return any(isinstance(item, BeforeValidator) for item in metadata)


def _constrained(bare: Any, metadata: tuple, place: Places) -> Iterator[str]:
    limits = [item for info in metadata for item in (info.metadata if isinstance(info, FieldInfo) else [info])]
    pattern = next((item.pattern for item in limits if getattr(item, "pattern", None)), None)
    if pattern:
        yield f"text of the form {code(pattern)}"
        return
    least = next((item.min_length for item in limits if getattr(item, "min_length", None)), None)
    most = next((item.max_length for item in limits if getattr(item, "max_length", None)), None)
    count = "" if least is None else f" of {least} or more" if most is None else f" of {least} to {most}"
    for words in _words(bare, place):
        yield words.replace("a list,", f"a list{count},", 1)


def _link(model: type[BaseModel], place: Places) -> str:
    if issubclass(model, Profile):
        return f"[an amount over time](#{_slug(PROFILE_HEADING)})"
    heading = place[model].heading if model in place else None
    return f"[keys of {escaped(heading)}](#{_slug(heading)})" if heading else "keys and values"


def _slug(heading: str) -> str:
    """The anchor that a forge and MyST give a heading."""
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


def _is_map(annotation: Any) -> bool:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, Annotated):
        return any(_is_map(argument) for argument in typing.get_args(annotation))
    return typing.get_origin(annotation) is dict and bool(models_in(annotation))


class _Nothing:
    """A value that no key takes."""


def _asked(annotation: Any) -> str | None:
    """What the reader says it would have taken, with the unit of money; None where it says nothing of the kind."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    try:
        TypeAdapter(annotation, config={"arbitrary_types_allowed": True}).validate_python(_Nothing())
    except ValidationError as error:
        said = [str(each["ctx"]["error"]) for each in error.errors() if each["type"] == "value_error"]
        words = [message.rpartition("allowed: ")[2] for message in said if "allowed: " in message]
        if not words:
            return None
        # an amount's direction and unit are said once, above the tables
        return (
            f"{escaped(words[0].partition(';')[0])}, {MONEY}"
            if _inner_kind(annotation) == "money"
            else escaped(words[0])
        )
    return None


_PLAIN = {bool: "true or false", float: "a number", int: "a whole number", str: "text"}
