"""Who gets the cash that is left, and when: section 6, distributions."""

from __future__ import annotations

from decimal import Decimal

from second_model.circle import Circle
from second_model.exact import ZERO, exact


class Distribution:
    """Lines over rows: distributions, dividends, capital_returned, statutory_reserve, cash."""

    def __init__(self, circle: Circle):
        self.circle, self.rows = circle, circle.rows
        count = self.rows.count
        self.distributions, self.dividends, self.capital_returned = ([ZERO] * count for _ in range(3))
        self.statutory, self.retained, self.cash = ([ZERO] * count for _ in range(3))
        self.net_profit = [a - b for a, b in zip(circle.profit, circle.tax, strict=True)]
        self.cash[self.rows.last_building] = circle.opening_cash
        self.terms = circle.project.distributions
        for t in self.rows.operating:
            free = circle.left[t] - sum((rows[t] for rows in circle.prepaid.values()), ZERO)
            if self.terms is None:
                self._at_once(t, free)
            else:
                self._by_rule(t, free)

    def _at_once(self, t: int, free: Decimal) -> None:
        last = t == self.rows.last
        self.cash[t] = ZERO if last else self.cash[t - 1]
        self.distributions[t] = self.dividends[t] = free + (self.cash[t - 1] if last else ZERO)

    def _by_rule(self, t: int, free: Decimal) -> None:
        circle, terms = self.circle, self.terms
        before = self.cash[t - 1] + free
        earned = self.retained[t - 1] + self.net_profit[t]
        transfer = self._transfer(t, earned)
        self.statutory[t] = self.statutory[t - 1] + transfer
        profit = max(earned - transfer, ZERO)
        paid_in = sum(circle.equity, ZERO) - sum(self.capital_returned, ZERO)
        if t == self.rows.last:
            dividends = max(min(before, profit) if terms.from_profit else before, ZERO)
            returned = before - dividends
        else:
            floor = exact(terms.minimum_cash) * circle.before.prices.of_row(self.rows.last_building)
            payable = ZERO if self._locked(t) else max(before - floor, ZERO)
            dividends = min(payable, profit) if terms.from_profit else payable
            returned = min(payable - dividends, paid_in) if terms.return_of_capital else ZERO
        self.dividends[t], self.capital_returned[t] = dividends, returned
        self.distributions[t] = dividends + returned
        self.retained[t] = earned - transfer - dividends
        self.cash[t] = before - self.distributions[t]

    def _transfer(self, t: int, earned: Decimal) -> Decimal:
        given = self.terms.statutory_reserve
        if given is None:
            return ZERO
        profit = max(min(self.net_profit[t], earned), ZERO)
        room = exact(given.limit) * sum(self.circle.equity, ZERO) - self.statutory[t - 1]
        return max(min(exact(given.rate) * profit, room), ZERO)

    def _locked(self, t: int) -> bool:
        service = sum(
            (self.circle.interest[x.key][t] + self.circle.principal[x.key][t] for x in self.circle.lenders), ZERO
        )
        if self.terms.lock_up is None or service <= 0:
            return False
        return self.circle.cfads[t] / service < exact(self.terms.lock_up) * (1 - Decimal("1e-9"))
