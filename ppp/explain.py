"""Check plain data against a model; say what is wrong in the words of this project, once for each mistake."""

from __future__ import annotations

import re
import types
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from ppp.broken_yaml import full_width
from ppp.hints import closest, everyday, nearest
from ppp.quantities import given
from ppp.reading import EMPTY, UNREADABLE, Doubtful, KeyPath

Finding = tuple[KeyPath, str]  # where in the data, and what is wrong
Model = TypeVar("Model", bound=BaseModel)

MOST_EXPLAINED = 100
COMMA = " (a comma ends a value in braces: write 1,620 as 1620, and a text that holds a comma in quotes)"
MOST_LISTED = 20  # keys of a section that are listed beside the one that was meant
_EXAMPLES = {"^[A-Z]{3}$": "CNY"}  # of text with a pattern; the others are printed figures


class AlreadyRefused(Exception):
    """What was asked for depends on a value that was refused, so nothing can be said about it."""


class Refused:
    """Stands in a model for a value that was refused: whoever looks into it gets AlreadyRefused.

    So the cross-checks that do not need the value still run, and those that do add no complaint of their own.
    """

    def _look(self, *_: Any) -> Any:
        raise AlreadyRefused

    __getattr__ = __getitem__ = __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _look
    __bool__ = __iter__ = __len__ = __contains__ = __format__ = __str__ = __float__ = _look


