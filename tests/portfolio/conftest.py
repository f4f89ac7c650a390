"""A small district in plain figures, and the shipped one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ppp.portfolio.files import Portfolio, load_portfolio
from ppp.portfolio.members import Member
from ppp.portfolio.study import Study, study

ROOT = Path(__file__).resolve().parents[2]
DALIAN = ROOT / "params" / "districts" / "dalian-illustrative.yaml"
BAY = ROOT / "params" / "districts" / "bay-county-illustrative.yaml"

PLAIN = """\
kind: district
id: plain
name: {{en: Plain district, zh: 平原区}}
status: draft
currency: CNY
unit: one
budget:
  - {{year: 2020, expenditure: 1000, revenue: 700, transfers: 320, fund_revenue: 400, fund_expenditure: 390}}
  - {{year: 2021, expenditure: 1000, revenue: 700, transfers: 320, fund_revenue: 400, fund_expenditure: 390}}
growth: 0%
other_growth: {{revenue: 0%, transfers: 0%, fund_revenue: 0%, fund_expenditure: 0%}}
regime: cn-2015
appraised: 2022-01-01
discount_rate: 5%
{more}
"""

ROAD = """\
kind: project
id: up
name: {en: Toll bridge, zh: 收费桥}
status: draft
sector: road
district: plain.yaml
regime: cn-2015
appraised: 2019-06-01
currency: CNY
unit: one
price_basis: nominal
timeline: {financial_close: %s, construction: 1 year, operation: 14 years}
construction: {capex: 80}
operation: {opex: {start: 3, growth: 1%%}}
users: {payments: {start: %s, growth: 0%%}}
payment: {kind: user_pay, minimum_revenue: 12}
funding:
  government_share: 20%%
  debt: {rate: 4%%, tenor: 8 years, repayment: annuity, max_gearing: 70%%, dscr: 1.2}
tax: {rate: 25%%, loss_years: 5 years}
discounting: {rate: 4%%, equity_rate: 7%%}
comparator: {capex: 88, opex: {start: 3.5, growth: 1%%}}
risks:
  cost: {name: {en: Overrun, zh: 超支}, category: construction, phase: construction, ratio: 8%%, transferred: 80%%}
"""


@cache
def portfolio_of(path: Path) -> Portfolio:
    return load_portfolio(path)


@cache
def study_of(path: Path) -> Study:
    return study(portfolio_of(path), 1024)


@pytest.fixture
def dalian() -> Study:
    return study_of(DALIAN)


@pytest.fixture
def bay() -> Study:
    return study_of(BAY)


@pytest.fixture
def plain(tmp_path):
    """Writes a district of budget 1000 a year with whatever is added, and reads it."""

    def made(more: str = "", change: dict[str, str] | None = None) -> Portfolio:
        text = PLAIN.format(more=more)
        for old, new in (change or {}).items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = tmp_path / "plain.yaml"
        path.write_text(text, encoding="utf-8")
        return load_portfolio(path)

    return made


def member(key: str, first: int, listed=None, **flows) -> Member:
    """A project of given yearly lines; what is not said is zero."""
    size = len(next(iter(flows.values())))
    base = {
        name: np.zeros(size)
        for name in ("government_equity", "operating_subsidy", "retained_risk", "supporting_input", "capex")
    }
    given = {name: np.asarray(row, dtype=float) for name, row in flows.items()}
    lines = {**base, **given}
    total = sum(lines[n].sum() for n in ("government_equity", "operating_subsidy", "retained_risk", "supporting_input"))
    return Member(
        key,
        {"en": key, "zh": key},
        "road",
        "availability",
        "draft",
        "CNY",
        np.arange(first, first + size),
        lines,
        {"fiscal_total": float(total)},
        True,
        False,
        0.0,
        0.4,
        listed,
    )
