"""The draws of an appraisal as plain data: settings, probabilities, quantiles with their errors, drivers, worst draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ppp.appraisal.plain_data import number_or_none
from ppp.appraisal.simulation import QUANTILES, Estimate, Simulation
from ppp.lines import RESULTS

if TYPE_CHECKING:
    from ppp.appraisal.appraise import Appraisal
    from ppp.appraisal.importance import Drivers

LEADING = (
    "vfm_amount",
    "equity_npv",
    "project_irr",
    "share_peak",
)  # the first of these that a file has is what its drivers are of
WORST = ("vfm_amount", "dscr_min", "equity_npv", "share_peak")


def leading(simulation: Simulation) -> str:
    """The result that matters most in this project."""
    return next(key for key in (*LEADING, *simulation.results) if key in simulation.results)


def draws_summary(appraisal: Appraisal) -> dict[str, Any] | None:
    """None where nothing was drawn. Money in base units; null where a figure does not exist."""
    drawn = appraisal.simulation
    if drawn is None:
        return None
    plan = drawn.plan
    shares = {key: [drawn.quantile(key, share) for share in QUANTILES] for key in drawn.results}
    vfm = (
        None
        if drawn.vfm is None
        else {f"p{100 * q:.0f}": e.value for q, e in zip(QUANTILES, shares["vfm_amount"], strict=True)}
    )
    return {
        "count": drawn.draws,
        "points": plan.points,
        "scrambles": drawn.scrambles,
        "sampling": plan.terms.sampling,
        "loan": drawn.loan,
        "risks": plan.terms.risks,
        "covenant": drawn.covenant,
        "failing": drawn.failing,
        "ppp_cheaper": None if drawn.vfm is None else drawn.probability("ppp_cheaper").value,
        "vfm_amount": vfm,
        "inputs": [
            {
                "name": r.name,
                "moves": list(r.keys),
                "how": r.how,
                **{f"p{100 * q:.0f}": float(r.quantile(q)) for q in QUANTILES},
            }
            for r in plan.randoms
        ],
        "correlations": [{"between": list(c.between), "rank": c.rank} for c in plan.terms.correlations],
        "probabilities": {event: _estimate(drawn.probability(event)) for event in drawn.events},
        "results": {
            key: {
                "unit": RESULTS[key].unit,
                "mean": _estimate(drawn.mean(key)),
                **{f"p{100 * q:.0f}": _estimate(e) for q, e in zip(QUANTILES, shares[key], strict=True)},
                "undefined": drawn.undefined(key),
            }
            for key in drawn.results
        },
        "drivers": {key: _drivers(found) for key, found in appraisal.drivers.items()},
        "worst": {
            key: [{"draw": number, "value": number_or_none(drawn.results[key][number])} for number in drawn.worst(key)]
            for key in WORST
            if key in drawn.results
        },
    }


def _drivers(found: Drivers) -> dict[str, Any]:
    return {
        "measure": found.measure,
        "why": found.why,
        "ranked": found.ranked,
        "alone": {name: _estimate(share) for name, share in found.alone.items()},
        "total": {name: _estimate(share) for name, share in found.total.items()},
        "rank_correlation": {name: number_or_none(value) for name, value in found.rank.items()},
    }


def _estimate(estimate: Estimate) -> dict[str, float | None]:
    return {"value": number_or_none(estimate.value), "error": number_or_none(estimate.error)}
