"""The list of explained mistakes follows the source: an entry whose lines are gone is noticed without trying a single mistake."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
LIST = YAML(typ="safe").load((ROOT / "tests" / "mutants.yaml").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """Without layout: a source line may have been wrapped since."""
    return re.sub(r"\s+", "", text).replace(",)", ")")


@pytest.mark.parametrize("entry", LIST["here"], ids=[entry["where"] for entry in LIST["here"]])
def test_an_explained_mistake_is_of_a_line_that_is_there(entry):
    module = entry["where"].split(".")[0]
    source = plain((ROOT / "ppp" / "model" / f"{module}.py").read_text(encoding="utf-8"))
    assert entry["why"]
    for change in entry["changes"]:
        assert plain(change["was"]) in source, (
            "the line has changed: make prove says whether its mistake still goes unnoticed"
        )
        assert change["becomes"] != change["was"]


@pytest.mark.parametrize("rule", LIST["everywhere"], ids=[rule["was"] for rule in LIST["everywhere"]])
def test_a_rule_for_everywhere_has_a_reason(rule):
    assert rule["why"] and all(becomes != rule["was"] for becomes in rule["becomes"])
