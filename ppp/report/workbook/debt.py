"""What the limits of a tranche allow, and its schedule. docs/model.md, section 4."""

from __future__ import annotations

from dataclasses import dataclass

from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, added, call, least, most, product, total, when
from ppp.report.workbook.grid import Row, Sheet
from ppp.report.workbook.terms import Terms


@dataclass
class Sized:
    size: Cell
    affordable: Row
    limits: dict[str, Cell]


@dataclass
class Schedule:
    """By period; interest and service in operation."""

    size: Cell
    service: Row
    closing: Row
    terms: Terms

    def interest(self, t: int) -> Expr:
        return self.terms.rate.at(t) * self.closing.before(t) * self.terms.active.at(t)


def sized(m: Context, sheet: Sheet, terms: Terms, cash, prior, need: Cell, earlier: list[Cell]) -> Sized:
    """The smallest of the limits, at least 0. cash, prior (None for the first): by period; earlier: sizes of earlier tranches."""
    key = terms.tranche.name
    label = lambda what: m.word(f"debt.{what}", name=terms.name)  # noqa: E731
    wanted = (lambda t: most(cash(t), 0)) if terms.dscr is None else (lambda t: most(cash(t), 0) / terms.dscr)
    affordable = sheet.row(
        f"{key}.affordable",
        lambda t: terms.active.at(t) * most(wanted(t) if prior is None else wanted(t) - prior(t), 0),
        label=label("affordable"),
    )
    before = added(earlier)
    gearing = terms.gearing * need
    limits = {"gearing": gearing if before is None else gearing - before}
    if terms.amount is not None:
        limits["amount"] = terms.amount
    if terms.dscr is not None:
        limits["dscr"] = _capacity(sheet, terms, affordable, label)
    if terms.llcr is not None:
        worth = sheet.row(
            f"{key}.worth",
            lambda t: terms.active.at(t) * most(cash(t), 0) * terms.loan_life.at(t),
            label=label("worth"),
        )
        by_life = total(worth.all) / terms.llcr
        limits["llcr"] = by_life if before is None else by_life - before
    cells = {
        name: sheet.single(f"{key}.limit.{name}", limit, label=m.word(f"limit.{name}", name=terms.name))
        for name, limit in limits.items()
    }
    found = sheet.single(f"{key}.size", most(least(*cells.values()), 0), label=label("size"))
    return Sized(found, affordable, cells)


def _capacity(sheet: Sheet, terms: Terms, affordable: Row, label) -> Expr:
    """The largest debt whose service stays within what is affordable in every period."""
    key = terms.tranche.name
    if terms.unit is None:
        found = product(affordable.all, terms.factor.all)
    else:
        unit = terms.unit
        ratio = sheet.row(
            f"{key}.ratio",
            lambda t: when(unit.at(t).above(0), affordable.at(t) / unit.at(t), ""),
            label=label("ratio"),
        )
        found = least(ratio.all)
    if not terms.tranche.first:
        return found
    in_grace = sheet.row(
        f"{key}.grace_ratio",
        lambda t: when((terms.grace.at(t) * terms.rate.at(t)).above(0), affordable.at(t) / terms.rate.at(t), ""),
        label=label("grace_ratio"),
    )
    return when(call("COUNT", in_grace.all).above(0), least(found, in_grace.all), found)


def schedule(m: Context, sheet: Sheet, terms: Terms, size: Cell, affordable: Row) -> Schedule:
    """Service and balance of a debt of this size. In grace it bears interest only."""
    key = terms.tranche.name
    label = lambda what: m.word(f"debt.{what}", name=terms.name)  # noqa: E731
    closing = sheet.coming(1)
    interest = lambda t: terms.rate.at(t) * closing.before(t)  # noqa: E731
    if terms.shares is not None:
        pay = lambda t: terms.active.at(t) * interest(t) + size * terms.shares.at(t)  # noqa: E731
    elif terms.unit is not None:
        pay = lambda t: terms.grace.at(t) * interest(t) + size * terms.unit.at(t)  # noqa: E731
    else:
        closing = sheet.coming(2)
        worth = product(affordable.all, terms.factor.all)
        pace = sheet.single(f"{key}.pace", when(worth.above(0), size / worth), label=label("pace"), unit="ratio")
        pay = lambda t: terms.grace.at(t) * interest(t) + terms.repaying.at(t) * affordable.at(t) * pace  # noqa: E731
    service = sheet.row(f"{key}.service", pay, label=label("service"))
    closing = sheet.row(
        f"{key}.scheduled_closing",
        lambda t: (
            m["completion"].at(t) * size
            + terms.active.at(t) * (closing.before(t) * (1 + terms.rate.at(t)) - service.at(t))
        ),
        label=label("scheduled_closing"),
    )
    return Schedule(size, service, closing, terms)
