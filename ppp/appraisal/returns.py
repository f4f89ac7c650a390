"""Returns and covers of one evaluation, by the keys of lines.RESULTS."""

from __future__ import annotations

import numpy as np

from ppp.model.company import Company, Lines
from ppp.model.covers import dscr, life_cover, payback
from ppp.model.discounting import net_present_value
from ppp.model.inputs import Inputs
from ppp.model.irr import Irr, irr


def project_flow(inputs: Inputs, company: Company) -> np.ndarray:
    """EBITDA + disposal + grant - capex - close costs: the whole investment before tax and financing, (rows, cases)."""
    at_close = np.arange(inputs.timeline.rows)[:, None] == 0
    return (
        company.lines["ebitda"]
        + company.lines["disposal"]
        + inputs.grant
        - inputs.capex
        - at_close * inputs.close_costs
    )


def returns(inputs: Inputs, company: Company) -> tuple[dict[str, np.ndarray], dict[str, Irr]]:
    """Results (cases,), and both IRRs with their roots. Empty without a funding model."""
    if not inputs.funded:
        return {}, {}
    lines, operating = company.lines, inputs.timeline.operating
    flow = project_flow(inputs, company)
    irrs = {"project_irr": irr(flow), "equity_irr": irr(lines["equity_flow"])}
    equity = lines["equity"].sum(axis=0)
    debt = lines["debt_drawn"].sum(axis=0)
    found = {
        "uses_total": lines["uses"].sum(axis=0),
        "debt": debt,
        "equity_total": equity,
        "grant_total": lines["grant"].sum(axis=0),
        "gearing": gearing(lines),
        "project_irr": irrs["project_irr"].value,
        "project_npv": net_present_value(inputs.discount_rate, flow),
        "equity_irr": irrs["equity_irr"].value,
        "equity_npv": net_present_value(inputs.equity_rate, lines["equity_flow"]),
        "payback_years": payback(flow),
        "discounted_payback_years": payback(flow, inputs.discount_rate),
    }
    if inputs.debt is not None:
        found |= _covers(inputs, lender_cfads(inputs, company), lines["debt_service"][operating], debt)
    return found, irrs


def gearing(lines: Lines) -> np.ndarray:
    """Debt over debt and equity, (cases,); 0 without a funding model."""
    if "debt_drawn" not in lines:
        return np.zeros(1)
    debt, equity = lines["debt_drawn"].sum(axis=0), lines["equity"].sum(axis=0)
    return debt / np.maximum(debt + equity, 1e-12)


def lender_cfads(inputs: Inputs, company: Company) -> np.ndarray:
    """The cash flow that the lender's cover counts: after tax, or before it where the file says so. (operating years, cases)."""
    lines, operating = company.lines, inputs.timeline.operating
    after_tax = inputs.debt is None or inputs.debt.dscr_after_tax
    return lines["cfads" if after_tax else "ebitda"][operating]


def _covers(inputs: Inputs, cfads, service, debt) -> dict[str, np.ndarray]:
    cover = dscr(cfads, service)
    owing = np.isfinite(cover).any(axis=0)
    safe = np.where(np.isfinite(cover), cover, np.inf)
    count = np.maximum(np.isfinite(cover).sum(axis=0), 1)
    mean = np.where(np.isfinite(cover), cover, 0.0).sum(axis=0) / count
    opening = np.broadcast_to(debt, (cfads.shape[0], debt.size))
    rate = inputs.debt.rate
    return {
        "dscr_min": np.where(owing, safe.min(axis=0), np.nan),
        "dscr_average": np.where(owing, mean, np.nan),
        "llcr": life_cover(cfads, opening, rate, inputs.debt.tenor)[0],
        "plcr": life_cover(cfads, opening, rate)[0],
    }
