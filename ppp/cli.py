"""The `ppp` command. Thin: each command calls one public function and prints what it says."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Evaluate public-private partnerships: value for money, cash flow, fiscal affordability.",
)

Paths = Annotated[list[Path], typer.Argument(help="Project files, or folders of them.", show_default=False)]
Folder = Annotated[
    str, typer.Option("-o", "--output", help="Folder for the reports, or an address such as s3://bucket/reports.")
]
Langs = Annotated[
    str, typer.Option("--lang", help="Languages of the reports, such as en,zh; the first is the index's.")
]
CellSeconds = Annotated[
    float, typer.Option("--cell-seconds", min=0, help="Longest time of one notebook cell; 0 for none.")
]
Seconds = Annotated[float, typer.Option("--seconds", min=0, help="Longest time of one project; 0 for none.")]
Memory = Annotated[int, typer.Option("--memory", min=0, help="Most memory of one project, in MB; 0 for no limit.")]
Draws = Annotated[int, typer.Option("--draws", min=0, max=1_000_000, help="Draws of the simulation; 0 leaves it out.")]


def fail(message: str, status: int) -> typer.Exit:
    print(f"ppp: {message}", file=sys.stderr)
    return typer.Exit(status)


def _languages(text: str) -> tuple[str, ...]:
    known = ("en", "zh")
    langs = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not langs or any(lang not in known for lang in langs):
        raise fail(f"--lang: given {text}; allowed: en, zh or both separated by a comma", 2)
    return langs


def _existing(paths: list[Path]) -> list[Path]:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise fail(f"there is no such file or folder: {', '.join(map(str, missing))}", 2)
    return paths


@app.command()
def check(paths: Paths) -> None:
    """Validate project files: every problem at once as file:line:column: field: what, given, allowed.

    Example: ppp check params
    """
    from ppp.problems import InputError
    from ppp.report.collect import district_files, project_files, read_all

    files = project_files(_existing(paths))
    _, refused = read_all(files)
    districts = district_files(paths)
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


@app.command()
def report(
    path: Annotated[str, typer.Argument(help="A project file, or file.yaml#scenario.", show_default=False)],
    output: Folder = "reports",
    lang: Langs = "en,zh",
    draws: Draws = 2048,
    force: Annotated[bool, typer.Option("--force", help="Make it again even if nothing changed.")] = False,
    cell_seconds: CellSeconds = 300.0,
    seconds: Seconds = 1800.0,
    memory: Memory = 4096,
) -> None:
    """Evaluate one project file into OUTPUT/<id>/.

    Example: ppp report params/wastewater.yaml#adverse --lang zh
    """
    import ppp
    from ppp.problems import InputError
    from ppp.report.batch import run_projects
    from ppp.report.task import Limits

    limits = Limits(cell_seconds, seconds, memory << 20)
    name, _, scenario = path.partition("#")
    _existing([Path(name)])
    langs = _languages(lang)
    try:
        project = ppp.load(name, scenario or None)
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    _run(
        lambda tell: run_projects(
            [project], {}, output, langs, draws, 1, force, tell, lambda batch, langs: None, limits
        ),
        output,
        index=False,
    )


@app.command()
def batch(
    paths: Annotated[
        list[str], typer.Argument(help="Project files, or folders of them, or addresses.", show_default=False)
    ],
    output: Folder = "reports",
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            min=1,
            max=256,
            help="Projects at work at once; the number of processors when absent.",
            show_default=False,
        ),
    ] = None,
    lang: Langs = "en,zh",
    draws: Draws = 2048,
    force: Annotated[bool, typer.Option("--force", help="Make every report again even if nothing changed.")] = False,
    cell_seconds: CellSeconds = 300.0,
    seconds: Seconds = 1800.0,
    memory: Memory = 4096,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster", help="Address of a dask scheduler that has the work done, or local.", show_default=False
        ),
    ] = "",
) -> None:
    """Evaluate every project file below PATHS into OUTPUT and write OUTPUT/index.html.

    A file that is wrong is refused and listed; the others are done. A rerun makes only what failed or changed, and says why.
    PATHS and OUTPUT may be addresses that fsspec knows, such as s3://bucket/params (extra: cluster).
    Exit status: 0 all done, 1 something was refused or failed, 2 wrong usage, 130 interrupted.

    Example: ppp batch params -o reports --lang zh,en
    """
    import os

    from ppp.report.batch import run_batch
    from ppp.report.places import is_address
    from ppp.report.sources import gathered
    from ppp.report.task import Limits

    langs, limits, count = _languages(lang), Limits(cell_seconds, seconds, memory << 20), jobs or os.cpu_count() or 1
    _existing([Path(path) for path in paths if not is_address(path)])

    def work(tell):
        with gathered(paths) as files:
            return run_batch(files, output, langs, draws, count, force, tell, limits, cluster)

    _run(work, output)


@app.command()
def portfolio(
    path: Annotated[Path, typer.Argument(help="A district file.", show_default=False)],
    output: Folder = "reports",
    results: Annotated[
        Path | None,
        typer.Option("--results", help="Folder of stored results (summary.json) to add.", show_default=False),
    ] = None,
    lang: Langs = "en,zh",
    draws: Draws = 4096,
    force: Annotated[bool, typer.Option("--force", help="Make it again even if nothing changed.")] = False,
) -> None:
    """Report on all projects of a district into OUTPUT/<id>/: affordability, liabilities, debt risk, which projects when.

    With --results, the stored results of other projects of the district are added to those that its file lists.

    Example: ppp portfolio params/districts/dalian-illustrative.yaml --lang zh
    """
    from ppp.portfolio.files import load_portfolio
    from ppp.problems import InputError
    from ppp.report.batch import run_tasks
    from ppp.report.tasks import district_task

    _existing([path, *([results] if results else [])])
    langs = _languages(lang)
    try:
        district = load_portfolio(path, results)
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    task = district_task(district, output, langs, draws)
    _run(
        lambda tell: run_tasks([task], {}, output, langs, 1, force, tell, lambda batch, langs: None),
        output,
        index=False,
    )


def _run(work, output: str, index: bool = True) -> None:
    """Run a batch with a progress bar on a terminal, a line a project elsewhere; end with the exit status."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ppp.report.batch import Busy, NothingToDo, write_failures
    from ppp.report.cluster import NoCluster
    from ppp.report.places import MissingExtra, place
    from ppp.report.task import Outcome
    from ppp.report.workers import whole_tree

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("reports", total=None)

        def tell(outcome: Outcome, done: int, count: int) -> None:
            progress.update(bar, total=count, completed=done)
            state = "FAILED" if outcome.failure else "incomplete" if not outcome.complete else "done"
            detail = outcome.failure or outcome.why
            seconds = f" in {outcome.seconds:.1f} s" if outcome.seconds else ""
            progress.console.print(f"{state:10} {outcome.name}{seconds} ({detail})")

        try:
            with whole_tree():
                result = work(tell)
                log = write_failures(result)
        except NothingToDo as error:
            raise fail(str(error), 2) from None
        except (Busy, MissingExtra, NoCluster) as error:
            raise fail(str(error), 1) from None
        except OSError as error:
            raise fail(f"{error.filename or output}: {error.strerror or error}", 1) from None
        except KeyboardInterrupt:
            raise fail("interrupted; run the same command again to do the rest", 130) from None
    if log:
        print(f"the whole story of each failure: {log}")
    if result.log_failure:
        print(f"the run log is not whole: {result.log_failure}")
    for problems in result.refused.values():
        for problem in problems:
            print(problem)
    good = sum(o.failure is None and o.complete for o in result.outcomes)
    count = len(result.outcomes) + len(result.refused)
    where = place(output) / ("index.html" if index else result.outcomes[0].name)
    print(f"{good} of {count} projects evaluated: {where}")
    raise typer.Exit(1 if result.failed else 0)


