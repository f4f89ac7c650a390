"""How far the verdict can be trusted: rates, ranges, draws, other conventions, scenarios."""

from __future__ import annotations

from markupsafe import Markup

from ppp.appraisal.criteria import passes
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.appraisal.sensitivity import Response
from ppp.appraisal.side_by_side import differences
from ppp.lines import RESULTS
from ppp.loading import apply_scenario, load
from ppp.report import charts, html
from ppp.report.html import Html
from ppp.report.inputs_in_words import difference_label, difference_value
from ppp.report.sections import critics
from ppp.report.sections.simulation import simulation
from ppp.report.sections.view import NOTHING, View
from ppp.report.sections.whatif import whatif
from ppp.report.words import input_label

SCENARIO_FIGURES = ("debt", "equity_total", "project_irr", "equity_irr", "dscr_min", "vfm_amount", "share_peak")


def sensitivity(view: View) -> Html:
    """Where the verdict flips: along the rates, within plausible ranges, in draws, under other conventions."""
    appraisal = view.appraisal
    parts: list[Markup | None] = []
    if appraisal.rates and appraisal.rates[0].vfm is not None:
        parts += [view.chart(charts.rates), html.bullets([_switches(view, response) for response in appraisal.rates])]
    parts.append(view.chart(charts.tornado))
    parts += whatif(view)
    parts += simulation(view)
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
        html.paragraph(_loans(view, shown), "note") if view.evaluation.tranches else None,
        _changed(view, shown),
    )


def _loans(view: View, shown: dict[str, Evaluation]) -> str:
    held = [view.scenario_title(name) for name, other in shown.items() if other.project._signed is not None]
    if not held:
        return view.word("text.scenario_note")
    return view.word("text.scenario_note_held", names=view.listed(held))


def _changed(view: View, shown: dict[str, Evaluation]) -> Markup | None:
    """Every input that a scenario changes, beside the base case's."""
    projects = {name: other.project for name, other in shown.items()}
    found = differences(list(projects.values()))
    if not found:
        return None
    first = projects["base"]
    rows = [
        (
            difference_label(each.path, first, view.lang),
            *(
                difference_value(each.path, value, project, view.lang)
                for value, project in zip(each.values, projects.values(), strict=True)
            ),
        )
        for each in found
    ]
    heads = [*view.heads("input"), *map(view.scenario_title, projects)]
    return html.table(heads, rows, numbers=range(1, len(heads)), caption=view.word("section.compare_inputs"))


def _evaluated(view: View, name: str) -> Evaluation:
    origin = view.project._origin
    if name == (origin.scenario or "base"):
        return view.evaluation
    base = load(origin.path)
    return evaluate(base if name == "base" else apply_scenario(base, name))
