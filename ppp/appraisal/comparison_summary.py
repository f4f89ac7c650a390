"""The comparison as plain data for summary.json: money in the currency's base unit, present values."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ppp.appraisal.bids import ranked
from ppp.appraisal.plain_data import number_or_none
from ppp.appraisal.risk_register import counted_again, likelihood

if TYPE_CHECKING:
    from ppp.appraisal.appraise import Appraisal


def comparison_summary(appraisal: Appraisal) -> dict[str, Any] | None:
    """Rates, risks, range, delayed comparator, drivers, return of indifference, routes and bids; None without a comparator."""
    found, rates, project = appraisal.comparison, appraisal.evaluation.side_rates, appraisal.project
    if found is None:
        return None
    before, after = ranked(found.bids, "as_bid"), ranked(found.bids, "levelled")
    method = rates.method
    solved = found.indifference
    return {
        "discount_method": method,
        "psc_rate": float(rates.psc_rate[0]),
        "ppp_rate": float(rates.ppp_rate[0]),
        "adjustments": found.adjustments,
        "neutrality": found.neutrality,
        "risks": [
            {
                **asdict(risk),
                "likelihood": likelihood(project.risks[risk.key]),
                "counted_again_in": counted_again(project.risks[risk.key], project, method),
            }
            for risk in found.risks
        ],
        "psc_range": None if found.range is None else asdict(found.range),
        "delayed": None
        if found.delayed is None
        else {"psc": float(found.delayed.psc[0]), "vfm_amount": float(found.delayed.amount[0])},
        "drivers": found.drivers,
        "indifference": None if solved is None else {**asdict(solved), "equity_irr": number_or_none(solved.equity_irr)},
        "routes": [{**asdict(route), "total": route.total} for route in found.routes],
        "bids": [
            {**asdict(bid), "levelled": bid.levelled, "rank_as_bid": before[bid.key], "rank_levelled": after[bid.key]}
            for bid in found.bids
        ],
    }
