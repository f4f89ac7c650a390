"""Hashes that tie a report to what it was made from, and files that carry their own hash."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

SEAL = "sha256"  # the key of a sealed file that holds the hash of the rest


def result_hash(summary: dict[str, Any]) -> str:
    """SHA-256 of a summary as canonical JSON."""
    return digest(json.dumps(summary, sort_keys=True, ensure_ascii=False, allow_nan=False).encode())


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file_hash(path: Path) -> str:
    return digest(path.read_bytes())


def json_bytes(data: object) -> bytes:
    """JSON as every file of a report holds it: one spelling for the same data."""
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def sealed(data: dict[str, Any]) -> bytes:
    """The data as JSON with the hash of the rest inside, so that a change of any byte shows."""
    return json_bytes({**data, SEAL: digest(json_bytes(data))})


def unsealed(raw: bytes) -> dict[str, Any]:
    """What a sealed file holds. Raises ValueError when a byte of it was changed."""
    data = json.loads(raw.decode("utf-8"))
    if not isinstance(data, dict):
        raise ValueError("not a sealed file")
    rest = {key: value for key, value in data.items() if key != SEAL}
    if sealed(rest) != raw:
        raise ValueError("the file is not as it was sealed")
    return rest


@cache
def sources_hash() -> str:
    """SHA-256 of every file of the package: code, rule packs, words, templates, fonts."""
    root = Path(str(resources.files("ppp")))
    found = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
