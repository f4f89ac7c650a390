"""What the input files of a batch came to when they were last read, so that a batch of which no byte has changed reads none again.

Only this is remembered: that those files, byte for byte (tables, workbooks and districts that they name too), read by these sources in this
environment, make those reports from inputs of that hash. Whether a report is there and whole is never taken from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ppp.report.manifest import file_hash, sealed, sources_hash, unsealed
from ppp.report.places import Place
from ppp.report.task import Task
from ppp.report.tasks import environment_hash, task_for

RECORD = ".inputs.json"


def remember(home: Place, asked: Sequence[Path], read: dict[str, str], tasks: Sequence[Task]) -> None:
    """Keep what reading has found, where every file was good. A record that cannot be written only costs the next batch its reading."""
    made = [[task.name, task.kind, task.scenario, task.key["inputs"]] for task in tasks]
    record = {"by": _by(), "asked": _absolute(asked), "read": read, "tasks": made}
    with suppress(OSError):
        home.replace(RECORD, sealed(record))


def tasks_unread(home: Place, asked: Sequence[Path], langs: tuple[str, ...], draws: int) -> list[Task] | None:
    """The tasks of these files without their inputs, when nothing that is read for them has changed; else None."""
    try:
        record = unsealed(home.read(RECORD))
        if record["by"] != _by() or record["asked"] != _absolute(asked):
            return None
        if any(file_hash(Path(path)) != expected for path, expected in record["read"].items()):
            return None
        return [
            task_for(kind, name, scenario, inputs, "", home, langs, draws)
            for name, kind, scenario, inputs in record["tasks"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _by() -> list[str]:
    return [sources_hash(), environment_hash()]


def _absolute(paths: Sequence[Path]) -> list[str]:
    return [str(path.absolute()) for path in paths]
