"""The machine-readable result: plain data, money in the currency's base unit, rates as fractions, no rounding."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

import ppp
from ppp.appraisal.budget_years import by_budget_year, contingent_terms, standing
from ppp.appraisal.comparison_summary import comparison_summary
from ppp.appraisal.compliance import answers
from ppp.appraisal.debt_terms import lowest_cover_date, tranche_terms
from ppp.appraisal.plain_data import number_or_none
from ppp.appraisal.qualitative import by_expert
from ppp.appraisal.simulation_summary import draws_summary
from ppp.loading import input_hash
from ppp.model.irr import NONE, SEVERAL

if TYPE_CHECKING:
    from ppp.appraisal.appraise import Appraisal
    from ppp.appraisal.attribution import Part
    from ppp.appraisal.checks import Check
    from ppp.appraisal.critique import Critique
    from ppp.appraisal.verdict import Reason


def summary(appraisal: Appraisal) -> dict[str, Any]:
    """What reports print and programs read. Keys of `results` and `lines` are those of ppp.lines; absent means not computed,
    null means that the figure does not exist (an IRR without a root, the cover of a debt-free project)."""
    evaluation, verdict, project = appraisal.evaluation, appraisal.verdict, appraisal.project
    timeline = evaluation.inputs.timeline
    return {
        "format": 1,
        "id": project.id,
        "name": project.name,
        "status": project.status,
        "sector": project.sector,
        "payment": project.payment.kind,
        "regime": project.regime,
        "district": project.budget.id if project.budget else None,
        "scenario": project._origin.scenario or "base",
        "currency": project.currency,
        "input_hash": input_hash(project),
        "version": ppp.__version__,
        "complete": appraisal.complete,
        "verdict": {
            "outcome": verdict.outcome,
            "tests": [
                {
                    "test": test.key,
                    "passed": test.passed,
                    "informs": test.informs,
                    "measured": _pair(test.measured),
                    "limit": _pair(test.limit),
                    "margin": _pair(test.margin),
                    "rules": list(test.rules),
                }
                for test in verdict.tests
            ],
            "reasons": [_reason(reason) for reason in verdict.reasons],
            "reservations": [_reason(reason) for reason in verdict.reservations],
            "cures": [_reason(reason) for reason in verdict.cures],
        },
        "results": {key: number_or_none(values[0]) for key, values in evaluation.results.items()},
        "dscr_min_date": _date(lowest_cover_date(evaluation)),
        "tranches": [
            {
                "tranche": terms.name,
                "rank": terms.rank,
                "size": number_or_none(terms.size),
                "binding": terms.binding,
                "rates": [{"from_year": year, "rate": rate} for year, rate in terms.rates],
                "tenor_months": terms.tenor,
                "grace_months": terms.grace,
                "repayment": terms.repayment,
                "first_repayment": _date(terms.first),
                "last_repayment": _date(terms.last),
                "interest": number_or_none(terms.interest),
                "prepaid": number_or_none(terms.prepaid),
            }
            for terms in tranche_terms(evaluation)
        ],
        "irr": {
            key: {
                "state": {NONE: "none", SEVERAL: "several"}.get(int(found.state[0]), "unique"),
                "roots": [float(r) for r in found.roots_of(0)],
            }
            for key, found in evaluation.irrs.items()
        },
        "value_for_money": None
        if evaluation.vfm is None
        else {
            side: {key: number_or_none(worth[0]) for key, worth in parts.items()}
            for side, parts in (("psc", evaluation.vfm.psc_parts), ("ppp", evaluation.vfm.ppp_parts))
        },
        "comparison": comparison_summary(appraisal),
        "periods": {
            "ends": [end.isoformat() for end in timeline.ends],
            "months": [int(months) for months in timeline.months],
            "budget_years": [int(year) for year in timeline.budget_years],
            "construction_months": timeline.construction,
            "operation_months": timeline.operation,
        },
        "lines": {key: [number_or_none(value) for value in values[:, 0]] for key, values in evaluation.lines.items()},
        "standing": standing(evaluation),
        "contingent": contingent_terms(project),
        "budget_years": by_budget_year(evaluation),
        "affordability": _load(appraisal),
        "qualitative": [
            {
                "indicator": s.key,
                "weight": s.weight,
                "mean": s.mean,
                "plain": s.plain,
                "trimmed": number_or_none(s.trimmed),
                "lowest": s.lowest,
                "highest": s.highest,
                "deviation": number_or_none(s.deviation),
            }
            for s in evaluation.scores
        ],
        "experts": by_expert(evaluation.scores) if evaluation.scores else [],
        "checks": [_check(check) for check in evaluation.checks],
        "alerts": [_check(check) for check in evaluation.alerts],
        "rules": [
            vars(applied) | {"valid_from": applied.valid_from.isoformat(), "valid_to": _day(applied.valid_to)}
            for applied in evaluation.rules.used.values()
        ],
        "compliance": answers(project, evaluation.rules),
        "conventions": {
            key: {"choice": evaluation.rules.convention(key), "changed": key in project.conventions}
            for key in evaluation.rules.pack.conventions
        },
        **(_critique(appraisal.critique) if appraisal.critique is not None else {}),
        "draws": draws_summary(appraisal),
        "alternatives": [
            {
                "convention": a.convention,
                "choice": a.choice,
                "vfm_amount": a.vfm,
                "share_peak": a.share_peak,
                "failing": a.failing,
            }
            for a in appraisal.alternatives
        ],
        "published": [
            {
                "what": f.figure.line or f.figure.result,
                "year": f.figure.year,
                "scenario": f.figure.scenario,
                "printed": f.figure.printed,
                "recomputed": f.figure.recomputed,
                "computed": number_or_none(f.computed),
                "agrees": f.agrees,
            }
            for f in appraisal.printed
        ],
    }


def _critique(answer: Critique) -> dict[str, Any]:
    """What drives value for money, where it flips, and how far it can be trusted; switching values in the inputs' own units."""
    shared, stated, paid = answer.attribution, answer.supported, answer.subsidy
    return {
        "attribution": None
        if shared is None
        else {
            "parts": {part.driver: _part(part) for part in shared.parts},
            "given_discounting": {part.driver: _part(part) for part in shared.given_discounting},
            "undiscounted": shared.undiscounted,
        },
        "switching_values": {
            each.key: {
                "base": each.base,
                "searched": list(each.searched),
                "plausible": None if each.plausible is None else list(each.plausible),
                "values": each.values,
                "plausible_values": None if each.plausible is None else each.within(*each.plausible),
                "jumps": each.jumps,
                "zero_from_to": [list(stretch) for stretch in each.flat],
            }
            for each in answer.switching
        },
        "rule_books": [
            {
                "regime": book.pack,
                "rules_of": book.day.isoformat(),
                "own": book.own,
                "lacks": book.lacks,
                "unusable": book.unusable,
                "not_judged": list(book.not_judged),
                "vfm_amount": book.vfm,
                "share_peak": book.share_peak,
                "passed": list(book.passed),
                "failing": list(book.failing),
            }
            for book in answer.rule_books
        ],
        "scenarios_failing": answer.scenarios,
        "subsidy": None if paid is None else dict(vars(paid)),
        "supported": None if stated is None else {**vars(stated), "by": answer.by},
    }


def _part(part: Part) -> dict[str, float]:
    return {"value": part.value, "low": part.low, "high": part.high}


def _date(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _load(appraisal: Appraisal) -> dict[str, Any] | None:
    load = appraisal.evaluation.load
    if load is None:
        return None
    columns = {
        "budget": load.budget,
        "existing": load.existing,
        "own": load.own,
        "share": load.share,
        "share_alone": load.share_alone,
    }
    return {
        "years": [int(y) for y in load.years],
        **{key: [number_or_none(v) for v in column[:, 0]] for key, column in columns.items()},
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "check": check.key,
        "passed": bool(np.all(check.passed)),
        "error": number_or_none(np.max(check.error)),
        "tolerance": check.tolerance,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"reason": reason.key, "values": {name: _plain(value) for name, (_, value) in reason.values.items()}}


def _pair(pair: tuple[str, float] | None) -> dict[str, Any] | None:
    return None if pair is None else {"unit": pair[0], "value": number_or_none(pair[1])}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return number_or_none(value) if isinstance(value, float | np.floating) else value


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
