"""Formats as they are asked for: what is made, kept, made again, left out with a cure, listed and verified."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ppp.loading import load
from ppp.report import produce
from ppp.report.batch import Batch
from ppp.report.fonts import MissingGlyph
from ppp.report.formats import documents, pdf
from ppp.report.index import index
from ppp.report.task import MANIFEST, Outcome
from ppp.report.tasks import task_of, why_report, why_run
from ppp.report.verify import verify

ALL = ("html", "pdf", "docx", "xlsx")


@pytest.fixture(scope="module")
def standing(tmp_path_factory, small):
    """A small project with its report as a web page alone."""
    folder = tmp_path_factory.mktemp("standing")
    task = task_of(load(small(folder, "small")), folder / "reports", ("en", "zh"), 0)
    outcome = produce.produce(task, "no report yet")
    assert outcome.failure is None, outcome.trace
    return task


@pytest.fixture
def task(standing, tmp_path, monkeypatch, program):
    """That report in a folder of its own, and a notebook that must not run again."""
    program("pango")
    folder = tmp_path / "small"
    shutil.copytree(standing.folder, folder)
    monkeypatch.setattr(produce, "_run", lambda *_: pytest.fail("the notebook ran again"))
    return replace(standing, folder=str(folder))


def outputs(task) -> dict[str, str]:
    return json.loads((Path(task.folder) / MANIFEST).read_text(encoding="utf-8"))["outputs"]


def make(task) -> Outcome:
    why = why_run(task)
    assert why is not None
    return produce.produce(task, why)


def test_a_rerun_makes_the_forms_that_are_missing_and_no_more(task):
    assert why_run(task) is None
    before = outputs(task)
    wanted = replace(task, formats=("html", "pdf", "docx"))
    assert why_run(wanted) == "evaluation.en.pdf is asked for"
    assert make(wanted).failure is None
    after = outputs(wanted)
    assert set(after) - set(before) == {
        f"evaluation.{lang}.{form}" for lang in ("en", "zh") for form in ("pdf", "docx")
    }
    assert {name: after[name] for name in before} == before
    assert why_run(wanted) is None
    assert why_run(task) is None  # fewer forms: what is there stays
    assert set(outputs(task)) == set(after)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"x")])
def test_a_document_that_is_lost_or_altered_is_made_again_alone(task, spoil):
    wanted = replace(task, formats=("html", "docx"))
    assert make(wanted).failure is None
    path = Path(task.folder) / "evaluation.zh.docx"
    good = path.read_bytes()
    spoil(path)
    assert why_report(wanted) is None
    assert make(wanted).failure is None
    assert path.read_bytes() == good
    assert why_run(wanted) is None


def test_a_document_that_fails_takes_no_other_with_it(task, monkeypatch):
    def fails(report):
        raise MissingGlyph("\U0001f600", report.name)

    monkeypatch.setattr(pdf, "pdf_of", fails)
    wanted = replace(task, formats=("html", "pdf", "docx"))
    outcome = make(wanted)
    assert "evaluation.en.pdf was not made" in outcome.failure and "U+1F600" in outcome.failure
    made = outputs(wanted)
    assert "evaluation.en.docx" in made and "evaluation.en.pdf" not in made
    monkeypatch.undo()
    assert why_run(wanted) == "evaluation.en.pdf is asked for"  # and is tried again


def test_verify_and_the_index_know_every_form(task):
    wanted = replace(task, formats=ALL)
    outcome = make(wanted)
    assert outcome.failure is None
    folder = Path(task.folder)
    found = {finding.path.name: finding.state for finding in verify(folder.parent)}
    for form in ALL:
        assert found[f"evaluation.zh.{form}"] == "ok"
    page = BeautifulSoup(index(Batch(folder.parent, [outcome]), "en", ("en", "zh")), "lxml")
    links = {link["href"] for link in page.find_all("a")}
    assert links == {f"small/evaluation.{lang}.{form}" for lang in ("en", "zh") for form in ALL}
    assert all((folder.parent / link).is_file() for link in links)
    (folder / "evaluation.en.xlsx").write_bytes(b"x")
    assert {f.path.name for f in verify(folder.parent) if f.state == "altered"} == {"evaluation.en.xlsx"}


def test_the_workbook_is_of_projects_alone(standing):
    task = replace(standing, formats=ALL)
    assert "evaluation.zh.xlsx" in documents.names(task)
    for kind, stem in (("district", "portfolio"), ("appraisal", "appraisal")):
        names = documents.names(replace(task, kind=kind))
        assert set(names) == {f"{stem}.{lang}.{form}" for lang in ("en", "zh") for form in ("pdf", "docx")}


@pytest.mark.parametrize("text", ["", ",", "pdf,doc", "html;pdf"])
def test_an_unknown_format_is_named_with_those_allowed(text):
    with pytest.raises(ValueError, match="html, pdf, docx, xlsx"):
        documents.chosen(text)


def test_web_pages_are_always_among_the_formats():
    assert documents.chosen("xlsx, PDF") == ("html", "pdf", "xlsx")
    assert documents.chosen("html") == ("html",)


NO_PANGO = """
import sys
sys.modules["weasyprint"] = None
from ppp.cli import main
main()
"""


def test_what_the_machine_lacks_is_said_in_one_line_with_the_cure_and_the_rest_is_made(tmp_path, small, commands):
    small(tmp_path, "small")
    options = ("report", "small.yaml", "--lang", "en", "--draws", "0", "--format", "pdf,docx")
    run = commands["run"]("-c", NO_PANGO, *options, folder=tmp_path)
    assert run.status == 1
    (line,) = [line for line in run.err.splitlines() if line.startswith("ppp: ")]
    assert "pdf" in line and "apt-get install libpango-1.0-0" in line and "brew install pango" in line
    assert {path.suffix for path in (tmp_path / "reports" / "small").iterdir()} == {".html", ".docx", ".ipynb", ".json"}
    wrong = commands["ppp"]("report", "small.yaml", "--format", "doc", folder=tmp_path)
    assert wrong.status == 2 and "html, pdf, docx, xlsx" in wrong.err
