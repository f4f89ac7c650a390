"""A folder of project files becomes a folder of reports: validate, decide what must run, run it in worker processes, index."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import ppp
from ppp.problems import Problem
from ppp.report import unread, workers
from ppp.report.formats import documents
from ppp.report.journal import JOURNAL, Journal
from ppp.report.listing import write_index
from ppp.report.manifest import sources_hash
from ppp.report.places import Place, place
from ppp.report.sources import Sources, yaml_files
from ppp.report.task import STAGING, SUMMARY, Limits, Outcome, Task
from ppp.report.tasks import district_task, environment_hash, key_changed, tasks_of, why_run
from ppp.text_files import noting

if TYPE_CHECKING:
    from ppp.project import Project

LOCK = ".lock"
FAILURES = "failures.txt"
INTERRUPTED = "interrupted before it was done"


@dataclass
class Batch:
    """What a batch did: one outcome a project, in the order of the files; refused files with their problems."""

    folder: Place
    outcomes: list[Outcome] = field(default_factory=list)
    refused: dict[str, list[Problem]] = field(default_factory=dict)
    log_failure: str = ""  # why the run log is not whole

    def __post_init__(self):
        self.folder = place(self.folder)

    @property
    def failed(self) -> bool:
        return bool(self.refused) or any(outcome.failure or not outcome.complete for outcome in self.outcomes)


class Busy(RuntimeError):
    """Another batch is writing into the same folder."""


class NothingToDo(ValueError):
    """There is no project file where a batch was told to look."""


class Unread(RuntimeError):
    """Something has to be made whose inputs were not read."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for one batch; the lock goes with the process, however it ends. Raises Busy."""
    folder.mkdir(parents=True, exist_ok=True)
    file = open(folder / LOCK, "a+")  # noqa: SIM115 - held open for as long as the lock
    try:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                f"another batch is writing into {folder}; wait for it or choose another folder with -o"
            ) from None
        yield
    finally:
        file.close()


def run_batch(
    files: Sources | Iterable[Path],
    folder: Path | str,
    langs: tuple[str, ...],
    draws: int,
    jobs: int,
    force: bool,
    tell: Callable[[Outcome, int, int], None],
    formats: tuple[str, ...] = (documents.HTML,),
    limits: Limits | None = None,
    cluster: str = "",
) -> Batch:
    """Evaluate every project file into `folder` and write the index. Files that are wrong are refused, the others are done.

    `tell` hears of each project as it ends, with how many are done of how many. With `cluster` the work is done by dask's workers at that
    address. Raises NothingToDo, Busy, OSError for an unusable folder."""
    files = files if isinstance(files, Sources) else Sources(list(files))
    home, asked = place(folder), yaml_files(files.paths)
    if type(home) is Place and not files.copies and not force:
        tasks = unread.tasks_unread(home, asked, langs, draws)
        with suppress(Unread):
            if tasks:
                return run_tasks(tasks, {}, home, langs, jobs, force, tell, write_index, formats, limits, cluster)
    with noting() as read:
        tasks, refused = _read(files, home, langs, draws, force, None if cluster else formats)

    def finish(batch: Batch, langs: tuple[str, ...]) -> None:
        write_index(batch, langs)
        if type(home) is Place and not files.copies and not refused:
            unread.remember(home, asked, read, tasks)

    return run_tasks(tasks, refused, home, langs, jobs, force, tell, finish, formats, limits, cluster)


def _read(
    files: Sources, home: Place, langs: tuple[str, ...], draws: int, force: bool, formats: tuple[str, ...] | None
) -> tuple[list[Task], dict[str, list[Problem]]]:
    """What the files ask for, and the problems of those that are refused. `formats`: of what this machine makes. Raises NothingToDo."""
    from ppp.report.collect import read_all, read_districts, sorted_files

    projects, districts = sorted_files(files.paths)
    if not projects and not districts:
        raise NothingToDo("no project files found")

    def seen(project: Project) -> None:
        """Once one has to be made, the process from which workers are forked gets ready while we read the others."""
        if formats and any(force or key_changed(task) for task in tasks_of(project, home, langs, draws)):
            workers.prepare(formats)

    projects, refused = read_all(projects, files.shown, seen)
    districts, more = read_districts(districts, projects, files.shown)
    refused = {name: files.shown_in(problems) for name, problems in {**refused, **more}.items()}
    tasks = [task for project in projects for task in tasks_of(project, home, langs, draws)]
    return tasks + [district_task(portfolio, home, langs, draws) for portfolio in districts], refused


