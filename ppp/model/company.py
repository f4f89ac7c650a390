"""The project company: operations, funding, debt, tax and shareholders' flows as lines by key, each (rows, cases) on the timeline.

Identities that hold in every row and case: uses = grant + equity + draws (of the bridge too, less its repayment);
CFADS = EBITDA - tax - increase of working capital and of the maintenance reserve - VAT; closing = opening + drawn - repaid for every
debt; equity flow = distributions - equity paid in; assets = debts + shareholders' funds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ppp.model.circle import Circle, Financed, Lines, cash_before_tax
from ppp.model.compiled import added, running_sum
from ppp.model.debt import LIMITS
from ppp.model.inputs import Inputs
from ppp.model.payments import government_payment
from ppp.model.reserves import maintenance_target
from ppp.model.timeline import Timeline
from ppp.model.working_capital import outstanding, value_added_tax

__all__ = ["Company", "Lines", "TrancheLines", "evaluate_company", "operate"]


@dataclass(frozen=True)
class TrancheLines:
    """One tranche on the timeline, (rows, cases); binding: (cases,), the limit that set its size, by name."""

    name: str
    rank: str
    lines: Lines
    binding: np.ndarray

    @property
    def size(self) -> np.ndarray:
        return self.lines["drawn"].sum(axis=0)


@dataclass(frozen=True)
class Company:
    """lines: (rows, cases) by key; residual: (cases,), what is left of the circle."""

    lines: Lines
    tranches: list[TrancheLines] = field(default_factory=list)
    residual: np.ndarray = field(default_factory=lambda: np.zeros(1))


def operate(inputs: Inputs) -> Lines:
    """Revenue, cost, operating surplus (EBITDA), working capital, VAT and maintenance reserve on the timeline; needs no funding."""
    timeline = inputs.timeline
    over_years = lambda values: timeline.spread("operating", values)  # noqa: E731
    lines = {
        "capex": inputs.capex,
        "user_payments": over_years(inputs.user_payments),
        "other_revenue": over_years(inputs.other_revenue),
        **{key: over_years(values) for key, values in government_payment(inputs).items()},
        "opex": over_years(inputs.opex),
        "lifecycle": over_years(inputs.lifecycle),
        "disposal": np.zeros((timeline.rows, np.size(inputs.disposal))),
    }
    lines["disposal"][-1] = inputs.disposal
    lines["revenue"] = added([lines[key] for key in ("user_payments", "other_revenue", "government_payment")])
    lines["ebitda"] = lines["revenue"] - added([lines["opex"], lines["lifecycle"]])
    return lines | _held_back(inputs, lines)


def _held_back(inputs: Inputs, lines: Lines) -> Lines:
    """Balances that operations tie up: receivables, payables, VAT credit, maintenance reserve; nothing where the file asks for none."""
    timeline, nothing = inputs.timeline, np.zeros((inputs.timeline.rows, 1))
    found = dict.fromkeys(
        (
            "receivables",
            "payables",
            "vat",
            "vat_credit",
            "vat_written_off",
            "maintenance_reserve",
            "working_capital_filled",
        ),
        nothing,
    )
    if (days := inputs.working_capital) is not None:
        from_users = outstanding(lines["user_payments"] + lines["other_revenue"], days.receivable_days, timeline)
        found["receivables"] = from_users + outstanding(lines["government_payment"], days.government_days, timeline)
        found["payables"] = outstanding(lines["opex"] + lines["lifecycle"], days.payable_days, timeline)
        if days.in_construction:
            found["working_capital_filled"] = _first_balance(found["receivables"] - found["payables"], timeline)
    if inputs.vat is not None:
        found |= value_added_tax(lines, inputs.land, inputs.vat, timeline)
    if inputs.reserves.maintenance_months is not None:
        target = maintenance_target(lines["lifecycle"], inputs.reserves.maintenance_months, timeline)
        if not inputs.reserves.maintenance_in_construction:
            target[timeline.completion] = 0.0
        found["maintenance_reserve"] = target
    return found


def _first_balance(working_capital, timeline: Timeline) -> np.ndarray:
    """What the first operating row ties up, if anything, as cash that is filled at completion: (rows, cases)."""
    out = np.zeros_like(working_capital)
    out[timeline.completion] = np.maximum(working_capital[timeline.completion + 1], 0.0)
    return out


def evaluate_company(inputs: Inputs) -> Company:
    """The whole company; without a funding model only its operations, with residual 0."""
    lines = operate(inputs)
    if not inputs.funded:
        return Company(lines)
    financed = Circle(inputs, lines).solve()
    tranches = _tranches(inputs, financed)
    lines |= _funding_lines(inputs, financed) | _debt_lines(inputs, tranches)
    lines |= _accounts(inputs, lines, financed)
    return Company(lines, tranches, financed.residual)


def _in_construction(inputs: Inputs, values) -> np.ndarray:
    out = np.zeros((inputs.timeline.rows, values.shape[1]))
    out[inputs.timeline.built] = values
    return out


def _funding_lines(inputs: Inputs, financed: Financed) -> Lines:
    funded = financed.funded
    built = {
        "interest_during_construction": funded.interest,
        "fees": funded.fees,
        "reserves_filled": funded.reserves,
        "uses": funded.uses,
        "grant": funded.grant,
        "equity": funded.equity,
        "bridge_closing": funded.bridge,
    }
    return {key: _in_construction(inputs, values) for key, values in built.items()}


def _tranches(inputs: Inputs, financed: Financed) -> list[TrancheLines]:
    place, found = inputs.timeline.place, []
    for k, tranche in enumerate(inputs.tranches):
        lines = {
            "drawn": _in_construction(inputs, financed.funded.drawn[k]),
            "interest": place(financed.paid.interest[k]),
            "principal": place(financed.paid.principal[k]),
            "prepayment": place(financed.paid.prepayment[k]),
        }
        lines["closing"] = running_sum(lines["drawn"] - lines["principal"] - lines["prepayment"])
        lines["closing"][inputs.timeline.operating] = financed.paid.closing[k]
        found.append(TrancheLines(tranche.name, tranche.rank, lines, np.array(LIMITS)[financed.binding[k]]))
    return found


def _debt_lines(inputs: Inputs, tranches: list[TrancheLines]) -> Lines:
    """Lenders' debt as one, and shareholder loans as one."""
    nothing = np.zeros((inputs.timeline.rows, 1))

    def total(key: str, lender: bool) -> np.ndarray:
        chosen = [t.lines[key] for t in tranches if (t.rank != "shareholder") == lender]
        return added(chosen, nothing)

    lines = {
        "debt_drawn": total("drawn", True),
        "interest": total("interest", True),
        "principal": total("principal", True),
        "prepayment": total("prepayment", True),
        "debt_closing": total("closing", True),
        "shareholder_loan_drawn": total("drawn", False),
        "shareholder_loan_interest": total("interest", False),
        "shareholder_loan_repaid": total("principal", False) + total("prepayment", False),
        "shareholder_loan_closing": total("closing", False),
    }
    lines["debt_service"] = lines["interest"] + lines["principal"]
    return lines


