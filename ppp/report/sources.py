"""Where project files come from: paths of this machine, or addresses that fsspec knows, which are copied here for the batch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ppp.problems import Problem
from ppp.report.places import RemotePlace, is_address, place

FILES = (".yaml", ".yml", ".json", ".csv", ".xlsx")  # what a project may be made of


@dataclass
class Sources:
    """Files and folders to read. `copies` maps a folder of copies to the address it came from, which is what is shown."""

    paths: list[Path]
    copies: dict[str, str] = field(default_factory=dict)

    def shown(self, path: str | Path) -> str:
        """A path as its user named it."""
        text = str(path)
        for copy, address in self.copies.items():
            if text.startswith(copy):
                return address + text[len(copy) :].replace("\\", "/")
        return text

    def shown_in(self, problems: list[Problem]) -> list[Problem]:
        return [replace(problem, file=self.shown(problem.file)) for problem in problems] if self.copies else problems


def yaml_files(paths: Iterable[Path]) -> list[Path]:
    """Every YAML file below the paths, each once, in order; hidden ones are passed over."""
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


@contextmanager
def gathered(paths: Sequence[str | Path]) -> Iterator[Sources]:
    """The paths, with what lies at addresses copied to a folder of this machine for as long as the context lasts."""
    if not any(is_address(path) for path in paths):
        yield Sources([Path(path) for path in paths])
        return
    with tempfile.TemporaryDirectory(prefix="ppp-params-") as folder:
        found = Sources([])
        for number, path in enumerate(paths):
            if is_address(path):
                found.paths.append(_copied(place(path), Path(folder) / str(number), found))
            else:
                found.paths.append(Path(path))
        yield found


def _copied(source: RemotePlace, target: Path, found: Sources) -> Path:
    """A file with all that lies beside it (its district, its tables), or a folder. Raises FileNotFoundError."""
    one = source.system.isfile(source.root)
    above = source.above() if one else source
    found.copies[str(target)] = str(above)
    target.mkdir()
    for name in above.files():
        if PurePosixPath(name).suffix.lower() in FILES:
            path = target / name
            if not path.resolve().is_relative_to(target.resolve()):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(above.read(name))
    if not any(target.iterdir()):
        raise FileNotFoundError(2, "there are no project files", str(source))
    return target / source.name if one else target
