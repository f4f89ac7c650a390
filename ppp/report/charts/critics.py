"""Where value for money comes from: the way from the PSC to the PPP value, driver by driver."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.attribution import Part
from ppp.report.charts.sheet import DARK, GAP, INK, LOSING, PALE, Sheet, chart, rows, wrap
from ppp.report.charts.words import Money, inside_sentence, money_for, number, word
from ppp.report.words import word as report_word

BAR = 0.56  # of a row


@chart
def waterfall(appraisal: Appraisal, lang: str) -> Sheet | None:
    """PSC, what each driver takes off or adds with its range over all orders, PPP value: with discounting taken as given, and with
    discounting shared out too. None without value for money."""
    shared = appraisal.critique.attribution if appraisal.critique is not None else None
    if shared is None:
        return None
    vfm = appraisal.evaluation.vfm
    psc, ppp_value = float(vfm.psc[0]), float(vfm.ppp_value[0])
    ends = [end for part in (*shared.parts, *shared.given_discounting) for end in (part.low, part.high)]
    money = money_for(appraisal, lang, psc, ppp_value, ends)
    names = [report_word(f"vfm_driver.{part.driver}", lang) for part in shared.parts]
    short = [word("psc_short", lang), *names, word("ppp_short", lang)]
    labels = [wrap(name, 92.0) for name in short]
    row = max(19.0, 5.0 + 11.0 * max(map(len, labels)))
    title = _message(shared.given_discounting, money, lang)
    sheet = Sheet(title, "alt.waterfall", row * len(labels) + 66.0, columns=2, flat=True, sharey=True)
    views = (("discounting_given", shared.given_discounting), ("discounting_shared", shared.parts))
    for panel, (key, parts) in zip(sheet.panels, views, strict=True):
        at = rows(panel, ["\n".join(label) for label in labels])
        _fall(panel, at, psc, parts, money, lang)
        panel.set_title(word(key, lang))
        panel.set_xlabel(money.of(word("present_value", lang)))
    return sheet


def _fall(panel: Axes, at: np.ndarray, psc: float, parts: Sequence[Part], money: Money, lang: str) -> None:
    """One waterfall of costs to the government, from top to bottom."""
    scale = money.scale
    level = psc
    totals = [(at[0], psc), (at[-1], psc - sum(part.value for part in parts))]
    panel.barh(at[[0, -1]], [value / scale for _, value in totals], BAR, label=word("totals", lang), **DARK)
    texts = [(y, max(value, 0.0) / scale, money.figure(value)) for y, value in totals]
    for y, part in zip(at[1:-1], parts, strict=True):
        after = level - part.value
        key, look = ("speaks_for", PALE) if part.value >= 0.0 else ("speaks_against", LOSING)
        panel.barh(y, -part.value / scale, BAR, level / scale, label=word(key, lang), **look)
        low, high = (level - part.high) / scale, (level - part.low) / scale
        if high - low > 1e-6 * abs(psc) / scale:  # the same in every order: no range
            panel.plot([low, high], [y, y], color=INK, linewidth=1.0, label=word("over_orders", lang))
            panel.plot([low, high], [y, y], linestyle="none", marker="|", markersize=6.0, color=INK)
        panel.plot([after / scale] * 2, [y - BAR / 2, y - 1 + BAR / 2], color=INK, linewidth=0.6)
        sign = "+" if part.value < 0.0 else "−" if round(part.value / scale, money.decimals) else ""
        said = sign + number(abs(part.value) / scale, money.decimals)
        texts.append((y, max(level, after, level - part.low) / scale, said))
        level = after
    panel.plot([psc / scale] * 2, [at[0] - BAR / 2, at[1] + BAR / 2], color=INK, linewidth=0.6)
    for y, end, said in texts:
        panel.annotate(said, (end, y), (GAP, 0.0), textcoords="offset points", va="center")
    panel.axvline(0.0, color=INK, linewidth=0.9)
    panel.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))  # half a sheet has room for few
    low, high = panel.get_xlim()
    panel.set_xlim(low, high + 0.3 * (high - low))  # room for the figures at the bars


def _message(parts: Sequence[Part], money: Money, lang: str) -> str:
    """Which driver speaks most for the PPP, and which most against it."""
    largest, smallest = max(parts, key=lambda part: part.value), min(parts, key=lambda part: part.value)

    def said(part: Part) -> dict[str, str]:
        name = inside_sentence(report_word(f"vfm_driver.{part.driver}", lang), lang).removeprefix("the ")
        return {"name": name, "amount": money.say(abs(part.value))}

    values = {
        f"{end}_{key}": text
        for end, part in (("for", largest), ("against", smallest))
        for key, text in said(part).items()
    }
    if largest.value <= 0.0:
        return word("all_against", lang, **{k: v for k, v in values.items() if k.startswith("against")})
    if smallest.value >= 0.0:
        return word("all_for", lang, **{k: v for k, v in values.items() if k.startswith("for")})
    return word("for_and_against", lang, **values)
