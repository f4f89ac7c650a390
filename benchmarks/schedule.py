"""How long the schedule of a district takes to solve, and how near to the best it is proven to be.

Run by hand: .venv/bin/python benchmarks/schedule.py [projects [years]]. 200 projects over 30 years by default, each with four start
years, under yearly caps that let about half of them in; made by a seeded generator. Seconds on the wall, beside those of a quarter and
a half of the projects, and the proven gap.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from ppp.portfolio.schedule import Option, Problem, keeps, solve

SECONDS = 60.0


def portfolio(projects: int, years: int, seed: int = 5) -> Problem:
    """Projects of 20-odd rising payments with four start years; the cap of a year is half of what all of them would ask on average."""
    rng = np.random.default_rng(seed)
    at, options = np.arange(2025, 2025 + years), []
    asked = np.zeros(years)
    for number in range(projects):
        begin, length = int(rng.integers(0, 6)), int(rng.integers(10, 21))
        size, rise = rng.lognormal(3.0, 0.8), rng.uniform(0.0, 0.05)
        value = size * length * rng.uniform(-0.01, 0.12)
        lower, sector = bool(rng.random() < 0.3), str(rng.choice(["road", "school", "park"]))
        for delay in range(4):
            row = np.zeros(years)
            last = min(begin + delay + length, years)
            row[begin + delay : last] = size * (1.0 + rise) ** np.arange(last - begin - delay)
            options.append(
                Option(
                    f"p{number}",
                    delay,
                    1.0,
                    2025 + begin + delay,
                    value * 0.955**delay,
                    row,
                    np.zeros(years),
                    sector,
                    lower,
                )
            )
            asked += row / 4.0
    growth = 1.03 ** np.arange(years)
    limits = 0.5 * asked.mean() * growth / growth.mean()
    return Problem(at, tuple(options), limits, 0.8 * limits, (("road", 0.5 * limits),))


def main() -> None:
    from measured import record

    projects, years = (int(text) for text in (sys.argv[1:] + ["200", "30"][len(sys.argv) - 1 :])[:2])
    print(f"{'projects':>9} {'years':>6} {'options':>8} {'seconds':>8} {'chosen':>7} {'state':>9} {'gap':>9}")
    for count in (projects // 4, projects // 2, projects):
        problem = portfolio(count, years)
        begun = time.perf_counter()
        found = solve(problem, SECONDS, gap=1e-4)
        taken = time.perf_counter() - begun
        assert keeps(problem, found.chosen)
        print(
            f"{count:>9} {years:>6} {len(problem.options):>8} {taken:>8.2f} {len(found.chosen):>7} {found.state:>9} {found.gap:>9.2e}"
        )
    record(f"schedule of {count} projects, {years} years, proven to 0.01 %", taken)


if __name__ == "__main__":
    main()
