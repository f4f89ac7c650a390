"""A batch of three projects in which the n-th open, write, fsync, rename or process start fails, or kills its process; then resumed.

python failpoints.py FOLDER fail|kill FIRST STEP: tries the points FIRST, FIRST + STEP, ... and prints what became of each as JSON.
The imports are done once; each batch runs in a fork of this process, its workers in forks of that.
"""

from __future__ import annotations

import contextlib
import errno
import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from ppp.report.workers import QUIET

os.environ.update(QUIET)

import ppp.report.preload  # noqa: F401
from ppp import cli
from ppp.report import processes, tasks, workers
from ppp.report.manifest import digest, unsealed

PATIENCE = 10.0  # seconds until a process whose parent was killed must be gone
folder = Path(sys.argv[1])
count, hit = multiprocessing.Value("q", 0), multiprocessing.Value("q", 0)
kinds = multiprocessing.Array("c", 200)
armed: dict[str, object] = {"point": 0, "mode": "", "busy": False}


def inside(path: object) -> bool:
    return isinstance(path, str | os.PathLike) and os.path.abspath(path).startswith(str(folder))


def reach(kind: str, path: object) -> None:
    """One more point; when it is the one that was asked for, it fails or kills."""
    if not armed["point"]:
        return
    with count.get_lock():
        count.value += 1
        here = count.value == armed["point"]
    if not here:
        return
    hit.value = 1
    kinds.value = f"{kind} {path}".encode()[-199:]
    if armed["mode"] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise OSError(errno.EAGAIN if kind == "fork" else errno.ENOSPC, "failed on purpose", str(path))


def on_open(event: str, arguments: tuple) -> None:
    if event == "open" and armed["point"] and not armed["busy"] and inside(arguments[0]):
        armed["busy"] = True
        try:
            reach("open", arguments[0])
        finally:
            armed["busy"] = False


def of_handle(name: str) -> None:
    genuine = getattr(os, name)

    def wrapped(handle, *rest):
        path = os.readlink(f"/proc/self/fd/{handle}") if armed["point"] else ""
        if inside(path) and path.startswith("/"):
            reach(name, path)
        return genuine(handle, *rest)

    setattr(os, name, wrapped)


def of_path(name: str) -> None:
    genuine = getattr(os, name)

    def wrapped(path, *rest, **more):
        if inside(path):
            reach(name, path)
        return genuine(path, *rest, **more)

    setattr(os, name, wrapped)


def forks() -> None:
    genuine = os.fork

    def wrapped() -> int:
        reach("fork", "")
        return genuine()

    os.fork = wrapped


def batch(point: int, mode: str) -> int:
    """The exit status of a batch, or the negative of the signal that ended it."""
    count.value = hit.value = 0
    pid = os.fork()
    if pid == 0:
        log = os.open(folder.parent / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(folder)
        sys.argv = ["ppp", "batch", "params", "-o", "reports", "--lang", "en", "--draws", "0", "--jobs", "1"]
        armed.update(point=point, mode=mode)
        status = 99
        try:
            cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def left() -> list[str]:
    """Processes that a batch has left behind, after the time that the killed ones need to go."""
    import psutil

    until = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        found = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.02)


def outputs() -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "reports").rglob("*"))
        if path.is_file() and path.name not in (".lock", ".inputs.json", "run-log.jsonl", "failures.txt")
    }


def comparable(files: dict[str, bytes]) -> dict[str, object]:
    """The files, of manifests what does not differ from run to run."""
    return {
        name: {**unsealed(data), "made": ""} if name.endswith("manifest.json") else data for name, data in files.items()
    }


def half_written(clean: dict, old: dict) -> list[str]:
    """Final names that hold neither what they held before nor what they shall hold."""
    wrong = []
    for name, data in outputs().items():
        if Path(name).name.startswith(".") or ".making-" in name:
            continue  # no final name
        if name.endswith("manifest.json") or name == "reports/batch.json":
            with contextlib.suppress(ValueError):
                unsealed(data)
                continue
            wrong.append(name)
        elif name.startswith("reports/index"):
            if not data.endswith(b"</html>") and not data.endswith(b"</html>\n"):
                wrong.append(name)
        elif data not in (clean.get(name), old.get(name)):
            wrong.append(name)
    return wrong


