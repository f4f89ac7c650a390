"""The waterfall: Shapley's axioms on any game, and the meaning of each switch by routes that do not pass through it."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ppp
from ppp.appraisal.attribution import ALWAYS_SHOWN, DRIVERS, attribution, coalition_values, shapley
from ppp.appraisal.payment_profile import financing_flow, payment_profile, subsidy
from ppp.appraisal.value_for_money import PPP_PARTS, PSC_PARTS
from ppp.model.discounting import net_present_value, present_value

PARAMS = ("wastewater", "school", "hospital", "urban-road", "au-courts", "uk-school", "us-highway")
ALL = 2 ** len(DRIVERS) - 1
BIT = {driver: 1 << i for i, driver in enumerate(DRIVERS)}


@pytest.fixture
def evaluation(any_project):
    return ppp.evaluate(any_project)


# any game


def by_orders(values, n):
    """Mean, least and most of what each player adds, by going through every order."""
    added = [[] for _ in range(n)]
    for order in permutations(range(n)):
        inside = 0
        for player in order:
            added[player].append(values[inside | 1 << player] - values[inside])
            inside |= 1 << player
    return [np.array([f(each) for each in added]) for f in (np.mean, np.min, np.max)]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.floats(-1e6, 1e6), min_size=2**n, max_size=2**n)))
def test_a_part_is_the_mean_over_all_orders(values):
    n = len(values).bit_length() - 1
    for ours, theirs in zip(shapley(np.array(values)), by_orders(values, n), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=16, max_size=16), st.permutations(range(4)))
def test_parts_do_not_depend_on_the_order_in_which_drivers_are_listed(values, renamed):
    values = np.array(values)
    places = [sum(1 << renamed[i] for i in range(4) if coalition >> i & 1) for coalition in range(16)]
    other = np.empty(16)
    other[places] = values
    for ours, theirs in zip(shapley(values), shapley(other), strict=True):
        assert ours == pytest.approx(theirs[list(renamed)], abs=1e-6)


def test_a_player_who_adds_the_same_everywhere_gets_that_and_one_who_adds_nothing_nothing():
    values = np.array([sum((3.0, 0.0, -5.0)[i] for i in range(3) if c >> i & 1) for c in range(8)])
    mean, low, high = shapley(values)
    assert mean == pytest.approx([3.0, 0.0, -5.0])
    assert low == pytest.approx(mean) and high == pytest.approx(mean)


# the switches


def test_parts_add_to_value_for_money_and_lie_in_their_ranges(evaluation):
    amount, psc = float(evaluation.vfm.amount[0]), abs(float(evaluation.vfm.psc[0]))
    shared = attribution(evaluation)
    for parts in (shared.parts, shared.given_discounting):
        assert sum(part.value for part in parts) == pytest.approx(amount, abs=1e-9 * psc)
        assert {part.driver for part in parts} >= set(ALWAYS_SHOWN)
        for part in parts:
            slack = 1e-9 * psc
            assert part.low - slack <= part.value <= part.high + slack, part.driver


def test_no_switch_is_no_difference_and_all_are_the_whole(evaluation):
    values = coalition_values(evaluation)
    psc = abs(float(evaluation.vfm.psc[0]))
    assert values[0] == 0.0
    assert values[ALL] == pytest.approx(float(evaluation.vfm.amount[0]), abs=1e-12 * psc)
    undiscounted = 0.0
    for sign, side in ((1.0, PSC_PARTS), (-1.0, PPP_PARTS)):
        undiscounted += sign * sum(weight * evaluation.lines[key][:, 0].sum() for key, weight in side.items())
    assert attribution(evaluation).undiscounted == pytest.approx(undiscounted, abs=1e-9 * psc)


def test_a_company_with_the_reference_project_s_cost_is_the_same_by_a_whole_evaluation(paid_by_formula):
    """Turning every switch but construction: the file with the reference project's construction cost in place of its own."""
    project = paid_by_formula
    evaluation = ppp.evaluate(project)
    other = ppp.evaluate(project, {"construction.capex": np.array([project.comparator.capex])})
    without = coalition_values(evaluation)[ALL ^ BIT["construction"]]
    assert without == pytest.approx(float(other.vfm.amount[0]), abs=1e-9 * abs(float(evaluation.vfm.psc[0])))


def test_where_the_price_is_fixed_parts_are_present_values(project, params, kinds):
    """With discounting given nothing depends on the order: each part is a difference of two present values."""
    for evaluation in (
        ppp.evaluate(project(**kinds["availability"])),
        ppp.evaluate(project(**kinds["users pay"])),
        ppp.evaluate(params("school")),
        ppp.evaluate(params("hospital")),
    ):
        lines, rate = evaluation.lines, float(evaluation.inputs.discount_rate[0])
        worth = lambda line, rate=rate: float(net_present_value(rate, line[:, 0])[0])  # noqa: E731
        support = lines["supporting_input"] - lines["grant"]
        expected = {
            "construction": worth(lines["psc_capex"]) - worth(lines["capex"]),
            "operation": worth(lines["psc_running"]) - worth(lines["opex"] + lines["lifecycle"]),
            "risk": worth(lines["transferred_risk"]),
            "financing": -worth(financing_flow(lines)),
            "tax": worth(lines["neutrality"]) - worth(lines["tax"]),
            "support": -worth(support),
            "discounting": 0.0,
        }
        for part in attribution(evaluation).given_discounting:
            if part.driver != "revenue":
                close = pytest.approx(expected[part.driver], abs=1e-9 * abs(float(evaluation.vfm.psc[0])))
                assert part.value == close and part.low == close and part.high == close, part.driver


