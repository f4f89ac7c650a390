"""From a project file's words to the model's arrays: scale to base units, spread over years, inflate real prices."""

from __future__ import annotations

import numpy as np

from ppp.financing import Debt
from ppp.model.inputs import (
    Availability,
    DistributionRules,
    Formula,
    Guarantee,
    Inputs,
    Reserves,
    ShadowTariff,
    TaxTerms,
    Tranche,
    ValueAddedTax,
    WorkingCapital,
)
from ppp.model.operations import growing, inflation_index, nominal_rate
from ppp.model.timeline import MONTHS, Timeline
from ppp.payment_terms import Availability as AvailabilityPayment
from ppp.payment_terms import ShadowTariff as ShadowTariffPayment
from ppp.payment_terms import SubsidyFormula, UserPay, ViabilityGap
from ppp.project import Project
from ppp.quantities import SCALES, Profile
from ppp.regimes import Rules

ROUNDING_STEP = 0.01  # of the file's unit: contracts in yuan round to the cent


def timeline_of(project: Project) -> Timeline:
    """The periods that a file asks for."""
    given = project.timeline
    by_calendar = given.periods_end == "calendar"
    return Timeline(given.financial_close, given.construction, given.operation, MONTHS[given.period], by_calendar)


class Prices:
    """Turns a file's amounts into nominal base units on a timeline.

    A nominal file's amounts are only scaled. A real file's amounts are in prices of price_year and are multiplied by
    (1 + inflation)^(year - price_year) for the calendar year in which each construction or operating year ends; its real rates
    become nominal by Fisher.
    """

    def __init__(self, project: Project):
        self.timeline = timeline_of(project)
        self.scale = SCALES[project.unit]
        self.inflation = project.inflation if project.price_basis == "real" else None
        self.price_year = project.price_year
        self.index_of = {
            "building": self._index(self.timeline.years_of_phase("construction")),
            "operating": self._index(self.timeline.years_of_phase("operation")),
        }
        lengths = self.timeline.year_lengths("construction")
        even = lengths / lengths.sum() if lengths.size else np.ones(1)
        self.spending = even if project.construction.spending is None else np.array(project.construction.spending)

    def _index(self, years: np.ndarray) -> np.ndarray:
        if self.inflation is None:
            return np.ones((years.size, 1))
        return inflation_index(self.inflation, self.price_year, years)

    def profile(self, profile: Profile | None, scale: float | None = None) -> np.ndarray:
        """Yearly amounts (operating years, cases), in base units (or `scale`) and nominal money."""
        years = self.timeline.operating_years
        if profile is None:
            return np.zeros((years, 1))
        if profile.values is not None:
            values = np.asarray(profile.values, dtype=float)[:, None]
        else:
            values = growing(profile.start, profile.growth, years)
        values = values * np.atleast_1d(profile.times)
        return values * scale if scale is not None else values * self.scale * self.index_of["operating"]

    def construction_years(self, total, spending=None, escalation=0.0) -> np.ndarray:
        """A total by construction year (years, cases), spread as capex is spent or by `spending`, grown by `escalation`."""
        shares = (self.spending if spending is None else np.array(spending))[:, None]
        growth = growing(1.0, escalation, shares.shape[0])
        return shares * growth * np.atleast_1d(total) * self.scale * self.index_of["building"]

    def building(self, total) -> np.ndarray:
        """A total spread as capex is spent: (rows, cases)."""
        return self.timeline.spread("building", self.construction_years(total))

    def at_row(self, amount, row: int) -> np.ndarray:
        """An amount of the prices of one row, (cases,)."""
        return np.atleast_1d(amount) * self.scale * self._index(self.timeline.budget_years[[row]])[0]

    def item(self, phase: str, profile: Profile | None) -> np.ndarray:
        """A named amount of one phase on the timeline: (rows, cases)."""
        if profile is None:
            return np.zeros((self.timeline.rows, 1))
        if phase == "construction":
            return self.building(np.atleast_1d(profile.start) * profile.times)
        return self.timeline.spread("operating", self.profile(profile))

    def rate(self, rate) -> np.ndarray:
        """An evaluation rate in the file's basis, as a nominal rate (cases,)."""
        rate = np.atleast_1d(np.asarray(rate, dtype=float))
        return rate if self.inflation is None else nominal_rate(rate, self.inflation)


