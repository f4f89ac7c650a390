"""Word: all that the page says, as headings, native tables and captioned pictures, in named fonts; nothing active in it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from itertools import pairwise

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree
from lxml import html as markup

from ppp.report.formats.word_document import UnknownMarkup, docx_of
from ppp.report.formats.word_style import CHINESE, TEXT_WIDTH
from ppp.report.formats.word_table import column_widths, table_xml
from ppp.report.words import LANGUAGES, word

from .conftest import PROJECTS

REPORTS = [
    *((name, "evaluation") for name in PROJECTS),
    ("reclaimed-water+appraisal", "appraisal"),
    ("dalian-illustrative", "portfolio"),
]


def pieces(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)  # and the places where a long key may break


def read(path) -> str:
    """All text of the body but captions, in order."""
    document, found = docx.Document(str(path)), []
    for element in document.iter_inner_content():
        if isinstance(element, docx.table.Table):
            found += [docx.table._Cell(cell, element).text for cell in element._tbl.iter_tcs()]
        elif element.style.name != "Caption":
            found.append(element.text)
    return pieces("".join(found))


def on_page(body) -> str:
    """The page's text in the order of the Word document: what stands below a table in print follows it there."""
    body = markup.fromstring(markup.tostring(body, encoding="unicode"))
    for table in body.iter("table"):
        caption = table.find("caption")
        if caption is not None:
            table.append(caption)
    return pieces(body.text_content())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("name", "stem"), REPORTS)
def test_it_says_all_that_the_page_says_and_nothing_else(made, name, stem, lang):
    report = made(name, lang, stem)
    assert read(report.docx) == on_page(report.report.body)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_tables_and_pictures_are_native(made, lang):
    report = made("wastewater-plant", lang)
    document, body = docx.Document(str(report.docx)), report.report.body
    by_style: dict[str, list[str]] = {}
    for paragraph in document.paragraphs:
        by_style.setdefault(paragraph.style.name, []).append(paragraph.text)
    texts = {tag: [" ".join(h.text_content().split()) for h in body.iter(tag)] for tag in ("h1", "h2", "h3")}
    assert (by_style["Title"], by_style["Heading 1"], by_style["Heading 2"]) == tuple(texts.values())
    tables = list(body.iter("table"))
    assert len(document.tables) == len(tables) > 20
    for table, made_of in zip(document.tables, tables, strict=True):
        repeated = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows]
        assert repeated == [row.getparent().tag == "thead" for row in made_of.iter("tr")]
        assert sum(int(c.get(qn("w:w"))) for c in table._tbl.tblGrid) == pytest.approx(TEXT_WIDTH * 56.6929, abs=20)
    images = list(body.iter("img"))
    assert [about.get("descr") for about in document.element.body.iter(qn("wp:docPr"))] == [
        i.get("alt") for i in images
    ]
    captions = by_style["Caption"]
    for kind, count in (("table", len(tables)), ("figure", len(images))):
        start = word(f"print.{kind}", lang, number="\0", text="").split("\0")[0]
        numbers = [int(re.match(rf"{start}(\d+)", text)[1]) for text in captions if text.startswith(start)]
        assert numbers == list(range(1, count + 1))
    codes = [code.text.strip() for code in document.element.body.iter(qn("w:instrText"))]
    assert set(codes) == {"SEQ Table \\* ARABIC", "SEQ Figure \\* ARABIC"} and len(codes) == len(captions)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_style_names_a_chinese_font(made, lang):
    document = docx.Document(str(made("wastewater-plant", lang).docx))
    fonts = list(document.styles.element.iter(qn("w:rFonts")))
    assert len(fonts) > 3
    for font in fonts:
        assert font.get(qn("w:eastAsia")) == CHINESE and font.get(qn("w:ascii"))
        assert not [key for key in font.attrib if "Theme" in key]
    assert document.core_properties.language == {"en": "en-GB", "zh": "zh-CN"}[lang]


