"""The comparator's parts, risks, routes, bids, scores and the checklist in the report, in both languages."""

import re
from html import unescape
from pathlib import Path

import pytest

import ppp
from ppp.appraisal.appraise import appraise
from ppp.report import charts
from ppp.report.evaluation_page import Report

PARAMS = Path(__file__).resolve().parents[2] / "params"


@pytest.fixture(scope="module")
def page():
    """page("us-highway", "zh"): a report of one of the files that come with ppp, with few draws."""
    made = {}

    def make(name, lang="en"):
        key = (name, lang)
        if key not in made:
            made[key] = Report(str(PARAMS / f"{name}.yaml"), lang=lang, draws=32)
        return made[key]

    return make


def text(section) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", str(section.markup))))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["au-courts", "uk-school", "us-highway"])
def test_every_section_is_written_in_the_language_asked(page, name, lang):
    report = page(name, lang)
    for section in (report.value_for_money(), report.risks(), report.options(), report.rules()):
        said = text(section)
        assert said.strip()
        cjk = sum("\u4e00" <= letter <= "\u9fff" for letter in said)
        assert (cjk > 50) == (lang == "zh"), said[:200]


def test_the_matrix_adds_up_and_the_register_says_why(page):
    report = page("au-courts")
    said = text(report.risks())
    risks = report.appraisal.comparison.risks
    for side in ("whole", "government", "retained", "company"):
        assert report.display.money(sum(getattr(risk, side) for risk in risks), unit=False) in said
    assert "Early works contract" in said and "Boreholes of 2023" in said and "Old foundations" in said
    assert "60% × triangular" in said and "PERT" in said and "2.0% of the phase's cost" in said


def test_the_auditors_question_is_answered_for_every_risk(page):
    said = text(page("uk-school").risks())
    assert "In the discount rate?" in said and said.count("✓ no") == 9
    twice = ppp.load(PARAMS / "au-courts.yaml")
    comparator = twice.comparator.model_copy(update={"contingency": 10.0})
    altered = twice.model_copy(update={"comparator": comparator})
    altered._origin, altered._districts = twice._origin, None
    from ppp.report.sections.risks import risks
    from ppp.report.sections.view import View

    assert text(risks(View(appraise(altered, draws=16), "en"))).count("× may be") == 3


def test_two_rates_the_range_and_the_place_of_the_bid_are_said(page):
    report = page("au-courts")
    assert "the comparator is discounted at 4.30%" in text(report.value_for_money())
    assert "the PPP at 5.26%" in text(report.value_for_money())
    said = text(report.options())
    assert "5% percentile" in said and "95% percentile" in said and "below the whole range" in said
    assert "Two courtrooms more" in said and "Land tax and rates" in said


def test_the_bids_show_what_levelling_did(page):
    report = page("au-courts")
    said = text(report.bids())
    assert said.index("Harbour Partners") < said.index("Northern Justice Consortium") < said.index("Shadow bid")
    assert "Levelling changes the rank of: Northern Justice Consortium, Harbour Partners" in said
    assert "– 40%" in said  # the share of upkeep that departs from the register
    assert not str(page("us-highway").bids().markup)


def test_a_number_that_informs_is_marked_so_and_the_return_of_indifference_is_said(page):
    report = page("uk-school")
    assert "informs only" in text(report.tests())
    assert "the IRR of indifference" in text(report.options())
    assert "begins at 5.57%" in text(report.value_for_money())  # 3.5 % real at 2 % inflation
    said = text(report.rules())
    assert "after 0 years 3.50%" in said and "after 30 years 3.00%" in said and "standard building" in said


def test_the_delayed_comparator_and_the_drivers_are_shown(page):
    report = page("us-highway")
    said = text(report.options())
    assert "begun 3 years later" in said and "Financing cost" in said and "Design-bid-build" in said
    assert "Beside a comparator that starts later" in text(report.verdict())
    assert "cost of financing" in text(report.value_for_money())


def test_both_means_and_the_experts_agreement_are_shown(page):
    said = text(page("school").qualitative())
    assert "Standard deviation" in said and "Trimmed mean" in said
    assert "0 of 7 experts alone would have stayed below 60" in said
    rules = text(page("school").rules())
    assert "Largest weight of one basic indicator" in rules and "20%" in rules


def test_the_checklist_of_the_new_mechanism_is_shown_with_its_evidence(page):
    said = text(page("toll-road").rules())
    assert "five bidders" in said and said.count("✓ met") == 5 and "article 23" in said


def test_a_heat_map_needs_a_comparator_and_a_probability():
    assert charts.heat_map(appraise(ppp.load(PARAMS / "toll-road.yaml"), draws=16), "en") is None
    drawn = charts.heat_map(appraise(ppp.load(PARAMS / "us-highway.yaml"), draws=16), "zh")
    assert "建设成本超支" in drawn.title and "<svg" in drawn.svg


def test_the_summary_holds_what_the_report_shows(page):
    import json

    found = page("au-courts").appraisal.summary["comparison"]
    assert json.loads(json.dumps(found, allow_nan=False)) == json.loads(json.dumps(found))
    assert [bid["key"] for bid in found["bids"]] == ["shadow", "northern", "harbour", "civic"]
    assert found["discount_method"] == "two_rates" and found["psc_range"]["low"] < found["psc_range"]["mean"]
    assert sum(page("us-highway").appraisal.summary["comparison"]["drivers"].values()) == pytest.approx(
        page("us-highway").appraisal.summary["results"]["vfm_amount"], rel=1e-9
    )
