import pytest

from ppp.appraisal.qualitative import score


def test_equal_scores_give_that_score():
    assert score({"a": 0.7, "b": 0.3}, {"a": [80, 80], "b": [80, 80]})[0] == pytest.approx(80)


def test_indicators_count_by_their_weight():
    assert score({"a": 0.7, "b": 0.3}, {"a": [90], "b": [60]})[0] == pytest.approx(0.7 * 90 + 0.3 * 60)


def test_a_trimmed_mean_leaves_out_the_highest_and_the_lowest():
    given = {"a": [10, 70, 80, 100]}
    assert score({"a": 1.0}, given, "all")[0] == pytest.approx((10 + 70 + 80 + 100) / 4)
    assert score({"a": 1.0}, given, "trimmed")[0] == pytest.approx((70 + 80) / 2)


def test_a_trimmed_mean_needs_three_experts():
    with pytest.raises(ValueError, match="three experts"):
        score({"a": 1.0}, {"a": [70, 80]}, "trimmed")


def test_the_spread_of_opinions_is_kept():
    _, (only,) = score({"a": 1.0}, {"a": [70, 50, 90]})
    assert (only.lowest, only.mean, only.highest) == (50, 70, 90)
