"""The yearly appraisal as a report: one notebook that computes nothing, made by the runner of the others, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import ppp
from ppp.contract.points import points
from ppp.contract.review import review
from ppp.report.appraisal_page import AppraisalReport
from ppp.report.batch import run_tasks
from ppp.report.collect import read_all, sorted_files
from ppp.report.listing import write_index
from ppp.report.tasks import appraisal_task, tasks_of
from ppp.report.words import LANGUAGES, glossary

from .conftest import PARAMS, with_contract

NOTEBOOK = PARAMS.parent / "notebooks" / "appraisal.ipynb"
EXAMPLE = PARAMS / "reclaimed-water.yaml"
SECTIONS = [name for name in vars(AppraisalReport) if not name.startswith("_") and name != "seal"]


def test_the_notebook_computes_nothing_and_is_committed_without_outputs():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    parameters, load, *sections = ["".join(cell["source"]) for cell in cells]
    names: dict = {}
    exec(parameters, {}, names)
    assert names == {"project": "params/reclaimed-water.yaml", "scenario": "base", "lang": "en"}
    assert "AppraisalReport(project, scenario, lang)" in load
    assert [re.fullmatch(r"report\.(\w+)\(\)", source)[1] for source in sections] == [*SECTIONS, "seal"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_section_of_the_example_says_something(lang):
    report = AppraisalReport(str(EXAMPLE), "base", lang)
    for name in SECTIONS:
        markup = getattr(report, name)()._repr_html_()
        assert len(re.sub("<[^>]*>", "", markup).strip()) > 40, name
        assert not re.search(r"\bnan\b|\binf\b|\{\w+\}", re.sub("src='[^']*'", "", markup)), name


def test_a_file_that_says_little_gives_a_short_report_and_no_error(tmp_path):
    with_contract("school", tmp_path, {"handback": {"items": {"roof": {"name": "Roof <b>", "required": 80}}}})
    report = AppraisalReport(str(tmp_path / "project.json"))
    shown = [getattr(report, name)()._repr_html_() for name in SECTIONS]
    assert "Roof &lt;b&gt;" in "".join(shown)
    assert report.performance()._repr_html_() == report.special_funds()._repr_html_() == ""


def test_only_a_file_with_a_contract_is_appraised(tmp_path):
    plain, example = ppp.load(PARAMS / "school.yaml"), ppp.load(EXAMPLE)
    assert [task.kind for task in tasks_of(plain, tmp_path, ("en",), 0)] == ["project"]
    assert [task.kind for task in tasks_of(example, tmp_path, ("en",), 0)] == ["project", "appraisal"]
    with pytest.raises(ValueError, match="no section `contract`"):
        review(plain)


def test_every_point_has_a_sentence_in_both_languages():
    source = Path(points.__code__.co_filename).read_text(encoding="utf-8")
    keys = set(re.findall(r'Point\("(\w+)"', source))
    keys |= {f"control_{key}" for key in ("design", "budget", "final_account", "expected", "contractor_advances")}
    assert len(keys) > 15
    for key in keys:
        assert set(glossary()[f"point.{key}"]) == set(LANGUAGES)


def test_the_runner_makes_it_proves_it_and_lists_it(tmp_path):
    projects, refused = read_all(sorted_files([EXAMPLE])[0])
    task = appraisal_task(projects[0], tmp_path, ("en",))
    batch = run_tasks([task], refused, tmp_path, ("en",), 1, False, lambda *_: None, write_index)
    (outcome,) = batch.outcomes
    assert outcome.failure is None and outcome.complete
    assert {"appraisal.en.html", "appraisal.ipynb", "project.json", "summary.json"} <= set(outcome.outputs)
    home = tmp_path / "reclaimed-water+appraisal"
    assert json.loads((home / "summary.json").read_text(encoding="utf-8"))["outcome"] == "act"
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "reclaimed-water%2Bappraisal/appraisal.en.html" in index and "Action is needed" in index
    again = run_tasks([task], refused, tmp_path, ("en",), 1, False, lambda *_: None, write_index)
    assert again.outcomes[0].why == "unchanged"


def test_every_heading_of_the_report_is_in_the_glossary():
    folder = Path(__file__).resolve().parents[2] / "ppp" / "report" / "contract"
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    heads = {key for said in re.findall(r"columns\(([^)]*)\)", text) for key in re.findall(r"\"(\w+)\"", said)}
    assert len(heads) > 30 and {f"contract_head.{key}" for key in heads} <= set(glossary())
    parts = set(re.findall(r"view\.part\(\s*\"(\w+)\"", text))
    assert {f"contract_section.{key}" for key in parts} <= set(glossary())
