"""Which projects when: an exact choice of candidates, start years and sizes under every year's limits.

    maximise  sum over options of value x,   x in {0, 1}
    subject to  at most one option of each project;
                in every year: spending of the chosen options <= limit;
                the lower limit for government-pay projects wherever one of them is chosen;
                each sector's limit and the staff in every year;
                an option only together with those it needs, begun no later.
A mixed-integer linear programme, solved by HiGHS through scipy, which proves how far from the best its answer can be (the gap).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

SCALE = 1e4  # every row is scaled to this size, so that the solver's tolerance of 1e-6 is 1e-10 of a limit
SLACK = 1e-9  # relative: what is within it of a limit keeps it


@dataclass(frozen=True)
class Option:
    """One way to do one project: begun `delay` years late at a size. spending and staff (years,); value in the objective's unit."""

    project: str
    delay: int
    size: float
    start: int
    value: float
    spending: np.ndarray
    staff: np.ndarray
    sector: str = "other"
    under_lower: bool = False


@dataclass(frozen=True)
class Problem:
    """limits (years,): what may be spent beside all that is decided; lower: the same where a government-pay project is chosen, None
    without such a rule; both are zero in a year that is above them already; sectors and staff likewise; needs: (project, the one it
    needs); begun: (project, start) of decided projects that are needed; must: projects that have to be chosen. An entry of infinity
    is no limit.
    worth: values (options,) whose sum over the choice has to reach an amount; None without such a rule.
    """

    years: np.ndarray
    options: tuple[Option, ...]
    limits: np.ndarray
    lower: np.ndarray | None = None
    sectors: tuple[tuple[str, np.ndarray], ...] = ()
    staff: np.ndarray | None = None
    needs: tuple[tuple[str, str], ...] = ()
    begun: tuple[tuple[str, int], ...] = ()
    must: frozenset[str] = frozenset()
    worth: tuple[np.ndarray, float] | None = None

    @property
    def projects(self) -> list[str]:
        return list(dict.fromkeys(option.project for option in self.options))


@dataclass(frozen=True)
class Solution:
    """state: optimal (within the gap), stopped (time ran out with this answer), infeasible, or unsolved (time ran out without one).
    chosen: positions in the options; gap: proven distance from the best, over the best bound, 0 where nothing is better."""

    state: str
    chosen: tuple[int, ...]
    value: float
    gap: float
    bound: float


def solve(problem: Problem, seconds: float = 60.0, gap: float = 0.0) -> Solution:
    """The best choice. Rows are checked again without the solver's tolerances; where its answer breaks one, the limits are drawn in by
    that much and it is solved again."""
    shrink = 0.0
    for _ in range(4):
        solution = _solved(problem, seconds, gap, shrink)
        if solution.state in ("infeasible", "unsolved") or keeps(problem, solution.chosen):
            return solution
        shrink = 1e-8 if not shrink else shrink * 10.0
    raise ArithmeticError("the solver's answer breaks a limit, however far the limits are drawn in")


def begun_early(problem: Problem, best: Solution, seconds: float = 60.0) -> Solution:
    """Of all choices that are worth as much as the best one, the one with the fewest years of deferral: value says nothing about
    them where it does not depend on time. The same solution where no other is as good."""
    if best.state != "optimal" or not best.chosen:
        return best
    values = np.array([option.value for option in problem.options])
    sooner = tuple(replace(option, value=-float(option.delay)) for option in problem.options)
    found = solve(replace(problem, options=sooner, worth=(values, best.value)), seconds)
    if found.state != "optimal":
        return best
    return replace(best, chosen=found.chosen, value=float(sum(values[i] for i in found.chosen)))


def _solved(problem: Problem, seconds: float, gap: float, shrink: float) -> Solution:
    count = len(problem.options)
    if count == 0:
        nothing = Solution("optimal", (), 0.0, 0.0, 0.0)
        return replace(nothing, state="infeasible") if problem.must else nothing
    rows, low, high = _constraints(problem, shrink)
    values = np.array([option.value for option in problem.options])
    size = float(np.abs(values).max()) or 1.0
    found = milp(
        np.append(-values / size, 0.0),
        constraints=LinearConstraint(rows, low, high),
        integrality=np.ones(count + 1),
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": seconds, "mip_rel_gap": gap},
    )
    if found.status == 2:
        return Solution("infeasible", (), 0.0, 0.0, 0.0)
    if found.x is None:
        return Solution("unsolved", (), 0.0, float("inf"), float("inf"))
    chosen = tuple(int(i) for i in np.flatnonzero(found.x[:count] > 0.5))
    value = float(sum(values[i] for i in chosen))
    bound = max(-float(found.mip_dual_bound) * size, value)
    open_gap = 0.0 if bound - value <= 1e-9 * abs(bound) else (bound - value) / abs(bound)
    return Solution("optimal" if found.status == 0 else "stopped", chosen, value, open_gap, bound)


