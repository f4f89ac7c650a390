"""Debt, cash, statements and stress tests, each by a plain second calculation."""

from dataclasses import replace

import numpy as np
import pytest

from ppp.district import Listed
from ppp.portfolio.budgets import budgets
from ppp.portfolio.debt_path import debt_path
from ppp.portfolio.debt_risk import standing
from ppp.portfolio.files import rules_of
from ppp.portfolio.liabilities import statements
from ppp.portfolio.packs import debt_rules
from ppp.portfolio.pool import in_whole_cents
from ppp.portfolio.stress import largest_termination, stress
from ppp.portfolio.study import study
from tests.portfolio.conftest import member

PARTS = ["revenue", "transfers", "fund_revenue", "capital_revenue"]
DEBT = """\
reserves: 50
debt:
  general: {outstanding: 900, rate: 4%, principal: [100, 200, 300], refinanced: 80%, floating: 25%}
  special: {outstanding: 600, rate: 3%, principal: [60, 60], refinanced: 50%, borrowing: [40]}
"""
YEARS = np.arange(2022, 2032)


@pytest.fixture
def district(plain):
    return plain(DEBT).district


def path_of(district, added=0.0, cases=1, **more):
    forecast = budgets(district, rules_of(district), YEARS)
    return debt_path(district, forecast, PARTS, np.full((YEARS.size, cases), added), **more)


def by_hand(district, added: float, rate_added: float = 0.0, revenue_change: float = 0.0, rigid: float = 1.0):
    """The same in plain loops: closing debt of each kind, cash, and interest, by year."""
    old = {"general": 900.0, "special": 600.0}
    new = {"general": 0.0, "special": 0.0}
    planned_old, planned_new = dict(old), dict(new)
    rate, floating = {"general": 0.04, "special": 0.03}, {"general": 0.25, "special": 0.0}
    due = {"general": [100.0, 200.0, 300.0], "special": [60.0, 60.0]}
    part, fresh = {"general": 0.8, "special": 0.5}, {"general": [], "special": [40.0]}
    cash, rows = 50.0, []
    for t in range(YEARS.size):
        interest = sum(old[k] * (rate[k] + floating[k] * rate_added) + new[k] * (rate[k] + rate_added) for k in old)
        planned = sum((planned_old[k] + planned_new[k]) * rate[k] for k in old)
        revenue = 1420.0 * (1.0 + revenue_change)
        other = 1390.0 * (1.0 + revenue_change * (1.0 - rigid)) - planned
        gap_interest = max(-cash, 0.0) * (rate["general"] + rate_added)
        cash += revenue - other - interest - gap_interest - added
        for k in old:
            repaid = due[k][t] if t < len(due[k]) else 0.0
            issued = repaid * part[k] + (fresh[k][t] if t < len(fresh[k]) else 0.0)
            cash += issued - repaid
            old[k], new[k] = old[k] - repaid, new[k] + issued
            planned_old[k], planned_new[k] = planned_old[k] - repaid, planned_new[k] + issued
        rows.append((old["general"] + new["general"], old["special"] + new["special"], cash, interest + gap_interest))
    return np.array(rows)


@pytest.mark.parametrize(
    "case",
    [
        {"added": 0.0},
        {"added": 60.0},
        {"added": 60.0, "rate_added": 0.02},
        {"added": 10.0, "revenue_change": -0.1, "rigid": 0.5},
        {"added": 10.0, "revenue_change": -0.2, "rigid": 1.0},
    ],
)
def test_the_path_is_that_of_a_plain_loop(district, case):
    arrays = {k: np.array([v]) for k, v in case.items() if k in ("rate_added", "revenue_change")}
    path = path_of(district, case["added"], **arrays, rigid=case.get("rigid", 1.0))
    found = np.column_stack(
        [x[:, 0] for x in (path.general.closing, path.special.closing, path.net_cash, path.interest)]
    )
    assert found == pytest.approx(by_hand(district, **case), rel=1e-12)


def test_a_gap_is_debt_and_what_is_unpaid_is_named(district):
    path = path_of(district, 200.0)
    first = int(np.argmax(path.gap[:, 0] > 0))
    assert first == 0 and path.gross_debt[0, 0] == pytest.approx(
        path.general.closing[0, 0] + path.special.closing[0, 0] + path.gap[0, 0]
    )
    service = path.interest[0, 0] + path.principal[0, 0]
    assert path.unpaid[0, 0] == pytest.approx(min(path.gap[0, 0] / service, 1.0))
    rich = path_of(district, -200.0)
    assert not rich.unpaid.any() and not rich.gap.any()


