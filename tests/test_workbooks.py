"""Columns from XLSX workbooks: experts' scores and profiles read from a sheet, and what is refused."""

import warnings
import zipfile

import pytest
from openpyxl import Workbook

import ppp
from ppp.columns import read_column
from ppp.loading import canonical
from ppp.problems import InputError
from ppp.workbooks import read_sheet

HEADS = ["expert", "life_cycle_integration", "risk_allocation"]
ROWS = [["Law", 80, 70.5], ["Finance", 90, 60], [None, None, None], ["Engineering", 85.0, 75]]


@pytest.fixture
def book(tmp_path):
    """book({"Scores": [[...], ...]}): a workbook with these sheets."""

    def make(sheets, name="experts.xlsx"):
        made = Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            sheet = made.create_sheet(title)
            for row in rows:
                sheet.append(row)
        made.save(tmp_path / name)
        return tmp_path / name

    return make


def test_a_column_is_read_by_its_heading_and_empty_rows_are_passed_over(book):
    column = read_column(book({"Scores": [HEADS, *ROWS]}), "risk_allocation", sheet="Scores")
    assert column.values == [70.5, 60.0, 75.0]
    assert column.lines == [2, 3, 5] and column.cell == 3


def test_the_only_sheet_needs_no_name_and_several_do(book):
    assert read_column(book({"Any": [HEADS, *ROWS]}), "life_cycle_integration").values == [80.0, 90.0, 85.0]
    two = book({"A": [HEADS], "B": [HEADS, *ROWS]})
    with pytest.raises(InputError, match="several sheets; name one as sheet, allowed: A, B"):
        read_column(two, "risk_allocation")
    with pytest.raises(InputError, match="no such sheet, given C; allowed: A, B"):
        read_column(two, "risk_allocation", sheet="C")


@pytest.mark.parametrize(
    "cell, words", [("good", "is not a number, given good"), (None, "it is empty"), (True, "not a number")]
)
def test_a_cell_that_is_no_number_is_refused_at_its_row(book, cell, words):
    path = book({"S": [HEADS, ["Law", 80, cell], ["Finance", 90, 60]]})
    with pytest.raises(InputError, match=words) as refused:
        read_column(path, "risk_allocation", "experts.xlsx")
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.column) == ("experts.xlsx", 2, 3)


def test_a_formula_that_was_never_computed_is_an_empty_cell(book):
    path = book({"S": [HEADS, ["Law", 80, "=10*7"]]})
    with pytest.raises(InputError, match="it is empty"):
        read_column(path, "risk_allocation")


@pytest.mark.parametrize(
    "content, words", [(b"expert,score\n1,2\n", "is not an XLSX workbook"), (b"", "is not an XLSX workbook")]
)
def test_what_is_no_workbook_is_refused(tmp_path, content, words):
    path = tmp_path / "experts.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_sheet(path, "experts.xlsx", None, "score")


def test_a_zip_file_of_something_else_and_one_that_unpacks_to_too_much_are_refused(tmp_path):
    path = tmp_path / "experts.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(InputError, match="is not an XLSX workbook"):
        read_sheet(path, "experts.xlsx", None, "score")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 31_000_000)
    with pytest.raises(InputError, match="unpacks to too much"):
        read_sheet(path, "experts.xlsx", None, "score")


def test_too_many_rows_are_refused(book):
    with pytest.raises(InputError, match="is too large; allowed: 2000 rows"):
        read_column(book({"S": [["score"], *[[1]] * 2_100]}), "score")


# --- in a project file ---

PROJECT = """
kind: project
id: bridge
name: Bridge
status: draft
sector: road
regime: cn-2015
appraised: 2021-01-01
currency: CNY
unit: wan
price_basis: nominal
timeline: {financial_close: 2022-01-01, construction: 2 years, operation: 3 years}
construction: {capex: 1000}
operation: {opex: {xlsx: costs.xlsx, column: opex}}
payment: {kind: government_pay, profit_rate: 6%}
funding: {government_share: 20%}
discounting: {rate: 5%}
qualitative:
  life_cycle_integration: {weight: 20%, scores: SCORES}
  risk_allocation: {weight: 20%, scores: {csv: experts.csv, column: risk_allocation}}
  performance_innovation: {weight: 10%, scores: [70, 71, 72]}
  potential_competition: {weight: 10%, scores: [70, 71, 72]}
  government_capacity: {weight: 10%, scores: [70, 71, 72]}
  financeability: {weight: 10%, scores: [70, 71, 72]}
  project_size: {weight: 10%, scores: [70, 71, 72]}
  asset_life: {weight: 10%, scores: [70, 71, 72]}
"""
SHEET = "{xlsx: experts.xlsx, sheet: Scores, column: life_cycle_integration}"


