"""Published worked examples: a printed figure is met after rounding to its own digits, an exact one to its
last digit.

The data: published.yaml, with the source of each case; how each is read, in words: docs/validation.md.
"""

import math
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

import ppp
from ppp.appraisal.risk import expected_value, guarantee_value, optimism_bias, residual_bias
from ppp.appraisal.value_for_money import PPP_PARTS, PSC_PARTS, value_for_money
from ppp.contract.performance import (
    Band,
    payment_share,
    performance_payment,
    unavailability_deduction,
    unavailability_rate,
)
from ppp.loading import apply_scenario
from ppp.model.discounting import annuity_factor, discount_factors, net_present_value, present_value
from ppp.model.liability import liability_schedule, residual_schedule
from ppp.model.operations import growing
from ppp.model.payments import construction_subsidy, interest_during_construction

ROOT = Path(__file__).resolve().parents[2]
CASES = YAML(typ="safe").load(Path(__file__).with_name("published.yaml"))
PROJECTS = [name for name, case in CASES.items() if "file" in case]


def to_digits(printed, decimals: int):
    """A figure printed to so many decimals: at most half of its last digit away."""
    return pytest.approx(printed, rel=0, abs=0.5 * 10.0**-decimals * (1 + 1e-9))


def project(name: str):
    return ppp.load(ROOT / CASES[name]["file"])


# --- present values ---


def test_sft_net_present_value_leaves_year_0_undiscounted():
    case = CASES["sft-annex-a"]
    npv = net_present_value(case["rate"], case["flows"])[0]
    assert npv == to_digits(case["printed"]["npv"], 0)
    assert npv == to_digits(case["exact"]["year_0_undiscounted"], 2)


def test_sft_other_readings_give_other_figures():
    """Its text orders discounting from the middle of the year; its table does not do so."""
    case, flows = CASES["sft-annex-a"], [0, *CASES["sft-annex-a"]["flows"]]
    assert net_present_value(case["rate"], flows)[0] == to_digits(case["exact"]["year_end"], 2)
    assert present_value(np.array(flows)[:, None], discount_factors(case["rate"], np.arange(len(flows)), "middle"))[
        0
    ] == to_digits(case["exact"]["mid_year"], 2)


@pytest.mark.parametrize("option", ["preferred", "do_minimum"])
def test_pfi_credit_costs_grow_unrounded(option):
    case = CASES["uk-pfi-credit"]
    costs = growing(case[f"{option}_year_1"], case["growth"], 5)[:, 0]
    assert list(costs) == [to_digits(printed, 0) for printed in case["printed"][option]]


def test_pfi_credit_is_the_present_value_of_the_extra_cost():
    case = CASES["uk-pfi-credit"]
    factors = discount_factors(case["rate"], np.arange(5))
    assert list(factors[:, 0]) == [to_digits(printed, 4) for printed in case["printed"]["discount_factors"]]
    extra = growing(case["preferred_year_1"], case["growth"], 5) - growing(case["do_minimum_year_1"], case["growth"], 5)
    credit = present_value(extra, factors)[0]
    assert credit == to_digits(case["printed"]["npv"], 0)
    assert credit == to_digits(case["exact"]["npv"], 2)


# --- project files of published examples ---


@pytest.mark.parametrize("name", PROJECTS)
def test_every_printed_figure_of_the_project_file_is_met(name):
    figures = ppp.appraise(project(name)).printed
    assert figures
    assert [(figure.figure.printed, figure.computed) for figure in figures if not figure.agrees] == []


@pytest.mark.parametrize("name", PROJECTS)
def test_the_published_project_passes_every_hard_check(name):
    appraisal = ppp.appraise(project(name))
    assert appraisal.complete
    assert appraisal.verdict.outcome == "published_example"


def test_a_misprinted_figure_would_be_noticed():
    published = project("cn-ring-road").published
    wrong = published.figures[0].model_copy(update={"printed": "9044.47"})
    altered = project("cn-ring-road").model_copy(
        update={"published": published.model_copy(update={"figures": [wrong]})}
    )
    altered._origin = project("cn-ring-road")._origin
    appraisal = ppp.appraise(altered)
    assert not appraisal.printed[0].agrees
    assert not appraisal.complete


