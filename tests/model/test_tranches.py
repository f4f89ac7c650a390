"""Tranches: limits and which of them binds, grace, tail, rate steps, bullets, shares by year; periods of any length."""

import companies
import numpy as np
import pytest
from companies import period_rates, tranche, years

from ppp.model.debt import LIMITS, Lender, Loan
from ppp.model.discounting import annuity_factor


def due(loan_or_rows, amount=1.0):
    return np.full((loan_or_rows, 1), float(amount))


def named(lender, *offer):
    return LIMITS[int(lender.binding(*offer)[0])]


def offer(cash, need=1e6, earlier=0.0, lender=None, prior=0.0):
    cash = companies.column(cash)
    return cash, lender.affordable(cash, np.full(cash.shape, prior)), np.array([need]), np.array([earlier])


@pytest.mark.parametrize("rate", [1e-15, 1e-12, 1e-8, 1e-4, 0.05, 0.2])
@pytest.mark.parametrize("period, rows", [("year", 10), ("half_year", 20), ("month", 120)])
def test_an_annuity_of_any_period_pays_the_level_payment(rate, period, rows):
    line = years(0, 10, period)
    schedule = Loan(tranche(line, rate, repayment="annuity"), line).schedule(np.array([1_000.0]), due(rows))
    payment = 1_000 / annuity_factor(rate * 10 / rows, rows)
    np.testing.assert_allclose(schedule.service, payment, rtol=1e-12)
    assert schedule.closing[-1, 0] == pytest.approx(0.0, abs=1e-9)


def test_an_annuity_with_a_short_last_year_pays_by_months():
    """30 months at 12 % a year: rows of 12, 12 and 6 months pay 2p, 2p and p."""
    line = years(0, 2.5)
    schedule = Loan(tranche(line, 0.12, tenor=2.5, repayment="annuity"), line).schedule(np.array([1_000.0]), due(3))
    half = 1_000 / (2 / 1.12 + 2 / 1.12**2 + 1 / 1.12**2 / 1.06)
    np.testing.assert_allclose(schedule.service[:, 0], [2 * half, 2 * half, half], rtol=1e-13)
    np.testing.assert_allclose(schedule.interest[0], 120.0)
    np.testing.assert_allclose(schedule.interest[2], 0.06 * schedule.closing[1], rtol=1e-12)


def test_equal_principal_with_a_short_last_year_is_repaid_by_months():
    line = years(0, 2.5)
    schedule = Loan(tranche(line, 0.12, tenor=2.5, repayment="equal_principal"), line).schedule(
        np.array([500.0]), due(3)
    )
    np.testing.assert_allclose(schedule.principal[:, 0], [200, 200, 100], rtol=1e-13)
    np.testing.assert_allclose(schedule.interest[:, 0], [60, 36, 6], rtol=1e-13)


def test_a_bullet_is_repaid_on_the_last_day():
    line = years(0, 5)
    schedule = Loan(tranche(line, 0.06, tenor=4, repayment="bullet"), line).schedule(np.array([100.0]), due(5))
    np.testing.assert_allclose(schedule.principal[:, 0], [0, 0, 0, 100, 0], atol=1e-12)
    np.testing.assert_allclose(schedule.interest[:, 0], [6, 6, 6, 6, 0], atol=1e-12)


def test_a_bullet_s_capacity_is_set_by_its_last_day_or_its_interest():
    line = years(0, 4)
    loan = Loan(tranche(line, 0.06, tenor=4, repayment="bullet"), line)
    assert loan.capacity(companies.column([6, 6, 6, 212]))[0] == pytest.approx(100.0, rel=1e-13)
    assert loan.capacity(companies.column([60, 60, 60, 106]))[0] == pytest.approx(100.0, rel=1e-13)


def test_shares_of_principal_by_year():
    line = years(0, 4)
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    loan = Loan(tranche(line, 0.05, tenor=4, repayment="custom", custom=shares), line)
    schedule = loan.schedule(np.array([200.0]), due(4))
    np.testing.assert_allclose(schedule.principal[:, 0], [20, 40, 60, 80], rtol=1e-13)
    np.testing.assert_allclose(schedule.interest[:, 0], [10, 9, 7, 4], rtol=1e-13)
    assert loan.capacity(companies.column([30, 49, 67, 42]))[0] == pytest.approx(100.0, rel=1e-13)


