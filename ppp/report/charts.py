"""The charts of an evaluation report as SVG: each says its message in its title and its unit on its axis.

A chart is laid out in points on a sheet of the width of an A4 text block: texts are measured with the bundled font before anything is
drawn, so that margins fit them and the sheet grows with its title and legend. What differs, differs in lightness, hatch, marker or
line as well as in hue.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, wraps
from importlib import resources

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from ruamel.yaml import YAML

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.criteria import binding_cap
from ppp.appraisal.sensitivity import Response
from ppp.databook import kind_of
from ppp.lines import LINES, RESULTS
from ppp.model.covers import dscr
from ppp.project import Project
from ppp.quantities import SCALES
from ppp.report.fonts import FONT, strict_glyphs, use_in_matplotlib
from ppp.report.words import display_of, input_label

WIDTH = 482.0  # points: 170 mm
EDGE = 4.0
TITLE, TEXT = 10.5, 8.5  # font sizes
LEADING = 1.3
GAP = 5.0  # between a text and what it names

INK, GREY, FAINT = "#1a1a1a", "#595959", "#dddddd"
STYLE = {
    "figure.dpi": 72,
    "axes.axisbelow": True,
    "axes.linewidth": 0.6,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.7,
    "font.size": TEXT,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.size": 0.0,
    "xtick.major.size": 3.0,
    "path.simplify": False,
}


def _area(face: str, edge: str, hatch: str | None = None) -> dict:
    return {"facecolor": face, "edgecolor": edge, "hatch": hatch, "linewidth": 0.5}


DARK = _area("#1f4e79", "#ffffff")
PALE = _area("#a9d0ee", INK)
SPENT = _area("#eeeeee", GREY, "////")
SAND = _area("#f3d9a4", "#8a5a00", "----")
LOSING = _area("#f8e9e3", "#b5482a", "///")
PARTS = {  # of both sides of value for money
    "psc_capex": DARK,
    "psc_running": PALE,
    "psc_revenue": _area("#ffffff", INK, "\\\\\\\\"),
    "neutrality": _area("#f0e442", INK),
    "transferred_risk": _area("#d55e00", "#ffffff", "////"),
    "retained_risk": _area("#cccccc", INK, "xxxx"),
    "government_equity": _area("#4d4d4d", "#ffffff", "||||"),
    "operating_subsidy": _area("#009e73", "#ffffff"),
    "supporting_input": SAND,
}
MEASURED = {"color": INK, "linewidth": 1.3, "marker": "o", "markersize": 3.2, "markerfacecolor": "#ffffff", "markeredgewidth": 0.9}
LIMIT = {"color": "#b5482a", "linewidth": 1.1, "linestyle": (0, (5, 2))}
THRESHOLDS = {
    "affordability_cap": {"color": "#b5482a", "linewidth": 1.5, "linestyle": "-"},
    "affordability_warning": {"color": "#b5482a", "linewidth": 1.1, "linestyle": (0, (6, 2))},
    "affordability_no_new_government_pay": {"color": "#b5482a", "linewidth": 1.1, "linestyle": (0, (1, 1.5))},
}
SCALE_NAMES = {"en": ("one", "thousand", "million", "billion", "trillion"), "zh": ("one", "wan", "yi", "trillion")}
SIZES = {**SCALES, "trillion": 1e12}


@dataclass(frozen=True)
class Chart:
    """An SVG document, one sentence that describes it, and its title. `figure` is what was drawn, for other formats; draw it within `style()`."""

    svg: str
    alt: str
    title: str
    figure: Figure = field(repr=False, compare=False)


@contextmanager
def style() -> Iterator[None]:
    """The same look whatever the surroundings (a notebook, a matplotlibrc) have set; their settings are restored."""
    with matplotlib.rc_context(), strict_glyphs():
        matplotlib.rcdefaults()
        use_in_matplotlib()
        matplotlib.rcParams.update(STYLE)
        yield


Drawn = tuple["Sheet", str]  # with the key of the alternative text


def _chart(builder: Callable[[Appraisal, str], Drawn | None]) -> Callable[[Appraisal, str], Chart | None]:
    @wraps(builder)
    def drawn(appraisal: Appraisal, lang: str) -> Chart | None:
        with style():
            made = builder(appraisal, lang)
            if made is None:
                return None
            sheet, alt = made
            svg = _svg(sheet.figure, sheet.title)
        return Chart(svg, _word(alt, lang, title=sheet.title), sheet.title, sheet.figure)

    return drawn


def _svg(figure: Figure, title: str) -> str:
    """The document, the same bytes for the same chart: what matplotlib writes, less what no viewer needs (half of it)."""
    file = io.StringIO()
    about = {"Title": title, "Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(file, format="svg", metadata=about)
    text = file.getvalue()
    text = text[text.index("<svg") :].replace("<svg", '<svg role="img"', 1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r' id="(?:figure|axes|patch|line2d|text|xtick|ytick|matplotlib\.axis)_\d+"', "", text)
    text = re.sub(
        r'id="PPPSans-Regular-([0-9a-f]+)" d="([^"]*)" transform="scale\(0\.015625\)"',
        lambda glyph: f'id="g{glyph[1]}" d="{_shorter(glyph[2])}" transform="scale(.15625)"',
        text,
    )
    text = re.sub(r'"#PPPSans-Regular-([0-9a-f]+)" transform="translate\(([-0-9.]+) 0\)"', r'"#g\1" x="\2"', text)
    text = text.replace('"#PPPSans-Regular-', '"#g').replace('"PPPSans-Regular-', '"g')
    text = re.sub(r"(\d\.\d{3})\d{3}(?!\d)", r"\1", text)  # of a point
    text = re.sub(r" ?\n(?=[MLCQz\"])", "", text)  # within paths
    return re.sub(r"\n\s*(?:<g/>\s*)*", "\n", text)


@cache
def _shorter(outline: str) -> str:
    """A glyph's outline in relative coordinates of 1/640 of its size, ten times coarser than matplotlib's."""
    short, last, x, y, start = [], "", 0, 0, (0, 0)
    for command, numbers in re.findall(r"([MLCQz])([^MLCQz]*)", outline):
        points = [round(int(number) / 10) for number in numbers.split()]
        moved = [value - (x, y)[i % 2] for i, value in enumerate(points)]
        x, y = points[-2:] if points else start
        start = (x, y) if command == "M" else start
        if command == "L" and 0 in moved:
            command, moved = ("h", moved[:1]) if moved[1] == 0 else ("v", moved[1:])
        said = re.sub(" (?=-)", "", " ".join(map(str, moved)))
        short.append(("" if said.startswith("-") else " ") + said if command == last and said else command.lower() + said)
        last = command
    return "".join(short)


# ---------------------------------------------------------------------------------------------------------------- charts


@_chart
def cash_flow(appraisal: Appraisal, lang: str) -> Drawn | None:
    """Debt service and cash to shareholders under cash flow; without a funding model, payments by source and running cost."""
    evaluation = appraisal.evaluation
    timeline, funded = evaluation.inputs.timeline, evaluation.inputs.funded
    line = {key: values[:, 0] for key, values in evaluation.lines.items()}
    running = timeline.operating
    if funded:
        stack = {"debt_service": DARK, "distributions": PALE}
        curve, curve_name = line["cfads"][running], LINES["cfads"].label(lang)
        spent = line["uses"]
    else:
        stack = {"government_payment": DARK, "user_payments": PALE, "other_revenue": SAND}
        curve, curve_name = (line["opex"] + line["lifecycle"])[running], _word("running_cost", lang)
        spent = line["capex"]
    built_years, built = _by_year(timeline.budget_years[: timeline.construction + 1], spent[: timeline.construction + 1])
    bars = {key: line[key][running] for key in stack if np.any(line[key][running])}
    money = _money(appraisal, lang, built, curve, *bars.values())
    years = timeline.budget_years[running]
    title = _funded_message(line, running, years, money, lang) if funded else _sources_message(line, running, money, lang)

    legend = [Key(LINES[key].label(lang), stack[key]) for key in bars]
    legend.append(Key(curve_name, MEASURED, line=True))
    if built.any():
        legend.append(Key(_word("construction_spending", lang), SPENT))
    sheet = Sheet(title, legend, 190.0)
    split = EDGE
    if built.any():
        head = _word("with_unit", lang, name=_word("construction", lang), unit=money.unit)
        split += max(text_width(head), min(40.0 + 30.0 * built.size, 0.35 * WIDTH)) + 14.0
        left = sheet.panel(EDGE, split - 14.0, 22.0, 176.0, head, money.axis(0.0, built.max()), _years(built_years, 2))
        left.bars(built_years, 0.0, built / money.scale, SPENT)
    below = {key: np.minimum(values, 0.0) / money.scale for key, values in bars.items()}
    above = {key: np.maximum(values, 0.0) / money.scale for key, values in bars.items()}
    tops, floors = sum(above.values(), np.zeros(years.size)), sum(below.values(), np.zeros(years.size))
    axis = money.axis(min(floors.min() * money.scale, curve.min(), 0.0), max(tops.max() * money.scale, curve.max()))
    head = _word("with_unit", lang, name=_word("operation", lang), unit=money.unit)
    panel = sheet.panel(split, WIDTH - 14.0, 22.0, 176.0, head, axis, _years(years))
    top, floor = np.zeros(years.size), np.zeros(years.size)
    for key in bars:
        panel.bars(years, top, top + above[key], stack[key])
        panel.bars(years, floor + below[key], floor, stack[key])
        top, floor = top + above[key], floor + below[key]
    panel.zero()
    panel.line(years, curve / money.scale, MEASURED)
    return sheet, "alt.cash_flow" if funded else "alt.cash_sources"


def _funded_message(line: dict, running: slice, years: np.ndarray, money: Money, lang: str) -> str:
    service, received = line["debt_service"][running], line["distributions"][running]
    short = np.maximum(service - line["cfads"][running], 0.0) * (service > 0.0)
    short[short <= 1e-9 * service.max(initial=0.0)] = 0.0
    called = np.maximum(-received, 0.0)
    called[called <= 1e-9 * np.abs(received).max()] = 0.0
    if short.any():
        worst = int(np.argmax(short))
        values = {"short": _count(short > 0.0), "years": _count(service > 0.0), "year": str(years[worst]), "amount": money.say(short[worst])}
        return _word("cash_short", lang, **values)
    if called.any():
        worst = int(np.argmax(called))
        values = {"short": _count(called > 0.0), "years": str(years.size), "year": str(years[worst]), "amount": money.say(called[worst])}
        return _word("cash_calls", lang, **values)
    total = money.say(received.sum())
    return _word("cash_covers", lang, total=total) if service.any() else _word("cash_no_debt", lang, total=total, uses=money.say(line["uses"].sum()))


def _sources_message(line: dict, running: slice, money: Money, lang: str) -> str:
    income, paid = line["revenue"][running].sum(), line["government_payment"][running].sum()
    cost = money.say((line["opex"] + line["lifecycle"])[running].sum())
    if income <= 0.0:
        return _word("cash_no_income", lang, cost=cost)
    if paid <= 0.0:
        return _word("cash_users_only", lang, amount=money.say(income), cost=cost)
    return _word("cash_sources", lang, share=percent(paid / income, 1), amount=money.say(paid), cost=cost)


@_chart
def debt_cover(appraisal: Appraisal, lang: str) -> Drawn | None:
    """Debt service cover by year with the lender's line, above the outstanding debt. None without debt service."""
    evaluation = appraisal.evaluation
    terms, lines, timeline = evaluation.inputs.debt, evaluation.lines, evaluation.inputs.timeline
    if terms is None or not evaluation.inputs.funded or not np.any(lines["debt_service"][:, 0] > 0.0):
        return None
    running = timeline.operating
    counted = lines["cfads" if terms.dscr_after_tax else "ebitda"][running, 0]
    cover = dscr(counted[:, None], lines["debt_service"][running, :1])[:, 0]
    owing = np.isfinite(cover)
    years, cover = timeline.budget_years[running][owing], cover[owing]
    required = None if terms.dscr is None else float(np.ravel(terms.dscr)[0])
    debt_years, debt = _last_of_year(timeline.budget_years, lines["debt_closing"][:, 0])
    shown = (debt_years >= debt_years[np.argmax(debt > 0.0)]) & (debt_years <= years[-1])
    debt_years, debt = debt_years[shown], debt[shown]
    money = _money(appraisal, lang, debt)

    sheet = Sheet(_cover_message(years, cover, required, lang), [], 262.0)
    ends = [] if required is None else [End(required, _word("required", lang, value=_number(required, 2)), LIMIT)]
    right = WIDTH - (14.0 if not ends else 8.0 + text_width(ends[0].text) + GAP)
    levels = [*cover, 1.0, *([] if required is None else [required])]
    ratio = _axis(min(levels), max(levels), from_zero=False, pad=0.1)
    amounts = money.axis(0.0, debt.max())
    left = EDGE + GAP + max(ratio.width, amounts.width)
    across = _years(np.unique(np.concatenate([debt_years, years])))
    panel = sheet.panel(EDGE, right, 136.0, 248.0, _word("dscr", lang), ratio, replace(across, labels=()), left=left)
    panel.axes.axhline(1.0, color=GREY, linewidth=0.8)
    panel.ends(ends)
    panel.line(years, cover, MEASURED)
    head = _word("with_unit", lang, name=LINES["debt_closing"].label(lang), unit=money.unit)
    below = sheet.panel(EDGE, right, 22.0, 112.0, head, amounts, across, left=left)
    below.bars(debt_years, 0.0, debt / money.scale, PALE)
    return sheet, "alt.debt_cover"


