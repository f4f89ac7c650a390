"""From the workbook in memory to a file: styles, column widths, and the value that every formula is shipped with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.evaluation import Evaluation
from ppp.lines import LINES, RESULTS
from ppp.report.workbook.build import build
from ppp.report.workbook.context import ROUNDS, Context
from ppp.report.workbook.control import AXIS, AXIS_TWO, CHECK, check_column, control_text, key_results, unit_name
from ppp.report.workbook.formula import Values
from ppp.report.workbook.grid import (
    BEFORE,
    DISTRICT_MONEY,
    FIRST,
    FIXED,
    INPUT,
    KEY,
    LABEL,
    PASTED,
    RESTING,
    SIGN,
    STATUS,
    TOTAL,
    UNIT,
    Row,
    Sheet,
)
from ppp.report.workbook.page import Page
from ppp.report.workbook.paper import on_paper

CREATED = dt.datetime(2000, 1, 1)  # fixed, so that the same evaluation gives the same bytes
AGREEMENT = 1e-9  # of the largest value of a line
NUMBER_FORMS = {
    "money": "#,##0.00;[Red]-#,##0.00;-",
    DISTRICT_MONEY: "#,##0.00;[Red]-#,##0.00;-",
    "rate": "0.00##%",
    "ratio": "0.000",
    "years": "0.00",
    "year": "0",
    "months": "0",
    "days": "0",
    "flag": "0",
    "score": "0.0",
    "number": "General",
    "factor": "0.000000",
    "error": "0.0E+00",
}
INPUT_MONEY = "#,##0.00"
FONTS = {"en": "Arial", "zh": "Microsoft YaHei"}
COLOURS = {
    INPUT: {"font_color": "#0000C0", "bg_color": "#FFF9DB"},
    FIXED: {"font_color": "#555555", "bg_color": "#EEEEEE"},
}
COLOURS[PASTED] = {"font_color": "#9C0006", "bg_color": "#FFE3D6"}
COLOURS[RESTING] = {"font_color": "#7F3F00"}
WIDTHS = {LABEL: 46, KEY: 20, UNIT: 9, SIGN: 8, STATUS: 13, TOTAL: 18, BEFORE: 2}
PERIOD_WIDTH = 13.0

MOST_ROUNDS = 64
CLOSED = 1e-12  # of the largest tax, and of the need for funds
LETTER_IN_DIGITS = 0.92  # mean width of a letter of a label, in digits
KEY_LETTER_IN_DIGITS = 0.78  # of a key, in smaller letters
CONTROL_WIDTH, LINE = 110, 14  # characters, and the height of a line


class WorkbookDiffers(Exception):
    """The workbook's formulas and the model disagree: no file is written. `lines`: the keys that do."""

    def __init__(self, lines: list[str]):
        super().__init__(f"the workbook's formulas differ from the model in: {', '.join(lines)}")
        self.lines = lines


def write_workbook(result: Appraisal | Evaluation, path: Path | str, lang: str) -> Path:
    """Write the workbook of one evaluation in "en" or "zh"; returns the path.

    Every formula is computed here too and set beside the evaluation before anything is written; one that differs by more than 1e-9 of
    its line's largest value gives way to a pasted value, marked and with a residual. Cells of lines and results are shipped with the
    evaluation's values, and the same evaluation gives the same bytes. Raises ValueError for an evaluation of many cases, OSError when
    the file cannot be written.
    """
    model, shipped = settled(getattr(result, "evaluation", result), lang)
    try:
        save(model, path, shipped)
    except FileCreateError as error:
        raise error.args[0] from None
    return Path(path)


def settled(evaluation: Evaluation, lang: str) -> tuple[Context, Values]:
    """The workbook whose formulas agree with the model, and the values that it is shipped with.

    A circle that closes slowly is given more rounds, so that it closes under other inputs too. What is apart from the model even so is
    pasted, marked and checked."""
    rounds, pasted = ROUNDS, set()
    while True:
        model = build(evaluation, lang, rounds, sorted(pasted))
        values = model.book.computed()
        apart = set(differing(model, values)) - pasted
        if rounds < MOST_ROUNDS and (apart or not _closed(model, values)):
            rounds *= 2
        elif apart:
            pasted |= apart
        else:
            return model, {**values, **agreed(model, values)}


def _closed(m: Context, values: Values) -> bool:
    """Whether the last round of the circle moves nothing but last digits."""
    return not m.has("circle_errors") or all(values[cell.place] <= CLOSED for cell in m["circle_errors"])


def differing(m: Context, values: Values) -> list[str]:
    """Lines and results that are apart from the evaluation."""
    try:
        agreed(m, values)
    except WorkbookDiffers as error:
        return error.lines
    return []


