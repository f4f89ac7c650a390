"""The district's charts: share of the budget, the plan, debt ratio, calls on contingent liabilities."""

from __future__ import annotations

import numpy as np

from ppp.portfolio.affordability import Line
from ppp.portfolio.breakdown import in_cents, stored_on
from ppp.portfolio.study import Study
from ppp.report.charts.government import THRESHOLDS
from ppp.report.charts.sheet import (
    DARK,
    GREY,
    INK,
    PALE,
    RED,
    SAND,
    SPENT,
    Sheet,
    area,
    calendar,
    chart,
    numbered,
    stack,
)
from ppp.report.charts.words import money_in, percent, told_apart, word
from ppp.report.words import Display
from ppp.report.words import word as report_word

LOOKS = (
    DARK,
    PALE,
    SAND,
    area("#009e73", "#ffffff"),
    area("#f0e442", INK),
    area("#d55e00", "#ffffff", "////"),
    area("#cccccc", INK, "xxxx"),
)
OTHERS = area("#ffffff", INK, "....")
STORED = area("#e6e6e6", INK, "||||")
CASES = (
    ("case_without", {"linestyle": (0, (2, 2)), "color": GREY}),
    ("case_with", {"linestyle": "-", "color": INK}),
    ("case_with_calls", {"linestyle": (0, (6, 2)), "color": "#1f4e79"}),
)


def named_rows(study: Study, lang: str) -> list[tuple[str, np.ndarray, dict]]:
    """Spending by who asks for it, (years,): existing commitments, the largest projects by name, the others, stored results."""
    years = study.years
    rows = [(word("existing", lang), sum(study.promised.values(), np.zeros(years.size)), SPENT)]
    largest = sorted(study.members, key=lambda m: (-m.total, m.id))
    for member, look in zip(largest[: len(LOOKS)], LOOKS, strict=False):
        rows.append((member.name[lang], in_cents(study.cells, years, member.id), look))
    rest = [in_cents(study.cells, years, m.id) for m in largest[len(LOOKS) :]]
    if rest:
        rows.append((word("other_projects", lang), sum(rest), OTHERS))
    if study.portfolio.stored is not None:
        rows.append((word("stored_results", lang), stored_on(study.portfolio.stored, years), STORED))
    return rows


@chart
def district_share(study: Study, lang: str) -> Sheet | None:
    """Share of the budget of all projects by year, against the lines of the rule book."""
    return _shares(study, lang, named_rows(study, lang), _share_title(study, lang), "alt.district_share")


@chart
def plan(study: Study, lang: str) -> Sheet | None:
    """The same under the plan: what is decided, and each chosen candidate. None without candidates, or when none is chosen."""
    found = study.scheduled
    if found is None or not found.solution.chosen:
        return None
    options = [found.problem.options[i] for i in found.solution.chosen]
    names = {m.id: m.name[lang] for m in study.members}
    chosen = sum(option.spending for option in options)
    rows = [(word("decided", lang), found.spending - chosen, SPENT)]
    largest = sorted(options, key=lambda option: (-option.spending.sum(), option.project))
    for option, look in zip(largest[: len(LOOKS)], LOOKS, strict=False):
        rows.append((names[option.project], option.spending, look))
    rest = [option.spending for option in largest[len(LOOKS) :]]
    if rest:
        rows.append((word("other_projects", lang), sum(rest), OTHERS))
    share = found.spending / study.budgets.columns["expenditure"]
    peak = int(np.argmax(share))
    values = {"count": len(options), "all": len(found.choices), "peak": percent(share[peak])}
    title = word("plan_chosen", lang, year=study.years[peak], **values)
    return _shares(study, lang, rows, title, "alt.plan")


