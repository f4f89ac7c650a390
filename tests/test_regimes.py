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
from ppp.regimes import Pack, Rules, _without_null
from ppp.regimes.conventions import CHOICES

ROOT = Path(__file__).resolve().parents[1]
PACKS = regimes.available()


def raw(pack: str) -> dict:
    return _without_null(read_document(regimes.folder() / f"{pack}.yaml").data)


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
def atlantis(tmp_path, monkeypatch):
    """A folder of rule packs with one file more, and a project that names it."""
    packs = tmp_path / "regimes"
    packs.mkdir()
    for path in regimes.folder().glob("*.yaml"):
        (packs / path.name).write_bytes(path.read_bytes())
    text = COUNTRY
    for key, choices in CHOICES.items():
        words = [str(choice).lower() for choice in choices]
        default = "declining" if key == "discount_method" else words[0]
        text += f"  {key}: {{meaning: {{en: {key}, zh: 约定}}, default: {default}, allowed: [{', '.join(words)}], document: tablet}}\n"
    (packs / "atlantis.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "temple.yaml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.setattr(regimes, "folder", lambda: packs)
    regimes.load.cache_clear()
    yield tmp_path / "temple.yaml"
    regimes.load.cache_clear()


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
