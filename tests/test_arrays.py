"""From a file's words to the model's money: units, prices, rates."""

import textwrap

import numpy as np
import pytest

import ppp

FILE = """
kind: project
id: prices
name: Prices
status: draft
sector: other
regime: generic
appraised: 2023-01-01
currency: CNY
unit: {unit}
price_basis: {basis}
{prices}
timeline: {{financial_close: 2024-01-01, construction: 2 years, operation: 3 years}}
construction: {{capex: {capex}, spending: [50%, 50%]}}
operation: {{opex: {opex}, disposal: {disposal}}}
users: {users}
payment: {{kind: user_pay}}
funding: {{government_share: 10%, grant: {grant}}}
discounting: {{rate: {rate}}}
comparator: {{capex: {capex}, opex: {opex}}}
"""
GIVEN = dict(
    unit="wan",
    basis="nominal",
    prices="",
    capex=100,
    opex=20,
    disposal=0,
    users="{payments: 60}",
    grant=0,
    rate="5%",
)


@pytest.fixture
def evaluated(tmp_path):
    def evaluate(**changes):
        path = tmp_path / "prices.yaml"
        path.write_text(textwrap.dedent(FILE).format(**{**GIVEN, **changes}), encoding="utf-8")
        return ppp.evaluate(ppp.load(path))

    return evaluate


REAL = dict(basis="real", prices="price_year: 2023\ninflation: 2%")


def test_amounts_are_scaled_from_the_unit_of_the_file(evaluated):
    assert evaluated().lines["opex"][3, 0] == 20 * 10_000
    assert evaluated(unit="million").lines["opex"][3, 0] == 20 * 1_000_000


def test_a_tariff_is_in_the_currency_itself(evaluated):
    sold = evaluated(users="{demand: 30, demand_scale: wan, tariff: {start: 2, growth: 10%}}")
    np.testing.assert_allclose(
        sold.lines["user_payments"][3:, 0], [30 * 10_000 * 2 * 1.1**k for k in range(3)], rtol=1e-14
    )


def test_real_amounts_take_the_prices_of_the_year_in_which_they_fall(evaluated):
    """Prices of 2023: the periods end in 2024 (construction), 2025, then 2026 to 2028."""
    lines = evaluated(**REAL).lines
    np.testing.assert_allclose(lines["capex"][:3, 0], [0, 500_000 * 1.02, 500_000 * 1.02**2], rtol=1e-14)
    np.testing.assert_allclose(lines["opex"][3:, 0], [200_000 * 1.02**k for k in (3, 4, 5)], rtol=1e-14)


def test_growth_of_a_real_amount_is_on_top_of_inflation_and_applied_once(evaluated):
    lines = evaluated(opex="{start: 20, growth: 1%}", **REAL).lines
    np.testing.assert_allclose(
        lines["opex"][3:, 0], [200_000 * 1.01**k * 1.02 ** (3 + k) for k in range(3)], rtol=1e-14
    )


def test_sale_and_grant_are_real_too(evaluated):
    lines = evaluated(disposal=10, grant=40, **REAL).lines
    assert lines["disposal"][-1, 0] == pytest.approx(100_000 * 1.02**5, rel=1e-14)
    np.testing.assert_allclose(lines["grant"][1:3, 0], [200_000 * 1.02, 200_000 * 1.02**2], rtol=1e-14)


def test_real_amounts_at_a_real_rate_are_worth_what_they_are_without_inflation(evaluated):
    """Prices of 2023 fall due from the end of 2024, one year after them and one after close: inflation
    cancels against the rate."""
    nominal, real = evaluated(), evaluated(**REAL)
    assert real.inputs.discount_rate[0] == pytest.approx(1.05 * 1.02 - 1, rel=1e-14)
    assert real.vfm.psc[0] == pytest.approx(nominal.vfm.psc[0], rel=1e-12)
