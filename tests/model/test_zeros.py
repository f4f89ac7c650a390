from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from ppp.model.zeros import ZERO, all_zeros

GRID = np.linspace(0.0, 1.0, 101)


def zeros_of(*curves, grid=GRID):
    def values(which, at):
        out = np.empty(at.shape)
        for number, curve in enumerate(curves):
            out[which == number] = curve(at[which == number])
        return out

    return all_zeros(values, [grid] * len(curves))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(1, 48), min_size=1, max_size=6, unique=True), st.integers(1, 999), st.sampled_from([-1.0, 1.0])
)
def test_every_zero_of_a_polynomial_is_found(places, off, sign):
    """Zeros at least a fiftieth apart, anywhere between the points of the grid."""
    zeros = np.sort(np.array(places) / 50.0 + off / 1000.0 / 50.0)
    (found,) = zeros_of(lambda x: sign * np.prod([(x - zero) * 3.0 for zero in zeros], axis=0))
    assert found.zeros == pytest.approx(list(zeros), abs=1e-9)
    assert found.jumps == [] and found.flat == []


@settings(max_examples=100, deadline=None)
@given(st.floats(-3.0, 3.0), st.floats(0.2, 6.0), st.floats(-0.9, 0.9))
def test_a_zero_is_where_another_library_finds_it(shift, speed, level):
    def curve(x):
        return np.sin(speed * x + shift) - level

    (found,) = zeros_of(curve)
    ends = [(a, b) for a, b in pairwise(GRID) if curve(a) * curve(b) < 0]
    assert len(found.zeros) >= len(ends)
    for a, b in ends:
        assert min(abs(zero - brentq(curve, a, b, xtol=1e-15)) for zero in found.zeros) < 1e-9
    assert all(abs(curve(zero)) <= ZERO for zero in found.zeros)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.01, 100.0), st.sampled_from([-1.0, 1.0]))
def test_a_curve_that_touches_zero_has_a_zero_there(at, steep, sign):
    smooth, sharp = zeros_of(lambda x: sign * steep * (x - at) ** 2, lambda x: sign * np.abs(x - at))
    # a parabola is flat where it touches: its value says where only to about the root of its own digits
    assert smooth.zeros == pytest.approx([at], abs=1e-4)
    assert sharp.zeros == pytest.approx([at], abs=1e-9)


@pytest.mark.parametrize("gap", [1e-3, 1e-5, 1e-6])
def test_two_zeros_between_neighbouring_points_are_both_found(gap):
    (found,) = zeros_of(lambda x: (x - 0.5037) * (x - 0.5037 - gap))
    assert found.zeros == pytest.approx([0.5037, 0.5037 + gap], abs=1e-9)


