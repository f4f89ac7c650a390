"""What is wrong with an input file, said so that its author can mend it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


def printable(text: str) -> str:
    r"""Text on one line: line ends, control and direction characters and lone surrogates are spelt out.

    >>> printable("a\nb\u202ec")
    'a\\nb\\u202ec'
    """
    if text.isascii() and text.isprintable():
        return text
    spelt = (
        c if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp") else _spelt_out(c)
        for c in text
    )
    return "".join(spelt)


def _spelt_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong at one place. Line and column count from 1; 0 means that the place is not known (JSON).

    Every part is printable on one line, whatever stood in the file.
    """

    file: str
    line: int
    column: int
    field: str
    message: str

    def __post_init__(self):
        for name in ("file", "field", "message"):
            object.__setattr__(self, name, printable(getattr(self, name)))

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


@dataclass(frozen=True)
class Place:
    """Where a value is written: `field` is its dotted key there."""

    file: str
    line: int
    column: int
    field: str

    def problem(self, message: str, below: str = "") -> Problem:
        """A problem here, or in a part of this value that is not written."""
        field = ".".join(part for part in (self.field, below) if part)
        return Problem(self.file, self.line, self.column, field, message)


class InputError(ValueError):
    """The input cannot be evaluated. `problems` lists everything found, in the order of the file."""

    def __init__(self, problems: list[Problem]):
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self):
        # The default would hand the text to __init__; a batch sends these between processes.
        return type(self), (self.problems,)
