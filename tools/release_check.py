"""Everything that must be true before a release is tagged, by one command: make release-check. It changes nothing in the clone.

Each step says what it found; the status is 1 when one failed, and all are tried. The built wheel is installed into a clean venv
outside the clone, where `ppp new`, `check`, `report` and `workbook` must work from the wheel alone.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DATED = r"^## {version} \(\d{{4}}-\d{{2}}-\d{{2}}\)$"
INSIDE = (  # what a wheel without its clone cannot do without
    "ppp/starter.yaml",
    "ppp/starter-district.yaml",
    "ppp/schema/project.json",
    "ppp/notebooks/evaluation.ipynb",
    "ppp/notebooks/portfolio.ipynb",
    "ppp/report/fonts/NotoSansSC-Regular.otf",
    "ppp/report/fonts/OFL.txt",
    "ppp/report/words.yaml",
    "ppp/regimes/cn-2015.yaml",
    "ppp/regimes/generic.yaml",
)


class Wrong(Exception):
    """What a step found that must be mended."""


def run(*command: str | Path, folder: Path = ROOT, **environment: str) -> str:
    """What a command printed. Raises Wrong with the end of it where it failed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise Wrong(f"{Path(str(command[0])).name} {' '.join(map(str, command[1:4]))}: " + " | ".join(said[-6:]))
    return done.stdout


def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def clean_tree(_: Path) -> str:
    left = run("git", "status", "--porcelain").splitlines()
    if left:
        raise Wrong(f"{len(left)} files are changed or unknown to git: {', '.join(line[3:] for line in left[:5])}")
    return run("git", "rev-parse", "--short", "HEAD").strip()


def same_version(_: Path) -> str:
    declared, text = version(), (ROOT / "ppp" / "__init__.py").read_text(encoding="utf-8")
    in_code = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)[1]
    if in_code != declared:
        raise Wrong(f"pyproject.toml says {declared}, ppp/__init__.py {in_code}")
    tagged = run("git", "tag", "--list", f"v{declared}").strip()
    if tagged and run("git", "rev-list", "-n1", tagged).strip() != run("git", "rev-parse", "HEAD").strip():
        raise Wrong(f"{tagged} is tagged already, elsewhere: raise the version")
    return declared


def changelog(_: Path) -> str:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(DATED.format(version=re.escape(version())), text, re.MULTILINE):
        raise Wrong(f"CHANGELOG.md has no heading '## {version()} (YYYY-MM-DD)'")
    unreleased = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if unreleased and unreleased[1].strip():
        raise Wrong(f"something stands under 'Unreleased': move it under {version()}")
    return f"says {version()}"


def lock(scratch: Path) -> str:
    """The lock follows pyproject.toml: compiled again with its own pins, it is the same; and so is environment.yml."""
    again = scratch / "requirements.lock"
    shutil.copy(ROOT / "requirements.lock", again)
    run(
        BIN / "uv", "--quiet", "pip", "compile", ROOT / "pyproject.toml", "--universal", "--python-version", "3.11", "--all-extras",
        "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock", "-o", again,
    )  # fmt: skip
    if not filecmp.cmp(again, ROOT / "requirements.lock", shallow=False):
        raise Wrong("requirements.lock does not follow pyproject.toml: make lock")
    run(sys.executable, "tools/environment.py", "--check")
    return "requirements.lock and environment.yml follow pyproject.toml"


def lint(_: Path) -> str:
    run(BIN / "ruff", "check")
    run(BIN / "ruff", "format", "--check")
    return "ruff finds nothing"


def schema(scratch: Path) -> str:
    run(BIN / "ppp", "schema", scratch / "schema")
    for path in (scratch / "schema").iterdir():
        if not filecmp.cmp(path, ROOT / "ppp" / "schema" / path.name, shallow=False):
            raise Wrong(f"ppp/schema/{path.name} is not what the code writes: ppp schema ppp/schema")
    return "as the code writes it"


def examples(_: Path) -> str:
    return run(BIN / "ppp", "check", "params").strip()


