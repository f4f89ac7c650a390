import numpy as np
import pytest
from companies import tax_terms, years
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model.tax import depreciation, income_tax


def straight_line(cost, over, operating_years, first="full"):
    return depreciation(cost, tax_terms(depreciation_years=over, first_year=first), years(0, operating_years))


def taxed(profit, losses="carry_forward", loss_years=None, rate=0.25):
    tax, used = income_tax(np.array(profit, dtype=float)[:, None], np.array([rate]), losses, loss_years)
    return list(tax[:, 0]), list(used[:, 0])


def test_profit_is_taxed_at_the_rate():
    assert taxed([100, 200]) == ([25, 50], [0, 0])


def test_a_loss_reduces_the_next_profits_until_it_is_used():
    tax, used = taxed([-100, 60, 60, 60])
    assert used == [0, 60, 40, 0]
    assert tax == [0, 0, 0.25 * (60 - 40), 0.25 * 60]


def test_the_oldest_loss_is_used_first_and_what_is_left_expires():
    """Losses of 100 and 50; a profit of 120 in year 3 uses the first whole and 20 of the second, of which 30
    are left."""
    tax, used = taxed([-100, -50, 120, 0, 40], loss_years=5)
    assert used == [0, 0, 100 + 20, 0, 30]
    assert tax[4] == 0.25 * (40 - 30)


def test_a_loss_can_be_used_in_the_last_year_of_its_life_and_not_later():
    """With two years of life the loss of year 1 serves years 2 and 3."""
    assert taxed([-100, 0, 30, 30], loss_years=2)[1] == [0, 0, 30, 0]
    assert taxed([-100, 0, 0, 30], loss_years=2)[1] == [0, 0, 0, 0]


def test_using_the_oldest_first_saves_the_younger_from_expiring():
    """Life 2: the profit of year 3 takes the loss of year 1, so the loss of year 2 still serves year 4."""
    assert taxed([-100, -100, 100, 100], loss_years=2)[1] == [0, 0, 100, 100]


def test_a_loss_without_end_waits_for_any_profit():
    assert taxed([-100] + [0] * 30 + [100])[1][-1] == 100


def test_losses_of_no_life_are_lost():
    assert taxed([-100, 100], loss_years=0) == ([0, 25], [0, 0])


def test_a_refunded_loss_brings_cash_at_once():
    assert taxed([-100, 100], "refund") == ([-25, 25], [0, 0])


profits = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(profit=profits, life=st.one_of(st.none(), st.integers(1, 10)))
def test_losses_used_never_exceed_earlier_losses_nor_the_year_s_profit(profit, life):
    tax, used = taxed(profit, loss_years=life)
    losses = np.maximum(-np.array(profit), 0)
    assert np.all(np.cumsum(used) <= np.cumsum(losses) + 1e-6)
    assert np.all(np.array(used) <= np.maximum(profit, 0) + 1e-9)
    assert np.all(np.array(tax) >= -1e-9)


@settings(max_examples=60, deadline=None)
@given(profit=profits, life=st.integers(1, 10))
def test_a_longer_life_of_losses_never_costs_more_tax(profit, life):
    assert sum(taxed(profit, loss_years=life + 1)[0]) <= sum(taxed(profit, loss_years=life)[0]) + 1e-6


@settings(max_examples=60, deadline=None)
@given(profit=profits)
def test_in_the_end_refund_and_carry_forward_differ_by_the_losses_never_used(profit):
    carried, used = taxed(profit)
    unused = np.maximum(-np.array(profit), 0).sum() - sum(used)
    assert sum(carried) == pytest.approx(sum(taxed(profit, "refund")[0]) + 0.25 * unused, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    cost=st.floats(0.0, 1e9),
    over=st.integers(1, 30),
    spare=st.integers(1, 10),
    first=st.sampled_from(["full", "half"]),
)
def test_depreciation_adds_up_to_the_cost(cost, over, spare, first):
    assert straight_line([cost], over, over + spare, first).sum() == pytest.approx(cost, rel=1e-13)


def test_a_half_first_year_leaves_a_half_year_at_the_end():
    assert list(straight_line([800.0], 4, 6, "half")[:, 0]) == [100, 200, 200, 200, 100, 0]


@pytest.mark.parametrize("over, first", [(11, "full"), (10, "half")])
def test_depreciation_longer_than_operation_is_refused(over, first):
    with pytest.raises(ValueError, match="longer than operation"):
        straight_line([100.0], over, 10, first)
