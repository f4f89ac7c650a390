"""The annual model as one would write it first: one case, floats, loops. What the benchmarks of many cases are measured against.

The same formulas as ppp for a project by years with one sculpted or level loan, a viability gap or an availability payment, income tax with
losses first in, first out, a comparator and ratio risks; circular funding by repetition, returns by Newton with bisection, checks.
`benchmarks/draws.py` first holds it to ppp, figure by figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ppp.project import Project
from ppp.quantities import SCALES


@dataclass
class Case:
    """The inputs that a case needs, in base units; lists are by construction year or operating year."""

    capex: list[float]
    opex: list[float]
    lifecycle: list[float]
    income: list[float]
    profit_rate: float
    formula_rate: float
    close_costs: float
    loan_rate: float
    tenor: int
    gearing: float
    dscr: float
    upfront_fee: float
    tax_rate: float
    loss_years: int
    discount_rate: float
    equity_rate: float
    government_share: float
    psc_capex: list[float]
    psc_running: list[float]
    neutrality: list[float]
    transferred: list[float]
    retained: list[float]
    risk: list[float]
    support: list[float]
    other: list[float]
    budget: list[float]


def case_of(project: Project, load, draw: dict[str, float]) -> Case:
    """One draw of a project with the structure of params/wastewater.yaml; keys of the draw are dotted keys of the file. load: the
    district's budget, which no draw changes."""
    scale, build, years = SCALES[project.unit], project.timeline.construction_years, project.timeline.operating_years
    at = lambda key, base: draw.get(key, base)  # noqa: E731

    def listed(profile, times: float = 1.0, unit: float = scale) -> list[float]:
        if profile is None:
            return [0.0] * years
        values = profile.values or [profile.start * (1.0 + profile.growth) ** k for k in range(years)]
        return [value * unit * profile.times * times for value in values]

    shares = project.construction.spending or [1.0 / build] * build
    spread = lambda total: [total * scale * share for share in shares]  # noqa: E731
    users, comparator, debt = project.users, project.comparator, project.funding.debt
    demand = listed(users.demand, at("users.demand.times", 1.0), SCALES[users.demand_scale])
    income = [d * t for d, t in zip(demand, listed(users.tariff, 1.0, 1.0), strict=True)]
    psc_build = spread(comparator.capex)
    psc_run = [a + b for a, b in zip(listed(comparator.opex), listed(comparator.lifecycle), strict=True)]
    rows = build + years
    neutrality, transferred, retained, whole, support = ([0.0] * rows for _ in range(5))

    def add(total: list[float], phase: str, values: list[float], factor: float) -> None:
        start = 0 if phase == "construction" else build
        for k, value in enumerate(values):
            total[start + k] += value * factor

    for item in comparator.competitive_neutrality.values():
        values = spread(item.amount.start) if item.phase == "construction" else listed(item.amount)
        add(neutrality, item.phase, values, 1.0)
    for key, risk in project.risks.items():
        if risk.outcomes is not None:
            each = sum(o.probability * o.cost for o in risk.outcomes) * scale
            values = [each] * (build if risk.phase == "construction" else years)
        else:
            ratio = at(f"risks.{key}.ratio", risk.ratio)
            values = [value * ratio for value in (psc_build if risk.phase == "construction" else psc_run)]
        add(whole, risk.phase, values, 1.0)
        add(transferred, risk.phase, values, risk.transferred)
        add(retained, risk.phase, values, 1.0 - risk.transferred)
    for item in project.support.values():
        add(support, item.phase, spread(item.cost.start) if item.phase == "construction" else listed(item.cost), 1.0)
    return Case(
        capex=spread(at("construction.capex", project.construction.capex)),
        opex=listed(project.operation.opex, at("operation.opex.times", 1.0)),
        lifecycle=listed(project.operation.lifecycle),
        income=income,
        profit_rate=at("payment.profit_rate", project.payment.profit_rate),
        formula_rate=project.payment.rate,
        close_costs=project.funding.close_costs * scale,
        loan_rate=at("funding.debt.rate", debt.rate),
        tenor=debt.tenor // 12,
        gearing=debt.max_gearing,
        dscr=debt.dscr,
        upfront_fee=debt.upfront_fee,
        tax_rate=project.tax.rate,
        loss_years=project.tax.loss_years,
        discount_rate=at("discounting.rate", project.discounting.rate),
        equity_rate=project.discounting.equity_rate,
        government_share=project.funding.government_share,
        psc_capex=psc_build,
        psc_running=psc_run,
        neutrality=neutrality,
        transferred=transferred,
        retained=retained,
        risk=whole,
        support=support,
        other=[float(value) for value in load.existing[:, 0]],
        budget=[float(value) for value in load.budget[:, 0]],
    )


