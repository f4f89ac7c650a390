"""The pages of docs/reference are what the code says; a stale one names the command that mends it."""

import re

import pytest
from reference.__main__ import FOLDER, pages
from reference.commands import commands
from reference.keys import allowed, parts
from reference.markdown import both, escaped
from reference.model import checks, modules, public, resolved

from ppp import regimes
from ppp.appraisal.checks import Check
from ppp.appraisal.evaluation import evaluate
from ppp.district import District
from ppp.lines import LINES, RESULTS
from ppp.loading import load
from ppp.project import Project
from ppp.quantities import Profile
from ppp.regimes import Pack

STALE = "docs/reference is stale: run make reference"


@pytest.fixture(scope="module")
def wanted():
    return pages()


def test_every_page_is_the_one_that_the_code_makes(wanted):
    kept = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.md")}
    assert sorted(kept) == sorted(wanted), STALE
    for name, text in wanted.items():
        assert kept[name] == text, f"{name}: {STALE}"


@pytest.mark.parametrize(("model", "name"), [(Project, "project"), (District, "district"), (Pack, "pack")])
def test_every_key_of_every_section_is_there(wanted, model, name):
    text = wanted[f"{name}-file.md"]
    for part in parts(model):
        (section,) = re.findall(rf"^##+ {re.escape(escaped(part.heading))}\n\n(.*?)(?=\n\n##|\Z)", text, re.M | re.S)
        for key, info in part.model.model_fields.items():
            assert f"| `{info.alias or key}` | " in section, (part.path, key)
    assert "<class" not in text and "typing." not in text and "Annotated" not in text


def test_links_within_a_page_lead_to_a_heading(wanted):
    for name, text in wanted.items():
        headings = {
            re.sub(r"[^\w\- ]", "", title.replace("\\", "").lower()).replace(" ", "-")
            for title in re.findall(r"^##* (.*)$", text, re.M)
        }
        for target in re.findall(r"\]\(#([^)]+)\)", text):
            assert target in headings, (name, target)


def test_what_a_key_takes_is_asked_of_the_reader():
    construction = {part.path: part.model for part in parts(Project)}["construction"].model_fields
    assert allowed(construction["escalation"], {}) == "a rate from -50% to 50%, written such as 8% or 0.08"
    assert allowed(construction["capex"], {}) == "an amount of zero or more, in the file's `unit`"
    assert allowed(Project.model_fields["stock_project"], {}) == "true or false"
    assert "`nominal`, `real`" in allowed(Project.model_fields["price_basis"], {})


def test_a_description_in_one_language_is_refused():
    assert both("Rate a year. A fee. 利率。") == ("Rate a year. A fee.", "利率。")
    for wrong in ("Rate a year.", "利率"):
        with pytest.raises(ValueError, match="not in both languages"):
            both(wrong)


def test_every_value_of_every_pack_is_printed_with_its_standing(wanted):
    for name in regimes.available():
        pack, text = regimes.load(name), wanted[f"rules/{name}.md"]
        cells = [line for line in text.splitlines() if line.startswith("| `")]
        for key, rule in pack.rules.items():
            rows = [line for line in cells if line.startswith(f"| `{key}` |")]
            assert len(rows) == len(rule.values), (name, key)
            for row, value in zip(rows, rule.values, strict=True):
                assert ("**unchecked 未查证**" in row) == (not value.checked), (name, key)
                assert value.from_.isoformat() in row
        for key in (*pack.conventions, *pack.documents, *pack.indicators, *pack.compliance):
            assert any(line.startswith(f"| `{key}` |") for line in cells), (name, key)


def test_every_line_names_a_function_that_is_there():
    for line in (*LINES.values(), *RESULTS.values()):
        assert resolved(line.function), line.key
        assert "._" not in line.function, line.key
    with pytest.raises(LookupError):
        resolved("ppp.model.debt.Loan.no_such_method")


def test_the_checks_of_the_page_are_those_that_an_evaluation_runs():
    listed = {each.key: each.hard for each in checks()}
    ran: dict[str, bool] = {}
    for name in ("waste-to-energy", "school"):
        evaluation = evaluate(load(f"params/{name}.yaml"))
        ran |= {each.key: each.hard for each in (*evaluation.checks, *evaluation.alerts)}
    assert all(isinstance(each, Check) for each in (*evaluation.checks, *evaluation.alerts))
    assert ran.items() <= listed.items()
    assert {key for key, hard in listed.items() if not hard} == {key for key, hard in ran.items() if not hard}


def test_every_public_function_of_the_model_says_what_it_does(wanted):
    for module in modules():
        for name, item in public(module):
            assert item.__doc__, f"{module.__name__}.{name} has no docstring"
            assert f"### {escaped(name)}\n" in wanted["functions.md"]


def test_every_command_has_an_example_and_every_option_its_words(wanted):
    for name, command in commands().items():
        assert f"\nppp {name} " in wanted["commands.md"] or f"\nppp {name}\n" in wanted["commands.md"], (
            f"{name}: no example"
        )
        for given in command.params:
            assert given.name == "help" or given.help, f"{name}: {given.name} says nothing"


def test_profiles_have_a_section_of_their_own(wanted):
    for key in Profile.model_fields:
        assert f"| `{key}` |" in wanted["project-file.md"].split("随时间变化的金额\n")[1].split("\n## ")[0]
