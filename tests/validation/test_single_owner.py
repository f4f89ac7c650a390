"""NREL's Singleowner model as the reference for debt, tax and equity: the same inputs through a project file
give the same figures.

The cases and what their conventions turned out to be: docs/validation.md.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import ppp

CASES = json.loads((Path(__file__).parent / "single_owner.json").read_text(encoding="utf-8"))["cases"]
AGREEMENT = 1e-9  # of the figure; for a row, of its largest amount

FILE = """
kind: project
id: single-owner
name: Single owner
status: draft
sector: energy
regime: generic
appraised: 2020-01-01
currency: USD
unit: one
price_basis: nominal
timeline: {{financial_close: 2020-01-01, construction: 0 years, operation: {years} years}}
construction: {{capex: {capex}}}
operation: {{opex: {{start: {opex[start]}, growth: {opex[growth]}}}}}
users: {{payments: {{start: {revenue[start]}, growth: {revenue[growth]}}}}}
payment: {{kind: user_pay}}
funding:
  government_share: 0%
  debt:
    rate: {debt_rate}
    tenor: {tenor} years
    repayment: sculpted
    dscr: {dscr}
    dscr_basis: before_tax
    max_gearing: {gearing}
{tax}
discounting: {{rate: {equity_rate}}}
"""
TAX = "tax: {{rate: {tax_rate}, depreciation: 20 years, first_year: half, losses: refund}}"


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """Each case written as a project file, loaded and evaluated."""
    folder = tmp_path_factory.mktemp("single_owner")
    results = {}
    for name, case in CASES.items():
        given = case["inputs"]
        tax = TAX.format(**given) if given["tax_rate"] else ""
        gearing = "100%" if given["max_gearing"] == 1 else given["max_gearing"]
        path = folder / f"{name}.yaml"
        path.write_text(FILE.format(**given, gearing=gearing, tax=tax), encoding="utf-8")
        results[name] = ppp.evaluate(ppp.load(path))
    return results


@pytest.mark.parametrize("figure", ["debt", "equity_total", "dscr_min", "equity_irr", "equity_npv"])
@pytest.mark.parametrize("name", CASES)
def test_figure_agrees_with_the_reference_model(evaluated, name, figure):
    expected = CASES[name]["results"][figure]
    assert evaluated[name].results[figure][0] == pytest.approx(expected, rel=AGREEMENT)


@pytest.mark.parametrize("row", ["interest", "principal", "debt_closing", "tax", "equity_flow"])
@pytest.mark.parametrize("name", CASES)
def test_every_year_agrees_with_the_reference_model(evaluated, name, row):
    expected = np.array(CASES[name]["rows"][row])
    largest = np.abs(expected).max() or CASES[name]["inputs"]["capex"]
    np.testing.assert_allclose(evaluated[name].lines[row][:, 0], expected, rtol=0, atol=AGREEMENT * largest)


@pytest.mark.parametrize("name, binding", [("S1", "dscr"), ("S2", "dscr"), ("S3", "dscr"), ("S5", "gearing")])
def test_the_constraint_that_sizes_the_debt_is_named(evaluated, name, binding):
    assert evaluated[name].tranches[0].binding[0] == binding


def test_first_and_last_depreciation_is_a_half_year(evaluated):
    """What makes S3 reproducible: its tax of year 1, 36850.14, is 25 % of 850000 - 452599.46 - 250000, half
    of 10 million / 20."""
    depreciation = evaluated["S3"].lines["depreciation"][:, 0]
    assert depreciation[1] == depreciation[21] == 10_000_000 / 20 / 2
    assert depreciation[2] == 10_000_000 / 20
    assert depreciation.sum() == pytest.approx(10_000_000, rel=1e-14)
    assert CASES["S3"]["rows"]["tax"][1] == pytest.approx(0.25 * (850_000 - 452_599.455805 - 250_000), abs=1e-6)


def test_a_full_first_year_would_not_reproduce_the_tax_of_the_reference(evaluated):
    tax_with_a_full_year = 0.25 * (850_000 - 452_599.455805 - 500_000)
    assert abs(CASES["S3"]["rows"]["tax"][1] - tax_with_a_full_year) > 60_000


@pytest.mark.parametrize("name", CASES)
def test_every_hard_check_passes(evaluated, name):
    assert evaluated[name].sound.all()
