"""Who gets the cash that is left, and when: section 6, distributions."""

from __future__ import annotations

from decimal import Decimal

from second_model.exact import ZERO, exact


class Distribution:
    """Lines over rows: distributions, dividends, capital_returned, statutory_reserve, net_profit, cash; filled row by row."""

    def __init__(self, circle):
        self.circle, self.rows = circle, circle.rows
        count = self.rows.count
        self.distributions, self.dividends, self.capital_returned = ([ZERO] * count for _ in range(3))
        self.statutory, self.retained, self.cash, self.net_profit = ([ZERO] * count for _ in range(4))
        completion = self.rows.last_building
        self.cash[completion] = circle.opening_cash + circle.before.working_capital_filled
        self.equity = sum(circle.equity, ZERO)
        self.terms = circle.project.distributions

    def free(self, t: int) -> Decimal:
        """Cash kept that serves lenders and their reserve in the next row; without the section all has gone but the opening cash."""
        return ZERO if self.terms is None else self._own(t)

    def _own(self, t: int) -> Decimal:
        """Cash of row t less what only waits there to become the first working capital, which CFADS then counts."""
        waiting = self.circle.before.working_capital_filled if t == self.rows.last_building else ZERO
        return self.cash[t] - waiting

    def pay_out(self, t: int, left: Decimal, net_profit: Decimal) -> None:
        """`left` is what lenders leave, cash kept from the row before included where the file limits distributions."""
        self.net_profit[t] = net_profit
        if self.terms is not None:
            self._by_rule(t, left)
            return
        last = t == self.rows.last
        self.cash[t] = ZERO if last else self._own(t - 1)
        self.distributions[t] = self.dividends[t] = left + (self._own(t - 1) if last else ZERO)

    def _by_rule(self, t: int, before: Decimal) -> None:
        terms = self.terms
        earned = self.retained[t - 1] + self.net_profit[t]
        transfer = self._transfer(t, earned)
        self.statutory[t] = self.statutory[t - 1] + transfer
        profit = max(earned - transfer, ZERO)
        not_returned = self.equity - sum(self.capital_returned, ZERO)
        if t == self.rows.last:
            dividends = max(min(before, profit) if terms.from_profit else before, ZERO)
            returned = before - dividends
        else:
            floor = exact(terms.minimum_cash) * self.circle.before.prices.of_row(self.rows.last_building)
            payable = ZERO if self._locked(t) else max(before - floor, ZERO)
            dividends = min(payable, profit) if terms.from_profit else payable
            returned = min(payable - dividends, not_returned) if terms.return_of_capital else ZERO
        self.dividends[t], self.capital_returned[t] = dividends, returned
        self.distributions[t] = dividends + returned
        self.retained[t] = earned - transfer - dividends
        self.cash[t] = before - self.distributions[t]

    def _transfer(self, t: int, earned: Decimal) -> Decimal:
        given = self.terms.statutory_reserve
        if given is None:
            return ZERO
        profit = max(min(self.net_profit[t], earned), ZERO)
        room = exact(given.limit) * self.equity - self.statutory[t - 1]
        return max(min(exact(given.rate) * profit, room), ZERO)

    def _locked(self, t: int) -> bool:
        service = self.circle.lender_service(t)
        if self.terms.lock_up is None or service <= 0:
            return False
        return self.circle.cfads[t] / service < exact(self.terms.lock_up) * (1 - Decimal("1e-9"))
