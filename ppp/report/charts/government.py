"""The government's charts: value for money, its share of the budget, and the experts' scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.criteria import binding_cap
from ppp.lines import LINES, RESULTS
from ppp.quantities import SCALES
from ppp.report.charts.sheet import (
    DARK,
    EDGE,
    GAP,
    INK,
    LIMIT,
    PALE,
    RED,
    SAND,
    SPENT,
    TEXT,
    Sheet,
    area,
    calendar,
    chart,
    numbered,
    rows,
    stack,
    wrap,
)
from ppp.report.charts.words import money_for, number, percent, told_apart, word

PARTS = {  # of both sides of value for money
    "psc_capex": DARK,
    "optimism_bias": area("#7ba7cc", INK, "++"),
    "psc_running": PALE,
    "psc_revenue": area("#ffffff", INK, "\\\\\\\\"),
    "neutrality": area("#f0e442", INK),
    "tax_adjustment": area("#cc79a7", "#ffffff", "----"),
    "transferred_risk": area("#d55e00", "#ffffff", "////"),
    "retained_risk": area("#cccccc", INK, "xxxx"),
    "government_equity": area("#4d4d4d", "#ffffff", "||||"),
    "operating_subsidy": area("#009e73", "#ffffff"),
    "supporting_input": SAND,
}
THRESHOLDS = {
    "affordability_cap": {"color": RED, "linewidth": 1.5, "linestyle": "-"},
    "affordability_warning": {"color": RED, "linewidth": 1.1, "linestyle": (0, (6, 2))},
    "affordability_no_new_government_pay": {"color": RED, "linewidth": 1.1, "linestyle": (0, (1, 1.5))},
}


@chart
def value_for_money(appraisal: Appraisal, lang: str) -> Sheet | None:
    """PSC and PPP value by part, the difference between the totals marked. None without a comparator."""
    vfm = appraisal.evaluation.vfm
    if vfm is None:
        return None
    sides = [{k: worth[:1] for k, worth in s.items() if worth[0]} for s in (vfm.psc_parts, vfm.ppp_parts)]
    totals = np.array([vfm.psc[0], vfm.ppp_value[0]])
    money = money_for(appraisal, lang, *[sum(np.abs(worth) for worth in side.values()) for side in sides])
    amount, index = float(vfm.amount[0]), float(vfm.index[0])
    key = ("vfm_saves" if amount >= 0.0 else "vfm_costs") + ("" if np.isfinite(index) else "_plain")
    share = percent(abs(index)) if np.isfinite(index) else ""
    title = word(key, lang, amount=money.say(abs(amount)), index=share)

    sheet = Sheet(title, "alt.value_for_money", 170.0, flat=True)
    (panel,) = sheet.panels
    names = [RESULTS[result].label(lang) for result in ("psc", "ppp_value")]
    labels = ["\n".join([*wrap(n, 100.0), money.figure(t)]) for n, t in zip(names, totals, strict=True)]
    at = rows(panel, labels)
    for row, side, short in zip(at, sides, ("psc_short", "ppp_short"), strict=True):
        before = len(panel.patches)
        parts = [(key, worth / money.scale, PARTS[key]) for key, worth in side.items()]
        stack(panel, [row], parts, 0.5, flat=True)
        said = [f"{LINES[key].label(lang)} {money.figure(worth[0])}" for key, worth in side.items()]
        look = {"loc": "upper left", "title": word(short, lang), "alignment": "left", "title_fontsize": TEXT}
        sheet.figure.legend(panel.patches[before:], said, **look)
    panel.axvline(0.0, color=INK, linewidth=0.9)
    ends = totals / money.scale
    for end, low, high in zip(ends, (0.36, -0.34), (1.34, 0.64), strict=True):
        panel.plot([end, end], [low, high], color=INK, linewidth=1.4, solid_capstyle="butt")
    panel.plot(ends, [0.5, 0.5], color=INK, linewidth=1.4)
    text = word("vfm_difference", lang, value=money.figure(amount))
    panel.annotate(text, (ends.max(), 0.5), (GAP, 0.0), textcoords="offset points", va="center")
    panel.set_xlabel(money.of(word("present_value", lang)))
    return sheet


@chart
def fiscal_share(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Share of the budget by calendar year against the pack's thresholds. None without a district."""
    evaluation = appraisal.evaluation
    load, district = evaluation.load, evaluation.project.budget
    if load is None or district is None:
        return None
    rules = replace(evaluation.rules, used={})  # drawing a line is no use of a rule
    limits = {key: rules.value(key) for key in THRESHOLDS if rules.has(key)}
    cap = binding_cap(replace(evaluation, rules=rules)) if "affordability_cap" in limits else None
    existing, own = (load.existing / load.budget)[:, 0], (load.own / load.budget)[:, 0]

    title = _share_message(load.years, existing + own, cap, lang)
    sheet = Sheet(title, "alt.fiscal_share", 210.0)
    (panel,) = sheet.panels
    parts = [(word("existing", lang), existing, SPENT), (word("this_project", lang), own, DARK)]
    stack(panel, load.years, parts)
    last = max(district.budget, key=lambda entry: entry.year)
    level = last.expenditure * SCALES[district.unit]
    later = load.years >= last.year
    if level > 0.0 and np.count_nonzero(later) > 1:
        flat = (load.existing + load.own)[later, 0] / level
        look = {"color": INK, "linewidth": 0.9, "linestyle": (0, (3, 2))}
        panel.plot(load.years[later], flat, label=word("no_growth", lang, year=last.year), **look)
    ends = [(value, word(key, lang, share=percent(value)), THRESHOLDS[key]) for key, value in limits.items()]
    sheet.limits(panel, ends)
    panel.set_title(word("share_axis", lang))
    panel.set_ylim(bottom=0.0)
    numbered(panel.yaxis, percent)
    calendar(panel, load.years)
    return sheet


