import pytest

from ppp.model.discounting import level_payment
from ppp.model.liability import liability_schedule, residual_schedule


def test_a_liability_paid_by_its_annuity_ends_at_zero():
    schedule = liability_schedule(1_000.0, float(level_payment(1_000, 0.035, 30)), 0.035, 30)
    assert schedule["closing"][-1] == pytest.approx(0.0, abs=1e-9)
    assert schedule["principal"].sum() == pytest.approx(1_000, rel=1e-12)


def test_first_year_of_a_liability():
    schedule = liability_schedule(1_000.0, 80.0, 0.05, 1)
    assert schedule["interest"][0] == 50.0
    assert schedule["principal"][0] == 80 - 50
    assert schedule["closing"][0] == 1_000 - 30


def test_a_residual_grows_by_its_payments_and_their_return():
    assert list(residual_schedule(100.0, 0.05, 3)) == pytest.approx([0, 100, 100 * 1.05 + 100])


def test_interest_and_balance_may_be_rounded_every_year_as_by_hand():
    """5 % of 1001.11 is 50.0555; to the tenth: 50.1, so 1001.11 - (80 - 50.1) = 971.21, rounded to 971.2."""
    schedule = liability_schedule(1_001.11, 80.0, 0.05, 2, decimals=1)
    assert schedule["interest"][0] == 50.1 and schedule["principal"][0] == pytest.approx(29.9, abs=1e-12)
    assert schedule["closing"][0] == 971.2
    assert schedule["interest"][1] == round(0.05 * 971.2, 1) == 48.6
    assert schedule["closing"][1] == pytest.approx(971.2 - (80 - 48.6), abs=1e-12)


def test_a_residual_may_be_rounded_every_year_as_by_hand():
    assert list(residual_schedule(100.07, 0.05, 3, decimals=1)) == [0.0, 100.1, 205.2]
    assert list(residual_schedule(100.03, 0.05, 3)) == pytest.approx([0, 100.03, 100.03 * 2.05])
