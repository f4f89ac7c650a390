"""Changes that no file holds yet, and keeping them as a scenario over another."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

import ppp
from ppp.trial import tried

ROOT = Path(__file__).resolve().parent.parent
WASTEWATER = ROOT / "params" / "wastewater.yaml"
CHANGES = {"construction.capex": 33000, "discounting.rate": "5%", "funding.debt.tenor": "18 years"}


@pytest.fixture
def file(tmp_path) -> Path:
    """The wastewater project on its own, with a comment inside a scenario and a scenario after it."""
    text = WASTEWATER.read_text(encoding="utf-8").replace("  worst:\n", "  # what the engineers fear\n  worst:\n")
    path = tmp_path / "plant.yaml"
    path.write_text(text.replace("district: districts/dalian-illustrative.yaml\n", ""), encoding="utf-8")
    return path


def results(project) -> dict[str, float]:
    return {key: float(values[0]) for key, values in ppp.evaluate(project).results.items()}


@pytest.mark.parametrize("scenario", [None, "adverse"])
def test_what_is_tried_is_what_the_saved_scenario_gives(file, scenario):
    expected = results(tried(ppp.load(file, scenario), CHANGES))
    ppp.save_scenario(file, "mine", CHANGES, under=scenario)
    assert results(ppp.load(file, "mine")) == expected
    assert expected != results(ppp.load(file, scenario))


def test_saving_over_a_scenario_adds_lines_and_moves_none(file):
    before = file.read_text(encoding="utf-8")
    ppp.save_scenario(file, "milder", {"users.demand.times": 0.9}, title="Milder", under="adverse")
    lines = list(difflib.ndiff(before.splitlines(), file.read_text(encoding="utf-8").splitlines()))
    assert not [line for line in lines if line.startswith("- ")]
    added = "\n".join(line[2:] for line in lines if line.startswith("+ "))
    assert "title: Milder" in added and "Capex +10 %" not in added and "#" not in added
    assert "33660" in added and "5.6%" in added and "0.85" not in added and "0.9" in added


def test_a_source_does_not_vouch_for_another_value(file):
    text = file.read_text(encoding="utf-8")
    sourced = "construction: {capex: {value: 33660, source: Bid}}\n    users: {demand: {value: {times: 0.85}, source: Survey}}"
    text = text.replace("construction: {capex: 33660}\n    users: {demand: {times: 0.85}}", sourced)
    file.write_text(text, encoding="utf-8")
    ppp.save_scenario(file, "mine", {"users.demand.times": 0.9}, under="adverse")
    told = ppp.load(file, "mine")._origin.provenance
    assert told["construction.capex"]["source"] == "Bid"
    assert not any(key.startswith("users.demand") for key in told)


def test_every_problem_of_what_is_tried_is_told_at_its_key(file):
    with pytest.raises(ppp.InputError) as refused:
        tried(ppp.load(file), {"discounting.rate": "200%", "construction.capex": -1})
    assert {problem.field for problem in refused.value.problems} == {"discounting.rate", "construction.capex"}
    with pytest.raises(KeyError):
        tried(ppp.load(file), {"construction.cappex": 1})


def test_the_loan_that_a_scenario_holds_stays_held(file):
    text = file.read_text(encoding="utf-8").replace("  adverse:\n", "  adverse:\n    loan: held\n")
    file.write_text(text, encoding="utf-8")
    base = results(ppp.load(file))
    tried_now = results(tried(ppp.load(file, "adverse"), {"users.demand.times": 0.8}))
    assert tried_now["debt"] == pytest.approx(base["debt"], rel=1e-12)
    assert tried_now["dscr_min"] < base["dscr_min"]
