"""What a batch has to make: one task a report, keyed by all that it is made from, and why it must be made again."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import ppp
from ppp.report import task as kinds
from ppp.report.formats import documents
from ppp.report.manifest import digest, file_hash, sources_hash, unsealed
from ppp.report.places import Place, place, spoilt
from ppp.report.task import MANIFEST, SUMMARY, Task

if TYPE_CHECKING:
    from ppp.portfolio.files import Portfolio
    from ppp.project import Project


def notebook_path(name: str = kinds.NOTEBOOK) -> Path:
    """A notebook: beside the package in a checkout."""
    package = Path(ppp.__file__).resolve().parent
    inside = package / "notebooks" / name  # of an installed package; a clone has them beside it
    return inside if inside.is_file() else package.parent / "notebooks" / name


@cache
def environment_hash() -> str:
    """SHA-256 of Python's version, the kind of machine, and every installed distribution with its version."""
    found = sorted({_named(each) for each in importlib.metadata.distributions()})
    here = f"Python {platform.python_version()} {sys.platform} {platform.machine()}"
    return digest("\n".join([here, *found]).encode())


def _named(distribution: importlib.metadata.Distribution) -> str:
    """Name and version from the head of its metadata; parsing all of it takes ten times as long."""
    head = (distribution.read_text("METADATA") or "").partition("\n\n")[0]
    said = dict(re.findall(r"^(Name|Version): *(.*?) *$", head, re.MULTILINE))
    return f"{said['Name']}=={said['Version']}" if len(said) == 2 else f"{distribution.name}=={distribution.version}"


def task_for(
    kind: str,
    name: str,
    scenario: str,
    inputs: str,
    text: str,
    folder: Path | Place,
    langs: tuple[str, ...],
    draws: int,
) -> Task:
    """A task of a kind of report; `inputs` is the hash of what it is made from, `text` that itself (empty: not read)."""
    notebook, langs = notebook_path(kinds.FILES[kind][1]), tuple(sorted(langs))
    draws = 0 if kind == "appraisal" else draws
    options = {"langs": langs} | ({"draws": draws} if kind != "comparison" else {})
    options |= {"scenario": scenario} if kind in ("project", "appraisal") else {}
    key = {
        "inputs": inputs,
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps(options),
    }
    return Task(name, text, scenario, str(folder / name), str(notebook), langs, draws, key, kind=kind)


def task_of(project: Project, folder: Path | Place, langs: tuple[str, ...], draws: int, kind: str = "project") -> Task:
    from ppp.loading import canonical, input_hash

    scenario = project._origin.scenario or "base"
    name = project.id if scenario == "base" else f"{project.id}@{scenario}"
    text = json.dumps(canonical(project), ensure_ascii=False, indent=1)
    ending = "+appraisal" if kind == "appraisal" else ""  # no identifier holds the plus sign
    return task_for(kind, name + ending, scenario, input_hash(project), text, folder, langs, draws)


def appraisal_task(project: Project, folder: Path | Place, langs: tuple[str, ...]) -> Task:
    """The yearly appraisal of a running contract."""
    return task_of(project, folder, langs, 0, "appraisal")


def tasks_of(project: Project, folder: Path | Place, langs: tuple[str, ...], draws: int) -> list[Task]:
    """The evaluation, and the appraisal of a contract that has begun."""
    tasks = [task_of(project, folder, langs, draws)]
    return [*tasks, appraisal_task(project, folder, langs)] if project.reviewed else tasks


def district_task(portfolio: Portfolio, folder: Path | Place, langs: tuple[str, ...], draws: int) -> Task:
    from ppp.portfolio.files import canonical, portfolio_hash

    text = json.dumps(canonical(portfolio), ensure_ascii=False, indent=1, allow_nan=False)
    return task_for("district", portfolio.district.id, "base", portfolio_hash(portfolio), text, folder, langs, draws)


def comparison_task(sides: list[Project], folder: Path | Place, langs: tuple[str, ...]) -> Task:
    """Several projects or scenarios side by side. Its folder has a plus sign, which no identifier holds."""
    from ppp.report.comparison_page import as_json

    text = as_json(sides)
    name = f"{sides[0].id}+comparison"
    return task_for("comparison", name, "base", digest(text.encode()), text, folder, langs, 0)


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
