"""What a search for an input says to the analyst who asked, in words."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.solve import TERM, Solution
from ppp.lines import RESULTS
from ppp.loading import value_at
from ppp.overlays import at
from ppp.project import Project
from ppp.quantities import SCALES, Profile
from ppp.report.words import Display, display_of, input_label, word


def answer(project: Project, solution: Solution, lang: str = "en") -> str:
    """The value found, what it means, and the scenario that holds it; or why no value reaches the target, with what was tried."""
    display = display_of(project, lang)
    unit = RESULTS[solution.result].unit
    said = {
        "input": _name(project, solution.key, lang),
        "result": RESULTS[solution.result].label(lang),
        "target": display.value(unit, float(solution.target[0])),
    }
    if not solution.reached[0]:
        return "\n".join([word("solve.unreached", lang, **said), *_tried(project, solution, display)])
    value = float(solution.values[0])
    lines = [word("solve.reached", lang, value=_value(project, solution.key, value, display), **said)]
    if solution.several[0]:
        lines.append(word("solve.several", lang))
    if solution.key == TERM:
        return "\n".join([*lines, *_scenario(["timeline", "operation"], f"{value:.0f} months")])
    return "\n".join([*lines, *_scenario(solution.key.split("."), f"{value:.12g}")])


def _name(project: Project, key: str, lang: str) -> str:
    return word("solve.term", lang) if key == TERM else input_label(key, project, lang)


def _value(project: Project, key: str, value: float, display: Display) -> str:
    """A value as an analyst reads it: a factor with the first year that it gives."""
    if key == TERM:
        return display.length(int(value))
    shown = display.input_value(key, value)
    holder = at(project, key.rpartition(".")[0])[1]
    if not (key.endswith(".times") and isinstance(holder, Profile)):
        return shown
    first = value * (holder.start if holder.start is not None else holder.values[0])
    amount = f"{first:,.6g}" if "tariff" in key or "demand" in key else display.money(first * SCALES[project.unit])
    return word("solve.factor", display.lang, factor=f"{value:.6g}", now=f"{value_at(project, key):.6g}", first=amount)


def _tried(project: Project, solution: Solution, display: Display) -> list[str]:
    """Some of the values tried and the result at each, so that one sees why none reaches the target."""
    unit = RESULTS[solution.result].unit
    rows = np.unique(np.linspace(0, solution.tried.size - 1, 9).astype(int))
    return [
        f"  {_value(project, solution.key, float(solution.tried[row]), display)}: "
        f"{display.value(unit, float(solution.found[row, 0]))}"
        for row in rows
    ]


def _scenario(path: list[str], value: str) -> list[str]:
    """The scenario that holds the answer, as a project file writes it."""
    lines = ["", "scenarios:", "  solved:"]
    for depth, part in enumerate(path[:-1]):
        lines.append(f"{'  ' * (depth + 2)}{part}:")
    return [*lines, f"{'  ' * (len(path) + 1)}{path[-1]}: {value}"]
