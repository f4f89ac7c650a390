"""What README.md, CONTRIBUTING.md and docs/ show is true: every block of code and every command is run, or marked as not run.

Commands run in a copy of what they need, as they stand, but for the number of draws, one language of two, and batches, which take one
project there. Of those that make reports, commands that differ in their options alone are one command with all of these.
docs/tutorials are run by tests/test_tutorials.py, from end to end; what the README's Python and project file give, by tests/test_readme.py.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel
from reference.blocks import ELSEWHERE, SHOWN, Block, blocks, written_pages
from reference.commands import commands
from reference.keys import parts
from ruamel.yaml import YAML
from typer.testing import CliRunner

import ppp
from ppp.cli import app
from ppp.regimes import Pack

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = [block for block in blocks() if block.not_run is None]
PPP = re.compile(r"^(?:\.venv/bin/)?ppp ")
FEW = "64"  # draws instead of thousands: the same command, sooner
DRAWING = ("report", "batch", "portfolio", "assurance")  # take --draws
MANY = {"100000": "2048", "1000000": "2048"}
ONE_PROJECT = ("batch", "verify", "pack", "new")  # run where params/ holds the school alone, and its reports
SCHOOL = ["report", "params/school.yaml"]  # after the batch there is nothing left for it to make
TOGETHER = (
    "report",
    "batch",
    "portfolio",
    "pack",
    "compare",
    "assurance",
    "simulate",
)  # slow: run once with all options shown
SIGNING = ("ssh-keygen ", "echo ", "mv ")  # run together, as the block shows them
FLAGS = ("--force",)  # options without a value
FORKING = (
    "report",
    "batch",
    "portfolio",
    "pack",
)  # run in a process of their own, which may fork; as does a report by compare
MINE = "my-project.yaml"
# make targets: what runs them
RUN_BY = {
    "report": "this module, by its recipe",
    "check": "this module, by its recipe",
    "test": ".ci/run",
    "docs": "tests/test_site.py",
    "reference": "tests/test_reference.py",
    "lab": "tests/test_notebook.py",
    "lint": ".pre-commit-config.yaml",
    "format": ".pre-commit-config.yaml",
    "lock": "tests/test_repository.py",
    "venv": ".ci/run",
    "prove": "tests/test_mutants.py",  # which holds its last outcome against the sources; whole, it takes an hour
    "release-check": "tools/release_check.py",  # by hand, before a release: it builds and installs
    "bench": "benchmarks/run.py",  # by hand: what it measures depends on an idle machine
    "clean": "Makefile",
    "help": "this module",
}


def of(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


def named(block: Block) -> str:
    return block.where


# what there is


def test_every_block_names_a_language_that_is_run_or_says_why_it_is_not():
    known = ("sh", "python", "yaml", *SHOWN)
    wrong = [b.where for b in BLOCKS if b.language not in known and not b.language.startswith("{")]
    assert not wrong, f"neither run nor marked <!-- not run: why -->: {', '.join(wrong)}"


def test_commands_stand_in_fences():
    for path in written_pages():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.match(r" {4}(make|ppp|\.venv/bin/|git |python)\b", line) and path.name != "CONTRIBUTING.md":
                pytest.fail(f"{path.relative_to(ROOT)}:{number}: put this command into a fence, so that it is run")


def test_tutorials_are_run_by_their_own_test():
    if (ROOT / ELSEWHERE).exists():
        assert (ROOT / "tests" / "test_tutorials.py").exists()


# commands


def lines_of(text: str) -> list[str]:
    """The commands of a block of sh, without comments and with continued lines joined."""
    joined = text.replace("\\\n", " ")
    stripped = (re.sub(r"(^|\s)#(\s.*|$)", "", line).strip() for line in joined.splitlines())
    return [line for line in stripped if line]


def shell_lines() -> dict[str, str]:
    """Every command of the pages once -> where it stands first."""
    found: dict[str, str] = {}
    for block in of("sh"):
        for line in lines_of(block.text):
            found.setdefault(PPP.sub("ppp ", line), block.where)
    for number, line in enumerate((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("    make "):
            found.setdefault(re.split(r"  +", line.strip())[0], f"CONTRIBUTING.md:{number}")
    return found


@pytest.fixture(scope="module")
def desks(tmp_path_factory) -> tuple[Path, Path]:
    """A folder with all projects, and one whose params/ holds the school alone; notebooks beside both."""
    whole, small = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("small")
    for desk in (whole, small):
        shutil.copytree(ROOT / "notebooks", desk / "notebooks")
    shutil.copytree(ROOT / "params", whole / "params")
    (small / "params").mkdir()
    for name in ("school.yaml", "school-experts.csv"):
        shutil.copy(ROOT / "params" / name, small / "params")
    shutil.copytree(ROOT / "params" / "districts", small / "params" / "districts")
    for path in (small / "params" / "districts").iterdir():  # whose own reports need the other projects
        district = Shown().load(path.read_text(encoding="utf-8"))
        alone = {key: value for key, value in district.items() if key not in ("projects", "plan")}
        with path.open("w", encoding="utf-8") as out:
            YAML().dump(alone, out)
    (whole / "old").mkdir()
    text = (whole / "params" / "toll-road.yaml").read_text(encoding="utf-8")
    capex = re.search(r"capex: (\d+)", text)[1]
    older = text.replace(f"capex: {capex}", f"capex: {int(capex) - 1000}", 1).replace(
        ": districts/", ": ../params/districts/"
    )
    (whole / "old" / "toll-road.yaml").write_text(older, encoding="utf-8")
    shutil.copy(ROOT / "params" / "toll-road-traffic.csv", whole / "old")
    return whole, small


def run(words: list[str], desk: Path) -> subprocess.CompletedProcess:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])  # make test counts lines by it
    environment = {**os.environ, "HOME": str(desk), "PYTHONPATH": path}
    command = [sys.executable, "-m", "ppp.cli", *words[1:]] if words[0] == "ppp" else words
    return subprocess.run(
        command, cwd=desk, env=environment, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=600
    )  # fmt: skip


def said(words: list[str], desk: Path) -> tuple[int, str]:
    """Status and output of a ppp command, in this process where it would start no other."""
    if words[1] in FORKING or (words[1] == "compare" and "-o" in words):
        done = run(words, desk)
        return done.returncode, done.stdout + done.stderr
    with contextlib.chdir(desk):
        result = CliRunner().invoke(app, words[1:])
    return result.exit_code, result.output + (str(result.exception) if result.exception else "")


def as_run(line: str) -> list[str]:
    """The words of a ppp command, with few draws, and reports in one language."""
    words = [MANY.get(word, word).replace("zh,en", "zh") for word in shlex.split(line)]
    if words[1] in FORKING and "--lang" not in words:
        words += ["--lang", "zh"]
    return [*words, "--draws", FEW] if words[1] in DRAWING and "--draws" not in words else words


def together(lines: list[str]) -> dict[str, list[str]]:
    """The commands to run -> the lines of the pages for which each stands."""
    found: dict[tuple[str, ...], tuple[dict[str, str], list[str]]] = {}
    alone = {line: [line] for line in lines if shlex.split(line)[1] not in TOGETHER}
    for line in lines:
        if line not in alone:
            words = iter(shlex.split(line))
            given, options = [], {}
            for word in words:
                if word.startswith("-"):
                    options[word] = next(words) if word not in FLAGS else ""
                else:
                    given.append(word)
            shown, stands = found.setdefault(tuple(given), ({}, []))
            shown |= options
            stands.append(line)
    joined = {
        shlex.join([*given, *(w for pair in options.items() for w in pair if w)]): stands
        for given, (options, stands) in found.items()
    }
    return alone | joined


def in_order(lines: list[str]) -> list[str]:
    """A file is begun before it is checked, and reports are made before they are verified, packed and signed."""
    first = ("ppp new", "ppp check", "ppp batch", "ppp report")
    return sorted(
        lines, key=lambda line: next((i for i, start in enumerate(first) if line.startswith(start)), len(first))
    )


@pytest.mark.needs("pango")
def test_every_ppp_command_runs(desks):
    whole, small = desks
    wanted = {line: where for line, where in shell_lines().items() if line.startswith("ppp ")}
    assert wanted
    failed = []
    commands_to_run = together(list(wanted))
    for line in in_order(list(commands_to_run)):
        words, shown = as_run(line), commands_to_run[line]
        desk = small if words[1] in ONE_PROJECT or MINE in words or words[1:3] == SCHOOL else whole
        status, output = said(words, desk)
        if status != 0:
            failed.append(f"{', '.join(wanted[each] for each in shown)}: {line}\n{output}")
    assert not failed, "\n\n".join(failed)


def test_every_make_target_is_there_and_run_somewhere():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^report: .*\n\t@\.venv/bin/ppp batch params -o reports --lang en,zh$", makefile, re.MULTILINE)
    assert re.search(r"^check: .*\n\t@\.venv/bin/ppp check params$", makefile, re.MULTILINE)
    inline = {
        found: path.name
        for path in written_pages()
        for found in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))
    }
    shown = {
        shlex.split(line)[1].split("=")[0]: where for line, where in shell_lines().items() if line.startswith("make ")
    }
    for target, where in {**inline, **shown}.items():
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{where}: there is no target {target}"
        assert target in RUN_BY, f"{where}: say in RUN_BY what runs make {target}"
        assert RUN_BY[target].startswith("this module") or (ROOT / RUN_BY[target]).exists(), target


def test_every_other_command_is_run(desks):
    _, small = desks
    for line, where in shell_lines().items():
        if line.startswith(("ppp ", "make ", *SIGNING)):
            continue
        words = [word.removeprefix(".venv/bin/") for word in shlex.split(line)]
        if words[0] == "papermill":
            done = run([sys.executable, "-m", "papermill", *words[1:], "-p", "draws", FEW], small)
            assert done.returncode == 0, f"{where}: {line}\n{done.stderr}"
        elif words[:2] == ["pre-commit", "install"]:
            hooks = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")["repos"]
            assert hooks
        else:
            pytest.fail(
                f"{where}: nothing here runs {line}: run it in this test, or mark the block <!-- not run: why -->"
            )


@pytest.mark.needs("ssh-keygen")
def test_a_manifest_is_signed_as_shown(tmp_path):
    (block,) = (block for block in of("sh") if "ssh-keygen -Y sign" in block.text)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / "reports" / "school").mkdir(parents=True)
    (tmp_path / "reports" / "school" / "manifest.json").write_text("{}\n", encoding="utf-8")
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / ".ssh" / "id_ed25519")]
    subprocess.run(make, check=True)
    done = run(["sh", "-euc", block.text], tmp_path)
    assert done.returncode == 0 and 'Good "ppp-report" signature' in done.stdout, done.stdout + done.stderr


def test_commands_named_in_the_text_are_there():
    known = commands()
    for path in written_pages():
        for shown in re.findall(r"`(?:\.venv/bin/)?ppp ([a-z]+[^`]*)`", path.read_text(encoding="utf-8")):
            name, *words = shown.split()
            assert name in known, f"{path.name}: there is no command ppp {name}"
            options = {option for given in known[name].params for option in given.opts} | {"--help"}
            for word in words:
                option = word.rstrip(".,;").split("=")[0]
                assert not option.startswith("-") or option in options, f"{path.name}: ppp {shown}"


# Python


@pytest.mark.parametrize("block", [b for b in of("python") if b.page != "README.md"], ids=named)
def test_python_runs(block, desks, monkeypatch):
    monkeypatch.chdir(desks[0])
    exec(compile(block.text, block.where, "exec"), {})


# YAML


class Shown(YAML):
    def __init__(self) -> None:
        super().__init__(typ="safe", pure=True)


def merged(base: dict, change: dict) -> dict:
    """A file with a fragment in it: sections are merged, the rest is replaced."""
    return {
        **base,
        **{
            k: merged(base[k], v) if isinstance(v, dict) and isinstance(base.get(k), dict) else v
            for k, v in change.items()
        },
    }


PACKS = "docs/rule-packs.md"  # shows the layout of a rule pack
OWN_CHECK = (PACKS, "README.md")


@pytest.mark.parametrize("block", [b for b in of("yaml") if b.page not in OWN_CHECK], ids=named)
def test_yaml_is_a_project_file_or_a_part_of_one(block, desks):
    """A whole file is read as it stands; a part is put into a project of params/ and the whole is read."""
    folder = desks[0] / "params"
    if "kind:" in block.text.splitlines()[0]:
        (folder / "shown.yaml").write_text(block.text, encoding="utf-8")
    else:
        (folder / "past.csv").write_text("overrun\n0.9\n1.0\n1.2\n", encoding="utf-8")
        reader = Shown()
        base = reader.load((folder / "wastewater.yaml").read_text(encoding="utf-8"))
        base.pop("scenarios" if "scenarios" in block.text else "simulation", None)
        with (folder / "shown.yaml").open("w", encoding="utf-8") as out:
            YAML().dump(merged(base, reader.load(block.text)), out)
    project = ppp.load(folder / "shown.yaml")
    for name in project.scenarios:
        ppp.load(folder / "shown.yaml", name)


def unknown_keys(data: dict, model: type[BaseModel], place: dict[str, type[BaseModel]], path: str = "") -> list[str]:
    known = {info.alias or key for key, info in model.model_fields.items()}
    wrong = [f"{path}{key}" for key in data if key not in known and key != "..."]
    for key, value in data.items():
        for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
            inner = next((place[f"{path}{key}{end}"] for end in (".<name>", "") if f"{path}{key}{end}" in place), None)
            if inner is not None and isinstance(item, dict):
                more = "" if isinstance(value, list) else ".<name>"
                wrong += unknown_keys(item, inner, place, f"{path}{key}{more}.")
    return wrong


@pytest.mark.parametrize("block", [b for b in of("yaml") if b.page == PACKS], ids=named)
def test_the_layout_of_a_rule_pack_has_every_key_and_no_other(block):
    data = Shown().load(block.text)
    place = {part.path: part.model for part in parts(Pack)}
    assert not unknown_keys(data, Pack, place)
    needed = {key for key, info in Pack.model_fields.items() if info.is_required()}
    assert needed <= data.keys()


# links


@pytest.mark.parametrize("path", written_pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert re.match(r"https?://", target) or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", written_pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_row_of_a_table_has_the_cells_of_its_head(path):
    cells: int | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("|"):
            cells = None
            continue
        count = len(re.findall(r"(?<!\\)\|", line))
        assert cells in (None, count), f"{path.name}:{number}: {count - 1} cells"
        cells = count
