"""The checks of a model auditor, run on every evaluation. Hard checks decide whether it may be believed; alerts are shown, not fatal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from ppp.model.company import Company, Lines
from ppp.model.compiled import added, largest, running_sum
from ppp.model.covers import dscr
from ppp.model.discounting import discount_factors, present_value
from ppp.model.inputs import Inputs
from ppp.model.irr import UNIQUE, Irr
from ppp.model.timeline import Timeline
from ppp.model.working_capital import increase

CIRCLE_TOLERANCE = 1e-10
LONGEST_POLYNOMIAL = 120  # flows: numpy-financial's roots of a longer one are slow and inexact
IDENTITY_TOLERANCE = 1e-9  # of the largest amount that enters the identity


@dataclass(frozen=True)
class Check:
    """error: (cases,) relative size of what should be zero (or below zero for an alert); hard checks fail above `tolerance`."""

    key: str
    error: np.ndarray
    tolerance: float
    hard: bool

    @property
    def passed(self) -> np.ndarray:
        return np.asarray(self.error) <= self.tolerance


def _relative(difference, *amounts) -> np.ndarray:
    """Largest absolute difference along time over the largest amount; a NaN counts as infinitely wrong."""
    scale = reduce(np.maximum, (largest(amount) for amount in amounts))
    error = largest(difference) / np.maximum(scale, 1e-12)
    return np.where(np.isnan(error), np.inf, error)


def hard_checks(inputs: Inputs, company: Company, government: Lines, irrs: dict[str, Irr]) -> list[Check]:
    """Identities that hold in every case. Errors are relative, tolerances 1e-9 (1e-10 for the circles).

    Each sets two routes side by side: accounts against cash, a balance against its flows, the government's books against the
    company's. government: its lines, with the sums it books and the private partner's equity."""
    lines = company.lines
    found = [Check("circle_converged", company.residual, CIRCLE_TOLERANCE, True)]

    def identity(key: str, difference, *amounts) -> None:
        found.append(Check(key, _relative(difference, *amounts), IDENTITY_TOLERANCE, True))

    revenue = added([lines[key] for key in ("user_payments", "other_revenue", "government_payment")])
    identity("revenue_adds_up", lines["revenue"] - revenue, lines["revenue"])
    identity(
        "mirror_payment",
        government["booked_subsidy"]
        - lines["revenue"].sum(axis=0)
        + (lines["user_payments"] + lines["other_revenue"]).sum(axis=0),
        lines["revenue"].sum(axis=0)[None],
    )
    identity("years_add_up", _years_less_rows(inputs, lines), lines["revenue"], lines["opex"], lines["lifecycle"])
    if not inputs.funded:
        return found
    whole = lines["uses"].sum(axis=0)[None]
    identity("sources_equal_uses", lines["uses"] - _sources(lines), whole)
    identity("balance_sheet_balances", balance_sheet_difference(lines), whole)
    identity("cash_not_created", lines["cash"] - _cash_from_flows(inputs, lines), whole)
    identity("debt_repaid", _debts(lines)[-1:], _debts(lines))
    identity("debt_not_over_repaid", np.minimum(_debts(lines), 0.0), _debts(lines))
    identity("assets_depreciated_once", lines["fixed_assets"][-1:], lines["fixed_assets"])
    identity("reserves_released", np.abs(_reserves(lines)[-1:]) + np.minimum(_reserves(lines), 0.0), whole)
    identity(
        "mirror_equity",
        government["government_equity"].sum(axis=0)[None]
        + government["private_equity"][None]
        - lines["equity"].sum(axis=0)[None],
        lines["equity"].sum(axis=0)[None],
    )
    rate = irrs["equity_irr"].value
    known = np.isfinite(rate)
    factors = discount_factors(np.where(known, rate, 0.0), inputs.timeline.times)
    npv, size = (present_value(flow, factors) for flow in (lines["equity_flow"], np.abs(lines["equity_flow"])))
    error = np.where(known, np.abs(npv), 0.0) / np.maximum(size, 1e-12)
    found.append(Check("irr_gives_zero_npv", error, IDENTITY_TOLERANCE, True))
    return found


def _sources(lines: Lines) -> np.ndarray:
    """Grant, equity and every draw, the equity bridge less its repayment."""
    drawn = lines["debt_drawn"], lines["shareholder_loan_drawn"], increase(lines["bridge_closing"])
    return added([lines["grant"], lines["equity"], *drawn])


def _debts(lines: Lines) -> np.ndarray:
    return added([lines[key] for key in ("debt_closing", "shareholder_loan_closing", "bridge_closing")])


def _reserves(lines: Lines) -> np.ndarray:
    return lines["debt_service_reserve"] + lines["maintenance_reserve"]


def balance_sheet_difference(lines: Lines) -> np.ndarray:
    """Assets less debts, payables and shareholders' funds, (rows, cases): zero."""
    assets = added([lines[key] for key in ("fixed_assets", "receivables", "vat_credit", "cash")] + [_reserves(lines)])
    return assets - added([_debts(lines), lines["payables"], lines["shareholders_funds"]])


def _cash_from_flows(inputs: Inputs, lines: Lines) -> np.ndarray:
    """Free cash by adding up every payment from close on: sources less uses, receipts less payments, reserves apart, (rows, cases)."""
    service = [lines[f"shareholder_loan_{key}"] for key in ("interest", "repaid")]
    running = np.zeros((inputs.timeline.rows, 1))
    running[inputs.timeline.operating] = 1.0
    received = [_sources(lines), lines["reserves_filled"], lines["ebitda"], lines["disposal"]]
    paid = [lines["uses"], lines["tax"], lines["vat"] * running, increase(lines["receivables"] - lines["payables"])]
    paid += [lines["debt_service"], lines["prepayment"], *service, lines["distributions"], increase(_reserves(lines))]
    return running_sum(added(received) - added(paid))


