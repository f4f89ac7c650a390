"""The heat map of the risk register: how probable each risk is, what it costs if it happens, and who bears it."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.risk_register import likelihood
from ppp.report.charts.sheet import DARK, GAP, INK, Sheet, chart, numbered
from ppp.report.charts.words import money_for, percent, word

SHADES = ["#ffffff", "#fdf1e3", "#f9d9b8", "#f1b683"]  # of expected cost: each third of the dearest, and beyond


@chart
def heat_map(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Probability across, cost if it happens upward (present value), shaded by expected cost; a risk without probability is left out.

    None without a comparator or without such a risk."""
    comparison, project = appraisal.comparison, appraisal.project
    if comparison is None:
        return None
    placed = [
        (number, risk, chance)
        for number, risk in enumerate(comparison.risks, 1)
        if (chance := likelihood(project.risks[risk.key])) and risk.whole > 0.0
    ]
    if not placed:
        return None
    impact = np.array([risk.whole / chance for _, risk, chance in placed])
    money = money_for(appraisal, lang, impact)
    worst = max(placed, key=lambda entry: entry[1].whole)
    name = project.risks[worst[1].key].name[lang]
    side = "heat_company" if worst[1].company > worst[1].retained else "heat_government"
    title = word(side, lang, name=name, amount=money.say(worst[1].whole))
    sheet = Sheet(title, "alt.heat_map", 230.0)
    (panel,) = sheet.panels
    top = 1.25 * impact.max() / money.scale
    across, up = np.meshgrid(np.linspace(0.0, 1.0, 60), np.linspace(0.0, top, 60))
    dearest = worst[1].whole / money.scale
    levels = [0.0, dearest / 3.0, dearest * 2.0 / 3.0, dearest * 1.001, max(top, dearest * 1.01)]
    panel.contourf(across, up, across * up, levels=levels, colors=SHADES, zorder=0)
    looks = {
        "heat_by_company": {"facecolor": DARK["facecolor"], "edgecolor": INK},
        "heat_by_government": {"facecolor": "#ffffff", "edgecolor": INK},
    }
    for key, look in looks.items():
        own = [i for i, (_, r, _) in enumerate(placed) if (r.company > r.retained) == (key == "heat_by_company")]
        if own:
            at = [placed[i][2] for i in own]
            panel.scatter(at, impact[own] / money.scale, s=34, linewidths=1.0, zorder=3, label=word(key, lang), **look)
    for (number, _, chance), height in zip(placed, impact / money.scale, strict=True):
        place = {"textcoords": "offset points", "va": "center", "zorder": 4}
        panel.annotate(str(number), (chance, height), (GAP + 1.0, 0.0), **place)
    panel.set_xlim(0.0, 1.08)
    panel.set_ylim(0.0, top)
    panel.set_title(money.of(word("heat_cost", lang)))
    panel.set_xlabel(word("heat_probability", lang))
    panel.set_xticks(np.linspace(0.0, 1.0, 6))
    panel.xaxis.set_major_formatter(lambda value, _: percent(value, 0))
    numbered(panel.yaxis)
    return sheet
