import numpy as np
import pytest
from companies import tranche, years
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model.covers import dscr
from ppp.model.covers import life_cover as cover_at_start
from ppp.model.debt import Lender
from ppp.model.discounting import annuity_factor, period_factors

KINDS = ["sculpted", "annuity", "equal_principal"]
CASH = np.array([[100.0], [120.0], [90.0], [130.0]])

cash_flows = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=30).map(lambda values: np.array(values)[:, None])
loan_rates = st.floats(0.0, 0.2)


def lender(cash, rate, cover, kind) -> Lender:
    """A lender repaid over all years of a cash flow that begins at once."""
    timeline = years(0, len(cash))
    return Lender(tranche(timeline, rate, len(cash), repayment=kind, dscr=np.atleast_1d(cover)), timeline)


def capacity(cash, rate, cover, kind):
    terms = lender(cash, rate, cover, kind)
    return terms.loan.capacity(terms.affordable(cash, np.zeros(1)))


def repay(amount, rate, cash, kind):
    terms = lender(cash, rate, 1.0, kind)
    return terms.loan.schedule(amount, terms.affordable(cash, np.zeros(1)))


def life_cover(cash, opening, rate, tenor=None):
    """LLCR or PLCR at the start of each year whose opening balance is given: (years, cases)."""
    opening, cash = np.atleast_2d(opening), cash[:tenor]
    rates = np.full((len(cash), 1), rate)
    return np.stack([cover_at_start(cash[t:], owed, period_factors(rates[t:])) for t, owed in enumerate(opening)])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(cash=cash_flows, rate=loan_rates, amount=st.floats(1.0, 1e9))
def test_debt_is_repaid_on_its_last_day(kind, cash, rate, amount):
    schedule = repay(np.array([amount]), rate, cash, kind)
    assert abs(schedule.closing[-1, 0]) <= 1e-11 * amount
    assert schedule.principal.sum() == pytest.approx(amount, rel=1e-11)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(cash=cash_flows, rate=loan_rates)
