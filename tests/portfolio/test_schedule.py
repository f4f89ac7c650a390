"""The schedule against brute force, and its reasons against what they claim."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from ppp.district import Listed
from ppp.portfolio.files import rules_of
from ppp.portfolio.plan import schedule
from ppp.portfolio.schedule import Option, Problem, begun_early, keeps, solve
from ppp.portfolio.schedule_reasons import (
    CAP,
    NEED,
    binding_years,
    conflict,
    gain_of_all,
    gains_of_other_rules,
    impossible,
)
from tests.portfolio.conftest import member

YEARS = np.arange(2025, 2035)


def option(project: str, spending, value: float = 1.0, delay: int = 0, **more) -> Option:
    row = np.zeros(YEARS.size)
    row[delay : delay + len(spending)] = spending
    base = {"size": 1.0, "start": 2025 + delay, "staff": np.zeros(YEARS.size)}
    return Option(project=project, delay=delay, value=value, spending=row, **{**base, **more})


def random_problem(seed: int) -> Problem:
    """Up to 10 projects with up to three starts and two sizes, every kind of rule, at limits that bind."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 11))
    options, left = [], 20_000
    for i in range(count):
        delays = int(rng.integers(1, 4))
        sizes = [1.0, 0.6] if rng.random() < 0.4 else [1.0]
        while (delays * len(sizes) + 1) > left ** (1.0 / (count - i)) and (delays > 1 or len(sizes) > 1):
            delays, sizes = (delays - 1, sizes) if delays > 1 else (1, [1.0])
        left //= delays * len(sizes) + 1
        amount = rng.uniform(5.0, 40.0) * np.cumprod(1.0 + rng.uniform(-0.2, 0.3, int(rng.integers(2, 8))))
        value, sector = rng.uniform(-5.0, 60.0), str(rng.choice(["road", "school"]))
        staff, lower = rng.uniform(0.0, 6.0), bool(rng.random() < 0.3)
        for delay in range(delays):
            for size in sizes:
                people = np.zeros(YEARS.size)
                people[delay : delay + 2] = staff
                more = {"sector": sector, "staff": people, "under_lower": lower, "size": size}
                options.append(option(f"p{i}", size * amount, size * value * 0.95**delay, delay, **more))
    limits = rng.uniform(30.0, 120.0, YEARS.size)
    names = [f"p{i}" for i in range(count)]
    needs = [(str(a), str(b)) for a, b in [rng.choice(names, 2, replace=False)] if rng.random() < 0.5]
    return Problem(
        YEARS,
        tuple(options),
        limits,
        limits * rng.uniform(0.5, 0.9) if rng.random() < 0.6 else None,
        (("road", limits * rng.uniform(0.4, 0.9)),) if rng.random() < 0.5 else (),
        np.full(YEARS.size, rng.uniform(6.0, 16.0)) if rng.random() < 0.5 else None,
        tuple(needs),
    )


def best_by_brute_force(problem: Problem) -> float:
    """The value of the best of all combinations, each tried (numpy adds them up; the rules are written here anew)."""
    by_project = [[None, *(o for o in problem.options if o.project == p)] for p in problem.projects]
    picks = np.array(list(product(*(range(len(group)) for group in by_project))))
    nothing = option("none", [0.0], 0.0)
    value, feasible = np.zeros(len(picks)), np.ones(len(picks), dtype=bool)
    spent, staff = np.zeros((len(picks), YEARS.size)), np.zeros((len(picks), YEARS.size))
    sector = {name: np.zeros((len(picks), YEARS.size)) for name, _ in problem.sectors}
    lower, starts = np.zeros(len(picks), dtype=bool), {}
    for column, group in zip(picks.T, by_project, strict=True):
        full = [o or nothing for o in group]
        value += np.array([o.value for o in full])[column]
        spent += np.array([o.spending for o in full])[column]
        staff += np.array([o.staff for o in full])[column]
        lower |= np.array([o.under_lower and o is not nothing for o in full])[column]
        for name in sector:
            sector[name] += np.array([o.spending * (o.sector == name) for o in full])[column]
        starts[group[1].project] = np.array([9999 if o is nothing else o.start for o in full])[column]
    feasible &= (spent <= problem.limits * (1 + 1e-9)).all(axis=1)
    if problem.lower is not None:
        feasible &= ~lower | (spent <= problem.lower * (1 + 1e-9)).all(axis=1)
    for name, most in problem.sectors:
        feasible &= (sector[name] <= most * (1 + 1e-9)).all(axis=1)
    if problem.staff is not None:
        feasible &= (staff <= problem.staff * (1 + 1e-9)).all(axis=1)
    for project, needed in problem.needs:
        feasible &= (starts[project] == 9999) | (starts[needed] <= starts[project])
    return float(value[feasible].max())


