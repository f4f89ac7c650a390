"""The last step of a report: its manifest is written and every file gets its final name, the manifest last."""

from __future__ import annotations

import datetime as dt
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import ppp
from ppp.report.manifest import file_hash, sealed, unsealed
from ppp.report.places import Place
from ppp.report.task import MANIFEST, Task
from ppp.report.whole_files import write

VERSIONS = ("ppp-evaluation", "numpy", "scipy", "matplotlib", "papermill", "nbconvert")  # that decide the bytes most


def publish(task: Task, staging: Path, place: Place, seconds: float, checks: dict[str, bool]) -> dict[str, str]:
    """Move every file of `staging` to its final name. A report is trusted only when its manifest lists all of it, so that comes last.

    Files that the earlier manifest lists and this report no longer has are removed. Returns the hash of every output."""
    names = sorted(path.name for path in staging.iterdir())
    outputs = {name: file_hash(staging / name) for name in names}
    before = _outputs_before(place)
    write(staging / MANIFEST, sealed(manifest_of(task, outputs, seconds, checks)))
    place.take(staging, [*names, MANIFEST])
    stem = f"{Path(task.executed).stem}."
    for name in place.names():
        if name not in outputs and (name in before or name.startswith(stem)):
            place.remove(name)
    return outputs


def manifest_of(task: Task, outputs: dict[str, str], seconds: float, checks: dict[str, bool]) -> dict[str, Any]:
    """What a report was made from, what it is, and apart from both what differs from run to run: time and host."""
    return {
        "format": 2,
        "name": task.name,
        "key": task.key,
        "versions": versions(),
        "lock": lock_hash(),
        "seed": {"from": task.name.split("@")[0].split("+")[0], "draws": task.draws},
        "checks": checks,
        "outputs": outputs,
        "made": {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "host": platform.node(),
            "platform": platform.platform(),
            "seconds": round(seconds, 2),
        },
    }


@cache
def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in VERSIONS}}


def lock_hash() -> str | None:
    """Of the lock from which the environment was installed, in a checkout; what is really installed is part of the key."""
    path = Path(ppp.__file__).resolve().parent.parent / "requirements.lock"
    return file_hash(path) if path.is_file() else None


def _outputs_before(place: Place) -> set[str]:
    try:
        return set(unsealed(place.read(MANIFEST))["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()
