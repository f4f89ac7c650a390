"""Returns and covers of one evaluation, by the keys of lines.RESULTS."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.government import government_distributions_share
from ppp.model.company import Lines
from ppp.model.compiled import added
from ppp.model.covers import dscr, life_cover, payback
from ppp.model.discounting import net_present_value, period_factors
from ppp.model.inputs import Inputs
from ppp.model.irr import Irr, irr
from ppp.model.working_capital import increase
from ppp.project import Project


def project_flow(inputs: Inputs, lines: Lines) -> np.ndarray:
    """The whole investment before tax and financing, (rows, cases): EBITDA + disposal + grant - capex - close costs - increase of
    working capital - VAT."""
    at_close = np.arange(inputs.timeline.rows)[:, None] == 0
    moved = increase(lines["receivables"] - lines["payables"])
    received = added([lines["ebitda"], lines["disposal"], inputs.grant])
    return received - added([inputs.capex, at_close * inputs.close_costs, moved, lines["vat"]])


def partner_flow(lines: Lines, private_share, private_distributions) -> np.ndarray:
    """What the private partner receives less what it pays, (rows, cases): its share of distributions and all of the shareholder
    loans' service, less its share of equity and the loans drawn."""
    service = lines["shareholder_loan_interest"] + lines["shareholder_loan_repaid"]
    received = np.asarray(private_distributions) * lines["distributions"] + service
    return received - np.asarray(private_share) * lines["equity"] - lines["shareholder_loan_drawn"]


def flows_of(project: Project, inputs: Inputs, lines: Lines) -> Lines:
    """The flow behind every IRR, by its key: (rows, cases), receipts positive. Empty without a funding model.

    Where the partner only shares distributions as it shares equity, its return is that of the equity flow, which stands for it."""
    if not inputs.funded:
        return {}
    flow = project_flow(inputs, lines)
    share = np.asarray(project.funding.government_share)
    received = government_distributions_share(project, share)
    lent = any(not tranche.lender for tranche in inputs.tranches)
    alike = (
        not lent and np.all(received == share) and np.all(share < 1.0)
    )  # then the partner's flow is a part of equity's
    partner = lines["equity_flow"] if alike else partner_flow(lines, 1.0 - share, 1.0 - received)
    return {
        "project_irr": flow,
        "project_irr_after_tax": flow - lines["tax_without_interest"],
        "equity_irr": lines["equity_flow"],
        "partner_irr": partner,
    }


def returns(inputs: Inputs, lines: Lines, flows: Lines) -> tuple[dict[str, np.ndarray], dict[str, Irr]]:
    """Results (cases,), and every IRR with its roots, from the flows of flows_of. Empty without a funding model."""
    if not inputs.funded:
        return {}, {}
    times = inputs.timeline.times
    flow, irrs = flows["project_irr"], _irrs(flows, times)
    equity = lines["equity"].sum(axis=0)
    debt = lines["debt_drawn"].sum(axis=0)
    found = {
        "uses_total": lines["uses"].sum(axis=0),
        "debt": debt,
        "equity_total": equity,
        "grant_total": lines["grant"].sum(axis=0),
        "gearing": gearing(lines),
        "project_npv": net_present_value(inputs.discount_rate, flow, times),
        "equity_npv": net_present_value(inputs.equity_rate, lines["equity_flow"], times),
        "payback_years": payback(flow, times),
        "discounted_payback_years": payback(flow, times, inputs.discount_rate),
        **{key: found.value for key, found in irrs.items()},
    }
    if any(tranche.lender for tranche in inputs.tranches):
        found |= _covers(inputs, lines, debt)
    return found, irrs


def _irrs(flows: dict[str, np.ndarray], times: np.ndarray) -> dict[str, Irr]:
    """All flows solved together, as further cases, which costs little more than one; one that another already is, once."""
    distinct: dict[int, np.ndarray] = {id(flow): flow for flow in flows.values()}
    solved = irr(np.concatenate(list(distinct.values()), axis=1), times)
    found, start = {}, 0
    for name, flow in distinct.items():
        part = slice(start, start + flow.shape[1])
        found[name] = Irr(solved.value[part], solved.state[part], solved.roots[:, part])
        start += flow.shape[1]
    return {key: found[id(flow)] for key, flow in flows.items()}


def gearing(lines: Lines) -> np.ndarray:
    """Lenders' debt over all that lenders and shareholders put in, (cases,); 0 without a funding model."""
    if "debt_drawn" not in lines:
        return np.zeros(1)
    debt, equity = lines["debt_drawn"].sum(axis=0), lines["equity"].sum(axis=0)
    return debt / np.maximum(debt + equity + lines["shareholder_loan_drawn"].sum(axis=0), 1e-12)


def lender_cfads(inputs: Inputs, lines: Lines) -> np.ndarray:
    """The cash flow that the first lender's cover counts: after tax, or before it where the file says so. (operating rows, cases)."""
    operating = inputs.timeline.operating
    after_tax = next((tranche.after_tax for tranche in inputs.tranches if tranche.lender), True)
    cfads = lines["cfads"][operating]
    return cfads if after_tax else cfads + lines["tax"][operating]


def _covers(inputs: Inputs, lines: Lines, debt) -> dict[str, np.ndarray]:
    operating = inputs.timeline.operating
    cfads = lender_cfads(inputs, lines)
    cover = dscr(cfads, lines["debt_service"][operating])
    lent = [tranche for tranche in inputs.tranches if tranche.lender]
    factors, maturity = period_factors(lent[0].rates[operating]), max(tranche.last for tranche in lent)
    lowest = _lowest(cover)
    return {
        "dscr_min": lowest,
        "dscr_average": _mean(cover),
        "interest_cover_min": _lowest(dscr(cfads, lines["interest"][operating], lines["debt_service"][operating])),
        "llcr": life_cover(cfads[:maturity], debt, factors),
        "plcr": life_cover(cfads, debt, factors),
    }


def _lowest(cover) -> np.ndarray:
    """The lowest cover over the rows that have one; NaN where none has."""
    known = np.isfinite(cover)
    return np.where(known.any(axis=0), np.where(known, cover, np.inf).min(axis=0), np.nan)


def _mean(cover) -> np.ndarray:
    known = np.isfinite(cover)
    total = np.where(known, cover, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
