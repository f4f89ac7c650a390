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
Folder = Annotated[Path, typer.Option("-o", "--output", help="Folder for the reports.")]
Langs = Annotated[
    str, typer.Option("--lang", help="Languages of the reports, such as en,zh; the first is the index's.")
]
Formats = Annotated[
    str,
    typer.Option(
        "--format", help="Forms of the reports, such as html,pdf,docx,xlsx; a rerun makes only those that are missing."
    ),
]
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


def _formats(text: str) -> tuple[tuple[str, ...], bool]:
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
    output: Folder = Path("reports"),
    lang: Langs = "en,zh",
    form: Formats = "html",
    draws: Draws = 4096,
    force: Annotated[bool, typer.Option("--force", help="Make it again even if nothing changed.")] = False,
) -> None:
    """Evaluate one project file into OUTPUT/<id>/.

    Example: ppp report params/wastewater.yaml#adverse --lang zh
    """
    import ppp
    from ppp.problems import InputError
    from ppp.report.batch import run_projects

    name, _, scenario = path.partition("#")
    _existing([Path(name)])
    langs = _languages(lang)
    try:
        project = ppp.load(name, scenario or None)
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    formats, whole = _formats(form)
    _run(
        lambda tell: run_projects(
            [project], {}, output, langs, draws, 1, force, tell, lambda batch, langs: None, formats
        ),
        output,
        index=False,
        whole=whole,
    )


@app.command()
def batch(
    paths: Paths,
    output: Folder = Path("reports"),
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
    form: Formats = "html",
    draws: Draws = 4096,
    force: Annotated[bool, typer.Option("--force", help="Make every report again even if nothing changed.")] = False,
) -> None:
    """Evaluate every project file below PATHS into OUTPUT and write OUTPUT/index.html.

    A file that is wrong is refused and listed; the others are done. A rerun makes only what failed or changed, and says why.
    Exit status: 0 all done, 1 something was refused or failed, 2 wrong usage, 130 interrupted.

    Example: ppp batch params -o reports --lang zh,en
    """
    import os

    from ppp.report.batch import run_batch
    from ppp.report.collect import district_files, project_files

    paths, langs = _existing(paths), _languages(lang)
    if not project_files(paths) and not district_files(paths):
        raise fail("no project files found", 2)
    formats, whole = _formats(form)
    jobs = jobs or os.cpu_count() or 1
    _run(lambda tell: run_batch(paths, output, langs, draws, jobs, force, tell, formats), output, whole=whole)


