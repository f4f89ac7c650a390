"""Two spreadsheet engines that recalculate a workbook, for tests: LibreOffice, and ironcalc in this process."""

from __future__ import annotations

import subprocess
from pathlib import Path

import ironcalc
import openpyxl

# LibreOffice trusts the values a file comes with unless its profile says "always recalculate" (0).
HARD_RECALCULATION = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def libreoffice(program: str, books: list[Path], folder: Path) -> None:
    """Recalculate workbooks in one run with a throw-away profile, into the folder's `recalculated`."""
    profile, out = folder / "profile", folder / "recalculated"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(HARD_RECALCULATION, encoding="utf-8")
    command = [
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        "xlsx",
    ]
    done = subprocess.run(
        [*command, "--outdir", str(out), *map(str, books)], capture_output=True, text=True, timeout=600, check=False
    )
    assert all((out / book.name).is_file() for book in books), done.stderr


def values_of(path: Path, sheets: set[str]) -> dict:
    """The values that some sheets of a file hold by (sheet, row, column from 0), without recalculation."""
    book = openpyxl.load_workbook(path, data_only=True, read_only=True)
    found = {}
    for sheet in (book[name] for name in sheets):
        for r, row in enumerate(sheet.iter_rows(values_only=True)):
            for c, value in enumerate(row):
                if value is not None:
                    found[sheet.title, r, c] = value
    book.close()
    return found


def ironcalc_values(path: Path, places, changes: dict | None = None) -> dict:
    """The values of some cells, recalculated by ironcalc, with some inputs changed."""
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    numbers = {sheet["name"]: n for n, sheet in enumerate(model.get_worksheets_properties())}
    for (sheet, row, column), value in (changes or {}).items():
        model.update_cell_with_number(numbers[sheet], row + 1, column + 1, value)
    model.evaluate()
    return {place: model.get_cell_value(numbers[place[0]], place[1] + 1, place[2] + 1) for place in places}
