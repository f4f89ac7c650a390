"""Distributions by their inverse distribution functions: held against scipy.stats and closed forms."""

import numpy as np
import pytest
from scipy import stats

from ppp.model.distributions import Distribution, problem_of
from ppp.model.sampling import EDGE

AT = np.array([1e-6, 0.01, 0.05, 0.25, 0.5, 0.8, 0.95, 0.999, 1 - 1e-6])
MIDDLE = (np.arange(200_000) + 0.5) / 200_000
LOG = np.sqrt(np.log1p(0.04))  # of a lognormal with sd / mean = 0.2

SCIPY = {
    "triangular": (Distribution("triangular", 2.0, 3.0, 7.0), stats.triang(0.2, 2.0, 5.0)),
    "a wide triangle": (Distribution("triangular", 0.0, 3.0, 7.0), stats.triang(3.0 / 7.0, 0.0, 7.0)),
    "pert": (Distribution("pert", 2.0, 3.0, 7.0), stats.beta(1.8, 4.2, 2.0, 5.0)),
    "uniform": (Distribution("uniform", low=-1.0, high=4.0), stats.uniform(-1.0, 5.0)),
    "normal": (Distribution("normal", mean=5.0, sd=2.0), stats.norm(5.0, 2.0)),
    "cut normal": (Distribution("normal", mean=5.0, sd=2.0, low=4.0, high=8.0), stats.truncnorm(-0.5, 1.5, 5.0, 2.0)),
    "normal cut once": (Distribution("normal", mean=5.0, sd=2.0, low=4.0), stats.truncnorm(-0.5, np.inf, 5.0, 2.0)),
    "normal cut above": (Distribution("normal", mean=5.0, sd=2.0, high=6.0), stats.truncnorm(-np.inf, 0.5, 5.0, 2.0)),
    "lognormal": (Distribution("lognormal", mean=10.0, sd=2.0), stats.lognorm(LOG, scale=10.0 / np.sqrt(1.04))),
}


@pytest.mark.parametrize("name", SCIPY)
def test_quantiles_are_those_of_scipy(name):
    ours, theirs = SCIPY[name]
    np.testing.assert_allclose(ours.quantile(AT), theirs.ppf(AT), rtol=1e-9)


@pytest.mark.parametrize("name", SCIPY)
def test_means_and_deviations_are_those_of_scipy(name):
    ours, theirs = SCIPY[name]
    drawn = ours.quantile(MIDDLE)
    assert drawn.mean() == pytest.approx(theirs.mean(), rel=1e-4)
    assert drawn.std() == pytest.approx(theirs.std(), rel=1e-3)


def test_pert_has_its_own_mean():
    assert Distribution("pert", 2.0, 3.0, 7.0).quantile(MIDDLE).mean() == pytest.approx((2 + 4 * 3 + 7) / 6, rel=1e-7)


def test_a_lognormal_has_the_mean_and_deviation_that_the_file_says():
    drawn = Distribution("lognormal", mean=1.05, sd=0.1).quantile(MIDDLE)
    assert (drawn.mean(), drawn.std()) == pytest.approx((1.05, 0.1), rel=1e-4)


def test_a_cut_lognormal_keeps_the_proportions_between_its_ends():
    whole, cut = (
        Distribution("lognormal", mean=1.0, sd=0.3),
        Distribution("lognormal", low=0.9, high=1.4, mean=1.0, sd=0.3),
    )
    inside = whole.quantile(MIDDLE)
    inside = inside[(inside >= 0.9) & (inside <= 1.4)]
    np.testing.assert_allclose(cut.quantile(AT[1:-1]), np.quantile(inside, AT[1:-1]), rtol=1e-3)
    assert cut.reach == pytest.approx((0.9, 1.4), rel=1e-6)


def test_discrete_and_empirical_values_come_as_often_as_they_should():
    discrete = Distribution("discrete", values=(3.0, 1.0, 2.0), probabilities=(0.2, 0.5, 0.3))
    drawn = discrete.quantile(MIDDLE)
    assert [np.mean(drawn == value) for value in (1.0, 2.0, 3.0)] == pytest.approx([0.5, 0.3, 0.2], abs=1e-5)
    assert np.all(np.diff(drawn) >= 0.0)
    empirical = Distribution("empirical", values=(4.0, 1.0, 1.0, 9.0))
    assert [np.mean(empirical.quantile(MIDDLE) == value) for value in (1.0, 4.0, 9.0)] == [0.5, 0.25, 0.25]
    assert empirical.reach == (1.0, 9.0)


