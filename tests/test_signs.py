"""A flipped sign anywhere in the financial formulas is noticed.

Each entry of MUTATIONS replaces one piece of source, found exactly once, by the same with a wrong sign. The
modules of the model are then imported anew with that mistake, and the statements below must contradict it.
"""

import importlib
import importlib.abc
import importlib.util
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import ppp
import ppp.appraisal.appraise
import ppp.appraisal.criteria
import ppp.contract.performance
import ppp.model.liability

ROOT = Path(__file__).resolve().parents[1]
REIMPORTED = ("model", "appraisal", "arrays")

MUTATIONS = [
    # where, as it is, with a wrong sign
    # --- funding ---
    ("model/funding.py", "(capex[0] - grant[0] + fees[0])", "(capex[0] - grant[0] - fees[0])"),
    ("model/funding.py", "terms.upfront_fee * debt + close_costs", "terms.upfront_fee * debt - close_costs"),
    (
        "model/funding.py",
        "terms.rate * balance + terms.commitment_fee",
        "terms.rate * balance - terms.commitment_fee",
    ),
    (
        "model/funding.py",
        "terms.commitment_fee * (debt - balance)",
        "terms.commitment_fee * (debt + balance)",
    ),
    ("model/funding.py", "(terms.rate - terms.commitment_fee)", "(terms.rate + terms.commitment_fee)"),
    ("model/funding.py", "(1.0 - gearing * slope)", "(1.0 + gearing * slope)"),
    ("model/funding.py", "(balance + theta * drawn[t])", "(balance - theta * drawn[t])"),
    ("model/funding.py", "(debt - balance - theta * drawn[t])", "(debt - balance + theta * drawn[t])"),
    ("model/funding.py", "balance = balance + drawn[t]", "balance = balance - drawn[t]"),
    (
        "model/funding.py",
        "equity = capex + interest + fees - grant - drawn",
        "equity = capex + interest + fees + grant - drawn",
    ),
    (
        "model/funding.py",
        "new_need = np.maximum((capex + interest",
        "new_need = np.maximum((capex - interest",
    ),
    ("model/funding.py", "new_debt = np.minimum(", "new_debt = np.maximum("),
    # --- debt ---
    ("model/debt.py", "balance = balance - principal[t]", "balance = balance + principal[t]"),
    ("model/debt.py", "principal[t] = service[t] - interest[t]", "principal[t] = service[t] + interest[t]"),
    ("model/debt.py", "(total + row) / (1.0 + np.asarray(rate))", "(total + row) / (1.0 - np.asarray(rate))"),
    ("model/debt.py", "1.0 / tenor + np.atleast_1d(rate)", "1.0 / tenor - np.atleast_1d(rate)"),
    ("model/debt.py", "(1.0 - t / tenor)", "(1.0 + t / tenor)"),
    ("model/debt.py", "self.interest + self.principal", "self.interest - self.principal"),
    # --- tax ---
    ("model/tax.py", "(np.maximum(profit, 0.0) - used)", "(np.maximum(profit, 0.0) + used)"),
    ("model/tax.py", "np.maximum(-row, 0.0)", "np.maximum(+row, 0.0)"),
    ("model/tax.py", "left = left - take", "left = left + take"),
    ("model/tax.py", "pools[k] = pool - take", "pools[k] = pool + take"),
    ("model/tax.py", "np.maximum(row, 0.0) - left", "np.maximum(row, 0.0) + left"),
    # --- payments ---
    ("model/payments.py", "** first_exponent / years", "** -first_exponent / years"),
    (
        "model/payments.py",
        "(1.0 + np.atleast_1d(profit_rate)) * (1.0 +",
        "(1.0 - np.atleast_1d(profit_rate)) * (1.0 +",
    ),
    (
        "model/payments.py",
        "(1.0 + np.atleast_1d(profit_rate)) / annuity",
        "(1.0 - np.atleast_1d(profit_rate)) / annuity",
    ),
    (
        "model/payments.py",
        "np.atleast_1d(equity) - returned_without",
        "np.atleast_1d(equity) + returned_without",
    ),
    (
        "model/payments.py",
        "annuity_factor(rate, years) + np.asarray(",
        "annuity_factor(rate, years) - np.asarray(",
    ),
    (
        "model/payments.py",
        "np.asarray(required, dtype=float) - user",
        "np.asarray(required, dtype=float) + user",
    ),
    ("model/payments.py", "net = due - credit", "net = due + credit"),
    ("model/payments.py", "credit = np.maximum(-net, 0.0)", "credit = np.maximum(+net, 0.0)"),
    ("model/payments.py", "np.where(gap < 0.0, gap * excess", "np.where(gap > 0.0, gap * excess"),
    ("model/payments.py", "capex - inputs.grant.sum", "capex + inputs.grant.sum"),
    ("model/payments.py", "+ interest - deducted", "- interest - deducted"),
    ("model/payments.py", "+ interest - deducted", "+ interest + deducted"),
    ("model/payments.py", "(base + TIMING[draw] * drawn)", "(base - TIMING[draw] * drawn)"),
    ("model/payments.py", "principal + interest if kind", "principal - interest if kind"),
    ("model/payments.py", "(1.0 + (formula.profit_rate", "(1.0 - (formula.profit_rate"),
    ("model/payments.py", "(inputs.opex + inputs.lifecycle)", "(inputs.opex - inputs.lifecycle)"),
    (
        "model/payments.py",
        "inputs.user_payments + inputs.other_revenue",
        "inputs.user_payments - inputs.other_revenue",
    ),
    # --- statements of the company ---
    ("model/company.py", '+ lines["government_payment"]', '- lines["government_payment"]'),
    ("model/company.py", '- lines["opex"]', '+ lines["opex"]'),
    ("model/company.py", '- lines["lifecycle"]', '+ lines["lifecycle"]'),
    ("model/company.py", "ebitda + surplus - interest", "ebitda - surplus - interest"),
    ("model/company.py", "surplus - interest - depreciation", "surplus + interest - depreciation"),
    ("model/company.py", "interest - depreciation\n", "interest + depreciation\n"),
    ("model/company.py", "funded.debt >= inputs.debt", "funded.debt <= inputs.debt"),
    ("model/company.py", "(ebitda - tax if", "(ebitda + tax if"),
    ("model/company.py", "cost = (funded.uses - funded.grant)", "cost = (funded.uses + funded.grant)"),
    ("model/company.py", 'out["interest"] + out["principal"]', 'out["interest"] - out["principal"]'),
    ("model/company.py", 'lines["ebitda"] - out["tax"]', 'lines["ebitda"] + out["tax"]'),
    (
        "model/company.py",
        'out["cfads"] + lines["disposal"] - out["debt_service"]',
        'out["cfads"] - lines["disposal"] - out["debt_service"]',
    ),
    (
        "model/company.py",
        'lines["disposal"] - out["debt_service"]\n',
        'lines["disposal"] + out["debt_service"]\n',
    ),
    ("model/company.py", 'out["distributions"] - out["equity"]', 'out["distributions"] + out["equity"]'),
    ("model/company.py", 'out["profit_before_tax"] - out["tax"]', 'out["profit_before_tax"] + out["tax"]'),
    ("model/company.py", 'out["grant"] - out["depreciation"]', 'out["grant"] + out["depreciation"]'),
    ("model/company.py", 'out["grant"] - out["uses"]', 'out["grant"] + out["uses"]'),
    (
        "model/company.py",
        'out["net_profit"] - out["distributions"]',
        'out["net_profit"] + out["distributions"]',
    ),
    # --- covers and payback ---
    (
        "model/covers.py",
        "(total + cfads[t]) / (1.0 + np.asarray(rate))",
        "(total + cfads[t]) / (1.0 - np.asarray(rate))",
    ),
    ("model/covers.py", "where=service > 0.0", "where=service < 0.0"),
    ("model/covers.py", "(1.0 + np.atleast_1d(rate)) ** -t", "(1.0 + np.atleast_1d(rate)) ** +t"),
    ("model/covers.py", "np.divide(-total[", "np.divide(+total["),
    # --- discounting ---
    ("model/discounting.py", "np.exp(-np.log1p(", "np.exp(+np.log1p("),
    ("model/discounting.py", "* (t - base - shift))", "* (t + base - shift))"),
    ("model/discounting.py", "base - shift))\n", "base + shift))\n"),
    ("model/discounting.py", "np.expm1(-periods", "np.expm1(+periods"),
    ("model/discounting.py", "np.vstack([-np.ones(", "np.vstack([+np.ones("),
    ("model/discounting.py", "(1.0 + np.atleast_1d(markup))", "(1.0 - np.atleast_1d(markup))"),
    # --- growth, inflation, returns ---
    (
        "model/operations.py",
        "(1.0 + np.atleast_1d(np.asarray(growth, dtype=float)))",
        "(1.0 - np.atleast_1d(np.asarray(growth, dtype=float)))",
    ),
    (
        "model/operations.py",
        "(1.0 + np.atleast_1d(np.asarray(inflation, dtype=float))) ** power",
        "(1.0 + np.atleast_1d(np.asarray(inflation, dtype=float))) ** -power",
    ),
    ("model/operations.py", "(1.0 + real) * (1.0 + inflation)", "(1.0 + real) * (1.0 - inflation)"),
    ("model/operations.py", "(1.0 - share + share", "(1.0 + share + share"),
    ("model/irr.py", "crossing & (at_low > 0)", "crossing & (at_low < 0)"),
    ("model/irr.py", "- 0.5 - t)", "- 0.5 + t)"),
    ("model/liability.py", "payment - interest[t]", "payment + interest[t]"),
    ("model/liability.py", "(1.0 + rate) + payment", "(1.0 - rate) + payment"),
    ("appraisal/returns.py", "        + inputs.grant\n", "        - inputs.grant\n"),
    ("appraisal/returns.py", "- at_close * inputs.close_costs", "+ at_close * inputs.close_costs"),
    # --- value for money ---
    ("appraisal/value_for_money.py", '"psc_revenue": -1', '"psc_revenue": +1'),
    ("appraisal/value_for_money.py", '"neutrality": 1', '"neutrality": -1'),
    ("appraisal/value_for_money.py", '"transferred_risk": 1', '"transferred_risk": -1'),
    ("appraisal/value_for_money.py", '"government_equity": 1', '"government_equity": -1'),
    ("appraisal/value_for_money.py", '"operating_subsidy": 1', '"operating_subsidy": -1'),
    ("appraisal/value_for_money.py", '"supporting_input": 1', '"supporting_input": -1'),
    ("appraisal/value_for_money.py", "return self.psc - self.ppp_value", "return self.ppp_value - self.psc"),
    ("appraisal/value_for_money.py", "return raw + neutrality", "return raw - neutrality"),
    (
        "appraisal/value_for_money.py",
        'self.amount - self.psc_parts["transferred_risk"]',
        'self.amount + self.psc_parts["transferred_risk"]',
    ),
    # --- the government's lines ---
    (
        "appraisal/government.py",
        "- prices.item(item.phase, item.paid)",
        "+ prices.item(item.phase, item.paid)",
    ),
    (
        "appraisal/risk_register.py",
        "(1.0 - np.asarray(risk.transferred))",
        "(1.0 + np.asarray(risk.transferred))",
    ),
    (
        "appraisal/government.py",
        '+ lines["operating_subsidy"] + retained',
        '+ lines["operating_subsidy"] - retained',
    ),
    ("appraisal/government.py", "retained + support\n", "retained - support\n"),
    ("appraisal/government.py", "revenue[-1] + prices.at_end", "revenue[-1] - prices.at_end"),
    (
        "appraisal/risk_register.py",
        "prices.profile(source.opex) + prices",
        "prices.profile(source.opex) - prices",
    ),
    ("appraisal/government.py", "neutrality = neutrality + prices", "neutrality = neutrality - prices"),
    ("appraisal/risk_register.py", "self.government - self.retained", "self.government + self.retained"),
    # --- affordability and the tests ---
    (
        "appraisal/affordability.py",
        "(self.existing + self.own) / self.budget",
        "(self.existing - self.own) / self.budget",
    ),
    (
        "appraisal/affordability.py",
        "self.budget - self.existing - self.own",
        "self.budget + self.existing - self.own",
    ),
    ("appraisal/affordability.py", "history[:-1] - 1.0", "history[:-1] + 1.0"),
    ("appraisal/affordability.py", "** (y - last)", "** (last - y)"),
    ("appraisal/criteria.py", "value) >= limit - ROUNDING", "value) <= limit - ROUNDING"),
    ("appraisal/criteria.py", "earned - inputs.capex", "earned + inputs.capex"),
    ("appraisal/criteria.py", "vfm.amount >= -ROUNDING", "vfm.amount <= -ROUNDING"),
    ("appraisal/criteria.py", "user_share(evaluation) < rules", "user_share(evaluation) > rules"),
    # --- risk ---
    ("appraisal/risk.py", "upper_bound * (1.0 - mitigated)", "upper_bound * (1.0 + mitigated)"),
    ("appraisal/risk.py", "cost * (1.0 + residual_bias", "cost * (1.0 - residual_bias"),
    ("appraisal/risk.py", "/ (1.0 + rate) ** t", "/ (1.0 - rate) ** t"),
    ("appraisal/risk.py", "_normal(spread - d1) - forward", "_normal(spread - d1) + forward"),
    ("appraisal/risk.py", "math.log(forward / strike) + spread**2", "math.log(forward / strike) - spread**2"),
    # --- performance ---
    ("appraisal/performance.py", "construction_fee * (1.0 - linked)", "construction_fee * (1.0 + linked)"),
    ("appraisal/performance.py", "at_construction + operation_share", "at_construction - operation_share"),
    (
        "appraisal/performance.py",
        "(om_fee + construction_fee * linked)",
        "(om_fee - construction_fee * linked)",
    ),
    ("appraisal/performance.py", "base[chosen] + slope[chosen]", "base[chosen] - slope[chosen]"),
]


