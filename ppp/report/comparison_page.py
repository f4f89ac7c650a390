"""Projects or scenarios side by side, as the cells of notebooks/comparison.ipynb show them: one method a section."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ppp.appraisal.side_by_side import Moved, SideBySide
from ppp.appraisal.side_by_side_summary import summary_of
from ppp.lines import RESULTS
from ppp.loading import apply_scenario, canonical, load
from ppp.project import Project
from ppp.report import html
from ppp.report.charts.comparison import moved
from ppp.report.computed import comparison_of
from ppp.report.evaluation_page import Seal
from ppp.report.html import Html
from ppp.report.inputs_in_words import difference_label, difference_value, scenario_name
from ppp.report.manifest import result_hash
from ppp.report.words import LANGUAGES, display_of, word

COMPARISON = "comparison"  # the key of a file that holds several projects as data


def sides_of(projects: str) -> list[Project]:
    """The projects that a text names: files or file.yaml#scenario, separated by commas; one file alone stands for its base case and all
    its scenarios. Or a .json that a batch writes. Raises InputError for a bad file."""
    if projects.endswith(".json"):
        return _from_json(Path(projects))
    names = [name.strip() for name in projects.split(",") if name.strip()]
    if len(names) == 1 and "#" not in names[0]:
        base = load(names[0])
        return [base, *(apply_scenario(base, name) for name in base.scenarios)]
    return [load(name.partition("#")[0], name.partition("#")[2] or None) for name in names]


def as_json(sides: list[Project]) -> str:
    """Several projects in one text, each as its canonical data with its scenario, as `sides_of` reads it from a .json file."""
    found = [{"input": canonical(side), "scenario": side._origin.scenario or "base"} for side in sides]
    return json.dumps({COMPARISON: found}, ensure_ascii=False, indent=1)


def _from_json(path: Path) -> list[Project]:
    sides = json.loads(path.read_text(encoding="utf-8"))[COMPARISON]
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Project] = {}
        for side in sides:
            text = json.dumps(side["input"], ensure_ascii=False, sort_keys=True)
            if text not in found:
                file = Path(folder) / f"{len(found)}.json"
                file.write_text(text, encoding="utf-8")
                found[text] = load(file)
        texts = [json.dumps(side["input"], ensure_ascii=False, sort_keys=True) for side in sides]
        return [
            found[text] if side["scenario"] == "base" else apply_scenario(found[text], side["scenario"])
            for text, side in zip(texts, sides, strict=True)
        ]


class ComparisonReport:
    """Several sides in one language. Raises InputError for a bad file, ValueError for fewer than two sides or an unknown language."""

    def __init__(self, projects: str, lang: str = "en"):
        if lang not in LANGUAGES:
            raise ValueError(f"lang: given {lang!r}; allowed: {', '.join(LANGUAGES)}")
        self._show(sides_of(projects), lang)

    @classmethod
    def of(cls, sides: list[Project], lang: str = "en") -> ComparisonReport:
        """The same of projects that are loaded already."""
        made = cls.__new__(cls)
        made._show(sides, lang)
        return made

    def _show(self, sides: list[Project], lang: str) -> None:
        self.lang = lang
        self.shown: SideBySide = comparison_of(sides)
        self.display = display_of(self.shown.sides[0].project, lang)

    def _word(self, key: str, **values: str) -> str:
        return word(key, self.lang, **values)

    @property
    def summary(self) -> dict[str, Any]:
        return summary_of(self.shown)

    def _names(self) -> list[str]:
        return [scenario_name(side.project, side.name, self.lang) for side in self.shown.sides]

    def overview(self) -> Html:
        """What is compared, and every side's results beside the first's."""
        sides = self.shown.sides
        name = self.display.text(sides[0].project.name)
        kind = self.summary["kind"]
        rows = [self._result_row(key) for key in self.shown.results]
        fails = [
            ", ".join(self._word(f"test.{test}") for test in side.failing) or self._word("text.none") for side in sides
        ]
        rows.append((self._word("head.fails"), *fails))
        heads = [self._word("head.result"), *self._names()]
        held = any(side.project._signed is not None for side in sides)
        return Html(
            html.join(
                [
                    Markup("<h1>{}</h1>").format(self._word("compare.title")),
                    html.paragraph(self._word(f"compare.{kind}", name=name), "lead"),
                    html.heading(self._word("section.compare_results"), "results"),
                    html.table(heads, rows, numbers=range(1, len(heads))),
                    *([html.paragraph(self._word("compare.held"), "note")] if held else []),
                ]
            )
        )

    def _result_row(self, key: str) -> tuple[str, ...]:
        """A result of every side, and in brackets how far it is from the first's."""
        unit, first = RESULTS[key].unit, self.shown.sides[0].results.get(key)
        cells = []
        for side in self.shown.sides:
            display, value = display_of(side.project, self.lang), side.results.get(key)
            cells.append("–" if value is None else display.value(unit, value))
            alike = side.project.currency == self.shown.sides[0].project.currency
            if side is not self.shown.sides[0] and None not in (value, first) and alike:
                cells[-1] += f" ({self._signed(unit, value - first)})"
        return RESULTS[key].label(self.lang), *cells

    def _signed(self, unit: str, change: float) -> str:
        if unit == "money":
            shown = self.display.money(change, unit=False)
        else:
            shown = self.display.value(unit, change)
        shown = shown.replace("-", "−")
        if shown != "–" and not set(shown) & set("123456789"):
            return "0"
        return shown if change < 0.0 or shown == "–" else f"+{shown}"

    def inputs(self) -> Html:
        """Every input that is not the same on all sides."""
        found = self.shown.differences
        head = html.heading(self._word("section.compare_inputs"), "inputs")
        if not found:
            return Html(html.join([head, html.paragraph(self._word("compare.same"))]))
        first = self.shown.sides[0].project
        rows = [
            (
                difference_label(each.path, first, self.lang),
                *(
                    difference_value(each.path, value, side.project, self.lang)
                    for value, side in zip(each.values, self.shown.sides, strict=True)
                ),
            )
            for each in found
        ]
        heads = [self._word("head.item"), *self._names()]
        return Html(html.join([head, html.table(heads, rows, numbers=range(1, len(heads)))]))

    def effects(self) -> Html:
        """What each difference alone does to the results, side by side with the whole."""
        if not self.shown.moved:
            return Html(Markup(""))
        parts = [html.heading(self._word("section.compare_effects"), "effects")]
        for side in self.shown.moved:
            parts += self._effects(side)
        return Html(html.join(parts))

    def _effects(self, side: Moved) -> list[Markup]:
        name = scenario_name(side.side.project, side.side.name, self.lang)
        if not side.alone:
            count = len([d for d in self.shown.differences])
            key = "compare.too_many" if count else "compare.same"
            return [html.paragraph(f"{name}: " + self._word(key, **({"count": str(count)} if count else {})))]
        drawn = moved(self.shown, side)(None, self.lang)
        keys = [key for key in self.shown.results if key in side.whole]
        rows = []
        for effect in side.alone:
            label = difference_label(effect.difference.path, self.shown.sides[0].project, self.lang)
            if effect.effects is None:
                rows.append((label, *[self._word("compare.not_alone")] * len(keys)))
            else:
                rows.append((label, *(self._signed(RESULTS[key].unit, effect.effects[key]) for key in keys)))
        if len(side.alone) > 1:
            rows.append(
                (self._word("head.together"), *(self._signed(RESULTS[key].unit, side.together(key)) for key in keys))
            )
        rows.append(
            (self._word("head.whole_change"), *(self._signed(RESULTS[key].unit, side.whole[key]) for key in keys))
        )
        unit = f" ({self.display.unit})"
        heads = [self._word("head.difference")]
        heads += [RESULTS[key].label(self.lang) + (unit if RESULTS[key].unit == "money" else "") for key in keys]
        table = html.table(
            heads,
            rows,
            numbers=range(1, len(heads)),
            caption=self._word("caption.effects", name=name),
            last_is_sum=True,
        )
        return [*([] if drawn is None else [html.figure(drawn.svg, drawn.alt)]), table]

    def seal(self) -> Seal:
        """The last word of the notebook: the hash of the result."""
        return Seal(result_hash(self.summary))
