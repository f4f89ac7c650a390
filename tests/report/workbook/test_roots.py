"""Rates of return in cells against the model's own search: one root, several, none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ppp
from ppp.model.irr import irr
from ppp.report.workbook.build import build

ROOT = Path(__file__).parents[3]
FLOWS = {
    "one root": [-100, 30, 40, 50, 20],
    "one root far below zero": [-1000, 3, 0, 2, 0],
    "one root far above": [-1, 40, 3, 0, 0],
    "nothing comes first": [0, 0, -100, 60, 70],
    "exactly zero": [-100, 50, 50, 0, 0],
    "two roots, one where it falls": [-100, 230, -132],
    "three roots, two where it falls": [-1000, 3700, -4540, 1848],
    "never": [-100, -5, -3],
    "nothing at all": [0, 0, 0],
    "several signs, one root": [-100, 80, -20, 90, -5, 40],
}


@pytest.fixture(scope="module")
def model():
    return build(ppp.evaluate(ppp.load(ROOT / "params" / "school.yaml")), "en", rounds=1)


@pytest.mark.parametrize("name", FLOWS)
def test_the_cells_name_the_root_that_the_policy_names(model, name):
    """The flow's row is given these values instead of its formulas."""
    rows, row = model.timeline.rows, model["flows"]["equity_irr"]
    flow = np.zeros(rows)
    flow[: len(FLOWS[name])] = FLOWS[name]
    values = model.book.computed({row.at(t).place: float(flow[t]) for t in range(rows)})
    found = values[model.book.results["equity_irr"].place]
    expected = irr(flow, model.timeline.times)
    if np.isnan(expected.value[0]):
        assert found == model.word("none")
    else:
        assert found == pytest.approx(expected.value[0], rel=1e-10, abs=1e-12)
