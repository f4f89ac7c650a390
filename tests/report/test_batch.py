"""A batch: what it does, refuses, reports, keeps and repeats."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
import uuid
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from ppp.loading import load
from ppp.reading import read_document
from ppp.report.batch import Busy, locked
from ppp.report.collect import read_all, sorted_files
from ppp.report.task import MANIFEST
from ppp.report.tasks import task_of, why_run
from ppp.report.unread import RECORD

PATIENCE = 60.0  # seconds before a test gives a process up


def index_of(folder: Path, name: str = "index.html") -> BeautifulSoup:
    return BeautifulSoup((folder / name).read_text(encoding="utf-8"), "html.parser")


def rows_below(page: BeautifulSoup, anchor: str) -> dict[str, str]:
    """The rows of the table under a heading: first cell -> the whole row's text."""
    table = page.find(id=anchor).find_next("table")
    return {row.find("th").get_text(" "): row.get_text(" ") for row in table.find("tbody").find_all("tr")}


def said_of(run) -> dict[str, str]:
    """What standard error says of each project: its name -> state and detail."""
    found = (re.match(r"(\S+) +(\S+)(?: in [\d.]+ s)? \((.*)\)$", line) for line in run.err.splitlines())
    return {line[2]: f"{line[1]}: {line[3]}" for line in found if line}


# the files in params/ with troublesome ones beside them


def test_good_projects_are_done_beside_bad_files(shipped):
    said = said_of(shipped)
    assert shipped.status == 1
    params = [Path(shipped.folder) / "params"]
    projects, districts = sorted_files(params)
    districts = [path for path in districts if "projects" in read_document(path).data]
    assert len(districts) >= 2
    running = [project for project in read_all(projects)[0] if project.reviewed]
    assert running
    assert len(said) == len(projects) - 3 + len(districts) + len(running)
    assert {name for name, what in said.items() if what != "done: no report yet"} == {"my-project"}
    for name in said:
        assert (shipped.reports / name / MANIFEST).is_file(), name


def test_a_normal_batch_says_nothing_else_on_the_terminal(shipped):
    assert len(shipped.err.splitlines()) == len(said_of(shipped)), shipped.err


def test_refused_files_are_printed_with_every_problem(shipped):
    places = re.findall(r"^(params\S*bad\.yaml:\d+:\d+): (\S+):", shipped.out, re.MULTILINE)
    assert [field for _, field in places] == ["secter", "construction.capex", "discounting.rate"]
    assert "params/twin-file.yaml:2:1: id: " in shipped.out and "params/Twin-file.yaml:2:1: id: " in shipped.out
    assert "Traceback" not in shipped.out + shipped.err


def test_refused_files_leave_no_reports(shipped):
    assert not {"bad", "twin", "Twin"} & {path.name for path in shipped.reports.iterdir()}


@pytest.mark.parametrize("name", ["index.html", "index.zh.html"])
def test_failures_stand_first_in_the_index(shipped, name):
    page = index_of(shipped.reports, name)
    anchors = [heading["id"] for heading in page.find_all("h2")]
    assert anchors == ["failures", "districts", "contracts", "ranking", "published"]
    failures = rows_below(page, "failures")
    assert {"params/bad.yaml", "params/twin-file.yaml", "params/Twin-file.yaml"} < set(failures)
    assert len(failures) == 4
    assert all(field in failures["params/bad.yaml"] for field in ("secter", "construction.capex", "discounting.rate"))


def test_a_project_without_a_district_is_made_and_marked(shipped):
    assert "not assessable" in rows_below(index_of(shipped.reports), "failures")["My project"].lower()
    assert "无法评价" in rows_below(index_of(shipped.reports, "index.zh.html"), "failures")["我的项目"]
    assert said_of(shipped)["my-project"].startswith("incomplete: ")
    summary = json.loads((shipped.reports / "my-project" / "summary.json").read_text(encoding="utf-8"))
    assert summary["complete"] is False


