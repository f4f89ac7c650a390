"""notebooks/explore.ipynb in a real JupyterLab under a real browser, and under bare papermill."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import lab
import pytest

import ppp

NOTEBOOK = lab.ROOT / "notebooks" / "explore.ipynb"
FIGURES = ".ppp-explore .explore-figures"
WELL_UNDER_A_SECOND = 0.9  # seconds from a key pressed to the figure changed, at best, on a machine that may be busy


def outputs_of(path: Path) -> list[dict]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]


def papermill(out: Path, *parameters: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "papermill", str(NOTEBOOK), str(out), *parameters],
        cwd=lab.ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=lab.PATIENCE,
    )


def test_its_cells_set_the_parameters_and_show_the_panel():
    cells = [c for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    assert "parameters" in cells[0]["metadata"]["tags"]
    names: dict[str, str] = {}
    exec("".join(cells[0]["source"]), {}, names)
    assert names == {"project": "params/wastewater.yaml", "scenario": "base", "lang": "en", "reports": "reports"}
    assert "Explorer(project, scenario, lang, reports)" in "".join(cells[1]["source"])
    assert "".join(cells[2]["source"]) == "explorer.standing()"


def test_bare_papermill_shows_how_things_stand(tmp_path):
    run = papermill(tmp_path / "out.ipynb", "-p", "lang", "zh", "-p", "scenario", "adverse")
    assert run.returncode == 0, run.stderr
    assert "Passed unknown parameter" not in run.stderr
    panel, standing = outputs_of(tmp_path / "out.ipynb")
    assert "application/vnd.jupyter.widget-view+json" in panel["data"]
    for shown in (panel, standing):
        html = "".join(shown["data"]["text/html"])
        assert "污水处理厂二期" in html and "不建议采用" in html and html.count("<svg") == 4


def test_a_wrong_parameter_is_an_error(tmp_path):
    run = papermill(tmp_path / "out.ipynb", "-p", "scenario", "advers")
    assert run.returncode != 0 and "there is no such scenario, given advers" in run.stderr


@pytest.mark.needs_browser
def test_a_slider_moves_the_figures_and_a_saved_scenario_comes_back(tmp_path, chromium):
    tree = lab.tree_with("explore.ipynb", tmp_path)
    file = tree / "params" / "wastewater.yaml"
    before = file.read_text(encoding="utf-8")
    with lab.jupyterlab(tree, tmp_path) as address, lab.opened(chromium, address, "explore.ipynb") as page:
        lab.run_all_cells(page)
        page.locator(f"{FIGURES} td").first.wait_for()
        page.locator(".ppp-explore .noUi-handle").first.wait_for()
        page.wait_for_timeout(1000)  # time in which a slider might send back what nobody chose
        assert page.locator(".explore-name.moved").count() == 0
        charts = page.locator(".ppp-explore .explore-charts").first
        shown = [page.locator(FIGURES).first.inner_text()]
        drawn, times = charts.inner_html(), []
        page.locator(".ppp-explore .noUi-handle").first.focus()
        for _ in range(5):
            begun = time.perf_counter()
            page.keyboard.press("ArrowRight")
            page.wait_for_function(
                "([at, was]) => document.querySelector(at).innerText != was", arg=[FIGURES, shown[-1]], polling=5
            )
            times.append(time.perf_counter() - begun)
            shown.append(page.locator(FIGURES).first.inner_text())
        assert min(times) < WELL_UNDER_A_SECOND, times
        assert charts.inner_html() != drawn
        box = page.locator(".ppp-explore input[type=text]").first
        assert box.input_value() == "31100"  # five steps of 100 from the file's 30600
        box.fill("many")
        box.press("Enter")
        page.locator(".explore-refused").wait_for()
        assert "is not a number, given many" in page.locator(".explore-refused").inner_text()
        box.fill("33000")
        box.press("Enter")
        page.locator(".explore-refused").wait_for(state="detached")
        page.wait_for_function("at => document.querySelector(at).innerText.includes('−')", arg=FIGURES, polling=5)
        figures = page.locator(FIGURES).first.inner_text()
        page.get_by_placeholder("Name, such as dear-money").fill("dear")
        page.get_by_role("button", name="Save as scenario").click()
        page.get_by_text("Saved as scenario dear").wait_for()
        assert file.read_text(encoding="utf-8").startswith(before)  # comments and all; the scenarios stand last
        scenario = page.locator(".ppp-explore select").nth(1)
        for name in ("base", "dear"):
            scenario.select_option(label=name)
            page.wait_for_function(
                "value => document.querySelector('.ppp-explore input[type=text]').value == value",
                arg={"base": "30600", "dear": "33000"}[name],
            )
        assert page.locator(FIGURES).first.inner_text() == figures
        page.get_by_role("button", name="中文").click()
        page.get_by_role("heading", name="污水处理厂二期").first.wait_for()
    saved = ppp.evaluate(ppp.load(file, "dear"))
    assert f"{saved.results['project_irr'][0]:.2%}" in figures and re.search(
        r"^\s*capex: 33000", file.read_text(), re.M
    )
