"""Many cases at once against the same model as a plain loop over floats (plain_model.py), on one core.

Run by hand: .venv/bin/python benchmarks/draws.py [DRAWS]. First both are held to each other on some draws, every result to 1e-9; then
both are timed in one run, in CPU time, and the ratio a draw is printed, with the peak memory. Draws go through ppp.evaluate in blocks.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import plain_model
from measured import record

import ppp

FILE = Path(__file__).resolve().parents[1] / "params" / "wastewater.yaml"
BLOCK = 4_000
PLAIN = 300
SPANS = {
    "construction.capex": (28_000.0, 36_000.0),
    "operation.opex.times": (0.9, 1.2),
    "users.demand.times": (0.85, 1.1),
    "funding.debt.rate": (0.04, 0.06),
    "payment.profit_rate": (0.05, 0.08),
    "discounting.rate": (0.035, 0.055),
    "risks.delay.ratio": (0.0, 0.05),
}


VIEWS = {
    "sound": lambda evaluation: evaluation.sound,
    "alerts": lambda evaluation: sum(~alert.passed for alert in evaluation.alerts),
}


def drawn(count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    return {key: rng.uniform(low, high, count) for key, (low, high) in SPANS.items()}


def in_blocks(project, draws: dict[str, np.ndarray], keys: list[str]) -> dict[str, np.ndarray]:
    count = next(iter(draws.values())).size
    found = {key: np.empty(count) for key in keys}
    for start in range(0, count, BLOCK):
        part = slice(start, start + BLOCK)
        evaluation = ppp.evaluate(project, {key: values[part] for key, values in draws.items()})
        for key in keys:
            found[key][part] = VIEWS[key](evaluation) if key in VIEWS else evaluation.results[key]
    return found


def main() -> None:
    top = int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000
    project = ppp.load(FILE)
    draws = drawn(PLAIN)
    each = [{key: float(values[i]) for key, values in draws.items()} for i in range(PLAIN)]
    load = ppp.evaluate(project).load
    start = time.process_time()
    plain = [plain_model.evaluate(plain_model.case_of(project, load, draw)) for draw in each]
    per_plain = (time.process_time() - start) / PLAIN
    keys = list(plain[0])
    ours = in_blocks(project, draws, keys)
    for key in keys:
        np.testing.assert_allclose(ours[key], [found[key] for found in plain], rtol=1e-9, atol=1e-9, err_msg=key)
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}", file=sys.stderr)
    print(f"{'draws':>12}{'CPU s':>10}{'us a draw':>12}{'plain / this':>14}{'peak MB':>10}")
    print(f"{'plain loop':>12}{per_plain * PLAIN:10.2f}{1e6 * per_plain:12.1f}{1.0:14.1f}")
    count = 1_000
    while count <= top:
        many = drawn(count)
        start = time.process_time()
        in_blocks(project, many, keys)
        taken = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{count:12}{taken:10.2f}{1e6 * taken / count:12.1f}{per_plain * count / taken:14.1f}{peak:10.0f}")
        count *= 10
    record(
        f"a draw among {count // 10:,}, one core",
        1e6 * taken / (count // 10),
        "the same model in plain Python",
        1e6 * per_plain,
        "us of CPU",
    )


if __name__ == "__main__":
    main()
