"""The report that the panel makes: of a scenario as the file holds it, in both languages, where `ppp report` would put it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

import ppp
from ppp.appraisal.appraise import DRAWS
from ppp.appraisal.exploration import Exploration

LANGS = ("en", "zh")  # as ppp report makes them, so that the one finds what the other made


class NotMade(RuntimeError):
    """The report could not be made; the message says why in one line."""


def project_names(state: Exploration) -> list[str]:
    """The YAML files beside the project's own, each as the project would be named, its own first where it is no such file."""
    folder, given = state.path.parent, Path(state.file).parent
    found = sorted(path.name for ending in ("yaml", "yml") for path in folder.glob(f"*.{ending}"))
    names = [str(given / name) for name in found if not name.startswith(".")]
    return names if state.file in names else [state.file, *names]


def made(state: Exploration, folder: Path, lang: str) -> Path:
    """Make the report, or find that it stands already; the page in a language. Raises NotMade, InputError, OSError."""
    from ppp.report.batch import Busy, run_projects

    project = ppp.load(state.path, state.scenario)
    folder = beside_notebooks(folder)
    try:
        batch = run_projects([project], {}, folder, LANGS, DRAWS, 1, False, lambda *_: None, lambda batch, langs: None)
    except Busy as error:
        raise NotMade(str(error)) from None
    outcome = batch.outcomes[0]
    if outcome.failure:
        raise NotMade(outcome.failure)
    return folder / outcome.name / f"evaluation.{lang}.html"


def beside_notebooks(folder: Path) -> Path:
    """A folder in the working folder, or in the one above it that holds params/ and notebooks/, as input files are found."""
    if folder.is_absolute():
        return folder
    for above in (Path.cwd(), *Path.cwd().parents):
        if (above / "params").is_dir() and (above / "notebooks").is_dir():
            return above / folder
    return Path.cwd() / folder


def link(page: Path, text: str) -> Markup:
    """A link to a page from the notebook's folder, which JupyterLab opens."""
    address = quote(Path(os.path.relpath(page)).as_posix())
    return Markup("<a href='{}' target='_blank'>{}</a>").format(address, text)
