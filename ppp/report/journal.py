"""The run log: one line of JSON for each thing that happens in a batch, added to what earlier runs wrote."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

JOURNAL = "run-log.jsonl"


class Journal:
    """Writes whole lines, each at once, so that a batch that is killed leaves at most one torn line, which the next run ends.

    A log that cannot be written stops no report; `failure` says so at the end."""

    def __init__(self, path: Path | None):
        self.path, self.failure = path, ""
        if path is not None and _torn(path):
            self._append(b"\n")

    def write(self, event: str, **details: Any) -> None:
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "event": event, **details}, ensure_ascii=False) + "\n"
        self._append(line.encode("utf-8", "backslashreplace"))

    def _append(self, data: bytes) -> None:
        if self.path is None:
            return
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            try:
                os.write(handle, data)
            finally:
                os.close(handle)
        except OSError as error:
            self.failure = f"{self.path}: {error.strerror}"


def _torn(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # there is none, or it is empty
        return False
