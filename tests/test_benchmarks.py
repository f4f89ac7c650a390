"""The table of `make bench`: every script is in it, a row says what it measured, and a page takes it between its marks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
import measured  # noqa: E402
import run  # noqa: E402


def test_every_script_is_run_and_explained():
    scripts = {path.stem for path in (ROOT / "benchmarks").glob("*.py")} - set(run.PARTS)
    assert scripts == set(run.SCRIPTS)
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert all(f"`{name}.py`" in page for name in scripts)
    assert run.BEGIN in page and run.END in page


def test_every_script_tells_the_runner_what_it_measured():
    for name in run.SCRIPTS:
        text = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
        assert "record(" in text, f"{name}.py prints figures that no table has"


def test_a_row_says_how_many_times_as_long_the_alternative_takes(tmp_path, monkeypatch):
    monkeypatch.setenv(measured.ROWS, str(tmp_path / "rows"))
    measured.record("a report", 2.0, "by hand", 9.0)
    measured.record("alone", 3.0, unit="MB")
    first, second = (measured.Row(**json.loads(line)) for line in (tmp_path / "rows").read_text().splitlines())
    assert (first.ratio, second.ratio) == (4.5, None)
    with pytest.raises(ValueError, match="nothing"):
        measured.record("nothing", 0.0, "by hand", 9.0)


def test_the_table_is_markdown_with_one_line_a_row():
    rows = [measured.Row("a report", 2.0, "by hand", 9000.0, "s"), measured.Row("alone", 3.0, "", None, "MB")]
    lines = run.table(rows).splitlines()
    assert len({line.count("|") for line in lines}) == 1 and len({len(line) for line in lines}) == 1
    assert [cell.strip() for cell in lines[2].strip("|").split("|")] == [
        "a report",
        "2 s",
        "by hand",
        "9,000 s",
        "4,500",
    ]
    assert [cell.strip() for cell in lines[3].strip("|").split("|")] == ["alone", "3 MB", "", "", ""]


def test_a_page_takes_the_table_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{run.BEGIN}\nold\n{run.END}\nafter\n", encoding="utf-8")
    run.write(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{run.BEGIN}\n\nnew\n\n{run.END}\nafter\n"
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the marks"):
        run.write(page, "new")


def test_a_name_that_is_none_is_refused():
    done = subprocess.run([sys.executable, ROOT / "benchmarks" / "run.py", "draw"], capture_output=True, text=True)
    assert done.returncode == 2 and "allowed: evaluation, draws" in done.stderr
