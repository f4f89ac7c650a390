"""A batch of which no byte has changed reads nothing; whatever byte changes, it is read again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from ppp.report import batch, tasks, unread
from ppp.report.collect import read_all, read_districts, sorted_files
from ppp.report.places import place
from ppp.report.sources import Sources, yaml_files
from ppp.text_files import CHANGED, note, noting

PARAMS = Path(__file__).resolve().parents[2] / "params"
OF_MANY_FILES = (
    "reclaimed-water*",
    "toll-road*",
    "school*",
    "hospital*",
    "districts/bay*",
)  # with tables and columns beside them
LANGS = ("en",)

watched: dict[str, object] = {"below": None, "opened": set()}


def on_open(event: str, arguments: tuple) -> None:
    if event == "open" and watched["below"] and str(arguments[0]).startswith(str(watched["below"])):
        watched["opened"].add(str(arguments[0]))


@pytest.fixture(scope="module")
def remembered(tmp_path_factory):
    """A folder of projects, what Python opened and what was noted while they were read, and the record."""
    folder = tmp_path_factory.mktemp("unread") / "params"
    (folder / "districts").mkdir(parents=True)
    for pattern in OF_MANY_FILES:
        for path in PARAMS.glob(pattern):
            shutil.copy(path, folder / path.relative_to(PARAMS))
    text = (PARAMS / "districts" / "dalian-illustrative.yaml").read_text(encoding="utf-8")
    (folder / "districts" / "dalian-illustrative.yaml").write_text(text.partition("\nprojects:")[0] + "\n", "utf-8")
    workbook(folder)
    sys.addaudithook(on_open)
    watched["below"] = folder
    with noting() as read:
        projects, districts = sorted_files([folder])
        projects, refused = read_all(projects)
        portfolios, more = read_districts(districts, projects)
    assert len(portfolios) == 1 and not refused and not more, (refused, more)
    watched["below"] = None
    home, asked = place(folder.parent / "reports"), yaml_files([folder])
    home.make()
    made = [task for project in projects for task in tasks.tasks_of(project, home, LANGS, 0)]
    made += [tasks.district_task(portfolio, home, LANGS, 0) for portfolio in portfolios]
    unread.remember(home, asked, read, made)
    return folder, set(watched["opened"]), read, home, made


def workbook(folder: Path) -> None:
    """A column of toll-road.yaml from a sheet instead of a CSV file."""
    import csv

    import openpyxl

    book = openpyxl.Workbook()
    with (folder / "toll-road-traffic.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            book.active.append([float(c) if c.replace(".", "", 1).isdigit() else c for c in row])
    book.save(folder / "traffic.xlsx")
    path = folder / "toll-road.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("csv: toll-road-traffic.csv") == 1
    path.write_text(text.replace("csv: toll-road-traffic.csv", "xlsx: traffic.xlsx"), encoding="utf-8")


def again(remembered, folder: Path | None = None, langs=LANGS, draws=0):
    home = remembered[3]
    return unread.tasks_unread(home, yaml_files([folder or remembered[0]]), langs, draws)


def test_every_file_that_python_opens_while_projects_are_read_is_noted(remembered):
    folder, opened, read, _, _ = remembered
    assert {name for name in read if name.startswith(str(folder))} == opened and CHANGED not in read.values()
    assert {Path(name).suffix for name in opened} == {".yaml", ".csv", ".xlsx"}
    assert len(opened) >= 9


def test_the_tasks_are_those_that_reading_gives(remembered):
    made = remembered[4]
    assert {task.kind for task in made} == {"project", "appraisal", "district"}
    found = again(remembered)
    assert [(t.name, t.kind, t.scenario, t.folder, t.notebook, t.draws, t.key) for t in found] == [
        (t.name, t.kind, t.scenario, t.folder, t.notebook, t.draws, t.key) for t in made
    ]
    assert not any(task.canonical for task in found)


def test_another_byte_of_any_file_and_a_file_more_or_less_is_read_again(remembered):
    folder, _, read, _, _ = remembered
    for name in read:
        if not (path := Path(name)).is_relative_to(folder):
            continue  # rule books of the package
        sound = path.read_bytes()
        path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        assert again(remembered) is None, path
        path.unlink()
        assert again(remembered) is None, path
        path.write_bytes(sound)
    more = folder / "more.yaml"
    more.write_text("kind: project", encoding="utf-8")
    assert again(remembered) is None
    more.unlink()
    assert again(remembered) is not None


def test_other_sources_packages_and_a_spoilt_record_are_no_grounds_to_believe(remembered, monkeypatch):
    home = remembered[3]
    for part in ("sources_hash", "environment_hash"):
        with monkeypatch.context() as other:
            other.setattr(unread, part, lambda: "f" * 64)
            assert again(remembered) is None
    sound = home.read(unread.RECORD)
    for hurt in (b"", b"{}", b"[]", sound[:-1], sound.replace(b"school", b"schooI")):
        home.replace(unread.RECORD, hurt)
        assert again(remembered) is None
    home.remove(unread.RECORD)
    assert again(remembered) is None
    home.replace(unread.RECORD, sound)


def test_a_file_that_changes_while_it_is_read_is_believed_to_be_nothing(tmp_path):
    with noting() as read:
        note(tmp_path / "a", b"one")
        note(tmp_path / "a", b"two")
        note(tmp_path / "a", b"two")
    assert read == {str(tmp_path / "a"): CHANGED}


IMPORTED = """
import sys
from ppp.cli import main
try:
    main()
finally:
    print(sorted({name.partition(".")[0] for name in sys.modules} & {"matplotlib", "numba", "scipy", "ruamel", "numpy", "psutil"}))
"""


def test_a_batch_reads_only_when_something_has_to_be_made(rerun, tmp_path, monkeypatch, commands):
    """A report that was altered or deleted is found though no input has changed, and then all is read."""
    folder = Path(shutil.copytree(rerun[0], tmp_path / "copy"))
    reports, files = folder / "reports", Sources([folder])
    told: dict[str, str] = {}

    def run(**how):
        told.clear()
        batch.run_batch(
            files, reports, LANGS, 0, 2, how.get("force", False), lambda o, *_: told.update({o.name: o.why})
        )

    def refuse(*_, **__):
        raise AssertionError("the files were read")

    run()
    monkeypatch.setattr(batch, "_read", refuse)
    run()
    assert set(told.values()) == {"unchanged"} and len(told) == 6
    with pytest.raises(AssertionError, match="were read"):
        run(force=True)
    page = reports / "same" / "evaluation.en.html"
    sound = page.read_bytes()
    page.write_bytes(sound[:-1])
    with pytest.raises(AssertionError, match="were read"):
        run()
    page.unlink()
    with pytest.raises(AssertionError, match="were read"):
        run()
    page.write_bytes(sound)
    index = reports / "index.html"
    whole = index.read_bytes()
    index.write_bytes(b"")
    run()
    assert index.read_bytes() == whole
    again = commands["run"](
        "-c", IMPORTED, "batch", ".", "-o", "reports", "--lang", "en", "--draws", "0", folder=folder
    )
    assert again.status == 0 and again.out.splitlines()[-1] == "['psutil']", again.out + again.err
    assert again.err.count("(unchanged)") == 6
