"""Commands on files alone: begin one, check them, let editors know them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ppp.cli.arguments import Paths, existing, fail


def check(paths: Paths) -> None:
    """Validate project files: every problem at once as file:line:column: field: what, given, allowed.

    Example: ppp check params
    """
    from ppp.problems import InputError
    from ppp.report.collect import read_all, sorted_files

    existing(paths)
    files, districts = sorted_files(paths)
    _, refused = read_all(files)
    for path in districts:
        from ppp.loading import read_district

        try:
            read_district(path)
        except InputError as error:
            refused[str(path)] = error.problems
    problems = sorted({problem for found in refused.values() for problem in found})
    for problem in problems:
        print(problem)
    if not files and not districts:
        raise fail("no project files found", 2)
    count = len(files) + len(districts)
    print(f"{count - len(refused)} of {count} files are valid" + (f"; {len(problems)} problems" if problems else ""))
    raise typer.Exit(1 if problems else 0)


def schema(
    folder: Annotated[Path, typer.Argument(help="Folder to write project.json and district.json into.")] = Path(
        "schema"
    ),
) -> None:
    """Write the JSON Schema by which editors complete and explain project files.

    Example: ppp schema .
    """
    from ppp.editor_schema import write

    try:
        written = write(folder)
    except OSError as error:
        raise fail(f"{error.filename or folder}: {error.strerror}", 1) from None
    for path in written:
        print(path)


def new(path: Annotated[Path, typer.Argument(help="File to write.", show_default=False)]) -> None:
    """Write a commented project file to start from. An existing file is never overwritten.

    Example: ppp new my-project.yaml
    """
    from importlib import resources

    text = (resources.files("ppp") / "starter.yaml").read_text(encoding="utf-8")
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise fail(f"{path} exists already; choose another name", 1) from None
    except OSError as error:
        raise fail(f"{path}: {error.strerror}", 1) from None
    print(f"{path} written; fill it in, then: ppp check {path}, ppp report {path}")