def test_every_link_of_an_index_leads_to_a_file(shipped):
    for name in ("index.html", "index.zh.html"):
        links = [link["href"] for link in index_of(shipped.reports, name).find_all("a")]
        assert len(links) >= 2 * len(said_of(shipped))
        assert not [link for link in links if not (shipped.reports / unquote(link)).is_file()]


def test_no_process_outlives_a_batch(shipped, sabotaged):
    assert shipped.left == []
    assert sabotaged["before"].left == []


def test_nothing_unfinished_is_left(shipped, sabotaged):
    for reports in (shipped.reports, sabotaged["run"].reports):
        assert {path.name for path in reports.iterdir() if path.name.startswith(".")} - {RECORD} == {".lock"}


# projects that end badly

WHY = {
    "raises": r"cell \d+ of the notebook: ValueError: broken on purpose <b>\{x\}</b>",
    "kernel-killed": "DeadKernelError: Kernel died: signal SIGKILL",
    "worker-killed": "its worker process died: SIGKILL",
    "exits": "NotWhole: the cell sabotage shows an error: SystemExit: 0",
    "sleeps": "CellTimeoutError: A cell timed out",
    "active-markup": "UnsafeMarkup: active markup in an output: <script>",
    "other-hash": "NotWhole: the last cell shows 'ppp-report 0000",
    "no-last-cell": "NotWhole: the last cell shows ''",
    "takes-memory": "took more than 400 MB of memory",
    "takes-too-long": "took longer than 4 s",
    "server-killed": "its worker process died: each time",
}


@pytest.mark.parametrize("name", WHY)
def test_a_project_that_ends_badly_is_named_with_the_reason(sabotaged, name):
    said = said_of(sabotaged["run"])[name]
    assert re.match(f"FAILED: {WHY[name]}", said), said
    listed = rows_below(index_of(sabotaged["run"].reports), "failures")[name]
    assert said.removeprefix("FAILED: ") in listed
    assert name in (sabotaged["run"].reports / "failures.txt").read_text(encoding="utf-8")


def test_the_others_are_done_and_the_batch_exits_with_1(sabotaged, commands):
    run = sabotaged["run"]
    said = said_of(run)
    assert run.status == 1
    assert set(said) == {"good", *commands["sabotaged"], *commands["unharmed"]}
    assert set(commands["sabotaged"]) == set(WHY)
    for name in ("good", *commands["unharmed"]):
        assert said[name] == "done: no report yet", name
    assert "Traceback" not in run.out + run.err


@pytest.mark.parametrize("name", WHY)
def test_no_file_of_a_failed_project_gets_its_final_name(sabotaged, name):
    home = sabotaged["run"].reports / name
    found = {path.name: path.read_bytes() for path in home.iterdir()} if home.is_dir() else {}
    assert found == (sabotaged["kept"] if name == "kernel-killed" else {})


def test_the_last_good_report_stays(sabotaged):
    assert sabotaged["before"].status == 0, sabotaged["before"].err
    assert {"evaluation.en.html", "evaluation.ipynb", "summary.json", "project.json", "manifest.json"} == set(
        sabotaged["kept"]
    )
    page = index_of(sabotaged["run"].reports)
    row = next(row for row in page.find_all("tr") if row.find("th").get_text() == "kernel-killed")
    assert "an earlier report is kept" in row.get_text()
    assert (sabotaged["run"].reports / row.find("a")["href"]).is_file()


# what a rerun does


def test_a_rerun_makes_what_changed_and_says_why(rerun):
    _, second, _ = rerun
    assert second.status == 0
    assert said_of(second) == {
        "comment": "done: unchanged",
        "same": "done: unchanged",
        "value": "done: inputs changed",
        "deleted": "done: evaluation.en.html is missing",
        "altered": "done: summary.json was altered",
        "manifest": "done: its manifest cannot be read",
    }


