"""A report in two pages: what decides, with the charts that show it, cut from the finished page."""

from __future__ import annotations

from copy import deepcopy

from lxml.html import HtmlElement, builder

from ppp.report.formats import pdf
from ppp.report.formats.finished import Finished
from ppp.report.words import word

PAGES = 2
# by the page's stem: headings whose sections are kept whole, and those of which the first chart is
KEPT = {
    "evaluation": (("verdict", "tests", "key_figures"), ("vfm", "affordability")),
    "appraisal": (("answer", "standing"), ("performance", "spending")),
    "portfolio": (("verdict", "district_members"), ("district_affordability", "district_plan")),
}
SIZES = (1.0, 0.93, 0.86, 0.79, 0.72, 0.65)  # of the usual letters, tried until it fits
CHART_WIDTHS = (100, 88, 76)  # percent of the text's width


def brief_of(report: Finished, stem: str) -> bytes:
    """The brief as PDF, at most two pages: letters and charts are made smaller until it fits, then charts are left to the full report.

    What is said is never cut, so a verdict with very many reservations may still take more."""
    title = word("pack.brief_of", report.lang, name=report.name)
    content = parts_of(report, stem)
    charts = len(content.findall(".//figure"))
    tries = [(size, width, charts) for size, width in zip(SIZES, _widths(), strict=True)]
    tries += [(SIZES[-1], CHART_WIDTHS[-1], kept) for kept in reversed(range(charts))]
    for size, width, kept in tries:
        page, css = _with_charts(content, kept), _style(size, width)
        pages = [*pdf.running(report), page]
        if pdf.page_count(title, report.lang, pages, css) <= PAGES:
            break
    return pdf.pdf(title, report.lang, pages, css)


def parts_of(report: Finished, stem: str) -> HtmlElement:
    whole, charts = KEPT[stem]
    main = builder.E.main()
    for name in whole:
        for section in _sections(report.body, name):
            main.append(deepcopy(section))
    shown = builder.E.section()
    for name in charts:
        for section in _sections(report.body, name):
            shown.extend(deepcopy(figure) for figure in section.findall(".//figure")[:1])
    main.append(shown)
    for subtitle in main.xpath("//p[@class='subtitle']"):
        subtitle.text = word("pack.brief", report.lang) + " · " + (subtitle.text or "")
    return main


def _sections(body: HtmlElement, name: str) -> list[HtmlElement]:
    return [section for section in body.iterchildren("section") if section.find(f"h2[@id='{name}']") is not None]


def _widths() -> list[int]:
    return [CHART_WIDTHS[min(position // 2, len(CHART_WIDTHS) - 1)] for position in range(len(SIZES))]


def _with_charts(content: HtmlElement, count: int) -> HtmlElement:
    kept = deepcopy(content)
    for figure in kept.findall(".//figure")[count:]:
        figure.getparent().remove(figure)
    return kept


def _style(size: float, width: int) -> str:
    return (
        f"body {{ font-size: {9.2 * size:.2f}pt; line-height: 1.38 }} table {{ font-size: {8.4 * size:.2f}pt }} "
        f"thead th {{ font-size: {8 * size:.2f}pt }} h1 {{ font-size: {19 * size:.2f}pt }} h2 {{ font-size: {13 * size:.2f}pt; "
        f"margin: .9em 0 .35em }} h3 {{ font-size: {10.5 * size:.2f}pt; margin: .7em 0 .25em }} li {{ margin: .12em 0 }} "
        f"th, td {{ padding: {1.8 * size:.2f}pt 5pt }} .facts {{ gap: 3px 18px }} figure {{ width: {width}%; margin: 6px auto }}"
    )
