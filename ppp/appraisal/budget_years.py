"""A project's figures by budget year: the part of a result that a district adds up, and that summary.json stores."""

from __future__ import annotations

from typing import Any

from ppp.appraisal.criteria import counts_as_government_pay, is_spared, user_share
from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.government import RESPONSIBILITIES
from ppp.contingent_terms import written
from ppp.lines import LINES
from ppp.model.inputs import Guarantee
from ppp.project import Project

GOVERNMENT = (*RESPONSIBILITIES, "fiscal_spending", "government_distributions")
BUILT = ("capex", "uses", "grant", "equity", "debt_drawn", "shareholder_loan_drawn")
EARNED = (
    "user_payments",
    "government_payment",
    "revenue",
    "opex",
    "lifecycle",
    "ebitda",
    "depreciation",
    "interest",
    "tax",
)
RECEIVED = ("net_profit", "cfads", "debt_service", "prepayment", "distributions", "equity_flow")
BALANCES = ("debt_closing", "shareholder_loan_closing", "cash", "debt_service_reserve", "maintenance_reserve")
KEYS = (*GOVERNMENT, *BUILT, *EARNED, *RECEIVED, *BALANCES)


def by_budget_year(evaluation: Evaluation) -> dict[str, list]:
    """`years`, every year from the first row's to the last row's; flows added up over the rows whose budget year it is, balances as
    they stand at the end of that year; `minimum_revenue` where the contract guarantees one. Base units, of the first
    case; lines that were not computed are absent."""
    timeline, lines = evaluation.inputs.timeline, evaluation.lines
    found: dict[str, list] = {"years": [int(year) for year in timeline.calendar_years]}
    for key in KEYS:
        if key in lines:
            found[key] = _listed(timeline.by_calendar_year(lines[key][:, :1], LINES[key].balance))
    payment = evaluation.inputs.payment
    if isinstance(payment, Guarantee) and payment.minimum is not None:
        floor = timeline.spread("operating", payment.minimum[:, :1])
        found["minimum_revenue"] = _listed(timeline.by_calendar_year(floor))
    return found


def _listed(column) -> list[float]:
    return [float(value) for value in column[:, 0]]


def standing(evaluation: Evaluation) -> dict[str, Any]:
    """What the district's tests ask about a project's kind: whether it counts as government-pay, is spared the line for new ones,
    the users' share of revenue (None without revenue), and the government's share of the equity."""
    project = evaluation.project
    funding = project.funding or project.assumed_funding
    has_revenue = float(evaluation.lines["revenue"][:, 0].sum()) > 0.0
    return {
        "government_pay": bool(counts_as_government_pay(evaluation)[0]),
        "spared": is_spared(evaluation),
        "user_share": float(user_share(evaluation)[0]) if has_revenue else None,
        "government_share": float(funding.government_share) if funding is not None else 0.0,
    }


def contingent_terms(project: Project) -> dict[str, Any] | None:
    """Guarantees and termination sums as the file states them; with the rows by budget year, all that a district draws calls from."""
    return None if project.contingent is None else written(project.contingent)
