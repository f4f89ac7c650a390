"""The district's report: made by the runner like any other, in both languages, of thin districts too, and listed in the index."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ppp.portfolio.files import load_portfolio
from ppp.portfolio.study import study
from ppp.report.charts import district as charts
from ppp.report.district.view import DistrictView
from ppp.report.portfolio_page import DistrictReport
from ppp.report.words import LANGUAGES
from tests.portfolio.conftest import BAY, DALIAN, PLAIN, study_of
from tests.portfolio.test_stored import record, store

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "portfolio.ipynb"
SECTIONS = [
    re.search(r"report\.(\w+)\(\)", "".join(cell["source"]))[1]
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    if re.fullmatch(r"report\.\w+\(\)", "".join(cell["source"]))
]

THIN = {
    "no projects": "projects: {}",
    "a breach in year 1": "projects: {}\ncommitments: {old: {name: Old, from_year: 2022, spending: [150, 20]}}",
    "commitments alone": "commitments: {old: {name: Old, from_year: 2022, spending: [20, 30]}}",
    "debt without projects": (
        "debt:\n  general: {outstanding: 900, rate: 4%, principal: [100]}\n"
        "  special: {outstanding: 0, rate: 3%, principal: [0]}"
    ),
}


@pytest.fixture(params=THIN)
def thin(request, tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN.format(more=THIN[request.param]), encoding="utf-8")
    return path


def pages(path: Path, lang: str, results: str = "") -> str:
    report = DistrictReport(str(path), results, lang, 256)
    return "".join(getattr(report, name)()._repr_html_() for name in SECTIONS if name != "seal")


def words_of(markup: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"(alt|src)='[^']*'", "", markup))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", [DALIAN, BAY], ids=lambda path: path.stem)
def test_every_section_is_shown_and_wholly_in_its_language(path, lang):
    shown = pages(path, lang)
    text = words_of(shown)
    assert not re.search(r"\{\w*\}|\bNone\b|\bnan\b|\binf\b", text)
    if lang == "en":
        assert not re.search("[\u4e00-\u9fff]", text)
    anchors = re.findall(r"<h2 id='([\w-]+)'", shown)
    assert anchors[0] == "verdict" and anchors[-1] == "provenance" and len(anchors) == len(set(anchors))
    assert ("district_stress" in anchors) == (path == DALIAN)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_thin_district_has_a_sensible_report(thin, lang):
    shown = pages(thin, lang)
    assert not re.search(r"\{\w*\}|\bNone\b|\bnan\b|\binf\b", words_of(shown))
    found = study(load_portfolio(thin), 64)
    answer = {"within": "Within every line", "cap_broken": "The cap is broken"}[found.outcome]
    if lang == "en":
        assert answer in shown
        assert ("in the first year of the forecast already" in shown) == (found.outcome == "cap_broken")


def test_stored_results_are_shown(tmp_path):
    results = store(tmp_path / "reports", *(record(n, district="plain") for n in range(30)))
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN.format(more="projects: {}").replace("unit: one", "unit: yi"), encoding="utf-8")
    shown = pages(path, "en", str(results))
    assert "Stored results (30)" in shown and "Project 7" in shown and "the users&#39; share" not in shown
    assert study(load_portfolio(path, results)).complete


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", [DALIAN, BAY], ids=lambda path: path.stem)
def test_every_chart_is_drawn_and_says_what_it_shows(path, lang):
    found = study_of(path)
    view = DistrictView(found, lang)
    drawn = [draw(found, lang) for draw in (charts.district_share, charts.plan, charts.debt_ratio)]
    drawn.append(charts.calls(view.display)(found, lang))
    made = [chart for chart in drawn if chart is not None]
    assert len(made) == (4 if path == DALIAN else 2)
    for chart in made:
        assert chart.title in chart.alt and not re.search(r"\{|\bnan\b|\bNone\b", chart.alt)


def test_the_plan_says_why_a_wished_set_is_impossible(tmp_path):
    import shutil

    shutil.copytree(ROOT / "params", tmp_path / "params")
    path = tmp_path / "params" / "districts" / BAY.name
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("staff: [9, 9, 9, 9, 11]", "staff: [9, 9, 9, 9, 5]"), encoding="utf-8")
    shown = words_of(pages(path, "en"))
    assert "The wished set is impossible" in shown and "the staff of" in shown
    assert "not chosen" in shown


def test_the_command_makes_the_report_and_verify_agrees(tmp_path, commands):
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN.format(more=THIN["a breach in year 1"]), encoding="utf-8")
    made = commands["ppp"]("portfolio", "plain.yaml", folder=tmp_path)
    assert made.status == 0, made.err
    home = tmp_path / "reports" / "plain"
    assert {p.name for p in home.iterdir()} == {
        "district.json", "manifest.json", "portfolio.en.html", "portfolio.ipynb", "portfolio.zh.html", "summary.json",
    }  # fmt: skip
    assert commands["ppp"]("verify", "reports", folder=tmp_path).status == 0
    again = commands["ppp"]("portfolio", "plain.yaml", folder=tmp_path)
    assert "unchanged" in again.err and again.status == 0


def test_a_bad_district_is_refused_with_every_problem(tmp_path, commands):
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN.format(more="projects: {a: {file: a.yaml}, b: {file: b.yaml}}"), encoding="utf-8")
    made = commands["ppp"]("portfolio", "plain.yaml", folder=tmp_path)
    assert made.status == 1
    assert made.out.count("there is no such project file") == 2 and "plain.yaml:15:" in made.out


def test_a_batch_reports_on_districts_that_list_projects_and_indexes_them(tmp_path, commands, small):
    small(tmp_path, "one")
    (tmp_path / "plain.yaml").write_text(PLAIN.format(more="projects: {}"), encoding="utf-8")
    (tmp_path / "bearer.yaml").write_text(PLAIN.format(more="").replace("id: plain", "id: bearer"), encoding="utf-8")
    made = commands["ppp"]("batch", ".", "--draws", "16", "--lang", "en", folder=tmp_path)
    assert made.status == 0, made.err + made.out
    index = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    assert "href='plain/portfolio.en.html'" in index and "href='one/evaluation.en.html'" in index
    assert not (tmp_path / "reports" / "bearer").exists()
    assert commands["ppp"]("verify", "reports", folder=tmp_path).status == 0
