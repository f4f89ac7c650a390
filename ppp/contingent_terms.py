"""What a contract may make the government pay: guarantees and termination sums, with their probabilities.

A project's own file states them under `contingent`, and its stored result carries them; a district file may state them for a project
that it lists, which then replaces the project's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, WithJsonSchema

from ppp.explain import Finding
from ppp.quantities import Kind, Section, Share, number

CAUSES = ("authority", "company", "force_majeure", "voluntary")

Correlation = Annotated[
    float,
    Kind("plain"),
    number(-0.999, 0.999, "a correlation from -0.999 to 0.999"),
    WithJsonSchema({"type": "number"}),
]


class RevenueGuarantee(Section):
    """A minimum revenue guarantee: the government tops users' payments up to a floor in each year."""

    share: Share | None = Field(
        None,
        description="Floor as a share of forecast users' payments; the project's own when absent. 最低收入保障比例",
    )
    volatility: Share = Field(description="Standard deviation a year of revenue's growth. 收入年波动率")
    correlation: Correlation = Field(0.0, description="Correlation with the economy. 与经济的相关系数")


class DebtGuarantee(Section):
    """A guarantee of the company's debt."""

    share: Share = Field(description="Part of the debt that is guaranteed. 担保比例")
    probability: Share = Field(description="Probability of a call in a year. 年违约概率")
    recovery: Share = Field(0.0, description="Part that is recovered afterwards. 回收率")
    correlation: Correlation = Field(0.0, description="Correlation with a weak economy. 与经济下行的相关系数")


class TerminationCause(Section):
    """What is paid when the contract ends early for one cause."""

    probability: Share = Field(description="Probability in a year. 年概率")
    debt: Share = Field(description="Part of the company's debt that is paid. 债务补偿比例")
    equity: Share = Field(0.0, description="Part of the private equity's value that is paid. 股权补偿比例")
    equity_basis: Literal["paid_in", "distributions"] = Field(
        "paid_in", description="Value of equity: paid in, or present value of what it would have received. 股权价值口径"
    )


class Termination(Section):
    """Early termination by cause."""

    correlation: Correlation = Field(0.0, description="Correlation with a weak economy. 与经济下行的相关系数")
    authority: TerminationCause | None = Field(None, description="Default of the government. 政府违约")
    company: TerminationCause | None = Field(None, description="Default of the company. 项目公司违约")
    force_majeure: TerminationCause | None = Field(None, description="Force majeure. 不可抗力")
    voluntary: TerminationCause | None = Field(None, description="The government's own choice. 政府单方解除")


class Contingent(Section):
    """Contingent liabilities of one contract."""

    revenue_guarantee: RevenueGuarantee | None = Field(None, description="Minimum revenue. 最低收入保障")
    debt_guarantee: DebtGuarantee | None = Field(None, description="Debt guarantee. 债务担保")
    termination: Termination | None = Field(None, description="Early termination. 提前终止")


def written(terms: Contingent) -> dict[str, Any]:
    """The terms as plain data that reads as the same terms: shares as percentages, for a bare 1 may mean either."""

    def plain(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(name, part) for name, part in value.items()}
        if isinstance(value, str) or key == "correlation":
            return value
        return f"{Decimal(repr(value)) * 100:f}%"

    return plain("", terms.model_dump(exclude_none=True))


class Terms(Protocol):
    """Whatever states the three: a project's section or its entry in a district file."""

    revenue_guarantee: RevenueGuarantee | None
    debt_guarantee: DebtGuarantee | None
    termination: Termination | None


def in_force(own: Contingent | None, listed: Terms | None) -> Contingent | None:
    """Each of the three as the district file states it, else as the project's own file does; None without any."""
    found = {key: getattr(listed, key, None) or getattr(own, key, None) for key in Contingent.model_fields}
    return Contingent(**found) if any(found.values()) else None


def disagreements(terms: Terms) -> Iterator[Finding]:
    """A contract ends by one event, so its causes move together and their yearly probabilities add up."""
    one, other = terms.debt_guarantee, terms.termination
    if one is not None and other is not None and one.correlation != other.correlation:
        said = f"differs from that of debt_guarantee, given {other.correlation:g}; allowed: {one.correlation:g}"
        yield ("termination", "correlation"), f"{said}, for a contract ends by one event"
    total = one.probability if one else 0.0
    causes = [getattr(other, key) for key in CAUSES] if other else []
    total += sum(cause.probability for cause in causes if cause is not None)
    if total > 1.0:
        yield (), f"the yearly probabilities of its events add to {total:.4%}; allowed: up to 100%"


def unguaranteed(guarantee: RevenueGuarantee | None, by_year: dict[str, list[float]]) -> Iterator[Finding]:
    """A revenue guarantee needs users who pay, and a floor: a share of their payments or the contract's own. by_year: lines of a
    result by budget year."""
    if guarantee is None:
        return
    if not any(by_year.get("user_payments") or ()):
        yield ("revenue_guarantee",), "guarantees users' payments of a project that has none; remove it"
    elif guarantee.share is None and not any(by_year.get("minimum_revenue") or ()):
        yield ("revenue_guarantee", "share"), "is missing; the project's own file states no guaranteed revenue"