def _share_message(years: np.ndarray, share: np.ndarray, cap: float | None, lang: str) -> str:
    peak = int(np.argmax(share))
    values = {"year": years[peak], "peak": percent(share[peak])}
    if cap is None:
        return word("share_peaks", lang, **values)
    over = share > cap
    values["peak"], values["cap"] = told_apart(share[peak], cap, percent)
    if not over.any():
        return word("share_within", lang, **values)
    first = years[np.argmax(over)]
    return word("share_breaks", lang, count=np.count_nonzero(over), years=years.size, first=first, **values)


@chart
def qualitative(appraisal: Appraisal, lang: str) -> Sheet | None:
    """The experts' scores by indicator, mean and range, best first, with the pass mark. None without."""
    evaluation = appraisal.evaluation
    scores = sorted(evaluation.scores, key=lambda scored: -scored.mean)
    if not scores:
        return None
    rules = replace(evaluation.rules, used={})
    mark = rules.value("qualitative_pass_mark") if rules.has("qualitative_pass_mark") else None
    total = float(evaluation.results["qualitative_score"][0])
    called = {key: rule.name[lang] for key, rule in rules.pack.indicators.items()}
    names = [called.get(s.key, s.key) for s in scores]
    values = {"name": names[-1], "low": f"{scores[-1].mean:.1f}"}
    if mark is None:
        title = word("score_plain", lang, score=f"{total:.1f}", **values)
    else:
        score, said = told_apart(total, mark, number, 1)
        key = "score_passes" if total >= mark else "score_fails"
        title = word(key, lang, score=score, mark=said.removesuffix(".0"), **values)

    shares = [percent(s.weight) for s in scores]
    labels = [wrap(word("with_share", lang, name=n, share=w), 190.0) for n, w in zip(names, shares, strict=True)]
    row = max(17.0, 4.0 + 11.0 * max(map(len, labels)))
    sheet = Sheet(title, "alt.qualitative", row * len(scores) + 52.0, flat=True)
    (panel,) = sheet.panels
    at = rows(panel, ["\n".join(label) for label in labels])
    means, highest = [s.mean for s in scores], [s.highest for s in scores]
    dot = {"linestyle": "none", "marker": "o", "markersize": 4.5, "color": INK, "zorder": 3}
    panel.plot(means, at, label=word("score_mean", lang), **dot)
    spread = {"color": "#6f9fc8", "linewidth": 4.0, "label": word("score_range", lang)}
    panel.hlines(at, [s.lowest for s in scores], highest, **spread)
    for mean, high, height in zip(means, highest, at, strict=True):
        panel.annotate(f"{mean:.1f}", (high, height), (2 * EDGE, 0.0), textcoords="offset points", va="center")
    floor = min([s.lowest for s in scores] + ([] if mark is None else [mark]))
    panel.set_xlim(max(10.0 * np.floor((floor - 1.0) / 10.0), 0.0), 100.0)
    if mark is not None:
        panel.axvline(mark, **LIMIT)
        sheet.marks(panel, [(mark, word("pass_mark", lang, value=f"{mark:g}"))])
    panel.set_xlabel(word("score_axis", lang))
    return sheet