def evaluate(case: Case) -> dict[str, float]:
    """Every result of the model for one case."""
    build, years = len(case.capex), len(case.opex)
    cost = sum(case.capex)
    need, tax, debt = cost + case.close_costs, [0.0] * years, 0.0
    lent, reckoned = 0.0, 0.0  # the formula's own interest: compound, on draws in mid-year
    for amount in case.capex:
        reckoned += case.loan_rate * (lent + reckoned + 0.5 * case.gearing * amount)
        lent += case.gearing * amount
    payment = []
    for k in range(years):
        capital = (cost + reckoned) * (1.0 + case.profit_rate) * (1.0 + case.formula_rate) ** (k + 1) / years
        running = (case.opex[k] + case.lifecycle[k]) * (1.0 + case.profit_rate)
        payment.append(max(capital + running - case.income[k], 0.0))
    ebitda = [case.income[k] + payment[k] - case.opex[k] - case.lifecycle[k] for k in range(years)]
    for _ in range(300):
        can = [max(ebitda[k] - tax[k], 0.0) / case.dscr for k in range(case.tenor)]
        worth, factor = 0.0, 1.0
        for amount in can:
            factor /= 1.0 + case.loan_rate
            worth += amount * factor
        size = max(min(case.gearing * need, worth), 0.0)
        share, balance, uses, equity, draws, built = size / need, 0.0, [], [], [], []
        for t in range(build + 1):
            fee = case.upfront_fee * size + case.close_costs if t == 0 else 0.0
            fixed = (case.capex[t - 1] if t else 0.0) + case.loan_rate * balance + fee
            spent = fixed / (1.0 - 0.5 * case.loan_rate * share) if t else fixed  # draws in mid-year
            drawn = share * spent
            idc = spent - fixed + case.loan_rate * balance
            uses.append(spent)
            equity.append(spent - drawn)
            draws.append(drawn)
            built.append((case.capex[t - 1] if t else 0.0) + idc + fee)
            balance += drawn
        new_need = sum(uses)
        owed, interest, principal = size, [], []
        for k in range(years):
            due = can[k] * size / worth if k < case.tenor and worth > 0.0 else 0.0
            interest.append(case.loan_rate * owed if k < case.tenor else 0.0)
            principal.append(due - interest[k])
            owed -= principal[k]
        written_off = new_need / years
        profit = [ebitda[k] - interest[k] - written_off for k in range(years)]
        new_tax = income_tax(profit, case.tax_rate, case.loss_years)
        moved = max(abs(a - b) for a, b in zip(new_tax, tax, strict=True)) + abs(new_need - need) + abs(size - debt)
        tax, need, debt = new_tax, new_need, size
        if moved < 1e-13 * need:
            break
    cfads = [ebitda[k] - tax[k] for k in range(years)]
    service = [interest[k] + principal[k] for k in range(years)]
    received = [cfads[k] - service[k] for k in range(years)]
    equity_flow = [-amount for amount in equity] + received
    flow = [-case.close_costs, *(-amount for amount in case.capex), *ebitda]
    untaxed = income_tax([ebitda[k] - written_off for k in range(years)], case.tax_rate, case.loss_years)
    after_tax = flow[: build + 1] + [ebitda[k] - untaxed[k] for k in range(years)]
    found = {
        "project_irr": irr(flow),
        "project_irr_after_tax": irr(after_tax),
        "equity_irr": irr(equity_flow),
        "partner_irr": irr([(1.0 - case.government_share) * amount for amount in equity_flow]),
        "project_npv": npv(case.discount_rate, flow),
        "equity_npv": npv(case.equity_rate, equity_flow),
        "debt": debt,
        "uses_total": need,
        **covers(case, cfads, service, interest, debt),
        **payback(flow, case.discount_rate),
    }
    found |= {"equity_total": sum(equity), "grant_total": 0.0, "gearing": debt / (debt + sum(equity))}
    values, spending, yearly = value_for_money(case, payment, equity)
    found |= values
    errors = [
        *errors_of_funding(case, uses, equity, draws, moved, need),
        *errors_of_accounts(built, equity, draws, ebitda, interest, principal, profit, tax, received),
        *errors_of_mirrors(case, payment, ebitda, spending, yearly),
        error_of_return(equity_flow, found["equity_irr"]),
    ]
    found["sound"] = float(max(errors) <= 1e-9)
    found["alerts"] = float(sum(alerts(case, cfads, service, principal, received, need)))
    return found


