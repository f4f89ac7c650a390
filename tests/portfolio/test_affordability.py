"""Shares, lines and what still fits, checked by doing it."""

import numpy as np
import pytest

from ppp.portfolio import affordability as a
from ppp.portfolio.files import rules_of
from ppp.portfolio.study import CAP_BROKEN, CROSSED, WITHIN, study


def rules(plain):
    return rules_of(plain().district)


YEARS = np.arange(2022, 2052)


def test_each_line_says_its_first_year_and_headroom(plain):
    budget = np.full(30, 1000.0)
    spending = np.linspace(30.0, 120.0, 30)
    found = {line.key: line for line in a.lines(rules(plain), YEARS, spending, budget)}
    for key, limit in zip(a.LINES, (0.05, 0.07, 0.10), strict=True):
        line = found[key]
        above = spending / budget > limit
        assert (line.limit, line.count) == (limit, above.sum())
        assert line.first == YEARS[above][0]
        assert line.headroom == pytest.approx(limit * 1000.0 - spending)


def test_exactly_at_the_line_is_not_above_it(plain):
    found = a.lines(rules(plain), YEARS, np.full(30, 0.1 * 1000.0), np.full(30, 1000.0))
    assert found[-1].first is None and found[-2].count == 30


def test_what_fits_fits_and_a_little_more_does_not():
    headroom = 50.0 + 10.0 * np.sin(np.arange(30.0))
    for room in a.room(headroom, YEARS, 0.045):
        n = np.arange(1, room.term + 1)
        formula = room.formula_cost * 1.045**n / room.term
        assert (room.level <= headroom[: room.term] + 1e-9).all()
        assert (formula <= headroom[: room.term] + 1e-9).all()
        assert (1.01 * room.level > headroom[: room.term]).any() and (1.01 * formula > headroom[: room.term]).any()
        assert headroom[room.level_year - 2022] == pytest.approx(room.level)
        assert formula[room.formula_year - 2022] == pytest.approx(headroom[room.formula_year - 2022])
        assert room.worth == pytest.approx(sum(room.level / 1.045**k for k in n))


def test_nothing_fits_where_a_year_is_full():
    headroom = np.full(30, 50.0)
    headroom[4] = -1.0
    assert all(room.level == room.formula_cost == 0.0 for room in a.room(headroom, YEARS, 0.045))


def test_the_level_equivalent_has_the_same_present_value():
    spending = np.zeros(30)
    spending[3:13] = np.linspace(10.0, 100.0, 10)
    level = a.level_equivalent(spending, 0.05)
    worth = sum(x / 1.05**n for n, x in enumerate(spending[3:13]))
    assert level * sum(1 / 1.05**n for n in range(10)) == pytest.approx(worth)
    assert a.level_equivalent(np.zeros(5), 0.05) == 0.0


def test_sectors_hold_all_spending_and_existing_commitments_too(dalian):
    whole = sum(sector.spending for sector in dalian.sectors)
    assert whole == pytest.approx(dalian.spending, abs=1e-6)
    found = {sector.key: sector for sector in dalian.sectors}
    assert set(found) == {"road", "wastewater", "park", "waste"}
    assert found["park"].existing.sum() == pytest.approx(sum(range(5400, 8001, 200)) * 1e4)  # 2021 is settled
    assert not found["park"].projects.any() and not found["road"].existing.any()
    assert found["road"].limit == 0.06 and found["park"].limit is None


def test_the_users_share_test_is_of_viability_gaps_alone(dalian):
    (test,) = dalian.user_pay
    assert test.member == "wastewater-plant" and test.passed and test.smallest == 0.10
    assert test.share == pytest.approx(0.5093, abs=5e-5)


def test_what_the_lines_permit(plain):
    def permitted(share: float) -> list[str]:
        return a.allowed_now(a.lines(rules(plain), YEARS, np.full(30, share), np.ones(30)))

    assert permitted(0.05) == ["all_kinds"]
    assert permitted(0.06) == ["no_new_government_pay"]
    assert permitted(0.08) == ["no_new_government_pay", "risk_warning"]
    assert permitted(0.11) == ["no_new_project"]


