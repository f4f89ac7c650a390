import numpy as np
import pytest
import pyxirr

import ppp


@pytest.fixture(scope="module")
def evaluation(params):
    return ppp.evaluate(params("wastewater"))


def test_project_return_is_before_tax_and_before_debt(evaluation):
    lines = evaluation.lines
    flow = (lines["revenue"] - lines["opex"] - lines["lifecycle"] + lines["disposal"] - lines["capex"])[:, 0]
    assert evaluation.results["project_irr"][0] == pytest.approx(pyxirr.irr(flow), rel=1e-9)
    assert evaluation.results["project_npv"][0] == pytest.approx(
        sum(f / 1.045**t for t, f in enumerate(flow)), rel=1e-12
    )


def test_shareholders_return_is_on_what_they_pay_in_and_take_out(evaluation):
    lines = evaluation.lines
    flow = (lines["cfads"] + lines["disposal"] - lines["interest"] - lines["principal"] - lines["equity"])[:, 0]
    assert evaluation.results["equity_irr"][0] == pytest.approx(pyxirr.irr(flow), rel=1e-9)
    assert evaluation.results["equity_npv"][0] == pytest.approx(sum(f / 1.07**t for t, f in enumerate(flow)), rel=1e-9)


def test_a_grant_and_close_costs_are_in_the_project_s_flow(project):
    plain, helped = ppp.evaluate(project()), ppp.evaluate(project(funding={"grant": 100, "close_costs": 20}))
    gained = helped.results["project_npv"][0] - plain.results["project_npv"][0]
    paid = (
        helped.lines["government_payment"] - plain.lines["government_payment"]
    )  # the formula no longer pays for what is granted
    gained -= (paid[:, 0] * 1.05 ** -np.arange(len(paid))).sum()
    assert gained / 10_000 == pytest.approx(100 * (0.4 / 1.05 + 0.6 / 1.05**2) - 20, rel=1e-9)


def test_the_average_cover_is_over_debt_years_only(project):
    result = ppp.evaluate(project())
    lines = result.lines
    debt_years = slice(3, 3 + 8)
    covers = (lines["cfads"] / np.where(lines["debt_service"] > 0, lines["debt_service"], 1))[debt_years, 0]
    assert result.results["dscr_average"][0] == pytest.approx(covers.mean(), rel=1e-12)
    assert result.results["dscr_min"][0] == pytest.approx(covers.min(), rel=1e-12)


def test_a_company_without_debt_has_no_cover(project):
    bare = project(funding={"government_share": "20%", "debt": None})
    assert "dscr_min" not in ppp.evaluate(bare).results


def test_no_gearing_allowed_leaves_nothing_to_cover(project):
    none = ppp.evaluate(project(funding={"debt": {"max_gearing": "0%"}}))
    assert np.isnan(none.results["dscr_min"][0]) and np.isnan(none.results["llcr"][0])
    assert none.sound.all()


def test_sculpted_debt_has_one_cover_by_every_measure(project):
    result = ppp.evaluate(project()).results
    assert result["dscr_min"][0] == pytest.approx(result["dscr_average"][0], rel=1e-9)
    assert result["llcr"][0] == pytest.approx(result["dscr_min"][0], rel=1e-9)
    assert result["plcr"][0] > result["llcr"][0]


def test_gearing_is_debt_over_debt_and_equity(project):
    result = ppp.evaluate(project())
    assert result.results["gearing"][0] == pytest.approx(0.70, rel=1e-11)
    assert result.tranches[0].binding[0] == "gearing"
    assert result.results["uses_total"][0] == pytest.approx(
        result.results["debt"][0] + result.results["equity_total"][0], rel=1e-13
    )
