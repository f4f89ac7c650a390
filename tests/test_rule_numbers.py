"""No number of a rule book stands in Python code: whichever one in a pack is changed, some tested result changes with it.

What counts as a result here is what the code makes of the number (present values, tests passed, reasons given, problems found in a
file, bands of scores), never the number itself shown again.
"""

import copy
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from ppp import regimes
from ppp.appraisal.appraise import _few_experts
from ppp.appraisal.comparison import compare
from ppp.appraisal.criteria import answered, passes
from ppp.appraisal.evaluation import evaluate, rules_of
from ppp.appraisal.qualitative import band, bands_apart
from ppp.consistency import project_problems
from ppp.loading import load
from ppp.model.discounting import schedule_factors
from ppp.reading import read_document
from ppp.regimes import Pack, without_null

ROOT = Path(__file__).resolve().parents[1]


def raw(pack: str) -> dict:
    return without_null(read_document(regimes.folder() / f"{pack}.yaml").data)


def numbers(node, path=()):
    """The path of every number of a pack."""
    if isinstance(node, dict):
        for key, item in node.items():
            yield from numbers(item, (*path, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from numbers(item, (*path, index))
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path


EVERY = [(pack, path) for pack in regimes.available() for path in numbers(raw(pack))]
STRUCTURE = {("steps", 0, "after")}  # where a schedule begins: anything else is refused


def changed(pack: str, path, factor: float) -> Pack:
    data = copy.deepcopy(raw(pack))
    node = data
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = node[path[-1]] * factor if node[path[-1]] else factor
    return Pack.model_validate(data)


# --- probes: small projects, one side of a limit and the other ---

BASE = {
    "kind": "project",
    "id": "probe",
    "name": "Probe",
    "status": "draft",
    "sector": "road",
    "currency": "CNY",
    "unit": "wan",
    "price_basis": "nominal",
    "timeline": {"financial_close": "2023-01-01", "construction": "2 years", "operation": "10 years"},
    "construction": {"capex": 1000},
    "operation": {"opex": 50},
    "users": {"payments": 30},
    "payment": {"kind": "viability_gap", "profit_rate": "6%", "rate": "5%"},
    "funding": {"government_share": "20%", "debt": {"rate": "5%", "tenor": "8 years", "repayment": "annuity", "max_gearing": "70%"}},
    "discounting": {"rate": "5%"},
    "comparator": {"capex": 1100, "opex": 60},
    "risks": {
        "overrun": {
            "name": "Overrun", "category": "operation", "phase": "operation", "transferred": "80%",
            "distribution": {"low": 20, "likely": 80, "high": 260},
        }
    },
}  # fmt: skip
QUALITATIVE = {
    key: {"weight": weight, "scores": scores}
    for key, weight, scores in (
        ("life_cycle_integration", "20%", [85, 70, 60, 50, 45, 30, 10]),
        ("risk_allocation", "20%", [60] * 7),
        ("performance_innovation", "10%", [60] * 7),
        ("potential_competition", "10%", [60] * 7),
        ("government_capacity", "10%", [60] * 7),
        ("financeability", "10%", [60] * 7),
        ("project_size", "10%", [90] * 7),
        ("asset_life", "10%", [90] * 7),
    )
}
BUDGET = [
    (2015, 1000),
    (2016, 1010),
    (2017, 1100),
    (2018, 1111),
    (2019, 1300),
    (2020, 1310),
    (2021, 1600),
    (2022, 1632),
]
DISTRICT = {
    "kind": "district", "id": "county", "name": "County", "status": "draft", "currency": "CNY", "unit": "wan",
    "budget": [{"year": year, "expenditure": spent} for year, spent in BUDGET],
}  # fmt: skip


def budget_of(factor: float) -> dict:
    return {
        **DISTRICT,
        "budget": [{**entry, "expenditure": entry["expenditure"] * factor} for entry in DISTRICT["budget"]],
    }


def probes(pack: str) -> list[tuple[dict, dict | None]]:
    """(project, district) of every probe of a pack."""
    base = {**BASE, "regime": pack, "appraised": "2022-06-01"}
    if pack == "cn-2015":
        whole = {**base, "qualitative": QUALITATIVE}
        paid = {**whole, "users": None, "payment": {"kind": "government_pay", "profit_rate": "6%", "rate": "5%"}}
        few = {**whole, "users": {"payments": 23}}
        return [(few, budget_of(1)), *((project, budget_of(f)) for project in (whole, paid) for f in SIZES)]
    if pack == "cn-2023":
        new = {**base, "appraised": "2023-12-01", "comparator": None}
        new["timeline"] = {**base["timeline"], "financial_close": "2024-01-01"}
        paid = {**new, "users": None, "payment": {"kind": "government_pay", "profit_rate": "6%", "rate": "5%"}}
        found = [(project, budget_of(f)) for project in (new, paid) for f in SIZES]
        user = {
            **new,
            "payment": {"kind": "user_pay"},
            "users": {"payments": 250},
            "risks": {},
            "strongly_public": True,
        }
        long = {**user, "timeline": {**new["timeline"], "operation": "36 years"}}
        for project in (user, long):
            for share in ("60%", "68%"):
                owned = {**project, "funding": {**base["funding"], "government_share": share}}
                found.append((owned, budget_of(10)))
        return found
    biased = [{**base["comparator"], "optimism_bias": {"kind": kind}} for kind in KINDS]
    if pack == "au-nppg":
        risk = {"systematic_risk": {"share_transferred": "50%", "beta": 0.5}}
        return [({**base, "discounting": {"rate": "5%", **risk}}, None)]
    if pack == "uk-hmt":
        real = {**base, "price_basis": "real", "price_year": 2022, "inflation": "2%"}
        return [({**real, "comparator": comparator}, None) for comparator in biased]
    if pack == "us-fhwa":
        return []
    risk = {"systematic_risk": {"share_transferred": "50%", "beta": 0.5}}
    found = [
        ({**base, "comparator": comparator}, budget_of(f)) for comparator, f in zip(biased, (*SIZES, 9), strict=True)
    ]
    two = {**base, "discounting": {"rate": "5%", **risk}, "conventions": {"discount_method": "two_rates"}}
    return [*found, (two, budget_of(3))]


SIZES = (0.7, 1.0, 1.6)  # of the budget
KINDS = ("standard_building", "non_standard_building", "standard_civil_engineering", "non_standard_civil_engineering")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The probes of every pack, loaded the public way."""
    yaml, found = YAML(typ="safe"), {}
    for pack in regimes.available():
        found[pack] = []
        for number, (project, district) in enumerate(probes(pack)):
            folder = tmp_path_factory.mktemp(f"{pack}-{number}")
            data = {key: item for key, item in project.items() if item is not None}
            if district is not None:
                yaml.dump(district, folder / "district.yaml")
                data["district"] = "district.yaml"
            yaml.dump(data, folder / "probe.yaml")
            found[pack].append(load(folder / "probe.yaml"))
    return found


@pytest.fixture(scope="module")
def unchanged(loaded):
    """unchanged("cn-2015"): the results under the pack as it is."""
    return cache(lambda pack: results(loaded[pack]))


def results(projects: list) -> list:
    """What the code makes of a pack's numbers for its probes."""
    found = []
    for project in projects:
        evaluation = evaluate(project)
        comparison = compare(evaluation)
        found += [round(float(value[0]), 12) for value in evaluation.results.values()]
        found += [bool(answer.all()) for answer in passes(evaluation).values()]
        found += [reason.key for test in answered(evaluation) for reason in test.why]
        found.append([message.split(",")[0] for _, message in project_problems(project)])
        if comparison is not None and comparison.range is not None:
            found.append((comparison.range.low, comparison.range.high))
        scale = evaluation.rules.pack.score_bands
        if scale is not None:
            lowest = [band.lowest for band in scale.bands]
            ladder = [s for s in evaluation.scores if s.highest - s.lowest > 50]
            found += [bands_apart(s, lowest) for s in ladder] + [band(score, lowest) for score in range(0, 100, 2)]
    if projects:
        rules = rules_of(projects[0])
        if rules.has("discount_schedule"):
            after, values = zip(*rules.steps("discount_schedule"), strict=True)
            found.append(schedule_factors(np.array(values)[:, None], after, np.arange(400.0))[:, 0].tolist())
        if rules.has("qualitative_experts"):
            found += [reason.key for reason in _few_experts(evaluate(projects[0]))]
    return found


def test_there_are_numbers_to_change():
    assert len(EVERY) > 50


@pytest.mark.parametrize(
    "pack, path", EVERY, ids=lambda part: part if isinstance(part, str) else ".".join(map(str, part))
)
def test_changing_any_number_of_a_pack_changes_a_result(loaded, unchanged, monkeypatch, pack, path):
    if path[-3:] in STRUCTURE or path[-4:] == ("score_bands", "bands", 4, "lowest"):
        with pytest.raises(ValidationError, match="begin"):
            changed(pack, path, 1.3)
        return
    before = unchanged(pack)
    packs = {name: regimes.load(name) for name in regimes.available()}
    for factor in (0.75, 1.3):
        try:
            packs[pack] = changed(pack, path, factor)
        except ValidationError:
            continue
        with monkeypatch.context() as patch:
            patch.setattr(regimes, "load", packs.__getitem__)
            if results(loaded[pack]) != before:
                return
    pytest.fail(f"{'.'.join(map(str, path))} of {pack} moves nothing")


def test_no_rule_book_is_named_in_code():
    """Nothing is done by asking which pack it is: the packs' ids stand in no Python file."""
    for path in sorted((ROOT / "ppp").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for pack in regimes.available():
            assert f'"{pack}"' not in text, f"{path.name} names {pack}"
