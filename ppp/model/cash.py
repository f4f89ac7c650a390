"""The cash waterfall of operation: lenders, their reserve, prepayment, shareholder loans, distributions.

Arrays cover the operating rows: (operating rows, cases). Equations: docs/model.md, section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ppp.model.compiled import added
from ppp.model.debt import Schedule
from ppp.model.inputs import DistributionRules, Tranche

TIE = 1e-9  # a cover this near the lock-up meets it: sculpted to the same figure it differs by rounding only
SURPLUS = 1e-12  # of equity: less than this is rounding, not capital still to be returned
NOTHING_DUE = 1e-12  # of the largest service: less than this is what rounding leaves of a loan repaid early


@dataclass(frozen=True)
class Paid:
    """By tranche: interest, principal as scheduled, prepayment, closing balance. reserve, target: balance of the debt service reserve
    and what it should hold; cash: free cash kept; distributions = dividends + capital_returned; statutory_reserve: its balance."""

    interest: list[np.ndarray]
    principal: list[np.ndarray]
    prepayment: list[np.ndarray]
    closing: list[np.ndarray]
    reserve: np.ndarray
    target: np.ndarray
    cash: np.ndarray
    dividends: np.ndarray
    capital_returned: np.ndarray
    statutory_reserve: np.ndarray

    @property
    def distributions(self) -> np.ndarray:
        return added([self.dividends, self.capital_returned])


class Waterfall:
    """One run through the operating rows. Balances (cases,) move from row to row; what happens in each row is kept in `paid`."""

    def __init__(self, tranches: tuple[Tranche, ...], schedules: list[Schedule], rules: DistributionRules | None):
        self.tranches, self.schedules, self.rules = tranches, schedules, rules
        self.swept = [bool(np.any(tranche.sweep > 0)) for tranche in tranches]
        self.rates = [
            _rates(schedule) if swept else None for schedule, swept in zip(schedules, self.swept, strict=True)
        ]
        self.lenders = [k for k, tranche in enumerate(tranches) if tranche.lender]
        self.shareholders = [k for k, tranche in enumerate(tranches) if not tranche.lender]

    def run(self, cfads, disposal, profit, target, reserve, equity, opening_cash) -> Paid:
        """Every row in order: lenders' service; the reserve, to its target (at most what lenders are owed); sweep; shareholder loans;
        distributions. cfads, disposal, profit (after tax, before interest): (operating rows, cases); target likewise; reserve, equity,
        opening_cash: (cases,).

        Without rules all cash left goes to shareholders, who pay in what lacks; opening cash stands by until the last row. With rules
        cash is kept, serves lenders and reserve before it is distributed, and a shortfall stands as negative cash.
        """
        self.shape = self._shape(cfads, disposal, profit, target, reserve, equity, opening_cash)
        self.reserving = bool(np.any(target) or np.any(reserve))
        self.paid = self._empty(opening_cash)
        self.balances = [schedule.opening for schedule in self.schedules]
        self.reserve, self.equity, self.capital = reserve, equity, equity
        self.free, self.retained, self.statutory = opening_cash, np.zeros(1), np.zeros(1)
        for t in range(self.shape[0]):
            kept = self.free if self.rules is not None else 0.0
            service = self._serve(t, self.lenders)
            left = self._fill_reserve(t, kept + cfads[t] + disposal[t] - service, target[t])
            left = self._sweep(t, self.lenders, left, kept)
            left = left - self._serve(t, self.shareholders)
            left = self._sweep(t, self.shareholders, left, kept)
            self._distribute(t, left, profit[t], cfads[t], service, last=t == self.shape[0] - 1)
        return self.paid

    def _shape(self, *varying) -> tuple[int, ...]:
        limits = (self.rules.statutory_rate, self.rules.statutory_limit, self.rules.minimum_cash) if self.rules else ()
        lock_up = () if self.rules is None or self.rules.lock_up is None else (self.rules.lock_up,)
        sweeps = [tranche.sweep for tranche in self.tranches]
        closings = [schedule.closing for schedule in self.schedules]
        return np.broadcast_shapes(*map(np.shape, (*varying, *limits, *lock_up, *sweeps, *closings)))

    def _empty(self, opening_cash) -> Paid:
        """What each row will fill. What the terms do not ask for is zero for all cases alike, and what no sweep changes is as scheduled."""
        nothing = np.zeros((self.shape[0], 1))
        line = lambda asked: np.zeros(self.shape) if asked else nothing  # noqa: E731
        interest, principal, closing = (
            [
                np.zeros(self.shape) if swept else getattr(schedule, key)
                for schedule, swept in zip(self.schedules, self.swept, strict=True)
            ]
            for key in ("interest", "principal", "closing")
        )
        ruled = self.rules is not None
        return Paid(
            interest=interest,
            principal=principal,
            prepayment=[line(swept) for swept in self.swept],
            closing=closing,
            reserve=line(self.reserving),
            target=line(self.reserving),
            cash=line(True) if ruled else np.zeros((self.shape[0], np.size(opening_cash))),
            dividends=line(True),
            capital_returned=line(ruled),
            statutory_reserve=line(ruled),
        )

    @cached_property
    def largest_service(self) -> np.ndarray:
        """Of lenders, as scheduled: (cases,)."""
        return added([self.schedules[k].service for k in self.lenders], np.zeros((1, 1))).max(axis=0)

    def _serve(self, t: int, chosen: list[int]) -> np.ndarray:
        """Scheduled service of some tranches. A swept one pays interest on what it still owes and principal_t = min(scheduled, balance),
        but never so little that its lender pays out: the end of its schedule falls away."""
        total = 0.0
        for k in chosen:
            schedule, balance = self.schedules[k], self.balances[k]
            interest, principal, self.balances[k] = schedule.interest[t], schedule.principal[t], schedule.closing[t]
            if self.swept[k]:
                interest = self.rates[k][t] * balance
                principal = np.maximum(np.minimum(principal, balance), -interest)
                self.balances[k] = balance - principal
                self.paid.interest[k][t], self.paid.principal[k][t] = interest, principal
                self.paid.closing[k][t] = self.balances[k]
            total = total + interest + principal
        return total

    def _fill_reserve(self, t: int, cash, target) -> np.ndarray:
        """reserve_t = min(max(cash + reserve_(t-1), 0), target_t); returns the cash left."""
        if not self.reserving:
            return cash
        owed = sum((self.balances[k] for k in self.lenders), np.zeros(1))
        self.paid.target[t] = np.clip(target, 0.0, np.maximum(owed, 0.0))
        available = cash + self.reserve
        self.reserve = np.clip(available, 0.0, self.paid.target[t])
        self.paid.reserve[t] = self.reserve
        return available - self.reserve

    def _sweep(self, t: int, chosen: list[int], left, kept) -> np.ndarray:
        """Prepayment out of the row's own cash: each tranche in turn takes its share of what is left, at most what it owes. Returns the
        cash left, kept cash of earlier rows included."""
        for k in chosen:
            if self.swept[k]:
                own = np.maximum(np.minimum(left, left - kept), 0.0)
                taken = np.minimum(self.tranches[k].sweep * own, self.balances[k])
                self.balances[k] = self.balances[k] - taken
                self.paid.prepayment[k][t], self.paid.closing[k][t] = taken, self.balances[k]
                left = left - taken
        return left

    def _distribute(self, t: int, left, profit, cfads, service, last: bool) -> None:
        if self.rules is None:
            self.paid.dividends[t] = left + (self.free if last else 0.0)
            self.paid.cash[t] = 0.0 if last else self.free
            return
        self._put_aside(t, profit - sum((interest[t] for interest in self.paid.interest), 0.0))
        payable = left if last else self._payable(left, cfads, service)
        most = np.maximum(self.retained, 0.0) if self.rules.from_profit else np.inf
        dividends = np.maximum(np.minimum(payable, most), 0.0)
        returned = np.zeros_like(dividends)
        if last:
            returned = payable - dividends
        elif self.rules.return_of_capital:
            returned = np.minimum(
                payable - dividends, np.where(self.capital > SURPLUS * self.equity, self.capital, 0.0)
            )
        self.paid.dividends[t], self.paid.capital_returned[t] = dividends, returned
        self.retained, self.capital = self.retained - dividends, self.capital - returned
        self.free = left - dividends - returned
        self.paid.cash[t] = self.free

    def _put_aside(self, t: int, net_profit) -> None:
        """Statutory reserve: a share of profit beyond earlier losses, up to its limit; the rest of the profit may be distributed."""
        profit = np.maximum(np.minimum(net_profit, self.retained + net_profit), 0.0)
        room = np.maximum(self.rules.statutory_limit * self.equity - self.statutory, 0.0)
        transfer = np.minimum(self.rules.statutory_rate * profit, room)
        self.statutory, self.retained = self.statutory + transfer, self.retained + net_profit - transfer
        self.paid.statutory_reserve[t] = self.statutory

    def _payable(self, left, cfads, service) -> np.ndarray:
        """Cash above the minimum, none of it in lock-up: when service is due and CFADS is below lock_up x service."""
        payable = np.maximum(left - self.rules.minimum_cash, 0.0)
        if self.rules.lock_up is None:
            return payable
        due = service > NOTHING_DUE * self.largest_service
        locked = due & (cfads < self.rules.lock_up * (1.0 - TIE) * service)
        return np.where(locked, 0.0, payable)


def _rates(schedule: Schedule) -> np.ndarray:
    """Period rates, as the schedule's interest over its opening balance; 0 where nothing is owed."""
    opening = np.concatenate([schedule.opening[None], schedule.closing[:-1]])
    return np.divide(schedule.interest, opening, out=np.zeros_like(schedule.interest), where=opening != 0)
