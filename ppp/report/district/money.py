"""Affordability of all projects, and the breakdown of their spending."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.portfolio.affordability import TERMS, Space
from ppp.portfolio.breakdown import by_account, by_year, in_cents, stored_on
from ppp.portfolio.ledger import CENTS
from ppp.report import html
from ppp.report.charts import district as charts
from ppp.report.district.view import DistrictView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent

MOST_COLUMNS = 8  # projects in the table by year
BUDGET_YEARS = 5  # of the forecast, in the table by budget code


def affordability(view: DistrictView) -> Html:
    """The share of all projects by year, the lines, what still fits, and the users'-share tests."""
    study = view.study
    return view.section(
        "district_affordability",
        html.paragraph(view.word("district.takes_candidates")) if any(m.candidate for m in study.members) else None,
        view.chart(charts.district_share),
        view.title(3, "lines"),
        _lines(view),
        html.paragraph(view.word("district.funds_note"), "note"),
        *_spaces(view),
        *_user_pay(view),
        view.title(3, "all_by_year"),
        _by_year(view),
    )


def _lines(view: DistrictView) -> Markup:
    study, rows = view.study, []
    for line in study.lines:
        least = int(np.argmin(line.headroom))
        rows.append(
            (
                f"{percent(line.limit, 0)} · {view.word(f'district_line.{line.key}')}",
                html.keep(
                    html.mark(line.count == 0, str(line.first) if line.count else view.word("district.above_none"))
                ),
                str(line.count),
                f"{view.amount(line.headroom[least])} ({study.years[least]})",
                view.word(f"district_permits.{line.key}"),
            )
        )
    heads = view.heads(
        "district_line", "district_first_above", "district_years_above", "district_least_headroom", "district_permits"
    )
    return html.table(heads, rows, numbers=(2, 3), caption=view.word("text.money_note", unit=view.display.unit))


def _spaces(view: DistrictView) -> list[Markup]:
    """The largest further project by line and term: as a level payment, and as construction cost under the formula."""
    study = view.study
    if not study.spaces:
        return []

    def label(space: Space) -> str:
        line = view.word(f"district_space.{space.line}", limit=percent(study.rules.value(space.line), 0))
        beside = view.word(f"district_beside.{space.beside}") if len(study.spaces) > len(lines) else ""
        return view.word("district.space", line=line, beside=beside, start=str(space.start))

    lines = {space.line for space in study.spaces}
    terms = [view.counted_years(term) for term in TERMS]
    heads = [view.word("head.district_space"), *terms]
    parts = [view.title(3, "spaces"), html.paragraph(view.word("district.spaces_note"))]
    for said, of in (
        ("district.spaces_level", lambda r: (r.level, r.level_year)),
        ("district.spaces_formula_cost", lambda r: (r.formula_cost, r.formula_year)),
    ):
        rows = [
            (label(space), *(f"{view.amount(of(room)[0])} ({of(room)[1]})" for room in space.rooms))
            for space in study.spaces
        ]
        note = view.unit_note(said)
        parts.append(html.table(heads, rows, numbers=range(1, len(heads)), caption=note, css="dense wraps"))
    return parts


def _user_pay(view: DistrictView) -> list[Markup]:
    study, parts = view.study, []
    if study.user_pay:
        rows = [
            (
                view.name_of(test.member),
                "–" if test.share is None else percent(test.share),
                percent(test.smallest, 0),
                html.mark(test.passed, view.word("passed" if test.passed else "failed")),
            )
            for test in study.user_pay
        ]
        heads = [view.word("meta.project"), *view.heads("district_user_share", "district_least", "result")]
        parts = [
            view.title(3, "users"),
            html.paragraph(view.word("district.user_pay_tests")),
            html.table(heads, rows, numbers=(1, 2)),
        ]
    stored = study.portfolio.stored
    if stored is not None and stored.below_user_share:
        names = view.listed([key for key, _ in stored.below_user_share[:20]])
        count = str(len(stored.below_user_share))
        parts.append(html.paragraph(view.word("district.below_user_share", count=count, names=names)))
    return parts


def _by_year(view: DistrictView) -> Markup:
    study = view.study
    parts = by_year(study.cells, study.portfolio.stored, study.years, lambda sector, kind: kind)
    nothing = np.zeros(study.years.size)
    columns = [study.budgets.columns["expenditure"], sum(study.promised.values(), nothing)]
    columns += [parts.get(key, nothing) for key in RESPONSIBILITIES]
    columns.append(study.spending)
    heads = [*view.heads("budget", "existing"), *(view.line(key) for key in RESPONSIBILITIES)]
    heads += view.heads("district_total", "share", "district_headroom")
    shown = [*(view.amounts(row) for row in columns), view.percents(study.share), view.amounts(study.cap.headroom)]
    return view.years_table(heads, shown, view.unit_note("district.year_table"))


def breakdown(view: DistrictView) -> Html:
    """By project and year, by sector, by budget code; stored results by their largest."""
    study = view.study
    if not study.spending.any():
        return NOTHING
    return view.section(
        "district_breakdown", *_by_sector(view), *_by_project(view), *_by_account(view), *_largest(view)
    )


