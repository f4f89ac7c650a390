"""A flipped sign anywhere in the financial formulas is noticed.

Each entry of MUTATIONS replaces one piece of source, found exactly once, by the same with a wrong sign. The
modules of the model are then imported anew with that mistake, and the statements below must contradict it.
"""

import datetime as dt
import importlib
import importlib.abc
import importlib.util
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import pytest

import ppp
import ppp.appraisal.appraise
import ppp.appraisal.criteria
import ppp.contract.performance
import ppp.model.liability

ROOT = Path(__file__).resolve().parents[1]
REIMPORTED = ("model", "appraisal", "arrays", "contract")

MUTATIONS = [
    # where, as it is, with a wrong sign
    # --- time ---
    ("model/timeline.py", "self.construction + self.period, end", "self.construction - self.period, end"),
    ("model/timeline.py", "- self.construction <= months", "+ self.construction <= months"),
    ("model/timeline.py", "months - 12 * np.arange", "months + 12 * np.arange"),
    ("model/timeline.py", "self.close.month - 1 + int(months)", "self.close.month - 1 - int(months)"),
    ("model/timeline.py", "self.date(months) - dt.timedelta", "self.date(months) + dt.timedelta"),
    ("model/timeline.py", "begin + min(12 * (k + 1), months)", "begin - min(12 * (k + 1), months)"),
    ("model/timeline.py", "self.date(end) - dt.timedelta", "self.date(end) + dt.timedelta"),
    ("model/timeline.py", "[rows][:, None] - begin", "[rows][:, None] + begin"),
    ("model/timeline.py", "low = high - self.months", "low = high + self.months"),
    ("model/timeline.py", "np.minimum(high, year + 12) - np", "np.minimum(high, year + 12) + np"),
    # --- funding ---
    ("model/funding.py", "self.capex + self.vat - self.grant", "self.capex - self.vat - self.grant"),
    ("model/funding.py", "self.capex + self.vat - self.grant", "self.capex + self.vat + self.grant"),
    ("model/funding.py", "self.interest, self.fees, self.reserves", "self.interest, -self.fees, self.reserves"),
    ("model/funding.py", "self.interest, self.fees, self.reserves", "self.interest, self.fees, -self.reserves"),
    ("model/funding.py", "(self.uses - self.grant)", "(self.uses + self.grant)"),
    ("model/funding.py", "self.plain + fees + reserves", "self.plain - fees + reserves"),
    ("model/funding.py", "self.plain + fees + reserves", "self.plain + fees - reserves"),
    ("model/funding.py", "inputs.close_costs + added(", "inputs.close_costs - added("),
    ("model/funding.py", "plain[t, c] + bridge_rates[t, c] * bridge", "plain[t, c] - bridge_rates[t, c] * bridge"),
    ("model/funding.py", "fixed += rates", "fixed -= rates"),
    ("model/funding.py", "* balances[k] + commitment", "* balances[k] - commitment"),
    ("model/funding.py", "* (sizes[k, c] - balances[k])", "* (sizes[k, c] + balances[k])"),
    ("model/funding.py", "(rates[k, t, c] - commitment[k, t, c])", "(rates[k, t, c] + commitment[k, t, c])"),
    ("model/funding.py", "own = need[c] - debt", "own = need[c] + debt"),
    ("model/funding.py", "1.0 - loans * per_own", "1.0 + loans * per_own"),
    ("model/funding.py", "gearing * debt_slope - (1.0", "gearing * debt_slope + (1.0"),
    ("model/funding.py", "gearing * paid, (1.0 - gearing)", "gearing * paid, (1.0 + gearing)"),
    ("model/funding.py", "fixed / (1.0 - own_slope)", "fixed / (1.0 + own_slope)"),
    ("model/funding.py", "fixed / (1.0 - debt_slope)", "fixed / (1.0 + debt_slope)"),
    ("model/funding.py", "(fixed - (1.0 - own_slope) * from_own)", "(fixed + (1.0 - own_slope) * from_own)"),
    ("model/funding.py", "(fixed - (1.0 - debt_slope) * from_debt)", "(fixed + (1.0 - debt_slope) * from_debt)"),
    ("model/funding.py", "from_own) / (1.0 - debt_slope)", "from_own) / (1.0 + debt_slope)"),
    ("model/funding.py", "from_debt) / (1.0 - own_slope)", "from_debt) / (1.0 + own_slope)"),
    ("model/funding.py", "debt_left -= from_debt", "debt_left += from_debt"),
    ("model/funding.py", "own_left -= from_own", "own_left += from_own"),
    ("model/funding.py", "(balances[k] + early * draw)", "(balances[k] - early * draw)"),
    ("model/funding.py", "- balances[k] - early * draw)", "- balances[k] + early * draw)"),
    ("model/funding.py", "balances[k] += draw", "balances[k] -= draw"),
    ("model/funding.py", "(bridge + early * paid_in)", "(bridge - early * paid_in)"),
    ("model/funding.py", "bridge += paid_in", "bridge -= paid_in"),
    # --- debt ---
    ("model/debt.py", "self.interest + self.principal", "self.interest - self.principal"),
    ("model/debt.py", "out[t, c] - prior[t, c]", "out[t, c] + prior[t, c]"),
    ("model/debt.py", "service - interest[t, c]", "service + interest[t, c]"),
    ("model/debt.py", "paid[c] += service", "paid[c] -= service"),
    ("model/debt.py", "(amount[c] - paid[c])", "(amount[c] + paid[c])"),
    ("model/debt.py", "repaid[c] += principal", "repaid[c] -= principal"),
    ("model/debt.py", "left - share if", "left + share if"),
    (
        "model/debt.py",
        "1.0 - np.cumsum(self.principal_shares, axis=0) +",
        "1.0 + np.cumsum(self.principal_shares, axis=0) +",
    ),
    ("model/debt.py", "axis=0) + self.principal_shares", "axis=0) - self.principal_shares"),
    ("model/debt.py", "self.principal_shares + self.rates", "self.principal_shares - self.rates"),
    ("model/debt.py", "need - earlier}", "need + earlier}"),
    ("model/debt.py", "terms.llcr - earlier", "terms.llcr + earlier"),
    ("model/debt.py", "(limit <= at)", "(limit >= at)"),
    ("model/debt.py", "(longer > at)", "(longer < at)"),
    ("model/debt.py", "reduce(np.minimum, limits", "reduce(np.maximum, limits"),
    # --- tax ---
    ("model/tax.py", "0.0 if earned[j] > 0.0 else -earned[j]", "0.0 if earned[j] > 0.0 else +earned[j]"),
    ("model/tax.py", "pools[k, j] -= take", "pools[k, j] += take"),
    ("model/tax.py", "left -= take", "left += take"),
    ("model/tax.py", "= taxed[j] - left", "= taxed[j] + left"),
    ("model/tax.py", "taxed[j] -= taken", "taxed[j] += taken"),
    ("model/tax.py", "(years - k) /", "(years + k) /"),
    ("model/tax.py", "(1.0 - 2.0 / years) ** k", "(1.0 + 2.0 / years) ** k"),
    ("model/tax.py", "np.append(shares, 0.0) + np", "np.append(shares, 0.0) - np"),
    # --- payments ---
    ("model/payments.py", "years) + pass_through", "years) - pass_through"),
    ("model/payments.py", "paid - shared", "paid + shared"),
    ("model/payments.py", "np.maximum(minimum - revenue", "np.maximum(minimum + revenue"),
    ("model/payments.py", "(share - before)", "(share + before)"),
    ("model/payments.py", "np.maximum(revenue - above", "np.maximum(revenue + above"),
    ("model/payments.py", "** first_exponent\n", "** -first_exponent\n"),
    ("model/payments.py", "(1.0 + np.atleast_1d(profit_rate)) * (1.0 +", "(1.0 - np.atleast_1d(profit_rate)) * (1.0 +"),
    ("model/payments.py", "(1.0 + np.atleast_1d(profit_rate)) / level", "(1.0 - np.atleast_1d(profit_rate)) / level"),
    (
        "model/payments.py",
        "np.exp(-np.log1p(np.atleast_1d(rate)) * ends)",
        "np.exp(+np.log1p(np.atleast_1d(rate)) * ends)",
    ),
    ("model/payments.py", "np.atleast_1d(equity) - returned_without", "np.atleast_1d(equity) + returned_without"),
    ("model/payments.py", "lengths) + np.asarray(returned", "lengths) - np.asarray(returned"),
    ("model/payments.py", "np.asarray(required, dtype=float) - user", "np.asarray(required, dtype=float) + user"),
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
    ("model/payments.py", "inputs.user_payments + inputs.other_revenue", "inputs.user_payments - inputs.other_revenue"),
    # --- working capital, value-added tax, reserves ---
    ("model/working_capital.py", 'lines["opex"] + lines["lifecycle"]', 'lines["opex"] - lines["lifecycle"]'),
    ("model/working_capital.py", 'lines["user_payments"] + lines["other', 'lines["user_payments"] - lines["other'),
    ("model/working_capital.py", "collected + terms", "collected - terms"),
    ("model/working_capital.py", "taxed[0] - land", "taxed[0] + land"),
    ("model/working_capital.py", "paid - collected", "paid + collected"),
    ("model/working_capital.py", "pool + row", "pool - row"),
    ("model/working_capital.py", "credit - np.concatenate", "credit + np.concatenate"),
    ("model/reserves.py", "boundaries[None, :] - boundaries", "boundaries[None, :] + boundaries"),
    ("model/reserves.py", "1.0 - away / max", "1.0 + away / max"),
    ("model/reserves.py", "start, months = ends - timeline", "start, months = ends + timeline"),
    ("model/reserves.py", "ends[:, None] + cover", "ends[:, None] - cover"),
    ("model/reserves.py", ") - start[None, :]", ") + start[None, :]"),
    # --- the circle ---
    ("model/circle.py", "[rows] + self.disposal - lines", "[rows] - self.disposal - lines"),
    ("model/circle.py", "[rows] + self.disposal - lines", "[rows] + self.disposal + lines"),
    ("model/circle.py", '["maintenance_reserve"] + lines["working', '["maintenance_reserve"] - lines["working'),
    ("model/circle.py", "completion] + inputs.opening_cash", "completion] - inputs.opening_cash"),
    ("model/circle.py", "self.filled + opening)", "self.filled - opening)"),
    ("model/circle.py", "self.cash_before_tax - tax if", "self.cash_before_tax + tax if"),
    ("model/circle.py", "self.cash_before_tax - tax,", "self.cash_before_tax + tax,"),
    ("model/circle.py", "self._profit([], funded) - tax,", "self._profit([], funded) + tax,"),
    ("model/circle.py", "prior_service + schedules", "prior_service - schedules"),
    ("model/circle.py", "before[t, c] - interest[t, c] - shares", "before[t, c] + interest[t, c] - shares"),
    ("model/circle.py", "- shares[t] * cost[c]", "+ shares[t] * cost[c]"),
    ("model/circle.py", "earlier = earlier + schedules", "earlier = earlier - schedules"),
    ("model/circle.py", "self.before_interest - even_over", "self.before_interest + even_over"),
    ("model/circle.py", "self._cost(funded) + even_over", "self._cost(funded) - even_over"),
    ("model/circle.py", "funded.fees - funded.grant", "funded.fees + funded.grant"),
    ("model/circle.py", "axis=0) - self.land", "axis=0) + self.land"),
    ("model/circle.py", 'lines["receivables"] - lines["payables"]', 'lines["receivables"] + lines["payables"]'),
    ("model/circle.py", '["ebitda"] - added([moved', '["ebitda"] + added([moved'),
    ("model/circle.py", "added([moved, prepaid", "added([moved, -prepaid"),
    ("model/circle.py", 'prepaid, lines["vat"]', 'prepaid, -lines["vat"]'),
    # --- the waterfall ---
    ("model/cash.py", "[self.dividends, self.capital_returned]", "[self.dividends, -self.capital_returned]"),
    ("model/cash.py", "kept + cfads[t] + disposal[t] - service", "kept - cfads[t] + disposal[t] - service"),
    ("model/cash.py", "kept + cfads[t] + disposal[t] - service", "kept + cfads[t] - disposal[t] - service"),
    ("model/cash.py", "kept + cfads[t] + disposal[t] - service", "kept + cfads[t] + disposal[t] + service"),
    ("model/cash.py", "left - self._serve(t, self.shareholders", "left + self._serve(t, self.shareholders"),
    ("model/cash.py", "np.minimum(left, left - kept)", "np.minimum(left, left + kept)"),
    ("model/cash.py", "profit - sum(", "profit + sum("),
    ("model/cash.py", "balance), -interest)", "balance), +interest)"),
    ("model/cash.py", "balance - principal", "balance + principal"),
    ("model/cash.py", "total + interest + principal", "total + interest - principal"),
    ("model/cash.py", "cash + self.reserve", "cash - self.reserve"),
    ("model/cash.py", "available - self.reserve", "available + self.reserve"),
    ("model/cash.py", "self.balances[k] - taken", "self.balances[k] + taken"),
    ("model/cash.py", "left = left - taken", "left = left + taken"),
    ("model/cash.py", "left + (self.free if last", "left - (self.free if last"),
    ("model/cash.py", "returned = payable - dividends", "returned = payable + dividends"),
    ("model/cash.py", "self.retained - dividends, self", "self.retained + dividends, self"),
    ("model/cash.py", "self.capital - returned", "self.capital + returned"),
    ("model/cash.py", "left - dividends - returned", "left + dividends - returned"),
    ("model/cash.py", "left - dividends - returned", "left - dividends + returned"),
    ("model/cash.py", "self.retained + net_profit), 0.0)", "self.retained - net_profit), 0.0)"),
    ("model/cash.py", "self.equity - self.statutory", "self.equity + self.statutory"),
    ("model/cash.py", "self.statutory + transfer", "self.statutory - transfer"),
    ("model/cash.py", "self.retained + net_profit - transfer", "self.retained - net_profit - transfer"),
    ("model/cash.py", "self.retained + net_profit - transfer", "self.retained + net_profit + transfer"),
    ("model/cash.py", "left - self.rules.minimum_cash", "left + self.rules.minimum_cash"),
    ("model/cash.py", "(cfads < self.rules.lock_up", "(cfads > self.rules.lock_up"),
    # --- statements of the company ---
    ("model/company.py", 'lines["revenue"] = added(', 'lines["revenue"] = -added('),
    ("model/company.py", '["revenue"] - added(', '["revenue"] + added('),
    ("model/company.py", '[lines["opex"], lines["lifecycle"]]', '[lines["opex"], -lines["lifecycle"]]'),
    ("model/company.py", "from_users + outstanding", "from_users - outstanding"),
    ("model/company.py", 'found["receivables"] - found["payables"]', 'found["receivables"] + found["payables"]'),
    ("model/company.py", 'lines["interest"] + lines["principal"]', 'lines["interest"] - lines["principal"]'),
    ("model/company.py", 'out["profit_before_tax"] - out["tax"]', 'out["profit_before_tax"] + out["tax"]'),
    ("model/company.py", 'out["distributions"] - lines["equity"]', 'out["distributions"] + lines["equity"]'),
    ("model/company.py", ') - lines["grant"]', ') + lines["grant"]'),
    ("model/company.py", 'capitalised - out["depreciation"]', 'capitalised + out["depreciation"]'),
    ("model/company.py", 'out["net_profit"] - out["distributions"]', 'out["net_profit"] + out["distributions"]'),
    ("model/company.py", "cash_before_tax(lines)[rows] - financed", "cash_before_tax(lines)[rows] + financed"),
    # --- covers and payback ---
    ("model/compiled.py", "out[t - 1, case] + values", "out[t - 1, case] - values"),
    ("model/distributions.py", "low + np.sqrt(at *", "low - np.sqrt(at *"),
    ("model/distributions.py", "high - np.sqrt((1.0 - at)", "high + np.sqrt((1.0 - at)"),
    ("model/distributions.py", "d.low + at * (d.high - d.low)", "d.low - at * (d.high - d.low)"),
    ("model/distributions.py", "5.0 - 4.0 * peak", "5.0 + 4.0 * peak"),
    ("model/distributions.py", "np.log(d.mean) - variance", "np.log(d.mean) + variance"),
    ("model/distributions.py", "d.mean + d.sd * standard", "d.mean - d.sd * standard"),
    ("model/sampling.py", "2.0 * np.sin(np.pi", "-2.0 * np.sin(np.pi"),
    ("model/sampling.py", "correlation[j, j] - lower[j, :j]", "correlation[j, j] + lower[j, :j]"),
    ("model/covers.py", "flows * discount_factors(rate, times)", "flows / discount_factors(rate, times)"),
    ("model/covers.py", "due = service > 1e-12", "due = service < 1e-12"),
    ("model/covers.py", "np.divide(-total[", "np.divide(+total["),
    ("model/covers.py", "total[after, cases] - total[before, cases]", "total[after, cases] + total[before, cases]"),
    ("model/covers.py", "times[before] + part", "times[before] - part"),
    # --- discounting ---
    ("model/discounting.py", "np.exp(-running_sum(", "np.exp(+running_sum("),
    ("model/discounting.py", "np.exp(-np.log1p(", "np.exp(+np.log1p("),
    ("model/discounting.py", "* (times - base - shift))", "* (times + base - shift))"),
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
    ("model/irr.py", "root[0], at_low > 0.0", "root[0], at_low < 0.0"),
    ("model/irr.py", "(between - times[t])", "(between + times[t])"),
    ("model/zeros.py", "np.flatnonzero(sign[:-1] * sign[1:] < 0)", "np.flatnonzero(sign[:-1] * sign[1:] > 0)"),
    ("model/zeros.py", "x = a + t * (b - a)", "x = a - t * (b - a)"),
    ("model/liability.py", "payment - interest[t]", "payment + interest[t]"),
    ("model/liability.py", "(1.0 + rate) + payment", "(1.0 - rate) + payment"),
    ("appraisal/returns.py", '["disposal"], inputs.grant]', '["disposal"], -inputs.grant]'),
    ("appraisal/returns.py", "received - added([inputs.capex", "received + added([inputs.capex"),
    ("appraisal/returns.py", "inputs.capex, at_close * inputs", "inputs.capex, -1 * at_close * inputs"),
    # --- value for money ---
    ("appraisal/value_for_money.py", '"psc_revenue": -1', '"psc_revenue": +1'),
    ("appraisal/value_for_money.py", '"neutrality": 1', '"neutrality": -1'),
    ("appraisal/value_for_money.py", '"transferred_risk": 1', '"transferred_risk": -1'),
    ("appraisal/value_for_money.py", '"government_equity": 1', '"government_equity": -1'),
    ("appraisal/value_for_money.py", '"operating_subsidy": 1', '"operating_subsidy": -1'),
    ("appraisal/value_for_money.py", '"supporting_input": 1', '"supporting_input": -1'),
    ("appraisal/value_for_money.py", "return self.psc - self.ppp_value", "return self.ppp_value - self.psc"),
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
    ("appraisal/government.py", "added([lines[key] for key in RESPON", "added([-lines[key] for key in RESPON"),
    ("appraisal/government.py", "revenue[-1] + prices.at_row", "revenue[-1] - prices.at_row"),
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
    ("contract/performance.py", "construction_fee * (1.0 - linked)", "construction_fee * (1.0 + linked)"),
    ("contract/performance.py", "at_construction + operation_share", "at_construction - operation_share"),
    (
        "contract/performance.py",
        "(om_fee + construction_fee * linked)",
        "(om_fee - construction_fee * linked)",
    ),
    ("contract/performance.py", "base[chosen] + slope[chosen]", "base[chosen] - slope[chosen]"),
]


