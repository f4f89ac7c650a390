"""Why a schedule is as it is: the years that bind, what more headroom would be worth, and why a wished set is impossible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ppp.portfolio.schedule import Problem, Solution, solve

CAP, LOWER, SECTOR, STAFF, NEED = "cap", "lower", "sector", "staff", "need"
MORE = 0.01  # of the headroom of a year
LOOSE = 0.25  # part of a limit that is left where one solution tests many years at once


@dataclass(frozen=True)
class BindingYear:
    """A year whose limit costs value. worth_of_more: what one more percent of its headroom adds (re-solved; often nothing, for
    projects are whole); worth_of_all: what it would add to lift this year's limit altogether."""

    year: int
    headroom: float
    used: float
    worth_of_more: float
    worth_of_all: float


def binding_years(problem: Problem, solution: Solution, seconds: float = 60.0, gap: float = 0.0) -> list[BindingYear]:
    """Every year whose limit, lifted by itself, would allow a better choice. Each is solved again, exactly or to a gap: then what is
    gained is at least what is said, and a gain within two gaps of the plan's value is none.

    Years with much room are lifted all at once first; when even that gains nothing, none of them binds.
    """
    chosen = [problem.options[i] for i in solution.chosen]
    used = sum((option.spending for option in chosen), np.zeros(problem.years.size))
    effective = _effective(problem, chosen)
    asked = sum((option.spending > 0.0 for option in problem.options), np.zeros(problem.years.size)) > 0
    loose = asked & (effective - used > LOOSE * effective)
    tested = asked
    if loose.any() and not _better(solve(_lifted(problem, loose), seconds, gap), solution, gap):
        tested = asked & ~loose
    found = []
    for t in np.flatnonzero(tested):
        alone = np.zeros(problem.years.size, dtype=bool)
        alone[t] = True
        whole = solve(_lifted(problem, alone), seconds, gap)
        if _better(whole, solution, gap):
            more = solve(_widened(problem, t), seconds, gap)
            gain = (more.value - solution.value if _better(more, solution, gap) else 0.0, whole.value - solution.value)
            found.append(BindingYear(int(problem.years[t]), float(effective[t]), float(used[t]), *gain))
    return found


def gain_of_all(problem: Problem, solution: Solution, seconds: float = 60.0, gap: float = 0.0) -> float | None:
    """What the plan would gain with the spending limits of all years lifted together: years that bind jointly show here alone, for
    lifting any one of them may gain nothing. None where time runs out."""
    free = solve(_lifted(problem, np.ones(problem.years.size, dtype=bool)), seconds, gap)
    return max(free.value - solution.value, 0.0) if free.state == "optimal" else None


def gains_of_other_rules(
    problem: Problem, solution: Solution, seconds: float = 60.0, gap: float = 0.0
) -> dict[str, float]:
    """What the plan would gain without the sector limits, the staff, the dependencies, each kind lifted by itself: of the kinds that the
    problem has. One that time ran out for is left out."""
    without = {}
    if problem.sectors:
        without[SECTOR] = replace(problem, sectors=())
    if problem.staff is not None:
        without[STAFF] = replace(problem, staff=None)
    if problem.needs:
        without[NEED] = replace(problem, needs=())
    found = {kind: solve(lifted, seconds, gap) for kind, lifted in without.items()}
    return {kind: max(s.value - solution.value, 0.0) for kind, s in found.items() if s.state == "optimal"}


def _effective(problem: Problem, chosen: list) -> np.ndarray:
    if problem.lower is not None and any(option.under_lower for option in chosen):
        return np.minimum(problem.limits, problem.lower)
    return problem.limits


def _better(other: Solution, than: Solution, gap: float) -> bool:
    return other.value > than.value + max(2.0 * gap, 1e-9) * max(abs(than.value), 1e-300)


def _lifted(problem: Problem, years: np.ndarray) -> Problem:
    limits = np.where(years, np.inf, problem.limits)
    lower = None if problem.lower is None else np.where(years, np.inf, problem.lower)
    return replace(problem, limits=limits, lower=lower)


def _widened(problem: Problem, t: int) -> Problem:
    factor = np.ones(problem.years.size)
    factor[t] += MORE
    lower = None if problem.lower is None else problem.lower * factor
    return replace(problem, limits=problem.limits * factor, lower=lower)


@dataclass(frozen=True)
class Conflict:
    """Why a wished set is impossible, and what would make it possible.

    projects and rules: a smallest set that cannot hold together. Without any one of them the others can be met, but the wished set
    as a whole may stay impossible, for other years may stand in its way as well.
    lift: rules without which the whole wished set is possible, none of them to spare; one such set of several, None where time ran
    out. A rule is (kind, what), what being a year, a (sector, year) pair or a (project, needed) pair.
    """

    projects: tuple[str, ...]
    rules: tuple[tuple[str, object], ...]
    lift: tuple[tuple[str, object], ...] | None


