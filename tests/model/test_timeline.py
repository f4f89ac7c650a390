import datetime as dt

import numpy as np
import pytest
from companies import years
from hypothesis import given, settings
from hypothesis import strategies as st


def test_row_0_is_financial_close_and_each_further_row_the_end_of_a_year():
    timeline = years(2, 3, close=dt.date(2024, 1, 1))
    assert timeline.rows == 1 + 2 + 3
    assert timeline.ends[:3] == [dt.date(2024, 1, 1), dt.date(2024, 12, 31), dt.date(2025, 12, 31)]


def test_the_budget_year_is_the_calendar_year_in_which_a_period_ends():
    assert list(years(1, 2, close=dt.date(2024, 1, 1)).budget_years) == [2024, 2024, 2025, 2026]
    assert list(years(1, 2, close=dt.date(2024, 7, 1)).budget_years) == [2024, 2025, 2026, 2027]


def test_a_close_on_a_leap_day_ends_its_years_at_the_end_of_february():
    assert years(1, 4, close=dt.date(2024, 2, 29)).ends[1] == dt.date(2025, 2, 27)
    assert years(1, 4, close=dt.date(2024, 2, 29)).ends[4] == dt.date(2028, 2, 28)


def test_capex_is_spent_at_close_when_there_is_no_construction_period():
    none, two = years(0, 2, close=dt.date(2024, 1, 1)), years(2, 2, close=dt.date(2024, 1, 1))
    assert list(none.spread("building", np.array([[5.0]]))[:, 0]) == [5, 0, 0]
    assert list(two.spread("building", np.array([[5.0], [6.0]]))[:, 0]) == [0, 5, 6, 0, 0]


@pytest.mark.parametrize("construction", [0, 1, 4])
def test_operation_follows_construction(construction):
    timeline = years(construction, 3, close=dt.date(2024, 1, 1))
    placed = timeline.spread("operating", np.ones((3, 2)))
    assert placed.shape == (timeline.rows, 2)
    assert list(placed[:, 0]) == [0] * (1 + construction) + [1, 1, 1]


# --- periods of a half-year, quarter or month ---


def boundaries(construction, operation, period="year", month=1, by_calendar=False):
    line = years(construction / 12, operation / 12, period, dt.date(2024, month, 1), by_calendar)
    return list(line.boundaries)


def test_periods_run_from_close_and_from_operation_and_only_the_last_of_a_phase_is_short():
    assert boundaries(18, 30) == [0, 12, 18, 30, 42, 48]
    assert boundaries(18, 30, "half_year") == [0, 6, 12, 18, 24, 30, 36, 42, 48]
    assert boundaries(4, 8, "quarter") == [0, 3, 4, 7, 10, 12]
    assert boundaries(0, 15) == [0, 12, 15]


def test_calendar_periods_end_with_the_calendar_and_with_each_phase():
    """From 1 April: December is 9 months away, then every 12; construction ends after 18."""
    assert boundaries(18, 30, month=4, by_calendar=True) == [0, 9, 18, 21, 33, 45, 48]
    assert boundaries(5, 4, "quarter", 2, True) == [0, 2, 5, 8, 9]
    assert boundaries(2, 3, "month", 6, True) == [0, 1, 2, 3, 4, 5]


def test_calendar_years_from_january_are_the_anniversaries():
    assert boundaries(24, 60, by_calendar=True) == boundaries(24, 60)


@settings(max_examples=100, deadline=None)
@given(
    construction=st.integers(0, 50),
    operation=st.integers(1, 130),
    period=st.sampled_from(["year", "half_year", "quarter", "month"]),
    month=st.integers(1, 12),
    by_calendar=st.booleans(),
)
def test_rows_fill_the_term_without_gap_and_none_is_longer_than_a_period(
    construction, operation, period, month, by_calendar
):
    line = years(construction / 12, operation / 12, period, dt.date(2024, month, 1), by_calendar)
    assert line.months.sum() == construction + operation
    assert line.months[0] == 0 and np.all(line.months[1:] > 0) and line.months.max() <= line.period
    assert line.boundaries[line.completion] == construction
    assert line.operating_rows == len(line.boundaries[line.operating]) == line.rows - line.completion - 1
    assert np.all(np.diff(line.budget_years) >= 0)
    assert len(line.calendar_years) == line.budget_years[-1] - line.budget_years[0] + 1


@settings(max_examples=60, deadline=None)
@given(
    construction=st.integers(0, 30),
    operation=st.integers(1, 80),
    period=st.sampled_from(["year", "half_year", "quarter", "month"]),
    month=st.integers(1, 12),
    by_calendar=st.booleans(),
    data=st.data(),
)
def test_year_totals_are_the_sums_of_their_periods(construction, operation, period, month, by_calendar, data):
    """Yearly amounts are at a yearly rate, so a short year counts for its months; capex of a year is its whole."""
    line = years(construction / 12, operation / 12, period, dt.date(2024, month, 1), by_calendar)
    running = np.array(
        data.draw(st.lists(st.floats(0, 1e6), min_size=line.operating_years, max_size=line.operating_years))
    )
    placed = line.spread("operating", running[:, None])
    assert placed.sum() == pytest.approx((running * line.year_lengths("operation")).sum(), rel=1e-12, abs=1e-9)
    count = max(line.construction_years, 1)
    spent = np.array(data.draw(st.lists(st.floats(0, 1e6), min_size=count, max_size=count)))
    built = line.spread("building", spent[:, None])
    assert built.sum() == pytest.approx(spent.sum(), rel=1e-12, abs=1e-9)
    assert not built[line.operating].any() and not placed[line.built].any()
    shared = line.shared_months("operation")
    np.testing.assert_allclose(shared.sum(axis=1), line.months[line.operating])
    np.testing.assert_allclose(shared.sum(axis=0), line.year_lengths("operation") * 12)


