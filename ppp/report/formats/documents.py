"""Which documents a report comes with, what they are called, and the making of those that are missing."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from ppp.report.manifest import digest, unsealed
from ppp.report.places import Place, spoilt
from ppp.report.task import MANIFEST, Task, explain
from ppp.report.whole_files import write as write_whole

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
    return PurePosixPath(name).suffix.lstrip(".") in (PDF, DOCX, XLSX)


def beside(home: Place) -> dict[str, list[str]]:
    """The documents that a report's manifest lists: language -> formats, in their usual order."""
    try:
        outputs = unsealed(home.read(MANIFEST))["outputs"]
    except (OSError, ValueError, KeyError):
        return {}
    found: dict[str, list[str]] = {}
    for name in sorted(filter(is_document, outputs), key=lambda name: FORMATS.index(Path(name).suffix[1:])):
        found.setdefault(name.split(".")[-2], []).append(Path(name).suffix[1:])
    return found


def lacking(task: Task, home: Place, outputs: dict[str, str]) -> str | None:
    """Why documents must be made for the report that stands in `home`, in words; None when all that are asked for are in place."""
    for name in names(task):
        if name not in outputs:
            return f"{name} is asked for"
    return spoilt(home, {name: expected for name, expected in outputs.items() if is_document(name)})


def carry_over(home: Place, manifest: dict[str, Any], staging: Path) -> None:
    """Copy a report that stands, with its documents that are as they were made, to where its further documents are made."""
    for name, expected in manifest["outputs"].items():
        if is_document(name) and spoilt(home, {name: expected}):
            continue
        data = home.read(name)
        if digest(data) != expected:
            raise OSError(f"{name} was altered meanwhile")
        write_whole(staging / name, data)


def write(task: Task, folder: Path) -> list[str]:
    """Make what a finished report in `folder` lacks of the documents that its task asks for; returns what could not be made, and why.

    One document that fails takes no other with it."""
    failed = []
    for name, (form, lang) in names(task).items():
        if (folder / name).is_file():
            continue
        if why := why_not(form):  # a worker of a cluster may lack what its batch's machine has
            failed.append(f"{name} was not made: {why}")
            continue
        try:
            write_whole(folder / name, _made(task, folder, form, lang))
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