def test_before_the_forecast_nothing_moves(plain):
    district = plain(DEBT).district
    forecast = budgets(district, rules_of(district), np.arange(2020, 2025))
    path = debt_path(district, forecast, PARTS, np.zeros((5, 1)))
    assert (path.net_cash[:2] == 50.0).all() and (path.general.principal[:2] == 0.0).all()
    assert path.general.principal[2, 0] == 100.0 and not path.interest[:2].any()


def test_the_statements_agree_and_the_balance_sheet_is_found_another_way(district):
    forecast = budgets(district, rules_of(district), YEARS)
    project = member(
        "road",
        2022,
        government_equity=[20.0, 10.0, 0.0, 0.0],
        operating_subsidy=[0.0, 0.0, 30.0, 40.0],
        net_profit=[0.0, -5.0, 10.0, 20.0],
        government_distributions=[0.0, 0.0, 2.0, 9.0],
    )
    halved = district.model_copy(update={"found_within_budget": 0.5})
    found = statements(halved, forecast, [project], np.full(YEARS.size, 3.0), PARTS)
    assert found.balanced < 1e-15
    for case, (share, calls) in enumerate([(0.0, 0.0), (1.0, 0.0), (1.0, 3.0)]):
        spent = share * project.on(YEARS, "fiscal_spending")
        other = by_hand(halved, 0.0)
        moved = share * project.on(YEARS, "government_distributions") - 0.5 * spent - calls
        gap_interest = found.path.gap_interest[:, case]
        cash = other[:, 2] + np.cumsum(moved - gap_interest)
        assert found.path.net_cash[:, case] == pytest.approx(cash, rel=1e-12)
        shares = np.cumsum(
            share * (project.on(YEARS, "government_equity") + 0.4 * project.on(YEARS, "net_profit"))
            - share * project.on(YEARS, "government_distributions")
        )
        assert found.balance["shares"][:, case] == pytest.approx(shares)
        assert found.balance["net_debt"][:, case] == pytest.approx(other[:, 0] + other[:, 1] - cash)


def test_without_projects_with_and_without_are_the_same(district):
    forecast = budgets(district, rules_of(district), YEARS)
    found = statements(district, forecast, [], np.zeros(YEARS.size), PARTS)
    for part in (found.income, found.cash, found.balance):
        for values in part.values():
            assert (values == values[:, :1]).all()


# colours, triggers, grades


def test_colours_change_exactly_at_their_lines(district):
    pack = debt_rules()
    for ratio, colour in ((1.19, "green"), (1.2, "yellow"), (1.999, "yellow"), (2.0, "orange"), (3.0, "red")):
        path = path_of(district)
        scaled = replace(path, capacity=path.gross_debt / ratio)
        assert set(standing(district, scaled, 0, pack).colours) == {colour}


def test_reorganisation_begins_above_ten_percent(district):
    path = path_of(district)
    interest = path.general.interest + path.gap_interest
    at = replace(path, expenditure_general=interest / 0.1)
    above = replace(path, expenditure_general=interest / 0.1001)
    assert not standing(district, at, 0, debt_rules()).triggered["interest_share_general"].any()
    assert standing(district, above, 0, debt_rules()).triggered["interest_share_general"].all()


@pytest.mark.parametrize(
    "places, grade",
    [
        ("", "IV"),
        ("places: {all: 100, in_default: 0}", "IV"),
        ("places: {all: 100, in_default: 1}", "III"),
        ("places: {all: 100, in_default: 9}", "II"),
        ("places: {all: 100, in_default: 14}", "I"),
    ],
)
def test_the_grade_follows_the_places_of_the_province(plain, places, grade):
    """The district counts itself: nine others of a hundred and this one are ten percent."""
    district = plain(DEBT + places).district
    found = standing(district, path_of(district, 200.0), 0, debt_rules())
    assert found.gravest.grade == grade
    assert standing(district, path_of(district, -200.0), 0, debt_rules()).gravest is None


# stress tests


def stressed(portfolio) -> dict:
    return {x.shock.key: x for x in study(portfolio, 256).stressed}


