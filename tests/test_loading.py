"""From a file to a project: provenance, CSV columns, canonical JSON, scenarios, ranges, and finding files."""

import json
import pickle
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import ppp
from ppp.loading import (
    apply_scenario,
    canonical,
    find_file,
    input_hash,
    load,
    range_of,
    read_district,
    value_at,
)

ROOT = Path(__file__).resolve().parent.parent
PARAMS = ROOT / "params"
PROJECT = (PARAMS / "wastewater.yaml").read_text(encoding="utf-8")
EVERY_PROJECT = sorted([*PARAMS.glob("*.yaml"), *(PARAMS / "published").glob("*.yaml")])
SCENARIOS = PROJECT[PROJECT.index("scenarios:\n") :]
RANGES = PROJECT[PROJECT.index("ranges:\n") : PROJECT.index("scenarios:\n")]
OPEX = '{start: 2250, growth: 2.2%, source: "Feasibility study, table 11-1 (illustrative)"}'


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(PARAMS / "districts", tmp_path / "districts")
    return tmp_path


@pytest.fixture
def loaded(folder):
    """Loads params/wastewater.yaml with its parts replaced."""

    def load_edited(*edits, scenario=None):
        text = PROJECT
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (folder / "project.yaml").write_text(text, encoding="utf-8")
        return load(folder / "project.yaml", scenario)

    return load_edited


def with_scenario(change: str) -> tuple[str, str]:
    return SCENARIOS, f"scenarios:\n  changed:\n    {change}\n"


def refusal(do) -> str:
    with pytest.raises(ppp.InputError) as caught:
        do()
    return str(caught.value)


# provenance


def test_what_is_said_about_a_value_is_kept_beside_it(loaded):
    project = loaded()
    assert project.construction.capex == 30600
    assert project._origin.provenance["construction.capex"] == {
        "source": "Feasibility study, table 9-2 (illustrative)",
        "date": "2021-08-20",
        "signed_off_by": "Example engineer",
    }
    assert project._origin.provenance["operation.opex"] == {"source": "Feasibility study, table 11-1 (illustrative)"}


def test_a_section_and_the_whole_file_may_say_their_source(loaded):
    project = loaded(("  rate: 25%", "  rate: 25%\n  source: Tax law"), ("kind: project", "kind: project\nsource: All"))
    assert project.tax.rate == 0.25
    assert project._origin.provenance["tax"] == {"source": "Tax law"}
    assert project._origin.provenance[""] == {"source": "All"}


def test_a_profile_may_be_wrapped_with_its_source(loaded):
    project = loaded((OPEX, "{value: {start: 5, growth: 2%}, source: Somebody}"))
    assert (project.operation.opex.start, project.operation.opex.growth) == (5, 0.02)
    assert project._origin.provenance["operation.opex"] == {"source": "Somebody"}


def test_a_scenario_brings_its_own_sources_and_drops_those_of_what_it_replaces(loaded):
    change = "construction: {capex: {value: 33000, source: Second opinion}}\n    operation: {opex: {times: 1.1}}"
    project = loaded(with_scenario(change), scenario="changed")
    assert project.construction.capex == 33000
    assert project._origin.provenance["construction.capex"] == {"source": "Second opinion"}
    assert project._origin.provenance["operation.opex"]["source"].startswith("Feasibility study")
    project = loaded(with_scenario("construction: {capex: 33000}"), scenario="changed")
    assert "construction.capex" not in project._origin.provenance


def test_a_source_of_a_scenario_is_about_its_changes_only(loaded):
    project = loaded(with_scenario("source: Stress test\n    construction: {capex: 33000}"), scenario="changed")
    assert project._origin.provenance["construction.capex"] == {"source": "Stress test"}
    assert "" not in project._origin.provenance


# CSV columns

COLUMN = "year,运营成本,opex\n" + "".join(f"{year},{100 + year},{200 + year}\n" for year in range(1, 29))


@pytest.mark.parametrize("text", [COLUMN, "\ufeff" + COLUMN, COLUMN.replace("\n", "\r\n")])
def test_a_profile_may_be_a_column_of_a_csv_file(folder, loaded, text):
    (folder / "costs.csv").write_bytes(text.encode())
    project = loaded((OPEX, "{csv: costs.csv, column: 运营成本, source: Ledger}"))
    assert project.operation.opex.values == [100.0 + year for year in range(1, 29)]
    assert project._origin.provenance["operation.opex"] == {"source": "Ledger"}


