"""Compare reports and meeting packs with their manifests: ok, altered, missing, unknown, outdated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ppp.report.manifest import file_hash
from ppp.report.produce import BATCH, MANIFEST, PROJECT, SUMMARY

OK, ALTERED, MISSING, UNKNOWN = "ok", "altered", "missing", "unknown"
OUTDATED = "outdated"  # a meeting pack of reports that were made anew since


@dataclass(frozen=True)
class Finding:
    state: str
    path: Path


def verify(folder: Path) -> Iterator[Finding]:
    """One finding for every file of every report below `folder`. A manifest that cannot be read counts as altered."""
    yield from _index(folder)
    for home in _homes(folder):
        manifest = home / MANIFEST
        if not manifest.is_file():
            yield Finding(MISSING, manifest)
            continue
        try:
            made = json.loads(manifest.read_text(encoding="utf-8"))
            outputs, sources = made["outputs"], made.get("of", {}).items()
            listed = outputs.items()
        except (ValueError, KeyError, TypeError, AttributeError):
            yield Finding(ALTERED, manifest)
            continue
        current = all(
            (home.parent / report / SUMMARY).is_file() and file_hash(home.parent / report / SUMMARY) == digest
            for report, digest in sources
        )
        for name, digest in listed:
            path = home / name
            if not path.is_file():
                yield Finding(MISSING, path)
            else:
                yield Finding(ALTERED if file_hash(path) != digest else OK if current else OUTDATED, path)
        for path in sorted(home.iterdir()):
            if path.name not in outputs and path.name != MANIFEST:
                yield Finding(UNKNOWN, path)


def _index(folder: Path) -> Iterator[Finding]:
    """The index pages of a batch, and the reports that they list."""
    path = folder / BATCH
    if not path.is_file():
        return
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        pages, reports = made["outputs"].items(), [folder / name for name in made["reports"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        yield Finding(ALTERED, path)
        return
    for name, digest in pages:
        page = folder / name
        state = MISSING if not page.is_file() else OK if file_hash(page) == digest else ALTERED
        yield Finding(state, page)
    yield from (Finding(MISSING, report) for report in reports if not report.is_dir())


def _homes(folder: Path) -> list[Path]:
    """Every folder that holds a report, also one that lost its manifest; what a batch is making now is none yet."""
    homes = {path.parent for name in (MANIFEST, SUMMARY, PROJECT) for path in folder.rglob(name)}
    return sorted(home for home in homes if not any(part.startswith(".") for part in home.relative_to(folder).parts))
