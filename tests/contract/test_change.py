"""Refinancing, variations, indexation, a longer term: what must be true of each, by routes of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ppp
from ppp.appraisal.evaluation import evaluate
from ppp.arrays import Prices
from ppp.contract.change import extend, reset_index, vary
from ppp.contract.refinancing import refinance
from ppp.contract.signed import as_signed
from ppp.contract_terms import Extension, IndexReset, Refinancing, Variation
from ppp.model.company import evaluate_company
from ppp.model.discounting import net_present_value

from .conftest import PARAMS

WAN = 1e4
QUIET = settings(max_examples=20, deadline=None)
PROJECTS = {name: ppp.load(PARAMS / f"{name}.yaml") for name in ("wastewater", "school", "urban-road", "hospital")}
BASES = {name: evaluate(project) for name, project in PROJECTS.items()}
SIGNED = {name: as_signed(base.inputs) for name, base in BASES.items()}


def refinanced(name: str, inputs=None, **terms):
    base = BASES[name]
    kind = PROJECTS[name].funding.debt.repayment
    rate = float(base.results["equity_irr"][0])
    return refinance(inputs or SIGNED[name], Refinancing(**terms), WAN, kind, rate if np.isfinite(rate) else 0.07)


@pytest.mark.parametrize("name", list(PROJECTS))
@pytest.mark.parametrize("after_year", [1, 4, 8])
def test_unchanged_terms_give_a_gain_of_exactly_0(name, after_year):
    debt = PROJECTS[name].funding.debt
    kinds = ("annuity", "equal_principal", "sculpted")
    same = {"rate": debt.rate, "maturity": f"{debt.tenor} months"}
    same |= {"repayment": debt.repayment} if debt.repayment in kinds else {}
    for terms in ({}, same):
        found = refinanced(name, after_year=after_year, threshold=0.0, **terms)
        assert found.gain == 0.0 and found.shared == 0.0 and found.cut == 0.0
        assert np.array_equal(found.before, found.after)
        assert found.amount == found.owed


@pytest.mark.parametrize("name", ["wastewater", "school", "urban-road"])
def test_the_gain_goes_to_nothing_as_the_terms_do_not_change(name):
    rate = PROJECTS[name].funding.debt.rate
    gains = [refinanced(name, after_year=4, rate=rate - step).gain for step in (1e-3, 1e-6, 1e-9)]
    assert gains[0] > 100 * abs(gains[1]) and abs(gains[2]) < 1e-3 * abs(gains[1]) + 1.0


@QUIET
@given(after_year=st.integers(1, 12), lower=st.floats(0.001, 0.02), dearer=st.floats(0.001, 0.02))
def test_cheaper_debt_is_a_gain_and_dearer_debt_a_loss_that_is_not_shared(after_year, lower, dearer):
    rate = PROJECTS["school"].funding.debt.rate
    cheap = refinanced("school", after_year=after_year, rate=rate - lower)
    dear = refinanced("school", after_year=after_year, rate=min(rate + dearer, 0.5))
    assert cheap.gain > 0 > dear.gain
    assert cheap.shared == pytest.approx(0.5 * cheap.gain)
    assert dear.shared == 0.0


def test_the_gain_of_a_lower_rate_by_hand():
    """Interest saved on the same balances, after tax, at the base-case equity IRR. The schedule is equal principal before and after, so
    only the rate differs; the school pays tax in full in these years."""
    name, year = "school", 10
    equal = {"rate": PROJECTS[name].funding.debt.rate, "repayment": "equal_principal"}
    found = refinanced(name, after_year=year, **equal)
    lower = refinanced(name, after_year=year, rate=equal["rate"] - 0.01, repayment="equal_principal")
    timeline = BASES[name].inputs.timeline
    left = PROJECTS[name].funding.debt.tenor // 12 - year
    balances = found.owed * (1.0 - np.arange(left) / left)
    saved = 0.01 * balances * (1.0 - 0.25)
    rows = slice(found.row + 1, found.row + 1 + left)
    got = (lower.after - found.after)[rows]
    taxed = evaluate_company(SIGNED[name]).lines["tax"][rows, 0] > 0
    assert taxed.all()
    assert got == pytest.approx(saved, rel=1e-6)
    assert timeline.times[found.row] == timeline.construction / 12 + year


def test_more_debt_is_paid_out_at_once_and_repaid_later():
    plain = refinanced("school", after_year=5)
    more = refinanced("school", after_year=5, amount=plain.owed / WAN * 1.1, repayment="annuity")
    assert more.amount == pytest.approx(1.1 * plain.owed)
    at_once = (more.after - more.before)[more.row]
    assert at_once == pytest.approx(0.1 * plain.owed, rel=1e-9)
    assert (more.after - more.before)[more.row + 1 : more.row + 5].max() < 0
    assert more.dscr_after < more.dscr_before


def test_debt_refinanced_is_repaid_and_the_balance_sheet_balances():
    from dataclasses import replace

    from ppp.contract.refinancing import _on_new_terms

    inputs = SIGNED["school"]
    lines = evaluate_company(inputs).lines
    terms = Refinancing(after_year=6, rate=0.03, repayment="annuity", maturity="17 years")
    new = _on_new_terms(inputs, inputs.tranches[0], terms, 6, 1.2, "annuity", lines)
    after = evaluate_company(replace(inputs, tranches=(new,))).lines
    assert after["debt_closing"][-1, 0] == pytest.approx(0.0, abs=1e-6)
    assets = after["fixed_assets"] + after["cash"] + after["receivables"] + after["vat_credit"]
    owed = after["debt_closing"] + after["shareholders_funds"] + after["payables"]
    assert np.max(np.abs(assets - owed)) < 1e-6 * assets.max()
    service = after["debt_service"][9:20, 0]
    assert service == pytest.approx(service[0])


def test_the_threshold_is_not_shared_and_a_cut_is_worth_the_share():
    whole = refinanced("school", after_year=4, rate=0.03)
    part = refinanced("school", after_year=4, rate=0.03, threshold=whole.gain / WAN / 2, paid="payment_cut")
    assert part.shared == pytest.approx(whole.shared / 2)
    irr = float(BASES["school"].results["equity_irr"][0])
    times = BASES["school"].inputs.timeline.times
    later = times[part.row + 1 :] - times[part.row]
    assert np.sum(part.cut * (1 + irr) ** -later) == pytest.approx(part.shared)


@QUIET
@given(opex=st.floats(-100, 400), cost=st.floats(0, 3000), year=st.integers(1, 15))
def test_a_payment_left_open_leaves_shareholders_as_they_were(opex, cost, year):
    irr = float(BASES["school"].results["equity_irr"][0])
    terms = Variation(name="More", from_year=year, cost=cost, opex=opex)
    found = vary("more", SIGNED["school"], terms, WAN, irr)
    assert found.equity_irr == pytest.approx(irr, abs=1e-9)
    assert abs(found.equity_worth) < 1.0
    if cost == 0:
        assert found.payment == pytest.approx(opex * WAN, rel=1e-6, abs=1.0)


def test_a_variation_with_a_payment_of_its_own_moves_the_return():
    irr = float(BASES["school"].results["equity_irr"][0])
    free = vary("more", SIGNED["school"], Variation(name="More", from_year=3, opex=50, payment=0), WAN, irr)
    assert free.equity_irr < irr and free.equity_worth < 0 and free.government_cost == 0


def test_a_new_index_that_is_the_old_one_changes_nothing():
    terms = IndexReset(from_year=6, index=PROJECTS["school"].payment.index)
    found = reset_index(SIGNED["school"], BASES["school"].inputs, terms, 0.07)
    assert found.payment == pytest.approx(0.0, abs=1e-6)
    higher = reset_index(SIGNED["school"], BASES["school"].inputs, IndexReset(from_year=6, index="4%"), 0.07)
    assert higher.payment > 0 and higher.government_cost > 0


def test_a_new_index_by_hand():
    """A third of 3120 is indexed; from year 17 on of 18 it grows by 4 % instead of 2.5 %."""
    found = reset_index(SIGNED["school"], BASES["school"].inputs, IndexReset(from_year=17, index="4%"), 0.07)
    base = 0.3 * 3120e4 * 1.025**15
    more = [base * (1.04**n - 1.025**n) for n in (1, 2)]
    assert found.payment == pytest.approx(np.mean(more))


def test_an_extension_by_hand_and_of_nothing():
    prices = Prices(PROJECTS["school"])
    nothing = extend(SIGNED["school"], prices, Extension(years=2), 0.07)
    assert nothing.equity_worth == 0.0 and nothing.government_cost == 0.0
    assert nothing.equity_irr == pytest.approx(float(BASES["school"].results["equity_irr"][0]), abs=1e-12)
    terms = Extension(years=2, government_payment=1000, opex=[600, 1200])
    found = extend(SIGNED["school"], prices, terms, 0.07)
    added = np.zeros((23, 1))
    added[21:, 0] = [0.75 * 400 * WAN, -200 * WAN]
    assert found.equity_worth == pytest.approx(float(net_present_value(0.07, added)[0]))
    assert found.payment == pytest.approx(2000 * WAN)
