"""A company whose debt was signed: its loans are given, and no lender sizes anything anew.

What must be true: on unchanged inputs the signed company is the original one. When investment rises, equity fills the gap; when it
falls, lenders lend no more than their agreed share of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ppp.model.circle import Circle
from ppp.model.company import operate
from ppp.model.inputs import Inputs, Tranche


def as_signed(inputs: Inputs) -> Inputs:
    """The inputs, of one case, with every tranche at its size and its principal as agreed in shares of it. A sculpted loan so keeps
    its schedule whatever the cash flow becomes; cover and loan life limits have done their work."""
    if not inputs.funded or not inputs.tranches:
        return inputs
    schedules = Circle(inputs, operate(inputs)).solve().schedules
    agreed = (_agreed(tranche, schedule) for tranche, schedule in zip(inputs.tranches, schedules, strict=True))
    return replace(inputs, tranches=tuple(agreed))


def held(inputs: Inputs, base: Inputs) -> Inputs:
    """The inputs, of any cases, with the size and the principal of every loan as a base case of one sizes them.

    Rates, fees, the gearing cap and sweeps stay those of the cases. Raises ValueError when the loans are not the same ones or fall in
    other rows."""
    terms = [(tranche.name, tranche.first, tranche.last) for tranche in inputs.tranches]
    if inputs.timeline.rows != base.timeline.rows or terms != [(t.name, t.first, t.last) for t in base.tranches]:
        raise ValueError("the base case's loans cannot be held: other loans, or repaid in other periods")
    agreed = (
        replace(
            tranche,
            repayment=signed.repayment,
            custom=signed.custom,
            amount=signed.amount,
            dscr=None,
            llcr=None,
            untailed=signed.untailed,
        )
        for tranche, signed in zip(inputs.tranches, as_signed(base).tranches, strict=True)
    )
    return replace(inputs, tranches=tuple(agreed))


def _agreed(tranche: Tranche, schedule) -> Tranche:
    size = schedule.opening[:1]
    rows = slice(tranche.first, tranche.last)
    even = np.full(tranche.last - tranche.first, 1.0 / (tranche.last - tranche.first))
    shares = schedule.principal[rows, 0] / size[0] if size[0] > 0 else even
    return replace(tranche, repayment="custom", custom=shares, amount=size, dscr=None, llcr=None, untailed=tranche.last)
