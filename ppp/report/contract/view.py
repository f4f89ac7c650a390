"""What every section of the yearly appraisal needs."""

from __future__ import annotations

from markupsafe import Markup

from ppp.contract.review import Review
from ppp.project import Project
from ppp.report import html
from ppp.report.html import Html
from ppp.report.sections.view import View
from ppp.report.words import display_of


class ContractView(View):
    """One review in one language."""

    def __init__(self, review: Review, lang: str):
        self.review = self.appraisal = review
        self.lang = lang
        self.display = display_of(review.project, lang)

    @property
    def project(self) -> Project:
        return self.review.project

    @property
    def terms(self):
        return self.review.project.contract

    def amount(self, value: float) -> str:
        """An amount without its unit, for tables that name it."""
        return self.display.money(float(value), unit=False)

    def columns(self, *keys: str) -> list[str]:
        return [self.word(f"contract_head.{key}") for key in keys]

    def unit_note(self, key: str) -> str:
        return self.word(key, unit=self.display.unit)

    def title(self, level: int, key: str) -> Markup:
        return html.heading(self.word(f"contract_title.{key}"), key, level)

    def part(self, name: str, *parts: Markup | None) -> Html:
        """A section under its heading; parts that are None are left out."""
        head = html.heading(self.word(f"contract_section.{name}"), name)
        return Html(html.join([head, *(part for part in parts if part is not None)]))

    def name(self, localised: dict[str, str] | None) -> str:
        return "" if localised is None else self.display.text(localised)