def test_teaching_note_unrounded_returns():
    case = CASES["project-and-equity-irr"]["exact"]
    base = ppp.evaluate(project("project-and-equity-irr"))
    assert base.results["project_irr"][0] == to_digits(case["project_irr"], 5)
    assert base.results["equity_irr"][0] == to_digits(case["equity_irr"], 5)
    assert base.lines["debt_service"][1, 0] == to_digits(case["debt_service"], 2)
    dear = ppp.evaluate(apply_scenario(project("project-and-equity-irr"), "debt_at_14"))
    assert dear.results["equity_irr"][0] == to_digits(case["equity_irr_at_14"], 5)


def test_hospital_contract_to_the_cent():
    case = CASES["cn-viability-gap-contract"]["exact"]
    lines = ppp.evaluate(project("cn-viability-gap-contract")).lines
    assert lines["payment_capital_part"].sum() == pytest.approx(case["capital_return"], abs=0.01)
    assert lines["payment_debt_service_part"].sum() == pytest.approx(case["debt_service"], abs=0.01)
    assert lines["payment_running_part"].sum() == pytest.approx(case["om_with_markup"], abs=0.01)
    assert lines["user_payments"].sum() == pytest.approx(case["third_party_income"], abs=0.01)
    assert lines["government_payment"].sum() == pytest.approx(case["subsidy"], abs=0.01)


def test_hospital_contract_total_is_the_sum_of_its_parts():
    case = CASES["cn-viability-gap-contract"]["exact"]
    parts = case["capital_return"] + case["debt_service"] + case["om_with_markup"] - case["third_party_income"]
    assert parts == pytest.approx(case["subsidy"], abs=0.02)


def test_ring_road_subsidy_of_every_year():
    case, wan = CASES["cn-ring-road"]["exact"], 10_000
    paid = ppp.evaluate(project("cn-ring-road")).lines["government_payment"][3:, 0] / wan
    assert list(paid) == [to_digits(printed, 2) for printed in case["years_1_to_10"]]


def test_ring_road_with_compound_interest():
    compound = ppp.evaluate(project("cn-ring-road"), conventions={"subsidy_interest": "compound"})
    assert compound.lines["government_payment"][3, 0] / 10_000 == to_digits(
        CASES["cn-ring-road"]["exact"]["compound_interest"], 2
    )


def test_ring_road_cost_holds_simple_interest_on_mid_year_draws():
    """35000 drawn in the middle of each of two years at 6 %: 1.5 + 0.5 years of interest on it."""
    interest = interest_during_construction([[35_000.0], [35_000.0]], 0.06, "middle", "simple")[0]
    assert interest == pytest.approx(35_000 * 0.06 * (1.5 + 0.5), rel=1e-14)
    assert 90_000 + interest == pytest.approx(CASES["cn-ring-road"]["exact"]["construction_cost_simple"], rel=1e-14)


def test_ring_road_only_one_option_follows_from_the_text():
    """S_1 = 94200 x 1.06 x 1.05 / 10 + 1000 x 1.06 - 2500 = 9044.46; the exercise prints no key."""
    options = CASES["cn-ring-road"]["options_for_year_1"]
    year_1 = construction_subsidy(94_200, 0.06, 0.05, 10)[0, 0] + 1_000 * 1.06 - 2_500
    assert [option for option in options if option == to_digits(year_1, 2)] == [9044.46]


# --- liabilities ---


def test_nhs_liability_is_rounded_to_pence_every_year():
    case = CASES["nhs-scotland-liability"]
    made = liability_schedule(case["opening"], case["payment"], case["rate"], case["years"], decimals=2)
    assert list(made["interest"]) == [to_digits(printed, 2) for printed in case["printed"]["interest"]]
    assert list(made["principal"]) == [to_digits(printed, 2) for printed in case["printed"]["principal"]]
    openings = [case["opening"], *made["closing"][:-1]]
    assert openings == [to_digits(printed, 2) for printed in case["printed"]["creditor_opening"]]


def test_nhs_liability_unrounded_differs_by_a_penny_in_year_4():
    case = CASES["nhs-scotland-liability"]
    unrounded = liability_schedule(case["opening"], case["payment"], case["rate"], case["years"])
    assert unrounded["closing"][2] == to_digits(case["exact"]["fourth_opening_unrounded"], 2)
    assert unrounded["closing"][2] != to_digits(case["printed"]["creditor_opening"][3], 2)


def test_nhs_payment_is_an_annuity_in_arrears():
    case = CASES["nhs-scotland-liability"]
    payment = case["opening"] / annuity_factor(case["rate"], case["exact"]["term"])
    assert payment == to_digits(case["payment"], 2)


