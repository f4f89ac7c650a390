"""How long one evaluation takes after import: by length of period, and by number of cases at once.

Run by hand: .venv/bin/python benchmarks/evaluation.py. CPU time, the median of several runs in one process; every row is printed
as a multiple of the first, so that the figures can be read on any machine. The project is the wastewater plant (30 years, sculpted
debt, circular funding, tax with losses, value for money, checks) with monthly to yearly periods.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from measured import record

import ppp
from ppp.project import Project

FILE = Path(__file__).resolve().parents[1] / "params" / "wastewater.yaml"


def with_period(project: Project, period: str) -> Project:
    return project.model_copy(update={"timeline": project.timeline.model_copy(update={"period": period})})


def cpu_ms(call: Callable[[], object], runs: int) -> float:
    """Median CPU milliseconds of a call, after one to warm up."""
    call()
    taken = []
    for _ in range(runs):
        start = time.process_time()
        call()
        taken.append(1e3 * (time.process_time() - start))
    return statistics.median(taken)


def main() -> None:
    project = ppp.load(FILE)
    capex = project.construction.capex
    rows: list[tuple[str, float, int]] = []
    for period in ("year", "half_year", "quarter", "month"):
        rows.append((f"one case, by {period}", cpu_ms(partial(ppp.evaluate, with_period(project, period)), 15), 1))
    for count in (100, 1_000, 10_000):
        cases = {"construction.capex": np.linspace(0.9, 1.1, count) * capex}
        rows.append((f"{count} cases, by year", cpu_ms(partial(ppp.evaluate, project, cases=cases), 3), count))
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}", file=sys.stderr)
    print(f"{'evaluation':26}{'CPU ms':>10}{'x first':>10}{'us a case':>12}")
    for name, taken, count in rows:
        print(f"{name:26}{taken:10.1f}{taken / rows[0][1]:10.2f}{1e3 * taken / count:12.1f}")
        record(f"evaluation: {name}", taken, unit="ms of CPU")


if __name__ == "__main__":
    main()