@app.command()
def portfolio(
    path: Annotated[Path, typer.Argument(help="A district file.", show_default=False)],
    output: Folder = Path("reports"),
    results: Annotated[
        Path | None,
        typer.Option("--results", help="Folder of stored results (summary.json) to add.", show_default=False),
    ] = None,
    lang: Langs = "en,zh",
    form: Formats = "html",
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
    from ppp.report.formats.documents import with_formats
    from ppp.report.tasks import district_task

    _existing([path, *([results] if results else [])])
    langs = _languages(lang)
    try:
        district = load_portfolio(path, results)
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    formats, whole = _formats(form)
    tasks = with_formats([district_task(district, output, langs, draws)], formats)
    _run(
        lambda tell: run_tasks(tasks, {}, output, langs, 1, force, tell, lambda batch, langs: None),
        output,
        index=False,
        whole=whole,
    )


def _run(work, output: Path, index: bool = True, whole: bool = True) -> None:
    """Run a batch with a progress bar on a terminal, a line a project elsewhere; end with the exit status. whole: no format that was
    asked for is left out."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ppp.report.batch import Busy, write_failures
    from ppp.report.produce import Outcome

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
            result = work(tell)
        except Busy as error:
            raise fail(str(error), 1) from None
        except OSError as error:
            raise fail(f"{error.filename or output}: {error.strerror}", 1) from None
        except KeyboardInterrupt:
            raise fail("interrupted; run the same command again to do the rest", 130) from None
    if log := write_failures(result):
        print(f"the whole story of each failure: {log}")
    for problems in result.refused.values():
        for problem in problems:
            print(problem)
    good = sum(o.failure is None and o.complete for o in result.outcomes)
    count = len(result.outcomes) + len(result.refused)
    where = output / "index.html" if index else output / result.outcomes[0].name
    print(f"{good} of {count} projects evaluated: {where}")
    raise typer.Exit(1 if result.failed or not whole else 0)


@app.command()
def pack(
    folder: Annotated[Path, typer.Argument(help="Folder of reports, as a batch wrote it.", show_default=False)],
    reports: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of reports in their order; all that decide something when absent.", show_default=False
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Name of the pack and, with +pack, of its folder.")] = "meeting",
    title: Annotated[
        str | None,
        typer.Option("--title", help="What the cover says, such as the meeting and its day.", show_default=False),
    ] = None,
    lang: Langs = "en,zh",
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=256, help="Reports at work at once.", show_default=False)
    ] = None,
) -> None:
    """Put the reports of a meeting into one PDF: cover, contents, agenda, districts, two-page briefs, full reports.

    Exit status: 0 made, 1 something is missing for it, 2 wrong usage.

    Example: ppp pack reports --title "Review of 12 June" --lang zh
    """
    import os
    import re

    from ppp.report.batch import Busy, locked
    from ppp.report.fonts import MissingGlyph
    from ppp.report.formats import documents
    from ppp.report.formats import pack as packs

    _existing([folder])
    langs = _languages(lang)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise fail(f"--name: given {name}; allowed: letters, digits, points, dashes, 64 at most", 2)
    if why := documents.why_not(documents.PDF):
        raise fail(why, 1)
    try:
        with locked(folder):
            items = {each: packs.items_of(folder, reports or (), each) for each in langs}
            made = {each: packs.pack(items[each], each, title, jobs or os.cpu_count() or 1) for each in langs}
            written = packs.write(folder, name, made, items[langs[0]])
    except (Busy, packs.Unusable, MissingGlyph) as error:
        raise fail(str(error), 1) from None
    except OSError as error:
        raise fail(f"{error.filename or folder}: {error.strerror}", 1) from None
    for path in written:
        print(path)


@app.command()
def verify(folder: Annotated[Path, typer.Argument(help="Folder of reports.", show_default=False)]) -> None:
    """Compare reports with their manifests and name every file that is altered, missing or unknown.

    Example: ppp verify reports
    """
    from ppp.report.verify import OK
    from ppp.report.verify import verify as findings

    _existing([folder])
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
def sensitivity(
    path: Annotated[str, typer.Argument(help="A project file, or file.yaml#scenario.", show_default=False)],
    result: Annotated[
        str | None,
        typer.Option(help="A result, such as equity_irr; the first that matters when absent.", show_default=False),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="Dotted key of an input, again for more; those with a range when absent."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Break-even at a result's value, such as equity_npv=0.", show_default=False)
    ] = None,
    cross: Annotated[
        tuple[str, str] | None, typer.Option("--cross", help="Two inputs for a two-way table.", show_default=False)
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the answer: en or zh.")] = "en",
) -> None:
    """How a result answers to single inputs: by range, by elasticity, break-even values, a two-way table.

    Example: ppp sensitivity params/toll-road.yaml --result equity_irr --target equity_irr=7%
    """
    import ppp
    from ppp.problems import InputError
    from ppp.report.sensitivity_answer import answer

    name, _, scenario = path.partition("#")
    _existing([Path(name)])
    (lang,) = _languages(lang)[:1]
    try:
        print(answer(ppp.load(name, scenario or None), result, by, target, cross, lang))
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    except (KeyError, ValueError) as error:
        raise fail(str(error.args[0]), 2) from None


@app.command()
def simulate(
    path: Annotated[str, typer.Argument(help="A project file, or file.yaml#scenario.", show_default=False)],
    draws: Annotated[
        int | None, typer.Option("--draws", min=8, max=10_000_000, help="About how many draws.", show_default=False)
    ] = None,
    loan: Annotated[str | None, typer.Option(help="resized or held, instead of what the file says.")] = None,
    risks: Annotated[str | None, typer.Option(help="expected or drawn, instead of what the file says.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="Threads at work at once.")] = 1,
    lang: Annotated[str, typer.Option("--lang", help="Language of the answer: en or zh.")] = "en",
) -> None:
    """Draw the uncertain inputs of a project: probabilities, percentiles with their errors, drivers, worst draws.

    Example: ppp simulate params/toll-road.yaml --loan held --draws 100000 --jobs 2
    """
    import ppp
    from ppp.problems import InputError
    from ppp.report.sensitivity_answer import drawn_answer

    name, _, scenario = path.partition("#")
    _existing([Path(name)])
    (lang,) = _languages(lang)[:1]
    try:
        print(drawn_answer(ppp.load(name, scenario or None), draws, loan, risks, jobs, lang))
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    except ValueError as error:
        raise fail(str(error), 2) from None


@app.command()
def workbook(
    path: Annotated[str, typer.Argument(help="A project file, or file.yaml#scenario.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write; <id>.xlsx when absent.", show_default=False),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the workbook: en or zh.")] = "en",
) -> None:
    """Write the model as a workbook with live formulas: change an input there and every line follows.

    A formula that differs from the model gives way to the model's value, marked as pasted. Exit status: 0 written, 1 refused, 2
    wrong usage.

    Example: ppp workbook params/school.yaml -o school.xlsx --lang zh
    """
    import ppp
    from ppp.problems import InputError
    from ppp.report.workbook import WorkbookDiffers, write_workbook

    name, _, scenario = path.partition("#")
    _existing([Path(name)])
    langs = _languages(lang)
    if len(langs) > 1:
        raise fail(f"--lang: given {lang}; allowed: en or zh", 2)
    try:
        project = ppp.load(name, scenario or None)
        written = output or Path(f"{project.id}{'-' * bool(scenario)}{scenario}.xlsx")
        write_workbook(ppp.evaluate(project), written, *langs)
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    except WorkbookDiffers as error:
        raise fail(f"{path}: {error}; nothing was written", 1) from None
    except OSError as error:
        raise fail(f"{error.filename or written}: {error.strerror}", 1) from None
    print(written)


@app.command()
def compare(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Project files or file.yaml#scenario; one file alone for its base case and all its scenarios.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for a report.", show_default=False)
    ] = None,
    lang: Langs = "en,zh",
) -> None:
    """Set scenarios, projects or two versions of one file side by side: the inputs that differ, and the results that they move.

    Prints the tables in the first language; with -o writes the report too.

    Example: ppp compare params/wastewater.yaml
    """
    from ppp.problems import InputError
    from ppp.report.comparison_page import ComparisonReport, sides_of
    from ppp.report.plain import plain_tables

    _existing([Path(path.partition("#")[0]) for path in paths])
    langs = _languages(lang)
    try:
        sides = sides_of(",".join(paths))
        compared = ComparisonReport.of(sides, langs[0])
    except InputError as error:
        print(error)
        raise typer.Exit(1) from None
    except ValueError as error:
        raise fail(str(error), 2) from None
    print(plain_tables(compared.overview(), compared.inputs(), compared.effects()))
    if output is not None:
        from ppp.report.batch import run_tasks
        from ppp.report.tasks import comparison_task

        task = comparison_task(sides, output, langs)
        _run(
            lambda tell: run_tasks([task], {}, output, langs, 1, False, tell, lambda batch, langs: None),
            output,
            index=False,
        )


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
