"""Guarantees and termination sums of a project's own file: written as they read, in force unless the district says otherwise."""

import pytest

from ppp.contingent_terms import Contingent, in_force, written
from ppp.district import Listed
from ppp.portfolio.files import load_portfolio
from ppp.problems import InputError

OWN = Contingent.model_validate(
    {
        "revenue_guarantee": {"share": "90%", "volatility": "12.5%", "correlation": -0.3},
        "termination": {"company": {"probability": "0.35%", "debt": "100%", "equity": "1%"}},
    }
)


def test_what_is_written_reads_as_the_same_terms():
    assert written(OWN)["termination"]["company"]["debt"] == "100.0%"
    assert Contingent.model_validate(written(OWN)) == OWN


def test_the_district_replaces_one_and_leaves_the_others():
    entry = Listed(file="a.yaml", revenue_guarantee={"share": "80%", "volatility": "20%"})
    found = in_force(OWN, entry)
    assert found.revenue_guarantee.share == 0.8 and found.termination == OWN.termination
    assert in_force(OWN, None) == OWN and in_force(None, Listed(file="a.yaml")) is None


def test_a_project_file_states_terms_and_says_what_does_not_agree(tmp_path, plain):
    from tests.portfolio.conftest import ROAD

    good = "contingent: {revenue_guarantee: {volatility: 10%}, termination: {company: {probability: 1%, debt: 80%}}}\n"
    bad = "contingent: {termination: {company: {probability: 60%, debt: 80%}, authority: {probability: 50%, debt: 90%}}}\n"
    road = ROAD % ("2022-01-01", "10")
    (tmp_path / "up.yaml").write_text(road + good, encoding="utf-8")
    (member,) = plain("projects: {up: {file: up.yaml}}").members
    assert member.terms.revenue_guarantee.volatility == 0.1 and member.terms.termination.company.debt == 0.8
    (tmp_path / "up.yaml").write_text(road + bad, encoding="utf-8")
    with pytest.raises(InputError, match="contingent: the yearly probabilities of its events add to 110"):
        load_portfolio(tmp_path / "plain.yaml")
