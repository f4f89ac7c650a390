"""How the project stands, in words and figures: verdict and checks above, key figures with their difference from the base case, draws."""

from __future__ import annotations

import math

from markupsafe import Markup

from ppp.appraisal.exploration import Exploration, Figure
from ppp.appraisal.simulation import QUANTILES
from ppp.appraisal.verdict import NOT_ASSESSABLE, PUBLISHED, RECOMMENDED
from ppp.lines import RESULTS
from ppp.report import charts, html
from ppp.report.words import Display, percent, word

DRAWN = ("vfm_amount", "equity_irr", "equity_npv", "dscr_min", "share_peak", "fiscal_total")
ALIKE = 1e-9  # relative: a difference below is rounding


def status(state: Exploration, display: Display) -> Markup:
    """The verdict, every test, and the master check: all that must be seen whatever is moved."""
    verdict, lang = state.verdict, display.lang
    marks = [_test(test.key, test.passed, test.informs, lang) for test in verdict.tests if test.key != "integrity"]
    outcome = verdict.outcome
    said = word(f"outcome.{outcome}", lang)
    if outcome == RECOMMENDED and not state.judged_whole:
        said = word("explore.passes", lang)  # what the tests alone can say; reservations take the whole appraisal
    failing = state.failing_checks
    checks = len(state.evaluation.checks)
    if failing:
        names = _listed([word(f"check.{key}", lang) for key in failing], lang)
        master = html.mark(False, word("explore.checks_fail", lang, names=names))
    else:
        master = html.mark(True, word("explore.checks_pass", lang, count=str(checks)))
    css = "explore-verdict " + ("bad" if failing else outcome)
    parts = [Markup("<b class='outcome'>{}</b>").format(said), *marks, master]
    if outcome == RECOMMENDED and not state.judged_whole:
        parts.append(Markup("<span class='explore-alert'>{}</span>").format(word("explore.reservations", lang)))
    if state.alerts:
        names = _listed([word(f"check.{key}", lang) for key in state.alerts], lang)
        parts.append(Markup("<span class='explore-alert'>{}</span>").format(word("explore.alerts", lang, names=names)))
    return Markup("<div class='{}'>{}</div>").format(css, Markup(" ").join(parts))


def _test(key: str, passed: bool | None, informs: bool, lang: str) -> Markup:
    said = word(f"test.{key}", lang)
    return html.mark(passed, said + (f" ({word('informs', lang)})" if informs else ""))


def _listed(names: list[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(names)


def figures(state: Exploration, display: Display) -> Markup:
    """The key figures as they stand, each with its difference from the file's base case."""
    lang = display.lang
    rows = [
        (RESULTS[f.key].label(lang), _plain(f.unit, f.value, display), difference(f, display)) for f in state.figures
    ]
    heads = [
        word("explore.result", lang, unit=display.unit),
        word("explore.now", lang),
        word("explore.from_base", lang),
    ]
    half = (len(rows) + 1) // 2
    tables = [html.table(heads, part, numbers=(1, 2), css="explore-now") for part in (rows[:half], rows[half:]) if part]
    return Markup("<div class='explore-figures'>{}</div>").format(html.join(tables))


def _plain(unit: str, value: float, display: Display) -> str:
    """A value under a heading that names the unit of money."""
    return display.money(value, unit=False) if unit == "money" else display.value(unit, value)


def difference(figure: Figure, display: Display) -> str:
    """A figure less the base case's, with its sign: points for rates; a dash where there is none to compare with."""
    change, size = figure.difference, max(abs(figure.value), abs(figure.base))
    if not math.isfinite(change):
        return "–"
    if abs(change) <= ALIKE * size:
        return "0"
    if figure.unit == "rate":
        shown = word("explore.points", display.lang, points=f"{100.0 * change:.2f}".replace("-", "−"))
    elif figure.unit == "money":
        shown = display.money(change, unit=False)
    else:
        shown = display.value(figure.unit, change).replace("-", "−")
    return shown if change < 0.0 else f"+{shown}"


def draws(state: Exploration, display: Display) -> Markup:
    """The draws of what stands now: probabilities, P5 / P50 / P95 with their errors, the S-curve, and the reservations they lead to."""
    lang, found = display.lang, state.appraisal
    drawn = found.simulation
    if drawn is None:
        return html.paragraph(word("explore.nothing_drawn", lang), "explore-refused")
    note = word("explore.drawn", lang, draws=f"{drawn.draws:,}", inputs=str(len(drawn.plan.randoms)))
    asked = "" if drawn.covenant is None else f"{drawn.covenant:.2f}"
    chances = [
        (word(f"event.{event}", lang, covenant=asked), _chance(drawn.probability(event))) for event in drawn.events
    ]
    rows = []
    for key in DRAWN:
        if key in drawn.results:
            ends = [_plain(RESULTS[key].unit, drawn.quantile(key, share).value, display) for share in QUANTILES]
            rows.append((RESULTS[key].label(lang), *ends))
    tables = [
        html.table([word("head.event", lang), word("head.probability", lang)], chances, numbers=(1,)),
        html.table([word("explore.result", lang, unit=display.unit), "P5", "P50", "P95"], rows, numbers=(1, 2, 3)),
    ]
    curve = charts.s_curve(found, lang)
    parts = [html.paragraph(note), Markup("<div class='explore-figures'>{}</div>").format(html.join(tables))]
    shown = [] if curve is None else [html.figure(curve.svg, curve.alt)]
    if found.verdict.reservations and found.verdict.outcome not in (NOT_ASSESSABLE, PUBLISHED):
        said = [display.say(reason) for reason in found.verdict.reservations]
        shown.append(Markup("<div><b>{}</b>{}</div>").format(word("text.reservations", lang), html.bullets(said)))
    parts.append(Markup("<div class='explore-drawn'>{}</div>").format(html.join(shown)))
    return html.join(parts)


def _chance(found) -> str:
    return (
        percent(found.value, 1)
        if found.value in (0.0, 1.0)
        else f"{percent(found.value, 1)} ±\u00a0{percent(found.error, 1)}"
    )