def user_payments(project: Project, prices: Prices) -> np.ndarray:
    """Yearly payments by users (operating years, cases): given, or demand x tariff, the tariff being in the currency itself; lower
    while demand ramps up."""
    users = project.users
    if users is None:
        return np.zeros((prices.timeline.operating_years, 1))
    if users.payments is not None:
        paid = prices.profile(users.payments)
    else:
        paid = _sold(users.demand, users.demand_scale, users.tariff, prices)
    reached = np.ones((prices.timeline.operating_years, 1))
    reached[: len(users.ramp_up or ()), 0] = users.ramp_up or ()
    return paid * reached


def _sold(demand: Profile, scale: str, tariff: Profile, prices: Prices) -> np.ndarray:
    return prices.profile(demand, SCALES[scale]) * prices.profile(tariff, 1.0) * prices.index_of["operating"]


def capex_by_year(project: Project, prices: Prices) -> np.ndarray:
    """Capex and its further items by construction year, without land: (construction years, cases)."""
    construction = project.construction
    total = prices.construction_years(construction.capex, escalation=construction.escalation)
    for item in construction.items.values():
        total = total + prices.construction_years(item.amount, item.spending, item.escalation)
    return total


def model_inputs(project: Project, rules: Rules) -> Inputs:
    """The model's arrays for a project whose numbers may be scalars or one value per case."""
    prices = Prices(project)
    timeline, funding, operation = prices.timeline, project.funding, project.operation
    discount = prices.rate(project.discounting.rate)
    equity_rate = discount if project.discounting.equity_rate is None else prices.rate(project.discounting.equity_rate)
    by_year, land = capex_by_year(project, prices), prices.at_row(project.construction.land, 0)
    capex = timeline.spread("building", by_year) + np.zeros(land.size)
    capex[0] = capex[0] + land
    by_year = by_year + np.zeros(land.size)
    by_year[0] = by_year[0] + land
    return Inputs(
        timeline=timeline,
        capex=capex,
        land=land,
        capex_by_year=by_year,
        grant=prices.building(funding.grant if funding else 0.0),
        close_costs=prices.at_row(funding.close_costs if funding else 0.0, 0),
        opening_cash=prices.at_row(funding.opening_cash if funding else 0.0, timeline.completion),
        draw=rules.convention("construction_draws"),
        opex=prices.profile(operation.opex),
        lifecycle=prices.profile(operation.lifecycle),
        user_payments=user_payments(project, prices),
        other_revenue=prices.profile(operation.other_revenue),
        disposal=prices.at_row(operation.disposal, -1),
        payment=_payment(project, prices, rules, discount),
        funded=funding is not None,
        tranches=_tranches(project, prices),
        order=funding.order if funding else "pro_rata",
        bridge_rates=_bridge(project, timeline),
        reserves=_reserves(project),
        working_capital=_working_capital(project),
        tax=_tax(project),
        vat=_vat(project),
        distributions=_distributions(project, prices),
        discount_rate=discount,
        equity_rate=equity_rate,
    )


