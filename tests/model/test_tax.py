import datetime as dt

import numpy as np
import pytest
from companies import tax_terms, years
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model.tax import TaxYears, depreciation, depreciation_shares, even_over_operation, income_tax


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
    with pytest.raises(ValueError, match=r"^the depreciation schedule is longer than operation$"):
        straight_line([100.0], over, 10, first)


# --- methods, holidays, months ---


def test_methods_of_depreciation_by_hand():
    np.testing.assert_allclose(depreciation_shares(5), [0.2] * 5)
    np.testing.assert_allclose(depreciation_shares(5, "sum_of_digits"), [5 / 15, 4 / 15, 3 / 15, 2 / 15, 1 / 15])
    np.testing.assert_allclose(depreciation_shares(5, "declining_balance"), [0.4, 0.24, 0.144, 0.108, 0.108])
    np.testing.assert_allclose(depreciation_shares(3, "declining_balance"), [2 / 3, 1 / 6, 1 / 6])


@pytest.mark.parametrize("over", [1, 2])
def test_a_declining_balance_of_one_or_two_years_is_even(over):
    np.testing.assert_allclose(depreciation_shares(over, "declining_balance"), [1 / over] * over)


@pytest.mark.parametrize("method", ["straight_line", "declining_balance", "sum_of_digits"])
@pytest.mark.parametrize("first", ["full", "half"])
@pytest.mark.parametrize("over", [1, 2, 3, 4, 7, 30])
def test_every_method_writes_off_the_whole_and_never_more(method, first, over):
    shares = depreciation_shares(over, method, first)
    assert shares.sum() == pytest.approx(1.0, rel=1e-14) and shares.min() > 0
    assert shares.size == over + (first == "half")
    if first == "half":
        assert shares[0] == pytest.approx(depreciation_shares(over, method)[0] / 2)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="unknown depreciation method"):
        depreciation_shares(5, "guess")


@pytest.mark.parametrize("period, parts", [("half_year", 2), ("quarter", 4), ("month", 12)])
def test_depreciation_of_a_year_is_even_over_its_months(period, parts):
    terms = tax_terms(depreciation_years=4, method="sum_of_digits")
    row = depreciation([1_000.0], terms, years(0, 5, period))[:, 0]
    np.testing.assert_allclose(row, np.repeat([400, 300, 200, 100, 0], parts) / parts)


def test_without_years_the_concession_is_written_off_by_months():
    line = years(0, 2.5)
    for terms in (None, tax_terms(depreciation_years=None)):
        np.testing.assert_allclose(depreciation([500.0], terms, line)[:, 0], [200, 200, 100])
    np.testing.assert_allclose(even_over_operation([500.0, 50.0], line), [[200, 20], [200, 20], [100, 10]])


def test_depreciation_may_end_with_operation_to_the_month():
    assert depreciation([100.0], tax_terms(depreciation_years=2), years(0, 2)).sum() == pytest.approx(100.0)
    with pytest.raises(ValueError, match="longer than operation"):
        depreciation([100.0], tax_terms(depreciation_years=2), years(0, 23 / 12))


def by_row(profit, line, **changes):
    tax, used = TaxYears(tax_terms(**changes), line).tax(np.array(profit, dtype=float)[:, None])
    return tax[:, 0], used[:, 0]


def test_a_holiday_is_free_for_years_and_then_half():
    """Three years free and three at half."""
    tax, _ = by_row([100.0] * 8, years(0, 8), exempt=3, half=3)
    np.testing.assert_allclose(tax, [0, 0, 0, 12.5, 12.5, 12.5, 25, 25])


def test_a_holiday_counts_calendar_years_from_the_first_operating_row():
    """Operation from July 2025: the half-year of 2025 is a whole year of the holiday."""
    line = years(0.5, 3, "half_year", dt.date(2025, 1, 1))
    tax, _ = by_row([10.0] * 6, line, exempt=1, half=1)
    np.testing.assert_allclose(tax, [0, 1.25, 1.25, 2.5, 2.5, 2.5])


def test_losses_are_used_in_free_years_too():
    tax, used = by_row([-100, 60, 60, 60], years(0, 4), exempt=2)
    np.testing.assert_allclose(used, [0, 60, 40, 0])
    np.testing.assert_allclose(tax, [0, 0, 5, 15])


def test_a_tax_year_adds_its_rows_before_it_is_taxed():
    """A loss of one half-year is set against the profit of the other at once, though losses have no life."""
    tax, used = by_row([-40, 100, 100, -100], years(0, 2, "half_year"), loss_years=0)
    np.testing.assert_allclose(tax, [7.5, 7.5, 0, 0])
    np.testing.assert_allclose(used, 0.0)


