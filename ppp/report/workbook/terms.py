"""A tranche's terms by period: what does not depend on its size. docs/model.md, section 4."""

from __future__ import annotations

from dataclasses import dataclass

from ppp.model.inputs import Tranche
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, call, least, product, when
from ppp.report.workbook.grid import FIXED, Row, Sheet


@dataclass
class Terms:
    """What does not depend on the size. rate, repaying, grace, active, factor, loan_life: by period; unit: service of one unit of debt
    and shares: principal of one unit, where the kind fixes them."""

    tranche: Tranche
    name: str
    key: str
    rate: Row
    commitment: Row | None
    upfront: Cell
    repaying: Row
    grace: Row
    active: Row
    factor: Row
    loan_life: Row
    unit: Row | None
    shares: Row | None
    gearing: Cell
    amount: Expr | None
    dscr: Cell | None
    llcr: Cell | None
    sweep: Cell | None


def tranche_names(m: Context) -> list[tuple[str, str, str]]:
    """(name in the model, key of the section, name as printed) of every tranche."""
    funding = m.project.funding
    found = [] if funding.debt is None else [("senior", "funding.debt", m.word("senior"))]
    return found + [
        (key, f"funding.further_debt.{key}", m.name_of(f"funding.further_debt.{key}", key))
        for key in funding.further_debt
    ]


def place_terms(m: Context, tranche: Tranche, section: str, name: str) -> None:
    """A tranche's inputs under a heading of its own."""
    debt = _debt(m, tranche, section)
    m.given.heading(name)
    for key in ("rate", "max_gearing", "upfront_fee", "commitment_fee", "dscr", "llcr", "amount", "sweep"):
        value = getattr(debt, key)
        if value is not None and (value or key in ("max_gearing", "upfront_fee")):
            unit = "money" if key == "amount" else "ratio" if key in ("dscr", "llcr") else "rate"
            m.number(f"{section}.{key}", value, unit)


def _debt(m: Context, tranche: Tranche, section: str):
    funding = m.project.funding
    return funding.debt if section == "funding.debt" else funding.further_debt[tranche.name]


def terms_of(m: Context, tranche: Tranche, section: str, name: str) -> Terms:
    """Places a tranche's inputs, and its rows that do not depend on its size on the sheet of debt."""
    debt, sheet = _debt(m, tranche, section), m.sheets["debt"]
    sheet.heading(m.word("head.terms", name=name))
    number = lambda key, unit="rate": m.number(f"{section}.{key}", getattr(debt, key), unit)  # noqa: E731
    months = lambda key: m.fixed(f"{section}.{key}", getattr(debt, key), "months")  # noqa: E731
    o, begin, end_of = m["operation_months"], m["begin"], lambda t: m["begin"].at(t) + m["months"].at(t)
    label = lambda key: m.word(f"debt.{key}", name=name)  # noqa: E731
    yearly = _stepped(m, section, debt, number("rate"), begin)
    rate = sheet.row(
        f"{tranche.name}.rate",
        lambda t: yearly(t) * m["months"].at(t) / m["months_a_year"],
        label=label("rate"),
        unit="rate",
    )
    last = sheet.single(
        f"{tranche.name}.maturity", least(months("tenor"), o - months("tail")), label=label("maturity"), unit="months"
    )
    grace_months = months("grace")
    active = sheet.row(
        f"{tranche.name}.active",
        lambda t: m["operating"].at(t) * when(end_of(t).at_most(last), 1),
        label=label("active"),
        unit="flag",
    )
    grace = sheet.row(
        f"{tranche.name}.grace",
        lambda t: active.at(t) * when(end_of(t).at_most(grace_months), 1),
        label=label("grace"),
        unit="flag",
    )
    repaying = sheet.row(
        f"{tranche.name}.repaying", lambda t: active.at(t) - grace.at(t), label=label("repaying"), unit="flag"
    )
    growth = sheet.coming()
    growth = sheet.row(
        f"{tranche.name}.growth",
        lambda t: growth.before(t) + repaying.at(t) * call("LN", 1 + rate.at(t)),
        label=label("growth"),
        unit="factor",
    )
    factor = sheet.row(
        f"{tranche.name}.factor",
        lambda t: repaying.at(t) / call("EXP", growth.at(t)),
        label=label("factor"),
        unit="factor",
    )
    life = sheet.coming()
    life = sheet.row(
        f"{tranche.name}.life_growth",
        lambda t: life.before(t) + m["operating"].at(t) * call("LN", 1 + rate.at(t)),
        label=label("life_growth"),
        unit="factor",
    )
    loan_life = sheet.row(
        f"{tranche.name}.loan_life",
        lambda t: m["operating"].at(t) / call("EXP", life.at(t)),
        label=label("loan_life"),
        unit="factor",
    )
    shares = _shares(m, sheet, tranche, repaying, label)
    unit = _unit(m, sheet, tranche, rate, repaying, factor, shares, label)
    fee = debt.commitment_fee
    commitment = None
    if fee:
        charge = number("commitment_fee")
        commitment = sheet.row(
            f"{tranche.name}.commitment",
            lambda t: m["built"].at(t) * charge * m["months"].at(t) / m["months_a_year"],
            label=label("commitment"),
            unit="rate",
        )
    amount = None
    if debt.amount is not None:
        amount = m.number(f"{section}.amount", debt.amount)
        amount = amount * m["price_index"].at(0) if m.real else amount
    return Terms(
        tranche,
        name,
        section,
        rate,
        commitment,
        number("upfront_fee"),
        repaying,
        grace,
        active,
        factor,
        loan_life,
        unit,
        shares,
        number("max_gearing"),
        amount,
        None if debt.dscr is None else number("dscr", "ratio"),
        None if debt.llcr is None else number("llcr", "ratio"),
        number("sweep") if debt.sweep else None,
    )


