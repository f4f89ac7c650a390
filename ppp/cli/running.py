"""A batch at a terminal: its progress, what it could not do in one line each, and the exit status."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from ppp.cli.arguments import fail

if TYPE_CHECKING:
    from ppp.report.batch import Batch


def run(work: Callable[[Callable], Batch], output: str, lang: str, index: bool = True, whole: bool = True) -> None:
    """Run a batch with a progress bar on a terminal, a line a project elsewhere; end with the exit status. whole: no format that was
    asked for is left out. Without an index the answer of each report is told, in `lang`, with its pages."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ppp.report.batch import Busy, NothingToDo, write_failures
    from ppp.report.cluster import NoCluster
    from ppp.report.places import MissingExtra
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
    _say(result, log, index)
    if not index:
        from ppp.report.closing import closing

        for line in (line for outcome in result.outcomes for line in closing(result.folder / outcome.name, lang)):
            print(line)
    raise typer.Exit(1 if result.failed or not whole else 0)


def _say(result: Batch, log: str | None, index: bool) -> None:
    if log:
        print(f"the whole story of each failure: {log}")
    if result.log_failure:
        print(f"the run log is not whole: {result.log_failure}")
    for problems in result.refused.values():
        for problem in problems:
            print(problem)
    good = sum(o.failure is None and o.complete for o in result.outcomes)
    count = len(result.outcomes) + len(result.refused)
    where = result.folder / ("index.html" if index else result.outcomes[0].name)
    print(f"{good} of {count} projects evaluated: {where}")