def _shares(study: Study, lang: str, rows: list, title: str, alt: str) -> Sheet:
    budget = study.budgets.columns["expenditure"]
    sheet = Sheet(title, alt, 210.0)
    (panel,) = sheet.panels
    stack(panel, study.years, [(name, row / budget, look) for name, row, look in rows if row.any()])
    sheet.limits(panel, [(x.limit, word(x.key, lang, share=percent(x.limit)), THRESHOLDS[x.key]) for x in study.lines])
    panel.set_title(word("share_axis", lang))
    panel.set_ylim(bottom=0.0)
    numbered(panel.yaxis, percent)
    calendar(panel, study.years)
    return sheet


def _share_title(study: Study, lang: str) -> str:
    if not study.spending.any():
        return word("district_nothing", lang)
    peak = int(np.argmax(study.share))
    values = {"year": study.years[peak], "peak": percent(study.share[peak])}
    crossed: list[Line] = [line for line in study.lines if line.count]
    if not crossed:
        return word("district_within", lang, **values)
    line = crossed[-1]
    values["peak"], limit = told_apart(study.share[peak], line.limit, percent)
    return word(
        "district_above", lang, limit=limit, count=line.count, years=study.years.size, first=line.first, **values
    )


@chart
def debt_ratio(study: Study, lang: str) -> Sheet | None:
    """Debt ratio without the projects, with them, and with expected calls. None without debt data."""
    if study.statements is None:
        return None
    ratio = study.statements.path.ratio
    added = ratio[:, 1] - ratio[:, 0]
    most, top = int(np.argmax(added)), int(np.argmax(ratio[:, 1]))
    points = f"{100.0 * added[most]:.1f}"
    values = {"year": study.ahead[most], "top": study.ahead[top], "peak": percent(ratio[top, 1], 1)}
    title = word("ratio_adds" if points != "0.0" else "ratio_same", lang, points=points, **values)
    if not study.members and study.portfolio.stored is None:
        title = word("ratio_without_projects", lang, **values)
    sheet = Sheet(title, "alt.debt_ratio", 200.0)
    (panel,) = sheet.panels
    shown = CASES if study.simulated is not None else CASES[:2]
    for case, (name, look) in enumerate(shown):
        panel.plot(study.ahead, ratio[:, case], linewidth=1.4, label=word(name, lang), **look)
    top_shown = 1.15 * ratio.max()
    lines = [c for c in study.pack.colours if 0.0 < c.at_least <= max(top_shown, study.pack.colours[-2].at_least)]
    look = {"color": RED, "linewidth": 1.0, "linestyle": (0, (5, 2))}
    sheet.limits(
        panel,
        [
            (
                c.at_least,
                word(
                    "colour_line",
                    lang,
                    colour=report_word(f"district_colour.{c.colour}", lang),
                    value=percent(c.at_least),
                ),
                look,
            )
            for c in lines
        ],
    )
    panel.set_title(word("ratio_axis", lang))
    panel.set_ylim(bottom=0.0)
    numbered(panel.yaxis, percent)
    calendar(panel, study.ahead)
    return sheet


def calls(display: Display):
    """A chart of calls by year in a report's money. None without contingent liabilities."""

    @chart
    def drawn(study: Study, lang: str) -> Sheet | None:
        if study.simulated is None:
            return None
        total = study.simulated.total
        money = money_in(display, total.tail)
        most = int(np.argmax(total.expected))
        title = word(
            "calls_title",
            lang,
            year=study.ahead[most],
            expected=money.say(total.expected[most]),
            tail=money.say(total.tail.max()),
        )
        sheet = Sheet(title, "alt.calls", 190.0)
        (panel,) = sheet.panels
        stack(panel, study.ahead, [(word("calls_expected", lang), total.expected / money.scale, DARK)])
        panel.plot(
            study.ahead, total.quantile / money.scale, color=INK, linewidth=1.1, label=word("calls_quantile", lang)
        )
        look = {"color": RED, "linewidth": 1.1, "linestyle": (0, (5, 2))}
        panel.plot(study.ahead, total.tail / money.scale, label=word("calls_tail", lang), **look)
        panel.set_title(money.of(word("calls_axis", lang)))
        panel.set_ylim(bottom=0.0)
        calendar(panel, study.ahead)
        return sheet

    return drawn
