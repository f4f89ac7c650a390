"""What an official reads first: the verdict with its reasons, the tests, the key figures, printed figures beside computed ones."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.appraisal.debt_terms import lowest_cover_date
from ppp.appraisal.statements import same_flow
from ppp.appraisal.verdict import NOT_ASSESSABLE, PUBLISHED, Test
from ppp.lines import RESULTS
from ppp.model.irr import SEVERAL, UNIQUE, Irr, sign_changes
from ppp.report import html
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING, View
from ppp.report.words import percent

KEY_FIGURES = (
    "uses_total",
    "debt",
    "equity_total",
    "grant_total",
    "gearing",
    "project_irr",
    "project_irr_after_tax",
    "equity_irr",
    "partner_irr",
    "equity_npv",
    "dscr_min",
    "dscr_average",
    "interest_cover_min",
    "llcr",
    "plcr",
    "payback_years",
    "discounted_payback_years",
    "psc",
    "ppp_value",
    "vfm_amount",
    "vfm_index",
    "qualitative_score",
    "share_peak",
    "share_peak_alone",
    "fiscal_total",
)


def verdict(view: View) -> Html:
    """The answer: outcome, reasons, reservations, cures."""
    outcome = view.appraisal.verdict
    parts = [
        Markup("<p class='status {}'>{}</p>").format(view.project.status, view.word(f"status.{view.project.status}")),
        Markup("<h1>{}</h1>").format(view.display.text(view.project.name)),
        Markup("<p class='subtitle'>{}</p>").format(_subtitle(view)),
        Markup("<dl class='facts'>{}</dl>").format(
            html.join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*fact) for fact in _facts(view))
        ),
        html.heading(view.word("section.verdict"), "verdict"),
        Markup("<div class='verdict {}'><p class='outcome'>{}</p><p>{}</p></div>").format(
            outcome.outcome, view.word(f"outcome.{outcome.outcome}"), view.word(f"outcome_sentence.{outcome.outcome}")
        ),
    ]
    if outcome.reasons:
        parts.append(html.bullets([view.display.say(reason) for reason in outcome.reasons]))
    if outcome.reservations and outcome.outcome != NOT_ASSESSABLE:
        parts += [
            html.heading(view.word("text.reservations"), "reservations", 3),
            html.bullets([view.display.say(r) for r in outcome.reservations]),
        ]
    if outcome.cures:
        parts += [
            html.heading(view.word("text.cures"), "cures", 3),
            html.bullets([view.display.say(cure) for cure in outcome.cures]),
        ]
    if outcome.outcome == PUBLISHED:
        parts.append(_printed_verdict(view))
    return Html(html.join(parts))


def _subtitle(view: View) -> str:
    scenario = view.project._origin.scenario
    title = view.word("report.title")
    return (
        title
        if scenario is None
        else f"{title} · {view.word('text.scenario_shown', name=view.scenario_title(scenario))}"
    )


def _facts(view: View) -> list[tuple[str, str]]:
    project, timeline = view.project, view.project.timeline
    term = view.word(
        "text.term",
        construction=view.display.length(timeline.construction),
        operation=view.display.length(timeline.operation),
        close=view.display.date(timeline.financial_close),
    )
    return [
        (view.word("meta.sector"), view.word(f"sector.{project.sector}")),
        (view.word("meta.payment"), view.word(f"payment.{project.payment.kind}")),
        (
            view.word("meta.district"),
            view.display.text(project.budget.name) if project.budget else view.word("text.none"),
        ),
        (view.word("meta.regime"), view.display.text(view.evaluation.rules.pack.name)),
        (view.word("meta.term"), term),
        (view.word("meta.appraised"), view.display.date(project.appraised)),
    ]


def _printed_verdict(view: View) -> Markup:
    """How many figures that a publication prints are reproduced, and how many that others recomputed from it."""
    lines = []
    kinds = {
        "printed": ("text.printed_ok", "text.printed_bad"),
        "recomputed": ("text.recomputed_ok", "text.recomputed_bad"),
    }
    for kind, (good, bad) in kinds.items():
        figures = [figure for figure in view.appraisal.printed if getattr(figure.figure, kind) is not None]
        wrong = sum(not figure.agrees for figure in figures)
        key, count = (bad, wrong) if wrong else (good, len(figures))
        if figures:
            lines.append(html.paragraph(html.mark(not wrong, view.word(key, count=str(count), all=str(len(figures))))))
    return html.join(lines)


def tests(view: View) -> Html:
    """Each test with what was measured, against what, and the margin."""
    if not view.appraisal.verdict.tests:
        return NOTHING
    result = {True: "passed", False: "failed", None: "not_assessable"}

    def values(test: Test) -> list[str]:
        both = test.measured is not None and test.limit is not None
        # a score of 59.999 against 60 must not read "60.0, 60.0, failed"
        finer = view.display.finer(test.measured[0], test.measured[1], test.limit[1]) if both else 0
        pairs = (test.measured, test.limit, test.margin)
        return ["–" if pair is None else view.display.value(*pair, finer) for pair in pairs]

    rows = [
        (
            view.word(f"test.{t.key}"),
            html.mark(None, view.word("informs")) if t.informs else html.mark(t.passed, view.word(result[t.passed])),
            *values(t),
        )
        for t in view.appraisal.verdict.tests
    ]
    return view.section(
        "tests", html.table(view.heads("test", "result", "measured", "limit", "margin"), rows, numbers=(2, 3, 4))
    )


def key_figures(view: View) -> Html:
    """The figures by which the project is known, in two columns, and what must be known to read them."""
    rows = [(view.line(key), _key_figure(view, key)) for key in KEY_FIGURES if _is_shown(view, key)]
    half = (len(rows) + 1) // 2
    heads = view.heads("item", "value")
    pair = html.join(html.table(heads, part, numbers=(1,)) for part in (rows[:half], rows[half:]) if part)
    notes = [view.word("text.money_note", unit=view.display.unit)]
    if view.project.price_basis == "real":
        notes.append(
            view.word("text.real_note", year=str(view.project.price_year), rate=percent(view.project.inflation))
        )
    for tranche in view.evaluation.tranches:
        name = view.tranche(tranche.name)
        amount = view.display.money(float(tranche.size[0]))
        key = f"text.binding.{tranche.binding[0]}" if tranche.size[0] > 0.0 else "text.no_room"
        notes.append(view.word(key, debt=name, amount=amount))
    if not view.evaluation.tranches:
        notes.append(view.word("text.no_debt" if view.evaluation.inputs.funded else "text.no_funding_model"))
    if view.evaluation.inputs.funded and view.project.tax is None:
        notes.append(view.word("text.no_tax"))
    return view.section(
        "key_figures", Markup("<div class='pair'>{}</div>").format(pair), view.sentences(*notes, *_irr_notes(view))
    )


def _is_shown(view: View, key: str) -> bool:
    """Whether the project has the figure and it says something of its own: a grant of nothing does not, nor does the private
    partner's return where the partner shares everything in proportion."""
    results = view.evaluation.results
    if key not in results or (key == "grant_total" and not results[key][0]):
        return False
    return key != "partner_irr" or not same_flow(view.evaluation, "partner_irr", "equity_irr")


