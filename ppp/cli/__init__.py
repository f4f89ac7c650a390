"""The `ppp` command. Thin: each command calls one public function and prints what it says."""

from __future__ import annotations

import io
import sys

import typer

from ppp.cli.files import check, new, schema
from ppp.cli.projects import assurance, compare, sensitivity, simulate, solve, workbook
from ppp.cli.reports import batch, pack, portfolio, report, verify

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Evaluate public-private partnerships: value for money, cash flow, fiscal affordability.",
)
COMMANDS = (  # as --help has them
    *(check, report, batch, portfolio, pack, verify, schema),
    *(solve, sensitivity, simulate, workbook, compare, assurance, new),
)
for command in COMMANDS:
    app.command()(command)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a character gets it spelt out, not a traceback
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="ppp")
