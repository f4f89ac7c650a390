"""The draws of an evaluation report: how probable what is, how far the results reach, what drives them, which draws are worst."""

from __future__ import annotations

import math

from markupsafe import Markup

from ppp.appraisal.simulation import QUANTILES, Estimate
from ppp.appraisal.simulation_summary import leading
from ppp.draws import Random, RiskCost
from ppp.lines import RESULTS
from ppp.report import charts, html
from ppp.report.sections.view import View
from ppp.report.words import input_label, percent, random_label, random_value

MOST_SHOWN = 4  # quantities beside a worst draw: those that drive it most
SHOWN = (
    "vfm_amount",
    "vfm_index",
    "project_irr",
    "equity_irr",
    "equity_npv",
    "dscr_min",
    "debt",
    "share_peak",
    "fiscal_total",
)


def simulation(view: View) -> list[Markup | None]:
    """Everything that the report says about its draws; nothing where nothing was drawn."""
    if view.appraisal.simulation is None:
        return []
    return [
        html.heading(view.word("section.simulation"), "simulation", 3),
        view.chart(charts.distribution),
        view.sentences(*_settings(view)),
        _randoms(view),
        _probabilities(view),
        view.sentences(_failing(view)),
        _quantiles(view),
        view.chart(charts.s_curve),
        *_drivers(view),
        *_worst(view),
    ]


def tables(view: View) -> list[Markup]:
    """The same without pictures, the drivers as a table."""
    return [
        html.heading(view.word("section.simulation"), "simulation", 3),
        view.sentences(*_settings(view)),
        _randoms(view),
        _probabilities(view),
        view.sentences(_failing(view)),
        _quantiles(view),
        *_driver_table(view),
        *_worst(view),
    ]


def _driver_table(view: View) -> list[Markup]:
    """Shares of the variance where there are any, rank correlations always."""
    found = view.appraisal.drivers[leading(view.appraisal.simulation)]
    said = [] if found.why is None else [html.paragraph(view.word(f"text.driver_why.{found.why}"), "note")]
    rows = []
    for name in found.ranked:
        parts = (found.total, found.alone)
        shares = [f"{percent(p[name].value, 1)} ±\u00a0{percent(p[name].error, 1)}" if p else "–" for p in parts]
        rank = "–" if math.isnan(found.rank[name]) else percent(found.rank[name], 0)
        rows.append((random_label(name, view.project, view.lang), *shares, rank))
    heads = view.heads("random", "share_in_all", "share_alone", "rank_correlation")
    caption = view.word("caption.drivers", result=view.line(found.result))
    return [html.table(heads, rows, numbers=(1, 2, 3), caption=caption), *said]


def _settings(view: View) -> list[str]:
    drawn = view.appraisal.simulation
    plan, terms = drawn.plan, drawn.plan.terms
    said = {"draws": f"{drawn.draws:,}", "points": f"{plan.points:,}", "scrambles": str(terms.scrambles)}
    notes = [
        view.word(f"text.simulated.{terms.sampling}", **said),
        view.word(f"text.draws_loan.{terms.loan}"),
    ]
    if view.project.risks:
        notes.append(view.word(f"text.draws_risks.{terms.risks}"))
    if view.evaluation.vfm is not None and not any(k.startswith("comparator.") for r in plan.randoms for k in r.keys):
        notes.append(view.word("text.draws_comparator"))
    if plan.joint is None:
        return [*notes, view.word("text.draws_independent")]
    pairs = [
        view.word("text.draws_pair", one=one, other=other, rank=percent(entry.rank, 0))
        for entry in terms.correlations
        for one, other in [[random_label(name, view.project, view.lang) for name in entry.between]]
    ]
    return [*notes, view.word("text.draws_correlated", pairs=view.listed(pairs))]


def _shape(view: View, random: Random) -> str:
    if isinstance(random.distribution, RiskCost):
        return view.word("shape.register")
    shape = random.distribution.shape
    if shape == "empirical":
        return view.word("shape.empirical", count=str(len(random.distribution.values)))
    return view.word(f"shape.{shape}")


