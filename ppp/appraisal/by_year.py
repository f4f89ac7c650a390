"""The main lines of a base case by budget year, as plain data: what a reader needs who does not want every period."""

from __future__ import annotations

import math
from typing import Any

from ppp.appraisal.evaluation import Evaluation
from ppp.lines import LINES

BY_YEAR = (
    "uses",
    "grant",
    "equity",
    "debt_drawn",
    "shareholder_loan_drawn",
    "revenue",
    "user_payments",
    "government_payment",
    "opex",
    "lifecycle",
    "ebitda",
    "depreciation",
    "interest",
    "profit_before_tax",
    "tax",
    "net_profit",
    "cfads",
    "debt_service",
    "prepayment",
    "debt_closing",
    "shareholder_loan_closing",
    "cash",
    "debt_service_reserve",
    "maintenance_reserve",
    "distributions",
    "equity_flow",
    "fiscal_spending",
)


def by_year(evaluation: Evaluation) -> dict[str, Any]:
    """The main lines by budget year: flows added up, balances as they stand at the year's end."""
    timeline = evaluation.inputs.timeline
    return {
        "years": [int(year) for year in timeline.calendar_years],
        **{
            key: [_number(float(v)) for v in timeline.by_calendar_year(evaluation.lines[key], LINES[key].balance)[:, 0]]
            for key in BY_YEAR
            if key in evaluation.lines
        },
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
