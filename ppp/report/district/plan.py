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
    value = _value(view, found.solution.value)
    gap = percent(found.solution.gap, 2)
    parts = [
        html.paragraph(note),
        html.paragraph(view.word(f"district_state.{found.solution.state}", gap=gap, value=value)),
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
            return name, html.mark(None, view.word("district.not_chosen")), "–", "–", "–"
        delay = view.word("district.plan_years", years=str(choice.delay)) if choice.delay else "–"
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
    rules = []
    for kind, what in found.conflict.rules:
        if kind == "sector":
            sector, year = what
            said = f"{view.word(f'sector.{sector}')} {year}"
        elif kind == "need":
            said = " → ".join(view.name_of(key) for key in what)
        else:
            said = str(what)
        rules.append(view.word(f"district_conflict.{kind}", what=said))
    projects = view.listed([view.name_of(key) for key in found.conflict.projects])
    return html.paragraph(view.word("district.conflict", projects=projects, rules=view.listed(rules)))


def _binding(view: DistrictView, found: Scheduled) -> list[Markup]:
    if found.binding is None:
        return [html.paragraph(view.word("district.binding_left_out"))]
    if not found.binding:
        return [html.paragraph(view.word("district.no_binding"))]
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
    heads = view.heads("year", "district_headroom", "district_used", "district_one_percent", "district_lifted")
    return [
        html.paragraph(view.word("district.binding")),
        html.table(heads, rows, numbers=range(1, 5)),
    ]