# --- statements about finance, of which every mistake above contradicts one ---


def near(value, expected, rel=1e-9):
    return np.allclose(np.asarray(value, dtype=float), expected, rtol=rel, atol=1e-9)


def statements_on_time_and_money():
    from ppp.model.discounting import annuity_factor, discount_factors, mean_return_of_markup
    from ppp.model.irr import irr
    from ppp.model.liability import liability_schedule, residual_schedule
    from ppp.model.operations import growing, inflation_index, nominal_rate, partly_indexed
    from ppp.model.zeros import all_zeros

    years = np.arange(3)
    assert near(discount_factors(0.10, years)[2], 1 / 1.21)
    assert near(discount_factors(0.10, years, base=2)[0], 1.21)
    assert near(discount_factors(0.10, years, "start")[2], 1 / 1.10)
    assert near(annuity_factor(0.10, 2), 1 / 1.10 + 1 / 1.21)
    assert near(mean_return_of_markup(0.06, 0.05, 1)[:, 0], [-1, 1.06 * 1.05])
    assert near(irr([-50, -100, 600, 300, -100]).value, 1.8544178284)
    assert near(irr([-100, 230, -132]).roots_of(0), [0.10, 0.20])
    assert near(irr([-100, 121], [0.0, 2.0]).value, 0.10) and near(irr([-121, 100], [0.0, 2.0]).value, 1 / 1.1 - 1)
    crossed = all_zeros(lambda _, x: (x - 1) * (x - 2), [np.array([0.0, 1.4, 3.0])])[0].zeros
    assert len(crossed) == 2 and near(crossed, [1, 2])
    assert near(growing(100, 0.10, 2)[:, 0], [100, 110])
    assert near(inflation_index(0.02, 2024, np.array([2026]))[0], 1.02**2)
    assert near(nominal_rate(0.03, 0.02), 1.03 * 1.02 - 1)
    assert near(partly_indexed(np.full((2, 1), 100.0), 0.3, 0.1, 2)[:, 0], [100, 103])
    liability = liability_schedule(1_000, 80, 0.05, 1)
    assert near([liability["principal"][0], liability["closing"][0]], [80 - 50, 970])
    assert near(residual_schedule(100, 0.05, 3), [0, 100, 205])


