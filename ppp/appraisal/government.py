"""The government's side of the same evaluation: its spending under the PPP, and the reference project it would run itself."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.risk import residual_bias
from ppp.appraisal.risk_register import Borne, phase_cost
from ppp.arrays import Prices, assumed_capital, user_payments
from ppp.model.company import Company, Lines
from ppp.model.compiled import added
from ppp.project import Project
from ppp.regimes import Rules

RESPONSIBILITIES = ("government_equity", "operating_subsidy", "retained_risk", "supporting_input")


def government_lines(project: Project, prices: Prices, company: Company, borne: list[Borne]) -> Lines:
    """The four responsibilities of Cai Jin [2015] 21 and their sum, each (rows, cases), positive from the budget.

    equity = share x equity paid in; operating subsidy = the company's government payment; risk = retained share of every risk;
    supporting input = cost of support - what the company pays for it + capital grant. borne: the risks, from register.
    """
    nothing = np.zeros((prices.timeline.rows, 1))
    _, share, _, _ = assumed_capital(project, prices)
    if project.funding is not None:
        equity, grant = company.lines["equity"], company.lines["grant"]
    else:
        equity, grant = (
            prices.building(project.assumed_funding.capital if project.assumed_funding else 0.0),
            nothing,
        )
    support = grant
    for item in project.support.values():
        support = support + prices.item(item.phase, item.cost) - prices.item(item.phase, item.paid)
    lines = {
        "government_equity": np.asarray(share) * equity,
        "operating_subsidy": company.lines["government_payment"],
        "retained_risk": added([risk.retained for risk in borne], nothing),
        "supporting_input": support,
        "government_distributions": government_distributions_share(project, share)
        * company.lines.get("distributions", nothing),
    }
    lines["fiscal_spending"] = added([lines[key] for key in RESPONSIBILITIES])
    return lines


def government_distributions_share(project: Project, equity_share) -> np.ndarray:
    """The government's share of distributions: its share of equity unless the file says otherwise, as when it waives dividends."""
    agreed = project.funding.government_distributions if project.funding else None
    return np.asarray(equity_share if agreed is None else agreed)


def comparator_lines(project: Project, prices: Prices, rules: Rules, company: Company, borne: list[Borne]) -> Lines:
    """The reference project's lines (rows, cases); revenue is the PPP's own users' and third-party revenue unless given."""
    comparator = project.comparator
    nothing = np.zeros((prices.timeline.rows, 1))
    cost = phase_cost(project, prices)
    neutrality = nothing
    for item in comparator.competitive_neutrality.values():
        neutrality = neutrality + prices.item(item.phase, item.amount)
    taxed = rules.convention("tax_adjustment") == "company_tax"
    return {
        "psc_capex": cost["construction"],
        "optimism_bias": cost["construction"] * _residual_bias(project, rules),
        "psc_running": cost["operation"],
        "psc_revenue": _reference_revenue(project, prices),
        "neutrality": neutrality,
        "tax_adjustment": company.lines.get("tax", nothing) if taxed else nothing,
        "transferred_risk": added([risk.transferred for risk in borne], nothing),
    }


def _reference_revenue(project: Project, prices: Prices) -> np.ndarray:
    comparator = project.comparator
    if comparator.third_party_revenue is not None:
        revenue = prices.timeline.spread("operating", prices.profile(comparator.third_party_revenue))
    else:
        revenue = own_revenue(project, prices)
    revenue = revenue + np.zeros((prices.timeline.rows, np.size(comparator.disposal)))
    revenue[-1] = revenue[-1] + prices.at_row(comparator.disposal, -1)
    return revenue


def _residual_bias(project: Project, rules: Rules):
    """Upper bound x (1 - mitigated), a fraction of construction cost; 0 where the file has no optimism bias."""
    bias = project.comparator.optimism_bias
    if bias is None:
        return 0.0
    bound = bias.upper_bound if bias.kind is None else rules.entry("optimism_bias_capex", bias.kind)
    return residual_bias(np.asarray(bound), np.asarray(bias.mitigated))


def own_revenue(project: Project, prices: Prices) -> np.ndarray:
    """What users and third parties pay the project itself, (rows, cases)."""
    return prices.timeline.spread(
        "operating", user_payments(project, prices) + prices.profile(project.operation.other_revenue)
    )