def test_grace_bears_interest_only_and_repayment_follows():
    line = years(0, 6)
    terms = tranche(line, 0.06, tenor=5, grace=2, repayment="annuity")
    schedule = Loan(terms, line).schedule(np.array([100.0]), due(6))
    np.testing.assert_allclose(schedule.principal[:2], 0.0)
    np.testing.assert_allclose(schedule.interest[:2], 6.0)
    np.testing.assert_allclose(schedule.service[2:5], 100 / annuity_factor(0.06, 3), rtol=1e-13)
    assert schedule.service[5, 0] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("kind", ["sculpted", "annuity", "equal_principal", "bullet"])
def test_interest_in_grace_limits_the_debt(kind):
    """A first year that carries 3 carries 3 / 6 % = 50 of debt, however rich the rest."""
    line = years(0, 4)
    loan = Loan(tranche(line, 0.06, tenor=4, grace=1, repayment=kind), line)
    assert loan.capacity(companies.column([3, 900, 900, 900]))[0] == pytest.approx(50.0, rel=1e-13)


def test_sculpting_after_grace_discounts_to_its_end():
    line = years(0, 4)
    loan = Loan(tranche(line, 0.06, tenor=4, grace=1), line)
    assert loan.capacity(companies.column([100, 30, 40, 50]))[0] == pytest.approx(
        30 / 1.06 + 40 / 1.06**2 + 50 / 1.06**3, rel=1e-13
    )
    schedule = loan.schedule(np.array([60.0]), companies.column([100, 30, 40, 50]))
    np.testing.assert_allclose(schedule.closing[0], 60.0)
    np.testing.assert_allclose(
        schedule.service[1:, 0] / [30, 40, 50], 60 / loan.capacity(companies.column([100, 30, 40, 50]))[0], rtol=1e-13
    )


def test_a_loan_without_interest_has_no_limit_in_grace():
    line = years(0, 3)
    loan = Loan(tranche(line, 0.0, tenor=3, grace=1), line)
    assert loan.capacity(companies.column([0, 40, 50]))[0] == pytest.approx(90.0)


def test_rate_steps_change_interest_and_discounting():
    line = years(0, 3)
    rates = np.array([[0.0], [0.05], [0.05], [0.10]])
    loan = Loan(tranche(line, tenor=3, rates=rates), line)
    cash = companies.column([21, 22.05, 24.255])
    worth = 21 / 1.05 + 22.05 / 1.05**2 + 24.255 / (1.05**2 * 1.10)
    assert loan.capacity(cash)[0] == loan.worth(cash)[0] == pytest.approx(worth, rel=1e-14)
    schedule = loan.schedule(np.array([worth]), cash)
    assert schedule.interest[2, 0] == pytest.approx(0.10 * schedule.closing[1, 0], rel=1e-14)
    assert schedule.closing[2, 0] == pytest.approx(0.0, abs=1e-12)


def test_rate_steps_of_a_file_hold_from_the_operating_year_in_which_a_row_begins(project_with_steps):
    rates = project_with_steps.inputs.tranches[0].rates[:, 0]
    np.testing.assert_allclose(rates, [0, 0.02, 0.02, 0.02, 0.02, 0.03, 0.03, 0.01, 0.01], rtol=1e-14)


@pytest.fixture
def project_with_steps(tmp_path):
    import ppp

    path = tmp_path / "steps.yaml"
    path.write_text(
        """
kind: project
id: steps
name: Steps
status: draft
sector: other
regime: generic
appraised: 2023-01-01
currency: CNY
unit: one
price_basis: nominal
timeline: {financial_close: 2024-01-01, construction: 1 years, operation: 3 years, period: half_year}
construction: {capex: 100}
operation: {opex: 1}
users: {payments: 60}
payment: {kind: user_pay}
funding:
  government_share: 0%
  debt: {rate: 4%, tenor: 3 years, repayment: annuity, max_gearing: 50%, rate_steps: [{from_year: 2, rate: 6%}, {from_year: 3, rate: 2%}]}
discounting: {rate: 5%}
""",
        encoding="utf-8",
    )
    return ppp.evaluate(ppp.load(path))


# --- limits ---


def test_the_smallest_limit_sets_the_size_and_is_named():
    line, cash = years(0, 3), [100, 100, 100]
    worth = 100 * annuity_factor(0.06, 3)
    limits = {
        "gearing": dict(max_gearing=0.5),
        "amount": dict(amount=np.array([123.0])),
        "llcr": dict(llcr=np.array([2.5])),
        "dscr": dict(dscr=3.0),
    }
    expected = {"gearing": 0.5 * 240, "amount": 123.0, "llcr": worth / 2.5, "dscr": worth / 3.0}
    for key, change in limits.items():
        lender = Lender(
            tranche(line, tenor=3, dscr=change.get("dscr"), **{k: v for k, v in change.items() if k != "dscr"}), line
        )
        given = offer(cash, need=240.0, lender=lender)
        assert lender.size(*given)[0] == pytest.approx(expected[key], rel=1e-13)
        assert named(lender, *given) == key


