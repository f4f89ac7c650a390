"""Internal rates of return: every root, one value by policy. pyxirr and mpmath are the outside opinions."""

import mpmath
import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model.discounting import net_present_value
from ppp.model.irr import NONE, SEVERAL, UNIQUE, _npv, irr, sign_changes


def npv_error(rate, flows) -> float:
    """|NPV| over the discounted sizes of the flows; nothing overflows where rates are near -100 %."""
    t = np.arange(len(flows))
    weights = np.exp(-np.log1p(rate) * (t if rate >= 0 else t - t[-1]))
    return abs(np.sum(flows * weights)) / np.sum(np.abs(flows) * weights)


def test_an_investment_that_returns_its_money_with_a_tenth_more_earns_a_tenth():
    found = irr([-100, 110])
    assert found.value[0] == pytest.approx(0.10, rel=1e-14)
    assert found.state[0] == UNIQUE


def test_money_returned_without_more_earns_nothing():
    assert irr([-100, 50, 50]).value[0] == pytest.approx(0.0, abs=1e-15)


def test_a_loss_has_a_negative_return():
    assert irr([-100, 50]).value[0] == pytest.approx(-0.50, rel=1e-14)


def test_a_level_income_earns_the_rate_of_its_annuity():
    assert irr([-1_000] + [1_000 * 0.08 / (1 - 1.08**-20)] * 20).value[0] == pytest.approx(0.08, rel=1e-12)


def test_the_cost_of_a_loan_is_found_from_the_borrower_s_side():
    assert irr([1_000, -500, -605]).value[0] == irr([-1_000, 500, 605]).value[0]


@pytest.mark.parametrize("flows", [[-1, -2, -3], [1, 2], [0, 0, 0], [0, 5]])
def test_flows_of_one_sign_have_no_return(flows):
    found = irr(flows)
    assert np.isnan(found.value[0])
    assert found.state[0] == NONE
    assert found.roots_of(0).size == 0


def test_a_flow_that_never_breaks_even_at_any_rate_has_no_return():
    """-100 + 150 v - 60 v^2 has no real root, though its sign changes twice."""
    found = irr([-100, 150, -60])
    assert found.state[0] == NONE
    assert np.isnan(found.value[0])


@pytest.mark.parametrize(
    "flows, wrong, right",
    [
        ([-50, -100, 600, 300, -100], -0.769, 1.854),
        ([-1678.87, 771.96, 1814.05, 3520.30, 3552.95, 3584.99, 4789.91, -1], -0.9998, 1.00427),
    ],
)
def test_of_two_roots_the_one_at_which_npv_falls_is_the_return(flows, wrong, right):
    """numpy-financial 1.0.0 returns the other one, at which a higher hurdle would be passed more easily."""
    found = irr(flows)
    assert found.state[0] == SEVERAL
    assert found.roots_of(0) == pytest.approx([wrong, right], abs=5e-4)
    assert found.value[0] == pytest.approx(pyxirr.irr(flows), rel=1e-9)
    assert net_present_value(found.value[0] - 0.01, flows)[0] > 0 > net_present_value(found.value[0] + 0.01, flows)[0]


def test_no_value_is_given_when_npv_falls_at_two_roots():
    """(1 - 1.0 v)(1 - 1.1 v)(1 - 1.2 v) breaks even at 0, 10 and 20 %: nobody can say which is the return."""
    found = irr(-np.poly([1.0, 1.1, 1.2]))
    assert found.state[0] == SEVERAL
    assert found.roots_of(0) == pytest.approx([0.0, 0.10, 0.20], abs=1e-9)
    assert np.isnan(found.value[0])


def test_a_rate_at_which_npv_only_touches_zero_is_found():
    """(1 - 1.1 v)^2: NPV is 0 at 10 % and positive elsewhere."""
    found = irr([1, -2.2, 1.21])
    assert found.roots_of(0) == pytest.approx([0.10], abs=1e-7)


@pytest.mark.parametrize(
    "roots", [[1.05, 1.0501], [0.5, 1.08, 3.0], [0.9, 1.0, 1.1, 1.2, 1.3], [1.01, 1.02, 1.03, 1.04]]
)
def test_flows_made_from_their_returns_give_them_back(roots):
    found = irr(-np.poly(roots))
    assert found.roots_of(0) == pytest.approx([root - 1 for root in roots], abs=1e-7)


@pytest.mark.parametrize("years", [40, 120, 198])
def test_long_lives_neither_overflow_nor_lose_the_root(years):
    late = irr([-100] + [0] * (years - 1) + [500]).value[0]
    assert late == pytest.approx(5 ** (1 / years) - 1, rel=1e-12)


