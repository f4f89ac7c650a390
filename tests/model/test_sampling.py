"""Points of the unit cube: held against scipy.stats.qmc, which is another implementation of the same points."""

import numpy as np
import pytest
from scipy.stats import qmc, spearmanr

from ppp.model.sampling import (
    BITS,
    EDGE,
    MOST_DIMENSIONS,
    _directions,
    _prepared,
    _scrambled,
    consistent,
    copula_factor,
    joined,
    nearest_correlation,
    normal_correlation,
    pseudo_random,
    sobol,
    within_edges,
)


@pytest.fixture(autouse=True)
def made_anew():
    """Scrambles are kept for as long as a process runs; each test makes its own."""
    _prepared.cache_clear()


@pytest.mark.parametrize("dimensions", [1, 2, 3, 17, 100, MOST_DIMENSIONS])
def test_unscrambled_points_are_those_of_scipy(dimensions):
    theirs = qmc.Sobol(dimensions, scramble=False, bits=52).random_base2(10)
    np.testing.assert_array_equal(sobol(np.arange(1024), dimensions, None), theirs)


def test_a_point_is_the_same_alone_in_any_order_and_in_any_block():
    whole = sobol(np.arange(5000), 6, 11)
    chosen = np.array([4999, 0, 17, 4096, 4095])
    np.testing.assert_array_equal(sobol(chosen, 6, 11), whole[chosen])
    random = pseudo_random(np.arange(10_000), 6, 11)
    np.testing.assert_array_equal(pseudo_random(chosen, 6, 11), random[chosen])


def test_a_scramble_keeps_the_points_a_net_and_moves_every_one():
    """Of 1,024 points each of 32 x 32 squares of any two dimensions holds exactly one, where the directions make a net of them."""
    plain, scrambled = sobol(np.arange(1024), 8, None), sobol(np.arange(1024), 8, 5)
    assert np.abs(plain - scrambled).min() > 0.0
    for d in range(8):
        assert np.all(np.histogram(scrambled[:, d], 1024, (0.0, 1.0))[0] == 1)
    pair = np.histogram2d(scrambled[:, 0], scrambled[:, 1], 32, ((0, 1), (0, 1)))[0]
    assert np.all(pair == 1)


def test_scrambled_points_are_as_even_as_those_of_scipy():
    ours = [qmc.discrepancy(sobol(np.arange(512), 6, seed)) for seed in range(10)]
    theirs = [qmc.discrepancy(qmc.Sobol(6, rng=seed).random(512)) for seed in range(10)]
    random = [qmc.discrepancy(pseudo_random(np.arange(512), 6, seed)) for seed in range(10)]
    assert np.mean(ours) < 1.2 * np.mean(theirs) < 0.2 * np.mean(random)


def test_scrambles_are_uniform_and_independent_so_that_their_scatter_is_the_error():
    """The first point of many scrambles is uniform, and two scrambles' means err independently."""
    first = np.array([sobol(np.array([0]), 2, seed)[0] for seed in range(2000)])
    assert np.all(np.abs(first.mean(axis=0) - 0.5) < 4 * np.sqrt(1 / 12 / 2000))
    assert abs(np.corrcoef(first.T)[0, 1]) < 0.1
    errors = np.array([np.exp(sobol(np.arange(64), 3, seed)).mean() - (np.e - 1.0) for seed in range(400)])
    assert abs(errors.mean()) < 4 * errors.std() / 20
    assert abs(np.corrcoef(errors[::2], errors[1::2])[0, 1]) < 0.3


def test_more_dimensions_than_the_table_has_are_refused():
    with pytest.raises(ValueError, match="1 to 256 dimensions, given 257"):
        sobol(np.arange(4), MOST_DIMENSIONS + 1, 1)


def test_no_point_is_nearer_to_the_ends_than_the_edge():
    assert within_edges(np.array([0.0, 0.5, 1.0])).tolist() == [EDGE, 0.5, 1.0 - EDGE]


@pytest.mark.parametrize("rank", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_the_copula_has_the_rank_correlation_asked_for_and_stays_uniform(rank):
    matrix = normal_correlation(np.array([[1.0, rank], [rank, 1.0]]))
    points = joined(sobol(np.arange(2**14), 2, 3), copula_factor(matrix))
    assert spearmanr(points).statistic == pytest.approx(rank, abs=0.002)
    for column in points.T:
        assert np.abs(np.sort(column) - (np.arange(2**14) + 0.5) / 2**14).max() < 5e-3


def test_full_correlation_is_a_singular_matrix_and_moves_both_alike():
    matrix = normal_correlation(np.array([[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]))
    assert consistent(matrix)
    one, other, opposite = joined(sobol(np.arange(256), 3, 3), copula_factor(matrix)).T
    np.testing.assert_allclose(one, other, atol=1e-12)
    np.testing.assert_allclose(one, 1.0 - opposite, atol=1e-12)


def test_the_factor_gives_the_matrix_back():
    matrix = np.array([[1.0, 0.6, 0.2], [0.6, 1.0, -0.3], [0.2, -0.3, 1.0]])
    factor = copula_factor(matrix)
    np.testing.assert_allclose(factor @ factor.T, matrix, atol=1e-14)
    assert np.all(np.triu(factor, 1) == 0.0)


def test_correlations_that_contradict_are_refused_and_the_nearest_matrix_is_highams():
    """Higham (2002), IMA J. Numer. Anal. 22, p. 337: the nearest matrix to the 3 x 3 tridiagonal one has 0.7607 and 0.1573."""
    tridiagonal = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    assert not consistent(tridiagonal)
    with pytest.raises(ValueError, match=r"^the correlations contradict one another$"):
        copula_factor(tridiagonal)
    near = nearest_correlation(tridiagonal)
    np.testing.assert_allclose(near, [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]], atol=5e-5)
    assert consistent(near)


def test_a_scramble_is_a_lower_triangle_of_binary_digits_with_ones_on_its_diagonal():
    """Digit i of the new number: digit i of the old one and those of the earlier digits that the draw takes, modulo 2."""
    directions = _directions(3)
    found = _scrambled(directions, np.random.Generator(np.random.PCG64(9)))
    taken = np.random.Generator(np.random.PCG64(9)).integers(0, 2, (3, BITS, BITS))
    for d in range(3):
        for k in range(0, BITS, 7):
            old = [int(digit) for digit in f"{int(directions[d, k]):0{BITS}b}"]
            new = [(old[i] + sum(old[j] * taken[d, i, j] for j in range(i))) % 2 for i in range(BITS)]
            assert int(found[d, k]) == int("".join(map(str, new)), 2)


def test_no_numbers_give_no_points():
    assert sobol(np.arange(0), 3, 1).shape == (0, 3)


def test_a_variable_that_follows_from_another_leaves_the_later_ones_their_own():
    matrix = np.array([[1.0, 1.0, 0.3], [1.0, 1.0, 0.3], [0.3, 0.3, 1.0]])
    factor = copula_factor(matrix)
    np.testing.assert_allclose(factor @ factor.T, matrix, atol=1e-12)
