"""The company's statements of a base case, as an accountant lays them out: columns are periods where these are years, else budget years.

Rows are signed as they enter their statement, so that each total is the sum of the rows above it since the total before. Nothing is
computed anew here but the totals of the cash flow statement, whose last row must meet the balance sheet's cash.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ppp.appraisal.debt_terms import covers
from ppp.appraisal.evaluation import Evaluation
from ppp.model.company import TrancheLines
from ppp.model.working_capital import increase

FLOW, BALANCE, RATIO = "flow", "balance", "ratio"
SEEN = 1e-9  # of the largest amount of a statement: less is rounding, and a row of nothing else is left out


@dataclass(frozen=True)
class Row:
    """values: (columns,) in base units; kind: flow (columns add up), balance (at the end of a column) or ratio (NaN where none).
    key: of lines.LINES, or of the glossary's statement words. total: the sum of what stands above it."""

    key: str
    values: np.ndarray
    kind: str = FLOW
    total: bool = False


@dataclass(frozen=True)
class Statement:
    """columns: the last day of each period, or the budget year; rows without a single amount are left out, totals apart."""

    key: str
    columns: tuple[dt.date | int, ...]
    rows: tuple[Row, ...]


class Ledger:
    """The lines of a base case by column."""

    def __init__(self, evaluation: Evaluation):
        self.evaluation = evaluation
        self.timeline = evaluation.inputs.timeline
        self.by_year = self.timeline.period != 12
        self.operating = np.zeros(self.timeline.rows, dtype=bool)
        self.operating[self.timeline.operating] = True

    @property
    def columns(self) -> tuple[dt.date | int, ...]:
        return tuple(map(int, self.timeline.calendar_years)) if self.by_year else tuple(self.timeline.ends)

    def line(self, key: str) -> np.ndarray:
        """A line of the base case, (rows,); zeros where the project has none."""
        found = self.evaluation.lines.get(key)
        return np.zeros(self.timeline.rows) if found is None else np.asarray(found)[:, 0]

    def gathered(self, values: np.ndarray, kind: str) -> np.ndarray:
        """Amounts by row (rows,) as amounts by column; a ratio as the lowest of its year."""
        if not self.by_year:
            return values
        if kind == RATIO:
            lowest = [np.where(np.isfinite(values), values, np.inf)[self._of(year)].min() for year in self.columns]
            return np.where(np.isfinite(lowest), lowest, np.nan)
        return self.timeline.by_calendar_year(values[:, None], kind == BALANCE)[:, 0]

    def _of(self, year: int) -> np.ndarray:
        return self.timeline.budget_years == year

    def row(self, key: str, values: np.ndarray, kind: str = FLOW, total: bool = False) -> Row:
        return Row(key, self.gathered(values, kind), kind, total)

    def statement(self, key: str, rows: Sequence[Row], running_only: bool = False) -> Statement:
        """What is left of the rows: those with an amount, and columns from the first with one (operating ones alone where asked)."""
        amounts = [row for row in rows if row.kind != RATIO]
        least = SEEN * max((np.abs(row.values).max(initial=0.0) for row in amounts), default=0.0)
        rows = [row if row.kind == RATIO else replace(row, values=_without_rounding(row.values, least)) for row in rows]
        shown = [row for row in rows if row.total or np.nan_to_num(row.values).any()]
        wanted = np.ones(len(self.columns), dtype=bool)
        if running_only:
            wanted = self.gathered(self.operating.astype(float), FLOW) > 0.0
        elif not self.by_year:
            wanted[0] = any(row.values[0] for row in shown if row.kind != RATIO)
        columns = tuple(column for column, keep in zip(self.columns, wanted, strict=True) if keep)
        return Statement(key, columns, tuple(replace(row, values=row.values[wanted]) for row in shown))


def _without_rounding(values: np.ndarray, least: float) -> np.ndarray:
    return np.where(np.abs(values) > least, values, 0.0)


def statements(evaluation: Evaluation) -> list[Statement]:
    """Income statement, cash waterfall, cash flow statement, balance sheet, tranches where there are several, flows of the returns.

    Without a funding model there is an operating surplus and no more."""
    ledger = Ledger(evaluation)
    if not evaluation.inputs.funded:
        return [income_statement(ledger)]
    drawn_up = [income_statement, waterfall, cash_flow_statement, balance_sheet]
    found = [draw_up(ledger) for draw_up in drawn_up]
    if len(evaluation.tranches) > 1:
        found += [_tranche(ledger, tranche) for tranche in evaluation.tranches]
    return [*found, _return_flows(ledger)]


