"""Sources and uses during construction for given sizes of debt. The circle that the sizes close is in company.py.

Arrays cover close and the construction rows: (built rows, cases). All amounts positive. Equations: docs/model.md, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.compiled import added, compiled, whole
from ppp.model.discounting import TIMING
from ppp.model.inputs import Inputs

TINY = 1e-300  # keeps a project that needs no money from dividing by zero


@dataclass(frozen=True)
class Funded:
    """Uses: capex, vat, interest (of the bridge too), fees, reserves (accounts and cash filled at completion). Sources: grant,
    equity, drawn by tranche, and bridge draws less their repayment; all (built rows, cases). bridge: its balance."""

    capex: np.ndarray
    vat: np.ndarray
    interest: np.ndarray
    fees: np.ndarray
    reserves: np.ndarray
    grant: np.ndarray
    equity: np.ndarray
    drawn: list[np.ndarray]
    bridge: np.ndarray

    @property
    def uses(self) -> np.ndarray:
        return added([self.capex, self.vat, self.interest, self.fees, self.reserves])

    @property
    def need(self) -> np.ndarray:
        """Uses less grant: what equity and debt must pay, (cases,)."""
        return (self.uses - self.grant).sum(axis=0)

    @property
    def debts(self) -> list[np.ndarray]:
        """Balance of each tranche at the end of construction, (cases,)."""
        return [drawn.sum(axis=0) for drawn in self.drawn]


class Construction:
    """A project's construction, prepared once for the rounds of the funding circle."""

    def __init__(self, inputs: Inputs, vat):
        built = inputs.timeline.built
        self.inputs = inputs
        self.capex, self.vat, self.grant = inputs.capex[built], vat[built], inputs.grant[built]
        self.plain = self.capex + self.vat - self.grant
        self.rates = [tranche.rates[built] for tranche in inputs.tranches]
        years = inputs.timeline.months[built] / 12.0
        self.commitment = [tranche.commitment_fee * years[:, None] for tranche in inputs.tranches]
        self.lent = np.array([tranche.lender for tranche in inputs.tranches], dtype=bool)
        self.bridge_rates = None if inputs.bridge_rates is None else inputs.bridge_rates[built]
        self.theta = TIMING[inputs.draw]
        self._for_shape: tuple[np.ndarray, ...] | None = None

    def fund(self, sizes: list[np.ndarray], need, at_completion) -> Funded:
        """Draw equity and tranches of given sizes (cases,) each, against a need (cases,) that they are thought to meet, so that
        sources = uses in every row. at_completion: accounts and cash filled in the last row, (cases,)."""
        inputs = self.inputs
        up_front = inputs.close_costs + added(
            [t.upfront_fee * size for t, size in zip(inputs.tranches, sizes, strict=True)]
        )
        vary = (*sizes, need, at_completion, up_front, *self.rates, *self.commitment)
        bridge = () if self.bridge_rates is None else (self.bridge_rates,)
        shape = np.broadcast_shapes(self.plain.shape, *map(np.shape, (*vary, *bridge)))
        fees, interest, reserves = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        fees[0], reserves[-1] = up_front, at_completion
        drawn, equity = np.zeros((len(sizes), *shape)), np.zeros(shape)
        bridges = np.zeros(shape if bridge else (shape[0], 1))
        amounts = np.empty((len(sizes), shape[1]))
        for k, size in enumerate(sizes):
            amounts[k] = size
        _draw(
            self.plain + fees + reserves,
            amounts,
            whole(need, shape[1:]),
            self.lent,
            *self._charges(shape),
            bool(bridge),
            inputs.order == "pro_rata",
            inputs.order == "equity_first",
            self.theta,
            drawn,
            equity,
            bridges,
            interest,
            fees,
        )
        return Funded(self.capex, self.vat, interest, fees, reserves, self.grant, equity, list(drawn), bridges)

    def _charges(self, shape) -> tuple[np.ndarray, ...]:
        """Rates and commitment fees of the tranches, (tranches, rows, cases), and rates of the bridge, (rows, cases)."""
        if self._for_shape is None or self._for_shape[2].shape != shape:
            each = (len(self.rates), *shape)
            rates, fees = np.empty(each), np.empty(each)
            for k, (rate, fee) in enumerate(zip(self.rates, self.commitment, strict=True)):
                rates[k], fees[k] = rate, fee
            self._for_shape = rates, fees, whole(0.0 if self.bridge_rates is None else self.bridge_rates, shape)
        return self._for_shape


