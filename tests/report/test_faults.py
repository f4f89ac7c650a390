"""What goes wrong around a batch: places that cannot be written, full disks, lost workers, kills at any moment, endless use."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import nbformat
import psutil
import pytest

import ppp
from ppp.report.manifest import digest, unsealed

PARAMS = Path(__file__).resolve().parents[2] / "params"
PROVE = os.environ.get("PPP_PROVE") == "1"
LIGHT = ("--lang", "en", "--draws", "0")
# As if the worker processes had done what they were asked for.
UNMADE = """\
from ppp.report import workers
from ppp.report.task import Outcome
workers.run = lambda tasks, reasons, jobs: (Outcome(task.name, reasons[task.name]) for task in tasks)
"""
posix = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")


def said_of(run) -> dict[str, str]:
    found = (re.match(r"(\S+) +(\S+)(?: in [\d.]+ s)? \((.*)\)$", line) for line in run.err.splitlines())
    return {line[2]: f"{line[1]}: {line[3]}" for line in found if line}


def bytes_of(reports: Path, manifests: bool = False) -> dict[str, bytes]:
    """Every output below reports/, without what tells of one run."""
    return {
        path.relative_to(reports).as_posix(): path.read_bytes()
        for path in sorted(reports.rglob("*"))
        if path.is_file()
        and path.name not in (".lock", ".inputs.json", "run-log.jsonl")
        and (manifests or path.name != "manifest.json")
    }


def events(reports: Path) -> list[dict]:
    return [json.loads(line) for line in (reports / "run-log.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def tiny(tmp_path, small, commands):
    """A batch with a notebook of four cells: run it, or start it."""
    commands["tiny_notebook"](tmp_path / "tiny.ipynb")

    def command(*more: str) -> list[str]:
        batch = ("batch", "params", "-o", "reports", *LIGHT, "--jobs", "2", *more)
        return ["-c", commands["driver"], str(tmp_path / "tiny.ipynb"), *batch]

    def make(*names: str):
        (tmp_path / "params").mkdir(exist_ok=True)
        for name in names:
            small(tmp_path / "params", name)
        return command

    return make


# places and disks


def test_a_report_whose_folder_cannot_be_made_fails_alone(tmp_path, tiny, commands):
    command = tiny("a", "b")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a").write_text("in the way", encoding="utf-8")
    run = commands["run"](*command(), folder=tmp_path)
    said = said_of(run)
    assert run.status == 1 and said["b"].startswith("done")
    assert said["a"].startswith("FAILED: FileExistsError"), said
    (tmp_path / "reports" / "a").unlink()
    again = commands["run"](*command(), folder=tmp_path)
    assert again.status == 0
    assert said_of(again) == {"a": "done: no report yet", "b": "done: unchanged"}


def test_an_output_folder_that_is_a_file_is_named(tmp_path, tiny, commands):
    command = tiny("a")
    (tmp_path / "reports").write_text("in the way", encoding="utf-8")
    run = commands["run"](*command(), folder=tmp_path)
    assert run.status == 1 and run.err.startswith("ppp: reports") and "Traceback" not in run.err


@posix
def test_a_file_that_cannot_grow_fails_the_report_and_nothing_else(tmp_path, tiny, commands):
    """The system refuses every byte beyond the first 2,000 of a file, as a full disk or a quota does."""
    command = tiny("a", "b")
    program, *rest = command()[1:]
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2_000, resource.RLIM_INFINITY))\n" + program
    run = commands["run"]("-c", limited, *rest, folder=tmp_path)
    assert run.status == 1 and run.left == []
    assert "File too large" in run.err and "Traceback" not in run.err
    for home in (tmp_path / "reports").glob("[ab]"):
        assert not list(home.iterdir())
    again = commands["run"](*command(), folder=tmp_path)
    assert again.status == 0
    assert said_of(again) == {"a": "done: no report yet", "b": "done: no report yet"}


def test_no_kernel_has_to_be_installed(tmp_path, tiny, commands):
    command = tiny("a")
    program, *rest = command()[1:]
    without = """
import jupyter_client.kernelspec as specs
from ppp.report import processes, workers
def missing(self, name):
    raise specs.NoSuchKernel(name)
