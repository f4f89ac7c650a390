"""A papermill engine, `--engine ppp`: each notebook in a forked process of its own, in which its imports are done already.

Where this process cannot fork (Windows, or threads are about), papermill's own engine runs the notebook in a kernel.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine

from ppp.report import processes
from ppp.report.notebook_process import Channel, message_of, serve, shell

PIECE = 65_536  # bytes read at once from what a cell's subprocesses print


class ForkEngine(Engine):
    """Runs a notebook as kernels do: same shell, displays, streams, errors, tags, time-outs; no sockets, no start."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, log_output=False, execution_timeout=None, start_timeout=60, **kwargs
    ):
        if not processes.can_fork():
            return NBClientEngine.execute_managed_notebook(
                nb_man,
                kernel_name,
                log_output=log_output,
                execution_timeout=execution_timeout,
                start_timeout=start_timeout,
                **kwargs,
            )
        known = {
            key: value for key, value in kwargs.items() if key in ("allow_errors", "force_raise_errors", "timeout")
        }
        timeout = execution_timeout or known.pop("timeout", None)
        client = ForkClient(nb_man, timeout=timeout, kernel_name=kernel_name, log_output=log_output, **known)
        return client.run()


class ForkClient(PapermillNotebookClient):
    """papermill's client, whose kernel is a forked child."""

    def run(self):
        """Run every cell; the child and all that it started have ended when this returns."""
        self.reset_execution_trackers()
        shell()  # made before the fork, so that no child has to
        self.child = Child()
        try:
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = {"name": "python"}
            self.set_widgets_metadata()
        finally:
            self.child.end()
        return self.nb

    def execute_cell(self, cell, cell_index, execution_count=None, store_history=True):
        """Run one cell. Raises CellExecutionError, CellTimeoutError, DeadKernelError as nbclient does."""
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        cell.outputs, self.clear_before_next_output = [], False
        seconds = self._get_timeout(cell)
        reply = self._answered(cell, cell_index, seconds)
        self.code_cells_executed += 1
        cell.execution_count = reply["execution_count"]
        allowed = not self.force_raise_errors and (self.allow_errors or "raises-exception" in tags)
        if reply["status"] == "error" and not allowed:
            raise CellExecutionError.from_cell_and_msg(cell, reply)
        return cell

    def _answered(self, cell, cell_index: int, seconds: float | None) -> dict[str, Any]:
        try:
            for message in self.child.run(cell.source, seconds):
                if message["msg_type"] == "reply":
                    return message["content"]
                self.process_message(message, cell, cell_index)
            raise DeadKernelError(f"Kernel died: {self.child.how_it_ended()}")
        except TimeoutError:
            raise CellTimeoutError.error_from_timeout_and_cell("no reply", seconds, cell) from None
        finally:
            for name, text in self.child.printed():
                self.process_message(message_of("stream", {"name": name, "text": text}), cell, cell_index)


class Child:
    """The forked process of one notebook: its channel, and pipes for what subprocesses and C code print."""

    def __init__(self):
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        self.pipes: dict[int, str] = {}
        ends = {}
        for target, name in ((1, "stdout"), (2, "stderr")):
            read, ends[target] = os.pipe()
            os.set_blocking(read, False)
            self.pipes[read] = name
        self.heard: dict[str, bytearray] = {name: bytearray() for name in self.pipes.values()}
        self.status: int | None = None
        processes.adopt_orphans()
        parent = os.getpid()
        self.spared = processes.children(parent)  # what our host had started before is not ours to end
        self.pid = os.fork()
        if self.pid == 0:
            try:
                processes.end_with_parent(parent)
                for target, end in ends.items():
                    os.dup2(end, target)
                    os.close(end)
                for read in self.pipes:
                    os.close(read)
                ours.close()
                serve(Channel(theirs))
            finally:
                os._exit(70)
        theirs.close()
        for end in ends.values():
            os.close(end)
        self.before = signal.signal(signal.SIGTERM, self._ended_from_above) if _in_main_thread() else None

    def _ended_from_above(self, *_) -> None:
        """Whoever started us is gone or wants us gone: nothing that the notebook started may outlive us."""
        processes.end_descendants(os.getpid(), and_itself=False, spared=self.spared)
        os._exit(128 + signal.SIGTERM)

    def run(self, source: str, seconds: float | None):
        """The messages of one cell, the reply last; ends early when the child dies. Raises TimeoutError."""
        try:
            self.channel.send({"source": source})
        except OSError:
            return
        deadline = time.monotonic() + seconds if seconds else None
        while True:
            patience = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            ready, _, _ = select.select([self.channel.socket, *self.pipes], [], [], patience)
            if not ready:
                raise TimeoutError
            self._listen([each for each in ready if isinstance(each, int)])
            if self.channel.socket not in ready:
                continue
            message = self.channel.receive()
            if message is None:
                return
            yield message
            if message["msg_type"] == "reply":
                return

    def _listen(self, ready: list[int]) -> None:
        for handle in ready:
            with suppress(BlockingIOError):
                while data := os.read(handle, PIECE):
                    self.heard[self.pipes[handle]] += data
                os.close(handle)  # nobody holds the other end any more
                del self.pipes[handle]

    def printed(self):
        """What reached the file descriptors since the last call, as (stream, text)."""
        self._listen(list(self.pipes))
        for name, data in self.heard.items():
            if data:
                yield name, data.decode("utf-8", "replace")
                data.clear()

    def how_it_ended(self) -> str:
        """The child is dead: by which signal, or with which status."""
        status = self._reap()
        if status is not None and status < 0:
            with suppress(ValueError):
                return f"signal {signal.Signals(-status).name}"
        return f"exit status {status}"

    def end(self) -> None:
        """Close the channel, give the child a moment to see it, then end it with everything it started."""
        self.channel.socket.close()
        until = time.monotonic() + 1.0
        while self.status is None and time.monotonic() < until and self._reap(os.WNOHANG) is None:
            time.sleep(0.002)
        processes.end_descendants(os.getpid(), and_itself=False, spared=self.spared)
        self._reap()
        for handle in self.pipes:
            os.close(handle)
        self.pipes = {}
        if self.before is not None:
            signal.signal(signal.SIGTERM, self.before)

    def _reap(self, options: int = 0) -> int | None:
        if self.status is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:  # whoever ended it has reaped it
                self.status = -signal.SIGKILL
            else:
                self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status


def _in_main_thread() -> bool:
    import threading

    return threading.current_thread() is threading.main_thread()
