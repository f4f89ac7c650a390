"""What a base case's debt comes to, tranche by tranche: terms, dates, cost; and the cover of each lender, with the date of the lowest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.returns import lender_cfads
from ppp.financing import Debt
from ppp.model.covers import dscr
from ppp.model.inputs import Tranche

ROUNDING = 1e-9  # of a tranche's size: less is no repayment


@dataclass(frozen=True)
class TrancheTerms:
    """Terms as the file gives them and what follows from them. rates: (operating year from which it holds, rate), the first from 1.
    first, last: the ends of the rows of the first and last repayment, None where nothing is owed. interest: paid in operation."""

    name: str
    rank: str
    size: float
    rates: list[tuple[int, float]]
    tenor: int
    grace: int
    repayment: str
    binding: str
    first: dt.date | None
    last: dt.date | None
    interest: float
    prepaid: float


@dataclass(frozen=True)
class Cover:
    """cover: CFADS over the service of this lender and all before it, (operating rows,), NaN where the lender is owed nothing;
    required: what the lender asks, None where the file asks nothing."""

    name: str
    cover: np.ndarray
    required: float | None


def terms_of(evaluation: Evaluation, name: str) -> Debt:
    """The section of the file that a tranche comes from."""
    funding = evaluation.project.funding
    return funding.further_debt.get(name, funding.debt)


def tranche_terms(evaluation: Evaluation) -> list[TrancheTerms]:
    """One entry a tranche, in the order of the file."""
    ends, found = evaluation.inputs.timeline.ends, []
    for tranche in evaluation.tranches:
        debt, size = terms_of(evaluation, tranche.name), float(tranche.size[0])
        repaid = (tranche.lines["principal"] + tranche.lines["prepayment"])[:, 0]
        rows = np.flatnonzero(repaid > ROUNDING * size)
        found.append(
            TrancheTerms(
                tranche.name,
                tranche.rank,
                size,
                [(1, debt.rate), *((step.from_year, step.rate) for step in debt.rate_steps or [])],
                debt.tenor,
                debt.grace,
                debt.repayment,
                str(tranche.binding[0]),
                ends[rows[0]] if rows.size else None,
                ends[rows[-1]] if rows.size else None,
                float(tranche.lines["interest"][:, 0].sum()),
                float(tranche.lines["prepayment"][:, 0].sum()),
            )
        )
    return found


def covers(evaluation: Evaluation) -> list[Cover]:
    """The cover of each lender that is owed anything, its own and all earlier service counted; the last is that of all lenders."""
    inputs, operating = evaluation.inputs, evaluation.inputs.timeline.operating
    lent = [(t, lines) for t, lines in zip(inputs.tranches, evaluation.tranches, strict=True) if t.lender]
    if not lent:
        return []
    cash = lender_cfads(inputs, evaluation.lines)[:, :1]
    found, service = [], np.zeros((inputs.timeline.operating_rows, 1))
    for position, (terms, tranche) in enumerate(lent):
        own = (tranche.lines["interest"] + tranche.lines["principal"])[operating, :1]
        service = service + own
        if not own.any():
            continue
        everyone = position == len(lent) - 1
        counted = service if everyone else np.where(own > 0.0, service, 0.0)
        found.append(Cover(tranche.name, dscr(cash, counted)[:, 0], _required(terms)))
    return found


def _required(terms: Tranche) -> float | None:
    return None if terms.dscr is None else float(np.ravel(terms.dscr)[0])


def lowest_cover_date(evaluation: Evaluation) -> dt.date | None:
    """The last day of the period with the lowest cover of all lenders together; the first such period; None without debt service."""
    found = covers(evaluation)
    if not found or not np.isfinite(found[-1].cover).any():
        return None
    cover = found[-1].cover
    known = np.where(np.isfinite(cover), cover, np.inf)
    first = int(np.argmax(known <= known.min() * (1.0 + 1e-9)))
    timeline = evaluation.inputs.timeline
    return timeline.ends[timeline.completion + 1 + first]
