"""The machine-readable result: plain data, money in the currency's base unit, rates as fractions, no rounding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import ppp
from ppp.appraisal.budget_years import by_budget_year, standing
from ppp.loading import input_hash
from ppp.model.irr import NONE, SEVERAL

if TYPE_CHECKING:
    from ppp.appraisal.appraise import Appraisal
    from ppp.appraisal.checks import Check
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
        "results": {key: _number(values[0]) for key, values in evaluation.results.items()},
        "tranches": [
            {
                "tranche": tranche.name,
                "rank": tranche.rank,
                "size": _number(tranche.size[0]),
                "binding": str(tranche.binding[0]),
            }
            for tranche in evaluation.tranches
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
            side: {key: _number(worth[0]) for key, worth in parts.items()}
            for side, parts in (("psc", evaluation.vfm.psc_parts), ("ppp", evaluation.vfm.ppp_parts))
        },
        "periods": {
            "ends": [end.isoformat() for end in timeline.ends],
            "months": [int(months) for months in timeline.months],
            "budget_years": [int(year) for year in timeline.budget_years],
            "construction_months": timeline.construction,
            "operation_months": timeline.operation,
        },
        "lines": {key: [_number(value) for value in values[:, 0]] for key, values in evaluation.lines.items()},
        "standing": standing(evaluation),
        "budget_years": by_budget_year(evaluation),
        "affordability": _load(appraisal),
        "qualitative": [
            {"indicator": s.key, "weight": s.weight, "mean": s.mean, "lowest": s.lowest, "highest": s.highest}
            for s in evaluation.scores
        ],
        "checks": [_check(check) for check in evaluation.checks],
        "alerts": [_check(check) for check in evaluation.alerts],
        "rules": [
            vars(applied) | {"valid_from": applied.valid_from.isoformat()} for applied in evaluation.rules.used.values()
        ],
        "conventions": {
            key: {"choice": evaluation.rules.convention(key), "changed": key in project.conventions}
            for key in evaluation.rules.pack.conventions
        },
        "switching_values": {
            response.key: [float(v) for v in response.switches] for response in [*appraisal.rates, *appraisal.ranges]
        },
        "draws": _draws(appraisal),
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
                "computed": _number(f.computed),
                "agrees": f.agrees,
            }
            for f in appraisal.printed
        ],
    }


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
        **{key: [_number(v) for v in column[:, 0]] for key, column in columns.items()},
    }


def _draws(appraisal: Appraisal) -> dict[str, Any] | None:
    drawn = appraisal.simulation
    if drawn is None:
        return None
    quantiles = None if drawn.vfm is None else {f"p{q}": float(np.percentile(drawn.vfm, q)) for q in (5, 50, 95)}
    cheaper = None if drawn.vfm is None else float(np.mean(drawn.vfm >= 0))
    return {"count": drawn.draws, "failing": drawn.failing, "ppp_cheaper": cheaper, "vfm_amount": quantiles}


def _check(check: Check) -> dict[str, Any]:
    return {
        "check": check.key,
        "passed": bool(np.all(check.passed)),
        "error": _number(np.max(check.error)),
        "tolerance": check.tolerance,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"reason": reason.key, "values": {name: _plain(value) for name, (_, value) in reason.values.items()}}


def _pair(pair: tuple[str, float] | None) -> dict[str, Any] | None:
    return None if pair is None else {"unit": pair[0], "value": _number(pair[1])}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _number(value) if isinstance(value, float | np.floating) else value


def _number(value: Any) -> float | None:
    value = float(value)
    return value if math.isfinite(value) else None
