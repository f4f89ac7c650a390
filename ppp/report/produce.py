"""One project's report, made in a worker process: run the notebook, prove that it ran whole, write every file whole or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import platform
import shutil
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import ppp
from ppp.report.formats import documents
from ppp.report.manifest import file_hash, result_hash

CELL_SECONDS = 300  # a cell of the default report takes less than three
BATCH = "batch.json"  # of a folder of reports: its index pages and the reports they list
SUMMARY, MANIFEST, PROJECT, NOTEBOOK = "summary.json", "manifest.json", "project.json", "evaluation.ipynb"
DISTRICT, PORTFOLIO = "district.json", "portfolio.ipynb"
APPRAISAL = "appraisal.ipynb"
SIDES, COMPARISON = "comparison.json", "comparison.ipynb"
FILES = {  # kind of report: what it is made from, and the notebook that makes it
    "project": (PROJECT, NOTEBOOK),
    "appraisal": (PROJECT, APPRAISAL),
    "district": (DISTRICT, PORTFOLIO),
    "comparison": (SIDES, COMPARISON),
}
STAGING = ".making-"
FORCED = "forced"  # the reason to make a report again when nothing changed


@dataclass(frozen=True)
class Task:
    """What to make: everything a worker needs, as plain values. `canonical` is the project as JSON; `folder` its output folder."""

    name: str
    canonical: str
    scenario: str
    folder: str
    notebook: str
    langs: tuple[str, ...]
    draws: int
    key: dict[str, str]
    cell_seconds: int = CELL_SECONDS
    kind: str = "project"  # a key of FILES
    formats: tuple[str, ...] = ("html",)  # of formats.documents.FORMATS

    @property
    def inputs(self) -> str:
        """The file beside the report that it was made from."""
        return FILES[self.kind][0]

    @property
    def executed(self) -> str:
        """The executed notebook beside the report; its stem names the pages too."""
        return FILES[self.kind][1]

    def page(self, lang: str) -> str:
        return f"{Path(self.executed).stem}.{lang}.html"


@dataclass(frozen=True)
class Outcome:
    """What became of a task: `failure` is None when every file is written; `why` says why it was run, or that it was not needed."""

    name: str
    why: str
    failure: str | None = None
    complete: bool = True
    seconds: float = 0.0
    outputs: dict[str, str] = field(default_factory=dict)
    trace: str = ""


class NotWhole(RuntimeError):
    """The notebook ended without proof that every cell ran and showed the same result."""


def produce(task: Task, why: str) -> Outcome:
    """Make the report of one task. Failures of the notebook come back as outcomes; the last good report stays in place."""
    begun = time.monotonic()
    folder = Path(task.folder)
    staging = folder.parent / f"{STAGING}{folder.name}-{os.getpid()}"
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        standing = standing_report(task, why == FORCED)
        complete = _make(task, staging) if standing is None else documents.carry_over(task, standing, staging)
        lost = documents.write(task, staging)
        outputs = _publish(task, staging, folder, time.monotonic() - begun)
        failure = "; ".join(lost) or None
        return Outcome(task.name, why, failure, complete, time.monotonic() - begun, outputs)
    except Exception as error:  # one project's failure, whatever it is, must not end the batch; it is reported by name
        trace = "".join(traceback.format_exception(error))
        return Outcome(task.name, why, explain(error), False, time.monotonic() - begun, trace=trace)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def standing_report(task: Task, force: bool = False) -> dict | None:
    """The manifest of the report in place when it was made from the same things and is whole, its documents aside."""
    from ppp.report.tasks import why_report

    if why_report(task, force) is not None:
        return None
    return json.loads((Path(task.folder) / MANIFEST).read_text(encoding="utf-8"))


def explain(error: BaseException) -> str:
    """A failure in one line: for a notebook's error the cell and the exception in it."""
    if hasattr(error, "ename"):
        first = str(error.evalue).splitlines()[0] if error.evalue else ""
        return f"cell {getattr(error, 'exec_count', '?')} of the notebook: {error.ename}: {first}"
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else 'no message'}"


def _make(task: Task, staging: Path) -> bool:
    """Write the inputs, summary.json, one HTML file a language and the executed notebook. Returns whether the assessment is whole."""
    import nbformat

    from ppp.report.export import to_html

    (staging / task.inputs).write_text(task.canonical, encoding="utf-8")
    computed = _computed(task, staging)
    expected = result_hash(computed.summary)
    _write_json(staging / SUMMARY, computed.summary)
    for position, lang in enumerate(task.langs):
        notebook = _run(task, staging, lang)
        _prove(notebook, expected)
        (staging / task.page(lang)).write_text(to_html(notebook, computed.title(lang), lang), encoding="utf-8")
        if position == 0:
            nbformat.write(_without_times(notebook), staging / task.executed)
    return computed.complete


