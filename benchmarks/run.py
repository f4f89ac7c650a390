"""Run every benchmark, one after the other, and print one table of what ours takes against the alternatives, with the machine's facts.

    make bench                     everything: about twenty minutes on two idle cores
    make bench ARGS=--quick        smaller sizes: a few minutes; the ratios are rougher
    make bench ARGS="returns draws"   some of them by name
    make bench ARGS="--write docs/benchmarks.md"   put the table between the marks of that page

A script that fails is named at the end, and the status is 1. Nothing else should run at the time: the load at the start is printed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measured import ROWS, Row

HERE = Path(__file__).resolve().parent
SCRIPTS = {  # name: arguments in full, arguments in quick runs
    "evaluation": ((), ()),
    "draws": (("100000",), ("10000",)),
    "simulation": (("1000000", "2"), ("10000", "2")),
    "returns": (("1000000",), ("100000",)),
    "batch": (("--projects", "40", "--looped", "4"), ("--projects", "6", "--looped", "1")),
    "recalculation": (("20",), ("4",)),
    "single_owner": ((), ()),
    "schedule": (("200", "30"), ("40", "20")),
    "stored": (("15000",), ("1000",)),
}
PARTS = ("measured", "plain_model", "run")  # what the others use
VERSIONS = ("numpy", "scipy", "numba", "papermill", "nbconvert", "pyxirr", "matplotlib", "nrel-pysam")
BEGIN, END = "<!-- begin of the table that make bench writes -->", "<!-- end of the table -->"


def machine() -> list[str]:
    """What the figures depend on, as lines."""
    return [
        f"{_processor()}, {os.cpu_count()} processors, {_memory():.0f} GB, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {found}" for name in VERSIONS if (found := _version(name))),
        f"load at the start {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load not known",
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", info.read_text(), re.MULTILINE) if info.is_file() else None
    return found[1] if found else platform.processor() or "processor not known"


def _memory() -> float:
    import psutil

    return psutil.virtual_memory().total / 2**30


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def measured(script: str, arguments: tuple[str, ...]) -> tuple[int, list[Row]]:
    """Run a script, its own lines shown as they come; its status and its rows."""
    with tempfile.TemporaryDirectory() as name:
        rows = Path(name) / "rows"
        done = subprocess.run(
            [sys.executable, str(HERE / f"{script}.py"), *arguments], env={**os.environ, ROWS: str(rows)}, check=False
        )
        lines = rows.read_text(encoding="utf-8").splitlines() if rows.is_file() else []
    return done.returncode, [Row(**json.loads(line)) for line in lines]


def table(rows: list[Row]) -> str:
    """Markdown, which a terminal shows as well."""
    heads = ("What", "Here", "Alternative", "There", "Times")
    cells = [heads, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    lines = [" | ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)) for line in cells]
    rule = " | ".join(
        f"{'-' * (width - 1)}:" if column in (1, 3, 4) else "-" * width for column, width in enumerate(widths)
    )
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    def shown(value: float | None) -> str:
        return "" if value is None else f"{value:.3g} {row.unit}" if value < 1000 else f"{value:,.0f} {row.unit}"

    return (
        row.name,
        shown(row.ours),
        row.alternative,
        shown(row.other),
        "" if row.ratio is None else f"{row.ratio:,.0f}" if row.ratio >= 100 else f"{row.ratio:.2g}",
    )


def write(page: Path, text: str) -> None:
    """Put a text between the marks of a page. Raises ValueError where it has none."""
    before = page.read_text(encoding="utf-8")
    head, begin, rest = before.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the marks {BEGIN} and {END}")
    page.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", encoding="utf-8")


def wanted(names: list[str], quick: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in names or SCRIPTS:
        yield name, SCRIPTS[name][quick]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(SCRIPTS)}")
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="page to put the table into")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in SCRIPTS]:
        parser.error(f"no benchmark of the name {', '.join(unknown)}; allowed: {', '.join(SCRIPTS)}")
    begun, facts, rows, failed = time.perf_counter(), machine(), [], []
    for name, arguments in wanted(given.names, given.quick):
        print(f"\n{name} {' '.join(arguments)}", flush=True)
        status, found = measured(name, arguments)
        rows += found
        failed += [name] * (status != 0)
    facts.append(f"{'quick run' if given.quick else 'full run'} of {(time.perf_counter() - begun) / 60:.0f} minutes")
    text = "\n".join([*(f"{fact}  " for fact in facts), "", table(rows)])
    print(f"\n{text}")
    if given.write and not failed:
        write(given.write, text)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
