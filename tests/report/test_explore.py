"""The panel of notebooks/explore.ipynb, driven without a browser: widgets in, widgets out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import ipywidgets as widgets
import numpy as np
import pytest

import ppp
from ppp.report.explore import Explorer
from ppp.report.explore.drawings import Series, by_years
from ppp.report.words import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def params(tmp_path, monkeypatch) -> Path:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path / "params"


@pytest.fixture
def panel(params) -> Explorer:
    return Explorer("params/wastewater.yaml")


def text_of(widget: widgets.HTML) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", widget.value))


def figure(panel: Explorer, label: str) -> list[str]:
    """The cells of a row of the key figures: its value and its difference."""
    row = next(row for row in re.findall("<tr>.*?</tr>", panel.shown["figures"].value) if f">{label}<" in row)
    return re.findall("<td[^>]*>(.*?)</td>", row)


def test_a_slider_moves_its_box_the_figures_and_the_charts(panel):
    before = panel.shown["charts"].value
    row = panel.rows["construction.capex"]
    row.slider.value = 33000.0
    assert row.box.value == "33000" and "base 30600" in row.name.value
    expected = ppp.evaluate(ppp.load("params/wastewater.yaml"), {"construction.capex": np.array([33000.0])})
    base = ppp.evaluate(ppp.load("params/wastewater.yaml"))
    irr, change = expected.results["project_irr"][0], (expected.results["project_irr"] - base.results["project_irr"])[0]
    assert figure(panel, "Project IRR before tax") == [f"{irr:.2%}", f"{100 * change:+.2f} pts".replace("-", "−")]
    assert panel.shown["charts"].value != before
    assert "All 17 checks of the model hold" in text_of(panel.shown["status"])


def test_a_box_moves_its_slider_beyond_its_end_too(panel):
    row = panel.rows["discounting.rate"]
    row.box.value = "7.3%"
    assert (row.slider.value, row.slider.max) == (7.3, 7.3) and panel.state.text("discounting.rate") == "7.3%"
    row.box.value = "4.5%"
    assert (row.slider.value, row.slider.max) == (4.5, 6.0) and not panel.state.changes


def test_what_a_browser_sends_back_of_a_value_between_steps_is_no_move(panel):
    row = panel.rows["discounting.rate"]
    row.box.value = "4.53%"
    row.slider.value = 4.55  # the nearest step, as a slider in a browser shows 4.53
    assert panel.state.text("discounting.rate") == "4.53%"
    row.slider.value = 4.6
    assert panel.state.text("discounting.rate") == "4.6%"


def test_a_bad_value_is_said_beside_its_widget_and_stays_in_its_box(panel):
    row, before = panel.rows["discounting.rate"], panel.shown["figures"].value
    row.box.value = "8"
    assert "may be a percentage or a fraction, given 8; write 8% or 0.08" in text_of(row.problem)
    assert "Figures keep 4.5%" in text_of(row.problem) and row.problem.layout.display != "none"
    assert row.box.value == "8" and panel.shown["figures"].value == before
    row.box.value = "8%"
    assert row.problem.value == "" and row.problem.layout.display == "none"


def test_text_stays_text(panel):
    row = panel.rows["discounting.rate"]
    row.box.value = "<img src=x onerror=alert(1)>"
    assert "<img" not in row.problem.value and "&lt;img" in row.problem.value
    row.box.value = "4.6%"
    panel.name.value, panel.title.value = "mine", "<script>alert(1)</script>"
    panel.keep.click()
    assert "<script" not in "".join(widget.value for widget in panel.shown.values())
    assert dict(map(reversed, panel.scenario.options))["mine"] == "<script>alert(1)</script>"  # an option is text


def test_a_scenario_is_chosen_changed_saved_and_chosen_again(panel):
    panel.scenario.value = "adverse"
    assert "Not recommended" in text_of(panel.shown["status"]) and panel.rows["construction.capex"].box.value == "33660"
    panel.rows["users.demand.times"].slider.value = 0.9
    shown = panel.shown["figures"].value
    panel.name.value, panel.title.value = "adverse", "Again"
    panel.keep.click()
    assert "there is a scenario adverse already; allowed: another name" in text_of(panel.shown["kept"])
    panel.name.value = "milder"
    panel.keep.click()
    assert "Saved as scenario milder in" in text_of(panel.shown["kept"]) and panel.scenario.value == "milder"
    assert ("Again", "milder") in panel.scenario.options and panel.name.value == ""
    assert panel.shown["figures"].value == shown
    panel.scenario.value = "base"
    panel.scenario.value = "milder"
    assert panel.shown["figures"].value == shown


def test_another_project_is_opened_and_a_bad_one_is_said(panel, params):
    (params / "broken.yaml").write_text("kind: project\nid: broken\n", encoding="utf-8")
    panel._open()
    panel.project.value = "params/broken.yaml"
    assert "params/broken.yaml:1:1: unit: is missing" in text_of(panel.shown["wrong"])
    assert panel.project.value == "params/wastewater.yaml" and panel.rows
    panel.project.value = "params/school.yaml"
    assert panel.shown["wrong"].value == "" and "payment.index" in panel.rows
    assert "Nine-year school" in text_of(panel.shown["heading"])


def test_the_simulation_is_shown_and_goes_with_the_next_move(panel):
    panel.draw.click()
    shown = text_of(panel.shown["drawn"])
    for expected in ("4,096 draws of 5 uncertain inputs", "The PPP is the cheaper option", "P50", "Reservations"):
        assert expected in shown
    assert "data:image/svg+xml" in panel.shown["drawn"].value  # the S-curve
    assert "Recommended with reservations" in text_of(panel.shown["status"])
    panel.rows["construction.capex"].slider.value = 31000.0
    assert panel.shown["drawn"].value == "" and "Passes every test" in text_of(panel.shown["status"])


def test_where_nothing_is_drawn_it_says_so(params):
    file = params / "wastewater.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"^ranges:\n(  .*\n)+", "", text, flags=re.MULTILINE), encoding="utf-8")
    panel = Explorer("params/wastewater.yaml")
    panel.draw.click()
    assert "Nothing is drawn here" in text_of(panel.shown["drawn"])


def test_all_of_it_is_in_the_language_chosen(panel):
    panel.rows["construction.capex"].slider.value = 33000.0
    panel.language.value = "zh"
    assert panel.rows["construction.capex"].box.value == "33000"  # the change is kept
    texts = [row.name.value for row in panel.rows.values()]
    texts += [text_of(panel.shown[kind]) for kind in ("heading", "status", "figures", "charts")]
    texts += [button.description for button in (panel.reset, panel.draw, panel.keep, panel.report)]
    assert all(CHINESE.search(text) for text in texts)
    assert not re.search(r"\b(base|case|Result|Now|rate)\b", " ".join(text_of(panel.shown[k]) for k in panel.shown))
    panel.draw.click()
    assert "抽样4,096次" in panel.shown["drawn"].value
    panel.language.value = "en"
    assert not CHINESE.search("".join(text_of(panel.shown[kind]) for kind in ("status", "figures", "charts")))


def test_back_undoes_every_change_and_every_refusal(panel):
    before = {kind: widget.value for kind, widget in panel.shown.items()}
    panel.rows["construction.capex"].slider.value = 33000.0
    panel.rows["discounting.rate"].box.value = "8"
    panel.reset.click()
    assert {kind: widget.value for kind, widget in panel.shown.items()} == before
    assert not panel.rows["discounting.rate"].problem.value and panel.rows["discounting.rate"].box.value == "4.5%"


def test_a_report_is_made_of_what_the_file_holds_and_not_of_what_is_moved(panel):
    panel.rows["construction.capex"].slider.value = 33000.0
    panel.report.click()
    assert "Save the changes as a scenario first" in text_of(panel.shown["kept"])


def test_the_report_is_made_beside_the_notebooks_and_linked(panel, params, monkeypatch):
    asked = {}

    def run_projects(projects, refused, folder, *rest):
        from ppp.report.batch import Batch
        from ppp.report.produce import Outcome

        asked.update(project=projects[0], folder=folder)
        return Batch(folder, [Outcome("wastewater-plant@adverse", "no report yet", asked.get("failure"))])

    monkeypatch.setattr("ppp.report.batch.run_projects", run_projects)
    panel.scenario.value = "adverse"
    panel.report.click()
    assert asked["project"]._origin.scenario == "adverse" and asked["folder"] == params.parent / "reports"
    page = params.parent / "reports" / "wastewater-plant@adverse" / "evaluation.en.html"
    assert str(page) in text_of(panel.shown["kept"])
    asked["failure"] = "cell 3 of the notebook: ValueError: no"
    panel.report.click()
    assert "cell 3 of the notebook" in text_of(panel.shown["kept"])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", sorted((ROOT / "params").rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_project_is_shown_with_charts_that_are_whole(path, lang):
    if path.parent.name == "districts":
        with pytest.raises(ppp.InputError, match="a project file is wanted here"):
            Explorer(str(path))
        return
    panel = Explorer(str(path), lang=lang)
    charts = re.findall("<svg.*?</svg>", panel.shown["charts"].value)
    found = panel.state.evaluation
    has_debt = bool(found.tranches) and bool(found.lines["debt_service"].any())
    assert len(charts) == 1 + has_debt + (found.vfm is not None) + (found.load is not None)
    for chart in charts:
        drawn = ElementTree.fromstring(chart)
        wide, high = map(float, drawn.get("viewBox").split()[2:])
        for element in drawn.iter():
            for name, limit in (("x", wide), ("x1", wide), ("x2", wide), ("y", high), ("y1", high), ("y2", high)):
                if (at := element.get(name)) is not None:
                    assert -1.0 <= float(at) <= limit + 1.0, ElementTree.tostring(element)
    assert not [row.name.value for row in panel.rows.values() if re.search(r"[a-z]+\.[a-z_]+\.[a-z]+", row.name.value)]


def test_a_chart_shows_the_values_it_is_given():
    years, values = np.array([2030, 2031, 2032]), np.array([4.0, -2.0, np.nan])
    line = Series("line", np.array([1.0, np.nan, 3.0]), "#000000")
    drawn = ElementTree.fromstring(by_years("t", years, [Series("bar", values, "#123456")], [line]))
    bars = [element for element in drawn.iter("rect") if element.get("fill") == "#123456"]
    heights = [float(bar.get("height")) for bar in bars]
    assert len(bars) == 3 and heights[0] == pytest.approx(2.0 * heights[1], abs=0.2)  # and the legend's mark
    assert float(bars[0].get("y")) + heights[0] == pytest.approx(float(bars[1].get("y")), abs=0.2)  # both from zero
    assert len(list(drawn.iter("circle"))) == 2  # single points where the line is broken


def test_without_widgets_it_shows_how_things_stand(panel):
    panel.rows["construction.capex"].slider.value = 33000.0
    shown = panel.standing()._repr_html_()
    assert "Construction cost (10 000 CNY): 33000" in shown and shown.count("<svg") == 4
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle and "explore-verdict" in bundle["text/html"]


def test_an_unknown_language_is_an_error():
    with pytest.raises(ValueError, match="allowed: en, zh"):
        Explorer(str(ROOT / "params" / "school.yaml"), lang="fr")
