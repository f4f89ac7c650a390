"""The checklist of the new mechanism, on the toll road."""

import numpy as np
import pytest

import ppp
from ppp.appraisal.criteria import feasibility, own_surplus, passes


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
