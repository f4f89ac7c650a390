"""The charts say what the figures say, fit their sheet, and are the same bytes everywhere."""

from __future__ import annotations

import copy
import hashlib
import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from ruamel.yaml import YAML

import ppp
from ppp.appraisal.appraise import Appraisal
from ppp.report import charts
from ppp.report.charts.sheet import text_width, wrap
from ppp.report.charts.words import chart_words

ROOT = Path(ppp.__file__).parents[1]
PARAMS = [*ROOT.glob("params/*.yaml"), *ROOT.glob("params/published/*.yaml")]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in PARAMS)
CHARTS = (
    charts.cash_flow,
    charts.debt_cover,
    charts.value_for_money,
    charts.waterfall,
    charts.fiscal_share,
    charts.heat_map,
    charts.qualitative,
    charts.rates,
    charts.tornado,
    charts.distribution,
)
FULL = "params/wastewater.yaml"
LARGEST = 125_000  # bytes; the largest has many Chinese characters, each an outline of half a kilobyte
DRAWS = 200
FINE = 288  # dots an inch, so that hinting does not widen texts
POINT = FINE / 72


def appraised(file: str) -> Appraisal:
    return ppp.appraise(ppp.load(ROOT / file), DRAWS)


@pytest.fixture(scope="module")
def full() -> Appraisal:
    """The project with every part. Tests change copies alone."""
    return appraised(FULL)


def drawn(appraisal: Appraisal, chart=None, langs=("en", "zh")) -> list[charts.Chart]:
    made = [draw(appraisal, lang) for draw in ([chart] if chart else CHARTS) for lang in langs]
    return [chart for chart in made if chart is not None]


def misplaced(chart: charts.Chart) -> list[str]:
    """Texts that leave the sheet, and pairs of texts that overlap."""
    figure = chart.figure
    with charts.style():
        figure.set_dpi(FINE)
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()  # labels find their places
        ticks = [(a, tick) for panel in figure.axes for a in (panel.xaxis, panel.yaxis) for tick in a.get_major_ticks()]
        unseen = {tick.label1 for a, tick in ticks if not min(v := a.get_view_interval()) <= tick.get_loc() <= max(v)}
        texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text not in unseen]
        boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts if text.get_visible()]
    low, high = figure.bbox.min - 1.0, figure.bbox.max + 1.0
    found = [text for text, box in boxes if (box.min < low).any() or (box.max > high).any()]
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        upward = min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > 0.5 * POINT and upward > 2.5 * POINT:  # a line's box is higher than its glyphs
            found.append(f"{one!r} on {other!r}")
    return found


