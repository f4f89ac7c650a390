"""A small project file to change one thing at a time in, loaded the public way."""

import copy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import ppp

ROOT = Path(__file__).resolve().parents[2]

PROJECT = """
kind: project
id: bridge
name: Bridge
status: draft
sector: road
regime: cn-2015
appraised: 2021-01-01
district: district.yaml
currency: CNY
unit: wan
price_basis: nominal
timeline: {financial_close: 2022-01-01, construction: 2 years, operation: 10 years}
construction: {capex: 1000, spending: [40%, 60%]}
operation: {opex: 50}
users: {payments: 60}
payment: {kind: viability_gap, profit_rate: 6%, rate: 5%}
funding:
  government_share: 20%
  debt: {rate: 5%, tenor: 8 years, repayment: sculpted, dscr: 1.2, max_gearing: 70%}
tax: {rate: 25%, loss_years: 5 years}
discounting: {rate: 5%, equity_rate: 8%}
comparator: {capex: 1100, opex: 60}
risks:
  overrun: {name: Overrun, category: construction, phase: construction, ratio: 10%, transferred: 80%}
  upkeep: {name: Upkeep, category: operation, phase: operation, ratio: 5%, transferred: 40%}
qualitative:
  life_cycle_integration: {weight: 20%, scores: [80, 80, 80]}
  risk_allocation: {weight: 20%, scores: [80, 80, 80]}
  performance_innovation: {weight: 10%, scores: [80, 80, 80]}
  potential_competition: {weight: 10%, scores: [80, 80, 80]}
  government_capacity: {weight: 10%, scores: [80, 80, 80]}
  financeability: {weight: 10%, scores: [80, 80, 80]}
  project_size: {weight: 10%, scores: [80, 80, 80]}
  asset_life: {weight: 10%, scores: [80, 80, 80]}
"""
DISTRICT = """
kind: district
id: county
name: County
status: draft
currency: CNY
unit: wan
budget:
  - {year: 2019, expenditure: 10000}
  - {year: 2020, expenditure: 11000}
  - {year: 2021, expenditure: 12100}
"""

PARAMS = ("wastewater", "school", "hospital", "urban-road", "au-courts", "uk-school", "us-highway")  # with a comparator
# Changes of the small project that between them use every kind of payment, of formula, of risk and of discounting.
KINDS = {
    "as it is": {},
    "availability": {"payment": {"kind": "availability", "amount": 190, "indexed_share": "30%", "index": "2%"}},
    "government pays": {"payment": {"kind": "government_pay", "profit_rate": "6%"}, "users": None},
    "users pay": {"payment": {"kind": "user_pay"}},
    "level annuity": {"conventions": {"subsidy_method": "level_annuity"}},
    "from zero, mid-year": {"conventions": {"subsidy_counting": "from_zero", "discount_timing": "middle"}},
    "valued at operation": {"conventions": {"valuation_date": "start_of_operation"}},
    "own revenue and disposal": {
        "comparator": {"third_party_revenue": 70, "disposal": 120},
        "operation": {"disposal": 90},
    },
    "support and neutrality": {
        "support": {"land": {"name": "Land", "phase": "construction", "cost": 40, "paid": 5}},
        "comparator": {"competitive_neutrality": {"tax": {"name": "Tax", "phase": "operation", "amount": 3}}},
    },
    "real prices": {"price_basis": "real", "price_year": 2022, "inflation": "2%"},
    "half-years": {"timeline": {"period": "half_year"}},
    "calendar quarters": {
        "timeline": {"period": "quarter", "periods_end": "calendar", "financial_close": "2022-02-01"},
        "funding": {"debt": {"tenor": "95 months"}},
    },
    "optimism bias": {"comparator": {"optimism_bias": {"upper_bound": "24%", "mitigated": "40%"}}},
    "delayed": {
        "regime": "us-fhwa",
        "district": None,
        "qualitative": None,
        "comparator": {"delay": {"years": "3 years", "escalation": "2%"}},
        "conventions": {"comparator_start": "delayed"},
    },
    "two rates": {
        "regime": "au-nppg",
        "district": None,
        "qualitative": None,
        "discounting": {"systematic_risk": {"share_transferred": "50%", "beta": 0.5}},
    },
    "cost of finance": {
        "regime": "us-fhwa",
        "district": None,
        "qualitative": None,
        "conventions": {"discount_method": "financing_cost"},
    },
}
FIXED_PRICE = ("school", "hospital", "au-courts", "uk-school", "us-highway", "availability", "users pay")


def merged(base, changes):
    """A dict with changes merged in; None takes a key away."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict) and "kind" not in value:
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


@pytest.fixture
def project(tmp_path):
    """project(tax=None, funding={"government_share": "30%"}, budget={"growth": "2%"}): the bridge with these
    changes."""
    yaml = YAML(typ="safe")
    yaml.allow_unicode = True

    def make(budget=None, **changes):
        yaml.dump(merged(yaml.load(DISTRICT), budget or {}), tmp_path / "district.yaml")
        text = YAML(typ="safe")
        text.dump(merged(loaded(PROJECT), changes), tmp_path / "bridge.yaml")
        return ppp.load(tmp_path / "bridge.yaml")

    def loaded(text):
        data = yaml.load(text)
        data["appraised"], data["timeline"]["financial_close"] = "2021-01-01", "2022-01-01"
        return data

    return make


@pytest.fixture(scope="session")
def params():
    """params("wastewater"): a project of the repository."""
    return lambda name: ppp.load(ROOT / "params" / f"{name}.yaml")


@pytest.fixture(scope="session")
def kinds():
    return KINDS


def _made(request, params, project):
    return params(request.param) if request.param in PARAMS else project(**KINDS[request.param])


@pytest.fixture(params=[*PARAMS, *KINDS])
def any_project(request, params, project):
    """One project of each kind with a comparator."""
    return _made(request, params, project)


@pytest.fixture(params=[name for name in (*PARAMS, *KINDS) if name not in FIXED_PRICE])
def paid_by_formula(request, params, project):
    return _made(request, params, project)
