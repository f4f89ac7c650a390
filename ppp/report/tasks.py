"""What a batch has to make: one task a report, keyed by all that it is made from, and why it must be made again."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from dataclasses import replace
from pathlib import Path

import ppp
from ppp.loading import canonical, input_hash
from ppp.portfolio.files import Portfolio, portfolio_hash
from ppp.portfolio.files import canonical as canonical_portfolio
from ppp.project import Project
from ppp.report import produce
from ppp.report.formats import documents
from ppp.report.manifest import file_hash, sources_hash
from ppp.report.produce import MANIFEST, SUMMARY, Task


def notebook_path(name: str = produce.NOTEBOOK) -> Path:
    """A notebook: beside the package in a checkout."""
    return Path(ppp.__file__).resolve().parent.parent / "notebooks" / name


def environment_hash() -> str:
    """SHA-256 of every installed distribution and its version."""
    versions = sorted({f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()})
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()


def task_of(project: Project, folder: Path, langs: tuple[str, ...], draws: int) -> Task:
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


def appraisal_task(project: Project, folder: Path, langs: tuple[str, ...]) -> Task:
    """The yearly appraisal of a running contract; no identifier holds the plus sign of its folder."""
    made = task_of(project, folder, langs, 0)
    notebook = notebook_path(produce.APPRAISAL)
    name = f"{made.name}+appraisal"
    key = {**made.key, "notebook": file_hash(notebook)}
    return replace(made, name=name, folder=str(folder / name), notebook=str(notebook), key=key, kind="appraisal")


def tasks_of(project: Project, folder: Path, langs: tuple[str, ...], draws: int) -> list[Task]:
    """The evaluation, and the appraisal of a contract that has begun."""
    tasks = [task_of(project, folder, langs, draws)]
    return [*tasks, appraisal_task(project, folder, langs)] if project.reviewed else tasks


def district_task(portfolio: Portfolio, folder: Path, langs: tuple[str, ...], draws: int) -> Task:
    notebook = notebook_path(produce.PORTFOLIO)
    key = {
        "inputs": portfolio_hash(portfolio),
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps({"langs": sorted(langs), "draws": draws}),
    }
    text = json.dumps(canonical_portfolio(portfolio), ensure_ascii=False, indent=1, allow_nan=False)
    name = portfolio.district.id
    place = str(folder / name)
    return Task(name, text, "base", place, str(notebook), tuple(sorted(langs)), draws, key, kind="district")


def comparison_task(sides: list[Project], folder: Path, langs: tuple[str, ...]) -> Task:
    """Several projects or scenarios side by side. Its folder has a plus sign, which no identifier holds."""
    from ppp.report.comparison_page import as_json

    notebook, text = notebook_path(produce.COMPARISON), as_json(sides)
    key = {
        "inputs": hashlib.sha256(text.encode()).hexdigest(),
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps({"langs": sorted(langs)}),
    }
    name = f"{sides[0].id}+comparison"
    place = str(folder / name)
    return Task(name, text, "base", place, str(notebook), tuple(sorted(langs)), 0, key, kind="comparison")


def why_run(task: Task, force: bool = False) -> str | None:
    """Why a task must run, in words; None when its report is in place with the documents asked for, whole, and made from the same
    things."""
    why = why_report(task, force)
    if why is not None:
        return why
    manifest = json.loads((Path(task.folder) / MANIFEST).read_text(encoding="utf-8"))
    return documents.lacking(task, manifest["outputs"])


def why_report(task: Task, force: bool = False) -> str | None:
    """The same for the report alone, without the documents made from it."""
    if force:
        return produce.FORCED
    folder = Path(task.folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
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
    for name, digest in outputs.items():
        if documents.is_document(name):
            continue
        if not (folder / name).is_file():
            return f"{name} is missing"
        if file_hash(folder / name) != digest:
            return f"{name} was altered"
    return None
