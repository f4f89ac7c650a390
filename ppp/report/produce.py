"""One project's report, made in a worker process: run the notebook, prove that it ran whole, write every file whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ppp
from ppp.report.computed import appraisal_of, review_of, study_of
from ppp.report.formats import documents
from ppp.report.manifest import json_bytes, result_hash, unsealed
from ppp.report.places import place
from ppp.report.publish import publish
from ppp.report.task import FORCED, MANIFEST, STAGING, SUMMARY, Outcome, Task, explain
from ppp.report.whole_files import write

ENGINE = "ppp"  # the entry point of ppp.report.engine


class NotWhole(RuntimeError):
    """The notebook ended without proof that every cell ran and showed the same result."""


def produce(task: Task, why: str) -> Outcome:
    """Make the report of one task. Failures of the notebook come back as outcomes; the last good report stays in place."""
    begun = time.monotonic()
    try:
        home = place(task.folder)
        with home.staging(f"{STAGING}{home.name}-{platform.node()}-{os.getpid()}") as staging:
            if (standing := standing_report(task, why == FORCED)) is None:
                _make(task, staging)
            else:
                documents.carry_over(home, standing, staging)
            lost = documents.write(task, staging)
            summary = json.loads((staging / SUMMARY).read_bytes())
            outputs = publish(task, staging, home, time.monotonic() - begun, _checks(summary))
        failure = "; ".join(lost) or None
        return Outcome(task.name, why, failure, summary["complete"], time.monotonic() - begun, outputs)
    except Exception as error:  # one project's failure, whatever it is, must not end the batch; it is reported by name
        trace = "".join(traceback.format_exception(error))
        return Outcome(task.name, why, explain(error), False, time.monotonic() - begun, trace=trace)


def standing_report(task: Task, force: bool = False) -> dict[str, Any] | None:
    """The manifest of the report in place when it was made from the same things and is whole, its documents aside."""
    from ppp.report.tasks import why_report

    return None if why_report(task, force) is not None else unsealed(place(task.folder).read(MANIFEST))


def _checks(summary: dict[str, Any]) -> dict[str, bool]:
    """Whether each check of the model passed, as the summary lists them."""
    return {check["check"]: bool(check["passed"]) for check in summary.get("checks", ())}


def _make(task: Task, staging: Path) -> None:
    """Write the inputs, summary.json, one HTML file a language and the executed notebook."""
    import nbformat

    from ppp.report.export import to_html

    write(staging / task.inputs, task.canonical.encode())
    with contextlib.chdir(staging):  # reads the same name as the notebook, so that what it finds computed is its own
        computed = _computed(task)
    expected = result_hash(computed.summary)
    write(staging / SUMMARY, json_bytes(computed.summary))
    for position, lang in enumerate(task.langs):
        notebook = _run(task, staging, lang)
        _prove(notebook, expected)
        write(staging / task.page(lang), to_html(notebook, computed.title(lang), lang).encode())
        if position == 0:
            write(staging / task.executed, (nbformat.writes(_without_times(notebook)) + "\n").encode())


@dataclass(frozen=True)
class Computed:
    """What this process computes itself, to compare with what the notebook shows."""

    summary: dict
    name: dict[str, str]
    heading: str

    def title(self, lang: str) -> str:
        from ppp.report.words import word

        return f"{self.name[lang]} · {word(self.heading, lang)}"


def _computed(task: Task) -> Computed:
    if task.kind == "district":
        from ppp.portfolio.files import load_portfolio

        found = study_of(load_portfolio(task.inputs), task.draws)
        return Computed(found.summary, found.district.name, "district.title")
    if task.kind == "comparison":
        from ppp.report.comparison_page import ComparisonReport

        compared = ComparisonReport(task.inputs)
        return Computed(compared.summary, compared.shown.sides[0].project.name, "compare.title")
    project = ppp.load(task.inputs, task.scenario)
    if task.kind == "appraisal":
        reviewed = review_of(project)
        return Computed(reviewed.summary, reviewed.project.name, "appraisal.title")
    appraisal = appraisal_of(project, task.draws)
    return Computed(appraisal.summary, appraisal.project.name, "report.title")


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
            engine_name=ENGINE,
            execution_timeout=task.limits.cell_seconds or None,
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
        for output in cell.outputs:
            if output.output_type == "error":
                raise NotWhole(f"the cell {cell.id} shows an error: {output.ename}: {output.evalue}")
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