def test_head_and_foot(made):
    report = made("wastewater-plant", "zh")
    (section,) = docx.Document(str(report.docx)).sections
    head, foot = section.header.paragraphs[0].text, section.footer.paragraphs[0].text
    assert report.report.name in head and report.report.identity in head
    assert report.report.foot in foot
    codes = [code.text.strip() for code in section.footer._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]


def test_no_time_and_no_stranger_in_the_archive(made):
    with zipfile.ZipFile(made("wastewater-plant", "en").docx) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in archive.namelist():
            text = archive.read(name)
            if name.endswith(".rels"):
                assert b"External" not in text, name
            if name.endswith(".xml"):
                tree = etree.fromstring(text)
                assert not list(tree.iter(qn("w:hyperlink"))), name
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r">(\d{4}-[^<]*)<", core) == ["2000-01-01T00:00:00Z"] * 2


@pytest.mark.parametrize("given", ["<video></video>", "<p><a href='x'>x</a></p>", "loose text", "<p>a</p>loose"])
def test_what_has_no_form_in_word_is_an_error_and_never_left_out(made, given):
    report = replace(
        made("wastewater-plant", "en").report,
        body=markup.fragment_fromstring(f"<main><section>{given}</section></main>"),
    )
    with pytest.raises(UnknownMarkup):
        docx_of(report)


def test_columns_keep_numbers_whole_and_fill_the_page():
    texts = [["Item", "CNY million"], ["a long name of a line " * 4, "−1,234,567.8"]]
    name, number = column_widths(texts, [False, True], 8.5)
    assert name + number == pytest.approx(TEXT_WIDTH * 56.6929, abs=2)
    assert number >= len("−1,234,567.8") * 0.45 * 8.5 * 20
    assert name > number
    year, *rest = column_widths([["Year", "A", "B"], ["2030", "1.0", "2.0"]], [False, True, True], 8.5)
    assert year + sum(rest) == pytest.approx(TEXT_WIDTH * 56.6929, abs=3)
    assert min(rest) > 0.5 * year  # what nobody needs is shared by all
    narrow = column_widths([["1" * 30] * 12], [True] * 12, 8.5)  # no room for all: shared out alike
    assert sum(narrow) == pytest.approx(TEXT_WIDTH * 56.6929, abs=12) and len(set(narrow)) == 1


def test_an_empty_cell_is_no_higher_than_others():
    """The mark at the end of its paragraph, which alone gives it a height, is as small as the letters beside it."""
    rows = (
        "<thead><tr><th>Item</th><th class='number'>2030</th></tr></thead><tbody><tr><th>a</th><td></td></tr></tbody>"
    )
    made = table_xml(markup.fragment_fromstring(f"<table class='accounts'>{rows}</table>"))
    cells = list(made.iter(qn("w:tc")))
    letters = {size.get(qn("w:val")) for run in made.iter(qn("w:r")) for size in run.iter(qn("w:sz"))}
    assert len(letters) == 1
    for cell in cells:
        (mark,) = cell.iterfind(f"{qn('w:p')}/{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:sz')}")
        assert mark.get(qn("w:val")) in letters


def test_a_paragraph_stays_with_the_table_chart_or_heading_that_it_leads_to(made):
    document = docx.Document(str(made("waste-to-energy", "en").docx))
    blocks = list(document.iter_inner_content())
    for one, after in pairwise(blocks):
        if not isinstance(one, docx.text.paragraph.Paragraph) or one.style.name not in ("Body Text", "Note"):
            continue
        if one.text and isinstance(after, docx.text.paragraph.Paragraph) and after.style.name in ("Caption", "Figure"):
            caption_of_a_table = after.paragraph_format.keep_with_next
            if one.style.name == "Body Text" and (caption_of_a_table or after.style.name == "Figure"):
                assert one.paragraph_format.keep_with_next, one.text
