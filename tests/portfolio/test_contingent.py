"""The sampler against closed forms: guarantees as puts, events as first passages, and a known bad sampler that must fail."""

import numpy as np
import pytest

from ppp.appraisal.risk import guarantee_value
from ppp.portfolio import contingent as c

DRAWS = 40_000
YEARS = 20
FORECAST, FLOOR = np.full(YEARS, 100.0), np.full(YEARS, 90.0)
DISCOUNT = 1.05 ** -np.arange(1.0, YEARS + 1)
CLOSED_FORM = 203.35  # sigma 20 %, martingale drift, cumulative shocks: a series of European puts


def priced(shocks: np.ndarray) -> tuple[float, float]:
    """Mean present value of the calls, and its standard error."""
    worth = DISCOUNT @ c.guarantee_calls(FORECAST, FLOOR, 0.2, shocks)
    return float(worth.mean()), float(worth.std(ddof=1) / np.sqrt(worth.size))


def shocks(name: str) -> np.ndarray:
    return c.normal_shocks(c.generator_of("test", name), YEARS, DRAWS)


def test_the_closed_form_is_the_published_figure():
    assert guarantee_value(100.0, 90.0, 0.2, YEARS, 0.05) == pytest.approx(CLOSED_FORM, abs=0.005)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9, -0.6])
def test_the_sampler_agrees_with_the_closed_form_whatever_the_correlation(correlation):
    mean, error = priced(c.correlated(shocks("economy"), shocks("own"), correlation))
    assert error < 1.5
    assert abs(mean - CLOSED_FORM) < 3.0 * error


def test_uniform_shocks_would_fail_by_far():
    """A workbook in circulation draws uniform (0, 1) numbers where normal ones are meant: at year t it moves sigma sqrt(t) u."""
    uniform = c.generator_of("test", "uniform").random((YEARS, DRAWS))
    t = np.arange(1, YEARS + 1)[:, None]
    walk = np.sqrt(t) * uniform  # its running sum has to be this
    mean, error = priced(np.diff(walk, axis=0, prepend=0.0))
    assert mean == pytest.approx(11.0, abs=1.0)
    assert abs(mean - CLOSED_FORM) > 100.0 * error


def test_independent_yearly_shocks_and_a_missing_drift_are_other_models():
    z = shocks("own")
    independent = np.diff(
        z, axis=0, prepend=0.0
    )  # the running sum is then one fresh shock a year, with the wrong drift
    assert priced(independent)[0] < 0.9 * CLOSED_FORM
    assert guarantee_value(100.0, 90.0, 0.2, YEARS, 0.05, drift="zero") == pytest.approx(141, abs=1)


def test_the_mean_of_revenue_is_its_forecast_in_every_year():
    forecast = np.linspace(50.0, 150.0, YEARS)
    paths = c.revenue_paths(forecast, 0.2, shocks("own"))
    error = paths.std(axis=1, ddof=1) / np.sqrt(DRAWS)
    assert (np.abs(paths.mean(axis=1) - forecast) < 4.0 * error).all()


def test_without_volatility_the_call_is_the_plain_shortfall():
    calls = c.guarantee_calls(FORECAST, np.full(YEARS, 110.0), 0.0, shocks("own"))
    assert (calls == 10.0).all()


@pytest.mark.parametrize("correlation", [0.0, 0.5, -0.4])
def test_shocks_correlate_as_asked_and_sources_by_the_product(correlation):
    economy = shocks("economy")
    one, two = (c.correlated(economy, shocks(name), correlation) for name in ("a", "b"))
    assert np.corrcoef(one.ravel(), economy.ravel())[0, 1] == pytest.approx(correlation, abs=0.01)
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] == pytest.approx(correlation**2, abs=0.01)
    assert one.std() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_a_contract_ends_once_by_the_geometric_law(correlation):
    live = np.ones(YEARS, dtype=bool)
    live[:3] = False
    ends = c.first_events(0.05, live, c.correlated(shocks("economy"), shocks("events"), correlation))
    assert ends.sum(axis=0).max() == 1 and not ends[:3].any()
    wanted = 0.05 * 0.95 ** np.arange(YEARS - 3)
    error = np.sqrt(wanted * (1.0 - wanted) / DRAWS)
    assert (np.abs(ends[3:].mean(axis=1) - wanted) < 4.5 * error).all()


def exposure(**more) -> c.Exposure:
    live = np.ones(YEARS, dtype=bool)
    return c.Exposure("a", {"en": "a", "zh": "a"}, live, **more)


def simulated(*exposures: c.Exposure, draws: int = DRAWS) -> c.Simulated:
    return c.simulate(list(exposures), DISCOUNT, 0.06, "seed", draws)


