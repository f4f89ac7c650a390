"""Projects side by side: what differs, and what each difference does."""

import numpy as np
import pytest

import ppp
from ppp.appraisal.side_by_side import differences, side_by_side
from ppp.appraisal.side_by_side_summary import kind_of_comparison, summary_of
from ppp.loading import apply_scenario


def scenarios_of(project):
    return [project, *(apply_scenario(project, name) for name in project.scenarios)]


def test_what_differs_is_what_the_scenario_says(params):
    base = params("wastewater")
    found = {".".join(d.path): d.values for d in differences([base, apply_scenario(base, "adverse")])}
    assert found == {
        "construction.capex": (30600.0, 33660.0),
        "users.demand.times": (1.0, 0.85),
        "funding.debt.rate": (0.046, 0.056),
    }


def test_nothing_differs_from_itself(params):
    found = side_by_side([params("school"), params("school")])
    assert found.differences == [] and found.moved[0].alone == []
    assert all(change == 0.0 for change in found.moved[0].whole.values())


@pytest.mark.parametrize("name", ["wastewater", "waste-to-energy", "hospital", "us-highway"])
def test_the_effects_and_what_only_all_do_add_up_to_the_whole(params, name):
    for moved in side_by_side(scenarios_of(params(name))).moved:
        for key, whole in moved.whole.items():
            alone = sum(effect.effects[key] for effect in moved.alone if effect.effects)
            assert alone + moved.together(key) == pytest.approx(whole, rel=1e-9, abs=1e-9, nan_ok=True)
            second = moved.side.evaluation.results[key][0]
            first = ppp.evaluate(params(name)).results[key][0]
            assert whole == pytest.approx(second - first, nan_ok=True)


def test_an_effect_is_the_evaluation_with_that_input_alone(params):
    base = params("wastewater")
    moved = side_by_side([base, apply_scenario(base, "worst")]).moved[0]
    effects = {".".join(e.difference.path): e.effects for e in moved.alone}
    for key, value in (("construction.capex", 36720.0), ("operation.opex.times", 1.15)):
        alone = ppp.evaluate(base, {key: np.array([value])})
        expected = alone.results["vfm_amount"][0] - ppp.evaluate(base).results["vfm_amount"][0]
        assert effects[key]["vfm_amount"] == pytest.approx(expected, rel=1e-9)


def test_what_cannot_stand_alone_is_said_and_counts_as_together(project):
    """Three construction years need three shares: neither change is a valid file without the other."""
    longer = {"timeline": {"construction": "3 years"}, "construction": {"spending": ["30%", "30%", "40%"]}}
    base = project(scenarios={"longer": longer})
    moved = side_by_side([base, apply_scenario(base, "longer")]).moved[0]
    assert [effect.effects for effect in moved.alone] == [None, None]
    assert moved.together("vfm_amount") == moved.whole["vfm_amount"] != 0.0


def test_a_held_loan_is_a_difference_of_its_own(project):
    change = {"users": {"payments": 180}}
    base = project(
        payment={"kind": "user_pay"}, users={"payments": 200}, scenarios={"held": {**change, "loan": "held"}}
    )
    found = side_by_side([base, apply_scenario(base, "held")])
    assert {".".join(d.path) for d in found.differences} == {"users.payments.start", "loan"}
    assert found.moved[0].whole["debt"] == pytest.approx(0.0, abs=1e-3)
    assert found.moved[0].whole["dscr_min"] < 0.0


def test_two_versions_of_a_file_are_compared_with_their_districts(project, tmp_path):
    before = project()
    after = project(operation={"opex": 55}, risks={"overrun": {"ratio": "12%"}}, budget={"growth": "3%"})
    found = side_by_side([before, after], ["before", "after"])
    paths = {".".join(d.path) for d in found.differences}
    assert {"operation.opex.start", "risks.overrun.ratio", "district"} == paths
    effects = {".".join(e.difference.path): e.effects for e in found.moved[0].alone}
    assert effects["district"]["vfm_amount"] == 0.0 and effects["district"]["share_peak"] != 0.0
    assert effects["risks.overrun.ratio"]["vfm_amount"] != 0.0


def test_a_key_that_only_one_side_has_is_compared_whole(project):
    found = side_by_side([project(), project(tax=None)])
    (difference,) = found.differences
    assert difference.path == ("tax",) and difference.values[1] is None


def test_different_projects_stand_side_by_side_without_effects(params):
    found = side_by_side([params("school"), params("hospital")])
    assert found.moved == [] and kind_of_comparison(found) == "projects"
    assert [side.name for side in found.sides] == [side.project.id for side in found.sides] == ["school", "hospital"]
    with pytest.raises(ValueError, match="needs two"):
        side_by_side([params("school")])


def test_the_summary_is_plain_data(params):
    import json

    for projects in (scenarios_of(params("waste-to-energy")), [params("school"), params("hospital")]):
        text = json.dumps(summary_of(side_by_side(projects)), allow_nan=False)
        assert "results" in text
