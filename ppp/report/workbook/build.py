"""The whole workbook of one evaluation, part by part in the order of computation."""

from __future__ import annotations

from collections.abc import Collection

from ppp.appraisal.evaluation import Evaluation
from ppp.report.workbook import cash, circle, government, tax
from ppp.report.workbook.checks import checks
from ppp.report.workbook.context import ROUNDS, SHEETS, Context
from ppp.report.workbook.control import heads
from ppp.report.workbook.formula import call
from ppp.report.workbook.funding import funding_lines, plain
from ppp.report.workbook.liability import liability_lines
from ppp.report.workbook.operation import operation
from ppp.report.workbook.pasted import mark_resting, paste_lines, paste_over, paste_results
from ppp.report.workbook.performance import performance_lines
from ppp.report.workbook.present_value import value_for_money
from ppp.report.workbook.results import result, returns
from ppp.report.workbook.roots import irr_results
from ppp.report.workbook.statements import debt_and_tax_lines, statements
from ppp.report.workbook.terms import place_terms, terms_of, tranche_names
from ppp.report.workbook.timing import operating_years, timing


def build(evaluation: Evaluation, lang: str, rounds: int = ROUNDS, pasted: Collection[str] = ()) -> Context:
    """rounds: of the circle; pasted: lines and results whose values stand in place of their formulas.

    Raises ValueError for an evaluation of many cases."""
    if evaluation.cases:
        raise ValueError("a workbook is of one case")
    m = Context(evaluation, lang, rounds)
    m.open("control")
    m.open("inputs", m.operating_years)
    m.open("fixed").heading(m.word("head.fixed"))
    m.given.heading(m.word("head.general"))
    _general_inputs(m)
    timing(m)
    operating_years(m)
    operation(m)
    if m.inputs_model.funded:
        _company(m)
    government.government_lines(m)
    performance_lines(m)
    liability_lines(m)
    paste_lines(m)
    value_for_money(m)
    if not m.inputs_model.funded:
        m.open("results")
    government.budget_share(m)
    _qualitative(m)
    paste_results(m)
    paste_over(m, pasted)
    checks(m)
    heads(m)
    if m.book.pasted:
        mark_resting(m)
    m.book.sheets.sort(key=lambda sheet: SHEETS.index(sheet.key))
    return m


def _general_inputs(m: Context) -> None:
    """Rates and funding come first, because many parts ask for them."""
    project = m.project
    m.rate("discounting.rate", project.discounting.rate)
    if project.discounting.equity_rate is not None:
        m.rate("discounting.equity_rate", project.discounting.equity_rate)
    if project.funding is None:
        return
    m.given.heading(m.word("head.funding"))
    m.number("funding.government_share", project.funding.government_share, "rate")
    for key in ("grant", "close_costs", "opening_cash"):
        m.number(f"funding.{key}", getattr(project.funding, key))
    for tranche, (_, section, name) in zip(m.inputs_model.tranches, tranche_names(m), strict=True):
        place_terms(m, tranche, section, name)


def _company(m: Context) -> None:
    """Debt, funding, tax, cash and statements: the circle first, then its final round on sheets of their own."""
    rows = m.timeline.rows
    for key in ("funding", "debt", "tax", "cash"):
        m.open(key, rows)
    plain(m)
    terms = [
        terms_of(m, tranche, section, name)
        for tranche, (_, section, name) in zip(m.inputs_model.tranches, tranche_names(m), strict=True)
    ]
    tax.prepare(m)
    cash.prepare(m)
    circle.before_debt(m)
    state = circle.solve(m, terms)
    sheets = {key: m.sheets[key] for key in ("debt", "funding", "tax", "cash")}
    final = circle.one_round(m, m.sheets["debt"], terms, state, sheets)
    m["state"], m["final"], m["terms"] = state, final, terms
    funding_lines(m, terms, final.sizes, final.drawn, final.reserve)
    debt_and_tax_lines(m, terms, final)
    statements(m, final)
    returns(m, terms)
    irr_results(m, m["flows"])


def _qualitative(m: Context) -> None:
    """Sum of weight x mean score; a trimmed mean leaves out the highest and the lowest."""
    if m.project.qualitative is None:
        return
    trimmed = m.rules.convention("qualitative_mean") == "trimmed"
    m.given.heading(m.word("head.qualitative"))
    sheet = m.sheets["results"]
    sheet.heading(m.word("head.qualitative"))
    cells = []
    for key, indicator in m.project.qualitative.items():
        known = m.rules.pack.indicators.get(key)
        name = known.name[m.lang] if known else key
        weight = m.given.constant(f"qualitative.{key}.weight", indicator.weight, unit="rate", label=name)
        scores = m.given.given(f"qualitative.{key}.scores", indicator.scores, unit="score", label=name)
        block = scores.span(len(indicator.scores))
        mean = _trimmed(block) if trimmed else _mean(block)
        cells.append((weight, sheet.single(f"qualitative.{key}", mean, unit="score", label=name)))
    total = None
    for weight, mean in cells:
        total = weight * mean if total is None else total + weight * mean
    result(m, sheet, "qualitative_score", total, "score")


def _mean(block):
    return call("AVERAGE", block)


def _trimmed(block):
    return (call("SUM", block) - call("MAX", block) - call("MIN", block)) / (call("COUNT", block) - 2)
