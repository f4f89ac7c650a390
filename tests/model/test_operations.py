import numpy as np
import pytest

from ppp.model.operations import growing, inflation_index, nominal_rate, partly_indexed


def test_growth_begins_after_the_first_year():
    assert list(growing(100, 0.10, 3)[:, 0]) == pytest.approx([100, 110, 121])


def test_each_case_grows_at_its_own_rate():
    np.testing.assert_allclose(
        growing(np.array([100.0, 50.0]), np.array([0.0, 1.0]), 3), [[100, 50], [100, 100], [100, 200]]
    )


def test_prices_of_a_year_are_themselves_in_that_year():
    assert list(inflation_index(0.02, 2024, np.array([2023, 2024, 2026]))[:, 0]) == pytest.approx(
        [1 / 1.02, 1, 1.02**2]
    )


def test_a_nominal_rate_is_more_than_the_sum_of_real_rate_and_inflation():
    assert nominal_rate(0.035, 0.02) == pytest.approx(0.035 + 0.02 + 0.035 * 0.02, rel=1e-14)


def test_only_the_indexed_share_of_a_payment_grows():
    amounts = partly_indexed(np.full((3, 1), 100.0), 0.30, 0.05, 3)[:, 0]
    assert list(amounts) == pytest.approx([100, 70 + 30 * 1.05, 70 + 30 * 1.05**2])


@pytest.mark.parametrize("share, last", [(0.0, 100.0), (1.0, 100 * 1.05**2)])
def test_nothing_or_all_of_a_payment_may_be_indexed(share, last):
    assert partly_indexed(np.full((3, 1), 100.0), share, 0.05, 3)[-1, 0] == pytest.approx(last)
