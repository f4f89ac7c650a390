"""Thousands of stored results: the same figures as the ledger's, from files, and every unfit file named."""

import json
from pathlib import Path

import numpy as np
import pytest

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.portfolio import ledger
from ppp.portfolio.members import from_record
from ppp.portfolio.stored import read_stored
from ppp.problems import InputError

SECTORS = ("road", "school", "wastewater")


def record(number: int, **change) -> dict:
    rng = np.random.default_rng(number)
    size = int(rng.integers(5, 31))
    first = int(rng.integers(2018, 2026))
    by_year = {key: [float(v) for v in rng.uniform(0.0, 1e7, size)] for key in RESPONSIBILITIES}
    by_year["capex"] = [0.0] * size
    total = sum(sum(row) for row in by_year.values())
    return {
        "format": 1,
        "id": f"p{number}",
        "name": {"en": f"Project {number}", "zh": f"项目{number}"},
        "sector": SECTORS[number % 3],
        "payment": "viability_gap" if number % 2 else "availability",
        "status": "draft",
        "district": "here",
        "currency": "CNY",
        "results": {"fiscal_total": total, "vfm_amount": float(number)},
        "standing": {"government_pay": True, "spared": False, "user_share": 0.01 * number, "government_share": 0.2},
        "budget_years": {"years": list(range(first, first + size)), **by_year},
        **change,
    }


def store(folder: Path, *records: dict) -> Path:
    for entry in records:
        home = folder / str(entry["id"])
        home.mkdir(parents=True)
        (home / "summary.json").write_text(json.dumps(entry), encoding="utf-8")
    return folder


def test_the_files_give_what_the_ledger_gives(tmp_path):
    records = [record(n) for n in range(60)]
    found = read_stored(store(tmp_path, *records), "CNY", smallest_user_share=0.10)
    members = [from_record(entry) for entry in records]
    cells = [cell for member in members for cell in ledger.cells(member)]
    assert found.cents == ledger.totals(cells, lambda cell: (cell.year, cell.sector, cell.responsibility))
    assert found.difference == 0 and ledger.disagreements(members, cells) == {}
    assert found.count == 60 and found.vfm_total == pytest.approx(sum(range(60)))
    kinds = {member.id: member.payment for member in members}
    assert found.by_payment == ledger.totals(cells, lambda cell: kinds[cell.project])
    by_project = ledger.totals(cells, lambda cell: cell.project)
    assert [key for key, _, _ in found.largest] == sorted(by_project, key=lambda k: (-by_project[k], k))[:20]
    assert found.below_user_share == [(f"p{n}", pytest.approx(0.01 * n)) for n in range(1, 10, 2)]


def test_a_result_that_does_not_add_up_is_noticed(tmp_path):
    entry = record(1)
    entry["results"]["fiscal_total"] += 0.02
    assert read_stored(store(tmp_path, entry), "CNY").difference == -2


def test_only_the_district_and_not_what_is_left_out_is_added(tmp_path):
    store(tmp_path, record(1), record(2), record(3, district="elsewhere"), record(4, district=None))
    assert read_stored(tmp_path, "CNY", "here", leave_out=["p2"]).count == 1
    assert read_stored(tmp_path, "CNY").count == 4


def test_a_districts_own_result_is_no_project(tmp_path):
    store(tmp_path, record(1), {"kind": "district", "id": "here", "currency": "CNY"})
    assert read_stored(tmp_path, "CNY").count == 1


def refusals(folder: Path, **terms) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_stored(folder, "CNY", **terms)
    return [str(problem) for problem in refused.value.problems]


def test_every_unfit_result_is_named(tmp_path):
    old = {key: value for key, value in record(1).items() if key != "budget_years"}
    store(tmp_path, old, record(2, currency="USD"), record(3))
    store(tmp_path / "again", record(3))
    told = refusals(tmp_path)
    assert len(told) == 4
    for name, words in (("p1", "make its report again"), ("p2", "another currency"), ("p3", "another stored result")):
        assert any(f"{name}/summary.json" in line.replace("\\", "/") and words in line for line in told)


def changed(number: int, where: str, key: str, value: object) -> dict:
    entry = record(number)
    entry[where] = {**entry[where], key: value}
    return entry


def test_a_row_with_a_hole_or_of_another_length_is_named(tmp_path):
    kept = record(1)["budget_years"]["operating_subsidy"]
    store(
        tmp_path,
        changed(1, "budget_years", "operating_subsidy", [None, *kept[1:]]),
        changed(2, "budget_years", "retained_risk", [1.0, 2.0]),
        changed(3, "budget_years", "supporting_input", None),
        changed(4, "budget_years", "years", [None, *record(4)["budget_years"]["years"][1:]]),
        changed(5, "results", "fiscal_total", None),
        {key: value for key, value in record(6).items() if key != "sector"},
        record(7),
    )
    told = {line.replace("\\", "/").split("/summary.json")[0][-2:]: line for line in refusals(tmp_path)}
    assert set(told) == {f"p{number}" for number in range(1, 7)} and len(refusals(tmp_path)) == 6
    assert all("empty place, or is not as long" in told[f"p{number}"] for number in range(1, 5))
    assert all("lacks years, sector" in told[key] for key in ("p5", "p6"))


def test_an_empty_folder_and_a_broken_file_are_told(tmp_path):
    assert "no stored result" in refusals(tmp_path)[0]
    (tmp_path / "summary.json").write_text("{broken", encoding="utf-8")
    assert "cannot be read" in refusals(tmp_path)[0]


def test_a_folder_name_is_a_name_and_no_pattern_or_code(tmp_path):
    folder = tmp_path / "it's a [test] 报告"
    assert read_stored(store(folder, record(1)), "CNY").count == 1


def test_no_other_district_is_an_error_in_words(tmp_path):
    store(tmp_path, record(1))
    assert "no stored result of this district" in refusals(tmp_path, district="nowhere")[0]


def test_little_memory_is_enough(tmp_path):
    records = [record(n) for n in range(400)]
    store(tmp_path, *records)
    small, large = (read_stored(tmp_path, "CNY", memory=memory) for memory in ("256MB", "1GB"))
    assert small == large