@pytest.mark.parametrize("seed", range(200))
def test_the_schedule_is_as_good_as_the_best_of_all_combinations(seed):
    problem = random_problem(seed)
    solution = solve(problem)
    assert solution.state == "optimal" and solution.gap <= 1e-9
    assert keeps(problem, solution.chosen)
    assert solution.value == pytest.approx(best_by_brute_force(problem), rel=1e-9, abs=1e-9)


def test_the_random_portfolios_use_every_rule():
    """Else the comparison above would say less than it seems to."""
    problems = [random_problem(seed) for seed in range(200)]
    assert max(len(p.projects) for p in problems) == 10
    for used in ("lower", "staff"):
        assert sum(getattr(p, used) is not None for p in problems) > 50
    assert sum(bool(p.sectors) for p in problems) > 50 and sum(bool(p.needs) for p in problems) > 50
    tight = [p for p in problems if len(solve(p).chosen) < len([1 for n in p.projects if _worth(p, n) > 0.0])]
    assert len(tight) > 100


def _worth(problem: Problem, name: str) -> float:
    return max(o.value for o in problem.options if o.project == name)


def two_in_one_year(**more) -> Problem:
    limits = np.full(YEARS.size, 100.0)
    limits[3] = 60.0
    return Problem(
        YEARS,
        (option("a", [40.0] * 5, 10.0), option("b", [30.0] * 5, 8.0), option("c", [10.0] * 5, 1.0)),
        limits,
        **more,
    )


def test_the_binding_year_and_what_more_headroom_is_worth_are_found_by_solving_again():
    problem = two_in_one_year()
    solution = solve(problem)
    assert solution.value == 11.0  # a and c; b does not fit beside a in 2028
    (year,) = binding_years(problem, solution)
    assert (year.year, year.headroom, year.used) == (2028, 60.0, 50.0)
    assert year.worth_of_all == pytest.approx(8.0) and year.worth_of_more == 0.0
    nearly = replace(problem, limits=np.where(YEARS == 2028, 79.5, 100.0))
    (year,) = binding_years(nearly, solve(nearly))
    assert year.worth_of_more == pytest.approx(1.0)  # 79.5 carries a and b; 80.295 all three


def test_a_wished_set_is_refused_with_a_smallest_reason():
    problem = two_in_one_year()
    found = conflict(problem, ["a", "b", "c"])
    assert found.projects == ("a", "b") and found.rules == ((CAP, 2028),)
    assert conflict(problem, ["a", "c"]) is None


@pytest.mark.parametrize("seed", range(0, 60))
def test_every_part_of_a_conflict_is_needed(seed):
    problem = random_problem(seed)
    found = conflict(problem, problem.projects)
    if found is None:
        assert solve(replace(problem, must=frozenset(problem.projects))).state == "optimal"
        return
    assert solve(replace(problem, must=frozenset(found.projects))).state == "infeasible"
    projects, rules = list(found.projects), list(found.rules)
    assert impossible(problem, projects, rules, 30.0)
    for project in projects:
        assert not impossible(problem, [other for other in projects if other != project], rules, 30.0)
    for rule in rules:
        assert not impossible(problem, projects, [other for other in rules if other != rule], 30.0)
    lifted = set(found.lift)
    others = [rule for rule in all_rules(problem) if rule not in lifted]
    assert lifted and not impossible(problem, problem.projects, others, 30.0)
    for rule in lifted:
        assert impossible(problem, problem.projects, [*others, rule], 30.0)


