"""The project company's charts: its cash flow and its debt cover."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.returns import lender_cfads
from ppp.lines import LINES
from ppp.model.covers import dscr
from ppp.model.timeline import Timeline
from ppp.report.charts.sheet import DARK, GREY, INK, LIMIT, PALE, SAND, SPENT, Sheet, calendar, chart, stack
from ppp.report.charts.words import Money, money_for, number, percent, told_apart, word


@chart
def cash_flow(appraisal: Appraisal, lang: str) -> Sheet | None:
    """Debt service and cash to shareholders under cash flow.

    Without a funding model: payments by source and running cost.
    """
    evaluation = appraisal.evaluation
    timeline, funded = evaluation.inputs.timeline, evaluation.inputs.funded
    years, line = _operating_years(timeline, evaluation.lines)
    if funded:
        looks = {"debt_service": DARK, "distributions": PALE}
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
    stack(panel, years, [(LINES[key].label(lang), values[key], look) for key, look in looks.items()])
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


def _measured(panel: Axes, years: np.ndarray, values: np.ndarray, label: str | None = None) -> None:
    size = 3.2 if years.size <= 45 else 1.8
    look = {"marker": "o", "markersize": size, "markerfacecolor": "#ffffff", "markeredgewidth": 0.9}
    panel.plot(years, values, color=INK, linewidth=1.3, clip_on=False, label=label, **look)


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
    """Debt service cover with the lender's line, above the outstanding debt. None without debt service."""
    evaluation = appraisal.evaluation
    lines, timeline = evaluation.lines, evaluation.inputs.timeline
    lent = [tranche for tranche in evaluation.inputs.tranches if tranche.lender]
    if not lent or not np.any(lines["debt_service"][:, 0] > 0.0):
        return None
    counted = lender_cfads(evaluation.inputs, evaluation.lines)[:, :1]
    cover = dscr(counted, lines["debt_service"][timeline.operating, :1])[:, 0]
    owing = np.isfinite(cover)
    years, cover = _lowest_of_years(timeline.budget_years[timeline.operating][owing], cover[owing])
    required = None if lent[0].dscr is None else float(np.ravel(lent[0].dscr)[0])
    # the balance at the end of each calendar year, from the first debt to the last service
    debt_years, from_end = np.unique(timeline.budget_years[::-1], return_index=True)
    debt = lines["debt_closing"][::-1, 0][from_end]
    shown = (debt_years >= debt_years[np.argmax(debt > 0.0)]) & (debt_years <= years[-1])
    debt_years, debt = debt_years[shown], debt[shown]
    money = money_for(appraisal, lang, debt)

    title = _cover_message(years, cover, required, lang)
    sheet = Sheet(title, "alt.debt_cover", 260.0, rows=2, height_ratios=(11, 9), sharex=True)
    upper, lower = sheet.panels
    upper.set_title(word("dscr", lang))
    upper.margins(y=0.1)
    upper.yaxis.set_major_formatter("{x:.2f}")
    upper.axhline(1.0, color=GREY, linewidth=0.8)
    if required is not None:
        sheet.limits(upper, [(required, word("required", lang, value=number(required, 2)), LIMIT)])
    _measured(upper, years, cover)
    lower.set_title(money.of(LINES["debt_closing"].label(lang)))
    stack(lower, debt_years, [("", debt / money.scale, PALE)])
    calendar(lower, np.union1d(debt_years, years))
    return sheet


def _lowest_of_years(years: np.ndarray, cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each year once, with the lowest cover of its periods."""
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
