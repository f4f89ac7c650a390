"""Sections 4 to 6: debt, draws, interest, fees, reserve, sweep and tax, computed one after another from what the last round
found, again and again until nothing moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from second_model import debt as debts
from second_model.before_debt import BeforeDebt
from second_model.debt import Tranche
from second_model.distribution import Distribution
from second_model.exact import CLOSE, HALF, ONE, ZERO, exact
from second_model.tax import depreciation, income_tax

MOST_ROUNDS = 3000


@dataclass
class State:
    """What a round takes from the one before. By tranche key, and "equity" for equity (drawn by it or by its bridge)."""

    draws: dict[str, list[Decimal]]
    bridge_interest: list[Decimal]
    sizes: dict[str, Decimal]
    tax: list[Decimal]
    prepaid: dict[str, list[Decimal]]
    reserve_target: Decimal = ZERO
    needs: list[Decimal] = field(default_factory=list)

    def numbers(self) -> list[Decimal]:
        """Everything that must stand still."""
        found = [*self.sizes.values(), *self.tax, self.reserve_target, *self.bridge_interest]
        for rows in [*self.draws.values(), *self.prepaid.values()]:
            found += rows
        return found


class Circle:
    """The funded company. `rounds` says how many repetitions it took."""

    def __init__(self, before: BeforeDebt):
        self.before, self.project, self.rows = before, before.project, before.rows
        self.funding, self.count = self.project.funding, before.rows.count
        self.theta = {"start": ONE, "middle": HALF, "end": ZERO}[before.rule("construction_draws")]
        self.tranches = self._tranches()
        self.lenders = [tranche for tranche in self.tranches if not tranche.shareholder]
        self.reserve_terms = self.funding.reserves.debt_service if self.funding.reserves is not None else None
        self._solve()

    def _tranches(self) -> list[Tranche]:
        given = []
        if self.funding.debt is not None:
            given.append(Tranche("senior", self.funding.debt, self.rows, False))
        for key, terms in self.funding.further_debt.items():
            given.append(Tranche(key, terms, self.rows, terms.rank == "shareholder"))
        return given

    def _solve(self) -> None:
        keys = [tranche.key for tranche in self.tranches]
        zeros = [ZERO] * self.count
        state = State(
            {key: zeros for key in [*keys, "equity"]},
            zeros,
            dict.fromkeys(keys, ZERO),
            zeros,
            dict.fromkeys(keys, zeros),
        )
        self.rounds = 0
        while True:
            new = self._round(state)
            self.rounds += 1
            scale = sum(self.uses, ONE)
            moved = max(abs(a - b) for a, b in zip(new.numbers(), state.numbers(), strict=True))
            if moved <= CLOSE * scale:
                return
            if self.rounds == MOST_ROUNDS:
                raise ArithmeticError(f"the circle does not close: it still moves by {moved / scale:.3e} of uses")
            state = new

    def _round(self, old: State) -> State:
        needs = self._uses(old)
        sizes = self._sizes(old, sum(needs, ZERO))
        draws = self._draws(needs, sizes)
        bridge = self._bridge(draws["equity"])
        self._balances(draws, sizes)
        prepaid, target = self._operate(old, sizes)
        self._tax()
        return State(draws, bridge, sizes, self.tax, prepaid, target)

    # construction

    def _uses(self, old: State) -> list[Decimal]:
        """Interest, fees and the uses of each construction row; what must be raised beside the grant."""
        before, rows, funding = self.before, self.rows, self.funding
        self.idc, self.fees = list(old.bridge_interest), [ZERO] * self.count
        self.idc_of = {}
        for tranche in self.tranches:
            self.idc_of[tranche.key], fees = self._interest_and_fee(tranche, old)
            self.idc = [a + b for a, b in zip(self.idc, self.idc_of[tranche.key], strict=True)]
            self.fees = [a + b for a, b in zip(self.fees, fees, strict=True)]
            self.fees[0] += exact(tranche.terms.upfront_fee) * old.sizes[tranche.key]
        self.fees[0] += exact(funding.close_costs) * before.prices.of_row(0)
        c = rows.last_building
        self.opening_cash = exact(funding.opening_cash) * before.prices.of_row(c)
        self.uses = [ZERO] * self.count
        for t in rows.building:
            self.uses[t] = before.lines["capex"][t] + before.lines["vat"][t] + self.idc[t] + self.fees[t]
        self.filled = [ZERO] * self.count
        self.filled[c] = self.opening_cash + before.lines["maintenance_reserve"][c] + before.working_capital_filled
        self.filled[c] += old.reserve_target if self._filled_in_construction() else ZERO
        self.uses[c] += self.filled[c]
        return [self.uses[t] - before.lines["grant"][t] for t in range(self.count)]

    def _filled_in_construction(self) -> bool:
        return self.reserve_terms is not None and self.reserve_terms.funded == "construction"

    def _interest_and_fee(self, tranche: Tranche, old: State) -> tuple[list[Decimal], list[Decimal]]:
        interest, fees, balance = [ZERO] * self.count, [ZERO] * self.count, ZERO
        for t in self.rows.building:
            drawn = old.draws[tranche.key][t]
            bearing = balance + self.theta * drawn
            interest[t] = tranche.rate[t] * bearing
            undrawn = old.sizes[tranche.key] - bearing
            fees[t] = exact(tranche.terms.commitment_fee) * self.rows.months[t] / 12 * undrawn
            balance += drawn
        return interest, fees

    def _sizes(self, old: State, need: Decimal) -> dict[str, Decimal]:
        """The size of each tranche in order, and its schedule of service."""
        cash = self._lender_cash(old.tax)
        prior, earlier = [ZERO] * self.count, ZERO
        sizes, self.scheduled = {}, {}
        for tranche in self.tranches:
            amount = tranche.terms.amount
            if amount is not None:
                amount = exact(amount) * self.before.prices.of_row(0)
            own_cash = cash[tranche.terms.dscr_basis]
            sizes[tranche.key] = debts.size(tranche, need, earlier, own_cash, prior, amount)
            among = tranche.tenor_rows()
            can = debts.affordable(tranche, own_cash, prior, among) if tranche.terms.dscr is not None else None
            self.scheduled[tranche.key] = debts.service(tranche, sizes[tranche.key], can, among)
            prior = [a + b for a, b in zip(prior, self.scheduled[tranche.key], strict=True)]
            earlier += sizes[tranche.key]
        return sizes

    def _lender_cash(self, tax: list[Decimal]) -> dict[str, list[Decimal]]:
        before = self.before
        untaxed = [
            before.lines["ebitda"][t]
            - before.working_capital_increase[t]
            - before.lines["vat"][t]
            - before.maintenance_increase[t]
            + before.working_capital_released[t]
            if t in self.rows.operating
            else ZERO
            for t in range(self.count)
        ]
        return {"before_tax": untaxed, "after_tax": [a - b for a, b in zip(untaxed, tax, strict=True)]}

    def _draws(self, needs: list[Decimal], sizes: dict[str, Decimal]) -> dict[str, list[Decimal]]:
        """Each row's need, from the two sides by `order`, within a side in proportion to totals."""
        debt_side = {tranche.key: sizes[tranche.key] for tranche in self.lenders}
        equity_side = {t.key: sizes[t.key] for t in self.tranches if t.shareholder}
        equity_side["equity"] = sum(needs, ZERO) - sum(sizes.values(), ZERO)
        total = {"debt": sum(debt_side.values(), ZERO), "equity": sum(equity_side.values(), ZERO)}
        draws = {key: [ZERO] * self.count for key in [*debt_side, *equity_side]}
        left = dict(total)
        first = {"equity_first": "equity", "debt_first": "debt"}.get(self.funding.order)
        for t in self.rows.building:
            if first is None:
                everything = total["debt"] + total["equity"]
                taken = {side: needs[t] * total[side] / everything if everything else ZERO for side in total}
            else:
                second = "debt" if first == "equity" else "equity"
                taken = {first: min(needs[t], left[first])}
                taken[second] = needs[t] - taken[first]
                left[first] -= taken[first]
            for side, pieces in (("debt", debt_side), ("equity", equity_side)):
                for key, amount in pieces.items():
                    if total[side]:
                        draws[key][t] = taken[side] * amount / total[side]
        return draws

    def _bridge(self, equity: list[Decimal]) -> list[Decimal]:
        """Interest on the bridge that stands in for equity; without one, equity is paid as it is drawn."""
        c, bridge = self.rows.last_building, self.funding.equity_bridge
        interest = [ZERO] * self.count
        self.bridge_drawn, self.bridge_repaid, self.bridge_closing = ([ZERO] * self.count for _ in range(3))
        self.equity = list(equity)
        if bridge is not None:
            balance = ZERO
            for t in self.rows.building:
                rate = exact(bridge.rate) * self.rows.months[t] / 12
                interest[t] = rate * (balance + self.theta * equity[t])
                balance += equity[t]
                self.bridge_drawn[t], self.bridge_closing[t] = equity[t], balance
            self.bridge_repaid[c], self.bridge_closing[c] = balance, ZERO
            self.equity = [balance if t == c else ZERO for t in range(self.count)]
        return interest

    def _balances(self, draws, sizes) -> None:
        self.draws, self.sizes = draws, sizes
        base = sum(self.before.lines["capex"], ZERO) - self.before.building.land - sum(self.before.lines["grant"], ZERO)
        base += sum(self.idc, ZERO) + sum(self.fees, ZERO)
        self.depreciation = depreciation(self.project.tax, self.rows, base, self.before.building.land)

    # operation

    def _operate(self, old: State, sizes) -> tuple[dict[str, list[Decimal]], Decimal]:
        """Row by row down the waterfall: lenders, their reserve, their sweeps, shareholders' loans, shareholders.

        Returns prepayments and the target that is filled in construction."""
        keys = [tranche.key for tranche in self.tranches]
        self.closing = {key: [ZERO] * self.count for key in keys}
        self.interest = {key: [ZERO] * self.count for key in keys}
        self.principal = {key: [ZERO] * self.count for key in keys}
        self.prepaid = {key: [ZERO] * self.count for key in keys}
        self.plan = {tranche.key: self._planned_principal(tranche) for tranche in self.tranches}
        for key in keys:
            for t in self.rows.building:
                self.closing[key][t] = sum(self.draws[key][: t + 1], ZERO)
            self.closing[key][self.rows.last_building] = sizes[key]
        self._untouched_profit()
        self.cfads = self._lender_cash(old.tax)["after_tax"]
        c = self.rows.last_building
        self.target, self.reserve = [ZERO] * self.count, [ZERO] * self.count
        self.target[c] = self._target(c)
        self.reserve[c] = old.reserve_target if self._filled_in_construction() else ZERO
        self.paid = Distribution(self)
        for t in self.rows.operating:
            self._waterfall(t, old.tax[t])
        return self.prepaid, self.target[c]

    def _waterfall(self, t: int, tax: Decimal) -> None:
        kept = self.paid.free(t - 1)
        available = kept + self.cfads[t] + self.before.lines["disposal"][t]
        available -= sum((self._pay(tranche, t) for tranche in self.lenders), ZERO)
        self.target[t] = ZERO if t == self.rows.last else self._target(t)
        held = self.reserve[t - 1]
        self.reserve[t] = min(max(available + held, ZERO), self.target[t])
        left = available + held - self.reserve[t]
        left -= self._sweep(self.lenders, t, min(left, left - kept))
        shareholders = [tranche for tranche in self.tranches if tranche.shareholder]
        left -= sum((self._pay(tranche, t) for tranche in shareholders), ZERO)
        left -= self._sweep(shareholders, t, min(left, left - kept))
        self.profit[t] = self.untouched[t] - sum((rows[t] for rows in self.interest.values()), ZERO)
        self.paid.pay_out(t, left, self.profit[t] - tax)

    def lender_service(self, t: int) -> Decimal:
        return sum((self.interest[x.key][t] + self.principal[x.key][t] for x in self.lenders), ZERO)

    def _planned_principal(self, tranche: Tranche) -> list[Decimal]:
        """Scheduled service less interest on the scheduled balance."""
        plan, balance = [ZERO] * self.count, self.sizes[tranche.key]
        for t in tranche.tenor_rows():
            plan[t] = self.scheduled[tranche.key][t] - tranche.rate[t] * balance
            balance -= plan[t]
        return plan

    def _pay(self, tranche: Tranche, t: int) -> Decimal:
        """Interest on what is owed and the planned principal; a loan swept before its time pays what is left, and never pays out."""
        key, opening = tranche.key, self.closing[tranche.key][t - 1]
        self.interest[key][t] = tranche.rate[t] * opening
        self.principal[key][t] = max(min(self.plan[key][t], opening), -self.interest[key][t])
        self.closing[key][t] = opening - self.principal[key][t]
        return self.interest[key][t] + self.principal[key][t]

    def _sweep(self, tranches: list[Tranche], t: int, cash: Decimal) -> Decimal:
        """Each in order prepays its share of the cash that those before it leave. What they prepay together."""
        cash = given = max(cash, ZERO)
        for tranche in tranches:
            owed = self.closing[tranche.key][t]
            amount = max(min(exact(tranche.terms.sweep) * cash, owed), ZERO)
            self.prepaid[tranche.key][t] = amount
            self.closing[tranche.key][t] = owed - amount
            cash -= amount
        return given - cash

    def _target(self, t: int) -> Decimal:
        """Scheduled lender service of the months covered after row t, at most what lenders are owed."""
        if self.reserve_terms is None:
            return ZERO
        begins = self.rows.ends[t]
        due = owed = ZERO
        for tranche in self.lenders:
            owed += self.closing[tranche.key][t]
            for s in self.rows.operating:
                months = self.rows.shared(s, begins, begins + self.reserve_terms.cover)
                due += self.scheduled[tranche.key][s] * months / self.rows.months[s]
        return max(min(due, owed), ZERO)

    def _untouched_profit(self) -> None:
        """Profit before interest."""
        lines, rows = self.before.lines, self.rows
        self.profit, self.untouched = [ZERO] * self.count, [ZERO] * self.count
        for t in rows.operating:
            earned = lines["ebitda"][t] + lines["disposal"][t]
            self.untouched[t] = earned - self.depreciation[t] - self.before.written_off[t]

    def _tax(self) -> None:
        self.tax, self.losses_used = income_tax(self.project.tax, self.rows, self.profit)
        self.tax_without_interest = income_tax(self.project.tax, self.rows, self.untouched)[0]
