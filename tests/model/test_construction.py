"""Interest during construction, fees and the order of funds, by closed forms and by hand."""

from dataclasses import replace

import companies
import numpy as np
import pytest
from companies import company, funded, period_rates, spending, terms

THETA = {"start": 1.0, "middle": 0.5, "end": 0.0}
RATE = 0.08


def level(months: int, period: str, gearing: float, draw: str, **changes):
    """1200 spent evenly over so many months, one lender without fees or cover."""
    line = companies.years(months / 12, 10, period)
    amounts = 1_200.0 * line.year_lengths("construction") / (months / 12)
    debt = terms(rate=RATE, repayment="annuity", dscr=None, max_gearing=gearing, **changes)
    return company(
        timeline=line,
        debt=debt,
        draw=draw,
        tax=None,
        **{k: v for k, v in spending(amounts, line).items() if k != "timeline"},
    )


@pytest.mark.parametrize("draw", THETA)
@pytest.mark.parametrize("period, rows", [("year", 2), ("half_year", 4), ("quarter", 8), ("month", 24)])
@pytest.mark.parametrize("gearing", [0.35, 0.7, 1.0])
def test_interest_on_level_draws_in_closed_form(draw, period, rows, gearing):
    """With level spending c a row and interest funded like the rest, d_k = g (c + i (B_(k-1) + theta d_k)), so that
    B_k = q B_(k-1) + a with a = g c / (1 - g i theta), q = 1 + g i / (1 - g i theta): B_n = a (q^n - 1) / (q - 1);
    interest is B_n / g - n c.
    """
    i, c = RATE * 24 / rows / 12, 1_200 / rows
    share = 1 - gearing * i * THETA[draw]
    a, q = gearing * c / share, 1 + gearing * i / share
    debt = a * (q**rows - 1) / (q - 1)
    made = funded(level(24, period, gearing, draw))
    assert made.debt[0] == pytest.approx(debt, rel=1e-12)
    assert made.interest.sum() == pytest.approx(debt / gearing - 1_200, rel=1e-9)
    assert made.residual[0] < 1e-10


def test_a_short_last_row_of_construction_bears_its_part_of_interest():
    """18 months in years: 800 in the first, 400 in a row of half a year."""
    made = funded(level(18, "year", 1.0, "start"))
    first = 800 / (1 - RATE)
    second = (400 + RATE / 2 * first) / (1 - RATE / 2)
    np.testing.assert_allclose(made.drawn[:, 0], [0, first, second], rtol=1e-12)
    np.testing.assert_allclose(made.interest[:, 0], [0, RATE * first, RATE / 2 * (first + second)], rtol=1e-12)


def test_interest_and_fees_stop_growing_as_periods_shrink():
    """Mid-period draws: months and years differ by compounding alone, and ever less."""
    yearly, quarterly, monthly = (
        funded(level(24, p, 0.7, "middle")).interest.sum() for p in ("year", "quarter", "month")
    )
    assert abs(monthly - quarterly) < 0.2 * abs(quarterly - yearly) < 0.02 * monthly


def test_draws_at_start_middle_and_end_differ_by_half_a_row_of_interest_each():
    start, middle, end = (funded(level(12, "year", 0.5, draw)).interest.sum() for draw in ("start", "middle", "end"))
    assert end == 0.0
    assert middle == pytest.approx(600 * RATE / 2 / (1 - 0.5 * RATE / 2), rel=1e-12)
    assert start == pytest.approx(600 * RATE / (1 - 0.5 * RATE), rel=1e-12)


def test_a_commitment_fee_by_hand():
    """One year in halves, end draws, 2 % a year on what is undrawn: with all debt D, draws 600 + fee_1 and 600 + fee_2 + interest."""
    made = funded(level(12, "half_year", 1.0, "end", commitment_fee=0.02))
    debt = made.debt[0]
    first = 600 + 0.01 * debt
    assert made.drawn[1, 0] == pytest.approx(first, rel=1e-12)
    assert made.fees[2, 0] == pytest.approx(0.01 * (debt - first), rel=1e-10)
    assert made.drawn[2, 0] == pytest.approx(600 + 0.01 * (debt - first) + 0.04 * first, rel=1e-11)


# --- the order of debt and equity ---


def ordered(order, **changes):
    """Spending of 100, 300 and 200; lender's debt of 240 at most; no interest, so that amounts are round."""
    debt = terms(rate=0.0, repayment="annuity", dscr=None, amount=np.array([240.0]))
    return funded(company(debt=debt, order=order, tax=None, **spending([100, 300, 200]), **changes))


def test_pro_rata_draws_debt_and_equity_at_one_ratio():
    made = ordered("pro_rata")
    np.testing.assert_allclose(made.drawn[1:, 0], [40, 120, 80], rtol=1e-12)
    np.testing.assert_allclose(made.equity[1:, 0], [60, 180, 120], rtol=1e-12)


