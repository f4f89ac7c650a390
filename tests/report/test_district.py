"""The district's report: made by the runner like any other, in both languages, of thin districts too, and listed in the index."""

from __future__ import annotations

import json
import re
import shutil
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
    answer = {"within": "PPP spending: within every line", "cap_broken": "PPP spending: the cap is broken"}[
        found.outcome
    ]
    if lang == "en":
        assert answer in shown
        assert ("in the first year of the forecast already" in shown) == (found.outcome == "cap_broken")


@pytest.mark.parametrize("lang, unit", [("zh", "万元"), ("en", "10 000 CNY")])
def test_the_budgets_name_the_files_unit_in_the_language(tmp_path, lang, unit):
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN.format(more="projects: {}").replace("unit: one", "unit: wan"), encoding="utf-8")
    shown = words_of(DistrictReport(str(path), "", lang, 16).budgets()._repr_html_())
    assert unit in shown and "万CNY" not in shown


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
    shutil.copytree(ROOT / "params", tmp_path / "params")
    path = tmp_path / "params" / "districts" / BAY.name
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("staff: [9, 9, 9, 9, 11]", "staff: [9, 9, 9, 9, 5]"), encoding="utf-8")
    shown = words_of(pages(path, "en"))
    assert "The wished set is impossible" in shown and "the staff of" in shown
    assert "What would make the whole wished set possible: lifting the staff of" in shown
    assert "dropping any one of these would do" not in shown and "No year's limit costs value" not in shown
    assert "not chosen" in shown


def test_the_answer_is_about_what_is_decided_and_candidates_are_said_apart(tmp_path):
    """Every project a candidate, at sizes that break the cap if all were done: nothing is decided, so nothing is broken."""
    shutil.copytree(ROOT / "params", tmp_path / "params")
    path = tmp_path / "params" / "districts" / BAY.name
    text = path.read_text(encoding="utf-8").replace("stage: committed", "stage: candidate, priority: 10")
    path.write_text(re.sub(r"expenditure: (\d+)", lambda m: f"expenditure: {int(m[1]) // 4}", text), encoding="utf-8")
    found = study(load_portfolio(path), 64)
    assert found.cap.count and not found.decided_lines[-1].count
    assert found.decided == pytest.approx(sum(found.promised.values(), 0.0 * found.decided))
    assert found.outcome == "within" == found.summary["outcome"]
    shown = words_of(pages(path, "en"))
    assert "no new project of any kind may begin" not in shown and "With every candidate at once" in shown
    assert "The best plan takes" in shown


@pytest.mark.parametrize(
    "lang, said", [("en", "The 3 stored results are in these figures by their sums"), ("zh", "本节数据含3个汇总结果")]
)
def test_how_stored_results_enter_the_accounts_is_said_beside_the_figures(tmp_path, lang, said):
    results = store(tmp_path / "reports", *(record(n, district="plain") for n in range(3)))
    path = tmp_path / "plain.yaml"
    more = THIN["debt without projects"] + "\nprojects: {}"
    path.write_text(PLAIN.format(more=more).replace("unit: one", "unit: yi"), encoding="utf-8")
    assert words_of(pages(path, lang, str(results))).count(said) == 2  # statements and debt risk
    assert said not in words_of(pages(path, lang))


@pytest.mark.parametrize("owed, look", [(50, "recommended"), (90000, "not_recommended")])
def test_the_colour_of_the_answer_follows_the_worse_of_spending_and_debt(tmp_path, owed, look):
    """PPP spending within every line and debt far into red: no green box, and the chart credits no projects."""
    debt = THIN["debt without projects"].replace("900", str(owed)).replace("[100]", f"[{owed // 10}]")
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN.format(more=debt), encoding="utf-8")
    found = study(load_portfolio(path), 64)
    assert found.outcome == "within"
    shown = pages(path, "en")
    assert f"<div class='verdict {look}'>" in shown
    assert f"Debt: {'red' if owed > 900 else 'green'}" in words_of(shown)
    assert "the file lists no projects" in charts.debt_ratio(found, "en").title
    assert "PPP支出责任：未超过任何控制线" in pages(path, "zh")


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
