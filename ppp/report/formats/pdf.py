"""PDF by WeasyPrint from the page of a finished report: tagged, with bookmarks, nothing fetched, no font but the bundled one."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import warnings
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

from lxml import html as markup
from lxml.html import HtmlElement, builder

from ppp.report.export import style as screen_style
from ppp.report.fonts import css_for, require_glyphs
from ppp.report.formats.finished import Finished
from ppp.report.formats.pictures import as_source, svg_of, with_text
from ppp.report.words import word

VARIANT = "pdf/ua-1"
SHORT = 9  # rows: such a table is kept on one page
MARKS = "▪"  # what lists are marked with
PANGO = (
    "pdf needs the library Pango, which is not found here. Cure: on Debian or Ubuntu apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0; on macOS brew install pango; on Windows install MSYS2 and there "
    "mingw-w64-x86_64-pango"
)


class Refused(ValueError):
    """A page asks for something from outside."""


@cache
def why_not() -> str | None:
    """In one line with the cure, why this machine cannot write PDF; None when it can."""
    try:
        _weasyprint()
    except (OSError, ImportError):
        return PANGO
    return None


@cache
def _weasyprint():
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():  # it prints where its own pages are
        warnings.simplefilter("ignore", DeprecationWarning)
        import weasyprint
    return weasyprint


@cache
def style(name: str) -> str:
    """One of the style sheets beside this module."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def pdf_of(report: Finished) -> bytes:
    """The report as PDF. Same page, same bytes. Raises MissingGlyph, Refused."""
    return pdf(report.title, report.lang, [*running(report), report.body])


def running(report: Finished) -> list[HtmlElement]:
    """What stands at head and foot of every page: which project, whether its checks pass, what it was made from, how far to trust it."""
    parts = (builder.SPAN(report.name, builder.CLASS("who")), builder.SPAN(report.identity, builder.CLASS("identity")))
    return [builder.DIV(*parts, builder.CLASS("running head")), builder.DIV(report.foot, builder.CLASS("running foot"))]


def pdf(title: str, lang: str, content: list[HtmlElement], css: str = "") -> bytes:
    """A document of our own making as PDF. Raises MissingGlyph, Refused."""
    with _strict():
        return _laid_out(title, lang, content, css).write_pdf(pdf_variant=VARIANT)


def page_count(title: str, lang: str, content: list[HtmlElement], css: str = "") -> int:
    """How many pages it takes."""
    with _strict():
        return len(_laid_out(title, lang, content, css).pages)


def _laid_out(title: str, lang: str, content: list[HtmlElement], css: str):
    document = builder.HTML(builder.HEAD(builder.TITLE(title)), builder.BODY(*map(deepcopy, content)))
    document.set("lang", "zh-CN" if lang == "zh" else "en")
    for table in document.iter("table"):
        if len(list(table.iter("tr"))) <= SHORT:
            table.set("class", f"{table.get('class', '')} short".strip())
    counted = _counters(lang)
    text = document.text_content() + counted + css + MARKS + _charts_as_text(document)
    require_glyphs(text)
    document.head.append(
        builder.STYLE("\n".join([css_for(text, packed=False), screen_style(), style("print.css"), counted, css]))
    )
    page = "<!DOCTYPE html>\n" + markup.tostring(document, encoding="unicode")
    return _weasyprint().HTML(string=page, url_fetcher=_data_only()).render(pdf_variant=VARIANT)


def _charts_as_text(document: HtmlElement) -> str:
    """Let charts be set in letters; returns all that they say."""
    said = []
    for image in document.iter("img"):
        svg, text = with_text(svg_of(image))
        image.set("src", as_source(svg))
        said.append(text)
    return "".join(said)


def _counters(lang: str) -> str:
    """The page number in the words of the glossary."""
    parts = word("print.page", lang, page="\0page\0", pages="\0pages\0").split("\0")
    shown = " ".join(f"counter({part})" if part in ("page", "pages") else f'"{part}"' for part in parts if part)
    return f"@page {{ @bottom-right {{ content: {shown} }} }}"


@cache
def _data_only():
    """A fetcher that opens nothing but what the page itself holds, and ends the run when asked for more."""

    class DataOnly(_weasyprint().urls.URLFetcher):
        def fetch(self, url, headers=None):
            if not url.startswith("data:"):
                raise Refused(f"the page asks for {url[:80]}")
            return super().fetch(url, headers)

    return DataOnly(allowed_protocols=("data",), fail_on_errors=True)


@contextlib.contextmanager
def _strict() -> Iterator[None]:
    """What WeasyPrint would only log as an error ends the run; its warnings are about styles for the screen."""
    said: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    before = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [handler], False
    collecting = gc.isenabled()
    gc.disable()  # a page is some hundred thousand small objects that live to its end: looking for dead ones takes a quarter of the time
    try:
        yield
    except _weasyprint().urls.FatalURLFetchingError as error:
        raise Refused(str(error.__cause__ or error)) from None
    finally:
        logger.handlers, logger.propagate = before
        if collecting:
            gc.enable()
    if said:
        raise Refused("; ".join(said))
