"""Rule packs: what every one of them must say, which are refused, and that adding a country is adding a file."""

import copy
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

import ppp
from ppp import regimes
from ppp.model.discounting import schedule_factors
from ppp.problems import InputError
from ppp.reading import read_document
from ppp.regimes import Pack, Rules, without_null
from ppp.regimes.conventions import CHOICES

ROOT = Path(__file__).resolve().parents[1]
PACKS = regimes.available()


def raw(pack: str) -> dict:
    return without_null(read_document(regimes.folder() / f"{pack}.yaml").data)


def rules(pack: str, day=dt.date(2022, 6, 1)) -> Rules:
    return Rules(regimes.load(pack), day)


def test_the_packs_are_those_that_the_readme_names():
    assert PACKS == ["au-nppg", "cn-2015", "cn-2023", "generic", "uk-hmt", "us-fhwa"]


@pytest.mark.parametrize("pack", PACKS)
def test_every_value_says_its_unit_source_article_dates_and_whether_it_was_checked(pack):
    loaded = regimes.load(pack)
    assert loaded.id == pack
    for rule in loaded.rules.values():
        assert rule.unit
        for value in rule.values:
            assert value.document in loaded.documents
            assert value.article["en"] and value.article["zh"]
            assert value.from_ >= dt.date(2000, 1, 1) and (value.to is None or value.to >= value.from_)
            assert isinstance(value.checked, bool)
    for part in (loaded, *loaded.rules.values(), *loaded.conventions.values()):
        text = getattr(part, "meaning", None) or part.name
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text["zh"])


@pytest.mark.parametrize("pack", PACKS)
def test_every_convention_has_its_words(pack):
    from ppp.report.words import has_word

    for convention in regimes.load(pack).conventions.values():
        for choice in convention.allowed:
            assert has_word(f"choice.{str(choice).lower()}"), choice


def test_a_pack_may_not_leave_out_a_convention_or_name_one_that_no_code_carries_out():
    data = raw("generic")
    assert set(data["conventions"]) == set(CHOICES)
    short, long, odd = (copy.deepcopy(data) for _ in range(3))
    del short["conventions"]["discount_method"]
    long["conventions"]["moon_phase"] = data["conventions"]["budget_base"]
    odd["conventions"]["budget_base"]["allowed"].append("first_year")
    for wrong, words in ((short, "missing: discount_method"), (long, "moon_phase"), (odd, "budget_base: first_year")):
        with pytest.raises(ValidationError, match=words):
            Pack.model_validate(wrong)


@pytest.mark.parametrize(
    "value, words",
    [
        ({"value": 1.0, "by": {"a": 1.0}}, "one of value, steps or by"),
        ({}, "one of value, steps or by"),
        ({"steps": [{"after": 5, "value": 0.1}]}, "begin at 0"),
        ({"steps": [{"after": 0, "value": 0.1}, {"after": 0, "value": 0.2}]}, "rise"),
    ],
)
def test_a_value_has_one_form_and_a_schedule_begins_at_zero(value, words):
    data = raw("generic")
    entry = data["rules"]["market_risk_premium"]["values"][0]
    del entry["value"]
    entry.update(value)
    with pytest.raises(ValidationError, match=words):
        Pack.model_validate(data)


def test_the_schedule_of_the_uk_pack_gives_the_printed_factors():
    after, rates = zip(*rules("uk-hmt").steps("discount_schedule"), strict=True)
    factors = schedule_factors(np.array(rates)[:, None], after, [30.0, 31.0])[:, 0]
    assert factors == pytest.approx([0.356278, 0.345901], abs=5e-7)
    assert [
        round(1 / f, 9) for f in factors / schedule_factors(np.array(rates)[:, None], after, [29.0, 30.0])[:, 0]
    ] == [
        1.035,
        1.03,
    ]


def test_the_uk_table_holds_the_upper_bound_of_the_published_example():
    assert rules("uk-hmt").entry("optimism_bias_capex", "non_standard_building") == 0.51
    assert set(rules("uk-hmt").choices("optimism_bias_capex")) >= {"standard_building", "standard_civil_engineering"}
    with pytest.raises(KeyError, match="no entry tent"):
        rules("uk-hmt").entry("optimism_bias_capex", "tent")


