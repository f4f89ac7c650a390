"""Everything that does not hang on the debt: running lines on rows, working capital, value-added tax, maintenance reserve."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

import ppp
from second_model.exact import ZERO, exact
from second_model.operation import Building, money, scale_of, user_payments
from second_model.payment import government_payment
from second_model.rows import Prices, Rows


class BeforeDebt:
    """Lines by key, each a list over rows, and what later steps need of the file."""

    def __init__(self, project):
        self.project = project
        self.rows = rows = Rows(project.timeline)
        self.prices = prices = Prices(project, rows, scale_of(project.unit))
        self.building = Building(project, rows, prices)
        given = project.operation
        opex, lifecycle = money(given.opex, rows, prices), money(given.lifecycle, rows, prices)
        users = user_payments(project, rows, prices)
        running = [a + b for a, b in zip(opex, lifecycle, strict=True)]
        others = money(given.other_revenue, rows, prices)
        paid = government_payment(project, self.rule, rows, prices, self.building, running, users, others)
        self.lines = lines = {
            "capex": self.building.capex,
            "grant": self.building.grant,
            "opex": rows.by_operating_year(opex),
            "lifecycle": rows.by_operating_year(lifecycle),
            "user_payments": rows.by_operating_year(users),
            "other_revenue": rows.by_operating_year(others),
            **{key: rows.by_operating_year(amounts) for key, amounts in paid.items()},
            "disposal": [ZERO] * rows.count,
        }
        lines["disposal"][rows.last] = exact(given.disposal) * prices.of_row(rows.last)
        lines["revenue"] = self._sum("user_payments", "other_revenue", "government_payment")
        lines["ebitda"] = [lines["revenue"][t] - lines["opex"][t] - lines["lifecycle"][t] for t in range(rows.count)]
        self._working_capital()
        self._value_added_tax()
        self._maintenance_reserve()

    def rule(self, key: str):
        """The convention of the rule pack, unless the project overrides it."""
        return self.project.conventions.get(key, _pack(self.project.regime)["conventions"][key]["default"])

    def _sum(self, *keys: str) -> list:
        return [sum((self.lines[key][t] for key in keys), ZERO) for t in range(self.rows.count)]

    def _working_capital(self) -> None:
        rows, lines, terms = self.rows, self.lines, self.project.working_capital
        receivables, payables = [ZERO] * rows.count, [ZERO] * rows.count
        for t in rows.operating:
            if terms is None or t == rows.last:
                continue
            a_year = exact(12) / rows.months[t] / 365
            owed = (lines["user_payments"][t] + lines["other_revenue"][t]) * exact(terms.receivable_days)
            receivables[t] = (owed + lines["government_payment"][t] * exact(terms.government_days)) * a_year
            payables[t] = (lines["opex"][t] + lines["lifecycle"][t]) * exact(terms.payable_days) * a_year
        lines["receivables"], lines["payables"] = receivables, payables
        self.working_capital_filled, self.working_capital_released = ZERO, [ZERO] * rows.count
        if terms is not None and terms.funded == "construction":
            first = rows.operating[0]
            self.working_capital_filled = max(receivables[first] - payables[first], ZERO)
            self.working_capital_released[first] = self.working_capital_filled
        self.working_capital_increase = _increase([a - b for a, b in zip(receivables, payables, strict=True)])

    def _value_added_tax(self) -> None:
        rows, lines = self.rows, self.lines
        vat = self.project.tax.vat if self.project.tax is not None else None
        cash, credit, self.written_off = [ZERO] * rows.count, [ZERO] * rows.count, [ZERO] * rows.count
        lines["vat"], lines["vat_credit"], lines["vat_written_off"] = cash, credit, self.written_off
        if vat is None:
            return
        pool = ZERO
        for t in range(rows.count):
            output = exact(vat.revenue) * (lines["user_payments"][t] + lines["other_revenue"][t])
            output += exact(vat.government_payment) * lines["government_payment"][t]
            bought = lines["capex"][t] - (self.building.land if t == 0 else ZERO)
            paid = exact(vat.capex) * bought + exact(vat.costs) * (lines["opex"][t] + lines["lifecycle"][t])
            refund = pool if vat.credit == "refunded" and t == rows.last_building + 1 else ZERO
            pool -= refund
            remitted = max(output - paid - pool, ZERO)
            pool = max(pool + paid - output, ZERO)
            cash[t], credit[t] = paid - output + remitted - refund, pool
        self.written_off[rows.last], credit[rows.last] = pool, ZERO

    def _maintenance_reserve(self) -> None:
        """At each row the part of coming renewals that should have been saved by then."""
        rows, reserves = self.rows, self.project.funding.reserves if self.project.funding else None
        terms = reserves.maintenance if reserves is not None else None
        balance = [ZERO] * rows.count
        self.lines["maintenance_reserve"] = balance
        if terms is not None:
            for t in [rows.last_building, *rows.operating]:
                for s in rows.operating:
                    ahead = rows.ends[s] - rows.ends[t]
                    if 0 < ahead < terms.ahead:
                        balance[t] += self.lines["lifecycle"][s] * (terms.ahead - ahead) / terms.ahead
            if terms.funded == "cash_flow":
                balance[rows.last_building] = ZERO
        self.maintenance_increase = _increase(balance)


def _increase(balance: list) -> list:
    return [balance[t] - (balance[t - 1] if t else ZERO) for t in range(len(balance))]


_PACKS: dict = {}


def _pack(regime: str) -> dict:
    if regime not in _PACKS:
        path = Path(ppp.__file__).parent / "regimes" / f"{regime}.yaml"
        _PACKS[regime] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return _PACKS[regime]
