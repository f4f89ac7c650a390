"""Worker processes: each task in a process of its own, none left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TYPE_CHECKING

from ppp.report import produce
from ppp.report.produce import Outcome, Task

if TYPE_CHECKING:
    import psutil

QUIET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONWARNINGS": "ignore",
}


def in_processes(tasks: list[Task], reasons: dict[str, str | None], jobs: int) -> Iterable[Outcome]:
    """Outcomes as they come. A worker that dies takes only its own project with it: the others go to a new pool."""
    waiting = list(tasks)
    while waiting:
        with _pool(jobs) as pool:
            running: dict[Future, Task] = {}
            broken: list[Task] = []
            try:
                while _fill(pool, running, waiting if not broken else [], reasons, jobs):
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        task = running.pop(future)
                        try:
                            yield future.result()
                        except BrokenProcessPool:
                            broken.append(task)
            except (KeyboardInterrupt, GeneratorExit):
                _end_workers()
                raise
        if len(broken) == 1:
            yield Outcome(broken[0].name, str(reasons[broken[0].name]), "its worker process died", False)
        else:
            for task in broken:  # several were at work when one of them died: try each alone to see which
                yield from in_processes([task], reasons, 1)


def _fill(
    pool: ProcessPoolExecutor,
    running: dict[Future, Task],
    waiting: list[Task],
    reasons: dict[str, str | None],
    jobs: int,
) -> bool:
    """Give the pool what it has room for. Whether anything runs; a pool that broke in between takes nothing more."""
    while waiting and len(running) < jobs:
        try:
            future = pool.submit(produce.produce, waiting[0], str(reasons[waiting[0].name]))
        except BrokenProcessPool:
            break
        running[future] = waiting.pop(0)
    return bool(running)


def _pool(jobs: int) -> ProcessPoolExecutor:
    os.environ.update(QUIET)
    return ProcessPoolExecutor(max(jobs, 1), mp_context=multiprocessing.get_context("spawn"), initializer=_quiet_worker)


def _quiet_worker() -> None:
    """A worker leaves Ctrl-C to its parent, which ends the whole tree; when the parent is killed the worker ends its own part."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import psutil

    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    _end(psutil.Process(), and_itself=False)
    os._exit(1)


def _end_workers() -> None:
    """End every worker with all its children, and nothing else: multiprocessing keeps a process of its own, which ends by itself."""
    import psutil

    for worker in multiprocessing.active_children():
        with suppress(psutil.NoSuchProcess):
            _end(psutil.Process(worker.pid))


def _end(process: psutil.Process, and_itself: bool = True) -> None:
    import psutil

    ending = [*process.children(recursive=True), *([process] if and_itself else [])]
    for each in ending:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(ending, timeout=10)