def statements_on_the_timeline():
    """18 months of building from July 2024, then 30 of operation."""
    from ppp.model.timeline import Timeline

    from_close = Timeline(dt.date(2024, 7, 1), 18, 30)
    by_calendar = Timeline(dt.date(2024, 7, 1), 18, 30, 12, True)
    assert list(from_close.boundaries) == [0, 12, 18, 30, 42, 48]
    assert list(by_calendar.boundaries) == [0, 6, 18, 30, 42, 48]
    assert list(from_close.budget_years) == [2024, 2025, 2025, 2026, 2027, 2028]
    assert from_close.operating_rows_within(24) == 2
    assert near(from_close.year_lengths("operation"), [1, 1, 0.5])
    assert list(from_close.years_of_phase("operation")) == [2026, 2027, 2028]
    assert list(Timeline(dt.date(2024, 1, 1), 12, 12).years_of_phase("operation")) == [2025]
    monthly = Timeline(dt.date(2024, 7, 1), 18, 30, 3)
    assert near(monthly.spread("operating", np.array([[120.0], [240.0], [60.0]])).sum(), 120 + 240 + 30)
    assert near(by_calendar.spread("building", np.array([[120.0], [60.0]]))[:, 0], [0, 60, 120, 0, 0, 0])
    shifted = Timeline(dt.date(2024, 4, 1), 12, 24, 12, True)
    assert near(shifted.by_row(np.array([[100.0], [200.0]]))[:, 0], [75, 25 + 150, 50])


