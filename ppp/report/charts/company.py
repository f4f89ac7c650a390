"""The project company's charts: its cash flow, its debt and cover, and the cash it holds."""

from __future__ import annotations

from itertools import cycle

import numpy as np
from matplotlib.axes import Axes

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.debt_terms import covers
from ppp.appraisal.evaluation import Evaluation
from ppp.lines import LINES
from ppp.model.timeline import Timeline
from ppp.report.charts.sheet import DARK, GREY, INK, LIMIT, PALE, RED, SAND, SPENT, Sheet, area, calendar, chart, stack
from ppp.report.charts.words import Money, money_for, number, percent, told_apart, word

OTHERWISE = {  # that cash is used for beside debt service and distributions
    "prepayment": area("#6b6b6b", "#ffffff", "\\\\\\\\"),
    "shareholder_loan_service": SAND,
    "kept_in_company": area("#009e73", "#ffffff", "xxxx"),
}
TRANCHES = (PALE, area("#d55e00", "#ffffff", "////"), area("#f0e442", INK), area("#cccccc", INK, "xxxx"))
HELD = {"debt_service_reserve": DARK, "maintenance_reserve": SAND, "cash": PALE}


@chart
def cash_flow(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Debt service and cash to shareholders under cash flow.

    Without a funding model: payments by source and running cost.
    """
    evaluation = appraisal.evaluation
    timeline, funded = evaluation.inputs.timeline, evaluation.inputs.funded
    years, line = _operating_years(timeline, evaluation.lines)
    if funded:
        line |= _paid_otherwise(line, timeline, evaluation.lines)
        looks = {"debt_service": DARK, **OTHERWISE, "distributions": PALE}
        looks = {key: look for key, look in looks.items() if line[key].any()}
        curve, curve_name, spent = line["cfads"], LINES["cfads"].label(lang), evaluation.lines["uses"][:, 0]
    else:
        looks = {"government_payment": DARK, "user_payments": PALE, "other_revenue": SAND}
        curve, curve_name = line["opex"] + line["lifecycle"], word("running_cost", lang)
        spent = evaluation.lines["capex"][:, 0]
    built_years, where = np.unique(timeline.budget_years[timeline.built], return_inverse=True)
    built = np.bincount(where, spent[timeline.built])
    money = money_for(appraisal, lang, built, curve, *[line[key] for key in looks])

    if funded:
        title, alt = _funded_message(line, float(spent.sum()), years, money, lang), "alt.cash_flow"
    else:
        title, alt = _sources_message(line, money, lang), "alt.cash_sources"
    wide = (min(30.0 + 30.0 * built.size, 150.0), 350.0) if built.any() else (1.0,)
    sheet = Sheet(title, alt, 200.0, columns=len(wide), width_ratios=wide)
    panel = sheet.panels[-1]
    values = {key: line[key] / money.scale for key in looks}
    stack(panel, years, [(_named(key, lang), values[key], look) for key, look in looks.items()])
    panel.axhline(0.0, color=INK, linewidth=0.9)
    _measured(panel, years, curve / money.scale, label=curve_name)
    panel.set_xlabel(word("operation", lang))
    calendar(panel, years)
    if built.any():
        left = sheet.panels[0]
        stack(left, built_years, [(word("construction_spending", lang), built / money.scale, SPENT)])
        left.set_xlabel(word("construction", lang))
        calendar(left, built_years, 2)
    for each in sheet.panels:
        each.set_title(money.unit)
    return sheet


def _named(key: str, lang: str) -> str:
    return LINES[key].label(lang) if key in LINES else word(key, lang)


def _paid_otherwise(line: dict, timeline: Timeline, lines: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What else CFADS goes to, by year: the shareholder loan's service, and what is put into reserve and cash (taken out: negative)."""
    held = _of_base(lines, "debt_service_reserve") + _of_base(lines, "cash") - _of_base(lines, "working_capital_filled")
    kept = np.diff(held, prepend=0.0)[timeline.operating]
    _, where = np.unique(timeline.budget_years[timeline.operating], return_inverse=True)
    kept = np.bincount(where, kept)
    kept[np.abs(kept) <= 1e-9 * np.abs(line["cfads"]).max(initial=0.0)] = 0.0
    service = line["shareholder_loan_interest"] + line["shareholder_loan_repaid"]
    return {"shareholder_loan_service": service, "kept_in_company": kept}


def _of_base(lines: dict[str, np.ndarray], key: str) -> np.ndarray:
    return np.asarray(lines[key])[:, 0]


def _measured(panel: Axes, years, values, label: str | None = None, marker: str = "o", color: str = INK) -> None:
    size = 3.2 if years.size <= 45 else 1.8
    look = {"marker": marker, "markersize": size, "markerfacecolor": "#ffffff", "markeredgewidth": 0.9}
    panel.plot(years, values, color=color, linewidth=1.3, clip_on=False, label=label, **look)


def _operating_years(timeline: Timeline, lines: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The budget years of operation, and flows of the base case by them: (years,) each."""
    years, where = np.unique(timeline.budget_years[timeline.operating], return_inverse=True)
    return years, {key: np.bincount(where, values[timeline.operating, 0]) for key, values in lines.items()}


def _funded_message(line: dict, invested: float, years: np.ndarray, money: Money, lang: str) -> str:
    service, received = line["debt_service"], line["distributions"]
    short = np.maximum(service - line["cfads"], 0.0) * (service > 0.0)
    short[short <= 1e-9 * service.max(initial=0.0)] = 0.0
    called = np.maximum(-received, 0.0)
    called[called <= 1e-9 * np.abs(received).max()] = 0.0
    for key, lacking, of in (("cash_short", short, service > 0.0), ("cash_calls", called, years > 0)):
        if lacking.any():
            worst = int(np.argmax(lacking))
            values = {"short": np.count_nonzero(lacking), "years": np.count_nonzero(of), "year": years[worst]}
            return word(key, lang, amount=money.say(lacking[worst]), **values)
    total = money.say(received.sum())
    if service.any():
        return word("cash_covers", lang, total=total)
    return word("cash_no_debt", lang, total=total, uses=money.say(invested))


def _sources_message(line: dict, money: Money, lang: str) -> str:
    income, paid = line["revenue"].sum(), line["government_payment"].sum()
    cost = money.say((line["opex"] + line["lifecycle"]).sum())
    if income <= 0.0:
        return word("cash_no_income", lang, cost=cost)
    if paid <= 0.0:
        return word("cash_users_only", lang, amount=money.say(income), cost=cost)
    return word("cash_sources", lang, share=percent(paid / income, 1), amount=money.say(paid), cost=cost)


@chart
def debt_cover(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Cover of each lender with what it requires, above the outstanding debt by tranche. None without debt service.

    A lender's cover counts its own service and all that is paid before it; a year shows its lowest period."""
    evaluation = appraisal.evaluation
    timeline = evaluation.inputs.timeline
    if not evaluation.tranches or not np.any(evaluation.lines["debt_service"][:, 0] > 0.0):
        return None
    found = covers(evaluation)
    operating = timeline.budget_years[timeline.operating]
    curves = [_lowest_of_years(operating, each.cover) for each in found]
    years, cover = curves[-1]
    owed_years, owed = _owed(evaluation, lang)
    money = money_for(appraisal, lang, sum(owed.values()))

    title = _cover_message(years, cover, found[-1].required, lang)
    sheet = Sheet(title, "alt.debt_cover", 260.0, rows=2, height_ratios=(11, 9), sharex=True)
    upper, lower = sheet.panels
    upper.set_title(word("dscr" if timeline.period == 12 else "dscr_lowest", lang))
    upper.margins(y=0.1)
    upper.yaxis.set_major_formatter("{x:.2f}")
    upper.axhline(1.0, color=GREY, linewidth=0.8)
    limits = {each.required: each.name for each in found if each.required is not None}
    named = len(found) > 1
    said = {limit: "required_of" if named else "required" for limit in limits}
    sheet.limits(
        upper,
        [
            (v, word(said[v], lang, value=number(v, 2), name=_tranche(evaluation, limits[v], lang)), LIMIT)
            for v in limits
        ],
    )
    top = _top_of_scale([curve for _, curve in curves], [*limits, 1.0])
    for each, (at, curve) in zip(found[:-1], curves[:-1], strict=True):
        label = word("cover_of", lang, name=_tranche(evaluation, each.name, lang))
        _measured(upper, at, np.minimum(curve, top), label=label, marker="s", color=GREY)
    _measured(upper, years, np.minimum(cover, top), label=word("cover_all", lang) if named else None)
    high = np.unique(np.concatenate([at[curve > top] for at, curve in curves]))
    if high.size:
        look = {"linestyle": "none", "marker": "^", "markersize": 5.0, "color": INK, "clip_on": False, "zorder": 4}
        upper.plot(high, np.full(high.size, top), label=word("above_scale", lang, value=number(top, 1)), **look)
    lower.set_title(money.of(word("owed", lang)))
    parts = [
        (name if len(owed) > 1 else "", debt / money.scale, look)
        for (name, debt), look in zip(owed.items(), cycle(TRANCHES))
    ]
    stack(lower, owed_years, parts)
    calendar(lower, np.union1d(owed_years, years))
    return sheet


def _top_of_scale(curves: list[np.ndarray], limits: list[float]) -> float:
    """A cover that is several times what is asked flattens all others; the scale ends at three times the highest limit."""
    highest = max(float(curve.max(initial=0.0)) for curve in curves)
    return highest if highest <= 4.0 * max(limits) else 3.0 * max(limits)


def _tranche(evaluation: Evaluation, name: str, lang: str) -> str:
    further = evaluation.project.funding.further_debt.get(name)
    return word("senior", lang) if further is None else further.name[lang]


def _owed(evaluation: Evaluation, lang: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """What is owed on each tranche at the end of each calendar year, from the first debt to the last: years, and balances by name."""
    timeline = evaluation.inputs.timeline
    owed = {
        _tranche(evaluation, tranche.name, lang): timeline.by_calendar_year(tranche.lines["closing"], balance=True)[
            :, 0
        ]
        for tranche in evaluation.tranches
        if np.any(tranche.lines["closing"][:, 0] > 0.0)
    }
    total = sum(owed.values())
    least = 1e-9 * np.max(total)
    first, last = int(np.argmax(total > least)), total.size - int(np.argmax(total[::-1] > least))
    shown = slice(first, min(last + 1, total.size))
    return timeline.calendar_years[shown], {name: debt[shown] for name, debt in owed.items()}


@chart
def cash_held(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Reserve accounts and free cash at year ends, with what the debt service reserve should hold. None where nothing is held."""
    evaluation = appraisal.evaluation
    if not evaluation.inputs.funded:
        return None
    timeline, lines = evaluation.inputs.timeline, evaluation.lines
    years = timeline.calendar_years
    held = {key: timeline.by_calendar_year(lines[key], balance=True)[:, 0] for key in HELD}
    total = sum(held.values())
    least = 1e-9 * evaluation.results["uses_total"][0]
    if not np.any(np.abs(total) > least):
        return None
    target = timeline.by_calendar_year(lines["debt_service_reserve_target"], balance=True)[:, 0]
    money = money_for(appraisal, lang, total)
    most, empty_from = int(np.argmax(total)), total.size - int(np.argmax(total[::-1] > least))
    values = {"most": money.say(total[most]), "year": years[most], "empty": years[min(empty_from, total.size - 1)]}
    short = timeline.budget_years[_short_of_target(evaluation)]
    missing = "held_short" if short.size else "held"
    title = word(missing, lang, **values, short=np.unique(short).size, first=short[0] if short.size else "")
    sheet = Sheet(title, "alt.cash_held", 170.0)
    (panel,) = sheet.panels
    shown = slice(int(np.argmax(np.abs(total) > least)), empty_from + 1)
    years, target, held = years[shown], target[shown], {key: balance[shown] for key, balance in held.items()}
    stack(panel, years, [(LINES[key].label(lang), held[key] / money.scale, look) for key, look in HELD.items()])
    panel.axhline(0.0, color=INK, linewidth=0.9)
    if target.any():
        due = target > 0.0
        look = {"linestyle": "none", "marker": "_", "markersize": 9.0, "markeredgewidth": 1.6, "color": RED}
        label = LINES["debt_service_reserve_target"].label(lang)
        panel.plot(years[due], target[due] / money.scale, label=label, **look)
    panel.set_title(money.of(word("held_at_year_end", lang)))
    calendar(panel, years)
    return sheet


def _short_of_target(evaluation: Evaluation) -> np.ndarray:
    """Rows in which the debt service reserve holds less than it should, (rows,)."""
    lines = evaluation.lines
    short = lines["debt_service_reserve_target"] - lines["debt_service_reserve"]
    return short[:, 0] > 1e-9 * evaluation.results["uses_total"][0]


def _lowest_of_years(years: np.ndarray, cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each year with a cover once, with the lowest of its periods."""
    known = np.isfinite(cover)
    years, cover = years[known], cover[known]
    named, where = np.unique(years, return_inverse=True)
    lowest = np.full(named.size, np.inf)
    np.minimum.at(lowest, where, cover)
    return named, lowest


def _cover_message(years: np.ndarray, cover: np.ndarray, required: float | None, lang: str) -> str:
    lowest = int(np.argmin(cover))
    values = {"year": years[lowest], "low": number(cover[lowest], 2), "years": cover.size}
    limit = 1.0 if required is None else required
    short = cover < limit * (1.0 - 1e-9)
    if short.any():
        values["low"], said = told_apart(cover[lowest], limit, number)
        key = "cover_insolvent" if required is None else "cover_failed"
        return word(key, lang, required=said, short=np.count_nonzero(short), **values)
    flat = np.ptp(cover) <= 1e-6
    if required is not None and not flat:
        return word("cover_met", lang, required=number(required, 2), **values)
    if required is not None and abs(cover[lowest] - required) <= 1e-6 and cover.size > 1:
        return word("cover_exact", lang, **values)
    key = "cover_single" if cover.size == 1 else "cover_flat" if flat else "cover_lowest"
    said = word(key, lang, **values)
    return said if required is None else said + word("cover_asked", lang, required=number(required, 2))
