"""Which documents a report comes with, what they are called, and the making of those that are missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ppp.report.manifest import file_hash

if TYPE_CHECKING:
    from ppp.report.produce import Task

HTML, PDF, DOCX, XLSX = "html", "pdf", "docx", "xlsx"
FORMATS = (HTML, PDF, DOCX, XLSX)
OF_PROJECTS_ALONE = (XLSX,)  # the workbook is a project's model; districts and running contracts have none


def chosen(text: str) -> tuple[str, ...]:
    """The formats that a user names, such as html,pdf; HTML, of which the others are made, is always among them. Raises ValueError."""
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise ValueError(f"--format: given {text}; allowed: {', '.join(FORMATS)}, separated by commas")
    return tuple(form for form in FORMATS if form == HTML or form in names)


def why_not(form: str) -> str | None:
    """In one line with the cure, what this machine lacks for a format; None when it lacks nothing."""
    if form == PDF:
        from ppp.report.formats import pdf

        return pdf.why_not()
    if form == XLSX:
        try:
            import ppp.report.workbook  # noqa: F401
        except ImportError:
            return "xlsx needs the package XlsxWriter, which is not installed here. Cure: make venv"
    return None


def with_formats(tasks: Iterable[Task], formats: tuple[str, ...]) -> list[Task]:
    return [replace(task, formats=formats) for task in tasks]


def names(task: Task) -> dict[str, tuple[str, str]]:
    """The documents that a task asks for beside its pages: file name -> format and language."""
    stem = Path(task.executed).stem
    return {
        f"{stem}.{lang}.{form}": (form, lang)
        for form in task.formats
        if form != HTML and (task.kind == "project" or form not in OF_PROJECTS_ALONE)
        for lang in task.langs
    }


def is_document(name: str) -> bool:
    return Path(name).suffix.lstrip(".") in (PDF, DOCX, XLSX)


def beside(folder: Path) -> dict[str, list[str]]:
    """The documents that a report's manifest lists: language -> formats, in their usual order."""
    try:
        outputs = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    except (OSError, ValueError, KeyError):
        return {}
    found: dict[str, list[str]] = {}
    for name in sorted(filter(is_document, outputs), key=lambda name: FORMATS.index(Path(name).suffix[1:])):
        found.setdefault(name.split(".")[-2], []).append(Path(name).suffix[1:])
    return found


def lacking(task: Task, outputs: dict[str, str]) -> str | None:
    """Why documents must be made for a report that stands, in words; None when all that are asked for are in place."""
    folder = Path(task.folder)
    for name in [*names(task), *filter(is_document, outputs)]:
        if name not in outputs:
            return f"{name} is asked for"
        if not (folder / name).is_file():
            return f"{name} is missing"
        if file_hash(folder / name) != outputs[name]:
            return f"{name} was altered"
    return None


def carry_over(task: Task, manifest: dict, staging: Path) -> bool:
    """Copy a report that stands into the folder where its further documents are made; returns whether its assessment is whole."""
    folder, outputs = Path(task.folder), manifest["outputs"]
    for name, digest in outputs.items():
        if not is_document(name) or ((folder / name).is_file() and file_hash(folder / name) == digest):
            shutil.copyfile(folder / name, staging / name)
    return json.loads((staging / "summary.json").read_text(encoding="utf-8"))["complete"]


def write(task: Task, folder: Path) -> list[str]:
    """Make what a finished report in `folder` lacks of the documents that its task asks for; returns what could not be made, and why.

    One document that fails takes no other with it."""
    from ppp.report.produce import explain

    failed = []
    for name, (form, lang) in names(task).items():
        if (folder / name).is_file():
            continue
        try:
            (folder / name).write_bytes(_made(task, folder, form, lang))
        except Exception as error:  # whatever it is, it is reported by name and the other documents are made
            failed.append(f"{name} was not made: {explain(error)}")
    return failed


def _made(task: Task, folder: Path, form: str, lang: str) -> bytes:
    if form == XLSX:
        return _workbook(task, folder, lang)
    from ppp.report.formats.finished import finished

    report = finished(folder, Path(task.executed).stem, lang)
    if form == PDF:
        from ppp.report.formats.pdf import pdf_of

        return pdf_of(report)
    from ppp.report.formats.word_document import docx_of

    return docx_of(report)


def _workbook(task: Task, folder: Path, lang: str) -> bytes:
    import tempfile

    import ppp
    from ppp.report.workbook import write_workbook

    evaluation = ppp.evaluate(ppp.load(folder / task.inputs, task.scenario))
    with tempfile.TemporaryDirectory() as scratch:
        return write_workbook(evaluation, Path(scratch) / "model.xlsx", lang).read_bytes()
