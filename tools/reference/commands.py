"""The commands with their arguments, options and examples, as `--help` says them; and the targets of the Makefile."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from ppp.cli import app
from reference.markdown import code, escaped, page, table

ROOT = Path(__file__).resolve().parents[2]


def commands() -> dict[str, Any]:
    """Every command as the parser knows it, by name, in the order of `ppp --help`."""
    return dict(get_command(app).commands)


def commands_page() -> str:
    parts = [
        "`ppp COMMAND --help` says the same at a terminal. Exit status of every command: 0 all done, 1 something was refused or failed and"
        " the rest is done, 2 wrong usage, 130 interrupted.",
    ]
    for name, command in commands().items():
        parts += [f"## ppp {name}", *_described(name, command)]
    targets = re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    rows = [(code(f"make {name}"), escaped(text)) for name, text in targets]
    return page("Commands", "ppp/cli and the Makefile", *parts, "## make", table(("Target", "What it does"), rows))


def _described(name: str, command: Any) -> list[str]:
    text, examples = _examples("\n\n".join(part for part in (command.help, command.epilog) if part))
    arguments, options = (
        [each for each in command.params if each.param_type_name == kind and each.name != "help"]
        for kind in ("argument", "option")
    )
    usage = " ".join(["ppp", name, *map(_placed, arguments), *(["[OPTIONS]"] if options else [])])
    parts = [code(usage), *(escaped(part) for part in text.split("\n\n"))]
    if examples:
        parts.append("\n".join(["```sh", *examples, "```"]))
    rows = [_row(code(_placed(each)), each) for each in arguments]
    rows += [_row(", ".join(map(code, each.opts)), each) for each in options]
    return [*parts, table(("Argument or option", "What it says", "Default"), rows)]


def _placed(argument: Any) -> str:
    """An argument as usage has it: in brackets where it may be left out, with dots where there may be several."""
    shown = argument.name.upper() + ("..." if argument.nargs == -1 else "")
    return shown if argument.required else f"[{shown}]"


def _examples(text: str) -> tuple[str, list[str]]:
    """The help without its examples, and these, with what each is for."""
    found, what = [], ""
    for line in text.splitlines():
        if comment := re.match(r"\s+# (.*)$", line):
            what = f"  # {comment[1]}"
        elif shown := re.match(r"(?:Examples?:)?\s*(ppp .*)$", line):
            found.append(shown[1] + what)
            what = ""
    return re.split(r"^Examples?:", text.replace("\b", ""), maxsplit=1, flags=re.MULTILINE)[0].strip(), found


def _row(names: str, given: Any) -> tuple[str, str, str]:
    required = given.required and given.param_type_name == "option"
    default = "" if given.default is None or given.default is False or given.required else code(given.default)
    return names, escaped(given.help or "") + (" **Required.**" if required else ""), default
