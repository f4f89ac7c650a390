"""Statements about the repository itself."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

# Written in pieces, so that this file does not match itself.
FORBIDDEN = {
    "an absolute path of a machine": re.compile(
        r"(?<![\w.~-])/(?:root|home|work|Users)" + r"/\w" + r"|\b[A-Z]:\\Users" + r"\\"
    ),
    "an index address": re.compile(
        "https?://" + r"(?:\w+\.)*pypi\b" + "|pythonhosted" + r"\.org" + "|index-url" + r"[ =]*\S*://"
    ),
}


def files() -> list[Path]:
    """What git tracks, or would on the next `git add`; also where the clone belongs to somebody else."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return sorted({ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def locked() -> dict[str, list[str]]:
    """The pins of requirements.lock by name; several where they differ by platform or Python."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks: dict[str, list[str]] = {}
    for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        if pin := re.match(r"([\w.-]+)==", block):
            blocks.setdefault(canonicalize_name(pin[1]), []).append(block)
    return blocks


@pytest.mark.needs("git")
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what):
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in files()
        if (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "what, line",
    [
        ("an absolute path of a machine", 'open("/' + 'home/wang/a.yaml")'),
        ("an absolute path of a machine", "C:\\Users" + "\\wang"),
        ("an index address", "https://" + "pypi.org/simple"),
        ("an index address", "--extra-index-url" + " http://mirror.local"),
    ],
)
def test_what_is_forbidden_is_found(what, line):
    assert FORBIDDEN[what].search(line)


@pytest.mark.needs("git")
def test_notebooks_are_committed_without_outputs():
    for path in files():
        if path.suffix == ".ipynb":
            for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
                where = f"{path.relative_to(ROOT)}, cell {number}: run nbstripout on it"
                assert not cell.get("outputs"), where
                assert cell.get("execution_count") is None, where


@pytest.mark.needs("git")
def test_text_files_have_unix_line_ends():
    texts = (path for path in files() if text_of(path) is not None)
    assert not [str(path.relative_to(ROOT)) for path in texts if b"\r\n" in path.read_bytes()]


def test_every_pin_has_hashes():
    for name, blocks in locked().items():
        for block in blocks:
            assert "--hash=sha256:" in block, name


def test_the_lock_has_pins_and_nothing_else():
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        assert re.match(r"#|[\w.-]+==|    --hash=sha256:[0-9a-f]{64}|    #", line), line


def test_the_lock_covers_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = locked()
    for text in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        wanted = Requirement(text)
        blocks = pins.get(canonicalize_name(wanted.name))
        assert blocks, f"{text} is not in requirements.lock: run make lock"
        for block in blocks:
            version = re.match(r"[\w.-]+==([^\s;]+)", block)[1]
            fits = wanted.specifier.contains(version, prereleases=True)
            assert fits, f"{text}, but {version} is locked: run make lock"


def test_the_lock_leaves_out_what_slows_every_import():
    assert "rfc3987-syntax" not in locked()


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()) - {"moved"}
    listed = set(re.findall(r"^([a-z-]+):.*?## \S", makefile, re.MULTILINE))
    assert listed == phony


def test_the_licence_is_there():
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").lstrip().startswith("Apache License")