def _signed(ledger: Ledger, *keys: str) -> list[Row]:
    """Rows of lines, each key after the sign with which it enters."""
    return [ledger.row(key[1:], (1.0 if key[0] == "+" else -1.0) * ledger.line(key[1:])) for key in keys]


def _sum(ledger: Ledger, key: str, *parts: Sequence[Row]) -> Row:
    return Row(key, sum((row.values for part in parts for row in part), np.zeros(len(ledger.columns))), FLOW, True)


def income_statement(ledger: Ledger) -> Statement:
    """Revenue - operating cost = EBITDA; + disposal - depreciation - interest - VAT written off = profit before tax; - tax = net profit."""
    sources = _signed(ledger, "+user_payments", "+other_revenue", "+government_payment")
    rows = [
        *sources,
        _total(ledger, "revenue"),
        *_signed(ledger, "-opex", "-lifecycle"),
        _total(ledger, "ebitda"),
    ]
    if ledger.evaluation.inputs.funded:
        rows += _signed(
            ledger, "+disposal", "-depreciation", "-interest", "-shareholder_loan_interest", "-vat_written_off"
        )
        rows += [_total(ledger, "profit_before_tax"), *_signed(ledger, "-tax"), _total(ledger, "net_profit")]
    return ledger.statement("income", rows, running_only=True)


def _total(ledger: Ledger, key: str) -> Row:
    """A total that the model itself keeps as a line."""
    return ledger.row(key, ledger.line(key), total=True)


def _working_capital(ledger: Ledger) -> np.ndarray:
    return increase((ledger.line("receivables") - ledger.line("payables"))[:, None])[:, 0]


def waterfall(ledger: Ledger) -> Statement:
    """In operation, in the order in which cash is paid out: EBITDA to CFADS, to what is left after debt and reserves, to what is kept."""
    running = ledger.operating
    filled = increase(ledger.line("working_capital_filled")[:, None])[:, 0]
    reserve = increase(ledger.line("debt_service_reserve")[:, None])[:, 0]
    maintenance = increase(ledger.line("maintenance_reserve")[:, None])[:, 0]
    before = [
        *_signed(ledger, "+ebitda", "-tax"),
        ledger.row("working_capital_increase", -(_working_capital(ledger) + filled) * running),
        ledger.row("vat", -ledger.line("vat") * running),
        ledger.row("to_maintenance_reserve", -maintenance * running),
    ]
    service = [
        *_signed(ledger, "+disposal", "-interest", "-principal"),
        ledger.row("to_debt_service_reserve", -reserve * running),
        *_signed(ledger, "-prepayment", "-shareholder_loan_interest", "-shareholder_loan_repaid"),
    ]
    ruled = ledger.evaluation.project.distributions is not None
    shared = _signed(ledger, *(("-dividends", "-capital_returned") if ruled else ("-distributions",)))
    rows = [
        *before,
        _total(ledger, "cfads"),
        *service,
        _sum(ledger, "cash_left", before, service),
        *shared,
        _sum(ledger, "cash_kept", before, service, shared),
    ]
    found = covers(ledger.evaluation)
    if found:
        cover = np.full(ledger.timeline.rows, np.nan)
        cover[ledger.timeline.operating] = found[-1].cover
        rows.append(ledger.row("cover", cover, RATIO))
    return ledger.statement("waterfall", rows, running_only=True)


def cash_flow_statement(ledger: Ledger) -> Statement:
    """Operations, investment and financing; their sum is the change of cash, reserve accounts included."""
    running = ledger.operating
    vat = ledger.line("vat")
    operations = [
        *_signed(ledger, "+user_payments", "+other_revenue", "+government_payment", "-opex", "-lifecycle"),
        ledger.row("working_capital_increase", -_working_capital(ledger)),
        ledger.row("vat", -vat * running),
        *_signed(ledger, "-tax"),
    ]
    investment = [
        *_signed(ledger, "-capex"),
        ledger.row("vat_of_construction", -vat * ~running),
        *_signed(ledger, "-fees", "-interest_during_construction", "+disposal"),
    ]
    financing = [
        *_signed(ledger, "+grant", "+equity"),
        ledger.row("bridge_net", increase(ledger.line("bridge_closing")[:, None])[:, 0]),
        *_signed(ledger, "+debt_drawn", "+shareholder_loan_drawn", "-interest", "-principal", "-prepayment"),
        *_signed(ledger, "-shareholder_loan_interest", "-shareholder_loan_repaid", "-distributions"),
    ]
    rows = [
        *operations,
        _sum(ledger, "cash_from_operations", operations),
        *investment,
        _sum(ledger, "cash_from_investment", investment),
        *financing,
        _sum(ledger, "cash_from_financing", financing),
        _sum(ledger, "cash_change", operations, investment, financing),
        ledger.row("cash_and_reserves", _held(ledger), BALANCE, total=True),
    ]
    return ledger.statement("cash_flow", rows)


