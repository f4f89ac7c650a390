"""Every block of code in README.md, CONTRIBUTING.md, CHANGELOG.md and docs/, and the page that lists those which are not run.

A block is fenced and names its language. `<!-- not run: why -->` on the line before a fence says that nobody can run it here;
tests/test_docs.py runs all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reference.markdown import escaped, page, table

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "docs/tutorials"  # tests/test_tutorials.py runs these from end to end
SHOWN = ("text", "console")  # output and layouts, not to be run
_FENCE = re.compile(r"^( *)```([^`\s]*)[^`]*$")
_MARK = re.compile(r"^ *<!-- not run: (.+?) -->\s*$")


@dataclass(frozen=True)
class Block:
    """page: path from the repository's root; line: of the opening fence; not_run: why, or None."""

    page: str
    line: int
    language: str
    text: str
    not_run: str | None

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def written_pages() -> list[Path]:
    """Every page with blocks that are to be run, in a fixed order."""
    own = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    docs = [
        path
        for path in sorted((ROOT / "docs").rglob("*.md"))
        if not path.relative_to(ROOT).as_posix().startswith(f"{ELSEWHERE}/") and path.name != "untried.md"
    ]
    return [*own, *docs]


def blocks() -> list[Block]:
    return [block for path in written_pages() for block in _blocks(path)]


def _blocks(path: Path) -> Iterator[Block]:
    lines, name = path.read_text(encoding="utf-8").splitlines(), path.relative_to(ROOT).as_posix()
    opened: tuple[int, str, str] | None = None
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            opened = number, fence[1], fence[2]
            continue
        first, indent, language = opened
        text = "\n".join(each.removeprefix(indent) for each in lines[first : number - 1]) + "\n"
        mark = _MARK.match(lines[first - 2]) if first > 1 else None
        yield Block(name, first, language, text, mark[1] if mark else None)
        opened = None
    if opened is not None:
        raise ValueError(f"{name}:{opened[0]}: a fence that nothing closes")


def untried_page() -> str:
    rows = [
        (f"`{block.page}`", escaped(block.text.strip().splitlines()[0]), escaped(block.not_run))
        for block in blocks()
        if block.not_run
    ]
    return page(
        "What is untried",
        "the marks on the blocks of README.md, CONTRIBUTING.md and docs",
        "Every command and block of code in the README and the manual is executed by the tests (`tests/test_docs.py`,"
        " `tests/test_tutorials.py`), but for these. They are written from the tools' documentation.",
        table(("Page", "Block that begins with", "Why it is not run"), rows),
    )
