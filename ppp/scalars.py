"""What an unquoted scalar means.

YAML guesses types: `no` is false, `010` is eight, `12:30` is a number in base 60. A finance file must not
guess, so a plain scalar is read as a number, true / false or text only where no reader could doubt it; all
else becomes a `Doubtful` value that every field refuses with its reason, but for dates in a date field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

LONGEST_NUMBER = 40  # characters
EMPTY = "it is empty"

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_DOUBTFUL = [
    (re.compile(r"(?i)(y|n|yes|no|on|off)"), "YAML readers disagree whether it is text or true / false"),
    (re.compile(r"(?i)(true|false)"), "YAML readers disagree whether it is text or true / false"),
    (re.compile(r"(?i)(null|~)|"), EMPTY),
    (re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?"), "a leading zero may mean an octal number"),
    (re.compile(r"(?i)[-+]?0[xob][0-9a-f_]+"), "it may be a hexadecimal, octal or binary number"),
    (re.compile(r"(?i)[-+]?(\d[\d_]*\.?\d*|\.\d+)e[-+]?\d+"), "exponents are not read: write the digits out"),
    (re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?"), "it may be a time of day or a number in base 60"),
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*"), "it is a date, or a date and time"),
    (re.compile(r"(?i)[-+]?\.?(inf|nan|infinity)"), "it is not a finite number"),
    (re.compile(r"[-+]?\d[\d_,]*[_,][\d_,.]*"), "digit separators are not read: write the digits alone"),
    (re.compile(r"[-+]?(\.\d+|\d+\.)"), "a number has digits on both sides of its point"),
]


@dataclass(frozen=True)
class Doubtful:
    """An unquoted scalar that YAML readers understand in different ways."""

    text: str
    why: str

    def __str__(self) -> str:
        return self.text


# Stands for a value that was refused while reading; nothing more is said about it.
UNREADABLE = Doubtful("", "was refused already")


def plain_scalar(text: str) -> Any:
    """The value of an unquoted scalar: int, float, bool, str, or Doubtful.

    >>> plain_scalar("42"), plain_scalar("4.20"), plain_scalar("true"), plain_scalar("8%")
    (42, 4.2, True, '8%')
    >>> plain_scalar("010").why
    'a leading zero may mean an octal number'
    """
    if text in ("true", "false"):
        return text == "true"
    if len(text) > LONGEST_NUMBER:  # also keeps long texts from the patterns, some of which take quadratic time
        too_long = re.fullmatch(r"[-+0-9.,_:]+", text)
        return Doubtful(text, "the number is too long") if too_long else text
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    for pattern, why in _DOUBTFUL:
        if pattern.fullmatch(text):
            return Doubtful(text, why)
    return text
