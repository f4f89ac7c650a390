"""Inputs in words: what a file gives at a key, what the key is called, and what a side of a comparison is called."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from ppp.appraisal.side_by_side import DISTRICT, LOAN
from ppp.databook import description_of, kind_of, shown_form
from ppp.draws import NAMED
from ppp.project import Project
from ppp.reading import KeyPath, dotted
from ppp.report.words import Display, display_of, has_word, input_label, named_at, percent, word


def input_text(key: str, value: object, display: Display) -> str:
    """What a file gives at a key, in the file's own unit, as the databook lists it."""
    match value:
        case None:
            return "–"
        case bool():
            return str(value).lower()
        case str():
            return value
        case int():
            return display.value(kind, value) if (kind := kind_of(key)) in ("years", "months") else str(value)
        case float():
            return _number(value, kind_of(key))
        case {"en": _, "zh": _}:
            return display.text(value)
        case list() if all(isinstance(item, int | float) for item in value):
            return "; ".join(_number(float(item), kind_of(key)) for item in value)
        case {"start": start, "growth": growth}:
            return word("text.growing", display.lang, start=_number(start, kind_of(key)), growth=percent(growth))
        case [{"from_year": _, "rate": _}, *_]:
            steps = [
                word("text.rate_step", display.lang, rate=_number(s["rate"], "rate"), year=str(s["from_year"]))
                for s in value
            ]
            return "; ".join(steps)
        case [{"above": _, "government": _}, *_]:
            bands = [(input_text(f"{key}.above", b["above"], display), _number(b["government"], "rate")) for b in value]
            return "; ".join(word("text.band", display.lang, above=above, share=share) for above, share in bands)
        case [{"probability": _, "cost": _}, *_]:
            return "; ".join(f"{_number(o['probability'], 'rate')} × {o['cost']:,.10g}" for o in value)
        case {"profile": profile, "times": times}:
            return f"{input_text(key, profile, display)} × {times:g}"
        case [{}, *_]:
            return word("text.rows", display.lang, count=str(len(value)))
    return json.dumps(value, ensure_ascii=False)


def _number(value: float, kind: str) -> str:
    """As in the file: rates in percent, the rest as it stands there."""
    return f"{round(100.0 * value, 6):g}%" if kind == "rate" else f"{value:,.10g}"


def difference_label(path: KeyPath, project: Project, lang: str) -> str:
    """What an input is called where it may be any key of the file, a section too."""
    if path == LOAN:
        return word("compare.loan", lang)
    if path == DISTRICT:
        return word("input.district", lang)
    key = dotted(path)
    section, _, last = key.rpartition(".")
    if has_word(f"input.{key}") or has_word(f"part.{last}"):
        return input_label(key, project, lang)
    said = description_of(key)[lang == "zh"].split(";")[0] or key
    named = named_at(project, section)
    if named is not None:
        return word("input.of", lang, name=named[lang], part=said)
    return said


def difference_value(path: KeyPath, value: Any, project: Project, lang: str) -> str:
    """An input's value on one side, with its unit where it is an amount."""
    if path == LOAN:
        return word(f"compare.loan_{value}", lang)
    display, key = display_of(project, lang), dotted(path)
    if isinstance(value, bool | str):
        choice = str(value).lower() if isinstance(value, bool) else value
        return word(f"choice.{choice}", lang) if has_word(f"choice.{choice}") else choice
    if isinstance(value, float):
        return display.input_value(key, value)
    if isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
        return "; ".join(_part_text(item, display) for item in value.values())
    if isinstance(value, BaseModel) and isinstance(getattr(value, "name", None), dict):
        return _part_text(value, display)
    return input_text(key, shown_form(value), display)


def _part_text(part: BaseModel, display: Display) -> str:
    """A part of a file that another side lacks altogether: its name, or that it is there."""
    name = getattr(part, "name", None)
    return display.text(name) if name else word("choice.true", display.lang)


def scenario_name(project: Project, name: str, lang: str) -> str:
    """A side of a comparison by the title that its file gives the scenario."""
    display, base = display_of(project, lang), project._origin.base or project
    if name == "base":
        return word("meta.base", lang)
    if name in base.scenarios:
        return display.text(base.scenarios[name].get("title", name))
    one = NAMED.fullmatch(name)
    return word("meta.draw", lang, number=one["number"]) if one and not one["scenario"] else name
