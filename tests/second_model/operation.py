"""Section 2: construction cost, running cost, what users and the government pay. Yearly lists first, rows after."""

from __future__ import annotations

from decimal import Decimal

from second_model.exact import ONE, ZERO, exact
from second_model.rows import Prices, Rows

SCALES = {"one": 0, "thousand": 3, "wan": 4, "million": 6, "yi": 8, "billion": 9}


def scale_of(word: str) -> Decimal:
    return Decimal(10) ** SCALES[word]


def profile(given, years: int) -> list[Decimal]:
    """The profile as the file means it: start (1 + growth)^k or the list, all times `times`; zeros where the file gives none."""
    if given is None:
        return [ZERO] * years
    times = exact(given.times)
    if given.values is not None:
        return [times * exact(value) for value in given.values]
    growth = ONE + exact(given.growth)
    return [times * exact(given.start) * growth**k for k in range(years)]


def money(given, rows: Rows, prices: Prices) -> list[Decimal]:
    """A profile of amounts, yearly, in base units of the money of each operating year."""
    return [amount * prices.operating(k) for k, amount in enumerate(profile(given, rows.operating_years))]


class Building:
    """Construction cost by construction year, and on rows."""

    def __init__(self, project, rows: Rows, prices: Prices):
        given, years = project.construction, rows.construction_years
        shares = _shares(given.spending, rows)
        self.by_year = _escalated(given.capex, shares, given.escalation, prices)
        for item in given.items.values():
            item_shares = shares if item.spending is None else _shares(item.spending, rows)
            added = _escalated(item.amount, item_shares, item.escalation, prices)
            self.by_year = [self.by_year[j] + added[j] for j in range(years)]
        self.land = exact(given.land) * prices.of_row(0)
        funding = project.funding
        grant = exact(funding.grant) if funding is not None else ZERO
        self.grant_by_year = [grant * shares[j] * prices.construction(j) for j in range(years)]
        self.capex = rows.by_construction_year(self.by_year)
        self.capex[0] += self.land
        self.grant = rows.by_construction_year(self.grant_by_year)


def _shares(spending, rows: Rows) -> list[Decimal]:
    if spending is not None:
        return [exact(share) for share in spending]
    if rows.c == 0:
        return [ONE]
    return [Decimal(rows.months_of_construction_year(j)) / rows.c for j in range(rows.construction_years)]


def _escalated(amount, shares, escalation, prices: Prices) -> list[Decimal]:
    growth = ONE + exact(escalation)
    return [exact(amount) * share * growth**j * prices.construction(j) for j, share in enumerate(shares)]


def user_payments(project, rows: Rows, prices: Prices) -> list[Decimal]:
    """By operating year, in base units: given, or demand x tariff; the first years by `ramp_up`."""
    users = project.users
    if users is None:
        return [ZERO] * rows.operating_years
    if users.payments is not None:
        paid = money(users.payments, rows, prices)
    else:
        paid = sold(users, rows, prices)
    for k, share in enumerate(users.ramp_up or []):
        if k < len(paid):
            paid[k] *= exact(share)
    return paid


def sold(given, rows: Rows, prices: Prices) -> list[Decimal]:
    """Demand x tariff; the tariff is in the currency itself, at the prices of the file."""
    years = rows.operating_years
    demand, tariff = profile(given.demand, years), profile(given.tariff, years)
    units = scale_of(given.demand_scale)
    return [demand[k] * units * tariff[k] * prices.operating(k) / prices.scale for k in range(years)]
