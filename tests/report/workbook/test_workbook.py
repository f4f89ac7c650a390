"""What must be true of every workbook: one formula a row, no numbers in formulas, text that stays text, the same bytes, both languages."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import ppp
from ppp.appraisal.evaluation import Evaluation
from ppp.report.workbook import WorkbookDiffers, write, write_workbook
from ppp.report.workbook.build import build
from ppp.report.workbook.context import own_word
from ppp.report.workbook.formula import Cell, call, product, when, wrap
from ppp.report.workbook.grid import LIVE, PASTED, RESTING, Book
from ppp.report.workbook.write import agreed, differing, save, settled

ROOT = Path(__file__).parents[3]
FILES = sorted([*ROOT.glob("params/*.yaml"), *ROOT.glob("params/published/*.yaml")])
HOSTILE = (
    '=HYPERLINK("http://example.org","x")',
    "+cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "{{ 7*7 }} {name}",
    "@SUM(1)",
    "\\href{http://example.org}{x}",
)


@pytest.fixture(scope="module")
def evaluations() -> dict[str, Evaluation]:
    return {file.stem: ppp.evaluate(ppp.load(file)) for file in FILES}


@pytest.fixture(scope="module")
def built(evaluations):
    return {stem: build(evaluation, "zh") for stem, evaluation in evaluations.items()}


def relative(text: str, column: int) -> str:
    """A formula with its moving columns written as a distance, so that copies along a row read alike."""

    def distance(match: re.Match) -> str:
        number = 0
        for letter in match[1]:
            number = number * 26 + ord(letter) - 64
        return f"[{number - 1 - column}]${match[2]}"

    return re.sub(r"(?<![$A-Za-z'])([A-Z]{1,3})\$(\d+)", distance, text)


class TestForm:
    @pytest.mark.parametrize("stem", [file.stem for file in FILES])
    def test_a_row_is_one_formula(self, stem, built):
        m = built[stem]
        seen = 0
        for sheet in m.book.sheets:
            for row in sheet.rows:
                cells = [row.at(t) for t in range(sheet.columns) if row.at(t).place in m.book.formulas]
                kinds = {relative(m.book.formulas[c.place].text(sheet.name), c.column) for c in cells}
                assert len(kinds) <= 1, (sheet.name, row.key, sorted(kinds)[:2])
                assert not cells or (row.status == LIVE and len(cells) == sheet.columns)
                seen += len(cells)
        assert seen > 400

    def test_a_number_stands_in_no_formula(self):
        with pytest.raises(ValueError, match="make it an input"):
            wrap(0.25)

    def test_no_formula_of_a_workbook_holds_another_number(self, built):
        for m in built.values():
            for place, formula in m.book.formulas.items():
                bare = re.sub(r"'[^']*'!|\"[^\"]*\"|\$?[A-Z]{1,3}\$\d+", "", formula.text(place[0]))
                assert set(re.findall(r"\d+(?:\.\d+)?", bare)) <= {"0", "1", "2"}, (place, bare)

    def test_a_condition_alone_is_refused_in_sumproduct(self):
        cell = Cell("A", 0, 0)
        with pytest.raises(ValueError, match="multiply"):
            product(cell.above(0), cell)

    def test_the_master_check_is_on_every_sheet(self, built):
        for m in built.values():
            for sheet in m.book.sheets:
                column = 1 if sheet.key == "control" else 5
                assert m.book.formulas[sheet.name, 2, column] == m["master"]

    def test_every_line_and_result_has_its_row(self, built):
        for m in built.values():
            assert set(m.evaluation.lines) <= set(m.book.lines)
            assert set(m.evaluation.results) == set(m.book.results)


class TestAnswers:
    def test_our_own_reading_of_formulas(self):
        book = Book(lambda key: None)
        sheet = book.sheet("a", "A", 3)
        given = sheet.given("x", [-100.0, 60.0, 60.0], unit="money")
        irr = sheet.single("irr", call("IRR", given.all, sheet.constant("guess", 0.1)))
        text = sheet.row("text", lambda t: when(given.at(t).above(0), given.at(t), ""))
        least = sheet.single("least", call("MIN", text.all))
        error = sheet.single("error", call("IFERROR", 1 / sheet.constant("zero", 0), "none"))
        broken = sheet.single("broken", 1 / Cell("A", 90, 0) + 1)
        values = book.computed()
        assert values[least.place] == 60.0  # text in a range is passed over
        assert values[error.place] == "none"
        assert values[broken.place] == "#DIV/0!"
        assert values[irr.place] == pytest.approx(
            0.130662386291808, abs=1e-12
        )  # (60 + sqrt(60^2 + 4 x 6000)) / 200 - 1

    def test_a_circle_of_cells_is_found(self):
        book = Book(lambda key: None)
        sheet = book.sheet("a", "A", 1)
        coming = sheet.coming(1)
        row = sheet.row("x", lambda t: coming.at(t) + 1)
        sheet.row("y", lambda t: row.at(t) + 1)
        with pytest.raises(RecursionError):
            book.computed()

    def test_too_few_rounds_are_noticed_and_more_are_given(self, evaluations, monkeypatch):
        m = build(evaluations["wastewater"], "en", rounds=2)
        values = m.book.computed()
        failing = [cell for cell in m["errors"] if values[cell.place] > 1e-9]
        assert len(failing) >= 2 and values[m["master"].place] == m.word("not_ok")
        assert "tax" in differing(m, values)
        monkeypatch.setattr(write, "ROUNDS", 2)
        m, values = settled(evaluations["wastewater"], "en")
        assert m.rounds > 2 and not m.book.pasted and values[m["master"].place] == m.word("ok")

    def test_a_formula_that_is_apart_gives_way_to_a_pasted_value(self, evaluations):
        """All that is reckoned from it is marked too, since it goes stale with it."""
        evaluation = evaluations["school"]
        other = {**evaluation.lines, "retained_risk": evaluation.lines["retained_risk"] * 1.01}
        m, values = settled(replace(evaluation, lines=other), "en")
        assert "retained_risk" in m.book.pasted and m.book.lines["retained_risk"].status == PASTED
        status = {row.key: row.status for sheet in m.book.sheets for row in sheet.rows}
        assert status["fiscal_spending"] in (RESTING, PASTED) and status["ebitda"] == LIVE
        for key in m.book.pasted:
            assert values[next(c for c, row in _checks(m) if row.key == f"residual.{key}").place] == 0
        moved = m.book.computed({m.book.inputs["tax.rate"].place: 0.2})
        assert moved[m["master"].place] == m.word("not_ok")
        assert moved[next(c for c, row in _checks(m) if row.key == "residual.retained_risk").place] == 1

    def test_a_line_without_formula_is_pasted_and_its_residual_moves(self, evaluations):
        evaluation = evaluations["school"]
        unknown = {**evaluation.lines, "availability_deduction": evaluation.lines["opex"]}
        m = build(replace(evaluation, lines=unknown), "en")
        assert m.book.pasted == ["availability_deduction"]
        assert m.book.lines["availability_deduction"].status == PASTED
        values = m.book.computed()
        agreed(m, values)
        assert values[m["master"].place] == m.word("ok")
        changed = m.book.computed({m.book.inputs["tax.rate"].place: 0.2})
        assert changed[m["master"].place] == m.word("not_ok")

    def test_a_changed_formula_is_noticed(self, built):
        m = built["school"]
        values = m.book.computed()
        place = m.book.lines["opex"].at(5).place
        with pytest.raises(WorkbookDiffers, match="opex"):
            agreed(m, {**values, place: values[place] * (1 + 1e-7)})

    def test_many_cases_are_refused(self, tmp_path):
        project = ppp.load(ROOT / "params" / "school.yaml")
        many = ppp.evaluate(project, {"tax.rate": np.array([0.2, 0.25])})
        with pytest.raises(ValueError, match="one case"):
            write_workbook(many, tmp_path / "x.xlsx", "en")


def _checks(m):
    rows = {row.index: row for row in m.sheets["checks"].rows}
    return [(cell, rows[cell.row]) for cell in m["errors"]]


class TestFile:
    def test_it_is_shipped_with_the_models_values(self, evaluations, tmp_path):
        evaluation = evaluations["urban-road"]
        path = write_workbook(evaluation, tmp_path / "model.xlsx", "en")
        m = build(evaluation, "en")
        book = openpyxl.load_workbook(path, data_only=True)
        for key, cell in m.book.results.items():
            expected = float(evaluation.results[key][0])
            shown = book[cell.sheet].cell(cell.row + 1, cell.column + 1).value
            assert shown in (expected, expected / m.scale), key
        row = m.book.lines["cfads"]
        shown = [book[row.sheet.name].cell(row.index + 1, row.at(t).column + 1).value for t in range(m.timeline.rows)]
        np.testing.assert_array_equal(np.array(shown, dtype=float), evaluation.lines["cfads"][:, 0] / m.scale)

    def test_an_appraisal_will_do(self, tmp_path):
        appraisal = ppp.appraise(ppp.load(ROOT / "params" / "published" / "ring-road.yaml"))
        assert write_workbook(appraisal, tmp_path / "x.xlsx", "zh").is_file()

    def test_the_same_bytes_twice(self, evaluations, tmp_path):
        first, second = (
            write_workbook(evaluations["school"], tmp_path / name, "zh").read_bytes() for name in ("a.xlsx", "b.xlsx")
        )
        assert first == second

    def test_every_line_is_named_in_words(self, evaluations, built):
        """No key stands where a name should; in Chinese none of the file's English."""
        english = [
            build(evaluations[stem], "en", rounds=1) for stem in ("waste-to-energy", "ferry-terminal", "uk-school")
        ]
        for m in (*built.values(), *english):
            rows = [row for sheet in m.book.sheets for row in sheet.rows]
            assert not [row.key for row in rows if row.label == row.key or "_" in row.label]
            if m.lang == "zh":
                assert not [row.label for row in rows if re.search("[a-z]{3}", row.label)]

    def test_the_glossary_has_both_languages(self):
        from ppp.report.workbook.context import _own_words

        for key, entry in _own_words().items():
            assert set(entry) == {"en", "zh"} and all(isinstance(text, str) and text for text in entry.values()), key
        assert own_word("round", "zh", n="3") == "第 3 轮"

    def test_hostile_text_stays_text(self, tmp_path):
        project = ppp.load(ROOT / "params" / "school.yaml")
        names = iter(HOSTILE * 4)
        risks = {k: risk.model_copy(update={"name": _both(next(names))}) for k, risk in project.risks.items()}
        support = {k: item.model_copy(update={"name": _both(next(names))}) for k, item in project.support.items()}
        hostile = project.model_copy(update={"name": _both(HOSTILE[0]), "risks": risks, "support": support})
        hostile._districts = project.budget
        path = write_workbook(ppp.evaluate(hostile), tmp_path / "x.xlsx", "en")
        book = openpyxl.load_workbook(path)
        found = set()
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and any(text in cell.value for text in HOSTILE):
                        assert cell.data_type == "s" and (cell.hyperlink is None or not cell.hyperlink.target)
                        found |= {text for text in HOSTILE if text in cell.value}
        assert found == set(HOSTILE)
        with zipfile.ZipFile(path) as parts:
            assert not any(b"TargetMode" in parts.read(name) for name in parts.namelist())
            assert not [name for name in parts.namelist() if "vba" in name.lower() or "external" in name.lower()]

    def test_zeros_can_be_written(self, built, tmp_path):
        m = built["ring-road"]
        save(m, tmp_path / "x.xlsx", dict(m.book.values))
        book = openpyxl.load_workbook(tmp_path / "x.xlsx", data_only=True)
        row = m.book.lines["revenue"]
        assert book[row.sheet.name].cell(row.index + 1, row.at(4).column + 1).value == 0


def _both(text: str) -> dict[str, str]:
    return {"en": text, "zh": text}