# --- statements about finance, of which every mistake above contradicts one ---


def near(value, expected, rel=1e-9):
    return np.allclose(np.asarray(value, dtype=float), expected, rtol=rel, atol=1e-9)


def statements_on_time_and_money():
    from ppp.model.discounting import annuity_factor, discount_factors, mean_return_of_markup
    from ppp.model.irr import irr
    from ppp.model.liability import liability_schedule, residual_schedule
    from ppp.model.operations import growing, inflation_index, nominal_rate, partly_indexed

    assert near(discount_factors(0.10, 3)[2], 1 / 1.21)
    assert near(discount_factors(0.10, 3, base=2)[0], 1.21)
    assert near(discount_factors(0.10, 3, "start")[2], 1 / 1.10)
    assert near(annuity_factor(0.10, 2), 1 / 1.10 + 1 / 1.21)
    assert near(mean_return_of_markup(0.06, 0.05, 1)[:, 0], [-1, 1.06 * 1.05])
    assert near(irr([-50, -100, 600, 300, -100]).value, 1.8544178284)
    assert near(irr([-100, 230, -132]).roots_of(0), [0.10, 0.20])
    assert near(growing(100, 0.10, 2)[:, 0], [100, 110])
    assert near(inflation_index(0.02, 2024, np.array([2026]))[0], 1.02**2)
    assert near(nominal_rate(0.03, 0.02), 1.03 * 1.02 - 1)
    assert near(partly_indexed(np.full((2, 1), 100.0), 0.3, 0.1, 2)[:, 0], [100, 103])
    liability = liability_schedule(1_000, 80, 0.05, 1)
    assert near([liability["principal"][0], liability["closing"][0]], [80 - 50, 970])
    assert near(residual_schedule(100, 0.05, 3), [0, 100, 205])


