"""Compare reports and meeting packs with their manifests: ok, altered, missing, unknown, outdated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ppp.report.manifest import digest, unsealed
from ppp.report.places import Place, place, spoilt
from ppp.report.task import BATCH, MANIFEST, PROJECT, SUMMARY

OK, ALTERED, MISSING, UNKNOWN = "ok", "altered", "missing", "unknown"
OUTDATED = "outdated"  # a meeting pack of reports that were made anew since


@dataclass(frozen=True)
class Finding:
    state: str
    path: Path | str


def verify(folder: Path | str) -> Iterator[Finding]:
    """One finding for every file of every report below `folder`, its manifest included. A manifest that does not hold its own hash counts
    as altered, and its files are then judged by nobody."""
    home = place(folder)
    yield from _index(home)
    files = home.files()
    for report in _homes(files):
        yield from _report(home, report, [name for name in files if PurePosixPath(name).is_relative_to(report)])


def _report(home: Place, report: str, files: list[str]) -> Iterator[Finding]:
    manifest = f"{report}/{MANIFEST}" if report != "." else MANIFEST
    try:
        made = unsealed(home.read(manifest))
        outputs, sources = dict(made["outputs"]), dict(made.get("of", {}))
    except FileNotFoundError:
        yield _found(home, MISSING, manifest)
        return
    except (OSError, ValueError, KeyError, TypeError):
        yield _found(home, ALTERED, manifest)
        return
    yield _found(home, OK, manifest)
    listed = {str(PurePosixPath(report) / name): expected for name, expected in outputs.items()}
    current = not sources or spoilt((home / report).above(), {f"{of}/{SUMMARY}": sources[of] for of in sources}) is None
    for name, expected in listed.items():
        state = _state(home, name, expected)
        yield _found(home, OUTDATED if state == OK and not current else state, name)
    for name in files:
        if name not in listed and name != manifest:
            yield _found(home, UNKNOWN, name)


def _state(home: Place, name: str, expected: str) -> str:
    try:
        return OK if digest(home.read(name)) == expected else ALTERED
    except OSError:
        return MISSING


def _index(home: Place) -> Iterator[Finding]:
    """The index pages of a batch, and the reports that they list."""
    try:
        made = unsealed(home.read(BATCH))
        pages, reports = dict(made["outputs"]), list(made["reports"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        yield _found(home, ALTERED, BATCH)
        return
    yield _found(home, OK, BATCH)
    for name, expected in pages.items():
        yield _found(home, _state(home, name, expected), name)
    yield from (_found(home, MISSING, name) for name in reports if not (home / name).names())


def _found(home: Place, state: str, name: str) -> Finding:
    return Finding(state, home.path / name if type(home) is Place else f"{home}/{name}")


def _homes(files: list[str]) -> list[str]:
    """Every folder that holds a report, also one that lost its manifest; what a batch is making now is none yet."""
    paths = [PurePosixPath(name) for name in files]
    homes = {path.parent for path in paths if path.name in (MANIFEST, SUMMARY, PROJECT)}
    return sorted(str(home) for home in homes if not any(part.startswith(".") for part in home.parts))
