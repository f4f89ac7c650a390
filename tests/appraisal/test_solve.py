"""The solver against closed forms, and every answer put back in."""

import json

import numpy as np
import pytest

import ppp
from ppp.appraisal.solve import input_of, solve, target_of
from ppp.model.discounting import annuity_factor
from ppp.overlays import number_at
from ppp.report.solved import answer

COST, RUNNING, RATE, DSCR, YEARS, HURDLE = 1000.0, 40.0, 0.05, 1.3, 20, 0.11
PLAIN = {
    "timeline": {"financial_close": "2025-01-01", "construction": "0 years", "operation": f"{YEARS} years"},
    "construction": {"capex": COST},
    "operation": {"opex": RUNNING},
    "payment": {"kind": "availability", "amount": 90},
    "funding": {
        "government_share": 0,
        "debt": {"rate": RATE, "tenor": f"{YEARS} years", "repayment": "sculpted", "dscr": DSCR},
    },
    "discounting": {"rate": "4%", "equity_rate": "8%"},
}


def written(folder, changed):
    """A project file of one unit of money and no rule that would move a figure."""
    fixed = {
        "kind": "project",
        "id": "plain",
        "name": "Plain",
        "status": "draft",
        "sector": "road",
        "regime": "generic",
    }
    fixed |= {"appraised": "2024-06-01", "currency": "CNY", "unit": "one", "price_basis": "nominal"}
    path = folder / "plain.yaml"
    path.write_text(json.dumps(fixed | changed), encoding="utf-8")
    return path


@pytest.fixture
def plain(tmp_path):
    return ppp.load(written(tmp_path, PLAIN))


def with_input(project, key, value):
    return ppp.evaluate(project, cases={key: np.atleast_1d(value)})


def test_the_level_payment_for_an_equity_return_is_the_closed_form(plain):
    """Debt over the whole life at cover DSCR, equity earning k on the rest: P = O + C / [a(i,n)/DSCR + (1 - 1/DSCR) a(k,n)]."""
    found = solve(plain, "availability_payment", "equity_irr", HURDLE)
    share = annuity_factor(RATE, YEARS) / DSCR + (1.0 - 1.0 / DSCR) * annuity_factor(HURDLE, YEARS)
    assert found.values[0] * 90 == pytest.approx(RUNNING + COST / share, rel=1e-9)
    assert found.achieved[0] == pytest.approx(HURDLE, abs=1e-12)


@pytest.mark.parametrize("tenor", [8, 15])
def test_the_closed_form_for_a_shorter_tenor(tmp_path, tenor):
    """With debt over m years only: C = (P - O) [a(i,m)/DSCR + (1 - 1/DSCR) a(k,m) + a(k,n) - a(k,m)]."""
    terms = {**PLAIN["funding"], "debt": {**PLAIN["funding"]["debt"], "tenor": f"{tenor} years"}}
    found = solve(
        ppp.load(written(tmp_path, {**PLAIN, "funding": terms})), "availability_payment", "equity_irr", HURDLE
    )
    own = annuity_factor(HURDLE, YEARS) - annuity_factor(HURDLE, tenor) / DSCR
    assert found.values[0] * 90 == pytest.approx(RUNNING + COST / (annuity_factor(RATE, tenor) / DSCR + own), rel=1e-9)


def test_all_cases_are_solved_at_once(plain):
    costs, hurdles = np.array([800.0, 1000.0, 1300.0]), np.array([0.08, 0.11, 0.14])
    found = solve(plain, "availability_payment", "equity_irr", hurdles, {"construction.capex": costs})
    for cost, hurdle, value in zip(costs, hurdles, found.values, strict=True):
        alone = solve(plain, "availability_payment", "equity_irr", hurdle, {"construction.capex": np.array([cost])})
        assert value == pytest.approx(alone.values[0], rel=1e-12)
    back = ppp.evaluate(plain, cases={"construction.capex": costs, "payment.amount.times": found.values})
    assert back.results["equity_irr"] == pytest.approx(hurdles, abs=1e-11)


