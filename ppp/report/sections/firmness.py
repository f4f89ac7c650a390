"""How far the verdict can be trusted: rates, ranges, draws, other conventions, scenarios."""

from __future__ import annotations

from markupsafe import Markup

from ppp.appraisal.criteria import passes
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.appraisal.sensitivity import Response
from ppp.lines import RESULTS
from ppp.loading import apply_scenario, load
from ppp.report import charts, html
from ppp.report.html import Html
from ppp.report.sections import critics
from ppp.report.sections.view import NOTHING, View
from ppp.report.words import input_label, percent

SCENARIO_FIGURES = ("debt", "equity_total", "project_irr", "equity_irr", "dscr_min", "vfm_amount", "share_peak")


def sensitivity(view: View) -> Html:
    """Where the verdict flips: along the rates, within plausible ranges, in draws, under other conventions."""
    appraisal = view.appraisal
    parts: list[Markup | None] = []
    if appraisal.rates and appraisal.rates[0].vfm is not None:
        parts += [view.chart(charts.rates), html.bullets([_switches(view, response) for response in appraisal.rates])]
    parts.append(view.chart(charts.tornado))
    if appraisal.simulation is not None:
        parts += [view.chart(charts.distribution), _draws(view)]
    if view.evaluation.vfm is None:  # else it stands on the value-for-money page
        parts += critics.side_by_side(view)
    return view.section("sensitivity", *parts) if any(part is not None for part in parts) else NOTHING


def _switches(view: View, response: Response) -> str:
    def value(amount: float) -> str:
        return view.display.input_value(response.key, amount)

    label = input_label(response.key, view.project, view.lang)
    if not response.switches:
        return view.word("text.switch_none", input=label, low=value(response.grid[0]), high=value(response.grid[-1]))
    return view.word(
        "text.switch_at",
        input=label,
        values=view.listed([value(v) for v in response.switches]),
        base=value(response.base),
    )


def _draws(view: View) -> Markup:
    drawn = view.appraisal.summary["draws"]
    notes = [view.word("text.draws", draws=f"{drawn['count']:,}")]
    if drawn["vfm_amount"] is not None:
        low, high = (view.display.money(drawn["vfm_amount"][q]) for q in ("p5", "p95"))
        notes += [
            view.word("text.cheaper", share=percent(drawn["ppp_cheaper"], 0)),
            view.word("text.vfm_range", low=low, high=high),
        ]
    failing = {test: share for test, share in drawn["failing"].items() if test != "integrity"}
    shares = [f"{view.word(f'test.{test}')} {percent(share, 0)}" for test, share in failing.items()]
    notes.append(view.word("text.draws_failing", tests=view.listed(shares)))
    return view.sentences(*notes)


def scenarios(view: View) -> Html:
    """Every scenario of the file beside the base: what it is called and what it gives."""
    project = view.project
    if not project.scenarios or project.published is not None:
        return NOTHING
    shown = {name: _evaluated(view, name) for name in ("base", *project.scenarios)}
    keys = [key for key in SCENARIO_FIGURES if key in view.evaluation.results]
    rows = [
        (
            view.scenario_title(name),
            *(view.display.value(RESULTS[key].unit, float(other.results[key][0])) for key in keys),
            view.listed([view.word(f"test.{test}") for test, passed in passes(other).items() if not passed.all()]),
        )
        for name, other in shown.items()
    ]
    return view.section(
        "scenarios",
        html.table(
            [*view.heads("scenario"), *(view.line(key) for key in keys), *view.heads("fails")],
            rows,
            numbers=range(1, len(keys) + 1),
        ),
        html.paragraph(view.word("text.scenario_note"), "note") if view.evaluation.tranches else None,
    )


def _evaluated(view: View, name: str) -> Evaluation:
    origin = view.project._origin
    if name == (origin.scenario or "base"):
        return view.evaluation
    base = load(origin.path)
    return evaluate(base if name == "base" else apply_scenario(base, name))
