"""What the government pays by operating year, a yearly amount in base units, by every mechanism and convention."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from second_model.exact import HALF, ONE, ZERO, exact
from second_model.operation import Building, money, sold
from second_model.rows import Prices, Rows

Parts = dict[str, list[Decimal]]


def government_payment(project, rule, rows: Rows, prices: Prices, building: Building, running, users, others) -> Parts:
    """Yearly payments by operating year, and the parts that the file's mechanism has. `running` is opex + lifecycle, `users` what users
    pay, `others` what third parties pay, all yearly. rule(key): convention."""
    payment = project.payment
    if payment.kind == "user_pay":
        return _guaranteed_and_shared(payment, rows, prices, users)
    if payment.kind == "availability":
        return {"government_payment": _availability(payment, rows, prices)}
    if payment.kind == "shadow_tariff":
        return {"government_payment": sold(payment, rows, prices)}
    income = [a + b for a, b in zip(users, others, strict=True)]
    return Formula(project, rule, rows, prices, building).payments(running, income)


def _guaranteed_and_shared(payment, rows: Rows, prices: Prices, users) -> Parts:
    minimum = money(payment.minimum_revenue, rows, prices)
    bands = [(money(band.above, rows, prices), exact(band.government)) for band in payment.revenue_share or []]
    guaranteed = [max(minimum[k] - paid, ZERO) for k, paid in enumerate(users)]
    shared = []
    for k, paid in enumerate(users):
        amount, before = ZERO, ZERO
        for above, share in bands:
            amount += (share - before) * max(paid - above[k], ZERO)
            before = share
        shared.append(amount)
    net = [a - b for a, b in zip(guaranteed, shared, strict=True)]
    return {"government_payment": net, "guarantee_payment": guaranteed, "revenue_shared": shared}


def _availability(payment, rows: Rows, prices: Prices) -> list[Decimal]:
    full, passed = money(payment.amount, rows, prices), money(payment.pass_through, rows, prices)
    part, growth = exact(payment.indexed_share), ONE + exact(payment.index)
    return [full[k] * (ONE - part + part * growth**k) + passed[k] for k in range(len(full))]


class Formula:
    """The yearly subsidy of Cai Jin [2015] 21 in its readings (conventions subsidy_* and negative_gap)."""

    def __init__(self, project, rule, rows: Rows, prices: Prices, building: Building):
        self.project, self.payment, self.rule = project, project.payment, rule
        self.rows, self.prices, self.building = rows, prices, building
        given = self.payment.rate if self.payment.rate is not None else project.discounting.rate
        self.rate = prices.rate(given)
        self.profit = exact(self.payment.profit_rate)
        self.last_year = rows.operating_years if self.payment.years is None else self.payment.years
        self.years = Decimal(rows.o) / 12 if self.payment.years is None else Decimal(self.payment.years)

    def payments(self, running, income) -> Parts:
        """Capital, running cost and debt service; a viability gap pays what they are more than the project's income."""
        none, mark_up = [ZERO] * self.rows.operating_years, ONE
        if self.rule("subsidy_marks_up_opex"):
            mark_up += self.profit
        passed = none
        if self.rule("subsidy_method") == "equity_annuity_debt_service":
            passed = money(self.payment.debt_service, self.rows, self.prices)
        capital = [amount if k < self.last_year else ZERO for k, amount in enumerate(self._capital())]
        parts = {
            "payment_capital_part": capital,
            "payment_running_part": [amount * mark_up for amount in running],
            "payment_debt_service_part": passed,
        }
        parts = {key: [self._rounded(amount) for amount in amounts] for key, amounts in parts.items()}
        gaps = [sum(amounts) for amounts in zip(*parts.values(), strict=True)]
        if self.payment.kind == "viability_gap":
            gaps = self._of_gaps([a - b for a, b in zip(gaps, income, strict=True)])
        return {"government_payment": [self._rounded(amount) for amount in gaps], **parts}

    def _capital(self) -> list[Decimal]:
        method = self.rule("subsidy_method")
        rows, years = self.rows, range(self.rows.operating_years)
        if method == "cai_jin_21":
            first = {"from_one": ONE, "from_zero": ZERO, "from_construction": Decimal(rows.c) / 12 + 1}
            n = first[self.rule("subsidy_counting")]
            cost = self._cost() * (ONE + self.profit)
            return [cost * (ONE + self.rate) ** (n + k) / self.years for k in years]
        if method == "level_annuity":
            return [self._cost() * (ONE + self.profit) / self._annuity()] * len(years)
        plain = (
            exact(self.payment.equity_returned_without_profit) * self.prices.scale
        )  # a contract's figure, in any file
        return [(self._equity() - plain) / self._annuity() + plain / self.years] * len(years)

    def _annuity(self) -> Decimal:
        total, until = ZERO, ZERO
        for k in range(self.last_year):
            length = self.rows.length_of_year(k)
            until += length
            total += length * (ONE + self.rate) ** -until
        return total

    def _net_cost(self) -> Decimal:
        return sum(self.building.by_year, self.building.land) - sum(self.building.grant_by_year)

    def _cost(self) -> Decimal:
        cost = self._net_cost() + self._interest()
        return cost - self._government_equity() if self.rule("subsidy_deducts_government_equity") else cost

    def _loan(self) -> Decimal:
        """The loan that the formula supposes: what the publication gives, or the largest gearing of capex less the grant."""
        if self.project.funding is None:
            return exact(self.project.assumed_funding.loan) * self.prices.scale
        debt = self.project.funding.debt
        return ZERO if debt is None else exact(debt.max_gearing) * self._net_cost()

    def _loan_rate(self) -> Decimal:
        if self.project.funding is None:
            return exact(self.project.assumed_funding.loan_rate)
        debt = self.project.funding.debt
        return ZERO if debt is None else exact(debt.rate)

    def _loan_by_year(self) -> list[Decimal]:
        """The loan as all capex is spent; land counts with the first construction year."""
        spent = list(self.building.by_year)
        spent[0] += self.building.land
        return [self._loan() * amount / sum(spent) for amount in spent]

    def _equity(self) -> Decimal:
        if self.project.funding is None:
            return exact(self.project.assumed_funding.capital) * self.prices.scale
        return self._net_cost() - self._loan()

    def _government_equity(self) -> Decimal:
        given = self.project.funding or self.project.assumed_funding
        return exact(given.government_share) * self._equity()

    def _interest(self) -> Decimal:
        """Interest during construction by construction year, drawn at the start, middle or end of each."""
        how, rate = self.rule("subsidy_interest"), self._loan_rate()
        if how == "none" or self.rows.c == 0:
            return ZERO
        part = {"start": ONE, "middle": HALF, "end": ZERO}[self.rule("construction_draws")]
        owed, drawn, total = ZERO, self._loan_by_year(), ZERO
        for j in range(self.rows.construction_years):
            length = Decimal(self.rows.months_of_construction_year(j)) / 12
            interest = rate * length * (owed + part * drawn[j])
            owed += drawn[j] + (interest if how == "compound" else ZERO)
            total += interest
        return total

    def _of_gaps(self, gaps) -> list[Decimal]:
        how = self.rule("negative_gap")
        if how == "floor":
            return [max(gap, ZERO) for gap in gaps]
        if how == "share":
            share = exact(self.payment.excess_share or 0.0)
            return [gap if gap > 0 else share * gap for gap in gaps]
        carried, paid = ZERO, []
        for k, gap in enumerate(gaps):
            length = self.rows.length_of_year(k)
            due = gap * length - carried
            paid.append(max(due, ZERO) / length)
            carried = max(-due, ZERO)
        return paid

    def _rounded(self, amount: Decimal) -> Decimal:
        if self.rule("subsidy_rounding") != "yearly":
            return amount
        unit = self.prices.scale / 100
        return (amount / unit).quantize(ONE, rounding=ROUND_HALF_UP) * unit
