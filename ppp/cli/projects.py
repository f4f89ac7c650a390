"""Commands that ask a project something and print the answer, or write it as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ppp.cli.arguments import AnswerLang, Draws, Langs, ProjectPath, existing, fail, languages, loaded, problems_printed


def solve(
    path: ProjectPath,
    wanted: Annotated[
        str,
        typer.Option(
            "--for",
            help="availability_payment, tariff, subsidy, grant, term, or the dotted key of a number.",
            show_default=False,
        ),
    ],
    target: Annotated[str, typer.Option(help="A result and its value, such as equity_irr=8%.", show_default=False)],
    lang: AnswerLang = "en",
) -> None:
    """Find the value of an input that gives a result, and the scenario that holds it.

    Exit status: 0 found, 1 no value reaches the target (with what was tried), 2 wrong usage.
    """
    from ppp.appraisal import solve as search
    from ppp.report.solved import answer

    (lang,) = languages(lang)[:1]
    project = loaded(path)
    try:
        with problems_printed():
            result, value = search.target_of(project, target)
            solution = search.solve(project, wanted, result, value)
    except KeyError as error:
        raise fail(f"--for: {error.args[0]}", 2) from None
    except ValueError as error:
        raise fail(f"--target: {error}", 2) from None
    print(answer(project, solution, lang))
    raise typer.Exit(0 if solution.reached[0] else 1)


def sensitivity(
    path: ProjectPath,
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
    lang: AnswerLang = "en",
) -> None:
    """How a result answers to single inputs: by range, by elasticity, break-even values, a two-way table."""
    from ppp.report.sensitivity_answer import answer

    (lang,) = languages(lang)[:1]
    project = loaded(path)
    try:
        with problems_printed():
            print(answer(project, result, by, target, cross, lang))
    except (KeyError, ValueError) as error:
        raise fail(str(error.args[0]), 2) from None


def simulate(
    path: ProjectPath,
    draws: Annotated[
        int | None, typer.Option("--draws", min=8, max=10_000_000, help="About how many draws.", show_default=False)
    ] = None,
    loan: Annotated[str | None, typer.Option(help="resized or held, instead of what the file says.")] = None,
    risks: Annotated[str | None, typer.Option(help="expected or drawn, instead of what the file says.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="Processes at work at once.")] = 1,
    lang: AnswerLang = "en",
) -> None:
    """Draw the uncertain inputs of a project: probabilities, percentiles with their errors, drivers, worst draws."""
    from ppp.report.sensitivity_answer import drawn_answer

    (lang,) = languages(lang)[:1]
    project = loaded(path)
    try:
        with problems_printed():
            print(drawn_answer(project, draws, loan, risks, jobs, lang))
    except ValueError as error:
        raise fail(str(error), 2) from None


def workbook(
    path: ProjectPath,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write; <id>.xlsx when absent.", show_default=False),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the workbook: en or zh.")] = "en",
) -> None:
    """Write the model as a workbook with live formulas: change an input there and every line follows.

    A formula that differs from the model gives way to the model's value, marked as pasted. Exit status: 0 written, 1 refused, 2
    wrong usage.
    """
    import ppp
    from ppp.report.workbook import WorkbookDiffers, write_workbook

    if len(langs := languages(lang)) > 1:
        raise fail(f"--lang: given {lang}; allowed: en or zh", 2)
    project, scenario = loaded(path), path.partition("#")[2]
    written = output or Path(f"{project.id}{'-' * bool(scenario)}{scenario}.xlsx")
    try:
        with problems_printed():
            write_workbook(ppp.evaluate(project), written, *langs)
    except WorkbookDiffers as error:
        raise fail(f"{path}: {error}; nothing was written", 1) from None
    except OSError as error:
        raise fail(f"{error.filename or written}: {error.strerror}", 1) from None
    print(written)


def assurance(
    path: ProjectPath,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write; <id>-assurance.md when absent.", show_default=False),
    ] = None,
    draws: Draws = 4096,
    lang: AnswerLang = "en",
) -> None:
    """Write a statement of assurance to attach to an evaluation: what was checked and found, with blanks for people to fill and sign.

    An existing file is never overwritten: people may have written into it.

    """
    import ppp
    from ppp.report.assurance import statement

    (lang,) = languages(lang)[:1]
    project, scenario = loaded(path), path.partition("#")[2]
    written = output or Path(f"{project.id}{'-' * bool(scenario)}{scenario}-assurance.md")
    if written.exists():
        raise fail(f"{written} exists already; choose another name with -o", 1)
    text = statement(ppp.appraise(project, draws), lang)
    try:
        with open(written, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise fail(f"{error.filename or written}: {error.strerror}", 1) from None
    print(written)


def compare(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Project files or file.yaml#scenario; one file alone for its base case and all its scenarios.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Folder for a report, or its address.", show_default=False)
    ] = None,
    lang: Langs = "en,zh",
) -> None:
    """Set scenarios, projects or two versions of one file side by side: the inputs that differ, and the results that they move.

    Prints the tables in the first language; with -o writes the report too.
    """
    from ppp.report.comparison_page import ComparisonReport, sides_of
    from ppp.report.plain import plain_tables

    existing([Path(path.partition("#")[0]) for path in paths])
    langs = languages(lang)
    try:
        with problems_printed():
            sides = sides_of(",".join(paths))
            compared = ComparisonReport.of(sides, langs[0])
    except ValueError as error:
        raise fail(str(error), 2) from None
    print(plain_tables(compared.overview(), compared.inputs(), compared.effects()))
    if output is not None:
        from ppp.cli.running import run
        from ppp.report.batch import run_tasks
        from ppp.report.places import place
        from ppp.report.tasks import comparison_task

        run(
            lambda tell: run_tasks([comparison_task(sides, place(output), langs)], {}, output, langs, 1, False, tell),
            output,
            langs[0],
            index=False,
        )