def _constraints(problem: Problem, shrink: float) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Rows over the options and one more variable, which says that a government-pay project is chosen."""
    options, count = problem.options, len(problem.options)
    blocks: list[csr_array] = []
    low: list[np.ndarray] = []
    high: list[np.ndarray] = []

    def add(coefficients, lower, upper) -> None:
        blocks.append(csr_array(coefficients))
        low.append(np.atleast_1d(np.asarray(lower, dtype=float)))
        high.append(np.atleast_1d(np.asarray(upper, dtype=float)))

    def add_limits(amounts: np.ndarray, limits: np.ndarray, relief: np.ndarray | None = None) -> None:
        """Rows amounts x (+ relief z) <= limits, each scaled to SCALE; rows that nothing can break are left out."""
        relief = np.zeros(limits.size) if relief is None else relief
        reach = np.maximum(amounts, 0.0).sum(axis=1)
        live = np.isfinite(limits) & (reach + np.maximum(relief, 0.0) > limits)
        if live.any():
            full = np.column_stack([amounts, relief])[live]
            unit = np.maximum(np.abs(full).max(axis=1), np.abs(limits[live]))
            unit = np.where(unit > 0.0, unit, 1.0)[:, None] / SCALE
            tight = limits[live] - shrink * np.abs(limits[live])
            add(full / unit, np.full(live.sum(), -np.inf), tight / unit[:, 0])

    spending = np.column_stack([option.spending for option in options])
    relief = None
    if problem.lower is not None:
        finite = np.isfinite(problem.limits) & np.isfinite(problem.lower)
        relief = np.where(finite, np.where(finite, problem.limits, 0.0) - np.where(finite, problem.lower, 0.0), 0.0)
        marked = np.array([float(option.under_lower) for option in options])
        for project in problem.projects:  # the mark is set by any option under the lower limit
            mine = np.array([option.project == project for option in options]) * marked
            if mine.any():
                add(np.append(mine, -1.0)[None, :], -np.inf, 0.0)
    add_limits(spending, problem.limits, relief)
    for sector, limits in problem.sectors:
        inside = np.array([float(option.sector == sector) for option in options])
        add_limits(spending * inside, limits)
    if problem.staff is not None:
        add_limits(np.column_stack([option.staff for option in options]), problem.staff)
    places = {project: i for i, project in enumerate(problem.projects)}
    of = np.array([places[option.project] for option in options])
    once = coo_array((np.ones(count), (of, np.arange(count))), shape=(len(places), count + 1))
    add(once, [float(project in problem.must) for project in places], np.ones(len(places)))
    if problem.worth is not None:
        values, least = problem.worth
        size = max(np.abs(values).max(), 1e-300) / SCALE
        add(np.append(values / size, 0.0)[None, :], (least - SLACK * abs(least)) / size, np.inf)
    if need_rows := _needs(problem):
        add(np.array(need_rows), np.full(len(need_rows), -np.inf), np.zeros(len(need_rows)))
    for project in problem.must - set(places):
        raise KeyError(f"{project} has to be chosen and has no option")
    return csr_array(vstack(blocks)), np.concatenate(low), np.concatenate(high)


def _needs(problem: Problem) -> list[np.ndarray]:
    """x of an option <= sum of those options of the needed project that begin no later; nothing to say of one begun already."""
    found, decided = [], dict(problem.begun)
    for project, needed in problem.needs:
        for i, option in enumerate(problem.options):
            if option.project == project and decided.get(needed, np.inf) > option.start:
                row = np.zeros(len(problem.options) + 1)
                row[i] = 1.0
                for j, other in enumerate(problem.options):
                    if other.project == needed and other.start <= option.start:
                        row[j] = -1.0
                found.append(row)
    return found


def keeps(problem: Problem, chosen: tuple[int, ...]) -> bool:
    """Whether a choice keeps every rule, by plain sums."""
    picked = [problem.options[i] for i in chosen]
    names = [option.project for option in picked]
    if len(set(names)) < len(names) or not problem.must <= set(names):
        return False
    if problem.worth is not None:
        values, least = problem.worth
        if values[list(chosen)].sum() < least - 2.0 * SLACK * abs(least):
            return False
    begun = dict(problem.begun) | {option.project: option.start for option in picked}
    if any(p in begun and (n not in begun or begun[n] > begun[p]) for p, n in problem.needs):
        return False
    nothing = np.zeros(problem.years.size)
    limits = [(sum((o.spending for o in picked), nothing), problem.limits)]
    if problem.lower is not None and any(option.under_lower for option in picked):
        limits.append((limits[0][0], problem.lower))
    limits += [(sum((o.spending for o in picked if o.sector == s), nothing), most) for s, most in problem.sectors]
    if problem.staff is not None:
        limits.append((sum((o.staff for o in picked), nothing), problem.staff))
    return all(np.all(used <= most + SLACK * np.abs(most)) for used, most in limits)
