"""Changes to a project: the merging of scenarios, the ends of ranges, and dotted keys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ppp.explain import AlreadyRefused, Refused
from ppp.hints import nearest
from ppp.project import Project
from ppp.provenance import Inputs
from ppp.quantities import Profile
from ppp.reading import UNREADABLE, Doubtful, KeyPath, dotted

UNCHANGEABLE = ("kind", "id", "district", "ranges", "scenarios", "simulation", "published")
ABOUT_SCENARIOS = ("title", "loan")  # what a scenario says of itself
RESIZED, HELD = "resized", "held"
# Weights add up to one, so none can vary alone; bids and routes stand beside the evaluation and move none of its results.
MOVES_NOTHING = ("qualitative", "bids", "routes", "compliance")
# A scenario that says one of the first drops the second from the file: other ways to say the same thing.
_INSTEAD = [
    ({"start"}, {"values"}),
    ({"values"}, {"start", "growth"}),
    ({"ratio"}, {"outcomes"}),
    ({"outcomes"}, {"ratio"}),
    ({"payments"}, {"demand", "demand_scale", "measure", "tariff"}),
    ({"demand", "tariff"}, {"payments"}),
]


def scenario_change(scenario: dict[str, Any]) -> dict[str, Any]:
    """What a scenario changes: all but what it says of itself."""
    return {key: value for key, value in scenario.items() if key not in ABOUT_SCENARIOS}


def range_change(path: KeyPath, end: Any) -> dict[str, Any]:
    """The change that puts one end of a range in."""
    for part in reversed(path):
        end = {part: end}
    return end


def overlaid(base: Inputs, change: dict[str, Any], where: KeyPath, target: KeyPath | None = None) -> Inputs:
    """The inputs with a change merged in. Only the changed keys have a place: that of the change, at `where`.

    With `target` the change is the single value at `where`, meant for that key of the file; else it is a copy
    of the file's own structure. What has no place of its own is so reported at the change as a whole.
    """
    if target is None:
        below = {path[len(where) :]: place for path, place in base.places.items() if path[: len(where)] == where}
    else:
        below = {(): base.places[where], target: base.places[where]}
    return Inputs(merged(base.data, change), below, base.provenance)


def provenance_after(base: Inputs, change: dict[str, Any], name: str) -> dict[str, dict[str, str]]:
    """What is said about the inputs under a scenario: its own sources, else the file's."""
    replaced = {dotted(path) for path in _replaced(change, ())}
    prefix = f"scenarios.{name}"
    kept = {key: said for key, said in base.provenance.items() if not _is_at_or_below(key, replaced)}
    own = {
        key.removeprefix(prefix).removeprefix("."): said
        for key, said in base.provenance.items()
        if key == prefix or key.startswith(prefix + ".")
    }
    # A source of the scenario as a whole is about its changes, not about the file.
    for key in replaced if "" in own else ():
        own.setdefault(key, own[""])
    own.pop("", None)
    return {**kept, **own}


def _is_at_or_below(key: str, paths: set[str]) -> bool:
    parts = key.split(".")
    return any(".".join(parts[:length]) in paths for length in range(1, len(parts) + 1))


def _replaced(change: dict[str, Any], path: KeyPath) -> list[KeyPath]:
    """The keys whose value a change replaces; a profile that is only multiplied keeps its source."""
    found: list[KeyPath] = []
    for key, value in change.items():
        if isinstance(value, dict) and not {"start", "values"} & set(value):
            found += _replaced(value, (*path, key))
        elif key != "times":
            found.append((*path, key))
    return found


def merged(base: Any, change: Any) -> Any:
    """`change` over `base`: keys by name, anything else replaced.

    A number or a list gives way to its long form where only `times` or `growth` is changed; another `kind`,
    or another way to say the same thing, takes the place of the old one.
    """
    if not isinstance(change, dict):
        return change
    if base is UNREADABLE:
        return base
    if not isinstance(base, dict):
        base = _long_form(base) if set(change) <= {"times", "growth"} else {}
    if "kind" in change and change["kind"] != base.get("kind"):
        base = {}
    dropped = {key for said, others in _INSTEAD if said & set(change) for key in others}
    kept = {key: value for key, value in base.items() if key not in dropped}
    return {**kept, **{key: merged(kept.get(key), value) for key, value in change.items()}}


def _long_form(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"values": value}
    is_number = isinstance(value, int | float | Doubtful) and not isinstance(value, bool)
    return {"start": value} if is_number else {}


def at(project: Project, key: str) -> tuple[KeyPath, Any]:
    """The path of a dotted key such as `operation.opex.growth`, and what stands there.

    Raises KeyError, with the nearest known key, when there is none; AlreadyRefused below a refused value.
    """
    here: Any = project
    path: KeyPath = ()
    rest = key.split(".")
    while rest:
        if isinstance(here, Refused):
            raise AlreadyRefused
        known = (
            list(type(here).model_fields)
            if isinstance(here, BaseModel)
            else list(here)
            if isinstance(here, dict)
            else []
        )
        # An identifier may hold dots itself: the longest that is known wins.
        taken = next((n for n in range(len(rest), 0, -1) if ".".join(rest[:n]) in known), 0)
        if not taken:
            raise KeyError(f"there is no input {key!r}: {rest[0]!r} is unknown{nearest(rest[0], known)}")
        part, rest = ".".join(rest[:taken]), rest[taken:]
        here = here[part] if isinstance(here, dict) else getattr(here, part)
        path = (*path, part)
    return path, here


def number_at(project: Project, key: str) -> tuple[KeyPath, float]:
    """As `at`, for an input that is a number. Raises KeyError also for one that is not, or that would move nothing."""
    path, value = at(project, key)
    if isinstance(value, Refused):
        raise AlreadyRefused
    if path[0] in (*UNCHANGEABLE, *MOVES_NOTHING):
        raise KeyError(f"{key!r} is not an input of the model")
    if path[-1] == "growth" and at(project, dotted(path[:-1]))[1].values is not None:
        raise KeyError(f"{key!r} moves nothing, because the file lists every year; vary its times")
    if isinstance(value, bool) or not isinstance(value, float):
        hint = f"; its parts are {', '.join(type(value).model_fields)}" if isinstance(value, BaseModel) else ""
        if isinstance(value, Profile):
            hint = f"; write {key}.times (a factor on every year) or {key}.start (the first year)"
        raise KeyError(f"{key!r} is not a number that can vary{hint}")
    return path, value