def three_tranches(**changes):
    """A lender, another behind it, and a shareholder loan; building over three half-years from close."""
    from companies import company, terms, vat_terms

    debt = [
        terms(
            rate=0.06, tenor=4, max_gearing=0.5, upfront_fee=0.01, commitment_fee=0.005, repayment="annuity", dscr=None
        ),
        terms(
            name="b",
            rank="subordinated",
            rate=0.08,
            tenor=3,
            max_gearing=0.6,
            commitment_fee=0.01,
            repayment="annuity",
            dscr=None,
        ),
        terms(name="c", rank="shareholder", rate=0.1, tenor=5, max_gearing=0.8, repayment="bullet", dscr=None),
    ]
    given = dict(
        debt=debt,
        draw="start",
        close_costs=20.0,
        opening_cash=30.0,
        vat=vat_terms(revenue=0.09, capex=0.1, costs=0.05),
        user_payments=[700.0] * 5,
        opex=[150.0] * 5,
        tax=None,
    )
    made = company(1.5, 5, "half_year", **(given | changes))
    return replace(made, grant=made.capex * 0.1)


def assert_funded(inputs):
    """Every row of construction by the equations of a draw, for sizes that the circle has found."""
    from companies import funded

    made = funded(inputs)
    rates = [tranche.rates for tranche in inputs.tranches]
    half = [tranche.commitment_fee * 0.5 for tranche in inputs.tranches]
    sizes = [drawn.sum() for drawn in made.all_drawn]
    balances, bridge = [0.0] * 3, 0.0
    for t in range(made.uses.shape[0]):
        theta = {"start": 1.0, "middle": 0.5}[inputs.draw] if t else 0.0
        draws = [drawn[t, 0] for drawn in made.all_drawn]
        interest = sum(rate[t, 0] * (b + theta * d) for rate, b, d in zip(rates, balances, draws, strict=True))
        fees = [c[0] * (size - b - theta * d) for c, size, b, d in zip(half, sizes, balances, draws, strict=True)]
        at_close = 20 + 0.01 * sizes[0] if t == 0 else 0.0
        if inputs.bridge_rates is not None:
            drawn_bridge = made.bridge[t, 0] - bridge if t < made.uses.shape[0] - 1 else made.equity[t, 0] - bridge
            interest += inputs.bridge_rates[t, 0] * (bridge + theta * drawn_bridge)
            bridge = bridge + drawn_bridge
        else:
            drawn_bridge = made.equity[t, 0]
        assert near(made.interest[t, 0], interest)
        assert near(made.fees[t, 0], at_close + (sum(fees) if t else 0.0))
        assert near(made.reserves[t, 0], 30.0 if t == made.uses.shape[0] - 1 else 0.0)
        uses = made.capex[t, 0] + made.vat[t, 0] + interest + made.fees[t, 0] + made.reserves[t, 0]
        assert near(made.uses[t, 0], uses)
        assert near(uses, made.grant[t, 0] + drawn_bridge + sum(draws))
        balances = [b + d for b, d in zip(balances, draws, strict=True)]
    need = made.uses.sum() - made.grant.sum()
    assert near(np.cumsum(sizes), [0.5 * need, 0.6 * need, 0.8 * need], rel=1e-8)
    assert near(made.residual, 0.0)
    return made, need


