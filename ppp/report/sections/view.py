"""What every section needs: the appraisal, the language, the way of writing values, and the frame of a section."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.evaluation import Evaluation
from ppp.draws import NAMED
from ppp.lines import LINES, RESULTS
from ppp.project import Project
from ppp.report import html
from ppp.report.charts import Chart
from ppp.report.html import Html
from ppp.report.words import Display, display_of, has_word, word


class View:
    """One appraisal in one language."""

    def __init__(self, appraisal: Appraisal, lang: str):
        self.appraisal = appraisal
        self.lang = lang
        self.display: Display = display_of(appraisal.project, lang)

    @property
    def project(self) -> Project:
        return self.appraisal.project

    @property
    def evaluation(self) -> Evaluation:
        return self.appraisal.evaluation

    def word(self, key: str, **values: str) -> str:
        return word(key, self.lang, **values)

    def heads(self, *keys: str) -> list[str]:
        return [self.word(f"head.{key}") for key in keys]

    def line(self, key: str) -> str:
        """The label of a line or result."""
        return (LINES.get(key) or RESULTS[key]).label(self.lang)

    def tranche(self, name: str) -> str:
        """A tranche by the name that the file gives it; the first has none there."""
        further = self.project.funding.further_debt.get(name)
        return self.word("tranche.senior") if further is None else self.display.text(further.name)

    def listed(self, items: list[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(items) or self.word("text.none")

    def sentences(self, *texts: str) -> Markup:
        return html.paragraph(("" if self.lang == "zh" else " ").join(texts))

    def choice(self, choice: bool | str) -> str:
        """A convention's value as a word, when the glossary has one."""
        name = str(choice).lower() if isinstance(choice, bool) else choice
        return self.word(f"choice.{name}") if has_word(f"choice.{name}") else name

    def scenario_title(self, name: str | None) -> str:
        if name in (None, "base"):
            return self.word("meta.base")
        if one := NAMED.fullmatch(name):
            said = {"number": one["number"], "scenario": self.scenario_title(one["scenario"])}
            return self.word("meta.draw_under" if one["scenario"] else "meta.draw", **said)
        return self.display.text(self.project.scenarios[name].get("title", name))

    def section(self, name: str, *parts: Markup | None) -> Html:
        return Html(
            html.join([html.heading(self.word(f"section.{name}"), name), *(part for part in parts if part is not None)])
        )

    def chart(self, draw: Callable[[Appraisal, str], Chart | None]) -> Markup | None:
        chart = draw(self.appraisal, self.lang)
        return None if chart is None else html.figure(chart.svg, chart.alt)


NOTHING = Html(Markup(""))
