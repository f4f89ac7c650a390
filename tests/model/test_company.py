"""The project company as a whole: circles, statements, constraints."""

import numpy as np
import pytest
from companies import company as project_company
from companies import tax_terms as taxed
from companies import terms as loan_terms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ppp.model.company import evaluate_company
from ppp.model.covers import dscr

TOTAL = 1_000.0  # capex


def owed(lines):
    return lines["debt_closing"][:, 0]


def cover(inputs, lines, flow="cfads"):
    return dscr(lines[flow][inputs.timeline.operating], lines["debt_service"][inputs.timeline.operating])[:, 0]


def assert_statements_hold(inputs, company):
    """Every identity of the module's docstring, in every year."""
    lines = company.lines
    close = dict(rtol=0, atol=1e-9 * lines["uses"].sum())
    np.testing.assert_allclose(
        lines["uses"], lines["capex"] + lines["interest_during_construction"] + lines["fees"], **close
    )
    np.testing.assert_allclose(lines["uses"], lines["grant"] + lines["equity"] + lines["debt_drawn"], **close)
    np.testing.assert_allclose(
        lines["cfads"], lines["revenue"] - lines["opex"] - lines["lifecycle"] - lines["tax"], **close
    )
    np.testing.assert_allclose(
        np.diff(owed(lines), prepend=0.0)[:, None], lines["debt_drawn"] - lines["principal"], **close
    )
    np.testing.assert_allclose(
        lines["fixed_assets"] + lines["cash"], lines["debt_closing"] + lines["shareholders_funds"], **close
    )
    np.testing.assert_allclose(lines["cash"], 0.0, **close)
    np.testing.assert_allclose(owed(lines)[-1], 0.0, **close)
    np.testing.assert_allclose(lines["fixed_assets"][-1], 0.0, **close)
    np.testing.assert_allclose(lines["shareholders_funds"][-1], 0.0, **close)
    assert np.all(company.residual < 1e-10)


@pytest.mark.parametrize("repayment", ["sculpted", "annuity", "equal_principal"])
@pytest.mark.parametrize("construction", [0, 1, 3])
def test_statements_hold_for_every_repayment_and_construction_period(inputs, debt_terms, repayment, construction):
    terms = debt_terms(repayment=repayment, max_gearing=0.6, upfront_fee=0.01, commitment_fee=0.005)
    given_inputs = inputs(construction=construction, debt=terms)
    assert_statements_hold(given_inputs, evaluate_company(given_inputs))