def test_a_rerun_mends_what_was_deleted_or_altered(rerun):
    folder, _, third = rerun
    assert set(said_of(third).values()) == {"done: unchanged"}
    assert (folder / "reports" / "deleted" / "evaluation.en.html").is_file()
    json.loads((folder / "reports" / "altered" / "summary.json").read_text(encoding="utf-8"))


def test_one_project_can_be_forced(rerun, tmp_path, commands):
    folder = Path(shutil.copytree(rerun[0], tmp_path / "copy"))
    home = folder / "reports" / "same"
    before = {path.name: path.read_bytes() for path in home.iterdir() if path.name != MANIFEST}
    command = ("report", "same.yaml", "-o", "reports", "--lang", "en", "--draws", "0")
    assert said_of(commands["ppp"](*command, folder=folder)) == {"same": "done: unchanged"}
    forced = commands["ppp"](*command, "--force", folder=folder)
    assert forced.status == 0 and said_of(forced) == {"same": "done: forced"}
    assert {path.name: path.read_bytes() for path in home.iterdir() if path.name != MANIFEST} == before


def test_every_option_that_changes_a_report_is_a_reason_to_run(rerun):
    folder, _, _ = rerun
    project, reports = load(folder / "same.yaml"), folder / "reports"
    assert why_run(task_of(project, reports, ("en",), 0)) is None
    assert why_run(task_of(project, reports, ("en", "zh"), 0)) == "options changed"
    assert why_run(task_of(project, reports, ("en",), 1)) == "options changed"
    assert why_run(task_of(project, reports, ("en",), 0), force=True) == "forced"


@pytest.mark.parametrize("part", ["inputs", "notebook", "package", "environment", "options"])
def test_what_a_report_was_made_from_is_a_reason_to_run(rerun, part):
    folder, _, _ = rerun
    task = task_of(load(folder / "same.yaml"), folder / "reports", ("en",), 0)
    task.key[part] = "another"
    assert why_run(task) == f"{part} changed"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"key": 1, "outputs": []}', '{"key": {}, "outputs": {}}', "\ud800"]
)
def test_a_manifest_that_cannot_be_read_is_a_reason_to_run(rerun, tmp_path, text):
    folder, _, _ = rerun
    shutil.copytree(folder / "reports" / "same", tmp_path / "same")
    (tmp_path / "same" / MANIFEST).write_text(text, encoding="utf-8", errors="surrogatepass")
    assert why_run(task_of(load(folder / "same.yaml"), tmp_path, ("en",), 0)) == "its manifest cannot be read"


def test_a_scenario_is_a_report_of_its_own():
    params = Path(__file__).resolve().parents[2] / "params"
    base, adverse = (
        task_of(load(params / "wastewater.yaml", name), Path("r"), ("en",), 0) for name in (None, "adverse")
    )
    assert (base.name, adverse.name) == ("wastewater-plant", "wastewater-plant@adverse")
    assert base.folder != adverse.folder


# one batch at a time, and batches that are cut short


def test_a_second_batch_in_the_same_folder_is_refused(tmp_path, small, commands):
    small(tmp_path, "a")
    with locked(tmp_path / "reports"):
        run = commands["ppp"]("batch", "a.yaml", "-o", "reports", folder=tmp_path)
    assert run.status == 1
    assert run.err == "ppp: another batch is writing into reports; wait for it or choose another folder with -o\n"


def test_the_lock_is_free_after_its_batch(tmp_path):
    with locked(tmp_path), pytest.raises(Busy), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def begun(commands, folder: Path, mark: str):
    """A batch of three projects, at the moment when a kernel is at work and a project is done."""
    process = commands["start"](
        ["-m", "ppp.cli", "batch", ".", "-o", "reports", "--lang", "en", "--draws", "0", "--jobs", "2"],
        folder,
        mark,
    )
    until = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until and process.poll() is None:
            done = list((folder / "reports").glob("[a-z]*/" + MANIFEST))
            if (
                done
                and list((folder / "reports").glob(".making-*"))
                and any("forkserver" in line for p in commands["marked"](mark) for line in p.cmdline())
            ):
                return process, {path.parent.name for path in done}
            time.sleep(0.05)
    except BaseException:
        process.kill()
        raise
    process.kill()
    raise AssertionError("the batch never got to work")