def test_what_was_asked_for_is_remembered_with_its_citation():
    asked = rules("uk-hmt")
    asked.steps("discount_schedule")
    asked.entry("optimism_bias_capex", "standard_building")
    schedule, table = asked.used["discount_schedule"], asked.used["optimism_bias_capex.standard_building"]
    assert schedule.steps[0] == (0.0, 0.035) and schedule.document == "green-book" and not schedule.checked
    assert (table.key, table.choice, table.value) == ("optimism_bias_capex", "standard_building", 0.24)


def test_a_number_is_asked_for_by_its_form():
    for wrong in (
        lambda r: r.value("discount_schedule"),
        lambda r: r.steps("optimism_bias_capex"),
        lambda r: r.value("x"),
    ):
        with pytest.raises(KeyError):
            wrong(rules("uk-hmt"))


def test_a_value_ends_on_its_last_day_and_goes_on_for_stock_projects():
    last = dt.date(2023, 11, 30)
    assert rules("cn-2015", last).has("affordability_cap")
    assert not rules("cn-2015", dt.date(2014, 1, 1)).has("affordability_cap")
    assert (
        rules("cn-2015", dt.date(2024, 6, 1)).value("affordability_cap") == 0.10
    )  # as it stood on the pack's last day
    data = raw("generic")
    data["rules"]["affordability_cap"]["values"][0]["to"] = "2010-12-31"
    ended = Pack.model_validate(data)
    assert Rules(ended, dt.date(2010, 12, 31)).has("affordability_cap")
    assert not Rules(ended, dt.date(2011, 1, 1)).has("affordability_cap")


# --- adding a country ---

COUNTRY = """
id: atlantis
name: {en: Atlantis, zh: 亚特兰蒂斯}
valid_from: 2020-01-01
valid_to: null
dates_checked: true
note: {en: A country of this test., zh: 测试用国家。}
tests: [value_for_money]
shows: [psc_range, drivers]
needs: [comparator]
price_basis: nominal
neutrality_refuses: [income_tax]
documents:
  tablet: {en: Stone tablet, zh: 石板}
rules:
  discount_schedule:
    meaning: {en: Tides of the rate, zh: 折现率}
    unit: rate a year
    values:
      - from: 2020-01-01
        to: null
        steps: [{after: 0, value: 0.08}, {after: 5, value: 0.04}]
        document: tablet
        article: {en: line 1, zh: 第一行}
        checked: true
  psc_range_low:
    meaning: {en: Low, zh: 低}
    unit: share of draws
    values: [{from: 2020-01-01, to: null, value: 0.1, document: tablet, article: {en: line 2, zh: 第二行}, checked: true}]
  psc_range_high:
    meaning: {en: High, zh: 高}
    unit: share of draws
    values: [{from: 2020-01-01, to: null, value: 0.9, document: tablet, article: {en: line 2, zh: 第二行}, checked: true}]
conventions:
"""
PROJECT = """
kind: project
id: temple
name: Temple
status: draft
sector: culture
regime: atlantis
appraised: 2022-01-01
currency: ATL
unit: million
price_basis: nominal
timeline: {financial_close: 2023-01-01, construction: 2 years, operation: 10 years}
construction: {capex: 1000}
operation: {opex: 50}
payment: {kind: availability, amount: 190}
funding: {government_share: 0%, debt: {rate: 5%, tenor: 8 years, repayment: annuity, max_gearing: 70%}}
discounting: {rate: 8%}
comparator: {capex: 1200, opex: 60}
risks:
  flood: {name: Flood, category: force_majeure, phase: operation, transferred: 50%, distribution: {low: 0, likely: 40, high: 200}}
ranges: {construction.capex: {low: 900, high: 1100}}
"""


