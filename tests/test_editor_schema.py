"""The editors' schema says what the reader accepts, in both languages."""

import copy
import datetime as dt
import re
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from ppp import regimes
from ppp.editor_schema import schema, write

ROOT = Path(__file__).resolve().parent.parent
PARAMS = sorted((ROOT / "params").rglob("*.yaml"))
WASTEWATER = ROOT / "params" / "wastewater.yaml"
KINDS = ("project", "district")


def plain(value):
    """YAML as an editor sees it: dates are text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def data_of(path: Path) -> dict:
    return plain(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def problems(data: dict) -> list[str]:
    validator = jsonschema.Draft7Validator(schema(data["kind"]))
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(data)]


def changed(data: dict, path: tuple, value) -> dict:
    result = copy.deepcopy(data)
    here = result
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_a_valid_schema(kind):
    jsonschema.Draft7Validator.check_schema(schema(kind))


def test_the_files_in_the_repository_are_the_generated_ones(tmp_path):
    for path in write(tmp_path):
        kept = ROOT / "ppp" / "schema" / path.name
        assert kept.read_bytes() == path.read_bytes(), f"{path.name}: run ppp schema ppp/schema"


def test_the_files_end_with_a_newline_and_hold_chinese_as_it_is(tmp_path):
    for path in write(tmp_path):
        text = path.read_text(encoding="utf-8")
        assert text.endswith("}\n") and "\\u" not in text and "\r" not in text


@pytest.mark.parametrize("path", PARAMS, ids=lambda path: path.stem)
def test_every_file_in_params_is_valid(path):
    assert not problems(data_of(path))


def test_the_starter_file_is_valid():
    assert not problems(data_of(ROOT / "ppp" / "starter.yaml"))


@pytest.mark.parametrize("path", PARAMS, ids=lambda path: path.stem)
def test_the_first_line_leads_an_editor_to_the_schema(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    target = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)[1]
    assert (path.parent / target).resolve() == ROOT / "ppp" / "schema" / f"{data_of(path)['kind']}.json"


@pytest.mark.parametrize(
    "path",
    [
        ("sectr",),
        ("timeline", "constructoin"),
        ("operation", "opex", "grwoth"),
        ("construction", "capex", "sourc"),
        ("funding", "debt", "tenure"),
        ("payment", "profit"),
        ("risks", "delay", "raito"),
        ("conventions", "subsidy_countin"),
        ("confirmed_rules", "pass_mark"),
        ("qualitative", "risk_alocation"),
        ("ranges", "construction.capx"),
        ("ranges", "risks.delay.raito"),
        ("ranges", "discounting.rate", "lower"),
        ("scenarios", "adverse", "user"),
        ("scenarios", "adverse", "users", "demand", "time"),
    ],
    ids=".".join,
)
def test_a_misspelt_key_is_refused(path):
    data = {"conventions": {}, "confirmed_rules": {}, **data_of(WASTEWATER)}
    assert not problems(data)
    assert problems(changed(data, path, {"low": 1, "high": 2} if path[0] == "ranges" else 1))


@pytest.mark.parametrize(
    "path, value",
    [
        (("sector",), "wastwater"),
        (("regime",), "cn-2016"),
        (("construction", "capex"), "30600"),
        (("discounting", "rate"), 4.5),
        (("discounting", "rate"), "4,5%"),
        (("timeline", "construction"), 2),
        (("funding", "debt", "repayment"), "balloon"),
        (("payment", "kind"), "gap"),
        (("conventions",), {"subsidy_interest": "double"}),
        (("operation", "opex"), {"start": 1, "values": [1]}),
        (("operation", "opex"), {"csv": "costs.csv"}),
        (("operation", "opex"), {"value": 1, "times": 2}),
        (("ranges", "discounting.rate"), {"low": "3%"}),
        (("risks", "two words"), {}),
    ],
)
def test_a_value_that_the_reader_refuses_is_refused(path, value):
    assert problems(changed(data_of(WASTEWATER), path, value))


@pytest.mark.parametrize(
    "path, value",
    [
        (("construction", "capex"), 30600),
        (("construction", "capex"), {"value": 30600, "source": "A study", "signed_off_by": "Somebody"}),
        (("operation", "opex"), 2250),
        (("operation", "opex"), [2250] * 28),
        (("operation", "opex"), {"values": [2250] * 28, "times": 1.1, "source": "A study"}),
        (("operation", "opex"), {"csv": "costs.csv", "column": "opex", "times": 0.9}),
        (("operation", "opex"), {"value": {"start": 2250, "growth": "2%"}, "date": "2021-08-20"}),
        (("name",), "污水处理厂"),
        (("timeline", "operation"), "336 months"),
        (("timeline", "operation"), {"value": "28 years", "source": "Contract"}),
        (("funding", "source"), "Term sheet"),
        (("risks", "source"), "Workshop of 2021-06-01"),
        (("conventions",), {"subsidy_marks_up_opex": False, "subsidy_interest": "simple"}),
        (("ranges", "risks.delay.ratio"), {"low": "1%", "high": 0.04, "source": "Five plants"}),
        (("scenarios", "late"), {"risks": {"delay": {"ratio": "4%"}}, "source": "Workshop"}),
        (("scenarios", "dear"), {"payment": {"profit_rate": "8%"}, "title": "Dear"}),
        (
            ("scenarios", "other"),
            {"conventions": {"subsidy_interest": "none"}, "operation": {"lifecycle": {"times": 2}}},
        ),
    ],
)
def test_every_form_that_the_reader_takes_is_accepted(path, value):
    assert not problems(changed(data_of(WASTEWATER), path, value))


def properties(node, place=""):
    """(place, key, schema) of every property at every depth."""
    if isinstance(node, dict):
        for key, item in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
            yield place, key, item
        for key, item in node.items():
            yield from properties(item, f"{place}/{key}")
    elif isinstance(node, list):
        for item in node:
            yield from properties(item, place)


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_is_described_in_both_languages(kind):
    whole = schema(kind)
    for place, key, node in properties(whole):
        if "$ref" in node:
            node = whole["definitions"][node["$ref"].rsplit("/", 1)[1]]
        said = node.get("description", "")
        assert re.search("[\u4e00-\u9fff]", said) and re.search("[A-Za-z]", said), f"{place}/{key}: {said!r}"


def objects(node, key=""):
    """(key, schema) of every object at every depth, with the key under which it stands."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield key, node
        for name, item in node.items():
            yield from objects(item, name)
    elif isinstance(node, list):
        for item in node:
            yield from objects(item, key)


@pytest.mark.parametrize("kind", KINDS)
def test_every_object_refuses_unknown_keys_and_may_say_its_source(kind):
    for key, node in objects(schema(kind)):
        assert node["additionalProperties"] is False
        if key not in ("ranges", "scenarios"):  # there every key is a name
            assert {"source", "date", "signed_off_by"} <= set(node["properties"])


def test_defaults_are_shown():
    debt = schema("project")["definitions"]["Debt"]["properties"]
    assert debt["dscr_basis"]["default"] == "after_tax" and debt["max_gearing"]["default"] == 1.0


def test_every_convention_indicator_rule_and_regime_of_every_pack_is_offered():
    whole = schema("project")["properties"]
    assert whole["regime"]["anyOf"][0]["enum"] == regimes.available()
    for name in regimes.available():
        pack = regimes.load(name)
        for key, convention in pack.conventions.items():
            offered = whole["conventions"]["properties"][key]["anyOf"][0]["enum"]
            assert all(choice in offered for choice in convention.allowed)
        assert set(pack.indicators) <= set(whole["qualitative"]["properties"])
        assert set(pack.rules) <= set(whole["confirmed_rules"]["properties"])
