"""How firm value for money is: along its rates, over the range of each input, and over all draws."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.sensitivity import Response
from ppp.databook import kind_of
from ppp.project import Project
from ppp.quantities import SCALES
from ppp.report.charts.sheet import (
    DARK,
    GAP,
    INK,
    LOSING,
    MARKED,
    PALE,
    RED,
    WIDTH,
    Sheet,
    chart,
    numbered,
    rows,
    text_width,
    wrap,
)
from ppp.report.charts.words import inside_sentence, money_for, number, percent, word
from ppp.report.words import input_label


@chart
def rates(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Value for money along the discount rate and the profit rate, with the values at which it is zero.

    None without a comparator.
    """
    responses = [response for response in appraisal.rates if response.vfm is not None]
    if not responses:
        return None
    money = money_for(appraisal, lang, *[response.vfm for response in responses])
    base = float(appraisal.evaluation.vfm.amount[0])
    title = _rates_message(appraisal.project, responses, base, lang)
    sheet = Sheet(title, "alt.rates", 220.0, columns=len(responses), sharey=True)
    sheet.panels[0].set_title(money.of(word("vfm_axis", lang)), pad=28.0)  # above two rows of marks
    for panel, response in zip(sheet.panels, responses, strict=True):
        panel.grid(axis="x")
        for low, high in pairwise([response.grid[0], *sorted(response.switches), response.grid[-1]]):
            if np.interp((low + high) / 2, response.grid, response.vfm) < 0.0:
                panel.axvspan(low, high, label=word("losing", lang), **LOSING)
        panel.axhline(0.0, color=INK, linewidth=0.9)
        panel.plot(response.grid, response.vfm / money.scale, color=INK, linewidth=1.5)
        at_base = np.interp(response.base, response.grid, response.vfm) / money.scale
        panel.axvline(response.base, color=INK, linewidth=0.8, linestyle=(0, (1, 1.5)))
        panel.plot([response.base], [at_base], color=INK, marker="o", markersize=5.0)
        sheet.marks(panel, [(response.base, word("base_at", lang, value=percent(response.base)))], row=1)
        panel.plot(response.switches, np.zeros(len(response.switches)), "D", color=RED, markersize=4.5)
        switches = [(value, word("switch_at", lang, value=percent(value))) for value in response.switches]
        sheet.marks(panel, switches, color=RED)
        panel.set_xlim(response.grid[0], response.grid[-1])
        panel.set_xlabel(input_label(response.key, appraisal.project, lang))
        numbered(panel.xaxis, percent)
    return sheet


def _rates_message(project: Project, responses: Sequence[Response], base: float, lang: str) -> str:
    clauses = []
    for response in responses:
        if response.switches:
            nearest = min(response.switches, key=lambda value: abs(value - response.base))
            name = inside_sentence(input_label(response.key, project, lang), lang)
            side = "below" if nearest < response.base else "above"
            clauses.append(word(side, lang, name=name, value=percent(nearest)))
    if clauses:
        return word("rates_lost" if base >= 0.0 else "rates_won", lang, clauses=word("or", lang).join(clauses))
    return word("rates_positive" if base >= 0.0 else "rates_negative", lang)