def test_every_shock_moves_what_it_should(dalian):
    found = {x.shock.key: x for x in dalian.stressed}
    base = found["base"]
    assert set(found) == {"base", *(shock.key for shock in debt_rules().stress)}
    for key in ("revenue_10", "revenue_20", "no_growth"):
        assert found[key].peak > base.peak
        assert found[key].standing.ratio.max() > base.standing.ratio.max() - 1e-12
    assert found["revenue_20"].peak > found["revenue_10"].peak
    rates = found["rates_200"]
    assert np.array_equal(rates.spending, base.spending) and np.array_equal(rates.budget, base.budget)
    later = slice(1, None)
    assert (rates.standing.interest_share_special[later] > base.standing.interest_share_special[later]).all()
    assert found["revenue_10"].budget == pytest.approx(base.budget * 0.95)  # half of the fall is followed


def test_guarantees_called_together_fall_in_one_year(dalian):
    found = {x.shock.key: x for x in dalian.stressed}
    more = found["guarantees_called"].spending - found["base"].spending
    assert (more > 0).sum() == 1


def test_a_guarantee_outside_ppp_costs_cash_and_debt_and_no_part_of_the_cap(plain):
    """The cap is on PPP spending alone: 300 called on a budget of 1000 is debt, not a share of 30 %."""
    loan = "guarantees: {loan: {name: Loan, from_year: 2023, outstanding: [300, 200], probability: 2%}}"
    found = stressed(plain(f"{DEBT}\n{loan}"))
    base, called = found["base"], found["guarantees_called"]
    assert np.array_equal(called.spending, base.spending)
    assert called.crossed["affordability_cap"] is None
    assert (called.standing.ratio > base.standing.ratio).any()


def test_the_dearest_contract_ends_and_its_later_spending_with_it(dalian):
    found = {x.shock.key: x for x in dalian.stressed}
    ended = largest_termination(dalian.district, dalian.members, dalian.years, dalian.pack)
    assert ended.member.id == "urban-road"
    more = found["largest_terminated"].spending - found["base"].spending
    at = int(ended.year - dalian.years[0])
    assert more[at] == pytest.approx(ended.amount) and not more[:at].any()
    assert more[at + 1 :] == pytest.approx(-ended.member.on(dalian.years, "fiscal_spending")[at + 1 :])


def test_a_crossed_line_is_the_first_year_above_it(dalian):
    for x in dalian.stressed:
        share = x.spending / x.budget
        for line in dalian.lines:
            years = dalian.years[share > line.limit]
            assert x.crossed[line.key] == (int(years[0]) if years.size else None)


def test_a_district_without_guarantees_is_stressed_too(plain):
    found = stressed(plain(DEBT))
    assert np.array_equal(found["guarantees_called"].spending, found["base"].spending)
    assert np.array_equal(found["largest_terminated"].spending, found["base"].spending)


def test_a_shock_is_one_case_of_the_model_and_alone_gives_the_same(dalian):
    pack = dalian.pack
    rules = rules_of(dalian.district)
    promised = sum(dalian.promised.values())
    alone = stress(
        dalian.district, rules, dalian.budgets, [in_whole_cents(m) for m in dalian.members], promised,
        dalian.simulated.together,
        pack.model_copy(update={"stress": [pack.stress[1]]}),
    )  # fmt: skip
    together = next(x for x in dalian.stressed if x.shock.key == pack.stress[1].key)
    assert np.array_equal(alone[1].standing.ratio, together.standing.ratio)


def test_a_project_without_terms_ends_with_the_debt_that_the_pack_assumes(plain):
    """Else the shock would be the forecast itself, and the table would say so of no district."""
    district = plain(DEBT).district
    owing = member(
        "road", 2022, Listed(file="a.yaml"), operating_subsidy=[10.0] * 5, debt_closing=[40.0, 90.0, 60.0, 30.0, 0.0]
    )
    stored = member("plant", 2022, None, debt_closing=[20.0, 120.0, 0.0])
    pack = debt_rules()
    ended = largest_termination(district, [owing], YEARS, pack)
    assert (ended.member.id, ended.cause, ended.year, ended.amount) == ("road", None, 2023, 90.0)
    assert largest_termination(district, [owing], YEARS, pack, [stored]).amount == 120.0
    over = member("old", 2015, Listed(file="a.yaml"), debt_closing=[5.0] * 3)
    assert largest_termination(district, [over], YEARS, pack) is None
