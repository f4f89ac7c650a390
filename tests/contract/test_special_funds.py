"""Special funds: every unit is in exactly one state; idle money is used oldest first; the next budget knows what is at hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ppp
from ppp.contract.special_funds import STATES, stands
from ppp.contract_terms import SpecialFund

from .conftest import PARAMS, with_contract

cents = st.integers(0, 10**9)


@st.composite
def movements(draw):
    """Years of movements in cents that never take more from a state than it holds."""
    years, held = [], dict.fromkeys(("not_drawn", "idle", "diverted"), 0)
    for year in range(2020, 2020 + draw(st.integers(1, 6))):
        part = lambda most: draw(st.integers(0, most))  # noqa: E731
        row = {"appropriated": draw(cents)}
        held["not_drawn"] += row["appropriated"]
        row["lapsed"] = part(held["not_drawn"])
        row["drawn"] = part(held["not_drawn"] - row["lapsed"])
        held["not_drawn"] -= row["lapsed"] + row["drawn"]
        row["recovered"] = part(held["diverted"])
        held["diverted"] -= row["recovered"]
        held["idle"] += row["drawn"] + row["recovered"]
        for key in ("spent", "diverted", "returned"):
            row[key] = part(held["idle"])
            held["idle"] -= row[key]
        held["diverted"] += row["diverted"]
        years.append({"year": year, **{key: value / 100 for key, value in row.items()}})
    return years


@given(years=movements(), recall=st.integers(1, 4))
def test_every_unit_is_in_exactly_one_state(years, recall):
    fund = SpecialFund(name="Bond", purpose="Mains", recall_after=f"{recall} years", years=years)
    for stand in stands(fund, 1.0):
        assert set(stand.states) == set(STATES)
        assert sum(stand.states.values()) == stand.appropriated
        assert min(stand.states.values()) >= 0
        assert 0 <= stand.overdue <= stand.states["idle"]
    assert stands(fund, 1.0)[-1].appropriated == sum(round(100 * y["appropriated"]) for y in years)


def test_idle_money_is_used_oldest_first_and_recalled_when_it_is_too_old():
    years = [
        {"year": 2020, "appropriated": 100, "drawn": 60, "spent": 10},
        {"year": 2021, "drawn": 40, "spent": 30},
        {"year": 2022, "spent": 5, "next_need": 80},
    ]
    found = stands(SpecialFund(name="Bond", purpose="Mains", recall_after="2 years", years=years), 1.0)
    assert [s.overdue for s in found] == [0, 0, 1500]  # 60 - 10 - 30 - 5 of 2020
    assert found[-1].states["idle"] == 5500
    assert found[-1].advised == 8000 - (5500 - 1500)


def test_nothing_more_is_appropriated_than_is_needed():
    years = [{"year": 2020, "appropriated": 100, "drawn": 60, "next_need": 30}]
    assert stands(SpecialFund(name="Bond", purpose="Mains", years=years), 1.0)[-1].advised == 0


@pytest.mark.parametrize(
    "row, wrong",
    [
        ({"drawn": 11}, "more is drawn or lapsed than was appropriated"),
        ({"drawn": 5, "spent": 6}, "more is spent, diverted or returned than was drawn"),
        ({"recovered": 1}, "more is recovered than was diverted"),
    ],
)
def test_money_that_was_never_there_is_refused_at_its_row(row, wrong, tmp_path):
    fund = {"name": "Bond", "purpose": "Mains", "years": [{"year": 2024, "appropriated": 10, **row}]}
    with pytest.raises(ppp.InputError) as error:
        with_contract("school", tmp_path, {"special_funds": {"bond": fund}})
    assert any(wrong in problem.message for problem in error.value.problems)


def test_the_example_adds_up():
    from ppp.contract.review import review

    last = review(ppp.load(PARAMS / "reclaimed-water.yaml")).funds["bond_mains"][-1]
    in_wan = {key: value / 1e6 for key, value in last.states.items()}
    assert in_wan == {"not_drawn": 120, "idle": 30, "spent": 2820, "diverted": 120, "returned": 30, "lapsed": 80}
