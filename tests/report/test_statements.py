"""What the company's statements must be whatever the project: they add up, they meet one another, and they are what the report prints."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import ppp
from ppp.appraisal.debt_terms import covers, lowest_cover_date, tranche_terms
from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.sources_and_uses import sources_and_uses
from ppp.appraisal.statements import BALANCE, FLOW, RATIO, Statement, same_flow, statements
from ppp.lines import LINES
from ppp.model.irr import irr
from ppp.report.sections import accounts, appendix, front, money
from ppp.report.sections.view import View

ROOT = Path(ppp.__file__).parents[1]
YEARLY, SHORTER = ("wastewater", "toll-road"), ("waste-to-energy", "street-lighting", "ferry-terminal")
FILES = (*YEARLY, *SHORTER)


@cache
def evaluated(file: str) -> Evaluation:
    return ppp.evaluate(ppp.load(ROOT / f"params/{file}.yaml"))


@cache
def appraised(file: str) -> ppp.Appraisal:
    return ppp.appraise(ppp.load(ROOT / f"params/{file}.yaml"), 0)


def of(file: str) -> dict[str, Statement]:
    return {statement.key: statement for statement in statements(evaluated(file))}


def tranche_terms_of(name: str):
    return next(each for each in tranche_terms(evaluated("waste-to-energy")) if each.name == name)


def row(statement: Statement, key: str) -> np.ndarray:
    (found,) = (row for row in statement.rows if row.key == key)
    return found.values


def close(one, other, evaluation: Evaluation) -> bool:
    return bool(np.max(np.abs(np.asarray(one) - np.asarray(other))) <= 1e-8 * evaluation.results["uses_total"][0])


@pytest.mark.parametrize("file", FILES)
def test_every_total_is_the_sum_of_what_stands_above_it(file):
    evaluation, found = evaluated(file), of(file)
    for key, restarts in (("income", ()), ("waterfall", ())):
        running = np.zeros(len(found[key].columns))
        for each in found[key].rows:
            if each.kind == FLOW and each.total:
                assert close(each.values, running, evaluation), (key, each.key, restarts)
            elif each.kind == FLOW:
                running = running + each.values
    parts = np.zeros(len(found["cash_flow"].columns))
    for each in found["cash_flow"].rows:
        if each.key in ("cash_from_operations", "cash_from_investment", "cash_from_financing"):
            assert close(each.values, parts, evaluation), each.key
            parts = np.zeros_like(parts)
        elif each.kind == FLOW and not each.total:
            parts = parts + each.values


@pytest.mark.parametrize("file", FILES)
def test_the_cash_flow_statement_ends_at_the_cash_of_the_balance_sheet(file):
    evaluation, found = evaluated(file), of(file)
    closing = row(found["cash_flow"], "cash_and_reserves")
    assert close(np.cumsum(row(found["cash_flow"], "cash_change")), closing, evaluation)
    held = [r.values for r in found["balance"].rows if r.key in ("cash", "debt_service_reserve", "maintenance_reserve")]
    assert close(sum(held, np.zeros(closing.size)), closing, evaluation)


@pytest.mark.parametrize("file", FILES)
def test_the_balance_sheet_balances_and_is_empty_at_the_end(file):
    evaluation, sheet = evaluated(file), of(file)["balance"]
    assert close(row(sheet, "assets_total"), row(sheet, "claims_total"), evaluation)
    assert not row(sheet, "balance_difference").any()
    assert close([each.values[-1] for each in sheet.rows], 0.0, evaluation)
    assert row(sheet, "assets_total").max() >= evaluation.results["uses_total"][0] * 0.5


@pytest.mark.parametrize("file", FILES)
def test_what_shareholders_receive_beyond_what_they_paid_is_the_profit(file):
    evaluation = evaluated(file)
    profit = row(of(file)["income"], "net_profit").sum()
    assert close(profit, evaluation.lines["distributions"].sum() - evaluation.lines["equity"].sum(), evaluation)


@pytest.mark.parametrize("file", SHORTER)
def test_a_year_holds_the_periods_that_end_in_it(file):
    evaluation, found = evaluated(file), of(file)
    ends = [end.year for end in evaluation.inputs.timeline.ends]
    for key, line, sign in (("cash_flow", "debt_drawn", 1), ("cash_flow", "opex", -1), ("balance", "fixed_assets", 1)):
        values = evaluation.lines[line][:, 0]
        for year, shown in zip(found[key].columns, row(found[key], line), strict=True):
            periods = [value for end, value in zip(ends, values, strict=True) if end == year]
            expected = periods[-1] if LINES[line].balance else sum(periods)
            assert shown == pytest.approx(sign * expected, abs=1.0), (line, year)
    cover = row(found["waterfall"], "cover")
    rows = evaluation.inputs.timeline.operating
    by_period = covers(evaluation)[-1].cover
    for year, shown in zip(found["waterfall"].columns, cover, strict=True):
        those = [c for end, c in zip(ends[rows], by_period, strict=True) if end == year and np.isfinite(c)]
        assert (not those and np.isnan(shown)) or shown == min(those)


@pytest.mark.parametrize("file", YEARLY)
def test_a_model_of_years_shows_its_periods(file):
    timeline = evaluated(file).inputs.timeline
    found = of(file)
    assert list(found["income"].columns) == timeline.ends[timeline.operating]
    assert list(found["balance"].columns) in (timeline.ends, timeline.ends[1:])


def test_lines_without_an_amount_are_left_out_and_those_with_one_are_not():
    plain = {each.key for statement in statements(evaluated("wastewater")) for each in statement.rows}
    rich = {each.key for statement in statements(evaluated("waste-to-energy")) for each in statement.rows}
    used = {"vat", "vat_credit", "receivables", "debt_service_reserve", "maintenance_reserve", "statutory_reserve"}
    used |= {"to_debt_service_reserve", "shareholder_loan_interest", "shareholder_loan_closing", "capital_returned"}
    assert used <= rich and not used & plain
    assert "prepayment" in {each.key for each in of("ferry-terminal")["waterfall"].rows}
    for file in FILES:
        for statement in statements(evaluated(file)):
            assert all(each.total or np.nan_to_num(each.values).any() for each in statement.rows)


@pytest.mark.parametrize("file", FILES)
def test_sources_and_uses_add_to_total_investment(file):
    evaluation = evaluated(file)
    for side in sources_and_uses(evaluation):
        assert close(sum(part.amount for part in side), evaluation.results["uses_total"][0], evaluation)


def test_each_tranche_is_carried_forward_and_bears_its_own_rate():
    """opening + drawn + (signed) repayments = closing; interest by period from the file's rate and months alone."""
    found = of("waste-to-energy")
    evaluation = evaluated("waste-to-energy")
    for tranche in evaluation.tranches:
        schedule = found[f"tranche.{tranche.name}"]
        assert schedule.columns[0] == 2022 and schedule.columns[-1] == tranche_terms_of(tranche.name).last.year
        moved = row(schedule, "opening") + row(schedule, "drawn") + row(schedule, "principal")
        assert close(moved, row(schedule, "closing"), evaluation)
    timeline = evaluation.inputs.timeline
    for tranche, terms in zip(evaluation.tranches, tranche_terms(evaluation), strict=True):
        closing = tranche.lines["closing"][:, 0]
        expected = sum(
            terms.rates[0][1] * months / 12 * before
            for months, before in zip(
                timeline.months[timeline.operating], closing[timeline.completion : -1], strict=True
            )
        )
        assert terms.interest == pytest.approx(expected, rel=1e-9)


