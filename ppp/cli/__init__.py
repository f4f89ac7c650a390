"""The `ppp` command. Thin: each command calls one public function and prints what it says."""

from __future__ import annotations

import io
import sys

import typer

from ppp.cli.examples import SUMMARY, epilog, first_steps
from ppp.cli.files import check, new, schema
from ppp.cli.projects import assurance, compare, sensitivity, simulate, solve, workbook
from ppp.cli.reports import batch, pack, portfolio, report, verify

WHAT = "Evaluate public-private partnerships: value for money, cash flow, fiscal affordability."
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=WHAT,
    epilog=f"\b\nFirst steps:\n{first_steps()}\n\n\b\nppp COMMAND --help says all of a command, with examples.",
)
COMMANDS = (  # as --help has them: in the order in which a newcomer needs them
    *(new, check, report, compare, solve, sensitivity, simulate, workbook, assurance),
    *(batch, portfolio, pack, verify, schema),
)
for command in COMMANDS:
    app.command(short_help=SUMMARY[command.__name__], epilog=epilog(command.__name__))(command)


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(f"Usage: ppp COMMAND [ARGUMENTS]\n\n{WHAT}\n\nFirst steps:\n{first_steps()}\n")
        print("ppp --help lists every command; ppp COMMAND --help ends with examples.")
        raise typer.Exit(2)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a character gets it spelt out, not a traceback
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="ppp")
