"""What a batch asks of a worker, and what a worker answers: plain values that travel between processes and machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ppp.problems import printable

MANIFEST = "manifest.json"
BATCH = "batch.json"  # of a folder of reports: its index pages and the reports they list
SUMMARY, PROJECT, NOTEBOOK = "summary.json", "project.json", "evaluation.ipynb"
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
class Limits:
    """What one project may take before it is ended: seconds a cell, seconds in all, bytes of memory of all its processes. 0: no limit."""

    cell_seconds: float = 300.0  # a cell of the default report takes less than three
    project_seconds: float = 1800.0
    memory: int = 4 << 30  # a report takes a tenth of it


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
    kind: str = "project"  # a key of FILES
    limits: Limits = Limits()
    formats: tuple[str, ...] = ("html",)  # of formats.documents.FORMATS; what is made of a report is no part of its key

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


def explain(error: BaseException) -> str:
    """A failure in one printable line: for a notebook's error the cell and the exception in it."""
    if hasattr(error, "ename"):
        first = str(error.evalue).splitlines()[0] if error.evalue else ""
        return printable(f"cell {getattr(error, 'exec_count', '?')} of the notebook: {error.ename}: {first}")
    text = str(error).strip().splitlines()
    return printable(f"{type(error).__name__}: {text[0] if text else 'no message'}")