def _cover_message(years: np.ndarray, cover: np.ndarray, required: float | None, lang: str) -> str:
    lowest = int(np.argmin(cover))
    values = {"year": str(years[lowest]), "low": _number(cover[lowest], 2), "years": str(cover.size)}
    limit = 1.0 if required is None else required
    short = cover < limit * (1.0 - 1e-9)
    if short.any():
        values["low"], said = _apart(cover[lowest], limit, _number)
        return _word("cover_insolvent" if required is None else "cover_failed", lang, required=said, short=_count(short), **values)
    flat = np.ptp(cover) <= 1e-6
    if required is not None and not flat:
        return _word("cover_met", lang, required=_number(required, 2), **values)
    if flat and required is not None and abs(cover[lowest] - required) <= 1e-6 and cover.size > 1:
        return _word("cover_exact", lang, **values)
    said = _word("cover_single" if cover.size == 1 else "cover_flat" if flat else "cover_lowest", lang, **values)
    return said if required is None else said + _word("cover_asked", lang, required=_number(required, 2))


@_chart
def value_for_money(appraisal: Appraisal, lang: str) -> Drawn | None:
    """PSC and PPP value by part, the difference between the totals marked. None without a comparator."""
    vfm = appraisal.evaluation.vfm
    if vfm is None:
        return None
    sides = [{key: float(worth[0]) for key, worth in parts.items() if worth[0]} for parts in (vfm.psc_parts, vfm.ppp_parts)]
    totals = [float(vfm.psc[0]), float(vfm.ppp_value[0])]
    reach = [[sum(v for v in side.values() if v > 0.0), sum(v for v in side.values() if v < 0.0)] for side in sides]
    money = _money(appraisal, lang, np.array(reach))
    amount, index = float(vfm.amount[0]), float(vfm.index[0])
    key = ("vfm_saves" if amount >= 0.0 else "vfm_costs") + ("" if np.isfinite(index) else "_plain")
    title = _word(key, lang, amount=money.say(abs(amount)), index=percent(abs(index), 2) if np.isfinite(index) else "")

    names = [RESULTS["psc"].label(lang), RESULTS["ppp_value"].label(lang)]
    legend = []
    for short, side in zip(("psc_short", "ppp_short"), sides, strict=True):
        legend.append(Key(_word("named", lang, name=_word(short, lang)), None, new_row=True))
        legend += [Key(f"{LINES[part].label(lang)} {money.figure(worth)}", PARTS[part]) for part, worth in side.items()]
    sheet = Sheet(title, legend, 168.0)
    labels = [[*wrap(name, 100.0), money.figure(total)] for name, total in zip(names, totals, strict=True)]
    left = EDGE + GAP + max(text_width(text) for label in labels for text in label)
    across = money.axis(min(r[1] for r in reach), max(r[0] for r in reach), count=7)
    panel = sheet.panel(EDGE, WIDTH - 20.0, 34.0, 162.0, "", Axis(-0.5, 1.5, (), ()), across, left=left, upright=False)
    for row, (side, label) in enumerate(zip(sides, labels, strict=True)):
        up = down = 0.0
        at = 1.0 - row
        for part, worth in side.items():
            start = up if worth > 0.0 else down
            ends = sorted((start / money.scale, (start + worth) / money.scale))
            panel.bars([at], ends[0], ends[1], PARTS[part], width=0.5, flat=True)
            up, down = (up + worth, down) if worth > 0.0 else (up, down + worth)
        sheet.block(left - GAP, panel.y(at), label, align="right")
    panel.zero(upright=True)
    ends = [total / money.scale for total in totals]
    for total, (low, high) in zip(ends, ((0.36, 1.34), (-0.34, 0.64)), strict=True):
        panel.axes.plot([total, total], [low, high], color=INK, linewidth=1.4, solid_capstyle="butt")
    text = _word("vfm_difference", lang, value=money.figure(amount))
    wide, (near, far) = text_width(text), sorted(panel.x(end) for end in ends)
    panel.axes.plot(ends, [0.5, 0.5], color=INK, linewidth=1.4)
    after = far + GAP + wide <= WIDTH - EDGE
    sheet.text(far + GAP if after else near - GAP, panel.y(0.5), text, ha="left" if after else "right")
    head = _word("with_unit", lang, name=_word("present_value", lang), unit=money.unit)
    sheet.text((left + WIDTH - 20.0) / 2, EDGE + 2.0, head, ha="center", va="baseline")
    return sheet, "alt.value_for_money"