@chart
def tornado(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Value for money at both ends of every range, the widest first. None without ranges or a comparator."""
    responses = [response for response in appraisal.ranges if response.vfm is not None]
    if not responses:
        return None
    base = float(appraisal.evaluation.vfm.amount[0])
    responses.sort(key=lambda r: -np.abs(r.vfm[[0, -1]] - base).max())
    money = money_for(appraisal, lang, base, *[r.vfm[[0, -1]] for r in responses])
    turned = [r for r in responses if r.switches or (r.vfm[[0, -1]] < 0.0).any() != (base < 0.0)]
    if turned:
        key = "tornado_lost" if base >= 0.0 else "tornado_won"
    else:
        key = "tornado_firm" if base >= 0.0 else "tornado_lost_anyway"
    name = input_label(responses[0].key, appraisal.project, lang)
    title = word(key, lang, name=name, count=len(turned), all=len(responses))

    named = [_input_ends(appraisal, response, lang) for response in responses]
    labels = [wrap(name, 128.0) for name, _ in named]
    row = max(22.0, 6.0 + 11.0 * max(map(len, labels)))
    sheet = Sheet(title, "alt.tornado", row * len(responses) + 56.0, flat=True)
    (panel,) = sheet.panels
    middle = base / money.scale
    reach = np.array([r.vfm[[0, -1]] for r in responses]) / money.scale
    low, high = min(reach.min(), middle, 0.0), max(reach.max(), middle, 0.0)
    span = (high - low) or 1.0
    reach[np.abs(reach - middle) < 1e-6 * span] = middle
    # a bar on either side of the base; where both ends lie on the same side, two thin ones
    same_side = (reach[:, 0] - middle) * (reach[:, 1] - middle) > 0.0
    at = rows(panel, ["\n".join(label) for label in labels])
    thick = np.where(same_side, 0.34, 0.6)
    for end, (key, look) in enumerate((("at_low", PALE), ("at_high", DARK))):
        height = at + same_side * (0.19, -0.19)[end]
        panel.barh(height, reach[:, end] - middle, thick, middle, label=word(key, lang), **look)
        for y, value, other, (_, said) in zip(height, reach[:, end], reach[:, 1 - end], named, strict=True):
            # an end that changes nothing is named on the side that the other end leaves free
            leftward = value < middle if value != middle else other > middle or (other == middle and end == 0)
            ha, offset = ("right", -3.0) if leftward else ("left", 3.0)
            box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.8}  # it may stand on a line
            place = {"textcoords": "offset points", "ha": ha, "va": "center", "bbox": box}
            panel.annotate(said[end], (value, y), (offset, 0.0), **place)
    room = max(text_width(text) for _, said in named for text in said) + GAP
    beyond = span * room / (WIDTH - 160.0 - 2 * room)  # the axis leaves room for the texts at the bars
    panel.set_xlim(low - beyond, high + beyond)
    panel.axvline(0.0, color=INK, linewidth=0.9)
    panel.axvline(middle, **MARKED)
    sheet.marks(panel, [(middle, word("base_at", lang, value=money.figure(base)))])
    panel.set_xlabel(money.of(word("vfm_axis", lang)))
    return sheet


def _input_ends(appraisal: Appraisal, response: Response, lang: str) -> tuple[str, list[str]]:
    """An input's name, with the unit if it is an amount, and both ends of its range as printed."""
    name, ends = input_label(response.key, appraisal.project, lang), response.grid[[0, -1]]
    match kind_of(response.key):
        case "rate":
            return name, [percent(end, 3) for end in ends]
        case "money":
            amounts = ends * SCALES[appraisal.project.unit]
            money = money_for(appraisal, lang, amounts)
            return money.of(name), [money.figure(amount) for amount in amounts]
    return name, [number(end, 4, trim=True) for end in ends]


@chart
def distribution(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Histogram of the simulated value for money, the part below zero hatched. None without simulation."""
    simulation = appraisal.simulation
    if simulation is None or simulation.vfm is None:
        return None
    vfm = simulation.vfm
    money = money_for(appraisal, lang, vfm)
    negative = simulation.failing.get("value_for_money", float(np.mean(vfm < 0.0)))
    quantiles = np.percentile(vfm, [5, 50, 95])
    values = {"share": percent(negative, 1), "draws": f"{simulation.draws:,}"}
    title = word("draws_negative", lang, median=money.say(quantiles[1]), **values)
    sheet = Sheet(title, "alt.distribution", 214.0)
    (panel,) = sheet.panels
    edges = _bins(vfm / money.scale)
    height = np.histogram(vfm / money.scale, edges)[0] / vfm.size
    lost = edges[1:] <= 0.5 * (edges[1] - edges[0])
    sides = (("below_zero", lost, negative, LOSING), ("not_below_zero", ~lost, 1.0 - negative, PALE))
    for key, chosen, share, look in sides:
        said = word(key, lang, share=percent(share, 1))
        panel.stairs(np.where(chosen, height, 0.0), edges, fill=True, baseline=0.0, label=said, **look)
    if edges[0] <= 0.0 <= edges[-1]:
        panel.axvline(0.0, color=INK, linewidth=0.9)
    for name, value in zip(("P5", "P50", "P95"), quantiles, strict=True):
        panel.axvline(value / money.scale, **MARKED)
        sheet.marks(panel, [(value / money.scale, word("named", lang, name=name) + money.figure(value))])
    panel.set_title(word("draws_axis", lang), pad=18.0)  # above the marks
    panel.set_xlabel(money.of(word("vfm_axis", lang)))
    numbered(panel.yaxis, percent)
    return sheet


def _bins(values: np.ndarray, about: int = 40) -> np.ndarray:
    """Edges of equal bins, one of them at zero where zero is in reach."""
    low, high = float(values.min()), float(values.max())
    step = (high - low) / about
    if step <= 1e-9 * max(abs(low), abs(high)):
        middle, step = (low + high) / 2, (abs(low) or 1.0) / 20
        return middle + step * np.array([-0.5, 0.5])
    if low <= 0.0 <= high:
        return step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)
    return np.linspace(low, high, about + 1)