def docs(_: Path) -> str:
    if not re.search(r"^docs:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE):
        raise Wrong("the Makefile has no target docs")
    run("make", "docs")
    return "built without a warning"


def build(scratch: Path) -> str:
    """sdist from the clone, wheel from the sdist: so the sdist holds all that a wheel needs."""
    run(BIN / "hatchling", "build", "-t", "sdist", "-d", scratch / "dist")
    (source,) = (scratch / "dist").glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(scratch / "source", filter="data")
    (unpacked,) = (scratch / "source").iterdir()
    run(BIN / "hatchling", "build", "-t", "wheel", "-d", scratch / "dist", folder=unpacked)
    (wheel,) = (scratch / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    if missing := [name for name in INSIDE if name not in names]:
        raise Wrong(f"the wheel lacks {', '.join(missing)}")
    return f"{source.name} {source.stat().st_size / 1e6:.1f} MB, {wheel.name} {wheel.stat().st_size / 1e6:.1f} MB"


def installed(scratch: Path) -> str:
    """The wheel in a clean venv, with the versions of the lock and without the extras."""
    wheels = list((scratch / "dist").glob("*.whl"))
    if not wheels:
        raise Wrong("there is no wheel to install")
    run(sys.executable, "-m", "venv", "--without-pip", scratch / "venv")
    python = _in_venv(scratch, "python")
    run(
        BIN / "uv",
        "--quiet",
        "pip",
        "install",
        "--python",
        python,
        "--only-binary",
        ":all:",
        "-c",
        ROOT / "requirements.lock",
        wheels[0],
    )
    where = run(python, "-I", "-c", "import ppp; print(ppp.__file__, ppp.__version__)", folder=scratch).split()
    if Path(where[0]).is_relative_to(ROOT) or where[1] != version():
        raise Wrong(f"the venv imports {where[0]}, version {where[1]}")
    return f"{len(json.loads(run(BIN / 'uv', 'pip', 'list', '--format', 'json', '--python', python)))} packages"


def works(scratch: Path) -> str:
    """A newcomer's first commands in an empty folder, by the wheel alone, with a name in Chinese."""
    ppp, folder = _in_venv(scratch, "ppp"), scratch / "空文件夹"
    if not ppp.exists():
        raise Wrong("the wheel is not installed")
    folder.mkdir()
    own = {"PYTHONPATH": "", "PYTHONNOUSERSITE": "1"}
    run(ppp, "new", "bridge.yaml", folder=folder, **own)
    run(ppp, "check", ".", folder=folder, **own)
    run(ppp, "report", "bridge.yaml", "--lang", "zh,en", folder=folder, **own)
    run(ppp, "verify", "reports", folder=folder, **own)
    run(ppp, "workbook", "bridge.yaml", folder=folder, **own)
    summary = json.loads((folder / "reports" / "bridge" / "summary.json").read_text(encoding="utf-8"))
    page = (folder / "reports" / "bridge" / "evaluation.zh.html").read_text(encoding="utf-8")
    outcome = summary["verdict"]["outcome"]
    if outcome not in ("recommended", "with_reservations", "not_recommended") or "物有所值" not in page:
        raise Wrong(f"the report's verdict is {outcome}")
    return f"new, check, report (zh, en), verify, workbook: {outcome}"


def _in_venv(scratch: Path, name: str) -> Path:
    return scratch / "venv" / ("Scripts" if os.name == "nt" else "bin") / (f"{name}.exe" if os.name == "nt" else name)


STEPS: dict[str, Callable[[Path], str]] = {
    "clean tree": clean_tree,
    "one version": same_version,
    "changelog": changelog,
    "lock": lock,
    "lint": lint,
    "schema": schema,
    "example files": examples,
    "documentation": docs,
    "sdist and wheel": build,
    "clean venv": installed,
    "the wheel alone": works,
}


def found(steps: dict[str, Callable[[Path], str]]) -> Iterator[tuple[str, bool, str]]:
    """(name, whether it is well, what was found) of each step, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        for step, check in steps.items():
            try:
                yield step, True, check(Path(name))
            except (Wrong, OSError, ValueError) as error:
                yield step, False, str(error) or type(error).__name__


def main() -> int:
    failed = 0
    for step, well, said in found(STEPS):
        failed += not well
        print(f"{'ok' if well else 'WRONG':6}{step:18}{said}", flush=True)
    print(f"{failed} of {len(STEPS)} are wrong" if failed else f"ready: git tag v{version()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