def assumed_capital(project: Project, prices: Prices) -> tuple:
    """(capital, government's share, loan, loan rate) that a subsidy formula reckons with, in base units of each year's money.

    Without a funding model they are given. With one, the loan is the largest gearing of capex - grant at the debt's rate: the formula's
    cost is fixed by contract before the debt is sized, so it must not depend on it.
    """
    assumed, funding = project.assumed_funding, project.funding
    if assumed is not None:
        return assumed.capital * prices.scale, assumed.government_share, assumed.loan * prices.scale, assumed.loan_rate
    if funding is None:
        return 0.0, 0.0, 0.0, 0.0
    capex = capex_by_year(project, prices).sum(axis=0) + prices.at_row(project.construction.land, 0)
    needed = capex - prices.building(funding.grant).sum(axis=0)
    if funding.debt is None:
        return needed, funding.government_share, 0.0 * needed, 0.0
    loan = needed * funding.debt.max_gearing
    return needed - loan, funding.government_share, loan, funding.debt.rate


def _payment(project: Project, prices: Prices, rules: Rules, discount: np.ndarray):
    match project.payment:
        case SubsidyFormula() as formula:
            return _formula(formula, project, prices, rules, discount)
        case AvailabilityPayment() as paid:
            share, index = np.atleast_1d(paid.indexed_share), np.atleast_1d(paid.index)
            return Availability(prices.profile(paid.amount), share, index, prices.profile(paid.pass_through))
        case ShadowTariffPayment() as paid:
            return ShadowTariff(_sold(paid.demand, paid.demand_scale, paid.tariff, prices))
        case UserPay(minimum_revenue=None, revenue_share=None):
            return None
        case UserPay() as paid:
            minimum = None if paid.minimum_revenue is None else prices.profile(paid.minimum_revenue)
            bands = tuple((prices.profile(b.above), np.atleast_1d(b.government)) for b in paid.revenue_share or ())
            return Guarantee(minimum, bands)


def _formula(payment: SubsidyFormula, project: Project, prices: Prices, rules: Rules, discount: np.ndarray) -> Formula:
    capital, share, loan, loan_rate = assumed_capital(project, prices)
    return Formula(
        gap=isinstance(payment, ViabilityGap),
        profit_rate=np.atleast_1d(payment.profit_rate),
        rate=discount if payment.rate is None else prices.rate(payment.rate),
        years=float(payment.years or prices.timeline.operation / 12.0),
        method=rules.convention("subsidy_method"),
        counting=rules.convention("subsidy_counting"),
        interest=rules.convention("subsidy_interest"),
        deduct_government_equity=rules.convention("subsidy_deducts_government_equity"),
        mark_up_opex=rules.convention("subsidy_marks_up_opex"),
        when_negative=rules.convention("negative_gap"),
        excess_share=np.atleast_1d(getattr(payment, "excess_share", None) or 0.0),
        rounding=rules.convention("subsidy_rounding"),
        rounding_unit=ROUNDING_STEP * prices.scale,
        loan=np.atleast_1d(loan),
        loan_rate=np.atleast_1d(loan_rate),
        equity=np.atleast_1d(capital),
        government_equity=np.atleast_1d(capital) * share,
        equity_without_profit=np.atleast_1d(payment.equity_returned_without_profit) * prices.scale,
        debt_service=prices.profile(payment.debt_service),
    )


def _tranches(project: Project, prices: Prices) -> tuple[Tranche, ...]:
    funding = project.funding
    if funding is None:
        return ()
    senior = [] if funding.debt is None else [_tranche("senior", "senior", funding.debt, prices)]
    return (*senior, *(_tranche(key, debt.rank, debt, prices) for key, debt in funding.further_debt.items()))


