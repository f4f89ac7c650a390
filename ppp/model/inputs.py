"""What the model needs, as arrays in base units: (rows, cases) on the timeline, (years, cases) by construction or operating year,
(cases,) otherwise. Yearly amounts are at a yearly rate, also in a short year; the timeline spreads them over rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppp.model.timeline import Timeline


@dataclass(frozen=True)
class Availability:
    """A yearly payment (years, cases) of which `indexed_share` follows `index`, and cost passed through (years, cases)."""

    amount: np.ndarray
    indexed_share: np.ndarray
    index: np.ndarray
    pass_through: np.ndarray


@dataclass(frozen=True)
class ShadowTariff:
    """demand x tariff, paid by the government: (years, cases)."""

    amount: np.ndarray


@dataclass(frozen=True)
class Guarantee:
    """User payments guaranteed (years, cases) or None, and bands above which they are shared: (above (years, cases), share (cases,))."""

    minimum: np.ndarray | None
    bands: tuple[tuple[np.ndarray, np.ndarray], ...]


@dataclass(frozen=True)
class Formula:
    """The government's payment by formula; the words are the conventions' values in the rule packs. years: of subsidy, may end
    within a year when they are the whole operation."""

    gap: bool
    profit_rate: np.ndarray
    rate: np.ndarray
    years: float
    method: str
    counting: str
    interest: str
    deduct_government_equity: bool
    mark_up_opex: bool
    when_negative: str
    excess_share: np.ndarray
    rounding: str
    rounding_unit: float
    loan: np.ndarray
    loan_rate: np.ndarray
    equity: np.ndarray
    government_equity: np.ndarray
    equity_without_profit: np.ndarray
    debt_service: np.ndarray


@dataclass(frozen=True)
class Tranche:
    """Terms of one tranche. rates: (rows, cases), interest of each period as a fraction of the balance. Limits that the file does
    not set are None. first, last: operating rows between which principal is repaid (grace before first); untailed: what `last`
    would be without the tail. custom: (operating rows of repayment,) share of principal, for repayment "custom"."""

    name: str
    rank: str
    rates: np.ndarray
    first: int
    last: int
    untailed: int
    repayment: str
    custom: np.ndarray | None
    max_gearing: np.ndarray
    amount: np.ndarray | None
    dscr: np.ndarray | None
    after_tax: bool
    llcr: np.ndarray | None
    upfront_fee: np.ndarray
    commitment_fee: np.ndarray
    sweep: np.ndarray

    @property
    def lender(self) -> bool:
        """Whether it is a lender's; a shareholder loan is the shareholders' own money."""
        return self.rank != "shareholder"


@dataclass(frozen=True)
class Reserves:
    """Months covered by the debt service reserve and months ahead of the maintenance reserve (None: no account), and whether each is
    first filled in construction."""

    service_months: int | None
    service_in_construction: bool
    maintenance_months: int | None
    maintenance_in_construction: bool


@dataclass(frozen=True)
class WorkingCapital:
    """Days of a year of 365, each (cases,), and whether the first balance is funded in construction."""

    receivable_days: np.ndarray
    government_days: np.ndarray
    payable_days: np.ndarray
    in_construction: bool


@dataclass(frozen=True)
class ValueAddedTax:
    """Rates (cases,); refunded: construction's credit is paid back in the first operating row."""

    revenue: np.ndarray
    government_payment: np.ndarray
    capex: np.ndarray
    costs: np.ndarray
    refunded: bool


@dataclass(frozen=True)
class TaxTerms:
    """depreciation_years None: even over the whole operation. exempt, half: years of the holiday."""

    rate: np.ndarray
    method: str
    depreciation_years: int | None
    first_year: str
    losses: str
    loss_years: int | None
    exempt: int
    half: int


@dataclass(frozen=True)
class DistributionRules:
    """Limits on distributions; lock_up None: no cover is asked. Rates (cases,)."""

    lock_up: np.ndarray | None
    from_profit: bool
    return_of_capital: bool
    statutory_rate: np.ndarray
    statutory_limit: np.ndarray
    minimum_cash: np.ndarray


@dataclass(frozen=True)
class Inputs:
    """One project, one or many cases. `funded` is False when the file gives no funding model: then no debt, tax or equity is computed.

    capex: (rows, cases) with items and land; land: (cases,), the part of it paid at close for land; capex_by_year: (construction
    years, cases) of the whole, land in the first year.
    """

    timeline: Timeline
    capex: np.ndarray
    land: np.ndarray
    capex_by_year: np.ndarray
    grant: np.ndarray
    close_costs: np.ndarray
    opening_cash: np.ndarray
    draw: str
    opex: np.ndarray
    lifecycle: np.ndarray
    user_payments: np.ndarray
    other_revenue: np.ndarray
    disposal: np.ndarray
    payment: Formula | Availability | ShadowTariff | Guarantee | None
    funded: bool
    tranches: tuple[Tranche, ...]
    order: str
    bridge_rates: np.ndarray | None
    reserves: Reserves
    working_capital: WorkingCapital | None
    tax: TaxTerms | None
    vat: ValueAddedTax | None
    distributions: DistributionRules | None
    discount_rate: np.ndarray
    equity_rate: np.ndarray
