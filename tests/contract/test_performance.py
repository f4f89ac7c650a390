import numpy as np
import pytest

from ppp.contract.performance import (
    Band,
    payment_share,
    performance_payment,
    unavailability_deduction,
    unavailability_rate,
)

R1 = [Band(0, 0.0, 0.0), Band(60, 0.90, 0.005), Band(70, 0.95, 0.005), Band(80, 1.0, 0.0)]


def test_a_better_score_never_earns_less():
    shares = payment_share(np.linspace(0, 100, 1001), R1)
    assert np.all(np.diff(shares) >= -1e-15)


def test_a_band_begins_at_its_own_score_and_rises_by_the_point():
    assert payment_share(60, R1) == 0.90
    assert payment_share(69, R1) == pytest.approx(0.90 + 9 * 0.005)
    assert payment_share(70, R1) == 0.95


def test_a_fractional_score_is_read_on_the_line_of_its_band():
    assert payment_share(69.5, R1) == pytest.approx(0.90 + 9.5 * 0.005)


@pytest.mark.parametrize("score", [-1, 100.5])
def test_a_score_outside_0_to_100_is_refused(score):
    with pytest.raises(ValueError, match="from 0 to 100"):
        payment_share(score, R1)


def test_a_scale_must_begin_at_0():
    with pytest.raises(ValueError, match="begins at 0"):
        payment_share(80, R1[1:])


def test_full_scores_earn_both_fees_whole():
    assert performance_payment(100.0, 20.0, 1.0, 1.0, 0.30) == 100 + 20


def test_poor_operation_costs_the_linked_part_of_the_construction_fee():
    assert performance_payment(100.0, 20.0, 1.0, 0.40, 0.30) == pytest.approx(70 + 0.40 * (20 + 30))


def test_everything_unavailable_half_of_the_time_costs_the_whole_payment():
    rate = unavailability_rate(1_000.0, 50, 2)
    assert unavailability_deduction(50, rate, 2 * 365 / 2) == pytest.approx(1_000, rel=1e-14)
    assert unavailability_rate(1_000.0, 50, 2, decimals=2) == round(rate, 2) != rate
