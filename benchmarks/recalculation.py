"""One more case in a spreadsheet against one more case here: LibreOffice recalculates the workbook that `ppp workbook` writes.

Run by hand: .venv/bin/python benchmarks/recalculation.py [WORKBOOKS]. The workbook holds the same model as formulas, and both give the same
results (tests/report/workbook). LibreOffice is started twice, for one workbook and for many; the difference is what a workbook
takes without the start. Ours is one evaluation of the same project after import, the median of fifteen, by the wall clock too.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measured import record

import ppp
from ppp.report.workbook import write_workbook

FILE = Path(__file__).resolve().parents[1] / "params" / "wastewater.yaml"
# LibreOffice trusts the values a file comes with unless its profile says "always recalculate" (0).
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def recalculated(program: str, books: list[Path], folder: Path) -> float:
    """Seconds of one run of LibreOffice over some workbooks."""
    profile, out = folder / "profile", folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
    command = [
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        "xlsx",
    ]
    begun = time.perf_counter()
    subprocess.run([*command, "--outdir", str(out), *map(str, books)], capture_output=True, check=True)
    taken = time.perf_counter() - begun
    assert all((out / book.name).is_file() for book in books)
    return taken


def main() -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        print("LibreOffice is not here: apt-get install libreoffice-calc-nogui")
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    evaluation = ppp.evaluate(ppp.load(FILE))
    taken = []
    for _ in range(15):
        begun = time.perf_counter()
        ppp.evaluate(ppp.load(FILE))
        taken.append(time.perf_counter() - begun)
    ours = statistics.median(taken)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        books = [folder / f"book-{number}.xlsx" for number in range(count + 1)]
        write_workbook(evaluation, books[0], "en")
        for book in books[1:]:
            shutil.copy(books[0], book)
        recalculated(program, books[:1], folder)  # makes the profile
        one, many = recalculated(program, books[:1], folder), recalculated(program, books, folder)
    each = (many - one) / count
    print(
        f"one workbook with the start of LibreOffice {one:.2f} s, {count} more {each:.3f} s each; read and evaluated here {ours:.4f} s"
    )
    record("read and evaluate one project file", ours, "LibreOffice recalculates the workbook", each)


if __name__ == "__main__":
    main()