def _tranche(name: str, rank: str, debt: Debt, prices: Prices) -> Tranche:
    timeline = prices.timeline
    first, untailed = timeline.operating_rows_within(debt.grace), timeline.operating_rows_within(debt.tenor)
    last = min(untailed, timeline.operating_rows_within(timeline.operation - debt.tail))
    custom = None
    if debt.principal is not None:
        shared = timeline.shared_months("operation")[first:last, : len(debt.principal)]
        custom = shared / np.maximum(shared.sum(axis=0), 1) @ np.array(debt.principal)
    return Tranche(
        name=name,
        rank=rank,
        rates=_period_rates(debt, timeline),
        first=first,
        last=last,
        untailed=untailed,
        repayment=debt.repayment,
        custom=custom,
        max_gearing=np.atleast_1d(debt.max_gearing),
        amount=None if debt.amount is None else prices.at_row(debt.amount, 0),
        dscr=None if debt.dscr is None else np.atleast_1d(debt.dscr),
        after_tax=debt.dscr_basis == "after_tax",
        llcr=None if debt.llcr is None else np.atleast_1d(debt.llcr),
        upfront_fee=np.atleast_1d(debt.upfront_fee),
        commitment_fee=np.atleast_1d(debt.commitment_fee),
        sweep=np.atleast_1d(debt.sweep),
    )


def _period_rates(debt: Debt, timeline: Timeline) -> np.ndarray:
    """Interest of each row as a fraction of the balance, (rows, cases): the year's rate by months; a step holds from the operating
    year in which a row begins."""
    yearly = [np.atleast_1d(debt.rate)] * timeline.rows
    begins = timeline.boundaries - timeline.months - timeline.construction
    for step in debt.rate_steps or ():
        yearly = [
            np.atleast_1d(step.rate) if begin >= 12 * (step.from_year - 1) else rate
            for begin, rate in zip(begins, yearly, strict=True)
        ]
    return np.stack(np.broadcast_arrays(*yearly)) * (timeline.months / 12.0)[:, None]


def _bridge(project: Project, timeline: Timeline) -> np.ndarray | None:
    bridge = project.funding.equity_bridge if project.funding else None
    return None if bridge is None else np.atleast_1d(bridge.rate) * (timeline.months / 12.0)[:, None]


def _reserves(project: Project) -> Reserves:
    given = project.funding.reserves if project.funding else None
    service, maintenance = (given.debt_service, given.maintenance) if given else (None, None)
    return Reserves(
        service_months=service.cover if service else None,
        service_in_construction=service is not None and service.funded == "construction",
        maintenance_months=maintenance.ahead if maintenance else None,
        maintenance_in_construction=maintenance is not None and maintenance.funded == "construction",
    )


def _working_capital(project: Project) -> WorkingCapital | None:
    days = project.working_capital
    if days is None:
        return None
    return WorkingCapital(
        np.atleast_1d(days.receivable_days),
        np.atleast_1d(days.government_days),
        np.atleast_1d(days.payable_days),
        days.funded == "construction",
    )


def _tax(project: Project) -> TaxTerms | None:
    tax = project.tax
    if tax is None:
        return None
    return TaxTerms(
        rate=np.atleast_1d(tax.rate),
        method=tax.method,
        depreciation_years=tax.depreciation,
        first_year=tax.first_year,
        losses=tax.losses,
        loss_years=tax.loss_years,
        exempt=tax.holiday.exempt if tax.holiday else 0,
        half=tax.holiday.half if tax.holiday else 0,
    )


def _vat(project: Project) -> ValueAddedTax | None:
    vat = project.tax.vat if project.tax else None
    if vat is None:
        return None
    rates = (np.atleast_1d(rate) for rate in (vat.revenue, vat.government_payment, vat.capex, vat.costs))
    return ValueAddedTax(*rates, refunded=vat.credit == "refunded")


def _distributions(project: Project, prices: Prices) -> DistributionRules | None:
    given = project.distributions
    if given is None:
        return None
    statutory = given.statutory_reserve
    return DistributionRules(
        lock_up=None if given.lock_up is None else np.atleast_1d(given.lock_up),
        from_profit=given.from_profit,
        return_of_capital=given.return_of_capital,
        statutory_rate=np.atleast_1d(statutory.rate if statutory else 0.0),
        statutory_limit=np.atleast_1d(statutory.limit if statutory else 0.0),
        minimum_cash=prices.at_row(given.minimum_cash, prices.timeline.completion),
    )
