"""Bids on the same terms, other routes, a delayed comparator, drivers, and the return of indifference."""

import numpy as np
import pytest

import ppp
from ppp.appraisal.bids import Levelled, ranked
from ppp.appraisal.comparison import compare
from ppp.appraisal.indifference import indifference
from ppp.problems import InputError

WAN = 10_000.0
PAID = {"payment": {"kind": "availability", "amount": 200}, "users": None}
US = {"regime": "us-fhwa", "district": None, "qualitative": None}
ANNUITY = sum(1.05 ** -(2 + n) for n in range(1, 11))


def bids(project, **given):
    return {bid.key: bid for bid in compare(ppp.evaluate(project(**PAID, bids=given))).bids}


def test_a_bid_by_hand(project):
    """180 a year over ten years, 100 in construction (40 / 60 %), keeps all upkeep risk (5 % of 60) with the government."""
    found = bids(
        project,
        a={
            "name": "A",
            "payment": 180,
            "capital_contribution": 100,
            "transferred": {"upkeep": "0%"},
            "adjustments": {
                "park": {"name": "P", "phase": "operation", "amount": 2, "direction": "adds"},
                "tree": {"name": "T", "phase": "construction", "amount": 10, "direction": "removes"},
            },
        },
    )["a"]
    building = 0.4 / 1.05 + 0.6 / 1.05**2
    assert found.as_bid / WAN == pytest.approx(180 * ANNUITY + 100 * building, rel=1e-12)
    assert found.retained_risk / WAN == pytest.approx(0.2 * 110 * building + 3 * ANNUITY, rel=1e-12)
    assert found.adjusted / WAN == pytest.approx(2 * ANNUITY - 10 * building, rel=1e-12)
    assert found.transferred == {"overrun": 0.8, "upkeep": 0.0}


def test_the_shadow_bid_is_the_projects_own_ppp(project):
    bridge = project(**PAID, bids={"a": {"name": "A", "payment": 180}})
    evaluation = ppp.evaluate(bridge)
    shadow = compare(evaluation).bids[0]
    assert shadow.key == "shadow"
    assert shadow.levelled == pytest.approx(evaluation.vfm.ppp_value[0], rel=1e-12)
    assert shadow.vfm == pytest.approx(evaluation.vfm.amount[0], rel=1e-9)


def test_a_bid_equal_to_the_shadow_is_worth_the_same(project):
    """No government equity, so the shadow's cost is its payment alone."""
    equal = {"funding": {"government_share": "0%"}, "bids": {"a": {"name": "A", "payment": 200}}}
    shadow, same = compare(ppp.evaluate(project(**PAID, **equal))).bids
    assert (same.as_bid, same.levelled, same.vfm) == pytest.approx(
        (shadow.as_bid, shadow.levelled, shadow.vfm), rel=1e-12
    )


def test_support_counts_against_the_comparator_and_not_between_bids(project):
    land = {
        "support": {"land": {"name": "Land", "phase": "construction", "cost": 50}},
        "bids": {"a": {"name": "A", "payment": 180}},
    }
    evaluation = ppp.evaluate(project(**PAID, **land))
    shadow, bid = compare(evaluation).bids
    assert shadow.vfm == pytest.approx(evaluation.vfm.amount[0], rel=1e-9)
    without = bids(project, a={"name": "A", "payment": 180})["a"]
    assert bid.levelled == pytest.approx(without.levelled)
    assert without.vfm - bid.vfm == pytest.approx(50 * WAN * (0.4 / 1.05 + 0.6 / 1.05**2))


def test_levelling_can_turn_the_ranking(project):
    found = bids(
        project,
        cheap={"name": "Cheap", "payment": 190, "transferred": {"overrun": "0%", "upkeep": "0%"}},
        dear={"name": "Dear", "payment": 195, "transferred": {"overrun": "100%", "upkeep": "100%"}},
    )
    del found["shadow"]
    both = list(found.values())
    assert ranked(both, "as_bid") == {"cheap": 1, "dear": 2}
    assert ranked(both, "levelled") == {"cheap": 2, "dear": 1}


def test_equal_bids_share_a_rank():
    three = [Levelled(key, worth, 0.0, 0.0, 0.0) for key, worth in (("a", 5.0), ("b", 3.0), ("c", 3.0))]
    assert ranked(three, "levelled") == {"a": 3, "b": 1, "c": 1}


