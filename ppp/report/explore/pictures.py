"""The panel's four charts: cash flow, cover, value for money, share of the budget, each beside the file's base case."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from markupsafe import Markup

from ppp.appraisal.criteria import binding_cap
from ppp.appraisal.debt_terms import covers
from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.exploration import Exploration
from ppp.lines import LINES, RESULTS
from ppp.report.explore.drawings import GREY, INK, Series, by_years, two_bars
from ppp.report.words import Display, percent, word

FUNDED = {
    "uses": "#e3e3e3",
    "debt_service": "#1f4e79",
    "prepayment": "#6b6b6b",
    "shareholder_loan_service": "#f3d9a4",
    "distributions": "#a9d0ee",
}
UNFUNDED = {"capex": "#e3e3e3", "government_payment": "#1f4e79", "user_payments": "#a9d0ee", "other_revenue": "#f3d9a4"}
PARTS = {
    "psc_capex": "#1f4e79",
    "optimism_bias": "#7ba7cc",
    "psc_running": "#a9d0ee",
    "psc_revenue": "#ffffff",
    "neutrality": "#f0e442",
    "tax_adjustment": "#cc79a7",
    "transferred_risk": "#d55e00",
    "retained_risk": "#bbbbbb",
    "government_equity": "#4d4d4d",
    "operating_subsidy": "#009e73",
    "supporting_input": "#f3d9a4",
}
MOST_OF_LIMIT = 3.0  # a cover beyond this multiple of what is asked leaves the picture, or it would flatten all others


def charts(state: Exploration, display: Display) -> list[Markup]:
    """Those that the project has, in the order in which they are read."""
    made = (draw(state.evaluation, state.base_evaluation, display) for draw in (_cash, _cover, _value, _share))
    return [chart for chart in made if chart is not None]


def _axis(value: float) -> str:
    return f"{value:,.10g}".replace("-", "−")


def _by_year(evaluation: Evaluation, key: str) -> np.ndarray:
    return evaluation.inputs.timeline.by_calendar_year(evaluation.lines[key])[:, 0]


def _matched(years: np.ndarray, others: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The base case's values on the years of what stands now: another term may give it other years."""
    at = {int(year): value for year, value in zip(others, values, strict=True)}
    return np.array([at.get(int(year), np.nan) for year in years])


def _cash(now: Evaluation, base: Evaluation, display: Display) -> Markup:
    """By budget year, in money of the report: what is built for, what cash flow goes to, and the cash flow itself."""
    funded, years = now.inputs.funded, now.inputs.timeline.calendar_years
    looks = FUNDED if funded else UNFUNDED
    named = partial(_line, lang=display.lang)
    found = {key: _flow(now, key) / display.scale for key in looks}
    bars = [Series(named(key), values, looks[key]) for key, values in found.items() if np.any(values)]
    curve = "cfads" if funded else "ebitda"
    lines = [Series(named(curve), _by_year(now, curve) / display.scale, INK)]
    was = _matched(years, base.inputs.timeline.calendar_years, _by_year(base, curve)) / display.scale
    lines.append(Series(word("explore.base_case", display.lang), was, GREY, True))
    title = word("explore.chart_cash", display.lang, unit=display.unit)
    return by_years(title, years, bars, lines, form=_axis)


def _flow(evaluation: Evaluation, key: str) -> np.ndarray:
    if key == "shareholder_loan_service":
        return _by_year(evaluation, "shareholder_loan_interest") + _by_year(evaluation, "shareholder_loan_repaid")
    return _by_year(evaluation, key)


def _line(key: str, lang: str) -> str:
    return LINES[key].label(lang) if key in LINES else word(f"explore.{key}", lang)


def _cover(now: Evaluation, base: Evaluation, display: Display) -> Markup | None:
    """The lowest cover of each year, all lenders counted; None without debt service."""
    if not now.tranches or not np.any(now.lines["debt_service"][:, 0] > 0.0):
        return None
    years, cover, asked = _lowest(now)
    top = MOST_OF_LIMIT * max(asked or 1.0, 1.0)
    lines = [Series(RESULTS["dscr_min"].label(display.lang), np.minimum(cover, top), INK)]
    if base.tranches and np.any(base.lines["debt_service"][:, 0] > 0.0):
        was_years, was, _ = _lowest(base)
        was = np.minimum(_matched(years, was_years, was), top)
        lines.append(Series(word("explore.base_case", display.lang), was, GREY, True))
    limits = [] if asked is None else [(word("explore.required", display.lang, cover=f"{asked:.2f}"), asked)]
    title = word("explore.chart_cover", display.lang)
    return by_years(title, years, (), lines, [*limits, ("", 1.0)], "{:.2f}".format, from_zero=False)


def _lowest(evaluation: Evaluation) -> tuple[np.ndarray, np.ndarray, float | None]:
    """Years in which lenders are owed anything, the lowest cover of each, and what they require."""
    found, timeline = covers(evaluation)[-1], evaluation.inputs.timeline
    years = timeline.budget_years[timeline.operating]
    owed = np.isfinite(found.cover)
    each = np.unique(years[owed])
    return each, np.array([found.cover[owed & (years == year)].min() for year in each]), found.required


def _value(now: Evaluation, base: Evaluation, display: Display) -> Markup | None:
    """Both sides of value for money by part, in present value; None without a comparator."""
    if now.vfm is None or base.vfm is None:
        return None
    sides = []
    for name, parts, total, was in (
        ("psc", now.vfm.psc_parts, now.vfm.psc, base.vfm.psc),
        ("ppp_value", now.vfm.ppp_parts, now.vfm.ppp_value, base.vfm.ppp_value),
    ):
        shown = [
            Series(LINES[key].label(display.lang), np.array([worth[0] / display.scale]), PARTS[key])
            for key, worth in parts.items()
            if worth[0]
        ]
        label = word(f"explore.{name}", display.lang)
        sides.append((label, shown, float(total[0]) / display.scale, float(was[0]) / display.scale))
    title = word("explore.chart_value", display.lang, unit=display.unit)
    shown = lambda value: display.money(value * display.scale, unit=False)  # noqa: E731
    return two_bars(title, sides, shown, _axis, word("explore.base_case", display.lang))


def _share(now: Evaluation, base: Evaluation, display: Display) -> Markup | None:
    """The share of the budget by year, existing commitments below this project, under the line that binds; None without a budget."""
    if now.load is None or base.load is None:
        return None
    lang, load = display.lang, now.load
    rules = replace(now.rules, used={})  # drawing a line is no use of a rule
    cap = binding_cap(replace(now, rules=rules))
    bars = [
        Series(word("explore.existing", lang), (load.existing / load.budget)[:, 0], "#e3e3e3"),
        Series(word("explore.this_project", lang), (load.own / load.budget)[:, 0], "#1f4e79"),
    ]
    was = _matched(load.years, base.load.years, base.load.share[:, 0])
    lines = [Series(word("explore.base_case", lang), was, GREY, True)]
    limits = [(word("explore.limit", lang, share=percent(cap, 1)), cap)]
    return by_years(word("explore.chart_share", lang), load.years, bars, lines, limits, lambda v: percent(v, 1))