@pytest.fixture
def packs(tmp_path, monkeypatch):
    """A folder of rule packs to which a test may add."""
    packs = tmp_path / "regimes"
    packs.mkdir()
    for path in regimes.folder().glob("*.yaml"):
        (packs / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(regimes, "folder", lambda: packs)
    regimes.load.cache_clear()
    yield packs
    regimes.load.cache_clear()


@pytest.fixture
def atlantis(tmp_path, packs):
    """A folder of rule packs with one file more, and a project that names it."""
    text = COUNTRY
    for key, choices in CHOICES.items():
        words = [str(choice).lower() for choice in choices if choice != "two_rates"]  # which need a premium
        default = "declining" if key == "discount_method" else words[0]
        text += f"  {key}: {{meaning: {{en: {key}, zh: 约定}}, default: {default}, allowed: [{', '.join(words)}], document: tablet}}\n"
    (packs / "atlantis.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "temple.yaml").write_text(PROJECT, encoding="utf-8")
    return tmp_path / "temple.yaml"


def test_adding_a_country_is_adding_a_file(atlantis):
    """Its schedule discounts, its percentiles bound the range, its name stands in the report; no code knows it."""
    assert "atlantis" in regimes.available()
    result = ppp.appraise(ppp.load(atlantis), draws=64)
    running = sum(60 / 1.08 ** min(t, 5) / 1.04 ** max(t - 5, 0) for t in range(3, 13))
    expected = 600 / 1.08 + 600 / 1.08**2 + running
    parts = result.evaluation.vfm.psc_parts
    assert (parts["psc_capex"] + parts["psc_running"])[0] / 1e6 == pytest.approx(expected, rel=1e-12)
    assert result.comparison.range.percentiles == (0.1, 0.9)
    assert set(result.comparison.drivers) == {"investment", "financing", "long_term_risk", "other"}
    assert result.verdict.outcome in ("recommended", "with_reservations")
    from ppp.report.evaluation_page import Report

    page = Report(str(atlantis), lang="en", draws=64)
    assert "Atlantis" in str(page.rules().markup) and "after 5 years 4.00%" in str(page.rules().markup)


def test_the_new_country_refuses_what_its_file_refuses(atlantis):
    text = atlantis.read_text(encoding="utf-8")
    taxed = "comparator: {capex: 1200, opex: 60, competitive_neutrality: {t: {name: Tax, phase: operation, amount: 1, kind: income_tax}}}"
    atlantis.write_text(text.replace("comparator: {capex: 1200, opex: 60}", taxed), encoding="utf-8")
    with pytest.raises(InputError, match="atlantis does not allow it in competitive neutrality"):
        ppp.load(atlantis)


# --- a pack that cannot be used ---


def cn_2015(old: str, new: str, count: int = 1) -> str:
    text = (ROOT / "ppp" / "regimes" / "cn-2015.yaml").read_text(encoding="utf-8")
    text = text.replace("id: cn-2015", "id: broken", 1)
    assert old in text, old
    return text.replace(old, new, count)


@pytest.mark.parametrize(
    "text", ["id: [broken\n", "id: broken\n", "- a\n", ""], ids=["no YAML", "nearly nothing", "a list", "empty"]
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_pack_that_a_project_does_not_name_cannot_stop_its_report(packs, text, lang):
    """It stands in the table of rule books as not usable, with the reason; the others are applied as before."""
    from ppp.report.evaluation_page import Report
    from ppp.report.sections.critics import side_by_side

    (packs / "broken.yaml").write_text(text, encoding="utf-8")
    page = Report(str(ROOT / "params" / "wastewater.yaml"), lang=lang, draws=16)
    books = {book.pack: book for book in page.appraisal.critique.rule_books}
    assert books["broken"].unusable.startswith("broken.yaml")
    assert not any(book.unusable for pack, book in books.items() if pack != "broken")
    shown = "".join(map(str, side_by_side(page)))
    assert {"en": "not usable", "zh": "无法使用"}[lang] in shown and "broken.yaml" in shown


CAP = "value: 0.10, document: cj-2015-21"
UNSOUND = {
    "no pass mark": (("  qualitative_pass_mark:", "  qualitative_passmark:"), "did you mean qualitative_pass_mark"),
    "no cap": (("  affordability_cap:", "  affordability_warnin:"), "affordability_cap is missing; the test affordability"),
    "no weights": (("  qualitative_basic_weight:", "  weight:"), "qualitative_basic_weight is missing"),
    "no growth": (("  budget_growth_years:", "  growth_years:"), "budget_growth_years is missing"),
    "no schedule": (
        ("default: one_rate\n    allowed: [one_rate]", "default: declining\n    allowed: [declining]"),
        "discount_schedule is missing; discount_method: declining needs it",
    ),
    "no percentiles": (("tests: [", "shows: [psc_range]\ntests: ["), "psc_range_low is missing; shows: psc_range needs it"),
    "begins late": (
        ("from: 2015-12-18, to: 2023-11-30, value: 60", "from: 2018-01-01, to: 2023-11-30, value: 60"),
        "qualitative_pass_mark: has no value in force on 2015-12-18",
    ),
    "ends early": (
        ("to: 2023-11-30, value: 60", "to: 2020-12-31, value: 60"),
        "qualitative_pass_mark: has no value in force on 2021-01-01",
    ),
    "a cap of 1000 %": ((CAP, CAP.replace("0.10", "10")), "is outside its limits, given 10; allowed: a number from 0 to 1"),
    "a negative cap": ((CAP, CAP.replace("0.10", "-3")), "given -3"),
    "part of a year": (("value: 5,", "value: 2.5,"), "given 2.5; allowed: a whole number"),
    "a table for a number": ((CAP, CAP.replace("value: 0.10", "by: {a: 0.1}")), "the form that code asks for; allowed: value"),
    "an unknown need": (("needs: [comparator", "needs: [comparatr"), "did you mean comparator"),
    "an unknown need below": (("needs: [comparator", "needs: [comparator.optimism"), "needs.0"),
    "an unknown kind": (("tests: [", "neutrality_refuses: [incometax]\ntests: ["), "did you mean income_tax"),
    "ends before it begins": (("valid_to: 2023-11-30", "valid_to: 2014-01-01"), "valid_to: is before valid_from"),
    "a value ends before it begins": (("from: 2019-03-07, to: 2023-11-30", "from: 2019-03-07, to: 2018-01-01"), "is before from"),
    "another id": (("id: broken", "id: cn-2015"), "id: is not the name of the file, given cn-2015; allowed: broken"),
    "exempts from nothing": (("  rule: affordability_no", "  rule: afordability_no"), "exempt_sectors.rule"),
}  # fmt: skip


@pytest.mark.parametrize("change, words", UNSOUND.values(), ids=UNSOUND)
def test_a_pack_that_code_could_not_apply_is_refused_when_it_is_read_with_its_place(packs, change, words):
    (packs / "broken.yaml").write_text(cn_2015(*change), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        regimes.load("broken")
    told = str(refused.value)
    assert words in told, told
    assert all(line.startswith("broken.yaml:") and line.split(":")[1].isdigit() for line in told.splitlines()), told
    assert regimes.usable("broken") is None


def test_the_file_that_names_an_unsound_pack_is_told_of_the_pack(packs, tmp_path):
    """`ppp check` says what is wrong with the rule book, and blames nothing in the project."""
    (packs / "generic.yaml").write_text(
        (packs / "generic.yaml").read_text(encoding="utf-8").replace("valid_to: null", "valid_to: 1999-01-01"),
        encoding="utf-8",
    )
    (tmp_path / "temple.yaml").write_text(PROJECT.replace("atlantis", "generic"), encoding="utf-8")
    with pytest.raises(InputError, match=r"generic\.yaml:5:1: valid_to: is before valid_from") as refused:
        ppp.load(tmp_path / "temple.yaml")
    assert "appraised" not in str(refused.value)


def test_a_rule_that_is_needed_may_change_on_a_day_but_leaves_no_gap(packs):
    two = "- {from: 2015-12-18, to: 2019-12-31, value: 60, document: cj-2015-167, article: {en: a, zh: 条}, checked: false}\n"
    text = cn_2015(
        "- {from: 2015-12-18, to: 2023-11-30, value: 60", two + "      - {from: 2020-01-01, to: 2023-11-30, value: 61"
    )
    (packs / "broken.yaml").write_text(text, encoding="utf-8")
    assert regimes.load("broken")
    (packs / "gap.yaml").write_text(
        text.replace("id: broken", "id: gap").replace("2020-01-01", "2020-01-02"), encoding="utf-8"
    )
    with pytest.raises(InputError, match="in force on 2020-01-01"):
        regimes.load("gap")


def test_every_rule_that_the_packs_hold_is_one_that_code_asks_for():
    """And the other way round: each known rule is asked for by its name somewhere in the code."""
    from ppp.regimes.soundness import RULES

    assert {key for pack in PACKS for key in regimes.load(pack).rules} == set(RULES)
