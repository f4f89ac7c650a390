"""A folder of project files becomes a folder of reports: validate, decide what must run, run it in worker processes, index."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ppp.problems import Problem
from ppp.report.collect import district_files, project_files, read_all, read_districts
from ppp.report.formats import documents
from ppp.report.produce import STAGING, SUMMARY, Outcome, Task
from ppp.report.tasks import district_task, tasks_of, why_run
from ppp.report.workers import in_processes

if TYPE_CHECKING:
    pass

LOCK = ".lock"


@dataclass
class Batch:
    """What a batch did: one outcome a project, in the order of the files; refused files with their problems."""

    folder: Path
    outcomes: list[Outcome] = field(default_factory=list)
    refused: dict[str, list[Problem]] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.refused) or any(outcome.failure or not outcome.complete for outcome in self.outcomes)


class Busy(RuntimeError):
    """Another batch is writing into the same folder."""


@contextmanager
def locked(folder: Path):
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
    paths: Iterable[Path],
    folder: Path,
    langs: tuple[str, ...],
    draws: int,
    jobs: int,
    force: bool,
    tell: Callable[[Outcome, int, int], None],
    formats: tuple[str, ...] = (documents.HTML,),
) -> Batch:
    """Evaluate every project file into `folder` and write the index. Files that are wrong are refused, the others are done.

    `tell` hears of each project as it ends, with how many are done of how many. Raises Busy, OSError for an unusable folder."""
    from ppp.report.index import write_index

    paths = list(paths)
    projects, refused = read_all(project_files(paths))
    districts, more = read_districts(district_files(paths), projects)
    tasks = [task for project in projects for task in tasks_of(project, folder, langs, draws)]
    tasks += [district_task(portfolio, folder, langs, draws) for portfolio in districts]
    tasks = documents.with_formats(tasks, formats)
    return run_tasks(tasks, {**refused, **more}, folder, langs, jobs, force, tell, write_index)


def run_projects(
    projects, refused, folder: Path, langs, draws: int, jobs: int, force: bool, tell, finish, formats=(documents.HTML,)
) -> Batch:
    tasks = [task for project in projects for task in tasks_of(project, folder, langs, draws)]
    return run_tasks(documents.with_formats(tasks, formats), refused, folder, langs, jobs, force, tell, finish)


def run_tasks(tasks: list[Task], refused, folder: Path, langs, jobs: int, force: bool, tell, finish) -> Batch:
    """Do what failed or changed, keep the rest. Raises Busy, OSError for an unusable folder."""
    with locked(folder):
        _sweep(folder)
        reasons = {task.name: why_run(task, force) for task in tasks}
        outcomes: dict[str, Outcome] = {}
        for task in tasks:
            if reasons[task.name] is None:
                outcomes[task.name] = Outcome(task.name, "unchanged", None, _was_complete(task))
                tell(outcomes[task.name], len(outcomes), len(tasks))
        to_run = [task for task in tasks if reasons[task.name] is not None]
        try:
            for outcome in in_processes(to_run, reasons, min(jobs, len(to_run))):
                outcomes[outcome.name] = outcome
                tell(outcome, len(outcomes), len(tasks))
        finally:
            _sweep(folder)  # a worker that died left its own
            for task in tasks:
                outcomes.setdefault(
                    task.name, Outcome(task.name, str(reasons[task.name]), "interrupted before it was done", False)
                )
            batch = Batch(folder, [outcomes[task.name] for task in tasks], refused)
            finish(batch, langs)
        return batch


def write_failures(batch: Batch) -> Path | None:
    """failures.txt with the traceback of every failure, for whoever mends it; removed when there is none."""
    path = batch.folder / "failures.txt"
    stories = [f"{o.name}: {o.failure}\n\n{o.trace}" for o in batch.outcomes if o.failure]
    if not stories:
        path.unlink(missing_ok=True)
        return None
    path.write_text("\n".join(stories), encoding="utf-8")
    return path


def _was_complete(task: Task) -> bool:
    summary = json.loads((Path(task.folder) / SUMMARY).read_text(encoding="utf-8"))
    return summary["complete"]


def _sweep(folder: Path) -> None:
    """Remove what ended work left unfinished; the lock says that nobody else is at work here."""
    import shutil

    for left in folder.glob(f"{STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)
