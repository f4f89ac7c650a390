"""The district's debt and cash by year: what it owes, pays and lacks. Cases (shocks, with and without projects) run together.

In every year and case: N_t = N_(t-1) + revenue - other expenditure - interest - principal + new bonds - spending added by projects,
where N is cash reserves when positive and a financing gap when negative: money that nobody has yet agreed to lend. A gap counts as
debt and bears the general rate. Debt falls by principal and grows by new bonds; interest is on the opening balances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.district import DebtStock, District
from ppp.portfolio.budgets import Budgets
from ppp.quantities import SCALES

REVENUES = ("revenue", "transfers", "fund_revenue", "capital_revenue")
SPENDING = ("expenditure", "fund_expenditure", "capital_expenditure")


@dataclass(frozen=True)
class Bonds:
    """One kind of debt: opening, closing, principal, new bonds and interest, each (years, cases)."""

    closing: np.ndarray
    principal: np.ndarray
    issued: np.ndarray
    interest: np.ndarray


@dataclass(frozen=True)
class DebtPath:
    """Everything (years, cases), base units. capacity: comprehensive fiscal capacity; unpaid: part of the year's debt service that
    cash does not reach; net_cash: N above; expenditure_general and expenditure_fund: the bases of the interest shares."""

    years: np.ndarray
    general: Bonds
    special: Bonds
    net_cash: np.ndarray
    opening_cash: float
    gap_interest: np.ndarray
    revenue: np.ndarray
    other_expenditure: np.ndarray
    added: np.ndarray
    capacity: np.ndarray
    expenditure_general: np.ndarray
    expenditure_fund: np.ndarray

    @property
    def reserves(self) -> np.ndarray:
        return np.maximum(self.net_cash, 0.0)

    @property
    def gap(self) -> np.ndarray:
        return np.maximum(-self.net_cash, 0.0)

    @property
    def gross_debt(self) -> np.ndarray:
        return self.general.closing + self.special.closing + self.gap

    @property
    def interest(self) -> np.ndarray:
        return self.general.interest + self.special.interest + self.gap_interest

    @property
    def principal(self) -> np.ndarray:
        return self.general.principal + self.special.principal

    @property
    def issued(self) -> np.ndarray:
        return self.general.issued + self.special.issued

    @property
    def ratio(self) -> np.ndarray:
        """Debt over comprehensive fiscal capacity."""
        return self.gross_debt / self.capacity

    @property
    def interest_share_general(self) -> np.ndarray:
        return (self.general.interest + self.gap_interest) / self.expenditure_general

    @property
    def interest_share_special(self) -> np.ndarray:
        return _over(self.special.interest, self.expenditure_fund)

    @property
    def unpaid(self) -> np.ndarray:
        """New gap of the year over its debt service, at most 1; 1 too where there is a new gap and no service."""
        before = np.vstack([np.full((1, self.gap.shape[1]), max(-self.opening_cash, 0.0)), self.gap[:-1]])
        short = np.maximum(self.gap - before, 0.0)
        short[short <= 1e-9 * self.revenue] = 0.0
        return np.minimum(_over(short, self.interest + self.principal), 1.0)


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole; 0 for nothing of nothing, infinite for something of nothing."""
    safe = np.where(whole > 0.0, whole, 1.0)
    return np.where(whole > 0.0, part / safe, np.where(part > 0.0, np.inf, 0.0))


def bonds(stock: DebtStock, scale: float, years: np.ndarray, first: int, rate_added: np.ndarray) -> Bonds:
    """The schedule of one kind of debt; rate_added (cases,) moves the rate of new bonds, and of the floating part of old ones."""

    def on_years(amounts: list[float]) -> np.ndarray:
        row = np.zeros(years.size)
        for offset, amount in enumerate(amounts):
            if 0 <= first + offset - years[0] < years.size:
                row[first + offset - years[0]] = amount * scale
        return row[:, None] * np.ones_like(rate_added)

    principal = on_years(stock.principal)
    issued = principal * stock.refinanced + on_years(stock.borrowing)
    before = stock.outstanding * scale
    old = before - np.cumsum(principal, axis=0)
    new = np.cumsum(issued, axis=0)
    started = (years >= first)[:, None]
    opening_old = np.vstack([np.full((1, rate_added.size), before), old[:-1]])
    opening_new = np.vstack([np.zeros((1, rate_added.size)), new[:-1]])
    interest = opening_old * (stock.rate + stock.floating * rate_added) + opening_new * (stock.rate + rate_added)
    return Bonds(old + new, principal, issued, interest * started)


def debt_path(
    district: District,
    budgets: Budgets,
    parts: list[str],
    added: np.ndarray,
    saved: np.ndarray | None = None,
    revenue_change: np.ndarray | None = None,
    rate_added: np.ndarray | None = None,
    rigid: float = 1.0,
    forecasts: list[Budgets] | None = None,
) -> DebtPath:
    """The path of each case. added (years, cases): spending beyond the budgets, net of what is received; saved: cut from other
    spending to make room. revenue_change (cases,): fraction by which every revenue moves; expenditure follows it but for the
    `rigid` part. forecasts: one a case where cases differ in growth. Raises ValueError for a district without debt data."""
    if district.debt is None:
        raise ValueError("the district file gives no debt")
    cases = added.shape[1]
    change = np.zeros(cases) if revenue_change is None else revenue_change
    rates = np.zeros(cases) if rate_added is None else rate_added
    saved = np.zeros_like(added) if saved is None else saved
    forecasts = forecasts or [budgets] * cases
    scale, years = SCALES[district.unit], budgets.years
    first = budgets.recorded + 1

    def columns(*keys: str) -> np.ndarray:
        return np.column_stack([forecast.total(*keys) for forecast in forecasts])

    general = bonds(district.debt.general, scale, years, first, rates)
    special = bonds(district.debt.special, scale, years, first, rates)
    planned = [bonds(s, scale, years, first, np.zeros(cases)) for s in (district.debt.general, district.debt.special)]
    revenue = columns(*REVENUES) * (1.0 + change)
    follows = 1.0 + change * (1.0 - rigid)
    expenditure = columns(*SPENDING) * follows
    # the settled budgets hold the interest of the debt as it stands; what is left is all other spending
    other = expenditure - sum(kind.interest for kind in planned) - saved
    steady = revenue - other - general.interest - special.interest - added
    steady += general.issued + special.issued - general.principal - special.principal
    net, gap_interest = np.zeros_like(revenue), np.zeros_like(revenue)
    cash = np.full(cases, district.reserves * scale)
    gap_rate = district.debt.general.rate + rates
    for t in range(years.size):
        if years[t] >= first:
            gap_interest[t] = np.maximum(-cash, 0.0) * gap_rate
            cash = cash + steady[t] - gap_interest[t]
        net[t] = cash
    return DebtPath(
        years=years,
        general=general,
        special=special,
        net_cash=net,
        opening_cash=district.reserves * scale,
        gap_interest=gap_interest,
        revenue=revenue,
        other_expenditure=other,
        added=added,
        capacity=columns(*parts) * (1.0 + change),
        expenditure_general=columns("expenditure") * follows,
        expenditure_fund=columns("fund_expenditure") * follows,
    )
