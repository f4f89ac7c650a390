"""What a batch has to make: one task a report, keyed by all that it is made from, and why it must be made again."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import ppp
from ppp.loading import canonical, input_hash
from ppp.project import Project
from ppp.report import task as kinds
from ppp.report.formats import documents
from ppp.report.manifest import digest, file_hash, sources_hash, unsealed
from ppp.report.places import Place, place, spoilt
from ppp.report.task import MANIFEST, SUMMARY, Task

if TYPE_CHECKING:
    from ppp.portfolio.files import Portfolio


def notebook_path(name: str = kinds.NOTEBOOK) -> Path:
    """A notebook: beside the package in a checkout."""
    package = Path(ppp.__file__).resolve().parent
    inside = package / "notebooks" / name  # of an installed package; a clone has them beside it
    return inside if inside.is_file() else package.parent / "notebooks" / name


@cache
def environment_hash() -> str:
    """SHA-256 of Python's version, the kind of machine, and every installed distribution with its version."""
    found = sorted({f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()})
    here = f"Python {platform.python_version()} {sys.platform} {platform.machine()}"
    return digest("\n".join([here, *found]).encode())


def task_of(project: Project, folder: Path | Place, langs: tuple[str, ...], draws: int) -> Task:
    scenario = project._origin.scenario or "base"
    name = project.id if scenario == "base" else f"{project.id}@{scenario}"
    notebook = notebook_path()
    key = {
        "inputs": input_hash(project),
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps({"langs": sorted(langs), "draws": draws, "scenario": scenario}),
    }
    text = json.dumps(canonical(project), ensure_ascii=False, indent=1)
    return Task(name, text, scenario, str(folder / name), str(notebook), tuple(sorted(langs)), draws, key)


def appraisal_task(project: Project, folder: Path | Place, langs: tuple[str, ...]) -> Task:
    """The yearly appraisal of a running contract; no identifier holds the plus sign of its folder."""
    made = task_of(project, folder, langs, 0)
    notebook = notebook_path(kinds.APPRAISAL)
    name = f"{made.name}+appraisal"
    key = {**made.key, "notebook": file_hash(notebook)}
    return replace(made, name=name, folder=str(folder / name), notebook=str(notebook), key=key, kind="appraisal")


def tasks_of(project: Project, folder: Path | Place, langs: tuple[str, ...], draws: int) -> list[Task]:
    """The evaluation, and the appraisal of a contract that has begun."""
    tasks = [task_of(project, folder, langs, draws)]
    return [*tasks, appraisal_task(project, folder, langs)] if project.reviewed else tasks


def district_task(portfolio: Portfolio, folder: Path | Place, langs: tuple[str, ...], draws: int) -> Task:
    from ppp.portfolio.files import canonical as canonical_portfolio
    from ppp.portfolio.files import portfolio_hash

    notebook = notebook_path(kinds.PORTFOLIO)
    key = {
        "inputs": portfolio_hash(portfolio),
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps({"langs": sorted(langs), "draws": draws}),
    }
    text = json.dumps(canonical_portfolio(portfolio), ensure_ascii=False, indent=1, allow_nan=False)
    name = portfolio.district.id
    return Task(
        name, text, "base", str(folder / name), str(notebook), tuple(sorted(langs)), draws, key, kind="district"
    )


def comparison_task(sides: list[Project], folder: Path | Place, langs: tuple[str, ...]) -> Task:
    """Several projects or scenarios side by side. Its folder has a plus sign, which no identifier holds."""
    from ppp.report.comparison_page import as_json

    notebook, text = notebook_path(kinds.COMPARISON), as_json(sides)
    key = {
        "inputs": digest(text.encode()),
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps({"langs": sorted(langs)}),
    }
    name = f"{sides[0].id}+comparison"
    return Task(name, text, "base", str(folder / name), str(notebook), tuple(sorted(langs)), 0, key, kind="comparison")


def why_run(task: Task, force: bool = False) -> str | None:
    """Why a task must run, in words; None when its report is in place with the documents asked for, whole, and made from the same
    things."""
    if (why := why_report(task, force)) is not None:
        return why
    home = place(task.folder)
    return documents.lacking(task, home, unsealed(home.read(MANIFEST))["outputs"])


def why_report(task: Task, force: bool = False) -> str | None:
    """The same for the report alone, without the documents made from it."""
    if force:
        return kinds.FORCED
    home = place(task.folder)
    try:
        manifest = unsealed(home.read(MANIFEST))
        before, outputs = dict(manifest["key"]), dict(manifest["outputs"])
    except FileNotFoundError:
        return "no report yet"
    except (OSError, ValueError, KeyError, TypeError):
        return "its manifest cannot be read"
    if SUMMARY not in outputs:
        return "its manifest cannot be read"
    changed = [part for part in task.key if before.get(part) != task.key[part]]
    if changed:
        return f"{', '.join(changed)} changed"
    return spoilt(home, {name: expected for name, expected in outputs.items() if not documents.is_document(name)})


def key_changed(task: Task) -> bool:
    """Whether a task is sure to run, at a glance: its outputs are not read."""
    try:
        return unsealed(place(task.folder).read(MANIFEST))["key"] != task.key
    except (OSError, ValueError, KeyError):
        return True
