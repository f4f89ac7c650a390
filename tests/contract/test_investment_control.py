"""Control of government investment: the line of each article, and what is missing on the gate sheet."""

from __future__ import annotations

import datetime as dt

import pytest

import ppp
from ppp.contract.handback import handback
from ppp.contract.investment_control import controls, gate_sheet
from ppp.contract.rules import contract_rules
from ppp.contract_terms import Handback, InvestmentControl

from .conftest import PARAMS, with_contract

DAY = dt.date(2024, 12, 31)


def states(tmp_path, expected=0.0, name="school", **terms):
    project = with_contract(name, tmp_path, {"investment_control": terms})
    return {c.key: c.state for c in controls(project, contract_rules(), DAY, expected)}


@pytest.mark.parametrize("design, state", [(1099, "keeps"), (1100, "keeps"), (1100.01, "breaks")])
def test_a_design_estimate_may_be_a_tenth_above_the_feasibility_study(design, state, tmp_path):
    assert states(tmp_path, feasibility=1000, design=design)["design"] == state


def test_nothing_may_be_above_the_approved_estimate_or_advanced(tmp_path):
    found = states(tmp_path, expected=1000.01e4, design=1000, budget=1000, final_account=1001, contractor_advances=1)
    wanted = {"budget": "keeps", "final_account": "breaks", "expected": "breaks", "contractor_advances": "breaks"}
    assert found == {"design": "unknown", **wanted}


def test_another_country_s_projects_are_not_measured_by_these_rules(tmp_path):
    assert states(tmp_path, name="hospital", design=1) == {}


def test_before_the_regulation_there_is_no_line(tmp_path):
    project = with_contract("school", tmp_path, {"investment_control": {"design": 1}})
    assert controls(project, contract_rules(), dt.date(2019, 6, 30), 5.0) == []


def test_the_gate_sheet_lists_what_a_taken_step_lacks():
    entries = [{"gate": "feasibility", "item": "study", "document": "Study", "on": "2020-01-01", "signed_by": "Li"}]
    entries.append({"gate": "feasibility", "item": "site", "document": "Opinion"})
    sheet = gate_sheet(InvestmentControl(reached="feasibility", gates=entries), contract_rules())
    found = {(g.gate.gate, g.item): (g.there, g.missing) for g in sheet}
    assert found["feasibility", "study"] == (True, False)
    assert found["feasibility", "site"] == (False, True)  # no day and nobody signed
    assert found["feasibility", "approval"] == (False, True)
    assert found["design", "estimate"] == (False, False)  # not yet due
    assert len(sheet) == sum(len(gate.items) for gate in contract_rules().gates)


def test_gates_that_nobody_knows_are_refused(tmp_path):
    with pytest.raises(ppp.InputError) as error:
        with_contract("school", tmp_path, {"investment_control": {"gates": [{"gate": "desing", "item": "study"}]}})
    assert "did you mean design" in str(error.value)


def test_handback_costs_what_is_short_and_the_retention_comes_first():
    items = {
        "roof": {"name": "Roof", "required": 80, "found": 79.9, "cost": 100},
        "lifts": {"name": "Lifts", "required": 80, "found": 80, "cost": 50},
        "floors": {"name": "Floors", "required": 80, "cost": 70},
    }
    found = handback(Handback(retention=60, items=items), 1e4)
    assert found.states == {"roof": "short", "lifts": "met", "floors": "not_inspected"}
    assert (found.cost, found.uncovered) == (100e4, 40e4)
    assert handback(Handback(retention=600, items=items), 1e4).uncovered == 0


def test_the_example_is_over_its_approved_estimate():
    from ppp.contract.review import review

    found = review(ppp.load(PARAMS / "reclaimed-water.yaml"))
    assert {c.key for c in found.controls if c.state == "breaks"} == {"final_account", "expected"}
    assert [item.item for item in found.gates if item.missing] == ["final_account"]
