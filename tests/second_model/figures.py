"""The lines and results by their keys, put together from the steps before."""

from __future__ import annotations

from decimal import Decimal

from second_model import returns
from second_model.circle import Circle
from second_model.exact import ONE, ZERO, exact

Lines = dict[str, list[Decimal]]


def _total(*parts: list[Decimal]) -> list[Decimal]:
    return [sum(amounts, ZERO) for amounts in zip(*parts, strict=True)]


def _less(first: list[Decimal], *others: list[Decimal]) -> list[Decimal]:
    return [amounts[0] - sum(amounts[1:], ZERO) for amounts in zip(first, *others, strict=True)]


def _running(flow: list[Decimal]) -> list[Decimal]:
    return [sum(flow[: t + 1], ZERO) for t in range(len(flow))]


def lines_of(circle: Circle) -> Lines:
    paid = circle.paid
    count = circle.rows.count
    zeros = [ZERO] * count
    lenders = [tranche.key for tranche in circle.lenders]
    shareholders = [tranche.key for tranche in circle.tranches if tranche.shareholder]

    def of(rows: dict[str, list[Decimal]], keys: list[str]) -> list[Decimal]:
        return _total(zeros, *(rows[key] for key in keys))

    lines = dict(circle.before.lines)
    lines |= {
        "uses": circle.uses,
        "equity": circle.equity,
        "interest_during_construction": circle.idc,
        "fees": circle.fees,
        "debt_drawn": of(circle.draws, lenders),
        "interest": of(circle.interest, lenders),
        "principal": of(circle.principal, lenders),
        "prepayment": of(circle.prepaid, lenders),
        "debt_closing": of(circle.closing, lenders),
        "shareholder_loan_drawn": of(circle.draws, shareholders),
        "shareholder_loan_interest": of(circle.interest, shareholders),
        "shareholder_loan_repaid": _total(of(circle.principal, shareholders), of(circle.prepaid, shareholders)),
        "shareholder_loan_closing": of(circle.closing, shareholders),
        "bridge_drawn": circle.bridge_drawn,
        "bridge_repaid": circle.bridge_repaid,
        "bridge_closing": circle.bridge_closing,
        "debt_service_reserve": circle.reserve,
        "debt_service_reserve_target": circle.target,
        "reserves_filled": circle.filled,
        "depreciation": circle.depreciation,
        "profit_before_tax": circle.profit,
        "losses_used": circle.losses_used,
        "tax": circle.tax,
        "tax_without_interest": circle.tax_without_interest,
        "net_profit": paid.net_profit,
        "cfads": circle.cfads,
        "distributions": paid.distributions,
        "dividends": paid.dividends,
        "capital_returned": paid.capital_returned,
        "statutory_reserve": paid.statutory,
        "cash": paid.cash,
    }
    lines["debt_service"] = _total(lines["interest"], lines["principal"])
    lines["equity_flow"] = _less(lines["distributions"], lines["equity"])
    building = [t in circle.rows.building for t in range(count)]
    bought = _total(lines["capex"], lines["interest_during_construction"], lines["fees"])
    bought = [amount if building[t] else ZERO for t, amount in enumerate(bought)]
    lines["fixed_assets"] = _running(_less(bought, lines["grant"], lines["depreciation"]))
    lines["shareholders_funds"] = _running(_less(_total(lines["equity"], lines["net_profit"]), lines["distributions"]))
    return lines


def results_of(circle: Circle, lines: Lines) -> dict[str, Decimal]:
    project, months = circle.project, circle.rows.ends
    prices = circle.before.prices
    close_costs = [exact(circle.funding.close_costs) * prices.of_row(0)] + [ZERO] * (circle.rows.count - 1)
    flow = _less(
        _total(lines["ebitda"], lines["disposal"], lines["grant"]),
        lines["capex"],
        close_costs,
        circle.before.working_capital_increase,
        lines["vat"],
    )
    after_tax = _less(flow, circle.tax_without_interest)
    rate = prices.rate(project.discounting.rate)
    ask = project.discounting.equity_rate
    equity_rate = rate if ask is None else prices.rate(ask)
    government = exact(circle.funding.government_share)
    given = circle.funding.government_distributions
    of_distributions = government if given is None else exact(given)
    partner = _less(
        _total(
            [(ONE - of_distributions) * amount for amount in lines["distributions"]],
            lines["shareholder_loan_interest"],
            lines["shareholder_loan_repaid"],
        ),
        [(ONE - government) * amount for amount in lines["equity"]],
        lines["shareholder_loan_drawn"],
    )
    debt, equity = sum(lines["debt_drawn"], ZERO), sum(lines["equity"], ZERO)
    discounted = [amount * (ONE + rate) ** (-Decimal(m) / 12) for amount, m in zip(flow, months, strict=True)]
    circle.flows = {"project": flow, "project_after_tax": after_tax, "partner": partner, "equity": lines["equity_flow"]}
    found = {
        "uses_total": sum(lines["uses"], ZERO),
        "debt": debt,
        "equity_total": equity,
        "grant_total": sum(lines["grant"], ZERO),
        "gearing": debt / (debt + equity + sum(lines["shareholder_loan_drawn"], ZERO)),
        "project_irr": returns.irr(flow, months),
        "project_irr_after_tax": returns.irr(after_tax, months),
        "equity_irr": returns.irr(lines["equity_flow"], months),
        "partner_irr": returns.irr(partner, months),
        "project_npv": returns.npv(rate, flow, months),
        "equity_npv": returns.npv(equity_rate, lines["equity_flow"], months),
        "payback_years": returns.payback(flow, months),
        "discounted_payback_years": returns.payback(discounted, months),
    }
    return found | _covers(circle, lines) if circle.lenders else found


def _covers(circle: Circle, lines: Lines) -> dict[str, Decimal]:
    rows, basis = circle.rows, circle.lenders[0].terms.dscr_basis
    cash = lines["cfads"] if basis == "after_tax" else _total(lines["cfads"], lines["tax"])
    owed = sum((circle.sizes[tranche.key] for tranche in circle.lenders), ZERO)
    least = Decimal("1e-12") * max(lines["debt_service"])  # below it stands what rounding leaves of a loan swept away
    serviced = [t for t in rows.operating if lines["debt_service"][t] > least]
    bearing = [t for t in rows.operating if lines["interest"][t] > least]
    dscr = [cash[t] / lines["debt_service"][t] for t in serviced]
    icr = [cash[t] / lines["interest"][t] for t in bearing]
    senior = circle.lenders[0]
    factors = senior.factors(list(rows.operating))
    maturity = max(tranche.tenor_rows()[-1] for tranche in circle.lenders)
    none = returns.NOT_A_NUMBER
    life = sum((cash[t] * factors[t] for t in rows.operating if t <= maturity), ZERO)
    whole = sum((cash[t] * factors[t] for t in rows.operating), ZERO)
    return {
        "dscr_min": min(dscr) if dscr else none,
        "dscr_average": sum(dscr, ZERO) / len(dscr) if dscr else none,
        "interest_cover_min": min(icr) if icr else none,
        "llcr": life / owed if owed else none,
        "plcr": whole / owed if owed else none,
    }
