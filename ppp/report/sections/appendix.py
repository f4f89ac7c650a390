"""What an auditor reads: rules and conventions, checks, inputs, provenance."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.appraisal.checks import Check
from ppp.appraisal.compliance import answers
from ppp.databook import databook
from ppp.regimes import Applied
from ppp.report import html
from ppp.report.html import Html
from ppp.report.input_table import input_table
from ppp.report.sections.view import View
from ppp.report.words import percent


def rules(view: View) -> Html:
    """The stamp: which rule book, which of its values with their citations, which readings of it."""
    rules = view.evaluation.rules
    pack = rules.pack
    values = [
        (
            _ruled(view, applied),
            _ruled_value(view, applied),
            f"{view.display.text(pack.documents[applied.document])} ({view.display.text(applied.article)})",
            html.keep(applied.valid_from.isoformat()),
            html.keep(applied.valid_to.isoformat() if applied.valid_to else "–"),
            html.mark(applied.checked or bool(applied.confirmed_by) or None, _checked(view, applied)),
        )
        for applied in rules.used.values()
    ]
    conventions = [
        (
            view.display.text(convention.meaning),
            view.choice(rules.convention(key)),
            view.word("text.override" if key in view.project.conventions else "text.default"),
            view.display.text(pack.documents[convention.document]),
        )
        for key, convention in pack.conventions.items()
    ]
    notes = [view.display.text(pack.name), view.display.text(pack.note)] + (
        [] if pack.dates_checked else [view.word("text.dates_unchecked")]
    )
    return view.section(
        "rules",
        html.bullets(notes),
        html.table(view.heads("rule", "value", "document", "from", "to", "checked"), values, numbers=(1,))
        if values
        else None,
        html.table(view.heads("convention", "choice", "set_by", "document"), conventions),
        _compliance(view),
    )


def _compliance(view: View) -> Markup | None:
    """The checklist with the file's answers."""
    pack, given = view.evaluation.rules.pack, view.project.compliance
    if not pack.compliance:
        return None

    def answer(met: bool | None) -> Markup:
        return html.mark(met, view.word({True: "answer.met", False: "answer.not_met", None: "answer.unanswered"}[met]))

    rows = []
    for key, met in answers(view.project, view.evaluation.rules).items():
        asked = pack.compliance[key]
        cited = f"{view.display.text(pack.documents[asked.document])} ({view.display.text(asked.article)})"
        checked = html.mark(asked.checked or None, view.word("text.checked" if asked.checked else "text.unchecked"))
        evidence = (given[key].evidence if key in given else None) or "–"
        rows.append((view.display.text(asked.statement), answer(met), evidence, cited, checked))
    heads = view.heads("requirement", "answer", "evidence", "document", "checked")
    return html.join([html.heading(view.word("text.compliance"), "compliance", 3), html.table(heads, rows)])


def _ruled(view: View, applied: Applied) -> str:
    """What the rule means, with the entry that was taken from a table."""
    meaning = view.display.text(view.evaluation.rules.pack.rules[applied.key].meaning)
    return (
        meaning
        if applied.choice is None
        else view.word("text.of_table", rule=meaning, entry=view.choice(applied.choice))
    )


def _ruled_value(view: View, applied: Applied) -> str:
    def shown(value: float) -> str:
        if applied.unit.startswith("rate"):
            return percent(value)
        return percent(value, 0) if applied.unit.startswith("share") else f"{value:g}"

    if not applied.steps:
        return shown(applied.value)
    return view.listed(
        [view.word("text.step", after=f"{after:g}", value=shown(value)) for after, value in applied.steps]
    )


def _checked(view: View, applied: Applied) -> str:
    if applied.confirmed_by:
        return view.word("text.confirmed", by=applied.confirmed_by)
    return view.word("text.checked" if applied.checked else "text.unchecked")


def checks(view: View) -> Html:
    """Every check of the model with its error; alerts after them; and the limits of the report."""

    def row(check: Check) -> tuple[object, ...]:
        passed = bool(np.all(check.passed))
        state = html.mark(
            passed or (False if check.hard else None),
            view.word("passed" if passed else "failed" if check.hard else "alert"),
        )
        return view.word(f"check.{check.key}"), state, view.display.value("error", float(np.max(check.error)))

    rows = [row(check) for check in (*view.evaluation.checks, *view.evaluation.alerts)]
    return view.section(
        "checks",
        html.table(view.heads("check", "result", "error"), rows, numbers=(2,)),
        html.paragraph(view.word("text.limits"), "note"),
    )


def inputs(view: View) -> Html:
    """The databook: every input in the file's own unit, with its source, or marked as a default."""
    unit = view.word("text.file_unit", unit=view.display.file_unit(view.project.unit))
    return view.section("inputs", html.paragraph(unit, "note"), *input_table(databook(view.project), view.display))


def provenance(view: View) -> Html:
    """What this report was made from, so that it can be made again."""
    summary = view.appraisal.summary
    rows = [
        (view.word("meta.id"), view.project.id),
        (view.word("meta.scenario"), view.scenario_title(view.project._origin.scenario)),
        (view.word("meta.input_hash"), summary["input_hash"]),
        (view.word("meta.version"), summary["version"]),
        (view.word("meta.draws"), str(view.appraisal.simulation.draws if view.appraisal.simulation else 0)),
        (view.word("meta.master_check"), view.word("meta.ok" if view.evaluation.sound.all() else "meta.bad")),
    ]
    return view.section("provenance", html.table(view.heads("item", "value"), rows))
