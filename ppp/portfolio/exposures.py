"""What each project's contract and each guarantee can cost, by year: the terms of the district file put on the projects' own lines."""

from __future__ import annotations

import numpy as np

from ppp.contingent_terms import CAUSES, Termination, TerminationCause
from ppp.district import District
from ppp.portfolio.contingent import Cause, Exposure
from ppp.portfolio.members import Member
from ppp.quantities import SCALES


def exposures(district: District, members: list[Member], years: np.ndarray) -> list[Exposure]:
    """Every project with a guarantee or termination terms, and every guarantee outside; in the order of the file."""
    found = [e for member in members if (e := exposure_of(member, years, district.discount_rate or 0.0)) is not None]
    scale = SCALES[district.unit]
    for key, guarantee in district.guarantees.items():
        row = np.zeros(years.size)
        for offset, amount in enumerate(guarantee.outstanding):
            if 0 <= guarantee.from_year + offset - years[0] < years.size:
                row[guarantee.from_year + offset - years[0]] = amount * scale
        cause = Cause("guarantee", guarantee.probability, row * (1.0 - guarantee.recovery))
        correlation = guarantee.correlation
        found.append(Exposure(key, guarantee.name, row > 0.0, causes=(cause,), event_correlation=correlation))
    return found


def termination_sums(member: Member, terms: Termination, years: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    """What is paid at the end of each year if the contract ends then, by cause, (years,): part of the company's debt and of the
    private equity's value; zero outside the contract, and in its last year, when nothing is left to end."""
    debt = member.on(years, "debt_closing")
    live = can_end(member, years)
    values = {basis: _equity_value(member, years, rate, basis) for basis in ("paid_in", "distributions")}

    def paid(cause: TerminationCause) -> np.ndarray:
        return (cause.debt * debt + cause.equity * values[cause.equity_basis]) * live

    given = {key: getattr(terms, key) for key in CAUSES}
    return {key: paid(cause) for key, cause in given.items() if cause is not None}


def can_end(member: Member, years: np.ndarray) -> np.ndarray:
    """The years at whose end the contract can end early, (years,) bool."""
    return (years >= member.years[0]) & (years < member.years[-1])


def _equity_value(member: Member, years: np.ndarray, rate: float, basis: str) -> np.ndarray:
    """Value of the private shareholders' equity at the end of each year: what they have paid in, or the present value at `rate` of
    what they would still have received."""
    nothing = np.zeros(member.years.size)
    if basis == "paid_in":
        private = 1.0 - member.government_share
        before = np.cumsum(member.flows.get("equity", nothing))
        return private * np.array([before[y - member.years[0]] if _within(member, y) else 0.0 for y in years])
    received = member.flows.get("distributions", nothing) - member.flows.get("government_distributions", nothing)
    worth = np.zeros(member.years.size)
    for t in range(member.years.size - 2, -1, -1):
        worth[t] = (worth[t + 1] + received[t + 1]) / (1.0 + rate)
    return np.array([max(worth[y - member.years[0]], 0.0) if _within(member, y) else 0.0 for y in years])


def _within(member: Member, year: int) -> bool:
    return member.years[0] <= year <= member.years[-1]


def exposure_of(member: Member, years: np.ndarray, rate: float) -> Exposure | None:
    """What one project can cost on these years; None without terms."""
    given = member.terms
    if given is None:
        return None
    causes, correlations = [], []
    if given.debt_guarantee is not None:
        terms = given.debt_guarantee
        amounts = member.on(years, "debt_closing") * terms.share * (1.0 - terms.recovery) * can_end(member, years)
        causes.append(Cause("debt_guarantee", terms.probability, amounts))
        correlations.append(terms.correlation)
    if given.termination is not None:
        sums = termination_sums(member, given.termination, years, rate)
        for key, amounts in sums.items():
            causes.append(Cause(key, getattr(given.termination, key).probability, amounts))
        correlations.append(given.termination.correlation)
    forecast = floor = None
    already: np.ndarray | float = 0.0
    volatility = correlation = 0.0
    if given.revenue_guarantee is not None:
        terms = given.revenue_guarantee
        forecast = member.on(years, "user_payments")
        floor = floor_of(member, years, terms.share)
        if terms.share is None:
            already = np.maximum(floor - forecast, 0.0)
        volatility, correlation = terms.volatility, terms.correlation
    return Exposure(
        member.id,
        member.name,
        can_end(member, years) | (years == member.years[-1]) if floor is not None else can_end(member, years),
        forecast,
        floor,
        already,
        volatility,
        correlation,
        tuple(causes),
        max(correlations, default=0.0),
    )


def floor_of(member: Member, years: np.ndarray, share: float | None) -> np.ndarray:
    """Guaranteed users' payments by year: a share of the forecast, or the project's own guaranteed revenue where it states one."""
    if share is not None:
        return share * member.on(years, "user_payments")
    return member.on(years, "minimum_revenue")