def _key_figure(view: View, key: str) -> str:
    shown = view.display.value(RESULTS[key].unit, float(view.evaluation.results[key][0]))
    date = lowest_cover_date(view.evaluation) if key == "dscr_min" else None
    return shown if date is None else view.word("text.at_date", value=shown, date=date.isoformat())


def _irr_notes(view: View) -> list[str]:
    """In words: a flow without a rate of return and why, a flow with several, all of them, and which one is used."""
    return [
        _irr_note(view, key, found)
        for key, found in view.evaluation.irrs.items()
        if found.state[0] != UNIQUE and _is_shown(view, key)
    ]


def _irr_note(view: View, key: str, found: Irr) -> str:
    name = view.line(key)
    if found.state[0] == SEVERAL:
        roots = [percent(root) for root in found.roots_of(0)]
        said = view.word("text.irr_several", name=name, count=str(len(roots)), roots=view.listed(roots))
        value = float(found.value[0])
        used = view.word("text.irr_used", rate=percent(value)) if np.isfinite(value) else view.word("text.irr_unused")
        return said + ("" if view.lang == "zh" else " ") + used
    flow = view.evaluation.flows[key][:, :1]
    changes = int(sign_changes(flow)[0][0])
    if changes:
        return view.word("text.irr_none", name=name, changes=str(changes))
    kind = "paid" if (flow < 0.0).any() else "received" if (flow > 0.0).any() else "nothing"
    return view.word(f"text.irr_one_sign.{kind}", name=name)


def published(view: View) -> Html:
    """Printed figures beside the computed ones, with the citation and how the publication is read."""
    if view.project.published is None:
        return NOTHING
    rows = []
    for printed in view.appraisal.printed:
        figure = printed.figure
        when = str(figure.year) if figure.year else view.word("sum") if figure.line else "–"
        computed = percent(printed.computed, 3) if figure.digits.endswith("%") else f"{printed.computed:,.4f}"
        rows.append(
            (
                view.line(figure.line or figure.result),
                when,
                view.scenario_title(figure.scenario),
                figure.printed or view.word("text.recomputed", figure=figure.recomputed),
                computed,
                html.mark(printed.agrees, ""),
            )
        )
    source = view.project.published
    cited = view.sentences(
        view.word("meta.citation") + ("：" if view.lang == "zh" else ": ") + view.display.text(source.citation)
    )
    note = html.paragraph(view.display.text(source.note)) if source.note else None
    heads = view.heads("item", "year", "scenario", "printed", "computed", "agrees")
    return view.section("published", cited, note, html.table(heads, rows, numbers=(3, 4)))
