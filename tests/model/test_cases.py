"""A company of many cases is its single cases, whichever of its inputs differs; and it is the same company in another currency."""

from dataclasses import replace

import companies
import numpy as np
import pytest

from ppp.model.company import Company, evaluate_company
from ppp.model.inputs import Inputs

MONEY = [
    *("capex", "land", "capex_by_year", "grant", "close_costs", "opening_cash"),
    *("opex", "lifecycle", "user_payments", "other_revenue", "disposal"),
]


def lent(**changes):
    return companies.terms(tenor=5, **changes)


LOAN = lent(name="loan", rank="shareholder", rate=0.1, dscr=None, amount=90.0, repayment="equal_principal")
SENIOR = dict(grace=1, upfront_fee=0.02, commitment_fee=0.005)
JUNIOR = lent(name="junior", rank="subordinated", rate=0.08, dscr=1.2, repayment="annuity", max_gearing=0.8, sweep=0.3)


def costs(period: str) -> dict:
    """Six years of operation after two of construction, with everything that costs money."""
    line = companies.years(2, 6, period)
    return dict(
        timeline=line,
        land=20.0,
        close_costs=5.0,
        opening_cash=6.0,
        user_payments=[330.0, 310.0, 350.0, 340.0, 360.0, 330.0],
        lifecycle=[0.0, 20.0, 0.0, 30.0, 0.0, 10.0],
        other_revenue=[4.0] * 6,
        grant=np.where(np.arange(line.rows) == 1, 50.0, 0.0)[:, None],
        disposal=12.0,
        tax=companies.tax_terms(depreciation_years=5, loss_years=3),
    )


def ruled() -> Inputs:
    """Rules of distribution, reserves, working capital and VAT; a junior loan swept, a shareholder loan swept too."""
    return companies.company(
        debt=[lent(dscr=1.6, **SENIOR), JUNIOR, lambda line: replace(LOAN(line), sweep=np.array([0.05]))],
        reserves=companies.Reserves(6, True, 24, False),
        working_capital=companies.days(30.0, 0.0, 20.0, True),
        vat=companies.vat_terms(0.06, 0.0, 0.09, 0.13, True),
        distributions=companies.rules(
            lock_up=1.25,
            from_profit=True,
            return_of_capital=True,
            statutory_rate=0.1,
            statutory_limit=0.1,
            minimum_cash=3.0,
        ),
        **costs("year"),
    )


def bridged() -> Inputs:
    """Half-years, no rules; equity before debt, its own part bridged."""
    made = companies.company(debt=[lent(max_gearing=0.4, **SENIOR), LOAN], order="equity_first", **costs("half_year"))
    return replace(made, bridge_rates=companies.period_rates(made.timeline, 0.05))


def lent_first() -> Inputs:
    """Debt before equity, a reserve filled from cash, a sweep and no rules."""
    return companies.company(
        debt=[lent(amount=400.0, **SENIOR), JUNIOR],
        order="debt_first",
        reserves=companies.Reserves(6, False, None, False),
        working_capital=companies.days(30.0, 0.0, 0.0, True),
        **costs("year"),
    )


COMPANIES = {"ruled": ruled, "bridged": bridged, "lent_first": lent_first}


def within(inputs: Inputs, path: str, change) -> Inputs:
    """The company with one input changed: "tax.rate", "tranches.0.sweep" ..."""
    name, _, rest = path.partition(".")
    at = getattr(inputs, name)
    if name == "tranches":
        number, _, key = rest.partition(".")
        terms = list(at)
        terms[int(number)] = replace(terms[int(number)], **{key: change(getattr(terms[int(number)], key))})
        return replace(inputs, tranches=tuple(terms))
    return replace(inputs, **{name: replace(at, **{rest: change(getattr(at, rest))}) if rest else change(at)})


def lines_of(company: Company) -> dict[str, np.ndarray]:
    own = {f"{t.name} {key}": values for t in company.tranches for key, values in t.lines.items()}
    return company.lines | own