def statements_on_funding():
    from companies import period_rates

    made, need = assert_funded(three_tranches())
    assert near(made.drawn / (made.uses - made.grant), 0.5)
    assert near(made.all_drawn[2] / (made.uses - made.grant), 0.2) and near(made.vat.sum(), 100)
    first, _ = assert_funded(three_tranches(order="debt_first"))
    lent = first.drawn + first.all_drawn[1]
    assert near(lent[:2], (first.uses - first.grant)[:2]) and lent[2] < (first.uses - first.grant)[2]
    last, _ = assert_funded(three_tranches(order="equity_first"))
    assert near((last.drawn + last.all_drawn[1])[:2] / need, 0.0) and near(
        last.all_drawn[2], 0.5 * (last.equity + last.all_drawn[2])
    )
    inputs = three_tranches()
    bridged, need = assert_funded(replace(inputs, bridge_rates=period_rates(inputs.timeline, 0.05)))
    assert near(bridged.equity[:, 0], [0, 0, 0, 0.2 * need], rel=1e-8)
    assert near(bridged.bridge[-1], 0.0) and bridged.bridge[1] > 0


def statements_on_debt():
    from companies import tranche, years

    from ppp.model.covers import dscr, life_cover, payback
    from ppp.model.debt import LIMITS, Lender

    cash, line = np.array([[100.0], [120.0], [90.0]]), years(0, 3)

    def lender(**terms):
        return Lender(tranche(line, tenor=3, **terms), line)

    sculpted = lender(dscr=1.25)
    assert near(sculpted.affordable(cash, np.full((3, 1), 30.0))[:, 0], [80 - 30, 96 - 30, 72 - 30])
    due = sculpted.affordable(cash, np.zeros(1))
    assert near(sculpted.loan.capacity(due), (100 / 1.06 + 120 / 1.06**2 + 90 / 1.06**3) / 1.25)
    for kind in ("sculpted", "annuity", "equal_principal", "bullet"):
        schedule = lender(repayment=kind).loan.schedule(np.array([200.0]), due)
        assert near(schedule.closing[-1], 0.0)
        assert near(schedule.interest[0], 12)
        assert near(schedule.service.sum(), 200 + schedule.interest.sum())
    equal = lender(repayment="equal_principal").loan
    assert near(equal.schedule(np.array([300.0]), due).service[:, 0], [118, 112, 106])
    assert near(equal.capacity(np.array([[118.0], [500.0], [500.0]])), 300)
    assert near(equal.capacity(np.array([[500.0], [500.0], [106.0]])), 300)
    limited = lender(dscr=1.25, llcr=np.array([1.1]), max_gearing=0.7, amount=np.array([400.0]))
    offer = cash, due, np.array([1_000.0]), np.array([50.0])
    worth = (100 / 1.06 + 120 / 1.06**2 + 90 / 1.06**3) / 1.1
    found = limited.limits(limited.loan, *offer)
    assert near([found["gearing"], found["llcr"]], [[700 - 50], [worth - 50]])
    assert near(limited.size(*offer), worth - 50) and LIMITS[limited.binding(*offer)[0]] == "llcr"
    cut = lender(dscr=1.25, tail=1.0)
    assert LIMITS[cut.binding(*offer)[0]] == "tail" and near(cut.size(*offer), (100 / 1.06 + 120 / 1.06**2) / 1.25)
    assert near(dscr(cash[:1], [[80.0]]), 1.25) and np.isnan(dscr(cash[:1], [[0.0]])[0, 0])
    assert near(life_cover(cash, np.array([200.0]), 1.06 ** -np.arange(1.0, 4.0)[:, None]), worth * 1.1 / 200)
    times = np.array([0.0, 1.0, 2.0])
    assert near(payback(np.array([[-100.0], [66.0], [96.8]]), times, 0.10), 1.5)


