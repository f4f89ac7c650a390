"""Internal rates of return of many flows of 31 rows against a loop over pyxirr, in one run.

Run by hand: .venv/bin/python benchmarks/returns.py [CASES]. First both are held to each other; then both are timed by the wall clock:
pyxirr one flow after the other, ours on one core and, the flows cut in two, on two.
"""

from __future__ import annotations

import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyxirr
from measured import record

from ppp.model.irr import UNIQUE, irr

PYXIRR = 50_000


def flows(cases: int) -> np.ndarray:
    """An outlay and thirty years of income, (31, cases)."""
    rng = np.random.default_rng(7)
    return np.vstack([-rng.uniform(80.0, 120.0, (1, cases)), rng.uniform(5.0, 12.0, (30, cases))])


def timed(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    cases = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    given = flows(cases)
    rows = [np.ascontiguousarray(given[:, case]) for case in range(min(PYXIRR, cases))]
    found = irr(given)  # compiles, if need be
    others = np.array([pyxirr.irr(row) for row in rows])
    assert (found.state == UNIQUE).all()
    np.testing.assert_allclose(found.value[: others.size], others, rtol=1e-9)
    halves = np.array_split(given, 2, axis=1)
    with ThreadPoolExecutor(2) as pool:
        loop = min(timed(lambda: [pyxirr.irr(row) for row in rows]) for _ in range(3)) / len(rows)
        one = min(timed(lambda: irr(given)) for _ in range(3)) / cases
        two = min(timed(lambda: list(pool.map(irr, halves))) for _ in range(3)) / cases
    print(
        f"{platform.machine()}, Python {platform.python_version()}, pyxirr {pyxirr.__version__}; {cases} flows of 31 rows"
    )
    print(f"{'':>24}{'us a flow':>12}{'pyxirr / this':>16}")
    for name, each in (("loop over pyxirr", loop), ("ppp, one core", one), ("ppp, two cores", two)):
        print(f"{name:>24}{1e6 * each:12.3f}{loop / each:16.1f}")
    record("a rate of return among many, one core", 1e6 * one, "loop over pyxirr", 1e6 * loop, "us")
    record("a rate of return among many, two cores", 1e6 * two, "loop over pyxirr", 1e6 * loop, "us")


if __name__ == "__main__":
    main()
