"""What is computed is declared in lines.csv and results.csv, and what is declared is computed by some project of params."""

from pathlib import Path

import ppp
from ppp.lines import LINES, RESULTS

PARAMS = Path(__file__).resolve().parents[2] / "params"


def test_computed_is_declared_and_declared_is_computed():
    evaluations = [
        ppp.evaluate(ppp.load(path))
        for path in sorted(p for p in PARAMS.rglob("*.yaml") if p.parent.name != "districts")
    ]
    assert len(evaluations) >= 10
    for declared, kind in ((LINES, "lines"), (RESULTS, "results")):
        computed = set().union(*(getattr(evaluation, kind) for evaluation in evaluations))
        assert computed == set(declared), kind
