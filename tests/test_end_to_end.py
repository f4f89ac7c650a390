"""What a user does from a first file to a verified report, by the command line alone."""

from __future__ import annotations

import json
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
    """A folder of an odd name with a file begun from the starter, and the district that came with it."""
    folder = tmp_path_factory.mktemp("desk") / "{我的} 桌面 #1"
    folder.mkdir()
    assert ppp("new", "项目.yaml", folder=folder).returncode == 0
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
    assert report.stdout.splitlines() == [
        f"1 of 1 projects evaluated: {Path('reports') / 'my-project'}",
        "有保留地建议采用",  # the answer in the first language, and what to open
        str(Path("reports/my-project/evaluation.en.html")),
        str(Path("reports/my-project/evaluation.zh.html")),
    ]
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
