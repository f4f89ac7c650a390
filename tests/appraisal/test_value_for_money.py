import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ppp
from ppp.appraisal.value_for_money import PPP_PARTS, PSC_PARTS, value_for_money
from ppp.model.discounting import discount_factors

WAN = 10_000.0


def sides(rate=0.05, **amounts):
    """Both sides of flows that are level over five rows."""
    lines = {key: np.full((5, 1), float(amounts.get(key, 0.0))) for key in {*PSC_PARTS, *PPP_PARTS}}
    return value_for_money(lines, discount_factors(rate, np.arange(5)))


@settings(max_examples=50, deadline=None)
@given(amounts=st.lists(st.floats(0.0, 1e6), min_size=5, max_size=5), rate=st.floats(0.0, 0.2))
def test_identical_flows_on_both_sides_give_no_value_for_money(amounts, rate):
    flow = np.array(amounts)[:, None]
    zero = {key: np.zeros((5, 1)) for key in {*PSC_PARTS, *PPP_PARTS}}
    same = value_for_money(zero | {"psc_capex": flow, "operating_subsidy": flow}, discount_factors(rate, np.arange(5)))
    assert same.amount[0] == 0.0


@pytest.mark.parametrize("part", ["psc_capex", "psc_running", "neutrality", "transferred_risk"])
def test_a_dearer_reference_project_speaks_for_the_ppp(part):
    assert sides(**{"psc_capex": 10, part: 20}).amount[0] > sides(psc_capex=10).amount[0]


def test_revenue_of_the_reference_project_speaks_against_the_ppp():
    assert sides(psc_capex=10, psc_revenue=3).amount[0] < sides(psc_capex=10).amount[0]


@pytest.mark.parametrize("part", ["government_equity", "operating_subsidy", "supporting_input"])
def test_whatever_the_government_pays_speaks_against_the_ppp(part):
    assert sides(psc_capex=10, **{part: 3}).amount[0] < sides(psc_capex=10).amount[0]


def test_retained_risk_stands_on_both_sides_and_cancels():
    assert sides(psc_capex=10, retained_risk=4).amount[0] == pytest.approx(sides(psc_capex=10).amount[0], rel=1e-14)
    assert sides(psc_capex=10, retained_risk=4).psc[0] > sides(psc_capex=10).psc[0]


def test_the_ppp_passes_when_it_costs_less():
    """PSC 10 a row, PPP 8: worth 2 a row, a fifth of the PSC."""
    cheaper = sides(psc_capex=10, operating_subsidy=8)
    assert cheaper.amount[0] == pytest.approx(2 * discount_factors(0.05, np.arange(5)).sum(), rel=1e-14)
    assert cheaper.index[0] == pytest.approx(0.20, rel=1e-14)


def test_an_index_on_a_comparator_that_costs_nothing_is_not_a_number():
    assert np.isnan(sides(psc_revenue=1, operating_subsidy=1).index[0])


def test_without_transferred_risk_less_is_left():
    both = sides(psc_capex=10, transferred_risk=3, operating_subsidy=11)
    assert both.amount[0] > 0 > both.amount_without_transferred_risk[0]


def test_comparator_of_the_bridge_by_hand(project):
    """1100 over two years (40 and 60 %), then 60 a year of cost and 60 of revenue; risks 10 % of 1100 and 5 %
    of 60; 5 %."""
    result = ppp.evaluate(project())
    annuity = sum(1.05 ** -(2 + n) for n in range(1, 11))
    building = 0.40 / 1.05 + 0.60 / 1.05**2
    expected = 1_100 * building + 60 * annuity - 60 * annuity + 110 * building + 3 * annuity
    assert result.vfm.psc[0] / WAN == pytest.approx(expected, rel=1e-13)
    spending = result.lines["fiscal_spending"][:, 0] / WAN
    assert result.vfm.ppp_value[0] / WAN == pytest.approx(sum(s / 1.05**t for t, s in enumerate(spending)), rel=1e-13)
    assert result.vfm.amount[0] == result.vfm.psc[0] - result.vfm.ppp_value[0]


def test_valuation_date_moves_both_sides_and_not_the_index(project):
    bridge = project()
    close, later = (
        ppp.evaluate(bridge, conventions={"valuation_date": date}).vfm
        for date in ("financial_close", "start_of_operation")
    )
    assert later.psc[0] == pytest.approx(close.psc[0] * 1.05**2, rel=1e-13)
    assert later.index[0] == pytest.approx(close.index[0], rel=1e-12)


@pytest.mark.parametrize("timing, power", [("middle", 0.5), ("start", 1.0)])
def test_timing_brings_every_flow_of_the_comparator_forward(project, timing, power):
    bridge = project()
    end, moved = (ppp.evaluate(bridge, conventions={"discount_timing": when}).vfm for when in ("end", timing))
    assert moved.psc[0] == pytest.approx(end.psc[0] * 1.05**power, rel=1e-13)
