"""A project file and its district's budget to start from, each led to the schema by which editors complete and explain the keys."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ppp.quantities import IDENTIFIER

DISTRICT = "my-district.yaml"
_OPEN = f"# district: {DISTRICT}"  # as the starter has it, to be taken in where the district stands beside it


def begin(path: Path) -> Path | None:
    """Write a project file at `path`, and the district that it names beside it; the district's path, or None where one stood there.

    Raises FileExistsError where the project file is there already, and OSError where it cannot be written; neither leaves a file.
    """
    text = _starter("starter.yaml", "project").replace(_OPEN, _OPEN.removeprefix("# ") + "  ", 1)
    if IDENTIFIER.fullmatch(path.stem):  # so that the reports of two files begun here do not meet in one folder
        text = text.replace("\nid: my-project\n", f"\nid: {path.stem}\n", 1)
    _write(path, text)
    district = path.with_name(DISTRICT)
    try:
        _write(district, _starter("starter-district.yaml", "district"))
    except FileExistsError:
        return None
    except OSError:
        path.unlink()
        raise
    return district


def schema_line(kind: str) -> str:
    """The line by which a YAML language server finds the schema that came with this ppp, without a network and from any folder."""
    address = Path(str(resources.files("ppp") / "schema" / f"{kind}.json")).resolve().as_uri()
    return f"# yaml-language-server: $schema={address}\n"


def _starter(name: str, kind: str) -> str:
    return schema_line(kind) + (resources.files("ppp") / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    with open(path, "x", encoding="utf-8", newline="\n") as file:
        file.write(text)
