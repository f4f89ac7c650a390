"""The subsidy formula of Cai Jin [2015] 21 and what it really pays."""

from dataclasses import replace

import companies
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model import payments
from ppp.model.discounting import annuity_factor, discount_factors, mean_return_of_markup, present_value
from ppp.model.inputs import Guarantee
from ppp.model.irr import irr
from ppp.model.payments import (
    construction_cost_of_formula,
    government_payment,
    interest_during_construction,
    rounded,
    viability_gap,
)

terms = dict(cost=st.floats(1.0, 1e9), markup=st.floats(0.0, 0.2), rate=st.floats(0.0, 0.15), years=st.integers(1, 40))


def construction_subsidy(cost, markup, rate, years, first_exponent=1):
    return payments.construction_subsidy(cost, markup, rate, np.ones(years), first_exponent)


def level_annuity(cost, markup, rate, years):
    return payments.level_annuity(cost, markup, rate, np.ones(years))


def equity_annuity(equity, without_profit, rate, years):
    return payments.equity_annuity(equity, without_profit, rate, np.ones(years))


def worth_at_start_of_operation(paid, rate):
    return present_value(paid, discount_factors(rate, np.arange(paid.shape[0] + 1))[1:])[0]


# --- the mark-up is a one-off share of present value, not a yearly return ---


@settings(max_examples=100, deadline=None)
@given(**terms)
def test_construction_part_is_worth_cost_and_markup_for_every_rate_and_term(cost, markup, rate, years):
    paid = construction_subsidy(cost, markup, rate, years)
    assert worth_at_start_of_operation(paid, rate) == pytest.approx(cost * (1 + markup), rel=1e-11)


@settings(max_examples=60, deadline=None)
@given(**terms)
def test_counting_from_zero_it_is_worth_a_year_s_discount_less(cost, markup, rate, years):
    paid = construction_subsidy(cost, markup, rate, years, first_exponent=0)
    assert worth_at_start_of_operation(paid, rate) == pytest.approx(cost * (1 + markup) / (1 + rate), rel=1e-11)


@settings(max_examples=60, deadline=None)
@given(**terms)
def test_a_level_annuity_has_the_same_worth(cost, markup, rate, years):
    paid = level_annuity(cost, markup, rate, years)
    assert worth_at_start_of_operation(paid, rate) == pytest.approx(cost * (1 + markup), rel=1e-11)
    assert np.ptp(paid) == 0.0


def test_discounting_at_another_rate_breaks_the_property():
    paid = construction_subsidy(1_000.0, 0.06, 0.05, 10)
    assert worth_at_start_of_operation(paid, 0.045) > 1_000 * 1.06 * 1.02


@pytest.mark.parametrize("years, percent", [(8, 6.28), (10, 6.03), (15, 5.67), (20, 5.49), (28, 5.33)])
def test_a_profit_rate_of_six_percent_returns_little_more_than_the_rate(years, percent):
    implied = irr(mean_return_of_markup(0.06, 0.049, years)).value[0]
    assert 100 * implied == pytest.approx(percent, abs=0.005)


def test_the_payment_rises_every_year_so_that_a_cap_may_be_broken_late():
    paid = construction_subsidy(1.0, 0.06, 0.049, 20)[:, 0]
    assert paid[0] == pytest.approx(0.056, abs=5e-4)
    assert paid[-1] == pytest.approx(0.138, abs=5e-4)
    level = 1.06 / annuity_factor(0.049, 20)
    assert level == pytest.approx(0.084, abs=5e-4)
    np.testing.assert_allclose(paid[1:] / paid[:-1], 1.049, rtol=1e-13)


def test_formula_of_one_year_in_figures():
    assert construction_subsidy(94_200, 0.06, 0.05, 10)[2, 0] == pytest.approx(94_200 * 1.06 * 1.05**3 / 10, rel=1e-14)


# --- other shapes of the payment ---


def test_capital_without_profit_is_returned_evenly_and_the_rest_as_an_annuity():
    expected = (100 - 20) / annuity_factor(0.08, 10) + 20 / 10
    np.testing.assert_allclose(equity_annuity(100.0, 20.0, 0.08, 10), expected, rtol=1e-14)


