"""The first sheet: contents, state of the checks, how to read the workbook; and what every sheet carries on its head."""

from __future__ import annotations

from ppp.lines import LINES, RESULTS
from ppp.report import words as glossary
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell
from ppp.report.workbook.grid import DISTRICT_MONEY, FIRST, LABEL, TOTAL, Sheet

TITLE, ABOUT, CHECK, AXIS, AXIS_TWO = range(5)


def heads(m: Context) -> None:
    """Title, project and master check on every sheet, and its columns named by period or year."""
    name = m.project.name[m.lang]
    for sheet in m.book.sheets:
        put = m.book.values
        put[sheet.name, TITLE, LABEL] = f"{sheet.name} · {name}"
        put[sheet.name, ABOUT, LABEL] = m.word(f"about.{sheet.key}", rounds=str(m.rounds))
        put[sheet.name, CHECK, LABEL] = m.word("master")
        m.book.formulas[sheet.name, CHECK, check_column(sheet)] = m["master"]
        for words, rows in zip(_axis(m, sheet), (AXIS, AXIS_TWO), strict=False):
            label, row = words
            if rows == AXIS_TWO:
                put[sheet.name, rows, TOTAL] = label
            for t in range(sheet.columns):
                m.book.formulas[sheet.name, rows, FIRST + t] = row.at(t)


def check_column(sheet: Sheet) -> int:
    """The control sheet has two columns only."""
    return 1 if sheet.key == "control" else TOTAL


def _axis(m: Context, sheet: Sheet):
    if sheet.key in ("timing", "pasted"):
        return ()
    if sheet.key in ("inputs", "years"):
        return ((m.word("operating_year_head"), m["operating_year"]),)
    if sheet.key == "building_years":
        return ((m.word("building_year_head"), m["building_year"]),)
    if sheet.key == "fiscal":
        return ((m.word("calendar_year_head"), m["fiscal_year"]),)
    if sheet.key == "roots":
        return ((m.word("grid_point"), m["grid_point"]),)
    if sheet.columns:
        return ((m.word("year_head"), m["budget_year"]), (m.word("period_head"), m["period"]))
    return ()


def key_results(m: Context) -> list[tuple[str, str, Cell]]:
    """(label, unit, cell) of every result, in the order in which results are declared."""
    return [
        (declared.label(m.lang), declared.unit, m.book.results[key])
        for key, declared in RESULTS.items()
        if key in m.book.results
    ]


def unit_of_money(m: Context) -> str:
    return _money(m, m.project.unit)


def unit_name(m: Context, unit: str) -> str:
    """What a row's unit is called: money in the file's or in the district's unit, or a word."""
    if unit == "money":
        return unit_of_money(m)
    if unit == DISTRICT_MONEY:
        return _money(m, m.project.budget.unit)
    return m.word(f"unit.{unit}")


def _money(m: Context, unit: str) -> str:
    yuan = m.lang == "zh" and m.project.currency == "CNY"
    if yuan and unit == "one":
        return m.word("unit.yuan")
    return glossary.word(f"unit.{unit}", m.lang, currency="元" if yuan else m.project.currency)


def control_text(m: Context) -> list[tuple[str, list[str]]]:
    """Headings with their paragraphs, as plain text."""
    pasted = m.word("listing").join((LINES.get(key) or RESULTS[key]).label(m.lang) for key in m.book.pasted)
    how = [
        m.word("how.change"),
        m.word("how.rows", unit=unit_of_money(m)),
        m.word("how.second"),
        m.word("how.round"),
        m.word("how.print"),
        m.word("how.pasted", lines=pasted) if pasted else m.word("how.pasted_none"),
    ]
    conventions = [
        f"{convention.meaning[m.lang]}: {_choice(m, m.rules.convention(key))}"
        for key, convention in m.rules.pack.conventions.items()
    ]
    status = glossary.word(f"status.{m.project.status}", m.lang)
    return [
        (m.word("project_of", name=m.project.name[m.lang]), [status, m.project.id]),
        (m.word("how.title"), how),
        (m.word("how.conventions"), conventions),
    ]


def _choice(m: Context, value: bool | str) -> str:
    key = f"choice.{str(value).lower()}"
    return glossary.word(key, m.lang) if glossary.has_word(key) else str(value)
