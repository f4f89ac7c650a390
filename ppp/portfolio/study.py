"""The district's whole study: every figure of its report, computed once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ppp.district import Accounts, District
from ppp.portfolio import affordability, ledger
from ppp.portfolio.breakdown import Sector, by_sector, by_year, in_cents, stored_on
from ppp.portfolio.budgets import Budgets, budgets, promised, view_of
from ppp.portfolio.contingent import DRAWS, Exposure, Simulated, guaranteed, simulate
from ppp.portfolio.debt_risk import Standing, standing
from ppp.portfolio.exposures import exposures
from ppp.portfolio.files import Portfolio, rules_of
from ppp.portfolio.ledger import CENTS, Cell
from ppp.portfolio.liabilities import Statements, statements
from ppp.portfolio.members import Member
from ppp.portfolio.packs import DebtRules, accounts_of, debt_rules
from ppp.portfolio.plan import Scheduled, schedule
from ppp.portfolio.pool import dearest_to_end, in_whole_cents, pool_of
from ppp.portfolio.schedule import keeps
from ppp.portfolio.stress import Stressed, stress
from ppp.regimes import Rules

CAP_BROKEN, CROSSED, WITHIN, NOT_SOUND = "cap_broken", "line_crossed", "within", "not_sound"


@dataclass(frozen=True)
class Check:
    """A hard check of the study: what it measures and what it may be."""

    key: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Study:
    """Everything that the report says. spending (years,): existing commitments, listed projects and stored results together.

    What the file does not support is None: `statements`, `standing` and `stressed` without debt, `simulated` without guarantees or
    termination terms, `scheduled` without candidates."""

    portfolio: Portfolio
    rules: Rules
    pack: DebtRules
    accounts: Accounts
    budgets: Budgets
    promised: dict[str, np.ndarray]
    cells: list[Cell]
    spending: np.ndarray
    lines: list[affordability.Line]
    spaces: list[affordability.Space]
    user_pay: list[affordability.UserPay]
    simulated: Simulated | None
    statements: Statements | None
    standing: Standing | None
    stressed: list[Stressed]
    scheduled: Scheduled | None
    checks: list[Check]

    @property
    def district(self) -> District:
        return self.portfolio.district

    @property
    def members(self) -> list[Member]:
        return self.portfolio.members

    @property
    def years(self) -> np.ndarray:
        return self.budgets.years

    @property
    def ahead(self) -> np.ndarray:
        """The years after the last settled one, on which contingent liabilities, statements, debt and stress tests stand."""
        return self.years[self.years > self.budgets.recorded]

    @property
    def share(self) -> np.ndarray:
        """Spending over general public budget expenditure, (years,)."""
        return self.spending / self.budgets.columns["expenditure"]

    @cached_property
    def decided(self) -> np.ndarray:
        """Spending that is decided, (years,): all but that of candidates."""
        already = sum(self.promised.values(), np.zeros(self.years.size)) + stored_on(self.portfolio.stored, self.years)
        return already + in_cents(self.cells, self.years, but=_candidates(self.members))

    @cached_property
    def decided_lines(self) -> list[affordability.Line]:
        """The lines against what is decided: the answer stands on them, for candidates are still to be chosen."""
        return affordability.lines(self.rules, self.years, self.decided, self.budgets.columns["expenditure"])

    @cached_property
    def sectors(self) -> list[Sector]:
        """All PPP spending by sector, existing commitments among it."""
        return by_sector(self.cells, self.portfolio.stored, self.district, self.promised, self.years)

    @property
    def cap(self) -> affordability.Line:
        return next(line for line in self.lines if line.key == "affordability_cap")

    @property
    def complete(self) -> bool:
        """Whether every hard check passes."""
        return all(check.passed for check in self.checks)

    @property
    def outcome(self) -> str:
        """The answer on PPP spending in one word: about what is decided."""
        if not self.complete:
            return NOT_SOUND
        crossed = {line.key for line in self.decided_lines if line.count}
        if "affordability_cap" in crossed:
            return CAP_BROKEN
        return CROSSED if crossed else WITHIN

    @property
    def level(self) -> float:
        """Level equivalent of all spending at the district's discount rate (0 where it gives none)."""
        return affordability.level_equivalent(self.spending, self.district.discount_rate or 0.0)

    @cached_property
    def summary(self) -> dict[str, Any]:
        from ppp.portfolio.summary import summary

        return summary(self)


