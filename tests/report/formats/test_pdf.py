"""PDF: paper, running head, bookmarks, tags, fonts; what it refuses; the same bytes every time."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace

import pikepdf
import pytest
from lxml import html as markup

from ppp.report.fonts import MissingGlyph
from ppp.report.formats import pdf
from ppp.report.formats.pictures import svg_of, with_text
from ppp.report.words import LANGUAGES, word

from .conftest import PROJECTS

A4 = (595.28, 841.89)  # points


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_says_what_it_is_of(made, pdf_text, lang):
    report = made("wastewater-plant", lang)
    pages = pdf_text(report.pdf, "-raw")
    assert len(pages) > 10
    for number, text in enumerate(pages, 1):
        text = squeezed(text)
        for said in (report.report.name, report.report.identity, report.report.foot):
            assert squeezed(said) in text, (number, said)
        assert squeezed(word("print.page", lang, page=str(number), pages=str(len(pages)))) in text


def test_the_head_tells_what_the_report_tells(made):
    report = made("wastewater-plant", "en").report
    (row,) = report.body.xpath(f"//tr[th='{word('meta.input_hash', 'en')}']/td")
    assert row.text == report.input_hash and len(report.input_hash) == 64
    (row,) = report.body.xpath(f"//tr[th='{word('meta.master_check', 'en')}']/td")
    assert row.text in report.identity
    assert word("meta.bad", "en") in replace(report, sound=False).identity
    assert word("meta.bad", "en") not in report.identity


@pytest.mark.parametrize("lang", LANGUAGES)
def test_paper_bookmarks_and_language(made, lang):
    report = made("wastewater-plant", lang)
    with pikepdf.open(report.pdf) as file:
        for page in file.pages:
            assert [float(side) for side in page.mediabox[2:]] == pytest.approx(A4, abs=0.1)
        assert str(file.Root.Lang) == {"en": "en", "zh": "zh-CN"}[lang]
        assert str(file.docinfo.Title) == report.report.title
        assert "/CreationDate" not in file.docinfo
        with file.open_outline() as outline:
            (top,) = outline.root
            marks = [top.title, *(mark.title for mark in top.children)]
    headings = [" ".join(h.text_content().split()) for h in report.report.body.iter("h1", "h2")]
    assert marks == headings


def elements(file: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    return [
        thing
        for thing in file.objects
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == pikepdf.Name.StructElem
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_tagged_for_screen_readers(made, lang):
    """PDF/UA: headings, tables with their heads, figures with their text; every piece of a page belongs to one of them."""
    report = made("wastewater-plant", lang)
    with pikepdf.open(report.pdf) as file:
        assert bool(file.Root.MarkInfo.Marked)
        assert "pdfuaid" in bytes(file.Root.Metadata.read_bytes()).decode()
        tags = elements(file)
        kinds = [str(tag.S) for tag in tags]
        body = report.report.body
        assert kinds.count("/H1") == 1 and kinds.count("/H2") == len(list(body.iter("h2")))
        assert kinds.count("/TH") >= len(list(body.iter("th"))) and "/Caption" in kinds
        texts = [str(tag.Alt) for tag in tags if str(tag.S) == "/Figure"]
        assert texts == [image.get("alt") for image in body.iter("img")] and len(texts) > 5
        assert all(texts)


def test_no_font_but_the_bundled_one_is_used_and_it_is_embedded(made, program):
    for lang in LANGUAGES:
        listed = subprocess.run(
            [program("pdffonts"), str(made("wastewater-plant", lang).pdf)], capture_output=True, text=True, check=True
        ).stdout.splitlines()[2:]
        assert listed
        for font in listed:
            assert re.match(r"[A-Z]{6}\+PPP-Sans(-Bold)? ", font), font
            assert re.search(r" yes yes yes +\d+ +\d+$", font), (
                font
            )  # embedded, a part of the font, with its characters


def test_heads_of_long_tables_are_repeated(made, pdf_text):
    """From the first page of the inputs to the last, each page has the heads of the columns."""
    report = made("waste-to-energy", "en")
    heads = [
        " ".join(th.text_content().split()) for th in report.report.body.xpath("//table[@class='databook']/thead//th")
    ]
    pages = [" ".join(text.split()) for text in pdf_text(report.pdf, "-layout")]
    headed = [number for number, text in enumerate(pages) if all(head in text for head in heads)]
    assert len(headed) > 2
    assert headed == list(range(headed[0], headed[-1] + 1))
    assert word("section.provenance", "en") in pages[headed[-1]] + pages[min(headed[-1] + 1, len(pages) - 1)]


def test_a_missing_glyph_ends_the_run(made):
    report = made("wastewater-plant", "en").report
    body = deepcopy(report.body)
    body.find(".//h1").text = "Plant \U0001f600"
    with pytest.raises(MissingGlyph, match="1F600"):
        pdf.pdf_of(replace(report, body=body))


@pytest.mark.parametrize(
    "given",
    [
        "<img src='http://127.0.0.1:9/x.png'>",
        "<img src='file:///etc/hostname'>",
        "<img src='x.png'>",
        "<img src='data:image/png;base64,AAAA'>",
    ],
)
def test_nothing_is_fetched(made, given):
    with pytest.raises(ValueError, match="no chart"):
        pdf.pdf("x", "en", [markup.fragment_fromstring(f"<main>{given}</main>")])


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "file:///etc/hostname", "ftp://127.0.0.1/x"])
def test_a_style_that_fetches_ends_the_run(made, address):
    css = f"body {{ background-image: url({address}) }}"
    with pytest.raises(pdf.Refused, match=re.escape(address)):
        pdf.pdf("x", "en", [markup.fragment_fromstring("<main><p>x</p></main>")], css)


def test_charts_say_the_same_in_letters_as_in_outlines(made):
    """Each comment that matplotlib wrote before the outlines of a text, and nothing else, is a text now; no outline is left."""
    for lang in LANGUAGES:
        for image in made("wastewater-plant", lang).report.body.iter("img"):
            svg = svg_of(image)
            drawn, said = with_text(svg)
            comments = re.findall(r"<!-- (.*?) -->", svg)
            assert said.split("\n") == [
                c.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for c in comments
            ]
            assert "PPPSans-Regular" not in drawn and drawn.count("<text") == len(comments)
            assert "PPPSans-Regular" in svg


def test_a_chart_that_cannot_be_read_back_stays_as_it_is():
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><!-- a - -b --><g transform='translate(1 2) scale(0.1 -0.1)'/></svg>"
    assert with_text(svg) == (svg, "")


SCRIPT = """
import sys
from pathlib import Path
from ppp.report.formats.finished import finished
from ppp.report.formats.pdf import pdf_of
from ppp.report.formats.word_document import docx_of
report = finished(Path(sys.argv[1]), "evaluation", sys.argv[2])
Path(sys.argv[3]).write_bytes(pdf_of(report))
Path(sys.argv[4]).write_bytes(docx_of(report))
"""


def test_the_same_report_gives_the_same_bytes(made, tmp_path):
    """Also in another process with other hashes, another time zone and another day."""
    first = made(PROJECTS[0], "zh")
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "SOURCE_DATE_EPOCH": "1"}
    again = [tmp_path / "again.pdf", tmp_path / "again.docx"]
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(first.folder), "zh", *map(str, again)], check=True, env=environment
    )
    assert again[0].read_bytes() == first.pdf.read_bytes()
    assert again[1].read_bytes() == first.docx.read_bytes()


def test_rendering_leaves_the_collector_of_garbage_as_it_was(made):
    import gc

    assert gc.isenabled()
    pdf.page_count("x", "en", [markup.fragment_fromstring("<main><p>x</p></main>")])
    assert gc.isenabled()
    with pytest.raises(MissingGlyph):
        pdf.page_count("x", "en", [markup.fragment_fromstring("<main><p>\U0001f600</p></main>")])
    assert gc.isenabled()
    assert io.BytesIO(pdf.pdf("x", "en", [markup.fragment_fromstring("<main><p>x</p></main>")])).read(5) == b"%PDF-"