def test_a_return_on_almost_nothing_is_huge_and_still_found():
    """0.001 (1 + r)^2 = 100 (1 + r) + 100."""
    assert irr([-0.001, 100, 100]).value[0] == pytest.approx(
        (100_000 + (100_000**2 + 400_000) ** 0.5) / 2 - 1, rel=1e-12
    )


def test_total_loss_but_for_a_penny():
    assert irr([-1e4, 0.01]).value[0] == pytest.approx(1e-6 - 1, abs=1e-12)


HARD = [
    [-1_000_000] + [1] * 30 + [1_500_000],
    [-1e9] + [7.2e7] * 28,
    [-10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5],
    [-50, -100, 600, 300, -100],
    [-500, 100, 150, 200, -30, 250, 120, -10, 60],
    [-100] + [0] * 59 + [101],
    [0, 0, -3, -4, 5, 6],
]


@pytest.mark.parametrize("flows", HARD, ids=range(len(HARD)))
def test_agrees_with_fifty_digits_to_1e_10(flows):
    value = irr(flows).value[0]
    with mpmath.workdps(50):
        exact = mpmath.findroot(
            lambda r: sum(mpmath.mpf(f) * (1 + r) ** -t for t, f in enumerate(flows)),
            mpmath.mpf(value),
            tol=1e-60,
        )
    assert value == pytest.approx(float(exact), rel=1e-10, abs=1e-13)


@settings(max_examples=100, deadline=None)
@given(
    outlays=st.lists(st.floats(1.0, 1e3), min_size=1, max_size=5),
    incomes=st.lists(st.floats(1.0, 1e3), min_size=1, max_size=30),
)
def test_one_change_of_sign_agrees_with_pyxirr(outlays, incomes):
    flows = [-x for x in outlays] + incomes
    found = irr(flows)
    assert found.state[0] == UNIQUE
    assert npv_error(found.value[0], flows) < 1e-12
    other = pyxirr.irr(flows)
    if other is not None and npv_error(other, flows) < 1e-12:  # where pyxirr gives up, the NPV above decides
        assert found.value[0] == pytest.approx(other, rel=1e-7, abs=1e-7)


@settings(max_examples=100, deadline=None)
@given(flows=st.lists(st.integers(-100, 100), min_size=2, max_size=25))
def test_every_root_gives_npv_zero_and_none_is_missed(flows):
    """The change of sign of NPV between the two ends of all rates says whether the number of roots is odd or
    even."""
    flows = np.array(flows, dtype=float)
    found = irr(flows)
    roots = found.roots_of(0)
    assert all(npv_error(root, flows) < 1e-9 for root in roots)
    assert np.all(np.diff(roots) > 0)
    assert roots.size <= sign_changes(flows[:, None])[0][0]
    ends = flows[np.flatnonzero(flows)]
    touching = any(npv_error(root * (1 + 1e-3) + 1e-6, flows) < 1e-7 for root in roots)
    if ends.size and not touching and np.all(np.abs(roots) < 1e3):
        assert (roots.size % 2 == 1) == (ends[0] * ends[-1] < 0)


def roots_by_eigenvalues(flow) -> np.ndarray:
    used = np.flatnonzero(flow)
    v = np.roots(flow[used[0] : used[-1] + 1][::-1])
    v = v[(np.abs(v.imag) < 1e-9) & (v.real > 1e-4)].real
    return np.sort(1 / v - 1)


@pytest.mark.parametrize("seed", range(5))
def test_all_roots_agree_with_the_eigenvalues_of_the_companion_matrix(seed):
    flows = np.random.default_rng(seed).normal(size=(25, 60))
    found = irr(flows)
    for case in range(flows.shape[1]):
        expected = roots_by_eigenvalues(flows[:, case])
        roots = found.roots_of(case)
        np.testing.assert_allclose(roots[roots < 1e3], expected[expected < 1e3], rtol=1e-7, atol=1e-9)


