"""The risk register in the report: who bears what, how likely and how dear, by which method, and whether it is counted twice."""

from __future__ import annotations

from markupsafe import Markup

from ppp.appraisal.comparison import RiskBorne
from ppp.appraisal.risk_register import counted_again, likelihood
from ppp.procurement import Distribution, Outcome, Risk
from ppp.quantities import SCALES
from ppp.report import charts, html
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING, View
from ppp.report.words import percent

PLACES = ("discount_rate", "optimism_bias", "contingency")


def risks(view: View) -> Html:
    """Allocation matrix, heat map, register, and the auditor's question: is a risk counted somewhere else too?"""
    comparison = view.appraisal.comparison
    if not view.project.risks:
        return NOTHING
    if comparison is None:
        return view.section("risks", _register(view))
    return view.section(
        "risks",
        _matrix(view, comparison.risks),
        view.chart(charts.heat_map),
        _unplaced(view),
        _register(view),
        html.heading(view.word("section.counted_twice"), "counted-twice", 3),
        html.paragraph(view.word("text.counted_twice")),
        _twice(view),
    )


def _matrix(view: View, borne: list[RiskBorne]) -> Markup:
    """Each risk in present value: in all, borne by the government without the PPP, and under it by either side."""

    def money(value: float) -> str:
        return view.display.money(value, unit=False)

    columns = ("whole", "government", "retained", "company")
    rows = [
        (
            f"{number}. {view.display.text(view.project.risks[risk.key].name)}",
            *(money(getattr(risk, c)) for c in columns),
        )
        for number, risk in enumerate(borne, 1)
    ]
    rows.append((view.word("sum"), *(money(sum(getattr(risk, c) for risk in borne)) for c in columns)))
    heads = view.heads("risk", "expected_cost", "government_alone", "government_ppp", "company_ppp")
    caption = view.word("text.risk_matrix", unit=view.display.unit)
    return html.table(heads, rows, numbers=(1, 2, 3, 4), caption=caption, last_is_sum=True)


def _unplaced(view: View) -> Markup | None:
    names = [view.display.text(r.name) for r in view.project.risks.values() if likelihood(r) is None]
    return html.paragraph(view.word("text.no_likelihood", risks=view.listed(names)), "note") if names else None


def _register(view: View) -> Markup:
    """Every risk with its method and who bears it; what no risk of the file says has no column."""
    rows = [
        (
            f"{number}. {view.display.text(risk.name)}",
            html.keep(f"{view.word(f'category.{risk.category}')} / {view.word(f'category.{risk.phase}')}"),
            _method(view, risk),
            percent(risk.government_share, 0),
            percent(risk.transferred, 0),
            view.display.text(risk.description) if risk.description else "–",
            risk.evidence or "–",
            risk.mitigation or "–",
        )
        for number, risk in enumerate(view.project.risks.values(), 1)
    ]
    keys = ("risk", "category_phase", "method", "without_ppp", "transferred", "description", "evidence", "mitigation")
    said = [column for column in range(len(keys)) if any(row[column] != "–" for row in rows)]
    shown = [[row[column] for column in said] for row in rows]
    return html.table(view.heads(*(keys[column] for column in said)), shown, numbers=(3, 4), css="dense")


def _method(view: View, risk: Risk) -> str:
    if risk.ratio is not None:
        return view.word("method.ratio", ratio=percent(risk.ratio, 1))
    if risk.outcomes is not None:
        return view.word("method.outcomes", outcomes=view.listed([_outcome(view, o) for o in risk.outcomes]))
    return _distribution(view, risk.distribution)


def _money(view: View, amount: float) -> str:
    return view.display.money(amount * SCALES[view.project.unit])


def _outcome(view: View, outcome: Outcome) -> str:
    return f"{percent(outcome.probability, 0)} × {_money(view, outcome.cost)}"


def _distribution(view: View, given: Distribution) -> str:
    points = [point for point in (given.low, given.likely, given.high) if point is not None]
    return view.word(
        "method.distribution",
        probability=percent(given.probability, 0),
        shape=view.word(f"shape.{given.shape}"),
        points=" – ".join(_money(view, point) for point in points),
    )


def _twice(view: View) -> Markup:
    method = view.evaluation.side_rates.method

    def answer(risk: Risk, place: str) -> Markup:
        if place in risk.taken_out_of:
            return html.mark(True, view.word("text.taken_out"))
        again = place in counted_again(risk, view.project, method)
        return html.mark(not again, view.word("text.may_be" if again else "text.no"))

    rows = [
        (view.display.text(risk.name), *(answer(risk, place) for place in PLACES))
        for risk in view.project.risks.values()
    ]
    return html.table(view.heads("risk", *(f"in_{place}" for place in PLACES)), rows)