def test_losses_expire_by_tax_years_in_a_monthly_model():
    """A loss of 12 in each month of 2024; the profit of 2026 can use it when it lives two years, not one."""
    profit = [-1.0] * 12 + [0.0] * 12 + [2.0] * 12
    line = years(0, 3, "month")
    for life, used_in_all in ((1, 0.0), (2, 12.0)):
        tax, used = by_row(profit, line, loss_years=life)
        np.testing.assert_allclose(used[24:], used_in_all / 12)
        np.testing.assert_allclose(tax[24:], 0.25 * (24 - used_in_all) / 12)


def test_a_tax_year_of_two_short_rows_is_spread_by_months():
    """Operation from October in calendar years: three months, twelve, nine."""
    line = years(0, 2, close=dt.date(2024, 10, 1), by_calendar=True)
    tax, _ = by_row([30.0, 120.0, 90.0], line)
    np.testing.assert_allclose(tax, [7.5, 30, 22.5])
    quarters = years(0, 1.25, "half_year", dt.date(2024, 10, 1), True)
    assert list(quarters.months) == [0, 3, 6, 6]
    tax, _ = by_row([0.0, 100.0, 20.0], quarters)
    np.testing.assert_allclose(tax, [0, 15, 15])


def test_a_refund_by_tax_years():
    tax, used = by_row([-40, 100, -100, 20], years(0, 2, "half_year"), losses="refund")
    np.testing.assert_allclose(tax, [7.5, 7.5, -10, -10])
    assert used.max() == 0.0


def test_cases_are_taxed_apart():
    profit = np.array([[-100.0, 100.0], [60.0, 60.0]])
    tax, used = TaxYears(tax_terms(), years(0, 2)).tax(profit)
    np.testing.assert_allclose(used, [[0, 0], [60, 0]])
    np.testing.assert_allclose(tax, [[0, 25], [0, 15]])


def oldest_first(profit, rate, life):
    """Tax and losses used of one case, with a list of losses: another way to the same figures."""
    waiting, tax, used = [], [], []
    for year, earned in enumerate(profit):
        left = max(earned, 0.0)
        for loss in waiting:
            if life is None or year - loss[0] <= life:
                taken = min(loss[1], left)
                loss[1], left = loss[1] - taken, left - taken
        waiting.append([year, max(-earned, 0.0)])
        tax.append(rate[year] * left)
        used.append(max(earned, 0.0) - left)
    return np.array(tax), np.array(used)


@pytest.mark.parametrize("life", [None, 0, 1, 2, 4])
@pytest.mark.parametrize("rates", ["one", "by case", "by year", "by case and year"])
def test_many_cases_are_the_single_cases(rates, life):
    """Small profits and losses, some nothing and some exactly one, in more cases than are kept at hand together."""
    random = np.random.default_rng(3)
    profit = random.choice([-2.0, -0.7, -0.4, 0.0, 0.3, 0.8, 1.0, 2.5], (9, 150))
    shape = {"one": (), "by case": (150,), "by year": (9, 1), "by case and year": (9, 150)}[rates]
    rate = random.uniform(0.1, 0.4, shape)
    tax, used = income_tax(profit, rate, loss_years=life)
    each = np.broadcast_to(rate, profit.shape)
    for case in range(150):
        expected = oldest_first(profit[:, case], each[:, case], life)
        np.testing.assert_allclose((tax[:, case], used[:, case]), expected, rtol=1e-12, atol=1e-12)
        if case < 9:
            one = income_tax(profit[:, case], rate if rates == "one" else each[:, case], loss_years=life)
            np.testing.assert_allclose(one, expected, rtol=1e-12, atol=1e-12)


def test_one_company_under_many_rates_of_tax():
    """Profit is one case, the rates are three."""
    tax, used = income_tax(np.array([[-1.0], [3.0]]), np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(tax, [[0, 0, 0], [0.2, 0.4, 0.6]])
    np.testing.assert_allclose(used, [[0, 0, 0], [1, 1, 1]])


def test_rows_are_no_tax_years_because_there_are_as_many_cases():
    """Four half-years of two tax years in two cases: a loss is set against the other half of its year."""
    profit = np.array([[-40.0, 10.0], [100.0, 10.0], [100.0, -10.0], [-100.0, 30.0]])
    tax, _ = TaxYears(tax_terms(loss_years=0), years(0, 2, "half_year")).tax(profit)
    np.testing.assert_allclose(tax, [[7.5, 2.5], [7.5, 2.5], [0, 2.5], [0, 2.5]])


def test_a_refund_where_every_row_is_a_tax_year():
    tax, used = by_row([-40, 100], years(0, 2), losses="refund")
    np.testing.assert_allclose(tax, [-10, 25])
    assert used.max() == 0.0
