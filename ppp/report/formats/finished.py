"""A finished report read back: its page as a tree, and what stands at the head of every printed page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lxml import html as markup
from lxml.html import HtmlElement

from ppp.report.words import word

HASH_CHARACTERS = (
    12  # of the input hash in the running head: enough to tell two inputs apart, few enough to compare by eye
)


@dataclass(frozen=True)
class Finished:
    """One report in one language as it lies in its folder. `body` is the page's <main>; whoever changes it copies it first."""

    lang: str
    title: str
    name: str
    input_hash: str
    sound: bool  # every check of the model passes
    status: str  # a status of the glossary
    body: HtmlElement

    @property
    def identity(self) -> str:
        """Master check and first characters of the input hash, for the head of a page."""
        check = word("meta.ok" if self.sound else "meta.bad", self.lang)
        return word("print.identity", self.lang, check=check, hash=self.input_hash[:HASH_CHARACTERS])

    @property
    def foot(self) -> str:
        """Status and the note on rounding, for the foot of a page."""
        return word("print.foot", self.lang, status=word(f"status.{self.status}", self.lang))


def finished(folder: Path, stem: str, lang: str, summary: str = "summary.json") -> Finished:
    """Read <stem>.<lang>.html and the summary beside it. Raises OSError when one is missing, ValueError when it is no report."""
    page = markup.document_fromstring((folder / f"{stem}.{lang}.html").read_bytes().decode("utf-8"))
    about = json.loads((folder / summary).read_text(encoding="utf-8"))
    (body,) = page.iter("main")
    return Finished(
        lang=lang,
        title=page.findtext("head/title"),
        name=about["name"][lang],
        input_hash=about["input_hash"],
        sound=all(check["passed"] for check in about["checks"]),
        status=about["status"],
        body=body,
    )


def text_of(element: HtmlElement) -> str:
    """What is read, white space put right."""
    return " ".join(element.text_content().split())
