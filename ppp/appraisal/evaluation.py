"""One evaluation: every number of a project for one case or many, computed once and read by every view."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from pydantic import BaseModel

from ppp import regimes
from ppp.appraisal import affordability, checks, qualitative
from ppp.appraisal.affordability import Load
from ppp.appraisal.checks import Check
from ppp.appraisal.government import comparator_lines, government_lines
from ppp.appraisal.rates import SideRates, side_rates
from ppp.appraisal.returns import flows_of, gearing, returns
from ppp.appraisal.risk_register import Borne, register
from ppp.appraisal.value_for_money import ValueForMoney, value_for_money
from ppp.arrays import Prices, model_inputs
from ppp.contract.contract_lines import contract_lines
from ppp.contract.signed import held
from ppp.model.company import Company, Lines, TrancheLines, evaluate_company
from ppp.model.compiled import added
from ppp.model.discounting import discount_factors, net_present_value
from ppp.model.inputs import Inputs
from ppp.model.irr import Irr
from ppp.overlays import number_at
from ppp.project import Project
from ppp.quantities import SCALES
from ppp.reading import KeyPath
from ppp.regimes import Rules


@dataclass(frozen=True)
class Evaluation:
    """lines: (rows, cases) by key of lines.LINES; results: (cases,) by key of lines.RESULTS; flows: (rows, cases) by the
    key of the return that is theirs. Money in base units.

    What the inputs do not support is absent: no `vfm` without a comparator, no `load` without a district, no debt lines without
    a funding model.
    """

    project: Project
    rules: Rules
    inputs: Inputs
    lines: Lines
    results: dict[str, np.ndarray]
    irrs: dict[str, Irr]
    flows: Lines
    tranches: list[TrancheLines]
    vfm: ValueForMoney | None
    side_rates: SideRates | None
    load: Load | None
    scores: list[qualitative.Scored]
    checks: list[Check]
    alerts: list[Check]
    budget_growth: float | None = None
    cases: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def sound(self) -> np.ndarray:
        """Whether every hard check passes, (cases,)."""
        passed = np.ones(1, dtype=bool)
        for check in self.checks:
            passed = passed & check.passed
        return passed

    @property
    def factors(self) -> np.ndarray:
        """The discount factors of the PPP's side, (rows, cases); without a comparator those of the evaluation's own rate."""
        if self.side_rates is not None:
            return self.side_rates.ppp
        timing = self.rules.convention("discount_timing")
        return discount_factors(self.inputs.discount_rate, self.inputs.timeline.times, timing)

    @property
    def forecast_by_rule(self) -> bool:
        return _forecast_by_rule(self.project, self.rules)

    @property
    def summary(self) -> dict[str, Any]:
        """The whole appraisal of a base case as plain data, verdict included. Raises ValueError for an evaluation of many cases."""
        from ppp.appraisal.appraise import appraise

        if self.cases:
            raise ValueError("a summary is of one case; read `results` and `lines` for many")
        return appraise(self.project).summary


def rules_of(project: Project, conventions: dict[str, bool | str] | None = None) -> Rules:
    """The project's rule pack with its overrides of conventions, and with further ones."""
    confirmed = {key: entry.by for key, entry in project.confirmed_rules.items()}
    overrides = {**project.conventions, **(conventions or {})}
    return Rules(regimes.load(project.regime), project.appraised, overrides, confirmed)


def inputs_of(project: Project, rules: Rules, conventions: dict[str, bool | str] | None = None) -> Inputs:
    """The model's inputs; of a project that bears another's loan (a scenario or draw with `loan: held`), with that loan."""
    inputs, signed = model_inputs(project, rules), project._signed
    if signed is None or not inputs.tranches:
        return inputs
    return held(inputs, model_inputs(signed, rules_of(signed, conventions)))


def worth(project: Project, conventions: dict[str, bool | str] | None = None) -> ValueForMoney:
    """Value for money alone, of a project whose numbers may be arrays (cases,): `evaluate` without all that it does not need.

    Raises ValueError without a comparator."""
    if project.comparator is None:
        raise ValueError("value for money needs a comparator")
    rules, prices = rules_of(project, conventions), Prices(project)
    inputs = inputs_of(project, rules, conventions)
    company = evaluate_company(inputs)
    borne = register(project, prices)
    lines = company.lines | government_lines(project, prices, company, borne)
    lines |= comparator_lines(project, prices, rules, company, borne)
    return _compared(project, rules, prices, lines)[0]


def _compared(project: Project, rules: Rules, prices: Prices, lines: Lines) -> tuple[ValueForMoney, SideRates]:
    """Both sides of value for money, each discounted as the rule book says."""
    rates = side_rates(project, rules, prices, gearing(lines))
    start = rates.delayed if rules.convention("comparator_start") == "delayed" else None
    return value_for_money(lines, rates.psc, rates.ppp, start), rates


def evaluate(
    project: Project, cases: dict[str, np.ndarray] | None = None, conventions: dict[str, bool | str] | None = None
) -> Evaluation:
    """Evaluate a project; with `cases`, dotted keys of its numbers -> one value per case in the file's unit, all cases at once.

    Raises KeyError for a key that names no number and ValueError for arrays of different lengths or values that are not finite.
    """
    project = with_cases(project, cases) if cases else project
    rules = rules_of(project, conventions)
    inputs = inputs_of(project, rules, conventions)
    found = evaluate_inputs(project, rules, inputs, cases)
    return found if cases else replace(found, lines=found.lines | contract_lines(project, inputs))


