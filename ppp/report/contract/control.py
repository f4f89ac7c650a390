"""Investment control, changes of the contract, termination and handback."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.contract.handback import MET, NOT_INSPECTED
from ppp.contract.investment_control import BREAKS, KEEPS
from ppp.quantities import SCALES
from ppp.report import html
from ppp.report.charts import contract as charts
from ppp.report.contract.outturn import shown_years
from ppp.report.contract.view import ContractView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent


def investment(view: ContractView) -> Html:
    """The estimates against one another and against what is spent, and the gate sheet."""
    if view.terms.investment_control is None:
        return NOTHING
    parts = [_controls(view) if view.review.controls else html.paragraph(view.word("appraisal.no_investment_rules"))]
    parts += [view.title(3, "gates"), _gates(view)]
    return view.part("investment", *parts)


def _controls(view: ContractView) -> Markup:
    rows = []
    for control in view.review.controls:
        state = html.mark({KEEPS: True, BREAKS: False}.get(control.state), view.word(f"control_state.{control.state}"))
        rule = control.rule
        cited = (
            f"{view.name(rule.document)}, {view.name(rule.article)}"
            if view.lang == "en"
            else f"{view.name(rule.document)}{view.name(rule.article)}"
        )
        rows.append(
            (
                view.word(f"control.{control.key}"),
                "–" if control.amount is None else view.amount(control.amount),
                "–" if control.allowed is None else view.amount(control.allowed),
                "–" if control.over is None else percent(control.over),
                state,
                cited if rule.checked else f"{cited} ({view.word('text.unchecked')})",
            )
        )
    heads = view.columns("comparison", "amount", "allowed", "over", "state", "rule")
    return html.table(heads, rows, numbers=(1, 2, 3), caption=view.unit_note("text.money_note"))


def _gates(view: ContractView) -> Markup:
    rows = []
    for item in view.review.gates:
        entry = item.entry
        passed = True if item.there else False if item.missing else None
        state = "there" if item.there else "missing" if item.missing else "not_due"
        rows.append(
            (
                view.name(item.gate.name),
                view.name(item.name),
                "–" if entry is None or entry.document is None else entry.document,
                "–" if entry is None or entry.on is None else html.keep(entry.on.isoformat()),
                "–" if entry is None or entry.signed_by is None else entry.signed_by,
                html.mark(passed, view.word(f"gate_state.{state}")),
            )
        )
    note = view.word("appraisal.gates_note")
    return html.table(view.columns("gate", "needs", "document", "day", "signed_by", "state"), rows, caption=note)


def change(view: ContractView) -> Html:
    """Refinancing, variations, a new index, a longer term: each beside the contract as it stands."""
    parts = [*_refinancing(view), *_changes(view)]
    return view.part("change", *parts) if parts else NOTHING


def _refinancing(view: ContractView) -> list[Markup]:
    found, terms = view.review.refinanced, view.terms.refinancing
    if found is None:
        return []
    years = view.review.outturn.years
    when = str(years.years[years.building + terms.after_year - 1])
    ratio = lambda value: "–" if not np.isfinite(value) else f"{value:.2f}"  # noqa: E731
    rows = [
        (view.word("refinancing.owed"), view.display.money(found.owed)),
        (view.word("refinancing.amount"), view.display.money(found.amount)),
        (view.word("refinancing.rate"), percent(found.rate)),
        (view.word("refinancing.cover"), f"{ratio(found.dscr_before)} → {ratio(found.dscr_after)}"),
        (view.word("refinancing.gain"), view.display.money(found.gain)),
        (view.word("refinancing.threshold"), view.display.money(terms.threshold * SCALES[view.project.unit])),
        (view.word("refinancing.shared", share=percent(terms.government_share, 0)), view.display.money(found.shared)),
    ]
    if terms.paid == "payment_cut":
        rows.append((view.word("refinancing.cut"), view.display.money(found.cut)))
    note = view.word("refinancing.note", year=when)
    return [
        view.title(3, "refinancing"),
        html.table(view.columns("figure", "value"), rows, numbers=(1,)),
        html.paragraph(note, "note"),
    ]


def _changes(view: ContractView) -> list[Markup]:
    if not view.review.changes:
        return []
    before = float(view.review.reforecast.now.results["equity_irr"][0])
    rows = []
    for found in view.review.changes:
        known = view.terms.variations.get(found.key)
        name = view.name(known.name) if known else view.word(f"change.{found.key}")
        irr = percent(found.equity_irr) if np.isfinite(found.equity_irr) else "–"
        now = percent(before) if np.isfinite(before) else "–"
        rows.append(
            (
                name,
                view.amount(found.payment),
                f"{now} → {irr}",
                view.amount(found.equity_worth),
                view.amount(found.government_cost),
            )
        )
    heads = view.columns("change", "payment_more", "equity_irr", "equity_worth", "government_cost")
    note = view.unit_note("appraisal.changes_note")
    return [view.title(3, "changes"), html.table(heads, rows, numbers=(1, 2, 3, 4), caption=note)]


def termination(view: ContractView) -> Html:
    """What would be paid if the contract ended at the end of each year, by cause."""
    found = view.review.exposures
    if not found:
        return NOTHING
    years = found[0].years
    shown = shown_years(years, view.review.day.year)
    rows = [
        (str(years[t]), *(view.amount(e.total[t]) if np.isfinite(e.total[t]) else "–" for e in found)) for t in shown
    ]
    heads = [*view.columns("year"), *(view.word(f"termination.{e.cause}") for e in found)]
    terms = [_terms(view, e.cause) for e in found]
    return view.part(
        "termination",
        view.chart(charts.termination),
        html.table(heads, rows, numbers=range(1, len(heads)), caption=view.unit_note("text.money_note")),
        html.bullets(terms),
        html.paragraph(view.word("appraisal.termination_note"), "note"),
    )


def _terms(view: ContractView, cause: str) -> str:
    terms = getattr(view.terms.termination, cause)
    scale = SCALES[view.project.unit]
    said = [view.word("termination.of_debt", value=percent(terms.debt, 0))]
    if terms.breakage:
        said.append(view.word("termination.of_breakage", value=percent(terms.breakage)))
    if terms.equity != "none":
        basis = view.word(f"equity_basis.{terms.equity}")
        said.append(view.word("termination.of_equity", value=percent(terms.equity_share, 0), basis=basis))
    for key in ("fixed", "deducted"):
        if getattr(terms, key):
            said.append(view.word(f"termination.of_{key}", value=view.display.money(getattr(terms, key) * scale)))
    return view.word("termination.terms", cause=view.word(f"termination.{cause}"), parts=view.listed(said))


def handback(view: ContractView) -> Html:
    """Conditions at handback, and what it costs to meet them."""
    found, terms = view.review.handback, view.terms.handback
    if found is None:
        return NOTHING
    scale = SCALES[view.project.unit]
    rows = []
    for key, item in terms.items.items():
        state = found.states[key]
        mark = html.mark(None if state == NOT_INSPECTED else state == MET, view.word(f"handback.{state}"))
        inspected = "–" if item.found is None else f"{item.found:g}"
        rows.append((view.name(item.name), f"{item.required:g}", inspected, mark, view.amount(item.cost * scale)))
    said = view.word(
        "handback.sum",
        cost=view.display.money(found.cost),
        retention=view.display.money(found.retention),
        uncovered=view.display.money(found.uncovered),
    )
    heads = view.columns("item", "required", "found", "state", "cost")
    table = html.table(heads, rows, numbers=(1, 2, 4), caption=view.unit_note("text.money_note"))
    return view.part("handback", table, html.paragraph(said))
