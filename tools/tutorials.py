"""Run the tutorials as a reader would, and hold what they show against what comes out.

A page of docs/tutorials is read from top to bottom in one empty folder. Its marks stand in comments above fenced blocks:

    <!-- file: NAME -->     the block is written to a file of that name
    <!-- change: NAME -->   a diff: each run of lines that begin with - stands in the file once, and gives way to those with +
    <!-- output -->         exactly what the sh or python block before it printed; `...` on a line of its own stands for any lines

Blocks of sh hold `ppp` commands, `cp` and `mkdir`, one a line; blocks of python are one script that goes on. Other blocks are only shown.

    python tools/tutorials.py            write the outputs of all pages anew; look at what changed before you commit it
    python tools/tutorials.py PAGE...    of these pages
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "tutorials"
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[a-z]+)(?:: (?P<name>\S+))? -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
IN_PROCESSES = ("report", "portfolio", "batch", "pack")  # commands that start workers of their own


@dataclass(frozen=True)
class Block:
    """A fenced block: its mark, the file's name, the language, the text and where the text stands in the page."""

    mark: str
    name: str
    kind: str
    text: str
    span: tuple[int, int]
    line: int


def blocks(page: str) -> list[Block]:
    return [
        Block(
            m["mark"] or "",
            m["name"] or "",
            m["kind"],
            m["text"],
            m.span("text"),
            page.count("\n", 0, m.start("text")) + 1,
        )
        for m in BLOCK.finditer(page)
    ]


def printed(page: str, folder: Path) -> Iterator[tuple[Block, str]]:
    """Each output block of a page with what was printed in its place. Raises AssertionError where a command fails or a change
    does not fit."""
    names: dict = {"__name__": "tutorial"}
    said = ""
    for block in blocks(page):
        if block.mark == "file":
            target = folder / block.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.mark == "change":
            changed(folder / block.name, block)
        elif block.mark == "output":
            yield block, said
        elif block.kind == "sh":
            said = "".join(_command(line, folder, block) for line in block.text.splitlines() if line and line[0] != "#")
        elif block.kind == "python":
            said = _script(block, names, folder)


def changed(path: Path, block: Block) -> None:
    """Apply a diff without line numbers: a run of - lines, found once, becomes the + lines after it; + alone goes to the end."""
    text = path.read_text(encoding="utf-8")
    for run in re.finditer(r"((?:^-.*\n)*)((?:^\+.*\n)*)", block.text, re.MULTILINE):
        old, new = (re.sub(r"^[-+]", "", part, flags=re.MULTILINE) for part in run.groups())
        if not old and not new:
            continue
        assert not old or text.count(old) == 1, f"line {block.line}: not once in {path.name}:\n{old}"
        text = text.replace(old, new) if old else text + new
    path.write_text(text, encoding="utf-8")


def _command(line: str, folder: Path, block: Block) -> str:
    program, *arguments = shlex.split(line, comments=True)
    if program in ("cp", "mkdir"):
        _plain(program, arguments, folder)
        return ""
    assert program == "ppp", f"line {block.line}: {line}: only ppp, cp and mkdir are run"
    run = _worker if arguments[0] in IN_PROCESSES or "-o" in arguments else _here
    status, said = run(arguments, folder)
    assert status == 0 or "exit status 1" in block.text, f"line {block.line}: {line}: status {status}\n{said}"
    return said


def _plain(program: str, arguments: list[str], folder: Path) -> None:
    if program == "mkdir":
        (folder / arguments[-1]).mkdir(parents=True)
    else:
        shutil.copy(folder / arguments[0], folder / arguments[1])


def _here(arguments: list[str], folder: Path) -> tuple[int, str]:
    """The command in this process, which has what it needs imported already."""
    from typer.testing import CliRunner

    from ppp.cli import app

    with contextlib.chdir(folder):
        run = CliRunner().invoke(app, arguments, prog_name="ppp")
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run.exit_code, run.output


def _worker(arguments: list[str], folder: Path) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-m", "ppp.cli", *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    return run.returncode, run.stdout if run.returncode == 0 else run.stdout + run.stderr


def _script(block: Block, names: dict, folder: Path) -> str:
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        exec(compile("\n" * (block.line - 1) + block.text, "tutorial", "exec"), names)
    return out.getvalue()


def agrees(shown: str, said: str) -> bool:
    """Whether an output is as shown; a line of `...` stands for any lines, also none."""
    parts = [re.escape(line) + "\n" if line != "..." else "(?:.*\n)*" for line in shown.splitlines()]
    return re.fullmatch("".join(parts), tidy(said)) is not None


def tidy(said: str) -> str:
    """Without blanks at the ends of lines and empty lines at either end, which no page can show."""
    return "\n".join(line.rstrip() for line in said.strip("\n").splitlines()) + "\n"


def rewritten(page: str, folder: Path) -> str:
    """The page with its outputs as they are now; one shown in part stays where it still agrees."""
    pieces, at = [], 0
    for block, said in printed(page, folder):
        text = block.text if agrees(block.text, said) else tidy(said)
        pieces += [page[at : block.span[0]], text]
        at = block.span[1]
    return "".join(pieces) + page[at:]


@contextlib.contextmanager
def empty_folder(page: str) -> Iterator[Path]:
    """A folder of its own. A page that works in a clone's ppp/regimes/ has a copy of the rule packs there, where packs added are found."""
    from ppp import regimes

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "ppp/regimes/" not in page:
            yield folder
            return
        own = folder / "ppp" / "regimes"
        own.mkdir(parents=True)
        for pack in regimes.folder().glob("*.yaml"):
            shutil.copy(pack, own)
        before, regimes.folder = regimes.folder, lambda: own
        try:
            yield folder
        finally:
            regimes.folder = before
            regimes.load.cache_clear()


def main() -> None:
    for page in [Path(name) for name in sys.argv[1:]] or sorted(PAGES.glob("*.md")):
        before = page.read_text(encoding="utf-8")
        with empty_folder(before) as folder:
            after = rewritten(before, folder)
        print(f"{page.name}: {'as it was' if after == before else 'written anew'}")
        page.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