def evaluate_inputs(
    project: Project, rules: Rules, inputs: Inputs, cases: dict[str, np.ndarray] | None = None
) -> Evaluation:
    """The evaluation of a project on given model inputs, such as those that hold what really happened."""
    prices = Prices(project)
    company = evaluate_company(inputs)
    borne = register(project, prices)
    lines = company.lines | government_lines(project, prices, company, borne)
    flows = flows_of(project, inputs, company.lines)
    results, irrs = returns(inputs, company.lines, flows)
    vfm = rates = None
    if project.comparator is not None:
        lines |= comparator_lines(project, prices, rules, company, borne)
        vfm, rates = _compared(project, rules, prices, lines)
        results |= {"psc": vfm.psc, "ppp_value": vfm.ppp_value, "vfm_amount": vfm.amount, "vfm_index": vfm.index}
    load, growth = _load(project, rules, inputs, lines)
    results["fiscal_total"] = lines["fiscal_spending"].sum(axis=0)
    if load is not None:
        results |= {"share_peak": load.share.max(axis=0), "share_peak_alone": load.share_alone.max(axis=0)}
    scores: list[qualitative.Scored] = []
    if project.qualitative is not None:
        weights = {key: entry.weight for key, entry in project.qualitative.items()}
        given = {key: entry.scores for key, entry in project.qualitative.items()}
        total, scores = qualitative.score(weights, given, rules.convention("qualitative_mean"))
        results["qualitative_score"] = np.array([total])
    evaluation = Evaluation(
        project,
        rules,
        inputs,
        lines,
        results,
        irrs,
        flows,
        company.tranches,
        vfm,
        rates,
        load,
        scores,
        [],
        checks.alerts(inputs, company),
        growth,
        cases or {},
    )
    return replace(evaluation, checks=_checks(evaluation, company, borne))


def with_cases(project: Project, cases: dict[str, np.ndarray]) -> Project:
    """The project with arrays (cases,) in place of some of its numbers."""
    arrays = {key: np.asarray(values, dtype=float) for key, values in cases.items()}
    if len({array.shape for array in arrays.values()}) > 1 or any(array.ndim != 1 for array in arrays.values()):
        raise ValueError(
            "cases must be one-dimensional arrays of one length: "
            + ", ".join(f"{k} {a.shape}" for k, a in arrays.items())
        )
    for key, array in arrays.items():
        if array.size == 0 or not np.isfinite(array).all():
            raise ValueError(f"cases of {key} hold no values, or values that are not finite")
        project = replaced(project, number_at(project, key)[0], array)
    return project


def replaced(node, path: KeyPath, array: np.ndarray):
    """A project, or a part of one, with an array (cases,) at a path of keys."""
    head, *rest = path
    child = getattr(node, head) if isinstance(node, BaseModel) else node[head]
    new = replaced(child, rest, array) if rest else array
    if isinstance(node, list):
        return [*node[:head], new, *node[head + 1 :]]
    return {**node, head: new} if isinstance(node, dict) else node.model_copy(update={head: new})


def _forecast_by_rule(project: Project, rules: Rules) -> bool:
    """Whether the budget's forecast hangs on the pack's number of past years."""
    return project.budget is not None and (
        project.budget.growth is None or rules.convention("budget_base") == "average"
    )


def _load(project: Project, rules: Rules, inputs: Inputs, lines: Lines) -> tuple[Load | None, float | None]:
    district = project.budget
    if district is None or "affordability" not in rules.pack.tests:
        return None, None
    scale = SCALES[district.unit]
    years = inputs.timeline.calendar_years
    known = {entry.year: entry.expenditure * scale for entry in district.budget}
    averaged = int(rules.value("budget_growth_years")) if _forecast_by_rule(project, rules) else 1
    growth = district.growth
    if growth is None:
        growth = affordability.average_growth([known[y] for y in sorted(known)], averaged)
    budget = affordability.forecast_budget(known, growth, rules.convention("budget_base"), averaged, years)
    existing = np.zeros((years.size, 1))
    for commitment in district.commitments.values():
        for offset, amount in enumerate(commitment.spending):
            index = commitment.from_year + offset - years[0]
            if 0 <= index < years.size:
                existing[index] += amount * scale
    own = inputs.timeline.by_calendar_year(lines["fiscal_spending"])
    return Load(years, budget, existing, own, known[max(known)]), growth


def _checks(evaluation: Evaluation, company: Company, borne: list[Borne]) -> list[Check]:
    project, inputs, lines = evaluation.project, evaluation.inputs, evaluation.lines
    booked = lines["operating_subsidy"].sum(axis=0)
    private = 0.0
    if inputs.funded:
        private = (1.0 - np.asarray(project.funding.government_share)) * lines["equity"].sum(axis=0)
    mirror = {**lines, "booked_subsidy": booked, "private_equity": np.asarray(private)}
    found = checks.hard_checks(inputs, company, mirror, evaluation.irrs)
    if evaluation.vfm is not None:
        whole = added([risk.government for risk in borne], np.zeros((inputs.timeline.rows, 1)))
        found.append(checks.risk_check(whole, lines["transferred_risk"], lines["retained_risk"]))
    if evaluation.load is not None:
        found.append(checks.budget_check(evaluation.load.own, lines["fiscal_spending"]))
    if inputs.funded and company.lines["equity_flow"].shape[1] == 1 and not evaluation.cases:
        flow = evaluation.flows["project_irr"]
        npv = net_present_value(inputs.discount_rate, flow, inputs.timeline.times)
        found += checks.second_opinion(
            inputs.timeline, flow[:, 0], float(inputs.discount_rate[0]), float(npv[0]), evaluation.irrs["project_irr"]
        )
    return found