def income_tax(profit: list[float], rate: float, life: int) -> list[float]:
    pools: list[float] = []
    taxes = []
    for amount in profit:
        pools = pools[-life:]
        left = max(amount, 0.0)
        for k, pool in enumerate(pools):
            used = min(pool, left)
            pools[k] -= used
            left -= used
        taxes.append(rate * left)
        pools.append(max(-amount, 0.0))
    return taxes


def npv(rate: float, flow: list[float]) -> float:
    total = 0.0
    for amount in reversed(flow):
        total = total / (1.0 + rate) + amount
    return total


def irr(flow: list[float]) -> float:
    """The one root of a flow that changes sign once; NaN for another."""
    signs = [amount > 0 for amount in flow if amount]
    if sum(a != b for a, b in pairwise(signs)) != 1:
        return float("nan")
    low, high, rate = -0.9999, 1e6, 0.08
    rises = flow[next(t for t, amount in enumerate(flow) if amount)] > 0
    for _ in range(200):
        value = slope = 0.0
        discount = 1.0 / (1.0 + rate)
        for amount in reversed(flow):
            slope = slope * discount + value
            value = value * discount + amount
        if value == 0.0:
            return rate
        if (value > 0) != rises:
            low = rate
        else:
            high = rate
        step = value / (slope * discount * discount) if slope else float("inf")
        new = rate + step
        if not low < new < high:
            new = (low + high) / 2.0
        if abs(new - rate) <= 4e-16 * (1.0 + abs(rate)):
            return new
        rate = new
    return rate


def covers(
    case: Case, cfads: list[float], service: list[float], interest: list[float], debt: float
) -> dict[str, float]:
    ratios = [cfads[k] / service[k] for k in range(case.tenor) if service[k] > 0.0]
    by_interest = [cfads[k] / interest[k] for k in range(case.tenor) if interest[k] > 0.0]
    return {
        "dscr_min": min(ratios),
        "dscr_average": sum(ratios) / len(ratios),
        "interest_cover_min": min(by_interest),
        "llcr": npv(case.loan_rate, [0.0, *cfads[: case.tenor]]) / debt,
        "plcr": npv(case.loan_rate, [0.0, *cfads]) / debt,
    }


def payback(flow: list[float], rate: float) -> dict[str, float]:
    found = {}
    for key, at in (("payback_years", 0.0), ("discounted_payback_years", rate)):
        total, turned = 0.0, float("nan")
        for t, amount in enumerate(flow):
            step = amount * (1.0 + at) ** -t
            if total < 0.0 <= total + step:
                turned = t - 1 - total / step
            elif total + step < 0.0:
                turned = float("nan")
            total += step
        found[key] = turned
    return found


