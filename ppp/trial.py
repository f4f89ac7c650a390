"""A project with changes that no file holds yet: what an analyst tries before saving it as a scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ppp import overlays
from ppp.draws import put
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.reading import dotted
from ppp.variants import validated


def nested(project: Project, changes: dict[str, Any]) -> dict[str, Any]:
    """Values at dotted keys as a scenario of the file writes them. Raises KeyError for a key that the project lacks."""
    found: dict[str, Any] = {}
    for key, value in changes.items():
        put(found, overlays.at(project, key)[0], value)
    return found


def tried(project: Project, changes: dict[str, Any]) -> Project:
    """The project with values at dotted keys over it and over the scenario that is applied: the scenario that saving them would give.

    changes: what a file would say there: a number, `5.5%`, `20 years`. Raises InputError with every problem of the result, each at the
    key where it lies and without a line, since no file holds it; KeyError for a key that the project lacks.
    """
    origin = project._origin
    base = origin.base or project
    said = base._origin.inputs.data["scenarios"][origin.scenario] if origin.scenario else {}
    whole = overlays.merged(said, nested(project, changes))
    change = overlays.scenario_change(whole)
    inputs = overlays.overlaid(origin.inputs, change, ())
    found, findings = validated(inputs, base.budget)
    if findings:
        raise InputError([Problem(origin.document.file, 0, 0, dotted(path), message) for path, message in findings])
    if whole.get("loan") == overlays.HELD:
        found._signed = base
    provenance = overlays.provenance_after(origin.inputs, change, origin.scenario or "")
    found._origin = replace(origin, provenance=provenance, base=base, change=change)
    return found
