"""A sheet that takes formulas as they are written."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet, re_dynamic_function


class Page(Worksheet):
    """xlsxwriter looks in each formula for 29 functions of later years, to mark them, and that is a fifth of the time of a workbook.
    One search finds whether a formula has any; ours have none."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        if expand_future_functions or formula.startswith("{") or re_dynamic_function.search(formula):
            return super()._prepare_formula(formula, expand_future_functions)
        return formula.removeprefix("=")
