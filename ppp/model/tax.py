"""Depreciation and income tax."""

from __future__ import annotations

import numpy as np

from ppp.model.compiled import compiled
from ppp.model.inputs import TaxTerms
from ppp.model.timeline import Timeline

ABREAST = 64  # cases whose losses are kept at hand together


def depreciation_shares(years: int, method: str = "straight_line", first_year: str = "full") -> np.ndarray:
    """Share of cost written off in each year, summing to 1: (years,), or (years + 1,) after a half first year.

    straight_line: 1 / N. declining_balance: 2 / N of the book value, in the last two years the rest in halves (the double-declining
    method of Chinese practice). sum_of_digits: (N - k) of N (N + 1) / 2 for k = 0, 1, ... A half first year takes half of each
    year's share, and the other half a year later. Raises ValueError for another method.
    """
    k = np.arange(years, dtype=float)
    if method == "straight_line":
        shares = np.full(years, 1.0 / years)
    elif method == "sum_of_digits":
        shares = (years - k) / (years * (years + 1) / 2.0)
    elif method == "declining_balance":
        shares = _declining(k)
    else:
        raise ValueError(f"unknown depreciation method: {method}")
    return shares if first_year == "full" else (np.append(shares, 0.0) + np.insert(shares, 0, 0.0)) / 2.0


def _declining(k: np.ndarray) -> np.ndarray:
    years = k.size
    if years <= 2:
        return np.full(years, 1.0 / years)
    book = (1.0 - 2.0 / years) ** k
    rest = book[years - 2] / 2.0
    return np.concatenate([2.0 / years * book[: years - 2], [rest, rest]])


def depreciation(cost, terms: TaxTerms | None, timeline: Timeline) -> np.ndarray:
    """Write-off of cost (cases,) by operating row, positive and summing to it: (operating rows, cases).

    By the terms' yearly shares, even over each year's months; without terms or years, even over the whole operation (amortisation
    of the concession). Raises ValueError when the schedule is longer than operation.
    """
    if terms is None or terms.depreciation_years is None:
        return even_over_operation(cost, timeline)
    shares = depreciation_shares(terms.depreciation_years, terms.method, terms.first_year)
    if 12 * shares.size > timeline.operation:
        raise ValueError("the depreciation schedule is longer than operation")
    yearly = np.zeros((timeline.operating_years, 1))
    yearly[: shares.size, 0] = shares
    return timeline.by_row(yearly) * np.atleast_1d(cost)


def even_over_operation(cost, timeline: Timeline) -> np.ndarray:
    """cost (cases,) by the months of each operating row: (operating rows, cases)."""
    return (timeline.months[timeline.operating] / timeline.operation)[:, None] * np.atleast_1d(cost)


def income_tax(
    profit, rate, losses: str = "carry_forward", loss_years: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Tax and losses used, both (tax years, cases); profit before tax may be negative; rate: scalar, (cases,) or (tax years, cases).

    carry_forward: a loss reduces the profits of the next `loss_years` years (all later years when None), oldest loss first.
    refund: tax = rate x profit at once, negative in a loss year (what a parent with other profits enjoys).
    Limit: without losses both give rate x profit; tax is never negative under carry_forward.
    """
    profit = np.atleast_1d(np.asarray(profit, dtype=float))
    rate = np.asarray(rate, dtype=float)
    if losses == "refund":
        return rate * profit, np.zeros(profit.shape)
    life = profit.shape[0] if loss_years is None else loss_years
    shape = np.broadcast_shapes(
        profit.shape, rate.shape
    )  # broadcast_arrays would warn where a compiled loop looks at its views
    profit, rate = (x if x.shape == shape else np.broadcast_to(x, shape) for x in (profit, rate))
    columns = (profit.shape[0], -1)
    tax, used = np.empty(profit.shape), np.empty(profit.shape)
    same, rate = rate.strides[-1] == 0 or rate.ndim == 1, rate.reshape(columns)
    _carry_losses(
        np.ascontiguousarray(profit).reshape(columns),
        np.ascontiguousarray(rate[:, :1] if same else rate),
        life,
        used.reshape(columns),
        tax.reshape(columns),
    )
    return tax, used


def _carry_losses(profit, rate, life, used, tax):
    """Of each year's profit what losses of the `life` years before it take away, oldest first, and tax on what is left; all (tax
    years, cases), rate perhaps the same for all cases."""
    years, cases = profit.shape
    pools, oldest = np.empty((years, ABREAST)), np.empty(ABREAST, dtype=np.int64)
    carried = np.empty(ABREAST)  # above zero where losses may be left
    for start in range(0, cases, ABREAST):
        end = min(start + ABREAST, cases)
        many = end - start
        oldest[:], carried[:] = 0, 0.0
        for t in range(years):
            earned, taxed, taken = profit[t, start:end], tax[t, start:end], used[t, start:end]
            waiting = 0
            for j in range(many):
                waiting += 1 if carried[j] > 0.0 else 0
                taken[j] = 0.0
                taxed[j] = earned[j] if earned[j] > 0.0 else 0.0
                pools[t, j] = 0.0 if earned[j] > 0.0 else -earned[j]
                carried[j] += pools[t, j]
            for j in range(many if waiting else 0):
                left = taxed[j]
                if left == 0.0 or carried[j] == 0.0:
                    continue
                k = max(oldest[j], t - life)
                while k < t:
                    take = min(pools[k, j], left)
                    pools[k, j] -= take
                    left -= take
                    if pools[k, j] > 0.0:
                        break
                    k += 1
                oldest[j] = k
                if k == t:
                    carried[j] = 0.0
                taken[j] = taxed[j] - left
                taxed[j] -= taken[j]
            if rate.shape[1] == 1:
                for j in range(many):
                    taxed[j] *= rate[t, 0]
            else:
                for j in range(many):
                    taxed[j] *= rate[t, start + j]


_carry_losses = compiled(_carry_losses)


class TaxYears:
    """The tax years of a timeline's operating rows: calendar years, with the row's months as its part of the year."""

    def __init__(self, terms: TaxTerms, timeline: Timeline):
        years = timeline.budget_years[timeline.operating]
        months = timeline.months[timeline.operating].astype(float)
        self._first_rows, self._of_row = np.unique(years, return_index=True, return_inverse=True)[1:]
        self._part = (months / np.add.reduceat(months, self._first_rows)[self._of_row])[:, None]
        self._terms = terms
        holiday = np.ones(self._first_rows.size)
        holiday[: terms.exempt] = 0.0
        holiday[terms.exempt : terms.exempt + terms.half] = 0.5
        self._rate = holiday[:, None] * np.atleast_1d(terms.rate)

    def tax(self, profit) -> tuple[np.ndarray, np.ndarray]:
        """Tax and losses used by operating row (operating rows, cases): reckoned on each year's profit, spread over its rows by months."""
        terms = self._terms
        if self._first_rows.size == profit.shape[0]:
            return income_tax(profit, self._rate, terms.losses, terms.loss_years)
        yearly = np.add.reduceat(profit, self._first_rows, axis=0)
        tax, used = income_tax(yearly, self._rate, terms.losses, terms.loss_years)
        return self._part * tax[self._of_row], self._part * used[self._of_row]
