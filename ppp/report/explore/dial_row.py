"""One dial of the panel: its name, a slider, a box that takes what a file would say, and what is wrong with it below."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
from markupsafe import Markup

from ppp.appraisal.dials import Dial, value_of
from ppp.appraisal.exploration import Exploration
from ppp.report import html
from ppp.report.words import Display, input_label, word


class DialRow:
    """`moved` is called with the key and the text whenever the slider or the box is changed by hand."""

    def __init__(self, dial: Dial, moved: Callable[[str, str], None]):
        self.dial = dial
        self._moved, self._filling = moved, False
        self._at, self._wrong = (
            dial.low,
            False,
        )  # where the input stands, on the dial; whether what is shown was refused
        self.name = widgets.HTML(layout=widgets.Layout(width="132px", margin="0 2px 0 0"))
        self.slider = widgets.FloatSlider(
            dial.low, min=dial.low, max=dial.high, step=dial.step, readout=False, layout=widgets.Layout(width="118px")
        )
        self.box = widgets.Text(continuous_update=False, layout=widgets.Layout(width="84px"))
        self.problem = widgets.HTML(layout=widgets.Layout(display="none", width="344px", margin="0"))
        line = widgets.HBox([self.name, self.slider, self.box], layout=widgets.Layout(align_items="center"))
        self.widget = widgets.VBox([line, self.problem], layout=widgets.Layout(margin="0"))
        self.slider.observe(self._slid, "value")
        self.box.observe(self._typed, "value")

    def _slid(self, change) -> None:
        if not self._filling and not self._is_echo(change["new"]):
            self._moved(self.dial.key, self.dial.written(change["new"]))

    def _is_echo(self, value: float) -> bool:
        """A browser's slider stands on whole steps alone: given a value between them it sends back the nearest, which nobody chose."""
        steps = (self._at - self.slider.min) / self.slider.step
        nearest = min(self.slider.min + round(steps) * self.slider.step, self.slider.max)
        return not self._wrong and abs(value - nearest) < 1e-6 * self.slider.step

    def _typed(self, change) -> None:
        if not self._filling:
            self._moved(self.dial.key, change["new"])

    def fill(self, state: Exploration, display: Display) -> None:
        """Show where the input stands; beside a value that was refused, why, and leave that in its box."""
        self._filling = True
        try:
            self._name(state, display)
            at, refused = state.shown(self.dial.key), state.refused.get(self.dial.key)
            self._at, self._wrong = at, refused is not None
            if refused is None:
                # a value typed beyond an end moves the end: the box may go as far as the file may
                self.slider.min, self.slider.max = min(self.dial.low, at), max(self.dial.high, at)
                self.box.value = state.text(self.dial.key)
                if abs(self.slider.value - at) > 1e-9 * max(abs(at), 1.0):
                    self.slider.value = at
            self._refuse(refused, state, display)
        finally:
            self._filling = False

    def _refuse(self, refused: str | None, state: Exploration, display: Display) -> None:
        shown = Markup("")
        if refused is not None:
            said = word("explore.refused", display.lang, why=refused, stands=state.text(self.dial.key))
            shown = html.paragraph(said, "explore-refused")
        self.problem.value = str(shown)
        self.problem.layout.display = "none" if refused is None else ""

    def label(self, state: Exploration, display: Display) -> str:
        """What the input is called, with its unit where it is an amount."""
        unit = f" ({display.file_unit(state.project.unit)})" if self.dial.kind == "money" else ""
        return input_label(self.dial.key, state.base, display.lang) + unit

    def _name(self, state: Exploration, display: Display) -> None:
        key, lang = self.dial.key, display.lang
        name = self.label(state, display)
        base = value_of(state.base, key)
        moved = key in state.changes
        was = "" if base is None else word("explore.was", lang, value=self.dial.text(base))
        differs = base is not None and self.dial.text(base) != state.text(key)
        note = Markup(" <small>{}</small>").format(was) if differs else Markup("")
        self.name.value = str(
            Markup("<div class='explore-name{}'>{}{}</div>").format(Markup(" moved" if moved else ""), name, note)
        )