def _randoms(view: View) -> Markup:
    rows = []
    for random in view.appraisal.simulation.plan.randoms:
        moves = [view.word(f"how.{random.how}", input=input_label(key, view.project, view.lang)) for key in random.keys]
        ends = [random_value(random, float(random.quantile(share)), view.display) for share in QUANTILES]
        label = random_label(random.name, view.project, view.lang)
        rows.append((label, "–" if moves == [label] else view.listed(moves), _shape(view, random), *ends))
    heads = view.heads("random", "moves", "distribution", "drawn_p5", "drawn_p50", "drawn_p95")
    return html.table(heads, rows, numbers=(3, 4, 5), caption=view.word("caption.randoms"))


def _probabilities(view: View) -> Markup:
    drawn = view.appraisal.simulation
    asked = "" if drawn.covenant is None else f"{drawn.covenant:.2f}"
    rows = [
        (view.word(f"event.{event}", covenant=asked), _how_probable(view, drawn.probability(event)))
        for event in drawn.events
    ]
    return html.table(
        view.heads("event", "probability"), rows, numbers=(1,), caption=view.word("caption.probabilities")
    )


def _how_probable(view: View, found: Estimate) -> str:
    """Where every draw or none shows it, the scatter says nothing about the error."""
    if found.value in (0.0, 1.0):
        return view.word("text.in_no_draw" if found.value == 0.0 else "text.in_every_draw")
    return _with_error(view, "rate", found, 1)


def _failing(view: View) -> str:
    failing = {test: share for test, share in view.appraisal.simulation.failing.items() if test != "integrity"}
    shares = [f"{view.word(f'test.{test}')} {percent(share, 0)}" for test, share in failing.items()]
    return view.word("text.draws_failing", tests=view.listed(shares))


def _with_error(view: View, kind: str, estimate: Estimate, decimals: int | None = None) -> str:
    def shown(value: float) -> str:
        return percent(value, decimals) if decimals is not None else view.display.value(kind, value)

    if not math.isfinite(estimate.value):
        return "–"
    if not math.isfinite(estimate.error):
        return shown(estimate.value)
    error = view.display.money(estimate.error, unit=False) if kind == "money" else shown(estimate.error)
    if estimate.error > 0.0 and not set(error) & set("123456789"):
        error = f"<\u00a0{error[:-1]}1" if error[-1] == "0" else f"<\u00a0{error[:-2]}1%"
    return f"{shown(estimate.value)} ±\u00a0{error}"


def _quantiles(view: View) -> Markup:
    drawn = view.appraisal.simulation
    rows = [
        (view.line(key), *(_with_error(view, RESULTS[key].unit, drawn.quantile(key, share)) for share in QUANTILES))
        for key in SHOWN
        if key in drawn.results
    ]
    heads = view.heads("result", "p5", "p50", "p95")
    return html.table(heads, rows, numbers=(1, 2, 3), caption=view.word("caption.quantiles"))


def _drivers(view: View) -> list[Markup | None]:
    found = view.appraisal.drivers[leading(view.appraisal.simulation)]
    why = None if found.why is None else html.paragraph(view.word(f"text.driver_why.{found.why}"), "note")
    return [view.chart(charts.drivers), why]


def _worst(view: View) -> list[Markup]:
    drawn = view.appraisal.simulation
    key = leading(drawn)
    shown = [
        other
        for other in ("vfm_amount", "equity_irr", "equity_npv", "dscr_min", "share_peak")
        if other in drawn.results
    ]
    strongest = view.appraisal.drivers[key].ranked[:MOST_SHOWN]
    order = {name: place for place, name in enumerate(strongest)}
    rows = []
    for number in drawn.worst(key):
        values = [view.display.value(RESULTS[other].unit, float(drawn.results[other][number])) for other in shown]
        ends = [
            random_value(random, float(drawn.randoms[random.name][number]), view.display)
            for random in sorted(drawn.plan.randoms, key=lambda r: order.get(r.name, 0))
            if random.name in order
        ]
        rows.append((drawn.scenario_of(number), *values, *ends))
    if not rows:
        return []
    heads = [*view.heads("draw"), *(view.line(other) for other in shown)]
    heads += [random_label(name, view.project, view.lang) for name in strongest]
    caption = view.word("caption.worst" if key == "vfm_amount" else "caption.worst_equity")
    return [
        html.table(heads, rows, numbers=range(1, len(heads)), caption=caption),
        html.paragraph(
            view.word("text.worst_draws", draw=rows[0][0]) if drawn.as_filed else view.word("text.draws_not_filed"),
            "note",
        ),
    ]