@_chart
def fiscal_share(appraisal: Appraisal, lang: str) -> Drawn | None:
    """Share of the budget by calendar year against the pack's thresholds. None without a district."""
    evaluation = appraisal.evaluation
    load, district = evaluation.load, evaluation.project.budget
    if load is None or district is None:
        return None
    rules = replace(evaluation.rules, used={})  # drawing a line is no use of a rule
    limits = {key: rules.value(key) for key in THRESHOLDS if rules.has(key)}
    cap = binding_cap(replace(evaluation, rules=rules)) if "affordability_cap" in limits else None
    existing, own = (load.existing / load.budget)[:, 0], (load.own / load.budget)[:, 0]
    share = existing + own
    last = max(district.budget, key=lambda entry: entry.year)
    later = load.years >= last.year
    level = last.expenditure * SCALES[district.unit]
    flat = np.where(later, (load.existing + load.own)[:, 0] / level, np.nan) if level > 0.0 else np.full(share.size, np.nan)
    flat_shown = bool(np.isfinite(flat).sum() > 1)

    legend = [Key(_word("existing", lang), SPENT), Key(_word("this_project", lang), DARK)]
    if flat_shown:
        legend.append(Key(_word("no_growth", lang, year=str(last.year)), {"color": INK, "linewidth": 0.9, "linestyle": (0, (3, 2))}, line=True))
    if not existing.any():
        legend = legend[1:]
    sheet = Sheet(_share_message(load.years, share, cap, lang), legend, 208.0)
    ends = [End(value, _word(key, lang, share=percent(value, 2)), THRESHOLDS[key]) for key, value in limits.items()]
    ends = [replace(end, text="\n".join(wrap(end.text, 92.0))) for end in ends]
    right = WIDTH - (14.0 if not ends else 8.0 + GAP + max(text_width(t) for end in ends for t in end.text.split("\n")))
    top = max([share.max(), *limits.values(), *flat[np.isfinite(flat)]])
    panel = sheet.panel(EDGE, right, 22.0, 194.0, _word("share_axis", lang), _axis(0.0, top, form=percent), _years(load.years))
    panel.bars(load.years, 0.0, existing, SPENT)
    panel.bars(load.years, existing, share, DARK)
    if flat_shown:
        panel.line(load.years, flat, legend[-1].look)
    panel.ends(ends)
    return sheet, "alt.fiscal_share"