def test_a_bid_that_takes_less_systematic_risk_is_discounted_less(project):
    risk = {"systematic_risk": {"share_transferred": "50%", "beta": 0.5}}
    au = {**PAID, "regime": "au-nppg", "district": None, "qualitative": None, "discounting": risk}
    pair = {"a": {"name": "A", "payment": 180}, "b": {"name": "B", "payment": 180, "systematic_share": "0%"}}
    found = {bid.key: bid.as_bid / WAN for bid in compare(ppp.evaluate(project(**au, bids=pair))).bids}
    assert found["b"] == pytest.approx(180 * ANNUITY, rel=1e-12)
    assert found["a"] == pytest.approx(180 * sum(1.065 ** -(2 + n) for n in range(1, 11)), rel=1e-12)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"bids": {"a": {"name": "A", "payment": [1, 2]}}}, "bids.a.payment: has 2 values for 10 years"),
        ({"bids": {"a": {"name": "A", "payment": 1, "transferred": {"upkep": "5%"}}}}, "did you mean upkeep"),
        ({"bids": {"a": {"name": "A", "payment": 1}}, "comparator": None}, "are set beside a comparator"),
        ({"routes": {"r": {"name": "R", "kind": "lease", "payments": [1]}}}, "routes.r.payments: has 1 values"),
    ],
)
def test_a_bid_or_route_that_cannot_be_compared_is_refused(project, changes, words):
    with pytest.raises(InputError, match=words):
        project(**changes)


# --- routes ---


def test_routes_stand_between_the_reference_project_and_the_ppp(project):
    buy = {"name": "Buy", "kind": "purchase_of_services", "payments": 90, "revenue": 10, "disposal": 40}
    route = {**buy, "capex": 500, "opex": 20, "transferred": {"overrun": "100%"}}
    evaluation = ppp.evaluate(project(routes={"buy": route}))
    reference, found, own = compare(evaluation).routes
    building = 0.4 / 1.05 + 0.6 / 1.05**2
    assert reference.total == pytest.approx(evaluation.vfm.psc[0]) and own.total == pytest.approx(
        evaluation.vfm.ppp_value[0]
    )
    assert found.cost / WAN == pytest.approx(500 * building + (20 + 90 - 10) * ANNUITY - 40 * 1.05**-12, rel=1e-12)
    assert found.retained_risk / WAN == pytest.approx(3 * ANNUITY, rel=1e-12)


def test_a_route_that_passes_nothing_on_keeps_what_the_reference_project_does(project):
    shared = {"overrun": {"government_share": "80%", "transferred": "70%"}}
    routes = {"r": {"name": "R", "kind": "direct_investment", "capex": 1000}}
    reference, route, _ = compare(ppp.evaluate(project(risks=shared, routes=routes))).routes
    assert route.retained_risk == pytest.approx(reference.retained_risk, rel=1e-12)


# --- the comparator's own parts ---


def test_adjustments_of_a_real_reference_project_enter_its_cost_and_its_ratios(project):
    grown = {"name": "Scope", "phase": "construction", "amount": 100, "direction": "adds"}
    less = {"name": "Night shift", "phase": "operation", "amount": 10, "direction": "removes"}
    adjusted = {"reference": "recent_project", "capex": 1000, "opex": 70, "adjustments": {"grown": grown, "less": less}}
    assert ppp.evaluate(project(comparator=adjusted)).vfm.psc[0] == pytest.approx(
        ppp.evaluate(project()).vfm.psc[0], rel=1e-12
    )
    with pytest.raises(InputError, match="go with reference: recent_project"):
        project(comparator={"adjustments": {"grown": grown}})


def test_optimism_bias_adds_its_residual_to_construction(project):
    bias = {"optimism_bias": {"upper_bound": "51%", "mitigated": "92%"}}
    parts = ppp.evaluate(project(comparator=bias)).vfm.psc_parts
    assert parts["optimism_bias"][0] / parts["psc_capex"][0] == pytest.approx(0.0408, rel=1e-12)


def test_the_tax_adjustment_is_what_the_company_pays(project):
    found = ppp.evaluate(project(**US, conventions={"tax_adjustment": "company_tax"}))
    tax = found.lines["tax"][:, 0]
    assert found.vfm.psc_parts["tax_adjustment"][0] == pytest.approx(
        sum(x / 1.05**t for t, x in enumerate(tax)), rel=1e-12
    )
    assert tax.sum() > 0


def test_a_kind_of_neutrality_that_would_count_twice_or_is_not_allowed_is_refused(project):
    item = {"name": "Tax", "phase": "operation", "amount": 1}
    twice = {"competitive_neutrality": {"t": {**item, "kind": "income_tax"}}}
    with pytest.raises(InputError, match="is counted already by the convention tax_adjustment"):
        project(**US, conventions={"tax_adjustment": "company_tax"}, comparator=twice)
    risk = {"systematic_risk": {"share_transferred": "50%", "beta": 0.5}}
    australian = {"regime": "au-nppg", "district": None, "qualitative": None, "discounting": risk}
    for kind in ("national_tax", "income_tax"):  # company income tax is a tax of the Commonwealth
        national = {"competitive_neutrality": {"t": {**item, "kind": kind}}}
        with pytest.raises(InputError, match=f"does not allow it in competitive neutrality, given {kind}"):
            project(**australian, comparator=national)
    project(**australian, comparator={"competitive_neutrality": {"t": {**item, "kind": "state_tax"}}})


