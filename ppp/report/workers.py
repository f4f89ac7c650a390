"""Worker processes: each project in a process of its own, watched for time and memory, none left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from threading import RLock, current_thread, main_thread
from typing import Any

from ppp.report import processes
from ppp.report.formats import documents
from ppp.report.task import Outcome, Task

QUIET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONWARNINGS": "ignore",
}
LOOK = 0.5  # seconds between two looks at time and memory
SERVER_DIED = (255, -signal.SIGTERM)  # how a process ends whose fork server is gone: multiprocessing's word, or ours
MEGABYTE = 1 << 20
PRELOAD = "ppp.report.preload"
MADE_BY = {
    documents.PDF: "ppp.report.formats.preload_pdf",
    documents.DOCX: "ppp.report.formats.word_document",
    documents.XLSX: "ppp.report.workbook",
}
_preloaded: tuple[str, ...] = (PRELOAD,)
_starting = RLock()  # threads of a cluster's worker share the fork server
_living: set[int] = set()  # processes of tasks that we have started and not ended


def prepare(formats: Iterable[str] = ()) -> None:
    """Start the process that imports once and from which workers are forked, also what `formats` need; it gets ready while we read
    the files."""
    global _preloaded
    os.environ.update(QUIET)
    if _method() == "forkserver":
        from multiprocessing import forkserver

        if wanted := tuple(MADE_BY[form] for form in formats if form in MADE_BY):
            _preloaded = (*wanted, PRELOAD)  # the last one freezes what is there
        multiprocessing.get_context("forkserver").set_forkserver_preload(list(_preloaded))
        with _deaf_to_the_keyboard():
            forkserver.ensure_running()


def run(tasks: list[Task], reasons: dict[str, str | None], jobs: int) -> Iterator[Outcome]:
    """Outcomes as they come, `jobs` at once. A worker that dies takes only its own project with it."""
    prepare(sorted({form for task in tasks for form in task.formats}))
    waiting, running = list(tasks), {}
    suspects: list[Task] = []
    try:
        while waiting or running:
            while waiting and len(running) < max(jobs, 1):
                worker = Worker(waiting.pop(0), reasons)
                running[worker.connection] = worker
            for worker in _ended(running):
                outcome = worker.outcome()
                if outcome is None and worker.process.exitcode in SERVER_DIED and len(tasks) > 1:
                    suspects.append(worker.task)  # one of those that were at work ended the server
                else:
                    yield outcome or worker.failed(f"its worker process died: {worker.how_it_ended()}")
    finally:
        with _deaf_to_the_keyboard():
            for worker in running.values():
                worker.end()
    for task in suspects:  # each alone, to see which
        yield from run([task], reasons, 1)


def attempt(task: Task, why: str) -> Outcome:
    """One task, in a process of its own on this machine: what a cluster's workers do."""
    multiprocessing.current_process()._config["daemon"] = (
        False  # dask's workers are daemons, which may start no process
    )
    (outcome,) = run([task], {task.name: why}, 1)
    return outcome


def _ended(running: dict[Connection, Worker]) -> Iterator[Worker]:
    """Wait for a moment; those that have ended, or had to be."""
    ready = wait([*running, *(worker.process.sentinel for worker in running.values())], timeout=LOOK)
    for connection, worker in list(running.items()):
        if connection in ready or worker.process.sentinel in ready or worker.over_the_limit():
            del running[connection]
            worker.end()
            yield worker