def test_interest_during_construction_simple_and_compound():
    draws = [[100.0], [100.0]]
    assert interest_during_construction(draws, 0.06, "middle", "none")[0] == 0.0
    assert interest_during_construction(draws, 0.06, "middle", "simple")[0] == pytest.approx(100 * 0.06 * (1.5 + 0.5))
    compound = 3 + 0.06 * (100 + 3) + 3
    assert interest_during_construction(draws, 0.06, "middle", "compound")[0] == pytest.approx(compound)


@pytest.mark.parametrize("draw, years_outstanding", [("start", 2 + 1), ("middle", 1.5 + 0.5), ("end", 1 + 0)])
def test_a_draw_bears_interest_from_its_own_day(draw, years_outstanding):
    interest = interest_during_construction([[100.0], [100.0]], 0.06, draw, "simple")[0]
    assert interest == pytest.approx(100 * 0.06 * years_outstanding)


def test_simple_and_compound_interest_agree_over_one_year():
    one = [[100.0]]
    simple = interest_during_construction(one, 0.06, "start", "simple")[0]
    assert simple == interest_during_construction(one, 0.06, "start", "compound")[0] == 6.0


# --- the gap ---

REQUIRED = np.array([[100.0], [100.0], [100.0]])
USERS = np.array([[130.0], [80.0], [40.0]])


def test_a_gap_is_what_users_do_not_pay():
    assert list(viability_gap(REQUIRED, USERS, "floor")[:, 0]) == [0, 20, 60]


def test_an_excess_is_shared_with_the_government():
    assert list(viability_gap(REQUIRED, USERS, "share", 0.5)[:, 0]) == [-30 * 0.5, 20, 60]


def test_an_excess_is_carried_forward_until_used():
    """An excess of 30 takes the whole gap of 20, and 10 of the next."""
    assert list(viability_gap(REQUIRED, USERS, "carry_forward")[:, 0]) == [0, 0, 60 - 10]


def test_two_excesses_add_up_before_they_are_used():
    users = np.array([[130.0], [120.0], [10.0]])
    assert list(viability_gap(REQUIRED, users, "carry_forward")[:, 0]) == [0, 0, 90 - 50]


def test_an_unknown_treatment_is_refused():
    with pytest.raises(ValueError, match="unknown treatment"):
        viability_gap(REQUIRED, USERS, "ignore")


@settings(max_examples=60, deadline=None)
@given(users=st.lists(st.floats(0.0, 300.0), min_size=3, max_size=3))
def test_treatments_pay_what_is_due_in_order(users):
    users = np.array(users)[:, None]
    floor, carried, shared = (
        viability_gap(REQUIRED, users, way, 1.0).sum() for way in ("floor", "carry_forward", "share")
    )
    assert shared - 1e-9 <= carried <= floor + 1e-9


def test_rounding_is_half_away_from_zero():
    assert list(rounded(np.array([1.005, 2.675, -1.005, 0.004]), 0.01)) == pytest.approx(
        [1.01, 2.68, -1.01, 0.0], abs=1e-12
    )


# --- the whole mechanism ---


def test_formula_payment_of_a_project(inputs, formula):
    """1000 x 1.06 x 1.05^n / 15 + 50 x 1.06, in every operating year."""
    paid = government_payment(inputs(payment=formula(15)))
    n = np.arange(1, 16)
    np.testing.assert_allclose(paid["government_payment"][:, 0], 1_000 * 1.06 * 1.05**n / 15 + 50 * 1.06, rtol=1e-13)
    np.testing.assert_allclose(paid["payment_running_part"][:, 0], 50 * 1.06, rtol=1e-13)


def test_running_cost_holds_renewals_and_its_markup_can_be_switched_off(inputs, formula):
    renewals = [0.0] * 9 + [100.0] + [0.0] * 5
    plain = government_payment(inputs(payment=formula(15, mark_up_opex=False), lifecycle=renewals))
    assert plain["payment_running_part"][9, 0] == 50 + 100


def test_subsidy_years_end_before_operation_does(inputs, formula):
    paid = government_payment(inputs(payment=formula(10)))["payment_capital_part"]
    assert np.all(paid[:10] > 0) and np.all(paid[10:] == 0)
    assert worth_at_start_of_operation(paid, 0.05) == pytest.approx(1_060.0, rel=1e-12)


