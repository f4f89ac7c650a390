"""Working capital and value-added tax: what moves cash in time without being income or cost. All (rows, cases)."""

from __future__ import annotations

import numpy as np

from ppp.model.inputs import ValueAddedTax
from ppp.model.timeline import Timeline

DAYS_A_YEAR = 365.0


def outstanding(amounts, days, timeline: Timeline) -> np.ndarray:
    """Balance of amounts (rows, cases) that are paid `days` late: their yearly rate x days / 365, 0 in the last row, when all is
    settled. Limit: 0 for 0 days."""
    yearly = np.divide(12.0, timeline.months, out=np.zeros(timeline.rows), where=timeline.months > 0)[:, None]
    balance = np.asarray(amounts) * yearly * (np.atleast_1d(days) / DAYS_A_YEAR)
    balance[-1] = 0.0
    return balance


def increase(balance) -> np.ndarray:
    """Change of a balance (rows, cases) over each row, from nothing before the first."""
    return np.diff(balance, axis=0, prepend=np.zeros((1, *np.shape(balance)[1:])))


def value_added_tax(
    lines: dict[str, np.ndarray], land, terms: ValueAddedTax, timeline: Timeline
) -> dict[str, np.ndarray]:
    """vat: cash out, input - output + remitted - refunded; vat_credit: input tax not yet set off, at the end of each row;
    vat_written_off: what is left of it in the last row.

    remitted_t = max(output_t - input_t - credit_(t-1), 0); credit_t = max(credit_(t-1) + input_t - output_t, 0). So in every row
    vat = increase of the credit + write-off, and over the life only what is written off is paid for.
    """
    taxed = lines["capex"].copy()
    taxed[0] = taxed[0] - land
    paid = terms.capex * taxed + terms.costs * (lines["opex"] + lines["lifecycle"])
    collected = terms.revenue * (lines["user_payments"] + lines["other_revenue"])
    collected = collected + terms.government_payment * lines["government_payment"]
    surplus = paid - collected
    credit = np.zeros_like(surplus)
    pool = np.zeros(surplus.shape[1])
    for t, row in enumerate(surplus):
        if t == timeline.operating.start and terms.refunded:
            pool = np.zeros_like(pool)
        pool = np.maximum(pool + row, 0.0)
        credit[t] = pool
    remitted = credit - np.concatenate([np.zeros_like(credit[:1]), credit[:-1]])  # less refunds: increase of the credit
    written_off = np.zeros_like(credit)
    written_off[-1], credit[-1] = credit[-1], 0.0
    return {"vat": remitted, "vat_credit": credit, "vat_written_off": written_off}
