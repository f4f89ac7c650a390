"""Saving a scenario: everything else in the file stays byte for byte, and what is saved reads back as it was."""

import os
import shutil
from pathlib import Path

import pytest

import ppp
from ppp.problems import InputError
from ppp.saving import as_written, save_scenario

ROOT = Path(__file__).resolve().parents[1]
CHANGES = {"construction.capex": 31234.56789012345, "discounting.rate": 0.045 + 1e-9, "operation.opex.times": 1e-7}


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    return tmp_path / "params"


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "params").glob("*.yaml")))
def test_every_other_line_of_the_file_stays(desk, name):
    path = desk / f"{name}.yaml"
    before = path.read_text(encoding="utf-8")
    project = save_scenario(
        path, "mine", {"construction.capex": ppp.load(path).construction.capex * 1.01}, title="Mine"
    )
    after = path.read_text(encoding="utf-8")
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    kept = after.splitlines()
    for line in added:
        kept.remove(line)
    assert [line for line in kept if line.strip()] == [line for line in before.splitlines() if line.strip()]
    assert project._origin.scenario == "mine"
    assert set(ppp.load(path).scenarios) == {*ppp.load(ROOT / "params" / f"{name}.yaml").scenarios, "mine"}


def test_numbers_are_saved_to_their_last_digit(desk):
    path = desk / "wastewater.yaml"
    project = save_scenario(path, "mine", CHANGES, title={"en": "Mine: all", "zh": "我的"}, loan="held")
    assert (project.construction.capex, project.discounting.rate) == (31234.56789012345, 0.045 + 1e-9)
    assert project.operation.opex.times == 1e-7
    assert project.scenarios["mine"]["title"] == {"en": "Mine: all", "zh": "我的"} and project._signed is not None
    again = save_scenario(path, "mine", {"construction.capex": 31000}, replace=True)
    assert again.construction.capex == 31000.0 and again.operation.opex.times == 1.0 and again._signed is None


@pytest.mark.parametrize(
    "key, value, written",
    [
        ("discounting.rate", 0.045, "4.5%"),
        ("discounting.rate", 0.1, "10%"),
        ("discounting.rate", -0.0001, "-0.01%"),
        ("discounting.rate", 1e-9, "0.0000001%"),
        ("construction.capex", 31000.0, 31000),
        ("construction.capex", 0.1, 0.1),
    ],
)
def test_a_number_is_written_as_a_file_writes_it(key, value, written):
    assert as_written(key, value) == written


COMMENTED = """
scenarios:  # what may go wrong
  one:
    # dearer
    construction: {capex: 1100}   # ten percent
  two:
    operation: {opex: 60}
    # end of two

# what we believe
ranges:
  construction.capex: {low: 900, high: 1200}
"""
ROWS = (
    (Path(__file__).parent / "test_simulation_files.py")
    .read_text(encoding="utf-8")
    .split('ROWS = """')[1]
    .split('"""')[0]
)


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "one.yaml"
        path.write_bytes((ROWS + text).encode())
        return path

    return write


def test_comments_stay_where_they_were(written):
    path = written(COMMENTED)
    before = path.read_text().splitlines()
    save_scenario(path, "three", {"discounting.rate": 0.06})
    after = path.read_text().splitlines()
    at = after.index("  three:")
    assert after[at : at + 3] == ["  three:", "    discounting:", "      rate: 6%"]
    assert after[:at] + after[at + 3 :] == before
    assert after[at + 3 :][:3] == ["    # end of two", "", "# what we believe"] or after[at + 3] == ""


def test_a_scenario_is_replaced_and_its_neighbours_stay(written):
    path = written(COMMENTED)
    with pytest.raises(InputError, match="there is a scenario one already; allowed: another name"):
        save_scenario(path, "one", {"discounting.rate": 0.06})
    save_scenario(path, "one", {"discounting.rate": 0.06}, replace=True)
    text = path.read_text()
    assert "capex: 1100" not in text and "operation: {opex: 60}" in text and "# what may go wrong" in text
    assert ppp.load(path, "one").discounting.rate == 0.06 and ppp.load(path, "two").operation.opex.start == 60.0


@pytest.mark.parametrize("start", ["", "scenarios: {}\n", "scenarios: {one: {discounting: {rate: 7%}}}\n"])
def test_a_file_without_a_block_of_scenarios_gets_one(written, start):
    path = written(start)
    save_scenario(path, "mine", {"discounting.rate": 0.06})
    assert ppp.load(path, "mine").discounting.rate == 0.06
    if "one" in start:
        assert ppp.load(path, "one").discounting.rate == 0.07


def test_windows_line_ends_stay(written):
    path = written(COMMENTED)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    save_scenario(path, "three", {"discounting.rate": 0.06})
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") and b"three" in path.read_bytes()


@pytest.mark.parametrize(
    "name, changes, said",
    [
        ("mine", {"discounting.rate": 0.9}, "is out of range"),
        ("mine", {"construction.capex": -5}, "scenarios.mine.construction.capex: is out of range"),
        ("bad name", {"discounting.rate": 0.06}, "is not an identifier, given bad name"),
        ("draw-7", {"discounting.rate": 0.06}, "is the name of a draw"),
        ("base", {"discounting.rate": 0.06}, "the name base means the file without a scenario"),
        ("mine", {}, "changes nothing"),
    ],
)
def test_what_would_not_be_valid_leaves_the_file_as_it_was(written, name, changes, said):
    path = written(COMMENTED)
    before = path.read_bytes()
    with pytest.raises(InputError, match=said):
        save_scenario(path, name, changes)
    assert path.read_bytes() == before and os.listdir(path.parent) == ["one.yaml"]


def test_an_unknown_key_is_no_change(written):
    with pytest.raises(KeyError, match="there is no input"):
        save_scenario(written(COMMENTED), "mine", {"construction.capx": 5})