def test_a_gap_payment_takes_off_users_and_third_parties(inputs, formula):
    income = dict(user_payments=[40.0] * 15, other_revenue=[10.0] * 15)
    full = government_payment(inputs(payment=formula(15), **income))["government_payment"]
    gap = government_payment(inputs(payment=formula(15, gap=True), **income))["government_payment"]
    np.testing.assert_allclose(gap, full - 40 - 10, rtol=1e-13)


@pytest.mark.parametrize("counting, exponent", [("from_one", 1), ("from_zero", 0), ("from_construction", 3)])
def test_counting_of_years_is_a_convention(inputs, formula, counting, exponent):
    first = government_payment(inputs(payment=formula(15, counting=counting)))["payment_capital_part"][0, 0]
    assert first == pytest.approx(1_000 * 1.06 * 1.05**exponent / 15, rel=1e-13)


def test_government_equity_may_be_deducted_from_the_cost(inputs, formula):
    terms = formula(15, government_equity=60.0, deduct_government_equity=True)
    assert construction_cost_of_formula(terms, inputs())[0] == 1_000 - 60


def test_formula_cost_holds_interest_on_the_assumed_loan(inputs, formula):
    terms = formula(15, loan=700.0, loan_rate=0.06, interest="simple")
    assert construction_cost_of_formula(terms, inputs())[0] == pytest.approx(
        1_000 + 350 * 0.06 * (1.5 + 0.5), rel=1e-14
    )


def test_each_case_has_its_own_cost_of_the_formula(inputs, formula):
    """Capex of 600, of a thousandth of that and of nothing; a loan of the same size is drawn as each spends."""
    terms = formula(15, loan=700.0, loan_rate=0.06, interest="simple")
    plain, sizes = inputs(), np.array([0.6, 6e-4, 0.0])
    made = replace(
        plain, capex=plain.capex * sizes, capex_by_year=plain.capex_by_year * sizes, grant=plain.capex * sizes / 2
    )
    interest = 350 * 0.06 * (1.5 + 0.5) * np.array([1.0, 1.0, 0.0])
    np.testing.assert_allclose(construction_cost_of_formula(terms, made), 500 * sizes + interest, rtol=1e-13)


def test_a_project_without_construction_years_bears_no_interest_in_its_formula(inputs, formula):
    terms = formula(15, loan=700.0, loan_rate=0.06, interest="compound")
    assert construction_cost_of_formula(terms, inputs(construction=0))[0] == 1_000


def test_payments_rounded_every_year_are_whole_cents(inputs, formula):
    paid = government_payment(inputs(payment=formula(15, rounding="yearly")))["government_payment"]
    np.testing.assert_allclose(paid * 100, np.round(paid * 100), rtol=0, atol=1e-8)


def test_level_annuity_and_debt_service_methods(inputs, formula):
    level = government_payment(inputs(payment=formula(15, method="level_annuity")))["payment_capital_part"]
    np.testing.assert_allclose(level, 1_060 / annuity_factor(0.05, 15), rtol=1e-13)
    service = np.full((15, 1), 70.0)
    through = formula(
        15,
        method="equity_annuity_debt_service",
        equity=300.0,
        equity_without_profit=30.0,
        debt_service=service,
    )
    paid = government_payment(inputs(payment=through))["government_payment"]
    np.testing.assert_allclose(paid, 270 / annuity_factor(0.05, 15) + 30 / 15 + 70 + 50 * 1.06, rtol=1e-13)


def test_an_unknown_method_is_refused(inputs, formula):
    with pytest.raises(ValueError, match="unknown subsidy method"):
        government_payment(inputs(payment=formula(15, method="guess")))


def test_an_availability_payment_is_partly_indexed(inputs):
    from ppp.model.inputs import Availability

    through = np.linspace(7.0, 9.0, 15)[:, None]
    terms = Availability(np.full((15, 1), 100.0), np.array([0.4]), np.array([0.03]), through)
    paid = government_payment(inputs(payment=terms))["government_payment"] - through
    assert paid[0, 0] == 100.0
    assert paid[2, 0] == pytest.approx(100 * (0.6 + 0.4 * 1.03**2), rel=1e-14)


