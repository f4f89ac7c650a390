"""Commands that write reports, put them together and verify them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ppp.cli.arguments import (
    CellSeconds,
    Draws,
    Folder,
    Force,
    Formats,
    Langs,
    Memory,
    ProjectPath,
    Seconds,
    existing,
    fail,
    formats_here,
    languages,
    loaded,
    problems_printed,
)
from ppp.cli.running import run


def report(
    path: ProjectPath,
    output: Folder = "reports",
    lang: Langs = "en,zh",
    form: Formats = "html",
    draws: Draws = 4096,
    force: Force = False,
    cell_seconds: CellSeconds = 300.0,
    seconds: Seconds = 1800.0,
    memory: Memory = 4096,
) -> None:
    """Evaluate one project file into OUTPUT/<id>/."""
    from ppp.report.batch import run_projects
    from ppp.report.task import Limits

    langs, limits = languages(lang), Limits(cell_seconds, seconds, memory << 20)
    project = loaded(path)
    formats, whole = formats_here(form)

    def work(tell):
        return run_projects([project], {}, output, langs, draws, 1, force, tell, formats=formats, limits=limits)

    run(work, output, langs[0], index=False, whole=whole)


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
    form: Formats = "html",
    draws: Draws = 4096,
    force: Force = False,
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
    """
    import os

    from ppp.report.batch import run_batch
    from ppp.report.places import is_address
    from ppp.report.sources import gathered
    from ppp.report.task import Limits

    langs, limits, count = languages(lang), Limits(cell_seconds, seconds, memory << 20), jobs or os.cpu_count() or 1
    existing([Path(path) for path in paths if not is_address(path)])
    formats, whole = formats_here(form)

    def work(tell):
        with gathered(paths) as files:
            return run_batch(files, output, langs, draws, count, force, tell, formats, limits, cluster)

    run(work, output, langs[0], whole=whole)


def portfolio(
    path: Annotated[Path, typer.Argument(help="A district file.", show_default=False)],
    output: Folder = "reports",
    results: Annotated[
        Path | None,
        typer.Option("--results", help="Folder of stored results (summary.json) to add.", show_default=False),
    ] = None,
    lang: Langs = "en,zh",
    form: Formats = "html",
    draws: Draws = 4096,
    force: Force = False,
    cell_seconds: CellSeconds = 300.0,
    seconds: Seconds = 1800.0,
    memory: Memory = 4096,
) -> None:
    """Report on all projects of a district into OUTPUT/<id>/: affordability, liabilities, debt risk, which projects when.

    With --results, the stored results of other projects of the district are added to those that its file lists.
    """
    from ppp.portfolio.files import load_portfolio
    from ppp.report.batch import run_tasks
    from ppp.report.places import place
    from ppp.report.task import Limits
    from ppp.report.tasks import district_task

    existing([path, *([results] if results else [])])
    langs, limits = languages(lang), Limits(cell_seconds, seconds, memory << 20)
    with problems_printed():
        district = load_portfolio(path, results)
    formats, whole = formats_here(form)

    def work(tell):
        tasks = [district_task(district, place(output), langs, draws)]
        return run_tasks(tasks, {}, output, langs, 1, force, tell, formats=formats, limits=limits)

    run(work, output, langs[0], index=False, whole=whole)


def pack(
    folder: Annotated[str, typer.Argument(help="Folder of reports, as a batch wrote it.", show_default=False)],
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

    Exit status: 0 made, 1 something is missing for it, 2 wrong usage, 130 interrupted.
    """
    import os
    import re

    from ppp.report.batch import Busy, locked
    from ppp.report.fonts import MissingGlyph
    from ppp.report.formats import documents
    from ppp.report.formats import pack as packs
    from ppp.report.places import is_address
    from ppp.report.workers import whole_tree

    if is_address(folder):
        raise fail(f"a pack is made of reports on this machine, given {folder}; copy them to a folder first", 2)
    home = Path(folder)
    existing([home])
    langs = languages(lang)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise fail(f"--name: given {name}; allowed: letters, digits, points, dashes, 64 at most", 2)
    if why := documents.why_not(documents.PDF):
        raise fail(why, 1)
    try:
        with whole_tree(), locked(home):
            items = {each: packs.items_of(home, reports or (), each) for each in langs}
            made = {each: packs.pack(items[each], each, title, jobs or os.cpu_count() or 1) for each in langs}
            written = packs.write(home, name, made, items[langs[0]])
    except (Busy, packs.Unusable, MissingGlyph) as error:
        raise fail(str(error), 1) from None
    except OSError as error:
        raise fail(f"{error.filename or home}: {error.strerror}", 1) from None
    except KeyboardInterrupt:
        raise fail("interrupted; the pack was not made", 130) from None
    for path in written:
        print(path)


def verify(
    folder: Annotated[str, typer.Argument(help="Folder of reports, or its address.", show_default=False)],
) -> None:
    """Name every file of the reports that is altered, missing or unknown by their manifests, and packs of reports made anew since."""
    from ppp.report.places import is_address
    from ppp.report.verify import OK
    from ppp.report.verify import verify as findings

    existing([] if is_address(folder) else [Path(folder)])
    found = list(findings(folder))
    if not found:
        raise fail(f"there is no manifest below {folder}", 2)
    for finding in found:
        if finding.state != OK:
            print(f"{finding.state}: {finding.path}")
    good = sum(finding.state == OK for finding in found)
    print(f"{good} of {len(found)} files are as they were made")
    raise typer.Exit(0 if good == len(found) else 1)
