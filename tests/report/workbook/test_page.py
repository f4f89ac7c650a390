"""Formulas written without a look for each later function are those that xlsxwriter writes."""

from __future__ import annotations

import zipfile

import pytest
import xlsxwriter

from ppp.report.workbook.page import Page

FORMULAS = (
    "=SUM(A1:B2)*-(C3>=0)",
    "{=SUM(A1:A2*B1:B2)}",
    "=SORT(A1:A3)",
    "=_xlfn.SWITCH(A1,1,2)",
    "=INDEX(A1:A3,MATCH(1,B1:B3,0))",
    "=SWITCH(A1,1,2)",
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_written_as_xlsxwriter_writes_it(tmp_path, formula):
    written = []
    for kind in (None, Page):
        path = tmp_path / "x.xlsx"
        with xlsxwriter.Workbook(str(path)) as file:
            file.add_worksheet("a", kind).write_formula(4, 4, formula, None, 1)
        with zipfile.ZipFile(path) as archive:
            written.append(archive.read("xl/worksheets/sheet1.xml"))
    assert written[0] == written[1] and b"<f" in written[1]
