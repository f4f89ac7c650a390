"""From the district's candidates and limits to a schedule with its reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.district import District, Plan
from ppp.portfolio.affordability import CAP, LOWER
from ppp.portfolio.budgets import promised as promised_rows
from ppp.portfolio.members import Member
from ppp.portfolio.schedule import Option, Problem, Solution, begun_early, solve
from ppp.portfolio.schedule_reasons import (
    BindingYear,
    Conflict,
    binding_years,
    conflict,
    gain_of_all,
    gains_of_other_rules,
)
from ppp.regimes import Rules

MOST_EXACT = 120  # options; more are solved to a gap
MOST_SOLVED_AGAIN = 400  # options; more are solved once, for the years would each take as long again
LARGE_GAP = 1e-4


@dataclass(frozen=True)
class Choice:
    """A candidate's place in the plan; start None and the rest zero where it is not chosen."""

    member: Member
    start: int | None
    delay: int
    size: float
    value: float


@dataclass(frozen=True)
class Scheduled:
    """The plan: what was asked and found. spending (years,): decided and chosen together; own_dates: whether all candidates fit as
    their files have them; binding is None where there are too many options to solve the plan again for every year; gain: what
    the plan would gain with the limits of all years lifted, None likewise; others: what it would gain without each other kind of rule."""

    problem: Problem
    solution: Solution
    choices: list[Choice]
    spending: np.ndarray
    binding: list[BindingYear] | None
    gain: float | None
    others: dict[str, float]
    wished: tuple[str, ...]
    conflict: Conflict | None
    own_dates: bool


def schedule(
    district: District,
    rules: Rules,
    years: np.ndarray,
    budget: np.ndarray,
    members: list[Member],
    promised: np.ndarray,
    held: dict[str, np.ndarray] | None = None,
) -> Scheduled | None:
    """The plan for the candidates; None without any. budget and promised (years,); held (years,) by sector: spending of stored results,
    which is part of what is promised."""
    candidates = [m for m in members if m.candidate]
    if not candidates:
        return None
    plan = district.plan or Plan()
    decided = promised + sum((m.on(years, "fiscal_spending") for m in members if not m.candidate), np.zeros(years.size))
    problem = problem_of(district, plan, rules, years, budget, members, decided, held)
    large = len(problem.options) > MOST_SOLVED_AGAIN
    gap = LARGE_GAP if len(problem.options) > MOST_EXACT else 0.0
    solution = begun_early(problem, solve(problem, gap=gap))
    picked = {problem.options[i].project: problem.options[i] for i in solution.chosen}
    choices = [_choice(m, picked.get(m.id)) for m in candidates]
    spending = decided + sum((option.spending for option in picked.values()), np.zeros(years.size))
    wished = tuple(plan.wished) or tuple(m.id for m in candidates)
    clash = conflict(problem, wished) if plan.wished or not large else None
    at_once = tuple(o for o in problem.options if o.delay == 0 and o.size == 1.0)
    everything = Problem(**{**vars(problem), "options": at_once, "must": frozenset(m.id for m in candidates)})
    fits = {o.project for o in at_once} == {m.id for m in candidates} and solve(everything).state == "optimal"
    again = solution.state == "optimal" and not large
    binding = binding_years(problem, solution, gap=gap) if again else None
    gain = gain_of_all(problem, solution, gap=gap) if again else None
    others = gains_of_other_rules(problem, solution, gap=gap) if again else {}
    return Scheduled(problem, solution, choices, spending, binding, gain, others, wished, clash, fits)


def _choice(member: Member, option: Option | None) -> Choice:
    if option is None:
        return Choice(member, None, 0, 0.0, 0.0)
    return Choice(member, option.start, option.delay, option.size, option.value)


def problem_of(
    district: District,
    plan: Plan,
    rules: Rules,
    years: np.ndarray,
    budget: np.ndarray,
    members: list[Member],
    decided: np.ndarray,
    held: dict[str, np.ndarray] | None = None,
) -> Problem:
    """The limits that are left beside what is decided, and every option of every candidate."""
    candidates = [m for m in members if m.candidate]
    committed = {m.id: int(m.years[0]) for m in members if not m.candidate}
    room = np.maximum(rules.value(CAP) * budget - decided, 0.0)
    lower = np.maximum(rules.value(LOWER) * budget - decided, 0.0) if rules.has(LOWER) else None
    options = [o for m in candidates for o in _options(m, plan, years, district.discount_rate or 0.0)]
    return Problem(
        years,
        tuple(options),
        room,
        lower,
        tuple(_sector_limits(plan, years, budget, members, district, held or {})),
        _staff(plan, years, members),
        tuple((m.id, need) for m in candidates for need in m.listed.needs),
        tuple((key, start) for key, start in committed.items() if any(key in m.listed.needs for m in candidates)),
    )


def _options(member: Member, plan: Plan, years: np.ndarray, rate: float) -> list[Option]:
    """Every delay and size. A deferred project costs more by the plan's escalation; its value is worth less by the discount rate."""
    listed, found = member.listed, []
    own = member.on(years, "fiscal_spending")
    building = np.isin(years, member.building) * listed.staff
    worth = listed.priority if plan.objective == "priority" else member.results.get("vfm_amount")
    if worth is None:
        raise ValueError(f"{member.id} has no value for money, so it cannot be scheduled by it")
    for delay in range(listed.defer_up_to + 1):
        growth = (1.0 + plan.escalation) ** delay
        time = 1.0 if plan.objective == "priority" else growth / (1.0 + rate) ** delay
        for size in (1.0, *listed.scales):
            found.append(
                Option(
                    member.id,
                    delay,
                    size,
                    int(member.years[0]) + delay,
                    worth * size * time,
                    _later(own, delay) * size * growth,
                    _later(building, delay),
                    member.sector,
                    member.government_pay and not member.spared,
                )
            )
    return found


def _later(row: np.ndarray, delay: int) -> np.ndarray:
    return np.concatenate([np.zeros(delay), row[: row.size - delay]])


def _sector_limits(
    plan: Plan,
    years: np.ndarray,
    budget: np.ndarray,
    members: list[Member],
    district: District,
    held: dict[str, np.ndarray],
):
    for sector, share in plan.sector_limits.items():
        taken = sum(
            (m.on(years, "fiscal_spending") for m in members if not m.candidate and m.sector == sector),
            held.get(sector, np.zeros(years.size)),
        )
        for key, row in promised_rows(district, years).items():
            if district.commitments[key].sector == sector:
                taken = taken + row
        yield sector, np.maximum(share * budget - taken, 0.0)


def _staff(plan: Plan, years: np.ndarray, members: list[Member]) -> np.ndarray | None:
    """Staff that are free in each year beside those that decided projects hold."""
    if not plan.staff:
        return None
    given = np.array([plan.staff[min(i, len(plan.staff) - 1)] for i in range(years.size)])
    held = sum(
        (np.isin(years, m.building) * m.listed.staff for m in members if not m.candidate and m.listed),
        np.zeros(years.size),
    )
    return np.maximum(given - held, 0.0)