def statements_on_funding():
    from ppp.model.funding import Terms, fund

    spent, grant = np.array([[10.0], [400.0], [590.0]]), np.array([[0.0], [40.0], [60.0]])
    loan = Terms(*(np.array([v]) for v in (0.06, 0.7, 0.01, 0.005)), "start")
    made = fund(spent, np.array([20.0]), grant, np.array([np.inf]), loan)
    debt, drawn = made.debt[0], made.drawn[:, 0]
    assert near(made.residual, 0.0)
    assert near(made.fees[:, 0], [0.01 * debt + 20, 0.005 * (debt - drawn[:2].sum()), 0.0])
    assert near(made.interest[1:, 0], [0.06 * drawn[:2].sum(), 0.06 * drawn.sum()])
    uses = (spent + made.interest + made.fees)[:, 0]
    assert near(drawn, 0.7 * (uses - grant[:, 0]))
    assert near(made.equity[:, 0], 0.3 * (uses - grant[:, 0]))
    assert near(fund(spent, np.array([20.0]), grant, np.array([300.0]), loan).debt, 300)


def statements_on_debt():
    from ppp.model.covers import dscr, life_cover, payback
    from ppp.model.debt import capacity, repay

    cash = np.array([[100.0], [120.0], [90.0]])
    assert near(capacity(cash, 0.06, 1.25, "sculpted"), (100 / 1.06 + 120 / 1.06**2 + 90 / 1.06**3) / 1.25)
    for kind in ("sculpted", "annuity", "equal_principal"):
        schedule = repay(np.array([200.0]), 0.06, cash, kind)
        assert near(schedule.closing[-1], 0.0)
        assert near(schedule.interest[0], 12)
        assert near(schedule.service.sum(), 200 + schedule.interest.sum())
    assert near(repay(np.array([300.0]), 0.06, cash, "equal_principal").service[:, 0], [118, 112, 106])
    assert near(dscr(cash[:1], [[80.0]]), 1.25) and np.isnan(dscr(cash[:1], [[0.0]])[0, 0])
    assert near(life_cover(cash, np.full((3, 1), 200.0), 0.06)[2], 90 / 1.06 / 200)
    assert near(payback(np.array([[-100.0], [66.0], [96.8]]), 0.10), 1.5)