def false_done(clean: dict) -> list[str]:
    """Manifests that vouch for other bytes than lie beside them and are those of the clean run; a report may be between the two, but
    then its manifest does not fit, and a rerun says so."""
    wrong = []
    for name, data in outputs().items():
        if name.endswith("manifest.json") and ".making-" not in name:
            made, home = unsealed(data), name.removesuffix("manifest.json")
            if made["key"] == unsealed(clean[name])["key"]:
                wrong += [n for n, d in made["outputs"].items() if digest((folder / home / n).read_bytes()) != d]
    return wrong


def tried(point: int, mode: str, clean: dict, old: dict, before: Path | None) -> dict | None:
    """What went wrong at a point, None where nothing did. `before`: reports that are there already, made from other values."""
    shutil.rmtree(folder / "reports", ignore_errors=True)
    if before is not None:
        shutil.copytree(before, folder / "reports")
    status = batch(point, mode)
    what = {"point": point, "mode": mode, "status": status, "hit": bool(hit.value), "at": kinds.value.decode()}
    said = (folder.parent / "said.txt").read_text(encoding="utf-8", errors="replace")
    problems = {
        "left": left(),
        "half written": half_written(clean, old),
        "false done": false_done(clean),
        "traceback": "Traceback" in said,
        "status": status not in (0, 1, -signal.SIGKILL),
        "done, but not": status == 0 and comparable(outputs()) != comparable(clean),
    }
    again = batch(0, "")
    problems["resumed"] = again != 0 or comparable(outputs()) != comparable(clean)
    problems["left after"] = left()
    found = {name: problem for name, problem in problems.items() if problem}
    return {**what, **found, "again": again, "said": said} if found else None


def warm_up(files: Path) -> None:
    """Make the reports once in this process, so that each batch finds its imports done and its fonts cut."""
    import rich.console
    import rich.progress  # noqa: F401

    from ppp.report import batch, cluster, index, listing  # noqa: F401
    from ppp.report.collect import read_all
    from ppp.report.places import place
    from ppp.report.produce import produce

    home = place(folder.parent / "warm")
    home.make()
    made = [
        task
        for project in read_all(sorted(files.glob("*.yaml")))[0]
        for task in tasks.tasks_of(project, home, ("en",), 0)
    ]
    outcomes = [produce(task, "") for task in made]
    assert not [outcome.failure for outcome in outcomes if outcome.failure], outcomes
    listing.write_index(batch.Batch(home, outcomes), ("en",))


def main() -> None:
    mode, first, step = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    processes.adopt_orphans()
    workers._method = lambda: "fork"
    workers.prepare = lambda *_: None
    tasks.notebook_path = lambda *name: folder.parent / "tiny.ipynb"
    new, earlier = folder.parent / "new", folder.parent / "old"
    warm_up(new)
    shutil.copytree(earlier, folder / "params")
    assert batch(0, "") == 0, (folder.parent / "said.txt").read_text()
    old, before = outputs(), folder.parent / "before"
    shutil.move(folder / "reports", before)
    shutil.rmtree(folder / "params")
    shutil.copytree(new, folder / "params")
    assert batch(0, "") == 0, (folder.parent / "said.txt").read_text()
    clean = outputs()
    shutil.rmtree(folder / "reports")
    sys.addaudithook(on_open)
    for name in ("write", "fsync"):
        of_handle(name)
    for name in ("replace", "rename", "mkdir", "unlink"):
        of_path(name)
    forks()
    assert batch(1 << 60, "count") == 0, (folder.parent / "said.txt").read_text()
    points, seen, wrong, at = count.value, 0, [], Counter()
    for point in range(first, points + 1, step):
        found = tried(point, mode, clean, old, before if point % 2 else None)
        seen += 1
        at[kinds.value.decode().partition(" ")[0]] += 1
        if found:
            wrong.append(found)
    print("FOUND" + json.dumps({"points": points, "tried": seen, "wrong": wrong, "at": at}))


if __name__ == "__main__":
    main()