def _share_message(years: np.ndarray, share: np.ndarray, cap: float | None, lang: str) -> str:
    peak = int(np.argmax(share))
    values = {"year": str(years[peak]), "peak": percent(share[peak], 2)}
    if cap is None:
        return _word("share_peaks", lang, **values)
    over = share > cap
    values["peak"], values["cap"] = _apart(share[peak], cap, percent)
    if not over.any():
        return _word("share_within", lang, **values)
    return _word("share_breaks", lang, count=_count(over), years=str(years.size), first=str(years[np.argmax(over)]), **values)


@_chart
def qualitative(appraisal: Appraisal, lang: str) -> Drawn | None:
    """Mean and range of the experts' scores by indicator, best first, with the pass mark. None when nothing is scored."""
    evaluation = appraisal.evaluation
    scores = sorted(evaluation.scores, key=lambda scored: -scored.mean)
    if not scores:
        return None
    rules = replace(evaluation.rules, used={})
    mark = rules.value("qualitative_pass_mark") if rules.has("qualitative_pass_mark") else None
    total = float(evaluation.results["qualitative_score"][0])
    names = {key: rule.name[lang] for key, rule in rules.pack.indicators.items()}
    weakest = scores[-1]
    values = {"name": names.get(weakest.key, weakest.key), "low": f"{weakest.mean:.1f}"}
    if mark is None:
        title = _word("score_plain", lang, score=f"{total:.1f}", **values)
    else:
        score, said = _apart(total, mark, _number, 1)
        said = said.removesuffix(".0")
        title = _word("score_passes" if total >= mark else "score_fails", lang, score=score, mark=said, **values)

    spread = {"color": "#6f9fc8", "linewidth": 4.0, "solid_capstyle": "butt"}
    dot = {**MEASURED, "markerfacecolor": INK, "linestyle": "none", "markersize": 4.5}
    legend = [Key(_word("score_mean", lang), dot, line=True), Key(_word("score_range", lang), spread, line=True)]
    row = 17.0
    labels = [wrap(_word("with_share", lang, name=names.get(s.key, s.key), share=percent(s.weight, 2)), 190.0) for s in scores]
    row = max(row, 4.0 + TEXT * LEADING * max(map(len, labels)))
    body = row * len(scores) + 52.0
    sheet = Sheet(title, legend, body)
    left = EDGE + GAP + max(text_width(text) for label in labels for text in label)
    floor = min([s.lowest for s in scores] + ([] if mark is None else [mark]))
    axis = _axis(max(10.0 * np.floor((floor - 1.0) / 10.0), 0.0), 100.0, from_zero=False, pad=0.0)
    upward = Axis(-0.5, len(scores) - 0.5, (), ())
    panel = sheet.panel(EDGE, WIDTH - 34.0, 34.0, body - 18.0, "", upward, axis, left=left, upright=False)
    at = np.arange(len(scores))[::-1]
    for height, scored, label in zip(at, scores, labels, strict=True):
        panel.axes.plot([scored.lowest, scored.highest], [height, height], **spread)
        sheet.block(left - GAP, panel.y(height), label, align="right")
        sheet.text(max(panel.x(scored.highest), panel.x(scored.mean) + 4.0) + 4.0, panel.y(height), f"{scored.mean:.1f}")
    panel.axes.plot([s.mean for s in scores], at, **dot)
    if mark is not None:
        panel.axes.axvline(mark, **LIMIT)
        panel.marks([(mark, _word("pass_mark", lang, value=f"{mark:g}"))], body - 16.0)
    sheet.text((left + WIDTH - 34.0) / 2, EDGE + 2.0, _word("score_axis", lang), ha="center", va="baseline")
    return sheet, "alt.qualitative"


