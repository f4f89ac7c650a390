"""Feeding the forecast in as outturn changes nothing; what differs is told apart by cause, to the cent."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ppp
from ppp.appraisal.evaluation import evaluate
from ppp.contract.actuals import Outturn
from ppp.contract.contract_years import ContractYears
from ppp.contract.outturn import reforecast
from ppp.contract.review import review
from ppp.contract.signed import as_signed
from ppp.contract.variance import CAUSES, variances
from ppp.model.company import evaluate_company

from .conftest import PARAMS, forecast_rows, with_contract

NAMES = ["wastewater", "school", "hospital", "toll-road", "urban-road"]
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def same(left, right, scale) -> bool:
    return bool(np.max(np.abs(left - right)) <= 1e-9 * max(scale, 1.0))


def as_it_stands(project):
    base = evaluate(project)
    outturn = Outturn(project, base.inputs)
    return base, outturn, reforecast(base, outturn)


@pytest.mark.parametrize("name", NAMES)
def test_signed_debt_gives_the_same_company(name):
    base = evaluate(ppp.load(PARAMS / f"{name}.yaml"))
    signed = evaluate_company(as_signed(base.inputs)).lines
    for key, line in signed.items():
        assert same(line, base.lines[key], np.max(np.abs(base.lines[key]))), key


@pytest.mark.parametrize("years", [1, 3, 10])
@pytest.mark.parametrize("name", NAMES)
def test_the_forecast_as_outturn_changes_nothing(name, years, tmp_path):
    """Also at year 10 of the contract: the rest is forecast as it was."""
    rows = forecast_rows(ppp.load(PARAMS / f"{name}.yaml"), years)
    base, outturn, found = as_it_stands(with_contract(name, tmp_path, {"actuals": {"years": rows}}))
    for key, line in base.lines.items():
        if not key.startswith("payment_"):  # parts of a formula; what was paid has none
            assert same(found.now.lines[key], line, np.max(np.abs(line))), key
    for key, value in base.results.items():
        assert found.now.results[key][0] == pytest.approx(value[0], rel=1e-8, nan_ok=True), key
    for variance in variances(outturn):
        assert variance.total == pytest.approx(0.0, abs=1e-6)
        assert set(variance.cents.values()) == {0}
    if base.vfm is not None:
        assert found.psc == float(base.vfm.psc[0])
        assert found.ppp_value == pytest.approx(float(base.vfm.ppp_value[0]), rel=1e-12)


@pytest.mark.parametrize("period", ["half_year", "quarter"])
def test_the_forecast_as_outturn_changes_nothing_in_shorter_periods(period, tmp_path):
    plain = ppp.load(PARAMS / "school.yaml")
    timeline = {"financial_close": "2024-07-01", "construction": "2 years", "operation": "18 years", "period": period}
    rows = forecast_rows(
        with_contract("school", tmp_path, {"handback": {"items": {"a": HANDBACK}}}, timeline=timeline), 12
    )
    base, _, found = as_it_stands(with_contract("school", tmp_path, {"actuals": {"years": rows}}, timeline=timeline))
    assert base.inputs.timeline.rows > evaluate(plain).inputs.timeline.rows
    for key in ("distributions", "tax", "fiscal_spending", "debt_closing"):
        assert same(found.now.lines[key], base.lines[key], np.max(np.abs(base.lines[key]))), key


HANDBACK = {"name": "Roof", "required": 80}


def test_the_forecast_of_risk_and_support_as_outturn_changes_nothing(tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "wastewater.yaml"), 5)
    base = evaluate(ppp.load(PARAMS / "wastewater.yaml"))
    years = ContractYears(base.inputs.timeline)
    for column, line in (("retained_risk", "retained_risk"), ("support", "supporting_input")):
        parts = [years.of_rows(base.lines[line], phase) for phase in ("construction", "operation")]
        for row, amount in zip(rows, np.concatenate(parts), strict=False):
            row[column] = float(amount) / 1e4
    _, _, found = as_it_stands(with_contract("wastewater", tmp_path, {"actuals": {"years": rows}}))
    assert same(found.lines["fiscal_spending"], base.lines["fiscal_spending"], base.lines["fiscal_spending"].max())
    rows[3]["retained_risk"] += 100.0
    _, _, dearer = as_it_stands(with_contract("wastewater", tmp_path, {"actuals": {"years": rows}}))
    more = dearer.lines["fiscal_spending"] - found.lines["fiscal_spending"]
    assert more.sum() == pytest.approx(1e6, rel=1e-9)
    assert dearer.psc == found.psc
    assert dearer.ppp_value > found.ppp_value


def moved(rows, factors):
    """Rows of actuals with each amount multiplied by a factor of its own."""
    found = []
    for row, one in zip(rows, factors, strict=False):
        row = dict(row)
        for position, key in enumerate(k for k in row if k not in ("year", "progress")):
            row[key] *= one[position % len(one)]
        found.append(row)
    return found


factor = st.floats(0.5, 1.6)


@QUIET
@given(factors=st.lists(st.lists(factor, min_size=6, max_size=6), min_size=6, max_size=6), share=st.floats(0.0, 1.0))
def test_the_parts_of_every_difference_add_up_to_the_cent(factors, share, tmp_path):
    rows = moved(forecast_rows(ppp.load(PARAMS / "wastewater.yaml"), 6), factors)
    for row in rows[2:]:  # told as demand and price
        paid = row.pop("user_payments")
        row |= {"demand": 0.9 * paid, "tariff": 1.1}
    contract = {"actuals": {"years": rows, "variable_opex": f"{100 * share:.12f}%"}}
    project = with_contract("wastewater", tmp_path, contract)
    base = evaluate(project)
    found = variances(Outturn(project, base.inputs))
    assert {v.line for v in found} >= {"capex", "opex", "user_payments", "government_payment"}
    for v in found:
        assert sum(v.cents.values()) == round(v.actual * 100) - round(v.forecast * 100)
        assert math.fsum(v.parts.values()) == pytest.approx(v.total, abs=1e-6 * max(abs(v.forecast), 1.0))
        assert set(v.parts) == set(CAUSES)


def test_causes_of_a_known_year(tmp_path):
    """2000 units at 1.00 were forecast and 1800 at 1.10 sold; a third of operating cost moves with demand."""
    project = ppp.load(PARAMS / "reclaimed-water.yaml")
    base = evaluate(project)
    found = {(v.year, v.line): v for v in variances(Outturn(project, base.inputs))}
    users = found[2023, "user_payments"]
    sold, price = 1240e4, 0.98 * 1.012
    assert users.parts["volume"] == pytest.approx((1128e4 - sold) * price)
    assert users.parts["price"] == pytest.approx((0.985 - price) * 1128e4)
    opex = found[2023, "opex"]
    forecast = 980e4 * 1.022
    assert opex.parts["volume"] == pytest.approx(forecast * 0.35 * (1128 / 1240 - 1))
    assert opex.parts["price"] == pytest.approx(1046e4 - forecast - opex.parts["volume"])
    built = found[2020, "capex"]
    assert built.parts["timing"] == pytest.approx((0.41 - 0.45) * 18600e4)
    assert built.parts["price"] == pytest.approx(8050e4 - 0.41 * 18600e4)
    renewals = found[2024, "lifecycle"]
    assert (renewals.parts["timing"], renewals.parts["price"]) == pytest.approx((-120e4, 0.0))
    paid = found[2024, "government_payment"]
    assert paid.parts["volume"] == pytest.approx(-found[2024, "user_payments"].parts["volume"])
    assert paid.parts["performance"] < 0


def test_overruns_are_paid_by_equity_and_the_comparator_stays(tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "wastewater.yaml"), 2)
    for row in rows:
        row["capex"] *= 1.2
    base, _, found = as_it_stands(with_contract("wastewater", tmp_path, {"actuals": {"years": rows}}))
    assert found.now.results["debt"][0] == pytest.approx(base.results["debt"][0], rel=1e-9)
    assert found.now.results["equity_total"][0] > base.results["equity_total"][0]
    assert found.now.results["equity_irr"][0] < base.results["equity_irr"][0]
    assert found.psc == float(base.vfm.psc[0])


def test_works_to_come_cost_what_those_done_have_shown(tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "wastewater.yaml"), 1)
    rows[0]["capex"] *= 1.1
    project = with_contract("wastewater", tmp_path, {"actuals": {"years": rows}})
    base = evaluate(project)
    assert Outturn(project, base.inputs).capex_by_year().sum() == pytest.approx(1.1 * 30600e4, rel=1e-9)


@pytest.mark.parametrize("stays", ["0%", "50%", "100%"])
def test_the_outlook_says_how_much_of_a_deviation_stays(stays, tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "school.yaml"), 5)
    rows[-1]["opex"] *= 1.1
    outlook = {"users": "0%", "opex": stays, "performance": "0%"}
    project = with_contract("school", tmp_path, {"actuals": {"years": rows, "outlook": outlook}})
    base = evaluate(project)
    outturn = Outturn(project, base.inputs)
    ratio = outturn.operating("opex")[3:] / outturn.planned_year("opex")[3:]
    assert ratio == pytest.approx(1.0 + 0.1 * float(stays.rstrip("%")) / 100)


def test_renewals_put_off_come_in_the_next_year(tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "school.yaml"), 7)
    rows[-1] |= {"lifecycle": 0.0, "lifecycle_done": 0.0}
    project = with_contract("school", tmp_path, {"actuals": {"years": rows}})
    outturn = Outturn(project, evaluate(project).inputs)
    put_off = outturn.planned_year("lifecycle")[4]
    assert put_off > 0
    assert outturn.operating("lifecycle")[5] == pytest.approx(outturn.planned_year("lifecycle")[5] + put_off)
    assert outturn.operating("lifecycle").sum() == pytest.approx(outturn.planned_year("lifecycle").sum())


def test_a_review_of_the_forecast_is_on_course(tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "school.yaml"), 6)
    found = review(with_contract("school", tmp_path, {"actuals": {"years": rows}}))
    assert found.outcome == "on_course" and not found.points and found.complete


def test_the_example_asks_for_action_where_its_file_says():
    found = review(ppp.load(PARAMS / "reclaimed-water.yaml"))
    keys = {point.key for point in found.points}
    assert found.outcome == "act" and found.complete
    assert {"arrears", "control_final_account", "approvals_missing", "fund_diverted", "performance_lost"} <= keys
    assert found.reforecast.whole.results["equity_irr"][0] > found.reforecast.now.results["equity_irr"][0]


def test_a_failed_check_is_the_answer():
    found = review(ppp.load(PARAMS / "reclaimed-water.yaml"))
    broken = replace(found.checks[0], error=np.array([1.0]))
    assert replace(found, checks=[broken, *found.checks[1:]]).outcome == "not_sound"
