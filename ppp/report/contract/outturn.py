"""Scores and payment, forecast against outturn, and what the budget has to bear now."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.contract.settlement import GROUPS
from ppp.contract.special_funds import CENTS, STATES
from ppp.contract.variance import CAUSES
from ppp.quantities import SCALES
from ppp.report import html
from ppp.report.charts import contract as charts
from ppp.report.contract.view import ContractView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent


def performance(view: ContractView) -> Html:
    """The indicator tree with the last scores, score and share by year, and what was paid for it."""
    terms = view.terms.performance
    if terms is None:
        return NOTHING
    parts = [
        html.paragraph(
            view.word("appraisal.formula", linked=percent(terms.linked, 0), rest=percent(1 - terms.linked, 0))
        ),
        _scores(view),
        html.paragraph(_reading(view), "note"),
        _payment(view),
        view.title(3, "tree"),
        _tree(view),
    ]
    if terms.availability is not None and terms.availability.events:
        parts += [view.title(3, "events"), _events(view)]
    if terms.scores:
        parts += [view.title(3, "evidence"), _evidence(view)]
    return view.part("performance", *parts)


def _scores(view: ContractView) -> Markup:
    rows = []
    for scored in view.review.outturn.settlement.scores:
        groups = [f"{scored.groups[group]:.1f}" if scored.groups[group] else "–" for group in GROUPS]
        share = html.mark(not scored.rectify, percent(scored.share)) if scored.rectify else percent(scored.share)
        rows.append((str(scored.year), view.word(f"phase.{scored.phase}"), *groups, f"{scored.score:.1f}", share))
    heads = [
        *view.columns("year", "phase"),
        *(view.word(f"group.{group}") for group in GROUPS),
        *view.columns("score", "share"),
    ]
    return html.table(heads, rows, numbers=(2, 3, 4, 5, 6), caption=view.word("appraisal.scores_note"))


def _reading(view: ContractView) -> str:
    terms, linked = view.terms.performance, view.review.linked
    said = [view.word(f"fractional.{terms.fractional}")]
    if linked is not None:
        values = {"value": percent(linked.value, 0), "document": view.name(linked.document)}
        said.append(view.word("appraisal.linked_rule", **values))
        if not linked.checked:
            said.append(view.word("appraisal.unchecked"))
    return ("" if view.lang == "zh" else " ").join(said)


def _payment(view: ContractView) -> Markup | None:
    outturn, settled, rows = view.review.outturn, view.review.outturn.settlement, []
    for record in outturn.operated:
        k = record.index
        paid = record.money("government_payment") or 0.0
        cells = [
            settled.entitled[k],
            settled.entitled[k] * (settled.share[k] - 1.0),
            -settled.deduction[k],
            settled.due[k],
            paid,
        ]
        rows.append((str(record.year), *map(view.amount, cells), view.amount(paid - settled.due[k])))
    if not rows:
        return None
    heads = view.columns("year", "entitled", "by_score", "by_event", "due", "paid", "paid_less_due")
    return html.table(heads, rows, numbers=range(1, 7), caption=view.unit_note("appraisal.payment_note"))


def _tree(view: ContractView) -> Markup:
    terms = view.terms.performance
    last = {}
    for row in terms.scores:
        last[row.indicator] = row
    rows = []
    for key, indicator in sorted(
        terms.indicators.items(), key=lambda item: (item[1].phase, GROUPS.index(item[1].group))
    ):
        scored = last.get(key)
        rows.append(
            (
                view.word(f"phase.{indicator.phase}"),
                view.word(f"group.{indicator.group}"),
                view.name(indicator.name),
                percent(indicator.weight, 0),
                view.name(indicator.target) or "–",
                "–" if scored is None else f"{scored.score:g} ({scored.year})",
            )
        )
    return html.table(
        view.columns("phase", "group", "indicator", "weight", "target", "last_score"), rows, numbers=(3, 5)
    )


def _events(view: ContractView) -> Markup:
    terms = view.terms.performance.availability
    rows = [
        (
            str(e.year),
            view.name(terms.areas[e.area].name),
            f"{terms.areas[e.area].weight:g}",
            f"{e.periods:g}",
            e.cause or "–",
        )
        for e in terms.events
    ]
    return html.table(view.columns("year", "area", "weight", "periods", "cause"), rows, numbers=(2, 3))


def _evidence(view: ContractView) -> Markup:
    terms = view.terms.performance
    rows = [
        (
            str(r.year),
            view.name(terms.indicators[r.indicator].name),
            f"{r.score:g}",
            r.evidence or "–",
            r.assessor or "–",
        )
        for r in terms.scores
    ]
    return html.table(
        view.columns("year", "indicator", "score", "evidence", "assessor"), rows, numbers=(2,), css="dense"
    )


def variance(view: ContractView) -> Html:
    """Outturn less forecast by line and year, split by cause, in a table whose rows add up."""
    found = view.review.variances
    if not found:
        return NOTHING
    used = [cause for cause in CAUSES if any(v.cents[cause] for v in found)]
    rows = [
        (
            str(v.year),
            view.word("appraisal.line_capex") if v.line == "capex" else view.line(v.line),
            view.amount(v.forecast),
            view.amount(v.actual),
            *(view.amount(v.cents[cause] / CENTS) if v.cents[cause] else "–" for cause in used),
            view.amount(v.total),
        )
        for v in found
    ]
    heads = [
        *view.columns("year", "line", "forecast", "actual"),
        *(view.word(f"cause.{c}") for c in used),
        *view.columns("difference"),
    ]
    notes = [view.word(f"cause_note.{cause}") for cause in used]
    return view.part(
        "variance",
        view.chart(charts.variance),
        html.table(heads, rows, numbers=range(2, len(heads)), caption=view.unit_note("text.money_note"), css="dense"),
        html.bullets(notes),
    )


def spending(view: ContractView) -> Html:
    """Fiscal spending by year as approved and as it stands now, and the district's share."""
    review, found = view.review, view.review.reforecast
    timeline = found.base.inputs.timeline
    years = timeline.calendar_years
    approved = timeline.by_calendar_year(found.base.lines["fiscal_spending"])[:, 0]
    now = timeline.by_calendar_year(found.lines["fiscal_spending"])[:, 0]
    share = {}
    if found.load is not None:
        share = {int(y): float(s) for y, s in zip(found.load.years, found.load.share[:, 0], strict=True)}
    shown = shown_years(years, review.day.year)
    rows = [
        (
            str(years[t]),
            view.amount(approved[t]),
            view.amount(now[t]),
            view.amount(now[t] - approved[t]),
            percent(share[int(years[t])]) if int(years[t]) in share else "–",
        )
        for t in shown
    ]
    rows.append(
        (view.word("sum"), view.amount(approved.sum()), view.amount(now.sum()), view.amount((now - approved).sum()), "")
    )
    heads = view.columns("year", "approved", "now", "difference", "share_of_budget")
    return view.part(
        "spending",
        view.chart(charts.spending),
        html.table(
            heads, rows, numbers=range(1, 5), caption=view.unit_note("appraisal.spending_note"), last_is_sum=True
        ),
        html.paragraph(_outlook(view), "note"),
    )


