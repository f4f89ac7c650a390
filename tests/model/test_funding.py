"""Sources and uses, and the circle of debt, interest during construction and fees."""

import companies
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

THETA = {"start": 1.0, "middle": 0.5, "end": 0.0}
AT_CLOSE = companies.years(0, 15)


def funded(amounts, capacity=None, close_costs=0.0, grant=None, draw="middle", line=None, **words):
    """Capex by construction year, its debt limited by gearing and, when given, by the amount that a lender offers."""
    line = line or companies.years(len(amounts), 15)
    granted = np.zeros(len(amounts)) if grant is None else np.array(grant)
    debt = companies.terms(
        rate=words.get("rate", 0.06),
        max_gearing=words.get("gearing", 0.7),
        upfront_fee=words.get("upfront", 0.0),
        commitment_fee=words.get("commitment", 0.0),
        repayment="annuity",
        dscr=None,
        amount=None if capacity is None else np.asarray(capacity),
    )
    return companies.funded(
        companies.company(
            debt=debt,
            draw=draw,
            close_costs=np.array([close_costs]),
            grant=line.spread("building", granted[:, None]),
            **companies.spending(amounts, line),
        )
    )


@pytest.mark.parametrize("draw", THETA)
def test_one_year_of_construction_in_closed_form(draw):
    """D = g (C + i theta D), so D = g C / (1 - g i theta)."""
    result = funded([1_000], draw=draw)
    debt = 0.7 * 1_000 / (1 - 0.7 * 0.06 * THETA[draw])
    assert result.debt[0] == pytest.approx(debt, rel=1e-12)
    assert result.interest[1, 0] == pytest.approx(0.06 * THETA[draw] * debt, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("draw", THETA)
def test_two_years_of_construction_in_closed_form(draw):
    theta = THETA[draw]
    first = 0.7 * 400 / (1 - 0.7 * 0.06 * theta)
    second = 0.7 * (600 + 0.06 * first) / (1 - 0.7 * 0.06 * theta)
    result = funded([400, 600], draw=draw)
    np.testing.assert_allclose(result.drawn[:, 0], [0, first, second], rtol=1e-12)
    np.testing.assert_allclose(
        result.interest[:, 0], [0, 0.06 * theta * first, 0.06 * (first + theta * second)], rtol=1e-12
    )


def test_debt_drawn_at_year_ends_and_nothing_else_compounds_to_the_start_of_operation():
    result = funded([100, 100, 100], gearing=1.0, draw="end")
    assert result.debt[0] == pytest.approx(100 * 1.06**2 + 100 * 1.06 + 100, rel=1e-12)
    assert result.equity.sum() == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize("years", [1, 2, 3, 5])
def test_debt_drawn_at_year_starts_bears_interest_from_the_first_day(years):
    """Fully debt-funded, a draw holds its own interest of the year: each year's balance is (B + C) / (1 - i)
    while B bears interest."""
    result = funded([100] * years, gearing=1.0, draw="start")
    balance = 0.0
    for _ in range(years):
        balance = balance + (100 + 0.06 * balance) / (1 - 0.06)
    assert result.debt[0] == pytest.approx(balance, rel=1e-12)


def test_interest_accrues_on_drawn_debt_and_not_on_total_cost():
    assert funded([1_000], gearing=0.0).interest.sum() == 0.0
    on_cost = 0.06 * 0.5 * 1_000
    assert funded([1_000], gearing=0.5).interest.sum() < 0.51 * on_cost


def test_no_construction_period_bears_no_interest():
    at_close = funded([1_000], line=AT_CLOSE)
    assert at_close.interest.sum() == 0.0
    assert at_close.debt[0] == pytest.approx(700.0, rel=1e-13)


def test_the_upfront_fee_is_charged_on_the_debt_that_pays_for_it():
    """At close D = g (C + f D), so D = g C / (1 - g f)."""
    at_close = funded([1_000], line=AT_CLOSE, upfront=0.02)
    debt = 0.7 * 1_000 / (1 - 0.7 * 0.02)
    assert at_close.debt[0] == pytest.approx(debt, rel=1e-12)
    assert at_close.fees[0, 0] == pytest.approx(0.02 * debt, rel=1e-12)


def test_the_commitment_fee_is_charged_on_what_is_not_yet_drawn():
    result = funded([500, 500], commitment=0.01, draw="end")
    undrawn_in_year_1, undrawn_in_year_2 = result.debt[0], result.debt[0] - result.drawn[1, 0]
    np.testing.assert_allclose(result.fees[1:, 0], [0.01 * undrawn_in_year_1, 0.01 * undrawn_in_year_2], rtol=1e-11)


def test_a_draw_in_mid_year_pays_half_a_year_s_commitment_fee():
    result = funded([1_000], rate=0.0, commitment=0.01, draw="middle")
    assert result.fees[1, 0] == pytest.approx(0.01 * result.debt[0] / 2, rel=1e-11)


def test_a_grant_is_taken_off_before_debt_and_equity_share_the_rest():
    result = funded([1_000], grant=[200], draw="end")
    assert result.debt[0] == pytest.approx(0.7 * (1_000 - 200), rel=1e-13)
    assert result.equity.sum() == pytest.approx(0.3 * (1_000 - 200), rel=1e-13)


def test_close_costs_are_paid_and_shared_at_close():
    result = funded([1_000], close_costs=50.0, rate=0.0)
    assert result.fees[0, 0] == 50.0
    assert result.drawn[0, 0] == pytest.approx(0.7 * 50, rel=1e-13)


def test_debt_stops_at_the_capacity_of_the_cash_flow():
    result = funded([1_000], capacity=[400.0])
    assert result.debt[0] == pytest.approx(400.0, rel=1e-12)
    assert result.equity.sum() == pytest.approx(1_000 + result.interest.sum() - 400, rel=1e-12)


construction = dict(
    spending=st.lists(st.floats(1.0, 1e6), min_size=1, max_size=6),
    rate=st.floats(0.0, 0.15),
    gearing=st.floats(0.0, 1.0),
    upfront=st.floats(0.0, 0.05),
    commitment=st.floats(0.0, 0.03),
    draw=st.sampled_from(list(THETA)),
    share_of_capacity=st.floats(0.1, 2.0),
    granted=st.floats(0.0, 0.9),
)


@settings(max_examples=100, deadline=None)
@given(**construction)
def test_sources_equal_uses_in_every_year_and_the_circle_closes(spending, share_of_capacity, granted, **words):
    capacity = [share_of_capacity * sum(spending)]
    result = funded(spending, capacity=capacity, grant=[granted * x for x in spending], close_costs=3.0, **words)
    uses = result.uses
    np.testing.assert_allclose(result.grant + result.equity + result.drawn, uses, rtol=1e-12, atol=1e-12 * uses.max())
    assert result.residual[0] < 1e-10
    assert result.debt[0] <= (words["gearing"] + 1e-10) * (uses - result.grant).sum()
    assert result.debt[0] <= capacity[0] * (1 + 1e-10)


@settings(max_examples=60, deadline=None)
@given(**construction)
def test_debt_and_equity_are_paid_in_at_one_ratio(spending, share_of_capacity, granted, **words):
    result = funded(spending, capacity=[share_of_capacity * sum(spending)], **words)
    need = result.uses[:, 0]
    np.testing.assert_allclose(
        result.drawn[:, 0], result.debt[0] / need.sum() * need, rtol=1e-8, atol=1e-9 * need.max()
    )


def test_a_project_that_needs_no_money_borrows_none():
    nothing = funded([0.0, 0.0])
    assert nothing.debt[0] == pytest.approx(0.0, abs=1e-200)
    assert nothing.residual[0] < 1e-10
