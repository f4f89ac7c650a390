"""A simulation from 1,000 to 1,000,000 draws against the same model as a plain loop over floats: is its time linear in the draws, and
does its memory stay small?

Run by hand: .venv/bin/python benchmarks/simulation.py [DRAWS [JOBS]], JOBS being as many as there are cores. Each size runs in processes
of its own and right after the plain loop (draws.py holds both to each other). Prints draws, seconds, microseconds a draw, how many times
longer the plain loop takes, peak MB of all its processes together (resident sets added up, what they share counted in each; where
the system does not tell, of the first), a percentile and its standard error; last the exponent of seconds over draws, which is 1 for
linear time.
"""

from __future__ import annotations

import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FILE = Path(__file__).resolve().parents[1] / "params" / "wastewater.yaml"


def one(draws: int, jobs: int) -> dict[str, float]:
    """One simulation, of the whole model: seconds, CPU seconds and peak memory."""
    import ppp

    project = ppp.load(FILE)
    ppp.simulate(project, 64)  # what is made once: imports and compiled loops
    begun, used = time.perf_counter(), time.process_time()
    found = ppp.simulate(project, draws, jobs=jobs)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    p5 = found.quantile("vfm_amount", 0.05)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "draws": found.draws,
        "seconds": seconds,
        "cpu": cpu,
        "peak": peak / 1024,
        "p5": p5.value,
        "error": p5.error,
    }


def measured(draws: int, jobs: int) -> dict[str, float]:
    """One simulation in processes of its own, watched from here."""
    command = [sys.executable, __file__, "--one", str(draws), str(jobs)]
    watched = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            watched = max(watched, sum(map(resident, family(process.pid))))
            time.sleep(0.02)
        row = json.loads(process.stdout.read())
    return row | {"peak": max(row["peak"], watched)}


def family(pid: int) -> list[int]:
    """A process and all that it started; itself alone where the system does not tell."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(each for child in children for each in family(int(child)))]


def resident(pid: int) -> float:
    """MB of a process that are in memory, pages shared with others included; 0 for one that has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, IndexError):
        return 0.0


def plain_loop() -> float:
    """Seconds of one draw in the plain loop, from its inputs to its checks: the best of three."""
    import draws
    import plain_model

    import ppp

    project = ppp.load(FILE)
    load = ppp.evaluate(project).load
    drawn = draws.drawn(200)
    each = [{key: float(values[case]) for key, values in drawn.items()} for case in range(200)]
    best = math.inf
    for _ in range(3):
        begun = time.perf_counter()
        for draw in each:
            plain_model.evaluate(plain_model.case_of(project, load, draw))
        best = min(best, time.perf_counter() - begun)
    return best / len(each)


def main() -> None:
    from measured import record

    top = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count() or 1
    print(f"{platform.machine()}, Python {platform.python_version()}, {jobs} job(s)", file=sys.stderr)
    print(f"{'draws':>12}{'s':>9}{'us a draw':>12}{'plain / this':>14}{'peak MB':>10}{'P5 of VfM, M':>15}{'error':>10}")
    found, wanted = [], 1_000
    while wanted <= top:
        plain = plain_loop()
        row = measured(wanted, jobs)
        found.append(row)
        print(
            f"{row['draws']:12,}{row['seconds']:9.2f}{1e6 * row['seconds'] / row['draws']:12.1f}"
            f"{plain * row['draws'] / row['seconds']:14.1f}{row['peak']:10.0f}"
            f"{row['p5'] / 1e6:15.3f}{row['error'] / 1e6:10.3f}"
        )
        wanted *= 10
    last = found[-1]
    each = last["seconds"] / last["draws"]
    record(
        f"a draw of a simulation of {last['draws']:,}, {jobs} jobs",
        1e6 * each,
        "the same model in plain Python",
        1e6 * plain,
        "us",
    )
    record(f"memory of a simulation of {last['draws']:,}", last["peak"], unit="MB")
    if len(found) > 1:
        first, last = found[0], found[-1]
        exponent = math.log(last["seconds"] / first["seconds"]) / math.log(last["draws"] / first["draws"])
        print(f"seconds grow as draws to the power of {exponent:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        main()
