"""Scores and events become payment, through a project file; every mistake in the files is named at its place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ppp
from ppp.appraisal.evaluation import evaluate
from ppp.contract.actuals import Outturn
from ppp.contract.performance import Band, payment_share, rounded_to, year_deduction
from ppp.contract.rules import contract_rules
from ppp.contract.settlement import share_of
from ppp.contract_terms import Contract
from ppp.editor_schema import schema

from .conftest import PARAMS, forecast_rows, with_contract

PUBLISHED = ["nhs-scotland-liability", "unavailability-deduction", "performance-payment"]
INDICATOR = {"name": "Score", "group": "output", "weight": "100%"}
TERMS = {
    "linked": "30%",
    "construction_part": "80%",
    "construction_scale": "r1-park",
    "operation_scale": "r2-park",
    "indicators": {"all": INDICATOR, "built": {**INDICATOR, "phase": "construction"}},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_printed_example_is_reproduced_through_the_public_path(name):
    found = ppp.appraise(ppp.load(PARAMS / "published" / f"{name}.yaml"))
    assert found.printed and [f.figure for f in found.printed if not f.agrees] == []
    assert found.complete


def settled(tmp_path, scores, **terms):
    project = with_contract("school", tmp_path, {"performance": {**TERMS, **terms, "scores": scores}})
    return Outturn(project, evaluate(project).inputs).settlement


@pytest.mark.parametrize("r1, r2", [(100, 100), (75, 100), (100, 65), (62, 71.5)])
def test_pay_is_the_formula_of_the_contract(r1, r2, tmp_path):
    scores = [{"year": 2026, "indicator": "built", "score": r1}, {"year": 2028, "indicator": "all", "score": r2}]
    found = settled(tmp_path, scores)
    shares = [share_of(r1, "r1-park", "on_the_line")[0], share_of(r2, "r2-park", "on_the_line")[0]]
    fee, running = 0.8 * found.entitled[1], 0.2 * found.entitled[1]
    assert found.due[1] == pytest.approx(shares[0] * fee * 0.7 + shares[1] * (running + fee * 0.3))
    assert found.due[0] == pytest.approx(found.entitled[0] * (1 - 0.8 * 0.7 * (1 - shares[0])))


def test_full_scores_pay_the_whole(tmp_path):
    scores = [{"year": 2027 + k, "indicator": "all", "score": 100} for k in range(18)]
    found = settled(tmp_path, scores)
    assert found.due == pytest.approx(found.entitled)


def test_floor_and_cap_hold(tmp_path):
    found = settled(tmp_path, [{"year": 2027, "indicator": "all", "score": 10}], floor="90%")
    assert found.share[0] == pytest.approx(0.9)


@given(st.floats(0, 100), st.floats(0, 100), st.sampled_from(["r1-park", "r2-park", "linear"]))
def test_a_better_score_never_earns_less(one, other, scale):
    low, high = sorted((one, other))
    for reading in ("on_the_line", "whole_points", "nearest_point"):
        assert share_of(low, scale, reading)[0] <= share_of(high, scale, reading)[0] + 1e-12


def test_fractional_scores_are_read_as_the_contract_says():
    scale = [Band(0, 0.0, 0.0), Band(60, 0.6, 0.02), Band(70, 0.8, 0.02), Band(80, 1.0, 0.0)]
    read = {key: float(payment_share(69.5, scale, key)) for key in ("on_the_line", "whole_points", "nearest_point")}
    assert read == pytest.approx({"on_the_line": 0.79, "whole_points": 0.78, "nearest_point": 0.80})


def test_scores_below_60_wait_for_rectification():
    assert share_of(59, "r2-park", "on_the_line") == (0.40, True)
    assert share_of(60, "r2-park", "on_the_line") == (0.60, False)


def test_every_bundled_scale_stays_within_the_whole():
    for scale in contract_rules().scales.values():
        shares = payment_share(np.linspace(0, 100, 2001), [Band(b.score, b.share, b.per_point) for b in scale.bands])
        assert shares.min() >= 0 and shares.max() <= 1 + 1e-12


@given(st.lists(st.floats(0, 5000), max_size=8), st.integers(0, 4), st.floats(1, 5))
def test_a_ratchet_never_lowers_a_deduction_and_the_cap_ends_it(periods, after, factor):
    events = [("room", 30.0, p) for p in periods]
    plain = year_deduction(1e6, 2.0, events, np.inf, 1.0, 1.0)
    ratcheted = year_deduction(1e6, 2.0, events, after, factor, 1.0)
    assert plain <= ratcheted <= 1e6
    assert year_deduction(1e6, 2.0, events, after, factor, 0.25) == min(ratcheted, 0.25e6)
    assert plain == pytest.approx(min(sum(60.0 * p for p in periods), 1e6))


def test_rounding_to_a_step():
    assert [rounded_to(1.98531, step) for step in (0.0, 0.1, 1.0)] == pytest.approx([1.98531, 2.0, 2.0])


def refused(tmp_path, contract, name="school", **changes):
    with pytest.raises(ppp.InputError) as error:
        with_contract(name, tmp_path, contract, **changes)
    return "\n".join(map(str, error.value.problems))


@pytest.mark.parametrize(
    "change, field, said",
    [
        ({"operation_scale": "r3"}, "operation_scale", "is not a scale of the bundled rules"),
        ({"scores": [{"year": 2027, "indicator": "al", "score": 5}]}, "indicator", "did you mean all"),
        ({"scores": [{"year": 2025, "indicator": "all", "score": 5}]}, "year", "is no year of operation"),
        ({"scores": [{"year": 2027, "indicator": "all", "score": 101}]}, "score", "a score from 0 to 100"),
        ({"scores": [{"year": 2027, "indicator": "all", "score": 5}] * 2}, "scores.1", "is scored twice"),
        ({"indicators": {"all": {**INDICATOR, "weight": "90%"}}}, "performance", "add to 90.0000%"),
    ],
)
def test_a_mistake_in_performance_is_named(change, field, said, tmp_path):
    text = refused(tmp_path, {"performance": {**TERMS, **change}})
    assert field in text and said in text


def test_a_formula_says_its_own_construction_part(tmp_path):
    assert "known from the formula's parts" in refused(tmp_path, {"performance": TERMS}, "wastewater")
    without = {key: value for key, value in TERMS.items() if key != "construction_part"}
    assert "construction_part: is missing" in refused(tmp_path, {"performance": without})


def test_mistakes_in_actuals_are_named(tmp_path):
    rows = forecast_rows(ppp.load(PARAMS / "school.yaml"), 4)
    assert "are not the contract's years" in refused(tmp_path, {"actuals": {"years": rows[1:]}})
    broken = [dict(row) for row in rows]
    del broken[2]["opex"], broken[3]["government_payment"], broken[0]["progress"]
    text = refused(tmp_path, {"actuals": {"years": broken}})
    for said in ("years.2.opex: is missing", "years.3.government_payment: is missing", "years.0.progress: is missing"):
        assert said in text
    late = [dict(row) for row in rows]
    late[1]["progress"] = "90%"
    assert "is below 100%" in refused(tmp_path, {"actuals": {"years": late}})
    users = [dict(row) for row in rows]
    users[2]["user_payments"] = 5
    assert "the project has no users" in refused(tmp_path, {"actuals": {"years": users}})


CSV = "year,capex,progress,opex,government_payment,lifecycle,other_revenue\n"


def written(tmp_path, table: str, key="{table: actuals.csv}"):
    text = (
        (PARAMS / "school.yaml")
        .read_text(encoding="utf-8")
        .replace("district: districts", f"district: {PARAMS}/districts")
    )
    text = "\n".join(line for line in text.splitlines() if not line.startswith("district:"))
    (tmp_path / "school.yaml").write_text(f"{text}\ncontract:\n  actuals:\n    years: {key}\n", encoding="utf-8")
    (tmp_path / "school-experts.csv").write_bytes((PARAMS / "school-experts.csv").read_bytes())
    (tmp_path / "actuals.csv").write_text(table, encoding="utf-8")
    return tmp_path / "school.yaml"


def test_a_table_is_read_and_survives_the_canonical_form(tmp_path):
    import json

    from ppp.loading import canonical

    path = written(tmp_path, CSV + "2025,11000,42%,,,,\n\n2026,14000,100%,,,,\n2027,,,790,3100,0,71\n")
    project = ppp.load(path)
    assert [row.year for row in project.contract.actuals.years] == [2025, 2026, 2027]
    (tmp_path / "canonical.json").write_text(json.dumps(canonical(project)), encoding="utf-8")
    again = ppp.load(tmp_path / "canonical.json")
    assert again.contract == project.contract


@pytest.mark.parametrize(
    "table, place, said",
    [
        (CSV + "2025,11000,1.4,,,,\n", "actuals.csv:2:3", "may be a percentage"),
        (CSV + "2025,much,42%,,,,\n", "actuals.csv:2:2", "is not a number"),
        ("year,capex,capex\n2025,1,1\n", "actuals.csv:1:3", "two columns have this heading"),
        ("year,capx,progress\n2025,1,40%\n", "actuals.csv:2:2", "did you mean capex"),
        ("year,capex,date\n2025,1,2\n", "actuals.csv:1:3", "is a word for sources"),
        ("year,capex,progress\n2025,1,40%,7\n", "actuals.csv:2:4", "stands below no heading"),
        ("year,capex\n", "actuals.csv:1:1", "has no rows"),
        ("", "actuals.csv:1:1", "is empty"),
    ],
)
def test_a_mistake_in_a_table_is_named_at_its_cell(table, place, said, tmp_path):
    with pytest.raises(ppp.InputError) as error:
        ppp.load(written(tmp_path, table))
    assert any(place in str(p) and said in str(p) for p in error.value.problems), error.value.problems


@pytest.mark.parametrize(
    "key, said",
    [
        ("{table: ../actuals.csv}", "leaves the project's folder"),
        ("{table: none.csv}", "there is no such file"),
        ("{table: actuals.txt}", "another kind of file"),
        ("{table: actuals.csv, column: capex}", "unknown key"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(key, said, tmp_path):
    with pytest.raises(ppp.InputError) as error:
        ppp.load(written(tmp_path, CSV, key))
    assert any(said in problem.message for problem in error.value.problems)


def test_a_workbook_is_a_table_too(tmp_path):
    from openpyxl import Workbook

    path = written(tmp_path, "", "{table: book.xlsx, sheet: Outturn}")
    book = Workbook()
    book.active.title = "Notes"
    page = book.create_sheet("Outturn")
    for row in (["year", "capex", "progress"], [2025, 11000, 0.42], [2026, 14000, "100%"]):
        page.append(row)
    book.save(tmp_path / "book.xlsx")
    assert ppp.load(path).contract.actuals.years[1].capex == 14000


def test_every_key_of_the_contract_is_described_in_both_languages():
    node = schema("project")["definitions"]
    for name in Contract.model_fields:
        said = node["Contract"]["properties"][name]["description"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said) and said[0].isascii()
