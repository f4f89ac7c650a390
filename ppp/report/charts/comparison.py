"""What each difference between two sides does to a result."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.side_by_side import Effect, Moved, SideBySide
from ppp.lines import RESULTS
from ppp.report.charts.sheet import DARK, INK, LOSING, SPENT, Sheet, chart, rows, wrap
from ppp.report.charts.words import inside_sentence, money_in, word
from ppp.report.inputs_in_words import difference_label, scenario_name
from ppp.report.words import display_of

MOST = 12  # differences that are drawn


def leading_of(shown: SideBySide) -> str | None:
    """The amount whose change is drawn: value for money, else shareholders' net present value."""
    return next((key for key in ("vfm_amount", "equity_npv", "fiscal_total") if key in shown.results), None)


def moved(shown: SideBySide, side: Moved):
    """A chart of one side's differences; None where there is nothing to tell apart."""
    return lambda _, lang: _moved((shown, side), lang)


@chart
def _moved(given: tuple[SideBySide, Moved], lang: str) -> Sheet | None:
    shown, side = given
    key = leading_of(shown)
    alone = [effect for effect in side.alone if effect.effects]
    if key is None or len(side.alone) < 2 or not alone or not np.isfinite(side.whole[key]):
        return None
    project = shown.sides[0].project
    alone.sort(key=lambda effect: -abs(effect.effects[key]))
    values = [(_name(effect, shown, lang), effect.effects[key]) for effect in alone[:MOST]]
    left = side.whole[key] - sum(value for _, value in values)
    money = money_in(display_of(project, lang), *[value for _, value in values], left, side.whole[key])
    values.append((word("moved_together", lang), left))
    lines = [wrap(name, 128.0) for name, _ in values]
    result = RESULTS[key].label(lang)
    title = word(
        "moved_down" if side.whole[key] < 0.0 else "moved_up",
        lang,
        side=scenario_name(side.side.project, side.side.name, lang),
        result=inside_sentence(result, lang),
        whole=money.say(abs(side.whole[key])),
        name=inside_sentence(values[0][0], lang),
        part=money.figure(values[0][1]),
    )
    row = max(20.0, 6.0 + 11.0 * max(map(len, lines)))
    sheet = Sheet(title, "alt.moved", row * len(values) + 46.0, flat=True)
    (panel,) = sheet.panels
    at = rows(panel, ["\n".join(label) for label in lines])
    size = np.array([value for _, value in values]) / money.scale
    for place, value, last in zip(at, size, [False] * (len(values) - 1) + [True], strict=True):
        panel.barh(place, value, 0.56, **(SPENT if last else LOSING if value < 0.0 else DARK))
        place_of = {"textcoords": "offset points", "ha": "right" if value < 0.0 else "left", "va": "center"}
        panel.annotate(
            money.figure(value * money.scale), (value, place), (-3.0 if value < 0.0 else 3.0, 0.0), **place_of
        )
    low, high = min(size.min(), 0.0), max(size.max(), 0.0)
    room = 0.16 * ((high - low) or 1.0)
    panel.set_xlim(low - (room if low < 0.0 else 0.0), high + room)
    panel.axvline(0.0, color=INK, linewidth=0.9)
    panel.set_xlabel(money.of(word("moved_axis", lang, result=result)))
    return sheet


def _name(effect: Effect, shown: SideBySide, lang: str) -> str:
    return difference_label(effect.difference.path, shown.sides[0].project, lang)
