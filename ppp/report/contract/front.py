"""What a reader wants first: the answer, what asks for action, and how the project stands beside what was approved."""

from __future__ import annotations

from markupsafe import Markup

from ppp.contract.review import ACT, NOT_SOUND, ON_COURSE
from ppp.lines import RESULTS
from ppp.report import html
from ppp.report.contract.view import ContractView
from ppp.report.html import Html

CSS = {ON_COURSE: "recommended", ACT: "not_recommended", NOT_SOUND: "not_assessable"}
SHOWN = ("uses_total", "equity_irr", "project_irr", "dscr_min", "dscr_average", "llcr", "fiscal_total")


def answer(view: ContractView) -> Html:
    """Name, facts, the answer in one line, and every point that asks for action or attention."""
    review, project = view.review, view.project
    facts = html.join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*fact) for fact in _facts(view))
    parts = [
        Markup("<p class='status {}'>{}</p>").format(project.status, view.word(f"status.{project.status}")),
        Markup("<h1>{}</h1>").format(view.display.text(project.name)),
        Markup("<p class='subtitle'>{}</p>").format(view.word("appraisal.title")),
        Markup("<dl class='facts'>{}</dl>").format(facts),
        html.heading(view.word("contract_section.answer"), "answer"),
        Markup("<div class='verdict {}'><p class='outcome'>{}</p></div>").format(
            CSS.get(review.outcome, "with_reservations"), view.word(f"outcome_contract.{review.outcome}")
        ),
    ]
    for grave, key in ((True, "appraisal.to_do"), (False, "appraisal.to_watch")):
        said = [_said(view, point) for point in review.points if point.grave == grave]
        if said:
            parts += [html.paragraph(view.word(key), "lead"), html.bullets(said)]
    if not review.points:
        parts.append(html.paragraph(view.word("appraisal.no_points")))
    return Html(html.join(parts))


def _said(view: ContractView, point) -> str:
    values = {key: view.display.value(kind, value) for key, (kind, value) in point.values.items()}
    return view.word(f"point.{point.key}", **values)


def _facts(view: ContractView) -> list[tuple[str, str]]:
    review, timeline = view.review, view.review.base.inputs.timeline
    recorded = view.word(
        "appraisal.recorded",
        built=str(len(review.outturn.built)),
        operated=str(len(review.outturn.operated)),
    )
    begins = timeline.date(timeline.construction)
    ends = timeline.ends[-1]
    return [
        (view.word("appraisal.day"), view.display.date(review.day)),
        (view.word("appraisal.years_recorded"), recorded),
        (view.word("meta.payment"), view.word(f"payment.{view.project.payment.kind}")),
        (view.word("appraisal.close"), view.display.date(timeline.close)),
        (
            view.word("appraisal.operation"),
            view.word("appraisal.from_to", first=view.display.date(begins), last=view.display.date(ends)),
        ),
        (view.word("meta.sector"), view.word(f"sector.{view.project.sector}")),
    ]


def standing(view: ContractView) -> Html:
    """Results as approved, as they stand now, and as they would stand had performance cost nothing."""
    found, rows = view.review.reforecast, []
    for key in SHOWN:
        if key not in found.base.results:
            continue
        kind = RESULTS[key].unit
        cells = [view.display.value(kind, float(e.results[key][0])) for e in (found.base, found.now, found.whole)]
        rows.append((view.line(key), *cells))
    if found.psc is not None:
        approved = float(found.base.vfm.amount[0])
        rows.append((view.word("appraisal.psc"), *[view.display.money(found.psc)] * 2, "–"))
        ppp = [view.display.money(float(found.base.vfm.ppp_value[0])), view.display.money(found.ppp_value)]
        rows.append((view.line("ppp_value"), *ppp, "–"))
        rows.append((view.line("vfm_amount"), view.display.money(approved), view.display.money(found.vfm_amount), "–"))
    heads = view.columns("figure", "approved", "now", "whole")
    return Html(
        html.join(
            [
                html.heading(view.word("contract_section.standing"), "standing"),
                html.table(heads, rows, numbers=(1, 2, 3)),
                html.paragraph(view.word("appraisal.standing_note"), "note"),
            ]
        )
    )
