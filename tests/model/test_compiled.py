"""Loops that are compiled, as plain figures."""

import numpy as np

from ppp.model.compiled import largest, running_sum


def test_the_largest_size_along_time_of_each_case():
    np.testing.assert_array_equal(largest([[1.0, 0.0], [-5.0, 0.25], [2.0, -0.5], [3.0, 0.0]]), [5.0, 0.5])
    np.testing.assert_array_equal(largest([[-3.0, 2.0, 1.0]]), [3.0, 2.0, 1.0])
    np.testing.assert_array_equal(largest([1.0, -4.0, 2.0]), [4.0])


def test_what_is_not_a_number_stays_whenever_it_comes():
    lost = np.nan
    np.testing.assert_array_equal(largest([[lost, 1.0, 1.0], [2.0, lost, 1.0], [1.0, 3.0, lost]]), [lost, lost, lost])


def test_running_sums_are_those_of_numpy():
    values = np.random.default_rng(1).normal(size=(7, 3))
    np.testing.assert_array_equal(running_sum(values), np.cumsum(values, axis=0))
