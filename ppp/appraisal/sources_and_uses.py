"""Where the money of construction comes from and what it is spent on, for a base case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.statements import SEEN, Ledger


@dataclass(frozen=True)
class Part:
    """One source or use of construction's money: key of a line, or of a tranche as tranche.NAME; amount in base units."""

    key: str
    amount: float


def sources_and_uses(evaluation: Evaluation) -> tuple[list[Part], list[Part]]:
    """Where the money of construction comes from and what it is spent on; both lists add to total investment."""
    ledger = Ledger(evaluation)
    built = evaluation.inputs.timeline.built
    total = lambda key: float(ledger.line(key)[built].sum())  # noqa: E731
    land = float(np.ravel(evaluation.inputs.land)[0])
    uses = [
        Part("capex_without_land" if land else "capex", total("capex") - land),
        Part("land", land),
        Part("vat_of_construction", total("vat")),
        Part("interest_during_construction", total("interest_during_construction")),
        Part("fees", total("fees")),
        Part("reserves_filled", total("reserves_filled")),
    ]
    sources = [Part("grant", total("grant")), Part("equity", total("equity"))]
    sources += [Part(f"tranche.{t.name}", float(t.size[0])) for t in evaluation.tranches]
    least = SEEN * max((abs(part.amount) for part in uses), default=0.0)
    return tuple([part for part in side if abs(part.amount) > least] for side in (sources, uses))