def _outlook(view: ContractView) -> str:
    terms = view.terms.actuals
    if terms is None:
        return view.word("appraisal.no_actuals")
    outlook = terms.outlook
    values = {key: percent(getattr(outlook, key), 0) for key in ("users", "opex", "performance")}
    return view.word("appraisal.outlook", **values)


def shown_years(years: np.ndarray, now: int) -> list[int]:
    """Every year up to the third after the report, then every fifth, and the last."""
    return [t for t, year in enumerate(years) if year <= now + 3 or year % 5 == 0 or t == years.size - 1]


def special_funds(view: ContractView) -> Html:
    """Where every fund's money is, year by year, and what that asks of the next budget."""
    if not view.review.funds:
        return NOTHING
    parts = [html.paragraph(view.word("appraisal.funds_note"))]
    for key, stands in view.review.funds.items():
        fund = view.terms.special_funds[key]
        rows = [
            (
                str(s.year),
                view.amount(s.appropriated / CENTS),
                *(view.amount(s.states[state] / CENTS) if s.states[state] else "–" for state in STATES),
                view.amount(s.overdue / CENTS) if s.overdue else "–",
            )
            for s in stands
        ]
        heads = [
            *view.columns("year", "appropriated"),
            *(view.word(f"fund_state.{s}") for s in STATES),
            *view.columns("overdue"),
        ]
        said = view.word(
            "appraisal.fund_head",
            name=view.name(fund.name),
            purpose=view.name(fund.purpose),
            document=fund.document or "–",
        )
        parts += [
            html.paragraph(said),
            html.table(
                heads, rows, numbers=range(1, len(heads)), caption=view.unit_note("text.money_note"), css="dense"
            ),
        ]
        last = stands[-1]
        if last.advised is not None:
            need = fund.years[-1].next_need * SCALES[view.project.unit]
            values = {
                "need": view.display.money(need),
                "at_hand": view.display.money(last.available / CENTS),
                "advised": view.display.money(last.advised / CENTS),
            }
            parts.append(html.paragraph(view.word("appraisal.fund_advice", year=str(last.year + 1), **values)))
    return view.part("special_funds", *parts)
