import datetime as dt

import numpy as np
import pytest
from companies import years


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