def _years_less_rows(inputs: Inputs, lines: Lines) -> np.ndarray:
    """Sums over the rows less the sums of the yearly amounts they came from, for what the file gives by year, (1, cases)."""
    lengths = inputs.timeline.year_lengths("operation")[:, None]
    pairs = [("user_payments", inputs.user_payments), ("other_revenue", inputs.other_revenue)]
    pairs += [("opex", inputs.opex), ("lifecycle", inputs.lifecycle)]
    apart = [np.abs(lines[key].sum(axis=0) - (yearly * lengths).sum(axis=0)) for key, yearly in pairs]
    return np.add(sum(apart[1:], apart[0]), 0.0)[None]


def risk_check(total, transferred, retained) -> Check:
    return Check("risk_is_shared_whole", _relative(total - transferred - retained, total), IDENTITY_TOLERANCE, True)


def budget_check(booked, spending) -> Check:
    """What the budget books by calendar year (years, cases) adds up to the project's spending by period (rows, cases)."""
    return Check(
        "budget_adds_up",
        _relative((booked.sum(axis=0) - spending.sum(axis=0))[None], spending),
        IDENTITY_TOLERANCE,
        True,
    )


def second_opinion(timeline: Timeline, flow: np.ndarray, rate: float, npv: float, found: Irr) -> list[Check]:
    """One base case recomputed by numpy-financial, period by period: its NPV, and its IRR where there is exactly one.

    numpy-financial knows equal periods only, so the flow is laid out by the longest period that all dates share. Where there are
    several roots it picks another by its own rule, and on long flows its polynomial loses digits; there its NPV at our value must
    be zero.
    """
    import numpy_financial as npf

    step = int(np.gcd.reduce(timeline.boundaries))
    even = np.zeros(timeline.boundaries[-1] // step + 1)
    even[timeline.boundaries // step] = flow
    a_step = lambda yearly: np.expm1(np.log1p(yearly) * step / 12.0)  # noqa: E731
    scale = max(float(np.abs(flow).sum()), 1e-12)
    value, state = float(found.value[0]), int(found.state[0])
    npv_again = float(npf.npv(a_step(rate), even))
    checks = [Check("npv_second_opinion", np.array([abs(npv_again - npv) / scale]), IDENTITY_TOLERANCE, True)]
    if state == UNIQUE and even.size <= LONGEST_POLYNOMIAL:
        again = float(np.expm1(np.log1p(npf.irr(even)) * 12.0 / step))
        apart = abs(again - value) / (1.0 + abs(value))  # relative, so that 1000 % may differ in its last digit too
        checks.append(Check("irr_second_opinion", np.array([apart]), IDENTITY_TOLERANCE, True))
    elif np.isfinite(value):
        apart = abs(float(npf.npv(a_step(value), even))) / scale
        checks.append(Check("irr_second_opinion", np.array([apart]), IDENTITY_TOLERANCE, True))
    return checks


def _cover_lacking(inputs: Inputs, company: Company) -> np.ndarray:
    """The most by which a lender's cover, its own and all earlier service counted, falls below what that lender asks: (cases,)."""
    operating = inputs.timeline.operating
    cfads, tax = company.lines["cfads"][operating], company.lines["tax"][operating]
    lacking, service = np.zeros(1), np.zeros((inputs.timeline.operating_rows, 1))
    for terms, tranche in zip(inputs.tranches, company.tranches, strict=True):
        own = (tranche.lines["interest"] + tranche.lines["principal"])[operating]
        service = service + own
        if terms.lender and terms.dscr is not None:
            cover = dscr(cfads if terms.after_tax else cfads + tax, np.where(own > 0.0, service, 0.0))
            lacking = np.maximum(lacking, np.nan_to_num(np.maximum(terms.dscr - cover, 0.0)).max(axis=0))
    return lacking


def alerts(inputs: Inputs, company: Company) -> list[Check]:
    """Shown and not fatal: shareholders pay in during operation, cash below zero, cover below the lender's, debt that rises in
    operation, a reserve below its target, distributions locked up."""
    if not inputs.funded:
        return []
    lines, operating = company.lines, inputs.timeline.operating
    need = np.maximum(lines["uses"].sum(axis=0), 1e-12)
    shown = {
        "no_cash_call_in_operation": -np.minimum(lines["distributions"][operating], 0.0).sum(axis=0) / need,
        "cash_not_negative": -np.minimum(lines["cash"], 0.0).min(axis=0) / need,
        "debt_falls_in_operation": -np.minimum(lines["principal"][operating], 0.0).sum(axis=0) / need,
    }
    if any(tranche.lender and tranche.dscr is not None for tranche in inputs.tranches):
        shown["dscr_at_requirement"] = _cover_lacking(inputs, company)
    if inputs.reserves.service_months is not None:
        short = np.maximum(lines["debt_service_reserve_target"] - lines["debt_service_reserve"], 0.0)
        shown["reserve_at_target"] = short[operating].max(axis=0) / need
    rules = inputs.distributions
    if rules is not None and rules.lock_up is not None:
        cover = dscr(lines["cfads"][operating], lines["debt_service"][operating])
        shown["no_lock_up"] = np.nan_to_num(np.maximum(rules.lock_up - cover, 0.0)).max(axis=0)
    return [Check(key, np.asarray(error), 1e-9, False) for key, error in shown.items()]
