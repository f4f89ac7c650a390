"""Value for money in the drivers of FHWA's P3-VALUE: differences of investment, of financing cost, of long-term risk; and the rest.

    investment     = PV(reference construction, its bias, risk and neutrality until operation) - PV(the company's construction)
    long_term_risk = PV(reference running cost, risk and neutrality in operation) - PV(the company's running cost)
                     + difference of retained risk
    financing      = -(PV(all that the company receives) - PV(its construction and running cost)): lenders', owners' and tax's part
    other          = PV(revenue under the PPP) - PV(reference revenue) + tax adjustment

What must be true: the four add up to PSC - PPP value.
"""

from __future__ import annotations

from ppp.appraisal.evaluation import Evaluation
from ppp.model.discounting import present_value

DRIVERS = ("investment", "financing", "long_term_risk", "other")


def drivers(evaluation: Evaluation) -> dict[str, float]:
    """The parts by key of DRIVERS (money), for a base case with a comparator. Positive speaks for the PPP."""
    lines, timeline, rates = evaluation.lines, evaluation.inputs.timeline, evaluation.side_rates
    later = evaluation.rules.convention("comparator_start") == "delayed"
    psc_factors = rates.delayed if later else rates.psc

    def psc(*keys: str, rows: slice = slice(None)) -> float:
        return sum(float(present_value(lines[key][rows], psc_factors[rows])[0]) for key in keys)

    def ppp(*keys: str) -> float:
        return sum(float(present_value(lines[key], rates.ppp)[0]) for key in keys if key in lines)

    operation = timeline.operating
    until = slice(0, operation.start)
    built, ran = ppp("capex"), ppp("opex", "lifecycle")
    received = ppp("government_equity", "operating_subsidy", "supporting_input")
    earned = ppp("user_payments", "other_revenue", "disposal")
    tax = float(present_value(lines["tax_adjustment"], rates.psc)[0])
    found = {
        "investment": psc("psc_capex", "optimism_bias") + psc("transferred_risk", "neutrality", rows=until) - built,
        "financing": -(received + earned - built - ran),
        "long_term_risk": psc("psc_running")
        + psc("transferred_risk", "neutrality", rows=operation)
        - ran
        + psc("retained_risk")
        - ppp("retained_risk"),
        "other": earned - psc("psc_revenue") + tax,
    }
    return {key: found[key] for key in DRIVERS}
