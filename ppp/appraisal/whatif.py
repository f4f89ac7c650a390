"""What a result does when inputs move: tornado, spider, two-way table, elasticities, break-even; for any result and any number of the file.

All points of one question are cases of one evaluation. A value that the file may not hold is not evaluated: its result is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ppp.appraisal.evaluation import evaluate
from ppp.appraisal.solve import Solution, solve
from ppp.lines import RESULTS
from ppp.loading import range_of, value_at
from ppp.project import Project
from ppp.variants import why_not

STEP = 0.01  # relative change by which an elasticity is measured, on both sides
SPIDER = tuple(np.round(np.linspace(-0.3, 0.3, 13), 3))  # relative changes of every input


@dataclass(frozen=True)
class Bar:
    """One input of a tornado: its ends and its own value in its own unit, the result at each, and how elastic the result is.

    elasticity: relative change of the result for a relative change of the input, at the file's values; NaN where either is zero.
    ranged: whether the ends are the file's plausible range, and not a tenth of the value either way.
    """

    key: str
    low: float
    base: float
    high: float
    at_low: float
    at_base: float
    at_high: float
    elasticity: float
    ranged: bool

    @property
    def swing(self) -> float:
        """The most by which an end moves the result."""
        moves = np.abs([self.at_low - self.at_base, self.at_high - self.at_base])
        return float(np.max(moves[np.isfinite(moves)], initial=0.0))


@dataclass(frozen=True)
class Spider:
    """result (keys, changes) by relative change of each input alone; NaN where the file may not hold the value."""

    result: str
    keys: tuple[str, ...]
    changes: np.ndarray
    values: np.ndarray
    base: float


@dataclass(frozen=True)
class TwoWay:
    """values (rows, columns): the result with one input at `rows` and another at `columns`, in their own units."""

    result: str
    row_key: str
    column_key: str
    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray


def results_at(project: Project, results: Sequence[str], points: Sequence[dict[str, float]]) -> dict[str, np.ndarray]:
    """Results with some inputs at other values, (points,) by key; NaN where the file may not hold them. Raises KeyError for an unknown
    result or input."""
    for result in results:
        if result not in RESULTS:
            raise KeyError(f"{result} is not a result")
    allowed = _allowed(project, points)
    chosen = [point for point, ok in zip(points, allowed, strict=True) if ok]
    keys = sorted({key for point in chosen for key in point})
    own = {key: value_at(project, key) for key in keys}
    cases = {key: np.array([point.get(key, own[key]) for point in chosen]) for key in keys}
    evaluation = evaluate(project, cases) if cases else evaluate(project)
    found = {}
    for result in results:
        if result not in evaluation.results:
            raise KeyError(f"{result} is not a result of this project")
        found[result] = np.full(len(points), np.nan)
        found[result][allowed] = np.broadcast_to(evaluation.results[result], (len(chosen),))
    return found


def _allowed(project: Project, points: Sequence[dict[str, float]]) -> np.ndarray:
    """Which points the file may hold. What it may hold has no gaps: where the outermost points of the same inputs are allowed, those
    between them are."""
    allowed = np.ones(len(points), dtype=bool)
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, point in enumerate(points):
        groups.setdefault(tuple(sorted(point)), []).append(place)
    for keys, places in groups.items():
        if not keys:
            continue
        ends = [(min(points[p][key] for p in places), max(points[p][key] for p in places)) for key in keys]
        corners = [dict(zip(keys, corner, strict=True)) for corner in product(*ends)]
        if any(why_not(project, corner) is not None for corner in corners):
            for place in places:
                allowed[place] = why_not(project, points[place]) is None
    return allowed


def tornado(project: Project, result: str, keys: Sequence[str] | None = None) -> list[Bar]:
    """The result at both ends of every input, the widest swing first. keys: any numbers of the file; those with a plausible range when
    absent. An input without a range is moved by a tenth either way."""
    return tornados(project, [result], keys)[result]


def tornados(project: Project, results: Sequence[str], keys: Sequence[str] | None = None) -> dict[str, list[Bar]]:
    """Tornados of several results, by key, from one evaluation."""
    keys = list(project.ranges) if keys is None else list(keys)
    ends = {key: _ends(project, key) for key in keys}
    points: list[dict[str, float]] = [{}]
    for key in keys:
        base = value_at(project, key)
        points += [{key: ends[key][0]}, {key: ends[key][1]}, {key: base * (1.0 - STEP)}, {key: base * (1.0 + STEP)}]
    found = results_at(project, results, points)
    return {
        result: sorted(_bars(project, ends, values), key=lambda bar: -bar.swing) for result, values in found.items()
    }


def _bars(project: Project, ends: dict[str, tuple[float, float]], values: np.ndarray) -> list[Bar]:
    bars, own = [], float(values[0])
    for (key, (low, high)), (at_low, at_high, less, more) in zip(ends.items(), values[1:].reshape(-1, 4), strict=True):
        base = value_at(project, key)
        elasticity = (more - less) / (2.0 * STEP * own) if base != 0.0 and own != 0.0 else np.nan
        ranged = key in project.ranges
        bars.append(Bar(key, low, base, high, float(at_low), own, float(at_high), float(elasticity), ranged))
    return bars


def by_elasticity(bars: Sequence[Bar]) -> list[Bar]:
    """The same inputs by how strongly the result follows them, whatever their ranges; those without an elasticity last."""
    return sorted(bars, key=lambda bar: -abs(bar.elasticity) if np.isfinite(bar.elasticity) else 1.0)


def _ends(project: Project, key: str) -> tuple[float, float]:
    base = value_at(project, key)
    if key not in project.ranges:
        return tuple(sorted((0.9 * base, 1.1 * base)))
    low, high = range_of(project, key)
    return min(low, base), max(high, base)


def spider(
    project: Project, result: str, keys: Sequence[str] | None = None, changes: Sequence[float] = SPIDER
) -> Spider:
    """The result along the same relative changes of each input alone."""
    keys = tuple(project.ranges) if keys is None else tuple(keys)
    points = [{key: value_at(project, key) * (1.0 + change)} for key in keys for change in changes]
    found = results_at(project, [result], [{}, *points])[result]
    return Spider(result, keys, np.array(changes), found[1:].reshape(len(keys), len(changes)), float(found[0]))


def two_way(
    project: Project, result: str, row: str, rows: Sequence[float], column: str, columns: Sequence[float]
) -> TwoWay:
    """The result for every pair of values of two inputs. Raises ValueError for one input twice."""
    if row == column:
        raise ValueError(f"a two-way table needs two inputs, given {row} twice")
    points = [{row: float(one), column: float(other)} for one in rows for other in columns]
    found = results_at(project, [result], points)[result].reshape(len(rows), len(columns))
    return TwoWay(result, row, column, np.array(rows, dtype=float), np.array(columns, dtype=float), found)


def steps_of(project: Project, key: str, count: int = 5) -> np.ndarray:
    """Even values from one end of an input to the other, the file's own among them in place of the nearest."""
    low, high = _ends(project, key)
    found, base = np.linspace(low, high, count), value_at(project, key)
    found[np.argmin(np.abs(found - base))] = base
    return found