def test_interest_is_the_rate_on_what_was_owed_at_the_start_of_the_year(kind, cash, rate):
    schedule = repay(np.array([500.0]), rate, cash, kind)
    opening = np.vstack([[[500.0]], schedule.closing[:-1]])
    np.testing.assert_allclose(schedule.interest, rate * opening, rtol=1e-14, atol=1e-12)
    np.testing.assert_allclose(schedule.closing, opening - schedule.principal, rtol=1e-14, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(cash=cash_flows, rate=loan_rates, cover=st.floats(1.0, 3.0))
def test_debt_at_capacity_has_its_cover_and_never_less(kind, cash, rate, cover):
    schedule = repay(capacity(cash, rate, cover, kind), rate, cash, kind)
    assert np.nanmin(dscr(cash, schedule.service)) == pytest.approx(cover, rel=1e-10)


def test_sculpted_capacity_is_the_present_value_of_affordable_service():
    expected = 100 / 1.25 / 1.06 + 120 / 1.25 / 1.06**2 + 90 / 1.25 / 1.06**3 + 130 / 1.25 / 1.06**4
    assert capacity(CASH, 0.06, 1.25, "sculpted")[0] == pytest.approx(expected, rel=1e-14)


def test_sculpted_service_follows_the_cash_flow():
    service = repay(np.array([300.0]), 0.06, CASH, "sculpted").service
    np.testing.assert_allclose(service / CASH, service[0, 0] / CASH[0, 0] * np.ones((4, 1)), rtol=1e-13)


def test_sculpted_debt_is_not_a_level_payment_on_mean_cash_flow():
    service = repay(np.array([300.0]), 0.06, CASH, "sculpted").service[:, 0]
    assert service.max() / service.min() == pytest.approx(130 / 90, rel=1e-13)


def test_annuity_capacity_is_set_by_the_worst_year():
    assert capacity(CASH, 0.06, 1.25, "annuity")[0] == pytest.approx(90 / 1.25 * annuity_factor(0.06, 4), rel=1e-14)


def test_annuity_service_is_level():
    service = repay(np.array([300.0]), 0.06, CASH, "annuity").service
    np.testing.assert_allclose(service, 300 * 0.06 / (1 - 1.06**-4), rtol=1e-13)


def test_equal_principal_is_repaid_in_equal_parts_and_its_service_falls():
    schedule = repay(np.array([300.0]), 0.06, CASH, "equal_principal")
    np.testing.assert_allclose(schedule.principal, 300 / 4, rtol=1e-13)
    np.testing.assert_allclose(schedule.interest[:, 0], [18.0, 13.5, 9.0, 4.5], rtol=1e-13)


def test_equal_principal_capacity_is_set_by_the_year_with_least_room():
    """Service of one unit: 0.25 + 0.06 x (1, 0.75, 0.5, 0.25)."""
    rooms = [100 / 0.31, 120 / 0.295, 90 / 0.28, 130 / 0.265]
    assert capacity(CASH, 0.06, 1.0, "equal_principal")[0] == pytest.approx(min(rooms), rel=1e-14)


def test_a_year_of_negative_cash_flow_carries_no_sculpted_service_and_its_interest_is_added():
    cash = np.array([[-20.0], [100.0], [100.0]])
    assert capacity(cash, 0.06, 1.0, "sculpted")[0] == pytest.approx(100 / 1.06**2 + 100 / 1.06**3, rel=1e-14)
    schedule = repay(np.array([150.0]), 0.06, cash, "sculpted")
    assert schedule.service[0, 0] == pytest.approx(0.0, abs=1e-12)
    assert schedule.closing[0, 0] == pytest.approx(150 * 1.06, rel=1e-14)
    assert schedule.closing[-1, 0] == pytest.approx(0.0, abs=1e-11)


def test_a_year_of_negative_cash_flow_leaves_no_room_for_an_annuity():
    assert capacity(np.array([[-20.0], [100.0]]), 0.06, 1.2, "annuity")[0] == 0.0


@settings(max_examples=60, deadline=None)
@given(cash=cash_flows, rate=st.floats(0.001, 0.2), share=st.floats(0.1, 1.0))
def test_below_capacity_the_cover_floats_up_to_present_value_over_debt(cash, rate, share):
    worth = capacity(cash, rate, 1.0, "sculpted")
    service = repay(share * worth, rate, cash, "sculpted").service
    np.testing.assert_allclose(dscr(cash, service), 1 / share, rtol=1e-10)


# --- loan life cover equals debt service cover, and when it does not ---


@settings(max_examples=60, deadline=None)
@given(cash=cash_flows, rate=st.floats(0.001, 0.2), cover=st.floats(1.0, 2.0))
def test_llcr_equals_dscr_in_every_year_of_a_debt_sculpted_to_one_cover(cash, rate, cover):
    amount = capacity(cash, rate, cover, "sculpted")
    closing = repay(amount, rate, cash, "sculpted").closing
    opening = np.vstack([[amount], closing[:-1]])
    llcr = life_cover(cash, opening, rate, tenor=len(cash))
    np.testing.assert_allclose(llcr[np.isfinite(llcr)], cover, rtol=1e-6)  # late balances are small differences
    assert llcr[0, 0] == pytest.approx(cover, rel=1e-10)


def test_llcr_differs_from_dscr_when_service_is_level():
    amount = capacity(CASH, 0.06, 1.2, "annuity")
    cover = dscr(CASH, repay(amount, 0.06, CASH, "annuity").service)
    llcr = life_cover(CASH, amount, 0.06, tenor=4)[0, 0]
    assert cover.min() == pytest.approx(1.2) and llcr > 1.3


def test_llcr_differs_from_dscr_at_another_rate_than_the_loan_s():
    amount = capacity(CASH, 0.06, 1.2, "sculpted")
    assert life_cover(CASH, amount, 0.07, tenor=4)[0, 0] < 1.19


def test_cash_flow_after_maturity_counts_for_the_project_and_not_for_the_loan():
    longer = np.vstack([CASH, [[100.0], [100.0]]])
    amount = capacity(CASH, 0.06, 1.2, "sculpted")
    assert life_cover(longer, amount, 0.06, tenor=4)[0, 0] == pytest.approx(1.2, rel=1e-12)
    tail = 100 / 1.06**5 + 100 / 1.06**6
    assert life_cover(longer, amount, 0.06)[0, 0] == pytest.approx(1.2 + tail / amount[0], rel=1e-12)


def test_the_first_cash_flow_of_a_life_cover_is_discounted_one_period():
    assert life_cover(np.array([[106.0]]), np.array([[100.0]]), 0.06)[0, 0] == pytest.approx(1.0, rel=1e-14)
