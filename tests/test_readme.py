"""What the README shows works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ppp

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_project_file_shown_is_valid_and_evaluates(tmp_path):
    (shown,) = blocks("yaml")
    path = tmp_path / "shown.yaml"
    path.write_text(shown, encoding="utf-8")
    result = ppp.evaluate(ppp.load(path))
    assert result.sound.all()
    assert result.summary["verdict"]["outcome"] == "not_assessable"  # as the README says: a verdict needs more


def test_the_python_shown_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (shown,) = blocks("python")
    exec(compile(shown, "README.md", "exec"), {})
    outcome, shape = capsys.readouterr().out.splitlines()
    assert outcome.startswith("with_reservations 0.08")
    assert shape == "(1000,)"


@pytest.mark.parametrize("command", ["new", "check", "report", "batch", "verify", "schema"])
def test_every_command_that_the_readme_names_exists(command):
    from typer.main import get_command

    from ppp.cli import app

    assert f"ppp {command}" in README
    assert command in get_command(app).commands


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
