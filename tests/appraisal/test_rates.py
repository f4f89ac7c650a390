"""How each side is discounted, and that identical options are worth the same under every rule book."""

import numpy as np
import pytest

import ppp
from ppp import regimes
from ppp.appraisal.rates import missing_for
from ppp.appraisal.value_for_money import PPP_PARTS, PSC_PARTS, value_for_money
from ppp.model.discounting import discount_factors, schedule_factors
from ppp.problems import InputError

AU = {
    "regime": "au-nppg",
    "district": None,
    "qualitative": None,
    "discounting": {"rate": "4%", "systematic_risk": {"share_transferred": "50%", "beta": 0.6}},
}
UK = {
    "regime": "uk-hmt",
    "district": None,
    "qualitative": None,
    "price_basis": "real",
    "price_year": 2021,
    "inflation": "2%",
    "discounting": {"rate": "3.5%"},
}
US = {"regime": "us-fhwa", "district": None, "qualitative": None}
PACKS = {
    "cn-2015": {},
    "generic": {"regime": "generic", "qualitative": None},
    "au-nppg": AU,
    "uk-hmt": UK,
    "us-fhwa": US,
}


def test_a_schedule_of_one_step_is_one_rate():
    times = np.arange(40.0)
    assert schedule_factors([[0.05]], [0], times) == pytest.approx(discount_factors(0.05, times), rel=1e-14)
    assert schedule_factors([[0.05], [0.05]], [0, 7], times) == pytest.approx(discount_factors(0.05, times), rel=1e-14)


def test_a_schedule_multiplies_the_rate_of_each_year():
    """By a loop: each year is discounted once more, at the rate of that year."""
    rates, factor = [0.035] * 30 + [0.03] * 45 + [0.025] * 5, 1.0
    factors = schedule_factors([[0.035], [0.03], [0.025]], [0, 30, 75], np.arange(81.0))[:, 0]
    for year, rate in enumerate(rates, 1):
        factor /= 1.0 + rate
        assert factors[year] == pytest.approx(factor, rel=1e-13)


def test_half_a_year_and_years_before_the_valuation_date_take_the_rate_in_force_then():
    factors = schedule_factors([[0.04], [0.02]], [0, 10], [-2.0, 9.5, 10.5])[:, 0]
    assert factors == pytest.approx([1.04**2, 1.04**-9.5, 1.04**-10 * 1.02**-0.5], rel=1e-13)


@pytest.mark.parametrize("after", [[1, 5], [0, 5, 5], [0, 5, 4]])
def test_a_schedule_that_does_not_begin_at_zero_and_rise_is_refused(after):
    with pytest.raises(ValueError, match="begin at 0 and rise"):
        schedule_factors([[0.05]] * len(after), after, [1.0])


def test_two_rates_add_share_times_beta_times_the_premium(project):
    found = ppp.evaluate(project(**AU))
    rates = found.side_rates
    assert rates.psc_rate[0] == pytest.approx(0.04)
    assert rates.ppp_rate[0] == pytest.approx(0.04 + 0.5 * 0.6 * 0.06, rel=1e-14)
    assert rates.psc == pytest.approx(discount_factors(0.04, np.arange(13)), rel=1e-13)
    assert rates.ppp == pytest.approx(discount_factors(0.058, np.arange(13)), rel=1e-13)
    assert found.rules.used["market_risk_premium"].value == 0.06
    spending = found.lines["fiscal_spending"][:, 0]
    assert found.vfm.ppp_value[0] == pytest.approx(sum(s / 1.058**t for t, s in enumerate(spending)), rel=1e-12)


def test_without_systematic_risk_transferred_both_sides_have_one_rate(project):
    none = {**AU, "discounting": {"rate": "4%", "systematic_risk": {"share_transferred": "0%", "beta": 0.6}}}
    rates = ppp.evaluate(project(**none)).side_rates
    assert rates.psc == pytest.approx(rates.ppp, rel=1e-14)


def test_a_real_schedule_becomes_nominal_step_by_step(project):
    """32 years of operation reach the second step: (1 + real)(1 + inflation) each year."""
    long = {**UK, "timeline": {"operation": "32 years"}, "comparator": {"optimism_bias": {"kind": "standard_building"}}}
    rates = ppp.evaluate(project(**long)).side_rates
    year = rates.psc[1:, 0] / rates.psc[:-1, 0]
    assert year[:30] == pytest.approx(1 / (1.035 * 1.02), rel=1e-12)
    assert year[30:] == pytest.approx(1 / (1.03 * 1.02), rel=1e-12)


