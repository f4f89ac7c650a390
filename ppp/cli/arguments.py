"""What several commands ask for, and how wrong usage is told: one line, and the status."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ppp.project import Project

Paths = Annotated[list[Path], typer.Argument(help="Project files, or folders of them.", show_default=False)]
ProjectPath = Annotated[str, typer.Argument(help="A project file, or file.yaml#scenario.", show_default=False)]
Folder = Annotated[
    str, typer.Option("-o", "--output", help="Folder for the reports, or an address such as s3://bucket/reports.")
]
Langs = Annotated[
    str, typer.Option("--lang", help="Languages of the reports, such as en,zh; the first is the index's.")
]
AnswerLang = Annotated[str, typer.Option("--lang", help="Language of the answer: en or zh.")]
Formats = Annotated[
    str,
    typer.Option(
        "--format", help="Forms of the reports, such as html,pdf,docx,xlsx; a rerun makes only those that are missing."
    ),
]
Draws = Annotated[int, typer.Option("--draws", min=0, max=1_000_000, help="Draws of the simulation; 0 leaves it out.")]
Force = Annotated[bool, typer.Option("--force", help="Make every report again even if nothing changed.")]
CellSeconds = Annotated[
    float, typer.Option("--cell-seconds", min=0, help="Longest time of one notebook cell; 0 for none.")
]
Seconds = Annotated[float, typer.Option("--seconds", min=0, help="Longest time of one project; 0 for none.")]
Memory = Annotated[int, typer.Option("--memory", min=0, help="Most memory of one project, in MB; 0 for no limit.")]


def fail(message: str, status: int) -> typer.Exit:
    print(f"ppp: {message}", file=sys.stderr)
    return typer.Exit(status)


def languages(text: str) -> tuple[str, ...]:
    known = ("en", "zh")
    langs = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not langs or any(lang not in known for lang in langs):
        raise fail(f"--lang: given {text}; allowed: en, zh or both separated by a comma", 2)
    return langs


def formats_here(text: str) -> tuple[tuple[str, ...], bool]:
    """The formats asked for that can be made here, and whether that is all of them; what is missing is said in one line with its cure."""
    from ppp.report.formats import documents

    try:
        wanted = documents.chosen(text)
    except ValueError as error:
        raise fail(str(error), 2) from None
    lacking = {form: why for form in wanted if (why := documents.why_not(form))}
    for why in lacking.values():
        print(f"ppp: {why}", file=sys.stderr)
    return tuple(form for form in wanted if form not in lacking), not lacking


def existing(paths: Sequence[Path]) -> None:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise fail(f"there is no such file or folder: {', '.join(map(str, missing))}", 2)


@contextmanager
def problems_printed() -> Iterator[None]:
    """Every problem of a file is printed, and the status is 1."""
    from ppp.problems import InputError

    try:
        yield
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None


def loaded(path: str) -> Project:
    """The project that `file.yaml` or `file.yaml#scenario` names."""
    import ppp

    name, _, scenario = path.partition("#")
    existing([Path(name)])
    with problems_printed():
        return ppp.load(name, scenario or None)