@pytest.fixture
def bridge(tmp_path, book):
    book({"Scores": [HEADS, *ROWS]})
    book({"Costs": [["year", "opex"], [1, 50], [2, 51], [3, 52.5]]}, "costs.xlsx")
    (tmp_path / "experts.csv").write_text("risk_allocation\n70\n60\n75\n", encoding="utf-8")

    def load(scores=SHEET):
        (tmp_path / "bridge.yaml").write_text(PROJECT.replace("SCORES", scores), encoding="utf-8")
        return ppp.load(tmp_path / "bridge.yaml")

    return load


def test_scores_and_profiles_come_from_sheets_beside_the_file(bridge):
    project = bridge()
    assert project.qualitative["life_cycle_integration"].scores == [80.0, 90.0, 85.0]
    assert project.qualitative["risk_allocation"].scores == [70.0, 60.0, 75.0]
    assert project.operation.opex.values == [50.0, 51.0, 52.5]


def test_the_canonical_form_holds_the_numbers_and_no_file(bridge, tmp_path):
    import json

    project = bridge()
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "project.json"
    path.write_text(json.dumps(canonical(project)), encoding="utf-8")
    again = ppp.load(path)
    assert again.qualitative == project.qualitative and "xlsx" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "scores, words",
    [
        ("{xlsx: experts.csv, column: a}", "is another kind of file"),
        ("{csv: experts.xlsx, column: a}", "is another kind of file"),
        ("{xlsx: none.xlsx, column: a}", "allowed: an XLSX workbook beside the project"),
        ("{xlsx: ../experts.xlsx, column: a}", "leaves the project's folder"),
        ("{xlsx: experts.xlsx}", "xlsx and column go together"),
        ("{xlsx: experts.xlsx, column: a}", "no such column"),
        ("{xlsx: experts.xlsx, column: life_cycle_integration, values: [1]}", "excludes xlsx"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused(bridge, scores, words):
    with pytest.raises(InputError, match=words):
        bridge(scores)


def test_a_score_out_of_range_is_refused_at_its_cell(bridge, book):
    load = bridge
    load()
    book({"Scores": [HEADS, ["Law", 80, 1], ["Finance", 101, 1], ["Tax", 3, 1]]})
    with pytest.raises(InputError, match="out of range") as refused:
        load()
    assert [(p.file.rsplit("/", 1)[-1], p.line, p.column) for p in refused.value.problems] == [("experts.xlsx", 3, 2)]


def test_reading_a_workbook_warns_of_nothing(book):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_column(book({"S": [HEADS, *ROWS]}), "risk_allocation")


# --- one row for each expert ---


@pytest.mark.parametrize("heading", ["expert", "Expert", "专家"])
@pytest.mark.parametrize("again", ["Law", " law ", "Ｌａｗ"])
def test_an_expert_in_two_rows_of_a_sheet_is_refused_at_the_second(book, tmp_path, heading, again):
    rows = [[heading, *HEADS[1:]], *ROWS, [again, 10, 20]]
    (tmp_path / "experts.csv").write_text(
        "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows) + "\n", encoding="utf-8"
    )
    for path in (book({"Scores": rows}), tmp_path / "experts.csv"):
        with pytest.raises(InputError, match="has scored already on line 2") as refused:
            read_column(path, "risk_allocation")
        (problem,) = refused.value.problems
        assert (problem.line, problem.column, problem.field) == (6, 1, heading)


def test_an_expert_in_two_rows_is_told_once_for_all_columns_of_the_sheet(bridge, book):
    book({"Scores": [HEADS, *ROWS[:2], ["Law", 85, 75]]})
    with pytest.raises(InputError) as refused:
        bridge()
    assert [problem.field for problem in refused.value.problems] == ["expert"]


def test_rows_without_a_name_and_columns_of_other_things_may_repeat(book):
    nameless = [HEADS, [None, 80, 70], [None, 90, 60], ["Law", 85, 75]]
    assert read_column(book({"Scores": nameless}), "risk_allocation").values == [70.0, 60.0, 75.0]
    costs = [["item", "opex"], ["staff", 1], ["staff", 2]]
    assert read_column(book({"Costs": costs}), "opex").values == [1.0, 2.0]
