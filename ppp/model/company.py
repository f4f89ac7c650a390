"""The project company: operations, debt, tax and shareholders' flows, with the circle of tax and debt solved.

Returns lines by key, each (rows, cases) on the timeline. Identities that hold in every row and case:
uses = capex + interest during construction + fees = grant + equity + debt drawn;  CFADS = revenue - opex - lifecycle - tax;
debt closing = opening + drawn - principal;  equity flow = CFADS + disposal - debt service - equity paid in;
net fixed assets + cash = debt + shareholders' funds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.debt import Schedule, capacity, repay
from ppp.model.funding import Funded, Terms, fund
from ppp.model.inputs import Inputs
from ppp.model.payments import government_payment
from ppp.model.tax import income_tax, straight_line

TOLERANCE = 1e-13
MOST_ROUNDS = 200

Lines = dict[str, np.ndarray]


@dataclass(frozen=True)
class Company:
    """lines: (rows, cases) by key; binding: (cases,) "gearing" or "dscr"; residual: (cases,) what is left of the circles."""

    lines: Lines
    binding: np.ndarray | None
    residual: np.ndarray


def operate(inputs: Inputs) -> Lines:
    """Revenue, cost and operating surplus (EBITDA) on the timeline; needs no funding."""
    place = lambda values: inputs.timeline.spread("operating", values)  # noqa: E731
    lines = {
        "capex": inputs.capex,
        "user_payments": place(inputs.user_payments),
        "other_revenue": place(inputs.other_revenue),
        **{key: place(values) for key, values in government_payment(inputs).items()},
        "opex": place(inputs.opex),
        "lifecycle": place(inputs.lifecycle),
        "disposal": np.zeros((inputs.timeline.rows, np.size(inputs.disposal))),
    }
    lines["disposal"][-1] = inputs.disposal
    lines["revenue"] = lines["user_payments"] + lines["other_revenue"] + lines["government_payment"]
    lines["ebitda"] = lines["revenue"] - lines["opex"] - lines["lifecycle"]
    return lines


def evaluate_company(inputs: Inputs) -> Company:
    """The whole company; without a funding model only its operations, with residual 0."""
    lines = operate(inputs)
    if not inputs.funded:
        return Company(lines, None, np.zeros(1))
    ebitda = lines["ebitda"][inputs.timeline.operating]
    surplus = lines["disposal"][inputs.timeline.operating]
    tax, used = np.zeros_like(ebitda), np.zeros_like(ebitda)
    for _ in range(MOST_ROUNDS):
        funded, schedule = _borrow(inputs, ebitda, tax)
        interest = _pad(schedule.interest, inputs.timeline.operation)
        depreciation = _depreciate(inputs, funded)
        profit = ebitda + surplus - interest - depreciation
        new_tax, used = _tax(inputs, profit)
        change = np.max(np.abs(new_tax - tax), axis=0, initial=0.0) / np.maximum(funded.uses.sum(axis=0), 1e-300)
        tax = new_tax
        if np.max(change) < TOLERANCE:
            break
    binding = None
    if inputs.debt is not None:
        need = (funded.uses - funded.grant).sum(axis=0)
        at_cap = funded.debt >= inputs.debt.max_gearing * need * (1.0 - 1e-11)
        binding = np.where(at_cap, "gearing", "dscr")
    lines |= _statements(inputs, lines, funded, schedule, depreciation, profit, tax, used)
    return Company(lines, binding, np.maximum(funded.residual, change))


def _borrow(inputs: Inputs, ebitda, tax) -> tuple[Funded, Schedule]:
    """Debt that the cash flow carries, drawn and scheduled; all equity when there is no debt."""
    construction = (
        inputs.capex[: inputs.timeline.construction + 1],
        inputs.close_costs,
        inputs.grant[: inputs.timeline.construction + 1],
    )
    debt = inputs.debt
    if debt is None:
        funded = fund(
            *construction, np.zeros(1), Terms(np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1), inputs.draw)
        )
        nothing = np.zeros((1, funded.debt.size))
        return funded, Schedule(nothing, nothing, nothing)
    carrying = (ebitda - tax if debt.dscr_after_tax else ebitda)[: debt.tenor]
    limit = (
        np.full(carrying.shape[1], np.inf)
        if debt.dscr is None
        else capacity(carrying, debt.rate, debt.dscr, debt.repayment)
    )
    funded = fund(
        *construction, limit, Terms(debt.rate, debt.max_gearing, debt.upfront_fee, debt.commitment_fee, inputs.draw)
    )
    return funded, repay(funded.debt, debt.rate, carrying, debt.repayment)


def _depreciate(inputs: Inputs, funded: Funded) -> np.ndarray:
    cost = (funded.uses - funded.grant).sum(axis=0)
    years, first = inputs.timeline.operation, "full"
    if inputs.tax is not None:
        years, first = inputs.tax.depreciation_years, inputs.tax.first_year
    return straight_line(cost, years, inputs.timeline.operation, first)


def _tax(inputs: Inputs, profit) -> tuple[np.ndarray, np.ndarray]:
    if inputs.tax is None:
        return np.zeros_like(profit), np.zeros_like(profit)
    return income_tax(profit, inputs.tax.rate, inputs.tax.losses, inputs.tax.loss_years)


def _pad(values: np.ndarray, years: int) -> np.ndarray:
    out = np.zeros((years, *values.shape[1:]))
    out[: values.shape[0]] = values
    return out


def _statements(
    inputs: Inputs, lines: Lines, funded: Funded, schedule: Schedule, depreciation, profit, tax, used
) -> Lines:
    timeline = inputs.timeline
    built = slice(0, timeline.construction + 1)

    def during_construction(values):
        out = np.zeros((timeline.rows, values.shape[1]))
        out[built] = values
        return out

    def in_operation(values):
        return timeline.spread("operating", _pad(values, timeline.operation))

    out = {
        "interest_during_construction": during_construction(funded.interest),
        "fees": during_construction(funded.fees),
        "uses": during_construction(funded.uses),
        "grant": during_construction(funded.grant),
        "equity": during_construction(funded.equity),
        "debt_drawn": during_construction(funded.drawn),
        "interest": in_operation(schedule.interest),
        "principal": in_operation(schedule.principal),
        "depreciation": in_operation(depreciation),
        "profit_before_tax": in_operation(profit),
        "losses_used": in_operation(used),
        "tax": in_operation(tax),
    }
    out["debt_closing"] = np.cumsum(out["debt_drawn"], axis=0)
    out["debt_closing"][timeline.operating] = schedule.closing[-1]  # what is left after the last repayment stays owed
    out["debt_closing"][timeline.operating][: schedule.closing.shape[0]] = schedule.closing
    out["debt_service"] = out["interest"] + out["principal"]
    out["cfads"] = lines["ebitda"] - out["tax"]
    out["distributions"] = out["cfads"] + lines["disposal"] - out["debt_service"]
    out["equity_flow"] = out["distributions"] - out["equity"]
    out["net_profit"] = out["profit_before_tax"] - out["tax"]
    out["fixed_assets"] = np.cumsum(out["uses"] - out["grant"] - out["depreciation"], axis=0)
    moved = out["equity"] + out["debt_drawn"] + out["grant"] - out["uses"] + out["cfads"] + lines["disposal"]
    out["cash"] = np.cumsum(moved - out["debt_service"] - out["distributions"], axis=0)
    out["shareholders_funds"] = np.cumsum(out["equity"] + out["net_profit"] - out["distributions"], axis=0)
    return out
