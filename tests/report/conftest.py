"""Runs of the command line that many tests look at. Each is made once, whichever xdist worker asks first."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
MARK = "PPP_TEST_RUN"  # an environment variable by which a run's processes are known, also when they are orphans
HOSTILE = {
    "en": "<script>alert(1)</script> {{7*7}} {name} $x$ %s </title> \"' &amp; "
    '=HYPERLINK("x") javascript:alert(2) onload=x',
    "zh": '=HYPERLINK("x") <img src=x onerror=alert(3)> {0} $\\frac{1}{2}$ ' + "很长的项目名称" * 60,
}

# Complete, and quick to evaluate: nothing but one printed figure that no loan rate moves.
SMALL = """\
kind: project
id: {id}
name: Small project {id}
status: published
sector: other
regime: generic
appraised: 2020-01-01
currency: USD
unit: one
price_basis: nominal
timeline: {{financial_close: 2020-01-01, construction: 0 years, operation: 10 years}}
construction: {{capex: 1000000}}
operation: {{opex: 0, disposal: 1607023}}
users: {{payments: 120000}}
payment: {{kind: user_pay}}
funding:
  government_share: 0%
  debt: {{rate: 8%, tenor: 10 years, repayment: annuity, max_gearing: 70%}}
discounting: {{rate: 8%}}
published:
  citation: A teaching note
  figures: [{{result: project_irr, printed: "15.0%"}}]
"""

BAD = """\
kind: project
id: bad
name: Bad <b>file</b>
status: draft
secter: road
sector: road
regime: generic
appraised: 2020-01-01
currency: CNY
unit: wan
price_basis: nominal
timeline: {financial_close: 2020-01-01, construction: 2 years, operation: 10 years}
construction: {capex: -5}
operation: {opex: 10}
users: {payments: 120}
payment: {kind: user_pay}
discounting: {rate: 8}
"""


@dataclass(frozen=True)
class Run:
    """A command that has ended."""

    folder: str  # where it ran; the reports are in reports/ below it
    status: int
    out: str
    err: str
    left: list[str]  # command lines of its processes that outlived it

    @property
    def reports(self) -> Path:
        return Path(self.folder) / "reports"


def marked(mark: str) -> list[psutil.Process]:
    """Every living process of a run, orphans too."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def start(command: list[str], folder: Path, mark: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, MARK: mark, "COLUMNS": "200"},
    )


def finish(process: subprocess.Popen, folder: Path, mark: str, patience: float = 0.0) -> Run:
    """Wait for a command, then for its processes as long as `patience` says; the rest is named and ended."""
    try:
        out, err = process.communicate(timeout=1200)
        patient_until = time.monotonic() + patience
        while (left := marked(mark)) and time.monotonic() < patient_until:
            time.sleep(0.1)
        names = [" ".join(p.cmdline()) for p in left if p.is_running()]
    finally:
        for each in marked(mark):
            each.kill()
    return Run(str(folder), process.returncode, out, err, names)


def run(*command: str, folder: Path) -> Run:
    mark = uuid.uuid4().hex
    return finish(start(list(command), folder, mark), folder, mark)


def ppp(*arguments: str, folder: Path) -> Run:
    return run("-m", "ppp.cli", *arguments, folder=folder)


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> object:
    """What `make` gives for a new folder, made by the first worker that asks; plain data only."""
    base = factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    ready, failed, folder = root / f"{name}.json", root / f"{name}.failed", root / name
    try:
        folder.mkdir()
    except FileExistsError:
        while not ready.exists():
            if failed.exists():
                pytest.fail(f"the run {name} failed in another worker: {failed.read_text(encoding='utf-8')}")
            time.sleep(0.2)
        return json.loads(ready.read_text(encoding="utf-8"))
    try:
        made = make(folder)
    except BaseException as error:
        failed.write_text(repr(error), encoding="utf-8")
        raise
    beside = root / f"{name}.new"
    beside.write_text(json.dumps(made), encoding="utf-8")
    beside.replace(ready)
    return made


@pytest.fixture(scope="session")
def small() -> Callable[[Path, str], Path]:
    """Writes a small, quick, complete project file of an identifier into a folder."""

    def write(folder: Path, name: str) -> Path:
        path = folder / f"{name}.yaml"
        path.write_text(SMALL.format(id=name), encoding="utf-8")
        return path

    return write


