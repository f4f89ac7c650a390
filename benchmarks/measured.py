"""One row of the common table: what we take, what another way of doing the same takes, and how many times as long that is.

A script calls `record` for each claim that it measures; run.py collects the rows in the file that PPP_BENCH_ROWS names.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

ROWS = "PPP_BENCH_ROWS"


@dataclass(frozen=True)
class Row:
    """`ours` and `other` in `unit`, each for the same work; no alternative: a plain measurement, `other` None."""

    name: str
    ours: float
    alternative: str
    other: float | None
    unit: str

    @property
    def ratio(self) -> float | None:
        """How many times as long the alternative takes."""
        return None if self.other is None else self.other / self.ours


def record(name: str, ours: float, alternative: str = "", other: float | None = None, unit: str = "s") -> None:
    """Tell the runner, where one listens. Raises ValueError for what no clock says."""
    row = Row(name, float(ours), alternative, None if other is None else float(other), unit)
    if not row.ours > 0 or (row.other is not None and not row.other > 0):
        raise ValueError(f"{name}: {ours} against {other} {unit}")
    if target := os.environ.get(ROWS):
        with open(target, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")
