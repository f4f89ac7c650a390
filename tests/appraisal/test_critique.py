import numpy as np
import pytest

import ppp
from ppp.appraisal.criteria import passes
from ppp.appraisal.verdict import RECOMMENDED, RESERVATIONS
from ppp.loading import apply_scenario


def reasons(appraisal, key):
    return [reason for reason in appraisal.verdict.reservations if reason.key == key]


def test_a_scenario_that_fails_what_the_file_passes_is_a_reservation(params):
    plant = params("wastewater")
    appraisal = ppp.appraise(plant, 16)
    for name, failing in appraisal.critique.scenarios.items():
        answers = passes(ppp.evaluate(apply_scenario(plant, name)))
        assert failing == [test for test, passed in answers.items() if not passed.all()]
    assert {reason.values["scenario"][1]["en"] for reason in reasons(appraisal, "fails_in_scenario")} == {
        plant.scenarios[name]["title"]["en"] for name in ("adverse", "worst")
    }
    assert appraisal.verdict.outcome == RESERVATIONS


def test_what_the_file_fails_itself_is_no_reservation_of_a_scenario(params):
    road = ppp.appraise(params("urban-road"), 16)
    assert {reason.values["test"][1] for reason in reasons(road, "fails_in_scenario")} == {"value_for_money"}
    assert "affordability" in road.critique.scenarios["adverse"]


def test_scenarios_that_pass_leave_a_recommendation_alone(params):
    school = ppp.appraise(params("school"))
    assert set(school.critique.scenarios) == {"adverse", "worst"} and not any(school.critique.scenarios.values())
    assert school.verdict.outcome == RECOMMENDED


def test_a_scenario_has_no_scenarios_of_its_own(params):
    assert ppp.appraise(apply_scenario(params("wastewater"), "adverse"), 0).critique.scenarios == {}


def test_value_for_money_that_rests_on_risk_is_said_plainly(params, project):
    school = ppp.appraise(params("school"), 16)
    (test,) = (test for test in school.verdict.tests if test.key == "value_for_money")
    (said,) = (reason for reason in test.why if reason.key == "vfm_rests_on_risk")
    without = float(school.evaluation.vfm.amount_without_transferred_risk[0])
    assert without < 0.0 < float(school.evaluation.vfm.amount[0])
    assert said.values["amount"] == ("money", pytest.approx(-without))
    firm = ppp.appraise(project(comparator={"capex": 2000}), 0)
    assert all(reason.key != "vfm_rests_on_risk" for test in firm.verdict.tests for reason in test.why)


def test_how_a_result_may_be_stated_follows_the_draws_then_the_ranges_then_nothing(params, project):
    drawn = ppp.appraise(params("school"), 256)
    low, high = np.percentile(drawn.simulation.vfm, [5, 95])
    stated = drawn.critique.supported
    assert drawn.critique.by == "draws"
    assert abs(stated.low - low) <= stated.step / 2 and abs(stated.high - high) <= stated.step / 2
    by_ranges = ppp.appraise(params("school"), 0)
    ends = [response.vfm for response in by_ranges.ranges]
    assert by_ranges.critique.by == "ranges"
    assert by_ranges.critique.supported.low == pytest.approx(
        min(map(np.min, ends)), abs=by_ranges.critique.supported.step / 2
    )
    without = ppp.appraise(project(), 16).critique
    assert without.supported is None and without.by is None


def test_the_summary_holds_all_of_it_as_plain_data(params):
    import json

    appraisal = ppp.appraise(params("wastewater"), 16)
    summary = json.loads(json.dumps(appraisal.summary, allow_nan=False))
    parts = summary["attribution"]["parts"]
    assert sum(part["value"] for part in parts.values()) == pytest.approx(summary["results"]["vfm_amount"], rel=1e-9)
    rate = summary["switching_values"]["discounting.rate"]
    assert rate["plausible"] == [0.035, 0.06] and rate["plausible_values"] == rate["values"]
    assert summary["switching_values"]["payment.profit_rate"]["plausible_values"] == []
    assert summary["switching_values"]["risk_level"]["plausible_values"] is None
    assert next(book["regime"] for book in summary["rule_books"]) == "cn-2015"
    assert summary["scenarios_failing"]["adverse"] == ["value_for_money"]
    assert summary["supported"]["sign_known"] is False and summary["subsidy"]["implied_irr"] > 0.045


def test_the_new_mechanism_has_the_table_and_no_drivers(params):
    answer = ppp.appraise(params("toll-road"), 16).critique
    assert answer.attribution is None and answer.switching == [] and answer.supported is None
    assert len(answer.rule_books) > 1