@_chart
def rates(appraisal: Appraisal, lang: str) -> Drawn | None:
    """Value for money along the discount rate and the profit rate, with the values at which it is zero. None without it."""
    responses = [response for response in appraisal.rates if response.vfm is not None]
    if not responses:
        return None
    money = _money(appraisal, lang, *[response.vfm for response in responses])
    base = float(appraisal.evaluation.vfm.amount[0])
    legend = [Key(_word("losing", lang), LOSING)] if any((r.vfm < 0.0).any() for r in responses) else []
    body = 216.0
    sheet = Sheet(_rates_message(appraisal.project, responses, base, lang), legend, body)
    axis = money.axis(min(r.vfm.min() for r in responses), max(r.vfm.max() for r in responses), from_zero=False)
    first = EDGE + GAP + axis.width
    space = 26.0
    wide = (WIDTH - 16.0 - first - space * (len(responses) - 1)) / len(responses)
    head = _word("with_unit", lang, name=_word("vfm_axis", lang), unit=money.unit)
    sheet.text(EDGE, body - 2.0, head, va="top")
    for number, response in enumerate(responses):
        left = first + number * (wide + space)
        across = _axis(response.grid[0], response.grid[-1], from_zero=False, pad=0.0, form=percent, count=5)
        shown = axis if number == 0 else replace(axis, labels=())
        panel = sheet.panel(left, left + wide, 36.0, body - 42.0, "", shown, across, left=left)
        panel.axes.grid(axis="x")
        edges = np.array([response.grid[0], *sorted(response.switches), response.grid[-1]])
        lost = np.interp((edges[:-1] + edges[1:]) / 2, response.grid, response.vfm) < 0.0
        if lost.any():
            centres, widths = (edges[:-1] + edges[1:])[lost] / 2, np.diff(edges)[lost]
            for centre, width in zip(centres, widths, strict=True):
                panel.bars([centre], axis.low, axis.high, LOSING, width=width)
        panel.zero()
        panel.axes.plot(response.grid, response.vfm / money.scale, color=INK, linewidth=1.5)
        at_base = float(np.interp(response.base, response.grid, response.vfm)) / money.scale
        panel.axes.plot([response.base] * 2, [axis.low, at_base], color=INK, linewidth=0.8, linestyle=(0, (1, 1.5)))
        panel.axes.plot([response.base], [at_base], color=INK, marker="o", markersize=5.0)
        panel.marks([(response.base, _word("base_at", lang, value=percent(response.base, 2)))], body - 30.0)
        if response.switches:
            switches = [float(value) for value in response.switches]
            panel.axes.plot(switches, [0.0] * len(switches), color="#b5482a", marker="D", markersize=4.5, linestyle="none")
            panel.marks([(value, _word("switch_at", lang, value=percent(value, 2))) for value in switches], body - 40.0, LIMIT["color"])
        sheet.text(left + wide / 2, EDGE + 2.0, input_label(response.key, appraisal.project, lang), ha="center", va="baseline")
    return sheet, "alt.rates"


def _rates_message(project: Project, responses: Sequence[Response], base: float, lang: str) -> str:
    clauses = []
    for response in responses:
        if response.switches:
            nearest = min(response.switches, key=lambda value: abs(value - response.base))
            name = _inside_sentence(input_label(response.key, project, lang), lang)
            clauses.append(_word("below" if nearest < response.base else "above", lang, name=name, value=percent(nearest, 2)))
    if clauses:
        return _word("rates_lost" if base >= 0.0 else "rates_won", lang, clauses=_word("or", lang).join(clauses))
    return _word("rates_positive" if base >= 0.0 else "rates_negative", lang)