def test_equal_limits_name_gearing_before_amount_before_cover():
    line, cash = years(0, 3), [106 * 1.06**k for k in range(3)]
    worth = 300.0
    lender = Lender(tranche(line, tenor=3, dscr=1.0, amount=np.array([worth])), line)
    assert named(lender, *offer(cash, need=worth, lender=lender)) == "gearing"
    assert named(lender, *offer(cash, need=worth + 1e-6, lender=lender)) == "amount"
    lender = Lender(tranche(line, tenor=3, dscr=1.0, llcr=np.array([1.0])), line)
    assert named(lender, *offer(cash, need=worth + 1.0, lender=lender)) == "dscr"


def test_a_tie_within_a_hundred_billionth_is_a_tie():
    line, cash = years(0, 3), [106 * 1.06**k for k in range(3)]
    lender = Lender(tranche(line, tenor=3, dscr=1.0), line)
    assert named(lender, *offer(cash, need=300.0 * (1 + 5e-12), lender=lender)) == "gearing"
    assert named(lender, *offer(cash, need=300.0 * (1 + 5e-11), lender=lender)) == "dscr"


def test_earlier_debt_counts_in_gearing_and_in_loan_life_cover():
    line, cash = years(0, 3), [100, 100, 100]
    worth = 100 * annuity_factor(0.06, 3)
    geared = Lender(tranche(line, tenor=3, dscr=None, max_gearing=0.8), line)
    assert geared.size(*offer(cash, 250.0, 60.0, geared))[0] == pytest.approx(0.8 * 250 - 60, rel=1e-14)
    covered = Lender(tranche(line, tenor=3, dscr=None, llcr=np.array([1.5])), line)
    assert covered.size(*offer(cash, 1e6, 60.0, covered))[0] == pytest.approx(worth / 1.5 - 60, rel=1e-13)
    assert covered.size(*offer(cash, 1e6, 900.0, covered))[0] == 0.0


def test_earlier_service_is_taken_off_what_a_later_tranche_may_count():
    line = years(0, 2)
    lender = Lender(tranche(line, tenor=2, dscr=1.25), line)
    affordable = lender.affordable(companies.column([100, 50]), companies.column([30, 60]))
    np.testing.assert_allclose(affordable[:, 0], [80 - 30, 0.0])
    assert lender.affordable(companies.column([-10, 50]), np.zeros(1))[0, 0] == 0.0


def test_without_a_cover_all_cash_counts():
    line = years(0, 2)
    lender = Lender(tranche(line, tenor=2, dscr=None, repayment="annuity"), line)
    np.testing.assert_allclose(lender.affordable(companies.column([100, 50]), np.zeros(1))[:, 0], [100, 50])


def test_loan_life_cover_counts_cash_to_maturity_and_never_negative_cash():
    line = years(0, 4)
    lender = Lender(tranche(line, 0.05, tenor=3, dscr=None, llcr=np.array([1.2])), line)
    size = lender.size(*offer([50, -40, 50, 900], lender=lender))[0]
    assert size == pytest.approx((50 / 1.05 + 50 / 1.05**3) / 1.2, rel=1e-13)


def test_a_tail_shortens_the_tenor_and_is_named_where_it_costs_debt():
    line, cash = years(0, 5), [100] * 5
    whole = Lender(tranche(line, tenor=5, dscr=1.0), line)
    cut = Lender(tranche(line, tenor=5, tail=2, dscr=1.0), line)
    assert whole.size(*offer(cash, lender=whole))[0] == pytest.approx(100 * annuity_factor(0.06, 5), rel=1e-13)
    assert cut.size(*offer(cash, lender=cut))[0] == pytest.approx(100 * annuity_factor(0.06, 3), rel=1e-13)
    assert named(whole, *offer(cash, lender=whole)) == "dscr" and named(cut, *offer(cash, lender=cut)) == "tail"
    assert named(cut, *offer(cash, need=100.0, lender=cut)) == "gearing"  # the tail would cut more than is needed
    schedule = cut.loan.schedule(np.array([90.0]), cut.affordable(companies.column(cash), np.zeros(1)))
    assert schedule.closing[2, 0] == pytest.approx(0.0, abs=1e-12) and schedule.service[3:].max() < 1e-12


def test_a_tail_that_is_free_anyway_binds_nothing():
    line, cash = years(0, 5), [100] * 5
    lender = Lender(tranche(line, tenor=3, tail=2, dscr=1.0), line)
    assert lender.untailed is None and named(lender, *offer(cash, lender=lender)) == "dscr"