def test_what_lenders_and_shareholders_receive_is_their_own_cash_flow(params):
    """All that the government pays beyond cost and tax ends with lenders and private shareholders, by the company's own books."""
    for name in PARAMS:
        lines = ppp.evaluate(params(name)).lines
        theirs = lines["debt_service"] + lines["distributions"] - lines["debt_drawn"]
        private = lines["equity"] - lines["government_equity"]
        fees_and_interest = lines["uses"] - lines["capex"]
        got = financing_flow(lines)[:, 0]
        assert got == pytest.approx((theirs - private + fees_and_interest)[:, 0], abs=1e-9 * np.abs(got).max())


def test_identical_options_have_no_parts(project):
    """The reference project costs what the company does, no risk is transferred, and the government pays cost as it falls."""
    same = project(
        payment={"kind": "user_pay"},
        users={"payments": 0},
        operation={"opex": 0},
        construction={"capex": 1000},
        comparator={"capex": 1000, "opex": 0},
        funding={"government_share": "100%", "debt": None},
        tax=None,
        risks=None,
    )
    evaluation = ppp.evaluate(same)
    assert float(evaluation.vfm.amount[0]) == pytest.approx(0.0, abs=1e-6)
    assert all(abs(part.value) + abs(part.low) + abs(part.high) < 1e-6 for part in attribution(evaluation).parts)


def test_a_dearer_reference_project_is_construction_efficiency_alone(project, kinds):
    """Raising the reference project's cost by 100 moves the construction part by its present value, and with a fixed price nothing else."""
    fixed = kinds["availability"]
    risks = {key: {"ratio": "0%"} for key in ("overrun", "upkeep")}
    before, after = (
        attribution(ppp.evaluate(project(**fixed, comparator={"capex": capex}, risks=risks))) for capex in (1100, 1200)
    )
    moved = {
        b.driver: a.value - b.value for b, a in zip(before.given_discounting, after.given_discounting, strict=True)
    }
    expected = 1e6 * (0.4 / 1.05 + 0.6 / 1.05**2)
    assert moved.pop("construction") == pytest.approx(expected, rel=1e-9)
    assert all(abs(change) < 1e-6 for change in moved.values())


def test_two_rates_for_two_sides_are_a_part_of_their_own(params):
    """The Australian example: with discounting given, what the dearer rate of the PPP's side takes off two equal flows."""
    courts = ppp.evaluate(params("au-courts"))
    rates, vfm = courts.side_rates, courts.vfm
    psc_flow = sum(weight * courts.lines[key] for key, weight in PSC_PARTS.items())
    expected = float(vfm.psc[0] - present_value(psc_flow, rates.ppp)[0])
    (part,) = (part for part in attribution(courts).given_discounting if part.driver == "discounting")
    assert part.value == pytest.approx(expected, rel=1e-9)
    assert part.value > 0.5 * float(vfm.amount[0])  # most of this value for money is the second rate


def test_there_is_nothing_to_share_without_a_comparator(params):
    assert attribution(ppp.evaluate(params("toll-road"))) is None


# what the government pays for finance


def test_the_implied_rate_and_the_level_subsidy_by_their_definitions(any_project):
    evaluation = ppp.evaluate(any_project)
    paid, timeline = subsidy(evaluation), evaluation.inputs.timeline
    if any_project.payment.kind == "user_pay":
        assert paid is None
        return
    lines = evaluation.lines
    lent = lines["debt_service"] + lines["prepayment"] - lines["debt_drawn"] + lines["interest_during_construction"]
    lent = (
        lent + lines["shareholder_loan_interest"] + lines["shareholder_loan_repaid"] - lines["shareholder_loan_drawn"]
    )
    received = lines["distributions"] - lines["government_distributions"]
    paid_in = (
        lines["equity"]
        - lines["government_equity"]
        + (lines["bridge_closing"] - np.vstack([[[0.0]], lines["bridge_closing"][:-1]]))
    )
    flow = (lent + lines["fees"] + received - paid_in)[:, 0]
    assert net_present_value(paid.implied_irr, flow, timeline.times)[0] == pytest.approx(
        0.0, abs=1e-9 * np.abs(flow).sum()
    )
    level = np.zeros((flow.size, 1))
    level[timeline.operating, 0] = paid.level * timeline.months[timeline.operating] / 12.0
    same = present_value(level, evaluation.factors)[0]
    assert same == pytest.approx(float(evaluation.vfm.ppp_parts["operating_subsidy"][0]), rel=1e-12)


def test_the_payment_profile_of_a_short_last_year(project):
    """138 months: the level equivalent of the capital part has its present value, year by year and half a year at the end."""
    short = project(
        timeline={"financial_close": "2022-01-01", "construction": "2 years", "operation": "138 months"},
        payment={"kind": "government_pay", "profit_rate": "6%", "rate": "5%"},
        users=None,
    )
    profile, evaluation = payment_profile(ppp.evaluate(short)), ppp.evaluate(short)
    capital = evaluation.lines["payment_capital_part"][evaluation.inputs.timeline.operating, 0]
    ends = np.append(np.arange(1.0, 12.0), 11.5)
    level = profile.level * np.append(np.ones(11), 0.5)
    assert np.sum(level * 1.05**-ends) == pytest.approx(np.sum(capital * 1.05**-ends), rel=1e-12)


def test_private_finance_costs_more_than_the_discount_rate_in_every_example(params):
    for name in PARAMS:
        paid = subsidy(ppp.evaluate(params(name)))
        assert paid.implied_irr > paid.discount_rate


def test_a_project_without_operating_subsidy_has_none(params):
    assert subsidy(ppp.evaluate(params("toll-road"))) is None