def test_a_capital_grant_is_not_paid_for_again(tmp_path):
    """With 400 of 1000 granted, no interest and pi = 0, r = 0, the payments return 1000 - 400."""
    import ppp

    path = tmp_path / "granted.yaml"
    path.write_text(
        """
kind: project
id: granted
name: Granted
status: draft
sector: road
regime: cn-2015
appraised: 2020-01-01
currency: CNY
unit: wan
price_basis: nominal
timeline: {financial_close: 2021-01-01, construction: 2 years, operation: 10 years}
construction: {capex: 1000}
operation: {opex: 0}
payment: {kind: government_pay, profit_rate: 0%, rate: 0%}
funding: {government_share: 0%, grant: 400}
discounting: {rate: 4%}
conventions: {subsidy_interest: none}
""",
        encoding="utf-8",
    )
    paid = ppp.evaluate(ppp.load(path)).lines["government_payment"].sum()
    assert paid == pytest.approx((1000 - 400) * 10_000, rel=1e-12)


# --- other mechanisms, and years that are short ---


def test_a_shadow_tariff_pays_what_is_used(inputs):
    from ppp.model.inputs import ShadowTariff

    amount = np.linspace(10.0, 24.0, 15)[:, None]
    np.testing.assert_array_equal(
        government_payment(inputs(payment=ShadowTariff(amount)))["government_payment"], amount
    )


def test_a_user_pay_project_without_guarantee_is_paid_nothing(inputs):
    paid = government_payment(inputs(payment=None))
    assert paid["government_payment"].shape == (15, 1) and paid["government_payment"].sum() == 0.0


def test_a_guarantee_tops_up_and_bands_share_what_exceeds():
    """Guaranteed 100; 20 % of what lies above 120, half of what lies above 150."""
    users = companies.column([80, 110, 140, 200])
    bands = (companies.column([120] * 4), np.array([0.2])), (companies.column([150] * 4), np.array([0.5]))
    made = government_payment(
        companies.company(1, 4, user_payments=users, payment=Guarantee(companies.column([100] * 4), bands))
    )
    np.testing.assert_allclose(made["guarantee_payment"][:, 0], [20, 0, 0, 0])
    np.testing.assert_allclose(made["revenue_shared"][:, 0], [0, 0, 4, 0.2 * 30 + 0.5 * 50])
    np.testing.assert_allclose(made["government_payment"][:, 0], [20, 0, -4, -31])


def test_a_guarantee_alone_shares_nothing_and_bands_alone_guarantee_nothing():
    users = companies.column([80, 140])
    only = government_payment(
        companies.company(1, 2, user_payments=users, payment=Guarantee(companies.column([100] * 2), ()))
    )
    np.testing.assert_allclose(only["government_payment"][:, 0], [20, 0])
    shared = Guarantee(None, ((companies.column([0] * 2), np.array([0.25])),))
    made = government_payment(companies.company(1, 2, user_payments=users, payment=shared))
    np.testing.assert_allclose(made["government_payment"][:, 0], [-20, -35])  # a band from 0 is a share of all revenue


@pytest.mark.parametrize("rate", [1e-15, 0.0, 0.05])
def test_level_annuities_with_a_short_last_year_are_worth_their_cost(rate):
    """Two and a half years: the yearly amount A is paid for 1, 1 and half a year, at the ends of years 1, 2 and 2.5."""
    lengths = np.array([1.0, 1.0, 0.5])
    paid = payments.level_annuity(1_000.0, 0.06, rate, lengths)
    assert paid.shape == (3, 1) and np.ptp(paid) == 0.0
    worth = (paid[:, 0] * lengths * (1 + rate) ** -np.cumsum(lengths)).sum()
    assert worth == pytest.approx(1_060.0, rel=1e-13)
    equity = payments.equity_annuity(1_000.0, 100.0, rate, lengths)
    assert equity.shape == (3, 1)
    level = 900 / payments.level_factor(rate, lengths)[0] + 100 / 2.5
    np.testing.assert_allclose(equity, level, rtol=1e-13)


def test_payments_have_a_row_for_every_year():
    assert equity_annuity(100.0, 20.0, 0.08, 10).shape == level_annuity(100.0, 0.06, 0.08, 10).shape == (10, 1)
    several = payments.equity_annuity(np.array([100.0, 200.0]), 20.0, 0.08, np.ones(4))
    assert several.shape == (4, 2) and several[0, 1] > several[0, 0]


def test_the_formula_of_a_short_last_year_divides_by_the_length_of_the_term():
    paid = payments.construction_subsidy(1_000.0, 0.06, 0.05, np.array([1.0, 1.0, 0.5]))
    np.testing.assert_allclose(paid[:, 0], 1_060 / 2.5 * 1.05 ** np.array([1, 2, 3]), rtol=1e-13)