def test_a_tail_without_cash_in_it_does_not_bind():
    line, cash = years(0, 5), [100, 100, 100, 0, 0]
    lender = Lender(tranche(line, tenor=5, tail=2, dscr=1.0), line)
    assert named(lender, *offer(cash, lender=lender)) == "dscr"


def test_each_case_has_its_own_limit():
    line = years(0, 3)
    lender = Lender(tranche(line, tenor=3, dscr=1.0, max_gearing=np.array([0.1, 1.0])), line)
    given = offer([100, 100, 100], need=1_000.0, lender=lender)
    np.testing.assert_allclose(lender.size(*given), [100, 100 * annuity_factor(0.06, 3)], rtol=1e-13)
    assert [LIMITS[k] for k in lender.binding(*given)] == ["gearing", "dscr"]


def test_interest_of_a_loan_counts_the_months_of_a_short_row():
    line = years(0, 1.25, "half_year")
    np.testing.assert_allclose(period_rates(line, 0.08)[:, 0], [0, 0.04, 0.04, 0.02])
    schedule = Loan(tranche(line, 0.08, tenor=1.25, repayment="bullet"), line).schedule(np.array([100.0]), due(3))
    np.testing.assert_allclose(schedule.interest[:, 0], [4, 4, 2], rtol=1e-14)


@pytest.mark.parametrize("kind", ["sculpted", "annuity", "equal_principal", "custom"])
def test_nothing_is_owed_nor_paid_once_a_loan_is_repaid(kind):
    line = years(0, 9)
    custom = np.array([0.1, 0.2, 0.3, 0.1, 0.1, 0.1, 0.1]) if kind == "custom" else None
    loan = Loan(tranche(line, 0.07, tenor=7, repayment=kind, custom=custom), line)
    schedule = loan.schedule(np.array([123.4567]), companies.column([31, 47, 53, 29, 37, 41, 43, 50, 50]))
    np.testing.assert_array_equal(schedule.service[7:], 0.0)
    np.testing.assert_allclose(schedule.closing[6:], 0.0, atol=1e-11)
    if kind in ("equal_principal", "custom"):
        np.testing.assert_array_equal(schedule.closing[6:], 0.0)


def test_a_sculpted_loan_without_cash_to_repay_it_asks_for_nothing():
    line = years(0, 2)
    schedule = Loan(tranche(line, 0.06, tenor=2), line).schedule(np.zeros(1), np.zeros((2, 1)))
    np.testing.assert_array_equal(schedule.service, 0.0)


def test_a_poor_row_after_grace_limits_no_interest_in_grace():
    """0.1 in the third row carries little service, but only the first row must carry interest alone."""
    line = years(0, 4)
    loan = Loan(tranche(line, 0.06, tenor=4, grace=1), line)
    worth = 100 / 1.06 + 0.1 / 1.06**2 + 100 / 1.06**3
    assert loan.capacity(companies.column([60, 100, 0.1, 100]))[0] == pytest.approx(worth, rel=1e-13)


def test_cash_of_one_case_beside_terms_or_earlier_service_of_many():
    line = years(0, 2)
    cash, prior = companies.column([120.0, 60.0]), np.array([[0.0, 20.0], [10.0, 70.0]])
    plain = Lender(tranche(line, tenor=2, dscr=1.2), line)
    np.testing.assert_allclose(plain.affordable(cash, prior), [[100, 80], [40, 0]])
    many = Lender(tranche(line, tenor=2, dscr=np.array([1.0, 1.2])), line)
    np.testing.assert_allclose(many.affordable(cash, np.zeros(1)), [[120, 100], [60, 50]])


def test_a_tail_is_named_where_loan_life_cover_binds():
    """100 a year for four years, the last cut by the tail: at a cover of 2 three years carry 150, four would carry 200."""
    line = years(0, 4)
    lender = Lender(tranche(line, 0.0, tenor=4, tail=1, dscr=None, llcr=2.0), line)
    asked = offer([100.0] * 4, lender=lender)
    assert lender.size(*asked)[0] == pytest.approx(150.0)
    assert named(lender, *asked) == "tail"


def test_one_amount_is_repaid_from_the_cash_of_each_case():
    line = years(0, 2)
    schedule = Loan(tranche(line, 0.0, tenor=2), line).schedule(np.array([60.0]), np.array([[1.0, 2.0], [2.0, 1.0]]))
    np.testing.assert_allclose(schedule.principal, [[20, 40], [40, 20]])
