"""The checks of a model auditor, run on every evaluation. Hard checks decide whether it may be believed; alerts are shown, not fatal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ppp.model.company import Company, Lines
from ppp.model.discounting import net_present_value
from ppp.model.inputs import Inputs
from ppp.model.irr import UNIQUE, Irr

CIRCLE_TOLERANCE = 1e-10
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
    scale = np.max([np.max(np.abs(a), axis=0) * np.ones(np.shape(difference)[1:]) for a in amounts], axis=0)
    error = np.max(np.abs(difference), axis=0) / np.maximum(scale, 1e-12)
    return np.where(np.isnan(error), np.inf, error)


def hard_checks(inputs: Inputs, company: Company, government: Lines, returns: dict[str, np.ndarray]) -> list[Check]:
    """Identities that hold in every case. Errors are relative, tolerances 1e-9 (1e-10 for the circles)."""
    lines = company.lines
    found = [Check("circle_converged", company.residual, CIRCLE_TOLERANCE, True)]

    def identity(key: str, difference, *amounts) -> None:
        found.append(Check(key, _relative(difference, *amounts), IDENTITY_TOLERANCE, True))

    revenue = lines["user_payments"] + lines["other_revenue"] + lines["government_payment"]
    identity("revenue_adds_up", lines["revenue"] - revenue, lines["revenue"])
    identity(
        "mirror_payment",
        government["booked_subsidy"]
        - lines["revenue"].sum(axis=0)
        + (lines["user_payments"] + lines["other_revenue"]).sum(axis=0),
        lines["revenue"].sum(axis=0)[None],
    )
    if not inputs.funded:
        return found
    identity(
        "sources_equal_uses", lines["uses"] - lines["grant"] - lines["equity"] - lines["debt_drawn"], lines["uses"]
    )
    assets = lines["fixed_assets"] + lines["cash"]
    identity(
        "balance_sheet_balances",
        assets - lines["debt_closing"] - lines["shareholders_funds"],
        lines["uses"].sum(axis=0)[None],
    )
    identity("cash_not_created", lines["cash"], lines["uses"].sum(axis=0)[None])
    identity("debt_repaid", lines["debt_closing"][-1:], lines["debt_closing"])
    identity("debt_not_over_repaid", np.minimum(lines["debt_closing"], 0.0), lines["debt_closing"])
    identity("assets_depreciated_once", lines["fixed_assets"][-1:], lines["fixed_assets"])
    identity(
        "mirror_equity",
        government["government_equity"].sum(axis=0)[None]
        + government["private_equity"][None]
        - lines["equity"].sum(axis=0)[None],
        lines["equity"].sum(axis=0)[None],
    )
    rate = returns["equity_irr"]
    known = np.isfinite(rate)
    npv = net_present_value(np.where(known, rate, 0.0), lines["equity_flow"])
    error = np.where(known, np.abs(npv), 0.0) / np.maximum(np.abs(lines["equity_flow"]).sum(axis=0), 1e-12)
    found.append(Check("irr_gives_zero_npv", error, IDENTITY_TOLERANCE, True))
    return found


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


def second_opinion(flow: np.ndarray, rate: float, npv: float, found: Irr) -> list[Check]:
    """One base case recomputed by numpy-financial: its NPV, and its IRR where there is exactly one.

    Where there are several numpy-financial picks another by its own rule, so there its NPV at our value must be zero.
    """
    import numpy_financial as npf

    scale = max(float(np.abs(flow).sum()), 1e-12)
    value, state = float(found.value[0]), int(found.state[0])
    checks = [Check("npv_second_opinion", np.array([abs(npf.npv(rate, flow) - npv) / scale]), IDENTITY_TOLERANCE, True)]
    if state == UNIQUE:
        apart = abs(npf.irr(flow) - value) / (
            1.0 + abs(value)
        )  # relative, so that a return of 1000 % may differ in its last digit too
        checks.append(Check("irr_second_opinion", np.array([apart]), IDENTITY_TOLERANCE, True))
    elif np.isfinite(value):
        checks.append(
            Check("irr_second_opinion", np.array([abs(npf.npv(value, flow)) / scale]), IDENTITY_TOLERANCE, True)
        )
    return checks


def alerts(inputs: Inputs, company: Company, returns: dict[str, np.ndarray]) -> list[Check]:
    """Shown and not fatal: shareholders must pay in during operation, cover below the lender's, debt that rises in operation."""
    if not inputs.funded:
        return []
    lines = company.lines
    operating = inputs.timeline.operating
    need = np.maximum(lines["uses"].sum(axis=0), 1e-12)
    shown: list[tuple[str, Callable[[], np.ndarray]]] = [
        ("no_cash_call_in_operation", lambda: -np.minimum(lines["distributions"][operating], 0.0).sum(axis=0) / need),
        ("debt_falls_in_operation", lambda: -np.minimum(lines["principal"][operating], 0.0).sum(axis=0) / need),
    ]
    if inputs.debt is not None and inputs.debt.dscr is not None:
        shown.append(
            ("dscr_at_requirement", lambda: np.nan_to_num(np.maximum(inputs.debt.dscr - returns["dscr_min"], 0.0)))
        )
    return [Check(key, error(), 1e-9, False) for key, error in shown]
