"""What happens to cash in operation: debt service, its reserve, prepayment, distributions.

Arrays cover the operating rows: (operating rows, cases). Equations: docs/model.md, section 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.debt import Schedule
from ppp.model.inputs import DistributionRules, Tranche

TIE = 1e-9  # a cover this near the lock-up meets it: sculpted to the same figure it differs by rounding only
SURPLUS = 1e-12  # of equity: less than this is rounding, not capital still to be returned


@dataclass(frozen=True)
class Paid:
    """By tranche: interest, principal as scheduled, prepayment, closing balance. reserve: balance of the debt service reserve, target:
    what it should hold; left: cash after all of that, before distributions."""

    interest: list[np.ndarray]
    principal: list[np.ndarray]
    prepayment: list[np.ndarray]
    closing: list[np.ndarray]
    reserve: np.ndarray
    target: np.ndarray
    left: np.ndarray

    def service(self, tranches: tuple[Tranche, ...], lender: bool) -> np.ndarray:
        """Interest and scheduled principal of lenders, or of shareholder loans."""
        chosen = [k for k, tranche in enumerate(tranches) if tranche.lender == lender]
        return sum((self.interest[k] + self.principal[k] for k in chosen), np.zeros_like(self.left))


def pay_debt(cash, tranches: tuple[Tranche, ...], schedules: list[Schedule], target, reserve) -> Paid:
    """Pay scheduled service from cash (CFADS and disposal), keep the reserve (opening balance (cases,)) at its target, sweep the rest.

    Each row: reserve_t = min(max(cash - service + reserve_(t-1), 0), target_t), the target being at most what lenders are owed; of what
    is left, each tranche in turn takes sweep x cash, at most its balance. After a prepayment principal_t = min(scheduled, balance),
    so that the end of the schedule falls away; a tranche that is not swept keeps its schedule.
    """
    rates_of = [
        np.divide(s.interest, _opening(s), out=np.zeros_like(s.interest), where=_opening(s) != 0) for s in schedules
    ]
    shape = np.broadcast_shapes(cash.shape, target.shape, np.shape(reserve), *(s.closing.shape for s in schedules))
    interest, principal, prepayment, closing = ([np.zeros(shape) for _ in schedules] for _ in range(4))
    held, due, left = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    swept = [bool(np.any(tranche.sweep > 0)) for tranche in tranches]
    balances = [schedule.opening for schedule in schedules]
    for t in range(shape[0]):
        for k, schedule in enumerate(schedules):
            if swept[k]:
                interest[k][t] = rates_of[k][t] * balances[k]
                scheduled = np.minimum(schedule.principal[t], balances[k])
                principal[k][t] = np.maximum(
                    scheduled, -interest[k][t]
                )  # lenders never pay out for interest that fell away
                balances[k] = balances[k] - principal[k][t]
            else:
                interest[k][t], principal[k][t] = schedule.interest[t], schedule.principal[t]
                balances[k] = schedule.closing[t]
        service = sum((i[t] + p[t] for i, p in zip(interest, principal, strict=True)), 0.0)
        owed = sum((b for b, tranche in zip(balances, tranches, strict=True) if tranche.lender), np.zeros(1))
        available = cash[t] - service + reserve
        due[t] = np.clip(target[t], 0.0, np.maximum(owed, 0.0))
        reserve = np.clip(available, 0.0, due[t])
        rest = available - reserve
        for k, tranche in enumerate(tranches):
            if swept[k]:
                prepayment[k][t] = np.minimum(tranche.sweep * np.maximum(rest, 0.0), balances[k])
                balances[k] = balances[k] - prepayment[k][t]
                rest = rest - prepayment[k][t]
            closing[k][t] = balances[k]
        held[t], left[t] = reserve, rest
    return Paid(interest, principal, prepayment, closing, held, due, left)


def _opening(schedule: Schedule) -> np.ndarray:
    return np.concatenate([schedule.opening[None], schedule.closing[:-1]])


@dataclass(frozen=True)
class Distributed:
    """distributions = dividends + capital returned (the last row: all cash); balances of cash, statutory reserve, retained profit."""

    distributions: np.ndarray
    dividends: np.ndarray
    capital_returned: np.ndarray
    cash: np.ndarray
    statutory_reserve: np.ndarray


def distribute(left, net_profit, equity, opening_cash, cover, rules: DistributionRules | None) -> Distributed:
    """Cash to shareholders. left, net_profit, cover (NaN where nothing is due): (operating rows, cases); equity, opening_cash: (cases,).

    Without rules all cash left goes to shareholders, who pay in what lacks; opening cash is returned in the last row. With rules cash
    is kept: lock-up, profit test, statutory reserve and minimum cash hold it back, and a shortfall stands as negative cash.
    """
    shape = np.broadcast_shapes(left.shape, net_profit.shape, np.shape(equity), np.shape(opening_cash), cover.shape)
    if rules is None:
        distributions = np.broadcast_to(left, shape).copy()
        distributions[-1] += opening_cash
        cash = np.broadcast_to(opening_cash, shape).copy()
        cash[-1] = 0.0
        nothing = np.zeros(shape)
        return Distributed(distributions, distributions, nothing, cash, nothing)
    dividends, returned, cash, statutory = (np.zeros(shape) for _ in range(4))
    held, retained, reserve, capital = (
        np.broadcast_to(opening_cash, shape[1:]),
        np.zeros(shape[1:]),
        np.zeros(shape[1:]),
        equity,
    )
    for t in range(shape[0]):
        held = held + left[t]
        profit = np.minimum(net_profit[t], retained + net_profit[t])
        room = np.maximum(rules.statutory_limit * equity - reserve, 0.0)
        transfer = np.minimum(rules.statutory_rate * np.maximum(profit, 0.0), room)
        reserve, retained = reserve + transfer, retained + net_profit[t] - transfer
        last = t == shape[0] - 1
        payable = held if last else np.maximum(held - rules.minimum_cash, 0.0)
        if rules.lock_up is not None and not last:
            payable = np.where(cover[t] < rules.lock_up * (1.0 - TIE), 0.0, payable)
        paid = np.maximum(np.minimum(payable, np.maximum(retained, 0.0)) if rules.from_profit else payable, 0.0)
        back = np.zeros(shape[1:])
        if last or rules.return_of_capital:
            back = (
                payable - paid
                if last
                else np.minimum(payable - paid, np.where(capital > SURPLUS * equity, capital, 0.0))
            )
        dividends[t], returned[t] = paid, back
        held, retained, capital = held - paid - back, retained - paid, capital - back
        cash[t], statutory[t] = held, reserve
    return Distributed(dividends + returned, dividends, returned, cash, statutory)