@_chart
def tornado(appraisal: Appraisal, lang: str) -> Drawn | None:
    """Value for money at both ends of every plausible range, the widest first. None without ranges or a comparator."""
    responses = [response for response in appraisal.ranges if response.vfm is not None]
    if not responses:
        return None
    project, base = appraisal.project, float(appraisal.evaluation.vfm.amount[0])
    responses.sort(key=lambda r: -max(abs(r.vfm[0] - base), abs(r.vfm[-1] - base)))
    money = _money(appraisal, lang, base, *[r.vfm[[0, -1]] for r in responses])
    turned = [r for r in responses if r.switches or (r.vfm[[0, -1]] < 0.0).any() != (base < 0.0)]
    if turned:
        key = "tornado_lost" if base >= 0.0 else "tornado_won"
    else:
        key = "tornado_firm" if base >= 0.0 else "tornado_lost_anyway"
    title = _word(key, lang, name=input_label(responses[0].key, appraisal.project, lang), count=str(len(turned)), all=str(len(responses)))

    labels, ends = [], []
    for response in responses:
        name = input_label(response.key, appraisal.project, lang)
        low_high = response.grid[[0, -1]]
        match kind_of(response.key):
            case "rate":
                ends.append([percent(end, 3) for end in low_high])
            case "money":
                own = _money(appraisal, lang, low_high * SCALES[project.unit])
                name = _word("with_unit", lang, name=name, unit=own.unit)
                ends.append([own.figure(end * SCALES[project.unit]) for end in low_high])
            case _:
                ends.append([_number(end, 4, trim=True) for end in low_high])
        labels.append(wrap(name, 128.0))
    row = max(22.0, 6.0 + TEXT * LEADING * max(map(len, labels)))
    body = row * len(responses) + 56.0
    sheet = Sheet(title, [Key(_word("at_low", lang), PALE), Key(_word("at_high", lang), DARK)], body)
    left = EDGE + GAP + max(text_width(text) for label in labels for text in label)
    right = WIDTH - EDGE
    reach = np.array([[r.vfm[0], r.vfm[-1]] for r in responses]) / money.scale
    low, high = min(reach.min(), base / money.scale, 0.0), max(reach.max(), base / money.scale, 0.0)
    room = max(text_width(text) for pair in ends for text in pair) + GAP + 2.0
    unit = ((high - low) or 1.0) / (right - left - 2 * room)
    across = replace(_axis(low, high, pad=0.0, count=6), low=low - room * unit, high=high + room * unit)
    upward = Axis(-0.5, len(responses) - 0.5, (), ())
    panel = sheet.panel(EDGE, right, 36.0, body - 20.0, "", upward, across, left=left, upright=False)
    panel.zero(upright=True)
    middle = base / money.scale
    reach = np.where(np.abs(reach - middle) < 1e-6 * (high - low), middle, reach)
    for number, (pair, label, said) in enumerate(zip(reach, labels, ends, strict=True)):
        height = len(responses) - 1.0 - number
        same_side = (pair[0] - middle) * (pair[1] - middle) > 0.0
        for end, (value, look, text) in enumerate(zip(pair, (PALE, DARK), said, strict=True)):
            at = height + ((0.19 if end == 0 else -0.19) if same_side else 0.0)
            panel.bars([at], min(value, middle), max(value, middle), look, width=0.34 if same_side else 0.6, flat=True)
            leftward = value < middle if value != middle else pair[1 - end] > middle or (pair[1 - end] == middle and end == 0)
            sheet.text(panel.x(value) + (-3.0 if leftward else 3.0), panel.y(at), text, ha="right" if leftward else "left", over=True)
        sheet.block(left - GAP, panel.y(height), label, align="right")
    panel.axes.axvline(middle, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
    panel.marks([(middle, _word("base_at", lang, value=money.figure(base)))], body - 18.0)
    head = _word("with_unit", lang, name=_word("vfm_axis", lang), unit=money.unit)
    sheet.text((left + right) / 2, EDGE + 2.0, head, ha="center", va="baseline")
    return sheet, "alt.tornado"


@_chart
def distribution(appraisal: Appraisal, lang: str) -> Drawn | None:
    """Histogram of the simulated value for money, the part below zero hatched. None without a simulation or a comparator."""
    simulation = appraisal.simulation
    if simulation is None or simulation.vfm is None:
        return None
    vfm = simulation.vfm
    money = _money(appraisal, lang, vfm)
    negative = simulation.failing.get("value_for_money", float(np.mean(vfm < 0.0)))
    quantiles = np.percentile(vfm, [5, 50, 95])
    title = _word("draws_negative", lang, share=percent(negative, 1), draws=f"{simulation.draws:,}", median=money.say(quantiles[1]))
    edges = _bins(vfm / money.scale)
    height = np.histogram(vfm / money.scale, edges)[0] / vfm.size
    lost = edges[1:] <= 0.5 * (edges[1] - edges[0])
    legend = [
        Key(_word("below_zero", lang, share=percent(negative, 1)), LOSING),
        Key(_word("not_below_zero", lang, share=percent(1.0 - negative, 1)), PALE),
    ]
    body = 214.0
    sheet = Sheet(title, legend, body)
    upward = _axis(0.0, height.max(), form=percent)
    step = edges[1] - edges[0]
    across = _axis(edges[0] - 2 * step, edges[-1] + 2 * step, from_zero=False, pad=0.0, count=7)
    panel = sheet.panel(EDGE, WIDTH - 20.0, 34.0, body - 30.0, "", upward, across)
    sheet.text(EDGE, body - 2.0, _word("draws_axis", lang), va="top")
    for chosen, look in ((lost, LOSING), (~lost, PALE)):
        if chosen.any():
            panel.axes.stairs(np.where(chosen, height, 0.0), edges, fill=True, baseline=0.0, **look)
    if edges[0] <= 0.0 <= edges[-1]:
        panel.zero(upright=True)
    marks = []
    for name, value in zip(("P5", "P50", "P95"), quantiles / money.scale, strict=True):
        panel.axes.axvline(value, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
        marks.append((value, _word("named", lang, name=name) + money.figure(value * money.scale)))
    panel.marks(marks, body - 28.0)
    middle = (panel.left + panel.right) / 2
    sheet.text(middle, EDGE + 2.0, _word("with_unit", lang, name=_word("vfm_axis", lang), unit=money.unit), ha="center", va="baseline")
    return sheet, "alt.distribution"


def _bins(values: np.ndarray, about: int = 40) -> np.ndarray:
    """Edges of equal bins, one of them at zero where zero is in reach."""
    low, high = float(values.min()), float(values.max())
    step = (high - low) / about
    if step <= 1e-9 * max(abs(low), abs(high)):
        middle, step = (low + high) / 2, (abs(low) or 1.0) / 20
        return middle + step * np.array([-0.5, 0.5])
    if low <= 0.0 <= high:
        return step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)
    return np.linspace(low, high, about + 1)


# ------------------------------------------------------------------------------------------------------- words and numbers


@cache
def _words() -> dict[str, dict[str, str]]:
    text = (resources.files("ppp.report") / "chart_words.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


def _word(key: str, lang: str, /, **values: str) -> str:
    return _words()[key][lang].format(**values)


def _inside_sentence(label: str, lang: str) -> str:
    """An English label with a small first letter unless it begins with an abbreviation, after its article."""
    if lang == "zh":
        return label
    return "the " + (label[0].lower() + label[1:] if label[1:2].islower() else label)


def percent(value: float, decimals: int | None = None) -> str:
    """A fraction as percent without trailing zeros; with as many decimals as it needs when none are given."""
    return _number(100.0 * value, 6 if decimals is None else decimals, trim=True) + "%"


def _number(value: float, decimals: int, trim: bool = False) -> str:
    text = f"{value:,.{decimals}f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−") if re.search("[1-9]", text) else text.lstrip("-")


def _apart(value: float, limit: float, form: Callable[[float, int], str], decimals: int = 2) -> tuple[str, str]:
    """Both numbers with so many decimals that they read differently when they differ."""
    while form(value, decimals) == form(limit, decimals) and abs(value - limit) > 1e-9 * abs(limit) and decimals < 8:
        decimals += 1
    return form(value, decimals), form(limit, decimals)


def _count(chosen: np.ndarray) -> str:
    return str(int(np.count_nonzero(chosen)))


@dataclass(frozen=True)
class Money:
    """The scale in which one chart shows its amounts."""

    lang: str
    currency: str
    name: str
    decimals: int

    @property
    def scale(self) -> float:
        return SIZES[self.name]

    @property
    def unit(self) -> str:
        return _word(f"unit.{self.name}", self.lang, currency=self._currency)

    @property
    def _currency(self) -> str:
        return _word("yuan", self.lang) if self.currency == "CNY" else self.currency

    def figure(self, amount: float) -> str:
        return _number(float(amount) / self.scale, self.decimals)

    def say(self, amount: float) -> str:
        return _word(f"amount.{self.name}", self.lang, currency=self._currency, value=self.figure(amount))

    def axis(self, low: float, high: float, **options) -> Axis:
        return _axis(float(low) / self.scale, float(high) / self.scale, **options)


def _money(appraisal: Appraisal, lang: str, *amounts) -> Money:
    """The report's own scale, or the next one that keeps the largest amount between 0.1 and a million."""
    display = display_of(appraisal.project, lang)
    size = max((float(np.max(np.abs(a))) for a in amounts if np.size(a)), default=0.0)
    names = SCALE_NAMES[lang]
    at = start = next(i for i, name in enumerate(names) if SIZES[name] == display.scale)
    while size / SIZES[names[at]] >= 1e6 and at + 1 < len(names):
        at += 1
    while 0.0 < size < 0.1 * SIZES[names[at]] and at > 0:
        at -= 1
    shown = size / SIZES[names[at]]
    decimals = display.decimals if at == start else 0 if shown >= 2e4 else 1 if shown >= 100 else 2
    return Money(lang, appraisal.project.currency, names[at], decimals)


@dataclass(frozen=True)
class Axis:
    """Limits, ticks and what the ticks say; empty labels leave gridlines alone."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    calendar: bool = False

    @property
    def width(self) -> float:
        return max((text_width(label) for label in self.labels), default=0.0)


def _axis(
    low: float,
    high: float,
    from_zero: bool = True,
    pad: float = 0.06,
    count: int = 5,
    form: Callable[[float], str] | None = None,
) -> Axis:
    """An axis over the data with about `count` round ticks, padded on the sides where it does not end at zero."""
    low, high = float(low), float(high)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        grown = abs(high) * 0.1 or 1.0
        low, high = (low if low == 0.0 else low - grown), high + grown
    span = high - low
    step = _round_step(span / count)
    ticks = step * np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1)
    decimals = max(0, int(np.ceil(-np.log10(step) - 1e-9)))
    decimals += 0 if np.isclose(step * 10**decimals, np.round(step * 10**decimals)) else 1
    labels = tuple(form(tick) if form else _number(tick, decimals) for tick in ticks)
    return Axis(low - pad * span * (low != 0.0), high + pad * span * (high != 0.0), tuple(ticks), labels)


def _round_step(least: float) -> float:
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= least * (1 - 1e-9)))


def _years(years: np.ndarray, least: int = 5) -> Axis:
    """An axis of calendar years, `least` of them wide; its ticks are thinned when the panel's width is known."""
    first, last = float(years.min()), float(years.max())
    slack = max(0.6, (least - 1 - (last - first)) / 2)
    ticks = tuple(float(year) for year in range(int(first), int(last) + 1))
    return Axis(first - slack, last + slack, ticks, tuple(f"{year:.0f}" for year in ticks), True)


def _thinned(years: Axis, width: float) -> Axis:
    """The years that fit side by side: every one, or the multiples of 2, 5, 10 ..."""
    each = (text_width("2000") + 10.0) * (years.high - years.low) / width
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500) if step >= each or step == 500)
    ticks = tuple(year for year in years.ticks if year % step == 0) or years.ticks[:1]
    return replace(years, ticks=ticks, labels=tuple(f"{year:.0f}" for year in ticks) if years.labels else ())