def study(portfolio: Portfolio, draws: int = DRAWS) -> Study:
    """Compute a district's study. Deterministic: the same file gives the same figures."""
    district, members = portfolio.district, portfolio.members
    rules, pack = rules_of(district), debt_rules()
    forecast = budgets(district, rules, _view(portfolio))
    years = forecast.years
    existing = promised(district, years)
    whole = [cell for member in members for cell in ledger.cells(member)]
    cells = [cell for cell in whole if cell.year >= years[0]]
    already = sum(existing.values(), np.zeros(years.size)) + stored_on(portfolio.stored, years)
    spending = already + in_cents(cells, years)
    found = affordability.lines(rules, years, spending, forecast.columns["expenditure"])
    ahead = years > forecast.recorded
    simulated = None
    coming = forecast.ahead
    exposed = exposures(district, members, coming.years)
    stored = portfolio.stored.exposed if portfolio.stored else ()
    rate = district.discount_rate or 0.0

    def pooled() -> Iterator[Exposure]:
        return (e for terms in stored if (e := terms.exposure(coming.years, rate)) is not None)

    if (exposed or stored) and draws:
        discount = (1.0 + rate) ** -(coming.years - forecast.recorded).astype(float)
        simulated = simulate(exposed, discount, district.economy, district.id, draws, pooled())
        together = simulated.together
    else:
        together = sum((guaranteed(e) for e in (*exposed, *pooled())), np.zeros(coming.years.size))
    calls = simulated.total.expected if simulated else np.zeros(coming.years.size)
    accounts = stands = None
    stressed: list[Stressed] = []
    if district.debt is not None:
        booked = [*(in_whole_cents(member) for member in members), *pool_of(portfolio.stored)]
        accounts = statements(district, coming, booked, calls, pack.capacity.parts)
        stands = standing(district, accounts.path, 1, pack)
        committed = sum(existing.values(), np.zeros(years.size))[ahead]
        dearest = dearest_to_end(portfolio.stored)
        stressed = stress(district, rules, coming, booked, committed, together, pack, dearest)
    held = by_year(cells[:0], portfolio.stored, years, lambda sector, kind: sector)
    scheduled = schedule(district, rules, years, forecast.columns["expenditure"], members, already, held)
    return Study(
        portfolio,
        rules,
        pack,
        accounts_of(district),
        forecast,
        existing,
        cells,
        spending,
        found,
        _spaces(district, rules, years, spending, already + in_cents(cells, years, but=_candidates(members))),
        affordability.user_pay_tests(members, rules),
        simulated,
        accounts,
        stands,
        stressed,
        scheduled,
        _checks(portfolio, years, whole, accounts, scheduled, spending, existing),
    )


def _candidates(members: list[Member]) -> frozenset[str]:
    return frozenset(member.id for member in members if member.candidate)


def _spaces(
    district: District, rules: Rules, years: np.ndarray, everything: np.ndarray, decided: np.ndarray
) -> list[affordability.Space]:
    """What still fits, on years that reach past the report's by the longest term; without a discount rate there is no answer."""
    if district.discount_rate is None:
        return []
    recorded = max(entry.year for entry in district.budget)
    ahead = years > recorded
    reached = np.arange(recorded + 1, int(years[-1]) + max(affordability.TERMS) + 1)
    budget = budgets(district, rules, reached).columns["expenditure"]

    def longer(row: np.ndarray) -> np.ndarray:
        return np.concatenate([row[ahead], np.zeros(reached.size - ahead.sum())])

    besides = {affordability.DECIDED: longer(decided)}
    if not np.array_equal(decided, everything):
        besides[affordability.EVERYTHING] = longer(everything)
    return affordability.spaces(rules, reached, besides, budget, district.discount_rate)


def _view(portfolio: Portfolio) -> np.ndarray:
    years = view_of(portfolio.district, portfolio.members)
    if portfolio.stored is None or portfolio.stored.span is None:
        return years
    first, last = portfolio.stored.span
    return np.arange(min(first, years[0]), max(last, years[-1]) + 1)


def _checks(
    portfolio: Portfolio,
    years: np.ndarray,
    whole: list[Cell],
    accounts: Statements | None,
    scheduled: Scheduled | None,
    spending: np.ndarray,
    existing: dict[str, np.ndarray],
) -> list[Check]:
    wrong = ledger.disagreements(portfolio.members, whole)
    cents = ledger.totals((cell for cell in whole if cell.year >= years[0]), lambda cell: cell.year)
    for (year, _, _), amount in (portfolio.stored.cents if portfolio.stored else {}).items():
        cents[year] = cents.get(year, 0) + amount
    shown = round((spending.sum() - sum(row.sum() for row in existing.values())) * CENTS)
    found = [
        Check("cents_by_project", float(sum(abs(part) for part in wrong.values())), 0.0),
        Check("cents_in_total", float(abs(shown - sum(cents.values()))), 0.0),
        Check("projects_sound", float(sum(not m.sound for m in portfolio.members)), 0.0),
    ]
    if portfolio.stored is not None:
        found.append(Check("cents_of_stored", float(abs(portfolio.stored.difference)), 0.0))
    if accounts is not None:
        paid = (accounts.income["project_expense"] + accounts.cash["equity_paid"])[:, 1] * CENTS
        off = max(abs(round(paid[t]) - cents.get(int(year), 0)) for t, year in enumerate(accounts.years))
        found.append(Check("cents_in_accounts", float(off), 0.0))
        found.append(Check("statements_agree", accounts.balanced, 1e-9))
    if scheduled is not None:
        found.append(Check("plan_keeps_rules", float(not keeps(scheduled.problem, scheduled.solution.chosen)), 0.0))
    return found
