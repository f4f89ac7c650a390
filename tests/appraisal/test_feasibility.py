"""The checklist of the new mechanism, on the toll road."""

import numpy as np
import pytest

import ppp
from ppp.appraisal.criteria import feasibility, own_surplus, passes
from ppp.problems import InputError


@pytest.fixture(scope="module")
def toll_road():
    return ppp.load("params/toll-road.yaml")


def test_income_that_falls_short_of_cost_is_not_feasible(toll_road):
    result = ppp.evaluate(toll_road, {"users.demand.times": np.array([0.3, 1.0])})
    assert feasibility(result)["return"].tolist() == [False, True]
    assert passes(result)["feasibility"].tolist() == [False, True]


def test_a_grant_is_not_income(toll_road):
    """Under all grants the surplus is what the road itself earns less what it costs."""
    result = ppp.evaluate(toll_road, {"funding.grant": np.array([0.0, 9_000.0])})
    earned = (result.lines["revenue"] - result.lines["opex"] - result.lines["lifecycle"]).sum(axis=0)
    spent = result.lines["capex"].sum(axis=0) + result.inputs.close_costs
    assert own_surplus(result) == pytest.approx(earned - spent, rel=1e-12)
    assert np.ptp(own_surplus(result)) == 0


def test_too_small_a_private_share_is_not_feasible(toll_road):
    result = ppp.evaluate(toll_road, {"funding.government_share": np.array([0.40, 0.65, 0.66])})
    assert feasibility(result)["private_share"].tolist() == [True, True, False]


def test_a_return_below_the_discount_rate_is_a_reservation(toll_road):
    keys = [reason.key for reason in ppp.appraise(toll_road, 0).verdict.reservations]
    assert "project_below_discount_rate" not in keys
    dear = toll_road.model_copy(update={"discounting": toll_road.discounting.model_copy(update={"rate": 0.12})})
    assert "project_below_discount_rate" in [reason.key for reason in ppp.appraise(dear, 0).verdict.reservations]


NEW = {
    "regime": "cn-2023",
    "appraised": "2023-12-01",
    "timeline": {"financial_close": "2024-01-01"},
    "qualitative": None,
    "payment": {"kind": "user_pay"},
    "users": {"payments": 250},
    "funding": {"government_share": "0%"},
}
MET = {
    key: {"met": True}
    for key in (
        "open_competition",
        "no_cover_of_construction",
        "programme_reviewed",
        "within_estimate",
        "no_contractor_advance",
    )
}


def judged(project, answers):
    result = ppp.appraise(project(**NEW, comparator=None, compliance=answers), draws=16)
    (feasible,) = [test for test in result.verdict.tests if test.key == "feasibility"]
    return feasible, [reason.key for reason in result.verdict.reservations]


def test_a_requirement_that_is_met_passes_one_that_is_not_fails_and_one_unanswered_is_a_reservation(project):
    feasible, reservations = judged(project, MET)
    assert feasible.passed and "requirement_unanswered" not in reservations
    feasible, _ = judged(project, {**MET, "open_competition": {"met": False}})
    assert not feasible.passed
    assert [reason.key for reason in feasible.why if "requirement" in reason.key] == ["requirement_not_met"]
    assert [cure.key for cure in feasible.cures] == ["meet_requirement"]
    feasible, reservations = judged(project, {key: MET[key] for key in list(MET)[1:]})
    assert feasible.passed and reservations.count("requirement_unanswered") == 1


def test_an_answer_to_what_the_rule_book_does_not_ask_is_refused(project):
    with pytest.raises(InputError, match="is not a requirement of cn-2015"):
        project(compliance={"open_competition": {"met": True}})