@pytest.mark.parametrize(
    "file, wanted, result, target",
    [
        ("hospital", "availability_payment", "equity_irr", 0.09),
        ("hospital", "availability_payment", "dscr_min", 1.4),
        ("hospital", "grant", "equity_npv", 0.0),
        ("toll-road", "tariff", "project_irr", 0.07),
        ("toll-road", "tariff", "project_irr_after_tax", 0.06),
        ("wastewater", "subsidy", "equity_irr", 0.085),
        ("wastewater", "subsidy", "equity_npv", 0.0),
        ("urban-road", "construction.capex", "vfm_amount", 0.0),
        ("school", "operation.opex.times", "partner_irr", 0.065),
    ],
)
def test_an_answer_put_back_in_gives_the_target(file, wanted, result, target):
    project = ppp.load(f"params/{file}.yaml")
    found = solve(project, wanted, result, target)
    if not found.reached[0]:
        assert wanted == "grant"
        assert not np.any((found.found[:-1, 0] - target) * (found.found[1:, 0] - target) < 0)
        return
    back = with_input(project, found.key, found.values).results[result][0]
    size = 1.0 if abs(target) > 0 else ppp.evaluate(project).inputs.capex.sum()
    assert abs(back - target) <= 1e-9 * size
    moved = with_input(project, found.key, found.values * 1.02).results[result][0]
    assert abs(moved - target) > 1e-4 * size


def test_the_shortest_term(plain):
    found = solve(plain, "term", "project_irr", 0.0499, {"construction.capex": np.array([500.0, 600.0, 1e6])})
    for cost, months in zip((500.0, 600.0), found.values[:2], strict=True):
        years = months / 12
        flow = [-cost, *[50.0] * int(years)]
        assert np.polynomial.polynomial.polyval(1 / 1.0499, flow) >= 0 or years == YEARS
        assert years == YEARS or np.polynomial.polynomial.polyval(1 / 1.0499, flow[:-1]) < 0
    assert np.isnan(found.values[2])


def test_an_unreachable_target_is_explained(plain):
    found = solve(plain, "funding.debt.rate", "project_irr", 0.5)
    assert not found.reached[0]
    text = answer(plain, found)
    assert "No value" in text and "50.00%" in text
    assert np.ptp(found.found[:, 0]) == 0.0  # the project's return does not depend on the loan


def test_several_values_are_said(tmp_path):
    """Ten years of income and ten of cost: NPV rises with the rate, then falls, so two rates give the same NPV."""
    project = ppp.load(
        written(
            tmp_path,
            {
                **PLAIN,
                "operation": {"opex": 95},
                "payment": {"kind": "availability", "amount": [300.0] * 10 + [0.0] * 10},
            },
        )
    )
    found = solve(project, "discounting.rate", "project_npv", 110.0)
    flow = np.array([-1000.0, *[205.0] * 10, *[-95.0] * 10])
    roots = np.polynomial.Polynomial(flow - 110.0 * (np.arange(21) == 0)).roots()
    rates = sorted(1.0 / r.real - 1.0 for r in roots if abs(r.imag) < 1e-9 and r.real > 0)
    assert len(rates) == 2 and found.several[0]
    assert found.values[0] == pytest.approx(min(rates, key=lambda rate: abs(rate - 0.04)), abs=1e-9)


@pytest.mark.parametrize("wanted", ["tariff", "subsidy", "construction.nonsense", "status"])
def test_an_input_that_the_project_lacks_is_refused(plain, wanted):
    with pytest.raises(KeyError):
        input_of(plain, wanted)


@pytest.mark.parametrize(
    "text, expected",
    [("equity_irr=8%", 0.08), ("equity_irr = 0.08", 0.08), ("dscr_min=1.3", 1.3), ("project_npv=2", 2e6)],
)
def test_targets_are_read_in_the_files_unit(tmp_path, text, expected):
    project = ppp.load(written(tmp_path, {**PLAIN, "unit": "million"}))
    assert target_of(project, text)[1] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["equity_irr", "equity_irr=8", "irr=8%", "dscr_min=130%", "equity_irr=much", "equity_irr=nan"]
)
def test_a_target_that_may_be_misread_is_refused(plain, text):
    with pytest.raises(ValueError, match=r"allowed|write"):
        target_of(plain, text)


def test_the_scenario_offered_holds_the_answer(plain):
    found = solve(plain, "availability_payment", "equity_irr", HURDLE)
    text = answer(plain, found)
    factor = float(text.rsplit("times:", 1)[1])
    back = with_input(plain, "payment.amount.times", factor).results["equity_irr"][0]
    assert back == pytest.approx(HURDLE, abs=1e-9)
    assert number_at(plain, "payment.amount.times")[1] == 1.0
