import datetime as dt

import numpy as np
import pytest

import ppp
from ppp.appraisal.affordability import Load, average_growth, forecast_budget
from ppp.appraisal.criteria import binding_cap, caps, counts_as_government_pay, passes
from ppp.model.timeline import Timeline

WAN = 10_000.0


def test_average_growth_is_the_mean_of_the_last_rates():
    assert average_growth([100, 110, 132], 5) == pytest.approx((0.10 + 0.20) / 2)
    assert average_growth([100, 200, 220, 264], 2) == pytest.approx((0.10 + 0.20) / 2)
    assert average_growth([100], 5) == 0.0


def test_budget_is_as_recorded_and_grows_from_the_last_year():
    budget = forecast_budget({2020: 100.0, 2021: 120.0}, 0.05, "last_year", 5, np.array([2020, 2021, 2022, 2024]))
    assert list(budget[:, 0]) == pytest.approx([100, 120, 120 * 1.05, 120 * 1.05**3])


def test_budget_may_grow_from_the_average_of_past_years():
    budget = forecast_budget({2019: 80.0, 2020: 100.0, 2021: 120.0}, 0.05, "average", 2, np.array([2022]))
    assert budget[0, 0] == pytest.approx((100 + 120) / 2 * 1.05)


def test_a_year_before_the_records_is_refused():
    with pytest.raises(ValueError, match="not recorded for 2018"):
        forecast_budget({2020: 100.0}, 0.05, "last_year", 5, np.array([2018]))


def test_two_periods_that_end_in_one_year_share_its_budget():
    line = Timeline(dt.date(2022, 1, 1), 12, 12)
    assert list(line.calendar_years) == [2022, 2023]
    assert list(line.by_calendar_year(np.array([[1.0], [2.0], [4.0]]))[:, 0]) == [1 + 2, 4]
    assert list(line.by_calendar_year(np.array([[1.0], [2.0], [4.0]]), balance=True)[:, 0]) == [2, 4]


def test_share_counts_existing_commitments_and_alone_does_not():
    load = Load(np.array([2022]), np.array([[200.0]]), np.array([[6.0]]), np.array([[4.0]]), 160.0)
    assert load.share[0, 0] == (6 + 4) / 200
    assert load.share_alone[0, 0] == 4 / 200
    assert load.share_without_growth[0, 0] == (6 + 4) / 160
    assert load.headroom(0.10)[0, 0] == pytest.approx(0.10 * 200 - 6 - 4)


def test_share_of_the_bridge_by_hand(project):
    """The first operating year ends in 2024; the budget, 12100 in 2021, grows by its average of 10 %."""
    commitment = {"name": "Others", "from_year": 2024, "spending": [500, 500]}
    result = ppp.evaluate(project(budget={"commitments": {"others": commitment}}))
    year = list(result.load.years).index(2024)
    own = result.lines["fiscal_spending"][3, 0] / WAN
    assert result.budget_growth == pytest.approx(0.10)
    assert result.load.share[year, 0] == pytest.approx((500 + own) / (12_100 * 1.10**3), rel=1e-13)
    assert result.load.share_alone[year, 0] == pytest.approx(own / (12_100 * 1.10**3), rel=1e-13)
    assert result.results["share_peak"][0] == result.load.share.max()


def test_money_is_counted_in_yuan_whatever_the_units_of_the_two_files(project):
    budget = [{"year": year, "expenditure": amount} for year, amount in ((2019, 1.0), (2020, 1.1), (2021, 1.21))]
    in_yi = ppp.evaluate(project(budget={"unit": "yi", "budget": budget})).load.share_alone
    np.testing.assert_allclose(in_yi, ppp.evaluate(project()).load.share_alone, rtol=1e-12)


def test_every_amount_of_the_project_falls_in_some_year(project):
    result = ppp.evaluate(project())
    assert result.load.own.sum() == pytest.approx(result.lines["fiscal_spending"].sum(), rel=1e-13)


# --- the line that a project is held to ---


def test_a_viability_gap_with_enough_user_payments_is_held_to_ten_percent(project):
    assert binding_cap(ppp.evaluate(project())) == 0.10


def test_a_viability_gap_with_few_user_payments_counts_as_government_pay(project):
    assert binding_cap(ppp.evaluate(project(users={"payments": 5}))) == 0.05


def test_sewage_is_exempt_from_the_line_for_government_pay(project):
    assert binding_cap(ppp.evaluate(project(users={"payments": 5}, sector="wastewater"))) == 0.10


def test_before_2019_the_line_for_government_pay_did_not_exist(project):
    early = project(appraised="2018-01-01", users={"payments": 5})
    assert binding_cap(ppp.evaluate(early)) == 0.10


def test_each_case_is_held_to_the_line_of_its_own_kind(project):
    cases = ppp.evaluate(project(), {"users.payments.start": np.array([60.0, 5.0])})
    assert list(counts_as_government_pay(cases)) == [False, True]
    assert list(caps(cases)) == [0.10, 0.05]


def test_affordability_passes_at_the_cap_and_fails_above_it(project):
    small = {"budget": [{"year": year, "expenditure": 1_500} for year in (2019, 2020, 2021)], "growth": "0%"}
    peak = ppp.evaluate(project(budget=small)).results["share_peak"][0].item()
    bigger = {
        "budget": [{"year": year, "expenditure": 1_500 * peak / 0.0999} for year in (2019, 2020, 2021)],
        "growth": "0%",
    }
    smaller = {
        "budget": [{"year": year, "expenditure": 1_500 * peak / 0.1001} for year in (2019, 2020, 2021)],
        "growth": "0%",
    }
    assert passes(ppp.evaluate(project(budget=bigger)))["affordability"][0]
    assert not passes(ppp.evaluate(project(budget=smaller)))["affordability"][0]


def test_the_cure_of_a_broken_cap_mends_it(project):
    """The report says by which share the project's own spending must fall: with that cut the worst year is at
    the cap."""
    tight = {"budget": [{"year": year, "expenditure": 900} for year in (2019, 2020, 2021)], "growth": "0%"}
    appraisal = ppp.appraise(project(budget=tight), draws=16)
    cure = next(cure for cure in appraisal.verdict.cures if cure.key == "cut_spending_for_cap")
    load = appraisal.evaluation.load
    left = load.own[:, 0] * (1 - cure.values["share"][1])
    assert ((load.existing[:, 0] + left) / load.budget[:, 0]).max() == pytest.approx(0.10, rel=1e-12)
