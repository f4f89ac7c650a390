"""Many cases at once give what each gives alone, in every line, result and test of the whole evaluation."""

import numpy as np
import pytest

import ppp
from ppp.appraisal.criteria import passes
from ppp.loading import value_at

CASES = 9
PROJECTS = {
    "wastewater": [
        "construction.capex",
        "operation.opex.start",
        "operation.opex.growth",
        "operation.opex.times",
        "operation.lifecycle.times",
        "users.demand.times",
        "users.tariff.start",
        "payment.profit_rate",
        "payment.rate",
        "funding.government_share",
        "funding.debt.rate",
        "funding.debt.max_gearing",
        "funding.debt.dscr",
        "funding.debt.upfront_fee",
        "funding.debt.commitment_fee",
        "funding.grant",
        "funding.close_costs",
        "tax.rate",
        "discounting.rate",
        "discounting.equity_rate",
        "comparator.capex",
        "comparator.opex.start",
        "comparator.disposal",
        "comparator.competitive_neutrality.land.amount.start",
        "risks.cost_overrun.ratio",
        "risks.inflow.transferred",
        "support.pipes.cost.start",
    ],
    "published/project-and-equity-irr": [
        "construction.capex",
        "users.payments.start",
        "funding.debt.rate",
        "operation.disposal",
    ],
    "published/ring-road": [
        "construction.capex",
        "payment.rate",
        "users.payments.start",
        "assumed_funding.loan",
        "assumed_funding.loan_rate",
    ],
    "published/hospital-care-park": [
        "assumed_funding.capital",
        "payment.rate",
        "payment.equity_returned_without_profit",
        "discounting.rate",
    ],
}


def spread(project, keys) -> dict[str, np.ndarray]:
    """Values around each input's own, different in every case."""
    generator = np.random.default_rng(11)
    return {key: (value_at(project, key) or 0.005) * generator.uniform(0.85, 1.1, CASES) for key in keys}


def assert_same(alone, together, case, scale=None):
    alone, together = np.asarray(alone), np.asarray(together)
    one = alone[..., 0]
    many = together[..., case] if together.shape[-1] > 1 else together[..., 0]
    largest = np.nanmax(np.abs(one), initial=0.0) if scale is None else scale
    np.testing.assert_allclose(many, one, rtol=1e-12, atol=1e-12 * largest)


@pytest.mark.parametrize("name", PROJECTS)
def test_cases_together_equal_cases_alone(params, name):
    project = params(name)
    varied = spread(project, PROJECTS[name])
    together = ppp.evaluate(project, varied)
    investment = float(together.lines["capex"].sum(axis=0).max())
    for case in range(CASES):
        alone = ppp.evaluate(project, {key: values[case : case + 1] for key, values in varied.items()})
        for key in alone.lines:
            assert_same(alone.lines[key], together.lines[key], case, investment)
        for key in alone.results:
            assert_same(
                alone.results[key],
                together.results[key],
                case,
                investment if abs(alone.results[key][0]) > 1e4 else None,
            )
        for key, answer in passes(alone).items():
            assert answer[0] == np.broadcast_to(passes(together)[key], CASES)[case]
        for one, many in zip(alone.tranches, together.tranches, strict=True):
            assert one.binding[0] == np.broadcast_to(many.binding, CASES)[case]
            assert_same(one.size, many.size, case, investment)


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("which", range(3))
def test_one_input_varied_alone_changes_nothing_else(params, name, which):
    """Each key by itself, so that every place where one case meets many is passed; the middle case is the
    base case."""
    project = params(name)
    base = ppp.evaluate(project)
    for key in PROJECTS[name][which::3]:
        values = value_at(project, key) * np.array([0.9, 1.0, 1.05])
        varied = ppp.evaluate(project, {key: values})
        for line in base.lines:
            assert_same(base.lines[line], varied.lines[line], 1, float(base.lines["capex"].sum()))
        for result in base.results:
            largest = float(base.lines["capex"].sum()) if abs(base.results[result][0]) > 1e4 else None
            assert_same(base.results[result], varied.results[result], 1, largest)


def test_every_varied_input_moves_the_wastewater_project(params):
    """No key of the list is read and then forgotten."""
    project = params("wastewater")
    base = ppp.evaluate(project)
    for key in PROJECTS["wastewater"]:
        moved = ppp.evaluate(project, {key: np.array([value_at(project, key) * 0.97 + 0.002])})
        moves_a_line = any(
            not np.allclose(moved.lines[line], base.lines[line], rtol=1e-9, atol=0) for line in base.lines
        )
        moves_a_result = any(
            not np.allclose(moved.results[k], base.results[k], rtol=1e-9, atol=0) for k in base.results
        )
        assert moves_a_line or moves_a_result, key


def test_checks_are_made_in_every_case(params):
    project = params("wastewater")
    evaluation = ppp.evaluate(project, spread(project, PROJECTS["wastewater"]))
    assert evaluation.sound.shape == (CASES,)
    assert evaluation.sound.all()


def test_cases_of_different_lengths_are_refused(params):
    with pytest.raises(ValueError, match="one length"):
        ppp.evaluate(params("wastewater"), {"construction.capex": np.ones(2), "discounting.rate": np.ones(3)})


def test_a_case_that_is_not_a_number_is_refused(params):
    with pytest.raises(ValueError, match="not finite"):
        ppp.evaluate(params("wastewater"), {"construction.capex": np.array([1.0, np.nan])})


def test_a_misspelt_input_is_refused(params):
    with pytest.raises(KeyError, match="capex"):
        ppp.evaluate(params("wastewater"), {"construction.capx": np.ones(2)})


def test_a_key_that_would_move_nothing_is_refused():
    project = ppp.load("params/wastewater.yaml")
    for key in (
        "users.demand.growth",
        "ranges.discounting.rate.low",
        "scenarios.adverse.construction.capex",
        "timeline.operation",
    ):
        with pytest.raises(KeyError):
            ppp.evaluate(project, {key: np.array([0.01, 0.02])})


def test_cases_must_be_finite_and_of_one_length():
    project = ppp.load("params/wastewater.yaml")
    with pytest.raises(ValueError, match="finite"):
        ppp.evaluate(project, {"construction.capex": np.array([np.nan])})
    with pytest.raises(ValueError, match="one length"):
        ppp.evaluate(project, {"construction.capex": np.ones(2), "discounting.rate": np.full(3, 0.05)})