def test_nhs_residual_accrues_at_the_rate():
    case = CASES["nhs-scotland-liability"]
    opening = residual_schedule(case["payment"], case["rate"], case["years"], decimals=2)
    assert list(opening) == [to_digits(printed, 2) for printed in case["printed"]["residual_opening"]]


# --- performance ---


def weighted_units() -> float:
    case = CASES["unavailability-deduction"]
    return sum(weight * sum(areas) for weight, areas in case["areas_by_weight"].items())


def test_unavailability_weights():
    case = CASES["unavailability-deduction"]
    sums = {weight: weight * sum(areas) for weight, areas in case["areas_by_weight"].items()}
    assert sums == case["printed"]["weight_sums"]
    assert weighted_units() * case["periods_per_day"] * 365 / 2 == case["printed"]["weighted_periods"]


def test_unavailability_deduction_with_the_rate_rounded_first():
    case = CASES["unavailability-deduction"]
    rate = unavailability_rate(case["annual_payment"], weighted_units(), case["periods_per_day"], decimals=1)
    assert rate == case["printed"]["area_rate"]
    assert (
        unavailability_deduction(case["event"]["weight"], rate, case["event"]["periods"])
        == case["printed"]["deduction"]
    )


def test_unavailability_deduction_unrounded():
    case = CASES["unavailability-deduction"]
    rate = unavailability_rate(case["annual_payment"], weighted_units(), case["periods_per_day"])
    assert rate == to_digits(case["exact"]["area_rate"], 5)
    assert unavailability_deduction(case["event"]["weight"], rate, case["event"]["periods"]) == to_digits(
        case["exact"]["deduction"], 2
    )


def test_all_areas_down_half_of_the_time_cost_the_whole_payment():
    case = CASES["unavailability-deduction"]
    rate = unavailability_rate(case["annual_payment"], weighted_units(), case["periods_per_day"])
    half_of_the_year = case["periods_per_day"] * 365 / 2
    assert unavailability_deduction(weighted_units(), rate, half_of_the_year) == pytest.approx(5_000_000, rel=1e-14)


def test_performance_scale_of_the_contract():
    case = CASES["cn-performance-payment"]
    scale = [Band(*band) for band in case["scales"]["R2"]]
    scores = np.array(list(case["printed"]["R2"]), dtype=float)
    np.testing.assert_allclose(payment_share(scores, scale), list(case["printed"]["R2"].values()), rtol=0, atol=1e-14)


def test_performance_payment_of_the_contract():
    """A construction fee of 100 and O&M of 20, R1 = 1, R2 at 75 points = 0.9: 100 x 70 % + 0.9 x (20 + 100 x
    30 %)."""
    case = CASES["cn-performance-payment"]
    r2 = payment_share(75, [Band(*band) for band in case["scales"]["R2"]])
    assert performance_payment(100, 20, 1.0, r2, case["linked"]) == pytest.approx(70 + 0.9 * (20 + 30), rel=1e-14)


# --- comparator and risk ---


def raw_psc() -> float:
    case = CASES["au-psc"]
    return sum(case["capital"]) + sum(case["operating"]) - case["third_party_revenue"]


def psc_of(raw: float, neutrality: float, transferred_risk: float, retained_risk: float) -> float:
    """The suite's PSC of these net present costs, each a flow on the day that all is discounted to."""
    given = {
        "psc_capex": raw,
        "neutrality": neutrality,
        "transferred_risk": transferred_risk,
        "retained_risk": retained_risk,
    }
    flows = {key: np.full((1, 1), given.get(key, 0.0)) for key in {*PSC_PARTS, *PPP_PARTS}}
    return float(value_for_money(flows, np.ones((1, 1))).psc[0])


def test_australian_psc_before_risk():
    case = CASES["au-psc"]
    assert raw_psc() == to_digits(case["exact"]["raw_psc_from_lines"], 1)
    before_risk = psc_of(raw_psc(), sum(case["competitive_neutrality"]), 0.0, 0.0)
    assert before_risk == to_digits(case["printed"]["psc_before_risk"], 1)


@pytest.mark.parametrize("point", ["p5", "mean", "p95"])
def test_australian_psc_with_risk_uses_the_annex_raw_psc(point):
    case = CASES["au-psc"]
    neutrality = sum(case["competitive_neutrality"])
    psc = psc_of(
        case["raw_psc_in_risk_table"],
        neutrality,
        case["transferable_risk"][point],
        case["retained_risk"][point],
    )
    assert psc == to_digits(case["printed"]["psc"][point], 0)
    assert psc == to_digits(case["exact"]["psc"][point], 1)


