"""The cells of one sheet of an XLSX workbook as text, as a CSV file would hold them. Formulas count by the value that was saved."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

from ppp.problems import InputError, Problem
from ppp.quantities import given
from ppp.text_files import note

LARGEST_WORKBOOK = 2_000_000  # bytes
LARGEST_UNPACKED = 30_000_000
MOST_ROWS, MOST_COLUMNS = 2_000, 200


def read_sheet(path: Path, name: str, sheet: str | None, heading: str) -> list[tuple[int, list[str]]]:
    """(row number, cells) of a sheet: the named one, or the only one. Raises InputError where it cannot be read or is too large."""

    def stop(message: str) -> InputError:
        return InputError([Problem(name, 0, 0, heading, message)])

    try:
        if path.stat().st_size > LARGEST_WORKBOOK:
            raise stop(f"is too long; allowed: at most {LARGEST_WORKBOOK} bytes")
        raw = path.read_bytes()
        note(path, raw)
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                raise stop(f"unpacks to too much; allowed: at most {LARGEST_UNPACKED} bytes")
        from openpyxl import load_workbook

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl cannot draw is of no matter here
            book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except InputError:
        raise
    except OSError as error:
        raise stop(f"cannot be read: {error.strerror}") from None
    except Exception as error:  # a damaged workbook fails anywhere inside the parser
        raise stop(f"is not an XLSX workbook: {str(error).splitlines()[0][:100]}") from None
    try:
        if sheet is None and len(book.sheetnames) > 1:
            raise stop(f"has several sheets; name one as sheet, allowed: {', '.join(book.sheetnames)[:200]}")
        if sheet is not None and sheet not in book.sheetnames:
            shown = ", ".join(book.sheetnames)[:200]
            raise stop(f"there is no such sheet, {given(sheet)}; allowed: {shown}")
        page = book[sheet or book.sheetnames[0]]
        if (page.max_row or 0) > MOST_ROWS or (page.max_column or 0) > MOST_COLUMNS:
            raise stop(f"is too large; allowed: {MOST_ROWS} rows and {MOST_COLUMNS} columns")
        rows = page.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        return [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    finally:
        book.close()


def _text(cell: object) -> str:
    """A cell as a CSV file would hold it; a whole number that the workbook keeps as a float without its .0."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
