"""Value for money: the public sector comparator against the PPP value. Source: Cai Jin [2015] 167; National PPP Guidelines vol. 4.

PSC = construction + optimism bias + running cost - revenue + competitive neutrality + tax adjustment + transferred risk + retained risk;
PPP value = government equity + operating payments + retained risk + supporting input; VfM amount = PSC - PPP value.
Both sides are present values at one rate, date and timing, unless the rule book prescribes otherwise. What must be true: identical
flows give 0; equal retained risk on both sides leaves the amount unchanged; the index is the amount over the PSC.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.discounting import present_value

PSC_PARTS = {
    "psc_capex": 1,
    "optimism_bias": 1,
    "psc_running": 1,
    "psc_revenue": -1,
    "neutrality": 1,
    "tax_adjustment": 1,
    "transferred_risk": 1,
    "retained_risk": 1,
}
PPP_PARTS = {"government_equity": 1, "operating_subsidy": 1, "retained_risk": 1, "supporting_input": 1}


@dataclass(frozen=True)
class ValueForMoney:
    """Present values (cases,) by part, as signed contributions to each side's total."""

    psc_parts: dict[str, np.ndarray]
    ppp_parts: dict[str, np.ndarray]

    @property
    def psc(self) -> np.ndarray:
        return sum(self.psc_parts.values())

    @property
    def ppp_value(self) -> np.ndarray:
        return sum(self.ppp_parts.values())

    @property
    def amount(self) -> np.ndarray:
        return self.psc - self.ppp_value

    @property
    def amount_without_transferred_risk(self) -> np.ndarray:
        """What is left of the amount when the estimate of transferred risk is left out of the PSC."""
        return self.amount - self.psc_parts["transferred_risk"]

    @property
    def index(self) -> np.ndarray:
        """VfM amount / PSC; NaN where the PSC is not positive, since a share of nothing says nothing."""
        amount, psc = np.broadcast_arrays(self.amount, self.psc)
        return np.divide(amount, psc, out=np.full(psc.shape, np.nan), where=psc > 0)


def value_for_money(
    lines: dict[str, np.ndarray], factors: np.ndarray, ppp_factors: np.ndarray | None = None, delayed=None
) -> ValueForMoney:
    """Both sides from the lines (rows, cases) by key and discount factors (rows, cases): of both sides, or of the PPP's side apart.

    delayed: factors of a comparator that starts later (ppp.appraisal.rates). The tax adjustment is the company's own tax under the
    PPP, which does not wait, so it keeps `factors`."""
    later = {key: factors if delayed is None or key == "tax_adjustment" else delayed for key in PSC_PARTS}
    return ValueForMoney(
        {key: sign * present_value(lines[key], later[key]) for key, sign in PSC_PARTS.items()},
        {
            key: sign * present_value(lines[key], factors if ppp_factors is None else ppp_factors)
            for key, sign in PPP_PARTS.items()
        },
    )
