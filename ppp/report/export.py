"""From an executed notebook to one HTML file that opens offline: outputs only, styles and the needed glyphs inside."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from importlib import resources
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ppp.report.fonts import css_for

_TAG = re.compile(r"<[^>]*>")
_ACTIVE = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|link|base|form|meta|svg|style)\b|[\s/]on\w+\s*=", re.IGNORECASE
)
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)\s*=\s*('[^']*'|"[^"]*"|[^\s"'=<>]+)""")
_FETCHES = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping", "xlink:href"}
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


class UnsafeMarkup(ValueError):
    """An output holds markup that a report never makes: something was not escaped at its source."""


def templates() -> Path:
    return Path(str(resources.files("ppp.report") / "templates"))


@cache
def style() -> str:
    return (templates() / "report.css").read_text(encoding="utf-8").strip()


@cache
def _exporter():
    from nbconvert.exporters.html import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter

    class Exporter(HTMLExporter):
        """nbconvert's, which would parse each finished page anew to mend what our template and markup have right."""

        def from_notebook_node(self, nb, resources=None, **kw):
            return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    return Exporter(template_name="report", template_file="index.html.j2", extra_template_basedirs=[str(templates())])


def to_html(notebook: nbformat.NotebookNode, title: str, lang: str) -> str:
    """The report as HTML. Raises UnsafeMarkup when an output holds active markup. Same notebook, same bytes."""
    shown = "".join(
        output.data.get("text/html", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    )
    _refuse_active(shown)
    body, _ = _exporter().from_notebook_node(notebook, resources={"page": _page(shown, title, lang)})
    return body


def page(markup: Markup, title: str, lang: str) -> str:
    """A page of our own making in the same dress as a report."""
    _refuse_active(str(markup))
    environment = Environment(loader=FileSystemLoader(templates()), autoescape=False)
    return environment.get_template("index.html.j2").render(body=markup, page=_page(str(markup), title, lang))


def _page(shown: str, title: str, lang: str) -> dict[str, str]:
    text = unescape(_TAG.sub("", _without_images(shown))) + title
    return {"title": title, "lang": lang, "style": css_for(text) + "\n" + style()}


def _without_images(markup: str) -> str:
    return re.sub(r"src='data:[^']*'", "", markup)


def _refuse_active(markup: str) -> None:
    for tag in _TAG.findall(_without_images(markup)):
        if _ACTIVE.search(_QUOTED.sub("''", tag)) or any(
            _leads_out(*attribute) for attribute in _ATTRIBUTE.findall(tag)
        ):
            raise UnsafeMarkup(f"active markup in an output: {tag[:80]}")


def _leads_out(name: str, value: str) -> bool:
    """An attribute that makes the browser fetch something, or a link to another place than beside this page."""
    target = "".join(unescape(value.strip("'\"")).split())
    return name.lower() in _FETCHES or (name.lower() == "href" and bool(_ELSEWHERE.match(target)))