def _draw(
    plain, sizes, need, lent, rates, commitment, bridge_rates, bridged, pro_rata, equity_first, theta, drawn, equity, bridges,
    interest, fees,
):  # fmt: skip
    """Draws that pay each row's plain uses, its interest and its fees; adds to drawn, equity, bridges, interest and fees in place.

    interest_t = i_t (B_(t-1) + theta draw_t), theta 1, 1/2 or 0 for draws at start, middle or end of the row; commitment
    fee_t = c_t (size - B_(t-1) - theta draw_t). Both are linear in the draw, so each row is solved exactly: what lenders give, the
    debt side, and what shareholders give, the own side, together pay what is fixed and theta (i_t - c_t) of each draw.
    """
    rows, cases = plain.shape
    tranches = sizes.shape[0]
    shares, balances = np.empty(tranches), np.empty(tranches)
    for c in range(cases):
        debt, loans = 0.0, 0.0
        for k in range(tranches):
            balances[k] = 0.0
            if lent[k]:
                debt += sizes[k, c]
            else:
                loans += sizes[k, c]
        own = need[c] - debt
        gearing = debt / max(need[c], TINY)
        per_debt = 1.0 / debt if abs(debt) > TINY else 1.0
        per_own = 1.0 / own if abs(own) > TINY else 1.0
        for k in range(tranches):
            shares[k] = sizes[k, c] * (per_debt if lent[k] else per_own)
        equity_share = 1.0 - loans * per_own
        debt_left, own_left, bridge = max(debt, 0.0), max(own, 0.0), 0.0
        for t in range(rows):
            early = theta if t > 0 else 0.0  # close has no length
            fixed = plain[t, c] + bridge_rates[t, c] * bridge
            debt_slope, own_slope = 0.0, early * bridge_rates[t, c] * equity_share
            for k in range(tranches):
                fixed += rates[k, t, c] * balances[k] + commitment[k, t, c] * (sizes[k, c] - balances[k])
                slope = early * (rates[k, t, c] - commitment[k, t, c]) * shares[k]
                if lent[k]:
                    debt_slope += slope
                else:
                    own_slope += slope
            if pro_rata:
                paid = fixed / (1.0 - gearing * debt_slope - (1.0 - gearing) * own_slope)
                from_debt, from_own = gearing * paid, (1.0 - gearing) * paid
            elif equity_first:
                from_own = min(fixed / (1.0 - own_slope), own_left)
                from_debt = (fixed - (1.0 - own_slope) * from_own) / (1.0 - debt_slope)
            else:
                from_debt = min(fixed / (1.0 - debt_slope), debt_left)
                from_own = (fixed - (1.0 - debt_slope) * from_debt) / (1.0 - own_slope)
            debt_left -= from_debt
            own_left -= from_own
            for k in range(tranches):
                draw = (from_debt if lent[k] else from_own) * shares[k]
                drawn[k, t, c] = draw
                interest[t, c] += rates[k, t, c] * (balances[k] + early * draw)
                fees[t, c] += commitment[k, t, c] * (sizes[k, c] - balances[k] - early * draw)
                balances[k] += draw
            paid_in = from_own * equity_share
            if bridged:
                interest[t, c] += bridge_rates[t, c] * (bridge + early * paid_in)
                bridge += paid_in
                bridges[t, c] = bridge
            else:
                equity[t, c] = paid_in
        if bridged:
            equity[rows - 1, c], bridges[rows - 1, c] = bridge, 0.0


_draw = compiled(_draw)