def test_equity_first_draws_debt_when_equity_is_used_up():
    made = ordered("equity_first")
    np.testing.assert_allclose(made.equity[1:, 0], [100, 260, 0], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(made.drawn[1:, 0], [0, 40, 200], rtol=1e-12, atol=1e-9)


def test_debt_first_draws_equity_when_debt_is_used_up():
    made = ordered("debt_first")
    np.testing.assert_allclose(made.drawn[1:, 0], [100, 140, 0], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(made.equity[1:, 0], [0, 160, 200], rtol=1e-12, atol=1e-9)


def test_debt_drawn_later_bears_less_interest():
    """With a rate, equity first is the cheapest in interest and debt first the dearest; uses follow."""
    debt = terms(rate=RATE, repayment="annuity", dscr=None, max_gearing=0.4)
    inputs = company(debt=debt, tax=None, **spending([100, 300, 200]))
    cost = {order: funded(replace(inputs, order=order)) for order in ("equity_first", "pro_rata", "debt_first")}
    interest = [cost[order].interest.sum() for order in ("equity_first", "pro_rata", "debt_first")]
    assert interest == sorted(interest) and interest[0] < interest[1] < interest[2]
    for made in cost.values():
        np.testing.assert_allclose(made.drawn.sum(), 0.4 * made.uses.sum(), rtol=1e-11)
        np.testing.assert_allclose(made.uses, made.drawn + made.equity, rtol=1e-11, atol=1e-9)


def test_shareholder_loan_and_equity_are_drawn_side_by_side():
    """Equity side 360, of which the loan is 90: a quarter of it in every row, whatever the order."""
    loans = [
        terms(rate=0.0, repayment="annuity", dscr=None, amount=np.array([240.0])),
        terms(rate=0.0, name="own", rank="shareholder", repayment="bullet", dscr=None, amount=np.array([90.0])),
    ]
    made = funded(company(debt=loans, order="equity_first", tax=None, **spending([100, 300, 200])))
    np.testing.assert_allclose(made.all_drawn[1][1:, 0], [25, 65, 0], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(made.equity[1:, 0], [75, 195, 0], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(made.drawn[1:, 0], [0, 40, 200], rtol=1e-12, atol=1e-9)


def test_an_equity_bridge_defers_equity_and_costs_interest():
    """No debt: the bridge draws 500 at each year's end and bears 6 % of 500 in year two; equity pays 1030 then."""
    line = companies.years(2, 15)
    made = funded(
        company(
            tax=None,
            draw="end",
            bridge_rates=period_rates(line, 0.06),
            debt=None,
        )
    )
    np.testing.assert_allclose(made.bridge[:, 0], [0, 500, 0], rtol=1e-13)
    np.testing.assert_allclose(made.interest[:, 0], [0, 0, 30], rtol=1e-13)
    np.testing.assert_allclose(made.equity[:, 0], [0, 0, 1_030], rtol=1e-13)


@pytest.mark.parametrize("draw", THETA)
def test_a_bridge_drawn_within_the_year_bears_its_part(draw):
    """One year: bridge D = 1000 + i theta D."""
    line = companies.years(1, 15)
    made = funded(
        company(
            1,
            tax=None,
            draw=draw,
            bridge_rates=period_rates(line, 0.06),
            debt=None,
        )
    )
    assert made.equity[1, 0] == pytest.approx(1_000 / (1 - 0.06 * THETA[draw]), rel=1e-12)
    assert made.bridge[1, 0] == 0.0


def test_a_bridge_stands_in_for_equity_beside_debt():
    """Half debt, half bridge at the same rate: as a loan for everything, interest is that of full debt."""
    line = companies.years(2, 15)
    half = terms(rate=RATE, repayment="annuity", dscr=None, max_gearing=0.5)
    made = funded(company(tax=None, draw="middle", debt=half, bridge_rates=period_rates(line, RATE)))
    whole = funded(company(tax=None, draw="middle", debt=terms(rate=RATE, repayment="annuity", dscr=None)))
    assert made.interest.sum() == pytest.approx(whole.interest.sum(), rel=1e-11)
    assert made.debt[0] == pytest.approx(0.5 * whole.uses.sum(), rel=1e-11)
    assert made.equity[2, 0] == pytest.approx(made.equity.sum(), rel=1e-13)


def test_what_is_filled_at_completion_is_a_use():
    made = funded(
        company(opening_cash=40.0, tax=None, debt=terms(rate=0.0, max_gearing=0.5, dscr=None, repayment="annuity"))
    )
    np.testing.assert_allclose(made.reserves[:, 0], [0, 0, 40])
    np.testing.assert_allclose(made.drawn[:, 0], [0, 250, 270], rtol=1e-12)


def test_tax_paid_on_purchases_is_funded():
    vat = companies.vat_terms(revenue=0.1, capex=0.1)
    made = funded(company(vat=vat, tax=None, debt=terms(rate=0.0, max_gearing=0.5, dscr=None, repayment="annuity")))
    np.testing.assert_allclose(made.vat[:, 0], [0, 50, 50])
    assert made.debt[0] == pytest.approx(0.5 * 1_100, rel=1e-12)
