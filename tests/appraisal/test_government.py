"""The government's side: four responsibilities, the reference project, and the mirror of the company's
accounts."""

import numpy as np
import pytest

import ppp

WAN = 10_000.0


@pytest.fixture
def lines(project):
    return lambda **changes: ppp.evaluate(project(**changes)).lines


def test_what_the_government_books_is_what_the_company_books(lines):
    made = lines()
    np.testing.assert_array_equal(made["operating_subsidy"], made["government_payment"])
    assert made["operating_subsidy"].sum() > 0


def test_the_government_pays_in_its_share_of_the_equity(lines):
    made = lines()
    np.testing.assert_allclose(made["government_equity"], 0.20 * made["equity"], rtol=1e-15)


def test_the_government_receives_its_share_of_distributions_and_does_not_count_it(lines):
    made = lines()
    np.testing.assert_allclose(made["government_distributions"], 0.20 * made["distributions"], rtol=1e-15)
    without = lines(funding={"government_share": "0%"})
    saved = made["fiscal_spending"].sum() - without["fiscal_spending"].sum()
    assert saved == pytest.approx(0.20 * made["equity"].sum(), rel=1e-12)


def test_fiscal_spending_is_the_sum_of_four_responsibilities(lines):
    made = lines(support={"land": {"name": "Land", "phase": "construction", "cost": 100, "paid": 30}})
    four = made["government_equity"] + made["operating_subsidy"] + made["retained_risk"] + made["supporting_input"]
    np.testing.assert_allclose(made["fiscal_spending"], four, rtol=1e-15)


def test_support_counts_for_what_the_company_does_not_pay(lines):
    made = lines(support={"land": {"name": "Land", "phase": "construction", "cost": 100, "paid": 30}})
    np.testing.assert_allclose(made["supporting_input"][:4, 0] / WAN, [0, 0.40 * 70, 0.60 * 70, 0], rtol=1e-14)


def test_a_capital_grant_is_support_by_the_government(lines):
    made = lines(funding={"grant": 200})
    np.testing.assert_allclose(made["supporting_input"][:4, 0] / WAN, [0, 0.40 * 200, 0.60 * 200, 0], rtol=1e-14)


def test_risk_is_valued_on_the_reference_project_and_shared(lines):
    """10 % of 1100, spent 40 and 60 %, and 5 % of 60 a year; the company bears 80 and 40 % of them."""
    made = lines()
    np.testing.assert_allclose(made["transferred_risk"][:4, 0] / WAN, [0, 0.8 * 44, 0.8 * 66, 0.4 * 3], rtol=1e-13)
    np.testing.assert_allclose(made["retained_risk"][:4, 0] / WAN, [0, 0.2 * 44, 0.2 * 66, 0.6 * 3], rtol=1e-13)


def test_without_a_reference_project_risk_is_valued_on_the_project_itself(lines):
    made = lines(comparator=None)
    np.testing.assert_allclose(made["retained_risk"][:4, 0] / WAN, [0, 0.2 * 40, 0.2 * 60, 0.6 * 2.5], rtol=1e-13)


def test_a_risk_by_scenarios_costs_its_expected_value_every_year_of_its_phase(lines):
    law = {"name": "Law", "category": "policy", "phase": "operation", "transferred": "25%"}
    made = lines(
        risks={"law": law | {"outcomes": [{"probability": "90%", "cost": 0}, {"probability": "10%", "cost": 200}]}}
    )
    plain = lines()
    extra = (made["retained_risk"] - plain["retained_risk"])[:, 0] / WAN
    np.testing.assert_allclose(extra, [0, 0, 0] + [0.75 * 0.10 * 200] * 10, atol=1e-9)


def test_the_reference_project_earns_what_users_pay_unless_it_says_otherwise(lines):
    assert lines()["psc_revenue"][3, 0] / WAN == pytest.approx(60)
    given = lines(comparator={"third_party_revenue": 25, "disposal": 40})["psc_revenue"][:, 0] / WAN
    assert given[3] == pytest.approx(25)
    assert given[-1] == pytest.approx(25 + 40)


def test_competitive_neutrality_adds_what_the_government_saves(lines):
    land = {"name": "Land", "phase": "construction", "amount": 50}
    taxes = {"name": "Taxes", "phase": "operation", "amount": {"start": 10, "growth": "2%"}}
    made = lines(comparator={"competitive_neutrality": {"land": land, "taxes": taxes}})
    np.testing.assert_allclose(made["neutrality"][:5, 0] / WAN, [0, 0.4 * 50, 0.6 * 50, 10, 10.2], rtol=1e-13)
