"""Write environment.yml, for conda users, from the dependencies in pyproject.toml.

python tools/environment.py [--check]
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# PyPI name -> conda-forge name, where they differ
CONDA_NAMES = {"brotli": "brotli-python"}

# what conda-forge lacks (or has not for every platform, or long out of date), so that pip installs it
FROM_PIP = {
    "pyxirr": "not built for Macs with Apple silicon",
    "playwright": "conda-forge has it under another name, and older",
    "mutmut": "not on Windows, which pip understands and conda does not",
}

HEADER = """\
# Made from pyproject.toml by tools/environment.py (make lock): change it there.
#   conda env create -f environment.yml && conda activate ppp
name: ppp
channels:
  - conda-forge
dependencies:
  - python{python}
  - pip
"""


def groups(text: str, key: str) -> list[tuple[str, list[str]]]:
    """The array `key` of pyproject.toml as (comment line, requirements) pairs; tomllib drops comments."""
    body = re.search(rf"^{re.escape(key)} = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    if body is None:
        raise SystemExit(f"pyproject.toml: no array {key}")
    found: list[tuple[str, list[str]]] = []
    for line in map(str.strip, body[1].splitlines()):
        if line.startswith("#"):
            found.append((line.removeprefix("#").strip(), []))
        elif line:
            if not found:
                raise SystemExit(f"pyproject.toml: {key} opens without a comment line that names the group")
            found[-1][1].append(line.rstrip(",").strip('"'))
    return found


def name_of(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0]


def environment(text: str) -> str:
    """The text of environment.yml for the text of pyproject.toml."""
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    grouped = groups(text, "dependencies") + groups(text, "test")
    if [requirement for _, members in grouped for requirement in members] != wanted:
        raise SystemExit("pyproject.toml: give each dependency a line of its own, below its group's comment")

    out = HEADER.format(python=project["requires-python"])
    for comment, members in grouped:
        here = [requirement for requirement in members if name_of(requirement) not in FROM_PIP]
        if here:
            out += f"  # {comment}\n"
        for requirement in here:
            name = name_of(requirement)
            out += f"  - {CONDA_NAMES.get(name, name)}{requirement[len(name) :]}\n"
    out += "  - pip:\n"
    for requirement in wanted:
        if reason := FROM_PIP.get(name_of(requirement)):
            out += f"      - {requirement}  # {reason}\n"
    return out + "      - -e .\n"


def main(arguments: list[str]) -> int:
    target = ROOT / "environment.yml"
    text = environment((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if arguments == ["--check"]:
        same = target.exists() and target.read_text(encoding="utf-8") == text
        if not same:
            print("environment.yml does not follow pyproject.toml: run make lock", file=sys.stderr)
        return 0 if same else 1
    target.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
