"""The yearly appraisal of a running contract: everything that its report says, computed once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ppp.appraisal.checks import Check
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.arrays import Prices
from ppp.contract.actuals import Outturn
from ppp.contract.change import Changed, extend, reset_index, vary
from ppp.contract.handback import Returned, handback
from ppp.contract.investment_control import Controlled, GateItem, controls, gate_sheet
from ppp.contract.outturn import Reforecast, reforecast
from ppp.contract.refinancing import Refinanced, refinance
from ppp.contract.rules import ContractRules, Line, contract_rules
from ppp.contract.signed import as_signed
from ppp.contract.special_funds import FundStand, stands
from ppp.contract.termination import Exposure, exposures
from ppp.contract.variance import Variance, variances
from ppp.project import Project
from ppp.quantities import SCALES

NOT_SOUND, ACT, WATCH, ON_COURSE = "not_sound", "act", "watch", "on_course"


@dataclass(frozen=True)
class Point:
    """Something that the report asks somebody to do or to watch; `values` fill its sentence, (kind, value) each."""

    key: str
    grave: bool
    values: dict[str, tuple[str, Any]]


@dataclass(frozen=True)
class Review:
    """base: as approved. What the file does not give is None or empty."""

    project: Project
    rules: ContractRules
    base: Evaluation
    outturn: Outturn
    reforecast: Reforecast
    variances: list[Variance]
    linked: Line | None
    funds: dict[str, list[FundStand]]
    controls: list[Controlled]
    gates: list[GateItem]
    refinanced: Refinanced | None
    changes: list[Changed]
    exposures: list[Exposure]
    handback: Returned | None
    checks: list[Check]
    points: list[Point]

    @property
    def day(self) -> dt.date:
        """The last day that the report knows of: the end of the last recorded contract year, else the day of appraisal."""
        return day_of(self.project, self.outturn)

    @property
    def complete(self) -> bool:
        """Whether every hard check passes, of the approved evaluation and of the re-forecast."""
        return all(bool(np.all(check.passed)) for check in self.checks)

    @property
    def outcome(self) -> str:
        """The answer in one word."""
        if not self.complete:
            return NOT_SOUND
        if any(point.grave for point in self.points):
            return ACT
        return WATCH if self.points else ON_COURSE

    @cached_property
    def summary(self) -> dict[str, Any]:
        from ppp.contract.summary import summary

        return summary(self)


def day_of(project: Project, outturn: Outturn) -> dt.date:
    if not outturn.records:
        return project.appraised
    timeline, record = outturn.planned.timeline, outturn.records[-1]
    if record.phase == "construction":
        months = min(12 * (record.index + 1), timeline.construction)
    else:
        months = min(timeline.construction + 12 * (record.index + 1), timeline.construction + timeline.operation)
    return timeline.date(months) - dt.timedelta(days=1)


def review(project: Project) -> Review:
    """Review a project with a section `contract`. Raises ValueError for one without."""
    if project.contract is None:
        raise ValueError("the project has no section `contract`, so there is nothing to review")
    terms, scale, rules = project.contract, SCALES[project.unit], contract_rules()
    base = evaluate(project)
    outturn = Outturn(project, base.inputs)
    found = reforecast(base, outturn)
    day = day_of(project, outturn)
    expected = (
        float(found.now.results["uses_total"][0]) if found.now.inputs.funded else float(outturn.capex_by_year().sum())
    )
    controlled, sheet = [], []
    if terms.investment_control is not None:
        controlled = controls(project, rules, day, expected)
        sheet = gate_sheet(terms.investment_control, rules)
    told = variances(outturn)
    funds = {key: stands(fund, scale) for key, fund in terms.special_funds.items()}
    checks = [*found.now.checks, _parts_add_up(told), _one_state(funds)]
    checks += [check for check in base.checks if not check.passed.all()]
    result = Review(
        project,
        rules,
        base,
        outturn,
        found,
        told,
        rules.line("performance_linked_share", project, day) if terms.performance else None,
        funds,
        controlled,
        sheet,
        _refinanced(project, found, scale),
        _changes(project, found, scale),
        exposures(base, found.now) if found.now.inputs.funded else [],
        None if terms.handback is None else handback(terms.handback, scale),
        checks,
        [],
    )
    from ppp.contract.points import points

    return Review(**{**result.__dict__, "points": points(result)})


def _parts_add_up(found: list[Variance]) -> Check:
    """Every variance's parts add up to it, in cents."""
    wrong = sum(sum(v.cents.values()) != round(v.actual * 100) - round(v.forecast * 100) for v in found)
    loose = max(
        (abs(sum(v.parts.values()) - v.total) / max(abs(v.forecast), abs(v.actual), 1.0) for v in found), default=0.0
    )
    return Check("variance_parts", np.array([wrong + loose]), 1e-9, True)


def _one_state(funds: dict[str, list[FundStand]]) -> Check:
    """The states of every fund add up to what was appropriated, in cents, and none is below nothing."""
    stands_of = [stand for found in funds.values() for stand in found]
    wrong = sum(sum(s.states.values()) != s.appropriated or min(s.states.values()) < 0 for s in stands_of)
    return Check("funds_in_one_state", np.array([float(wrong)]), 0.0, True)


def base_case_rate(found: Reforecast) -> float:
    """The base-case equity IRR; the return that shareholders ask where there is none, or several."""
    irr = float(found.base.results["equity_irr"][0])
    return irr if np.isfinite(irr) else float(found.base.inputs.equity_rate[0])


def _refinanced(project: Project, found: Reforecast, scale: float) -> Refinanced | None:
    terms = project.contract.refinancing
    if terms is None:
        return None
    inputs = as_signed(found.now.inputs)
    return refinance(inputs, terms, scale, project.funding.debt.repayment, base_case_rate(found))


def _changes(project: Project, found: Reforecast, scale: float) -> list[Changed]:
    terms, rate = project.contract, base_case_rate(found) if found.now.inputs.funded else 0.0
    inputs = as_signed(found.now.inputs)
    changes = [vary(key, inputs, variation, scale, rate) for key, variation in terms.variations.items()]
    if terms.index_reset is not None:
        changes.append(reset_index(inputs, found.base.inputs, terms.index_reset, rate))
    if terms.extension is not None:
        changes.append(extend(inputs, Prices(project), terms.extension, rate))
    return changes
