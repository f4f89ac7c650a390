"""Blocks of cases by several processes, or threads where this program has some: the same vectors, and no failure is lost."""

import multiprocessing
import os
import signal
import threading
import time

import numpy as np
import pytest

from ppp.appraisal.blocks import Blocks

COUNT, SIZE = 1000, 64


def squares(start: int, end: int) -> dict[str, np.ndarray]:
    time.sleep(0.01)  # so that the others begin before this process has done everything
    numbers = np.arange(start, end)
    return {"square": numbers.astype(float) ** 2, "even": numbers % 2 == 0, "by": np.full(numbers.size, os.getpid())}


def is_right(found: dict[str, np.ndarray]) -> bool:
    numbers = np.arange(COUNT)
    return bool(np.all(found["square"] == numbers.astype(float) ** 2) and np.all(found["even"] == (numbers % 2 == 0)))


@pytest.fixture
def alone(monkeypatch):
    """The tests' own runner may have threads, which this is not about."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.parametrize("jobs", [1, 2, 3, 50])
def test_any_number_of_processes_finds_the_same(jobs, alone):
    found = Blocks(squares, COUNT, SIZE).run(jobs)
    assert is_right(found)
    assert found["even"].dtype == bool
    assert (len(np.unique(found["by"])) == 1) == (jobs == 1)
    assert not multiprocessing.active_children()


def test_ctrl_c_is_left_to_the_first_process(alone):
    here = os.getpid()

    def heeds(start, end):
        heeding = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        return squares(start, end) | {"heeds": np.full(end - start, heeding)}

    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        found = Blocks(heeds, COUNT, SIZE).run(2)
    finally:
        signal.signal(signal.SIGINT, was)
    assert np.all(found["heeds"] == (found["by"] == here)) and not np.all(found["heeds"])


def test_a_program_with_threads_uses_threads(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    found = Blocks(squares, COUNT, SIZE).run(3)
    assert is_right(found) and np.all(found["by"] == os.getpid())


def test_one_block_needs_no_other_process(alone):
    found = Blocks(squares, 10, SIZE).run(8)
    assert np.all(found["by"] == os.getpid()) and found["square"].size == 10


def test_a_block_that_fails_in_another_process_fails_here(alone):
    here = os.getpid()

    def fails_elsewhere(start, end):
        if os.getpid() != here:
            raise ZeroDivisionError(f"block {start}")
        return squares(start, end)

    with pytest.raises(ZeroDivisionError, match="block"):
        Blocks(fails_elsewhere, COUNT * 4, SIZE).run(2)
    assert not multiprocessing.active_children()


def test_a_block_that_fails_here_leaves_no_process(alone):
    here = os.getpid()

    def fails_here(start, end):
        if start and os.getpid() == here:
            raise ZeroDivisionError("here")
        return squares(start, end)

    with pytest.raises(ZeroDivisionError, match="here"):
        Blocks(fails_here, COUNT * 4, SIZE).run(3)
    assert not multiprocessing.active_children()


def test_a_process_that_was_killed_is_told(alone):
    here = os.getpid()

    def killed(start, end):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return squares(start, end)

    with pytest.raises(RuntimeError, match="was killed"):
        Blocks(killed, COUNT * 4, SIZE).run(2)
