"""The level revenue that gives shareholders a target return, in closed form.

C is funded at t = 0; a flat cost O, no tax, no reserves, gearing slack; debt at i sculpted to a cover d over m of n years. Of the surplus
P - O lenders get (P - O) / d for m years, worth D = (P - O) a(i, m) / d; shareholders pay C - D and get (P - O)(1 - 1 / d) for m years
and P - O after. At their return k that is worth (P - O) [a(k, n) - a(k, m) / d], so

    P = O + C / [a(i, m) / d + a(k, n) - a(k, m) / d]

which for m = n is P = O + C / [a(i, n) / d + (1 - 1 / d) a(k, n)].
"""

import numpy as np
import pytest
import pyxirr
from companies import company, terms
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp.model.company import evaluate_company
from ppp.model.discounting import annuity_factor as a
from ppp.model.irr import irr

COST = 1_000.0


def level_revenue(outlay, rate, cover, target, years, tenor):
    lent = a(rate, tenor) / cover
    return outlay + COST / (lent + a(target, years) - a(target, tenor) / cover)


def earned(revenue, outlay, rate, cover, years, tenor, period="year"):
    """The company with that revenue, and its shareholders' IRR."""
    inputs = company(
        0,
        years,
        period,
        user_payments=np.full((years, 1), float(revenue)),
        opex=np.full((years, 1), float(outlay)),
        debt=terms(rate=rate, tenor=tenor, dscr=cover),
        tax=None,
    )
    made = evaluate_company(inputs)
    return made, irr(made.lines["equity_flow"], inputs.timeline.times).value[0]


@settings(max_examples=80, deadline=None)
@given(
    outlay=st.floats(0.0, 200.0),
    rate=st.floats(0.01, 0.09),
    cover=st.floats(1.15, 2.0),
    more=st.floats(0.001, 0.1),
    years=st.integers(2, 35),
    share=st.floats(0.3, 1.0),
)
def test_the_level_revenue_earns_the_target(outlay, rate, cover, more, years, share):
    target, tenor = rate + more, max(1, round(share * years))
    revenue = level_revenue(outlay, rate, cover, target, years, tenor)
    made, found = earned(revenue, outlay, rate, cover, years, tenor)
    assert made.tranches[0].binding[0] == "dscr"
    assert made.tranches[0].size[0] == pytest.approx((revenue - outlay) * a(rate, tenor) / cover, rel=1e-12)
    assert found == pytest.approx(target, rel=1e-9)
    assert pyxirr.irr(made.lines["equity_flow"][:, 0]) == pytest.approx(target, rel=1e-7)


def test_the_form_for_debt_over_the_whole_life():
    revenue = 50 + COST / (a(0.06, 20) / 1.3 + (1 - 1 / 1.3) * a(0.11, 20))
    assert level_revenue(50, 0.06, 1.3, 0.11, 20, 20) == pytest.approx(revenue, rel=1e-14)
    assert earned(revenue, 50, 0.06, 1.3, 20, 20)[1] == pytest.approx(0.11, rel=1e-11)


@pytest.mark.parametrize("tenor", [12, 20])
@pytest.mark.parametrize("period, parts", [("half_year", 2), ("quarter", 4), ("month", 12)])
def test_the_same_in_shorter_periods(period, parts, tenor):
    """Rates of a part of the year: the loan's i / p, the shareholders' (1 + k)^(1 / p) - 1."""
    part = 1.11 ** (1 / parts) - 1
    lent, own = a(0.06 / parts, tenor * parts) / 1.3, a(part, 20 * parts) - a(part, tenor * parts) / 1.3
    revenue = 50 + parts * COST / (lent + own)
    made, found = earned(revenue, 50, 0.06, 1.3, 20, tenor, period)
    assert made.tranches[0].binding[0] == "dscr"
    assert found == pytest.approx(0.11, rel=1e-9)


def test_a_binding_gearing_gives_another_return():
    """The closed form holds only while gearing is slack: at 20 % debt the same revenue earns less."""
    revenue = level_revenue(50, 0.06, 1.3, 0.11, 20, 20)
    inputs = company(
        0, 20, user_payments=[revenue] * 20, opex=[50.0] * 20, debt=terms(tenor=20, dscr=1.3, max_gearing=0.2), tax=None
    )
    made = evaluate_company(inputs)
    assert made.tranches[0].binding[0] == "gearing" and irr(made.lines["equity_flow"]).value[0] < 0.105