def test_a_first_rate_of_its_own_moves_the_whole_schedule_and_is_a_reservation(project):
    own = {**UK, "discounting": {"rate": "4%"}, "ranges": {"discounting.rate": {"low": "3%", "high": "5%"}}}
    own["comparator"] = {"optimism_bias": {"kind": "standard_building"}}
    result = ppp.appraise(project(**own), draws=16)
    assert result.evaluation.side_rates.psc_rate[0] == pytest.approx(1.04 * 1.02 - 1)
    assert "rate_off_schedule" in {reason.key for reason in result.verdict.reservations}
    by_book = ppp.appraise(project(**{**own, "discounting": {"rate": "3.5%"}}), draws=16)
    assert "rate_off_schedule" not in {reason.key for reason in by_book.verdict.reservations}


def test_the_cost_of_financing_weighs_debt_and_equity(project):
    found = ppp.evaluate(project(**US, conventions={"discount_method": "financing_cost"}))
    gearing = found.results["gearing"][0]
    assert 0.0 < gearing < 1.0
    assert found.side_rates.psc_rate[0] == pytest.approx(gearing * 0.05 + (1 - gearing) * 0.08, rel=1e-12)
    assert found.side_rates.ppp is not None and found.side_rates.ppp == pytest.approx(found.side_rates.psc)


def test_what_a_method_needs_is_named(project):
    bridge = project()
    assert missing_for(bridge, "two_rates") == ["discounting.systematic_risk"]
    assert missing_for(bridge, "one_rate") == missing_for(bridge, "declining") == []
    bare = project(discounting={"equity_rate": None})
    assert missing_for(bare, "financing_cost") == ["discounting.equity_rate"]


@pytest.mark.parametrize(
    "changes, words",
    [
        ({**AU, "discounting": {"rate": "4%"}}, "discounting.systematic_risk: is missing; au-nppg"),
        ({"discounting": AU["discounting"]}, "cn-2015 discounts both sides at one rate"),
        ({**UK, "price_basis": "nominal", "price_year": None, "inflation": None}, "not that of uk-hmt, given nominal"),
        ({"comparator": {"delay": {"years": "2 years"}}}, "both options start together in cn-2015"),
        ({**US, "conventions": {"comparator_start": "delayed"}}, "comparator.delay: is missing"),
        ({"conventions": {"discount_method": "declining"}}, "is not one of the choices, given declining"),
        ({**AU, "district": "district.yaml"}, "au-nppg has no affordability test"),
    ],
)
def test_a_comparison_on_other_terms_than_the_rule_book_s_is_refused(project, changes, words):
    with pytest.raises(InputError, match=words):
        project(**changes)


# --- identical options, in every pack with a comparator ---


@pytest.mark.parametrize("pack", PACKS)
def test_identical_flows_rates_and_dates_give_zero_under_every_rule_book(project, pack):
    """The comparator's flows are the PPP's own, and no premium divides the rates: every pack finds no difference."""
    changes = dict(PACKS[pack])
    if pack == "au-nppg":
        changes["discounting"] = {"rate": "4%", "systematic_risk": {"share_transferred": "0%", "beta": 0.6}}
    found = ppp.evaluate(project(**changes))
    flow = found.lines["fiscal_spending"] - found.lines["retained_risk"]
    lines = {key: np.zeros_like(flow) for key in {*PSC_PARTS, *PPP_PARTS}}
    retained = found.lines["retained_risk"]
    lines |= {"psc_capex": flow, "operating_subsidy": flow, "retained_risk": retained}
    same = value_for_money(lines, found.side_rates.psc, found.side_rates.ppp)
    assert abs(same.amount[0]) <= 1e-12 * same.psc[0] and same.psc[0] > 0


def test_the_packs_with_a_comparator_are_all_tried():
    judged = {pack for pack in regimes.available() if "value_for_money" in regimes.load(pack).tests}
    assert judged == set(PACKS)


def test_identical_files_on_both_sides_give_zero(project):
    """A whole project whose comparator costs what the government pays under the PPP, to the last yuan."""
    bare = {
        "payment": {"kind": "availability", "amount": 100},
        "users": None,
        "funding": {"government_share": "0%", "debt": None},
        "tax": None,
        "risks": None,
        "qualitative": None,
        "discounting": {"rate": "5%", "equity_rate": None},
        "comparator": {"capex": 0, "opex": 100},
    }
    for pack in ("cn-2015", "generic", "us-fhwa"):
        extra = {"district": None} if pack == "us-fhwa" else {}
        regime = {"regime": pack} if pack != "cn-2015" else {}
        assert ppp.evaluate(project(**bare, **regime, **extra)).vfm.amount[0] == pytest.approx(0.0, abs=1e-6)


def test_risk_that_stays_on_both_sides_leaves_the_amount_of_cn_2015_unchanged(project):
    kept = {"name": "Law", "category": "policy", "phase": "operation", "ratio": "30%", "transferred": "0%"}
    with_it, without = (ppp.evaluate(project(risks=risks)) for risks in ({"law": kept}, {}))
    assert with_it.vfm.amount[0] == pytest.approx(without.vfm.amount[0], rel=1e-12)
    assert with_it.vfm.psc[0] > without.vfm.psc[0]
