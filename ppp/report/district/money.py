"""Affordability of all projects, the breakdown of their spending, and the government's accounts with and without them."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.portfolio.breakdown import by_account, by_parts, by_year, in_cents, stored_on
from ppp.portfolio.ledger import CENTS
from ppp.portfolio.liabilities import CASES
from ppp.report import html
from ppp.report.charts import district as charts
from ppp.report.district.view import DistrictView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent

MOST_COLUMNS = 8  # projects in the table by year
BUDGET_YEARS = 5  # of the forecast, in the table by budget code
SHOWN_YEARS = (0, 1, 2, 3, 4, 9, 14, 19, 29)  # of a statement: the near future whole, the rest at intervals


def affordability(view: DistrictView) -> Html:
    """The share of all projects by year, the lines, what still fits, and the users'-share tests."""
    study = view.study
    return view.section(
        "district_affordability",
        html.paragraph(view.word("district.takes_candidates")) if any(m.candidate for m in study.members) else None,
        view.chart(charts.district_share),
        _lines(view),
        html.paragraph(view.word("district.funds_note"), "note"),
        *_rooms(view),
        *_user_pay(view),
        _by_year(view) if study.years.size else None,
    )


def _lines(view: DistrictView) -> Markup:
    study, rows = view.study, []
    for line in study.lines:
        least = int(np.argmin(line.headroom))
        rows.append(
            (
                f"{percent(line.limit, 0)} · {view.word(f'district_line.{line.key}')}",
                html.mark(line.count == 0, str(line.first) if line.count else view.word("district.above_none")),
                str(line.count),
                f"{view.amount(line.headroom[least])} ({study.years[least]})",
                view.word(f"district_permits.{line.key}"),
            )
        )
    heads = view.heads(
        "district_line", "district_first_above", "district_years_above", "district_least_headroom", "district_permits"
    )
    return html.table(heads, rows, numbers=(2, 3), caption=view.word("text.money_note", unit=view.display.unit))


def _rooms(view: DistrictView) -> list[Markup]:
    study = view.study
    if not study.rooms or study.district.discount_rate is None:
        return []
    rows = [
        (
            view.word("district.plan_years", years=str(room.term)),
            f"{view.amount(room.level)} ({room.level_year})",
            view.amount(room.worth),
            f"{view.amount(room.formula_cost)} ({room.formula_year})",
        )
        for room in study.rooms
    ]
    heads = view.heads("district_term", "district_level", "district_worth", "district_formula_cost")
    return [html.paragraph(view.word("district.rooms")), html.table(heads, rows, numbers=(1, 2, 3))]


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
        parts = [html.paragraph(view.word("district.user_pay_tests")), html.table(heads, rows, numbers=(1, 2))]
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
    if not study.cells and study.portfolio.stored is None:
        return NOTHING
    return view.section("district_breakdown", _by_project(view), *_by_sector(view), *_by_account(view), *_largest(view))


def _by_project(view: DistrictView) -> Markup | None:
    study = view.study
    if not study.members and study.portfolio.stored is None:
        return None
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
    return view.years_table(heads, shown, view.unit_note("district.by_project"))


def _by_sector(view: DistrictView) -> list[Markup]:
    study = view.study
    found = by_parts(study.cells, study.portfolio.stored, lambda year, sector, kind: sector)
    whole = sum(found.values())
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    rows = [
        (view.word(f"sector.{sector}"), view.amount(cents / CENTS), percent(cents / whole) if whole else "–")
        for sector, cents in ordered
    ]
    rows.append((view.word("sum"), view.amount(whole / CENTS), percent(1.0)))
    heads = [view.word("meta.sector"), *view.heads("district_total", "share")]
    parts = [html.table(heads, rows, numbers=(1, 2), last_is_sum=True, caption=view.unit_note("district.by_sector"))]
    if len(ordered) > 1 and (study.portfolio.stored is not None or len(ordered) < len(study.members)):
        yearly = by_year(study.cells, study.portfolio.stored, study.years, lambda sector, kind: sector)
        names = [sector for sector, _ in ordered]
        shown = [view.amounts(yearly[name]) for name in names]
        heads = [view.word(f"sector.{name}") for name in names]
        parts.append(view.years_table(heads, shown, view.unit_note("district.sector_years")))
    return parts


def _by_account(view: DistrictView) -> list[Markup]:
    study, accounts = view.study, view.study.accounts
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
    table = html.table(heads, rows, numbers=range(2, len(heads)), last_is_sum=True, css="dense")
    return [html.paragraph(note), table]


def _largest(view: DistrictView) -> list[Markup]:
    stored = view.study.portfolio.stored
    if stored is None:
        return []
    rows = [(view.display.text(name), key, view.amount(cents / CENTS)) for key, name, cents in stored.largest]
    heads = [view.word("meta.project"), view.word("meta.id"), view.display.unit]
    return [html.paragraph(view.word("district.largest_stored")), html.table(heads, rows, numbers=(2,))]


def statements(view: DistrictView) -> Html:
    """Income statement, cash statement and balance sheet with the projects, and the main figures with and without them."""
    found = view.study.statements
    if found is None:
        return NOTHING
    share = percent(view.study.district.found_within_budget, 0)
    parts = [
        html.paragraph(view.word("district.statements_note", found=share)),
        with_stored(view),
        view.chart(charts.debt_ratio),
        _side_by_side(view),
    ]
    for part in ("income", "cash", "balance"):
        parts += [view.title(3, part), _statement(view, getattr(found, part))]
    return view.section("district_statements", *parts)


def with_stored(view: DistrictView) -> Markup | None:
    """How stored results enter the accounts, said beside the figures; None without any."""
    stored = view.study.portfolio.stored
    if stored is None or not stored.count:
        return None
    return html.paragraph(view.word("district.stored_in_accounts", count=f"{stored.count:,}"), "note")


def _side_by_side(view: DistrictView) -> Markup:
    found = view.study.statements
    shown = {
        "result": found.income["result"],
        "change_of_net_worth": found.income["change_of_net_worth"],
        "gross_debt": found.balance["gross_debt"],
        "net_debt": found.balance["net_debt"],
    }
    heads, columns = [], []
    for key, values in shown.items():
        for i, case in enumerate(CASES):
            heads.append(f"{view.word(f'district_government_line.{key}')}: {view.word(f'district_case.{case}')}")
            columns.append(view.amounts(values[:, i]))
    return view.years_table(heads, columns, view.unit_note("district.compared"), found.years)


def _statement(view: DistrictView, lines: dict[str, np.ndarray]) -> Markup:
    years = view.study.ahead
    at = [t for t in SHOWN_YEARS if t < years.size]
    with_projects = CASES.index("with")
    rows = [
        (view.word(f"district_government_line.{key}"), *(view.amount(values[t, with_projects]) for t in at))
        for key, values in lines.items()
        if key != "calls"
    ]
    heads = [*view.heads("item"), *(str(years[t]) for t in at)]
    note = view.unit_note("district.statement_unit")
    return html.table(heads, rows, numbers=range(1, len(heads)), caption=note, css="dense")
