"""The draws and single inputs of an evaluation report, in both languages: every figure is the simulation's own."""

import re
from pathlib import Path

import numpy as np
import pytest

import ppp
from ppp.appraisal.importance import drivers
from ppp.report import charts
from ppp.report.plain import plain_tables
from ppp.report.sections.firmness import sensitivity
from ppp.report.sections.simulation import simulation, tables
from ppp.report.sections.view import View
from ppp.report.words import LANGUAGES

PARAMS = Path(__file__).resolve().parents[2] / "params"
SIMULATED = """
simulation:
  loan: held
  risks: drawn
  inputs:
    overrun:
      name: {en: Overrun on both sides, zh: 双方建设超支}
      multiplies: [construction.capex, comparator.capex]
      shape: lognormal
      mean: 1.05
      sd: 0.1
    rates: {adds_to: [discounting.rate], shape: normal, mean: 0%, sd: 0.3%}
    past: {multiplies: [operation.opex.times], shape: empirical, values: [0.95, 1.02, 1.31]}
"""
CORRELATED = SIMULATED + "  correlations: [{between: [overrun, rates], rank: 40%}]\n"


@pytest.fixture(scope="module")
def appraised(tmp_path_factory):
    made = {}

    def make(name, more="", draws=512):
        key = (name, more, draws)
        if key not in made:
            folder = tmp_path_factory.mktemp("params")
            (folder / "districts").mkdir()
            for file in (PARAMS / "districts").glob("*.yaml"):
                (folder / "districts" / file.name).write_bytes(file.read_bytes())
            for file in PARAMS.glob("*.*"):
                (folder / file.name).write_bytes(file.read_bytes())
            path = folder / f"{name}.yaml"
            path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
            made[key] = ppp.appraise(ppp.load(path), draws)
        return made[key]

    return make


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "name, more", [("au-courts", SIMULATED), ("au-courts", CORRELATED), ("toll-road", ""), ("school", "")]
)
def test_a_section_says_everything_in_words(appraised, name, more, lang):
    appraisal = appraised(name, more)
    view = View(appraisal, lang)
    shown = plain_tables(sensitivity(view))
    assert not re.search(r"\b[a-z]+\.[a-z_]+\.[a-z_]+\b", shown.replace("draw-", "")), (
        "a dotted key where a name should be"
    )
    found = appraisal.simulation
    for event in found.events:
        share = found.probability(event).value
        if 0.0 < share < 1.0:
            assert f"{100 * share:.1f}%" in shown
    if more:
        assert {"en": "Overrun on both sides", "zh": "双方建设超支"}[lang] in shown
        assert {"en": "empirical, 3 values", "zh": "经验分布（3个值）"}[lang] in shown
        assert {"en": "bears the base case's loan", "zh": "沿用基准债务"}[lang] in shown
        assert {"en": "drawn from these", "zh": "逐次抽样"}[lang] in shown
    said = {"en": "variance cannot be shared out", "zh": "方差无法在其间分解"}[lang]
    assert (said in shown) == ("correlations" in more)
    assert plain_tables(*[__import__("ppp").report.html.Html(m) for m in tables(view) if m is not None])


def test_a_file_may_say_how_many_points(appraised):
    assert appraised("school", "\nsimulation: {points: 32, scrambles: 4}\n", 4096).simulation.draws == 128
    assert appraised("school", "\nsimulation: {points: 32, scrambles: 4}\n", 0).simulation is None
    assert appraised("school", "", 100).simulation.draws == 128


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_say_what_the_draws_say(appraised, lang):
    appraisal = appraised("school")
    found = appraisal.simulation
    curve = charts.s_curve(appraisal, lang)
    share = 100 * found.probability("ppp_cheaper").value
    assert f"{share:.1f}".rstrip("0").rstrip(".") in curve.title
    drawn = charts.drivers(appraisal, lang)
    first = appraisal.drivers["vfm_amount"]
    assert f"{100 * first.total[first.ranked[0]].value:.0f}%" in drawn.title
    ranks = charts.drivers(appraised("au-courts", CORRELATED), lang)
    assert ("rank correlation" if lang == "en" else "秩相关系数") in ranks.title


def test_the_summary_holds_what_the_report_prints(appraised):
    import json

    for appraisal in (appraised("au-courts", CORRELATED), appraised("toll-road"), appraised("school")):
        summary = appraisal.summary["draws"]
        json.dumps(summary, allow_nan=False)
        found = appraisal.simulation
        assert summary["count"] == found.draws == summary["points"] * summary["scrambles"]
        for key, values in found.results.items():
            known = values[~np.isnan(values)]
            assert summary["results"][key]["p95"]["value"] == pytest.approx(np.quantile(known, 0.95), rel=1e-12)
        for event, happened in found.events.items():
            assert summary["probabilities"][event]["value"] == pytest.approx(happened.mean())
        assert summary["drivers"].keys() == drivers(found).keys()


def test_nothing_drawn_says_nothing(appraised):
    assert simulation(View(appraised("school", "", 0), "en")) == []


def test_a_draw_s_own_report_draws_nothing_more(appraised):
    base = appraised("school").project
    one = ppp.appraise(ppp.loading.apply_scenario(base, "draw-5"), 64)
    assert one.simulation is None
    assert (
        View(one, "en").scenario_title("draw-5") == "Draw 5" and View(one, "zh").scenario_title("draw-5") == "第5次抽样"
    )
    assert View(one, "en").scenario_title("adverse+draw-5").endswith(", draw 5")
