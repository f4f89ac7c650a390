"""The district's result as plain data: money in the currency's base unit, rates as fractions, no rounding but to the cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import ppp
from ppp.portfolio.breakdown import by_account, by_year, in_cents
from ppp.portfolio.files import portfolio_hash
from ppp.portfolio.ledger import CENTS
from ppp.portfolio.liabilities import CASES

if TYPE_CHECKING:
    from ppp.portfolio.study import Study


def summary(study: Study) -> dict[str, Any]:
    """What the report prints and programs read; a part that the file does not support is null."""
    district = study.district
    return {
        "format": 1,
        "kind": "district",
        "id": district.id,
        "name": district.name,
        "status": district.status,
        "regime": district.regime,
        "currency": district.currency,
        "input_hash": portfolio_hash(study.portfolio),
        "version": ppp.__version__,
        "complete": study.complete,
        "outcome": study.outcome,
        "years": [int(year) for year in study.years],
        "forecast_years": [int(year) for year in study.ahead],
        "budgets": {key: _row(row) for key, row in study.budgets.columns.items()},
        "growth": {key: {"rate": rate, "by_hand": by_hand} for key, (rate, by_hand) in study.budgets.growth.items()},
        "commitments": {key: _row(row) for key, row in study.promised.items()},
        "spending": _row(study.spending),
        "share": _row(study.share),
        "decided_spending": _row(study.decided),
        "decided_lines": [
            {"line": x.key, "limit": x.limit, "first_year_above": x.first, "years_above": x.count}
            for x in study.decided_lines
        ],
        "level_equivalent": study.level,
        "projects": [_project(study, member) for member in study.members],
        "stored": _stored(study),
        "responsibilities": _by(study, lambda sector, kind: kind),
        "sectors": _by(study, lambda sector, kind: sector),
        "sector_balance": [
            {"sector": x.key, "projects": _row(x.projects), "existing": _row(x.existing), "limit": x.limit}
            for x in study.sectors
        ],
        "accounts": [
            {
                "function": a.function.code,
                "economic": a.economic.code,
                "total": a.cents / CENTS,
                "spending": [a.by_year.get(int(year), 0) / CENTS for year in study.years],
            }
            for a in by_account(study.cells, study.portfolio.stored, study.accounts)
        ],
        "lines": [
            {
                "line": x.key,
                "limit": x.limit,
                "first_year_above": x.first,
                "years_above": x.count,
                "headroom": _row(x.headroom),
            }
            for x in study.lines
        ],
        "largest_further_project": [
            {"line": x.line, "beside": x.beside, "paid_from": x.start, **vars(room)}
            for x in study.spaces
            for room in x.rooms
        ],
        "user_pay": [vars(test) for test in study.user_pay],
        "contingent": _contingent(study),
        "statements": _statements(study),
        "debt_risk": _debt_risk(study),
        "stress": [
            {
                "shock": x.shock.key,
                "peak_share": x.peak,
                "crossed": x.crossed,
                "grade": x.standing.gravest.grade if x.standing.gravest else None,
            }
            for x in study.stressed
        ],
        "plan": _plan(study),
        "checks": [
            {"check": c.key, "passed": c.passed, "error": c.error, "tolerance": c.tolerance} for c in study.checks
        ],
        "rules": [
            vars(applied)
            | {
                "valid_from": applied.valid_from.isoformat(),
                "valid_to": applied.valid_to and applied.valid_to.isoformat(),
            }
            for applied in study.rules.used.values()
        ],
    }


def _by(study: Study, of) -> dict[str, list[float]]:
    found = by_year(study.cells, study.portfolio.stored, study.years, of)
    return {name: _row(row) for name, row in found.items()}


def _project(study: Study, member) -> dict[str, Any]:
    spending = in_cents(study.cells, study.years, member.id)
    return {
        "id": member.id,
        "name": member.name,
        "sector": member.sector,
        "payment": member.payment,
        "stage": member.listed.stage,
        "input_hash": study.portfolio.records[member.id]["input_hash"],
        "vfm_amount": member.results.get("vfm_amount"),
        "total": float(spending.sum()),
        "spending": _row(spending),
    }


def _stored(study: Study) -> dict[str, Any] | None:
    stored = study.portfolio.stored
    if stored is None:
        return None
    return {
        "count": stored.count,
        "with_contingent_terms": len(stored.exposed),
        "total": sum(stored.cents.values()) / CENTS,
        "vfm_total": stored.vfm_total,
        "largest": [{"id": key, "name": name, "total": cents / CENTS} for key, name, cents in stored.largest],
        "below_user_share": [{"id": key, "share": share} for key, share in stored.below_user_share],
    }


def _contingent(study: Study) -> dict[str, Any] | None:
    found = study.simulated
    if found is None:
        return None
    names = ("expected", "quantile_95", "tail_mean")
    rows = (found.total.expected, found.total.quantile, found.total.tail)
    return {
        "draws": found.draws,
        "by_year": {name: _row(row) for name, row in zip(names, rows, strict=True)},
        "present_value": dict(zip(names, found.total.worth, strict=True)),
        "standard_error": found.standard_error,
        "revenue_in_worst_draws": found.revenue_in_tail,
        "sources": [
            {
                "of": s.exposure,
                "contracts": s.count,
                "kind": s.key,
                "expected": _row(s.expected),
                "present_value": s.worth,
                "likelihood": s.likelihood,
                "present_value_if_called": s.worth_if_called,
            }
            for s in found.sources
        ],
    }


def _statements(study: Study) -> dict[str, Any] | None:
    found = study.statements
    if found is None:
        return None
    parts = {"income": found.income, "cash": found.cash, "balance": found.balance}
    return {
        part: {key: {case: _row(values[:, i]) for i, case in enumerate(CASES)} for key, values in statement.items()}
        for part, statement in parts.items()
    }


def _debt_risk(study: Study) -> dict[str, Any] | None:
    found = study.standing
    if found is None:
        return None
    return {
        "pack": study.pack.id,
        "ratio": _row(found.ratio),
        "colours": found.colours,
        "interest_share_general": _row(found.interest_share_general),
        "interest_share_special": _row(found.interest_share_special),
        "unpaid": _row(found.unpaid),
        "grades": [grade.grade if grade else None for grade in found.grades],
    }


def _plan(study: Study) -> dict[str, Any] | None:
    found = study.scheduled
    if found is None:
        return None
    clash = found.conflict
    return {
        "state": found.solution.state,
        "value": found.solution.value,
        "gap": found.solution.gap if np.isfinite(found.solution.gap) else None,
        "choices": [
            {"id": c.member.id, "start": c.start, "delay": c.delay, "size": c.size, "value": c.value}
            for c in found.choices
        ],
        "spending": _row(found.spending),
        "all_at_own_dates": found.own_dates,
        "binding_years": None if found.binding is None else [vars(year) for year in found.binding],
        "gain_without_limits": found.gain,
        "gain_without_other_rules": found.others,
        "wished": list(found.wished),
        "conflict": None
        if clash is None
        else {
            "projects": list(clash.projects),
            "rules": [[kind, _plain(what)] for kind, what in clash.rules],
            "lift": None if clash.lift is None else [[kind, _plain(what)] for kind, what in clash.lift],
        },
    }


def _plain(what: object) -> object:
    return list(what) if isinstance(what, tuple) else what


def _row(values: np.ndarray) -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in values]
