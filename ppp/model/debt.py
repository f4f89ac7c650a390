"""One tranche of debt: how much the cash flow carries, which limit binds, and how it is repaid.

Arrays cover the operating rows: (operating rows, cases). All amounts positive. Equations: docs/model.md, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from ppp.model.compiled import compiled, whole
from ppp.model.discounting import period_factors
from ppp.model.inputs import Tranche
from ppp.model.timeline import Timeline

LIMITS = ("gearing", "amount", "dscr", "llcr", "tail")
TIE = 1e-11  # limits closer than this, relatively, bind together; the first named is reported


@dataclass(frozen=True)
class Schedule:
    """interest, principal, closing: (operating rows, cases); opening: (cases,), the debt at the end of construction. closing[-1] is 0
    because debt is repaid on its last day."""

    opening: np.ndarray
    interest: np.ndarray
    principal: np.ndarray
    closing: np.ndarray

    @property
    def service(self) -> np.ndarray:
        return self.interest + self.principal


class Loan:
    """A tranche on a timeline, repaid in the operating rows first..last-1; in the rows before `first` it bears interest only."""

    def __init__(self, tranche: Tranche, timeline: Timeline, last: int | None = None):
        self.tranche, self.first = tranche, tranche.first
        self.last = tranche.last if last is None else last
        self.rates = tranche.rates[timeline.operating]
        self.factors = period_factors(self.rates)
        self.repaying = slice(self.first, self.last)
        after_grace = self.factors[self.repaying]
        self.from_grace = after_grace / self.factors[self.first - 1] if self.first else after_grace
        self.months = timeline.months[timeline.operating][self.repaying, None].astype(float)
        self.principal_shares = self._principal_shares()
        self.unit_service = self._unit_service()
        self._for_cases: tuple[np.ndarray, np.ndarray] | None = None
        self._worth_of: tuple[np.ndarray | None, np.ndarray | None] = None, None

    def _principal_shares(self) -> np.ndarray | None:
        """Share of principal in each repayment row where the kind fixes it: (rows of repayment, 1)."""
        match self.tranche.repayment:
            case "equal_principal":
                return self.months / self.months.sum()
            case "bullet":
                return np.eye(self.months.size)[:, -1:]
            case "custom":
                return self.tranche.custom[:, None]
        return None

    def _unit_service(self) -> np.ndarray | None:
        """Debt service of one unit of debt in the repayment rows; None when it follows the cash flow."""
        if self.principal_shares is not None:
            opening = 1.0 - np.cumsum(self.principal_shares, axis=0) + self.principal_shares
            return self.principal_shares + self.rates[self.repaying] * opening
        if self.tranche.repayment == "annuity":
            return self.months / np.sum(self.months * self.from_grace, axis=0)
        return None

    def capacity(self, affordable) -> np.ndarray:
        """The largest debt whose service stays within `affordable` (operating rows, cases) in every row of the tenor: (cases,).

        sculpted: sum of affordable_t discounted at the loan's rates to the end of grace; otherwise the least affordable_t over the
        service of one unit. Interest in grace must be affordable too."""
        if self.unit_service is None:
            found = self._sculpted(affordable)
        else:
            found = _least(affordable[self.repaying], self.unit_service)
        grace = slice(0, self.first)
        return np.minimum(found, _least(affordable[grace], self.rates[grace])) if self.first else found

    def worth(self, cash) -> np.ndarray:
        """PV at the start of operation of cash over the tenor, at the loan's rates, the first row discounted one period: (cases,)."""
        return _sum_of_products(cash[: self.last], self.factors[: self.last])

    def schedule(self, amount, affordable) -> Schedule:
        """Interest and principal of `amount` (cases,). sculpted: service in proportion to `affordable`, so that its cover is even.

        interest_t = i_t x opening balance; closing = opening - principal."""
        shape = (
            self.rates.shape[0],
            *np.broadcast_shapes(np.shape(amount), self.rates.shape[1:], affordable.shape[1:]),
        )
        opening = whole(amount, shape[1:])
        interest, principal, closing = np.empty(shape), np.empty(shape), np.empty(shape)
        rates, from_grace = self._wide(shape[1])
        if self.principal_shares is not None:
            _repay_shares(opening, self.principal_shares[:, 0], rates, self.first, interest, principal, closing)
        else:
            service, pace = self._paced(opening, affordable)
            service = whole(service, (service.shape[0], shape[1]))
            _repay(opening, service, pace, rates, from_grace, self.first, interest, principal, closing)
        return Schedule(opening, interest, principal, closing)

    def _sculpted(self, affordable) -> np.ndarray:
        """Sum of affordable_t discounted to the end of grace, (cases,); of the same array it is kept, for size and schedule both ask."""
        if self._worth_of[0] is not affordable:
            self._worth_of = affordable, _sum_of_products(affordable[self.repaying], self.from_grace)
        return self._worth_of[1]

    def _paced(self, amount, affordable) -> tuple[np.ndarray, np.ndarray]:
        """What service is proportional to, (rows of repayment, cases), and by which factor: (cases,)."""
        if self.unit_service is not None:
            return self.unit_service, amount
        worth = np.broadcast_to(self._sculpted(affordable), amount.shape)
        return affordable[self.repaying], np.divide(amount, worth, out=np.zeros(amount.shape), where=worth > 0)

    def _wide(self, cases: int) -> tuple[np.ndarray, np.ndarray]:
        """Rates and factors from grace on for so many cases."""
        if self._for_cases is None or self._for_cases[0].shape[1] != cases:
            rows = self.from_grace.shape[0]
            self._for_cases = whole(self.rates, (self.rates.shape[0], cases)), whole(self.from_grace, (rows, cases))
        return self._for_cases


