"""Every hard check can fail: each is broken on purpose."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

import ppp
from ppp.appraisal import checks
from ppp.appraisal.evaluation import _checks
from ppp.appraisal.risk_register import register
from ppp.arrays import Prices
from ppp.model.company import Company
from ppp.model.discounting import net_present_value
from ppp.model.irr import irr
from ppp.model.timeline import Timeline


def borne(evaluation):
    return register(evaluation.project, Prices(evaluation.project))


def run(evaluation, **changed_lines):
    """The hard checks of an evaluation after some of its lines were falsified."""
    lines = {**evaluation.lines, **changed_lines}
    company = Company(lines, evaluation.tranches, np.zeros(1))
    return {
        check.key: bool(np.all(check.passed))
        for check in _checks(replace(evaluation, lines=lines), company, borne(evaluation))
    }


@pytest.fixture(scope="module")
def evaluation(params):
    return ppp.evaluate(params("wastewater"))


def test_all_pass_when_nothing_is_wrong(evaluation):
    assert all(run(evaluation).values())
    assert len(run(evaluation)) == len(evaluation.checks) >= 12


@pytest.mark.parametrize(
    "line, check",
    [
        ("revenue", "revenue_adds_up"),
        ("operating_subsidy", "mirror_payment"),
        ("government_equity", "mirror_equity"),
        ("grant", "sources_equal_uses"),
        ("equity", "sources_equal_uses"),
        ("debt_drawn", "sources_equal_uses"),
        ("shareholders_funds", "balance_sheet_balances"),
        ("cash", "balance_sheet_balances"),
        ("cash", "cash_not_created"),
        ("debt_closing", "debt_repaid"),
        ("fixed_assets", "assets_depreciated_once"),
        ("equity_flow", "irr_gives_zero_npv"),
        ("retained_risk", "risk_is_shared_whole"),
        ("transferred_risk", "risk_is_shared_whole"),
    ],
)
def test_a_millionth_too_much_is_noticed(evaluation, line, check):
    """A millionth of the investment is added to every year of one line."""
    wrong = evaluation.lines[line] + 1e-6 * evaluation.lines["uses"].sum()
    assert run(evaluation)[check]
    assert not run(evaluation, **{line: wrong})[check]


def test_debt_repaid_twice_is_noticed(evaluation):
    assert not run(evaluation, debt_closing=evaluation.lines["debt_closing"] - 1_000_000.0)["debt_not_over_repaid"]


def test_a_circle_that_did_not_close_is_noticed(evaluation):
    open_circle = Company(evaluation.lines, evaluation.tranches, np.array([1e-9]))
    found = {check.key: check.passed for check in _checks(evaluation, open_circle, borne(evaluation))}
    assert not found["circle_converged"][0]


def test_a_figure_that_is_not_a_number_fails(evaluation):
    lost = evaluation.lines["equity"].copy()
    lost[1] = np.nan
    assert not run(evaluation, equity=lost)["sources_equal_uses"]


def yearly(flow) -> Timeline:
    """A timeline on which a flow is one year apart."""
    return Timeline(dt.date(2024, 1, 1), 0, 12 * (len(flow) - 1))


def test_numpy_financial_disagrees_with_a_wrong_figure():
    flow = np.array([-100.0, 60.0, 60.0])
    right = -100 + 60 / 1.05 + 60 / 1.05**2
    found = irr(flow)
    assert all(check.passed.all() for check in checks.second_opinion(yearly(flow), flow, 0.05, right, found))
    wrong = replace(found, value=found.value + 1e-6)
    assert [
        bool(check.passed.all()) for check in checks.second_opinion(yearly(flow), flow, 0.05, right + 0.01, wrong)
    ] == [
        False,
        False,
    ]


@pytest.mark.parametrize("earned", [0.051, 70.0, 1e5])
def test_numpy_financial_agrees_on_low_and_on_huge_returns(earned):
    flow = np.r_[-1.0, np.full(30, earned)]
    found = irr(flow)
    assert all(
        check.passed.all()
        for check in checks.second_opinion(yearly(flow), flow, 0.05, net_present_value(0.05, flow)[0], found)
    )
    off = replace(found, value=found.value + 1e-6 * (1 + found.value))
    assert not checks.second_opinion(yearly(flow), flow, 0.05, net_present_value(0.05, flow)[0], off)[1].passed.all()


def test_of_several_roots_the_value_is_checked_by_its_npv():
    flow = np.array([-50.0, -100.0, 600.0, 300.0, -100.0])  # numpy-financial picks -0.769
    _, check = checks.second_opinion(yearly(flow), flow, 0.05, net_present_value(0.05, flow)[0], irr(flow))
    assert check.passed.all()


# --- alerts: shown, not fatal ---


def alerts(evaluation):
    return {alert.key: bool(alert.passed.all()) for alert in evaluation.alerts}


def test_a_sound_project_raises_no_alert(evaluation):
    assert all(alerts(evaluation).values())


def test_a_cash_call_in_operation_is_shown(project):
    shown = ppp.evaluate(
        project(
            operation={"lifecycle": {"values": [0] * 5 + [900] + [0] * 4}},
            payment={"kind": "user_pay"},
            users={"payments": 200},
        )
    )
    assert not alerts(shown)["no_cash_call_in_operation"]
    assert shown.sound.all()


def test_debt_that_rises_in_operation_is_shown(project):
    shown = ppp.evaluate(project(payment={"kind": "user_pay"}, users={"payments": {"values": [20] + [300] * 9}}))
    assert not alerts(shown)["debt_falls_in_operation"]
    assert shown.sound.all()


def test_checks_of_cases_are_made_one_by_one(evaluation):
    wrong = np.repeat(evaluation.lines["equity"], 2, axis=1)
    wrong[:, 1] *= 1.001
    lines = {
        key: np.repeat(value, 2, axis=1) if value.shape[1] == 1 else value for key, value in evaluation.lines.items()
    } | {"equity": wrong}
    company = Company(lines, evaluation.tranches, np.zeros(2))
    found = {check.key: check.passed for check in _checks(replace(evaluation, lines=lines), company, borne(evaluation))}
    assert list(found["sources_equal_uses"]) == [True, False]