def conflict(problem: Problem, wished: Iterable[str], seconds: float = 30.0) -> Conflict | None:
    """Why these projects cannot all be done, at whatever start and size; None when they can.

    A deletion filter: each project and rule is left out in turn, and stays out when the rest is still impossible.
    """
    projects = whole = list(dict.fromkeys(wished))
    rules = _rules(problem)
    if not impossible(problem, projects, rules, seconds):
        return None
    for project in list(projects):
        rest = [other for other in projects if other != project]
        if impossible(problem, rest, rules, seconds):
            projects = rest
    rules = _without_idle(problem, projects, rules, seconds)
    for rule in list(rules):
        rest = [other for other in rules if other != rule]
        if impossible(problem, projects, rest, seconds):
            rules = rest
    return Conflict(tuple(projects), tuple(rules), _to_lift(problem, whole, seconds))


def _to_lift(problem: Problem, projects: list[str], seconds: float) -> tuple[tuple[str, object], ...] | None:
    """Rules to lift so that all of these projects can be done: every other rule is put back, in halves while that stays possible."""
    kept: list[tuple[str, object]] = []
    waiting = [_rules(problem)]
    while waiting:
        part = waiting.pop()
        state = _under(problem, projects, [*kept, *part], seconds).state
        if state == "unsolved":
            return None
        if state != "infeasible":
            kept += part
        elif len(part) > 1:
            half = len(part) // 2
            waiting += [part[half:], part[:half]]
    return tuple(rule for rule in _rules(problem) if rule not in set(kept))


def _without_idle(problem: Problem, projects: list[str], rules: list, seconds: float) -> list:
    """Halve the rules while one half alone is impossible: fewer solutions than one a rule."""
    while len(rules) > 1:
        half = len(rules) // 2
        part = next((p for p in (rules[:half], rules[half:]) if impossible(problem, projects, p, seconds)), None)
        if part is None:
            return rules
        rules = part
    return rules


def _rules(problem: Problem) -> list[tuple[str, object]]:
    years = [int(year) for year in problem.years]
    found: list[tuple[str, object]] = [
        (CAP, y) for y, limit in zip(years, problem.limits, strict=True) if limit < np.inf
    ]
    if problem.lower is not None:
        found += [(LOWER, y) for y, limit in zip(years, problem.lower, strict=True) if limit < np.inf]
    found += [
        (SECTOR, (sector, y)) for sector, limits in problem.sectors for y, limit in zip(years, limits, strict=True)
    ]
    if problem.staff is not None:
        found += [(STAFF, y) for y in years]
    return found + [(NEED, pair) for pair in problem.needs]


def impossible(problem: Problem, projects: list[str], rules: list[tuple[str, object]], seconds: float) -> bool:
    """Whether these projects cannot all be done under these rules alone."""
    return _under(problem, projects, rules, seconds).state == "infeasible"


def _under(problem: Problem, projects: list[str], rules: list[tuple[str, object]], seconds: float) -> Solution:
    """The best choice with all of these projects under these rules alone."""
    kept = set(rules)
    years = [int(year) for year in problem.years]

    def on(kind: str, limits: np.ndarray, of: str | None = None) -> np.ndarray:
        keys = [(kind, y if of is None else (of, y)) for y in years]
        return np.array([limit if key in kept else np.inf for key, limit in zip(keys, limits, strict=True)])

    # the lower limit stands by itself here: leaving the cap out must not loosen it
    lower = None if problem.lower is None else on(LOWER, problem.lower)
    limits = on(CAP, problem.limits)
    if lower is not None:
        limits = np.where(np.isinf(limits) & np.isfinite(lower), _beyond(problem), limits)
    options = tuple(option for option in problem.options if option.project in projects or problem.needs)
    reduced = replace(
        problem,
        options=options,
        limits=limits,
        lower=lower,
        sectors=tuple((sector, on(SECTOR, most, sector)) for sector, most in problem.sectors),
        staff=None if problem.staff is None else on(STAFF, problem.staff),
        needs=tuple(pair for pair in problem.needs if (NEED, pair) in kept),
        must=frozenset(projects),
    )
    return solve(reduced, seconds)


def _beyond(problem: Problem) -> float:
    """A limit that nothing can reach, finite so that the lower one can be measured from it."""
    return float(sum(np.maximum(option.spending, 0.0).max() for option in problem.options)) + 1.0