@dataclass
class Worker:
    """A process at work on a task."""

    task: Task
    reasons: dict[str, str | None]

    def __post_init__(self):
        context = multiprocessing.get_context(_method())
        self.connection, theirs = context.Pipe(duplex=False)
        with _starting:
            prepare()  # the fork server may have died since
            self.process = context.Process(target=_work, args=(self.task, self.why, theirs, _server()))
            self.process.start()
            _living.add(self.process.pid)
        theirs.close()
        self.begun = self.looked = time.monotonic()
        self.said: Outcome | None = None
        self.too_much = ""

    @property
    def why(self) -> str:
        return str(self.reasons[self.task.name])

    def over_the_limit(self) -> bool:
        limits, now = self.task.limits, time.monotonic()
        if limits.project_seconds and now - self.begun > limits.project_seconds:
            self.too_much = f"took longer than {limits.project_seconds:g} s"
        elif limits.memory and now - self.looked >= LOOK:
            self.looked = now
            if processes.memory_of(self.process.pid) > limits.memory:
                self.too_much = f"took more than {limits.memory // MEGABYTE} MB of memory"
        return bool(self.too_much)

    def end(self) -> None:
        """Hear what it has to say, then see to it that it and all that it started are gone."""
        if not self.too_much:
            with suppress(EOFError, OSError):
                if self.connection.poll():
                    self.said = self.connection.recv()
        self.process.join(5.0 if self.said else 0.0)
        if self.process.is_alive():
            processes.end_descendants(self.process.pid, and_itself=True)
            self.process.join(10.0)
        elif self.said is None:
            self.process.join(10.0)
        self.connection.close()
        with _starting:
            _living.discard(self.process.pid)
            _end_orphans()

    def outcome(self) -> Outcome | None:
        """What it said; or why it was ended. None when it died without a word."""
        return self.failed(self.too_much) if self.too_much else self.said

    def failed(self, failure: str) -> Outcome:
        return Outcome(self.task.name, self.why, failure, False, time.monotonic() - self.begun)

    def how_it_ended(self) -> str:
        status = self.process.exitcode
        if status is not None and status < 0:
            with suppress(ValueError):
                return signal.Signals(-status).name
        return "each time" if status in SERVER_DIED else f"exit status {status}"


def _end_orphans() -> None:
    """What a killed task had started is now the fork server's; nobody else starts anything there."""
    if (server := _server()) is not None:
        processes.end_descendants(server, and_itself=False, spared=frozenset(_living))


def _server() -> int | None:
    """The process from which workers are forked."""
    from multiprocessing import forkserver

    return forkserver._forkserver._forkserver_pid if _method() == "forkserver" else None


def _method() -> str:
    """How processes are started: forked from one that has imported all, or, where the system cannot, each from nothing."""
    return "forkserver" if sys.platform == "linux" else "spawn"


def _work(task: Task, why: str, connection: Any, server: int | None) -> None:
    """In the worker: leave the terminal, bind ourselves to the process that forked us, make the report."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name != "nt":
        os.setsid()
    processes.end_with_parent(server or multiprocessing.parent_process().pid, signal.SIGTERM)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    processes.limit_memory(task.limits.memory)
    from ppp.report.produce import produce

    connection.send(produce(task, why))
    connection.close()


@contextmanager
def _deaf_to_the_keyboard() -> Iterator[None]:
    """Ctrl-C and its like do nothing meanwhile, also in processes that are started now."""
    if current_thread() is not main_thread():
        yield
        return
    signs = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {sign: signal.signal(sign, signal.SIG_IGN) for sign in signs if signal.getsignal(sign) is not None}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


@contextmanager
def whole_tree() -> Iterator[None]:
    """For a program whose only work is a batch: SIGTERM and a closed terminal interrupt it as Ctrl-C does, and when it is over no process
    that it started, by whatever way, is left."""
    before = {
        sign: signal.signal(sign, _interrupt)
        for name in ("SIGINT", "SIGTERM", "SIGHUP")
        if current_thread() is main_thread() and (sign := getattr(signal, name, None))
    }
    processes.adopt_orphans()
    spared = processes.children(os.getpid())
    try:
        yield
    finally:
        with _deaf_to_the_keyboard():
            processes.end_descendants(os.getpid(), and_itself=False, spared=spared)
            for sign, handler in before.items():
                signal.signal(sign, handler)


def _interrupt(*_: object) -> None:
    """The first one ends the batch; while it ends, further ones change nothing."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    raise KeyboardInterrupt
