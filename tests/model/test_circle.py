"""Where the next round of the funding circle begins: Anderson's step, by closed form and against numpy."""

import companies
import numpy as np
import pytest

from ppp.model import circle
from ppp.model.circle import Ahead


def test_rounds_that_move_in_proportion_end_at_once():
    """g(x) = end + q (x - end), another q in each case: after two rounds the next begins at the end."""
    end_tax, end_need, q = np.array([[3.0, 0.4], [0.5, 0.02]]), np.array([10.0, 0.3]), np.array([0.5, -0.3])
    ahead, tax, need = Ahead(), np.zeros((2, 2)), np.array([12.0, 0.1])
    for _ in range(2):
        ahead.look(tax, need, end_tax + q * (tax - end_tax), end_need + q * (need - end_need))
        tax, need = ahead.tax.copy(), ahead.need.copy()
    np.testing.assert_allclose(tax, end_tax, rtol=1e-13)
    np.testing.assert_allclose(need, end_need, rtol=1e-13)


@pytest.mark.parametrize("taxes, needs", [(3, 3), (1, 3), (3, 1)])
def test_the_step_is_andersons(taxes, needs, monkeypatch):
    """Four rounds of any figures; from the third on the rounds are taken as they are."""
    monkeypatch.setattr(circle, "LOOKING_AHEAD", 2)
    random = np.random.default_rng(5)
    ahead, given, before = Ahead(), (np.zeros((4, 1)), np.full(1, 2.0)), None
    for turn in range(4):
        found = random.uniform(0.0, 1.0, (4, taxes)), random.uniform(0.0, 1.0, needs)
        moved = ahead.look(*given, *found)
        x, g = (
            np.vstack([np.broadcast_to(part, (rows, 3)) for part, rows in zip(both, (4, 1), strict=True)])
            for both in (given, found)
        )
        f = g - x
        np.testing.assert_allclose(moved, np.abs(f[:-1]).max(axis=0) + np.abs(f[-1]), rtol=1e-13)
        expected = g
        if before is not None and turn <= 2:
            change = f - before[1]
            expected = g - (change * f).sum(axis=0) / (change**2).sum(axis=0) * (g - before[0])
        np.testing.assert_allclose(ahead.tax, expected[:-1], rtol=1e-10)
        np.testing.assert_allclose(ahead.need, np.maximum(expected[-1], 0.0), rtol=1e-10)
        given, before = (ahead.tax.copy(), ahead.need.copy()), (g, f)


def test_rounds_that_no_longer_move_stay_where_they_are():
    ahead, still = Ahead(), (np.ones((2, 1)), np.ones(1))
    for _ in range(3):
        assert ahead.look(*still, *still)[0] == 0.0
    np.testing.assert_array_equal(ahead.tax, still[0])
    np.testing.assert_array_equal(ahead.need, still[1])


def test_a_closed_circle_keeps_the_schedules_of_the_debts_it_sized():
    financed = companies.circle(companies.company(debt=companies.terms())).solve()
    np.testing.assert_allclose(financed.schedules[0].opening, financed.funded.debts[0], rtol=1e-11)
    np.testing.assert_array_equal(financed.schedules[0].closing, financed.paid.closing[0])