@pytest.mark.parametrize("nearby", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize("gap", [1e-4, 0.003, 0.4])
def test_two_zeros_are_found_beside_points_that_nearly_coincide(nearby, side, gap):
    """A grid of which two neighbours lie `nearby` of a cell apart, the two zeros in the cell beside them."""
    grid = np.unique(np.append(np.arange(0.0, 10.0), 5.0 + side * nearby))
    first = 5.0 + side * (0.35 + 0.3 * (1.0 - gap)) - gap / 2.0
    (found,) = zeros_of(lambda x: (x - first) * (x - first - gap) / 100.0, grid=grid)
    assert found.zeros == pytest.approx([first, first + gap], abs=1e-7)


@pytest.mark.parametrize("first, gap", [(0.0001, 0.0003), (0.004, 0.005), (0.0001, 0.009), (0.0049, 1e-5)])
def test_two_zeros_in_the_first_or_the_last_cell_are_found(first, gap):
    low, high = zeros_of(
        lambda x: (x - first) * (x - first - gap), lambda x: -(1.0 - x - first) * (1.0 - x - first - gap)
    )
    assert low.zeros == pytest.approx([first, first + gap], abs=1e-9)
    assert high.zeros == pytest.approx([1.0 - first - gap, 1.0 - first], abs=1e-9)


def test_two_zeros_midway_between_equally_near_points_are_named_once():
    (found,) = zeros_of(lambda x: (x - 4.25) * (x - 4.75), grid=np.arange(0.0, 10.0))
    assert found.zeros == pytest.approx([4.25, 4.75])


def test_a_curve_that_turns_just_above_zero_has_none():
    above, far = zeros_of(lambda x: (x - 0.5037) ** 2 + 1e-8, lambda x: (x - 0.5037) ** 2 + 0.1)
    assert above.zeros == [] and far.zeros == []


def test_a_jump_is_no_zero():
    (found,) = zeros_of(lambda x: np.where(x < 0.43217, -1.0, 0.5))
    assert found.zeros == [] and found.jumps == pytest.approx([0.43217], abs=1e-12)


def test_a_stretch_of_zeros_is_named_from_end_to_end():
    always, late, never = zeros_of(lambda x: 0.0 * x, lambda x: np.maximum(x - 0.5, 0.0), lambda x: 1.0 + 0.0 * x)
    assert always.flat == [(0.0, 1.0)] and late.flat == [(0.0, 0.5)]
    assert [each.zeros for each in (always, late, never)] == [[], [], []] and never.flat == []


def test_zeros_at_a_point_and_at_the_ends_of_the_grid_are_named_once():
    point, ends = zeros_of(lambda x: x - 0.25, lambda x: x * (1.0 - x))
    assert point.zeros == [0.25] and ends.zeros == [0.0, 1.0]


def test_each_curve_has_its_own_grid():
    found = all_zeros(lambda which, at: at - np.array([0.3, 7.3])[which], [GRID, np.linspace(5.0, 10.0, 11)])
    assert [each.zeros for each in found] == [[pytest.approx(0.3)], [pytest.approx(7.3)]]


def test_no_value_is_refused():
    with pytest.raises(ValueError, match=r"^a curve has no value somewhere on its grid$"):
        zeros_of(lambda x: np.where(x > 0.5, np.nan, 1.0))


@pytest.mark.parametrize(
    "curve, low, high, most",
    [
        (lambda x: x**3 - 2, 0.0, 4.0, 8),
        (lambda x: np.exp(-x) - 0.3, 0.0, 5.0, 8),
        (lambda x: 1 / (1 + x) ** 20 - 0.2, 0.0, 2.0, 11),
        (lambda x: x - 0.7, 0.0, 1.0, 2),
        (lambda x: np.tanh(8 * (x - 1.3)), 0.0, 4.0, 11),
    ],
    ids=["cube", "decay", "factor", "line", "step"],
)
def test_a_zero_is_found_in_few_steps(curve, low, high, most):
    """Bisection alone would take about fifty: interpolation must be used, where it is safe."""
    steps = []

    def values(which, at):
        steps.append(at.size)
        return curve(at)

    found = all_zeros(values, [np.array([low, high])])[0].zeros
    assert len(found) == 1 and abs(curve(np.float64(found[0]))) < 1e-13
    assert len(steps) - 1 <= most, len(steps) - 1


@pytest.mark.parametrize("width, shift", [(1.0, 0.0), (0.2, 3.0), (4.0, 0.0), (1.0, -30.0)])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("cell", [1, 5, 8])
def test_a_dip_within_one_cell_is_found_by_the_chord_beside_it(width, shift, mirrored, cell):
    """Level but for a dip below zero between two points of the grid, the nearer of which stands at 0.6 of the level, the other at 0.73:
    the chord from there does not reach zero, the one from the level does. Points `width` apart."""
    middle = cell + (0.53 if mirrored else 0.47)
    (found,) = zeros_of(
        lambda x: 1.0 - 1.59 * np.exp(-(((x - shift) / width - middle) ** 2) / 0.16),
        grid=shift + width * np.arange(0.0, 11.0),
    )
    off = 0.4 * np.sqrt(np.log(1.59))
    assert found.zeros == pytest.approx([shift + width * (middle - off), shift + width * (middle + off)], abs=1e-8)


def test_three_points_are_enough_for_a_turn():
    (found,) = zeros_of(lambda x: (x - 5.1) * (x - 5.2), grid=np.array([4.0, 5.0, 6.0]))
    assert found.zeros == pytest.approx([5.1, 5.2], abs=1e-9)


def test_two_zeros_of_which_one_lies_on_a_part_of_the_surroundings_are_both_found():
    """4.0625 is the first of 32 parts from 4 to 6; the curve is exactly zero there."""
    (found,) = zeros_of(lambda x: (x - 4.0625) * (x - 4.99), grid=np.arange(0.0, 10.0))
    assert found.zeros == pytest.approx([4.0625, 4.99], abs=1e-9)


def test_two_zeros_in_the_last_cell_after_a_change_of_sign_are_found():
    low, high = zeros_of(
        lambda x: (x - 3.5) * (x - 8.6) * (x - 8.8),
        lambda x: (5.5 - x) * (0.4 - x) * (0.2 - x),
        grid=np.arange(0.0, 10.0),
    )
    assert low.zeros == pytest.approx([3.5, 8.6, 8.8], abs=1e-9)
    assert high.zeros == pytest.approx([0.2, 0.4, 5.5], abs=1e-9)
