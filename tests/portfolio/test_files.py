"""District files: what is refused and how it is said, and the reports of thin ones."""

import json
import shutil
from pathlib import Path

import pytest

from ppp.loading import load
from ppp.portfolio.files import canonical, load_portfolio, portfolio_hash
from ppp.portfolio.study import study
from ppp.problems import InputError
from tests.portfolio.conftest import DALIAN, ROAD, ROOT, portfolio_of
from tests.portfolio.test_stored import record, store


@pytest.fixture
def params(tmp_path):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    return tmp_path / "params"


def refused(params, name: str = "dalian", **change: str) -> list[str]:
    path = params / "districts" / f"{name}{'-county' if name == 'bay' else ''}-illustrative.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in change.values() if isinstance(change, dict) and change else ():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_portfolio(path)
    return [f"{problem.field}: {problem.message}" for problem in error.value.problems]


CASES = {
    "a project file that is not there": (
        ("file: ../urban-road.yaml", "file: ../nowhere.yaml"),
        "projects.urban-road.file: there is no such project file, given ../nowhere.yaml",
    ),
    "a path that leaves the machine's folder": (
        ("file: ../urban-road.yaml", "file: /etc/passwd.yaml"),
        "projects.urban-road.file: is no such path",
    ),
    "a project under another id": (
        ("  urban-road:\n", "  highway:\n"),
        "projects.highway.file: holds the project urban-road, given highway",
    ),
    "a project of another district": (
        ("  urban-road:\n    file: ../urban-road.yaml", "  school:\n    file: ../school.yaml"),
        "projects.school.file: belongs to the district bay-county-illustrative",
    ),
    "a gap in the years": (("year: 2019", "year: 2029"), "budget: the years do not follow one another"),
    "a year without its fund revenue": (
        ("fund_revenue: 268000, ", ""),
        "budget.2.fund_revenue: is missing for 2019; allowed: every recorded year, or none",
    ),
    "debt without the revenue that carries it": (
        ("principal: [42000", "principal: [942000"),
        "debt.general.principal: adds to 1386000; allowed: up to the outstanding 486000",
    ),
    "no rule pack": (("regime: cn-2015\n", ""), "regime: is missing; the report needs a rule book"),
    "an unknown rule pack": (("regime: cn-2015", "regime: cn-1999"), "regime: is not a rule pack"),
    "a pack without a cap": (("regime: cn-2015", "regime: uk-hmt"), "regime: has no limit of fiscal spending"),
    "no discount rate": (
        ('discount_rate: {value: 4.5%, source: "Near the yield of local-government bonds of the same term (illustrative)"}', ""),
        "discount_rate: is missing",
    ),
    "a committed project that is moved": (
        ("stage: committed", "stage: committed\n    defer_up_to: 2 years"),
        "projects.wastewater-plant.defer_up_to: goes with stage: candidate",
    ),
    "a guarantee of users who do not pay": (
        ("debt_guarantee: {share: 30%", "revenue_guarantee: {share: 80%, volatility: 10%}\n    debt_guarantee: {share: 30%"),
        "projects.urban-road.revenue_guarantee: guarantees users' payments of a project that has none",
    ),
    "a guarantee without a floor": (
        ("revenue_guarantee: {share: 85%, ", "revenue_guarantee: {"),
        "projects.wastewater-plant.revenue_guarantee.share: is missing",
    ),
    "an unknown sector of a limit": (("{road: 6%}", "{raod: 6%}"), "plan.sector_limits.raod: is not a sector; did you mean road?"),
    "two correlations of one event": (
        ("correlation: 0.4\n      authority", "correlation: 0.1\n      authority"),
        "projects.urban-road.termination.correlation: differs from that of debt_guarantee",
    ),
    "a need that is not listed": (
        ("scales: [70%]", "scales: [70%]\n    needs: [bridge]"),
        "projects.urban-road.needs: is not a project of this file",
    ),
    "a wish that is no candidate": (
        ("objective: value_for_money", "objective: value_for_money\n  wished: [wastewater-plant]"),
        "plan.wished: is not a candidate of this file",
    ),
    "no place in the province": (
        ("appraised: 2022-03-31", "appraised: 2022-03-31\nplaces: {all: 0}"),
        "places.all: counts this place too, given 0; allowed: 1 or more",
    ),
    "more places in default than there are": (
        ("appraised: 2022-03-31", "appraised: 2022-03-31\nplaces: {all: 9, in_default: 9}"),
        "places.in_default: counts others than this place, given 9 of 9; allowed: up to 8",
    ),
    "a candidate that begins in a settled year": (
        ("- {year: 2021, ", "- {year: 2021, expenditure: 1, revenue: 1, transfers: 1, fund_revenue: 1, fund_expenditure: 1, "
         "capital_revenue: 1, capital_expenditure: 1}\n  - {year: 2022, "),
        "projects.urban-road.stage: is candidate, but the project begins in 2022, which is settled; allowed: from 2023 on",
    ),
    "priorities that are not given": (
        ("objective: value_for_money", "objective: priority"),
        "projects.urban-road.priority: is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_disagreement_is_told_at_its_place(params, case):
    change, told = CASES[case]
    found = refused(params, change=change)
    assert any(line.startswith(told) for line in found), found


def test_a_scenario_or_a_file_that_is_not_there_is_told_where_the_district_names_it(plain, tmp_path):
    (tmp_path / "up.yaml").write_text(ROAD % ("2022-01-01", 11), encoding="utf-8")
    with pytest.raises(InputError) as error:
        plain("projects:\n  up:\n    file: up.yaml\n    scenario: adverse\n  no:\n    file: nowhere.yaml")
    lines = (tmp_path / "plain.yaml").read_text(encoding="utf-8").splitlines()
    told = {problem.field: problem for problem in error.value.problems}
    assert set(told) == {"projects.up.scenario", "projects.no.file"}
    assert "given adverse; allowed: base" in told["projects.up.scenario"].message
    for problem in told.values():
        assert Path(problem.file).name == "plain.yaml"
        key = problem.field.rsplit(".", 1)[1]
        assert lines[problem.line - 1].strip().startswith(f"{key}: ") and problem.column == 5


def test_a_candidate_without_value_for_money_cannot_be_scheduled_by_it(params):
    found = refused(
        params,
        "bay",
        one=("objective: priority", "objective: value_for_money"),
        two=("toll-road.yaml, stage: committed", "toll-road.yaml, stage: candidate"),
    )
    assert any(line.startswith("projects.toll-road: has no value for money") for line in found)


def test_a_circle_of_needs_is_told(params):
    found = refused(params, "bay", one=("priority: 82,", "priority: 82, needs: [hospital],"))
    assert any("goes in a circle: " in line for line in found)


def test_the_problems_of_every_project_are_told_together(params):
    for name in ("wastewater", "urban-road"):
        path = params / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("sector: ", "secter: ", 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_portfolio(params / "districts" / "dalian-illustrative.yaml")
    assert {problem.field for problem in error.value.problems} >= {"secter"} and len(error.value.problems) >= 2


def test_the_canonical_form_gives_the_same_study(tmp_path):
    whole = portfolio_of(DALIAN)
    path = tmp_path / "district.json"
    path.write_text(json.dumps(canonical(whole)), encoding="utf-8")
    again = load_portfolio(path)
    assert portfolio_hash(again) == portfolio_hash(whole)
    assert study(again, 256).summary == study(whole, 256).summary


def test_a_comparator_that_costs_nothing_is_no_number_and_is_read_again(plain, tmp_path):
    """Users pay for more than the comparator costs: its saving over its cost does not exist, and JSON has no NaN."""
    (tmp_path / "up.yaml").write_text(ROAD % ("2022-01-01", 30), encoding="utf-8")
    whole = plain("projects: {up: {file: up.yaml, stage: committed}}")
    results = whole.records["up"]["results"]
    assert results["psc"] <= 0.0 and results["vfm_index"] is None and results["vfm_amount"] is not None
    path = tmp_path / "district.json"
    path.write_text(json.dumps(canonical(whole), allow_nan=False), encoding="utf-8")
    again = load_portfolio(path)
    assert portfolio_hash(again) == portfolio_hash(whole)
    assert study(again, 64).summary == study(whole, 64).summary


def test_stored_results_are_added_and_kept_in_the_canonical_form(tmp_path):
    results = store(tmp_path / "reports", *(record(n, district="dalian-illustrative") for n in range(9)))
    with_stored = load_portfolio(DALIAN, results)
    found, alone = study(with_stored, 256), study(portfolio_of(DALIAN), 256)
    assert found.complete and found.summary["stored"]["count"] == 9
    here = [int(y) - int(found.years[0]) for y in alone.years]
    added = found.spending[here] - alone.spending
    wanted = [sum(c for (y, _, _), c in with_stored.stored.cents.items() if y == year) / 100 for year in alone.years]
    assert added == pytest.approx(wanted, abs=0.005)
    path = tmp_path / "district.json"
    path.write_text(json.dumps(canonical(with_stored)), encoding="utf-8")
    assert study(load_portfolio(path), 256).summary == found.summary


def test_a_listed_project_is_not_added_again_from_its_stored_result(tmp_path):
    entry = record(1, id="urban-road", district="dalian-illustrative")
    store(tmp_path / "reports", entry)
    with pytest.raises(InputError, match="no stored result of this district"):
        load_portfolio(DALIAN, tmp_path / "reports")


def test_a_project_file_in_place_of_a_district(params):
    with pytest.raises(InputError, match="a district file is wanted here, given project"):
        load_portfolio(params / "school.yaml")


@pytest.mark.parametrize("more, change", [("", {}), ("projects: {}", {}), ("", {"discount_rate: 5%\n": ""})])
def test_a_district_without_projects_or_commitments_has_a_study(plain, more, change):
    found = study(plain(more, change))
    assert found.complete and found.outcome == "within" and not found.spending.any()
    assert found.scheduled is None and found.statements is None and found.simulated is None
    json.dumps(found.summary, allow_nan=False)


def test_a_contracts_own_floor_is_used_and_its_forecast_call_not_counted_twice(tmp_path):
    """A toll road with a guaranteed revenue in its own file: what it calls on the forecast is direct spending already."""
    shutil.copytree(ROOT / "params", tmp_path / "params")
    road = tmp_path / "params" / "toll-road.yaml"
    text = road.read_text(encoding="utf-8")
    road.write_text(text.replace("kind: user_pay ", "kind: user_pay\n  minimum_revenue: 15000 ", 1), encoding="utf-8")
    district = tmp_path / "params" / "districts" / "bay-county-illustrative.yaml"
    listed = district.read_text(encoding="utf-8")
    guarantee = "staff: 5, revenue_guarantee: {volatility: 10%}}"
    district.write_text(listed.replace("staff: 5}", guarantee), encoding="utf-8")
    found = study(load_portfolio(district), 512)
    (source,) = found.simulated.sources
    project = load(road)
    from ppp import evaluate

    forecast_call = evaluate(project).lines["operating_subsidy"].sum()
    direct = sum(m.flows["operating_subsidy"].sum() for m in found.members if m.id == "toll-road")
    assert direct == pytest.approx(float(forecast_call)) and source.key == "revenue_guarantee"
    assert source.likelihood > 0.0
