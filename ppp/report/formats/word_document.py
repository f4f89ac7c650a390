"""Word from the page of a finished report: headings, styles, native tables with repeated heads, charts with captions and their text
alternative. The page is walked, so that both say the same; a tag that is new there is an error here and never left out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, RGBColor
from docx.text.paragraph import Paragraph
from lxml.html import HtmlElement

from ppp.report.formats.finished import Finished, text_of
from ppp.report.formats.pictures import png, svg_of, title_of
from ppp.report.formats.word_style import COLOURS, STYLES, TEXT_WIDTH, dress
from ppp.report.formats.word_table import MAY_BREAK, table_xml
from ppp.report.words import word

DOTS = 1500  # across a chart as wide as the text: 220 to the inch
PARAGRAPHS = {"lead": "Lead", "note": "Note", "subtitle": "Subtitle", "outcome": "Outcome", "status": "Status"}
HEADINGS = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2"}
LAST_CENTURY = (1980, 1, 1, 0, 0, 0)  # the earliest day that a zip archive knows


class UnknownMarkup(ValueError):
    """The page holds a tag that has no form in Word yet."""


def docx_of(report: Finished) -> bytes:
    """The report as a Word document. Same page, same bytes."""
    document = Document()
    dress(document, report)
    writer = _Writer(document, report.lang)
    for element in report.body.iterchildren(tag="section"):
        writer.blocks(element)
    file = io.BytesIO()
    document.save(file)
    return _without_times(file.getvalue())


class _Writer:
    """Walks the page and keeps count of tables and figures. `under` is the last heading, by which tables are called."""

    def __init__(self, document: DocumentType, lang: str):
        self.document, self.lang, self.under = document, lang, ""
        self.count = {"table": 0, "figure": 0}

    def blocks(self, parent: HtmlElement) -> None:
        if parent.text and parent.text.strip():
            raise UnknownMarkup(f"text outside a paragraph: {parent.text.strip()[:40]}")
        for element in parent.iterchildren(tag=None):
            self.block(element)
            if element.tail and element.tail.strip():
                raise UnknownMarkup(f"text outside a paragraph: {element.tail.strip()[:40]}")

    def block(self, element: HtmlElement) -> None:
        css = (element.get("class") or "").split()
        match element.tag:
            case "h1" | "h2" | "h3":
                self.under = text_of(element)
                self.paragraph(element, HEADINGS[element.tag])
            case "p":
                made = self.paragraph(element, next((PARAGRAPHS[n] for n in css if n in PARAGRAPHS), "Body Text"))
                made.paragraph_format.keep_with_next = _leads(element) or None
            case "ul":
                for item in element.iterchildren("li"):
                    self.paragraph(item, "List Bullet")
            case "dl":
                self.facts(element)
            case "table":
                self.table(element)
            case "figure":
                self.figure(element)
            case "div":
                self.blocks(element)
            case _:
                raise UnknownMarkup(f"<{element.tag}>")

    def paragraph(self, element: HtmlElement, style: str) -> Paragraph:
        paragraph = self.document.add_paragraph(style=STYLES[style])
        for text, look in runs(element):
            run = paragraph.add_run(text)
            if colour := COLOURS.get(look):
                run.font.color.rgb = RGBColor.from_string(colour)
            if look == "bad":
                run.font.bold = True
        return paragraph

    def facts(self, element: HtmlElement) -> None:
        """Pairs of a name and a value."""
        for pair in element.iterchildren("div"):
            paragraph = self.document.add_paragraph(style=STYLES["Fact"])
            name, value = pair.find("dt"), pair.find("dd")
            paragraph.add_run(f"{text_of(name)}\t")
            paragraph.add_run(text_of(value)).font.bold = True

    def table(self, element: HtmlElement) -> None:
        self.caption("table", self.called(element), keep=True)
        body = self.document.element.body
        body.insert(len(body) - 1, table_xml(element))  # before the section's properties, which stay last
        note = element.find("caption")
        paragraph = self.document.add_paragraph(style=STYLES["Note"])  # also keeps two tables from growing together
        if note is not None:
            paragraph.add_run(text_of(note))

    def called(self, table: HtmlElement) -> str:
        """A table by the heading that it stands under, and what tells it from others there: its years, or its first column."""
        heads = [text_of(cell) for cell in table.findall("thead/tr")[-1].iterfind("th")]
        years = [head for head in heads[1:] if head.isdigit()]
        if len(years) > 1 and len(years) >= len(heads) - 2:
            return word("print.table_of_years", self.lang, name=self.under, first=years[0], last=years[-1])
        beside = table.xpath("ancestor::div[@class='pair']//thead/tr[last()]/th[1]")
        if len({text_of(head) for head in beside}) > 1:
            return word("print.table_of", self.lang, name=self.under, what=heads[0])
        return self.under

    def figure(self, element: HtmlElement) -> None:
        (image,) = element.iter("img")
        svg = svg_of(image)
        title = title_of(svg)
        paragraph = self.document.add_paragraph(style=STYLES["Figure"])
        shape = paragraph.add_run().add_picture(io.BytesIO(png(svg, DOTS)), width=Mm(TEXT_WIDTH))
        about = shape._inline.docPr
        about.set("descr", image.get("alt", ""))
        about.set("title", title)
        self.caption("figure", title)

    def caption(self, kind: str, text: str, keep: bool = False) -> None:
        """A numbered caption; the number is a field, so that Word counts anew when tables are added or taken out."""
        self.count[kind] += 1
        paragraph = self.document.add_paragraph(style=STYLES["Caption"])
        paragraph.paragraph_format.keep_with_next = keep or None
        before, after = word(f"print.{kind}", self.lang, number="\0", text=text).split("\0")
        paragraph.add_run(before)
        field(paragraph, f"SEQ {kind.capitalize()} \\* ARABIC", str(self.count[kind]))
        paragraph.add_run(after)


def _leads(paragraph: HtmlElement) -> bool:
    """Whether it introduces the table, chart or heading that follows it; before a heading, when nothing else stands under its own."""
    before, after = paragraph.getprevious(), paragraph.getnext()
    if after is None:
        return False
    if after.tag in HEADINGS:
        return before is not None and before.tag in HEADINGS
    return after.tag in ("div", "figure") and not (after.get("class") or "").startswith("verdict")


def field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    """A field of our own: no text of a file is ever part of an instruction."""
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            code = OxmlElement("w:instrText")
            code.text = f" {instruction} "
            paragraph.add_run()._r.append(code)
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        paragraph.add_run()._r.append(mark)
        if kind == "separate":
            paragraph.add_run(shown)


def runs(element: HtmlElement, look: str = "") -> Iterator[tuple[str, str]]:
    """What is read within a paragraph or cell, piece by piece, each with its look: good, bad, open, code, small or none."""
    yield from _text(element.text, look)
    for child in element:
        css = (child.get("class") or "").split()
        match child.tag:
            case "span":
                yield from runs(child, next((name for name in css if name in COLOURS), look))
            case "code" | "small":
                yield from runs(child, look)
            case "br":
                yield "\n", look
            case "wbr":  # some parsers of HTML know no such tag and set what follows inside it
                yield MAY_BREAK, look
                yield from runs(child, look)
            case _:
                raise UnknownMarkup(f"<{child.tag}> within text")
        yield from _text(child.tail, look)


def _text(text: str | None, look: str) -> Iterator[tuple[str, str]]:
    if not text:
        return
    kept = text.replace("\u00a0", "\0").split()
    spaced = " ".join(kept).replace("\0", "\u00a0")
    before = " " if text[0] in " \n\t" else ""
    after = " " if text[-1] in " \n\t" and kept else ""
    if spaced or before:
        yield before + spaced + after, look


def _without_times(archive: bytes) -> bytes:
    """The same archive with one fixed time on all its files."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as kept:
        for entry in given.infolist():
            about = zipfile.ZipInfo(entry.filename, LAST_CENTURY)
            about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            about.create_system = 3
            kept.writestr(about, given.read(entry))
    return made.getvalue()