def test_statements_hold_with_a_grant_a_sale_and_close_costs(inputs):
    plain = inputs()
    given_inputs = inputs(grant=plain.capex * 0.2, disposal=120.0, close_costs=15.0)
    company = evaluate_company(given_inputs)
    assert_statements_hold(given_inputs, company)
    assert company.lines["uses"].sum() == pytest.approx(
        TOTAL + 15 + company.lines["interest_during_construction"].sum(), rel=1e-12
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_statements_hold_whatever_the_project(data):
    """Random projects, many of them bad ones: losses, expiry, cover that binds or not."""
    construction, operation = data.draw(st.integers(0, 4)), data.draw(st.integers(2, 25))
    tenor = data.draw(st.integers(1, operation))

    def number(low, high):
        return np.array([data.draw(st.floats(low, high))])

    def column(low, high):
        return data.draw(st.lists(st.floats(low, high), min_size=operation, max_size=operation))

    given_inputs = project_company(
        construction,
        operation,
        close_costs=number(0, 50),
        draw=data.draw(st.sampled_from(["start", "middle", "end"])),
        opex=column(0, 100),
        lifecycle=column(0, 50),
        user_payments=column(50, 300),
        other_revenue=column(0, 20),
        disposal=number(0, 300),
        debt=loan_terms(
            rate=number(0, 0.12),
            tenor=tenor,
            repayment=data.draw(st.sampled_from(["sculpted", "annuity", "equal_principal"])),
            max_gearing=number(0.3, 1.0),
            dscr=number(1.05, 2.0),
            after_tax=data.draw(st.booleans()),
            upfront_fee=number(0, 0.03),
            commitment_fee=number(0, 0.01),
        ),
        tax=taxed(
            rate=number(0, 0.4),
            depreciation_years=operation,
            loss_years=data.draw(st.one_of(st.none(), st.integers(1, 7))),
        ),
    )
    assert_statements_hold(given_inputs, evaluate_company(given_inputs))


def test_all_equity_when_no_debt_is_asked_for(inputs):
    given_inputs = inputs(debt=None)
    company = evaluate_company(given_inputs)
    assert_statements_hold(given_inputs, company)
    assert company.lines["equity"].sum() == pytest.approx(TOTAL, rel=1e-13)
    assert owed(company.lines).max() == 0.0
    assert company.tranches == []


def test_without_a_funding_model_only_operations_are_computed(inputs):
    company = evaluate_company(inputs(funded=False))
    assert "ebitda" in company.lines and "debt_drawn" not in company.lines


# --- what sizes the debt ---


def test_cover_binds_when_cash_flow_is_thin(inputs, debt_terms):
    given_inputs = inputs(debt=debt_terms(max_gearing=0.9))
    company = evaluate_company(given_inputs)
    assert company.tranches[0].binding[0] == "dscr"
    assert owed(company.lines).max() < 0.9 * company.lines["uses"].sum()
    assert cover(given_inputs, company.lines)[:10] == pytest.approx(1.3, rel=1e-9)


def test_gearing_binds_when_cash_flow_is_ample_and_the_cover_floats_up(inputs, debt_terms):
    given_inputs = inputs(debt=debt_terms(max_gearing=0.5))
    company = evaluate_company(given_inputs)
    assert company.tranches[0].binding[0] == "gearing"
    assert owed(company.lines).max() == pytest.approx(0.5 * company.lines["uses"].sum(), rel=1e-11)
    covers = cover(given_inputs, company.lines)[:10]
    assert covers.min() > 1.3
    assert np.ptp(covers) < 1e-9  # sculpted still: the same cover every year


def test_gearing_is_named_when_the_lender_sets_no_cover(inputs, debt_terms):
    company = evaluate_company(inputs(debt=debt_terms(repayment="annuity", dscr=None, max_gearing=0.5)))
    assert company.tranches[0].binding[0] == "gearing"


def test_the_constraint_is_named_case_by_case(inputs, debt_terms):
    company = evaluate_company(inputs(debt=debt_terms(max_gearing=np.array([0.5, 0.95]))))
    assert list(company.tranches[0].binding) == ["gearing", "dscr"]


# --- tax and debt in a circle ---


@pytest.mark.parametrize("loss_years", [None, 1, 3, 5])
def test_sculpting_after_tax_closes_its_circle_with_losses_that_expire(inputs, debt_terms, tax_terms, loss_years):
    """A slow start makes losses; debt depends on tax, tax on interest, interest on debt."""
    ramp = [60.0, 80.0, 100.0, 140.0, *[200.0] * 11]
    given_inputs = inputs(user_payments=ramp, tax=tax_terms(loss_years=loss_years), debt=debt_terms(max_gearing=0.95))
    company = evaluate_company(given_inputs)
    assert company.residual[0] < 1e-10
    assert company.lines["losses_used"].sum() > 0
    assert cover(given_inputs, company.lines)[:10] == pytest.approx(1.3, rel=1e-9)
    assert_statements_hold(given_inputs, company)


def test_losses_that_expire_cost_tax_and_therefore_debt(inputs, debt_terms, tax_terms):
    ramp = [60.0, 80.0, 100.0, 140.0, *[200.0] * 11]
    debt = {
        years: owed(
            evaluate_company(
                inputs(user_payments=ramp, tax=tax_terms(loss_years=years), debt=debt_terms(max_gearing=0.95))
            ).lines
        ).max()
        for years in (1, None)
    }
    assert debt[1] < debt[None] - 1.0


def test_cover_before_tax_ignores_tax(inputs, debt_terms):
    given_inputs = inputs(debt=debt_terms(after_tax=False, max_gearing=0.95))
    lines = evaluate_company(given_inputs).lines
    assert cover(given_inputs, lines, "ebitda")[:10] == pytest.approx(1.3, rel=1e-10)
    assert cover(given_inputs, lines)[:10].min() < 1.3


def test_tax_is_the_rate_on_profit_after_interest_and_depreciation(inputs):
    lines = evaluate_company(inputs()).lines
    first = 3
    depreciation = lines["uses"].sum() / 15
    profit = 180 - 50 - lines["interest"][first, 0] - depreciation
    assert lines["depreciation"][first, 0] == pytest.approx(depreciation, rel=1e-13)
    assert lines["tax"][first, 0] == pytest.approx(0.25 * profit, rel=1e-12)


def test_interest_of_the_first_operating_year_is_on_the_debt_at_the_end_of_construction(inputs):
    lines = evaluate_company(inputs()).lines
    assert lines["interest"][3, 0] == pytest.approx(0.06 * owed(lines)[2], rel=1e-13)


# --- who gets what ---


def test_shareholders_get_what_debt_service_leaves(inputs):
    lines = evaluate_company(inputs(disposal=100.0)).lines
    expected = lines["cfads"] + lines["disposal"] - lines["interest"] - lines["principal"] - lines["equity"]
    np.testing.assert_allclose(lines["equity_flow"], expected, rtol=0, atol=1e-12)


def test_a_sale_goes_to_shareholders_and_not_into_the_lender_s_cash_flow(inputs):
    without, sold = (
        evaluate_company(inputs(tax=None)).lines,
        evaluate_company(inputs(tax=None, disposal=100.0)).lines,
    )
    np.testing.assert_allclose(sold["cfads"], without["cfads"], rtol=1e-13)
    assert sold["distributions"][-1, 0] - without["distributions"][-1, 0] == pytest.approx(100.0, rel=1e-12)


def test_a_cash_shortfall_is_called_from_shareholders_and_not_hidden(inputs):
    lines = evaluate_company(inputs(debt=None, lifecycle=[0.0] * 7 + [400.0] + [0.0] * 7)).lines
    assert lines["equity_flow"][2 + 8, 0] == pytest.approx(180 - 50 - 400 - lines["tax"][10, 0], rel=1e-12)
    assert lines["equity_flow"][2 + 8, 0] < 0


def test_over_its_life_shareholders_receive_the_profits(inputs):
    """Flows of shareholders add to the net profits, since all equity is returned."""
    lines = evaluate_company(inputs()).lines
    assert lines["equity_flow"].sum() == pytest.approx(lines["net_profit"].sum(), rel=1e-10)


def test_a_company_without_investment_is_a_running_business(inputs):
    free = inputs()
    company = evaluate_company(inputs(capex=np.zeros_like(free.capex)))
    assert company.residual[0] == 0.0
    assert company.lines["tax"][3, 0] == pytest.approx(0.25 * (180 - 50), rel=1e-13)


def test_debt_that_was_not_repaid_would_stay_on_the_balance_sheet(inputs, monkeypatch):
    """The check on repayment can fail: after maturity the balance shows what is left."""
    from ppp.model.debt import Loan, Schedule

    def forgetful(self, amount, affordable):
        kept = schedule(self, amount, affordable)
        left = kept.closing + 0.1 * np.cumsum(kept.principal, axis=0)
        return Schedule(kept.opening, kept.interest, kept.principal * 0.9, left)

    schedule = Loan.schedule
    monkeypatch.setattr(Loan, "schedule", forgetful)
    lines = evaluate_company(inputs(tax=None)).lines
    assert owed(lines)[-1] == pytest.approx(0.1 * owed(lines).max(), rel=1e-9)