def _affordable(cash, dscr, prior, out):
    for t in range(cash.shape[0]):
        for c in range(cash.shape[1]):
            out[t, c] = cash[t, c] / dscr[c] if cash[t, c] > 0.0 else 0.0
        if prior.size:
            for c in range(cash.shape[1]):
                out[t, c] = max(out[t, c] - prior[t, c], 0.0)


def _repay(amount, due, pace, rates, from_grace, first, interest, principal, closing):
    """A loan of `amount` (cases,) with service due_t x pace from row `first` on, interest only before it and nothing after it.

    Interest is reckoned on the balance as the present value of service yet to come has it, and principal is service less interest, so
    that a small one keeps its digits beside a large balance."""
    rows, cases = rates.shape
    balance, paid, repaid = amount.copy(), np.zeros(cases), np.zeros(cases)
    for t in range(rows):
        k = t - first
        if k < 0 or k >= due.shape[0]:
            for c in range(cases):
                interest[t, c] = rates[t, c] * balance[c] if k < 0 else 0.0
                principal[t, c] = 0.0
                closing[t, c] = amount[c] - repaid[c]
            continue
        for c in range(cases):
            service = due[k, c] * pace[c]
            interest[t, c] = rates[t, c] * balance[c]
            principal[t, c] = service - interest[t, c]
            paid[c] += service * from_grace[k, c]
            balance[c] = (amount[c] - paid[c]) / from_grace[k, c]
            repaid[c] += principal[t, c]
            closing[t, c] = amount[c] - repaid[c]


def _repay_shares(amount, shares, rates, first, interest, principal, closing):
    """A loan of `amount` (cases,) of which the given shares (rows of repayment,) are repaid from row `first` on."""
    rows, cases = rates.shape
    left = 1.0
    for t in range(rows):
        k = t - first
        share = shares[k] if 0 <= k < shares.size else 0.0
        before, left = left, left - share if k + 1 < shares.size else 0.0
        for c in range(cases):
            interest[t, c] = rates[t, c] * amount[c] * before
            principal[t, c] = amount[c] * share
            closing[t, c] = amount[c] * left


_affordable = compiled(_affordable)
_repay = compiled(_repay)
_repay_shares = compiled(_repay_shares)


def _sum_of_products(values, factors) -> np.ndarray:
    """Sum over time of values x factors, (cases,)."""
    return np.einsum("tc,tc->c", *np.broadcast_arrays(values, factors))


def _least(affordable, service) -> np.ndarray:
    """The least affordable / service over rows with service; no limit where there is none. (cases,)"""
    affordable, service = np.broadcast_arrays(affordable, service)
    ratio = np.divide(affordable, service, out=np.full(affordable.shape, np.inf), where=service > 0)
    return ratio.min(axis=0)


class Lender:
    """A tranche's limits and schedule, prepared once for the rounds of the funding circle."""

    def __init__(self, tranche: Tranche, timeline: Timeline):
        self.tranche = tranche
        self.loan = Loan(tranche, timeline)
        self.untailed = Loan(tranche, timeline, tranche.untailed) if tranche.untailed != tranche.last else None

    def affordable(self, cash, prior_service) -> np.ndarray:
        """max(max(lender's cash, 0) / DSCR - service of earlier tranches, 0); DSCR 1 when none is asked. (operating rows, cases)"""
        dscr = np.ones(1) if self.tranche.dscr is None else self.tranche.dscr
        shape = (cash.shape[0], *np.broadcast_shapes(cash.shape[1:], np.shape(prior_service)[1:], np.shape(dscr)))
        prior = whole(prior_service, shape) if np.any(prior_service) else np.empty((0, 0))
        out = np.empty(shape)
        _affordable(whole(cash, shape), whole(dscr, shape[1:]), prior, out)
        return out

    def limits(self, loan: Loan, cash, affordable, need, earlier) -> dict[str, np.ndarray]:
        """Every limit that the terms set, (cases,) each. earlier: debt of earlier tranches; need: uses - grant."""
        terms = self.tranche
        found = {"gearing": terms.max_gearing * need - earlier}
        if terms.amount is not None:
            found["amount"] = terms.amount
        if terms.dscr is not None:
            found["dscr"] = loan.capacity(affordable)
        if terms.llcr is not None:
            found["llcr"] = loan.worth(np.maximum(cash, 0.0)) / terms.llcr - earlier
        return found

    def size(self, cash, affordable, need, earlier) -> np.ndarray:
        """The smallest of the limits, at least 0: (cases,)."""
        limits = self.limits(self.loan, cash, affordable, need, earlier)
        return np.maximum(_smallest(limits), 0.0)

    def binding(self, cash, affordable, need, earlier) -> np.ndarray:
        """Which limit sets the size, as an index into LIMITS: (cases,). "tail" when cover or loan life binds and would allow more over
        the tenor that the tail cuts."""
        limits = self.limits(self.loan, cash, affordable, need, earlier)
        smallest = _smallest(limits)
        at = smallest + TIE * np.abs(smallest)
        binding = np.full(smallest.shape, -1)
        for key, limit in limits.items():
            binding = np.where((binding < 0) & (limit <= at), LIMITS.index(key), binding)
        if self.untailed is not None:
            longer = _smallest(self.limits(self.untailed, cash, affordable, need, earlier))
            cut = np.isin(binding, [LIMITS.index("dscr"), LIMITS.index("llcr")]) & (longer > at)
            binding = np.where(cut, LIMITS.index("tail"), binding)
        return binding


def _smallest(limits: dict[str, np.ndarray]) -> np.ndarray:
    return reduce(np.minimum, limits.values())
