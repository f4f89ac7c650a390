"""Early termination: on the last day it costs only what the contract says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ppp
from ppp.appraisal.evaluation import evaluate
from ppp.contract.review import review
from ppp.contract.termination import CAUSES, equity_value, exposures
from ppp.contract_terms import TerminationTerms

from .conftest import PARAMS, forecast_rows, with_contract

QUIET = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BASIS = ["none", "paid_in", "base_case_irr", "base_case_distributions", "market_value"]
NAMES = ["wastewater", "school", "urban-road", "toll-road"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("basis", BASIS)
def test_the_last_day_costs_only_the_fixed_sums(name, basis, tmp_path):
    terms = {"debt": "100%", "breakage": "2%", "equity": basis, "fixed": 77, "deducted": 0}
    base = evaluate(with_contract(name, tmp_path, {"termination": dict.fromkeys(CAUSES, terms)}))
    assert np.isfinite(base.results["equity_irr"][0])  # what two of the readings stand on
    found = exposures(base, base)
    assert [e.cause for e in found] == list(CAUSES)
    for exposure in found:
        assert exposure.total[-1] == pytest.approx(77e4, rel=1e-9)
        assert np.all(exposure.total >= 77e4 - 1e-6)


@QUIET
@given(
    debt=st.floats(0, 1),
    breakage=st.floats(0, 0.05),
    fixed=st.floats(0, 500),
    deducted=st.floats(0, 900),
    share=st.floats(0, 1),
)
def test_the_last_day_whatever_the_terms(debt, breakage, fixed, deducted, share, tmp_path):
    said = {
        "debt": debt if debt < 1 else "100%",
        "breakage": breakage,
        "fixed": fixed,
        "deducted": deducted,
        "equity": "base_case_irr",
    }
    said["equity_share"] = share if share < 1 else "100%"
    base = evaluate(with_contract("school", tmp_path, {"termination": {"authority": said}}))
    (exposure,) = exposures(base, base)
    assert exposure.total[-1] == pytest.approx(fixed * 1e4, abs=1e-3)
    owed = exposure.parts["debt"] + exposure.parts["breakage"] + exposure.parts["equity"]
    assert np.all(exposure.total <= owed + exposure.parts["fixed"] + 1e-6)


def test_compensation_to_the_base_case_return_gives_it(tmp_path):
    """Shareholders who are paid it at the end of any year have earned the base-case IRR exactly."""
    base = evaluate(ppp.load(PARAMS / "school.yaml"))
    terms = TerminationTerms(debt="100%", equity="base_case_irr")
    worth = equity_value(terms, base, base)
    irr, flow = float(base.results["equity_irr"][0]), base.lines["equity_flow"][:, 0]
    for row in (2, 5, 11, 19):
        until = flow[: row + 1].copy()
        until[-1] += worth[row]
        factors = (1.0 + irr) ** -base.inputs.timeline.times[: row + 1]
        assert np.sum(until * factors) == pytest.approx(0.0, abs=1e-6 * abs(flow).max())


def test_base_case_distributions_and_the_base_case_return_are_the_same_value_on_the_base_case(tmp_path):
    """What is still to come is worth what has not yet been earned: both sides of NPV(IRR) = 0."""
    base = evaluate(ppp.load(PARAMS / "school.yaml"))
    values = [
        equity_value(TerminationTerms(debt="100%", equity=b), base, base)
        for b in ("base_case_irr", "base_case_distributions")
    ]
    assert values[0][3:] == pytest.approx(values[1][3:], rel=1e-7, abs=1.0)


def test_exposure_on_what_really_happened_counts_the_debt_that_is_owed(tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "school.yaml"), 4)
    contract = {"actuals": {"years": rows}, "termination": {"force_majeure": {"debt": "100%", "less_cash": False}}}
    found = review(with_contract("school", tmp_path, contract))
    (exposure,) = found.exposures
    assert exposure.total[4] == pytest.approx(found.base.lines["debt_closing"][5, 0])
    assert exposure.years[4] == 2029
