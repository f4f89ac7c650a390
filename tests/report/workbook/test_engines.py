"""The workbook against two spreadsheet engines: written with zeros, recalculated, equal to the model; then with twelve inputs changed."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import ppp
from ppp.appraisal.evaluation import replaced
from ppp.overlays import number_at
from ppp.report.workbook.build import build
from ppp.report.workbook.context import Context
from ppp.report.workbook.write import agreed, save
from tests.conftest import find_program

_spec = importlib.util.spec_from_file_location("engines", Path(__file__).with_name("engines.py"))
engines = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(engines)

ROOT = Path(__file__).parents[3]
FILES = sorted([*ROOT.glob("params/*.yaml"), *ROOT.glob("params/published/*.yaml")])
# Changed first where a file has them: one from every part of the model.
FIRST = (
    "construction.capex",
    "funding.debt.rate",
    "users.tariff.start",
    "tax.rate",
    "funding.debt.dscr",
    "discounting.rate",
    "payment.amount.times",
    "payment.profit_rate",
    "funding.debt.max_gearing",
    "inflation",
    "operation.opex.start",
    "comparator.capex",
    "funding.debt.upfront_fee",
    "funding.government_share",
    "risks.cost_overrun.ratio",
    "operation.disposal",
)
CHANGED = 12


@dataclass(frozen=True)
class Case:
    """One project's workbook; twelve changes, by key; the same context over the evaluation with them."""

    context: Context
    changes: dict[str, float]
    changed: Context


def changes_of(context: Context) -> dict[str, float]:
    """Twelve inputs, each moved by 6 %, or up from zero."""
    known = context.book.inputs
    ordered = [key for key in FIRST if key in known] + [key for key in known if key not in FIRST]
    found: dict[str, float] = {}
    for key in ordered:
        try:
            value = number_at(context.project, key)[1]
        except KeyError:  # an amount in a list has no dotted key
            continue
        small = 0.01 if context.book.values[known[key].place] == 0 and _is_rate(context, key) else 25.0
        found[key] = value * (1.06 if key != "funding.debt.max_gearing" else 0.94) if value else small
        if len(found) == CHANGED:
            break
    return found


def _is_rate(context: Context, key: str) -> bool:
    place = context.book.inputs[key].place
    return any(row.unit == "rate" for row in context.given.rows if row.one.place == place)


@cache
def case_of(file: Path) -> Case:
    """Every other project in Chinese."""
    project = ppp.load(file)
    context = build(ppp.evaluate(project), "zh" if FILES.index(file) % 2 else "en")
    changes = changes_of(context)
    moved = project
    for key, value in changes.items():
        moved = replaced(moved, number_at(project, key)[0], value)
    changed = Context(ppp.evaluate(moved), context.lang)
    changed.book = context.book
    return Case(context, changes, changed)


def _sheet(context: Context) -> str:
    return context.sheets["results"].name


def moved_values(case: Case) -> dict:
    """All given values with the twelve changed."""
    book = case.context.book
    return {**book.values, **{book.inputs[key].place: value for key, value in case.changes.items()}}


def compared_after_changes(case: Case, values: dict) -> None:
    agreed(case.changed, {**case.context.book.values, **values})
    assert values[case.context["master"].place] == case.context.word("ok")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
class TestTwoEngines:
    def test_no_line_is_pasted(self, file):
        assert not case_of(file).context.book.pasted

    def test_twelve_inputs_are_changed_and_move_results(self, file):
        case = case_of(file)
        assert len(case.changes) == CHANGED
        before, after = case.context.evaluation.results, case.changed.evaluation.results
        assert any(not np.allclose(before[key], after[key], rtol=1e-6, equal_nan=True) for key in before)

    def test_ironcalc_gives_the_models_values_before_and_after(self, file, tmp_path):
        case, book = case_of(file), case_of(file).context.book
        path = tmp_path / "x.xlsx"
        save(case.context, path, dict(book.values))
        places = [cell.place for cell in book.results.values()] + [
            row.at(t).place for row in book.lines.values() for t in range(case.context.timeline.rows)
        ]
        master = case.context["master"].place
        errors = [cell.place for cell in case.context["errors"]]
        values = engines.ironcalc_values(path, [*places, *errors, case.context["master"].place])
        agreed(case.context, values)
        assert max(values[place] for place in errors) < 1e-10
        assert values[case.context["master"].place] == case.context.word("ok")
        moved = {book.inputs[key].place: value for key, value in case.changes.items()}
        compared_after_changes(case, engines.ironcalc_values(path, [*places, master], moved))


@pytest.mark.needs("libreoffice")
def test_libreoffice_gives_the_models_values_of_every_project_before_and_after(tmp_path):
    """One run of LibreOffice for all workbooks, since starting it costs more than most of them; all are written with zeros."""
    paths = []
    for file in FILES:
        case = case_of(file)
        for name, values in (("base", dict(case.context.book.values)), ("changed", moved_values(case))):
            paths.append(tmp_path / f"{file.stem}-{name}.xlsx")
            save(case.context, paths[-1], values)
    engines.libreoffice(find_program("libreoffice"), paths, tmp_path)
    shown: set = set()
    for file in FILES:
        case = case_of(file)
        context, master = case.context, case.context["master"].place
        sheets = {master[0]} | {place.sheet for place in (*context.book.results.values(),)}
        sheets |= {row.sheet.name for row in context.book.lines.values()}
        written = engines.values_of(tmp_path / f"{file.stem}-base.xlsx", {_sheet(context)})
        base, changed = (
            engines.values_of(tmp_path / "recalculated" / f"{file.stem}-{name}.xlsx", sheets)
            for name in ("base", "changed")
        )
        shown |= {written[cell.place] for cell in context.book.results.values() if cell.sheet == _sheet(context)}
        agreed(context, {**context.book.values, **base})
        assert base[master] == context.word("ok")
        compared_after_changes(case, changed)
    assert shown == {0}
