"""From a project file's words to the model's arrays: scale to base units, spread over years, inflate real prices."""

from __future__ import annotations

import numpy as np

from ppp.model.inputs import Availability, DebtTerms, Formula, Inputs, TaxTerms
from ppp.model.operations import growing, inflation_index, nominal_rate
from ppp.model.timeline import Timeline
from ppp.project import Availability as AvailabilityPayment
from ppp.project import Project, SubsidyFormula, ViabilityGap
from ppp.quantities import SCALES, Profile
from ppp.regimes import Rules

ROUNDING_STEP = 0.01  # of the file's unit: contracts in yuan round to the cent


class Prices:
    """Turns a file's amounts into nominal base units on a timeline.

    A nominal file's amounts are only scaled. A real file's amounts are in prices of price_year and are multiplied by
    (1 + inflation)^(year - price_year) for the calendar year in which each period ends; its real rates become nominal by Fisher.
    """

    def __init__(self, project: Project):
        self.timeline = Timeline(
            project.timeline.financial_close, project.timeline.construction, project.timeline.operation
        )
        self.scale = SCALES[project.unit]
        self.inflation = project.inflation if project.price_basis == "real" else None
        years = self.timeline.budget_years
        self.index = (
            np.ones((years.size, 1))
            if self.inflation is None
            else inflation_index(self.inflation, project.price_year, years)
        )
        shares = project.construction.spending
        count = max(self.timeline.construction, 1)
        self.spending = np.array(shares if shares is not None else [1.0 / count] * count)[:, None]

    def profile(self, profile: Profile | None, scale: float | None = None) -> np.ndarray:
        """(operating years, cases), in base units (or `scale`) and nominal money."""
        years = self.timeline.operation
        if profile is None:
            return np.zeros((years, 1))
        if profile.values is not None:
            values = np.asarray(profile.values, dtype=float)[:, None]
        else:
            values = growing(profile.start, profile.growth, years)
        values = values * np.atleast_1d(profile.times)
        return values * scale if scale is not None else values * self.scale * self.index[self.timeline.operating]

    def building(self, total) -> np.ndarray:
        """A total spread as capex is spent: (rows, cases)."""
        spread = self.timeline.spread("building", self.spending * np.atleast_1d(total))
        return spread * self.scale * self.index

    def at_close(self, amount) -> np.ndarray:
        return np.atleast_1d(amount) * self.scale * self.index[0]

    def at_end(self, amount) -> np.ndarray:
        return np.atleast_1d(amount) * self.scale * self.index[-1]

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
    """Payments by users (operating years, cases): given, or demand x tariff, the tariff being in the currency itself."""
    users = project.users
    if users is None:
        return np.zeros((prices.timeline.operation, 1))
    if users.payments is not None:
        return prices.profile(users.payments)
    demand = prices.profile(users.demand, SCALES[users.demand_scale])
    return demand * prices.profile(users.tariff, 1.0) * prices.index[prices.timeline.operating]


def model_inputs(project: Project, rules: Rules) -> Inputs:
    """The model's arrays for a project whose numbers may be scalars or one value per case."""
    prices = Prices(project)
    funding, operation = project.funding, project.operation
    discount = prices.rate(project.discounting.rate)
    equity_rate = discount if project.discounting.equity_rate is None else prices.rate(project.discounting.equity_rate)
    return Inputs(
        timeline=prices.timeline,
        capex=prices.building(project.construction.capex),
        grant=prices.building(funding.grant if funding else 0.0),
        close_costs=prices.at_close(funding.close_costs if funding else 0.0),
        draw=rules.convention("construction_draws"),
        opex=prices.profile(operation.opex),
        lifecycle=prices.profile(operation.lifecycle),
        user_payments=user_payments(project, prices),
        other_revenue=prices.profile(operation.other_revenue),
        disposal=prices.at_end(operation.disposal),
        payment=_payment(project, prices, rules, discount),
        funded=funding is not None,
        debt=_debt(project),
        tax=_tax(project),
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
    needed = (prices.building(project.construction.capex) - prices.building(funding.grant)).sum(axis=0)
    if funding.debt is None:
        return needed, funding.government_share, 0.0 * needed, 0.0
    loan = needed * funding.debt.max_gearing
    return needed - loan, funding.government_share, loan, funding.debt.rate


def _payment(project: Project, prices: Prices, rules: Rules, discount: np.ndarray) -> Formula | Availability | None:
    payment = project.payment
    if isinstance(payment, AvailabilityPayment):
        return Availability(
            prices.profile(payment.amount), np.atleast_1d(payment.indexed_share), np.atleast_1d(payment.index)
        )
    if not isinstance(payment, SubsidyFormula):
        return None
    capital, share, loan, loan_rate = assumed_capital(project, prices)
    return Formula(
        gap=isinstance(payment, ViabilityGap),
        profit_rate=np.atleast_1d(payment.profit_rate),
        rate=discount if payment.rate is None else prices.rate(payment.rate),
        years=payment.years or prices.timeline.operation,
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


def _debt(project: Project) -> DebtTerms | None:
    debt = project.funding.debt if project.funding else None
    if debt is None:
        return None
    return DebtTerms(
        rate=np.atleast_1d(debt.rate),
        tenor=debt.tenor,
        repayment=debt.repayment,
        max_gearing=np.atleast_1d(debt.max_gearing),
        dscr=None if debt.dscr is None else np.atleast_1d(debt.dscr),
        dscr_after_tax=debt.dscr_basis == "after_tax",
        upfront_fee=np.atleast_1d(debt.upfront_fee),
        commitment_fee=np.atleast_1d(debt.commitment_fee),
    )


def _tax(project: Project) -> TaxTerms | None:
    tax = project.tax
    if tax is None:
        return None
    return TaxTerms(
        np.atleast_1d(tax.rate),
        tax.depreciation or project.timeline.operation,
        tax.first_year,
        tax.losses,
        tax.loss_years,
    )
