"""The company's charts for periods shorter than a year, several tranches and accounts of cash: what they say is what was computed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import ppp
from ppp.appraisal.debt_terms import covers
from ppp.report import charts
from ppp.report.charts.company import TRANCHES, _top_of_scale

ROOT = Path(ppp.__file__).parents[1]
SHORTER = ("waste-to-energy", "street-lighting", "ferry-terminal")
COMPANY = (charts.cash_flow, charts.debt_cover, charts.cash_held)


@cache
def appraised(file: str) -> ppp.Appraisal:
    return ppp.appraise(ppp.load(ROOT / f"params/{file}.yaml"), 0)


def legend(chart: charts.Chart) -> list[str]:
    return [text.get_text() for each in chart.figure.legends for text in each.get_texts()]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("file", SHORTER)
def test_every_chart_of_the_company_is_drawn_for_short_periods(file, lang):
    for draw in COMPANY:
        chart = draw(appraised(file), lang)
        assert ElementTree.fromstring(chart.svg).tag.endswith("svg")
        assert chart.title in chart.alt and "{" not in chart.alt
        names = legend(chart)
        assert len(names) == len(set(names)), "a name in the legend stands for two things"
        for panel in chart.figure.axes:
            years = [label.get_text() for label in panel.get_xticklabels() if label.get_text()]
            assert all(year.isdigit() for year in years)


def test_the_debt_is_stacked_by_tranche_and_each_lender_has_its_cover():
    appraisal = appraised("waste-to-energy")
    names = legend(charts.debt_cover(appraisal, "en"))
    assert {"Senior debt", "Subordinated loan", "Shareholder loan"} <= set(names)
    assert {"Cover: Senior debt", "Cover: all lenders together"} <= set(names)
    assert len({str(look) for look in TRANCHES}) == len(TRANCHES)
    lowest = np.nanmin(covers(appraisal.evaluation)[-1].cover)
    assert f"{lowest:.2f}" in charts.debt_cover(appraisal, "en").title


def test_the_stacks_of_debt_are_as_high_as_what_is_owed():
    appraisal = appraised("waste-to-energy")
    evaluation, timeline = appraisal.evaluation, appraisal.evaluation.inputs.timeline
    owed = sum(tranche.lines["closing"][:, 0] for tranche in evaluation.tranches)
    by_year = [owed[np.flatnonzero(timeline.budget_years == year)[-1]] for year in timeline.calendar_years]
    lower = charts.debt_cover(appraisal, "en").figure.axes[1]
    top = max(vertex[1] for patch in lower.patches for vertex in patch.get_path().vertices)
    assert top == pytest.approx(max(by_year) / 1e6, rel=1e-9)


def test_bars_of_cash_add_to_cash_flow_in_every_year():
    """CFADS + disposal = debt service + prepayment + shareholder loans + kept + distributions, the whole reserve account included."""
    for file in SHORTER:
        evaluation = appraised(file).evaluation
        timeline, line = evaluation.inputs.timeline, {k: v[:, 0] for k, v in evaluation.lines.items()}
        rows = timeline.operating
        kept = np.diff(line["cash"] + line["debt_service_reserve"] - line["working_capital_filled"], prepend=0.0)
        used = line["debt_service"] + line["prepayment"] + line["distributions"] + kept
        used = used + line["shareholder_loan_interest"] + line["shareholder_loan_repaid"]
        assert np.abs((used - line["cfads"] - line["disposal"])[rows]).max() < 1e-9 * line["uses"].sum()


def test_cash_held_says_its_largest_balance_and_whether_the_reserve_is_short():
    appraisal = appraised("waste-to-energy")
    evaluation, timeline = appraisal.evaluation, appraisal.evaluation.inputs.timeline
    total = sum(evaluation.lines[key][:, 0] for key in ("cash", "debt_service_reserve", "maintenance_reserve"))
    ends = {year: total[np.flatnonzero(timeline.budget_years == year)[-1]] for year in timeline.calendar_years}
    most = max(ends, key=ends.get)
    title = charts.cash_held(appraisal, "en").title
    assert f"end of {most}" in title and f"{ends[most] / 1e6:,.1f} million" in title and "short" not in title
    lines = evaluation.lines | {"debt_service_reserve": evaluation.lines["debt_service_reserve"] * 0.9}
    short = charts.cash_held(replace(appraisal, evaluation=replace(evaluation, lines=lines)), "en").title
    assert "short of its target" in short


def test_a_company_that_holds_nothing_has_no_chart_of_it():
    assert charts.cash_held(appraised("wastewater"), "en") is None


def test_one_cover_far_above_the_others_does_not_flatten_them():
    assert _top_of_scale([np.array([1.3, 1.4])], [1.3, 1.0]) == 1.4
    assert _top_of_scale([np.array([1.3, 8.0])], [1.3, 1.0]) == pytest.approx(3.9)
    upper = charts.debt_cover(appraised("waste-to-energy"), "en").figure.axes[0]
    assert upper.get_ylim()[1] < 5.0