def statements_on_tax():
    from ppp.model.tax import depreciation_shares, income_tax

    tax, used = income_tax(np.array([[-100.0], [-50.0], [120.0], [10.0], [40.0], [30.0]]), 0.25, "carry_forward", None)
    assert near(used[:, 0], [0, 0, 120, 10, 20, 0])
    assert near(tax[:, 0], [0, 0, 0, 0, 5, 7.5])
    assert near(depreciation_shares(4, "sum_of_digits"), [0.4, 0.3, 0.2, 0.1])
    assert near(depreciation_shares(4, "declining_balance"), [0.5, 0.25, 0.125, 0.125])
    assert near(depreciation_shares(2, "straight_line", "half"), [0.25, 0.5, 0.25])


def statements_on_balances():
    from companies import column, vat_terms, years

    from ppp.model.reserves import maintenance_target, share_of_coming_service
    from ppp.model.working_capital import value_added_tax

    line = years(1, 3)
    saved = maintenance_target(column([0, 0, 30, 0, 60]), 24, line)
    assert near(saved[:, 0], [0, 15, 0 + 0, 30, 0])
    assert near(share_of_coming_service(18, line)[1:, 2:], [[1, 0.5, 0], [0, 1, 0.5], [0, 0, 1], [0, 0, 0]])
    keys = ("capex", "opex", "lifecycle", "user_payments", "other_revenue", "government_payment")
    flows = [
        [50, 200, 0, 0, 0],
        [0, 0, 10, 10, 10],
        [0, 0, 4, 4, 4],
        [0, 0, 100, 100, 100],
        [0, 0, 20, 20, 20],
        [0, 0, 60, 60, 60],
    ]
    lines = {key: column(flow) for key, flow in zip(keys, flows, strict=True)}
    terms = vat_terms(revenue=0.1, government_payment=0.05, capex=0.1, costs=0.5)
    made = value_added_tax(lines, np.array([50.0]), terms, line)
    credit = [0, 20, 20 + 7 - 15, 12 - 8, 0]
    assert near(made["vat_credit"][:, 0], credit)
    assert near(made["vat"][:, 0], np.diff(credit, prepend=0))


def statements_on_the_waterfall():
    """A loan of 100 that is half swept, a shareholder loan of 40, three years; by hand."""
    from companies import column, rules, tranche, years

    from ppp.model.cash import Waterfall
    from ppp.model.debt import Loan

    line = years(0, 3)
    senior = tranche(line, 0.10, tenor=2, repayment="equal_principal", sweep=0.5)
    holders = tranche(line, 0.05, tenor=3, repayment="bullet", rank="shareholder")
    due = np.zeros((3, 1))
    schedules = [
        Loan(senior, line).schedule(np.array([100.0]), due),
        Loan(holders, line).schedule(np.array([40.0]), due),
    ]

    def run(given, loans=(senior, holders), profit=(42, -4.25, 22), equity=60.0):
        flows = column([100, 60, 70]), column([0, 0, 5]), column(profit), column([20, 20, 20])
        return Waterfall(loans, schedules, given).run(*flows, np.array([5.0]), np.array([equity]), np.array([10.0]))

    limits = rules(
        from_profit=True, return_of_capital=True, statutory_rate=0.1, statutory_limit=0.5, minimum_cash=3.0, lock_up=1.2
    )
    paid = run(limits)
    assert near(paid.interest[0][:, 0], [10, 3.75, 0]) and near(paid.principal[0][:, 0], [50, 37.5, 0])
    assert near(paid.prepayment[0][:, 0], [12.5, 0, 0]) and near(paid.closing[0][:, 0], [37.5, 0, 0])
    assert near(paid.reserve[:, 0], [20, 0, 0]) and near(paid.cash[:, 0], [3, 3, 0])
    assert near(paid.dividends[:, 0], [17.5, 0, 17.55]) and near(paid.distributions[:, 0], [17.5, 36.75, 36])
    assert near(paid.statutory_reserve[:, 0], [3, 3, 4.95])
    locked = run(replace(limits, lock_up=np.array([1.5])))
    assert near(locked.distributions[:, 0], [17.5, 0, 36 + 36.75])
    capped = run(replace(limits, statutory_limit=np.array([0.07])))
    assert near(capped.statutory_reserve[:, 0], [3, 3, 4.2])
    thin = run(limits, profit=(17, -4.25, 22), equity=40.0)
    assert near(thin.capital_returned[:2, 0], [17.5 - 4.5, 40 - 13])
    open_handed = run(None)
    assert near(open_handed.distributions[:, 0], [10.5, 60 + 20 - 3.75 - 37.5 - 2, 75 - 42 + 10])
    assert near(open_handed.cash[:, 0], [10, 10, 0])
    both = run(None, (replace(senior, sweep=np.array([1.0])), replace(holders, sweep=np.array([0.5]))))
    assert near(both.prepayment[0][:, 0], [25, 0, 0]) and near(both.prepayment[1][:, 0], [0, 25.25, 0])
    assert near(both.closing[1][:, 0], [40, 14.75, 0]) and near(both.distributions[:, 0], [-2, 25.25, 69.5125])
    shared = run(None, (senior, replace(holders, rank="subordinated", sweep=np.array([0.5]))))
    assert near(shared.prepayment[0][:2, 0], [11.5, 0]) and near(shared.prepayment[1][:2, 0], [5.75, 7.96875])
    # a lender whose scheduled principal is below what fell away of its interest is not made to pay out
    rising = Loan(replace(senior, repayment="sculpted"), line).schedule(np.array([100.0]), column([0, 200, 0]))
    swept = Waterfall((replace(senior, sweep=np.array([1.0])),), [rising], None)
    paid = swept.run(column([40, 5, 0]), *(column([0, 0, 0]),) * 3, np.zeros(1), np.array([60.0]), np.zeros(1))
    assert near(paid.principal[0][0], -10) and near(paid.prepayment[0][0], 40) and near(paid.principal[0][1], 70)