def checked(model: type[Model], data: dict[str, Any]) -> tuple[Model, list[Finding]]:
    """The model made from `data`, and what is wrong with it; parts with something wrong hold a Refused."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    broken = {str(error["loc"][0]) for error in errors if error["loc"]}
    broken |= {
        str(loc[0]) for loc in _misspelt(errors, model) if len(loc) == 1
    }  # a section that stands under another name
    sound = {
        name: adapter.validate_python(data[name])
        for name, adapter in _fields(model).items()
        if name in data and name not in broken
    }
    refused = {name: Refused() for name in broken if name in model.model_fields}
    told = [error for error in _without_twins(errors, model) if not _is_known(error)]
    findings = [_explained(error, data, model) for error in told[:MOST_EXPLAINED]]
    if len(told) > MOST_EXPLAINED:
        findings.append(((), f"{len(told) - MOST_EXPLAINED} more problems follow: mend these first"))
    return model.model_construct(**sound, **refused), findings


@cache
def _fields(model: type[BaseModel]) -> dict[str, TypeAdapter]:
    return {name: TypeAdapter(Annotated[info.annotation, info]) for name, info in model.model_fields.items()}


def _meant(word: str, owner: type[BaseModel] | None, model: type[BaseModel], section: tuple[str | int, ...]) -> str:
    """What an unknown key stands for: one of this section, perhaps in Chinese; one that the section has when it is of another kind; one
    of another section; one typed in full width."""
    if owner is None:
        return full_width(word)
    if key := _key_like(word, owner):
        return f"; did you mean {key}?"
    if odd := full_width(word):
        return odd
    if word.isdigit():
        return COMMA
    if kinds := _kinds_with(word, model, section):
        return f"; it belongs to kind {' or '.join(kinds)} of {section[-1]}: leave it out, or change kind"
    homes = [home for home in _sections_with(word, model) if home]
    return f"; it is a key of {' and of '.join(homes)}: mind the section it stands in" if 0 < len(homes) <= 3 else ""


def _key_like(word: str, owner: type[BaseModel]) -> str | None:
    """The key of a section that is spelt most like a word, or that a Chinese word names: the first words of its description."""
    if word.isascii():
        return closest(word, list(owner.model_fields))
    plain = unicodedata.normalize("NFKC", word).strip()
    if plain in owner.model_fields:
        return plain
    spoken = re.sub(r"[^\u4e00-\u9fff]", "", plain)
    named = {key: (info.description or "").rpartition(". ")[2] for key, info in owner.model_fields.items()}
    return next((key for key, words in named.items() if len(spoken) > 1 and words.startswith(spoken)), None)


def _kinds_with(key: str, model: type[BaseModel], section: tuple[str | int, ...]) -> list[str]:
    """The kinds of a section of the file that take a key; none where the section has no kinds."""
    info = model.model_fields.get(str(section[0])) if len(section) == 1 else None
    members = models_in(info.annotation) if info else []
    takers = [member for member in members if key in member.model_fields and "kind" in member.model_fields]
    return [str(kind) for member in takers for kind in get_args(member.model_fields["kind"].annotation)]


@cache
def _sections_of(model: type[BaseModel], path: str = "", levels: int = 3) -> tuple[tuple[str, frozenset[str]], ...]:
    """(dotted path, its keys) of every section of a file, by name: not those below a list or a table of names."""
    found = [(path, frozenset(model.model_fields))]
    for key, info in model.model_fields.items() if levels else ():
        if not _is_table(info.annotation):
            below = f"{path}.{key}" if path else key
            for member in models_in(info.annotation):
                found += _sections_of(member, below, levels - 1)
    return tuple(found)


def _sections_with(key: str, model: type[BaseModel]) -> list[str]:
    return list(dict.fromkeys(path for path, keys in _sections_of(model) if key in keys))


def _misspelt(errors: list[Any], model: type[BaseModel]) -> set[tuple[str | int, ...]]:
    """Where a key stands that was meant by an unknown one."""
    meant = set()
    for error in [error for error in errors if error["type"] == "extra_forbidden"][:MOST_EXPLAINED]:
        owner = _model_at(model, error["loc"][:-1])
        if owner and (key := _key_like(str(error["loc"][-1]), owner)):
            meant.add((*error["loc"][:-1], key))
    return meant


def _without_twins(errors: list[Any], model: type[BaseModel]) -> list[Any]:
    """A misspelt key is unknown, and the key that was meant is missing: one mistake, told by the first."""
    meant = _misspelt(errors, model)
    return [error for error in errors if error["type"] != "missing" or error["loc"] not in meant]


def unknown(key: str, what: str, known: Iterable[str]) -> str:
    """The message for a name that is none of the known ones."""
    return f"is not {what}{nearest(key, list(known))}; allowed: {', '.join(known)}"


def _is_known(error: dict[str, Any]) -> bool:
    """Whether the error is about a value that was refused in reading."""
    value = error.get("input")
    return value is UNREADABLE or (
        error["type"].startswith("union_tag") and isinstance(value, dict) and value.get("kind") is UNREADABLE
    )


def _explained(error: dict[str, Any], data: Any, model: type[BaseModel]) -> Finding:
    path = _path_in_file(error["loc"], data)
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    last = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        owner = _model_at(model, error["loc"][:-1])
        known = list(owner.model_fields) if owner else []
        meant = _meant(last, owner, model, path[:-1])
        if meant and len(known) > MOST_LISTED:
            return path, f"unknown key{meant}"
        return path, f"unknown key{meant}; allowed here: {', '.join(known)}"
    if kind == "missing":
        owner = _model_at(model, error["loc"][:-1])
        info = owner.model_fields.get(last) if owner else None
        wanted = info.description.rstrip(".") if info and info.description else "a value"
        return path, f"is missing; wanted: {wanted}"
    if kind == "union_tag_not_found":
        choices = [tag for member in models_in(_annotation_at(model, error["loc"])) for tag in _kinds(member)]
        return (*path, "kind"), f"is missing; allowed: {', '.join(choices)}"
    if kind == "union_tag_invalid":
        path, value = (*path, "kind"), value["kind"]
    if kind in ("literal_error", "union_tag_invalid"):
        expected = context.get("expected") or context["expected_tags"]
        choices = [choice.strip().strip("'") for choice in expected.replace(" or ", ", ").split(",")]
        return path, _not_one_of(value, choices)
    return path, _reason(error, model)


def _not_one_of(value: Any, choices: list[str]) -> str:
    allowed = f"allowed: {', '.join(choices)}"
    if isinstance(value, Doubtful):
        return f"{_doubt(value)}; {allowed}"
    meant = everyday(str(value), choices) or nearest(str(value), choices)
    return f"is not one of the choices, {given(value)}{meant}; {allowed}"


def _doubt(value: Doubtful) -> str:
    return value.why if value.why == EMPTY else f"{value.why}, {given(value)}"


def _section_like(loc: tuple[str | int, ...], model: type[BaseModel]) -> str:
    """How the section at a pydantic location begins: its keys where they are known by name."""
    owner = _model_at(model, loc)
    if owner is None or _is_table(_annotation_at(model, loc)):
        return "{key: value, ...}"
    return f"keys below it, indented: {', '.join(owner.model_fields)}"


def _reason(error: dict[str, Any], model: type[BaseModel]) -> str:
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    said, path = error["msg"], error["loc"]
    if kind == "value_error":
        return str(context["error"])
    what = {"dict_type": "keys and values", "model_type": "keys and values", "list_type": "a list"}.get(kind)
    what = "keys and values" if kind == "model_attributes_type" else what
    if what:
        allowed = "[a, b, ...]" if what == "a list" else _section_like(path, model)
        odd = full_width(value) if isinstance(value, str) else ""
        wrong = _doubt(value) if isinstance(value, Doubtful) else f"must be {what}, {given(value)}{odd}"
        return f"{wrong}; allowed: {allowed}"
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length", 0), context.get("max_length")
        allowed = f"{least} to {most}" if most is not None else f"{least} or more"
        return f"has {context.get('actual_length')} entries; allowed: {allowed}"
    if kind == "string_pattern_mismatch":
        example = _EXAMPLES.get(context["pattern"], '"1234.5" or "15.0%", in quotes')
        hint = everyday(str(value), [example])
        return f"has the wrong form, {given(value)}{hint}; allowed: text like {example}"
    if isinstance(value, Doubtful):
        return f"{_doubt(value)}; allowed: {'text, in quotes' if kind.startswith('string') else 'a plain value'}"
    if kind.startswith("string"):
        return f"is not text, {given(value)}; allowed: text, in quotes"
    return f"{said[:1].lower()}{said[1:]}, {given(value)}"


def _path_in_file(loc: tuple[str | int, ...], data: Any) -> KeyPath:
    """pydantic's location without the names of union members and functions, which stand in no file."""
    path: KeyPath = ()
    here = data
    for index, part in enumerate(loc):
        is_item = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if is_item or (isinstance(here, dict) and part in here):
            here = here[part]
        elif index < len(loc) - 1 or not isinstance(here, dict) or part == "[key]":
            continue
        path = (*path, part)  # the last part may be a key that is missing
    return path


def _model_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    found = models_in(_annotation_at(model, loc))
    return found[0] if len(found) == 1 else None


def _annotation_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> Any:
    """The type declared at a pydantic location, where the kind of a union's member is a step of its own."""
    here: Any = model
    for part in loc:
        models = models_in(here)
        of_kind = [member for member in models if part in _kinds(member)]
        if of_kind:
            here = of_kind[0]
        elif isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[part].annotation if part in here.model_fields else None
        elif _is_table(here):
            here = models[0] if len(models) == 1 else None
        elif len(models) == 1:  # an optional section
            here = models[0].model_fields[part].annotation if part in models[0].model_fields else None
        else:
            here = None
    return here


def _is_table(annotation: Any) -> bool:
    """Whether the type is a list or mapping of something, perhaps optional."""
    if get_origin(annotation) in (Annotated, Union, types.UnionType):
        return any(_is_table(argument) for argument in get_args(annotation))
    return get_origin(annotation) in (list, dict)


def _kinds(model: type[BaseModel]) -> tuple[str, ...]:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind else ()


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models named in a type."""
    return list(_walk_models(annotation))


def _walk_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Annotated, Union, types.UnionType, list, dict):
        for argument in get_args(annotation):
            yield from _walk_models(argument)
