"""The model against a second implementation (tests/second_model), on random project files; and the second against closed forms.

A seed that fails is reproduced by `second_model.random_projects.seeded(seed)`; `as_yaml` shows it as a file.
"""

import math
from functools import cache

import numpy as np
import pytest
import pyxirr
from second_model import second_model, second_operation
from second_model.random_funding import REPAYMENTS
from second_model.random_money import FORMULA, PAYMENTS
from second_model.random_projects import as_yaml, load, seeded
from second_model.rows import PERIOD

import ppp
from ppp.model.irr import UNIQUE

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


@cache
def second_of(seed: int):
    """The slow half is computed once; the model anew, so that nothing but the model itself decides a test (make prove changes it)."""
    project = load(seeded(seed))
    return project, second_model(project)


def both(seed: int):
    project, second = second_of(seed)
    return second, ppp.evaluate(project)


def test_the_seeds_reach_every_choice_of_a_file():
    """Nothing that a file may choose is left out, and most projects borrow in several tranches that different limits bind."""
    files = [seeded(seed) for seed in SEEDS]
    text = "\n".join(as_yaml(data) for data in files)
    choices = [
        *(f"period: {x}" for x in PERIOD),
        *(f"repayment: {x}" for x in REPAYMENTS),
        *(f"kind: {x}" for x in PAYMENTS),
        *(
            "order: equity_first",
            "order: debt_first",
            "rank: subordinated",
            "rank: shareholder",
            "equity_bridge",
            "rate_steps",
        ),
        *(
            "grace",
            "tail",
            "llcr",
            "sweep",
            "upfront_fee",
            "dscr_basis: before_tax",
            "periods_end: calendar",
            "ramp_up",
            "escalation",
        ),
        *(
            "level_annuity",
            "from_zero",
            "from_construction",
            "subsidy_interest: none",
            "subsidy_interest: simple",
            "yearly",
        ),
        *(
            "negative_gap: share",
            "carry_forward",
            "construction_draws: start",
            "construction_draws: end",
            "price_basis: real",
        ),
        *(
            "declining_balance",
            "sum_of_digits",
            "first_year: half",
            "losses: refund",
            "loss_years",
            "holiday",
            "credit: refunded",
        ),
        *(
            "lock_up",
            "from_profit: false",
            "return_of_capital: true",
            "statutory_reserve",
            "minimum_cash",
            "land",
            "items",
        ),
        *(
            "funded: cash_flow",
            "funded: construction",
            "debt_service: {cover",
            "maintenance: {ahead",
            "minimum_revenue",
        ),
        *(
            "revenue_share",
            "indexed_share",
            "pass_through",
            "government_distributions",
            "opening_cash",
            "disposal",
            "lifecycle",
        ),
    ]
    assert not [choice for choice in choices if text.count(choice) < 3]
    bound = [binding for seed in SEEDS for binding in both(seed)[0].binding.values()]
    assert {"gearing", "amount", "dscr", "llcr", "tail"} <= set(bound)
    assert sum(float(both(seed)[0].results["debt"]) > 0 for seed in SEEDS) > 150


@pytest.mark.parametrize("seed", SEEDS)
def test_the_model_agrees_with_the_second(seed):
    second, evaluation = both(seed)
    differences = [*line_differences(second, evaluation), *result_differences(second, evaluation)]
    assert not [(key, size) for key, size in differences if not size <= AGREEMENT]
    assert {tranche.name: str(tranche.binding[0]) for tranche in evaluation.tranches} == second.binding
    sizes = {tranche.name: float(tranche.size[0]) for tranche in evaluation.tranches}
    assert sizes == pytest.approx({key: float(size) for key, size in second.sizes.items()}, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("kind", FORMULA)
@pytest.mark.parametrize("seed", range(30))
def test_formulas_of_publications_agree(seed, kind):
    """A formula with capital and loan given, by every convention, where nothing is funded."""
    project = load(seeded(seed, published=True, payment=kind))
    lines, evaluation = second_operation(project), ppp.evaluate(project)
    largest = max(float(abs(x)) for rows in lines.values() for x in rows)
    for key in (
        "government_payment",
        "payment_capital_part",
        "payment_running_part",
        "payment_debt_service_part",
        "ebitda",
        "opex",
    ):
        expected = np.array([float(x) for x in lines[key]])
        np.testing.assert_allclose(evaluation.lines[key][:, 0], expected, rtol=0, atol=AGREEMENT * largest, err_msg=key)


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


FLOWS = {
    "project_irr": "project",
    "project_irr_after_tax": "project_after_tax",
    "equity_irr": "equity",
    "partner_irr": "partner",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_pyxirr_finds_every_unique_return(seed):
    """pyxirr, told nothing but the flow of the second model month by month, finds the same rate wherever there is one root."""
    second, evaluation = both(seed)
    assert set(evaluation.irrs) == set(FLOWS)
    for key, found in evaluation.irrs.items():
        if found.state[0] == UNIQUE:
            flow = np.array([float(x) for x in second.circle.flows[FLOWS[key]]])
            assert independent_irr(flow, second.months) == pytest.approx(found.value[0], rel=1e-9, abs=1e-9), key


def independent_irr(flow, months) -> float:
    """pyxirr's periodic IRR of the flow laid out month by month, as a rate a year."""
    monthly = np.zeros(months[-1] + 1)
    np.add.at(monthly, months, flow)
    return (1 + pyxirr.irr(monthly / np.abs(flow).max())) ** 12 - 1
