"""Write docs/reference anew: PYTHONPATH=tools python -m reference (make reference)."""

from __future__ import annotations

from pathlib import Path

from ppp.district import District
from ppp.editor_schema import CSV, SAID, TABLE, XLSX
from ppp.project import Project
from ppp.regimes import Pack
from reference.blocks import untried_page
from reference.commands import commands_page
from reference.keys import PROFILE_HEADING, keys_of, profile_keys
from reference.markdown import both, code, escaped, page, table
from reference.model import checks_page, functions_page, lines_page
from reference.rules import rule_pages

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
AMOUNTS = (
    "Amounts are positive in the direction that their key names, in the file's `unit` of its `currency`. Rates and shares are written `8%`"
    " or `0.08`. What must agree between keys, `ppp check` says with file, line and column; an editor completes and explains every key by"
    " the schema in `ppp/schema/`.\n\n"
    "金额均为正数，方向由字段名决定，单位为文件的 `unit`；比例写作 `8%` 或 `0.08`。字段之间的一致性由 `ppp check` 检查。"
)


def pages() -> dict[str, str]:
    """Path below docs/reference -> what it should hold."""
    return {
        "project-file.md": _project(),
        "district-file.md": _district(),
        "pack-file.md": _pack(),
        "lines.md": lines_page(),
        "checks.md": checks_page(),
        "commands.md": commands_page(),
        "functions.md": functions_page(),
        "untried.md": untried_page(),
        **rule_pages(),
    }


def write() -> None:
    """Every page in its place; a page that nothing makes any more is removed."""
    wanted = pages()
    for name, text in wanted.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    for path in FOLDER.rglob("*.md"):
        if path.relative_to(FOLDER).as_posix() not in wanted:
            path.unlink()


def _forms() -> str:
    """What any value may be beside itself: with its source, or from a table or a column of another file."""
    said = [(f"`{{value: ..., {key}: ...}}`", text) for key, text in SAID.items()]
    tables = [(f"`{{{', '.join(f'{key}: ...' for key in keys)}}}`", text) for keys, text in _tables()]
    rows = [(form, *map(escaped, both(text))) for form, text in said + tables]
    return table(("Form", "What it says", "含义"), rows)


def _tables():
    """A list of entries from a table; a list of numbers or an amount over time from a column."""
    yield TABLE, TABLE["table"]
    yield CSV, CSV["csv"]
    yield XLSX, XLSX["xlsx"]


def _project() -> str:
    return page(
        "The project file, key by key 项目文件字段",
        "ppp/project.py and the modules of its sections",
        AMOUNTS,
        "## How a value may be written 数值写法",
        "Any value may stand with where it comes from; a list of entries may be a table of another file, and a list of numbers a column.",
        _forms(),
        f"## {PROFILE_HEADING}",
        "A number (the same every year), a list with one number a year, or these keys:",
        profile_keys(),
        keys_of(Project),
    )


def _district() -> str:
    return page(
        "The district file, key by key 地区文件字段",
        "ppp/district.py and ppp/contingent_terms.py",
        AMOUNTS,
        "What the district's report makes of them: [the district](../district.md). Tests of the rule book read `budget`, `growth` and"
        f" `commitments`; {code('projects')} makes a batch write the district's own report.",
        keys_of(District),
    )


def _pack() -> str:
    return page(
        "The file of a rule pack, key by key 规则文件字段",
        "ppp/regimes/pack.py",
        "How the parts work together, and how to add a country: [rule packs](../rule-packs.md). The packs that come with the suite:"
        " [rules as they stand](rules/index.md).",
        keys_of(Pack),
    )


if __name__ == "__main__":
    write()
