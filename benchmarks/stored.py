"""How long stored results take to add up, and how much memory: 15,000 by default, the size of China's national library.

Run by hand: .venv/bin/python benchmarks/stored.py [results]. Each is a summary.json as a report leaves it (the wastewater plant's, with
amounts, sector and years changed by a seeded generator), written to a temporary folder first. Seconds and the largest memory of a fresh
process for a tenth, a third and all of them: memory stays below the limit of ppp.portfolio.stored, whatever the number.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import ppp

FILE = Path(__file__).resolve().parents[1] / "params" / "wastewater.yaml"
SECTORS = ("road", "school", "wastewater", "hospital", "park", "transit")
CHILD = """
import resource, sys, time
from pathlib import Path
from ppp.portfolio.stored import read_stored
begun = time.perf_counter()
found = read_stored(Path(sys.argv[1]), "CNY")
seconds = time.perf_counter() - begun
print(found.count, found.difference, seconds, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write(folder: Path, first: int, last: int) -> None:
    """Results first..last - 1, each with its own amounts that add up to its own total."""
    summary = ppp.appraise(ppp.load(FILE), 16).summary
    rng = np.random.default_rng(first)
    keys = ("government_equity", "operating_subsidy", "retained_risk", "supporting_input")
    rows = {key: np.array(summary["budget_years"][key]) for key in keys}
    years = np.array(summary["budget_years"]["years"])
    for number in range(first, last):
        size, shift = rng.lognormal(0.0, 1.0), int(rng.integers(-5, 6))
        scaled = {key: (row * size).tolist() for key, row in rows.items()}
        by_year = {**summary["budget_years"], **scaled, "years": (years + shift).tolist()}
        results = {**summary["results"], "fiscal_total": float(sum(sum(row) for row in scaled.values()))}
        more = {
            "id": f"p{number}",
            "sector": SECTORS[number % len(SECTORS)],
            "budget_years": by_year,
            "results": results,
        }
        home = folder / f"p{number}"
        home.mkdir()
        (home / "summary.json").write_text(json.dumps({**summary, **more}, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    from measured import record

    results = int(sys.argv[1]) if len(sys.argv) > 1 else 15_000
    with tempfile.TemporaryDirectory() as name:
        folder, done = Path(name), 0
        print(f"{'results':>8} {'MB read':>8} {'seconds':>8} {'CPU s':>8} {'largest memory, MB':>19}")
        for count in (results // 10, results // 3, results):
            write(folder, done, count)
            done = count
            size = sum(path.stat().st_size for path in folder.rglob("summary.json")) / 2**20
            said = subprocess.run([sys.executable, "-c", CHILD, name], capture_output=True, text=True, check=True)
            found, difference, seconds, cpu, memory = (float(text) for text in said.stdout.split())
            assert (found, difference) == (count, 0.0)
            print(f"{count:>8} {size:>8.0f} {seconds:>8.1f} {cpu:>8.1f} {memory:>19.0f}", flush=True)
        record(f"{count:,} stored results added up", seconds)


if __name__ == "__main__":
    begun = time.perf_counter()
    main()
    print(f"all in all {time.perf_counter() - begun:.0f} s, most of it writing the files")
