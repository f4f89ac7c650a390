"""How a property is tried: on 100 projects drawn by hypothesis in `make test`, the same every time, and on 2,000 new ones when proving."""

from __future__ import annotations

import copy
import os
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings

import ppp
from second_model.random_projects import Data, load, projects

PROVING = os.environ.get("PPP_PROVE") == "1"
SETTINGS = settings(
    max_examples=2000 if PROVING else 100,
    derandomize=not PROVING,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def invariant(**fixed):
    """Try a test on projects; `fixed` says which (period, payment, plain). The test takes the file's `data`."""
    return lambda test: SETTINGS(given(data=projects(**fixed))(test))


def evaluated(data: Data, cases: dict[str, Any] | None = None):
    """The model's evaluation of a file, or of many cases of it."""
    return ppp.evaluate(
        load(data, "json"),
        cases={key: np.asarray(values, dtype=float) for key, values in (cases or {}).items()} or None,
    )


def line(evaluation, key: str) -> np.ndarray:
    """A line (rows, cases); zeros where the file has no such thing."""
    return evaluation.lines[key] if key in evaluation.lines else np.zeros_like(evaluation.lines["revenue"])


def lines(evaluation, keys: str) -> list[np.ndarray]:
    return [line(evaluation, key) for key in keys.split()]


def changed(data: Data, **changes) -> Data:
    """The file with changes: `changed(data, funding__debt__rate="5%")`; None takes a key away."""
    result = copy.deepcopy(data)
    for path, value in changes.items():
        *parents, key = path.split("__")
        section = result
        for parent in parents:
            section = section.setdefault(parent, {})
        section.pop(key, None)
        if value is not None:
            section[key] = copy.deepcopy(value)
    return result


def money_scale(evaluation) -> float:
    """The largest amount about: what a difference of money is measured by."""
    return max(float(np.max(np.abs(line(evaluation, key)).sum(axis=0))) for key in ("uses", "revenue", "opex"))


def assert_zero(difference, evaluation, tolerance: float = 1e-9) -> None:
    """A sum of money that must vanish does, against all the money about."""
    worst = float(np.max(np.abs(difference), initial=0.0)) / money_scale(evaluation)
    assert worst <= tolerance, f"off by {worst:.3e} of the money about"


def assert_not_more(less, more, evaluation, tolerance: float = 1e-9) -> None:
    """`less` <= `more` everywhere, but for rounding."""
    worst = float(np.max(np.asarray(less) - np.asarray(more), initial=0.0)) / money_scale(evaluation)
    assert worst <= tolerance, f"more by {worst:.3e} of the money about"


def percent(text: str) -> float:
    """5% as a fraction."""
    return float(text.rstrip("%")) / 100
