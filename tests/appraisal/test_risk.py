import pytest

from ppp.appraisal.risk import expected_value, guarantee_value, optimism_bias, residual_bias


def test_expected_cost_is_probability_times_cost():
    assert expected_value([0.9, 0.1], [0.0, 400.0]) == pytest.approx(0.1 * 400)


def test_probabilities_must_add_to_one():
    with pytest.raises(ValueError, match="add to 1"):
        expected_value([0.5, 0.4], [1.0, 2.0])


def test_mitigation_leaves_part_of_the_bias():
    assert residual_bias(0.50, 0.0) == 0.50
    assert residual_bias(0.50, 1.0) == 0.0
    assert optimism_bias(200.0, 0.50, 0.80) == pytest.approx(200 * (1 + 0.50 * 0.20))


def test_a_guarantee_below_certain_revenue_is_worth_nothing():
    assert guarantee_value(100, 90, 0.0, 20, 0.05) == 0.0


def test_a_guarantee_above_certain_revenue_pays_the_difference_every_year():
    annuity = (1 - 1.05**-20) / 0.05
    assert guarantee_value(100, 110, 0.0, 20, 0.05) == pytest.approx(10 * annuity, rel=1e-12)


def test_no_guarantee_is_worth_nothing():
    assert guarantee_value(100, 0.0, 0.20, 20, 0.05) == 0.0


def test_a_guarantee_is_worth_more_when_revenue_is_less_certain():
    values = [guarantee_value(100, 90, sigma, 20, 0.05) for sigma in (0.05, 0.10, 0.20, 0.40)]
    assert values == sorted(values) and values[0] < values[-1] / 10


def test_guarantee_and_cap_at_one_strike_differ_by_the_forward():
    """Put-call parity in one year: put - call = (strike - forward) / (1 + r); the call is the put with the
    two exchanged."""
    put = guarantee_value(100, 90, 0.20, 1, 0.05)
    call = guarantee_value(90, 100, 0.20, 1, 0.05)
    assert put - call == pytest.approx((90 - 100) / 1.05, rel=1e-12)


@pytest.mark.parametrize("words", [{"drift": "up"}, {"shocks": "some"}])
def test_an_unknown_process_is_refused(words):
    with pytest.raises(ValueError, match="unknown drift"):
        guarantee_value(100, 90, 0.20, 1, 0.05, **words)
