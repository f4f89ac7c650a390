"""A review as plain data, money in base units and rates as fractions: what summary.json holds."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from ppp import __version__
from ppp.contract.review import Review
from ppp.contract.special_funds import CENTS
from ppp.loading import input_hash

RESULTS = (
    "equity_irr",
    "project_irr",
    "dscr_min",
    "dscr_average",
    "llcr",
    "uses_total",
    "debt",
    "equity_total",
    "fiscal_total",
)


def summary(review: Review) -> dict[str, Any]:
    project, found = review.project, review.reforecast
    return {
        "format": 1,
        "kind": "appraisal",
        "ppp": __version__,
        "id": project.id,
        "name": project.name,
        "status": project.status,
        "currency": project.currency,
        "input_hash": input_hash(project),
        "scenario": "base" if project._origin.scenario is None else project._origin.scenario,
        "day": review.day.isoformat(),
        "outcome": review.outcome,
        "complete": review.complete,
        "points": [
            {"key": p.key, "grave": p.grave, **{k: _plain(v) for k, (_, v) in p.values.items()}} for p in review.points
        ],
        "checks": [{"check": c.key, "passed": bool(c.passed.all())} for c in review.checks],
        "approved": _results(found.base),
        "now": _results(found.now),
        "without_deductions": _results(found.whole),
        "value_for_money": {"psc_frozen": found.psc, "ppp_value": found.ppp_value, "amount": found.vfm_amount},
        "fiscal_spending": _spending(review),
        "performance": _performance(review),
        "variances": [{**asdict(v), "total": v.total, "cents": v.cents} for v in review.variances],
        "special_funds": _funds(review),
        "investment_control": [
            {"key": c.key, "state": c.state, "amount": c.amount, "allowed": c.allowed} for c in review.controls
        ],
        "gates": [
            {"gate": g.gate.gate, "item": g.item, "there": g.there, "due": g.due, "missing": g.missing}
            for g in review.gates
        ],
        "refinancing": _refinancing(review),
        "changes": [{k: _plain(v) for k, v in asdict(c).items()} for c in review.changes],
        "termination": {
            e.cause: {"years": e.years.tolist(), "total": [_plain(v) for v in e.total]} for e in review.exposures
        },
        "handback": _handback(review),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _results(evaluation) -> dict[str, float | None]:
    return {key: _plain(evaluation.results[key][0]) for key in RESULTS if key in evaluation.results}


def _spending(review: Review) -> dict[str, list]:
    timeline = review.base.inputs.timeline
    approved, now = review.base.lines["fiscal_spending"], review.reforecast.lines["fiscal_spending"]
    return {
        "years": timeline.calendar_years.tolist(),
        "approved": timeline.by_calendar_year(approved)[:, 0].tolist(),
        "now": timeline.by_calendar_year(now)[:, 0].tolist(),
    }


def _performance(review: Review) -> dict[str, Any] | None:
    settled = review.outturn.settlement
    if review.project.contract.performance is None:
        return None
    operating = settled.years.years[settled.years.building :]
    rows = range(operating.size)
    return {
        "scores": [asdict(scored) for scored in settled.scores],
        "years": [
            {
                "year": int(operating[k]),
                "share": float(settled.share[k]),
                "deduction": float(settled.deduction[k]),
                "entitled": float(settled.entitled[k]),
                "due": float(settled.due[k]),
            }
            for k in rows
            if settled.scored[k] or settled.deduction[k]
        ],
    }


def _funds(review: Review) -> dict[str, list]:
    return {
        key: [
            {
                "year": s.year,
                "appropriated": s.appropriated / CENTS,
                **{state: cents / CENTS for state, cents in s.states.items()},
                "overdue": s.overdue / CENTS,
                "advised": None if s.advised is None else s.advised / CENTS,
            }
            for s in found
        ]
        for key, found in review.funds.items()
    }


def _refinancing(review: Review) -> dict[str, Any] | None:
    found = review.refinanced
    if found is None:
        return None
    keys = ("owed", "amount", "rate", "gain", "shared", "cut", "dscr_before", "dscr_after")
    return {key: _plain(getattr(found, key)) for key in keys}


def _handback(review: Review) -> dict[str, Any] | None:
    found = review.handback
    return None if found is None else {"states": found.states, "cost": found.cost, "uncovered": found.uncovered}