def test_a_row_across_two_operating_years_takes_a_part_of_each():
    """Operation from April in calendar years: nine months, twelve (three and nine), three."""
    line = years(1, 2, close=dt.date(2024, 4, 1), by_calendar=True)
    assert list(line.by_row(np.array([[100.0], [200.0]]))[:, 0]) == [75, 25 + 150, 50]


def test_a_short_last_year_receives_its_part():
    line = years(0, 2.5)
    assert list(line.by_row(np.array([[100.0], [100.0], [100.0]]))[:, 0]) == [100, 100, 50]
    assert list(line.year_lengths("operation")) == [1, 1, 0.5]
    assert line.operating_years == 3 and line.construction_years == 0


def test_whole_years_that_are_rows_are_taken_as_they_are():
    line = years(1, 3)
    assert line.one_row_a_year
    assert not years(1, 3, "month").one_row_a_year and not years(1, 2.5).one_row_a_year
    np.testing.assert_array_equal(line.by_row(np.array([[1.0], [2.0], [3.0]]))[:, 0], [1, 2, 3])


def test_spending_of_a_construction_year_is_even_over_its_months():
    line = years(1.5, 1, "quarter")
    assert list(line.spread("building", np.array([[120.0], [60.0]]))[:, 0]) == [0, 30, 30, 30, 30, 30, 30, 0, 0, 0, 0]


def test_close_on_the_31st_ends_months_on_their_last_days():
    line = years(0, 0.5, "month", dt.date(2024, 1, 31))
    assert [line.date(k) for k in range(4)] == [
        dt.date(2024, 1, 31),
        dt.date(2024, 2, 29),
        dt.date(2024, 3, 31),
        dt.date(2024, 4, 30),
    ]
    assert line.ends[1] == dt.date(2024, 2, 28) and line.ends[2] == dt.date(2024, 3, 30)
    assert (
        line.date(11) == dt.date(2024, 12, 31)
        and line.date(12) == dt.date(2025, 1, 31)
        and line.date(13) == dt.date(2025, 2, 28)
    )


def test_a_row_that_ends_in_december_belongs_to_that_year():
    line = years(0.5, 1, "half_year", dt.date(2024, 7, 1))
    assert list(line.budget_years) == [2024, 2024, 2025, 2025]
    assert [end.isoformat() for end in line.ends] == ["2024-07-01", "2024-12-31", "2025-06-30", "2025-12-31"]


def test_years_of_a_phase_are_named_by_their_last_day():
    line = years(1.5, 2.25, close=dt.date(2024, 7, 1))
    assert list(line.years_of_phase("construction")) == [2025, 2025]
    assert list(line.years_of_phase("operation")) == [2026, 2027, 2028]
    assert list(years(0, 1, close=dt.date(2024, 7, 1)).years_of_phase("construction")) == [2024]
    assert list(years(0, 1, close=dt.date(2024, 1, 2)).years_of_phase("operation")) == [2025]


def test_rows_within_so_many_months_of_operation_end_by_then():
    line = years(1, 3, "half_year")
    assert [line.operating_rows_within(months) for months in (0, 5, 6, 17, 18, 36)] == [0, 0, 1, 2, 3, 6]


def test_times_are_years_from_close():
    assert list(years(0.5, 1, "half_year").times) == [0, 0.5, 1.0, 1.5]


def test_flows_of_a_calendar_year_add_up_and_balances_stand_at_its_end():
    line = years(0, 1.5, "half_year", dt.date(2024, 7, 1))
    assert list(line.calendar_years) == [2024, 2025]
    values = np.array([[1.0], [2.0], [4.0], [8.0]])
    assert list(line.by_calendar_year(values)[:, 0]) == [3, 12]
    assert list(line.by_calendar_year(values, balance=True)[:, 0]) == [2, 8]


def test_a_budget_year_without_a_row_has_no_flow_and_keeps_its_balance():
    """Close in December 2022; the only row ends in November 2024."""
    line = years(0, 1, close=dt.date(2022, 12, 1))
    assert list(line.budget_years) == [2022, 2023]
    line = years(2, 1, close=dt.date(2022, 12, 15), period="year")
    assert list(line.by_calendar_year(np.array([[1.0], [2.0], [3.0], [4.0]]))[:, 0]) == [1, 2, 3, 4]


def test_operating_rows_are_placed_behind_construction():
    line = years(1, 2)
    assert list(line.place(np.array([[5.0], [6.0]]))[:, 0]) == [0, 0, 5, 6]
