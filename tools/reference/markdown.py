"""Markdown that reads alike on a forge and in the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `make reference` from {source}: change it there. -->"
_SPECIAL = re.compile(r"([\\*_<>\[\]|#$~])")


def escaped(text: str) -> str:
    """Plain text as Markdown shows it: nothing in it is markup, and it may stand in a table's cell."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: object) -> str:
    """A word as it stands in a file or at a terminal."""
    return f"`{str(text).replace('|', chr(92) + '|')}`"


def choices(values: Iterable[object]) -> str:
    return ", ".join(code(written(value)) for value in values)


def written(value: object) -> str:
    """A value as a YAML file writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Raises ValueError for a row that is longer or shorter than the head: a reader would see it cut."""
    lines = [head, ["---"] * len(head), *rows]
    if wrong := [line for line in lines if len(line) != len(head)]:
        raise ValueError(f"a row of {len(wrong[0])} cells under {len(head)} headings: {wrong[0]}")
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


def page(title: str, source: str, *parts: str) -> str:
    """A whole page: what it was made from, its title, its parts with a blank line between."""
    return "\n\n".join([MADE.format(source=source), f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"


def both(description: str) -> tuple[str, str]:
    """A description of the form "English. 中文" as its two parts. Raises ValueError when one of them is missing."""
    first = re.search(r"[\u3400-\u9fff]", description)
    split = description.rfind(". ", 0, first.start()) if first else -1
    if split < 0:
        raise ValueError(f"not in both languages: {description!r}")
    return description[: split + 1], description[split + 2 :]
