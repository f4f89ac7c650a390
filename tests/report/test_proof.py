"""What proves a report: its manifest, verify, and the same bytes whoever makes it."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from ppp.report.manifest import file_hash, result_hash, sealed, unsealed
from ppp.report.verify import ALTERED, MISSING, OK, UNKNOWN, verify

ROOT = Path(__file__).resolve().parents[2]
OUTPUTS = ("evaluation.en.html", "evaluation.ipynb", "evaluation.zh.html", "project.json", "summary.json")
PROJECT = "published-project-and-equity-irr"


@pytest.fixture
def home(shipped, tmp_path) -> Path:
    """A copy of one report, to be spoilt."""
    return Path(shutil.copytree(shipped.reports / PROJECT, tmp_path / "reports" / PROJECT))


WHOLE = dict.fromkeys((*OUTPUTS, "manifest.json"), "ok")


def states(home: Path) -> dict[str, str]:
    return {finding.path.name: finding.state for finding in verify(home.parent)}


def test_a_manifest_names_the_parts_of_the_key_and_the_hash_of_every_file(home):
    manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["key"]) == {"inputs", "notebook", "package", "environment", "options"}
    assert all(len(manifest["key"][part]) == 64 for part in ("inputs", "notebook", "package", "environment"))
    assert manifest["outputs"] == {name: file_hash(home / name) for name in OUTPUTS}
    assert manifest["name"] == PROJECT
    assert set(manifest["made"]) == {"at", "host", "platform", "seconds"}
    assert {"python", "numpy", "matplotlib"} <= set(manifest["versions"])
    assert manifest["lock"] == file_hash(ROOT / "requirements.lock")
    assert manifest["seed"] == {"from": PROJECT, "draws": 256}
    assert manifest["checks"] and all(manifest["checks"].values())


def test_verify_finds_a_whole_report_whole(home):
    assert states(home) == WHOLE


@pytest.mark.parametrize("name", OUTPUTS)
def test_verify_finds_one_flipped_bit_anywhere(home, name):
    data = bytearray((home / name).read_bytes())
    for position in (0, len(data) // 2, len(data) - 1):
        data[position] ^= 1
        (home / name).write_bytes(data)
        assert states(home) == {**WHOLE, name: ALTERED}
        data[position] ^= 1


@pytest.mark.parametrize("name", OUTPUTS)
def test_verify_finds_a_missing_file(home, name):
    (home / name).unlink()
    assert states(home) == {**WHOLE, name: MISSING}


def test_verify_finds_an_unknown_file_and_folder(home):
    (home / "evaluation.fr.html").write_text("", encoding="utf-8")
    (home / "more").mkdir()
    (home / "more" / "note.txt").write_text("", encoding="utf-8")
    found = states(home)
    assert (found["evaluation.fr.html"], found["note.txt"]) == (UNKNOWN, UNKNOWN)
    assert Counter(found.values()) == {OK: len(WHOLE), UNKNOWN: 2}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "1", '{"outputs": []}', '{"outputs": null}'])
def test_verify_finds_a_spoilt_manifest(home, text):
    (home / "manifest.json").write_text(text, encoding="utf-8")
    assert states(home) == {"manifest.json": ALTERED}


def test_verify_finds_a_report_that_lost_its_manifest(home):
    (home / "manifest.json").unlink()
    assert states(home) == {"manifest.json": MISSING}


def test_verify_says_so_on_the_command_line(home, commands):
    def ran():
        run = commands["ppp"]("verify", "reports", folder=home.parent.parent)
        return run.status, run.out

    assert ran() == (0, "6 of 6 files are as they were made\n")
    (home / "summary.json").write_text("{}", encoding="utf-8")
    (home / "evaluation.zh.html").unlink()
    shown = Path("reports") / PROJECT
    assert ran() == (
        1,
        f"missing: {shown / 'evaluation.zh.html'}\naltered: {shown / 'summary.json'}\n"
        "4 of 6 files are as they were made\n",
    )


def strict(text: str) -> object:
    def refuse(word: str):
        raise AssertionError(f"{word} in JSON")

    return json.loads(text, parse_constant=refuse)


def test_every_summary_is_json_without_nan(shipped):
    for path in shipped.reports.glob("*/summary.json"):
        summary = strict(path.read_text(encoding="utf-8"))
        assert summary["id"] == path.parent.name.removesuffix("+appraisal")
        assert len(result_hash(summary)) == 64


def test_the_executed_notebook_shows_the_hash_of_the_summary(shipped):
    for path in shipped.reports.glob("*/summary.json"):
        (executed,) = path.parent.glob("*.ipynb")
        notebook = strict(executed.read_text(encoding="utf-8"))
        shown = "".join(notebook["cells"][-1]["outputs"][0]["data"]["text/plain"])
        assert shown == f"ppp-report {result_hash(json.loads(path.read_text(encoding='utf-8')))}"


def test_the_project_file_in_a_report_makes_the_same_report(shipped):
    from ppp.loading import input_hash, load

    for path in shipped.reports.glob("*/project.json"):
        summary = json.loads((path.parent / "summary.json").read_text(encoding="utf-8"))
        assert input_hash(load(path)) == summary["input_hash"], path


def test_the_district_file_in_a_report_makes_the_same_report(shipped):
    from ppp.portfolio.files import load_portfolio, portfolio_hash

    found = list(shipped.reports.glob("*/district.json"))
    assert len(found) >= 2
    for path in found:
        summary = json.loads((path.parent / "summary.json").read_text(encoding="utf-8"))
        assert portfolio_hash(load_portfolio(path)) == summary["input_hash"], path


def test_another_folder_another_order_and_other_workers_give_the_same_bytes(shipped, tmp_path, commands):
    params = Path(shipped.folder) / "params"
    shutil.copytree(params / "districts", tmp_path / "elsewhere" / "districts")
    shutil.copy(params / "hostile.yaml", tmp_path / "elsewhere" / "b.yaml")
    shutil.copy(params / "published" / "project-and-equity-irr.yaml", tmp_path / "elsewhere" / "a.yaml")
    run = commands["ppp"](
        "batch",
        "elsewhere/b.yaml",  # the district that it names lists projects that are not here
        "elsewhere/a.yaml",
        "-o",
        "reports",
        "--lang",
        "en,zh",
        "--draws",
        "256",
        "--jobs",
        "1",
        folder=tmp_path,
    )
    assert run.status == 0, run.err
    for name in ("hostile", PROJECT):
        for output in OUTPUTS:
            if output != "project.json":  # which names the file it was read from
                assert (tmp_path / "reports" / name / output).read_bytes() == (
                    shipped.reports / name / output
                ).read_bytes(), output


def test_nothing_of_the_machine_is_in_a_report(shipped):
    import getpass
    import platform

    for path in shipped.reports.glob("*/*"):
        if path.name != "manifest.json":
            text = path.read_text(encoding="utf-8")
            for volatile in (shipped.folder, f"/{getpass.getuser()}/", platform.node() + "."):
                assert volatile not in text, (path, volatile)


def test_verify_guards_the_index_and_the_list_of_reports(tmp_path):
    index = tmp_path / "index.html"
    index.write_text("Not recommended", encoding="utf-8")
    made = sealed({"format": 2, "outputs": {"index.html": file_hash(index)}, "reports": ["road"]})
    (tmp_path / "batch.json").write_bytes(made)
    (tmp_path / "road").mkdir()
    (tmp_path / "road" / "note.txt").write_text("", encoding="utf-8")
    assert [finding.state for finding in verify(tmp_path)] == [OK, OK]
    index.write_text("Recommended", encoding="utf-8")
    shutil.rmtree(tmp_path / "road")
    assert [finding.state for finding in verify(tmp_path)] == [OK, ALTERED, MISSING]
    (tmp_path / "batch.json").write_bytes(made.replace(b"road", b"toad"))
    assert [finding.state for finding in verify(tmp_path)] == [ALTERED]


def test_a_sealed_file_shows_every_change_of_a_byte():
    raw = sealed({"name": "路 a", "list": [1.5, None, True], "more": {"key": "value"}})
    assert unsealed(raw) == {"name": "路 a", "list": [1.5, None, True], "more": {"key": "value"}}
    for position in range(len(raw)):
        for bit in range(8):
            hurt = bytearray(raw)
            hurt[position] ^= 1 << bit
            with pytest.raises(ValueError):
                unsealed(bytes(hurt))
    for hurt in (raw + b" ", raw[:-1], b"", b"[]", b"\xff"):
        with pytest.raises(ValueError):
            unsealed(hurt)


def test_verify_finds_a_flipped_byte_in_any_file_200_of_200(shipped, tmp_path):
    """A batch's folder: pages of the index, list of the batch, reports, manifests. One byte of one of them is flipped at a time."""
    folder = tmp_path / "reports"
    names = (PROJECT, "published-ring-road", "published-performance-payment")
    for name in names:
        shutil.copytree(shipped.reports / name, folder / name)
    for page in ("index.html", "index.zh.html"):
        shutil.copy(shipped.reports / page, folder / page)
    pages = {name: file_hash(folder / name) for name in ("index.html", "index.zh.html")}
    (folder / "batch.json").write_bytes(sealed({"format": 2, "outputs": pages, "reports": list(names)}))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) == 3 + 3 * 6
    assert {finding.state for finding in verify(folder)} == {OK}
    rng = random.Random(7)
    found = 0
    for number in range(200):
        path = files[number % len(files)]
        sound = path.read_bytes()
        hurt = bytearray(sound)
        hurt[rng.randrange(len(hurt))] ^= rng.randrange(1, 256)
        path.write_bytes(hurt)
        found += [finding.path for finding in verify(folder) if finding.state == ALTERED] == [path]
        path.write_bytes(sound)
    assert found == 200
