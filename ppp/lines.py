"""The lines of the model and the results of an evaluation, each declared once, in lines.csv: key, unit, direction, label and meaning.

Tables, charts, summary.json and the docs read this list; the model uses the keys alone. A line holds positive amounts in its own
direction: `out` is paid, `in` is received, `stock` is a balance, `net` may have either sign.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Line:
    """unit: money, rate, ratio, years, score or text. whose: company, government, comparator or district. function: what computes it,
    or spreads it on the timeline."""

    key: str
    unit: str
    sign: str
    whose: str
    en: str
    zh: str
    meaning: str
    function: str

    def label(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en

    @property
    def balance(self) -> bool:
        """Whether it is a balance at a point in time; all else is a flow over a period."""
        return self.sign == "stock"


def _declared(kind: str) -> dict[str, Line]:
    with files("ppp").joinpath("lines.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row.pop("kind") == kind]
    return {row["key"]: Line(**row) for row in rows}


LINES = _declared("line")
RESULTS = _declared("result")