def agreed(m: Context, values: Values) -> Values:
    """The evaluation's values of all lines and results by cell. Raises WorkbookDiffers."""
    found: Values = {}
    apart = []
    evaluation, scale = m.evaluation, m.scale
    for key, line in evaluation.lines.items():
        expected = np.broadcast_to(line[:, 0], (m.timeline.rows,)) / (scale if LINES[key].unit == "money" else 1.0)
        places = [m.book.lines[key].at(t).place for t in range(m.timeline.rows)]
        if not _near([values.get(place) for place in places], expected):
            apart.append(key)
        found |= dict(zip(places, expected.tolist(), strict=True))
    for key, result in evaluation.results.items():
        expected = float(result[0]) / (scale if RESULTS[key].unit == "money" else 1.0)
        place = m.book.results[key].place
        if np.isnan(expected):
            if values[place] != m.word("none"):
                apart.append(key)
            continue
        if not _near([values[place]], np.array([expected])):
            apart.append(key)
        found[place] = expected
    if apart:
        raise WorkbookDiffers(apart)
    return found


def _near(computed: list, expected: np.ndarray) -> bool:
    if any(not isinstance(value, (int, float)) for value in computed):
        return False
    difference = np.max(np.abs(np.array(computed, dtype=float) - expected))
    return bool(difference <= AGREEMENT * max(float(np.max(np.abs(expected))), 1e-12))