def _by_project(view: DistrictView) -> list[Markup]:
    study = view.study
    if not study.cells and study.portfolio.stored is None:
        return []
    largest = sorted(study.members, key=lambda m: (-m.total, m.id))
    columns = [in_cents(study.cells, study.years, m.id) for m in largest[:MOST_COLUMNS]]
    heads = [view.display.text(m.name) for m in largest[:MOST_COLUMNS]]
    if len(largest) > MOST_COLUMNS:
        columns.append(sum(in_cents(study.cells, study.years, m.id) for m in largest[MOST_COLUMNS:]))
        heads.append(view.word("district.others", count=str(len(largest) - MOST_COLUMNS)))
    stored = study.portfolio.stored
    whole = in_cents(study.cells, study.years) + stored_on(stored, study.years)
    if stored is not None:
        columns.append(stored_on(stored, study.years))
        heads.append(view.word("district.stored_results", count=str(stored.count)))
    heads += view.heads("district_total")
    columns.append(whole)
    shown = [view.amounts(column) for column in columns]
    return [view.title(3, "projects_by_year"), view.years_table(heads, shown, view.unit_note("district.by_project"))]


def _by_sector(view: DistrictView) -> list[Markup]:
    """Sector balance: who takes how much of all PPP spending, its largest share of the budget, the plan's limit; then by year."""
    study, rows = view.study, []
    budget, whole = study.budgets.columns["expenditure"], float(study.spending.sum())
    for sector in study.sectors:
        share = sector.spending / budget
        peak = int(np.argmax(share))
        limit = "–" if sector.limit is None else html.mark(bool(share[peak] <= sector.limit), percent(sector.limit, 1))
        parts = (sector.projects.sum(), sector.existing.sum(), sector.spending.sum())
        largest = f"{percent(float(share[peak]))} ({study.years[peak]})" if sector.spending.any() else "–"
        named = view.word(f"sector.{sector.key}")
        rows.append((named, *(view.amount(part) for part in parts), percent(parts[2] / whole), largest, limit))
    sums = (sum(s.projects.sum() for s in study.sectors), sum(s.existing.sum() for s in study.sectors), whole)
    peak = int(np.argmax(study.share))
    largest = f"{percent(float(study.share[peak]))} ({study.years[peak]})"
    rows.append((view.word("sum"), *(view.amount(part) for part in sums), percent(1.0), largest, ""))
    heads = [view.word("meta.sector"), *view.heads("district_projects", "existing", "district_total", "district_part")]
    heads += view.heads("share_peak", "district_sector_limit")
    top = study.sectors[0]
    values = {"sector": view.word(f"sector.{top.key}"), "share": percent(float(top.spending.sum()) / whole, 1)}
    spread = "district.sector_balance_note" if len(study.sectors) > 1 else "district.sector_balance_one"
    parts = [
        view.title(3, "sector_balance"),
        html.paragraph(view.word(spread, count=str(len(study.sectors)), **values)),
        html.table(heads, rows, numbers=range(1, 6), last_is_sum=True, caption=view.unit_note("district.by_sector")),
    ]
    if len(study.sectors) > 1:
        heads = [view.word(f"sector.{sector.key}") for sector in study.sectors]
        shown = [view.amounts(sector.spending) for sector in study.sectors]
        parts += [
            view.title(3, "sectors_by_year"),
            view.years_table(heads, shown, view.unit_note("district.sector_years")),
        ]
    return parts


def _by_account(view: DistrictView) -> list[Markup]:
    study, accounts = view.study, view.study.accounts
    if not study.cells and study.portfolio.stored is None:
        return []
    found = by_account(study.cells, study.portfolio.stored, accounts)
    soon = [int(year) for year in study.years if year > study.budgets.recorded][:BUDGET_YEARS]
    rows = [
        (
            f"{a.function.code} {view.display.text(a.function.name)}",
            f"{a.economic.code} {view.display.text(a.economic.name)}",
            *(view.amount(a.by_year.get(year, 0) / CENTS) for year in soon),
            view.amount(a.cents / CENTS),
        )
        for a in found
    ]
    sums = [sum(a.by_year.get(year, 0) for a in found) for year in soon] + [sum(a.cents for a in found)]
    rows.append((view.word("sum"), "", *(view.amount(cents / CENTS) for cents in sums)))
    state = (
        view.word("district.codes_confirmed", by=accounts.confirmed_by)
        if accounts.confirmed_by
        else view.word("district.codes_unchecked")
    )
    heads = [
        *view.heads("district_function", "district_economic"),
        *(str(year) for year in soon),
        *view.heads("district_total"),
    ]
    note = view.word("district.by_account", unit=view.display.unit, year=str(accounts.year), state=state)
    table = html.table(heads, rows, numbers=range(2, len(heads)), last_is_sum=True, css="dense wraps")
    return [view.title(3, "accounts"), html.paragraph(note), table]


def _largest(view: DistrictView) -> list[Markup]:
    stored = view.study.portfolio.stored
    if stored is None:
        return []
    rows = [(view.display.text(name), key, view.amount(cents / CENTS)) for key, name, cents in stored.largest]
    heads = [view.word("meta.project"), view.word("meta.id"), view.display.unit]
    return [view.title(3, "largest_stored"), html.table(heads, rows, numbers=(2,))]