def statements_on_tax():
    from ppp.model.tax import income_tax

    tax, used = income_tax(np.array([[-100.0], [-50.0], [120.0], [10.0], [40.0], [30.0]]), 0.25, "carry_forward", None)
    assert near(used[:, 0], [0, 0, 120, 10, 20, 0])
    assert near(tax[:, 0], [0, 0, 0, 0, 5, 7.5])


def statements_on_payments():
    from ppp.model.payments import (
        construction_subsidy,
        equity_annuity,
        interest_during_construction,
        level_annuity,
        viability_gap,
    )

    assert near(construction_subsidy(1_000, 0.06, 0.05, 10)[:2, 0], [106 * 1.05, 106 * 1.05**2])
    assert near(level_annuity(1_000, 0.06, 0.10, 2)[0], 1_060 / (1 / 1.1 + 1 / 1.21))
    assert near(equity_annuity(100, 20, 0.10, 2)[0], 80 / (1 / 1.1 + 1 / 1.21) + 10)
    assert near(interest_during_construction([[100.0], [100.0]], 0.06, "middle", "compound"), 3 + 0.06 * 103 + 3)
    required, users = np.array([[100.0], [100.0], [100.0]]), np.array([[130.0], [80.0], [40.0]])
    assert near(viability_gap(required, users, "floor")[:, 0], [0, 20, 60])
    assert near(viability_gap(required, users, "share", 0.5)[:, 0], [-15, 20, 60])
    assert near(viability_gap(required, users, "carry_forward")[:, 0], [0, 0, 50])


