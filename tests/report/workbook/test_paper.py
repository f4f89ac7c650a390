"""How the workbook prints: few pages, letters that can be read, every column of a statement, of the circle one round."""

from __future__ import annotations

import math
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

import ppp
from ppp.report.workbook import write_workbook
from ppp.report.workbook.context import own_word
from ppp.report.workbook.grid import TOTAL
from ppp.report.workbook.paper import A3, A4, ROOM, SMALLEST, pages_across

PARAMS = Path(__file__).parents[3] / "params"


@pytest.fixture(scope="module", params=["en", "zh"])
def book(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("paper") / "book.xlsx"
    return request.param, openpyxl.load_workbook(
        write_workbook(ppp.evaluate(ppp.load(PARAMS / "toll-road.yaml")), path, request.param)
    )


def test_columns_are_given_the_pages_that_they_need():
    assert pages_across([90.0, 30.0]) == 1
    whole = ROOM / SMALLEST  # of columns on one page at the smallest letters
    assert pages_across([90.0, whole - 90.0]) == 1
    assert pages_across([90.0, whole - 89.0]) == 2  # the label stands on both
    for count in (20, 60, 150):
        pages = pages_across([90.0, *[25.0] * count])
        assert math.isclose(pages, 25.0 * count / (whole - 90.0), abs_tol=1.0)


def test_every_sheet_prints_under_its_heads_and_labels(book):
    _, file = book
    for number, sheet in enumerate(file):
        across = int(sheet.page_setup.fitToWidth or 1)  # 1 is what the format takes where nothing is said
        assert sheet.print_title_rows == "$1:$5"
        assert sheet.page_setup.fitToHeight == 0 and sheet.sheet_properties.pageSetUpPr.fitToPage
        if number == 0:
            assert sheet.page_setup.paperSize == A4 and across == 1
            continue
        assert sheet.page_setup.paperSize == A3 and sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_cols == "$A:$A"
        assert across <= 2


def test_what_is_left_off_paper_is_the_circles_repetition_and_the_grid_of_rates(book):
    lang, file = book
    circle, roots = (own_word(f"sheet.{key}", lang) for key in ("circle", "roots"))
    for sheet in file.worksheets[1:]:
        left, top, right, bottom = range_boundaries(sheet.print_area.rpartition("!")[2])
        assert (left, top) == (1, 1)
        if sheet.title == roots:
            assert right == TOTAL + 1 and bottom >= sheet.max_row
        elif sheet.title == circle:
            labels = [sheet.cell(row, 1).value for row in range(1, bottom + 2)]
            assert own_word("round", lang, n="1") in labels
            assert labels[-1] == own_word("round", lang, n="2")
            assert bottom < sheet.max_row / 10 and right == sheet.max_column
        else:
            assert bottom >= sheet.max_row and right >= sheet.max_column