def test_a_column_may_be_multiplied_and_lie_in_a_folder_below(folder, loaded):
    (folder / "data").mkdir()
    (folder / "data" / "costs.csv").write_text(COLUMN, encoding="utf-8")
    project = loaded((OPEX, "{csv: data/costs.csv, column: opex, times: 1.1}"))
    assert project.operation.opex.times == 1.1


def test_a_scenario_may_take_another_column(folder, loaded):
    (folder / "costs.csv").write_text(COLUMN, encoding="utf-8")
    change = with_scenario("operation: {opex: {csv: costs.csv, column: opex}}")
    project = loaded(change, scenario="changed")
    assert project.operation.opex.values[0] == 201
    assert project.operation.opex.start is None


def test_a_bad_cell_is_told_in_the_csv_file(folder, loaded):
    costs, allowed = folder / "costs.csv", "an amount of zero or more; its direction is its key's"
    (folder / "costs.csv").write_text(COLUMN.replace("103,203", "103,-5"), encoding="utf-8")
    told = refusal(lambda: loaded((OPEX, "{csv: costs.csv, column: opex}")))
    assert told == f"{costs}:4:3: opex: is out of range, given -5.0; allowed: {allowed}"
    (folder / "costs.csv").write_text(COLUMN.replace("103,203", "103,about 200"), encoding="utf-8")
    told = refusal(lambda: loaded((OPEX, "{csv: costs.csv, column: opex}")))
    assert told == f"{costs}:4:3: opex: is not a number, given about 200; allowed: a number such as 1234.5"


@pytest.mark.parametrize(
    "written, words",
    [
        (
            "{csv: costs.csv, column: cost}",
            "costs.csv:1:1: cost: there is no such column; allowed: one of the headings year,",
        ),
        ("{csv: none.csv, column: opex}", "operation.opex.csv: there is no such file, given none.csv"),
        ("{csv: costs.csv}", "operation.opex: csv and column go together"),
        ("{csv: 5, column: opex}", "operation.opex: csv and column go together"),
        ("{csv: costs.csv, column: opex, values: [1]}", "operation.opex.values: excludes csv"),
        ("{csv: costs.csv, column: opex, growth: 2%}", "operation.opex: growth goes with start"),
        ("{csv: ., column: opex}", "operation.opex.csv: there is no such file"),
    ],
)
def test_a_bad_reference_to_a_column_is_one_problem(folder, loaded, written, words):
    (folder / "costs.csv").write_text(COLUMN, encoding="utf-8")
    told = refusal(lambda: loaded((OPEX, written)))
    assert words in told
    assert "\n" not in told


def test_a_column_of_the_wrong_length_is_told_in_the_project(folder, loaded):
    (folder / "costs.csv").write_text(COLUMN + "29,1,1\n", encoding="utf-8")
    told = refusal(lambda: loaded((OPEX, "{csv: costs.csv, column: opex}")))
    assert "project.yaml:25:3: operation.opex: has 29 values for 28 years; allowed: 28" in told


# canonical JSON


@pytest.mark.parametrize("path", EVERY_PROJECT, ids=lambda path: path.stem)
def test_canonical_json_gives_the_same_project(path, tmp_path):
    project = load(path)
    text = json.dumps(canonical(project), ensure_ascii=False)
    (tmp_path / "canonical.json").write_text(text, encoding="utf-8")
    again = load(tmp_path / "canonical.json")
    assert again == project
    assert input_hash(again) == input_hash(project)
    assert canonical(again) == canonical(project)
    assert again.budget == project.budget
    assert again._origin.provenance == project._origin.provenance
    for scenario in project.scenarios:
        assert load(tmp_path / "canonical.json", scenario) == load(path, scenario)
    for key in project.ranges:
        assert range_of(again, key) == range_of(project, key)


def test_canonical_json_needs_no_other_file(folder, loaded, tmp_path_factory):
    (folder / "costs.csv").write_text(COLUMN, encoding="utf-8")
    project = loaded((OPEX, "{csv: costs.csv, column: opex, source: Ledger}"))
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "canonical.json"
    elsewhere.write_text(json.dumps(canonical(project)), encoding="utf-8")
    assert load(elsewhere) == project


