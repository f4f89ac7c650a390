"""Blocks of cases evaluated by several processes that write into one memory.

Each process is forked, so that it shares what this one has loaded and only its own block is its own. From a program with threads, as a
Jupyter kernel is, or where a process should not fork (Windows, macOS), threads of this process do the same work, which is slower by
their waiting for each other.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

import numpy as np

Found = dict[str, np.ndarray]


class Blocks:
    """`evaluate` gives the vectors of the cases from a first to a last (exclusive); `of_all` holds those of every case, by key."""

    def __init__(self, evaluate: Callable[[int, int], Found], count: int, size: int):
        self.evaluate, self.count, self.size = evaluate, count, size
        first = evaluate(0, min(size, count))
        self.of_all = {key: _shared(count, values.dtype) for key, values in first.items()}
        self._keep(0, first)
        self.next = multiprocessing.get_context("fork" if _forks() else None).Value("q", size)

    def run(self, jobs: int) -> Found:
        """Every block, by `jobs` processes at most, this one among them. Raises what a block raises, and RuntimeError for a process
        that was killed."""
        jobs = min(jobs, -(-self.count // self.size))
        if jobs <= 1:
            self._work()
        elif _forks():
            self._fork(jobs - 1)
        else:
            with ThreadPoolExecutor(jobs) as pool:
                for future in [pool.submit(self._work) for _ in range(jobs)]:
                    future.result()
        return self.of_all

    def _work(self) -> None:
        """Takes the next block until none is left."""
        while True:
            with self.next.get_lock():
                start, self.next.value = self.next.value, self.next.value + self.size
            if start >= self.count:
                return
            self._keep(start, self.evaluate(start, min(start + self.size, self.count)))

    def _keep(self, start: int, found: Found) -> None:
        for key, values in found.items():
            self.of_all[key][start : start + values.size] = values

    def _fork(self, others: int) -> None:
        context = multiprocessing.get_context("fork")
        pipes = [context.Pipe(duplex=False) for _ in range(others)]
        processes = [context.Process(target=self._report, args=(ours,), daemon=True) for _, ours in pipes]
        try:
            for process in processes:
                process.start()
            for _, ours in pipes:
                ours.close()
            self._work()
            for theirs, _ in pipes:
                if (error := _received(theirs)) is not None:
                    raise error
        finally:
            for process in processes:
                if process.pid is not None:
                    process.terminate()
                    process.join()

    def _report(self, pipe: Connection) -> None:
        """In a forked process: its blocks, then None, or what went wrong. Ctrl-C is the first process's to answer: it ends the others."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._work()
            pipe.send(None)
        except Exception as error:
            pipe.send(error)


def _received(pipe: Connection) -> Exception | None:
    try:
        return pipe.recv()
    except EOFError:
        return RuntimeError("a process that evaluated draws was killed; with fewer jobs less memory is needed")


def _forks() -> bool:
    """As for reports (ppp/report/processes.py), but the threads that numpy's libraries start survive a fork, so only Python's count."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


def _shared(count: int, dtype: np.dtype) -> np.ndarray:
    """Zeros (count,) in memory that forked processes share."""
    return np.frombuffer(mmap.mmap(-1, max(count * dtype.itemsize, 1)), dtype=dtype, count=count)