def test_interest_of_a_short_construction_year_counts_its_part():
    """200 drawn in mid-year of a whole and of a half year, 6 %: 100 x 6 % x (1/2 + 1/2) and 100 x 6 % x 1/2 x 1/2."""
    lengths = np.array([1.0, 0.5])
    simple = interest_during_construction([[100.0], [100.0]], 0.06, "middle", "simple", lengths)[0]
    assert simple == pytest.approx(3 + 0.06 * 0.5 * 100 + 0.06 * 0.5 * 50, rel=1e-14)


def test_a_gap_of_a_short_year_is_carried_forward_in_money(inputs, formula):
    """18 months: an excess at a yearly rate of 12 in the first year is 12 of money, the gap of the last half-year 0.5 x its rate."""
    terms = formula(1.5, gap=True, profit_rate=0.0, rate=0.0, when_negative="carry_forward")
    users = [1_000 / 1.5 + 50 + 12.0, 1_000 / 1.5 + 50 - 40.0]
    made = government_payment(inputs(1, 1.5, payment=terms, user_payments=users))["government_payment"]
    np.testing.assert_allclose(made[:, 0], [0.0, (20 - 12) / 0.5], rtol=1e-10, atol=1e-10)


def test_an_excess_is_shared_by_the_formula_s_share(inputs, formula):
    terms = formula(15, gap=True, rate=0.0, profit_rate=0.0, when_negative="share", excess_share=0.4)
    made = government_payment(inputs(payment=terms, user_payments=[1_000 / 15 + 50 + 10.0] * 15))["government_payment"]
    np.testing.assert_allclose(made, -4.0, rtol=1e-11)


def test_parts_rounded_every_year_are_whole_steps(inputs, formula):
    made = government_payment(inputs(payment=formula(15, rounding="yearly", rounding_unit=1.0)))
    for key in ("payment_capital_part", "payment_running_part", "government_payment"):
        np.testing.assert_array_equal(made[key], np.round(made[key]))
    assert made["payment_capital_part"][0, 0] == round(1_060 * 1.05 / 15)


def test_debt_service_passed_through_stands_in_its_own_part(inputs, formula):
    service = np.linspace(50.0, 64.0, 15)[:, None]
    terms = formula(15, method="equity_annuity_debt_service", equity=300.0, debt_service=service)
    made = government_payment(inputs(payment=terms))
    np.testing.assert_array_equal(made["payment_debt_service_part"], service)
    np.testing.assert_allclose(made["payment_running_part"], 53.0)
    plain = government_payment(inputs(payment=formula(15)))
    assert plain["payment_debt_service_part"].shape == (15, 1) and plain["payment_debt_service_part"].sum() == 0.0


def test_interest_of_the_formula_follows_how_capex_is_spent(formula):
    """A quarter and three quarters of a loan of 700, 6 % compound, mid-year."""
    made = companies.company(payment=None, **companies.spending([250, 750]))
    terms = formula(15, loan=700.0, loan_rate=0.06, interest="compound")
    first = 0.06 * 0.5 * 175
    second = 0.06 * (175 + first + 0.5 * 525)
    assert construction_cost_of_formula(terms, made)[0] == pytest.approx(1_000 + first + second, rel=1e-13)


def test_a_small_gap_is_paid_whole_and_nothing_is_shared_unless_said():
    assert viability_gap(np.array([[0.5]]), np.array([[0.0]]), "share", 0.3)[0, 0] == 0.5
    assert viability_gap(np.array([[0.0]]), np.array([[0.5]]), "share")[0, 0] == 0.0


def test_each_case_carries_its_own_excess_forward():
    required = np.array([[100.0, 100.0], [100.0, 100.0]])
    users = np.array([[130.0, 90.0], [80.0, 110.0]])
    np.testing.assert_array_equal(viability_gap(required, users, "carry_forward"), [[0, 10], [0, 0]])


def test_a_gap_rounded_every_year_is_whole_steps_too(inputs, formula):
    terms = formula(15, gap=True, rounding="yearly", rounding_unit=1.0)
    made = government_payment(inputs(payment=terms, user_payments=[33.3] * 15))
    np.testing.assert_array_equal(made["government_payment"], np.round(made["government_payment"]))
    assert made["government_payment"][0, 0] == round(74 + 53 - 33.3)