def reordered(value):
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in sorted(value, reverse=True)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


def test_comments_and_key_order_do_not_change_the_hash_and_a_value_does(folder, loaded):
    project = loaded()
    assert input_hash(loaded(("\ntax:\n", "\n# a remark\ntax:   # and another\n"))) == input_hash(project)
    with (folder / "project.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(reordered(canonical(project)["project"]), file)
    (folder / "reordered.json").write_text(json.dumps(reordered(canonical(project)["project"])), encoding="utf-8")
    again = load(folder / "reordered.json")
    assert again == project
    assert input_hash(again) == input_hash(project)
    assert input_hash(loaded(("max_gearing: 75%", "max_gearing: 74%"))) != input_hash(project)
    assert input_hash(loaded(("Example engineer", "Another engineer"))) != input_hash(project)


def test_the_hash_covers_the_district_and_the_columns_of_numbers(folder, loaded):
    first = input_hash(loaded())
    path = folder / "districts" / "dalian-illustrative.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("612000", "612001"), encoding="utf-8")
    second = input_hash(loaded())
    (folder / "costs.csv").write_text(COLUMN, encoding="utf-8")
    third = input_hash(loaded((OPEX, "{csv: costs.csv, column: opex}")))
    (folder / "costs.csv").write_text(COLUMN.replace("203", "204"), encoding="utf-8")
    fourth = input_hash(loaded((OPEX, "{csv: costs.csv, column: opex}")))
    assert len({first, second, third, fourth}) == 4


@pytest.mark.parametrize(
    "data",
    [
        {"canonical": 5, "project": {}, "district": None},
        {"canonical": "x", "project": [], "district": None},
        {"canonical": "x", "project": {}, "district": "y"},
    ],
)
def test_json_that_only_looks_canonical_is_refused(folder, data):
    (folder / "x.json").write_text(json.dumps(data), encoding="utf-8")
    assert "is not canonical JSON" in refusal(lambda: load(folder / "x.json"))


def test_a_bad_district_inside_canonical_json_is_told(folder, loaded):
    data = canonical(loaded())
    data["district"]["currency"] = "cny"
    (folder / "x.json").write_text(json.dumps(data), encoding="utf-8")
    assert "project.yaml (its district): currency: has the wrong form, given cny" in refusal(
        lambda: load(folder / "x.json")
    )


def test_a_project_travels_between_processes(loaded):
    project = loaded(scenario="adverse")
    again = pickle.loads(pickle.dumps(project))
    assert again == project
    assert input_hash(again) == input_hash(project)
    assert apply_scenario(again, "worst") == loaded(scenario="worst")


# scenarios


def test_a_scenario_changes_what_it_names_and_nothing_else(loaded):
    base, adverse = loaded(), loaded(scenario="adverse")
    assert adverse.construction.capex == 33660
    assert adverse.construction.spending == base.construction.spending
    assert adverse.funding.debt.rate == 0.056
    assert adverse.funding.debt.tenor == base.funding.debt.tenor
    assert adverse.users.demand.values == base.users.demand.values
    assert adverse.users.demand.times == 0.85
    assert adverse.comparator == base.comparator
    assert adverse._origin.scenario == "adverse"
    assert base._origin.scenario is None
    assert loaded(scenario="base") == base


@pytest.mark.parametrize(
    "written, change, full",
    [
        ("300", "{times: 1.1}", {"start": 300, "times": 1.1}),
        ("300", "{growth: 2%}", {"start": 300, "growth": 0.02}),
        ("300", "{start: 400}", {"start": 400}),
        ("300", "400", {"start": 400}),
        ("{start: 300, growth: 2%}", "{times: 1.1}", {"start": 300, "growth": 0.02, "times": 1.1}),
        ("{start: 300, growth: 2%}", "{start: 400}", {"start": 400, "growth": 0.02}),
        ("{start: 300, growth: 2%}", "{values: [LIST]}", {"values": [7.0] * 28}),
        ("{start: 300, growth: 2%}", "[LIST]", {"values": [7.0] * 28}),
        ("{start: 300, growth: 2%}", "400", {"start": 400}),
        ("[LIST]", "{times: 1.1}", {"values": [7.0] * 28, "times": 1.1}),
        ("[LIST]", "{start: 400}", {"start": 400}),
        (
            "{values: [LIST], times: 0.9}",
            "{start: 400, growth: 2%}",
            {"start": 400, "growth": 0.02, "times": 0.9},
        ),
        ("{value: 300, source: A}", "{times: 1.1}", {"start": 300, "times": 1.1}),
        ("{value: [LIST], source: A}", "{times: 1.1, source: B}", {"values": [7.0] * 28, "times": 1.1}),
        (
            "{value: 300, source: A}",
            "{value: {start: 5, growth: 1%}, source: B}",
            {"start": 5, "growth": 0.01},
        ),
    ],
)
def test_how_a_scenario_changes_a_profile(loaded, written, change, full):
    numbers = ", ".join(["7"] * 28)
    edits = [(OPEX, written.replace("LIST", numbers)), (RANGES, "")]
    scenario = with_scenario(f"operation: {{opex: {change.replace('LIST', numbers)}}}")
    project = loaded(*edits, scenario, scenario="changed")
    assert project.operation.opex.model_dump(exclude_unset=True) == full


def test_growth_on_a_list_is_refused_at_the_scenario(loaded):
    told = refusal(lambda: loaded(with_scenario("users: {demand: {growth: 2%}}")))
    assert "scenarios.changed.users.demand: growth goes with start" in told


def test_another_kind_of_payment_takes_the_place_of_the_old_one(loaded):
    change = with_scenario("payment: {kind: availability, amount: 5000, index: 1%}")
    project = loaded((RANGES, ""), change, scenario="changed")
    assert project.payment.model_dump(exclude_unset=True) == {
        "kind": "availability",
        "amount": {"start": 5000.0},
        "index": 0.01,
    }


def test_the_same_kind_of_payment_is_changed_key_by_key(loaded):
    project = loaded(with_scenario("payment: {kind: viability_gap, rate: 5%}"), scenario="changed")
    assert (project.payment.rate, project.payment.profit_rate) == (0.05, 0.065)


def test_another_way_to_say_the_same_thing_takes_the_place_of_the_old_one(loaded):
    risks = "risks: {delay: {outcomes: [{probability: 100%, cost: 9}]}, law: {ratio: 1%}}"
    change = f"{risks}\n    users: {{payments: 400}}"
    project = loaded((RANGES, ""), with_scenario(change), scenario="changed")
    assert project.risks["delay"].ratio is None
    assert project.risks["law"].outcomes is None
    assert project.users.demand is None
    assert project.users.payments.start == 400


def test_a_scenario_may_add_a_risk_and_leave_the_others(loaded):
    new = "{name: Flood, category: force_majeure, phase: operation, ratio: 1%, transferred: 0%}"
    project = loaded(with_scenario(f"risks: {{flood: {new}}}"), scenario="changed")
    assert list(project.risks) == [*loaded().risks, "flood"]


def test_scenarios_are_applied_to_the_file_not_to_one_another(loaded):
    assert apply_scenario(apply_scenario(loaded(), "adverse"), "worst") == apply_scenario(loaded(), "worst")


def test_a_scenario_that_is_not_there(loaded):
    told = refusal(lambda: loaded(scenario="advers"))
    assert "scenarios: there is no such scenario, given advers; allowed: base, adverse, worst" in told


def test_loading_reads_the_district_once(loaded, monkeypatch):
    import ppp.loading

    read = []
    original = ppp.loading.read_document
    monkeypatch.setattr(
        ppp.loading, "read_document", lambda path, *a, **k: read.append(path.name) or original(path, *a, **k)
    )
    loaded(scenario="adverse")
    assert read == ["project.yaml", "dalian-illustrative.yaml"]


# ranges and dotted keys


def test_the_ends_of_a_range_are_in_the_type_of_their_input(loaded):
    project = loaded()
    assert range_of(project, "discounting.rate") == (0.035, 0.06)
    assert range_of(project, "construction.capex") == (28500.0, 35500.0)
    assert range_of(project, "users.demand.times") == (0.8, 1.05)
    assert range_of(apply_scenario(project, "worst"), "construction.capex") == (28500.0, 35500.0)
    with pytest.raises(KeyError):
        range_of(project, "tax.rate")


def test_a_range_may_say_its_source(loaded):
    project = loaded(("{low: 3.5%, high: 6%}", "{low: {value: 3.5%, source: A}, high: 6%, source: B}"))
    assert range_of(project, "discounting.rate") == (0.035, 0.06)
    assert project._origin.provenance["ranges.discounting.rate"] == {"source": "B"}


def test_a_number_is_found_by_its_dotted_key(loaded):
    project = loaded()
    assert value_at(project, "construction.capex") == 30600.0
    assert value_at(project, "operation.opex.growth") == 0.022
    assert value_at(project, "operation.opex.times") == 1.0
    assert value_at(project, "risks.delay.ratio") == 0.02
    assert value_at(project, "funding.debt.rate") == 0.046


@pytest.mark.parametrize(
    "key, words",
    [
        ("construction.capx", "did you mean capex?"),
        ("constructon.capex", "did you mean construction?"),
        ("risks.dela.ratio", "did you mean delay?"),
        ("operation.opex", "write operation.opex.times (a factor on every year) or operation.opex.start"),
        ("timeline.operation", "not a number that can vary"),
        ("stock_project", "not a number that can vary"),
        ("operation.other_revenue.start", "'start' is unknown"),
        ("", "'' is unknown"),
    ],
)
def test_a_key_of_no_number_is_refused_with_a_hint(loaded, key, words):
    with pytest.raises(KeyError) as caught:
        value_at(loaded(), key)
    assert words in caught.value.args[0]


def test_an_identifier_may_hold_dots(loaded):
    edits = [
        ("  delay: {name", "  delay.of.site: {name"),
        (RANGES, "ranges:\n  risks.delay.of.site.ratio: {low: 1%, high: 3%}\n"),
    ]
    project = loaded(*edits)
    assert value_at(project, "risks.delay.of.site.ratio") == 0.02
    assert range_of(project, "risks.delay.of.site.ratio") == (0.01, 0.03)


# files


def test_a_file_is_found_from_the_notebooks_folder(folder, monkeypatch):
    for name in ("params", "notebooks", "notebooks/deeper"):
        (folder / name).mkdir()
    (folder / "params" / "x.yaml").write_text("kind: project\n", encoding="utf-8")
    monkeypatch.chdir(folder / "notebooks" / "deeper")
    assert find_file("params/x.yaml") == folder / "params" / "x.yaml"
    assert find_file(folder / "params" / "x.yaml") == folder / "params" / "x.yaml"
    assert find_file("params/y.yaml") == Path("params/y.yaml")
    monkeypatch.chdir(folder)
    assert find_file("params/x.yaml") == Path("params/x.yaml")


def test_problems_name_files_as_they_were_asked_for(monkeypatch, folder, loaded):
    loaded()
    path = folder / "districts" / "dalian-illustrative.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("currency: CNY", "currency: cny"), encoding="utf-8")
    (folder / "project.yaml").write_text(PROJECT.replace("dscr: 1.2", "dscr: 0.2"), encoding="utf-8")
    monkeypatch.chdir(folder)
    told = refusal(lambda: load("project.yaml")).splitlines()
    assert told[0].startswith(f"{Path('districts') / 'dalian-illustrative.yaml'}:7:1: currency:")
    assert told[1].startswith("project.yaml:46:5: funding.debt.dscr:")


def test_a_project_below_may_name_a_district_above(folder):
    (folder / "deeper").mkdir()
    text = PROJECT.replace("district: districts/", "district: ../districts/")
    (folder / "deeper" / "project.yaml").write_text(text, encoding="utf-8")
    assert load(folder / "deeper" / "project.yaml").budget.id == "dalian-illustrative"


def test_a_district_is_read_alone(folder):
    district = read_district(folder / "districts" / "dalian-illustrative.yaml")
    assert district.growth == 0.03
    assert [entry.year for entry in district.budget] == [2017, 2018, 2019, 2020, 2021]


def test_a_printed_figure_has_a_whole_year(folder):
    text = (PARAMS / "published" / "ring-road.yaml").read_text(encoding="utf-8")
    for wrong in ("true", '"1"', "0", "1.5"):
        (folder / "x.yaml").write_text(text.replace("year: 1,", f"year: {wrong},", 1), encoding="utf-8")
        assert "published.figures.0.year: is " in refusal(lambda: load(folder / "x.yaml"))
