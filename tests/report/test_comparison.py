"""Comparison reports: what they print, in both languages, from files, scenarios, draws and what a batch writes."""

import json
import re
from pathlib import Path

import pytest

import ppp
from ppp.appraisal.side_by_side_summary import summary_of
from ppp.lines import RESULTS
from ppp.problems import InputError
from ppp.report.comparison_page import ComparisonReport, as_json, sides_of
from ppp.report.manifest import result_hash
from ppp.report.plain import plain_tables
from ppp.report.words import LANGUAGES

PARAMS = Path(__file__).resolve().parents[2] / "params"
TOLL = str(PARAMS / "toll-road.yaml")


def text(*fragments):
    return plain_tables(*fragments)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["wastewater", "waste-to-energy", "hospital", "toll-road"])
def test_a_page_names_every_scenario_and_every_difference(name, lang):
    report = ComparisonReport(str(PARAMS / f"{name}.yaml"), lang)
    shown = text(report.overview(), report.inputs(), report.effects())
    for title in (s.get("title") for s in report.shown.sides[0].project.scenarios.values()):
        assert (title[lang] if isinstance(title, dict) else title)[:20] in shown
    for key in report.shown.results:
        assert RESULTS[key].label(lang)[:20] in shown
    assert not re.search(r"\b[a-z_]+\.[a-z_]+\.[a-z_]+\b", shown), "a dotted key where a name should be"
    if lang == "zh":
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]", shown)


def test_the_figures_are_the_evaluations():
    report = ComparisonReport(TOLL)
    base = ppp.evaluate(ppp.load(TOLL)).results
    shown = text(report.overview())
    assert f"{100 * base['equity_irr'][0]:.2f}%" in shown
    for side in report.shown.sides[1:]:
        change = f"{100 * (side.results['equity_irr'] - base['equity_irr'][0]):+.2f}".replace("-", "−")
        assert (f"({change}%)" if change.strip("+−0.") else "(0)") in shown


def test_what_a_batch_writes_reads_back_as_the_same_comparison(tmp_path):
    sides = sides_of(f"{TOLL}#adverse, {TOLL}#draw-7, {PARAMS / 'school.yaml'}")
    (tmp_path / "sides.json").write_text(as_json(sides), encoding="utf-8")
    again = ComparisonReport(str(tmp_path / "sides.json"))
    assert result_hash(again.summary) == result_hash(ComparisonReport.of(sides).summary)
    json.dumps(summary_of(again.shown), allow_nan=False)


def test_two_versions_of_a_file_say_what_changed(tmp_path):
    old = tmp_path / "old.yaml"
    (tmp_path / "districts").mkdir()
    for file in (PARAMS / "districts").glob("*.yaml"):
        (tmp_path / "districts" / file.name).write_bytes(file.read_bytes())
    for file in PARAMS.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    source = Path(TOLL).read_text(encoding="utf-8")
    old.write_text(source, encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(source.replace("156000", "160000"), encoding="utf-8")
    report = ComparisonReport(f"{old},{new}")
    assert report.summary["kind"] == "versions"
    assert {each["input"] for each in report.summary["differences"]} >= {"construction.capex"}
    assert "Versions of" in text(report.overview())


def test_charts_say_the_largest_effect():
    from ppp.report.charts.comparison import moved

    report = ComparisonReport(str(PARAMS / "wastewater.yaml"))
    drawn = moved(report.shown, report.shown.moved[0])(None, "en")
    assert "falls by CNY 47.2 million" in drawn.title and "construction cost moves it most (−40.0)" in drawn.title


def test_bad_sides_are_refused():
    with pytest.raises(ValueError, match="needs two"):
        ComparisonReport(f"{TOLL}#adverse")
    with pytest.raises(InputError, match="no such scenario"):
        ComparisonReport(f"{TOLL},{TOLL}#nothing")
    with pytest.raises(ValueError, match="lang: given 'fr'"):
        ComparisonReport(TOLL, "fr")


def test_the_notebook_computes_nothing():
    notebook = json.loads((PARAMS.parent / "notebooks" / "comparison.ipynb").read_text(encoding="utf-8"))
    parameters, load, *sections = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    names = {}
    exec(parameters, {}, names)
    assert names == {"projects": "params/wastewater.yaml", "lang": "en"}
    assert "ComparisonReport(projects, lang)" in load
    called = [re.fullmatch(r"report\.(\w+)\(\)", source)[1] for source in sections]
    public = {n for n, v in vars(ComparisonReport).items() if callable(v) and not n.startswith("_")}
    assert set(called) == public and called[-1] == "seal"