def value_for_money(case: Case, payment: list[float], equity: list[float]):
    """Results, and the government's spending by row and by budget year."""
    build, years = len(case.capex), len(case.opex)
    psc, spending = [0.0], [case.government_share * equity[0]]
    for t in range(build + years):
        built = t < build
        k = t - build
        reference = case.psc_capex[t] if built else case.psc_running[k] - case.income[k]
        psc.append(reference + case.neutrality[t] + case.transferred[t] + case.retained[t])
        paid = case.government_share * equity[t + 1] if built else payment[k]
        spending.append(paid + case.retained[t] + case.support[t])
    yearly = [spending[0] + spending[1], *spending[2:]]
    share = max((own + other) / budget for own, other, budget in zip(yearly, case.other, case.budget, strict=True))
    alone = max(own / budget for own, budget in zip(yearly, case.budget, strict=True))
    left, right = npv(case.discount_rate, psc), npv(case.discount_rate, spending)
    found = {
        "psc": left,
        "ppp_value": right,
        "vfm_amount": left - right,
        "vfm_index": (left - right) / left,
        "share_peak": share,
        "share_peak_alone": alone,
        "fiscal_total": sum(spending),
    }
    return found, spending, yearly


def relative(differences: list[float], scale: list[float]) -> float:
    return max(map(abs, differences)) / max(max(map(abs, scale)), 1e-12)


def errors_of_funding(case: Case, uses, equity, draws, moved: float, need: float) -> list[float]:
    """The circle closed, sources = uses in every row, equity as both sides book it."""
    own, government = sum(equity), case.government_share * sum(equity)
    return [
        moved / need * 10.0,
        relative([u - e - d for u, e, d in zip(uses, equity, draws, strict=True)], [need]),
        relative([government + (1.0 - case.government_share) * own - own], [own]),
    ]


def errors_of_accounts(built, equity, draws, ebitda, interest, principal, profit, tax, received) -> list[float]:
    """The balance sheet and cash in every row, debt repaid and not over-repaid, assets written off once."""
    assets = owed = funds = cash = 0.0
    differences, kept, debts, books = [], [], [], []
    for t in range(len(built)):
        assets, owed, funds = assets + built[t], owed + draws[t], funds + equity[t]
        cash += equity[t] + draws[t] - built[t]
        differences.append(assets + cash - owed - funds)
        kept.append(cash)
        debts.append(owed)
        books.append(assets)
    written_off = sum(built) / len(profit)
    for k in range(len(profit)):
        assets -= written_off
        owed -= principal[k]
        funds += profit[k] - tax[k] - received[k]
        cash += ebitda[k] - tax[k] - interest[k] - principal[k] - received[k]
        differences.append(assets + cash - owed - funds)
        kept.append(cash)
        debts.append(owed)
        books.append(assets)
    need = [sum(built)]
    return [
        relative(differences, need),
        relative(kept, need),
        relative(debts[-1:], debts),
        relative([min(debt, 0.0) for debt in debts], debts),
        relative(books[-1:], books),
    ]


def errors_of_mirrors(case: Case, payment, ebitda, spending, yearly) -> list[float]:
    """Revenue and payments as both sides book them, risks shared whole, the budget's years, yearly amounts against rows."""
    revenue = [e + o + c for e, o, c in zip(ebitda, case.opex, case.lifecycle, strict=True)]
    parts = zip(revenue, case.income, payment, strict=True)
    shares = zip(case.risk, case.transferred, case.retained, strict=True)
    return [
        relative([r - i - p for r, i, p in parts], revenue),
        relative([sum(payment) - sum(revenue) + sum(case.income)], [sum(revenue)]),
        relative([w - a - b for w, a, b in shares], case.risk),
        relative([sum(yearly) - sum(spending)], spending),
    ]


def error_of_return(flow: list[float], rate: float) -> float:
    worth = size = 0.0
    for t, amount in enumerate(flow):
        factor = (1.0 + rate) ** -t
        worth += amount * factor
        size += abs(amount) * factor
    return abs(worth) / size


def alerts(case: Case, cfads, service, principal, received, need: float) -> list[bool]:
    """Cash called in operation, cash below zero, debt that rises in operation, cover below the lender's."""
    called = -sum(min(amount, 0.0) for amount in received) / need
    cash = lowest = 0.0
    for k in range(len(cfads)):
        cash += cfads[k] - service[k] - received[k]
        lowest = min(lowest, cash)
    rises = -sum(min(amount, 0.0) for amount in principal) / need
    lacking = max(case.dscr - cfads[k] / service[k] for k in range(case.tenor) if service[k] > 0.0)
    return [called > 1e-9, -lowest / need > 1e-9, rises > 1e-9, lacking > 1e-9]
