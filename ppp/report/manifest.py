"""Hashes that tie a report to what it was made from."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any


def result_hash(summary: dict[str, Any]) -> str:
    """SHA-256 of a summary as canonical JSON."""
    return hashlib.sha256(json.dumps(summary, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()).hexdigest()


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def sources_hash() -> str:
    """SHA-256 of every file of the package: code, rule packs, words, templates, fonts."""
    root = Path(str(resources.files("ppp")))
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
