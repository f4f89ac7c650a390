import math

import pytest

import ppp
from ppp.appraisal.qualitative import band, bands_apart, by_expert, disputed, score, totals


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


SHEET = {"a": [90.0, 70.0, 50.0, 10.0], "b": [80.0, 80.0, 60.0, 60.0]}
WEIGHTS = {"a": 0.25, "b": 0.75}
LOWEST = [81.0, 61.0, 41.0, 21.0, 0.0]


def test_both_means_are_there_whichever_counts():
    _, (a, b) = score(WEIGHTS, SHEET)
    assert (a.plain, a.trimmed, a.mean) == (55.0, 60.0, 55.0)
    assert score(WEIGHTS, SHEET, "trimmed")[1][0].mean == 60.0
    assert totals([a, b]) == {
        "all": pytest.approx(0.25 * 55 + 0.75 * 70),
        "trimmed": pytest.approx(0.25 * 60 + 0.75 * 70),
    }


def test_the_experts_own_scores_average_to_the_plain_score():
    total, scored = score(WEIGHTS, SHEET)
    alone = by_expert(scored)
    assert alone[0] == pytest.approx(0.25 * 90 + 0.75 * 80)
    assert sum(alone) / 4 == pytest.approx(total)


def test_dispersion_is_the_sample_deviation_and_unknown_for_one_expert():
    import statistics

    _, (a, _) = score(WEIGHTS, SHEET)
    assert a.deviation == pytest.approx(statistics.stdev(SHEET["a"]))
    assert math.isnan(score({"a": 1.0}, {"a": [70.0]})[1][0].deviation)
    assert math.isnan(score({"a": 1.0}, {"a": [70.0, 71.0]})[1][0].trimmed)


@pytest.mark.parametrize("value, which", [(100, 0), (81, 0), (80.99, 1), (61, 1), (60, 2), (20, 4), (0, 4)])
def test_a_score_falls_in_the_band_that_it_reaches(value, which):
    assert band(value, LOWEST) == which


def test_disagreement_is_counted_in_bands_and_across_the_mark():
    _, (a, b) = score(WEIGHTS, SHEET)
    assert (bands_apart(a, LOWEST), bands_apart(b, LOWEST)) == (4, 1)
    assert disputed(a, 60.0) and not disputed(b, 60.0) and disputed(b, 61.0)


@pytest.mark.parametrize("count", [1, 2])
def test_a_trimmed_mean_of_fewer_than_three_experts_is_refused_with_the_file(project, count):
    """It was valid, and failed in the middle of the appraisal."""
    few = {key: {"scores": [70] * count} for key in project().qualitative}
    with pytest.raises(
        ppp.InputError, match=rf"bridge.yaml:\d+:\d+: qualitative: .*given {count} experts; allowed: 3 or more"
    ):
        project(qualitative=few, conventions={"qualitative_mean": "trimmed"})
    assert ppp.evaluate(project(qualitative=few)).results["qualitative_score"][0] == pytest.approx(70)


def test_a_trimmed_mean_of_three_experts_is_their_median(project):
    three = {key: {"scores": [10, 70, 100]} for key in project().qualitative}
    found = ppp.evaluate(project(qualitative=three, conventions={"qualitative_mean": "trimmed"}))
    assert found.results["qualitative_score"][0] == pytest.approx(70)
