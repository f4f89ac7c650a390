"""Which projects and districts lie below the paths of a batch, and what is wrong with the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ppp.loading import read_project
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.reading import read_document
from ppp.report.sources import yaml_files
from ppp.text_files import note

if TYPE_CHECKING:
    from ppp.portfolio.files import Portfolio

OWN_NAMES = re.compile(
    r"index(\..*)?\.html|failures\.txt|batch\.json|run-log\.jsonl"
)  # files beside the reports' folders


SAYS_DISTRICT = re.compile(rb"""kind["']?\s*:\s*["']?district""")


def sorted_files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The project files and the district files below the paths, each once, in order."""
    found = [(path, _is_district(path)) for path in yaml_files(paths)]
    return [path for path, district in found if not district], [path for path, district in found if district]


def _is_district(path: Path) -> bool:
    try:
        raw = path.read_bytes()
        note(path, raw)
        if not SAYS_DISTRICT.search(raw):  # spares most files a second reading
            return False
        return read_document(path).data.get("kind") == "district"
    except (InputError, OSError):
        return False


def read_all(
    paths: Iterable[Path], shown: Callable[[Path], str] = str, seen: Callable[[Project], None] = lambda project: None
) -> tuple[list[Project], dict[str, list[Problem]]]:
    """Projects that are valid, and the problems of the files that are not. An id used twice refuses both files.

    `shown` names a path; `seen` hears of each valid project as it is read."""
    projects: dict[str, Project] = {}
    refused: dict[str, list[Problem]] = {}
    twice: set[str] = set()
    for path in paths:
        try:
            project = read_project(path, shown(path))
        except InputError as error:
            refused[shown(path)] = error.problems
            continue
        folded = project.id.casefold()
        if OWN_NAMES.fullmatch(folded):
            message = f"is the name of a file that a batch writes, given {project.id}; allowed: another identifier"
            refused[shown(path)] = [project._origin.document.problem(("id",), message)]
            continue
        if folded in projects:
            twice.add(folded)
            first = projects[folded]._origin.document
            message = (
                f"is the id of {first.file} too, given {project.id}; allowed: an id that no other file of the batch has"
            )
            refused[shown(path)] = [project._origin.document.problem(("id",), message)]
        projects.setdefault(folded, project)
        seen(project)
    for folded in twice:
        project = projects.pop(folded)
        refused[shown(project._origin.path)] = [
            project._origin.document.problem(("id",), f"is used by two files of the batch, given {project.id}")
        ]
    return list(projects.values()), refused


def read_districts(
    paths: Iterable[Path], projects: list[Project], shown: Callable[[Path], str] = str
) -> tuple[list[Portfolio], dict[str, list[Problem]]]:
    """The districts that list projects, each with its projects' results, and the problems of those that cannot be read. A district
    without the section `projects` only bears projects and has no report of its own in a batch."""
    taken = {project.id.casefold() for project in projects}
    found: list[Portfolio] = []
    refused: dict[str, list[Problem]] = {}
    for path in paths:
        try:
            if "projects" not in read_document(path).data:
                continue
            from ppp.portfolio.files import (
                load_portfolio,  # evaluates its projects, so it is imported for a district alone
            )

            portfolio = load_portfolio(path)
        except InputError as error:
            refused[shown(path)] = error.problems
            continue
        folded = portfolio.district.id.casefold()
        if folded in taken or OWN_NAMES.fullmatch(folded):
            message = (
                f"is taken by another report of the batch, given {portfolio.district.id}; allowed: an id of its own"
            )
            refused[shown(path)] = [read_document(path).problem(("id",), message)]
            continue
        taken.add(folded)
        found.append(replace(portfolio, shown_as=shown(path)))
    return found, refused