def test_causes_share_the_events_by_their_probabilities_and_pay_their_own_sums():
    causes = (c.Cause("authority", 0.01, np.full(YEARS, 300.0)), c.Cause("company", 0.03, np.full(YEARS, 100.0)))
    found = {s.key: s for s in simulated(exposure(causes=causes)).sources}
    for cause in causes:
        by_year = cause.probability * 0.96 ** np.arange(YEARS) * cause.amounts[0]
        assert found[cause.key].worth == pytest.approx(float(DISCOUNT @ by_year), rel=0.05)
        assert found[cause.key].likelihood == pytest.approx(cause.probability * (1 - 0.96**YEARS) / 0.04, rel=0.05)


def test_a_guarantee_ends_with_its_contract():
    """Uncorrelated, the call of year t is the put times the chance that the contract still stands."""
    causes = (c.Cause("company", 0.04, np.zeros(YEARS)),)
    terms = {"forecast": FORECAST, "floor": FLOOR, "volatility": 0.2}
    found = {s.key: s for s in simulated(exposure(causes=causes, **terms)).sources}
    puts = np.diff([guarantee_value(100.0, 90.0, 0.2, n, 0.0) for n in range(YEARS + 1)])
    wanted = float(DISCOUNT @ (puts * 0.96 ** np.arange(1, YEARS + 1)))
    assert found["revenue_guarantee"].worth == pytest.approx(wanted, rel=0.03)


def test_what_the_forecast_calls_already_is_not_counted_again():
    terms = {"forecast": FORECAST, "floor": np.full(YEARS, 110.0), "volatility": 0.1}
    whole = simulated(exposure(**terms)).total.worth[0]
    beyond = simulated(exposure(**terms, already=np.full(YEARS, 10.0))).total.worth[0]
    assert whole - beyond == pytest.approx(float(DISCOUNT.sum() * 10.0))


def test_the_measures_are_ordered_and_add_up():
    one = exposure(forecast=FORECAST, floor=FLOOR, volatility=0.2, revenue_correlation=0.5)
    found = simulated(one)
    total = found.total
    assert (total.expected <= total.tail + 1e-12).all() and (total.quantile <= total.tail + 1e-12).all()
    assert total.worth[0] < total.worth[1] < total.worth[2]
    assert sum(s.worth for s in found.sources) == pytest.approx(total.worth[0])
    assert found.revenue_in_tail < 0.97  # the worst draws are those of a weak economy
    assert abs(total.worth[0] - CLOSED_FORM) < 3.0 * found.standard_error


def test_correlation_leaves_the_mean_and_fattens_the_tail():
    def both(correlation: float) -> c.Measured:
        terms = {"forecast": FORECAST, "floor": FLOOR, "volatility": 0.2, "revenue_correlation": correlation}
        parts = [c.Exposure(k, {"en": k, "zh": k}, np.ones(YEARS, bool), **terms) for k in "abcd"]
        return simulated(*parts).total

    apart, together = both(0.0), both(0.8)
    assert together.worth[0] == pytest.approx(apart.worth[0], rel=0.05)
    assert together.worth[2] > 1.2 * apart.worth[2]


def test_another_source_leaves_this_one_as_it_was():
    one = exposure(forecast=FORECAST, floor=FLOOR, volatility=0.2)
    other = c.Exposure("b", {"en": "b", "zh": "b"}, np.ones(YEARS, bool), causes=(c.Cause("company", 0.1, FLOOR),))
    alone, beside = simulated(one, draws=256), simulated(other, one, draws=256)
    assert np.array_equal(alone.sources[0].expected, beside.sources[-1].expected)


def test_a_pool_draws_what_its_members_draw_and_keeps_their_sums():
    """Past one portion for each thread: the sums are those of the members drawn one by one, whatever the number of threads."""
    terms = {"forecast": FORECAST, "floor": FLOOR, "volatility": 0.2, "revenue_correlation": 0.4}
    causes = (c.Cause("company", 0.02, np.full(YEARS, 50.0)), c.Cause("debt_guarantee", 0.01, np.full(YEARS, 70.0)))
    live = np.arange(YEARS) % YEARS > 4
    many = [c.Exposure(f"x{n}", {"en": "x", "zh": "x"}, live, causes=causes, **terms) for n in range(150)]
    one = c.simulate(many, DISCOUNT, 0.06, "seed", 64)
    other = c.simulate([], DISCOUNT, 0.06, "seed", 64, iter(many))
    assert other.total.worth == pytest.approx(one.total.worth, rel=1e-12)
    assert other.together == pytest.approx(one.together, rel=1e-12)
    assert one.together[:5] == pytest.approx(0.0) and (one.together[5:] > 150 * 70.0).all()
    assert {s.key: s.count for s in other.sources} == {"revenue_guarantee": 150, "company": 150, "debt_guarantee": 150}
    again = c.simulate([], DISCOUNT, 0.06, "seed", 64, iter(many))
    assert np.array_equal(other.total.expected, again.total.expected)
