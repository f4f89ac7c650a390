"""Refinancing: new terms for the senior debt from the end of an operating year, the gain, and the government's share of it.

gain = PV, at the date of refinancing and at the base-case equity IRR, of distributions after less distributions before. Unchanged
terms give the same schedule and so a gain of exactly 0. Source: the usual refinancing clause of PFI and PPP contracts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ppp.contract.contract_years import ContractYears
from ppp.contract_terms import Refinancing
from ppp.model.company import Lines, evaluate_company
from ppp.model.covers import dscr
from ppp.model.discounting import discount_factors
from ppp.model.inputs import Inputs, Tranche


@dataclass(frozen=True)
class Refinanced:
    """Base units; row: at whose end the debt is refinanced. `shared` is due to the government: at once, or as `cut`, the same sum a year
    off every later payment. distributions: (rows,) before and after, the share not yet taken off."""

    row: int
    owed: float
    amount: float
    rate: float
    gain: float
    shared: float
    cut: float
    before: np.ndarray
    after: np.ndarray
    dscr_before: float
    dscr_after: float


def refinance(inputs: Inputs, terms: Refinancing, scale: float, kind: str, rate: float) -> Refinanced:
    """inputs: of one case with its debt as signed (see signed.as_signed); scale: of the file's amounts; kind: of repayment that the file
    agrees for the senior debt; rate: the base-case equity IRR, at which the gain is valued."""
    years = ContractYears(inputs.timeline)
    row = years.last_row(terms.after_year)
    first = row - inputs.timeline.completion  # operating row after the refinancing
    before = evaluate_company(inputs)
    senior = inputs.tranches[0]
    balance = 1.0 - senior.custom[: max(first - senior.first, 0)].sum()  # of what was drawn
    drawn = float(before.tranches[0].size[0])
    owed = balance * drawn
    amount = owed if terms.amount is None else terms.amount * scale
    new = _on_new_terms(inputs, senior, terms, first, amount / owed if owed > 0 else 1.0, kind, before.lines)
    lifecycle = inputs.lifecycle.copy()
    lifecycle[terms.after_year - 1] += terms.cost * scale / years.lengths[terms.after_year - 1]
    changed = replace(inputs, tranches=(new, *inputs.tranches[1:]), lifecycle=lifecycle)
    after = evaluate_company(changed)
    flows = [company.lines["distributions"][:, 0] for company in (before, after)]
    times = inputs.timeline.times
    factors = discount_factors(rate, times, base=times[row])[:, 0] * (np.arange(times.size) >= row)
    gain = float(np.sum((flows[1] - flows[0]) * factors))
    shared = terms.government_share * max(gain - terms.threshold * scale, 0.0)
    months = inputs.timeline.months * (np.arange(times.size) > row)
    later = float(np.sum(factors * months / 12.0))
    cut = shared / later if terms.paid == "payment_cut" and later > 0 else 0.0
    covers = [_lowest(company.lines, row) for company in (before, after)]
    new_rate = float(new.rates[row + 1, 0] * 12.0 / inputs.timeline.months[row + 1])
    return Refinanced(row, owed, amount, new_rate, gain, shared, cut, *flows, *covers)


def _on_new_terms(
    inputs: Inputs, senior: Tranche, terms: Refinancing, first: int, ratio: float, kind: str, lines: Lines
) -> Tranche:
    """The tranche with another rate and another schedule from operating row `first` on. What more or less is owed is drawn or repaid at
    the end of the row before, as negative or positive principal, so that one loan carries both."""
    timeline = inputs.timeline
    last = senior.last if terms.maturity is None else timeline.operating_rows_within(terms.maturity)
    rates = senior.rates.copy()
    if terms.rate is not None:
        later = slice(timeline.completion + 1 + first, None)
        rates[later] = terms.rate * (timeline.months / 12.0)[later, None]
    whole = np.zeros(max(last, senior.last))
    whole[senior.first : senior.last] = senior.custom
    unchanged = (
        ratio == 1.0 and last == senior.last and np.array_equal(rates, senior.rates) and terms.repayment in (None, kind)
    )
    if not unchanged:
        balance = 1.0 - whole[:first].sum()
        shares = _shares(timeline, rates, whole, lines, first, last, terms.repayment or kind)
        whole[first - 1] += balance * (1.0 - ratio)
        whole[first:] = 0.0
        whole[first:last] = balance * ratio * shares
    begin = min(senior.first, first - 1)
    return replace(
        senior,
        rates=rates,
        first=begin,
        last=max(last, first),
        untailed=max(last, first),
        custom=whole[begin : max(last, first)],
    )


def _shares(timeline, rates, whole, lines: Lines, first: int, last: int, kind: str) -> np.ndarray:
    """Share of the refinanced debt repaid in each operating row first..last-1; they add up to 1."""
    rows = slice(first, last)
    months = timeline.months[timeline.operating][rows].astype(float)
    period = rates[timeline.operating][rows, 0]
    if kind == "equal_principal":
        return months / months.sum()
    if kind in ("annuity", "sculpted"):
        pace = months if kind == "annuity" else np.maximum(lines["cfads"][timeline.operating][rows, 0], 0.0)
        factors = np.exp(-np.cumsum(np.log1p(period)))
        service = pace / np.sum(pace * factors)
        owed = (1.0 - np.cumsum(service * factors)) / factors
        return -np.diff(owed, prepend=1.0)
    agreed = whole[rows]
    return agreed / agreed.sum() if agreed.sum() > 0 else months / months.sum()


def _lowest(lines: Lines, row: int) -> float:
    """The lowest cover of the rows after the refinancing; NaN without debt."""
    cover = dscr(lines["cfads"][row + 1 :], lines["debt_service"][row + 1 :])[:, 0]
    return float(np.nanmin(cover)) if np.isfinite(cover).any() else float("nan")
