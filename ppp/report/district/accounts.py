"""The government's accounts without the projects, with them, and with expected calls."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.portfolio.contingent import HALF_A_CENT
from ppp.portfolio.liabilities import CASES
from ppp.report import html
from ppp.report.charts import district as charts
from ppp.report.district.view import DistrictView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent

SHOWN_YEARS = (0, 1, 2, 3, 4, 9, 14, 19, 29)  # of a statement: the near future whole, the rest at intervals


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
        view.title(3, "compared"),
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
    key = "district.stored_calls" if stored.exposed else "district.stored_no_calls"
    calls = view.word(key, count=f"{len(stored.exposed):,}")
    return html.paragraph(view.word("district.stored_in_accounts", count=f"{stored.count:,}", calls=calls), "note")


def _cases(view: DistrictView) -> list[int]:
    """The cases that are shown: without calls on contingent liabilities, the last one would repeat the second."""
    return [i for i, case in enumerate(CASES) if case != "with_calls" or view.study.simulated is not None]


def _side_by_side(view: DistrictView) -> Markup:
    found, cases = view.study.statements, _cases(view)
    shown = {
        "result": found.income["result"],
        "gross_debt": found.balance["gross_debt"],
        "net_debt": found.balance["net_debt"],
    }
    groups = [(view.word(f"district_government_line.{key}"), len(cases)) for key in shown]
    heads = [view.word(f"district_case.{CASES[i]}") for _ in shown for i in cases]
    columns = [view.amounts(values[:, i]) for values in shown.values() for i in cases]
    return view.years_table(heads, columns, view.unit_note("district.compared_unit"), found.years, groups)


def _statement(view: DistrictView, lines: dict[str, np.ndarray]) -> Markup:
    """A statement in every case: one row for a line that is the same in all, else a row for each case that differs; rows of zeros
    are left out."""
    years, cases = view.study.ahead, _cases(view)
    at = [t for t in SHOWN_YEARS if t < years.size]
    rows = []
    for key, values in lines.items():
        name = view.word(f"district_government_line.{key}")
        for told, i in _differing(view, values, cases):
            rows.append((name, told, *(view.amount(values[t, i]) for t in at)))
            name = ""
    heads = [*view.heads("item", "district_case"), *(str(years[t]) for t in at)]
    note = view.unit_note("district.statement_unit" if len(cases) == len(CASES) else "district.statement_unit_two")
    return html.table(heads, rows, numbers=range(2, len(heads)), caption=note, css="dense wraps")


def _differing(view: DistrictView, values: np.ndarray, cases: list[int]) -> list[tuple[str, int]]:
    """(case in words, column) of the first of each group of cases with the same row, to half a cent, but for rows of zeros."""
    groups: list[list[int]] = []
    for i in cases:
        same = next((g for g in groups if np.abs(values[:, g[0]] - values[:, i]).max() < HALF_A_CENT), None)
        if same is None:
            groups.append([i])
        else:
            same.append(i)
    if len(groups) == 1:
        return [("", groups[0][0])] if np.abs(values[:, 0]).max() >= HALF_A_CENT else []
    live = [group[0] for group in groups if np.abs(values[:, group[0]]).max() >= HALF_A_CENT]
    return [(view.word(f"district_case.{CASES[i]}"), i) for i in live]
