"""The value of one input that gives a result: the payment for an equity IRR, the grant for a zero NPV, the shortest term.

Every search runs over all cases at once. For an IRR the search is for the value at which the flow's NPV at the target rate is zero,
which is defined for every value, also where no IRR exists; the answer is put back in and the result computed from it is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import elementwise

from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.consistency import project_problems
from ppp.lines import RESULTS
from ppp.loading import value_at
from ppp.model.discounting import net_present_value
from ppp.project import Project
from ppp.quantities import SCALES

TERM = "term"
TARGETS = ("equity_irr", "project_irr", "project_irr_after_tax", "partner_irr", "dscr_min", "project_npv", "equity_npv")
GRID = 33  # values tried over the interval before any bracket is narrowed
BLOCK = 2000  # cases evaluated at once
LONGEST_TERM = 60 * 12
AGREES = (
    1e-9  # of the target (of total investment for money): how near the result must come when the answer is put back in
)


@dataclass(frozen=True)
class Solution:
    """values: (cases,), NaN where no value reaches the target; several: (cases,), whether more than one does (the one nearest to
    the file's is given); achieved: the result at the value, (cases,); tried: (tries,) and found: (tries, cases), the search's
    values and results, from which an unreachable target is explained. For a term all values are months."""

    key: str
    result: str
    target: np.ndarray
    values: np.ndarray
    several: np.ndarray
    achieved: np.ndarray
    tried: np.ndarray
    found: np.ndarray

    @property
    def reached(self) -> np.ndarray:
        return np.isfinite(self.values)


def input_of(project: Project, wanted: str) -> str:
    """The dotted key that a name such as availability_payment, tariff, subsidy, grant stands for in this project; a key itself.

    Raises KeyError where the project has no such input."""
    payment, kind = project.payment, project.payment.kind
    known = {
        "availability_payment": "payment.amount.times" if kind == "availability" else None,
        "tariff": _tariff(project),
        "subsidy": "payment.profit_rate" if hasattr(payment, "profit_rate") else None,
        "grant": "funding.grant" if project.funding is not None else None,
        TERM: TERM,
    }
    if wanted in known and known[wanted] is None:
        raise KeyError(f"{wanted} is not an input of this project, which is paid by {kind}")
    key = known.get(wanted, wanted)
    if key != TERM:
        value_at(project, key)
    return key


def _tariff(project: Project) -> str | None:
    if project.payment.kind == "shadow_tariff":
        return "payment.tariff.times"
    if project.users is None:
        return None
    return "users.payments.times" if project.users.payments is not None else "users.tariff.times"


def solve(project: Project, wanted: str, result: str, target, cases: dict[str, np.ndarray] | None = None) -> Solution:
    """The value of `wanted` (a name of input_of, or a dotted key) at which `result` is `target`, for every one of `cases`.

    target: scalar or (cases,): a fraction for a rate, base units for money. With `term` the shortest term in whole years (from the
    present tenor on) at which the result is at least the target. Raises KeyError for an unknown input or result, and where a
    term cannot vary because the file lists amounts by year.
    """
    if result not in RESULTS:
        raise KeyError(f"{result} is not a result")
    key, cases = input_of(project, wanted), cases or {}
    count = max([np.size(target), *(np.size(values) for values in cases.values())])
    target = np.broadcast_to(np.asarray(target, dtype=float), (count,)).copy()
    cases = {name: np.broadcast_to(np.asarray(values, dtype=float), (count,)) for name, values in cases.items()}
    if key == TERM:
        return _shortest_term(project, result, target, cases)
    evaluated = lambda x, chosen: _blocks(project, {**_chosen(cases, chosen), key: x}, _result(result))  # noqa: E731
    distance = lambda x, chosen: _blocks(project, {**_chosen(cases, chosen), key: x}, _distance(result, target[chosen]))  # noqa: E731
    tried, every = _grid(project, key), np.arange(count)
    gap = _over_grid(distance, tried, count)
    crossing = np.sign(gap[:-1]) * np.sign(gap[1:])
    low, case = np.nonzero((crossing < 0) | (gap[:-1] == 0) & (gap[1:] != 0))
    roots = tried[low].astype(float)
    open_ = crossing[low, case] < 0
    if open_.any():
        ends = (tried[low[open_]], tried[low[open_] + 1])
        roots[open_] = elementwise.find_root(lambda x, c: distance(x, c), ends, args=(case[open_],)).x
    values, several = _nearest(roots, case, value_at(project, key), count)
    achieved = evaluated(np.where(np.isfinite(values), values, value_at(project, key)), every)
    values = np.where(_agrees(achieved, target, project, result), values, np.nan)
    shown = tried[:: GRID // 8]
    return Solution(key, result, target, values, several, achieved, shown, _over_grid(evaluated, shown, count))


def _over_grid(read: Callable[[np.ndarray, np.ndarray], np.ndarray], tried: np.ndarray, count: int) -> np.ndarray:
    """A figure of every case at every value tried: (tries, cases)."""
    return read(*(part.ravel() for part in np.meshgrid(tried, np.arange(count), indexing="ij"))).reshape(-1, count)


def _chosen(cases: dict[str, np.ndarray], chosen: np.ndarray) -> dict[str, np.ndarray]:
    return {key: values[chosen] for key, values in cases.items()}


def _blocks(
    project: Project, cases: dict[str, np.ndarray], read: Callable[[Evaluation, slice], np.ndarray]
) -> np.ndarray:
    """A figure of every case, evaluated in blocks that bound the memory."""
    shape = np.shape(next(iter(cases.values())))
    flat = {key: np.ravel(values) for key, values in cases.items()}
    size, parts = next(iter(flat.values())).size, []
    for start in range(0, size, BLOCK):
        part = slice(start, start + BLOCK)
        evaluation = evaluate(project, {key: values[part] for key, values in flat.items()})
        parts.append(np.broadcast_to(read(evaluation, part), (min(BLOCK, size - start),)))
    return np.concatenate(parts).reshape(shape)


def _result(result: str):
    return lambda evaluation, part: _of(evaluation, result)


def _of(evaluation: Evaluation, result: str) -> np.ndarray:
    if result not in evaluation.results:
        raise KeyError(f"{result} is not a result of this project")
    return evaluation.results[result]


def _distance(result: str, target: np.ndarray):
    """What is zero where the result is the target: for an IRR the NPV at the target rate, else the difference."""

    def read(evaluation: Evaluation, part: slice) -> np.ndarray:
        wanted = np.ravel(target)[part] if np.size(target) > 1 else target
        if result in evaluation.irrs:
            return net_present_value(wanted, evaluation.flows[result], evaluation.inputs.timeline.times)
        return _of(evaluation, result) - wanted

    return read


def _grid(project: Project, key: str) -> np.ndarray:
    """Values tried, ascending: a factor from nothing to twenty times, a grant up to the whole cost, a rate below 50 %, an amount up to
    twenty times the file's."""
    base = value_at(project, key)
    if key == "funding.grant":
        return np.linspace(0.0, project.construction.capex, GRID)
    if key.endswith("rate") or key.endswith("growth"):
        return np.linspace(min(-0.2, base), max(0.499, base), GRID)
    top = max(abs(base), 1.0) * 20.0
    return np.concatenate([[0.0], np.geomspace(top / 2000.0, top, GRID - 1)])


def _nearest(roots: np.ndarray, case: np.ndarray, base: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Of every case's roots the one nearest to the file's own value, and whether there are several: (cases,) each."""
    values = np.full(count, np.nan)
    for k in np.lexsort((-np.abs(roots - base), case)):  # the nearest last, so that it stays
        values[case[k]] = roots[k]
    return values, np.bincount(case, minlength=count) > 1


def _agrees(achieved: np.ndarray, target: np.ndarray, project: Project, result: str) -> np.ndarray:
    size = 1.0 + np.abs(target)
    if RESULTS[result].unit == "money":
        size = np.abs(target) + evaluate(project).inputs.capex.sum()
    return np.abs(achieved - target) <= AGREES * size


def _shortest_term(project: Project, result: str, target: np.ndarray, cases: dict[str, np.ndarray]) -> Solution:
    start = max([12, *(12 * -(-debt.tenor // 12) for debt in _debts(project))])
    terms = np.arange(start, LONGEST_TERM + 1, 12)
    found = np.full((terms.size, target.size), np.nan)
    for row, months in enumerate(terms):
        longer = project.model_copy(update={"timeline": project.timeline.model_copy(update={"operation": int(months)})})
        problems = project_problems(longer)
        if problems:
            where, message = problems[0]
            raise KeyError(f"the term cannot vary: {'.'.join(map(str, where))}: {message}")
        read = _result(result)
        found[row] = _blocks(longer, cases, read) if cases else read(evaluate(longer), slice(None))
    enough = found >= target - AGREES * (1.0 + np.abs(target))
    row = np.where(enough.any(axis=0), np.argmax(enough, axis=0), -1)
    every = np.arange(target.size)
    values = np.where(row >= 0, terms[row], np.nan)
    return Solution(TERM, result, target, values, np.zeros(target.size, dtype=bool), found[row, every], terms, found)


def _debts(project: Project) -> list:
    funding = project.funding
    return [] if funding is None else [*([funding.debt] if funding.debt else []), *funding.further_debt.values()]


def target_of(project: Project, text: str) -> tuple[str, float]:
    """Result and target from text such as equity_irr=8%, dscr_min=1.3 or project_npv=0: a rate as a fraction, money in base units.

    Raises ValueError that says what is allowed."""
    result, equals, given = (part.strip() for part in text.partition("="))
    if not equals or result not in RESULTS:
        raise ValueError(
            f"given {text}; allowed: a result and its value, such as {TARGETS[0]}=8%, dscr_min=1.3, project_npv=0"
        )
    unit = RESULTS[result].unit
    percent = given.endswith("%")
    try:
        number = float(given.removesuffix("%"))
    except ValueError:
        number = np.nan
    if not np.isfinite(number) or (percent and unit != "rate"):
        raise ValueError(f"given {text}; allowed: {'a rate such as 8%' if unit == 'rate' else 'a number'}")
    if unit == "rate":
        if not percent and abs(number) >= 1:
            raise ValueError(f"may be a percentage or a fraction, given {text}; write {result}={given}%")
        return result, number / 100.0 if percent else number
    return result, number * SCALES[project.unit] if unit == "money" else number