SIGNALS = {"Ctrl-C": signal.SIGINT, "Ctrl-C twice": signal.SIGINT, "terminated": signal.SIGTERM}


@pytest.mark.parametrize("how", [*SIGNALS, "killed"])
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_batch_that_is_cut_short_leaves_nothing_and_can_be_continued(tmp_path, small, commands, how):
    for name in ("a", "b", "c"):
        small(tmp_path, name)
    mark = uuid.uuid4().hex
    process, done = begun(commands, tmp_path, mark)
    if how == "killed":
        process.kill()
    else:
        os.killpg(process.pid, SIGNALS[how])
        if how == "Ctrl-C twice":
            time.sleep(0.05)
            os.killpg(process.pid, signal.SIGINT)
    run = commands["finish"](process, tmp_path, mark, patience=PATIENCE if how == "killed" else 0.0)
    assert run.left == []
    if how != "killed":
        assert run.status == 130
        assert "interrupted; run the same command again to do the rest" in run.err
        assert "Traceback" not in run.err
        failures = rows_below(index_of(tmp_path / "reports"), "failures")
        assert failures and all("interrupted before it was done" in row for row in failures.values())
    again = commands["ppp"](
        "batch", ".", "-o", "reports", "--lang", "en", "--draws", "0", "--jobs", "2", folder=tmp_path
    )
    said = said_of(again)
    assert again.status == 0
    assert set(said) == {"a", "b", "c"}
    assert all(said[name] == "done: unchanged" for name in done)
    assert not list((tmp_path / "reports").glob(".making-*"))
    assert index_of(tmp_path / "reports").find(id="failures") is None


# which files


def test_a_file_that_is_named_twice_is_read_once(tmp_path, small, monkeypatch):
    path = small(tmp_path, "a")
    monkeypatch.chdir(tmp_path)
    assert sorted_files([Path("a.yaml"), tmp_path, path, Path("./a.yaml")])[0] == [Path("a.yaml")]


def test_hidden_and_other_files_are_passed_over(tmp_path, small):
    small(tmp_path, "a")
    (tmp_path / ".hidden").mkdir()
    small(tmp_path / ".hidden", "b")
    (tmp_path / "notes.txt").write_text("kind: project", encoding="utf-8")
    assert [path.name for path in sorted_files([tmp_path])[0]] == ["a.yaml"]


def test_two_files_of_one_id_are_both_refused(tmp_path, small):
    small(tmp_path, "a").rename(tmp_path / "first.yaml")
    small(tmp_path, "A").rename(tmp_path / "second.yaml")
    small(tmp_path, "b")
    projects, refused = read_all(sorted_files([tmp_path])[0])
    assert [project.id for project in projects] == ["b"]
    assert sorted(Path(name).name for name in refused) == ["first.yaml", "second.yaml"]
    assert all(problem.line == 2 for problems in refused.values() for problem in problems)


@pytest.mark.parametrize("name", ["index.html", "INDEX.zh.html", "failures.txt", "batch.json"])
def test_an_id_that_is_the_name_of_a_file_of_the_batch_is_refused(tmp_path, small, name):
    small(tmp_path, name)
    projects, refused = read_all([tmp_path / f"{name}.yaml"])
    assert not projects and len(refused) == 1


def test_an_empty_folder_is_a_mistake_of_usage(tmp_path, commands):
    (tmp_path / "params").mkdir()
    run = commands["ppp"]("batch", "params", folder=tmp_path)
    assert run.status == 2
    assert "no project files found" in run.err
    assert not (tmp_path / "reports").exists()
