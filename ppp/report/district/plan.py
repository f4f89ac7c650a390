"""Which projects when: the plan, the years that bind, why a wished set is impossible."""

from __future__ import annotations

from markupsafe import Markup

from ppp.district import Plan
from ppp.portfolio.plan import Choice, Scheduled
from ppp.report import html
from ppp.report.charts import district as charts
from ppp.report.district.view import DistrictView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent

EXACT = 1e-9  # a gap that is none


def plan(view: DistrictView) -> Html:
    """The choice and its reasons."""
    found = view.study.scheduled
    if found is None:
        return NOTHING
    terms = view.study.district.plan
    objective = terms.objective if terms else "value_for_money"
    note = view.word(
        "district.plan_note",
        objective=view.word(f"district_objective.{objective}"),
        rate=percent(view.study.district.discount_rate or 0.0),
        escalation=percent(terms.escalation if terms else 0.0),
    )
    value, state = _value(view, found.solution.value), found.solution.state
    if state == "optimal" and found.solution.gap > EXACT:
        state = "within_gap"
    gap = percent(found.solution.gap, 3)
    parts = [
        html.paragraph(note),
        html.paragraph(view.word(f"district_state.{state}", gap=gap, value=value)),
        _choices(view, found),
        view.chart(charts.plan),
        html.paragraph(view.word("district.own_dates" if found.own_dates else "district.not_own_dates")),
        _wished(view, found),
        *_binding(view, found),
    ]
    return view.section("district_plan", *parts)


def _value(view: DistrictView, value: float) -> str:
    terms = view.study.district.plan
    if terms is not None and terms.objective == "priority":
        return view.word("district.points", points=f"{value:g}")
    return view.display.money(value)


def _choices(view: DistrictView, found: Scheduled) -> Markup:
    def row(choice: Choice) -> tuple:
        name = view.display.text(choice.member.name)
        if choice.start is None:
            best = max(o.value for o in found.problem.options if o.project == choice.member.id)
            key = "district.not_chosen" if best > 0.0 else "district.not_worth"
            return name, html.mark(None, view.word(key)), "–", "–", _value(view, best)
        delay = view.counted_years(choice.delay) if choice.delay else "–"
        return name, html.mark(True, str(choice.start)), delay, percent(choice.size, 0), _value(view, choice.value)

    heads = [
        view.word("meta.project"),
        *view.heads("district_start", "district_delay", "district_size", "district_plan_value"),
    ]
    return html.table(heads, [row(choice) for choice in found.choices], numbers=(2, 3, 4))


def _wished(view: DistrictView, found: Scheduled) -> Markup | None:
    if found.conflict is None and found.binding is None and not (view.study.district.plan or Plan()).wished:
        return None  # too many candidates to ask whether all of them fit
    if found.conflict is None:
        names = view.listed([view.name_of(key) for key in found.wished])
        return html.paragraph(view.word("district.wished_fits", names=names))
    projects = view.listed([view.name_of(key) for key in found.conflict.projects])
    said = [view.word("district.conflict", projects=projects, rules=view.listed(_rules(view, found.conflict.rules)))]
    if found.conflict.lift is not None:
        said.append(view.word("district.conflict_lift", rules=view.listed(_rules(view, found.conflict.lift))))
    return html.join(html.paragraph(part) for part in said)


def _rules(view: DistrictView, rules: tuple[tuple[str, object], ...]) -> list[str]:
    """Rules in words, the years of one kind drawn together."""
    years: dict[tuple[str, str], list[int]] = {}
    said = []
    for kind, what in rules:
        if kind == "need":
            said.append(view.word("district_conflict.need", what=" → ".join(view.name_of(key) for key in what)))
        else:
            sector, year = what if kind == "sector" else ("", what)
            years.setdefault((kind, sector), []).append(year)
    for (kind, sector), found in years.items():
        what = f"{view.word(f'sector.{sector}')} {_spans(found)}" if sector else _spans(found)
        said.append(view.word(f"district_conflict.{kind}", what=what))
    return said


def _spans(years: list[int]) -> str:
    """Years in ascending order with each run of them drawn together: 2025–2027, 2030."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _binding(view: DistrictView, found: Scheduled) -> list[Markup]:
    if found.binding is None:
        return [html.paragraph(view.word("district.binding_left_out"))]
    free = [] if found.gain is None else [_without_limits(view, found.gain)]
    free += [
        html.paragraph(view.word(f"district_other_rule.{kind}", gain=_value(view, gain)))
        for kind, gain in found.others.items()
    ]
    if not found.binding:
        return [html.paragraph(view.word("district.no_binding")), *free]
    rows = [
        (
            str(b.year),
            view.amount(b.headroom),
            view.amount(b.used),
            _value(view, b.worth_of_more),
            _value(view, b.worth_of_all),
        )
        for b in found.binding
    ]
    heads = view.heads("year", "district_beside_decided", "district_used", "district_one_percent", "district_lifted")
    return [
        html.paragraph(view.word("district.binding")),
        html.table(heads, rows, numbers=range(1, 5)),
        *free,
    ]


def _without_limits(view: DistrictView, gain: float) -> Markup:
    if gain > 0.0:
        return html.paragraph(view.word("district.gain_of_all", gain=_value(view, gain)))
    return html.paragraph(view.word("district.gain_of_none"))
