"""A project explored by hand: its dials, values that are taken or refused, the differences shown, what is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import ppp
from ppp.appraisal.dials import MOST, dials, value_of
from ppp.appraisal.exploration import Exploration
from ppp.quantities import given
from ppp.scalars import plain_scalar
from ppp.trial import tried

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = sorted((ROOT / "params").glob("*.yaml"))


@pytest.fixture
def file(tmp_path) -> Path:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    return tmp_path / "params" / "wastewater.yaml"


@pytest.fixture
def state(file) -> Exploration:
    return Exploration(file)


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_every_project_has_a_dozen_dials_that_stand_on_its_values_and_move_something(path):
    project = ppp.load(path)
    found = dials(project)
    assert len(found) == MOST and set(project.ranges) <= {dial.key for dial in found}
    before = ppp.evaluate(project).results
    for dial in found:
        value = value_of(project, dial.key)
        steps = (dial.shown(value) - dial.low) / dial.step
        assert abs(steps - round(steps)) < 1e-6, dial  # a slider would move what lies between its steps
        assert dial.low <= dial.shown(value) <= dial.high and dial.low < dial.high
        assert value_of(tried(project, {dial.key: plain_scalar(dial.text(value))}), dial.key) == value
        moved = []
        for end in (dial.low, dial.high):
            changed = tried(project, {dial.key: plain_scalar(dial.written(end))})
            after = ppp.evaluate(changed).results
            moved.append(any(not np.array_equal(before[key], after[key], equal_nan=True) for key in before))
        assert any(moved), dial.key


def test_a_dial_with_a_range_goes_no_further_than_the_file_says(state):
    dial = state.dial("discounting.rate")
    assert dial.ranged and (dial.low, dial.high) == (3.5, 6.0) and dial.kind == "rate"
    assert dial.written(4.55) == "4.55%" and state.dial("funding.debt.tenor").written(18.0) == "18 years"


def test_a_change_gives_what_the_model_gives_for_it(state, file):
    assert state.set("construction.capex", "33000") and state.set("discounting.rate", "5%")
    expected = ppp.evaluate(
        ppp.load(file), {"construction.capex": np.array([33000.0]), "discounting.rate": np.array([0.05])}
    ).results
    base = ppp.evaluate(ppp.load(file)).results
    for figure in state.figures:
        assert figure.value == pytest.approx(float(expected[figure.key][0]), rel=1e-9)
        assert figure.difference == pytest.approx(float(expected[figure.key][0] - base[figure.key][0]), abs=1e-6)
    assert not state.failing_checks


def test_differences_are_from_the_files_base_case_also_under_a_scenario(state):
    base = {figure.key: figure.value for figure in state.figures}
    state.choose("adverse")
    assert {figure.key: figure.base for figure in state.figures} == base
    assert state.verdict.outcome == "not_recommended"


def test_back_to_where_it_stood_is_no_change(state):
    before = [figure.value for figure in state.figures]
    state.set("construction.capex", "33000")
    for same in ("30600", "30600.0"):
        assert state.set("construction.capex", "33000") and state.set("construction.capex", same)
        assert not state.changes and [figure.value for figure in state.figures] == before


@pytest.mark.parametrize(
    "key, said, why",
    [
        ("discounting.rate", "5", "may be a percentage or a fraction, given 5; write 5% or 0.05"),
        ("discounting.rate", "200%", f"is out of range, {given('200%')}"),
        ("discounting.rate", "abc", "is not a number, given abc"),
        ("discounting.rate", "", "it is empty"),
        ("discounting.rate", "１%", "is not a number"),
        ("construction.capex", "-5", "is out of range, given -5"),
        ("construction.capex", "1e9", "exponents are not read"),
        ("construction.capex", "30,600", "digit separators are not read"),
        ("funding.debt.tenor", "0 years", "tenor must be at least 1 month"),
        ("funding.debt.tenor", "40 years", "is longer than operation, given 40 years"),
    ],
)
def test_a_bad_value_is_refused_in_the_words_of_the_files_and_moves_nothing(state, key, said, why):
    state.set("users.demand.times", "0.9")
    before, text = [figure.value for figure in state.figures], state.text(key)
    assert not state.set(key, said)
    assert why in state.refused[key] and not state.refused[key].startswith(key)
    assert [figure.value for figure in state.figures] == before and state.text(key) == text
    with pytest.raises(ppp.InputError, match="refused above"):
        state.save("mine")
    assert state.set(key, text) and not state.refused


def test_what_is_saved_is_what_stands_and_nothing_else_of_the_file_changes(state, file):
    before = file.read_text(encoding="utf-8")
    state.choose("adverse")
    state.set("users.demand.times", "0.9")
    state.set("funding.debt.tenor", "18 years")
    figures = [figure.value for figure in state.figures]
    state.save(" milder ", "Milder than feared")
    assert state.scenario == "milder" and not state.changes
    assert [figure.value for figure in state.figures] == figures
    assert [figure.value for figure in Exploration(file, "milder").figures] == figures
    assert file.read_text(encoding="utf-8").startswith(before)  # the scenarios stand last in this file


@pytest.mark.parametrize(
    "name, why",
    [
        ("adverse", "there is a scenario adverse already; allowed: another name"),
        ("base", "there is a scenario base already"),
        ("two words", "is not an identifier"),
        ("", "is not an identifier"),
        ("draw-7", "is the name of a draw"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(state, file, name, why):
    before = file.read_bytes()
    state.set("users.demand.times", "0.9")
    with pytest.raises(ppp.InputError, match=why):
        state.save(name)
    assert file.read_bytes() == before and state.changes and not list(file.parent.glob(".saving-*"))


def test_nothing_changed_is_nothing_to_save(state, file):
    with pytest.raises(ppp.InputError, match="nothing is changed"):
        state.save("mine")
    assert "mine" not in file.read_text(encoding="utf-8")


def test_the_simulation_is_that_of_the_scenario_once_saved(state, file):
    state.set("users.demand.times", "0.9")
    drawn = state.simulate(512)
    assert state.judged_whole and state.verdict is drawn.verdict
    unmoved = ppp.simulate(ppp.load(file), 512)
    assert drawn.simulation.mean("fiscal_total").value > unmoved.mean("fiscal_total").value  # fewer users pay less
    state.save("mine")
    assert not state.judged_whole
    again = ppp.appraise(ppp.load(file, "mine"), 512)
    assert again.verdict.outcome == drawn.verdict.outcome and again.verdict.reservations == drawn.verdict.reservations
    for key, values in drawn.simulation.results.items():
        assert np.array_equal(values, again.simulation.results[key], equal_nan=True), key


def test_a_move_after_the_simulation_makes_it_old(state):
    state.simulate(256)
    state.set("users.demand.times", "0.9")
    assert not state.judged_whole


def test_the_loan_is_no_dial_where_a_scenario_holds_it(file):
    text = file.read_text(encoding="utf-8").replace("  adverse:\n", "  adverse:\n    loan: held\n")
    file.write_text(text, encoding="utf-8")
    state = Exploration(file, "adverse")
    assert {"funding.debt.dscr", "funding.debt.tenor", "funding.debt.max_gearing"}.isdisjoint(
        dial.key for dial in state.dials
    )
    assert "funding.debt.rate" in {dial.key for dial in state.dials}
    state.set("funding.debt.rate", "5%")
    state.save("mine")
    assert "loan: held" in file.read_text(encoding="utf-8").split("  mine:")[1]


def test_an_unknown_scenario_and_a_draw_are_refused(file):
    for scenario, why in (("advers", "there is no such scenario"), ("draw-3", "a draw is opened by ppp report")):
        with pytest.raises(ppp.InputError, match=why):
            Exploration(file, scenario)
