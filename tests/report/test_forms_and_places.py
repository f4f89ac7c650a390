"""Documents, packs and comparisons in the runner: at addresses, on a cluster, carried over from a report that stands."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ppp.loading import apply_scenario, load
from ppp.report import computed, produce
from ppp.report.batch import run_tasks
from ppp.report.comparison_page import ComparisonReport
from ppp.report.formats import documents
from ppp.report.formats import pack as packs
from ppp.report.manifest import unsealed
from ppp.report.places import place
from ppp.report.tasks import comparison_task, task_of, why_run
from ppp.report.verify import verify

PROJECT = Path(__file__).resolve().parents[2] / "params" / "wastewater.yaml"
NAME = "wastewater-plant"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a report as a web page, and its task."""
    folder = tmp_path_factory.mktemp("forms")
    task = task_of(load(PROJECT), place(folder.as_uri()), ("en",), 0)
    made = produce.produce(task, "no report yet")
    assert made.failure is None, made.trace
    return folder, task


def test_documents_are_made_at_an_address_without_the_notebook(home, monkeypatch):
    folder, task = home
    monkeypatch.setattr(produce, "_run", lambda *_: pytest.fail("the notebook ran again"))
    before = unsealed((folder / NAME / "manifest.json").read_bytes())
    wanted = replace(task, formats=("html", "docx", "xlsx"))
    why = why_run(wanted)
    assert why == "evaluation.en.docx is asked for"
    outcome = produce.produce(wanted, why)
    assert outcome.failure is None, outcome.trace
    after = unsealed((folder / NAME / "manifest.json").read_bytes())
    assert set(after["outputs"]) - set(before["outputs"]) == {"evaluation.en.docx", "evaluation.en.xlsx"}
    assert after["checks"] == before["checks"] != {}
    assert why_run(wanted) is None and why_run(task) is None
    assert {finding.state for finding in verify(folder.as_uri())} == {"ok"}
    path = folder / NAME / "evaluation.en.docx"
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert {f.path for f in verify(folder.as_uri()) if f.state == "altered"} == {
        f"{folder.as_uri()}/{NAME}/{path.name}"
    }
    assert why_run(task) == "evaluation.en.docx was altered"
    assert produce.produce(wanted, why_run(wanted)).failure is None
    assert path.read_bytes() == good


def test_a_worker_that_lacks_a_format_says_so_and_makes_the_rest(home, monkeypatch):
    _, task = home
    monkeypatch.setattr(documents, "why_not", lambda form: "no Pango here" if form == "pdf" else None)
    wanted = replace(task, formats=("html", "pdf"))
    outcome = produce.produce(wanted, str(why_run(wanted)))
    assert outcome.failure == "evaluation.en.pdf was not made: no Pango here" and outcome.complete
    assert why_run(wanted) == "evaluation.en.pdf is asked for"


def test_a_sealed_pack_is_ok_then_outdated_and_every_flipped_byte_shows(home):
    folder, _ = home
    (path,) = packs.write(folder, "meeting", {"en": b"%PDF-"}, packs.items_of(folder, [NAME], "en"))

    def states():
        return {f.path: f.state for f in verify(folder) if f.path.parent == path.parent}

    manifest = path.with_name("manifest.json")
    assert states() == {path: "ok", manifest: "ok"}
    assert {f.state for f in verify(path.parent)} == {"ok"}
    summary = folder / NAME / "summary.json"
    whole = summary.read_bytes()
    summary.write_bytes(whole + b"\n")
    assert states() == {path: "outdated", manifest: "ok"}
    summary.write_bytes(whole)
    sealed = manifest.read_bytes()
    for position in range(0, len(sealed), 7):
        manifest.write_bytes(sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :])
        assert states()[manifest] == "altered", position
    manifest.write_bytes(sealed)


def test_a_pack_takes_reports_that_were_made_one_by_one(home, tmp_path):
    folder, _ = home
    assert not (folder / "batch.json").exists()
    assert [item.folder.name for item in packs.items_of(folder, [], "en")] == [NAME]
    with pytest.raises(packs.Unusable, match=r"holds no report; make some with ppp report FILE -o .* or ppp batch"):
        packs.items_of(tmp_path, [], "en")


def test_a_comparison_is_computed_once_for_both_languages(monkeypatch):
    base = load(PROJECT)
    sides, made = [base, apply_scenario(base, next(iter(base.scenarios)))], []
    compute = computed.side_by_side
    monkeypatch.setattr(computed, "side_by_side", lambda found: made.append(len(found)) or compute(found))
    reports = [ComparisonReport.of(sides, lang) for lang in ("en", "zh", "en")]
    assert made == [2]
    assert reports[0].summary == reports[1].summary
    assert len(ComparisonReport.of(sides[::-1], "en").shown.sides) == 2 and made == [2, 2]


def test_a_comparison_is_made_once_and_stays_out_of_packs(tmp_path):
    base = load(PROJECT)
    task = comparison_task([base, apply_scenario(base, next(iter(base.scenarios)))], place(tmp_path), ("en",))
    (first,) = run_tasks([task], {}, tmp_path, ("en",), 1, False, lambda *_: None).outcomes
    assert first.failure is None, first.trace
    (again,) = run_tasks([task], {}, tmp_path, ("en",), 1, False, lambda *_: None).outcomes
    assert (again.why, again.failure, again.complete) == ("unchanged", None, True)
    assert json.loads((tmp_path / task.name / "summary.json").read_bytes())["report"] == "comparison"
    assert {f.state for f in verify(tmp_path)} == {"ok"}
    with pytest.raises(packs.Unusable, match="comparison"):
        packs.items_of(tmp_path, [task.name], "en")
