"""What a user does from a first file to a verified report, by the command line alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ppp.appraisal.evaluation import evaluate
from ppp.loading import load

ROOT = Path(__file__).resolve().parent.parent


def ppp(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "ppp.cli", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=300,
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder of an odd name with a file begun from the starter, its district named."""
    folder = tmp_path_factory.mktemp("desk") / "{我的} 桌面 #1"
    shutil.copytree(ROOT / "params" / "districts", folder / "districts")
    assert ppp("new", "项目.yaml", folder=folder).returncode == 0
    path = folder / "项目.yaml"
    text = path.read_text(encoding="utf-8")
    line = "# district: districts/my-district.yaml"
    assert text.count(line) == 1
    path.write_text(text.replace(line, "district: districts/bay-county-illustrative.yaml"), encoding="utf-8")
    return folder


def test_from_a_first_file_to_a_verified_report(desk):
    check = ppp("check", "项目.yaml", folder=desk)
    assert check.returncode == 0, check.stdout
    report = ppp("report", "项目.yaml", "--lang", "zh,en", "--draws", "64", folder=desk)
    assert report.returncode == 0, report.stdout + report.stderr
    home = desk / "reports" / "my-project"
    assert {path.name for path in home.iterdir()} == {
        "evaluation.zh.html",
        "evaluation.en.html",
        "evaluation.ipynb",
        "summary.json",
        "project.json",
        "manifest.json",
    }
    assert f"1 of 1 projects evaluated: {Path('reports') / 'my-project'}" in report.stdout
    assert not (desk / "reports" / "index.html").exists()
    verdict = json.loads((home / "summary.json").read_text(encoding="utf-8"))["verdict"]["outcome"]
    assert verdict in ("recommended", "with_reservations", "not_recommended")
    verified = ppp("verify", "reports", folder=desk)
    assert (verified.returncode, verified.stdout) == (0, "6 of 6 files are as they were made\n")


def test_a_scenario_of_a_file(desk):
    report = ppp("report", "项目.yaml#adverse", "-o", "reports", "--lang", "zh", "--draws", "0", folder=desk)
    assert report.returncode == 0, report.stdout + report.stderr
    home = desk / "reports" / "my-project@adverse"
    html = (home / "evaluation.zh.html").read_text(encoding="utf-8")
    assert "情景：建设投资+10%、需求-15%" in html
    summary = json.loads((home / "summary.json").read_text(encoding="utf-8"))
    assert summary["scenario"] == "adverse"
    base = evaluate(load(desk / "项目.yaml"))
    for key in ("equity_irr", "psc", "debt"):
        assert summary["results"][key] != pytest.approx(float(base.results[key][0])), key


def test_the_example_of_every_help_text_is_about_files_that_are_there():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ppp" / "cli").glob("*.py"))
    named = re.findall(r"Example: ppp (?:check|report|batch) ([^\s#]+)", source)
    assert named and all((ROOT / path).exists() for path in named), named
