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


def _agreed(tranche: Tranche, schedule) -> Tranche:
    size = schedule.opening[:1]
    rows = slice(tranche.first, tranche.last)
    even = np.full(tranche.last - tranche.first, 1.0 / (tranche.last - tranche.first))
    shares = schedule.principal[rows, 0] / size[0] if size[0] > 0 else even
    return replace(tranche, repayment="custom", custom=shares, amount=size, dscr=None, llcr=None, untailed=tranche.last)
