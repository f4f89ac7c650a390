"""Small project companies, built without a file, to change one thing at a time in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from ppp.model.circle import Circle
from ppp.model.company import operate
from ppp.model.inputs import (
    DistributionRules,
    Formula,
    Inputs,
    Reserves,
    TaxTerms,
    Tranche,
    ValueAddedTax,
    WorkingCapital,
)
from ppp.model.timeline import MONTHS, Timeline

CLOSE = dt.date(2024, 1, 1)
NO_RESERVES = Reserves(None, False, None, False)


def column(values) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=float))[:, None]


def _arrays(changes: dict) -> dict:
    """Numbers as one case, lists as one case over time; all else as it is."""
    return {
        key: np.array([value]) if isinstance(value, float) else column(value) if isinstance(value, list) else value
        for key, value in changes.items()
    }


def years(construction: float, operation: float, period: str = "year", close=CLOSE, by_calendar=False) -> Timeline:
    """A timeline whose phases are given in years."""
    return Timeline(close, round(12 * construction), round(12 * operation), MONTHS[period], by_calendar)


def period_rates(timeline: Timeline, yearly) -> np.ndarray:
    """A yearly rate (a number, or one per case) by the months of each row: (rows, cases)."""
    return np.atleast_1d(yearly) * (timeline.months / 12.0)[:, None]


def tranche(timeline: Timeline, rate=0.06, tenor=10.0, grace=0.0, tail=0.0, **changes) -> Tranche:
    """6 % over 10 years, sculpted to a cover of 1.3 after tax, no fees. tenor, grace and tail in years; change what matters."""
    untailed = timeline.operating_rows_within(round(12 * tenor))
    terms = Tranche(
        name="senior",
        rank="senior",
        rates=period_rates(timeline, rate),
        first=timeline.operating_rows_within(round(12 * grace)),
        last=min(untailed, timeline.operating_rows_within(timeline.operation - round(12 * tail))),
        untailed=untailed,
        repayment="sculpted",
        custom=None,
        max_gearing=np.array([1.0]),
        amount=None,
        dscr=np.array([1.3]),
        after_tax=True,
        llcr=None,
        upfront_fee=np.array([0.0]),
        commitment_fee=np.array([0.0]),
        sweep=np.array([0.0]),
    )
    return replace(terms, **_arrays(changes))


def terms(**changes):
    """The terms of a tranche, to be put on the timeline of a company."""
    return lambda timeline: tranche(timeline, **changes)


def tax_terms(**changes) -> TaxTerms:
    """25 %, straight line over 15 years, losses carried forward without end, no holiday."""
    given = TaxTerms(np.array([0.25]), "straight_line", 15, "full", "carry_forward", None, 0, 0)
    return replace(given, **_arrays(changes))


def vat_terms(revenue=0.0, government_payment=0.0, capex=0.0, costs=0.0, refunded=False) -> ValueAddedTax:
    return ValueAddedTax(*(np.array([rate]) for rate in (revenue, government_payment, capex, costs)), refunded)


def days(receivable=0.0, government=0.0, payable=0.0, in_construction=False) -> WorkingCapital:
    return WorkingCapital(np.array([receivable]), np.array([government]), np.array([payable]), in_construction)


def rules(**changes) -> DistributionRules:
    """Everything may be distributed that is there; change what is limited."""
    given = DistributionRules(None, False, False, np.zeros(1), np.zeros(1), np.zeros(1))
    return replace(given, **_arrays(changes))


def formula(years: float, **changes) -> Formula:
    """The subsidy formula with a profit rate of 6 % and a rate of 5 %, no loan, for `years` years."""
    given = Formula(
        gap=False,
        profit_rate=np.array([0.06]),
        rate=np.array([0.05]),
        years=years,
        method="cai_jin_21",
        counting="from_one",
        interest="none",
        deduct_government_equity=False,
        mark_up_opex=True,
        when_negative="floor",
        excess_share=np.array([0.0]),
        rounding="none",
        rounding_unit=0.01,
        loan=np.array([0.0]),
        loan_rate=np.array([0.0]),
        equity=np.array([0.0]),
        government_equity=np.array([0.0]),
        equity_without_profit=np.array([0.0]),
        debt_service=np.zeros((int(np.ceil(years)), 1)),
    )
    return replace(
        given, **{k: np.array([v]) if isinstance(v, float) and k != "rounding_unit" else v for k, v in changes.items()}
    )


def company(construction=2.0, operation=15.0, period="year", debt=None, timeline=None, **changes) -> Inputs:
    """1000 of capex, even over two years, then 15 years in which users pay 180 and operation costs 50, at a yearly rate.

    construction and operation in years; debt: `terms(...)`, a list of them, or None for none; lists are amounts by operating year.
    """
    line = timeline or years(construction, operation, period)
    count = line.operating_years
    by_year = column(line.year_lengths("construction") / max(line.construction / 12, 1e-9) * 1_000.0)
    by_year = by_year if line.construction else column([1_000.0])
    given = dict(
        timeline=line,
        capex=line.spread("building", by_year),
        land=np.zeros(1),
        capex_by_year=by_year,
        grant=np.zeros((line.rows, 1)),
        close_costs=np.zeros(1),
        opening_cash=np.zeros(1),
        draw="middle",
        opex=np.full((count, 1), 50.0),
        lifecycle=np.zeros((count, 1)),
        user_payments=np.full((count, 1), 180.0),
        other_revenue=np.zeros((count, 1)),
        disposal=np.zeros(1),
        payment=None,
        funded=True,
        tranches=tuple(make(line) for make in (debt if isinstance(debt, list) else [debt] if debt else [])),
        order="pro_rata",
        bridge_rates=None,
        reserves=NO_RESERVES,
        working_capital=None,
        tax=tax_terms(),
        vat=None,
        distributions=None,
        discount_rate=np.array([0.05]),
        equity_rate=np.array([0.08]),
    )
    return Inputs(**(given | _arrays(changes)))


def spending(amounts, line: Timeline | None = None) -> dict:
    """capex of these amounts by construction year, as changes for `company`."""
    line = line or years(len(amounts), 15)
    return dict(timeline=line, capex=line.spread("building", column(amounts)), capex_by_year=column(amounts))


def circle(inputs: Inputs) -> Circle:
    return Circle(inputs, operate(inputs))


def funded(inputs: Inputs) -> SimpleNamespace:
    """The funding of a company whose circle is closed; drawn and debt are those of its first tranche."""
    financed = circle(inputs).solve()
    found = financed.funded
    return SimpleNamespace(
        **{key: getattr(found, key) for key in ("capex", "vat", "interest", "fees", "reserves", "grant", "equity")},
        drawn=found.drawn[0] if found.drawn else None,
        debt=found.debts[0] if found.debts else None,
        uses=found.uses,
        bridge=found.bridge,
        all_drawn=found.drawn,
        binding=financed.binding,
        residual=financed.residual,
    )
