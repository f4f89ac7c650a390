"""What the operating system lets us do with processes: bound them to their parent, count threads, limit memory, end a whole tree."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from contextlib import suppress

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # of <linux/prctl.h>


def can_fork() -> bool:
    """Whether this process may fork: the system knows how, and no other thread could be caught with a lock in its hand."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threads() == 1


def threads() -> int:
    """Threads of this process, those of C libraries too where the system tells."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task"))
    return threading.active_count()


def end_with_parent(parent: int, sign: int = signal.SIGKILL) -> None:
    """From now on this process gets `sign` when its parent, which has the id `parent`, dies. Linux; elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    _prctl(PR_SET_PDEATHSIG, sign)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), sign)


def adopt_orphans() -> None:
    """Descendants whose parent dies become children of this process, so that it finds them when it ends them. Linux."""
    if sys.platform == "linux":
        _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def limit_memory(more: int) -> None:
    """Let this process and its children take `more` bytes beyond what they hold; beyond that Python raises MemoryError. Linux."""
    if sys.platform != "linux" or not more:
        return
    import resource

    import psutil

    held = psutil.Process().memory_info().data
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = held + more if hard == resource.RLIM_INFINITY else min(held + more, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def memory_of(pid: int) -> int:
    """Bytes in memory of a process and its descendants; what forked processes share counts once for each of them."""
    import psutil

    total = 0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += each.memory_info().rss
    return total


def children(pid: int) -> frozenset[int]:
    import psutil

    with suppress(psutil.NoSuchProcess):
        return frozenset(child.pid for child in psutil.Process(pid).children())
    return frozenset()


def end_descendants(pid: int, and_itself: bool, spared: frozenset[int] = frozenset(), patience: float = 10.0) -> None:
    """Kill every descendant of a process, also those that its dying children leave to it, and the process itself. Children that are
    `spared` keep their descendants too."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for _ in range(100):  # a process may have started another between our look and its end
            first = [child for child in process.children() if child.pid not in spared]
            found = [each for each in (*first, *_below(first)) if _alive(each)]
            if not found:
                break
            for each in found:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(found, timeout=patience)
        if pid == os.getpid():
            _reap(process, spared)
        if and_itself:
            process.kill()


def _reap(process, spared: frozenset[int]) -> None:
    """Take note of the end of children, adopted ones too, or they stay in the table of processes."""
    for child in process.children():
        if child.pid not in spared and not _alive(child):
            with suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)


def _below(processes: list) -> list:
    import psutil

    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found += process.children(recursive=True)
    return found


def _alive(process) -> bool:
    import psutil

    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
