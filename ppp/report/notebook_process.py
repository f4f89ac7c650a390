"""The process that runs one notebook's cells: an IPython shell as in a kernel, that speaks over a socket in Jupyter's messages.

It is forked from a process that has imported what notebooks need, and lives for one notebook.
"""

from __future__ import annotations

import base64
import builtins
import io
import json
import os
import random
import signal
import socket
import struct
import sys
import traceback
from functools import cache
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

LENGTH = struct.Struct("!Q")  # before each message: how many bytes of JSON follow
LARGEST_BUFFER = 65_536  # characters that are printed before they are sent


class Channel:
    """Messages over a stream socket."""

    def __init__(self, end: socket.socket):
        self.socket = end

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message, default=_plain, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.socket.sendall(LENGTH.pack(len(data)) + data)

    def receive(self) -> dict[str, Any] | None:
        """The next message; None when the other end is closed."""
        head = self._exactly(LENGTH.size)
        data = None if head is None else self._exactly(LENGTH.unpack(head)[0])
        return None if data is None else json.loads(data.decode("utf-8", "surrogatepass"))

    def _exactly(self, count: int) -> bytes | None:
        data = bytearray()
        while len(data) < count:
            try:
                part = self.socket.recv(min(count - len(data), 1 << 20))
            except ConnectionResetError:
                return None
            if not part:
                return None
            data += part
        return bytes(data)


def message_of(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """A message in the form in which kernels send it, without its identifiers."""
    return {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}, "content": content}


def _plain(value: object) -> object:
    """What JSON lacks, as kernels send it: bytes in base 64, numbers and the rest by their own conversion or as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if hasattr(value, "item"):
        return value.item()
    return str(value)


class Stream(io.TextIOBase):
    """Standard output or error of a cell. Sent in pieces that do not depend on time, so that a notebook repeats byte for byte."""

    encoding, errors = "utf-8", "surrogatepass"

    def __init__(self, name: str, publish, handle: int):
        self.name, self.publish, self.handle = name, publish, handle
        self.pending: list[str] = []
        self.held, self.process = 0, os.getpid()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self.handle

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if (
            os.getpid() != self.process
        ):  # a child that the cell forked shares our socket; its words go to the descriptor
            os.write(self.handle, text.encode("utf-8", "replace"))
            return len(text)
        self.pending.append(text)
        self.held += len(text)
        if self.held > LARGEST_BUFFER:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self.pending and os.getpid() == self.process:
            text, self.pending, self.held = "".join(self.pending), [], 0
            self.publish("stream", {"name": self.name, "text": text})


class Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs) -> None:
        self._validate_data(data, metadata)
        kind = "update_display_data" if update else "display_data"
        self.shell.say(kind, {"data": data, "metadata": metadata or {}, "transient": transient or {}})

    def clear_output(self, wait=False) -> None:
        self.shell.say("clear_output", {"wait": wait})


class Hook(DisplayHook):
    """Shows the value of a cell's last line."""

    def start_displayhook(self) -> None:
        self.shown: dict[str, Any] = {"data": {}, "metadata": {}}

    def write_output_prompt(self) -> None:
        self.shown["execution_count"] = self.prompt_count

    def write_format_data(self, format_dict, md_dict=None) -> None:
        self.shown |= {"data": format_dict, "metadata": md_dict or {}}

    def finish_displayhook(self) -> None:
        if self.shown["data"]:
            self.shell.say("execute_result", self.shown)


class Shell(InteractiveShell):
    """IPython with its output on a channel. It is made before the fork, the channel after it."""

    channel: Channel | None = None

    def say(self, kind: str, content: dict[str, Any]) -> None:
        if kind != "stream":
            sys.stdout.flush()
            sys.stderr.flush()
        assert self.channel is not None
        self.channel.send(message_of(kind, content))

    def _showtraceback(self, etype, evalue, stb) -> None:
        self.say("error", {"traceback": stb, "ename": etype.__name__, "evalue": str(evalue)})
        self.failed = {"ename": etype.__name__, "evalue": str(evalue), "traceback": stb}

    def run(self, source: str) -> dict[str, Any]:
        """Run a cell. What a kernel would reply."""
        self.failed: dict[str, Any] | None = None
        count = self.execution_count
        result = self.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None and self.failed is None:  # sys.exit: a kernel would go on as if nothing had been
            self._showtraceback(type(error), error, traceback.format_exception(error))
        sys.stdout.flush()
        sys.stderr.flush()
        failed = self.failed
        status = {"status": "ok"} if failed is None else {"status": "error", **failed}
        return {**status, "execution_count": count}


@cache
def shell() -> Shell:
    """The shell of this process; it starts no thread."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    made = Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)
    assert isinstance(made, Shell)
    return made


def serve(channel: Channel) -> None:
    """In the child: run the cells that come over the channel until it is closed. Never returns."""
    status = 1
    try:
        prepare(channel)
        here = shell()
        while (asked := channel.receive()) is not None:
            channel.send(message_of("reply", here.run(asked["source"])))
        status = 0
    finally:
        os._exit(status)


def prepare(channel: Channel) -> None:
    """Make this process a fresh one: its own streams, its own random numbers, no keyboard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    here = shell()
    here.channel = channel
    sys.stdout, sys.stderr = Stream("stdout", here.say, 1), Stream("stderr", here.say, 2)
    sys.stdin = io.StringIO()
    builtins.input = _no_input
    sys.argv = [""]
    if "" not in sys.path:
        sys.path.insert(0, "")
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _no_input(prompt: str = "") -> str:
    raise RuntimeError("a notebook that is run by a batch cannot ask for input")