def test_the_dates_of_debt_are_those_of_the_file():
    terms = {each.name: each for each in tranche_terms(evaluated("waste-to-energy"))}
    # close 1 April 2022, 30 months of construction: operation begins on 1 October 2024
    assert (terms["senior"].first.isoformat(), terms["senior"].last.isoformat()) == ("2026-03-31", "2039-09-30")
    assert (terms["shareholder"].first.isoformat(), terms["shareholder"].last.isoformat()) == (
        "2028-03-31",
        "2044-09-30",
    )
    assert [rate for _, rate in tranche_terms(evaluated("ferry-terminal"))[0].rates] == [0.042, 0.047, 0.052]
    assert tranche_terms(evaluated("ferry-terminal"))[0].prepaid > 0.0


@pytest.mark.parametrize("file", FILES)
def test_the_lowest_cover_has_a_date(file):
    evaluation = evaluated(file)
    lines, timeline = evaluation.lines, evaluation.inputs.timeline
    service = lines["debt_service"][:, 0]
    owing = service > 1e-9 * service.max()
    ratio = np.where(owing, lines["cfads"][:, 0] / np.where(owing, service, 1.0), np.inf)
    found = timeline.ends.index(lowest_cover_date(evaluation))
    assert ratio[found] == pytest.approx(ratio.min(), rel=1e-8)
    assert ratio[found] == pytest.approx(evaluation.results["dscr_min"][0], rel=1e-8)


def test_a_project_without_debt_has_no_cover_and_no_date():
    evaluation = evaluated("wastewater")
    bare = replace(evaluation, tranches=[], inputs=replace(evaluation.inputs, tranches=()))
    assert covers(bare) == [] and lowest_cover_date(bare) is None and tranche_terms(bare) == []


def test_each_lender_has_a_cover_that_counts_all_before_it():
    senior, everyone = covers(evaluated("waste-to-energy"))
    assert (senior.required, everyone.required) == (1.35, 1.15)
    both = np.isfinite(senior.cover)
    assert (senior.cover[both] > everyone.cover[both]).all()
    assert senior.cover[both].min() >= 1.35 * (1 - 1e-9) and np.nanmin(everyone.cover) >= 1.15 * (1 - 1e-9)