def test_many_cases_at_once_are_the_single_cases():
    generator = np.random.default_rng(3)
    flows = generator.normal(size=(20, 200))
    flows[:, :100] = np.abs(flows[:, :100])
    flows[0, :100] *= -10
    flows[:, 7] = 0.0
    together = irr(flows)
    alone = [irr(flows[:, case]) for case in range(200)]
    np.testing.assert_array_equal(together.state, [one.state[0] for one in alone])
    np.testing.assert_allclose(together.value, [one.value[0] for one in alone], rtol=1e-12, atol=1e-14)
    for case, one in enumerate(alone):
        np.testing.assert_allclose(together.roots_of(case), one.roots_of(0), rtol=1e-11, atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(
    flows=st.lists(st.integers(-100, 100), min_size=2, max_size=15),
    scale=st.floats(1e-6, 1e9),
    zeros=st.integers(0, 5),
)
def test_return_does_not_depend_on_the_currency_nor_on_when_one_begins(flows, scale, zeros):
    plain, other = irr(flows), irr([0.0] * zeros + [scale * flow for flow in flows] + [0.0] * zeros)
    np.testing.assert_allclose(other.value, plain.value, rtol=1e-6, atol=1e-9)


def test_sign_changes_pass_over_zeros():
    flows = np.array([[-1, 1, -1, 0], [0, 0, 2, 0], [3, 4, 0, 0], [0, -1, -1, 0]], dtype=float)
    count, first = sign_changes(flows)
    assert list(count) == [1, 1, 2, 0] and list(first) == [2, 3, 1, 0]


# --- flows at uneven times ---


def test_a_return_at_uneven_times_in_closed_form():
    assert irr([-100, 121], [0.0, 2.0]).value[0] == pytest.approx(0.10, rel=1e-13)
    assert irr([-100, 105], [0.0, 0.5]).value[0] == pytest.approx(1.05**2 - 1, rel=1e-13)
    assert irr([-100, 50], [1.0, 3.0]).value[0] == pytest.approx(0.5**0.5 - 1, rel=1e-13)


def test_a_monthly_flow_earns_the_yearly_rate_of_its_month():
    flows = np.r_[-1_000.0, np.full(24, 1_000 * 0.01 / (1 - 1.01**-24))]
    assert irr(flows, np.arange(25) / 12).value[0] == pytest.approx(1.01**12 - 1, rel=1e-11)


@settings(max_examples=80, deadline=None)
@given(data=st.data(), count=st.integers(2, 25))
def test_returns_at_uneven_months_agree_with_high_precision(data, count):
    """An investment and what it returns, at months that are apart by anything from 1 to 18: mpmath's root of the NPV."""
    gaps = data.draw(st.lists(st.integers(1, 18), min_size=count, max_size=count))
    received = data.draw(st.lists(st.floats(0.1, 100.0), min_size=count, max_size=count))
    flows = np.array([-sum(received) * data.draw(st.floats(0.6, 1.5)), *received])
    months = np.concatenate([[0], np.cumsum(gaps)])
    found = irr(flows, months / 12.0)
    assert found.state[0] == UNIQUE
    with mpmath.workdps(40):
        times = [mpmath.mpf(int(month)) / 12 for month in months]

        def worth(rate):
            return mpmath.fsum(mpmath.mpf(f) * (1 + rate) ** -t for f, t in zip(flows, times, strict=True))

        root = mpmath.findroot(worth, mpmath.mpf(float(found.value[0])))
    assert found.value[0] == pytest.approx(float(root), rel=1e-9, abs=1e-11)


def test_several_roots_at_uneven_times():
    """(1 - 1.1 v)(1 - 1.2 v) with v a half-year's factor: half-yearly roots of 10 and 20 %."""
    found = irr(-np.poly([1.1, 1.2]), np.arange(3) / 2)
    assert found.roots_of(0) == pytest.approx([1.1**2 - 1, 1.2**2 - 1], rel=1e-9)
    assert found.value[0] == pytest.approx(1.2**2 - 1, rel=1e-9)  # where NPV falls


def test_the_same_flow_laid_out_in_shorter_periods_earns_the_same():
    flows = np.array([-100.0, 30.0, 40.0, 60.0])
    monthly = np.zeros(37)
    monthly[::12] = flows
    assert irr(monthly, np.arange(37) / 12).value[0] == pytest.approx(irr(flows).value[0], rel=1e-12)


def hard_cases(count: int) -> list[np.ndarray]:
    """Flows of 31 rows as hard as they come: made from their roots, nearly without return, with outlays in between, of huge ranges."""
    rng, found = np.random.default_rng(20240131), []
    for case in range(count):
        flow = rng.uniform(0.5, 1.5, 31) * rng.choice([1.0, 1e-3, 1e3]) * np.exp(rng.normal(0.0, 1.0, 31))
        match case % 5:
            case 0:  # an investment over some years, then income
                flow[: rng.integers(1, 6)] *= -rng.uniform(1.0, 30.0)
            case 1:  # works in between
                flow[rng.choice(31, rng.integers(2, 12), replace=False)] *= -rng.uniform(0.5, 5.0)
            case 2:  # roots far apart, from which the flows are made
                roots = 1.0 + np.sort(rng.choice(np.linspace(-0.5, 2.0, 26), rng.integers(1, 4), replace=False))
                flow = np.zeros(31)
                made = -np.poly(roots)
                flow[: made.size] = made * rng.uniform(1.0, 1e6)
            case 3:  # next to nothing comes back, or very much
                flow = np.append([-1.0], np.full(30, 10.0 ** rng.uniform(-6.0, 4.0)))
            case _:  # closing costs at the end
                flow[0], flow[-1] = -rng.uniform(1.0, 50.0), -rng.uniform(0.1, 40.0)
        found.append(flow)
    return found


def test_a_thousand_hard_cases_agree_with_forty_digits_and_none_is_silently_wrong():
    """Every root by mpmath to 1e-10; how many there are, by the changes of sign of NPV on a fine grid between them."""
    flows = hard_cases(1_000)
    found = irr(np.array(flows).T)
    states = set()
    for case, flow in enumerate(flows):
        roots = found.roots_of(case)
        states.add(int(found.state[case]))
        assert found.state[case] == min(roots.size, SEVERAL)
        with mpmath.workdps(40):
            exact = [mpmath.mpf(float(amount)) for amount in flow]
            for root in roots:
                near = mpmath.findroot(
                    lambda s, exact=exact: mpmath.polyval(exact, mpmath.exp(-s), asc=True),
                    mpmath.log1p(float(root)),
                    tol=1e-60,
                    verify=False,
                )
                assert root == pytest.approx(float(mpmath.expm1(near)), rel=1e-10, abs=1e-12)
        s = np.linspace(np.log1p(-0.95), np.log1p(50.0), 4_001)
        npv = np.exp(-np.outer(s, np.arange(31))) @ flow
        crossings = np.count_nonzero(np.diff(np.sign(npv)) != 0)
        inside = np.count_nonzero((roots > -0.95) & (roots < 50.0))
        assert inside >= crossings and (inside - crossings) % 2 == 0
        assert np.isfinite(found.value[case]) or found.state[case] != UNIQUE
    assert states == {NONE, UNIQUE, SEVERAL}


@pytest.mark.parametrize("crossing, touching", [(0.3, 0.1), (0.05, 0.1), (0.25, 0.5)])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_rate_that_is_only_touched_is_named_beside_one_that_is_crossed_and_is_no_fall(crossing, touching, sign):
    """(1 - (1 + a) v)^2 (1 - (1 + b) v), v = 1 / (1 + r): zero at a, twice, and at b, where it falls for one sign only."""
    flows = sign * np.polymul(np.polymul([-1.0, 1 + touching], [-1.0, 1 + touching]), [1.0, -1.0 - crossing])
    found = irr(flows)
    assert found.roots_of(0) == pytest.approx(sorted([crossing, touching]), rel=1e-6)
    assert found.state[0] == 2
    assert found.value[0] == pytest.approx(crossing, rel=1e-6) if sign < 0 else np.isnan(found.value[0])


def test_more_cases_than_are_searched_side_by_side_are_the_single_cases():
    """70 cases of one change of sign, of several and of none."""
    flows = np.random.default_rng(8).normal(size=(5, 70))
    flows[0], flows[1:, ::2] = -2.0, np.abs(flows[1:, ::2])
    flows[:, 5::20] = 0.0
    together = irr(flows)
    for case in range(70):
        alone = irr(flows[:, case])
        np.testing.assert_array_equal(together.roots_of(case), alone.roots_of(0))
        np.testing.assert_array_equal(together.value[case], alone.value[0])


def test_room_is_made_for_as_many_roots_as_signs_change():
    assert irr([-1.0, 1.1]).roots.shape == (1, 1)
    assert irr([-1.0, 2.3, -1.3]).roots.shape == (2, 1)
    assert irr(np.empty((3, 0))).value.shape == (0,)


@pytest.mark.parametrize("times", [[0.0, 1.0, 2.0, 3.0], [0.0, 0.5, 0.75, 2.75]])
def test_npv_and_its_slope_in_closed_form(times):
    """Sum of flow e^(-s t) and of -t flow e^(-s t); for s below zero both of NPV e^(s T)."""
    times, flows = np.array(times), np.array([-3.0, 1.0, 0.5, 2.5])
    s = np.array([0.2, 0.0, -0.3, 1.4])
    gaps, kind = np.unique(np.diff(times), return_inverse=True)
    value, slope, room = np.empty(4), np.empty(4), np.empty((gaps.size, 4))
    _npv(np.repeat(flows[:, None], 4, axis=1), s, gaps, kind, value, slope, room)
    from_end = np.where(s < 0, times[-1], 0.0) - times[:, None]
    terms = flows[:, None] * np.exp(s * from_end)
    np.testing.assert_allclose(value, terms.sum(axis=0), rtol=1e-13)
    np.testing.assert_allclose(slope, (from_end * terms).sum(axis=0), rtol=1e-13)