def test_a_kind_of_optimism_bias_outside_the_table_is_refused(project):
    with pytest.raises(InputError, match="did you mean standard_building"):
        project(regime="generic", qualitative=None, comparator={"optimism_bias": {"kind": "standard_buildings"}})
    with pytest.raises(InputError, match="has no such table"):
        project(comparator={"optimism_bias": {"kind": "standard_building"}})


def test_a_delayed_comparator_is_the_same_one_later_and_dearer(project):
    delay = {"delay": {"years": "3 years", "escalation": "4%"}}
    evaluation = ppp.evaluate(project(**US, comparator=delay))
    same, late = evaluation.vfm, compare(evaluation).delayed
    assert late.psc[0] == pytest.approx(same.psc[0] * (1.04 / 1.05) ** 3, rel=1e-12)
    assert late.ppp_value[0] == same.ppp_value[0]
    chosen = ppp.evaluate(project(**US, comparator=delay, conventions={"comparator_start": "delayed"}))
    assert chosen.vfm.psc[0] == pytest.approx(late.psc[0], rel=1e-14)


def test_escalation_at_the_discount_rate_makes_waiting_neutral(project):
    delay = {"delay": {"years": "5 years", "escalation": "5%"}}
    evaluation = ppp.evaluate(project(**US, comparator=delay))
    assert compare(evaluation).delayed.psc[0] == pytest.approx(evaluation.vfm.psc[0], rel=1e-12)


@pytest.mark.parametrize("start", ["same", "delayed"])
def test_the_drivers_add_up_to_value_for_money(project, start):
    parts = {"delay": {"years": "2 years", "escalation": "3%"}, "optimism_bias": {"upper_bound": "20%"}, "disposal": 30}
    land = {"land": {"name": "Land", "phase": "construction", "cost": 50, "paid": 5}}
    conventions = {"comparator_start": start, "tax_adjustment": "company_tax"}
    evaluation = ppp.evaluate(project(**US, comparator=parts, support=land, conventions=conventions))
    found = compare(evaluation).drivers
    assert sum(found.values()) == pytest.approx(evaluation.vfm.amount[0], rel=1e-9)


def test_each_driver_moves_with_its_own_input(project):
    base = compare(ppp.evaluate(project(**US, **PAID))).drivers

    def moved(**changes):
        found = compare(ppp.evaluate(project(**{**US, **PAID, **changes}))).drivers
        return {key for key in found if abs(found[key] - base[key]) > 1.0}

    assert moved(comparator={"capex": 1200}) == {"investment"}
    assert moved(comparator={"opex": 70}) == {"long_term_risk"}
    assert moved(payment={"kind": "availability", "amount": 210}) >= {"financing"}
    assert moved(comparator={"third_party_revenue": 5}) == {"other"}


# --- the return of indifference ---


def test_at_the_point_of_indifference_both_options_cost_the_same(project):
    evaluation = ppp.evaluate(project(**PAID))
    found = indifference(evaluation)
    there = ppp.evaluate(evaluation.project, {found.lever: np.array([found.at])})
    assert abs(there.vfm.amount[0]) <= 1e-9 * there.vfm.psc[0]
    assert there.results["equity_irr"][0] == pytest.approx(found.equity_irr)


def test_without_a_payment_there_is_no_lever(project):
    users = project(payment={"kind": "user_pay"}, users={"payments": 200})
    assert indifference(ppp.evaluate(users)) is None


# --- a risk that others share with the government without the PPP ---


def test_a_bid_leaves_the_government_no_more_of_a_risk_than_it_bears_without_the_ppp(project):
    """Upkeep is 3 a year, of which others bear a tenth: a bid that takes none of it leaves 2.7, as any route would."""
    shared = {"upkeep": {"government_share": "90%"}}
    given = {"none": {"upkeep": "0%"}, "little": {"upkeep": "5%"}, "most": {"upkeep": "70%"}, "all": {"upkeep": "100%"}}
    offers = {key: {"name": key, "payment": 180, "transferred": transferred} for key, transferred in given.items()}
    found = {bid.key: bid for bid in compare(ppp.evaluate(project(**PAID, risks=shared, bids=offers))).bids}
    upkeep = {key: (found[key].retained_risk - found["all"].retained_risk) / WAN for key in given}
    assert upkeep["none"] == pytest.approx(0.9 * 3 * ANNUITY, rel=1e-9)
    assert upkeep["little"] == pytest.approx(0.9 * 3 * ANNUITY, rel=1e-9)
    assert upkeep["most"] == pytest.approx(0.3 * 3 * ANNUITY, rel=1e-9)
