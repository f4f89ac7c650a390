"""The lines that a contract's terms add to an evaluation: payment shares, deductions, and the liability in the government's accounts."""

from __future__ import annotations

import numpy as np

from ppp.contract.contract_years import ContractYears
from ppp.contract.settlement import settle
from ppp.contract_terms import OnBalanceSheet
from ppp.model.discounting import level_payment
from ppp.model.inputs import Inputs
from ppp.model.liability import liability_schedule, residual_schedule
from ppp.model.payments import government_payment
from ppp.project import Project
from ppp.quantities import SCALES


def contract_lines(project: Project, inputs: Inputs) -> dict[str, np.ndarray]:
    """Each (rows, 1), of one case; empty where the file says nothing. Yearly figures stand in every row of their year (shares) or are
    spread over it (money)."""
    given = project.contract
    if given is None:
        return {}
    years, lines = ContractYears(inputs.timeline), {}
    if given.performance is not None:
        found = settle(project, years, government_payment(inputs))
        lines["construction_share"] = _level(inputs, found.construction_share)
        lines["operation_share"] = _level(inputs, found.operation_share)
        lines["payment_share"] = _level(inputs, found.share)
        lines["availability_rate"] = _level(inputs, found.rate)
        lines["availability_deduction"] = inputs.timeline.spread("operating", years.at_yearly_rate(found.deduction))
    if given.on_balance_sheet is not None:
        lines |= _liability(given.on_balance_sheet, inputs, SCALES[project.unit])
    return lines


def _level(inputs: Inputs, yearly: np.ndarray) -> np.ndarray:
    """A yearly figure in every row that ends within its year."""
    timeline = inputs.timeline
    out = np.zeros((timeline.rows, 1))
    year = -(-(timeline.boundaries[timeline.operating] - timeline.construction) // 12) - 1
    out[timeline.operating, 0] = yearly[year]
    return out


def _liability(terms: OnBalanceSheet, inputs: Inputs, scale: float) -> dict[str, np.ndarray]:
    """Interest, principal, closing liability and opening residual interest by operating year. The payment is level in arrears over
    the operation unless the file gives it."""
    count = inputs.timeline.operating_years
    payment = terms.payment
    if payment is None:
        payment = float(level_payment(terms.liability, terms.rate, count))
    schedule = liability_schedule(terms.liability, payment, terms.rate, count, terms.decimals)
    residual = residual_schedule(terms.residual, terms.rate, count, terms.decimals)
    lines = {
        "liability_interest": schedule["interest"],
        "liability_principal": schedule["principal"],
        "liability_closing": schedule["closing"],
        "residual_opening": residual,
    }
    return {key: _at_year_ends(inputs, values * scale) for key, values in lines.items()}


def _at_year_ends(inputs: Inputs, yearly: np.ndarray) -> np.ndarray:
    """A yearly figure of the accounts in the last row of its year."""
    out, years = np.zeros((inputs.timeline.rows, 1)), ContractYears(inputs.timeline)
    for index, value in enumerate(yearly):
        out[years.last_row(index + 1), 0] = value
    return out
