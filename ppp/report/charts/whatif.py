"""One result along its inputs: a tornado of any result, and a spider of relative changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ppp.appraisal.whatif import Bar, Spider
from ppp.lines import RESULTS
from ppp.project import Project
from ppp.report.charts.sheet import DARK, GAP, INK, MARKED, PALE, WIDTH, Sheet, chart, numbered, rows, text_width, wrap
from ppp.report.charts.words import inside_sentence, money_in, number, percent, word
from ppp.report.words import Display, display_of, input_label

STILL = 1e-6  # of the widest swing: what moves less is not drawn
LOOKS = ("-", "--", "-.", ":")
MARKERS = "osD^vP*X"
GREYS = ("#1f4e79", "#b5482a", "#1a1a1a", "#8a5a00", "#595959", "#2e7d6b")


def bars(project: Project, result: str, found: list[Bar]):
    """The tornado of a result: a function of any argument and the language that draws it; None without bars that move it."""
    return lambda _, lang: _bars((project, result, found), lang)


def web(project: Project, found: Spider):
    """The spider of a result, as `bars`."""
    return lambda _, lang: _web((project, found), lang)


@dataclass(frozen=True)
class Scaled:
    """A result's values as drawn, the axis with its unit, and how one of them is written, alone and in a sentence."""

    values: np.ndarray
    axis: str
    write: Callable[[float], str]
    say: Callable[[float], str]


def _scaled(display: Display, result: str, values: np.ndarray, lang: str) -> Scaled:
    label, unit = RESULTS[result].label(lang), RESULTS[result].unit
    if unit == "money":
        money = money_in(display, values[np.isfinite(values)])
        scale = money.scale
        return Scaled(
            values / scale, money.of(label), lambda v: money.figure(v * scale), lambda v: money.say(v * scale)
        )
    write = (lambda v: percent(v, 2)) if unit == "rate" else (lambda v: number(v, 2))
    return Scaled(values, label, write, write)


@chart
def _bars(given: tuple[Project, str, list[Bar]], lang: str) -> Sheet | None:
    project, result, found = given
    most = max((bar.swing for bar in found), default=0.0)
    found = [bar for bar in found if bar.swing > STILL * most][:12]
    if not found:
        return None
    display = display_of(project, lang)
    ends = np.array([[bar.at_low, bar.at_base, bar.at_high] for bar in found])
    scaled = _scaled(display, result, ends, lang)
    values = scaled.values
    label = RESULTS[result].label(lang)
    name = input_label(found[0].key, project, lang)
    low, high = (scaled.say(float(end(values[0]))) for end in (np.nanmin, np.nanmax))
    title = word("bars_title", lang, name=name, result=inside_sentence(label, lang), low=low, high=high)
    labels = [wrap(input_label(bar.key, project, lang), 128.0) for bar in found]
    row = max(22.0, 6.0 + 11.0 * max(map(len, labels)))
    sheet = Sheet(title, "alt.bars", row * len(found) + 56.0, flat=True)
    (panel,) = sheet.panels
    at = rows(panel, ["\n".join(lines) for lines in labels])
    base = float(values[0, 1])
    same_side = (values[:, 0] - base) * (values[:, 2] - base) > 0.0
    thick = np.where(same_side, 0.34, 0.6)
    said = [[display.input_value(bar.key, bar.low), display.input_value(bar.key, bar.high)] for bar in found]
    for end, (key, look, column) in enumerate((("at_low", PALE, 0), ("at_high", DARK, 2))):
        height = at + same_side * (0.19, -0.19)[end]
        known = np.where(np.isfinite(values[:, column]), values[:, column], base)
        panel.barh(height, known - base, thick, base, label=word(key, lang), **look)
        for y, value, other, text in zip(height, known, values[:, 2 - column], said, strict=True):
            leftward = value < base if value != base else other > base or (other == base and end == 0)
            box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.8}
            place = {"textcoords": "offset points", "ha": "right" if leftward else "left", "va": "center", "bbox": box}
            panel.annotate(text[end], (value, y), (-3.0 if leftward else 3.0, 0.0), **place)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = max(text_width(text) for pair in said for text in pair) + GAP
    beyond = ((high - low) or 1.0) * room / (WIDTH - 160.0 - 2 * room)
    panel.set_xlim(low - beyond, high + beyond)
    panel.axvline(base, **MARKED)
    sheet.marks(panel, [(base, word("base_at", lang, value=scaled.write(base)))])
    panel.set_xlabel(scaled.axis)
    if RESULTS[result].unit == "rate":
        numbered(panel.xaxis, percent)
    return sheet


@chart
def _web(given: tuple[Project, Spider], lang: str) -> Sheet | None:
    project, found = given
    reach = {i: float(np.nanmax(found.values[i]) - np.nanmin(found.values[i])) for i in range(len(found.keys))}
    moving = [i for i in reach if reach[i] > STILL * max(reach.values())]
    if not moving:
        return None
    moving.sort(key=lambda i: -reach[i])
    moving = moving[: len(GREYS)]
    scaled = _scaled(display_of(project, lang), found.result, found.values, lang)
    label = inside_sentence(RESULTS[found.result].label(lang), lang)
    name = input_label(found.keys[moving[0]], project, lang)
    sheet = Sheet(word("web_title", lang, name=name, result=label), "alt.web", 220.0)
    (panel,) = sheet.panels
    for place, i in enumerate(moving):
        key = found.keys[i]
        look = {
            "color": GREYS[place],
            "linestyle": LOOKS[place % len(LOOKS)],
            "marker": MARKERS[place],
            "markersize": 3.5,
        }
        panel.plot(found.changes, scaled.values[i], linewidth=1.2, label=input_label(key, project, lang), **look)
    panel.axvline(0.0, color=INK, linewidth=0.9)
    panel.set_title(scaled.axis)
    panel.set_xlabel(word("web_axis", lang))
    numbered(panel.xaxis, percent)
    if RESULTS[found.result].unit == "rate":
        numbered(panel.yaxis, percent)
    return sheet
