"""The table of inputs: what has a value is listed, a default marked; what is left out and has none is counted; no raw mapping."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html as markup

import ppp
from ppp.databook import contract_book, databook
from ppp.report.input_table import input_table
from ppp.report.words import LANGUAGES, display_of, word

PARAMS = Path(__file__).parents[2] / "params"
BOOKS = [("toll-road", databook), ("reclaimed-water", databook), ("reclaimed-water", contract_book)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("name", "book"), BOOKS, ids=lambda value: getattr(value, "__name__", value))
def test_what_has_a_value_is_listed_and_the_rest_counted(name, book, lang):
    project = ppp.load(PARAMS / f"{name}.yaml")
    entries = book(project)
    table, note = (markup.fromstring(part) for part in input_table(entries, display_of(project, lang)))
    rows = {row[1].text_content(): [cell.text_content() for cell in row] for row in table.iterfind(".//tbody/tr")}
    empty = {entry.key for entry in entries if entry.is_default and not entry.value and entry.value not in (0, False)}
    assert list(rows) == [entry.key for entry in entries if entry.key not in empty]
    assert len(empty) > 10 and word("text.left_out", lang, count=str(len(empty))) == note.text_content()
    for entry in entries:
        if entry.key in rows and entry.is_default:
            assert rows[entry.key][3] == word("text.default", lang)
            assert rows[entry.key][2] != "–"
    assert not re.search(r"[{}\[\]]|\bNone\b", table.text_content())


def test_amounts_that_grow_rates_and_lists_of_a_contract_read_as_elsewhere():
    project = ppp.load(PARAMS / "reclaimed-water.yaml")
    (table, _) = input_table(contract_book(project), display_of(project, "en"))
    rows = {row[1].text_content(): row[2].text_content() for row in markup.fromstring(table).iterfind(".//tbody/tr")}
    assert rows["contract.extension.user_payments"] == "2,080, growing 1.20% a year"
    assert rows["contract.investment_control.design"] == "19,900"
    assert rows["contract.refinancing.rate"] == "3.4%"
    assert rows["contract.investment_control.gates"] == "11 rows"
