"""What the government would pay if the contract ended at the end of each contract year, by cause.

compensation = max(debt part + breakage + equity part - rectification - cash taken over, 0) + fixed sums. On the last day debt, cash and
expected distributions are nil and the contract ends by itself: no equity is compensated, and only the fixed sums are left. Before it,
base_case_irr makes good what shareholders have missed so far, as the clause says, whatever the cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.contract.contract_years import ContractYears
from ppp.contract_terms import TerminationTerms
from ppp.quantities import SCALES

CAUSES = ("authority", "company", "force_majeure", "voluntary")
PARTS = ("debt", "breakage", "equity", "deducted", "cash", "fixed")


@dataclass(frozen=True)
class Exposure:
    """years: calendar year of each contract year's last day; parts: (contract years,) each, positive; total: (contract years,)."""

    cause: str
    years: np.ndarray
    parts: dict[str, np.ndarray]
    total: np.ndarray


def exposures(base: Evaluation, now: Evaluation) -> list[Exposure]:
    """base: as approved, for base-case values; now: as it stands, for debt, cash and expected distributions. One case each."""
    given = now.project.contract.termination
    if given is None:
        return []
    terms = {cause: getattr(given, cause) for cause in CAUSES}
    return [_exposure(cause, said, base, now) for cause, said in terms.items() if said is not None]


def _exposure(cause: str, terms: TerminationTerms, base: Evaluation, now: Evaluation) -> Exposure:
    years, scale = ContractYears(now.inputs.timeline), SCALES[now.project.unit]
    rows = _rows(years)
    debt = terms.debt * now.lines["debt_closing"][rows, 0]
    kept = sum(now.lines[key] for key in ("cash", "debt_service_reserve", "maintenance_reserve"))[rows, 0]
    private = 1.0 - float(now.project.funding.government_share)
    equity = private * equity_value(terms, base, now)[rows]
    if terms.equity != "none":
        equity = equity + now.lines["shareholder_loan_closing"][rows, 0]
    equity[-1] = 0.0  # the contract has run its course; what shareholders missed is theirs
    parts = {
        "debt": debt,
        "breakage": terms.breakage * debt,
        "equity": terms.equity_share * equity,
        "deducted": np.full(rows.size, terms.deducted * scale),
        "cash": kept * terms.less_cash,
        "fixed": np.full(rows.size, terms.fixed * scale),
    }
    owed = parts["debt"] + parts["breakage"] + parts["equity"] - parts["deducted"] - parts["cash"]
    return Exposure(cause, years.years, parts, np.maximum(owed, 0.0) + parts["fixed"])


def _rows(years: ContractYears) -> np.ndarray:
    """The row at the end of each contract year."""
    timeline = years.timeline
    building = [
        int(np.nonzero(timeline.boundaries <= min(12 * (k + 1), timeline.construction))[0][-1])
        for k in range(years.building)
    ]
    return np.array([*building, *(years.last_row(k + 1) for k in range(timeline.operating_years))])


def equity_value(terms: TerminationTerms, base: Evaluation, now: Evaluation) -> np.ndarray:
    """Value of the whole equity at the end of each row, at least 0, (rows,), by the contract's reading. Base-case values need the
    base-case equity IRR; NaN where it has none."""
    times = now.inputs.timeline.times
    irr = float(base.results["equity_irr"][0])
    paid, received = now.lines["equity"][:, 0], now.lines["distributions"][:, 0]
    match terms.equity:
        case "paid_in":
            return np.maximum(np.cumsum(paid - received), 0.0)
        case "base_case_irr":
            grown = (1.0 + irr) ** times
            worth = np.cumsum((paid - received) / grown) * grown
            return np.maximum(_without_rounding(worth, paid), 0.0)
        case "base_case_distributions":
            return _worth_after(base.lines["distributions"][:, 0], irr, times)
        case "market_value":
            rate = float(now.inputs.equity_rate[0]) if terms.market_rate is None else terms.market_rate
            return _worth_after(received, rate, times)
    return np.zeros(times.size)


def _worth_after(received: np.ndarray, rate: float, times: np.ndarray) -> np.ndarray:
    """PV at the end of each row of what comes after it, at least 0."""
    worth = np.zeros(times.size)
    for t in range(times.size - 2, -1, -1):
        worth[t] = (worth[t + 1] + received[t + 1]) * (1.0 + rate) ** -(times[t + 1] - times[t])
    return np.maximum(worth, 0.0)


def _without_rounding(worth: np.ndarray, paid: np.ndarray) -> np.ndarray:
    """What is left of exactly nothing after sums of large amounts is nothing."""
    return np.where(np.abs(worth) <= 1e-9 * paid.sum(), 0.0, worth)