def all_rules(problem: Problem) -> list:
    years = [int(year) for year in YEARS]
    sectors = [("sector", (sector, year)) for sector, _ in problem.sectors for year in years]
    staff = [] if problem.staff is None else [("staff", year) for year in years]
    lower = [] if problem.lower is None else [("lower", year) for year in years]
    return [("cap", year) for year in years] + lower + sectors + staff + [(NEED, pair) for pair in problem.needs]


def test_years_that_bind_jointly_are_told():
    """Two projects clash in both of two years: a smallest conflict names one, lifting it alone does not help, both together do."""
    limits = np.full(YEARS.size, 100.0)
    limits[3:5] = 60.0
    problem = Problem(YEARS, (option("a", [40.0] * 5, 10.0), option("b", [30.0] * 5, 8.0)), limits)
    solution = solve(problem)
    found = conflict(problem, ["a", "b"])
    assert len(found.rules) == 1 and found.lift == ((CAP, 2028), (CAP, 2029))
    assert binding_years(problem, solution) == []
    assert solution.value == 10.0 and gain_of_all(problem, solution) == pytest.approx(8.0)
    assert (
        gain_of_all(replace(problem, limits=np.full(10, 100.0)), solve(replace(problem, limits=np.full(10, 100.0))))
        == 0.0
    )


def test_the_lower_line_holds_only_where_a_government_pay_project_is_chosen():
    limits, lower = np.full(YEARS.size, 100.0), np.full(YEARS.size, 50.0)
    options = (option("road", [45.0] * 3, 5.0, under_lower=True), option("plant", [60.0] * 3, 6.0))
    alone = Problem(YEARS, options, limits, lower)
    assert [options[i].project for i in solve(alone).chosen] == ["plant"]  # 105 and 60 are above 50 beside the road
    richer = Problem(YEARS, (replace(options[0], value=7.0), options[1]), limits, lower)
    assert [options[i].project for i in solve(richer).chosen] == ["road"]


def test_a_deferral_is_used_where_it_lets_both_fit():
    late = option("b", [60.0] * 3, 7.0, delay=3)
    problem = Problem(YEARS, (option("a", [60.0] * 3, 9.0), option("b", [60.0] * 3, 8.0), late), np.full(10, 100.0))
    assert solve(problem).value == 16.0


def test_a_year_without_room_takes_nothing_and_nothing_is_still_possible():
    problem = two_in_one_year()
    solution = solve(replace(problem, limits=np.zeros(YEARS.size)))
    assert solution.state == "optimal" and solution.chosen == ()
    assert solve(Problem(YEARS, (), np.zeros(10))).chosen == ()


def test_what_each_other_kind_of_rule_costs_is_found_by_leaving_it_out():
    """Staff for one of two, a sector limit below the dearer one, a need of a project that is not there."""
    wide, people = np.full(YEARS.size, 1000.0), np.zeros(YEARS.size)
    people[0] = 2.0
    options = (
        option("a", [10.0] * 3, 5.0, staff=people),
        option("b", [10.0] * 3, 7.0, staff=people),
        option("c", [90.0] * 3, 11.0, sector="road"),
        option("d", [10.0] * 3, 13.0),
        option("e", [10.0] * 3, -17.0),
    )
    problem = Problem(
        YEARS, options, wide, None, (("road", np.full(YEARS.size, 50.0)),), np.full(YEARS.size, 3.0), (("d", "e"),)
    )
    solution = solve(problem)
    assert solution.value == 7.0
    assert gains_of_other_rules(problem, solution) == pytest.approx({"staff": 5.0, "sector": 11.0, "need": 13.0})
    assert gains_of_other_rules(replace(problem, staff=None, sectors=(), needs=()), solution) == {}