def test_australian_psc_from_its_own_lines_is_higher_by_the_misprint():
    case = CASES["au-psc"]
    neutrality = sum(case["competitive_neutrality"])
    psc = psc_of(raw_psc(), neutrality, case["transferable_risk"]["mean"], case["retained_risk"]["mean"])
    assert psc == to_digits(case["exact"]["psc_mean_from_lines"], 1)


@pytest.mark.parametrize("guide", ["state_guide", "green_book"])
def test_expected_value_of_a_risk(guide):
    case = CASES["expected-value-risk"]
    probabilities, costs = zip(*case["outcomes"][guide], strict=True)
    assert float(expected_value(probabilities, costs)) == pytest.approx(case["printed"][guide], rel=1e-14)


def test_optimism_bias_is_rounded_before_it_is_used():
    case = CASES["optimism-bias"]
    residual = residual_bias(case["upper_bound"], case["mitigated"])
    assert residual == to_digits(case["printed"]["residual"], 2)
    assert residual == to_digits(case["exact"]["residual"], 4)
    rounded = case["net_present_cost"] * (1 + round(residual, 2))
    assert rounded == pytest.approx(case["printed"]["with_bias"], rel=1e-14)
    assert rounded + case["risk_management"] == pytest.approx(case["printed"]["with_management"], rel=1e-14)
    assert optimism_bias(case["net_present_cost"], case["upper_bound"], case["mitigated"]) == to_digits(
        case["exact"]["with_bias"], 2
    )


# --- guarantees ---

GUARANTEE = {key: CASES["lognormal-guarantee"][key] for key in ("expected", "guarantee", "sigma", "years", "rate")}


@pytest.mark.parametrize(
    "reading, words, decimals",
    [
        ("martingale", {"drift": "martingale"}, 2),
        ("drift_zero", {"drift": "zero"}, 0),
        ("independent", {"shocks": "independent"}, 0),
    ],
)
def test_guarantee_by_the_closed_form(reading, words, decimals):
    value = guarantee_value(**GUARANTEE, **words)
    assert value == to_digits(CASES["lognormal-guarantee"]["exact"][reading], decimals)


def sampled(revenue) -> tuple[float, float]:
    """PV of the guarantee on revenue paths (years, draws), and its standard error."""
    years = np.arange(1, revenue.shape[0] + 1)[:, None]
    paid = (np.maximum(GUARANTEE["guarantee"] - revenue, 0.0) * (1 + GUARANTEE["rate"]) ** -years).sum(axis=0)
    return paid.mean(), paid.std() / math.sqrt(paid.size)


@pytest.mark.parametrize("words", [{}, {"drift": "zero"}, {"shocks": "independent"}])
def test_normal_shocks_agree_with_the_closed_form(words):
    shocks = np.random.default_rng(20).standard_normal((GUARANTEE["years"], 50_000))
    years = np.arange(1, GUARANTEE["years"] + 1)[:, None]
    cumulative = words.get("shocks") != "independent"
    moved = GUARANTEE["sigma"] * (np.cumsum(shocks, axis=0) if cumulative else shocks)
    variance = GUARANTEE["sigma"] ** 2 * (years if cumulative else 1)
    drift = 0.0 if words.get("drift") == "zero" else -variance / 2
    mean, error = sampled(GUARANTEE["expected"] * np.exp(drift + moved))
    assert abs(mean - guarantee_value(**GUARANTEE, **words)) < 3 * error


def test_uniform_shocks_hide_most_of_the_guarantee():
    """The workbook's mistake: exp(-sigma^2 t / 2 + sigma sqrt(t) U) with U uniform on (0, 1), which can only
    lift revenue."""
    years = np.arange(1, GUARANTEE["years"] + 1)[:, None]
    uniform = np.random.default_rng(20).random((GUARANTEE["years"], 50_000))
    revenue = GUARANTEE["expected"] * np.exp(
        -(GUARANTEE["sigma"] ** 2) * years / 2 + GUARANTEE["sigma"] * np.sqrt(years) * uniform
    )
    mean, _ = sampled(revenue)
    assert mean == to_digits(CASES["lognormal-guarantee"]["exact"]["uniform_shock_sampler"], 1)
    assert mean < guarantee_value(**GUARANTEE) / 15


# --- the page that explains them ---


def test_the_page_on_validation_explains_every_case():
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    single_owner = ("S1", "S2", "S3", "S5")
    assert [name for name in (*CASES, *single_owner) if f"`{name}`" not in page] == []
