"""What a lender's auditor reads: where the money comes from, the debt by tranche, and the company's statements."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
from markupsafe import Markup

from ppp.appraisal.debt_terms import TrancheTerms, tranche_terms
from ppp.appraisal.sources_and_uses import Part, sources_and_uses
from ppp.appraisal.statements import BALANCE, FLOW, RATIO, SEEN, Row, Statement, statements
from ppp.lines import LINES
from ppp.report import html
from ppp.report.html import Html
from ppp.report.sections.view import View
from ppp.report.words import percent

ACROSS = 10  # columns of periods side by side: as many as a page holds


def sources_uses_tables(view: View) -> Markup | None:
    """Sources and uses of construction, side by side, each adding to the same total."""
    if not view.evaluation.inputs.funded:
        return None
    sources, uses = sources_and_uses(view.evaluation)
    tables = [_parts(view, "sources", sources), _parts(view, "uses", uses)]
    return html.join(
        [
            html.heading(view.word("section.sources_uses"), "sources-uses", 3),
            Markup("<div class='pair'>{}</div>").format(html.join(tables)),
        ]
    )


def _parts(view: View, side: str, parts: list[Part]) -> Markup:
    total = sum(part.amount for part in parts)

    def share(amount: float) -> str:
        return percent(amount / total, 1) if total > 0 else "–"

    rows = [(_label(view, p.key), view.display.money(p.amount, unit=False), share(p.amount)) for p in parts]
    rows.append((view.word("sum"), view.display.money(total, unit=False), share(total)))
    heads = [view.word(f"head.{side}"), view.display.unit, view.word("head.share")]
    return html.table(heads, rows, numbers=(1, 2), last_is_sum=True)


def _label(view: View, key: str) -> str:
    """A line's own label; a tranche's name; else the glossary's."""
    if key.startswith("tranche."):
        return view.tranche(key.removeprefix("tranche."))
    return LINES[key].label(view.lang) if key in LINES else view.word(f"statement.{key}")


def debt_table(view: View) -> Markup | None:
    """One row a tranche: terms of the file, what set its size, when it is repaid and what it costs."""
    terms = tranche_terms(view.evaluation)
    if not terms:
        return None
    rows = [_tranche(view, each) for each in terms]
    heads = [*view.heads("tranche", "rank"), view.display.unit]
    heads += view.heads("rate", "tenor", "repayment", "binding", "first_repayment", "last_repayment", "interest_total")
    return html.join(
        [
            html.heading(view.word("section.debt"), "debt", 3),
            html.table(heads, rows, numbers=(2, 9), css="dense"),
            html.paragraph(view.word("text.debt_note"), "note"),
        ]
    )


def _tranche(view: View, terms: TrancheTerms) -> tuple[object, ...]:
    (_, first_rate), *steps = terms.rates
    rate = percent(first_rate)
    for year, later in steps:
        rate += view.word("text.rate_from", rate=percent(later), year=str(year))
    length = view.display.length
    tenor = length(terms.tenor)
    if terms.grace:
        tenor += view.word("text.grace", grace=length(terms.grace))
    repayment = view.word(f"repayment.{terms.repayment}")
    if terms.prepaid:
        repayment += view.word("text.prepaid", amount=view.display.money(terms.prepaid, unit=False))

    def day(date: dt.date | None) -> Markup:
        return html.keep("–" if date is None else date.isoformat())

    return (
        view.tranche(terms.name),
        view.word(f"rank.{terms.rank}"),
        view.display.money(terms.size, unit=False),
        rate,
        tenor,
        repayment,
        view.word(f"binding.{terms.binding}") if terms.size else "–",
        day(terms.first),
        day(terms.last),
        view.display.money(terms.interest, unit=False),
    )


def company_statements(view: View) -> Html:
    """The company's statements: by period when periods are years, otherwise by budget year."""
    drawn_up = statements(view.evaluation)
    by_year = view.evaluation.inputs.timeline.period != 12
    notes = [view.word("text.money_note", unit=view.display.unit), view.word("text.statement_signs")]
    if by_year:
        notes.append(view.word("text.by_budget_year"))
    parts = [html.paragraph(("" if view.lang == "zh" else " ").join(notes), "note")]
    for statement in drawn_up:
        parts += [html.heading(_title(view, statement.key), f"statement-{statement.key}", 3), *_blocks(view, statement)]
    return view.section("statements", *parts)


def _title(view: View, key: str) -> str:
    if key.startswith("tranche."):
        return view.word("statement_title.tranche", name=view.tranche(key.removeprefix("tranche.")))
    return view.word(f"statement_title.{key}")


def _blocks(view: View, statement: Statement) -> list[Markup]:
    """The statement in as many tables as its columns need, each with the rows that say something there; sums stand in the first."""
    heads = _column_heads(view, statement.columns)
    count = len(heads)
    blocks = max(-(-count // ACROSS), 1)
    edges = [round(count * i / blocks) for i in range(blocks + 1)]
    with_flows = any(row.kind == FLOW for row in statement.rows)
    tables = []
    for begin, end in itertools.pairwise(edges):
        with_sum = with_flows and begin == 0
        seen = [row for row in statement.rows if with_sum or row.total or np.nan_to_num(row.values[begin:end]).any()]
        head = [view.word("head.item"), *([view.word("sum")] if with_sum else []), *heads[begin:end]]
        cells = [_cells(view, row, begin, end, with_sum) for row in seen]
        sums = [i for i, row in enumerate(seen) if row.total]
        tables.append(html.table(head, cells, numbers=range(1, len(head)), css="dense accounts", sums=sums))
    return tables


def _column_heads(view: View, columns: tuple[dt.date | int, ...]) -> list[str]:
    """Budget years; dates of period ends, as years alone where every period ends with the year, financial close by its name."""
    timeline = view.evaluation.inputs.timeline
    close = [view.word("statement.close")] if columns and columns[0] == timeline.close else []
    ends = columns[len(close) :]
    if all(isinstance(end, int) for end in ends):
        return [*close, *map(str, ends)]
    whole = all((end.month, end.day) == (12, 31) for end in ends)
    return [*close, *(str(end.year) if whole else end.isoformat() for end in ends)]


def _cells(view: View, row: Row, begin: int, end: int, with_sum: bool) -> tuple[object, ...]:
    cells: list[object] = [_label(view, row.key)]
    if with_sum:
        cells.append(_amount(view, row, _total(row.values)) if row.kind == FLOW else "")
    return (*cells, *(_amount(view, row, float(value)) for value in row.values[begin:end]))


def _total(values: np.ndarray) -> float:
    """The sum over the term; what rounding leaves of amounts that cancel is nothing."""
    total = float(values.sum())
    return total if abs(total) > SEEN * np.abs(values).sum() else 0.0


def _amount(view: View, row: Row, value: float) -> str:
    if row.kind == RATIO:
        return f"{value:.2f}" if np.isfinite(value) else "–"
    if value == 0.0 and not (row.total and row.kind == BALANCE):
        return "–"
    return view.display.money(value, unit=False)
