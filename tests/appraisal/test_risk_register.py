"""The risk register: expected costs by each method, who bears them, where they may be counted again, and the comparator's range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ppp
from ppp.appraisal.comparison import compare
from ppp.appraisal.psc_range import psc_range
from ppp.appraisal.risk_register import counted_again, likelihood, register
from ppp.arrays import Prices
from ppp.draws import cost_quantile, mean_cost
from ppp.problems import InputError
from ppp.procurement import Distribution, Risk

WAN = 10_000.0
NAME = {"en": "Flood", "zh": "洪水"}


def risk(**given) -> Risk:
    base = {"name": NAME, "category": "construction", "phase": "construction", "transferred": 0.5}
    return Risk.model_validate({**base, **given})


def spread(**given) -> Distribution:
    return Distribution.model_validate({"low": 10.0, "likely": 20.0, "high": 60.0, **given})


@pytest.mark.parametrize(
    "shape, expected",
    [("triangular", (10 + 20 + 60) / 3), ("pert", (10 + 4 * 20 + 60) / 6), ("uniform", (10 + 60) / 2)],
)
def test_the_mean_of_a_shape_is_the_mean_of_its_quantiles(shape, expected):
    given = Distribution(low=10.0, likely=None if shape == "uniform" else 20.0, high=60.0, shape=shape)
    assert mean_cost(given) == pytest.approx(expected, rel=1e-14)
    middle = (np.arange(200_000) + 0.5) / 200_000
    assert cost_quantile(given, middle).mean() == pytest.approx(expected, rel=1e-6)
    assert cost_quantile(given, np.array([0.0, 1.0])) == pytest.approx([10.0, 60.0], rel=1e-9)


def test_a_risk_that_may_not_occur_costs_nothing_below_that_probability():
    given = spread(probability=0.25)
    assert cost_quantile(given, np.array([0.0, 0.74])) == pytest.approx([0.0, 0.0])
    middle = (np.arange(200_000) + 0.5) / 200_000
    assert cost_quantile(given, middle).mean() == pytest.approx(0.25 * 30.0, rel=1e-4)


def test_triangular_quantiles_agree_with_scipy():
    from scipy.stats import beta, triang

    at = np.linspace(0.01, 0.99, 23)
    assert cost_quantile(spread(), at) == pytest.approx(triang(0.2, loc=10, scale=50).ppf(at), rel=1e-12)
    assert cost_quantile(spread(shape="pert"), at) == pytest.approx(10 + 50 * beta(1.8, 4.2).ppf(at), rel=1e-9)


def test_each_method_by_hand(project):
    """Bridge: capex 1100 (40 / 60 %), opex 60, ten years."""
    bridge = project(
        risks={
            "overrun": None,
            "upkeep": None,
            "a": {"name": "A", "category": "construction", "phase": "construction", "ratio": "10%", "transferred": "80%"},
            "b": {"name": "B", "category": "operation", "phase": "operation", "transferred": "25%",
                  "outcomes": [{"probability": "90%", "cost": 0}, {"probability": "10%", "cost": 40}]},
            "c": {"name": "C", "category": "operation", "phase": "operation", "transferred": "100%",
                  "distribution": {"probability": "50%", "low": 0, "likely": 30, "high": 90}},
            "d": {"name": "D", "category": "policy", "phase": "construction", "transferred": "0%",
                  "distribution": {"shape": "uniform", "low": 10, "high": 30, "timing": ["75%", "25%"]}},
        }
    )  # fmt: skip
    borne = {entry.key: entry for entry in register(bridge, Prices(bridge))}
    assert borne["a"].whole[:, 0] / WAN == pytest.approx([0, 44, 66, *[0] * 10])
    assert borne["b"].whole[:, 0] / WAN == pytest.approx([0, 0, 0, *[4] * 10])
    assert borne["c"].whole[:, 0] / WAN == pytest.approx([0, 0, 0, *[0.5 * 40 / 10] * 10])
    assert borne["d"].whole[:, 0] / WAN == pytest.approx([0, 15, 5, *[0] * 10])
    assert borne["a"].retained.sum() / WAN == pytest.approx(22) and borne["a"].transferred.sum() / WAN == pytest.approx(
        88
    )


def test_what_others_bear_without_the_ppp_is_no_saving_of_it(project):
    """Of 100 the government bears 80 without the PPP and keeps 30 under it: 50 are transferred to its good."""
    shared = {"overrun": {"government_share": "80%", "transferred": "70%"}, "upkeep": None}
    found = ppp.evaluate(project(risks=shared))
    whole = 110 * WAN
    assert found.lines["transferred_risk"].sum() == pytest.approx(0.5 * whole)
    assert found.lines["retained_risk"].sum() == pytest.approx(0.3 * whole)
    assert found.sound.all()
    (borne,) = compare(found).risks
    assert borne.company == pytest.approx(borne.whole - borne.retained) == pytest.approx(0.7 * borne.whole)


def test_a_share_kept_that_is_more_than_is_borne_without_the_ppp_is_refused(project):
    with pytest.raises(InputError, match="keep more of it under the PPP"):
        project(risks={"overrun": {"government_share": "50%", "transferred": "40%"}})


@pytest.mark.parametrize(
    "name",
    ["Overrun", "OVERRUN ", "over-run", {"en": "Other words", "zh": "Overrun"}],
)
def test_a_risk_listed_twice_is_refused(project, name):
    again = {"name": name, "category": "construction", "phase": "construction", "ratio": "3%", "transferred": "0%"}
    with pytest.raises(InputError, match=r"risks\.twice\.name: this risk is listed already as overrun"):
        project(risks={"twice": again})


def test_the_same_name_in_another_phase_is_another_risk(project):
    again = {"name": "Overrun", "category": "operation", "phase": "operation", "ratio": "3%", "transferred": "0%"}
    assert len(project(risks={"again": again}).risks) == 3


def test_the_auditors_question_is_answered_from_the_file(project):
    bias = {"optimism_bias": {"upper_bound": "20%", "mitigated": "50%"}, "contingency": 30}
    bridge = project(comparator=bias, discounting={"risk_premium": "1%"})
    asked = {key: counted_again(entry, bridge, "one_rate") for key, entry in bridge.risks.items()}
    assert asked == {"overrun": ["discount_rate", "optimism_bias", "contingency"], "upkeep": ["discount_rate"]}
    out = project(comparator=bias, risks={"overrun": {"taken_out_of": ["optimism_bias", "contingency"]}})
    assert counted_again(out.risks["overrun"], out, "one_rate") == []
    demand = risk(category="demand", phase="operation", ratio=0.1)
    assert counted_again(demand, project(), "two_rates") == ["discount_rate"]
    assert counted_again(demand, project(), "one_rate") == []


def test_a_risk_that_may_be_counted_twice_is_a_reservation(project):
    twice = ppp.appraise(project(comparator={"contingency": 30}), draws=16).verdict.reservations
    assert [r.values["risk"][1]["en"] for r in twice if r.key == "counted_again_in_contingency"] == ["Overrun"]
    once = ppp.appraise(project(), draws=16).verdict.reservations
    assert not [r for r in once if r.key.startswith("counted_again")]


def test_likelihood_comes_from_the_method_or_from_the_file():
    outcomes = [{"probability": 0.7, "cost": 0}, {"probability": 0.2, "cost": 5}, {"probability": 0.1, "cost": 9}]
    assert likelihood(risk(outcomes=outcomes)) == pytest.approx(0.3)
    assert likelihood(risk(distribution=spread(probability=0.4).model_dump())) == 0.4
    assert likelihood(risk(ratio=0.1)) is None and likelihood(risk(ratio=0.1, likelihood=0.2)) == 0.2


# --- the range of the comparator ---

RISKS = {
    "a": risk(distribution={"low": 10, "likely": 20, "high": 60}),
    "b": risk(distribution={"low": 0, "likely": 5, "high": 40, "probability": 0.5, "shape": "pert"}),
    "c": risk(outcomes=[{"probability": 0.8, "cost": 0.0}, {"probability": 0.2, "cost": 50.0}]),
}
WORTH = {"a": 30.0, "b": 5.0, "c": 10.0}


def test_percentiles_of_risks_that_move_together_add():
    """As the Australian example adds its 5th and 95th percentiles."""
    whole = psc_range(400.0, RISKS, WORTH, (0.05, 0.95), "together", "x")
    apart = [psc_range(0.0, {k: r}, {k: WORTH[k]}, (0.05, 0.95), "together", "x") for k, r in RISKS.items()]
    assert whole.low == pytest.approx(400 + sum(one.low for one in apart), rel=1e-12)
    assert whole.high == pytest.approx(400 + sum(one.high for one in apart), rel=1e-12)
    assert whole.mean == 400.0 and whole.spread == 3


def test_independent_risks_have_a_narrower_range_around_the_same_mean():
    together, apart = (psc_range(400.0, RISKS, WORTH, (0.05, 0.95), how, "x") for how in ("together", "independent"))
    assert together.low < apart.low < 400.0 < apart.high < together.high


def test_one_risk_has_the_same_range_either_way():
    one = {"a": RISKS["a"]}
    together, apart = (psc_range(100.0, one, WORTH, (0.05, 0.95), how, "x") for how in ("together", "independent"))
    exact = 100.0 + 30.0 * (cost_quantile(RISKS["a"].distribution, np.array([0.05, 0.95])) / 30.0 - 1.0)
    assert (together.low, together.high) == pytest.approx(tuple(exact), rel=1e-12)
    assert (apart.low, apart.high) == pytest.approx(tuple(exact), rel=2e-3)


def test_a_ratio_stands_still_and_the_seed_decides():
    still = psc_range(100.0, {"r": risk(ratio=0.1)}, {"r": 9.0}, (0.05, 0.95), "independent", "x")
    assert (still.low, still.high, still.spread) == (100.0, 100.0, 0)
    first, same, other = (psc_range(400.0, RISKS, WORTH, (0.05, 0.95), "independent", seed) for seed in "xxy")
    assert first == same != other


@settings(max_examples=30, deadline=None)
@given(value=st.floats(-1e3, 1e3))
def test_every_value_has_one_place_in_the_range(value):
    found = psc_range(400.0, RISKS, WORTH, (0.05, 0.95), "together", "x")
    place = found.position(value)
    assert place == ("below" if value < found.low else "above" if value > found.high else place)
    assert (place == "in_lower_half") == (found.low <= value <= found.mean)


@pytest.mark.parametrize("ends, how", [((0.95, 0.05), "together"), ((0.0, 0.5), "together"), ((0.05, 0.95), "some")])
def test_percentiles_out_of_order_and_other_words_are_refused(ends, how):
    with pytest.raises(ValueError):
        psc_range(1.0, RISKS, WORTH, ends, how, "x")


@pytest.mark.parametrize(
    "given, words",
    [
        ({"likely": None}, "likely goes with"),
        ({"low": 30.0}, "must rise"),
        ({"timing": [0.5, 0.4]}, "add to 90"),
    ],
)
def test_a_distribution_that_makes_no_sense_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        spread(**given)


def test_timing_has_a_share_for_every_year_of_the_phase(project):
    timed = {"low": 1, "likely": 2, "high": 3, "timing": ["50%", "30%", "20%"]}
    with pytest.raises(InputError, match="has 3 shares for 2 years"):
        project(risks={"overrun": {"ratio": None, "distribution": timed}})


def test_an_outcome_holds_over_the_phase():
    """P95 of 20 % x 50 is the bad outcome: 50 against 10 expected, five times the present value."""
    found = psc_range(0.0, {"c": RISKS["c"]}, WORTH, (0.5, 0.95), "together", "x")
    assert (found.low, found.high) == pytest.approx((-10.0, 40.0))
