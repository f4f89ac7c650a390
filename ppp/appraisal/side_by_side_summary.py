"""A comparison as plain data: money in base units, rates as fractions, inputs as their files have them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel

from ppp.appraisal.plain_data import number_or_none
from ppp.appraisal.side_by_side import SideBySide
from ppp.loading import input_hash
from ppp.reading import dotted


def kind_of_comparison(shown: SideBySide) -> str:
    """scenarios of one file, versions of one project, or projects."""
    if len({side.project.id for side in shown.sides}) > 1:
        return "projects"
    return "scenarios" if len({side.project._origin.document.file for side in shown.sides}) == 1 else "versions"


def summary_of(shown: SideBySide) -> dict[str, Any]:
    """What the comparison's report prints; null where a result does not exist."""
    return {
        "format": 1,
        "report": "comparison",
        "complete": True,  # every side is evaluated, or there is no comparison
        "kind": kind_of_comparison(shown),
        "sides": [
            {
                "name": side.name,
                "id": side.project.id,
                "title": side.project.name,
                "scenario": side.project._origin.scenario or "base",
                "input_hash": input_hash(side.project),
                "results": {key: number_or_none(value) for key, value in side.results.items()},
                "failing": list(side.failing),
            }
            for side in shown.sides
        ],
        "differences": [
            {"input": dotted(each.path), "values": [_plain(value) for value in each.values]}
            for each in shown.differences
        ],
        "moved": [
            {
                "side": moved.side.name,
                "whole": {key: number_or_none(value) for key, value in moved.whole.items()},
                "alone": [
                    {
                        "input": dotted(effect.difference.path),
                        "effects": None
                        if effect.effects is None
                        else {key: number_or_none(value) for key, value in effect.effects.items()},
                    }
                    for effect in moved.alone
                ],
                "together": {key: number_or_none(moved.together(key)) for key in moved.whole} if moved.alone else None,
            }
            for moved in shown.moved
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(item) for name, item in value if item is not None}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value
