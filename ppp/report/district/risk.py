"""Contingent liabilities, debt risk and stress tests."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.portfolio.contingent import POOL, Called
from ppp.portfolio.exposures import termination_sums
from ppp.portfolio.packs import Condition
from ppp.portfolio.pool import dearest_to_end
from ppp.portfolio.stress import COLOURS, Stressed, largest_termination
from ppp.report import html
from ppp.report.charts import district as charts
from ppp.report.district.accounts import with_stored
from ppp.report.district.view import DistrictView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent

LEVELS = ("low", "medium", "high")


def contingent(view: DistrictView) -> Html:
    """Guarantees and termination sums: by source, by year, risk matrix."""
    found = view.study.simulated
    if found is None:
        return NOTHING
    note = view.word(
        "district.calls_note",
        draws=f"{found.draws:,}",
        error=view.display.money(found.standard_error),
        revenue=percent(found.revenue_in_tail, 1),
    )
    return view.section(
        "district_contingent",
        html.paragraph(note),
        with_stored(view),
        view.chart(charts.calls(view.display)),
        view.title(3, "sources"),
        _sources(view),
        view.title(3, "matrix"),
        _matrix(view),
        view.title(3, "calls"),
        _by_year(view),
        *_terminations(view),
    )


def _label(view: DistrictView, source: Called) -> str:
    joint = "：" if view.lang == "zh" else ": "
    if source.exposure == POOL:
        name = view.word("district.stored_results", count=f"{source.count:,}")
        return f"{name}{joint}{view.word(f'district_cause.{source.key}')}"
    return f"{view.display.text(source.name)}{joint}{view.word(f'district_cause.{source.key}')}"


def _sources(view: DistrictView) -> Markup:
    rows = [
        (
            _label(view, s),
            percent(s.likelihood, 1),
            view.amount(s.worth),
            view.amount(s.worth_if_called),
        )
        for s in view.study.simulated.sources
    ]
    rows.append((view.word("sum"), "", view.amount(sum(s.worth for s in view.study.simulated.sources)), ""))
    heads = view.heads("district_source_of", "district_likelihood", "district_expected_worth", "district_if_called")
    note = view.word("text.money_note", unit=view.display.unit)
    return html.table(heads, rows, numbers=(1, 2, 3), last_is_sum=True, caption=note)


def _matrix(view: DistrictView) -> Markup:
    study, bounds = view.study, view.study.pack.matrix
    first = float(study.budgets.ahead.columns["expenditure"][0])
    cells: dict[tuple[int, int], list[str]] = {}
    for source in study.simulated.sources:
        likely = int(np.searchsorted(bounds.likelihood, source.likelihood, side="right"))
        heavy = int(np.searchsorted(bounds.impact, source.worth_if_called / first, side="right"))
        cells.setdefault((likely, heavy), []).append(_label(view, source))
    rows = [
        (
            view.word(f"district_matrix.{LEVELS[heavy]}"),
            *(view.listed(cells.get((likely, heavy), [])) for likely in range(3)),
        )
        for heavy in (2, 1, 0)
    ]
    heads = [view.word("district.impact")]
    heads += [view.word("district.likelihood", level=view.word(f"district_matrix.{level}")) for level in LEVELS]

    def said(values: list[float]) -> str:
        return view.listed([percent(value, 1) for value in values])

    note = view.word("district.matrix_note", likelihood=said(bounds.likelihood), impact=said(bounds.impact))
    return html.table(heads, rows, caption=note)


def _by_year(view: DistrictView) -> Markup:
    total = view.study.simulated.total
    rows = [
        (str(year), *(view.amount(row[t]) for row in (total.expected, total.quantile, total.tail)))
        for t, year in enumerate(view.study.ahead)
    ]
    rows.append((view.word("district.present_value"), *(view.amount(value) for value in total.worth)))
    heads = view.heads("year", "district_expected", "district_quantile", "district_tail")
    note = view.unit_note("district.calls_by_year")
    return html.table(heads, rows, numbers=(1, 2, 3), last_is_sum=True, caption=note, css="dense")


def _terminations(view: DistrictView) -> list[Markup]:
    study, columns = view.study, {}
    for member in study.members:
        if member.terms is not None and member.terms.termination is not None:
            sums = termination_sums(member, member.terms.termination, study.ahead, study.district.discount_rate or 0.0)
            for cause, row in sums.items():
                joint = "：" if view.lang == "zh" else ": "
                columns[f"{view.display.text(member.name)}{joint}{view.word(f'district_cause.{cause}')}"] = row
    if not columns:
        return []
    shown = [view.amounts(row) for row in columns.values()]
    table = view.years_table(list(columns), shown, view.unit_note("district.termination"), study.ahead)
    return [view.title(3, "terminations"), table]


def debt_risk(view: DistrictView) -> Html:
    """Debt, its colour, the interest shares and the event grade by year."""
    found, study = view.study.standing, view.study
    if found is None:
        return NOTHING
    places = study.district.places
    about = (
        view.word("district.places_given", count=f"{places.in_default:g}", all=f"{places.all:g}")
        if places
        else view.word("district.places_none")
    )
    parts = view.listed([view.word(f"district_budget.{part}") for part in study.pack.capacity.parts])
    rows = [
        (
            str(year),
            view.amount(study.statements.balance["gross_debt"][t, 1]),
            percent(float(found.ratio[t]), 1),
            view.word(f"district_colour.{found.colours[t]}"),
            percent(float(found.interest_share_general[t])),
            percent(float(found.interest_share_special[t])),
            percent(float(found.unpaid[t]), 1),
            found.grades[t].grade if found.grades[t] else "–",
        )
        for t, year in enumerate(study.ahead)
    ]
    heads = view.heads(
        "year",
        "district_debt_total",
        "district_ratio",
        "district_colour",
        "district_interest_general",
        "district_interest_special",
        "district_unpaid",
        "district_grade",
    )
    note = view.word("text.money_note", unit=view.display.unit)
    table = html.table(heads, rows, numbers=(1, 2, 4, 5, 6), caption=note, css="dense")
    return view.section(
        "district_debt_risk",
        html.paragraph(view.word("district.debt_note", parts=parts, places=about)),
        with_stored(view),
        table,
    )


def stress(view: DistrictView) -> Html:
    """Every shock with the year in which it crosses each line, and what the emergency plan then asks for."""
    study = view.study
    if not study.stressed:
        return NOTHING
    lines = {line.key: view.word("district_crossing.line", share=percent(line.limit, 0)) for line in study.lines}
    lines |= {key: view.word(f"district_crossing.{key}") for key in (*COLOURS, *study.standing.triggered, "unpaid")}
    rows = [
        (
            view.word(f"district_shock.{x.shock.key}"),
            percent(x.peak),
            *(str(x.crossed[key] or "–") for key in lines),
            x.standing.gravest.grade if x.standing.gravest else "–",
        )
        for x in study.stressed
    ]
    heads = [*view.heads("district_shock", "share_peak"), *lines.values(), *view.heads("district_grade")]
    ended = largest_termination(
        study.district, study.members, study.ahead, study.pack, dearest_to_end(study.portfolio.stored)
    )
    told = ""
    if ended is not None:
        values = {"year": str(ended.year), "amount": view.display.money(ended.amount)}
        told = view.word("district.ended", name=view.display.text(ended.member.name), **values)
    terms = {
        "follows": percent(1.0 - study.pack.rigid_share.value, 0),
        "assumed": percent(study.pack.assumed_termination.value, 0),
    }
    same = {x.shock.key for x in study.stressed if x.extra == 0.0}
    silent = [
        key
        for shock, key in (("guarantees_called", "no_guarantees"), ("largest_terminated", "no_contract"))
        if shock in same
    ]
    return view.section(
        "district_stress",
        html.paragraph(view.word("district.stress_note", ended=told, **terms)),
        *(html.paragraph(view.word(f"district.{key}"), "note") for key in silent),
        html.table(heads, rows, numbers=range(1, len(heads)), css="dense"),
        *_actions(view, study.stressed),
    )


def _actions(view: DistrictView, stressed: list[Stressed]) -> list[Markup]:
    """What each grade that is reached asks for, and reorganisation, headed by the shocks that lead there."""
    pack = view.study.pack
    groups: list[tuple[str, list[str], list[dict[str, str]]]] = []
    for grade in pack.grades:
        shocks = [x.shock.key for x in stressed if x.standing.gravest is grade]
        head = {"grade": view.display.text(grade.name), "when": _shocks(view, shocks)}
        groups.append((view.word("district.actions", **head), shocks, grade.actions))
    shocks = [x.shock.key for x in stressed if x.standing.reorganised]
    head = view.word("district.reorganisation_actions", when=_shocks(view, shocks))
    groups.append((head, shocks, pack.reorganisation_actions))
    parts = []
    for head, shocks, asked in groups:
        if shocks:
            parts += [html.paragraph(head), html.bullets([view.display.text(action) for action in asked])]
    return parts


def _shocks(view: DistrictView, keys: list[str]) -> str:
    return view.listed([view.word(f"district_shock.{key}") for key in keys])


def condition(view: DistrictView, found: Condition) -> str:
    """A condition of the pack as a phrase."""
    above = found.above is not None
    value = found.above if above else found.at_least
    shown = f"{value:g}" if found.measure == "places_in_default" else percent(value, 0)
    return view.word(
        "district.above" if above else "district.at_least",
        measure=view.word(f"district_measure.{found.measure}"),
        value=shown,
    )