def _balance(timeline: Timeline, at_completion, values) -> np.ndarray:
    """A balance (rows, cases): what was filled at completion (cases,), then that of the operating rows."""
    out = np.zeros((timeline.rows, *np.broadcast_shapes(np.shape(at_completion), values.shape[1:])))
    out[timeline.completion], out[timeline.operating] = at_completion, values
    return out


def _accounts(inputs: Inputs, lines: Lines, financed: Financed) -> Lines:
    """Income statement, cash flow and balance sheet. Every balance is carried forward from its own flows."""
    timeline, place, paid = inputs.timeline, inputs.timeline.place, financed.paid
    rows = timeline.operating
    out = {
        "depreciation": place(financed.depreciation),
        "profit_before_tax": place(financed.profit),
        "losses_used": place(financed.losses_used),
        "tax": place(financed.tax),
        "tax_without_interest": place(financed.tax_without_interest),
        "debt_service_reserve": _balance(timeline, financed.reserve_at_completion, paid.reserve),
        "debt_service_reserve_target": _balance(timeline, financed.target_at_completion, paid.target),
    }
    out["cfads"] = place(cash_before_tax(lines)[rows] - financed.tax)
    out["net_profit"] = out["profit_before_tax"] - out["tax"]
    for key in ("distributions", "dividends", "capital_returned", "statutory_reserve"):
        out[key] = place(getattr(paid, key))
    filled = inputs.opening_cash + lines["working_capital_filled"][timeline.completion]
    out["cash"] = _balance(timeline, filled, paid.cash)
    out["equity_flow"] = out["distributions"] - lines["equity"]
    capitalised = added([lines[key] for key in ("capex", "interest_during_construction", "fees")]) - lines["grant"]
    out["fixed_assets"] = running_sum(capitalised - out["depreciation"])
    out["shareholders_funds"] = running_sum(lines["equity"] + out["net_profit"] - out["distributions"])
    return out
