"""The draws: how the leading result is distributed as an S-curve, and which random quantities drive it."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.importance import STILL, UNDEFINED
from ppp.appraisal.simulation import QUANTILES, Simulation
from ppp.appraisal.simulation_summary import leading
from ppp.lines import RESULTS
from ppp.report.charts.sheet import DARK, INK, MARKED, PALE, SPENT, Sheet, chart, numbered, rows, wrap
from ppp.report.charts.words import inside_sentence, money_for, percent, word
from ppp.report.words import random_label

CURVE = 201  # points of a curve


@chart
def s_curve(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Share of the draws below each value of the leading result, with the scatter of the scrambles. None without draws."""
    drawn = appraisal.simulation
    if drawn is None or leading(drawn) not in ("vfm_amount", "equity_npv"):
        return None
    key = leading(drawn)
    values = drawn.results[key]
    money = money_for(appraisal, lang, values)
    event, message = ("ppp_cheaper", "curve_vfm") if key == "vfm_amount" else ("equity_below_ask", "curve_equity")
    found = drawn.probability(event)
    share = found.value if key == "vfm_amount" else 1.0 - found.value
    title = word(message, lang, share=percent(share, 1), error=percent(found.error, 1))
    sheet = Sheet(title, "alt.s_curve", 190.0)
    (panel,) = sheet.panels
    at = np.linspace(values.min(), values.max(), CURVE)
    each = np.array([_below(values[s :: drawn.scrambles], at) for s in range(drawn.scrambles)])
    count = word("scrambles_band", lang, count=drawn.scrambles)
    panel.fill_between(at / money.scale, each.min(axis=0), each.max(axis=0), label=count, **SPENT)
    panel.plot(at / money.scale, _below(values, at), color=INK, linewidth=1.5, label=word("all_draws", lang))
    if at[0] <= 0.0 <= at[-1]:
        panel.axvline(0.0, color=INK, linewidth=0.9)
    marks = []
    for q in QUANTILES:
        value = float(np.quantile(values, q))
        panel.plot([value / money.scale] * 2, [0.0, q], **MARKED)
        marks.append((value / money.scale, word("named", lang, name=f"P{100 * q:.0f}") + money.figure(value)))
    sheet.marks(panel, marks)
    panel.set_ylim(0.0, 1.0)
    panel.set_title(word("curve_axis", lang), pad=18.0)
    panel.set_xlabel(money.of(word("vfm_axis" if key == "vfm_amount" else "equity_npv_axis", lang)))
    numbered(panel.yaxis, percent)
    return sheet


def _below(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(values), at, side="right") / values.size


@chart
def drivers(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Shares of the variance of the leading result by quantity, or rank correlations where it cannot be shared out. None without draws."""
    if appraisal.simulation is None:
        return None
    drawn: Simulation = appraisal.simulation
    found = appraisal.drivers[leading(drawn)]
    if found.why in (STILL, UNDEFINED):
        return None
    result = RESULTS[found.result].label(lang)
    names = found.ranked[:12]
    labels = {name: random_label(name, appraisal.project, lang) for name in names}
    lines = [wrap(labels[name], 128.0) for name in names]
    inside = inside_sentence(result, lang)
    by_shares = found.why is None
    if by_shares:
        title = word(
            "drivers_shares", lang, name=labels[names[0]], result=inside, share=percent(found.total[names[0]].value, 0)
        )
    else:
        title = word("drivers_ranks", lang, name=labels[names[0]], result=inside, rank=percent(found.rank[names[0]], 0))
    row = max(24.0, 6.0 + 11.0 * max(map(len, lines)))
    sheet = Sheet(title, "alt.drivers", row * len(names) + 50.0, flat=True)
    (panel,) = sheet.panels
    at = rows(panel, ["\n".join(label) for label in lines])
    if by_shares:
        for shares, key, look, offset in (
            (found.total, "driver_total", DARK, 0.18),
            (found.alone, "driver_alone", PALE, -0.18),
        ):
            size = np.array([shares[name].value for name in names])
            error = np.array([2.0 * shares[name].error for name in names])
            panel.barh(
                at + offset,
                size,
                0.32,
                label=word(key, lang),
                xerr=error,
                error_kw={"ecolor": INK, "elinewidth": 0.9},
                **look,
            )
        panel.set_xlabel(word("variance_axis", lang, result=result))
    else:
        panel.barh(at, [found.rank[name] for name in names], 0.5, **DARK)
        panel.axvline(0.0, color=INK, linewidth=0.9)
        panel.set_xlabel(word("rank_axis", lang, result=result))
    numbered(panel.xaxis, percent)
    return sheet
