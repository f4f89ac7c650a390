"""Sources and uses during construction for given sizes of debt. The circle that the sizes close is in company.py.

Arrays cover close and the construction rows: (built rows, cases). All amounts positive. Equations: docs/model.md, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
        return self.capex + self.vat + self.interest + self.fees + self.reserves

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
        self.on_debt_side = [tranche.lender for tranche in inputs.tranches]
        self.bridge_rates = None if inputs.bridge_rates is None else inputs.bridge_rates[built]
        self.theta = TIMING[inputs.draw]

    def fund(self, sizes: list[np.ndarray], need, at_completion) -> Funded:
        """Draw equity and tranches of given sizes (cases,) each, against a need (cases,) that they are thought to meet, so that
        sources = uses in every row. at_completion: accounts and cash filled in the last row, (cases,).

        Interest_t = i_t (B_(t-1) + theta draw_t), theta 1, 1/2 or 0 for draws at start, middle or end of the row; commitment
        fee_t = c_t (size - B_(t-1) - theta draw_t). Both are linear in the draw, so each row is solved exactly.
        """
        inputs, pieces = self.inputs, self._pieces(sizes, need)
        fee_rates = [tranche.upfront_fee for tranche in inputs.tranches]
        vary = (*sizes, *fee_rates, need, at_completion, inputs.close_costs, *self.rates, *self.commitment)
        bridge = () if self.bridge_rates is None else (self.bridge_rates,)
        shape = np.broadcast_shapes(self.plain.shape, *map(np.shape, (*vary, *bridge)))
        fees, interest, reserves = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        fees[0] = inputs.close_costs + sum(t.upfront_fee * size for t, size in zip(inputs.tranches, sizes, strict=True))
        reserves[-1] = at_completion
        plain = self.plain + fees + reserves
        drawn, equity = [np.zeros(shape) for _ in sizes], np.zeros(shape)
        balances, bridge = [np.zeros(shape[1:]) for _ in sizes], np.zeros(shape[1:])
        left = [np.maximum(side, 0.0) for side in pieces.sides]
        bridges = np.zeros(shape)
        for t in range(shape[0]):
            rates = [rate[t] for rate in self.rates]
            charges = [fee[t] for fee in self.commitment]
            undrawn = [charge * (size - b) for charge, size, b in zip(charges, sizes, balances, strict=True)]
            bridge_rate = 0.0 if self.bridge_rates is None else self.bridge_rates[t]
            carried = sum((rate * b for rate, b in zip(rates, balances, strict=True)), bridge_rate * bridge)
            fixed = plain[t] + carried + sum(undrawn, 0.0)
            theta = self.theta if t else 0.0
            slopes = [theta * (rate - charge) for rate, charge in zip(rates, charges, strict=True)]
            taken = self._take(fixed, pieces, slopes, theta * bridge_rate, left)
            for side in (0, 1):
                left[side] = left[side] - taken[side]
            new_equity = taken[1] * pieces.equity_share
            for k, share in enumerate(pieces.shares):
                draw = taken[0 if self.on_debt_side[k] else 1] * share
                drawn[k][t] = draw
                interest[t] += rates[k] * (balances[k] + theta * draw)
                fees[t] += undrawn[k] - charges[k] * theta * draw
                balances[k] = balances[k] + draw
            if self.bridge_rates is None:
                equity[t] = new_equity
            else:
                interest[t] += bridge_rate * (bridge + theta * new_equity)
                bridge = bridge + new_equity
            bridges[t] = bridge
        if self.bridge_rates is not None:
            equity[-1], bridges[-1] = bridge, 0.0
        return Funded(
            *(np.broadcast_to(part, shape) for part in (self.capex, self.vat)),
            interest,
            fees,
            reserves,
            np.broadcast_to(self.grant, shape),
            equity,
            drawn,
            bridges,
        )

    def _pieces(self, sizes, need) -> Pieces:
        """The two sides of the funding, lenders' debt and shareholders' money, and each piece's share of its side."""
        debt = sum((size for size, lent in zip(sizes, self.on_debt_side, strict=True) if lent), np.zeros(1))
        own = need - debt
        loans = sum((size for size, lent in zip(sizes, self.on_debt_side, strict=True) if not lent), np.zeros(1))
        per_debt = 1.0 / np.where(np.abs(debt) > TINY, debt, 1.0)
        per_own = 1.0 / np.where(np.abs(own) > TINY, own, 1.0)
        shares = [size * (per_debt if lent else per_own) for size, lent in zip(sizes, self.on_debt_side, strict=True)]
        return Pieces((debt, own), shares, 1.0 - loans * per_own, debt / np.maximum(need, TINY))

    def _take(self, fixed, pieces: Pieces, slopes, bridge_slope, left) -> tuple[np.ndarray, np.ndarray]:
        """What a row takes from the debt side and from the shareholders' side: together fixed + slope of each x what it takes."""
        debt_slope = sum(
            (
                slope * share
                for slope, share, lent in zip(slopes, pieces.shares, self.on_debt_side, strict=True)
                if lent
            ),
            0.0,
        )
        own_slope = bridge_slope * pieces.equity_share + sum(
            (slope * s for slope, s, lent in zip(slopes, pieces.shares, self.on_debt_side, strict=True) if not lent),
            0.0,
        )
        if self.inputs.order == "pro_rata":
            gearing = pieces.gearing
            whole = fixed / (1.0 - gearing * debt_slope - (1.0 - gearing) * own_slope)
            return gearing * whole, (1.0 - gearing) * whole
        first, second = (own_slope, debt_slope) if self.inputs.order == "equity_first" else (debt_slope, own_slope)
        available = left[1] if self.inputs.order == "equity_first" else left[0]
        early = np.minimum(fixed / (1.0 - first), available)
        late = (fixed - (1.0 - first) * early) / (1.0 - second)
        return (late, early) if self.inputs.order == "equity_first" else (early, late)


@dataclass(frozen=True)
class Pieces:
    """sides: totals of lenders' debt and of shareholders' money; shares: each tranche's share of its side; equity_share: equity's
    share of the shareholders' side; gearing: lenders' debt over the need. All (cases,)."""

    sides: tuple[np.ndarray, np.ndarray]
    shares: list[np.ndarray]
    equity_share: np.ndarray
    gearing: np.ndarray