def check_document(chart: charts.Chart) -> None:
    root = ElementTree.fromstring(chart.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    ids = re.findall(r'\bid="([^"]*)"', chart.svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', chart.svg)) <= {
        pair for i in ids for pair in ((i, ""), ("", i))
    }
    assert not re.search(r'(?:href|src)="(?!#)', chart.svg)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == chart.title
    assert chart.title in chart.alt
    assert len(chart.svg.encode()) < LARGEST


@pytest.mark.parametrize("file", FILES)
def test_every_chart_of_every_file_is_drawn_in_both_languages(file, full):
    made = drawn(full if file == FULL else appraised(file))
    assert len(made) == 2 * len(CHARTS) if file == FULL else made
    for chart in made:
        check_document(chart)
        assert misplaced(chart) == [], chart.title


def test_a_chart_is_none_where_its_part_is_missing(full):
    unfunded = appraised("params/published/ring-road.yaml")
    assert [draw.__name__ for draw in CHARTS if draw(unfunded, "en")] == ["cash_flow"]
    evaluation = full.evaluation
    assert charts.value_for_money(replace(full, evaluation=replace(evaluation, vfm=None)), "en") is None
    assert charts.fiscal_share(replace(full, evaluation=replace(evaluation, load=None)), "zh") is None
    assert charts.qualitative(replace(full, evaluation=replace(evaluation, scores=[])), "en") is None
    assert charts.waterfall(replace(full, critique=None), "en") is None
    assert charts.tornado(replace(full, ranges=[]), "zh") is None
    assert charts.rates(replace(full, rates=[]), "zh") is None
    assert charts.distribution(replace(full, simulation=None), "en") is None
    lines = {**evaluation.lines, "debt_service": np.zeros_like(evaluation.lines["debt_service"])}
    assert charts.debt_cover(replace(full, evaluation=replace(evaluation, lines=lines)), "en") is None


def test_titles_hold_the_computed_figures(full):
    evaluation, result = full.evaluation, full.evaluation.results
    load = evaluation.load
    year = load.years[np.argmax(load.share[:, 0])]
    share = f"{100 * result['share_peak'][0]:.2f}%"
    assert f"peaks at {share} of the budget in {year}" in charts.fiscal_share(full, "en").title
    assert f"{year}年最高，为{share}" in charts.fiscal_share(full, "zh").title
    amount = result["vfm_amount"][0]
    assert f"CNY {amount / 1e6:,.1f} million less" in charts.value_for_money(full, "en").title
    assert f"节约{amount / 1e4:,.0f}万元" in charts.value_for_money(full, "zh").title
    assert f"{result['dscr_min'][0]:.2f}" in charts.debt_cover(full, "en").title
    assert f"{result['qualitative_score'][0]:.1f}" in charts.qualitative(full, "zh").title
    assert f"CNY {evaluation.lines['distributions'].sum() / 1e6:,.1f} million" in charts.cash_flow(full, "en").title
    for response in full.rates:
        assert f"{100 * response.switches[0]:.2f}%" in charts.rates(full, "en").title
    assert (
        f"{round(100 * full.simulation.failing['value_for_money'], 1):g}% of {full.simulation.draws:,} draws"
        in charts.distribution(full, "en").title
    )
    turned = sum(bool(response.switches) for response in full.ranges)
    assert f"{turned} of {len(full.ranges)} inputs" in charts.tornado(full, "en").title


def test_the_waterfall_names_what_speaks_most_for_and_against(full):
    parts = {part.driver: part.value for part in full.critique.attribution.given_discounting}
    assert max(parts, key=parts.get) == "operation" and min(parts, key=parts.get) == "financing"
    title = charts.waterfall(full, "en").title
    assert f"operating efficiency speaks most for the PPP (CNY {parts['operation'] / 1e6:,.1f} million)" in title
    assert f"financing cost and profit most against it (CNY {-parts['financing'] / 1e6:,.1f} million)" in title
    assert f"融资成本与回报（{-parts['financing'] / 1e4:,.0f}万元）" in charts.waterfall(full, "zh").title
    one_sided = replace(
        full.critique.attribution,
        given_discounting=[
            replace(part, value=abs(part.value)) for part in full.critique.attribution.given_discounting
        ],
    )
    other = replace(full, critique=replace(full.critique, attribution=one_sided))
    assert "no driver speaks against the PPP" in charts.waterfall(other, "en").title


def test_the_waterfall_s_bars_lead_from_the_psc_to_the_ppp_value(full):
    vfm, chart = full.evaluation.vfm, charts.waterfall(full, "en")
    for panel in chart.figure.axes:
        bars = [bar for bar in panel.patches if bar.get_width()]
        total = {round(bar.get_width() * 1e6) for bar in bars}
        assert {round(float(vfm.psc[0])), round(float(vfm.ppp_value[0]))} <= total
        said = [text.get_text() for text in panel.texts]
        assert said[:2] == [f"{float(side[0]) / 1e6:,.1f}" for side in (vfm.psc, vfm.ppp_value)]


def test_a_broken_limit_and_a_failed_cover_are_said(full):
    evaluation = full.evaluation
    load = replace(evaluation.load, existing=evaluation.load.existing * 100.0)
    title = charts.fiscal_share(replace(full, evaluation=replace(evaluation, load=load)), "en").title
    over = load.share[:, 0] > 0.10
    said = f"in {over.sum()} of {over.size} years, first in {load.years[np.argmax(over)]}"
    assert f"above the limit of 10% of the budget {said}" in title
    lines = {**evaluation.lines, "cfads": evaluation.lines["cfads"] * 0.5}
    poor = replace(full, evaluation=replace(evaluation, lines=lines))
    assert "below the 1.20 that the lender requires in 20 of 20 years" in charts.debt_cover(poor, "en").title
    assert "falls short of debt service in 20 of 20 years" in charts.cash_flow(poor, "en").title


def test_numbers_on_either_side_of_a_limit_read_differently(full):
    load = full.evaluation.load
    load = replace(load, existing=0.100001 * load.budget - load.own)
    title = charts.fiscal_share(replace(full, evaluation=replace(full.evaluation, load=load)), "en").title
    assert "limit of 10% " in title and "peaks at 10.0001%" in title


def test_drawing_uses_no_rule_and_leaves_settings_alone(full):
    used, before = dict(full.evaluation.rules.used), dict(matplotlib.rcParams)
    plain = charts.fiscal_share(full, "en").svg
    assert full.evaluation.rules.used == used
    assert dict(matplotlib.rcParams) == before
    with matplotlib.rc_context(
        {
            "font.size": 30,
            "axes.grid": True,
            "lines.linewidth": 9,
            "svg.hashsalt": "x",
            "savefig.bbox": "tight",
        }
    ):
        assert charts.fiscal_share(full, "en").svg == plain


def test_two_processes_draw_the_same_bytes(full):
    program = (
        "import hashlib, ppp; from ppp.report import charts\n"
        f"a = ppp.appraise(ppp.load({FULL!r}), {DRAWS})\n"
        "for name in charts.__all__:\n"
        "    if name not in ('Chart', 'style'):\n"
        "        drawn = getattr(charts, name)(a, 'zh')\n"
        "        if drawn is not None:\n"
        "            print(name, hashlib.sha256(drawn.svg.encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"}
    there = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    drawn = {name: getattr(charts, name)(full, "zh") for name in charts.__all__ if name not in ("Chart", "style")}
    made = {name: chart.svg for name, chart in drawn.items() if chart is not None}
    assert set(made) >= {draw.__name__ for draw in CHARTS}
    here = [f"{name} {hashlib.sha256(svg.encode()).hexdigest()}" for name, svg in made.items()]
    assert sorted(there.stdout.splitlines()) == sorted(here)


def variant(tmp_path: Path, change) -> Appraisal:
    """The full project without its year-by-year lists, changed, with its district beside it."""
    yaml = YAML(typ="safe", pure=True)
    project = yaml.load((ROOT / FULL).read_text(encoding="utf-8"))
    district = yaml.load((ROOT / "params" / project["district"]).read_text(encoding="utf-8"))
    project.pop("scenarios")
    project["construction"].pop("spending")
    project["operation"].pop("lifecycle")
    project["comparator"].pop("lifecycle")
    project["users"] = {"payments": {"start": 2000, "growth": "1%"}}
    project["ranges"].pop("users.demand.times")
    project["district"] = "district.yaml"
    project = copy.deepcopy(project)
    change(project, district)
    for data, name in ((project, "project.yaml"), (district, "district.yaml")):
        with (tmp_path / name).open("w", encoding="utf-8") as file:
            yaml.dump(data, file)
    return ppp.appraise(ppp.load(tmp_path / "project.yaml"), DRAWS)


def term(construction: int, operation: int, tenor: int):
    def change(project, district):
        project["timeline"] |= {"construction": f"{construction} years", "operation": f"{operation} years"}
        project["funding"]["debt"]["tenor"] = f"{tenor} years"

    return change


def huge(project, district):
    project["unit"] = "billion"
    project["comparator"] |= {"capex": 1, "opex": 1}
    project["currency"] = district["currency"] = "USD"


def tiny(project, district):
    project["unit"] = district["unit"] = "one"
    project["risks"] = {}


def sinking(project, district):
    for year in district["budget"]:
        year["expenditure"] = 4000
    project["payment"] = {"kind": "user_pay"}
    project["users"] = {"payments": 3500}
    project["operation"]["opex"] = {"start": 2250, "growth": "6%"}
    project["funding"]["debt"] |= {"repayment": "annuity"}
    project["funding"]["debt"].pop("dscr")
    project["ranges"].pop("payment.profit_rate")


EXTREMES = {
    "one year of operation": term(2, 1, 1),
    "99 years, without construction": term(0, 99, 60),
    "huge amounts of dollars, PSC below zero": huge,
    "tiny amounts": tiny,
    "cash flow below zero, share above 100%": sinking,
}


@pytest.mark.parametrize("name", EXTREMES)
def test_extremes_fit_the_sheet(tmp_path, name):
    appraisal = variant(tmp_path, EXTREMES[name])
    made = drawn(appraisal, langs=("en",))  # the longer texts
    without_cost = all(risk.whole <= 0.0 for risk in appraisal.comparison.risks)  # then there is no heat map
    assert len(made) == len(CHARTS) - without_cost
    for chart in made:
        check_document(chart)
        assert misplaced(chart) == [], chart.title


def test_a_flat_value_for_money_is_one_bar(full):
    count = full.simulation.draws
    still = {**full.simulation.results, "vfm_amount": np.full(count, 5e6)}
    failed = {"value_for_money": np.zeros(count, dtype=bool)}
    simulation = replace(full.simulation, results=still, failed=failed)
    assert "0% of" in charts.distribution(replace(full, simulation=simulation), "en").title


def test_ends_on_the_same_side_of_the_base_are_drawn_apart(full):
    bent = replace(full.ranges[0], vfm=np.linspace(-1.0, 1.0, full.ranges[0].grid.size) ** 2 * 1e8)
    for chart in drawn(replace(full, ranges=[bent]), charts.tornado):
        assert misplaced(chart) == []


def test_words_are_complete_used_and_alike_in_both_languages():
    source = "".join(path.read_text(encoding="utf-8") for path in Path(charts.__file__).parent.glob("*.py"))
    for key, texts in chart_words().items():
        assert set(texts) == {"en", "zh"}, key
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts.values()]
        assert places[0] == places[1], key
        built = key.startswith(("unit.", "amount.", "affordability_", "cause_", "termination_")) or key.endswith(
            "_plain"
        )
        assert f'"{key}' in source or built, key


TEXTS = (
    "公共部门比较值（PSC）",
    "最弱指标为“全生命周期”，68分；x",
    "4.21%或",
    "",
    "中" * 30 + "，" * 9,
    "Value for money, “x”",
)


@pytest.mark.parametrize("text", TEXTS)
def test_wrapping_loses_nothing_and_starts_no_line_with_punctuation(text):
    with charts.style():
        for width in (40.0, 200.0):
            lines = wrap(text, width)
            assert "".join(lines).replace(" ", "") == text.replace(" ", "")
            assert all(text_width(line) <= width + 1.0 for line in lines if "，，" not in line and "PSC" not in line)
            assert not any(line[:1] in tuple("，；）”") for line in lines)