def _held(ledger: Ledger) -> np.ndarray:
    return sum(ledger.line(key) for key in ("cash", "debt_service_reserve", "maintenance_reserve"))


def balance_sheet(ledger: Ledger) -> Statement:
    """Assets; debts, payables and shareholders' funds; and what is between the two, which must be nothing.

    Shareholders' funds stand in their parts where the file says how profit may be distributed; when the company is wound up in the
    last row nothing is left of any of them."""

    def balances(*keys: str) -> list[Row]:
        return [ledger.row(key, ledger.line(key), BALANCE) for key in keys]

    assets = balances(
        "fixed_assets", "receivables", "vat_credit", "debt_service_reserve", "maintenance_reserve", "cash"
    )
    owed = balances("debt_closing", "bridge_closing", "shareholder_loan_closing", "payables")
    funds = ledger.line("shareholders_funds")
    own = balances("shareholders_funds")
    if ledger.evaluation.project.distributions is not None:
        alive = np.arange(funds.size) < funds.size - 1
        paid_in = np.cumsum(ledger.line("equity") - ledger.line("capital_returned")) * alive
        reserve = ledger.line("statutory_reserve") * alive
        parts = {"paid_in_capital": paid_in, "statutory_reserve": reserve, "profit_kept": funds - paid_in - reserve}
        own = [ledger.row(key, values, BALANCE) for key, values in parts.items()]
    total = sum(row.values for row in assets)
    opposite = sum(row.values for row in (*owed, *own))
    rows = [
        *assets,
        Row("assets_total", total, BALANCE, True),
        *owed,
        *own,
        Row("claims_total", opposite, BALANCE, True),
        Row("balance_difference", total - opposite, BALANCE, True),
    ]
    return ledger.statement("balance", rows)


def _tranche(ledger: Ledger, tranche: TrancheLines) -> Statement:
    """opening + drawn - principal - prepayment = closing, and the interest paid in operation."""
    line = {key: np.asarray(values)[:, 0] for key, values in tranche.lines.items()}
    closing = ledger.row("closing", line["closing"], BALANCE, total=True)
    rows = [
        Row("opening", np.concatenate([[0.0], closing.values[:-1]]), BALANCE),
        ledger.row("drawn", line["drawn"]),
        ledger.row("principal", -line["principal"]),
        ledger.row("prepayment", -line["prepayment"]),
        closing,
        ledger.row("tranche_interest", line["interest"]),
    ]
    return _until_repaid(ledger.statement(f"tranche.{tranche.name}", rows))


def _until_repaid(schedule: Statement) -> Statement:
    """A schedule without the columns after its last amount."""
    amounts = np.array([row.values for row in schedule.rows])
    count = int(np.flatnonzero(amounts.any(axis=0)).max(initial=0)) + 1
    kept = tuple(replace(row, values=row.values[:count]) for row in schedule.rows)
    return Statement(schedule.key, schedule.columns[:count], kept)


def _return_flows(ledger: Ledger) -> Statement:
    """The flows whose rates of return the report gives, each at the end of its row."""
    shown = dict(ledger.evaluation.flows)
    if same_flow(ledger.evaluation, "partner_irr", "equity_irr"):
        del shown["partner_irr"]
    rows = [ledger.row(f"flow.{key}", flow[:, 0]) for key, flow in shown.items()]
    return ledger.statement("returns", rows)


def same_flow(evaluation: Evaluation, one: str, other: str) -> bool:
    """Whether two returns are of the same flow but for its scale, as the partner's and all shareholders' often are."""
    a, b = (evaluation.flows[key][:, 0] for key in (one, other))
    a, b = (flow / (np.abs(flow).max() or 1.0) for flow in (a, b))
    return bool(np.abs(a - b).max() <= SEEN)
