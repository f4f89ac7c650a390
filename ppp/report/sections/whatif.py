"""How results answer to single inputs: a table by range and by elasticity, a spider, and a two-way table of the two that matter most."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.appraisal.whatif import Bar, TwoWay, Whatif
from ppp.lines import RESULTS
from ppp.report import html
from ppp.report.charts.whatif import bars, web
from ppp.report.sections.view import View
from ppp.report.words import Display, display_of, input_label, word


def whatif(view: View) -> list[Markup | None]:
    """Everything about single inputs beyond value for money's own tornado; nothing without ranges."""
    found = view.appraisal.whatif
    if found is None:
        return []
    tornado = (
        None
        if found.leading == "vfm_amount"
        else view.chart(bars(view.project, found.leading, found.tornados[found.leading]))
    )
    return [
        html.heading(view.word("section.whatif"), "whatif", 3),
        tornado,
        swings(found, display_of(view.project, view.lang)),
        html.paragraph(view.word("text.elasticity"), "note"),
        view.chart(web(view.project, found.spider)),
        None if found.two_way is None else crossed(found.two_way, display_of(view.project, view.lang)),
    ]


def swings(found: Whatif, display: Display) -> Markup:
    """Every input with its ends: each result at both ends, and the leading result's elasticity."""
    lang, first = display.lang, found.tornados[found.leading]
    by_key = {result: {bar.key: bar for bar in bars} for result, bars in found.tornados.items()}
    rows = []
    for bar in first:
        ends = f"{display.input_value(bar.key, bar.low)} – {display.input_value(bar.key, bar.high)}"
        cells = [_ends(by_key[result][bar.key], RESULTS[result].unit, display) for result in found.tornados]
        shown = f"{bar.elasticity:.2f}".replace("-", "−") if np.isfinite(bar.elasticity) else "–"
        rows.append((input_label(bar.key, display.project, lang), ends, *cells, shown))
    heads = [word("head.input", lang), word("head.from_to", lang)]
    heads += [RESULTS[result].label(lang) + _unit(result, display) for result in found.tornados]
    heads.append(word("head.elasticity", lang))
    numbers = range(1, len(heads))
    return html.table(
        heads, rows, numbers=numbers, caption=word("caption.swings", lang, result=RESULTS[found.leading].label(lang))
    )


def _unit(result: str, display: Display) -> str:
    return f" ({display.unit})" if RESULTS[result].unit == "money" else ""


def _ends(bar: Bar, unit: str, display: Display) -> str:
    return f"{_value(bar.at_low, unit, display)} – {_value(bar.at_high, unit, display)}"


def _value(value: float, unit: str, display: Display) -> str:
    return display.money(value, unit=False) if unit == "money" else display.value(unit, value)


def crossed(found: TwoWay, display: Display) -> Markup:
    """A result for pairs of values of two inputs."""
    lang, unit = display.lang, RESULTS[found.result].unit
    names = [input_label(key, display.project, lang) for key in (found.row_key, found.column_key)]
    heads = [f"{names[0]} \\ {names[1]}", *(display.input_value(found.column_key, value) for value in found.columns)]
    rows = [
        (display.input_value(found.row_key, row), *(_value(value, unit, display) for value in values))
        for row, values in zip(found.rows, found.values, strict=True)
    ]
    label = RESULTS[found.result].label(lang) + _unit(found.result, display)
    caption = word("caption.two_way", lang, result=label, one=names[0], other=names[1])
    return html.table(heads, rows, numbers=range(1, len(heads)), caption=caption)
