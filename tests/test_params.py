"""Statements about the project files that come with ppp."""

from functools import cache
from pathlib import Path

import pytest

import ppp
from ppp import regimes
from ppp.loading import load, read_district
from ppp.reading import read_document

ROOT = Path(__file__).resolve().parent.parent
PARAMS = ROOT / "params"
STARTER = ROOT / "ppp" / "starter.yaml"
KIND = {path: read_document(path).data["kind"] for path in sorted(PARAMS.rglob("*.yaml"))}
DISTRICTS = [path for path, kind in KIND.items() if kind == "district"]
PROJECTS = [path for path, kind in KIND.items() if kind == "project"]
PUBLISHED = [path for path in PROJECTS if path.parent.name == "published"]
OWN = [path for path in PROJECTS if path not in PUBLISHED]
DRAWS = 512
CJK = range(0x4E00, 0x9FFF + 1)

# What each file is there to show. Understand why a verdict moved before changing it here.
VERDICTS = {
    "au-courts": "with_reservations",
    "ferry-terminal": "with_reservations",
    "hospital": "not_recommended",
    "reclaimed-water": "with_reservations",
    "school": "recommended",
    "street-lighting": "with_reservations",
    "toll-road": "with_reservations",
    "uk-school": "with_reservations",
    "us-highway": "with_reservations",
    "urban-road": "not_recommended",
    "waste-to-energy": "with_reservations",
    "wastewater-plant": "with_reservations",
}


def name_of(part: Path | str | None) -> str:
    return part.stem if isinstance(part, Path) else part or "base"


SCENARIOS = [(path, name) for path in OWN for name in read_document(path).data["scenarios"]]


@cache
def appraised(path: Path, scenario: str | None = None):
    return ppp.appraise(load(path, scenario), draws=DRAWS)


@cache
def projects() -> list:
    return [load(path) for path in PROJECTS]


@pytest.mark.parametrize("path", DISTRICTS, ids=name_of)
def test_a_district_file_loads(path):
    assert read_district(path).budget


@pytest.mark.parametrize("path", PROJECTS, ids=name_of)
def test_a_project_file_loads_with_all_its_scenarios_and_ranges(path):
    load(path)