def write_hostile(path: Path) -> None:
    """The wastewater plant with every free text turned against the report."""
    text = (ROOT / "params" / "wastewater.yaml").read_text(encoding="utf-8")
    name = json.dumps(HOSTILE, ensure_ascii=False)
    for old in (
        '{en: "Wastewater plant, second phase", zh: 污水处理厂二期}',
        "{en: Late completion, zh: 工期延误}",
        '{en: "Capex +10 %, inflow -15 %, rates +100 points", zh: 建设投资+10%、水量-15%、利率+100个基点}',
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, name)
    text = text.replace("id: wastewater-plant", "id: hostile", 1)
    text = text.replace('"Feasibility study, table 9-2 (illustrative)"', json.dumps(HOSTILE["en"]))
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory) -> Run:
    """A batch of every file in params/ with hostile, unfinished, bad and twin ones beside them."""

    def make(folder: Path) -> dict:
        params = folder / "params"
        shutil.copytree(ROOT / "params", params)
        write_hostile(params / "hostile.yaml")
        (params / "bad.yaml").write_text(BAD, encoding="utf-8")
        for name in ("twin", "Twin"):
            (params / f"{name}-file.yaml").write_text(SMALL.format(id=name), encoding="utf-8")
        made = ppp("new", "params/my-project.yaml", folder=folder)
        assert made.status == 0, made.err
        text = (params / "my-project.yaml").read_text(encoding="utf-8")
        (params / "my-project.yaml").write_text(
            re.sub(r"^district: .*\n", "", text, flags=re.MULTILINE), encoding="utf-8"
        )
        (params / "my-district.yaml").unlink()
        return asdict(
            ppp(
                "batch",
                "params",
                "-o",
                "reports",
                "--lang",
                "en,zh",
                "--draws",
                "256",
                "--jobs",
                "2",
                folder=folder,
            )
        )

    return Run(**once(tmp_path_factory, "shipped", make))


SABOTAGE = """\
import json, os, sys, time

from IPython.display import HTML, display

who = json.load(open(project, encoding="utf-8"))["project"]["id"]
if who == "raises":
    raise ValueError("broken on purpose <b>{x}</b>")
if who == "kernel-killed":
    os.kill(os.getpid(), 9)
if who == "worker-killed":
    os.kill(os.getppid(), 9)
    time.sleep(60)
if who == "exits":
    sys.exit(0)
if who == "sleeps":
    time.sleep(600)
if who == "active-markup":
    display(HTML("<script>alert(1)</script>"))
if who == "takes-memory":
    import subprocess

    for _ in range(2):  # each within the limit, together beyond it
        subprocess.Popen([sys.executable, "-c", "x = bytearray(b'x' * 150_000_000); import time; time.sleep(60)"])
    time.sleep(60)
if who == "takes-too-long":
    import numpy as np

    a = np.ones((5000, 5000))
    while True:
        a @ a
if who == "server-killed":
    import psutil

    psutil.Process().parent().parent().kill()
    time.sleep(60)
if who == "thread-raises":
    import threading

    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start(), thread.join()
if who == "leaves-processes":
    import subprocess

    subprocess.Popen(["sleep", "600"], start_new_session=True)
    subprocess.Popen("(sleep 600 &)", shell=True)
"""

# The command line with another notebook, and with little patience for one project.
DRIVER = """\
import dataclasses, pathlib, sys
import ppp.report.tasks as tasks
from ppp.cli import main
from ppp.report import workers
from ppp.report.task import Limits

notebook = pathlib.Path(sys.argv.pop(1))
made = workers.run
tasks.notebook_path = lambda *name: notebook
limits = {"sleeps": Limits(4), "takes-memory": Limits(memory=400 << 20), "takes-too-long": Limits(project_seconds=4)}
impatient = lambda task: dataclasses.replace(task, limits=limits.get(task.name, task.limits))
workers.run = lambda tasks, *how: made([impatient(task) for task in tasks], *how)
main()
"""

SABOTAGED = (
    "raises",
    "kernel-killed",
    "worker-killed",
    "exits",
    "sleeps",
    "active-markup",
    "other-hash",
    "no-last-cell",
    "takes-memory",
    "takes-too-long",
    "server-killed",
)
UNHARMED = ("thread-raises", "leaves-processes")


