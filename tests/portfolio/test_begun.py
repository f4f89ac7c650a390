"""A project begun before the last settled year: what is settled is past, and the contract stands when the forecast begins."""

import numpy as np
import pytest

from ppp.portfolio.exposures import termination_sums
from ppp.portfolio.pool import in_whole_cents
from ppp.portfolio.stress import largest_termination
from ppp.portfolio.study import study
from tests.portfolio.conftest import ROAD

PROBABILITY = 0.08
MORE = """\
reserves: 500
found_within_budget: 30%
debt:
  general: {outstanding: 900, rate: 4%, principal: [100, 200, 300], refinanced: 80%}
  special: {outstanding: 600, rate: 3%, principal: [60, 60]}
projects:
  up: {file: up.yaml, stage: committed, termination: {correlation: 0, company: {probability: 8%, debt: 80%}, authority:
    {probability: 0%, debt: 100%, equity: 100%, equity_basis: distributions}}}
"""


@pytest.fixture
def begun(plain, tmp_path):
    """Closed in 2020, built in that year, budgets settled to 2021."""
    (tmp_path / "up.yaml").write_text(ROAD % ("2020-01-01", 11), encoding="utf-8")
    return study(plain(MORE), 4096)


def test_everything_that_may_come_stands_on_the_years_after_the_last_settled_one(begun):
    assert begun.years[0] == 2020 and begun.ahead[0] == 2022 and begun.ahead[-1] == begun.years[-1]
    for years in (begun.statements.years, begun.standing.years, *(x.standing.years for x in begun.stressed)):
        assert np.array_equal(years, begun.ahead)
    assert begun.simulated.total.expected.size == begun.ahead.size
    assert begun.summary["forecast_years"] == begun.ahead.tolist()
    assert begun.complete


def test_a_contract_in_operation_stands_when_the_forecast_begins(begun):
    """Expected calls follow the geometric law from the first year of the forecast, not from the contract's own first year."""
    (member,) = begun.members
    sums = termination_sums(member, member.listed.termination, begun.ahead, 0.05)["company"]
    ends = PROBABILITY * (1.0 - PROBABILITY) ** np.arange(begun.ahead.size)
    (source,) = (s for s in begun.simulated.sources if s.key == "company")
    assert sums[0] > 0.0 and source.expected[0] == pytest.approx(ends[0] * sums[0], rel=0.15)
    wanted = float((ends * sums) @ 1.05 ** -np.arange(1.0, begun.ahead.size + 1))
    assert source.worth == pytest.approx(wanted, rel=0.08)


def test_a_contract_ends_in_a_year_to_come_and_leaves_the_district_worse(begun):
    found = {x.shock.key: x for x in begun.stressed}
    ended = largest_termination(begun.district, begun.members, begun.ahead, begun.pack)
    assert ended.year >= 2022
    base, hit = found["base"], found["largest_terminated"]
    at = int(ended.year - 2022)
    assert (hit.spending - base.spending)[at] == pytest.approx(ended.amount)
    assert hit.standing.ratio[at] >= base.standing.ratio[at]
    assert np.array_equal(hit.spending[:at], base.spending[:at])
    for stressed in begun.stressed:
        assert all(year is None or year >= 2022 for year in stressed.crossed.values())


def test_a_contract_that_is_over_costs_nothing_more(begun):
    late = np.arange(2040, 2045)
    assert largest_termination(begun.district, begun.members, late, begun.pack) is None


def test_the_share_of_the_company_is_carried_into_the_forecast(begun):
    member = in_whole_cents(begun.members[0])
    past = member.years < 2022
    held = (
        member.flows["government_equity"][past].sum()
        + member.government_share * member.flows["net_profit"][past].sum()
        - member.flows["government_distributions"][past].sum()
    )
    found = begun.statements
    moved = [found.cash["equity_paid"][0, 1], found.income["company_profit"][0, 1], -found.cash["received"][0, 1]]
    assert held > 0.0 and found.balance["shares"][0, 1] == pytest.approx(held + sum(moved))
    assert not found.balance["shares"][:, 0].any()


def test_the_first_year_is_checked_too(begun):
    """Net worth before the forecast: cash and the share less debt; the first year's change has to lead from there."""
    found = begun.statements
    shares = (
        found.balance["shares"][0]
        - (found.cash["equity_paid"] + found.income["company_profit"] - found.cash["received"])[0]
    )
    opening = 500.0 + shares - 1500.0
    assert found.balance["net_worth"][0] - opening == pytest.approx(found.income["change_of_net_worth"][0])


def test_a_project_begun_before_the_first_budget_year_is_past_up_to_then(plain, tmp_path):
    """Closed in 2018 where budgets begin in 2020: its earlier spending is in no figure by year, and its share of the company is."""
    (tmp_path / "up.yaml").write_text(
        (ROAD % ("2018-01-01", 11)).replace("2019-06-01", "2017-06-01").replace("district: plain.yaml\n", ""),
        encoding="utf-8",
    )
    found = study(plain(MORE), 256)
    (member,) = found.members
    assert member.years[0] == 2018 and found.years[0] == 2020 and found.complete
    late = member.years >= 2020
    assert found.spending.sum() == pytest.approx(member.spending[late].sum(), abs=0.02)
    assert member.spending[~late].sum() > 1.0  # equity and risk while it was built
    past = member.years < 2022
    held = (
        member.flows["government_equity"] + 0.2 * member.flows["net_profit"] - member.flows["government_distributions"]
    )[past].sum()
    accounts = found.statements
    moved = accounts.cash["equity_paid"] + accounts.income["company_profit"] - accounts.cash["received"]
    first = (accounts.balance["shares"] - moved)[0, 1]
    assert first == pytest.approx(held, abs=0.02)