def _by_year(budget_years: np.ndarray, amounts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    years, where = np.unique(budget_years, return_inverse=True)
    return years, np.bincount(where, amounts)


def _last_of_year(budget_years: np.ndarray, balances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    years, first_from_end = np.unique(budget_years[::-1], return_index=True)
    return years, balances[::-1][first_from_end]


# ------------------------------------------------------------------------------------------------------------------ layout


@cache
def _advance(character: str) -> float:
    """Width of a character at size 1."""
    font = get_font(str(FONT))
    font.set_size(100.0, 72.0)
    return font.load_char(ord(character)).linearHoriAdvance / 65536.0 / 100.0


def text_width(text: str, size: float = TEXT) -> float:
    """Width of one line of text in points, within kerning."""
    return size * sum(map(_advance, text))


_OPEN, _CLOSE, _WIDE = "（《〔“‘", "，。；：、！？）》〕”’％", r"\u2e80-\u9fff\uff00-\uffef"
_PIECE = re.compile(rf"\s+|[{_OPEN}]*(?:[^\s{_WIDE}{_OPEN}{_CLOSE}]+|(?![{_OPEN}{_CLOSE}])[{_WIDE}]|$)[{_CLOSE}]*|[{_CLOSE}]+")


def wrap(text: str, width: float, size: float = TEXT) -> list[str]:
    """Lines no wider than `width`: broken at spaces and between Chinese characters, never before closing punctuation."""
    pieces = _PIECE.findall(text)
    lines, line = [], ""
    for piece in pieces:
        if line and text_width((line + piece).rstrip(), size) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while text_width(line.rstrip(), size) > width and len(line) > 1:
            fits = max(1, next(n for n in range(len(line), 0, -1) if n == 1 or text_width(line[:n], size) <= width))
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _balanced(text: str, width: float, size: float) -> list[str]:
    """As few lines as fit, of about the same length."""
    lines = wrap(text, width, size)
    narrower = (wrap(text, part * width, size) for part in (0.55, 0.65, 0.75, 0.85, 0.95))
    return lines if len(lines) == 1 else next((other for other in narrower if len(other) == len(lines)), lines)


@dataclass(frozen=True)
class Key:
    """An entry of the legend; without a look it is a heading."""

    label: str
    look: dict | None
    line: bool = False
    new_row: bool = False


@dataclass(frozen=True)
class End:
    """A horizontal line across a panel with its label at the right end."""

    value: float
    text: str
    look: dict


class Sheet:
    """A figure with its title and legend on top and `body` points of height below for panels, measured from the bottom left."""

    HANDLE = 17.0

    def __init__(self, title: str, legend: Sequence[Key], body: float):
        self.title = title
        lines = _balanced(title, WIDTH - 2 * EDGE, TITLE)
        rows = self._rows(legend)
        leading, row = TITLE * LEADING, TEXT * 1.55
        self.height = EDGE + leading * len(lines) + row * len(rows) + (6.0 if rows else 2.0) + body
        self.figure = Figure((WIDTH / 72.0, self.height / 72.0), dpi=72)
        FigureCanvasSVG(self.figure)
        for number, line in enumerate(lines):
            self.text(EDGE, self.height - EDGE - leading * number, line, va="top", size=TITLE)
        y = self.height - EDGE - leading * len(lines) - 4.0 - row / 2
        for entries in rows:
            for x, key in entries:
                self._key(x, y, key)
            y -= row

    def _rows(self, legend: Sequence[Key]) -> list[list[tuple[float, Key]]]:
        rows: list[list[tuple[float, Key]]] = []
        x = indent = EDGE
        for key in legend:
            wide = (self.HANDLE + GAP if key.look else 0.0) + text_width(key.label)
            if key.new_row:
                indent = EDGE
            if not rows or key.new_row or x + wide > WIDTH - EDGE:
                rows.append([])
                x = indent
            rows[-1].append((x, key))
            x += wide + (14.0 if key.look else 4.0)
            if key.look is None:
                indent = x
        return rows

    def _key(self, x: float, y: float, key: Key) -> None:
        if key.look is None:
            self.text(x, y, key.label)
            return
        unit = self.figure.dpi_scale_trans
        if key.line:
            look = {**key.look, "linestyle": key.look.get("linestyle", "-")}
            middle = [x + self.HANDLE / 2] if look["linestyle"] == "none" else [x, x + self.HANDLE / 2, x + self.HANDLE]
            self.figure.add_artist(Line2D(np.array(middle) / 72.0, [y / 72.0] * len(middle), transform=unit, markevery=[len(middle) // 2], **look))
        else:
            box = (x / 72.0, (y - 4.0) / 72.0)
            self.figure.add_artist(Rectangle(box, self.HANDLE / 72.0, 8.0 / 72.0, transform=unit, **key.look))
        self.text(x + self.HANDLE + GAP, y, key.label)

    def text(
        self, x: float, y: float, text: str, ha="left", va="center_baseline", size: float = TEXT, color: str = INK, over: bool = False
    ) -> None:
        """A line of text; `over` lines of the chart it stands on white."""
        box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.8} if over else None
        self.figure.text(x / WIDTH, y / self.height, text, ha=ha, va=va, fontsize=size, color=color, bbox=box)

    def block(self, x: float, y: float, lines: Sequence[str], align: str = "left", color: str = INK) -> None:
        """Lines of text around the height y."""
        leading = TEXT * LEADING
        for number, line in enumerate(lines):
            self.text(x, y + leading * ((len(lines) - 1) / 2 - number), line, ha=align, color=color)

    def panel(
        self, x0: float, x1: float, y0: float, y1: float, head: str, upward: Axis, across: Axis, left: float | None = None, upright: bool = True
    ) -> Panel:
        """Axes from x0 (where the tick labels begin) to x1; `head` stands above and says what the upward axis counts.

        upright: gridlines are those of the upward axis, else of the one across."""
        left = x0 + GAP + upward.width if left is None else left
        if across.calendar:
            across = _thinned(across, x1 - left)
        axes = self.figure.add_axes((left / WIDTH, y0 / self.height, (x1 - left) / WIDTH, (y1 - y0) / self.height))
        axes.set_xlim(across.low, across.high)
        axes.set_ylim(upward.low, upward.high)
        axes.set_xticks(across.ticks, across.labels or [""] * len(across.ticks))
        axes.set_yticks(upward.ticks, upward.labels or [""] * len(upward.ticks))
        axes.grid(axis="y" if upright else "x")
        axes.spines["left"].set_visible(False)
        if head:
            self.text(x0, y1 + 4.0, head, va="bottom")
        return Panel(self, axes, left, x1, y0, y1, upward, across)


@dataclass(frozen=True)
class Panel:
    """Axes on a sheet whose place is known in points."""

    sheet: Sheet
    axes: Axes
    left: float
    right: float
    bottom: float
    top: float
    upward: Axis
    across: Axis

    def x(self, value: float) -> float:
        return self.left + (value - self.across.low) / (self.across.high - self.across.low) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom + (value - self.upward.low) / (self.upward.high - self.upward.low) * (self.top - self.bottom)

    def bars(self, at, low, high, look: dict, width: float = 0.72, flat: bool = False) -> None:
        """All bars of one look as one shape, upright or flat, around `at` from low to high."""
        at, low, high = np.broadcast_arrays(np.asarray(at, dtype=float), low, high)
        shown = high > low
        if not shown.any():
            return
        at, low, high = at[shown], low[shown], high[shown]
        corners = np.empty((at.size, 5, 2))
        corners[:, :, 0] = at[:, None] + width / 2 * np.array([-1, -1, 1, 1, -1])
        corners[:, :, 1] = np.stack([low, high, high, low, low], axis=1)
        points = corners.reshape(-1, 2)[:, ::-1] if flat else corners.reshape(-1, 2)
        codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], at.size)
        self.axes.add_patch(PathPatch(Path(points, codes), **look))

    def line(self, at, values, look: dict) -> None:
        many = np.size(at) > 45
        small = {"markersize": 1.8, "markeredgewidth": 0.7} if many and "marker" in look else {}
        self.axes.plot(at, values, clip_on=False, **{**look, **small})

    def zero(self, upright: bool = False) -> None:
        """The line at zero."""
        (self.axes.axvline if upright else self.axes.axhline)(0.0, color=INK, linewidth=0.9)

    def ends(self, ends: Sequence[End]) -> None:
        """Horizontal lines with their labels at the right, moved apart where they would touch."""
        texts = [end.text.split("\n") for end in ends]
        heights = [TEXT * LEADING * len(lines) + 2.0 for lines in texts]
        places = _spread([self.y(end.value) for end in ends], heights, self.bottom, self.top + 8.0)
        for end, lines, place in zip(ends, texts, places, strict=True):
            self.axes.axhline(end.value, **end.look)
            self.sheet.block(self.right + GAP, place, lines, color=end.look["color"])

    def marks(self, marks: Sequence[tuple[float, str]], y: float, color: str = INK) -> None:
        """Labels centred over values of the axis across, at height y, moved apart where they would touch."""
        widths = [text_width(text) + 8.0 for _, text in marks]
        places = _spread([self.x(value) for value, _ in marks], widths, EDGE, WIDTH - EDGE)
        for (_, text), place in zip(marks, places, strict=True):
            self.sheet.text(place, y, text, ha="center", va="bottom", color=color)


def _spread(places: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres near `places` such that intervals of these sizes neither overlap nor leave low..high (while there is room)."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    floor = low
    for i in order:
        moved[i] = max(moved[i], floor + sizes[i] / 2)
        floor = moved[i] + sizes[i] / 2
    ceiling = high
    for i in reversed(order):
        moved[i] = min(moved[i], ceiling - sizes[i] / 2)
        ceiling = moved[i] - sizes[i] / 2
    return moved
