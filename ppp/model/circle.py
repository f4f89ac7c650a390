"""The circle of a project company: debt needs cash flow after tax, tax needs interest, interest and fees need debt, uses need them all.

It is closed by repetition: each round takes debt, need, tax and the opening reserve as known and finds them anew, until none moves
by more than TOLERANCE of the need. Every round passes through the same functions that the statements show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.cash import Paid, Waterfall
from ppp.model.compiled import added, compiled, whole
from ppp.model.debt import Lender, Schedule
from ppp.model.funding import TINY, Construction, Funded
from ppp.model.inputs import Inputs
from ppp.model.reserves import share_of_coming_service
from ppp.model.tax import TaxYears, depreciation, even_over_operation
from ppp.model.working_capital import increase

TOLERANCE = 1e-13  # of the need for funds; what is reported of it stays below 1e-10
MOST_ROUNDS = 300

LOOKING_AHEAD = 40  # rounds; a circle that is still open after so many goes on step by step

Lines = dict[str, np.ndarray]


@dataclass(frozen=True)
class Financed:
    """A company whose circle is closed. tax, losses_used, depreciation, profit: (operating rows, cases); binding: by tranche (cases,)
    as an index into debt.LIMITS; residual: (cases,), how far the last round still moved, relative to the need."""

    funded: Funded
    schedules: list[Schedule]
    paid: Paid
    reserve_at_completion: np.ndarray
    target_at_completion: np.ndarray
    depreciation: np.ndarray
    profit: np.ndarray
    tax: np.ndarray
    losses_used: np.ndarray
    tax_without_interest: np.ndarray
    binding: list[np.ndarray]
    residual: np.ndarray


class Circle:
    """Everything that does not change between the rounds, and one round."""

    def __init__(self, inputs: Inputs, lines: Lines):
        timeline, rows = inputs.timeline, inputs.timeline.operating
        self.inputs = inputs
        self.tranches = inputs.tranches
        self.lenders = [Lender(tranche, timeline) for tranche in inputs.tranches]
        self.construction = Construction(inputs, lines["vat"])
        self.disposal = lines["disposal"][rows]
        self.cash_before_tax = cash_before_tax(lines)[rows]
        self.before_interest = lines["ebitda"][rows] + self.disposal - lines["vat_written_off"][rows]
        self.land = inputs.land if np.any(inputs.land) else np.zeros(1)
        self.before_write_off = self.before_interest - even_over_operation(self.land, timeline)
        self.write_off_shares = depreciation(1.0, inputs.tax, timeline)[:, 0]
        filled = lines["maintenance_reserve"] + lines["working_capital_filled"]
        self.filled = filled[timeline.completion] + inputs.opening_cash
        self.tax_years = None if inputs.tax is None else TaxYears(inputs.tax, timeline)
        cover = inputs.reserves.service_months
        self.coming = None if cover is None else share_of_coming_service(cover, timeline)[timeline.completion :, rows]
        self.sweeping = any(bool(np.any(tranche.sweep > 0)) for tranche in inputs.tranches)

    def solve(self) -> Financed:
        """Rounds until the circle is closed, then what binds. Unlevered tax is that of the same company without interest."""
        tax = np.zeros_like(self.before_interest)
        need = np.maximum(self.construction.plain.sum(axis=0) + self.inputs.close_costs + self.filled, 0.0)
        ahead = Ahead()
        for _ in range(MOST_ROUNDS):
            schedules, offers = self._size(tax, need)
            target = self._target(schedules)
            opening = target[0] if self.inputs.reserves.service_in_construction else np.zeros(1)
            funded = self.construction.fund([schedule.opening for schedule in schedules], need, self.filled + opening)
            paid = self._paid(tax, schedules, target, funded) if self.sweeping else None
            profit = self._profit(paid.interest if paid else [schedule.interest for schedule in schedules], funded)
            new_tax, used = self._tax(profit)
            moved = ahead.look(tax, need, new_tax, np.maximum(funded.need, 0.0))
            residual = moved / np.maximum(np.abs(funded.need), TINY)
            if np.max(residual) < TOLERANCE:
                break
            tax, need = ahead.tax, ahead.need
        tax = new_tax
        paid = self._paid(tax, schedules, target, funded)
        written_off = self._depreciation(funded)
        binding = [lender.binding(*offer) for lender, offer in zip(self.lenders, offers, strict=True)]
        free, _ = self._tax(self._profit([], funded))
        return Financed(
            funded, schedules, paid, opening, target[0], written_off, profit, tax, used, free, binding, residual
        )

    def _size(self, tax, need) -> tuple[list[Schedule], list[tuple]]:
        """Each tranche in turn, on what earlier ones leave: schedules of debts sized, and what each lender was offered."""
        schedules, offers = [], []
        prior_service, earlier = np.zeros(1), np.zeros(1)
        for lender in self.lenders:
            if schedules:
                prior_service = prior_service + schedules[-1].service
                earlier = earlier + schedules[-1].opening
            cash = self.cash_before_tax - tax if lender.tranche.after_tax else self.cash_before_tax
            affordable = lender.affordable(cash, prior_service)
            offers.append((cash, affordable, need, earlier))
            schedules.append(lender.loan.schedule(lender.size(*offers[-1]), affordable))
        return schedules, offers

    def _target(self, schedules: list[Schedule]) -> np.ndarray:
        """What the debt service reserve should hold at completion and at the end of each operating row: (1 + operating rows, cases)."""
        lent = [schedule for schedule, tranche in zip(schedules, self.tranches, strict=True) if tranche.lender]
        if self.coming is None or not lent:
            return np.zeros((self.disposal.shape[0] + 1, 1))
        owed = sum(np.concatenate([schedule.opening[None], schedule.closing]) for schedule in lent)
        return np.clip(self.coming @ sum(schedule.service for schedule in lent), 0.0, np.maximum(owed, 0.0))

    def _paid(self, tax, schedules: list[Schedule], target, funded: Funded) -> Paid:
        filled = target[0] if self.inputs.reserves.service_in_construction else np.zeros(1)
        return Waterfall(self.tranches, schedules, self.inputs.distributions).run(
            self.cash_before_tax - tax,
            self.disposal,
            self._profit([], funded) - tax,
            target[1:],
            filled,
            funded.equity.sum(axis=0),
            self.inputs.opening_cash,
        )

    def _profit(self, interest: list[np.ndarray], funded: Funded) -> np.ndarray:
        """Profit before tax: EBITDA + disposal - interest - write-offs, (operating rows, cases)."""
        borne, cost = added(interest, np.zeros((1, 1))), self._cost(funded)
        shape = np.broadcast_shapes(self.before_write_off.shape, borne.shape, cost.shape)
        profit = np.empty(shape)
        _less_costs(
            whole(self.before_write_off, shape),
            whole(borne, shape),
            self.write_off_shares,
            whole(cost, shape[1:]),
            profit,
        )
        return profit

    def _cost(self, funded: Funded) -> np.ndarray:
        """What depreciation writes off: all that construction cost less grants and land, (cases,)."""
        return (funded.capex + funded.interest + funded.fees - funded.grant).sum(axis=0) - self.land

    def _depreciation(self, funded: Funded) -> np.ndarray:
        return self.write_off_shares[:, None] * self._cost(funded) + even_over_operation(
            self.land, self.inputs.timeline
        )

    def _tax(self, profit) -> tuple[np.ndarray, np.ndarray]:
        if self.tax_years is None:
            return np.zeros_like(profit), np.zeros_like(profit)
        return self.tax_years.tax(profit)


def _less_costs(before, interest, shares, cost, profit):
    rows, cases = profit.shape
    for t in range(rows):
        for c in range(cases):
            profit[t, c] = before[t, c] - interest[t, c] - shares[t] * cost[c]


class Ahead:
    """Where the next round begins: from two rounds' moves the place where they would end, if they went on in proportion.

    With x what a round was given and g what it found, f = g - x: next = g - theta (g - g_before), theta = (f - f_before) . f /
    |f - f_before|^2, each case by itself. Source: D. G. Anderson, Journal of the ACM 12 (1965) 547-560, with one step of memory.
    """

    def __init__(self) -> None:
        self.rounds = 0

    def look(self, tax, need, new_tax, new_need) -> np.ndarray:
        """How far a round has moved tax (rows, cases) and need (cases,) together: (cases,). Both for the next round are then known."""
        cases = np.broadcast_shapes(new_tax.shape[1:], np.shape(new_need))
        shape = (tax.shape[0], *cases)
        found = whole(new_tax, shape), whole(new_need, cases)
        if not self.rounds:
            self.tax, self.need = whole(tax, shape).copy(), whole(need, cases).copy()
            self.before, self.moved = found, (np.zeros(shape), np.zeros(cases))
        follow = 0 < self.rounds <= LOOKING_AHEAD
        moved = _look_ahead(self.tax, self.need, *found, *self.before, *self.moved, follow)
        self.before = found
        self.rounds += 1
        return moved


def _look_ahead(tax, need, new_tax, new_need, tax_before, need_before, tax_moved, need_moved, follow):
    """Replaces tax (rows, cases) and need (cases,), as they were given, by what to give next, and the moves before by these. Returns the
    largest move of tax plus that of need, (cases,)."""
    rows, cases = tax.shape
    along, size, most = np.zeros(cases), np.zeros(cases), np.zeros(cases)
    for t in range(rows):
        for c in range(cases):
            move = new_tax[t, c] - tax[t, c]
            change = move - tax_moved[t, c]
            along[c] += change * move
            size[c] += change * change
            most[c] = most[c] if abs(move) <= most[c] else abs(move)
            tax_moved[t, c] = move
    for c in range(cases):
        move = new_need[c] - need[c]
        change = move - need_moved[c]
        along[c] += change * move
        size[c] += change * change
        most[c] += abs(move)
        need_moved[c] = move
        theta = along[c] / size[c] if follow and size[c] > 0.0 else 0.0
        need[c] = max(new_need[c] - theta * (new_need[c] - need_before[c]), 0.0)
        along[c] = theta
    for t in range(rows):
        for c in range(cases):
            tax[t, c] = new_tax[t, c] - along[c] * (new_tax[t, c] - tax_before[t, c])
    return most


_look_ahead = compiled(_look_ahead)
_less_costs = compiled(_less_costs)


def cash_before_tax(lines: Lines) -> np.ndarray:
    """EBITDA - increase of working capital - VAT - increase of the maintenance reserve, (rows, cases): CFADS before tax in operation.

    What was filled at completion for the first working capital is spent on it in the next row."""
    prepaid = increase(lines["working_capital_filled"])
    moved = increase(lines["receivables"] - lines["payables"]) + increase(lines["maintenance_reserve"])
    return lines["ebitda"] - added([moved, prepaid, lines["vat"]])
