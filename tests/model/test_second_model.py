"""The model against a second implementation (tests/second_model), on random project files; and the second against closed forms.

A seed that fails is reproduced by `second_model.random_projects.seeded(seed)`; `as_yaml` shows it as a file.
"""

import math
from functools import cache

import numpy as np
import pytest
import pyxirr
from second_model import second_model
from second_model.random_projects import load, seeded

import ppp

SEEDS = range(200)
AGREEMENT = 1e-9

# Lines that are read together; a difference counts relatively to the largest amount of its family.
FAMILIES = {
    "funding": """capex uses grant equity interest_during_construction fees reserves_filled debt_drawn debt_closing bridge_closing
        shareholder_loan_drawn shareholder_loan_closing fixed_assets shareholders_funds depreciation""",
    "operation": """revenue user_payments other_revenue government_payment guarantee_payment revenue_shared
        payment_capital_part payment_running_part payment_debt_service_part opex lifecycle ebitda cfads disposal tax
        tax_without_interest profit_before_tax net_profit losses_used receivables payables vat vat_credit vat_written_off
        maintenance_reserve""",
    "service": """interest principal prepayment debt_service debt_service_reserve debt_service_reserve_target
        debt_service_reserve_target shareholder_loan_repaid shareholder_loan_interest""",
    "shareholders": "distributions dividends capital_returned statutory_reserve equity_flow cash",
}
LINES = [(family, key) for family, keys in FAMILIES.items() for key in keys.split()]
MONEY = ("uses_total", "debt", "equity_total", "grant_total", "project_npv", "equity_npv")
SERVICE_OF_LOANS = ("debt", "equity_bridge")


@cache
def both(seed: int):
    project = load(seeded(seed))
    return second_model(project), ppp.evaluate(project)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_model_agrees_with_the_second(seed):
    second, evaluation = both(seed)
    differences = [*line_differences(second, evaluation), *result_differences(second, evaluation)]
    assert not [(key, size) for key, size in differences if not size <= AGREEMENT]
    assert {tranche.name: str(tranche.binding[0]) for tranche in evaluation.tranches} == second.binding
    sizes = {tranche.name: float(tranche.size[0]) for tranche in evaluation.tranches}
    assert sizes == pytest.approx({key: float(size) for key, size in second.sizes.items()}, rel=1e-9, abs=1e-6)


def line_differences(second, evaluation):
    """(key, largest difference over the largest amount of its family) of every line that the model has."""
    for family, key in LINES:
        theirs = np.array(second.floats(key))
        ours = evaluation.lines[key][:, 0] if key in evaluation.lines else np.zeros(1)
        largest = max(abs(x) for other in FAMILIES[family].split() for x in second.floats(other))
        yield key, float(np.max(np.abs(ours - theirs), initial=0.0)) / max(largest, 1e-9)


def result_differences(second, evaluation):
    uses = float(second.results["uses_total"])
    for key, value in second.results.items():
        ours, theirs = float(evaluation.results[key][0]), float(value)
        if math.isnan(theirs) or math.isnan(ours):
            yield key, 0.0 if math.isnan(ours) and math.isnan(theirs) else math.inf
        else:
            yield key, abs(ours - theirs) / (uses if key in MONEY else 1.0 + abs(theirs))


@pytest.mark.parametrize("seed", SEEDS)
def test_pyxirr_finds_every_unique_return(seed):
    """pyxirr solves by a bracket of its own; where there is one root, it is the same one."""
    second, evaluation = both(seed)
    years = np.array(second.months) / 12
    for key, found in evaluation.irrs.items():
        flow = np.array([float(x) for x in second.circle.flows[key.removesuffix("_irr")]])
        if len(found.roots[0]) == 1:
            value = float(found.roots[0][0])
            largest = np.abs(flow).sum()
            assert abs((flow * (1 + value) ** -years).sum()) <= 1e-9 * largest
            assert independent_irr(flow, second.months) == pytest.approx(value, rel=1e-8, abs=1e-9)


def independent_irr(flow, months) -> float:
    """pyxirr's periodic IRR of the flow laid out month by month, as a rate a year."""
    monthly = np.zeros(months[-1] + 1)
    np.add.at(monthly, months, flow)
    return (1 + pyxirr.irr(monthly)) ** 12 - 1