def statements_on_a_company_with_everything():
    """Two lenders and a shareholder loan, every reserve, working capital, land and value-added tax, in half-years."""
    from companies import column, company, days, rules, tax_terms, terms, vat_terms

    from ppp.model.company import evaluate_company
    from ppp.model.inputs import Availability, Reserves

    debt = [
        terms(tenor=4, max_gearing=0.9, upfront_fee=0.01, dscr=2.0),
        terms(name="b", rank="subordinated", tenor=4, max_gearing=0.9, dscr=1.6, after_tax=False),
        terms(name="c", rank="shareholder", rate=0.1, tenor=5, max_gearing=0.95, repayment="annuity", dscr=None),
    ]
    inputs = company(
        1,
        6,
        "half_year",
        debt=debt,
        payment=Availability(column([40] * 6), np.zeros(1), np.zeros(1), column([5] * 6)),
        user_payments=[420.0] * 6,
        other_revenue=[25.0] * 6,
        lifecycle=[0.0, 0.0, 30.0, 0.0, 0.0, 20.0],
        disposal=60.0,
        opening_cash=15.0,
        close_costs=10.0,
        land=100.0,
        reserves=Reserves(6, True, 12, True),
        working_capital=days(30.0, 90.0, 45.0, True),
        tax=tax_terms(depreciation_years=None),
        vat=vat_terms(revenue=0.01, government_payment=0.01, capex=0.09, costs=0.06),
        distributions=rules(from_profit=True, statutory_rate=0.1, statutory_limit=1.0),
    )
    at_close = np.arange(inputs.timeline.rows)[:, None] == 0
    inputs = replace(inputs, capex=inputs.capex + 100.0 * at_close)
    inputs = replace(inputs, grant=inputs.capex * 0.1)
    made = evaluate_company(inputs)
    row = {key: values[:, 0] for key, values in made.lines.items()}
    c, first, operating = 2, 3, slice(3, None)
    gain = lambda line: np.diff(line, prepend=0.0)  # noqa: E731
    assert near(row["receivables"][first], (420 + 25) * 30 / 365 + 45 * 90 / 365)
    assert near(row["payables"][first], 50 * 45 / 365)
    assert near(row["revenue"], row["user_payments"] + row["other_revenue"] + row["government_payment"])
    assert near(row["ebitda"], row["revenue"] - row["opex"] - row["lifecycle"])
    filled = row["receivables"][first] - row["payables"][first]
    reserves = row["maintenance_reserve"][c] + row["debt_service_reserve"][c] + filled + 15
    assert near(row["reserves_filled"][c], reserves) and row["maintenance_reserve"][6] > 0
    moved = gain(row["receivables"] - row["payables"]) + gain(row["maintenance_reserve"]) + row["vat"] + row["tax"]
    prepaid = np.where(np.arange(len(moved)) == first, filled, 0.0)
    assert near(row["cfads"][operating], (row["ebitda"] - moved + prepaid)[operating])
    uses = row["capex"] + row["interest_during_construction"] + row["fees"]
    assert near(row["uses"][: c + 1], (uses + row["vat"] + row["reserves_filled"])[: c + 1])
    assert near(row["depreciation"][operating], (uses - row["grant"]).sum() / 12) and row["vat_written_off"][-1] > 1
    interest = row["interest"] + row["shareholder_loan_interest"]
    before = row["ebitda"] + row["disposal"] - row["vat_written_off"] - row["depreciation"]
    assert near((row["profit_before_tax"] - before + interest)[operating], 0.0)
    assert near(row["net_profit"], row["profit_before_tax"] - row["tax"]) and row["net_profit"][operating].min() > 0
    yearly = lambda line: np.repeat((line[first::2] + line[first + 1 :: 2]) / 2, 2)  # noqa: E731
    assert near(row["tax"][operating], 0.25 * yearly(before - interest))
    assert near(row["tax_without_interest"][operating], 0.25 * yearly(before))
    senior, second, third = ({key: line[:, 0] for key, line in tranche.lines.items()} for tranche in made.tranches)
    repaid = slice(first, first + 8)
    service = senior["interest"] + senior["principal"]
    assert near(row["cfads"][repaid] / service[repaid], 2.0)
    service = service + second["interest"] + second["principal"]
    assert near((row["cfads"] + row["tax"])[repaid] / service[repaid], 1.6)
    assert [str(tranche.binding[0]) for tranche in made.tranches] == ["dscr", "dscr", "gearing"]
    drawn = row["debt_drawn"] + row["shareholder_loan_drawn"]
    assert near(row["debt_service"], service) and near(drawn.sum(), 0.95 * (row["uses"] - row["grant"]).sum(), rel=1e-8)
    assert near(row["debt_service_reserve"][c], service[first])
    put_aside = np.minimum(0.1 * np.cumsum(row["net_profit"][operating]), row["equity"].sum())
    assert near(row["statutory_reserve"][operating], put_aside)
    served = service + third["interest"] + third["principal"] + gain(row["debt_service_reserve"])
    left = row["cfads"] - prepaid + row["disposal"] - served - gain(row["cash"])
    assert near(row["distributions"][operating], left[operating]) and near(row["cash"][c], 15 + filled)
    assert near(row["equity_flow"], row["distributions"] - row["equity"])
    assets = row["fixed_assets"] + row["receivables"] + row["vat_credit"] + row["cash"]
    assets = assets + row["debt_service_reserve"] + row["maintenance_reserve"]
    owed = row["debt_closing"] + row["shareholder_loan_closing"] + row["payables"]
    assert near(assets, owed + row["shareholders_funds"]) and near(row["fixed_assets"][-1], 0.0)


