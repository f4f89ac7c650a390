"""What the government owes for each operating year: the contract's payment, the share that performance earns, and deductions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.contract.contract_years import ContractYears
from ppp.contract.performance import (
    Band,
    payment_share,
    performance_payment,
    rounded_to,
    unavailability_rate,
    year_deduction,
)
from ppp.contract.rules import contract_rules
from ppp.model.payments import PARTS
from ppp.performance_terms import Performance, ScaleBand
from ppp.project import Project

PHASES = ("construction", "operation")
GROUPS = ("output", "effect", "management")


@dataclass(frozen=True)
class Scored:
    """One phase of one contract year: weighted score, its parts by branch of the tree (score points of the whole), and share earned."""

    year: int
    phase: str
    score: float
    groups: dict[str, float]
    share: float
    rectify: bool


@dataclass(frozen=True)
class Settlement:
    """(operating years,) each, money in base units. scored: whether the year has scores. construction_share (R1), operation_share (R2):
    1 where nothing was scored. share: of the payment that is due before deductions. entitled: the contract's whole payment.
    construction_part: of the payment. rate: of a weighted area and period; due = entitled x share - deduction."""

    years: ContractYears
    scores: list[Scored]
    scored: np.ndarray
    construction_share: np.ndarray
    operation_share: np.ndarray
    construction_part: np.ndarray
    share: np.ndarray
    rate: np.ndarray
    deduction: np.ndarray
    entitled: np.ndarray

    @property
    def due(self) -> np.ndarray:
        return self.entitled * self.share - self.deduction

    @property
    def lost(self) -> np.ndarray:
        """What performance takes off the whole payment, at least 0 where the cap of the share is 1."""
        return self.entitled - self.due

    @property
    def earned(self) -> np.ndarray:
        """due / entitled; 1 where nothing is entitled."""
        return np.divide(self.due, self.entitled, out=np.ones_like(self.entitled), where=self.entitled > 0)


def settle(project: Project, years: ContractYears, payment: dict[str, np.ndarray]) -> Settlement:
    """payment: "government_payment" and, for a formula, its parts, (operating years, cases) at a yearly rate, of one case."""
    terms = project.contract.performance if project.contract else None
    entitled = years.of_operation(payment["government_payment"])
    count = entitled.size
    ones, zeros = np.ones(count), np.zeros(count)
    if terms is None:
        return Settlement(years, [], zeros > 0, ones, ones, zeros, ones, zeros, zeros, entitled)
    found = scores_of(terms)
    r1 = ones * next((s.share for s in reversed(found) if s.phase == "construction"), 1.0)
    r2, scored = ones.copy(), zeros > 0
    for index, year in enumerate(years.years[years.building :]):
        for entry in found:
            if entry.phase == "operation" and entry.year == year:
                r2[index], scored[index] = entry.share, True
    part = _construction_part(terms, payment, count)
    share = performance_payment(part, 1.0 - part, r1, r2, terms.linked)  # of a payment of 1
    share = np.where(entitled > 0, np.clip(share, terms.floor, terms.cap), 1.0)
    rate, deduction = _deductions(terms, years, entitled)
    return Settlement(years, found, scored, r1, r2, part, share, rate, deduction, entitled)


def bands_of(scale: str | list[ScaleBand]) -> list[ScaleBand]:
    """The bands of a scale, written out or named."""
    return contract_rules().scales[scale].bands if isinstance(scale, str) else scale


def share_of(score: float, scale: str | list[ScaleBand], fractional: str) -> tuple[float, bool]:
    """Share that a score earns, and whether it is paid only after rectification."""
    bands = bands_of(scale)
    read = [Band(band.score, band.share, band.per_point) for band in bands]
    share = float(payment_share(score, read, fractional))
    reached = [band for band in bands if band.score <= score]
    return share, reached[-1].rectify


def scores_of(terms: Performance) -> list[Scored]:
    """Every phase of every year that has scores, in the order of time: score = sum of weight x score."""
    found = []
    for year in sorted({row.year for row in terms.scores}):
        for phase in PHASES:
            rows = [row for row in terms.scores if row.year == year and terms.indicators[row.indicator].phase == phase]
            if not rows:
                continue
            groups = dict.fromkeys(GROUPS, 0.0)
            for row in rows:
                indicator = terms.indicators[row.indicator]
                groups[indicator.group] += indicator.weight * row.score
            score = min(sum(groups.values()), 100.0)
            scale = terms.construction_scale if phase == "construction" else terms.operation_scale
            share, rectify = share_of(score, scale, terms.fractional)
            found.append(Scored(year, phase, score, groups, share, rectify))
    return found


def _construction_part(terms: Performance, payment: dict[str, np.ndarray], count: int) -> np.ndarray:
    """Part of each year's payment that is for construction: given, or the formula's parts for capital and for debt service."""
    if terms.construction_part is not None:
        return np.full(count, terms.construction_part)
    capital, running, service = (payment[key][:, 0] for key in PARTS)
    whole = capital + running + service
    return np.divide(capital + service, whole, out=np.zeros(count), where=whole > 0)


def _deductions(terms: Performance, years: ContractYears, entitled: np.ndarray):
    """Rate and deduction of each operating year. round_rate_to is in the currency itself."""
    rate, deduction = np.zeros(entitled.size), np.zeros(entitled.size)
    given = terms.availability
    if given is None:
        return rate, deduction
    weighted = sum(area.weight * area.count for area in given.areas.values())
    after, factor = (given.ratchet.after, given.ratchet.factor) if given.ratchet else (np.inf, 1.0)
    for index, year in enumerate(years.years[years.building :]):
        exact = unavailability_rate(max(entitled[index], 0.0), weighted, given.periods_a_day, given.days)
        rate[index] = rounded_to(exact, given.round_rate_to)
        events = [(e.area, given.areas[e.area].weight, e.periods) for e in given.events if e.year == year]
        deduction[index] = year_deduction(entitled[index], rate[index], events, after, factor, given.cap)
    return rate, deduction
