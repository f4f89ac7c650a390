"""The charts of a finished report in other forms: SVG with its text as text, and pictures of points for Word."""

from __future__ import annotations

import base64
import re

from lxml import etree
from lxml.html import HtmlElement

from ppp.report.fonts import FAMILY

SVG = "data:image/svg+xml;base64,"
FONT_SCALE = 100.0  # matplotlib draws the outlines of letters at this size and scales them
_DRAWN = re.compile(r"(translate\(\S+ \S+\)(?: rotate\(\S+\))?) scale\((\S+) -(\S+)\)")


def svg_of(image: HtmlElement) -> str:
    """The chart that an <img> of a report holds. Raises ValueError for a picture that is none."""
    source = image.get("src", "")
    if not source.startswith(SVG):
        raise ValueError(f"a picture that is no chart: {source[:40]}")
    return base64.b64decode(source.removeprefix(SVG)).decode("utf-8")


def title_of(svg: str) -> str:
    """What a chart says in its title."""
    return _tree(svg).findtext("{*}title") or ""


def with_text(svg: str) -> tuple[str, str]:
    """The chart with letters in place of their outlines, and all that it says.

    matplotlib writes each text as a comment with the outlines after it. Letters can be searched and read aloud, and take a printer
    a fifth of the time. A chart in which some outlines have no such comment, or one that cannot be read back, stays as it is.
    """
    tree = _tree(svg)
    found = []
    for comment in tree.iter(etree.Comment):
        group = comment.getnext()
        drawn = _DRAWN.fullmatch(group.get("transform", "")) if group is not None else None
        if drawn is None or "- -" in comment.text:  # which may have been two hyphens
            return svg, ""
        found.append((comment, group, drawn))
    said = []
    for comment, group, drawn in found:
        size = f"{round(float(drawn[2]) * FONT_SCALE, 4):g}"
        text = etree.SubElement(
            group.getparent(), "{http://www.w3.org/2000/svg}text", {"font-family": FAMILY, "font-size": size}
        )
        text.set("transform", drawn[1])
        if group.get("style"):
            text.set("style", group.get("style"))
        text.text = _unescaped(comment.text.strip())
        said.append(text.text)
        group.getparent().replace(group, text)
        comment.getparent().remove(comment)
    return etree.tostring(tree, encoding="unicode"), "\n".join(said)


def as_source(svg: str) -> str:
    return SVG + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def png(svg: str, width: int) -> bytes:
    """The chart as a picture `width` points wide. Same chart, same bytes; no font of the machine is asked for."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, dpi=72.0, skip_system_fonts=True))


def _tree(svg: str) -> etree._Element:
    return etree.fromstring(
        svg.encode("utf-8"), etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    )


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