def statements_on_payments():
    from companies import column, company

    from ppp.model.inputs import Availability, Guarantee
    from ppp.model.payments import (
        construction_subsidy,
        equity_annuity,
        government_payment,
        interest_during_construction,
        level_annuity,
        level_factor,
        viability_gap,
    )

    two = np.ones(2)
    assert near(construction_subsidy(1_000, 0.06, 0.05, np.ones(10))[:2, 0], [106 * 1.05, 106 * 1.05**2])
    assert near(level_annuity(1_000, 0.06, 0.10, two)[0], 1_060 / (1 / 1.1 + 1 / 1.21))
    assert near(equity_annuity(100, 20, 0.10, two)[0], 80 / (1 / 1.1 + 1 / 1.21) + 10)
    assert near(interest_during_construction([[100.0], [100.0]], 0.06, "middle", "compound"), 3 + 0.06 * 103 + 3)
    required, users = np.array([[100.0], [100.0], [100.0]]), np.array([[130.0], [80.0], [40.0]])
    assert near(viability_gap(required, users, "floor")[:, 0], [0, 20, 60])
    assert near(viability_gap(required, users, "share", 0.5)[:, 0], [-15, 20, 60])
    assert near(viability_gap(required, users, "carry_forward")[:, 0], [0, 0, 50])
    assert near(level_factor(0.10, [1.0, 0.5]), 1 / 1.1 + 0.5 / 1.1**1.5)
    bands = (column([100] * 2), np.array([0.3])), (column([150] * 2), np.array([0.5]))
    made = government_payment(company(1, 2, payment=Guarantee(column([120] * 2), bands), user_payments=[90.0, 180.0]))
    assert near(made["guarantee_payment"][:, 0], [30, 0])
    assert near(made["revenue_shared"][:, 0], [0, 0.3 * 80 + 0.2 * 30])
    assert near(made["government_payment"][:, 0], [30, -30])
    available = Availability(column([100] * 2), np.zeros(1), np.zeros(1), column([7] * 2))
    assert near(government_payment(company(1, 2, payment=available))["government_payment"], 107)


def statements_on_risk_and_performance():
    from ppp.appraisal.risk import guarantee_value, optimism_bias
    from ppp.contract.performance import Band, payment_share, performance_payment

    assert near(optimism_bias(100, 0.51, 0.92), 104.08)
    assert near(guarantee_value(100, 90, 0.20, 20, 0.05), 203.35, rel=1e-5)
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
    assert list(made.tranches[0].binding) == ["gearing"]
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
    assert near(sculpted.results["dscr_min"], 2.0) and list(sculpted.tranches[0].binding) == ["dscr"]

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


def statements_on_draws():
    from ppp.model.distributions import Distribution
    from ppp.model.sampling import copula_factor, joined, normal_correlation

    at = np.array([0.125, 0.5, 0.875])
    assert near(Distribution("triangular", low=10.0, likely=20.0, high=30.0).quantile(at), [15.0, 20.0, 25.0])
    assert near(Distribution("uniform", low=10.0, high=18.0).quantile(at), [11.0, 14.0, 17.0])
    assert near(Distribution("pert", low=10.0, likely=20.0, high=30.0).quantile(np.array([0.5])), 20.0)
    lognormal = Distribution("lognormal", mean=100.0, sd=100.0 * np.sqrt(np.e - 1.0))
    assert near(lognormal.quantile(np.array([0.5])), 100.0 / np.exp(0.5))
    assert near(Distribution("normal", mean=5.0, sd=2.0).quantile(np.array([0.8413447460685429])), 7.0)
    rank = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert near(normal_correlation(rank)[0, 1], 2.0 * np.sin(np.pi / 12.0))
    points = joined(np.array([[0.9, 0.5]]), copula_factor(normal_correlation(rank)))
    factor = copula_factor(normal_correlation(rank))
    assert near(factor @ factor.T, normal_correlation(rank))
    assert near(points[0, 0], 0.9) and points[0, 1] > 0.5


def every_statement(bridge):
    with np.errstate(all="ignore"):
        statements_on_time_and_money()
        statements_on_the_timeline()
        statements_on_funding()
        statements_on_debt()
        statements_on_tax()
        statements_on_balances()
        statements_on_the_waterfall()
        statements_on_a_company_with_everything()
        statements_on_payments()
        statements_on_risk_and_performance()
        statements_on_affordability()
        statements_on_draws()
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
    afterwards. Compiled loops run as ordinary Python meanwhile: a mistake made on purpose is in no file that could be compiled."""

    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("ppp", "companies")}
    parts = {part: getattr(ppp, part) for part in REIMPORTED}
    for name in before:
        if name == "companies" or (name.split(".")[1:2] and name.split(".")[1] in REIMPORTED):
            del sys.modules[name]
    if finder is not None:
        sys.meta_path.insert(0, finder)
    numba.config.DISABLE_JIT = True
    try:
        yield
    finally:
        numba.config.DISABLE_JIT = False
        if finder is not None:
            sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.split(".")[0] in ("ppp", "companies") and name not in before]:
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
    }
    assert parts <= counted