def save(m: Context, path: Path | str, values: Values) -> None:
    """Write the file; a formula whose value is not given is written with 0."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as file:
        file.set_properties({"title": m.word("project_of", name=m.project.name[m.lang]), "created": CREATED})
        file.set_calc_mode("auto")
        forms = Forms(file, m.lang)
        pages = {sheet.name: file.add_worksheet(sheet.name, Page) for sheet in m.book.sheets}
        placed = _by_sheet(m, values)
        for sheet in m.book.sheets:
            page = pages[sheet.name]
            _lay_out(m, sheet, page, forms)
            _rows(m, sheet, page, forms)
            for row, column, text, value, form in placed[sheet.name]:
                style = forms.of(*form)
                if text is not None:
                    page.write_formula(row, column, text, style, value)
                elif isinstance(value, str):
                    page.write_string(row, column, value, style)
                else:
                    page.write_number(row, column, value, style)
        _control(m, pages[m.sheets["control"].name], forms, values)
        for key, cell in m.book.results.items():
            file.define_name(key, "=" + cell.text(""))
        for key, row in m.book.lines.items():
            file.define_name(key, "=" + row.all.text(""))


class Forms:
    """Cell formats, made once each."""

    def __init__(self, file: xlsxwriter.Workbook, lang: str):
        self.file, self.font, self.made = file, FONTS[lang], {}

    def of(self, unit: str = "text", status: str = "", weight: str = ""):
        key = (unit, status, weight)
        if key not in self.made:
            style = {"font_name": self.font, "font_size": 10, "valign": "top", **COLOURS.get(status, {})}
            if unit in NUMBER_FORMS:
                style["num_format"] = INPUT_MONEY if unit == "money" and status == INPUT else NUMBER_FORMS[unit]
            style |= {
                "title": {"bold": True, "font_size": 14},
                "heading": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79"},
                "head": {"bold": True, "bottom": 1},
                "grey": {"font_color": "#595959"},
                "key": {"font_color": "#595959", "font_size": 8},
                "wrap": {"text_wrap": True},
                "result": {"bold": True},
                "left": {"align": "left", "bold": True},
            }.get(weight, {})
            self.made[key] = self.file.add_format(style)
        return self.made[key]


def _by_sheet(m: Context, values: Values):
    """(row, column, formula or None, value, format) of every cell, by sheet."""
    about = {(row.sheet.name, row.index): row for sheet in m.book.sheets for row in sheet.rows}
    results = {cell.place for cell in m.book.results.values()}
    placed: dict[str, list] = {sheet.name: [] for sheet in m.book.sheets}
    for place in sorted({**m.book.values, **m.book.formulas}, key=lambda place: place[1:]):
        name, index, column = place
        row = about.get((name, index))
        formula = m.book.formulas.get(place)
        text = None if formula is None else "=" + formula.text(name)
        value = values.get(place, 0 if formula is not None else m.book.values.get(place, ""))
        placed[name].append((index, column, text, value, _form(row, index, place in results)))
    return placed


def _form(row: Row | None, index: int, result: bool) -> tuple[str, str, str]:
    if row is None:
        if index in (AXIS, AXIS_TWO):
            return "year", "", "head"
        return "text", "", "title" if index == 0 else "result" if index == CHECK else ""
    return row.unit, row.status, "result" if result else ""


def _lay_out(m: Context, sheet: Sheet, page, forms: Forms) -> None:
    widths = _widths(sheet)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.freeze_panes(AXIS_TWO + 1, 1)
    page.hide_gridlines(2)
    page.set_row(0, 21)
    on_paper(m, sheet, page, widths, AXIS_TWO + 1)
    check = check_column(sheet)
    page.conditional_format(
        CHECK,
        check,
        CHECK,
        check,
        {"type": "cell", "criteria": "==", "value": f'"{m.word("not_ok")}"', "format": m_failed(forms)},
    )
    if sheet.key != "control":
        for key, column in zip(
            ("label", "key", "unit", "sign", "status", "total"), (LABEL, KEY, UNIT, SIGN, STATUS, TOTAL), strict=True
        ):
            page.write_string(AXIS, column, m.word(f"column.{key}"), forms.of("text", "", "head"))


def _widths(sheet: Sheet) -> list[float]:
    """In digits, by column."""
    if sheet.key == "control":
        return [58, CONTROL_WIDTH]
    keys = max((_width(row.key) for row in sheet.rows), default=0)
    given = {**WIDTHS, LABEL: _label_width(sheet), KEY: max(WIDTHS[KEY], KEY_LETTER_IN_DIGITS * keys)}
    return [float(given[column]) for column in range(FIRST)] + [PERIOD_WIDTH] * sheet.columns


def _label_width(sheet: Sheet) -> float:
    """In digits, which are wider than most letters: no label of the sheet is cut by the key beside it."""
    longest = max((_width(row.label) for row in sheet.rows if row.unit != "heading"), default=0)
    return max(WIDTHS[LABEL], LETTER_IN_DIGITS * longest)


def m_failed(forms: Forms):
    key = ("failed", "", "")
    if key not in forms.made:
        forms.made[key] = forms.file.add_format({"bg_color": "#C00000", "font_color": "#FFFFFF", "bold": True})
    return forms.made[key]


def _rows(m: Context, sheet: Sheet, page, forms: Forms) -> None:
    """The columns that say what a row is."""
    last = FIRST + sheet.columns - 1 if sheet.columns else TOTAL
    for row in sheet.rows:
        if row.unit == "heading":
            for column in range(last + 1):
                page.write_blank(row.index, column, None, forms.of("text", "", "heading"))
            page.write_string(row.index, LABEL, row.label, forms.of("text", "", "heading"))
            continue
        grey = forms.of("text", "", "grey")
        page.write_string(row.index, LABEL, row.label, forms.of("text"))
        page.write_string(row.index, KEY, row.key, forms.of("text", "", "key"))
        page.write_string(row.index, UNIT, unit_name(m, row.unit), grey)
        page.write_string(row.index, SIGN, m.word(f"sign.{row.sign}") if row.sign else "", grey)
        page.write_string(row.index, STATUS, m.word(f"status.{row.status}"), grey)


def _control(m: Context, page, forms: Forms, values: Values) -> None:
    """Contents with links within the workbook, and how to read it."""
    row = AXIS_TWO + 1
    for number, (heading, paragraphs) in enumerate(control_text(m)):
        page.write_string(row, 0, heading, forms.of("text", "", "result"))
        row += 1
        for paragraph in paragraphs:
            page.write_string(row, 1, paragraph, forms.of("text", "", "wrap"))
            page.set_row(row, LINE * -(-_width(paragraph) // CONTROL_WIDTH))
            row += 1
        row += 1
        if number == 0:
            row = _contents(m, page, forms, row)
            row = _key_results(m, page, forms, row, values)


def _width(text: str) -> int:
    """In characters of the Latin script; those of Chinese are twice as wide."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _contents(m: Context, page, forms: Forms, row: int) -> int:
    page.write_string(row, 0, m.word("contents"), forms.of("text", "", "result"))
    for sheet in m.book.sheets:
        row += 1
        page.write_url(row, 0, f"internal:'{sheet.name}'!A1", string=sheet.name)
        page.write_string(row, 1, m.book.values[sheet.name, 1, LABEL], forms.of("text", "", "wrap"))
    return row + 2


def _key_results(m: Context, page, forms: Forms, row: int, values: Values) -> int:
    """Every result once more, beside its name and unit."""
    page.write_string(row, 0, m.word("head.key_results"), forms.of("text", "", "result"))
    here = m.sheets["control"].name
    for label, unit, cell in key_results(m):
        row += 1
        printed = m.word("in_unit", name=label, unit=unit_name(m, unit)) if unit == "money" else label
        page.write_string(row, 0, printed, forms.of("text"))
        page.write_formula(row, 1, "=" + cell.text(here), forms.of(unit, "", "left"), values.get(cell.place, 0))
    return row + 2