DIFFERING = {
    "ruled": """capex opening_cash grant user_payments disposal tranches.0.rates tranches.0.dscr tranches.0.commitment_fee
        tranches.1.dscr tranches.1.sweep tranches.2.sweep tax.rate distributions.lock_up distributions.statutory_rate
        distributions.statutory_limit distributions.minimum_cash working_capital.payable_days vat.capex""",
    "bridged": "bridge_rates land close_costs tranches.0.max_gearing tranches.1.rates disposal",
    "lent_first": "opening_cash working_capital.receivable_days tranches.0.upfront_fee tranches.1.rates tranches.0.amount opex",
}
PATHS = [(kind, path) for kind, paths in DIFFERING.items() for path in paths.split()]


@pytest.mark.parametrize("kind, path", PATHS, ids=lambda word: word)
def test_cases_that_differ_in_one_input_are_what_each_is_alone(kind, path):
    made, factors = COMPANIES[kind](), (0.95, 1.02)
    both = evaluate_company(within(made, path, lambda value: value * np.array(factors)))
    assert both.residual.shape == (2,)
    found = lines_of(both)
    assert any(np.ptp(values, axis=1).max() > 1e-3 for values in found.values())
    for case, factor in enumerate(factors):
        alone = lines_of(evaluate_company(within(made, path, lambda value, factor=factor: value * factor)))
        for key, values in alone.items():
            mine = np.broadcast_to(found[key], (found[key].shape[0], 2))[:, [case]]
            np.testing.assert_allclose(mine, values, rtol=1e-8, atol=1e-8, err_msg=key)


@pytest.mark.parametrize("kind", COMPANIES)
@pytest.mark.parametrize("unit", [1e-5, 1e5])
def test_a_company_in_another_currency_is_the_same_company(kind, unit):
    """No figure of the model is an amount of money in itself."""
    made = COMPANIES[kind]()
    other = made
    for path in MONEY:
        other = within(other, path, lambda value: value * unit)
    for number, terms in enumerate(made.tranches):
        if terms.amount is not None:
            other = within(other, f"tranches.{number}.amount", lambda value: value * unit)
    if made.distributions is not None:
        other = within(other, "distributions.minimum_cash", lambda value: value * unit)
    found, known = lines_of(evaluate_company(other)), lines_of(evaluate_company(made))
    for key, values in known.items():
        np.testing.assert_allclose(found[key] / unit, values, rtol=1e-8, atol=1e-8, err_msg=key)


@pytest.mark.parametrize("kind", COMPANIES)
def test_sources_are_uses_and_every_loan_comes_back(kind):
    company = evaluate_company(COMPANIES[kind]())
    lines = company.lines
    bridge = np.diff(lines["bridge_closing"], axis=0, prepend=0.0)
    drawn = sum(t.lines["drawn"] for t in company.tranches)
    np.testing.assert_allclose(lines["uses"], lines["grant"] + lines["equity"] + bridge + drawn, atol=1e-8)
    repaid = sum(t.lines["principal"] + t.lines["prepayment"] for t in company.tranches)
    np.testing.assert_allclose(drawn.sum(), repaid.sum(), rtol=1e-10)
    own = sum(t.size for t in company.tranches if t.rank == "shareholder")
    np.testing.assert_allclose(lines["shareholder_loan_repaid"].sum(), own, rtol=1e-10)


def test_own_money_comes_first_where_the_order_says_so():
    """Bridge and shareholder loan together, until they are used up; theirs is the interest of the same row too."""
    company = evaluate_company(bridged())
    own = company.lines["bridge_closing"] + company.tranches[1].lines["closing"]
    built = bridged().timeline.built
    waiting = own[built][:-1] < own[built].max() * (1.0 - 1e-9)
    assert waiting.sum() >= 2
    np.testing.assert_allclose(company.tranches[0].lines["drawn"][built][:-1][waiting], 0.0, atol=1e-9)


def test_every_revenue_and_cost_waits_its_own_days():
    """Users' payments and other revenue for 30 days of 365, costs and renewals for 20, all in years; all is settled at the end."""
    lines = evaluate_company(ruled()).lines
    income, spending = lines["user_payments"] + lines["other_revenue"], lines["opex"] + lines["lifecycle"]
    np.testing.assert_allclose(lines["receivables"][:-1], income[:-1] * 30 / 365)
    np.testing.assert_allclose(lines["payables"][:-1], spending[:-1] * 20 / 365)
