"""The key figures of every form, read back and set beside summary.json."""

from __future__ import annotations

import json
import math
import re

import docx
import openpyxl
import pytest
from bs4 import BeautifulSoup

import ppp
from ppp.lines import RESULTS
from ppp.report.sections.front import KEY_FIGURES
from ppp.report.words import LANGUAGES, word
from ppp.report.workbook import write_workbook

from .conftest import PROJECTS

SCALES_OF_FILES = {"one": 1.0, "thousand": 1e3, "wan": 1e4, "million": 1e6, "yi": 1e8, "billion": 1e9}
SCALES = {"万元": 1e4, "million": 1e6, "%": 0.01}
NUMBER = re.compile(r"−?\d[\d,]*(?:\.\d+)?")


def read(text: str) -> tuple[float, float]:
    """A printed figure in base units, and half a unit of its last digit."""
    number = NUMBER.search(text)
    assert number, text
    shown = number[0].replace("−", "-").replace(",", "")
    after = text[number.end() :].strip("\u00a0 ")
    scale = next((scale for unit, scale in SCALES.items() if after.startswith(unit)), 1.0)
    decimals = len(shown.partition(".")[2])
    return float(shown) * scale, 0.5 * 10.0**-decimals * scale


def agree(figures: dict[str, str], summary: dict, lang: str) -> None:
    """Every key figure of summary.json stands among those that were read, rounded and nothing else; and no other figure does."""
    results, seen = summary["results"], set()
    by_label = {RESULTS[key].label(lang): key for key in KEY_FIGURES}
    for label, text in figures.items():
        key = by_label[label]
        seen.add(key)
        value, half = read(text)
        assert abs(value - results[key]) <= half * (1 + 1e-9), (key, text, results[key])
    missing = {key for key in KEY_FIGURES if results.get(key) is not None and math.isfinite(results[key])} - seen
    # left out of the table: a grant of nothing, and the partner's return where all shareholders have the same
    assert not [
        key
        for key in missing
        if not (key == "grant_total" and results[key] == 0.0)
        and not (key == "partner_irr" and results[key] == results["equity_irr"])
    ], missing
    assert len(seen) >= 15


def with_number(rows) -> dict[str, str]:
    return {label: text for label, text in rows if text not in ("–", "") and NUMBER.search(text)}


def html_figures(made) -> dict[str, str]:
    page = BeautifulSoup((made.folder / f"evaluation.{made.report.lang}.html").read_bytes(), "lxml")
    section = page.find("h2", id="key_figures").find_parent("section")
    return with_number((tr.th.get_text(), tr.td.get_text()) for tr in section.select("tbody tr"))


def docx_figures(made) -> dict[str, str]:
    document = docx.Document(str(made.docx))
    title, under, rows = word("section.key_figures", made.report.lang), None, []
    for element in document.iter_inner_content():
        if isinstance(element, docx.text.paragraph.Paragraph):
            under = element.text if element.style.name == "Heading 1" else under
        elif under == title:
            rows += [(row.cells[0].text, row.cells[1].text) for row in element.rows[1:]]
    return with_number(rows)


def pdf_figures(made, pages: list[str]) -> dict[str, str]:
    """Labels and figures stand side by side on a line of the laid-out text; a label that is broken over two is put together."""
    text = "".join(pages)
    text = text[text.index(word("section.key_figures", made.report.lang)) :]
    text = text[: text.index(word("section.cash", made.report.lang))]
    figures = {}
    for label in (RESULTS[key].label(made.report.lang) for key in KEY_FIGURES):
        found = re.search(r"\s*".join(map(re.escape, label.replace(" ", ""))) + r"\s*(.*)", text)
        if found:
            figures[label] = found[1]
    return with_number(figures.items())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PROJECTS)
def test_key_figures_of_the_workbook_agree(shipped, tmp_path, name, lang):
    """To the last digits of a float: the workbook does not round. Its money is in the unit of the project file."""
    folder = shipped.reports / name
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    unit = SCALES_OF_FILES[json.loads((folder / "project.json").read_text(encoding="utf-8"))["project"]["unit"]]
    path = write_workbook(ppp.evaluate(ppp.load(folder / "project.json")), tmp_path / "model.xlsx", lang)
    book = openpyxl.load_workbook(path, data_only=True)
    compared = 0
    for key in KEY_FIGURES:
        value = summary["results"].get(key)
        if value is None or not math.isfinite(value):
            continue
        ((sheet, place),) = book.defined_names[key].destinations
        scale = unit if RESULTS[key].unit == "money" else 1.0
        assert book[sheet][place.replace("$", "")].value * scale == pytest.approx(value, rel=1e-8), key
        compared += 1
    assert compared >= 15


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PROJECTS)
def test_key_figures_agree_in_every_form(made, pdf_text, name, lang):
    report = made(name, lang)
    summary = json.loads((report.folder / "summary.json").read_text(encoding="utf-8"))
    on_page = html_figures(report)
    agree(on_page, summary, lang)
    in_word = docx_figures(report)
    agree(in_word, summary, lang)
    assert in_word == on_page
    on_paper = pdf_figures(report, pdf_text(report.pdf, "-raw"))
    agree(on_paper, summary, lang)
    squeezed = {label: re.sub(r"\s", "", text) for label, text in on_page.items()}
    assert {label: re.sub(r"\s", "", text)[: len(squeezed[label])] for label, text in on_paper.items()} == squeezed


def test_a_wrong_digit_is_noticed():
    results = {key: 1.0 for key in KEY_FIGURES}
    labels = {RESULTS[key].label("en"): "1.00" for key in KEY_FIGURES}
    agree(labels, {"results": results}, "en")
    labels[RESULTS["psc"].label("en")] = "1.02"
    with pytest.raises(AssertionError):
        agree(labels, {"results": results}, "en")
