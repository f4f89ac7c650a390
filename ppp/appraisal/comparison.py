"""What must be said about a comparison before its number is believed: departures from the rule book, and risk counted twice."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.risk_register import counted_again
from ppp.appraisal.verdict import Reason

SAME_RATE = 1e-12


def comparison_reservations(evaluation: Evaluation) -> list[Reason]:
    """Reservations of the comparison itself; none without one."""
    if evaluation.vfm is None:
        return []
    return [*_off_schedule(evaluation), *_counted_twice(evaluation)]


def _off_schedule(evaluation: Evaluation) -> list[Reason]:
    """A file's own first rate moves the whole declining schedule; the rule book's stands beside it."""
    if evaluation.side_rates.method != "declining":
        return []
    given, ruled = evaluation.project.discounting.rate, evaluation.rules.steps("discount_schedule")[0][1]
    if np.all(np.abs(np.asarray(given) - ruled) <= SAME_RATE):
        return []
    return [Reason("rate_off_schedule", {"given": ("rate", float(np.ravel(given)[0])), "ruled": ("rate", ruled)})]


def _counted_twice(evaluation: Evaluation) -> list[Reason]:
    method = evaluation.side_rates.method
    return [
        Reason(f"counted_again_in_{place}", {"risk": ("text", risk.name)})
        for risk in evaluation.project.risks.values()
        for place in counted_again(risk, evaluation.project, method)
    ]
