"""Text from a file, or a sentence about why there is none; and which files were read."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from ppp.problems import InputError, Problem

LARGEST_FILE = 1_000_000  # bytes
CHANGED = "changed while it was read"  # in the place of a hash
_noted: ContextVar[dict[str, str] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[dict[str, str]]:
    """Every input file that is read within it: its absolute path, and the SHA-256 of the bytes that were read."""
    found: dict[str, str] = {}
    token = _noted.set(found)
    try:
        yield found
    finally:
        _noted.reset(token)


def note(path: Path, raw: bytes) -> None:
    """To be called by whoever reads an input file."""
    found = _noted.get()
    if found is not None:
        name, hashed = str(path.absolute()), hashlib.sha256(raw).hexdigest()
        found[name] = hashed if found.get(name, hashed) == hashed else CHANGED


# How files of other kinds begin, and what to do with them
_OTHER_KINDS = {
    b"PK\x03\x04": "is a workbook, a Word document or another packed file, not text: ppp new writes a project file to start from, "
    "and a column of an XLSX workbook is read by {xlsx: costs.xlsx, column: opex}",
    b"\xd0\xcf\x11\xe0": "is a workbook or document of an old Office, not text: save it as XLSX, of which a column is read by "
    "{xlsx: costs.xlsx, column: opex}",
    b"%PDF": "is a PDF, not text: ppp new writes a project file to start from",
}


def read_text(path: Path, name: str, most: int = LARGEST_FILE) -> str:
    """The text of a UTF-8 file. Raises InputError when it cannot be read, is too long, or is not UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        folder = "it is a folder; allowed: a file (ppp check and ppp batch take folders too)"
        why = folder if os.path.isdir(path) else error.strerror
        raise InputError([Problem(name, 0, 0, "", f"cannot be read: {why}")]) from None
    except ValueError:  # a NUL in the name
        raise InputError([Problem(name, 0, 0, "", "cannot be read: no file has such a name")]) from None
    note(path, raw)
    if len(raw) > most:
        message = f"is too long; allowed: at most {most} bytes"
        raise InputError([Problem(name, 0, 0, "", message)])
    if what := next((what for begin, what in _OTHER_KINDS.items() if raw.startswith(begin)), None):
        raise InputError([Problem(name, 0, 0, "", f"{what}; allowed: a text file in UTF-8")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The byte order mark is no part of the first line, and error.start does not count it.
        body = raw.removeprefix(b"\xef\xbb\xbf")
        begin = body.rfind(b"\n", 0, error.start) + 1
        line = body[:begin].count(b"\n") + 1
        column = len(body[begin : error.start].decode("utf-8", "replace")) + 1
        message = f"is not UTF-8 text{_other_encoding(raw)}: save the file as UTF-8"
        raise InputError([Problem(name, line, column, "", message)]) from None


def _other_encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " (it looks like UTF-16)"
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return " (it looks like GBK, as Notepad's ANSI)" if re.search("[\u4e00-\u9fff]{2}", text) else ""