@app.command()
def verify(
    folder: Annotated[str, typer.Argument(help="Folder of reports, or its address.", show_default=False)],
) -> None:
    """Compare reports with their manifests and name every file that is altered, missing or unknown.

    Example: ppp verify reports
    """
    from ppp.report.places import is_address
    from ppp.report.verify import OK
    from ppp.report.verify import verify as findings

    _existing([] if is_address(folder) else [Path(folder)])
    found = list(findings(folder))
    if not found:
        raise fail(f"there is no manifest below {folder}", 2)
    for finding in found:
        if finding.state != OK:
            print(f"{finding.state}: {finding.path}")
    good = sum(finding.state == OK for finding in found)
    print(f"{good} of {len(found)} files are as they were made")
    raise typer.Exit(0 if good == len(found) else 1)


@app.command()
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


@app.command()
def solve(
    path: Annotated[str, typer.Argument(help="A project file, or file.yaml#scenario.", show_default=False)],
    wanted: Annotated[
        str,
        typer.Option(
            "--for",
            help="availability_payment, tariff, subsidy, grant, term, or the dotted key of a number.",
            show_default=False,
        ),
    ],
    target: Annotated[str, typer.Option(help="A result and its value, such as equity_irr=8%.", show_default=False)],
    lang: Annotated[str, typer.Option("--lang", help="Language of the answer: en or zh.")] = "en",
) -> None:
    """Find the value of an input that gives a result, and the scenario that holds it.

    Exit status: 0 found, 1 no value reaches the target (with what was tried), 2 wrong usage.

    Example: ppp solve params/hospital.yaml --for availability_payment --target equity_irr=8%
    """
    import ppp
    from ppp.appraisal import solve as search
    from ppp.problems import InputError
    from ppp.report.solved import answer

    name, _, scenario = path.partition("#")
    _existing([Path(name)])
    (lang,) = _languages(lang)[:1]
    try:
        project = ppp.load(name, scenario or None)
        result, value = search.target_of(project, target)
        solution = search.solve(project, wanted, result, value)
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    except KeyError as error:
        raise fail(f"--for: {error.args[0]}", 2) from None
    except ValueError as error:
        raise fail(f"--target: {error}", 2) from None
    print(answer(project, solution, lang))
    raise typer.Exit(0 if solution.reached[0] else 1)


@app.command()
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


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a character gets it spelt out, not a traceback
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="ppp")


if __name__ == "__main__":
    main()