def statements_on_risk_and_performance():
    from ppp.appraisal.risk import guarantee_value, optimism_bias
    from ppp.appraisal.value_for_money import psc_build_up
    from ppp.contract.performance import Band, payment_share, performance_payment

    assert near(optimism_bias(100, 0.51, 0.92), 104.08)
    assert near(guarantee_value(100, 90, 0.20, 20, 0.05), 203.35, rel=1e-5)
    assert near(psc_build_up(320.6, 15.0, 116.0, 12.8), 464.4)
    assert near(performance_payment(100, 20, 1.0, 0.9, 0.3), 70 + 0.9 * 50)
    assert near(payment_share(75, [Band(0, 0.4, 0), Band(70, 0.8, 0.02)]), 0.9)


def statements_on_affordability():
    from ppp.appraisal.affordability import Load, average_growth, forecast_budget

    load = Load(np.array([2022]), np.array([[200.0]]), np.array([[6.0]]), np.array([[4.0]]), 160.0)
    assert near(load.share, 0.05) and near(load.headroom(0.10), 10)
    assert near(average_growth([100, 110, 121], 5), 0.10)
    assert near(forecast_budget({2021: 100.0}, 0.10, "last_year", 5, np.array([2023])), 121)


def statements_on_the_company_and_the_government(bridge):
    from ppp.appraisal.criteria import caps, own_surplus, passes
    from ppp.appraisal.evaluation import evaluate

    made = evaluate(bridge)
    lines, wan = made.lines, 10_000.0
    row = {key: values[:, 0] / wan for key, values in lines.items()}
    assert made.sound.all()
    assert list(made.binding) == ["gearing"]
    assert near(
        own_surplus(made) / wan, (row["ebitda"] + row["disposal"] - row["capex"]).sum() - made.inputs.close_costs / wan
    )
    assert near(row["payment_running_part"][4], (50 + 30) * 1.06)
    needed = 1_000 - row["grant"].sum()  # what is granted is not paid for again
    loan = 0.7 * needed  # drawn in the middle of each year, 40 % and 60 %
    first_interest = 0.05 * 0.5 * 0.4 * loan
    second_interest = 0.05 * (0.4 * loan + first_interest + 0.5 * 0.6 * loan)
    cost = needed + first_interest + second_interest - 0.2 * 0.3 * needed
    assert near(row["payment_capital_part"][3], cost * 1.06 * 1.05 / 10)
    subsidy = row["payment_capital_part"] + row["payment_running_part"] - 60 - 5
    assert near(row["government_payment"][3:], subsidy[3:])
    assert near(row["ebitda"][4], 60 + 5 + row["government_payment"][4] - 50 - 30)
    depreciation = (row["uses"].sum() - 100) / 10
    assert near(row["profit_before_tax"][-1], row["ebitda"][-1] + 40 - row["interest"][-1] - depreciation)
    assert near(row["net_profit"], row["profit_before_tax"] - row["tax"])
    assert near(row["cfads"], row["ebitda"] - row["tax"])
    assert near(
        row["equity_flow"],
        row["cfads"] + row["disposal"] - row["interest"] - row["principal"] - row["equity"],
    )
    assert near(row["debt_service"], row["interest"] + row["principal"])
    assert near(row["shareholders_funds"] + row["debt_closing"], row["fixed_assets"] + row["cash"])
    assert near(row["fixed_assets"][-1], 0.0) and near(row["cash"], 0.0)
    project_flow = row["ebitda"] + row["disposal"] + row["grant"] - row["capex"]
    project_flow[0] -= 15
    assert near(made.results["project_npv"] / wan, sum(f / 1.05**t for t, f in enumerate(project_flow)))

    sculpted = evaluate(bridge, {"funding.debt.dscr": np.array([2.0])})
    assert near(sculpted.results["dscr_min"], 2.0) and list(sculpted.binding) == ["dscr"]

    assert near(row["supporting_input"][1:4], [0.4 * (70 + 100), 0.6 * (70 + 100), 0])
    assert near(row["retained_risk"][1:4], [0.2 * 44, 0.2 * 66, 0.6 * 0.05 * 60])
    assert near(row["psc_running"][3:5], [60, 60 + 25]) and near(row["psc_revenue"][-1], 60 + 5 + 70)
    assert near(row["neutrality"][1:3], [0.4 * 50, 0.6 * 50])
    four = row["government_equity"] + row["operating_subsidy"] + row["retained_risk"] + row["supporting_input"]
    assert near(row["fiscal_spending"], four)
    worth = lambda flow: sum(f / 1.05**t for t, f in enumerate(flow))  # noqa: E731
    risk = row["transferred_risk"] + row["retained_risk"]
    psc = worth(row["psc_capex"] + row["psc_running"] - row["psc_revenue"] + row["neutrality"] + risk)
    assert near(made.vfm.psc / wan, psc) and near(made.vfm.ppp_value / wan, worth(four))
    assert near(made.vfm.amount / wan, psc - worth(four))
    assert near(made.vfm.amount_without_transferred_risk / wan, psc - worth(four) - worth(row["transferred_risk"]))

    cheap_and_dear = evaluate(bridge, {"comparator.capex": np.array([1.0, 1e6])})
    assert list(passes(cheap_and_dear)["value_for_money"]) == [False, True]
    small_and_large = evaluate(bridge, {"operation.opex.start": np.array([50.0, 5_000.0])})
    assert list(np.broadcast_to(passes(small_and_large)["affordability"], 2)) == [True, False]
    assert list(caps(evaluate(bridge, {"users.payments.start": np.array([60.0, 5.0])}))) == [0.10, 0.05]


