"""The panel of notebooks/explore.ipynb: a project's dials beside its figures and charts, draws, saving, and the report."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython.display import HTML, display
from markupsafe import Markup

from ppp.appraisal.appraise import DRAWS
from ppp.appraisal.exploration import BASE, Exploration
from ppp.problems import InputError
from ppp.report import html
from ppp.report.explore import standing
from ppp.report.explore.dial_row import DialRow
from ppp.report.explore.made import NotMade, link, made, project_names
from ppp.report.explore.pictures import charts
from ppp.report.html import Html
from ppp.report.inputs_in_words import scenario_name
from ppp.report.words import LANGUAGES, display_of, word

NAMES = {"en": "English", "zh": "中文"}
WIDE = widgets.Layout(width="auto")


class Explorer:
    """A project under a scenario, with a dozen inputs to move. Shown as widgets; where there are none, as the figures stand.

    Raises InputError for a bad file or scenario and ValueError for an unknown language."""

    def __init__(self, project: str, scenario: str = BASE, lang: str = "en", reports: str = "reports"):
        if lang not in LANGUAGES:
            raise ValueError(f"lang: given {lang!r}; allowed: {', '.join(LANGUAGES)}")
        self.state, self.lang, self.reports = Exploration(project, scenario), lang, reports
        self._filling = False
        self._build()
        self._open()

    # what it is made of

    def _build(self) -> None:
        box, text = widgets.Layout(width="340px"), {"continuous_update": True}
        self.project = widgets.Dropdown(layout=widgets.Layout(width="300px"))
        self.scenario = widgets.Dropdown(layout=widgets.Layout(width="340px"))
        self.language = widgets.ToggleButtons(
            options=[(NAMES[lang], lang) for lang in LANGUAGES],
            value=self.lang,
            style=widgets.ToggleButtonsStyle(button_width="72px"),
        )
        wrap = widgets.Layout(flex_flow="row wrap", align_items="center")
        self.reset, self.draw, self.keep, self.report = (widgets.Button(layout=WIDE) for _ in range(4))
        self.keep.layout = box
        self.name, self.title = widgets.Text(layout=box, **text), widgets.Text(layout=box, **text)
        kinds = ("heading", "wrong", "status", "figures", "charts", "kept", "drawn")
        self.shown = {kind: widgets.HTML() for kind in kinds}
        self.opened = widgets.Output()
        self.dials = widgets.VBox()
        left = widgets.VBox(
            [
                self.dials,
                widgets.HBox([self.reset, self.draw, self.report], layout=wrap),
                self.name,
                self.title,
                self.keep,
                self.shown["kept"],
                self.opened,
            ],
            layout=widgets.Layout(width="352px", flex="0 0 auto"),
        )
        right = widgets.VBox(
            [self.shown["figures"], self.shown["charts"]], layout=widgets.Layout(flex="1 1 0", min_width="0")
        )
        css = (resources.files("ppp.report.explore") / "explore.css").read_text(encoding="utf-8")
        self.style = f"<style>{css}</style>"
        self.widget = widgets.VBox(
            [
                widgets.HTML(self.style, layout=widgets.Layout(display="none")),
                widgets.HBox([self.project, self.scenario, self.language], layout=wrap),
                self.shown["wrong"],
                self.shown["heading"],
                self.shown["status"],
                widgets.HBox([left, right]),
                self.shown["drawn"],
            ]
        )
        self.widget.add_class("ppp-explore")
        self.project.observe(self._chosen, "value")
        self.scenario.observe(self._chosen, "value")
        self.language.observe(self._spoken, "value")
        self.reset.on_click(lambda _: self._back())
        self.draw.on_click(lambda _: self._simulate())
        self.keep.on_click(lambda _: self._save())
        self.report.on_click(lambda _: self._report())

    # what it shows

    def _open(self) -> None:
        """Everything anew: another project, scenario or language."""
        self._filling = True
        try:
            state, lang = self.state, self.lang
            self.display = display_of(state.project, lang)
            self.project.options = project_names(state)
            self.project.value = state.file
            self.scenario.options = [(self._called(name), name) for name in state.scenarios]
            self.scenario.value = state.scenario
            for button, key in (
                (self.reset, "reset"),
                (self.draw, "simulate"),
                (self.keep, "save"),
                (self.report, "report"),
            ):
                button.description = word(f"explore.{key}", lang)
            self.name.placeholder, self.title.placeholder = word("explore.name", lang), word("explore.title", lang)
            self.project.description = word("explore.project", lang)
            self.scenario.description = word("explore.scenario", lang)
            self.shown["heading"].value = str(Markup("<h1>{}</h1>").format(self.display.text(state.project.name)))
        finally:
            self._filling = False
        self.rows = {dial.key: DialRow(dial, self._moved) for dial in self.state.dials}
        for row in self.rows.values():
            row.fill(self.state, self.display)
        self.dials.children = [row.widget for row in self.rows.values()]
        self._redraw()

    def _called(self, scenario: str) -> str:
        return scenario_name(self.state.base, scenario, self.lang)

    def _redraw(self) -> None:
        """What follows from the figures. Draws belong to the figures that they were made from and go with them."""
        self.shown["status"].value = str(standing.status(self.state, self.display))
        self.shown["figures"].value = str(standing.figures(self.state, self.display))
        self.shown["charts"].value = str(self._charts())
        self.shown["drawn"].value = (
            "" if self.state.appraisal is None else str(standing.draws(self.state, self.display))
        )

    def _charts(self) -> Markup:
        return Markup("<div class='explore-charts'>{}</div>").format(html.join(charts(self.state, self.display)))

    def _say(self, text: object, css: str = "explore-said", where: str = "kept") -> None:
        lines = [html.paragraph(line, css) for line in str(text).splitlines()]
        self.shown[where].value = str(html.join(lines))

    def _refuse(self, error: object, where: str = "kept") -> None:
        self._say(error, "explore-refused", where)

    # what is done with it

    def _moved(self, key: str, text: str) -> None:
        taken = self.state.set(key, text)
        self.rows[key].fill(self.state, self.display)
        if taken:
            self._redraw()

    def _chosen(self, change: dict[str, Any]) -> None:
        """Another project or scenario; one that cannot be opened is said beside the choice, and the old one stays."""
        if self._filling or change["new"] is None:
            return
        self.shown["wrong"].value = ""
        try:
            if change["owner"] is self.project:
                self.state = Exploration(change["new"])
            else:
                self.state.choose(change["new"])
        except (InputError, OSError) as error:
            self._refuse(error, "wrong")
        self.shown["kept"].value = ""
        self.opened.clear_output()
        self._open()

    def _spoken(self, change: dict[str, Any]) -> None:
        self.lang = change["new"]
        self._open()

    def _back(self) -> None:
        self.state.reset()
        self._open()

    def _simulate(self) -> None:
        self.draw.disabled = True
        try:
            self.state.simulate(DRAWS)
            self._redraw()
        except ValueError as error:  # a draw that the model cannot take, such as one beyond what an input may be
            self._refuse(error)
        finally:
            self.draw.disabled = False

    def _save(self) -> None:
        try:
            self.state.save(self.name.value, self.title.value)
        except (InputError, OSError) as error:
            self._refuse(error)
            return
        self.name.value = self.title.value = ""
        self._open()
        self._say(word("explore.saved", self.lang, name=self.state.scenario, file=str(self.state.path)))

    def _report(self) -> None:
        """The report of the scenario as the file holds it: what is moved and not saved has no file to be reported from."""
        if self.state.changes or self.state.refused:
            self._refuse(word("explore.save_first", self.lang))
            return
        self.report.disabled = True
        self._say(word("explore.making", self.lang))
        try:
            page = made(self.state, Path(self.reports), self.lang)
        except (NotMade, InputError, OSError) as error:
            self._refuse(error)
            return
        finally:
            self.report.disabled = False
        self._say(word("explore.made", self.lang, file=str(page)))
        self.opened.clear_output()
        with self.opened:
            display(HTML(str(link(page, word("explore.open", self.lang)))))

    # what stands, without widgets

    def standing(self) -> Html:
        """As it stands now: verdict, what is changed, figures and charts, for a page or a saved notebook."""
        state = self.state
        said = [f"{self.rows[key].label(state, self.display)}: {text}" for key, text in state.changes.items()]
        parts = [
            Markup(self.style),
            Markup("<h1>{}: {}</h1>").format(self.display.text(state.project.name), self._called(state.scenario)),
            html.bullets(said) if said else Markup(""),
            standing.status(state, self.display),
            standing.figures(state, self.display),
            self._charts(),
        ]
        return Html(Markup("<div class='ppp-explore'>{}</div>").format(html.join(parts)))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return {**self.widget._repr_mimebundle_(**options), "text/html": self.standing()._repr_html_()}
