"""The project re-forecast from what really happened, beside the approved evaluation, whose comparator stays frozen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ppp.appraisal.affordability import Load
from ppp.appraisal.evaluation import Evaluation, evaluate_inputs
from ppp.appraisal.government import RESPONSIBILITIES
from ppp.contract.actuals import Outturn
from ppp.model.discounting import present_value

BORNE = {"retained_risk": "retained_risk", "support": "supporting_input"}  # column of a table: line


@dataclass(frozen=True)
class Reforecast:
    """base: the approved evaluation. now: the evaluation on the past as recorded and the rest forecast anew. whole: the same, had
    performance cost nothing. spending, spending_base: fiscal spending on the rows (rows,). load: of the budget, rebased.

    psc: frozen at approval; ppp_value: with what the government really spent. None without a comparator."""

    base: Evaluation
    now: Evaluation
    whole: Evaluation
    lines: dict[str, np.ndarray]
    load: Load | None
    psc: float | None
    ppp_value: float | None

    @property
    def vfm_amount(self) -> float | None:
        return None if self.psc is None else self.psc - self.ppp_value


def reforecast(base: Evaluation, outturn: Outturn) -> Reforecast:
    """Evaluate the past as recorded and the rest forecast anew."""
    project, rules = base.project, base.rules
    now = evaluate_inputs(project, rules, outturn.inputs())
    lost = outturn.payment(whole=True) - outturn.payment()
    whole = evaluate_inputs(project, rules, outturn.inputs(whole=True)) if np.any(lost) else now
    extra = borne_above_forecast(now, outturn)
    lines = {key: now.lines[key] + extra.get(key, 0.0) for key in RESPONSIBILITIES}
    lines["fiscal_spending"] = sum(lines[key] for key in RESPONSIBILITIES)
    more = sum(extra.values(), np.zeros_like(lines["fiscal_spending"])).sum(axis=0)
    now, whole = (
        replace(e, results={**e.results, "fiscal_total": e.results["fiscal_total"] + more}) for e in (now, whole)
    )
    load = None
    if now.load is not None:
        load = replace(now.load, own=now.inputs.timeline.by_calendar_year(lines["fiscal_spending"]))
    psc = ppp_value = None
    if base.vfm is not None:
        psc = float(base.vfm.psc[0])
        ppp_value = float(
            now.vfm.ppp_value[0] + _worth(now, sum(extra.values(), np.zeros_like(lines["fiscal_spending"])))
        )
    return Reforecast(base, now, whole, lines, load, psc, ppp_value)


def borne_above_forecast(now: Evaluation, outturn: Outturn) -> dict[str, np.ndarray]:
    """What the government spent on retained risks and support above (or below) the forecast of those years, (rows, 1) by line."""
    years, timeline = outturn.years, now.inputs.timeline
    found = {}
    for column, line in BORNE.items():
        building = years.of_rows(now.lines[line], "construction")
        running = years.of_rows(now.lines[line], "operation")
        more = {"construction": np.zeros_like(building), "operation": np.zeros_like(running)}
        for record in outturn.records:
            spent = record.money(column)
            if spent is not None:
                forecast = building if record.phase == "construction" else running
                more[record.phase][record.index] = spent - forecast[record.index]
        on_rows = timeline.spread("building", more["construction"][:, None])
        found[line] = on_rows + timeline.spread("operating", years.at_yearly_rate(more["operation"]))
    return found


def _worth(evaluation: Evaluation, flow: np.ndarray) -> float:
    return float(present_value(flow, evaluation.factors)[0])
