"""The statement of assurance says what the appraisal found, in both languages, and leaves to people what is theirs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

import ppp
from ppp.cli import app
from ppp.loading import input_hash
from ppp.report.assurance import statement
from ppp.report.words import word

ROOT = Path(__file__).resolve().parents[2]
DRAWS = 64


@pytest.fixture(scope="module")
def appraisal():
    return ppp.appraise(ppp.load(ROOT / "params" / "wastewater.yaml"), DRAWS)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_says_what_was_found(appraisal, lang):
    text, found = statement(appraisal, lang), appraisal.verdict
    assert input_hash(appraisal.project) in text and f"ppp {ppp.__version__}" in text
    assert word(f"outcome.{found.outcome}", lang) in text
    for check in (*appraisal.evaluation.checks, *appraisal.evaluation.alerts):
        assert f"| {word(f'check.{check.key}', lang)} | {word('passed', lang)} |" in text, check.key
    assert (
        text.count(f"[{word('assurance.blank', lang)}]") == 5 + 7 + 1 + 9
    )  # people, review, what was found, signatures
    assert "{" not in text and "None" not in text


def test_rules_that_nobody_has_read_are_named_unless_somebody_signs(appraisal):
    rules = appraisal.evaluation.rules
    unread = {used.key for used in rules.used.values() if not used.checked}
    assert unread  # else this test could not fail
    text = statement(appraisal, "en")
    assert text.count("without anybody having read the official source") == len(unread)
    project = ppp.load(ROOT / "params" / "wastewater.yaml")
    signed = project.model_copy(
        update={"confirmed_rules": dict.fromkeys(unread, type("Entry", (), {"by": "Li|Ming", "page": "p"})())}
    )
    text = statement(ppp.appraise(signed, 0), "en")
    assert "without anybody having read" not in text and word("assurance.no_draws", "en") in text
    assert text.count(r"read by Li\|Ming, who signs for it") == len(unread)


def test_a_failing_check_an_alert_and_a_failing_scenario_are_said(appraisal):
    evaluation = appraisal.evaluation
    bad, raised = (replace(check, error=np.array([0.5])) for check in (evaluation.checks[0], evaluation.alerts[0]))
    broken = replace(appraisal, evaluation=replace(evaluation, checks=[bad], alerts=[raised]))
    text = statement(broken, "en")
    assert f"| {word(f'check.{bad.key}', 'en')} | {word('failed', 'en')} | 5e-01 |" in text
    assert f"| {word(f'check.{raised.key}', 'en')} | {word('alert', 'en')} | 5e-01 |" in text
    assert word("meta.bad", "en") in text
    failing = [name for name, tests in appraisal.critique.scenarios.items() if tests]
    assert failing
    for name in failing:
        assert appraisal.project.scenarios[name]["title"]["zh"] in statement(appraisal, "zh")


def test_a_published_example_says_how_many_figures_are_met():
    text = statement(ppp.appraise(ppp.load(ROOT / "params" / "published" / "ring-road.yaml"), 0), "en")
    assert "printed figures recomputed" in text and word("assurance.tests", "en") not in text


def test_the_command_writes_it_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "p.yaml"
    data = YAML().load((ROOT / "params" / "published" / "ring-road.yaml").read_text(encoding="utf-8"))
    data["name"] = {"en": "Ward *A* <b>|", "zh": "病房"}
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(data, out)
    run = CliRunner()
    first = run.invoke(app, ["assurance", "p.yaml", "--draws", "0"])
    assert first.exit_code == 0, first.output
    written = tmp_path / first.output.strip()
    assert written.name == f"{data['id']}-assurance.md"
    assert r"Ward \*A\* \<b\>\|" in written.read_text(encoding="utf-8")
    before = written.read_bytes()
    again = run.invoke(app, ["assurance", "p.yaml", "--draws", "0"])
    assert again.exit_code == 1 and "exists already" in again.output
    assert written.read_bytes() == before
