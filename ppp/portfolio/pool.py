"""What the government's accounts add up: every project in whole cents, and all stored results as one more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.portfolio.contingent import POOL
from ppp.portfolio.ledger import CENTS, carried
from ppp.portfolio.members import Member, from_record
from ppp.portfolio.stored import Stored

NAMES = {
    "company_profit": "net_profit",
    "company_debt": "debt_closing",
}  # lines of Stored.accounts as a member calls them


def in_whole_cents(member: Member) -> Member:
    """The same project with its responsibilities as the ledger has them, so that accounts and ledger agree to the cent."""
    cents = carried(np.column_stack([member.flows[key] for key in RESPONSIBILITIES]))
    rounded = {key: cents[:, column] / CENTS for column, key in enumerate(RESPONSIBILITIES)}
    return replace(member, flows={**member.flows, **rounded})


def pool_of(stored: Stored | None) -> list[Member]:
    """All stored results as one member, for cash, debt and shares; no member without any. What fell before their first year stands
    in the year before it. The share of the companies' profit is the government's already, so it counts in full."""
    if stored is None or not (stored.cents or stored.accounts):
        return []
    found = [year for year, _, _ in stored.cents] + [year for year, _ in stored.accounts]
    first, last = min(found) - 1, max(found)
    lines = (*RESPONSIBILITIES, "government_distributions", *NAMES.values(), "capex")
    flows = {key: np.zeros(last - first + 1) for key in lines}
    for (year, _, key), cents in stored.cents.items():
        flows[key][year - first] += cents / CENTS
    for (year, line), cents in stored.accounts.items():
        flows[NAMES.get(line, line)][year - first] += cents / CENTS
    for what, cents in stored.past.items():
        flows[NAMES.get(what, what)][0] += cents / CENTS
    years = np.arange(first, last + 1)
    name = {"en": POOL, "zh": POOL}
    return [Member(POOL, name, "other", "availability", "stored", "", years, flows, {}, False, False, None, 1.0)]


def dearest_to_end(stored: Stored | None) -> list[Member]:
    """The stored projects among which the dearest early end is: the one with termination terms whose end would cost most, and of those
    without the one whose company owes most."""
    found = [] if stored is None else [stored.dearest, stored.indebted]
    return [from_record(record) for record in found if record is not None]
