"""Government income statement, cash statement and balance sheet, with and without the projects.

Equity paid into a project company is no expense: it buys a share, which is carried at cost plus the share of the company's profit less
what it distributes (the equity method). With that, in every year and case:
change of net worth = result + share of profit, by the income statement; = change of assets - change of liabilities, by the balance
sheet, which is built from the cash statement; the two are computed apart and must agree.
Source: IMF, Government Finance Statistics Manual 2014, chapters 4 to 7; the comparison with and without is PFRAM's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.district import District
from ppp.portfolio.budgets import Budgets
from ppp.portfolio.debt_path import DebtPath, debt_path
from ppp.portfolio.members import Member
from ppp.quantities import SCALES

CASES = ("without", "with", "with_calls")


@dataclass(frozen=True)
class Statements:
    """Lines (years, cases) in the order of CASES, base units, each positive in its own direction; result, deficit and net worth carry
    their sign. `balanced`: largest difference between the two ways to the change of net worth, over revenue."""

    years: np.ndarray
    income: dict[str, np.ndarray]
    cash: dict[str, np.ndarray]
    balance: dict[str, np.ndarray]
    path: DebtPath
    balanced: float


def statements(
    district: District, budgets: Budgets, members: list[Member], calls: np.ndarray, parts: list[str]
) -> Statements:
    """The three statements of the years after the last settled one, which the budgets must hold alone; calls (years,): expected cost
    of contingent liabilities."""
    years = budgets.years

    def summed(key: str, weight: str | None = None) -> np.ndarray:
        return sum((m.on(years, key) * (getattr(m, weight) if weight else 1.0) for m in members), np.zeros(years.size))

    def cases(projects: np.ndarray, called: np.ndarray | None = None) -> np.ndarray:
        called = np.zeros(years.size) if called is None else called
        return np.column_stack([np.zeros(years.size), projects, projects + called])

    spending, equity = summed("fiscal_spending"), summed("government_equity")
    received = summed("government_distributions")
    profit = summed("net_profit", "government_share")
    nothing = np.zeros(years.size)
    path = debt_path(
        district,
        budgets,
        parts,
        added=cases(spending - received, calls),
        saved=cases(spending * district.found_within_budget),
    )
    running, called = cases(spending - equity), np.column_stack([nothing, nothing, calls])
    other = path.other_expenditure
    result = path.revenue - other - running - called - path.interest
    income = {
        "revenue": path.revenue,
        "other_expenditure": other,
        "project_expense": running,
        "calls": called,
        "interest": path.interest,
        "result": result,
        "company_profit": cases(profit),
        "change_of_net_worth": result + cases(profit),
    }
    cash = {
        "result": result,
        "equity_paid": cases(equity),
        "received": cases(received),
        "bonds_issued": path.issued,
        "principal": path.principal,
        "change_of_cash": result - cases(equity) + cases(received) + path.issued - path.principal,
    }
    held = sum(_shares_before(m, int(years[0])) for m in members)
    shares = np.array([0.0, held, held]) + np.cumsum(cases(equity) + cases(profit) - cases(received), axis=0)
    balance = {
        "reserves": path.reserves,
        "shares": shares,
        "general_debt": path.general.closing,
        "special_debt": path.special.closing,
        "gap": path.gap,
        "gross_debt": path.gross_debt,
        "net_debt": path.gross_debt - path.reserves,
        "net_worth": path.reserves + shares - path.gross_debt,
        "company_debt": cases(summed("debt_closing")),
    }
    owed = (district.debt.general.outstanding + district.debt.special.outstanding) * SCALES[district.unit]
    opening = path.opening_cash - owed + np.array([0.0, held, held])
    return Statements(years, income, cash, balance, path, _balanced(path, income, cash, balance, opening))


def _shares_before(member: Member, year: int) -> float:
    """What the government's share of a company is carried at when a year begins: paid in and earned less received until then."""
    past = member.years < year
    nothing = np.zeros(member.years.size)
    profit = member.flows.get("net_profit", nothing) * member.government_share
    moved = member.flows["government_equity"] + profit - member.flows.get("government_distributions", nothing)
    return float(moved[past].sum())


def _balanced(path: DebtPath, income: dict, cash: dict, balance: dict, opening: np.ndarray) -> float:
    """The larger of two differences over revenue, in every year: change of net worth by the income statement and by the balance sheet,
    opening (cases,) being net worth before the first year; change of cash by the cash statement and on the path."""
    worth = np.diff(balance["net_worth"], axis=0, prepend=opening[None]) - income["change_of_net_worth"]
    moved = np.diff(path.net_cash, axis=0, prepend=path.opening_cash) - cash["change_of_cash"]
    return float(max(np.abs(worth).max(), np.abs(moved).max()) / path.revenue.max())
