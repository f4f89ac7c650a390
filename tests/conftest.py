"""Tests that need a program which may be missing, such as a browser.

Mark a test with `needs_browser`, or `needs("pdftoppm")` for any name in PROGRAMS, or use the fixture
`chromium`. Where the program is missing the test is skipped and the closing lines name the group and the
cure; with PPP_NOTHING_MISSING=1 in the environment (.ci/run sets it) it fails instead.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Program:
    names: tuple[str, ...]  # what it may be called
    variable: str  # environment variable that may hold its path
    cure: str


PROGRAMS = {
    "chromium": Program(
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
        "PPP_CHROMIUM",
        "apt-get install chromium",
    ),
    "pdftoppm": Program(("pdftoppm",), "PPP_PDFTOPPM", "apt-get install poppler-utils"),
    "pdftotext": Program(("pdftotext",), "PPP_PDFTOTEXT", "apt-get install poppler-utils"),
    "pdffonts": Program(("pdffonts",), "PPP_PDFFONTS", "apt-get install poppler-utils"),
    "pango": Program((), "PPP_PANGO", "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"),
    "libreoffice": Program(("soffice", "libreoffice"), "PPP_LIBREOFFICE", "apt-get install libreoffice-calc-nogui"),
    "ssh-keygen": Program(("ssh-keygen",), "PPP_SSH_KEYGEN", "apt-get install openssh-client"),
    "git": Program(("git",), "PPP_GIT", "apt-get install git"),
}


def find_program(key: str) -> str | None:
    """The path of a program, or None. A variable that names no file counts as missing, not as unset."""
    program = PROGRAMS[key]
    if key == "pango":  # a library, which the PDF writer looks for itself
        from ppp.report.formats.pdf import why_not

        return None if why_not() else key
    if said := os.environ.get(program.variable):
        return said if Path(said).is_file() else None
    return next((path for name in program.names if (path := shutil.which(name))), None)


def require(item: pytest.Item, key: str) -> str:
    """The path of a program; where it is missing, the end of this test."""
    if path := find_program(key):
        return path
    reason = f"needs {key}: {PROGRAMS[key].cure} (or set {PROGRAMS[key].variable} to its path)"
    if os.environ.get("PPP_NOTHING_MISSING") == "1":
        pytest.fail(f"{reason}; PPP_NOTHING_MISSING=1 allows nothing to be missing", pytrace=False)
    item.user_properties.append(("missing program", key))
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"needs(program): needs a program of {', '.join(sorted(PROGRAMS))}")
    config.addinivalue_line("markers", "needs_browser: needs chromium; the same as needs('chromium')")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """While mutmut tries a mistake, the first failure ends it: quick tests go first, those of many examples last."""
    if os.environ.get("MUTANT_UNDER_TEST"):
        items.sort(key=lambda item: getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for key in mark.args:
            require(item, key)
    if item.get_closest_marker("needs_browser"):
        require(item, "chromium")


@pytest.fixture
def chromium(request: pytest.FixtureRequest) -> str:
    """The path of the browser."""
    return require(request.node, "chromium")


@pytest.fixture
def program(request: pytest.FixtureRequest):
    """The path of a program of PROGRAMS."""
    return lambda key: require(request.node, key)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter) -> None:
    missing = Counter(
        key
        for report in terminalreporter.stats.get("skipped", [])
        for name, key in getattr(report, "user_properties", [])
        if name == "missing program"
    )
    if missing:
        terminalreporter.section("not run, for want of a program", yellow=True)
        for key, count in sorted(missing.items()):
            terminalreporter.line(
                f"{key}: {count} test{'s' * (count > 1)} skipped. Cure: {PROGRAMS[key].cure}"
                f" (or set {PROGRAMS[key].variable} to its path)"
            )