@dataclass(frozen=True)
class BreakEven:
    """The value of one input at which a result is a target; NaN where none is found. plausible: None without a range."""

    key: str
    base: float
    value: float
    several: bool
    plausible: bool | None
    solution: Solution


def break_even(project: Project, result: str, target: float, keys: Sequence[str] | None = None) -> list[BreakEven]:
    """For each input the value that brings the result to a target, each alone, by the engine's solver (ppp.appraisal.solve)."""
    found = []
    for key in list(project.ranges) if keys is None else keys:
        solution = solve(project, key, result, target)
        value = float(solution.values[0])
        if np.isfinite(value) and why_not(project, {key: value}) is not None:
            value = np.nan  # the solver's interval reaches further than what the file may hold
        plausible = None
        if key in project.ranges:
            low, high = range_of(project, key)
            plausible = bool(low <= value <= high)
        found.append(BreakEven(key, value_at(project, key), value, bool(solution.several[0]), plausible, solution))
    return found


SEVERAL = ("vfm_amount", "equity_npv", "equity_irr", "dscr_min", "share_peak")  # the first that a file has leads


@dataclass(frozen=True)
class Whatif:
    """What a report shows: tornados by result over the file's ranges, the leading result's spider, and its two-way table over the two
    inputs that swing it most (None where fewer do)."""

    leading: str
    tornados: dict[str, list[Bar]]
    spider: Spider
    two_way: TwoWay | None


def of_report(project: Project, known: Sequence[str]) -> Whatif | None:
    """What single inputs do to the results that are `known` of a project; None without ranges or such results."""
    results = [key for key in SEVERAL if key in known]
    if not project.ranges or not results:
        return None
    found, leading = tornados(project, results), results[0]
    moving = [bar.key for bar in found[leading] if bar.swing > 0.0]
    crossed = None
    if len(moving) > 1:
        row, column = moving[:2]
        crossed = two_way(project, leading, row, steps_of(project, row), column, steps_of(project, column))
    return Whatif(leading, found, spider(project, leading), crossed)
