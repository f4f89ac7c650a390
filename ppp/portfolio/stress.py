"""Stress tests: each shock of the pack as one case of the same model, and the year in which it crosses each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ppp.district import District
from ppp.portfolio import affordability, debt_risk
from ppp.portfolio.budgets import Budgets, budgets
from ppp.portfolio.debt_path import DebtPath, debt_path
from ppp.portfolio.exposures import can_end, exposures, termination_sums
from ppp.portfolio.members import Member
from ppp.portfolio.packs import DebtRules, Shock
from ppp.regimes import Rules

COLOURS = ("yellow", "orange", "red")


@dataclass(frozen=True)
class Ended:
    """The termination that a stress test takes: the largest sum of any project, cause and year; cause None by the pack's assumption."""

    member: Member
    cause: str | None
    year: int
    amount: float


@dataclass(frozen=True)
class Stressed:
    """One shock. spending and budget (years,): what the cap is measured on; crossed: first year by line, None where it is not; extra:
    what guarantees and terminations cost in all years, on the cap or beside it."""

    shock: Shock
    spending: np.ndarray
    budget: np.ndarray
    standing: debt_risk.Standing
    crossed: dict[str, int | None]
    extra: float

    @property
    def peak(self) -> float:
        return float((self.spending / self.budget).max())


def stress(
    district: District,
    rules: Rules,
    base: Budgets,
    members: list[Member],
    promised: np.ndarray,
    together: np.ndarray,
    pack: DebtRules,
    stored: Sequence[Member] = (),
) -> list[Stressed]:
    """The base and every shock of the pack; promised (years,): existing commitments; members: all that the accounts hold; together
    (years,): what all guarantees of the projects would cost if called in a year; stored: stored projects that are dearest to end.
    Needs the district's debt."""
    shocks = [Shock(key="base"), *pack.stress]
    years, count = base.years, len(shocks)
    flat = budgets(district, rules, years, no_growth=True)
    forecasts = [flat if shock.no_growth else base for shock in shocks]
    spending = sum((m.on(years, "fiscal_spending") for m in members), np.zeros(years.size))
    received = sum((m.on(years, "government_distributions") for m in members), np.zeros(years.size))
    extra, outside = np.zeros((years.size, count)), np.zeros((years.size, count))
    projects = np.tile(spending[:, None], count)
    income = np.tile(received[:, None], count)
    for case, shock in enumerate(shocks):
        if shock.guarantees:
            extra[:, case], outside[:, case] = called_together(district, years, together)
        ended = largest_termination(district, members, years, pack, stored) if shock.termination else None
        if ended is not None:
            extra[years == ended.year, case] = ended.amount
            after = years > ended.year
            projects[after, case] -= ended.member.on(years, "fiscal_spending")[after]
            income[after, case] -= ended.member.on(years, "government_distributions")[after]
    change = np.array([shock.revenue for shock in shocks])
    path = debt_path(
        district,
        base,
        pack.capacity.parts,
        added=projects + extra + outside - income,
        saved=projects * district.found_within_budget,
        revenue_change=change,
        rate_added=np.array([shock.rate for shock in shocks]),
        rigid=pack.rigid_share.value,
        forecasts=forecasts,
    )
    loads = promised[:, None] + projects + extra
    called = (extra + outside).sum(axis=0)
    return [_read(district, rules, shock, case, path, loads, pack, called) for case, shock in enumerate(shocks)]


def _read(
    district: District,
    rules: Rules,
    shock: Shock,
    case: int,
    path: DebtPath,
    loads: np.ndarray,
    pack: DebtRules,
    called: np.ndarray,
) -> Stressed:
    budget, load = path.expenditure_general[:, case], loads[:, case]
    found = debt_risk.standing(district, path, case, pack)
    crossed = {line.key: line.first for line in affordability.lines(rules, path.years, load, budget)}
    crossed |= {colour: found.first_year(found.reached(colour, pack)) for colour in COLOURS}
    crossed |= {measure: found.first_year(hit) for measure, hit in found.triggered.items()}
    crossed["unpaid"] = found.first_year(found.unpaid > 0.0)
    return Stressed(shock, load, budget, found, crossed, float(called[case]))


def called_together(district: District, years: np.ndarray, together: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every guarantee called in the one year in which all of them cost most, each (years,): those of the projects, and those outside
    PPP, which are paid in cash and no part of what the cap is measured on. Debt guarantees in full, revenue guarantees at the call
    that 95 % of the draws do not exceed. Terminations are another test."""
    outside = np.zeros(years.size)
    for exposure in exposures(district, [], years):
        outside += sum(cause.amounts for cause in exposure.causes) * exposure.live
    worst = np.arange(years.size) == np.argmax(together + outside)
    return together * worst, outside * worst


def largest_termination(
    district: District, members: list[Member], years: np.ndarray, pack: DebtRules, stored: Sequence[Member] = ()
) -> Ended | None:
    """The dearest termination of any project, by cause and year; None where none costs anything on these years. A listed project
    without terms, and the stored one that owes most, end with the part of their debt that the pack assumes."""
    found = []
    for member in [*(m for m in members if m.listed is not None), *stored]:
        terms = member.terms.termination if member.terms else None
        if terms is None:
            causes = {None: pack.assumed_termination.value * member.on(years, "debt_closing") * can_end(member, years)}
        else:
            causes = termination_sums(member, terms, years, district.discount_rate or 0.0)
        for cause, sums in causes.items():
            if sums.any():  # else it is over, or nothing is paid any more
                at = int(np.argmax(sums))
                found.append(Ended(member, cause, int(years[at]), float(sums[at])))
    return max(found, key=lambda ended: ended.amount, default=None)