def every_statement(bridge):
    with np.errstate(all="ignore"):
        statements_on_time_and_money()
        statements_on_funding()
        statements_on_debt()
        statements_on_tax()
        statements_on_payments()
        statements_on_risk_and_performance()
        statements_on_affordability()
        statements_on_the_company_and_the_government(bridge)


# --- the mistakes, one at a time ---


class Mistaken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another text."""

    def __init__(self, name: str, text: str):
        self.name, self.text = name, text

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module):
        exec(compile(self.text, self.name, "exec"), module.__dict__)


@contextmanager
def imported_anew(finder=None):
    """The model's modules imported again, with the finder asked first; what was imported before comes back
    afterwards."""
    before = {name: module for name, module in sys.modules.items() if name.split(".")[:1] == ["ppp"]}
    parts = {part: getattr(ppp, part) for part in REIMPORTED}
    for name in before:
        if name.split(".")[1:2] and name.split(".")[1] in REIMPORTED:
            del sys.modules[name]
    if finder is not None:
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder is not None:
            sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.split(".")[:1] == ["ppp"] and name not in before]:
            del sys.modules[name]
        sys.modules.update(before)
        for part, module in parts.items():
            setattr(ppp, part, module)


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    """A project in which every term of every formula is there."""
    folder = tmp_path_factory.mktemp("signs")
    (folder / "district.yaml").write_text(DISTRICT, encoding="utf-8")
    (folder / "bridge.yaml").write_text(BRIDGE, encoding="utf-8")
    return ppp.load(folder / "bridge.yaml")


BRIDGE = """
kind: project
id: bridge
name: Bridge
status: draft
sector: road
regime: cn-2015
appraised: 2021-01-01
district: district.yaml
currency: CNY
unit: wan
price_basis: nominal
timeline: {financial_close: 2022-01-01, construction: 2 years, operation: 10 years}
construction: {capex: 1000, spending: [40%, 60%]}
operation: {opex: 50, lifecycle: [0, 30, 0, 0, 0, 0, 0, 0, 0, 0], other_revenue: 5, disposal: 40}
users: {payments: 60}
payment: {kind: viability_gap, profit_rate: 6%, rate: 5%}
funding:
  government_share: 20%
  grant: 100
  close_costs: 15
  debt:
    rate: 5%
    tenor: 8 years
    repayment: sculpted
    dscr: 1.05
    max_gearing: 70%
    upfront_fee: 1%
    commitment_fee: 0.5%
