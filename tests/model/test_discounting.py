import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model.discounting import (
    annuity_factor,
    level_payment,
    mean_return_of_markup,
    net_present_value,
    present_value,
    schedule_factors,
)
from ppp.model.discounting import discount_factors as factors_at


def discount_factors(rate, rows, timing="end", base=0.0):
    """Of rows one year apart."""
    return factors_at(rate, np.arange(rows), timing, base)


rates = st.floats(-0.2, 0.5)


def test_a_flow_at_the_valuation_date_is_worth_itself():
    assert discount_factors(0.05, 3)[0, 0] == 1.0
    assert discount_factors(0.05, 3, base=2)[2, 0] == 1.0


def test_a_year_end_flow_is_divided_by_one_plus_the_rate_each_year():
    np.testing.assert_allclose(discount_factors(0.10, 3)[:, 0], [1, 1 / 1.10, 1 / 1.10 / 1.10], rtol=1e-15)


def test_mid_year_flows_are_discounted_half_a_year_less_and_flows_at_the_start_a_whole_year_less():
    end = discount_factors(0.10, 4)[1:, 0]
    np.testing.assert_allclose(discount_factors(0.10, 4, "middle")[1:, 0], end * 1.10**0.5, rtol=1e-14)
    np.testing.assert_allclose(discount_factors(0.10, 4, "start")[1:, 0], end * 1.10, rtol=1e-14)


def test_financial_close_is_an_instant_that_no_timing_shifts():
    assert discount_factors(0.10, 4, "middle")[0, 0] == discount_factors(0.10, 4, "start")[0, 0] == 1.0


def test_valuing_at_the_start_of_operation_compounds_construction_forward():
    at_close, at_operation = discount_factors(0.06, 5)[:, 0], discount_factors(0.06, 5, base=2)[:, 0]
    np.testing.assert_allclose(at_operation, at_close * 1.06**2, rtol=1e-14)


def test_each_case_has_its_own_rate():
    factors = discount_factors(np.array([0.0, 0.10]), 3)
    np.testing.assert_allclose(factors[2], [1.0, 1.10**-2], rtol=1e-15)


def test_present_value_adds_discounted_flows():
    assert net_present_value(0.10, [-100, 60, 72.6])[0] == pytest.approx(-100 + 60 / 1.10 + 72.6 / 1.21, rel=1e-13)


@settings(max_examples=60, deadline=None)
@given(rate=rates, flows=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_present_value_is_additive_and_scales(rate, flows):
    flows = np.array(flows)
    scale = 1 + np.abs(flows * discount_factors(rate, flows.size)[:, 0]).sum()
    half = net_present_value(rate, flows / 2)[0]
    assert half + half == pytest.approx(net_present_value(rate, flows)[0], abs=1e-12 * scale)


@pytest.mark.parametrize("rate", [1e-15, -1e-15, 1e-12, 1e-8, 1e-4, 0.05, 0.3])
@pytest.mark.parametrize("periods", [1, 20, 360])
def test_annuity_factor_keeps_its_digits_at_tiny_rates(rate, periods):
    with mpmath.workdps(60):
        exact = (1 - (1 + mpmath.mpf(rate)) ** -periods) / mpmath.mpf(rate)
    assert annuity_factor(rate, periods) == pytest.approx(float(exact), rel=1e-14)


def test_annuity_factor_at_rate_zero_is_the_number_of_payments():
    assert annuity_factor(0.0, 20) == 20.0
    np.testing.assert_allclose(annuity_factor(np.array([0.0, 0.05]), 2), [2, 1 / 1.05 + 1 / 1.05**2], rtol=1e-14)


@settings(max_examples=60, deadline=None)
@given(rate=rates, periods=st.integers(1, 60))
def test_level_payments_are_worth_the_amount_lent(rate, periods):
    paid = np.full(periods + 1, level_payment(1_000.0, rate, periods))
    paid[0] = 0.0
    assert net_present_value(rate, paid)[0] == pytest.approx(1_000.0, rel=1e-10)


def test_level_payment_of_a_textbook_loan():
    """1000 over 3 years at 10 %: 402.11 a year."""
    assert level_payment(1_000, 0.10, 3) == pytest.approx(402.1148, abs=5e-5)


def test_flows_of_the_markup_begin_with_the_cost():
    flows = mean_return_of_markup(0.06, 0.049, 10)[:, 0]
    assert flows[0] == -1.0
    assert flows[3] == pytest.approx(1.06 * 1.049**3 / 10, rel=1e-14)
    assert present_value(flows[1:, None], discount_factors(0.049, 11)[1:])[0] == pytest.approx(1.06, rel=1e-13)


# --- rates that change with time ---

GREEN_BOOK = [[0.035], [0.030], [0.025]]
AFTER = [0, 30, 75]


def test_declining_rates_are_applied_cumulatively():
    """HM Treasury's printed factors, and the product of the years' own factors."""
    factors = schedule_factors(GREEN_BOOK, AFTER, [0, 30, 31, 76])[:, 0]
    assert factors[0] == 1.0
    assert factors[1] == pytest.approx(0.356278, abs=5e-7) and factors[2] == pytest.approx(0.345901, abs=5e-7)
    assert factors[3] == pytest.approx(1.035**-30 * 1.03**-45 / 1.025, rel=1e-13)


def test_a_rate_holds_from_its_step_within_a_year():
    factor = schedule_factors([[0.04], [0.02]], [0, 2.5], [2.5, 3.0])[:, 0]
    np.testing.assert_allclose(factor, [1.04**-2.5, 1.04**-2.5 * 1.02**-0.5], rtol=1e-14)


def test_the_first_rate_holds_before_the_valuation_date():
    assert schedule_factors([[0.04], [0.02]], [0, 1], [-2, -0.5])[:, 0] == pytest.approx(
        [1.04**2, 1.04**0.5], rel=1e-14
    )


def test_one_step_is_a_plain_rate_and_cases_have_their_own():
    factors = schedule_factors([[0.04, 0.06]], [0], [1, 2])
    np.testing.assert_allclose(factors, [[1 / 1.04, 1 / 1.06], [1.04**-2, 1.06**-2]], rtol=1e-14)
    np.testing.assert_allclose(schedule_factors([0.04], [0], [3]), [[1.04**-3]], rtol=1e-14)


@pytest.mark.parametrize("after", [[1, 30], [0, 0], [0, -1]])
def test_steps_that_do_not_rise_from_zero_are_refused(after):
    with pytest.raises(ValueError, match=r"^the steps begin at 0 and rise$"):
        schedule_factors([[0.04], [0.02]], after, [1.0])


def test_steps_may_be_less_than_a_year_apart():
    assert schedule_factors([[0.04], [0.02]], [0, 0.5], [1.0])[0, 0] == pytest.approx(
        1.04**-0.5 * 1.02**-0.5, rel=1e-14
    )
