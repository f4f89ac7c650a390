import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model import covers
from ppp.model.covers import dscr, life_cover
from ppp.model.discounting import period_factors


def payback(flows, rate=0.0):
    """Of flows one year apart."""
    return covers.payback(flows, np.arange(len(flows)), rate)


def test_a_debt_free_year_has_no_cover():
    cover = dscr([[130.0], [120.0], [110.0]], [[100.0], [100.0], [0.0]])
    assert cover[0, 0] == 1.3 and cover[1, 0] == 1.2
    assert np.isnan(cover[2, 0])


def test_a_year_of_negative_cash_flow_has_a_negative_cover():
    assert dscr([[-10.0]], [[50.0]])[0, 0] == -10 / 50


def test_nothing_owed_has_no_life_cover():
    cover = life_cover([[100.0], [100.0]], np.array([0.0, 50.0]), period_factors([[0.05], [0.05]]))
    assert np.isnan(cover[0]) and cover[1] == pytest.approx((100 / 1.05 + 100 / 1.05**2) / 50, rel=1e-14)


def test_payback_counts_the_investment_and_splits_the_last_year():
    """100 out, 40 a year back: 20 missing after two years, half of the third."""
    assert payback([[-100.0], [40.0], [40.0], [40.0]])[0] == 2 + 20 / 40


def test_payback_on_the_last_day_of_a_year():
    assert payback([[-100.0], [50.0], [50.0], [50.0]])[0] == pytest.approx(2.0, abs=1e-12)


def test_an_investment_that_is_never_returned_has_no_payback():
    assert np.isnan(payback([[-100.0], [40.0], [40.0]])[0])


def test_payback_is_lost_again_when_a_late_cost_is_not_covered():
    assert payback([[-100.0], [120.0], [-50.0], [60.0]])[0] == 2 + 30 / 60


def test_discounted_payback_waits_for_the_discounted_sum():
    """At 10 %: -100 + 60 / 1.1 = -45.45, then 60 / 1.21 = 49.59."""
    missing = 100 - 60 / 1.1
    assert payback([[-100.0], [60.0], [60.0]], 0.10)[0] == pytest.approx(1 + missing / (60 / 1.21), rel=1e-13)


def test_no_investment_is_paid_back_at_once():
    assert payback([[0.0], [10.0]])[0] == 0.0


@settings(max_examples=60, deadline=None)
@given(income=st.lists(st.floats(1.0, 100.0), min_size=1, max_size=30), rate=st.floats(0.0, 0.2))
def test_discounting_never_shortens_payback(income, rate):
    flows = np.array([-200.0, *income])[:, None]
    plain, discounted = payback(flows)[0], payback(flows, rate)[0]
    assert np.isnan(discounted) or discounted >= plain - 1e-9


def test_life_cover_by_hand_with_rates_that_change():
    cover = life_cover([[105.0], [115.5]], np.array([160.0]), period_factors([[0.05], [0.10], [0.5]]))
    assert cover[0] == pytest.approx((105 / 1.05 + 115.5 / 1.05 / 1.10) / 160, rel=1e-14)


def test_what_rounding_leaves_of_a_loan_has_no_cover():
    cover = dscr([[130.0], [130.0], [130.0]], [[100.0], [1e-11], [1.1e-10]])[:, 0]
    assert cover[0] == 1.3 and np.isnan(cover[1]) and cover[2] == pytest.approx(130 / 1.1e-10)


def test_each_case_has_its_own_cover():
    np.testing.assert_allclose(dscr([[100.0]], [[50.0, 80.0]]), [[2.0, 1.25]])


def test_payback_between_rows_of_any_length():
    """Rows end after 0, 1, 1.5 and 2.5 years; 60 is missing at 1.5 and 80 comes in the year after."""
    flows = np.array([[-100.0], [20.0], [20.0], [80.0]])
    assert covers.payback(flows, np.array([0.0, 1.0, 1.5, 2.5]))[0] == pytest.approx(1.5 + 60 / 80, rel=1e-14)
    at_half = covers.payback(np.array([[-100.0], [121.0]]), np.array([0.0, 2.0]), 0.10)[0]
    assert at_half == pytest.approx(2.0, rel=1e-9)


def test_payback_of_cases_at_once():
    flows = np.array([[-100.0, -100.0, 0.0], [60.0, 200.0, 1.0], [60.0, 0.0, 1.0], [-50.0, 0.0, 1.0]])
    np.testing.assert_allclose(payback(flows), [np.nan, 0.5, 0.0])


def test_noise_of_rounding_is_not_a_debt_still_to_be_paid_back():
    assert payback([[-100.0], [100.0 - 1e-8], [0.0], [0.0]])[0] == pytest.approx(1.0, abs=1e-7)
    assert np.isnan(payback([[-100.0], [100.0 - 1e-6], [0.0], [0.0]])[0])


def test_what_rounding_leaves_is_measured_by_the_scale_where_one_is_given():
    assert dscr([[130.0]], [[1e-11]])[0, 0] == pytest.approx(1.3e13)
    assert np.isnan(dscr([[130.0]], [[1e-11]], np.array([[100.0]]))[0, 0])


def test_small_amounts_have_their_cover_and_so_has_each_case_beside_a_large_one():
    assert dscr([[2e-13]], [[1e-13]])[0, 0] == 2.0
    np.testing.assert_array_equal(dscr([[2.0, 2e15]], [[1.0, 1e15]]), [[2.0, 2.0]])
    assert dscr(np.empty((0, 3)), np.empty((0, 3))).shape == (0, 3)


def test_the_cover_of_next_to_nothing_is_infinite_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dscr([[1e300]], [[1e-300]])[0, 0] == np.inf


def test_life_cover_of_each_case_beside_the_others():
    cover = life_cover([[100.0, 10.0]], np.array([50.0, 50.0]), np.array([[0.9], [0.5]]))
    np.testing.assert_allclose(cover, [1.8, 0.18])


def test_payback_of_small_amounts_and_of_none():
    assert payback([[-0.1], [0.04], [0.04], [0.04]])[0] == pytest.approx(2.5)
    assert payback([[0.0], [0.0]])[0] == 0.0
    assert covers.payback(np.array([[5.0], [10.0]]), np.array([1.0, 2.0]))[0] == 0.0
