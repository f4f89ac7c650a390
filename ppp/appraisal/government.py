"""The government's side of the same evaluation: its spending under the PPP, and the reference project it would run itself."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.risk import expected_value
from ppp.arrays import Prices, assumed_capital, user_payments
from ppp.model.company import Company, Lines
from ppp.project import Project, Risk

RESPONSIBILITIES = ("government_equity", "operating_subsidy", "retained_risk", "supporting_input")


def government_lines(project: Project, prices: Prices, company: Company) -> Lines:
    """The four responsibilities of Cai Jin [2015] 21 and their sum, each (rows, cases), positive from the budget.

    equity = share x equity paid in; operating subsidy = the company's government payment; risk = retained share of every risk;
    supporting input = cost of support - what the company pays for it + capital grant.
    """
    _, share, _, _ = assumed_capital(project, prices)
    if project.funding is not None:
        equity, grant = company.lines["equity"], company.lines["grant"]
    else:
        equity, grant = (
            prices.building(project.assumed_funding.capital if project.assumed_funding else 0.0),
            np.zeros((prices.timeline.rows, 1)),
        )
    support = grant
    for item in project.support.values():
        support = support + prices.item(item.phase, item.cost) - prices.item(item.phase, item.paid)
    _, retained = risk_lines(project, prices)
    lines = {
        "government_equity": np.asarray(share) * equity,
        "operating_subsidy": company.lines["government_payment"],
        "retained_risk": retained,
        "supporting_input": support,
        "government_distributions": government_distributions_share(project, share)
        * company.lines.get("distributions", np.zeros((prices.timeline.rows, 1))),
    }
    lines["fiscal_spending"] = lines["government_equity"] + lines["operating_subsidy"] + retained + support
    return lines


def government_distributions_share(project: Project, equity_share) -> np.ndarray:
    """The government's share of distributions: its share of equity unless the file says otherwise, as when it waives dividends."""
    agreed = project.funding.government_distributions if project.funding else None
    return np.asarray(equity_share if agreed is None else agreed)


def comparator_lines(project: Project, prices: Prices) -> Lines:
    """The reference project's lines (rows, cases); revenue is the PPP's own users' and third-party revenue unless given."""
    comparator = project.comparator
    operating = lambda values: prices.timeline.spread("operating", values)  # noqa: E731
    if comparator.third_party_revenue is not None:
        revenue = operating(prices.profile(comparator.third_party_revenue))
    else:
        revenue = own_revenue(project, prices)
    revenue = revenue + np.zeros((prices.timeline.rows, np.size(comparator.disposal)))
    revenue[-1] = revenue[-1] + prices.at_row(comparator.disposal, -1)
    neutrality = np.zeros((prices.timeline.rows, 1))
    for item in comparator.competitive_neutrality.values():
        neutrality = neutrality + prices.item(item.phase, item.amount)
    transferred, _ = risk_lines(project, prices)
    return {
        "psc_capex": prices.building(comparator.capex),
        "psc_running": operating(prices.profile(comparator.opex) + prices.profile(comparator.lifecycle)),
        "psc_revenue": revenue,
        "neutrality": neutrality,
        "transferred_risk": transferred,
    }


def own_revenue(project: Project, prices: Prices) -> np.ndarray:
    """What users and third parties pay the project itself, (rows, cases)."""
    return prices.timeline.spread(
        "operating", user_payments(project, prices) + prices.profile(project.operation.other_revenue)
    )


def risk_lines(project: Project, prices: Prices) -> tuple[np.ndarray, np.ndarray]:
    """Expected cost of the risks that are transferred, and of those retained: two arrays (rows, cases) that add to the whole.

    A risk is valued on the reference project (on the project itself when there is none), by the same amount on both sides.
    """
    transferred = retained = np.zeros((prices.timeline.rows, 1))
    for risk in project.risks.values():
        whole = _expected_cost(risk, project, prices)
        transferred = transferred + whole * risk.transferred
        retained = retained + whole * (1.0 - np.asarray(risk.transferred))
    return transferred, retained


def expected_cost(project: Project, prices: Prices) -> np.ndarray:
    """Expected cost of all risks, whoever bears them, (rows, cases)."""
    return sum(
        (_expected_cost(risk, project, prices) for risk in project.risks.values()), np.zeros((prices.timeline.rows, 1))
    )


def _expected_cost(risk: Risk, project: Project, prices: Prices) -> np.ndarray:
    timeline = prices.timeline
    if risk.outcomes is not None:
        yearly = expected_value([o.probability for o in risk.outcomes], [o.cost for o in risk.outcomes])
        phase = "building" if risk.phase == "construction" else "operating"
        return timeline.spread(phase, yearly * prices.scale * prices.index_of[phase])
    source = project.comparator or project.operation
    if risk.phase == "construction":
        base = prices.building(project.comparator.capex if project.comparator else project.construction.capex)
    else:
        base = timeline.spread("operating", prices.profile(source.opex) + prices.profile(source.lifecycle))
    return base * np.asarray(risk.ratio)
