import numpy as np
import pytest

import ppp
from ppp.appraisal import verdict as judged
from ppp.appraisal.verdict import NOT_ASSESSABLE, NOT_RECOMMENDED, RECOMMENDED, RESERVATIONS, Reason, verdict

PASS, FAIL, MISSING = judged.Test("a", True), judged.Test("b", False), judged.Test("c", None)


@pytest.mark.parametrize(
    "tests, reservations, outcome",
    [
        ([PASS, PASS], [], RECOMMENDED),
        ([PASS, PASS], [Reason("flips")], RESERVATIONS),
        ([PASS, FAIL], [Reason("flips")], NOT_RECOMMENDED),
        ([PASS, MISSING], [], NOT_ASSESSABLE),
        ([FAIL, MISSING], [], NOT_ASSESSABLE),
    ],
)
def test_outcome_follows_from_the_tests(tests, reservations, outcome):
    assert verdict(tests, reservations).outcome == outcome


def test_the_bridge_costs_less_than_its_comparator_and_passes(project):
    appraisal = ppp.appraise(project(), draws=16)
    tests = {test.key: test for test in appraisal.verdict.tests}
    assert all(test.passed for test in tests.values())
    assert tests["value_for_money"].margin[1] == pytest.approx(appraisal.evaluation.vfm.amount[0])
    assert tests["qualitative"].margin[1] == pytest.approx(80 - 60)


def test_a_cheap_comparator_fails_value_for_money_and_the_cut_that_mends_it_is_named(project):
    appraisal = ppp.appraise(project(comparator={"capex": 700}), draws=16)
    assert appraisal.verdict.outcome == NOT_RECOMMENDED
    cure = next(cure for cure in appraisal.verdict.cures if cure.key == "cut_payment_for_vfm")
    vfm = appraisal.evaluation.vfm
    cut = cure.values["share"][1] * vfm.ppp_parts["operating_subsidy"][0]
    assert vfm.ppp_value[0] - cut == pytest.approx(vfm.psc[0], rel=1e-12)


def test_low_scores_fail_the_qualitative_test(project):
    low = {key: {"weight": weight, "scores": [55, 55, 55]} for key, weight in WEIGHTS.items()}
    appraisal = ppp.appraise(project(qualitative=low), draws=16)
    assert {test.key for test in appraisal.verdict.tests if test.passed is False} == {"qualitative"}


WEIGHTS = {
    "life_cycle_integration": "20%",
    "risk_allocation": "20%",
    "performance_innovation": "10%",
    "potential_competition": "10%",
    "government_capacity": "10%",
    "financeability": "10%",
    "project_size": "10%",
    "asset_life": "10%",
}


@pytest.mark.parametrize("section", ["comparator", "qualitative", "district"])
def test_without_an_input_that_a_test_needs_nothing_is_recommended(project, section):
    appraisal = ppp.appraise(project(**{section: None}), draws=16)
    assert appraisal.verdict.outcome == NOT_ASSESSABLE
    assert not appraisal.complete


def test_an_unchecked_rule_that_decides_is_a_reservation(project):
    keys = [reason.key for reason in ppp.appraise(project(), draws=16).verdict.reservations]
    assert "unchecked_rule" in keys
    read = {"page": "Official page", "by": "Reader"}
    confirmed = project(confirmed_rules={"qualitative_pass_mark": read, "budget_growth_years": dict(read)})
    assert "unchecked_rule" not in [reason.key for reason in ppp.appraise(confirmed, draws=16).verdict.reservations]


def test_a_pass_that_fails_within_a_plausible_range_is_a_reservation(project):
    ranged = project(ranges={"comparator.capex": {"low": 700, "high": 1_200}})
    appraisal = ppp.appraise(ranged, draws=64)
    flips = next(reason for reason in appraisal.verdict.reservations if reason.key == "flips_at")
    _, (key, value) = flips.values["value"]
    assert key == "comparator.capex"
    at_switch = ppp.evaluate(ranged, {key: np.array([value])}).vfm
    assert abs(at_switch.amount[0]) < 1e-6 * at_switch.psc[0]


def test_the_same_file_gives_the_same_draws(project):
    ranged = project(ranges={"comparator.capex": {"low": 700, "high": 1_200}})
    first, second = (ppp.appraise(ranged, draws=64).simulation for _ in range(2))
    np.testing.assert_array_equal(first.vfm, second.vfm)
    assert 0.2 < first.failing["value_for_money"] < 0.9


def test_a_score_of_exactly_the_pass_mark_passes(project):
    """Weights that add to one only but for a last bit must not fail sixty points of sixty."""
    weights = ["16%", "13%", "10%", "16%", "12%", "13%"]
    keys = ["life_cycle_integration", "risk_allocation", "performance_innovation", "potential_competition"]
    keys += ["government_capacity", "financeability"]
    scores = {key: {"weight": weight, "scores": [60, 60, 60]} for key, weight in zip(keys, weights, strict=True)}
    extra = {"project_size": "4%", "asset_life": "9%", "cost_accuracy": "3%", "revenue_growth": "4%"}
    scores |= {key: {"weight": weight, "scores": [60, 60, 60]} for key, weight in extra.items()}
    test = {t.key: t for t in ppp.appraise(project(qualitative=scores), draws=0).verdict.tests}["qualitative"]
    assert test.passed


def test_an_alert_is_a_reservation():
    """A payment too small to run the asset on is not passed over because the comparator is dearer."""
    school = ppp.load("params/school.yaml")
    amount = school.payment.amount.model_copy(update={"times": 0.02})
    starved = school.model_copy(update={"payment": school.payment.model_copy(update={"amount": amount})})
    appraisal = ppp.appraise(starved, draws=0)
    assert not all(alert.passed.all() for alert in appraisal.evaluation.alerts)
    assert "alert_raised" in [reason.key for reason in appraisal.verdict.reservations]
