"""The workbook against two spreadsheet engines: written with zeros, recalculated, equal to the model; then with twelve inputs changed."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import ppp
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


@dataclass
class Case:
    """One project's workbook with zeros for values; the changes, by key; the same evaluated with them."""

    context: Context
    path: Path
    changes: dict[str, float]
    changed: Context
    changed_path: Path


def changes_of(context: Context) -> dict[str, float]:
    """Twelve inputs, each moved by 6 %, or up from zero."""
    known = context.book.inputs
    ordered = [key for key in FIRST if key in known] + [key for key in known if key not in FIRST]
    found: dict[str, float] = {}
    for key in ordered:
        value = number_at(context.project, key)[1]
        small = 0.01 if context.book.values[known[key].place] == 0 and _is_rate(context, key) else 25.0
        found[key] = value * (1.06 if key != "funding.debt.max_gearing" else 0.94) if value else small
        if len(found) == CHANGED:
            break
    return found


def _is_rate(context: Context, key: str) -> bool:
    place = context.book.inputs[key].place
    return any(row.unit == "rate" for row in context.given.rows if row.one.place == place)


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> dict[str, Case]:
    folder, found = tmp_path_factory.mktemp("workbooks"), {}
    for file in FILES:
        project = ppp.load(file)
        context = build(ppp.evaluate(project), "zh" if len(found) % 2 else "en")
        path = folder / f"{file.stem}.xlsx"
        save(context, path, dict(context.book.values))
        changes = changes_of(context)
        evaluation = ppp.evaluate(project, {key: np.array([value]) for key, value in changes.items()})
        changed = Context(evaluation, context.lang)
        changed.book = context.book
        changed_path = folder / f"{file.stem}-changed.xlsx"
        book = openpyxl.load_workbook(path)
        for key, value in changes.items():
            sheet, row, column = context.book.inputs[key].place
            book[sheet].cell(row + 1, column + 1).value = value
        book.save(changed_path)
        found[file.stem] = Case(context, path, changes, changed, changed_path)
    return found


@pytest.fixture(scope="module")
def by_libreoffice(cases, tmp_path_factory) -> dict[Path, dict]:
    """Both workbooks of every project, recalculated in one run."""
    program = find_program("libreoffice")
    books = [path for case in cases.values() for path in (case.path, case.changed_path)]
    values = engines.libreoffice(program, books, tmp_path_factory.mktemp("office"))
    return dict(zip(books, values, strict=True))


@pytest.mark.parametrize("stem", [file.stem for file in FILES])
class TestTwoEngines:
    def test_twelve_inputs_are_changed_and_move_results(self, stem, cases):
        case = cases[stem]
        assert len(case.changes) == CHANGED
        moved = [
            key
            for key, value in case.context.evaluation.results.items()
            if not np.allclose(value, case.changed.evaluation.results[key], rtol=1e-6, equal_nan=True)
        ]
        assert moved

    def test_it_is_written_with_zeros(self, stem, cases):
        case = cases[stem]
        values = engines.values_of(case.path)
        assert {values[cell.place] for cell in case.context.book.results.values()} == {0}

    @pytest.mark.needs("libreoffice")
    def test_libreoffice_gives_the_models_values(self, stem, cases, by_libreoffice):
        case = cases[stem]
        values = by_libreoffice[case.path]
        agreed(case.context, {**case.context.book.values, **values})
        assert values[case.context["master"].place] == case.context.word("ok")

    @pytest.mark.needs("libreoffice")
    def test_libreoffice_follows_twelve_changes(self, stem, cases, by_libreoffice):
        case = cases[stem]
        values = by_libreoffice[case.changed_path]
        agreed(case.changed, {**case.context.book.values, **values})
        assert values[case.context["master"].place] == case.context.word("ok")

    def test_ironcalc_gives_the_models_values_before_and_after(self, stem, cases):
        case, book = cases[stem], cases[stem].context.book
        places = [cell.place for cell in book.results.values()] + [
            row.at(t).place for row in book.lines.values() for t in range(case.context.timeline.rows)
        ]
        agreed(case.context, engines.ironcalc_values(case.path, places))
        moved = {book.inputs[key].place: value for key, value in case.changes.items()}
        agreed(case.changed, engines.ironcalc_values(case.path, places, moved))