tax: {rate: 25%, loss_years: 5 years}
discounting: {rate: 5%}
conventions: {subsidy_deducts_government_equity: true}
comparator:
  capex: 1100
  opex: 60
  lifecycle: [0, 25, 0, 0, 0, 0, 0, 0, 0, 0]
  disposal: 70
  competitive_neutrality: {land: {name: Land, phase: construction, amount: 50}}
risks:
  overrun: {name: Overrun, category: construction, phase: construction, ratio: 10%, transferred: 80%}
  upkeep: {name: Upkeep, category: operation, phase: operation, ratio: 5%, transferred: 40%}
support: {land: {name: Land, phase: construction, cost: 100, paid: 30}}
"""
DISTRICT = """
kind: district
id: county
name: County
status: draft
currency: CNY
unit: wan
budget: [{year: 2019, expenditure: 10000}, {year: 2020, expenditure: 11000}, {year: 2021, expenditure: 12100}]
"""


def test_the_statements_hold_in_the_model_as_it_is(bridge):
    with imported_anew():
        every_statement(bridge)


@pytest.mark.parametrize("module, right, wrong", MUTATIONS, ids=[f"{m[0]}: {m[2].strip()}" for m in MUTATIONS])
def test_a_wrong_sign_is_noticed(bridge, module, right, wrong):
    text = (ROOT / "ppp" / module).read_text(encoding="utf-8")
    assert text.count(right) == 1, "the formula has changed: write it here as it is now"
    name = "ppp." + module.removesuffix(".py").replace("/", ".")
    with imported_anew(Mistaken(name, text.replace(right, wrong))), pytest.raises(AssertionError):
        every_statement(bridge)


def test_the_list_covers_every_part_of_the_model():
    assert len(MUTATIONS) >= 40
    assert len(set(MUTATIONS)) == len(MUTATIONS)
    counted = {module for module, _, _ in MUTATIONS}
    parts = {f"model/{path.name}" for path in (ROOT / "ppp" / "model").glob("*.py")} - {
        "model/__init__.py",
        "model/inputs.py",
        "model/timeline.py",
    }
    assert parts <= counted
