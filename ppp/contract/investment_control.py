"""Control of government investment: the estimates against one another and against what is spent, and the approvals.

Source: Government Investment Regulation (State Council order 712), articles 12, 22, 23; the lines stand in the contract rules as data.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ppp.contract.rules import ContractRules, Gate, Line
from ppp.contract_terms import GateEntry, InvestmentControl
from ppp.project import Project
from ppp.quantities import SCALES

KEEPS, BREAKS, UNKNOWN = "keeps", "breaks", "unknown"


@dataclass(frozen=True)
class Controlled:
    """One comparison, in base units: `amount` against `allowed`; `over` is the excess as a share of what it is measured by (an amount
    where that is nothing)."""

    key: str
    state: str
    amount: float | None
    measure: float | None
    allowed: float | None
    rule: Line

    @property
    def over(self) -> float | None:
        if self.amount is None or not self.measure:
            return None
        return self.amount / self.measure - 1.0


@dataclass(frozen=True)
class GateItem:
    """A thing that an approval needs; entry is None where nothing is recorded."""

    gate: Gate
    item: str
    name: dict[str, str]
    entry: GateEntry | None
    due: bool

    @property
    def there(self) -> bool:
        return self.entry is not None and None not in (self.entry.document, self.entry.on, self.entry.signed_by)

    @property
    def missing(self) -> bool:
        """Needed by a step that the project has taken, and not whole: no document, no day or no signature."""
        return self.due and not self.there


def controls(project: Project, rules: ContractRules, day: dt.date, expected: float) -> list[Controlled]:
    """Every comparison that applies on a day; expected: total investment as spent and now expected, base units."""
    terms, scale = project.contract.investment_control, SCALES[project.unit]
    amounts = {key: getattr(terms, key) for key in ("feasibility", "design", "budget", "final_account")}
    amounts = {key: None if value is None else value * scale for key, value in amounts.items()}
    amounts |= {"expected": expected, "contractor_advances": terms.contractor_advances * scale}
    wanted = [
        ("design", "feasibility", "design_over_feasibility"),
        ("budget", "design", "over_approved_estimate"),
        ("final_account", "design", "over_approved_estimate"),
        ("expected", "design", "over_approved_estimate"),
        ("contractor_advances", None, "contractor_advances"),
    ]
    found = []
    for key, against, rule in wanted:
        line = rules.line(rule, project, day)
        if line is not None:
            found.append(_compared(key, amounts[key], None if against is None else amounts[against], against, line))
    return found


def _compared(key: str, amount: float | None, measure: float | None, against: str | None, line: Line) -> Controlled:
    allowed = line.value if against is None else None if measure is None else measure * (1.0 + line.value)
    if amount is None or allowed is None:
        return Controlled(key, UNKNOWN, amount, measure, allowed, line)
    state = KEEPS if amount <= allowed * (1.0 + 1e-12) else BREAKS
    return Controlled(key, state, amount, measure, allowed, line)


def gate_sheet(terms: InvestmentControl, rules: ContractRules) -> list[GateItem]:
    """Every item of every step, in order; those of steps up to the one reached are due."""
    order = [gate.gate for gate in rules.gates]
    reached = -1 if terms.reached is None else order.index(terms.reached)
    entries = {(entry.gate, entry.item): entry for entry in terms.gates}
    return [
        GateItem(gate, item, name, entries.get((gate.gate, item)), position <= reached)
        for position, gate in enumerate(rules.gates)
        for item, name in gate.items.items()
    ]