specs.KernelSpecManager.get_kernel_spec = missing
workers._method = lambda: "fork"
workers.QUIET["PPP_TEST_KERNEL"] = "missing"
"""
    if sys.platform == "linux":
        run = commands["run"]("-c", without + program, *rest, folder=tmp_path)
        assert run.status == 0, run.err
    needed = without + "processes.can_fork = lambda: False\n"
    run = commands["run"]("-c", needed + program, *rest, "--force", folder=tmp_path)
    assert run.status == 1
    assert said_of(run)["a"].startswith("FAILED: NoSuchKernel: "), run.err


# the log, and reruns


def test_the_run_log_tells_what_happened(tmp_path, tiny, commands):
    command = tiny("a", "b")
    assert commands["run"](*command(), folder=tmp_path).status == 0
    log = tmp_path / "reports" / "run-log.jsonl"
    with log.open("a", encoding="utf-8") as file:
        file.write('{"torn')
    assert commands["run"](*command(), folder=tmp_path).status == 0
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines.count('{"torn') == 1
    told = [json.loads(line) for line in lines if line != '{"torn']
    assert [event["event"] for event in told] == ["begin", "done", "done", "end"] * 2
    assert {event["why"] for event in told if event["event"] == "done"} == {"no report yet", "unchanged"}
    assert told[0]["tasks"] == 2 and len(told[0]["package"]) == 64


def test_twenty_projects_rerun_exactly_what_changed(tmp_path, tiny, commands):
    """One parameter: 1; one comment: 0; one output: 1; one source file of ppp, here of a copy of it that is what runs: 20.

    The last twenty are made in the long proof; else they are only asked for."""
    names = [f"p{number:02}" for number in range(20)]
    command = tiny(*names)
    package = Path(ppp.__file__).parent
    shutil.copytree(package, tmp_path / "ppp")  # with what numba has compiled; found first, beside the working folder

    def reran(made: bool = True) -> dict[str, str]:
        program, *rest = command()[1:]
        program = f"import ppp\nassert ppp.__file__.startswith({str(tmp_path)!r})\n" + program
        run = commands["run"]("-c", program if made else UNMADE + program, *rest, folder=tmp_path)
        assert run.status == 0, run.err
        said = said_of(run)
        assert set(said) == set(names)
        return {name: what.removeprefix("done: ") for name, what in said.items() if what != "done: unchanged"}

    assert reran() == dict.fromkeys(names, "no report yet")
    changed = tmp_path / "params" / "p07.yaml"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace("rate: 8%, tenor", "rate: 7%, tenor"), encoding="utf-8")
    assert reran() == {"p07": "inputs changed"}
    changed.write_text("# a remark\n" + changed.read_text(encoding="utf-8"), encoding="utf-8")
    assert reran() == {}
    (tmp_path / "reports" / "p11" / "evaluation.en.html").unlink()
    assert reran() == {"p11": "evaluation.en.html is missing"}
    assert reran() == {}
    with (tmp_path / "ppp" / "report" / "html.py").open("a", encoding="utf-8") as source:
        source.write("# a remark\n")
    assert reran(made=PROVE) == dict.fromkeys(names, "package changed")


# kills at any moment


def add_output(path: Path, megabytes: int) -> None:
    """Give a notebook one large output."""
    made = nbformat.read(path, 4)
    source = f"from IPython.display import HTML\nHTML('<p>' + 'figure ' * {megabytes * 150_000} + '</p>')"
    made.cells.insert(-1, nbformat.v4.new_code_cell(source, id="large"))
    nbformat.write(made, path)


@posix
def test_killed_at_any_moment_a_batch_leaves_whole_files_or_none(tmp_path, tiny, commands):
    """A report of 6 MB, its batch killed with SIGKILL at random moments: no broken file, no process, and it can be continued."""
    command = tiny("a", "b")
    add_output(tmp_path / "tiny.ipynb", 6)
    rng, kills = random.Random(3), 50 if PROVE else 3
    clean = commands["run"](*command(), folder=tmp_path)
    assert clean.status == 0, clean.err
    expected = bytes_of(tmp_path / "reports")
    assert len(expected["a/evaluation.en.html"]) > 6_000_000
    took = sum(event.get("seconds", 0.0) for event in events(tmp_path / "reports")) + 1.0
    broken, left = [], []
    for _ in range(kills):
        process = commands["start"](command("--force"), tmp_path, mark := uuid.uuid4().hex)
        time.sleep(1.0 + rng.random() * took)
        process.kill()
        left += commands["finish"](process, tmp_path, mark, patience=20.0).left
        for name, data in bytes_of(tmp_path / "reports").items():
            hidden = any(part.startswith(".") for part in Path(name).parts)
            if not hidden and name in expected and not name.startswith(("index", "batch")) and data != expected[name]:
                broken.append(name)
    assert (broken, left) == ([], [])
    again = commands["run"](*command("--force"), folder=tmp_path)
    assert again.status == 0
    assert bytes_of(tmp_path / "reports") == expected


# other numbers of workers, and a cluster


@pytest.mark.needs("pango")
def test_any_number_of_workers_and_a_cluster_that_loses_one_give_the_same_bytes(tmp_path, small, commands):
    """Every file but a manifest's `made`, as HTML, PDF and XLSX: with one and four processes, and on dask's workers of which one is killed
    as soon as it has begun. In the long proof also with two, twice each, a plant and a running contract in both languages among them."""
    params = tmp_path / "params"
    (params / "districts").mkdir(parents=True)
    for name in ("a", "b"):
        small(params, name)
    for path in (*PARAMS.glob("reclaimed-water*"), PARAMS / "wastewater.yaml") if PROVE else ():
        shutil.copy(path, params)
    district = (PARAMS / "districts" / "dalian-illustrative.yaml").read_text(encoding="utf-8")
    (params / "districts" / "dalian-illustrative.yaml").write_text(district.partition("\nprojects:")[0] + "\n", "utf-8")
    many = ("--lang", "en,zh", "--draws", "256") if PROVE else LIGHT
    batch = ("batch", "params", *many, "--format", "html,pdf,xlsx")

    for place, *how in (("1", "--jobs", "1"), ("4", "--jobs", "4"), *(AGAIN if PROVE else ())):
        run = commands["ppp"](*batch, "-o", place, *how, folder=tmp_path)
        assert run.status == 0, run.err
        assert bytes_of(tmp_path / place) == bytes_of(tmp_path / "1"), place
    expected = bytes_of(tmp_path / "1")
    forms = Counter(Path(name).suffix for name in expected)
    assert (forms[".pdf"], forms[".xlsx"]) == (
        (10, 8) if PROVE else (2, 2)
    )  # a running contract's appraisal has no workbook
    mark = uuid.uuid4().hex
    process = commands["start"](
        ["-m", "ppp.cli", *batch, "-o", "cluster", "--jobs", "2", "--cluster", "local"], tmp_path, mark
    )
    killed = worker_killed(process, tmp_path / "cluster")
    run = commands["finish"](process, tmp_path, mark, patience=20.0)
    assert killed and run.status == 0, run.err
    assert run.left == []
    assert bytes_of(tmp_path / "cluster") == expected


AGAIN = (
    *(("1 again", "--jobs", "1"), ("2", "--jobs", "2"), ("2 again", "--jobs", "2"), ("4 again", "--jobs", "4")),
    ("cluster whole", "--jobs", "2", "--cluster", "local"),
)


def worker_killed(process, reports: Path) -> int:
    """The id of the dask worker that was killed, the first that had a report at work."""
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        for staging in reports.glob(".making-*"):
            try:
                worker = psutil.Process(int(staging.name.rpartition("-")[2])).parent().parent()
                worker.send_signal(signal.SIGKILL)
                return worker.pid
            except (psutil.Error, AttributeError):
                continue
        time.sleep(0.01)
    return 0


def test_a_cluster_that_is_not_there_is_named(tmp_path, small, commands):
    small(tmp_path, "a")
    run = commands["ppp"]("batch", "a.yaml", *LIGHT, "--cluster", "nowhere:1", folder=tmp_path)
    assert run.status == 1
    assert "ppp: --cluster nowhere:1: " in run.err and "Traceback" not in run.err


# endless use


@pytest.mark.skipif(not PROVE, reason="make prove")
@pytest.mark.skipif(sys.platform != "linux", reason="the fork server is for Linux")
def test_memory_is_flat_over_500_reports(tmp_path, small, commands):
    commands["tiny_notebook"](tmp_path / "tiny.ipynb")
    small(tmp_path, "a")
    source = """
