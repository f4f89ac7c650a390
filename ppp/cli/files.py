"""Commands on files alone: begin one, check them, let editors know them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ppp.cli.arguments import Paths, existing, fail


def _counted(problems: int) -> str:
    return f"; {problems} problem{'s' * (problems != 1)}" if problems else ""


def check(paths: Paths) -> None:
    """Validate project files: every problem at once as file:line:column: field: what, given, allowed."""
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
        shown = ", ".join(map(str, paths))
        raise fail(f"no project files (.yaml or .yml) in {shown}; ppp new {paths[0] / 'my-project.yaml'} writes one", 2)
    count = len(files) + len(districts)
    print(f"{count - len(refused)} of {count} files are valid" + _counted(len(problems)))
    raise typer.Exit(1 if problems else 0)


def schema(
    folder: Annotated[Path, typer.Argument(help="Folder to write project.json and district.json into.")] = Path(
        "schema"
    ),
) -> None:
    """Write the JSON Schema by which editors complete and explain project files."""
    from ppp.editor_schema import write

    try:
        written = write(folder)
    except OSError as error:
        raise fail(f"{error.filename or folder}: {error.strerror}", 1) from None
    for path in written:
        print(path)


def new(
    path: Annotated[Path, typer.Argument(help="File to write, such as my-project.yaml.", show_default=False)],
) -> None:
    """Write a commented project file to start from, with the budget of its district in my-district.yaml beside it.

    Both are complete: ppp report makes a report of them as they stand. A file that exists is never overwritten; a my-district.yaml that
    is there already is used. The first line of each leads an editor to the schema, by which it completes and explains the keys.
    """
    from ppp.starting import DISTRICT, begin

    if path.suffix not in (".yaml", ".yml") or path.name == DISTRICT:
        hint = f"; write ppp new {path.with_suffix('.yaml')}" if path.name != DISTRICT else ""
        raise fail(f"a project file ends in .yaml and is not called {DISTRICT}, given {path}{hint}", 2)
    try:
        district = begin(path)
    except FileExistsError:
        raise fail(f"{path} exists already; choose another name", 1) from None
    except OSError as error:
        raise fail(f"{path}: {error.strerror}", 1) from None
    with_it = f" with {district}" if district else f"; its district is {path.with_name(DISTRICT)}, which was there"
    print(f"{path} written{with_it}. Both are complete examples: fill in your own figures, then")
    print(f"  ppp check {path}\n  ppp report {path}")