def test_ids_are_unique():
    ids = [project.id for project in projects()] + [read_district(path).id for path in DISTRICTS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", list(KIND), ids=name_of)
def test_the_name_is_in_two_languages(path):
    name = (load(path) if KIND[path] == "project" else read_district(path)).name
    assert any(ord(letter) in CJK for letter in name["zh"])
    assert not any(ord(letter) in CJK for letter in name["en"])


def test_what_is_not_published_is_marked_illustrative_in_its_status_and_in_its_head():
    for path in [*OWN, *DISTRICTS]:
        assert read_document(path).data["status"] == "illustrative"
        assert path.read_text(encoding="utf-8").splitlines()[1].startswith("# ILLUSTRATIVE")


def test_the_files_cover_every_way_to_pay_and_several_sectors():
    assert {project.payment.kind for project in projects()} == {
        "government_pay",
        "viability_gap",
        "user_pay",
        "availability",
        "shadow_tariff",
    }
    assert {"wastewater", "road", "school", "hospital"} <= {project.sector for project in projects()}
    assert {project.regime for project in projects()} == set(regimes.available())
    assert {project.price_basis for project in projects()} == {"nominal", "real"}
    repayments = {project.funding.debt.repayment for project in projects() if project.funding}
    assert repayments == {"sculpted", "annuity", "equal_principal"}
    assert {project.timeline.period for project in projects()} == {"year", "half_year", "quarter", "month"}
    assert {debt.rank for p in projects() if p.funding for debt in p.funding.further_debt.values()} >= {
        "subordinated",
        "shareholder",
    }


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_a_project_says_what_it_needs_for_a_full_report(path):
    project = load(path)
    assert (project.budget is not None) == ("affordability" in regimes.load(project.regime).tests)
    assert project.risks and project.ranges and {"adverse", "worst"} <= set(project.scenarios)
    if project.regime == "cn-2015":
        assert min(len(entry.scores) for entry in project.qualitative.values()) >= 5


@pytest.mark.parametrize("path, scenario", [*((path, None) for path in OWN), *SCENARIOS], ids=name_of)
def test_every_hard_check_passes_in_every_scenario(path, scenario):
    failed = [check.key for check in appraised(path, scenario).evaluation.checks if not check.passed.all()]
    assert not failed


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_the_verdict_is_the_one_that_the_file_is_there_to_show(path):
    result = appraised(path)
    assert result.verdict.outcome == VERDICTS[result.project.id]


def test_the_urban_road_breaks_the_line_for_new_government_pay_projects_late_and_alone():
    result = appraised(PARAMS / "urban-road.yaml")
    passed = {test.key: test.passed for test in result.verdict.tests}
    assert passed == {"value_for_money": True, "qualitative": True, "affordability": False, "integrity": True}
    load = result.evaluation.load
    first = load.years[(load.share[:, 0] > 0.05).argmax()]
    assert first > load.years[(load.own[:, 0] > 0).argmax()] + 8


def test_the_hospital_fails_on_value_for_money_and_a_lower_payment_mends_it():
    base, lower = (appraised(PARAMS / "hospital.yaml", name) for name in (None, "lower_payment"))
    assert [test.key for test in base.verdict.tests if not test.passed] == ["value_for_money"]
    assert all(test.passed for test in lower.verdict.tests)


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_the_figures_are_plausible(path):
    """What a reader expects: shareholders earn 6 to 10 %, lenders are covered, VfM is moderate."""
    result = appraised(path)
    value = {key: float(found[0]) for key, found in result.evaluation.results.items()}
    assert 0.06 <= value["equity_irr"] <= 0.10
    assert value["project_irr"] < value["equity_irr"]
    assert value["dscr_min"] >= 1.1 - 1e-9
    assert 0.5 <= value["gearing"] <= 0.8 + 1e-12  # where gearing binds it is met but for rounding
    assert -0.05 <= value.get("vfm_index", 0.0) <= 0.15
    assert not [check.key for check in result.evaluation.alerts if not check.passed.all()]


@pytest.mark.parametrize("path", PUBLISHED, ids=name_of)
def test_a_published_file_agrees_with_every_printed_figure(path):
    result = appraised(path)
    assert result.project.status == "published" and result.printed
    assert not [shown.figure for shown in result.printed if not shown.agrees]
    assert result.verdict.outcome == "published_example"


def test_traffic_comes_from_the_column_of_the_csv_file():
    project = load(PARAMS / "toll-road.yaml")
    rows = (PARAMS / "toll-road-traffic.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert project.users.demand.values == [float(row.split(",")[2]) for row in rows]
    for row in rows:
        _, daily, yearly = map(float, row.split(","))
        assert yearly == pytest.approx(daily * 365 / 10_000, abs=0.051)


def test_the_starter_file_is_complete_and_lacks_only_a_district():
    result = ppp.appraise(load(STARTER), draws=DRAWS)
    assert result.evaluation.sound.all()
    assert {test.key: test.passed for test in result.verdict.tests} == {
        "value_for_money": True,
        "affordability": None,
        "integrity": True,
    }
    assert result.verdict.outcome == "not_assessable"
    assert "district missing" in STARTER.read_text(encoding="utf-8")


def test_the_starter_file_reaches_a_verdict_once_it_names_a_district(tmp_path):
    text = STARTER.read_text(encoding="utf-8")
    (tmp_path / "my-district.yaml").write_bytes((PARAMS / "districts/bay-county-illustrative.yaml").read_bytes())
    named = text.replace("# district: my-district.yaml", "district: my-district.yaml")
    assert named != text
    (tmp_path / "my-project.yaml").write_text(named, encoding="utf-8")
    assert ppp.appraise(load(tmp_path / "my-project.yaml"), draws=DRAWS).verdict.outcome == "with_reservations"


def test_the_starter_file_explains_every_section_in_both_languages():
    lines = STARTER.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        is_section = line and not line.startswith((" ", "#")) and line.endswith(":")
        if not is_section or line == "tax:":
            continue
        above = []
        for earlier in reversed(lines[:number]):
            if not earlier.startswith("#"):
                break
            above.append(earlier)
        assert any(ord(letter) in CJK for letter in "".join(above)), line
        assert any(letter.isascii() and letter.isalpha() for letter in "".join(above)), line


def test_a_value_with_a_source_may_be_scaled_by_a_scenario_or_a_range():
    """`{value: 73.5, source: ...}` goes with a scenario's `{times: 0.94}` and a range of `times`."""
    project = load(PARAMS / "hospital.yaml", "lower_payment")
    assert (project.payment.amount.start, project.payment.amount.times) == (73.5, 0.94)
    assert "payment.amount.times" in project.ranges