import dataclasses, psutil
from pathlib import Path
from ppp.report import tasks, workers
from ppp.report.collect import read_all
tasks.notebook_path = lambda *name: Path("tiny.ipynb").absolute()
(project,), _ = read_all([Path("a.yaml")])
(task,) = tasks.tasks_of(project, Path("reports"), ("en",), 0)
many = [dataclasses.replace(task, name=f"a{n}", folder=f"reports/a{n % 20}") for n in range(500)]
found = []
for n, outcome in enumerate(workers.run(many, dict.fromkeys([t.name for t in many], "asked"), 2)):
    assert outcome.failure is None, outcome
    if n % 50 == 49:
        found.append((psutil.Process().memory_info().rss, psutil.Process(workers._server()).memory_info().rss))
print("FOUND", found)
"""
    run = commands["run"]("-c", source, folder=tmp_path)
    assert run.status == 0, run.err
    found = json.loads(run.out.partition("FOUND")[2].replace("(", "[").replace(")", "]"))
    print("MB of the parent and of the fork server after each 50:", [(a >> 20, b >> 20) for a, b in found])
    for first, last in zip(found[0], found[-1], strict=True):
        assert last < first + 8e6


def test_what_a_manifest_vouches_for_lies_beside_it(tmp_path, tiny, commands):
    command = tiny("a")
    assert commands["run"](*command(), folder=tmp_path).status == 0
    made = unsealed((tmp_path / "reports" / "a" / "manifest.json").read_bytes())
    files = {name: digest((tmp_path / "reports" / "a" / name).read_bytes()) for name in made["outputs"]}
    assert files == made["outputs"]
