"""Text of a file stays text in every form: no formula, link, field, markup or action comes of it."""

from __future__ import annotations

import re
import zipfile

import docx
import openpyxl
import pikepdf
import pytest
from docx.oxml.ns import qn
from lxml import etree

import ppp
from ppp.report.formats.finished import finished
from ppp.report.formats.pdf import pdf_of
from ppp.report.formats.word_document import docx_of
from ppp.report.words import LANGUAGES
from ppp.report.workbook import write_workbook

ACTIVE = ("/JS", "/JavaScript", "/Launch", "/OpenAction", "/AA", "/EmbeddedFiles", "/AcroForm", "/URI", "/GoToR")


@pytest.fixture(scope="module")
def hostile(shipped):
    return lambda lang: finished(shipped.reports / "hostile", "evaluation", lang)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_in_pdf(hostile, commands, pdf_text, program, tmp_path, lang):
    program("pango")
    path = tmp_path / "hostile.pdf"
    path.write_bytes(pdf_of(hostile(lang)))
    with pikepdf.open(path) as file:
        for thing in file.objects:
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                assert not [key for key in ACTIVE if key in thing], thing
                assert thing.get("/S") not in (pikepdf.Name.URI, pikepdf.Name.JavaScript)
        assert commands["hostile"][lang][:40] in str(file.docinfo.Title)
    assert squeezed(commands["hostile"][lang])[:60] in squeezed("".join(pdf_text(path, "-raw")))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_in_word(hostile, commands, tmp_path, lang):
    path = tmp_path / "hostile.docx"
    path.write_bytes(docx_of(hostile(lang)))
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                tree = etree.fromstring(archive.read(name))
                assert not list(tree.iter(qn("w:hyperlink"), qn("w:object"), "{*}OLEObject")), name
                codes = {code.text.strip().split()[0] for code in tree.iter(qn("w:instrText"))}
                assert codes <= {"SEQ", "PAGE", "NUMPAGES"}, name
                assert not tree.xpath("//*[@TargetMode='External']"), name
    document = docx.Document(str(path))
    assert document.paragraphs[1].text == " ".join(commands["hostile"][lang].split())
    assert document.paragraphs[1].style.name == "Title"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_in_the_workbook(shipped, commands, tmp_path, lang):
    """Every cell that holds the text is a text; every formula is one of ours, without it."""
    made_of = shipped.reports / "hostile" / "project.json"
    path = write_workbook(ppp.evaluate(ppp.load(made_of)), tmp_path / "hostile.xlsx", lang)
    held = 0
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None or cell.hyperlink.location, cell.coordinate  # within the workbook alone
                if isinstance(cell.value, str) and "HYPERLINK" in cell.value:
                    held += 1
                    assert cell.data_type == "s", cell.coordinate
                if cell.data_type == "f":
                    assert "HYPERLINK" not in str(cell.value) and "script" not in str(cell.value)
    assert held
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert b'TargetMode="External"' not in archive.read(name), name