def test_solved_to_a_gap_a_year_binds_only_beyond_it():
    """What lies within two gaps of the plan's value cannot be told from the solver's slack."""
    problem = two_in_one_year()
    solution = solve(problem)
    assert [y.year for y in binding_years(problem, solution, gap=1e-4)] == [2028]
    assert binding_years(problem, solution, gap=0.5) == []  # 8 of 11 lies within it


def test_what_has_to_be_chosen_and_cannot_is_infeasible():
    problem = replace(two_in_one_year(), must=frozenset("ab"))
    assert solve(problem).state == "infeasible"


def test_of_equally_good_plans_the_one_that_begins_first_is_taken():
    limits = np.full(YEARS.size, 100.0)
    options = [option(p, [60.0] * 2, 5.0, delay) for p in "ab" for delay in (3, 2, 1, 0)]
    problem = Problem(YEARS, tuple(options), limits)
    found = begun_early(problem, solve(problem))
    assert found.value == 10.0 and keeps(problem, found.chosen)
    assert sum(problem.options[i].delay for i in found.chosen) == 2  # one at once, the other after its two years


@pytest.mark.parametrize("seed", range(0, 40))
def test_beginning_early_never_costs_value(seed):
    problem = random_problem(seed)
    best = solve(problem)
    found = begun_early(problem, best)
    assert found.value == pytest.approx(best.value, rel=2e-9, abs=1e-12) and keeps(problem, found.chosen)
    delays = lambda chosen: sum(problem.options[i].delay for i in chosen)  # noqa: E731
    assert delays(found.chosen) <= delays(best.chosen)


def test_scaling_the_currency_changes_nothing():
    problem = random_problem(7)
    million = lambda row: None if row is None else row * 1e6  # noqa: E731
    larger = replace(
        problem,
        options=tuple(replace(o, spending=o.spending * 1e6) for o in problem.options),
        limits=problem.limits * 1e6,
        lower=million(problem.lower),
        sectors=tuple((s, most * 1e6) for s, most in problem.sectors),
    )
    assert solve(larger).chosen == solve(problem).chosen


def test_a_decided_project_that_begins_too_late_is_the_reason():
    """A candidate needs a project that is decided and begins after all its own starts: an answer, not a crash."""
    options = tuple(option("a", [10.0] * 3, 5.0, delay) for delay in (0, 1, 2))
    problem = Problem(YEARS, options, np.full(10, 100.0), needs=(("a", "decided"),), begun=(("decided", 2028),))
    assert solve(problem).chosen == () and solve(problem).state == "optimal"
    found = conflict(problem, ["a"])
    assert found.projects == ("a",) and found.rules == ((NEED, ("a", "decided")),)
    sooner = replace(problem, begun=(("decided", 2026),))
    assert conflict(sooner, ["a"]) is None
    assert options[solve(sooner).chosen[0]].start >= 2026 and not keeps(sooner, (0,)) and keeps(sooner, (1,))


def test_a_candidate_of_a_district_may_need_a_project_that_is_decided_for_later(plain):
    """The whole way: the plan leaves the candidate out and names the dependency."""
    listed = {"stage": "candidate", "defer_up_to": "2 years", "needs": ["later"], "file": "a.yaml"}
    district = plain("projects: {}").district
    rules = rules_of(district)
    years, budget = YEARS, np.full(YEARS.size, 1000.0)
    members = [
        priced("early", 2025, Listed.model_validate(listed)),
        priced("later", 2030, Listed.model_validate({"file": "b.yaml", "stage": "committed"})),
    ]
    found = schedule(district, rules, years, budget, members, np.zeros(years.size))
    assert found.choices[0].start is None and not found.own_dates
    assert found.conflict.rules == ((NEED, ("early", "later")),)


def priced(key: str, first: int, listed):
    return replace(member(key, first, listed, operating_subsidy=[10.0, 10.0]), results={"vfm_amount": 5.0})