def spaces_of(plain, spending, budget=None, **besides):
    years = np.arange(2022, 2022 + len(spending))
    rows = {a.DECIDED: np.array(spending), **besides}
    budget = np.full(years.size, 1000.0) if budget is None else budget
    return {(x.line, x.beside): x for x in a.spaces(rules(plain), years, rows, budget, 0.05)}


def test_what_fits_starts_after_the_last_year_without_headroom(plain):
    """A breach in the first years leaves nothing from the first year on, and much after them."""
    spending = np.zeros(40)
    spending[:3] = (120.0, 90.0, 60.0)
    found = spaces_of(plain, spending)
    cap, lower = found[a.CAP, a.DECIDED], found[a.LOWER, a.DECIDED]
    assert (cap.start, lower.start) == (2023, 2025)
    assert [r.term for r in cap.rooms] == list(a.TERMS) == [r.term for r in lower.rooms]
    assert cap.rooms[0].level == pytest.approx(10.0) and cap.rooms[0].level_year == 2023
    assert all(r.level == pytest.approx(50.0) for r in lower.rooms)
    assert spaces_of(plain, np.zeros(40))[a.CAP, a.DECIDED].start == 2022


def test_nothing_ever_fits_into_a_budget_that_shrinks_to_nothing(plain):
    assert spaces_of(plain, np.zeros(40), np.zeros(40)) == {}


def test_a_further_project_outlasts_the_years_of_the_report(plain):
    """Commitments of two years, a view of ten: thirty years are asked and answered, the budget growing on behind the view."""
    more = "commitments: {old: {name: Old, from_year: 2022, spending: [40, 30]}}"
    found = study(plain(more, {"growth: 0%\n": "growth: 2%\n"}))
    assert found.years.size == 10
    (lower, cap) = found.spaces
    assert (lower.beside, cap.beside, cap.start) == (a.DECIDED, a.DECIDED, 2022)
    n = np.arange(1, 31)
    headroom = 0.10 * 1000.0 * 1.02**n - np.array([40.0, 30.0, *[0.0] * 28])
    wanted = headroom * 30 / 1.05**n
    assert (
        cap.rooms[-1].formula_cost == pytest.approx(wanted.min())
        and cap.rooms[-1].formula_year == 2022 + wanted.argmin()
    )
    assert cap.rooms[-1].formula_year > found.years[-1]  # the year that holds it down lies behind the view
    said = found.summary["largest_further_project"]
    assert {(x["line"], x["term"]) for x in said} == {(line, term) for line in (a.LOWER, a.CAP) for term in a.TERMS}


def test_candidates_take_room_of_their_own(dalian):
    """Beside what is decided more fits than beside every candidate too."""
    rooms = {(x.line, x.beside): x.rooms for x in dalian.spaces}
    assert set(rooms) == {(line, beside) for line in (a.LOWER, a.CAP) for beside in (a.DECIDED, a.EVERYTHING)}
    for one, other in zip(rooms[a.CAP, a.DECIDED], rooms[a.CAP, a.EVERYTHING], strict=True):
        assert one.level > other.level and one.formula_cost > other.formula_cost


COMMITMENT = "commitments: {{old: {{name: Old, from_year: 2022, spending: [{}]}}}}"


@pytest.mark.parametrize(
    "spending, outcome, first",
    [("40, 40", WITHIN, None), ("40, 60", CROSSED, None), ("120, 10", CAP_BROKEN, 2022), ("10, 120", CAP_BROKEN, 2023)],
)
def test_the_answer_of_a_district(plain, spending, outcome, first):
    found = study(plain(COMMITMENT.format(spending)))
    assert (found.outcome, found.cap.first) == (outcome, first)
    assert found.years.tolist() == list(range(2022, 2032))
    assert found.complete and found.summary["outcome"] == outcome