@dataclass(frozen=True)
class Computed:
    """What this process computes itself, to compare with what the notebook shows."""

    summary: dict
    complete: bool
    name: dict[str, str]
    heading: str

    def title(self, lang: str) -> str:
        from ppp.report.words import word

        return f"{self.name[lang]} · {word(self.heading, lang)}"


def _computed(task: Task, staging: Path) -> Computed:
    if task.kind == "district":
        from ppp.portfolio.files import load_portfolio
        from ppp.portfolio.study import study

        found = study(load_portfolio(staging / task.inputs), task.draws)
        return Computed(found.summary, found.complete, found.district.name, "district.title")
    if task.kind == "comparison":
        from ppp.report.comparison_page import ComparisonReport

        compared = ComparisonReport(str(staging / task.inputs))
        return Computed(compared.summary, True, compared.shown.sides[0].project.name, "compare.title")
    if task.kind == "appraisal":
        from ppp.contract.review import review

        reviewed = review(ppp.load(staging / task.inputs, task.scenario))
        return Computed(reviewed.summary, reviewed.complete, reviewed.project.name, "appraisal.title")
    appraisal = ppp.appraise(ppp.load(staging / task.inputs, task.scenario), task.draws)
    return Computed(appraisal.summary, appraisal.complete, appraisal.project.name, "report.title")


def _parameters(task: Task, lang: str) -> dict[str, object]:
    if task.kind == "district":
        return {"district": task.inputs, "results": "", "lang": lang, "draws": task.draws}
    if task.kind == "comparison":
        return {"projects": task.inputs, "lang": lang}
    if task.kind == "appraisal":
        return {"project": task.inputs, "scenario": task.scenario, "lang": lang}
    return {"project": task.inputs, "scenario": task.scenario, "lang": lang, "draws": task.draws}


def _run(task: Task, staging: Path, lang: str):
    """Execute the notebook with papermill. Its parameters are values that we wrote ourselves, never a user's key."""
    import papermill

    with contextlib.chdir(staging), open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        return papermill.execute_notebook(
            Path(task.notebook)
            .as_posix()
            .replace("{", "{{")
            .replace("}", "}}"),  # papermill fills in the braces of a path
            None,
            parameters=_parameters(task, lang),
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            execution_timeout=task.cell_seconds,
            start_timeout=120,
            extra_arguments=["--log-level=CRITICAL"],  # a kernel says on the terminal that it is being ended
            config=_private_channels(),
        )


def _private_channels():
    """Talk to the kernel over sockets that only this user can open, instead of TCP ports; Windows has no such sockets."""
    from traitlets.config import Config

    return Config() if os.name == "nt" else Config({"KernelManager": {"transport": "ipc"}})


def _prove(notebook, expected: str) -> None:
    """Done means: every code cell was executed without an error, and the last one shows the hash of the result that we computed too."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        if cell.execution_count is None:
            raise NotWhole(f"the cell {cell.id} was not executed")
        if any(output.output_type == "error" for output in cell.outputs):
            raise NotWhole(f"the cell {cell.id} shows an error")
    shown = "".join(output.data.get("text/plain", "") for output in cells[-1].outputs if "data" in output)
    if shown != f"ppp-report {expected}":
        raise NotWhole(f"the last cell shows {shown[:40]!r} and not the hash of the result")


def _without_times(notebook):
    """The executed notebook without what differs from run to run: times, paths and the host's versions."""
    import copy

    kept = copy.deepcopy(notebook)
    kept.metadata.pop("papermill", None)
    kept.metadata["language_info"] = {"name": "python"}
    for position, cell in enumerate(kept.cells):
        cell.id = f"cell-{position}"
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
    return kept


def _write_json(path: Path, data: object) -> None:
    path.write_text(
        json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n", encoding="utf-8"
    )


def _publish(task: Task, staging: Path, folder: Path, seconds: float) -> dict[str, str]:
    """Move every file to its final name, the manifest last, so that a report is trusted only when all of it is in place."""
    names = sorted(path.name for path in staging.iterdir())
    outputs = {name: file_hash(staging / name) for name in names}
    made = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "python": platform.python_version(),
        "seconds": round(seconds, 2),
    }
    _write_json(staging / MANIFEST, {"format": 1, "name": task.name, "key": task.key, "outputs": outputs, "made": made})
    folder.mkdir(parents=True, exist_ok=True)
    for name in [*names, MANIFEST]:
        _flush(staging / name)
        os.replace(staging / name, folder / name)
    for stale in folder.iterdir():
        if (
            stale.is_file()
            and stale.name not in outputs
            and stale.name != MANIFEST
            and stale.name.startswith(f"{Path(task.executed).stem}.")
        ):
            stale.unlink()
    return outputs


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
