import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppp.appraisal.precision import step_for, supported


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (0.827, 0.119, (0.83, 0.12)),  # the Particle Data Group's own examples
        (0.827, 0.367, (0.8, 0.4)),
        (14.123, 9.6, (14.0, 10.0)),  # 950 to 999 counts as 1000
        (14.123, 3.5, (14.1, 3.5)),
        (14_123.0, 355.0, (14_100.0, 400.0)),
    ],
)
def test_rounding_follows_the_three_leading_digits_of_the_error(value, error, said):
    stated = supported(value, value - error, value + error)
    assert stated.value == pytest.approx(said[0])
    assert round(error / stated.step) * stated.step == pytest.approx(said[1])


def test_digits_and_sign():
    wide = supported(14.1e6, -70e6, 60e6)
    assert (wide.value, wide.low, wide.high, wide.digits, wide.sign_known) == (10e6, -70e6, 60e6, 1, False)
    narrow = supported(31.8e6, 20.2e6, 56.1e6)
    assert (narrow.value, narrow.low, narrow.high, narrow.digits, narrow.sign_known) == (32e6, 20e6, 56e6, 2, True)
    assert supported(0.4, -300.0, 300.0).digits == 0
    assert supported(-5.0, -6.0, -4.0).sign_known


@given(st.floats(-1e12, 1e12), st.floats(1.0, 1e12))
def test_no_digit_is_finer_than_the_interval_allows(value, half):
    stated = supported(value, value - half, value + half)
    assert abs(stated.value - value) <= 0.5 * stated.step * (1.0 + 1e-9)
    assert half / 35.5 <= stated.step * (1.0 + 1e-9) and stated.step <= half / 0.95 * (1.0 + 1e-9)
    assert math.log10(stated.step) == pytest.approx(round(math.log10(stated.step)), abs=1e-9)


def test_the_step_grows_with_the_uncertainty():
    steps = [step_for(half) for half in (0.9, 1.0, 3.5, 3.6, 9.4, 9.6, 35.0, 36.0)]
    assert steps == sorted(steps)


@pytest.mark.parametrize("given_", [(1.0, 2.0, 2.0), (1.0, 3.0, 2.0), (math.nan, 0.0, 1.0), (1.0, -math.inf, 1.0)])
def test_an_interval_that_is_none_is_refused(given_):
    with pytest.raises(ValueError, match="low below high"):
        supported(*given_)