def test_the_partner_is_shown_apart_only_where_its_return_differs():
    assert same_flow(evaluated("wastewater"), "partner_irr", "equity_irr")
    assert not same_flow(evaluated("waste-to-energy"), "partner_irr", "equity_irr")
    label = "Private partner's IRR"
    assert label in front.key_figures(View(appraised("waste-to-energy"), "en")).markup.unescape()
    assert label not in front.key_figures(View(appraised("wastewater"), "en")).markup.unescape()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("file", SHORTER)
def test_the_report_prints_them(file, lang):
    view = View(appraised(file), lang)
    page = str(accounts.company_statements(view).markup)
    for key in ("income", "waterfall", "cash_flow", "balance", "returns"):
        assert view.word(f"statement_title.{key}") in page
    difference = re.findall(rf"{re.escape(view.word('statement.balance_difference'))}</th>(.*?)</tr>", page)
    assert difference
    for cells in difference:
        assert {float(cell) for cell in re.findall(r"<td class='number'>(.*?)</td>", cells)} == {0.0}
    both = page + str(money.cash(view).markup) + str(front.key_figures(view).markup)
    assert not re.search(r"\bnan\b|None|\binf\b", both)
    assert lowest_cover_date(view.evaluation).isoformat() in both
    for terms in tranche_terms(view.evaluation):
        assert view.tranche(terms.name) in both and terms.last.isoformat() in both


@pytest.mark.parametrize("file", FILES)
def test_every_cell_of_a_wide_statement_stands_in_one_of_its_tables(file):
    view = View(appraised(file), "en")
    for statement in statements(view.evaluation):
        tables = [str(table) for table in accounts._blocks(view, statement)]
        heads = [re.findall(r"<th scope='col' class='number'>(.*?)</th>", table) for table in tables]
        shown = [head for block in heads for head in block if head != "Sum"]
        assert len(shown) == len(statement.columns) == len(set(shown))
        assert all(len(block) <= accounts.ACROSS + 1 for block in heads)


def flows_with(flow: list[float]):
    """The wastewater plant with another shareholders' flow, in its first rows."""
    appraisal = appraised("wastewater")
    evaluation = appraisal.evaluation
    found = np.zeros((evaluation.inputs.timeline.rows, 1))
    found[: len(flow), 0] = flow
    times = evaluation.inputs.timeline.times
    changed = replace(
        evaluation,
        flows=evaluation.flows | {"equity_irr": found},
        irrs=evaluation.irrs | {"equity_irr": irr(found, times)},
    )
    return View(replace(appraisal, evaluation=changed), "en")


@pytest.mark.parametrize(
    "flow, said",
    [
        ([-100.0, 230.0, -132.0], "has 2 rates of return (10.00%, 20.00%)"),
        ([100.0, -200.0, 200.0], "changes sign 2 times, yet no rate makes its present value zero"),
        ([-100.0, -20.0], "never turns positive"),
        ([100.0, 20.0], "never negative"),
        ([0.0, 0.0], "nothing is paid or received"),
    ],
)
def test_a_flow_without_one_rate_of_return_is_answered_in_words(flow, said):
    view = flows_with(flow)
    page = front.key_figures(view).markup.unescape()
    assert said in page[page.index("Equity IRR: ") :] and page.count("Equity IRR: ") == 1
    if "2 rates" in said:  # NPV falls through zero at the second alone
        assert "uses 20.00%" in page


def test_what_the_revenue_guarantee_costs_and_brings_is_said_beside_the_budget():
    view = View(appraised("ferry-terminal"), "en")
    page = money.affordability(view).markup.unescape()
    for key in ("guarantee_payment", "revenue_shared"):
        total = view.evaluation.lines[key].sum()
        assert total > 0.0 and view.word(f"text.{key}", amount=view.display.money(total)) in page
    assert "guaranteed" not in money.affordability(View(appraised("wastewater"), "en")).markup


def test_the_databook_writes_steps_bands_and_lengths_as_a_reader_would():
    page = appendix.inputs(View(appraised("ferry-terminal"), "en")).markup.unescape()
    assert "4.7% from year 6; 5.2% from year 11" in page
    assert "30% of what lies above 8,200, growing 1.50% a year" in page
    page = appendix.inputs(View(appraised("waste-to-energy"), "zh")).markup.unescape()
    assert "30个月" in page and "<td class='text'>1年</td>" in page
    for file in SHORTER:
        assert not re.search(
            r"[{}]", re.sub(r"<[^>]*>", "", appendix.inputs(View(appraised(file), "en")).markup.unescape())
        )


def test_a_ratio_is_never_added_up():
    for file in FILES:
        for statement in statements(evaluated(file)):
            kinds = {each.key: each.kind for each in statement.rows}
            assert kinds.get("cover", RATIO) == RATIO
            assert kinds.get("closing", BALANCE) == BALANCE