def run_projects(projects: Iterable[Project], refused, folder: Path | str, langs, draws: int, *how, **more) -> Batch:
    """run_tasks for the reports of projects that are loaded already."""
    home = place(folder)
    return run_tasks(
        [task for project in projects for task in tasks_of(project, home, langs, draws)],
        refused,
        home,
        langs,
        *how,
        **more,
    )


def run_tasks(
    tasks: list[Task],
    refused: dict[str, list[Problem]],
    folder: Path | str | Place,
    langs: tuple[str, ...],
    jobs: int,
    force: bool,
    tell: Callable[[Outcome, int, int], None],
    finish: Callable[[Batch, tuple[str, ...]], None] = lambda batch, langs: None,
    formats: tuple[str, ...] = (documents.HTML,),
    limits: Limits | None = None,
    cluster: str = "",
) -> Batch:
    """Do what failed or changed, keep the rest; `finish` then writes about the whole. Without `limits` each task has its own.

    Raises Unread, before anything is done, Busy, OSError for an unusable folder."""
    home = place(folder)
    tasks = [replace(task, formats=formats, limits=limits or task.limits) for task in tasks]
    local = type(home) is Place  # an address has no lock: two batches there make the same bytes twice
    with locked(home.path) if local else nullcontext():
        _sweep(home)
        reasons = {task.name: why_run(task, force) for task in tasks}
        if any(reasons[task.name] is not None and not task.canonical for task in tasks):
            raise Unread
        log = Journal(home.path / JOURNAL if local else None)
        log.write("begin", **_circumstances(tasks, refused, jobs, cluster))
        outcomes: dict[str, Outcome] = {}

        def ended(outcome: Outcome) -> None:
            outcomes[outcome.name] = outcome
            log.write("done" if outcome.failure is None else "failed", **_told(outcome))
            tell(outcome, len(outcomes), len(tasks))

        for task in tasks:
            if reasons[task.name] is None:
                ended(Outcome(task.name, "unchanged", None, was_complete(task)))
        to_run = [task for task in tasks if reasons[task.name] is not None]
        try:
            for outcome in _run(to_run, reasons, min(jobs, len(to_run)), cluster):
                ended(outcome)
        except BaseException as error:
            log.write("interrupted", by=type(error).__name__)
            raise
        finally:
            _sweep(home)  # a worker that died left its own
            for task in tasks:
                outcomes.setdefault(task.name, Outcome(task.name, str(reasons[task.name]), INTERRUPTED, False))
            batch = Batch(home, [outcomes[task.name] for task in tasks], refused, log.failure)
            finish(batch, langs)
            log.write("end", failed=[o.name for o in batch.outcomes if o.failure or not o.complete])
        return batch


def _run(tasks: list[Task], reasons: dict[str, str | None], jobs: int, cluster: str) -> Iterator[Outcome]:
    if not cluster:
        return workers.run(tasks, reasons, jobs)
    from ppp.report.cluster import run

    return run(tasks, reasons, jobs, cluster)


def write_failures(batch: Batch) -> str | None:
    """failures.txt with the traceback of every failure, for whoever mends it; removed when there is none. Its address."""
    stories = [f"{o.name}: {o.failure}\n\n{o.trace}" for o in batch.outcomes if o.failure]
    if not stories:
        batch.folder.remove(FAILURES)
        return None
    batch.folder.replace(FAILURES, "\n".join(stories).encode("utf-8", "backslashreplace"))
    return str(batch.folder / FAILURES)


def _circumstances(tasks: list[Task], refused, jobs: int, cluster: str) -> dict[str, object]:
    return {
        "version": ppp.__version__,
        "package": sources_hash(),
        "environment": environment_hash(),
        "host": platform.node(),
        "process": os.getpid(),
        "jobs": jobs,
        "cluster": cluster,
        "tasks": len(tasks),
        "refused": list(refused),
    }


def _told(outcome: Outcome) -> dict[str, object]:
    told = {"name": outcome.name, "why": outcome.why, "seconds": round(outcome.seconds, 2)}
    return told | ({"complete": outcome.complete} if outcome.failure is None else {"failure": outcome.failure})


def was_complete(task: Task) -> bool:
    """Whether the report that is in place assesses its project whole."""
    import json

    return json.loads(place(task.folder).read(SUMMARY))["complete"]


def _sweep(home: Place) -> None:
    """Remove what ended work left unfinished; the lock says that nobody else is at work here."""
    if type(home) is Place and home.path.is_dir():
        for left in home.path.glob(f"{STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in (*home.path.glob(".*.new"), *home.path.glob("*/.*.new")):
            left.unlink(missing_ok=True)
