"""A folder of project files becomes a folder of reports: validate, decide what must run, run it in worker processes, index."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import ppp
from ppp.loading import canonical, input_hash
from ppp.portfolio.files import Portfolio, load_portfolio, portfolio_hash
from ppp.portfolio.files import canonical as canonical_portfolio
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.reading import read_document
from ppp.report import produce
from ppp.report.manifest import file_hash, sources_hash
from ppp.report.produce import MANIFEST, STAGING, SUMMARY, Outcome, Task

if TYPE_CHECKING:
    import psutil

LOCK = ".lock"
OWN_NAMES = re.compile(r"index(\..*)?\.html|failures\.txt|batch\.json")  # files beside the reports' folders
QUIET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONWARNINGS": "ignore",
}


@dataclass
class Batch:
    """What a batch did: one outcome a project, in the order of the files; refused files with their problems."""

    folder: Path
    outcomes: list[Outcome] = field(default_factory=list)
    refused: dict[str, list[Problem]] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.refused) or any(outcome.failure or not outcome.complete for outcome in self.outcomes)


class Busy(RuntimeError):
    """Another batch is writing into the same folder."""


def project_files(paths: Iterable[Path]) -> list[Path]:
    """Every YAML file below the paths, each once, in order; district files are left out (projects name them)."""
    return [path for path in _yaml_files(paths) if not _is_district(path)]


def district_files(paths: Iterable[Path]) -> list[Path]:
    return [path for path in _yaml_files(paths) if _is_district(path)]


def _yaml_files(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        below = (
            sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file() and not _hidden(p, path))
            if path.is_dir()
            else [path]
        )
        for file in below:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _hidden(path: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(below).parts)


def _is_district(path: Path) -> bool:
    try:
        return read_document(path).data.get("kind") == "district"
    except InputError:
        return False


def read_all(paths: Iterable[Path]) -> tuple[list[Project], dict[str, list[Problem]]]:
    """Projects that are valid, and the problems of the files that are not. An id used twice refuses both files."""
    projects: dict[str, Project] = {}
    refused: dict[str, list[Problem]] = {}
    twice: set[str] = set()
    for path in paths:
        try:
            project = ppp.load(path)
        except InputError as error:
            refused[str(path)] = error.problems
            continue
        folded = project.id.casefold()
        if OWN_NAMES.fullmatch(folded):
            message = f"is the name of a file that a batch writes, given {project.id}; allowed: another identifier"
            refused[str(path)] = [project._origin.document.problem(("id",), message)]
            continue
        if folded in projects:
            twice.add(folded)
            first = projects[folded]._origin.document
            message = (
                f"is the id of {first.file} too, given {project.id}; allowed: an id that no other file of the batch has"
            )
            refused[str(path)] = [project._origin.document.problem(("id",), message)]
        projects.setdefault(folded, project)
    for folded in twice:
        project = projects.pop(folded)
        refused[str(project._origin.path)] = [
            project._origin.document.problem(("id",), f"is used by two files of the batch, given {project.id}")
        ]
    return list(projects.values()), refused


def read_districts(paths: Iterable[Path], projects: list[Project]) -> tuple[list[Portfolio], dict[str, list[Problem]]]:
    """The districts that list projects, each with its projects' results, and the problems of those that cannot be read. A district
    without the section `projects` only bears projects and has no report of its own in a batch."""
    taken = {project.id.casefold() for project in projects}
    found: list[Portfolio] = []
    refused: dict[str, list[Problem]] = {}
    for path in paths:
        try:
            if "projects" not in read_document(path).data:
                continue
            portfolio = load_portfolio(path)
        except InputError as error:
            refused[str(path)] = error.problems
            continue
        folded = portfolio.district.id.casefold()
        if folded in taken or OWN_NAMES.fullmatch(folded):
            message = (
                f"is taken by another report of the batch, given {portfolio.district.id}; allowed: an id of its own"
            )
            refused[str(path)] = [read_document(path).problem(("id",), message)]
            continue
        taken.add(folded)
        found.append(portfolio)
    return found, refused


def notebook_path(name: str = produce.NOTEBOOK) -> Path:
    """A notebook: beside the package in a checkout."""
    return Path(ppp.__file__).resolve().parent.parent / "notebooks" / name


def environment_hash() -> str:
    """SHA-256 of every installed distribution and its version."""
    versions = sorted({f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()})
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()


def task_of(project: Project, folder: Path, langs: tuple[str, ...], draws: int) -> Task:
    scenario = project._origin.scenario or "base"
    name = project.id if scenario == "base" else f"{project.id}@{scenario}"
    notebook = notebook_path()
    key = {
        "inputs": input_hash(project),
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps({"langs": sorted(langs), "draws": draws, "scenario": scenario}),
    }
    text = json.dumps(canonical(project), ensure_ascii=False, indent=1)
    return Task(name, text, scenario, str(folder / name), str(notebook), tuple(sorted(langs)), draws, key)


def appraisal_task(project: Project, folder: Path, langs: tuple[str, ...]) -> Task:
    """The yearly appraisal of a running contract; no identifier holds the plus sign of its folder."""
    made = task_of(project, folder, langs, 0)
    notebook = notebook_path(produce.APPRAISAL)
    name = f"{made.name}+appraisal"
    key = {**made.key, "notebook": file_hash(notebook)}
    return replace(made, name=name, folder=str(folder / name), notebook=str(notebook), key=key, kind="appraisal")


def tasks_of(project: Project, folder: Path, langs: tuple[str, ...], draws: int) -> list[Task]:
    """The evaluation, and the appraisal of a contract that has begun."""
    tasks = [task_of(project, folder, langs, draws)]
    return [*tasks, appraisal_task(project, folder, langs)] if project.reviewed else tasks


def district_task(portfolio: Portfolio, folder: Path, langs: tuple[str, ...], draws: int) -> Task:
    notebook = notebook_path(produce.PORTFOLIO)
    key = {
        "inputs": portfolio_hash(portfolio),
        "notebook": file_hash(notebook),
        "package": sources_hash(),
        "environment": environment_hash(),
        "options": json.dumps({"langs": sorted(langs), "draws": draws}),
    }
    text = json.dumps(canonical_portfolio(portfolio), ensure_ascii=False, indent=1)
    name = portfolio.district.id
    place = str(folder / name)
    return Task(name, text, "base", place, str(notebook), tuple(sorted(langs)), draws, key, kind="district")


def why_run(task: Task, force: bool = False) -> str | None:
    """Why a task must run, in words; None when its report is in place, whole, and made from the same things."""
    if force:
        return "forced"
    folder = Path(task.folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        before, outputs = dict(manifest["key"]), dict(manifest["outputs"])
    except FileNotFoundError:
        return "no report yet"
    except (OSError, ValueError, KeyError, TypeError):
        return "its manifest cannot be read"
    if SUMMARY not in outputs:
        return "its manifest cannot be read"
    changed = [part for part in task.key if before.get(part) != task.key[part]]
    if changed:
        return f"{', '.join(changed)} changed"
    for name, digest in outputs.items():
        if not (folder / name).is_file():
            return f"{name} is missing"
        if file_hash(folder / name) != digest:
            return f"{name} was altered"
    return None


@contextmanager
def locked(folder: Path):
    """Hold the folder for one batch; the lock goes with the process, however it ends. Raises Busy."""
    folder.mkdir(parents=True, exist_ok=True)
    file = open(folder / LOCK, "a+")  # noqa: SIM115 - held open for as long as the lock
    try:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                f"another batch is writing into {folder}; wait for it or choose another folder with -o"
            ) from None
        yield
    finally:
        file.close()


def run_batch(
    paths: Iterable[Path],
    folder: Path,
    langs: tuple[str, ...],
    draws: int,
    jobs: int,
    force: bool,
    tell: Callable[[Outcome, int, int], None],
) -> Batch:
    """Evaluate every project file into `folder` and write the index. Files that are wrong are refused, the others are done.

    `tell` hears of each project as it ends, with how many are done of how many. Raises Busy, OSError for an unusable folder."""
    from ppp.report.index import write_index

    paths = list(paths)
    projects, refused = read_all(project_files(paths))
    districts, more = read_districts(district_files(paths), projects)
    tasks = [task for project in projects for task in tasks_of(project, folder, langs, draws)]
    tasks += [district_task(portfolio, folder, langs, draws) for portfolio in districts]
    return run_tasks(tasks, {**refused, **more}, folder, langs, jobs, force, tell, write_index)


def run_projects(projects, refused, folder: Path, langs, draws: int, jobs: int, force: bool, tell, finish) -> Batch:
    tasks = [task for project in projects for task in tasks_of(project, folder, langs, draws)]
    return run_tasks(tasks, refused, folder, langs, jobs, force, tell, finish)


def run_tasks(tasks: list[Task], refused, folder: Path, langs, jobs: int, force: bool, tell, finish) -> Batch:
    """Do what failed or changed, keep the rest. Raises Busy, OSError for an unusable folder."""
    with locked(folder):
        _sweep(folder)
        reasons = {task.name: why_run(task, force) for task in tasks}
        outcomes: dict[str, Outcome] = {}
        for task in tasks:
            if reasons[task.name] is None:
                outcomes[task.name] = Outcome(task.name, "unchanged", None, _was_complete(task))
                tell(outcomes[task.name], len(outcomes), len(tasks))
        to_run = [task for task in tasks if reasons[task.name] is not None]
        try:
            for outcome in _in_processes(to_run, reasons, min(jobs, len(to_run))):
                outcomes[outcome.name] = outcome
                tell(outcome, len(outcomes), len(tasks))
        finally:
            _sweep(folder)  # a worker that died left its own
            for task in tasks:
                outcomes.setdefault(
                    task.name, Outcome(task.name, str(reasons[task.name]), "interrupted before it was done", False)
                )
            batch = Batch(folder, [outcomes[task.name] for task in tasks], refused)
            finish(batch, langs)
        return batch


def write_failures(batch: Batch) -> Path | None:
    """failures.txt with the traceback of every failure, for whoever mends it; removed when there is none."""
    path = batch.folder / "failures.txt"
    stories = [f"{o.name}: {o.failure}\n\n{o.trace}" for o in batch.outcomes if o.failure]
    if not stories:
        path.unlink(missing_ok=True)
        return None
    path.write_text("\n".join(stories), encoding="utf-8")
    return path


def _was_complete(task: Task) -> bool:
    summary = json.loads((Path(task.folder) / SUMMARY).read_text(encoding="utf-8"))
    return summary["complete"]


def _sweep(folder: Path) -> None:
    """Remove what ended work left unfinished; the lock says that nobody else is at work here."""
    import shutil

    for left in folder.glob(f"{STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _in_processes(tasks: list[Task], reasons: dict[str, str | None], jobs: int) -> Iterable[Outcome]:
    """Outcomes as they come. A worker that dies takes only its own project with it: the others go to a new pool."""
    waiting = list(tasks)
    while waiting:
        with _pool(jobs) as pool:
            running: dict[Future, Task] = {}
            broken: list[Task] = []
            try:
                while _fill(pool, running, waiting if not broken else [], reasons, jobs):
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        task = running.pop(future)
                        try:
                            yield future.result()
                        except BrokenProcessPool:
                            broken.append(task)
            except (KeyboardInterrupt, GeneratorExit):
                _end_workers()
                raise
        if len(broken) == 1:
            yield Outcome(broken[0].name, str(reasons[broken[0].name]), "its worker process died", False)
        else:
            for task in broken:  # several were at work when one of them died: try each alone to see which
                yield from _in_processes([task], reasons, 1)


def _fill(
    pool: ProcessPoolExecutor,
    running: dict[Future, Task],
    waiting: list[Task],
    reasons: dict[str, str | None],
    jobs: int,
) -> bool:
    """Give the pool what it has room for. Whether anything runs; a pool that broke in between takes nothing more."""
    while waiting and len(running) < jobs:
        try:
            future = pool.submit(produce.produce, waiting[0], str(reasons[waiting[0].name]))
        except BrokenProcessPool:
            break
        running[future] = waiting.pop(0)
    return bool(running)


def _pool(jobs: int) -> ProcessPoolExecutor:
    os.environ.update(QUIET)
    return ProcessPoolExecutor(max(jobs, 1), mp_context=multiprocessing.get_context("spawn"), initializer=_quiet_worker)


def _quiet_worker() -> None:
    """A worker leaves Ctrl-C to its parent, which ends the whole tree; when the parent is killed the worker ends its own part."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import psutil

    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    _end(psutil.Process(), and_itself=False)
    os._exit(1)


def _end_workers() -> None:
    """End every worker with all its children, and nothing else: multiprocessing keeps a process of its own, which ends by itself."""
    import psutil

    for worker in multiprocessing.active_children():
        with suppress(psutil.NoSuchProcess):
            _end(psutil.Process(worker.pid))


def _end(process: psutil.Process, and_itself: bool = True) -> None:
    import psutil

    ending = [*process.children(recursive=True), *([process] if and_itself else [])]
    for each in ending:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(ending, timeout=10)
