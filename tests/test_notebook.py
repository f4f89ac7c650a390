"""notebooks/evaluation.ipynb by itself: under bare papermill, and in JupyterLab."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import lab
import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "evaluation.ipynb"


def papermill(*arguments: object, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "papermill", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=lab.PATIENCE,
    )


def cells_of(path: Path) -> list[dict]:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


def shown(cells: list[dict], kind: str) -> str:
    return "\n".join(
        "".join(output["data"].get(kind, "")) for cell in cells for output in cell["outputs"] if "data" in output
    )


def assert_whole(path: Path) -> list[dict]:
    cells = cells_of(path)
    assert all(cell["execution_count"] for cell in cells)
    assert not [output for cell in cells for output in cell["outputs"] if output["output_type"] in ("error", "stream")]
    assert re.fullmatch(r"ppp-report [0-9a-f]{64}", shown(cells[-1:], "text/plain"))
    return cells


def test_the_notebook_is_committed_without_outputs_and_with_fixed_cells():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids)) and not [name for name in ids if re.fullmatch(r"[0-9a-f]{8}.*", name)]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_the_notebook_computes_nothing():
    """Its cells set the parameters, load, and call one section of the report each."""
    from ppp.report.evaluation_page import Report

    parameters, load, *sections = ["".join(cell["source"]) for cell in cells_of(NOTEBOOK)]
    names = {}
    exec(parameters, {}, names)
    assert names == {"project": "params/wastewater.yaml", "scenario": "base", "lang": "en", "draws": 4096}
    assert "Report(project, scenario, lang, draws)" in load
    called = [re.fullmatch(r"report\.(\w+)\(\)", source)[1] for source in sections]
    assert called[-1] == "seal"
    public = {name for name, value in vars(Report).items() if callable(value) and not name.startswith("_")}
    assert set(called) == public


def test_bare_papermill_from_the_root(tmp_path):
    out = tmp_path / "out.ipynb"
    run = papermill(
        "notebooks/evaluation.ipynb",
        out,
        "-p",
        "project",
        "params/wastewater.yaml",
        "-p",
        "draws",
        "64",
        folder=ROOT,
    )
    assert run.returncode == 0, run.stderr
    assert "Passed unknown parameter" not in run.stderr
    html = shown(assert_whole(out), "text/html")
    assert "Wastewater plant, second phase" in html and "Value for money" in html


def test_bare_papermill_in_chinese_from_elsewhere(tmp_path):
    run = papermill(
        NOTEBOOK,
        "out.ipynb",
        "-p",
        "project",
        ROOT / "params" / "wastewater.yaml",
        "-p",
        "lang",
        "zh",
        "-p",
        "scenario",
        "adverse",
        "-p",
        "draws",
        "0",
        folder=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    html = shown(assert_whole(tmp_path / "out.ipynb"), "text/html")
    assert "污水处理厂二期" in html and "情景：建设投资+10%、水量-15%、利率+100个基点" in html


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("scenario", "advers", "there is no such scenario, given advers; allowed: base, adverse, worst"),
        ("lang", "fr", "lang: given 'fr'; allowed: en, zh"),
        ("project", "params/nothing.yaml", "params/nothing.yaml"),
    ],
)
def test_a_wrong_parameter_is_an_error(tmp_path, name, value, message):
    run = papermill(
        "notebooks/evaluation.ipynb",
        tmp_path / "out.ipynb",
        "-p",
        "draws",
        "0",
        "-p",
        name,
        value,
        folder=ROOT,
    )
    assert run.returncode != 0
    assert message in run.stderr
    assert "ppp-report" not in shown(cells_of(tmp_path / "out.ipynb"), "text/plain")


@pytest.mark.needs_browser
def test_it_runs_from_top_to_bottom_in_jupyterlab(tmp_path, chromium):
    tree = lab.tree_with("evaluation.ipynb", tmp_path)
    with lab.jupyterlab(tree, tmp_path) as address, lab.opened(chromium, address, "evaluation.ipynb") as page:
        lab.run_all_cells(page)
        cells = wait_for_seal(page, tree / "notebooks" / "evaluation.ipynb")
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] in ("error", "stream")]
    assert all(cell["execution_count"] for cell in cells)
    assert re.search(r"^ppp-report [0-9a-f]{64}$", shown(cells, "text/plain"), re.MULTILINE)
    assert "Wastewater plant, second phase" in shown(cells, "text/html")


def wait_for_seal(page, notebook: Path) -> list[dict]:
    """JupyterLab draws only the cells in view, so what it saves is looked at rather than what it draws."""
    until = time.monotonic() + lab.PATIENCE
    cells: list[dict] = []
    while time.monotonic() < until:
        page.wait_for_timeout(1000)
        page.keyboard.press("Control+s")
        try:
            cells = cells_of(notebook)
        except ValueError:
            continue  # being written
        if cells[-1]["outputs"] or any(
            output["output_type"] == "error" for cell in cells for output in cell["outputs"]
        ):
            return cells
    raise AssertionError(f"the last cell never showed its seal: {[cell['execution_count'] for cell in cells]}")
