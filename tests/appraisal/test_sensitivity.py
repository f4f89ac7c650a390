import numpy as np
import pytest

import ppp
from ppp.appraisal.payment_profile import payment_profile
from ppp.appraisal.sensitivity import alternatives, response
from ppp.model.distributions import triangular


def test_triangular_draws_run_from_low_over_the_mode_to_high():
    low, split, high = triangular(np.array([0.0, 0.25, 1.0]), 10.0, 20.0, 50.0)
    assert (low, split, high) == pytest.approx((10.0, 20.0, 50.0))


def test_the_mean_of_a_triangle_is_that_of_its_corners():
    draws = triangular((np.arange(100_000) + 0.5) / 100_000, 10.0, 20.0, 50.0)
    assert draws.mean() == pytest.approx((10 + 20 + 50) / 3, rel=1e-6)


@pytest.mark.parametrize("mode", [10.0, 50.0])
def test_a_mode_at_an_end_is_allowed(mode):
    draws = triangular(np.linspace(0, 1, 11), 10.0, mode, 50.0)
    assert draws[0] == 10.0 and draws[-1] == 50.0 and np.all(np.diff(draws) > 0)


def test_a_switching_value_is_where_value_for_money_vanishes(project):
    bridge = project()
    found = response(bridge, "comparator.capex", 700.0, 1_200.0)
    (switch,) = found.switches
    assert "value_for_money" in found.flips
    at_switch = ppp.evaluate(bridge, {"comparator.capex": np.array([switch - 0.001, switch + 0.001])}).vfm.amount
    assert at_switch[0] < 0 < at_switch[1]


def test_a_switching_value_that_is_one_of_the_grid_s_points_is_named_once(project):
    """Nothing but a reference cost against support of 100 of the same timing: they are equal at 100."""
    bare = project(
        payment={"kind": "user_pay"},
        funding={"government_share": "0%"},
        comparator={"opex": 0, "third_party_revenue": 0},
        risks=None,
        support={"land": {"name": "Land", "phase": "construction", "cost": 100}},
    )
    found = response(bare, "comparator.capex", 60.0, 140.0)
    assert 0.0 in found.vfm
    assert found.switches == [pytest.approx(100.0, rel=1e-9)]


def test_a_result_that_does_not_flip_has_no_switching_value(project):
    found = response(project(), "comparator.capex", 1_100.0, 1_200.0)
    assert found.switches == [] and found.flips == []


def test_alternatives_are_other_choices_that_change_a_figure(project):
    bridge = project()
    found = {(a.convention, a.choice): a for a in alternatives(ppp.evaluate(bridge))}
    assert ("discount_timing", "middle") in found
    assert ("discount_timing", "end") not in found  # the choice in force
    assert ("negative_gap", "share") not in found  # the file does not say which share
    moved = ppp.evaluate(bridge, conventions={"subsidy_counting": "from_zero"}).vfm.amount[0]
    assert found["subsidy_counting", "from_zero"].vfm == pytest.approx(moved, rel=1e-7)


def test_profile_of_the_formula_shows_what_a_markup_returns(params):
    """Wastewater: a profit rate of 6.5 % at 6 % over 28 years."""
    profile = payment_profile(ppp.evaluate(params("wastewater")))
    assert profile.last / profile.first == pytest.approx(1.06**27, rel=1e-12)
    annuity = (1 - 1.06**-28) / 0.06
    cost = profile.first / (1.065 * 1.06 / 28)
    assert profile.level == pytest.approx(cost * 1.065 / annuity, rel=1e-12)
    assert 0.06 < profile.implied_irr < 0.07
