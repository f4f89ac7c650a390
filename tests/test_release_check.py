"""The release check sees what it is there to see. Whole, it builds and installs: make release-check."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import release_check as checks  # noqa: E402


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    """A folder with the files that the quick steps read, all in order."""
    (tmp_path / "ppp").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', encoding="utf-8")
    (tmp_path / "ppp" / "__init__.py").write_text('__version__ = "1.2.0"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n\n## 1.2.0 (2026-12-01)\n\n- All.\n", encoding="utf-8")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setattr(checks, "run", lambda *command, **more: "")
    return tmp_path


def test_what_is_in_order_passes(clone):
    assert (checks.same_version(clone), checks.changelog(clone)) == ("1.2.0", "says 1.2.0")
    assert checks.clean_tree(clone) == ""


def test_two_versions_are_told(clone):
    (clone / "ppp" / "__init__.py").write_text('__version__ = "1.1.0"\n', encoding="utf-8")
    with pytest.raises(checks.Wrong, match=r"pyproject.toml says 1.2.0, ppp/__init__.py 1.1.0"):
        checks.same_version(clone)


@pytest.mark.parametrize(
    "text, words",
    [
        ("## Unreleased\n\n- All.\n", "no heading '## 1.2.0"),
        ("## 1.2.0\n\n- All.\n", "no heading '## 1.2.0"),  # without its day
        ("## 1.2.01 (2026-12-01)\n", "no heading"),
        ("## Unreleased\n\n- More.\n\n## 1.2.0 (2026-12-01)\n\n- All.\n", "under 'Unreleased'"),
    ],
)
def test_a_changelog_that_does_not_say_the_version_is_told(clone, text, words):
    (clone / "CHANGELOG.md").write_text(text, encoding="utf-8")
    with pytest.raises(checks.Wrong, match=re.escape(words)):
        checks.changelog(clone)


def test_a_changed_tree_is_told(clone, monkeypatch):
    monkeypatch.setattr(checks, "run", lambda *command, **more: " M ppp/a.py\n?? b\n")
    with pytest.raises(checks.Wrong, match=r"2 files .*: ppp/a.py, b"):
        checks.clean_tree(clone)


def test_a_command_that_fails_says_how_it_ended():
    with pytest.raises(checks.Wrong, match="no such thing"):
        checks.run(sys.executable, "-c", "import sys; sys.exit('no such thing')")


def test_every_step_is_tried_though_one_fails(tmp_path):
    def wrong(_: Path) -> str:
        raise checks.Wrong("mend it")

    found = list(checks.found({"first": wrong, "second": lambda folder: str(folder.is_dir())}))
    assert found == [("first", False, "mend it"), ("second", True, "True")]


def test_what_a_wheel_must_hold_is_in_the_repository():
    for name in checks.INSIDE:
        assert (ROOT / name.replace("ppp/notebooks/", "notebooks/")).is_file(), name