@pytest.mark.parametrize(
    "still",
    [
        Distribution("triangular", 2.0, 2.0, 2.0),
        Distribution("pert", 2.0, 2.0, 2.0),
        Distribution("uniform", low=2.0, high=2.0),
        Distribution("normal", mean=2.0, sd=0.0),
        Distribution("lognormal", mean=2.0, sd=0.0),
        Distribution("discrete", values=(2.0,), probabilities=(1.0,)),
        Distribution("empirical", values=(2.0, 2.0)),
    ],
)
def test_without_spread_every_draw_is_the_value_itself(still):
    assert problem_of(still) is None
    assert np.all(np.abs(still.quantile(AT) - 2.0) <= 4.5e-16 * 2)
    assert still.quantile(AT).shape == AT.shape


def test_reach_is_the_quantiles_at_the_edge():
    normal = Distribution("normal", mean=0.0, sd=1.0)
    assert normal.reach == pytest.approx((stats.norm.ppf(EDGE), -stats.norm.ppf(EDGE)), rel=1e-9)


@pytest.mark.parametrize(
    "wrong, said",
    [
        (Distribution("triangular", 3.0, 2.0, 7.0), "low, likely and high must rise, given 3, 2, 7"),
        (Distribution("pert", 2.0, 8.0, 7.0), "low, likely and high must rise, given 2, 8, 7"),
        (Distribution("uniform", low=3.0, high=2.0), "low and high must rise, given 3, 2"),
        (Distribution("normal", mean=3.0, sd=-1.0), "cannot be negative, given -1"),
        (Distribution("lognormal", mean=0.0, sd=1.0), "mean of a lognormal distribution is above zero, given 0"),
        (Distribution("normal", mean=3.0, sd=1.0, low=5.0, high=4.0), "low must not be above high"),
        (Distribution("normal", mean=3.0, sd=0.1, low=5.0), "leave out all but a millionth"),
        (Distribution("normal", mean=3.0, sd=0.0, low=5.0), "leave out all but a millionth"),
        (Distribution("discrete", values=(1.0, 2.0), probabilities=(1.0,)), "2 values and 1 probabilities"),
        (Distribution("discrete", values=(1.0, 2.0), probabilities=(0.5, 0.4)), "add to 90.0000%"),
    ],
)
def test_impossible_parameters_are_said(wrong, said):
    assert said in problem_of(wrong)


def test_too_narrow_a_cut_is_said_whole():
    said = "low and high leave out all but a millionth of the draws; allowed: ends around the mean"
    assert problem_of(Distribution("normal", mean=3.0, sd=0.1, low=5.0)) == said


@pytest.mark.parametrize(
    "right",
    [
        Distribution("normal", mean=3.0, sd=1.0),
        Distribution("normal", mean=3.0, sd=1.0, low=2.0, high=5.0),
        Distribution("normal", mean=2.0, sd=0.0, low=2.0, high=2.0),
        Distribution("lognormal", mean=0.5, sd=0.1),
        Distribution("lognormal", mean=1.0, sd=0.3, low=0.9, high=1.4),
        Distribution("lognormal", mean=1.0, sd=0.3, low=-1.0),
        Distribution("pert", 2.0, 3.0, 7.0),
        Distribution("discrete", values=(1.0, 2.0), probabilities=(0.3, 0.7)),
    ],
)
def test_possible_parameters_have_no_problem(right):
    assert problem_of(right) is None


def test_a_share_that_is_reached_exactly_belongs_to_the_next_value():
    """Whatever the last bits of 0.1 + 0.2 say; and no share lies beyond the last value."""
    discrete = Distribution("discrete", values=(1.0, 2.0, 3.0), probabilities=(0.1, 0.2, 0.7))
    assert list(discrete.quantile([0.1, 0.3, 1.0])) == [2.0, 3.0, 3.0]
    assert list(Distribution("empirical", values=(1.0, 2.0)).quantile([0.5, 1.0])) == [2.0, 2.0]


def test_no_draw_steps_over_a_cut_by_its_last_bits():
    for end in np.linspace(0.1, 2.9, 57):
        low = Distribution("normal", mean=1.5, sd=0.7, low=end).quantile(np.array([1e-18]))
        high = Distribution("lognormal", mean=1.5, sd=0.7, high=end).quantile(np.array([1.0]))
        assert low[0] >= end >= high[0]
        assert (low[0], high[0]) == pytest.approx((end, end), rel=1e-9)
