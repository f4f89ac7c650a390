"""How a Word document of ours looks: paper, fonts, styles, head and foot."""

from __future__ import annotations

import datetime as dt

from docx.document import Document as DocumentType
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from ppp.report.formats.finished import Finished
from ppp.report.words import word

LATIN, CHINESE = (
    "Arial",
    "Microsoft YaHei",
)  # Office brings both, on Windows and macOS; elsewhere the system's own stand in
TEXT_WIDTH = 180.0  # mm, of A4's 210
ACCENT, SOFT = "1F4E79", "5B6775"
COLOURS = {"good": "1B6E3C", "bad": "A61B1B", "open": "7A5B00"}  # each beside a sign and a word
LONGEST_PROPERTY = 255  # characters, by the format
CREATED = dt.datetime(2000, 1, 1)  # fixed, so that the same report gives the same bytes

# our name -> name in Word, size in points, bold, colour, space before and after in points
_LOOKS = {
    "Title": ("Title", 20, True, "1C2530", 6, 2),
    "Subtitle": ("Subtitle", 12, False, SOFT, 0, 8),
    "Heading 1": ("Heading 1", 14, True, ACCENT, 18, 6),
    "Heading 2": ("Heading 2", 11.5, True, ACCENT, 12, 4),
    "Body Text": ("Body Text", 10, False, None, 3, 5),
    "List Bullet": ("List Bullet", 10, False, None, 0, 3),
    "Caption": ("Caption", 9, True, "1C2530", 8, 4),
    "Lead": ("PPP Lead", 10, True, None, 3, 5),
    "Note": ("PPP Note", 8, False, SOFT, 2, 6),
    "Status": ("PPP Status", 9, True, COLOURS["open"], 0, 0),
    "Outcome": ("PPP Outcome", 15, True, None, 6, 2),
    "Fact": ("PPP Fact", 9.5, False, None, 0, 2),
    "Figure": ("PPP Figure", 10, False, None, 6, 0),
}
STYLES = {name: look[0] for name, look in _LOOKS.items()}


def dress(document: DocumentType, report: Finished) -> None:
    """Set paper, fonts, styles, properties, head and foot."""
    _fonts(document)
    for name, size, bold, colour, before, after in _LOOKS.values():
        _style(document, name, size, bold, colour, before, after)
    for name in ("Heading 1", "Heading 2", "Title", "Figure", "Status"):
        document.styles[STYLES[name]].paragraph_format.keep_with_next = True
    document.styles[STYLES["Fact"]].paragraph_format.tab_stops.add_tab_stop(Mm(45))
    _paper(document)
    _head_and_foot(document, report)
    about = document.core_properties
    title = report.title if len(report.title) <= LONGEST_PROPERTY else report.title[: LONGEST_PROPERTY - 1] + "…"
    about.title, about.subject, about.author, about.last_modified_by = title, report.identity, "ppp", "ppp"
    about.comments, about.keywords, about.category, about.revision = "", "", "", 1
    about.language = "zh-CN" if report.lang == "zh" else "en-GB"
    about.created = about.modified = CREATED


def _fonts(document: DocumentType) -> None:
    """Latin and Chinese fonts by name in every style, in place of the template's themes, and the language of the proof reader."""
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        for key in list(fonts.attrib):
            del fonts.attrib[key]
        for part, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", CHINESE)):
            fonts.set(qn(f"w:{part}"), name)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "zh-CN")
    settings = document.settings.element
    for theme in settings.findall(qn("w:themeFontLang")):
        theme.set(qn("w:val"), "en-GB")
        theme.set(qn("w:eastAsia"), "zh-CN")


def _style(document: DocumentType, name: str, size: float, bold: bool, colour, before: float, after: float) -> None:
    styles = document.styles
    known = {style.name for style in styles}
    style: ParagraphStyle = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if name not in known:
        style.base_style = styles["Normal"]
        style.quick_style = True
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(colour) if colour else None
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):  # the template rules a line under titles
        properties.remove(border)


def _paper(document: DocumentType) -> None:
    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm((210 - TEXT_WIDTH) / 2)
    section.top_margin, section.bottom_margin = Mm(22), Mm(18)
    section.header_distance = section.footer_distance = Mm(9)


def _head_and_foot(document: DocumentType, report: Finished) -> None:
    """On every page: project, master check, input hash; status, the note on rounding, page numbers."""
    from ppp.report.formats.word_document import field

    (section,) = document.sections
    lines = (
        (section.header.paragraphs[0], report.name, report.identity),
        (section.footer.paragraphs[0], report.foot, None),
    )
    for paragraph, left, right in lines:
        for tabs in paragraph.style.element.findall(f".//{qn('w:tabs')}"):  # the template's, for narrower paper
            tabs.getparent().remove(tabs)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"{left}\t")
        if right is not None:
            paragraph.add_run(right)
        else:
            for part in word("print.page", report.lang, page="\0PAGE\0", pages="\0NUMPAGES\0").split("\0"):
                if part in ("PAGE", "NUMPAGES"):
                    field(paragraph, part, "1")
                else:
                    paragraph.add_run(part)
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(7.5), RGBColor.from_string(SOFT)
        _line(paragraph, "bottom" if right is not None else "top")


def _line(paragraph, side: str) -> None:
    borders, line = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", "4"), ("space", "3"), ("color", SOFT)):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