def _stepped(m: Context, section: str, debt, first: Cell, begin: Row):
    """The yearly rate of each period: the last step that has begun."""
    steps = []
    for n, step in enumerate(debt.rate_steps or ()):
        year = m.fixed(
            f"{section}.rate_steps.{n}.from_year", step.from_year, "number", m.word("step_year", n=str(n + 1))
        )
        rate = m.given.constant(
            f"{section}.rate_steps.{n}.rate", step.rate, unit="rate", label=m.word("step_rate", n=str(n + 1))
        )
        steps.append((year, rate))

    def yearly(t: int) -> Expr:
        value: Expr = first
        for year, rate in steps:
            value = when(begin.at(t).at_least((year - 1) * m["months_a_year"]), rate, value)
        return value

    return yearly


def _shares(m: Context, sheet: Sheet, tranche: Tranche, repaying: Row, label) -> Row | None:
    """Share of principal of each repayment period, where the kind fixes it."""
    key = f"{tranche.name}.shares"
    if tranche.repayment == "equal_principal":
        return sheet.row(
            key,
            lambda t: repaying.at(t) * m["months"].at(t) / product(repaying.all, m["months"].all),
            label=label("shares"),
            unit="rate",
        )
    if tranche.repayment == "bullet":
        return sheet.row(key, lambda t: repaying.at(t) * (1 - repaying.at(t + 1)), label=label("shares"), unit="rate")
    if tranche.repayment == "custom":
        before = m.timeline.completion + 1 + tranche.first
        values = [0.0] * before + [float(share) for share in tranche.custom]
        return sheet.given(
            key,
            values + [0.0] * (m.timeline.rows - len(values)),
            label=label("shares"),
            unit="rate",
            status=FIXED,
        )
    return None


def _unit(m: Context, sheet: Sheet, tranche: Tranche, rate, repaying, factor, shares, label) -> Row | None:
    """Debt service of one unit of debt in the repayment periods; None when it follows the cash flow."""
    key = f"{tranche.name}.unit"
    if shares is not None:
        repaid = sheet.coming()
        repaid = sheet.row(
            f"{tranche.name}.repaid", lambda t: repaid.before(t) + shares.at(t), label=label("repaid"), unit="rate"
        )
        return sheet.row(
            key,
            lambda t: repaying.at(t) * (shares.at(t) + rate.at(t) * (1 - repaid.before(t))),
            label=label("unit"),
            unit="factor",
        )
    if tranche.repayment == "annuity":
        return sheet.row(
            key,
            lambda t: repaying.at(t) * m["months"].at(t) / product(m["months"].all, factor.all),
            label=label("unit"),
            unit="factor",
        )
    return None
