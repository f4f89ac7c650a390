"""Results along single inputs: each figure against an evaluation of its own, elasticities and break-even against closed forms."""

import numpy as np
import pytest

import ppp
from ppp.appraisal.whatif import (
    break_even,
    by_elasticity,
    of_report,
    results_at,
    spider,
    steps_of,
    tornado,
    tornados,
    two_way,
)
from ppp.loading import range_of, value_at
from ppp.variants import why_not


def at(project, result, **values):
    cases = {key.replace("__", "."): np.array([float(value)]) for key, value in values.items()}
    return ppp.evaluate(project, cases).results[result][0]


@pytest.mark.parametrize("result", ["equity_irr", "dscr_min", "share_peak", "fiscal_total"])
def test_a_tornado_s_ends_are_evaluations_of_their_own(params, result):
    road = params("toll-road")
    bars = tornado(road, result)
    assert [bar.key for bar in bars] == [bar.key for bar in sorted(bars, key=lambda bar: -bar.swing)]
    assert {bar.key for bar in bars} == set(road.ranges)
    for bar in bars:
        assert (bar.low, bar.high) == range_of(road, bar.key) and bar.base == value_at(road, bar.key)
        ends = ppp.evaluate(road, {bar.key: np.array([bar.low, bar.base, bar.high])}).results[result]
        np.testing.assert_allclose([bar.at_low, bar.at_base, bar.at_high], np.broadcast_to(ends, (3,)), rtol=1e-9)


def test_an_input_without_a_range_is_moved_by_a_tenth(project):
    (bar,) = tornado(project(), "psc", ["comparator.capex"])
    assert (bar.low, bar.high, bar.ranged) == (pytest.approx(990.0), pytest.approx(1210.0), False)


def test_elasticity_of_a_linear_result_is_its_share(project):
    """The PSC without risk, neutrality and income is capex and running cost: their elasticities are their shares, and add up to one."""
    bare = project(risks=None, payment={"kind": "user_pay"}, comparator={"third_party_revenue": 0})
    bars = tornado(bare, "psc", ["comparator.capex", "comparator.opex.times"])
    assert sum(bar.elasticity for bar in bars) == pytest.approx(1.0, rel=1e-9)
    parts = ppp.evaluate(bare).vfm.psc_parts
    whole = sum(float(value[0]) for value in parts.values())
    built = at(bare, "psc", comparator__opex__times=0.0)
    assert {b.key: b.elasticity for b in bars}["comparator.capex"] == pytest.approx(built / whole, rel=1e-9)
    assert by_elasticity(bars)[0].elasticity == max(bar.elasticity for bar in bars)


def test_elasticity_is_absent_where_a_base_is_zero(project):
    (bar,) = tornado(project(), "psc", ["operation.disposal"])
    assert np.isnan(bar.elasticity) and by_elasticity([bar]) == [bar]


def test_a_spider_s_legs_cross_at_the_base_and_are_evaluations(params):
    road = params("toll-road")
    found = spider(road, "equity_irr", ["construction.capex", "funding.debt.rate"], (-0.2, 0.0, 0.1))
    assert found.values[:, 1] == pytest.approx([found.base, found.base], rel=1e-12)
    assert found.values[0, 2] == pytest.approx(at(road, "equity_irr", construction__capex=156_000 * 1.1), rel=1e-9)


def test_values_that_the_file_may_not_hold_are_left_out(params):
    """The government's share is 40 %: three times that is no share."""
    road = params("toll-road")
    found = spider(road, "equity_total", ["funding.government_share"], (-0.5, 0.0, 2.0))
    assert np.isfinite(found.values[0, :2]).all() and np.isnan(found.values[0, 2])
    assert "is out of range" in why_not(road, {"funding.government_share": 1.2})
    assert why_not(road, {"funding.government_share": 0.5}) is None
    with pytest.raises(KeyError, match="there is no input"):
        why_not(road, {"funding.share": 0.5})


def test_why_not_is_about_the_scenario_that_is_applied(project):
    base = project(scenarios={"granted": {"funding": {"grant": 500}}})
    granted = ppp.loading.apply_scenario(base, "granted")
    assert why_not(base, {"construction.capex": 400}) is None
    assert "is more than capex" in why_not(granted, {"construction.capex": 400})


def test_a_two_way_table_holds_every_pair(params):
    road = params("toll-road")
    rows, columns = steps_of(road, "construction.capex"), steps_of(road, "users.demand.times", 3)
    found = two_way(road, "equity_irr", "construction.capex", rows, "users.demand.times", columns)
    assert found.values.shape == (5, 3) and 156_000 in rows and 1.0 in columns
    for i, j in ((0, 0), (4, 2), (2, 1)):
        one = at(road, "equity_irr", construction__capex=rows[i], users__demand__times=columns[j])
        assert found.values[i, j] == pytest.approx(one, rel=1e-9)
    with pytest.raises(ValueError, match="needs two inputs"):
        two_way(road, "equity_irr", "construction.capex", rows, "construction.capex", rows)


def test_break_even_put_back_in_gives_the_target(params):
    road = params("toll-road")
    found = {
        each.key: each
        for each in break_even(road, "equity_irr", 0.07, ["users.demand.times", "funding.government_share"])
    }
    demand = found["users.demand.times"]
    assert at(road, "equity_irr", users__demand__times=demand.value) == pytest.approx(0.07, abs=1e-9)
    assert demand.plausible is True and not demand.several
    share = found["funding.government_share"]
    assert np.isnan(share.value) and share.plausible is False  # shareholders alike: no share moves their return


def test_unknown_results_and_inputs_are_named(params):
    with pytest.raises(KeyError, match="profit is not a result"):
        tornado(params("school"), "profit")
    with pytest.raises(KeyError, match="there is no input"):
        tornado(params("school"), "equity_irr", ["construction.cost"])
    with pytest.raises(KeyError, match="is not a result of this project"):
        results_at(params("toll-road"), ["vfm_amount"], [{}])


def test_a_report_shows_the_results_that_the_file_has(params, project):
    for name, leading in (("wastewater", "vfm_amount"), ("toll-road", "equity_npv")):
        found = of_report(params(name), tuple(ppp.evaluate(params(name)).results))
        assert found.leading == leading and found.spider.result == found.two_way.result == leading
        assert found.tornados == tornados(params(name), list(found.tornados))
    assert of_report(project(), ("vfm_amount",)) is None
