"""The workbook with live formulas: the model once more in cells, for a reader of spreadsheets to follow and to change."""

from ppp.report.workbook.write import WorkbookDiffers, write_workbook

__all__ = ["WorkbookDiffers", "write_workbook"]
