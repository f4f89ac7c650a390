"""Section 4: what a tranche may be, by each limit, and how it is repaid. One tranche at a time; no circle is known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from second_model.exact import ONE, ZERO, exact
from second_model.rows import Rows

TIE = Decimal("1e-11")
ORDER = ["gearing", "amount", "dscr", "llcr"]


@dataclass
class Tranche:
    """A tranche of the file with its rates by row."""

    key: str
    terms: object
    rows: Rows
    shareholder: bool
    rate: list[Decimal] = field(init=False)  # of the period
    limits: dict = field(default_factory=dict)
    binding: str = ""

    def __post_init__(self):
        self.rate = [self._rate_in(t) * self.rows.months[t] / 12 for t in range(self.rows.count)]

    def _rate_in(self, t: int) -> Decimal:
        rate = exact(self.terms.rate)
        for step in self.terms.rate_steps or []:
            if t in self.rows.operating and self.rows.year_of_row(t) + 1 >= step.from_year:
                rate = exact(step.rate)
        return rate

    def tenor_rows(self, with_tail: bool = True) -> list[int]:
        months = self.terms.tenor
        if with_tail:
            months = min(months, self.rows.o - self.terms.tail)
        return [t for t in self.rows.operating if self.rows.ends[t] - self.rows.c <= months]

    def in_grace(self, t: int) -> bool:
        return self.rows.ends[t] - self.rows.c <= self.terms.grace

    def factors(self, among: list[int]) -> dict[int, Decimal]:
        """Discount factors of consecutive rows, the first discounted one row."""
        found, factor = {}, ONE
        for t in among:
            factor /= ONE + self.rate[t]
            found[t] = factor
        return found


def affordable(tranche: Tranche, cash: list[Decimal], prior: list[Decimal], among: list[int]) -> dict[int, Decimal]:
    cover = exact(tranche.terms.dscr)
    return {t: max(max(cash[t], ZERO) / cover - prior[t], ZERO) for t in among}


def service(tranche: Tranche, debt: Decimal, can: dict | None, among: list[int]) -> list[Decimal]:
    """Scheduled service by row of a balance `debt` at the end of construction, over the tenor rows `among`."""
    rows, terms = tranche.rows, tranche.terms
    paid = [ZERO] * rows.count
    repaying = [t for t in among if not tranche.in_grace(t)]
    factors = tranche.factors(repaying)
    if terms.repayment == "sculpted":
        worth = sum((can[t] * factors[t] for t in repaying), ZERO)
        for t in repaying:
            paid[t] = can[t] * debt / worth if worth else ZERO
        for t in among:
            if tranche.in_grace(t):
                paid[t] = tranche.rate[t] * debt
        return paid
    if terms.repayment == "annuity":
        level = debt / sum(rows.months[t] * factors[t] for t in repaying)
    balance = debt
    for t in among:
        interest = tranche.rate[t] * balance
        if tranche.in_grace(t):
            principal = ZERO
        elif terms.repayment == "annuity":
            principal = level * rows.months[t] - interest
        elif terms.repayment == "equal_principal":
            principal = debt * rows.months[t] / sum(rows.months[s] for s in repaying)
        elif terms.repayment == "bullet":
            principal = debt if t == among[-1] else ZERO
        else:
            principal = debt * _custom_share(tranche, t, among[-1])
        paid[t] = interest + principal
        balance -= principal
    return paid


def _custom_share(tranche: Tranche, t: int, last: int) -> Decimal:
    rows, share = tranche.rows, ZERO
    for k, of_year in enumerate(tranche.terms.principal):
        begins, ends = rows.c + 12 * k, min(rows.c + 12 * (k + 1), rows.ends[last])
        if ends > begins:
            share += exact(of_year) * rows.shared(t, begins, ends) / (ends - begins)
    return share


def limits(tranche: Tranche, need: Decimal, earlier: Decimal, cash, prior, amount, with_tail: bool) -> dict:
    """The largest debt by each limit of the file. `earlier` is the debt, `prior` the service by row, of tranches before it."""
    terms, among = tranche.terms, tranche.tenor_rows(with_tail)
    found = {"gearing": exact(terms.max_gearing) * need - earlier}
    if amount is not None:
        found["amount"] = amount
    if terms.dscr is not None:
        found["dscr"] = _by_cover(tranche, cash, prior, among)
    if terms.llcr is not None:
        factors = tranche.factors(among)
        worth = sum((max(cash[t], ZERO) * factors[t] for t in among), ZERO)
        found["llcr"] = worth / exact(terms.llcr) - earlier
    return found


def _by_cover(tranche: Tranche, cash, prior, among) -> Decimal:
    can = affordable(tranche, cash, prior, among)
    repaying = [t for t in among if not tranche.in_grace(t)]
    candidates = [can[t] / tranche.rate[t] for t in among if tranche.in_grace(t) and tranche.rate[t] != 0]
    if tranche.terms.repayment == "sculpted":
        factors = tranche.factors(repaying)
        candidates.append(sum((can[t] * factors[t] for t in repaying), ZERO))
    else:
        unit = service(tranche, ONE, None, among)
        candidates += [can[t] / unit[t] for t in repaying if unit[t] > 0]
    return min(candidates)


def size(tranche: Tranche, need, earlier, cash, prior, amount) -> Decimal:
    """The smallest of the limits, at least 0; remembers all of them, and which binds."""
    tranche.limits = limits(tranche, need, earlier, cash, prior, amount, True)
    smallest = min(tranche.limits.values())
    near = TIE * max(abs(smallest), ONE)
    tranche.binding = next(key for key in ORDER if key in tranche.limits and tranche.limits[key] <= smallest + near)
    if tranche.binding in ("dscr", "llcr") and tranche.tenor_rows() != tranche.tenor_rows(False):
        full = min(limits(tranche, need, earlier, cash, prior, amount, False).values())
        if full > smallest + near:
            tranche.binding = "tail"
    return max(smallest, ZERO)
