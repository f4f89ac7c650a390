"""The same tasks on other machines: dask's workers do them, each project in a process of its own there as here."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ppp.report import workers
from ppp.report.manifest import digest, file_hash, sources_hash
from ppp.report.places import MissingExtra, is_address
from ppp.report.task import FORCED, Outcome, Task
from ppp.report.tasks import environment_hash, notebook_path, why_run

LOCAL = "local"
FIRST_WORKER = 300  # seconds that a scheduler may take to find one
AHEAD = 2  # tasks that a thread of a worker has waiting


class NoCluster(RuntimeError):
    """The scheduler cannot be reached, or has no workers."""


def run(tasks: list[Task], reasons: dict[str, str | None], jobs: int, address: str) -> Iterator[Outcome]:
    """Outcomes as they come, from the workers of the scheduler at `address`, or from `jobs` workers that are started here.

    A task may be done twice (a worker was lost, or its answer was): both times it makes the same bytes. Raises NoCluster, MissingExtra."""
    if not tasks:
        return
    waiting = [replace(task, folder=_from_anywhere(task.folder)) for task in tasks]
    with _client(address, jobs) as client, client.get_executor(pure=False, retries=1) as executor:
        running: dict[Any, Task] = {}
        try:
            while waiting or running:
                room = max(AHEAD * sum(client.nthreads().values()), 1)
                while waiting and len(running) < room:
                    task = waiting.pop(0)
                    why = str(reasons[task.name])
                    running[executor.submit(attempt, task, why, key=_key(task, why))] = task
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    task = running.pop(future)
                    yield _outcome(future, task, str(reasons[task.name]))
        finally:
            for future in running:
                future.cancel()


def attempt(task: Task, why: str) -> Outcome:
    """On a worker: make one report, in a process of its own. What was made meanwhile, because the task came twice, stays."""
    if problem := _other_house(task):
        return Outcome(task.name, why, problem, False)
    if why != FORCED and why_run(task) is None:
        from ppp.report.batch import was_complete

        return Outcome(task.name, why, None, was_complete(task))
    return workers.attempt(_with_own_notebook(task), why)


def _outcome(future: Any, task: Task, why: str) -> Outcome:
    try:
        return future.result()
    except CancelledError:
        return Outcome(task.name, why, "the cluster lost it", False)
    except Exception as error:  # dask's own: no failure of a report comes as an exception
        return Outcome(task.name, why, f"the cluster could not do it: {type(error).__name__}: {error}", False)


def _key(task: Task, why: str) -> str:
    """The same work has the same key, so that a scheduler that is asked twice does it once."""
    return f"ppp-{digest(json.dumps([task.name, task.folder, task.key, task.formats, why]).encode())}"


def _other_house(task: Task) -> str:
    """Why this worker cannot do a task: its program or its packages are others than those of whoever asked."""
    here = {"package": sources_hash(), "environment": environment_hash()}
    other = [part for part, found in here.items() if task.key[part] != found]
    return f"the worker's {' and '.join(other)} differ; install the same version and lock there" if other else ""


def _with_own_notebook(task: Task) -> Task:
    """The notebook where this worker has it."""
    wanted, given = task.key["notebook"], Path(task.notebook)
    for path in (given, notebook_path(given.name)):
        if path.is_file() and file_hash(path) == wanted:
            return replace(task, notebook=str(path))
    return task


def _from_anywhere(folder: str) -> str:
    return folder if is_address(folder) else str(Path(folder).absolute())


@contextmanager
def _client(address: str, jobs: int) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        message = f"--cluster: {error}; install the extra: pip install 'ppp-evaluation[cluster]'"
        raise MissingExtra(message) from None
    with ExitStack() as stack:
        if address == LOCAL:
            cluster = LocalCluster(
                n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
            )
            address = stack.enter_context(cluster).scheduler_address
        try:
            _look_up(address)
            client = stack.enter_context(Client(address, timeout=30))
            client.wait_for_workers(1, timeout=FIRST_WORKER)
        except (OSError, TimeoutError, ValueError) as error:
            raise NoCluster(f"--cluster {address}: {error}") from None
        yield client


def _look_up(address: str) -> None:
    """Raises OSError at once for a name that nobody knows; half a minute is for a scheduler that does not answer yet."""
    from distributed.comm.addressing import parse_address, parse_host_port

    scheme, place = parse_address(address)
    if scheme in ("tcp", "tls", "ws", "wss"):
        socket.getaddrinfo(parse_host_port(place)[0], None)