def sabotaged_notebook(path: Path) -> None:
    notebook = json.loads((ROOT / "notebooks" / "evaluation.ipynb").read_text(encoding="utf-8"))
    cells = notebook["cells"]
    position = next(i for i, cell in enumerate(cells) if "parameters" in cell["metadata"].get("tags", ()))
    code = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    seal = cells[-1]
    assert seal["source"] == ["report.seal()"]
    seal["source"] = [
        "other = {'other-hash': type(report.seal())('0' * 64), 'no-last-cell': None}\n",
        "other.get(who, report.seal())",
    ]
    cells.insert(position + 1, {**code, "id": "sabotage", "source": SABOTAGE.splitlines(keepends=True)})
    path.write_text(json.dumps(notebook), encoding="utf-8")


def tiny_notebook(path: Path) -> None:
    """The report's notebook without its charts."""
    notebook = json.loads((ROOT / "notebooks" / "evaluation.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    kept = [cell for cell in code if "".join(cell["source"]) in ("report.tests()", "report.seal()")]
    notebook["cells"] = [*code[:2], *kept]
    assert len(notebook["cells"]) == 4
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="session")
def sabotaged(tmp_path_factory) -> dict:
    """A batch in which most projects end badly; one of them had a good report before."""

    def make(folder: Path) -> dict:
        (folder / "params").mkdir()
        for name in ("good", *SABOTAGED, *UNHARMED):
            (folder / "params" / f"{name}.yaml").write_text(SMALL.format(id=name), encoding="utf-8")
        notebook = folder / "{sabotage} 笔记本.ipynb"
        sabotaged_notebook(notebook)
        options = ("-o", "reports", "--lang", "en", "--draws", "0")
        before = ppp("report", "params/kernel-killed.yaml", *options, folder=folder)
        home = folder / "reports" / "kernel-killed"
        kept = {path.name: path.read_bytes().hex() for path in home.iterdir()} if home.is_dir() else {}
        after = run("-c", DRIVER, str(notebook), "batch", "params", *options, "--jobs", "2", folder=folder)
        return {"before": asdict(before), "run": asdict(after), "kept": kept}

    made = once(tmp_path_factory, "sabotaged", make)
    return {
        "before": Run(**made["before"]),
        "run": Run(**made["run"]),
        "kept": {name: bytes.fromhex(data) for name, data in made["kept"].items()},
    }


@pytest.fixture(scope="session")
def commands():
    """The helpers above, for tests that run something of their own."""
    return {
        "once": once,
        "run": run,
        "ppp": ppp,
        "start": start,
        "finish": finish,
        "marked": marked,
        "hostile": HOSTILE,
        "sabotaged": SABOTAGED,
        "unharmed": UNHARMED,
        "driver": DRIVER,
        "tiny_notebook": tiny_notebook,
    }


@pytest.fixture(scope="session")
def rerun(tmp_path_factory) -> tuple[Path, Run, Run]:
    """Six projects made, five of them changed in as many ways, and the batch run again, and once more."""

    def make(folder: Path) -> list[dict]:
        for name in ("comment", "value", "deleted", "altered", "manifest", "same"):
            (folder / f"{name}.yaml").write_text(SMALL.format(id=name), encoding="utf-8")
        batch = ("batch", ".", "-o", "reports", "--lang", "en", "--draws", "0", "--jobs", "2")
        first = ppp(*batch, folder=folder)
        assert first.status == 0, first.err
        for path, old, new in (
            ("comment.yaml", "kind: project", "# a remark\nkind:   project"),
            ("value.yaml", "rate: 8%, tenor", "rate: 7%, tenor"),
        ):
            text = (folder / path).read_text(encoding="utf-8")
            assert old in text
            (folder / path).write_text(text.replace(old, new, 1), encoding="utf-8")
        reports = folder / "reports"
        (reports / "deleted" / "evaluation.en.html").unlink()
        with open(reports / "altered" / "summary.json", "a", encoding="utf-8") as file:
            file.write(" ")
        (reports / "manifest" / "manifest.json").write_text("[]", encoding="utf-8")
        return [asdict(ppp(*batch, folder=folder)) for _ in range(2)]

    second, third = (Run(**made) for made in once(tmp_path_factory, "rerun", make))
    return Path(second.folder), second, third
