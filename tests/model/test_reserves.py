"""Reserve accounts, working capital and value-added tax: what they hold, and that they come back."""

from dataclasses import replace

import numpy as np
import pytest
from companies import column, company, days, rules, tax_terms, terms, vat_terms, years
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model.cash import Waterfall
from ppp.model.company import evaluate_company
from ppp.model.debt import Schedule
from ppp.model.inputs import Reserves, ShadowTariff
from ppp.model.reserves import maintenance_target, share_of_coming_service
from ppp.model.working_capital import increase, outstanding


def lines_of(inputs):
    return {key: line[:, 0] for key, line in evaluate_company(inputs).lines.items()}


# --- debt service reserve ---


def test_the_part_of_each_row_within_the_months_covered():
    line = years(1, 2, "half_year")
    np.testing.assert_allclose(
        share_of_coming_service(9, line)[2:, 3:],
        [[1, 0.5, 0, 0], [0, 1, 0.5, 0], [0, 0, 1, 0.5], [0, 0, 0, 1], [0, 0, 0, 0]],
    )
    assert not share_of_coming_service(9, line)[:2].any()


def test_the_reserve_holds_the_service_to_come_and_is_released_with_the_loan():
    """An annuity: half a year's service from completion on; the loan's last year needs none."""
    debt = terms(tenor=5, repayment="annuity", dscr=None, max_gearing=0.4)
    row = lines_of(company(1, 8, debt=debt, tax=None, reserves=Reserves(6, True, None, False)))
    service = row["debt_service"][2]
    np.testing.assert_allclose(row["debt_service_reserve"][1:7], [service / 2] * 5 + [0], rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(row["debt_service_reserve"][7:], 0.0, atol=1e-9)
    assert row["reserves_filled"][1] == pytest.approx(service / 2, rel=1e-11)
    assert row["distributions"][6] == pytest.approx(130 - service + service / 2, rel=1e-10)


def test_a_reserve_filled_from_cash_takes_the_first_distributions():
    debt = terms(tenor=5, repayment="annuity", dscr=None, max_gearing=0.4)
    row = lines_of(company(1, 8, debt=debt, tax=None, reserves=Reserves(12, False, None, False)))
    service = row["debt_service"][2]
    assert row["reserves_filled"].sum() == 0.0 and row["debt_service_reserve"][1] == 0.0
    first = min(130 - service, service)
    assert row["debt_service_reserve"][2] == pytest.approx(first, rel=1e-11)
    assert row["distributions"][2] == pytest.approx(130 - service - first, abs=1e-9)


def test_a_reserve_is_drawn_when_cash_lacks_and_topped_up_before_shareholders_are_paid():
    """Year 3 earns 20 less than the service; the reserve pays it, and year 4 fills it again."""
    debt = terms(rate=0.0, tenor=8, repayment="annuity", dscr=None, max_gearing=0.4)
    users = [180.0, 180.0, 80.0, 180.0] + [180.0] * 6
    row = lines_of(company(1, 10, debt=debt, user_payments=users, tax=None, reserves=Reserves(12, True, None, False)))
    service = row["debt_service"][2]
    held = row["debt_service_reserve"]
    assert held[1] == held[3] == pytest.approx(service, rel=1e-10)
    assert held[4] == pytest.approx(service - (service - 30), rel=1e-10) and row["distributions"][4] == pytest.approx(
        0.0, abs=1e-9
    )
    assert held[5] == pytest.approx(service, rel=1e-10)
    assert row["distributions"][5] == pytest.approx(130 - service - (service - 30), rel=1e-9)


def test_a_reserve_never_holds_more_than_is_owed():
    """24 months of cover for a loan of one year: what is owed at completion, nothing after."""
    debt = terms(tenor=1, repayment="annuity", dscr=None, max_gearing=0.1)
    row = lines_of(company(1, 8, debt=debt, tax=None, reserves=Reserves(24, True, None, False)))
    assert row["debt_service_reserve"][1] == pytest.approx(row["debt_closing"][1], rel=1e-11)
    assert row["debt_service_reserve"][2:].max() < 1e-9


def test_nor_does_a_small_one():
    debt = terms(tenor=1, repayment="annuity", dscr=None, amount=np.array([0.4]))
    row = lines_of(company(1, 8, debt=debt, tax=None, reserves=Reserves(24, True, None, False)))
    assert row["debt_service_reserve"][1] == pytest.approx(0.4, rel=1e-11)


# --- maintenance reserve ---


def test_a_renewal_is_saved_for_in_even_parts():
    line = years(1, 6)
    saved = maintenance_target(column([0, 0, 0, 0, 0, 90, 0, 0]), 36, line)[:, 0]
    np.testing.assert_allclose(saved, [0, 0, 0, 30, 60, 0, 0, 0])


def test_monthly_saving_ends_with_all_but_one_part():
    line = years(1, 2, "month")
    spent = np.zeros((line.rows, 1))
    spent[-1] = 240.0
    saved = maintenance_target(spent, 12, line)[:, 0]
    np.testing.assert_allclose(saved[-13:], 240 * np.append(np.arange(12) / 12, 0))


def test_the_maintenance_reserve_smooths_cash_and_comes_back_whole():
    renewals = [0.0, 0.0, 0.0, 60.0, 0.0, 0.0]
    plain, saved = (
        lines_of(company(1, 6, lifecycle=renewals, tax=None, reserves=Reserves(None, False, months, False)))
        for months in (None, 36)
    )
    np.testing.assert_allclose(saved["maintenance_reserve"], [0, 0, 0, 20, 40, 0, 0, 0])
    np.testing.assert_allclose((saved["cfads"] - plain["cfads"])[2:], [0, -20, -20, 40, 0, 0], atol=1e-12)


def test_a_maintenance_reserve_needed_at_completion_is_a_use_or_comes_from_the_first_cash():
    renewals = [0.0, 60.0, 0.0]
    filled, later = (
        lines_of(company(1, 3, lifecycle=renewals, tax=None, reserves=Reserves(None, False, 36, by)))
        for by in (True, False)
    )
    assert filled["reserves_filled"][1] == pytest.approx(20.0) and later["reserves_filled"][1] == 0.0
    np.testing.assert_allclose(filled["cfads"][2:], [130 - 20, 130 - 60 + 40, 130])
    np.testing.assert_allclose(later["cfads"][2:], [130 - 40, 130 - 60 + 40, 130])


# --- working capital ---


@pytest.mark.parametrize("period, parts", [("year", 1), ("half_year", 2), ("month", 12)])
def test_a_balance_is_the_days_of_a_year_whatever_the_period(period, parts):
    line = years(0, 3, period)
    balance = outstanding(line.spread("operating", column([365.0] * 3)), 30.0, line)[:, 0]
    np.testing.assert_allclose(balance[1:-1], 30.0)
    assert balance[0] == balance[-1] == 0.0


@settings(max_examples=60, deadline=None)
@given(amounts=st.lists(st.floats(0.0, 1e6), min_size=4, max_size=4), late=st.floats(0.0, 700.0))
def test_working_capital_sums_to_zero(amounts, late):
    line = years(1, 4, "quarter")
    moved = increase(outstanding(line.spread("operating", column(amounts)), late, line))
    assert moved.sum() == pytest.approx(0.0, abs=1e-6)


def test_working_capital_moves_cash_and_not_profit():
    plain, late = (
        lines_of(company(1, 5, tax=tax_terms(depreciation_years=None), working_capital=given))
        for given in (None, days(73.0, 0.0, 36.5))
    )
    held = 180 * 73 / 365 - 50 * 36.5 / 365
    np.testing.assert_allclose((late["cfads"] - plain["cfads"])[2:], [-held, 0, 0, 0, held], atol=1e-12)
    np.testing.assert_allclose(late["net_profit"], plain["net_profit"], atol=1e-12)
    assert late["receivables"][2] == pytest.approx(36.0) and late["payables"][2] == pytest.approx(5.0)


def test_the_first_working_capital_may_be_funded_in_construction():
    row = lines_of(company(1, 5, tax=None, working_capital=days(73.0, 0.0, 36.5, True)))
    assert row["reserves_filled"][1] == row["cash"][1] == pytest.approx(31.0)
    np.testing.assert_allclose(row["cfads"][2:], [130, 130, 130, 130, 161], atol=1e-12)
    payable = lines_of(company(1, 5, tax=None, working_capital=days(0.0, 0.0, 73.0, True)))
    assert payable["reserves_filled"][1] == 0.0 and payable["cfads"][2] == pytest.approx(140.0)


# --- value-added tax ---


@settings(max_examples=50, deadline=None)
@given(
    revenue=st.floats(0.0, 0.2),
    capex=st.floats(0.0, 0.2),
    costs=st.floats(0.0, 0.2),
    refunded=st.booleans(),
    period=st.sampled_from(["year", "quarter"]),
)
def test_over_its_life_the_tax_costs_only_the_credit_that_is_never_used(revenue, capex, costs, refunded, period):
    row = lines_of(company(1, 4, period, tax=None, vat=vat_terms(revenue, 0.0, capex, costs, refunded)))
    assert row["vat"].sum() == pytest.approx(row["vat_written_off"].sum(), abs=1e-9)
    assert row["vat_credit"].min() >= 0 and row["vat_credit"][-1] == 0.0
    np.testing.assert_allclose(
        np.diff(row["vat_credit"] + np.cumsum(row["vat_written_off"]), prepend=0), row["vat"], atol=1e-9
    )


def test_the_credit_of_construction_by_hand():
    """1000 x 10 % = 100 carried; each year sets 18 - 2.5 against it, from the seventh on tax is remitted."""
    row = lines_of(company(1, 10, tax=None, vat=vat_terms(0.1, 0.0, 0.1, 0.05)))
    np.testing.assert_allclose(row["vat_credit"][1:], [100 - 15.5 * k for k in range(7)] + [0] * 4, atol=1e-10)
    np.testing.assert_allclose(row["vat"][1:8], [100] + [-15.5] * 6, atol=1e-10)
    np.testing.assert_allclose(row["vat"][8:], [-7, 0, 0, 0], atol=1e-10)


def test_a_refund_comes_in_the_first_operating_row():
    row = lines_of(company(1, 3, tax=None, vat=vat_terms(0.1, 0.0, 0.1, 0.05, True)))
    np.testing.assert_allclose(row["vat"], [0, 100, -100, 0, 0], atol=1e-10)
    assert row["cfads"][2] == pytest.approx(130 + 100)


def test_a_credit_left_is_a_cost_of_the_last_row():
    row = lines_of(company(1, 3, tax=None, vat=vat_terms(0.0, 0.0, 0.1, 0.0)))
    assert row["vat_written_off"][-1] == pytest.approx(100.0)
    assert row["profit_before_tax"][-1] == pytest.approx(130 - 1_100 / 3 + 100 / 3 - 100)


def test_land_bears_no_input_tax():
    made = company(1, 3, tax=None, land=200.0, vat=vat_terms(0.0, 0.0, 0.1, 0.0))
    capex = made.capex.copy()
    capex[0] += 200.0
    assert lines_of(replace(made, capex=capex))["vat"][:2].sum() == pytest.approx(100.0)


# --- distributions ---


def test_lock_up_holds_cash_until_cover_returns():
    """Cover 1.3 sculpted on the base; locked below 1.25 in the thin year, released with the next."""
    debt = terms(rate=0.0, tenor=5, repayment="annuity", dscr=None, amount=np.array([500.0]))
    users = [180.0, 160.0, 180.0, 180.0, 180.0]
    row = lines_of(company(1, 5, debt=debt, tax=None, user_payments=users, distributions=rules(lock_up=1.25)))
    np.testing.assert_allclose(row["debt_service"][2:], 100.0)
    np.testing.assert_allclose(row["distributions"][2:], [30, 0, 40, 30, 30], atol=1e-9)
    np.testing.assert_allclose(row["cash"][2:], [0, 10, 0, 0, 0], atol=1e-9)


def test_a_cover_sculpted_to_the_lock_up_is_not_locked():
    debt = terms(tenor=5, dscr=1.3)
    row = lines_of(company(1, 6, debt=debt, tax=tax_terms(depreciation_years=None), distributions=rules(lock_up=1.3)))
    assert row["distributions"][2:].min() > 0


def test_dividends_wait_for_profit_and_capital_comes_back_at_the_end():
    """Profit 130 - 200 = -70 a year for five years: no dividend before the last row, which pays all."""
    row = lines_of(company(1, 5, tax=None, distributions=rules(from_profit=True)))
    np.testing.assert_allclose(row["dividends"], 0.0)
    np.testing.assert_allclose(row["distributions"][2:], [0, 0, 0, 0, 650])
    np.testing.assert_allclose(row["cash"][2:], [130, 260, 390, 520, 0])


def test_capital_may_be_returned_before_the_end():
    row = lines_of(company(1, 5, tax=None, distributions=rules(from_profit=True, return_of_capital=True)))
    np.testing.assert_allclose(row["capital_returned"][2:], [130] * 5)
    assert row["dividends"].sum() == 0.0


def test_capital_is_returned_once():
    """Income of 450 a year against 1000 of equity: 450, 450, then what is left of capital; profit pays the rest."""
    users = [500.0] * 4
    row = lines_of(
        company(1, 4, tax=None, user_payments=users, distributions=rules(from_profit=True, return_of_capital=True))
    )
    np.testing.assert_allclose(row["dividends"][2:], [200] * 4)
    np.testing.assert_allclose(row["capital_returned"][2:], [250] * 4)
    assert row["capital_returned"].sum() == pytest.approx(row["equity"].sum())


def test_the_statutory_reserve_takes_its_share_up_to_its_limit():
    """Profit 250 - 200 = 50... users pay 300: 10 % of 50 a year, at most 1.2 % of 1000."""
    users = [300.0] * 5
    row = lines_of(
        company(
            1,
            5,
            tax=None,
            user_payments=users,
            distributions=rules(from_profit=True, statutory_rate=0.1, statutory_limit=0.012),
        )
    )
    np.testing.assert_allclose(row["net_profit"][2:], 50.0)
    np.testing.assert_allclose(row["statutory_reserve"][2:], [5, 10, 12, 12, 12])
    np.testing.assert_allclose(row["dividends"][2:6], [45, 45, 48, 50])
    assert row["distributions"].sum() == pytest.approx(5 * 250)


def test_earlier_losses_come_before_the_statutory_reserve():
    """Profit -50, then 150: a tenth of the 100 beyond the loss."""
    users = [200.0, 400.0, 250.0, 250.0, 250.0]
    row = lines_of(
        company(
            1,
            5,
            tax=None,
            user_payments=users,
            distributions=rules(from_profit=True, statutory_rate=0.1, statutory_limit=1.0),
        )
    )
    np.testing.assert_allclose(row["net_profit"][2:4], [-50, 150])
    np.testing.assert_allclose(row["statutory_reserve"][2:4], [0, 10])
    assert row["dividends"][3] == pytest.approx(90.0)


def test_minimum_cash_stays_until_the_end():
    row = lines_of(company(1, 3, tax=None, distributions=rules(minimum_cash=40.0)))
    np.testing.assert_allclose(row["distributions"][2:], [90, 130, 170])
    np.testing.assert_allclose(row["cash"][2:], [40, 40, 0])


def test_a_shortfall_stands_as_negative_cash_and_is_filled_before_shareholders():
    users = [180.0, 20.0, 180.0]
    row = lines_of(company(1, 3, tax=None, user_payments=users, distributions=rules()))
    np.testing.assert_allclose(row["distributions"][2:], [130, 0, 100])
    np.testing.assert_allclose(row["cash"][2:], [0, -30, 0])


def test_without_rules_a_shortfall_is_paid_in():
    users = [180.0, 20.0, 180.0]
    row = lines_of(company(1, 3, tax=None, user_payments=users, opening_cash=25.0))
    np.testing.assert_allclose(row["distributions"][2:], [130, -30, 130 + 25])
    np.testing.assert_allclose(row["cash"][1:], [25, 25, 25, 0])


# --- sweep ---


def test_a_sweep_shortens_the_loan():
    """500 at 0 % over 10 years, 50 a year of 130: half of the 80 left prepays 40 a year; 500 / 90 years."""
    debt = terms(rate=0.0, tenor=10, repayment="annuity", dscr=None, amount=np.array([500.0]), sweep=0.5)
    row = lines_of(company(1, 10, debt=debt, tax=None))
    np.testing.assert_allclose(row["debt_closing"][1:8], [500, 410, 320, 230, 140, 50, 0], atol=1e-9)
    np.testing.assert_allclose(row["prepayment"][2:8], [40, 40, 40, 40, 40, 0], atol=1e-9)
    np.testing.assert_allclose(row["principal"][2:9], [50] * 6 + [0], atol=1e-9)
    assert row["distributions"].sum() == pytest.approx(10 * 130 - 500)


def test_interest_is_on_what_the_sweep_leaves():
    debt = terms(rate=0.1, tenor=4, repayment="equal_principal", dscr=None, amount=np.array([200.0]), sweep=1.0)
    row = lines_of(company(1, 5, debt=debt, tax=None))
    np.testing.assert_allclose(row["interest"][2:4], [20, 0.1 * row["debt_closing"][2]], rtol=1e-10)
    assert row["debt_closing"][2] == pytest.approx(200 - 50 - (130 - 70), rel=1e-10)
    assert row["debt_closing"][3] == pytest.approx(0.0, abs=1e-9)


def test_no_sweep_where_no_cash_is_left():
    debt = terms(rate=0.0, tenor=4, repayment="equal_principal", dscr=None, amount=np.array([800.0]), sweep=1.0)
    row = lines_of(company(1, 5, debt=debt, tax=None))
    assert row["prepayment"].sum() == 0.0 and row["distributions"][2] == pytest.approx(130 - 200)


def test_every_revenue_and_cost_bears_its_own_rate_of_tax():
    """Users 180 and others 20 at 10 %, the government's 60 at 5 %; opex 50 and renewals 10 at 20 %; nothing on construction."""
    row = lines_of(
        company(
            1,
            3,
            tax=None,
            other_revenue=[20.0] * 3,
            lifecycle=[10.0] * 3,
            payment=ShadowTariff(column([60] * 3)),
            vat=vat_terms(0.1, 0.05, 0.0, 0.2, False),
        )
    )
    collected, paid = 20 + 3, 12
    np.testing.assert_allclose(
        row["vat"], 0.0, atol=1e-12
    )  # what is collected beyond input tax is remitted in the same row
    more = lines_of(
        company(
            1,
            3,
            tax=None,
            other_revenue=[20.0] * 3,
            lifecycle=[10.0] * 3,
            payment=ShadowTariff(column([60] * 3)),
            vat=vat_terms(0.1, 0.05, 0.1, 0.2, False),
        )
    )
    np.testing.assert_allclose(more["vat_credit"][1:], [100, 100 - (collected - paid), 100 - 2 * (collected - paid), 0])
    assert more["vat_written_off"][-1] == pytest.approx(100 - 3 * (collected - paid))


def test_a_year_without_debt_service_is_not_locked_whatever_its_cash_flow():
    """A loss-making year without debt: the cash that stands by is paid out."""
    row = lines_of(
        company(1, 2, tax=None, user_payments=[40.0, 180.0], opening_cash=50.0, distributions=rules(lock_up=1.2))
    )
    np.testing.assert_allclose(row["distributions"][2:], [40, 130])


def test_a_small_loan_locks_as_a_large_one_does():
    """Service of a hundredth against a cash flow of less: locked, whatever the currency's unit."""
    debt = terms(rate=0.0, tenor=2, repayment="annuity", dscr=None, amount=np.array([0.02]))
    row = lines_of(
        company(
            1,
            2,
            tax=None,
            debt=debt,
            user_payments=[50.011, 180.0],
            opening_cash=5.0,
            distributions=rules(lock_up=1.2),
        )
    )
    assert row["distributions"][2] == 0.0 and row["cash"][2] == pytest.approx(5.001)


def test_a_cover_that_just_meets_the_lock_up_pays():
    debt = terms(rate=0.0, tenor=2, repayment="annuity", dscr=None, amount=np.array([200.0]))
    row = lines_of(company(1, 2, tax=None, debt=debt, user_payments=[170.0, 170.0], distributions=rules(lock_up=1.2)))
    np.testing.assert_allclose(row["distributions"][2:], [20, 20], atol=1e-9)
    row = lines_of(company(1, 2, tax=None, debt=debt, user_payments=[169.999, 170.0], distributions=rules(lock_up=1.2)))
    assert row["distributions"][2] == 0.0


ROW = dict(cfads=[9.0, 7.0, 8.0], disposal=[0.0, 0.0, 2.0], profit=[6.0, 3.0, 5.0], target=[0.0, 0.0, 0.0])
AT_START = dict(reserve=5.0, equity=4.0, opening_cash=1.0)


@pytest.mark.parametrize("key", [*ROW, *AT_START])
def test_a_waterfall_of_which_one_figure_has_two_cases_is_that_of_each(key):
    """No debt, dividends from profit, capital returned, one kept in cash; and all that came in goes out by the end."""
    limits = rules(from_profit=True, return_of_capital=True, minimum_cash=1.0)
    plain = {name: column(values) for name, values in ROW.items()} | {
        name: np.array([value]) for name, value in AT_START.items()
    }
    both = Waterfall((), [], limits).run(**(plain | {key: plain[key] * np.array([1.0, 0.5])}))
    for case, factor in enumerate((1.0, 0.5)):
        given = plain | {key: plain[key] * factor}
        alone = Waterfall((), [], limits).run(**given)
        for name in ("reserve", "cash", "dividends", "capital_returned", "statutory_reserve"):
            mine = np.broadcast_to(getattr(both, name), (3, 2))[:, [case]]
            np.testing.assert_allclose(mine, getattr(alone, name), rtol=1e-14)
        came = given["cfads"].sum() + given["disposal"].sum() + given["opening_cash"] + given["reserve"]
        np.testing.assert_allclose(alone.distributions.sum(), came)


def paid(cfads, target=(0, 0, 0), limits=None, sweep=0.0, **start):
    """A loan of 10 without interest, due at the end of three rows, and a company of that cash flow."""
    loan = Schedule(np.array([10.0]), np.zeros((3, 1)), column([0, 0, 10]), column([10, 10, 0]))
    given = dict(disposal=column([0, 0, 0]), profit=column([1, 1, 1]), target=column(target))
    found = Waterfall((terms(tenor=3, sweep=sweep)(years(0, 3)),), [loan], limits).run(
        cfads=column(cfads),
        **given,
        **{"reserve": np.zeros(1), "equity": np.zeros(1), "opening_cash": np.zeros(1)} | start,
    )
    return found


def test_a_reserve_holds_what_there_is_however_little_and_never_less_than_nothing():
    assert list(paid([0.3, -0.5, 20], (5, 5, 0)).reserve[:, 0]) == [0.3, 0.0, 0.0]


def test_a_sweep_takes_the_cash_of_its_own_row_and_not_what_is_kept():
    found = paid([2, 2, 9], limits=rules(minimum_cash=3.0), sweep=1.0, opening_cash=np.array([3.0]))
    np.testing.assert_allclose(found.prepayment[0][:, 0], [2, 2, 0])
    np.testing.assert_allclose(found.principal[0][:, 0], [0, 0, 6])


@pytest.mark.parametrize("unit", [1.0, 1e-9])
def test_capital_that_is_returned_is_gone_whatever_the_currency(unit):
    """Equity of 4, profit of 1 a row; the last row pays out all that is left."""
    limits = rules(from_profit=True, return_of_capital=True)
    figures = {key: unit * column(values) for key, values in dict(cfads=[10, 10, 10], profit=[1, 1, 1]).items()}
    found = Waterfall((), [], limits).run(
        **figures,
        disposal=np.zeros((3, 1)),
        target=np.zeros((3, 1)),
        reserve=np.zeros(1),
        equity=np.array([4.0 * unit]),
        opening_cash=np.zeros(1),
    )
    np.testing.assert_allclose(found.dividends[:, 0] / unit, [1, 1, 1])
    np.testing.assert_allclose(found.capital_returned[:, 0] / unit, [4, 0, 23])
