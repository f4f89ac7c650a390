"""What must hold between two evaluations: a file and the same file with one thing changed."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import assume
from second_model.examples import (
    assert_not_more,
    assert_zero,
    changed,
    evaluated,
    invariant,
    line,
    lines,
    percent,
)
from second_model.random_money import FORMULA
from second_model.random_projects import load, months_of

import ppp
from ppp.appraisal.solve import solve
from ppp.loading import value_at

SAME = (
    "uses equity debt_drawn government_payment revenue opex lifecycle capex tax cfads interest principal prepayment"
    " distributions debt_closing cash depreciation debt_service_reserve"
)
RATIOS = ("equity_irr", "project_irr", "dscr_min", "dscr_average", "llcr", "plcr", "gearing", "payback_years")


def all_equity(data, **changes):
    """No debt, bridge, reserves or limits on distributions: shareholders' flow is the project's."""
    parts = ("debt", "further_debt", "equity_bridge", "reserves", "opening_cash")
    return changed(data, distributions=None, **{f"funding__{key}": None for key in parts}, **changes)


def same_ratios(one, other, tolerance=1e-8):
    for key in RATIOS:
        if key in one.results:
            np.testing.assert_allclose(one.results[key], other.results[key], rtol=tolerance, atol=tolerance)


@invariant()
def test_a_thousand_times_the_money_is_the_same_project(data):
    """Every equation is homogeneous of degree one in money, yearly rounding apart: lines scale, returns and covers stay."""
    data = changed(data, conventions__subsidy_rounding=None, unit="one")
    for part in ("users", "payment"):
        if "tariff" in data.get(part, {}):
            data = changed(data, **{f"{part}__demand_scale": "one"})
    larger = changed(data, unit="thousand")
    for part in ("users", "payment"):
        if "tariff" in data.get(part, {}):
            larger = changed(larger, **{f"{part}__demand_scale": "thousand"})
    e, f = evaluated(data), evaluated(larger)
    for ours, theirs in zip(lines(e, SAME), lines(f, SAME), strict=True):
        assert_zero(1000 * ours - theirs, f)
    same_ratios(e, f)


@invariant()
def test_later_is_the_same(data):
    """The model knows years, not which: moved by whole years with its price year, every line stays (months are months in every year).
    Close falls on no 29 February, and the dated rules of a pack are not asked."""
    close = data["timeline"]["financial_close"]
    moved = changed(data, timeline__financial_close=dt.date(close.year + 7, close.month, close.day))
    if "price_year" in data:
        moved["price_year"] += 7
    e, f = evaluated(data), evaluated(moved)
    for ours, theirs in zip(lines(e, SAME), lines(f, SAME), strict=True):
        assert_zero(ours - theirs, e)
    same_ratios(e, f)


@invariant(period="year", plain=True)
def test_real_and_nominal_say_the_same(data):
    """Fisher: with all equity, no tax and everything indexed alike, a real file with inflation i is worth what it is without, times the
    price level at close, and its IRR is (1 + real IRR)(1 + i) - 1. Close in mid-year and whole years, so that row t lies t price years
    after close; no formula (its capital part is nominal), which leaves payments that are all indexed."""
    assume(data["payment"]["kind"] not in FORMULA)
    data = all_equity(
        data, tax=None, timeline__financial_close=dt.date(2022, 7, 1), timeline__periods_end="anniversary"
    )
    for phase in ("construction", "operation"):
        whole = max(months_of(data["timeline"][phase]) // 12 * 12, 12)
        assume(whole == months_of(data["timeline"][phase]))
    data = changed(data, price_basis="real", price_year=2020)
    for key in ("index", "indexed_share"):
        data["payment"].pop(key, None)
    real = evaluated(data | {"inflation": "0%"})
    nominal = evaluated(data | {"inflation": "3%"})
    assert nominal.results["project_npv"] == pytest.approx(real.results["project_npv"] * 1.03**2, rel=1e-9, abs=1e-6)
    if np.isfinite(real.results["equity_irr"][0]):
        expected = (1 + real.results["equity_irr"]) * 1.03 - 1
        assert nominal.results["equity_irr"] == pytest.approx(expected, rel=1e-8, abs=1e-9)


@invariant()
def test_many_cases_are_many_evaluations(data):
    """A case of a batch is computed as if alone: cases do not see each other, also where each closes its circle at another pace."""
    times = [0.7, 1.0, 1.3]
    batch = evaluated(data, {"construction.capex": [data["construction"]["capex"] * x for x in times]})
    for case, x in enumerate(times):
        one = evaluated(changed(data, construction__capex=data["construction"]["capex"] * x))
        for key in SAME.split():
            if key in one.lines:
                ours = batch.lines[key] * np.ones((1, len(times)))
                assert_zero(ours[:, case] - one.lines[key][:, 0], one)
        np.testing.assert_allclose(
            batch.results["equity_irr"][case], one.results["equity_irr"][0], rtol=1e-8, atol=1e-8
        )


@invariant(plain=True)
def test_a_year_is_the_sum_of_its_periods(data):
    """By operating year, revenue, cost and payment do not hang on the length of the period; nor do the cost of construction and the
    grant over all. From close and from the start of operation (anniversary), so that operating years are whole rows."""
    data = changed(data, timeline__periods_end="anniversary")
    found = {}
    for period in ("year", "month"):
        e = evaluated(without_debt(changed(data, timeline__period=period)))
        end = e.inputs.timeline.boundaries
        first = months_of(data["timeline"]["construction"])
        year = np.where(end > first, (end - first - 1) // 12, -1)
        found[period] = (e, year)
    e, years = found["year"]
    f, months = found["month"]
    for key in (
        "revenue",
        "user_payments",
        "government_payment",
        "opex",
        "lifecycle",
        "other_revenue",
        "disposal",
        "capex",
        "grant",
    ):
        for k in range(-1, years.max() + 1):
            assert_zero(line(e, key)[years == k].sum() - line(f, key)[months == k].sum(), e)


def without_debt(data):
    return changed(data, funding__debt=None, funding__further_debt=None)


@invariant(plain=True)
def test_a_month_discounts_less_than_a_year(data):
    """Money at month ends comes before the year's end and after its start: PV by years <= PV by months <= (1 + r) x PV by years, for
    revenues, which are no less than zero unless the company pays, and a rate of 0 or more."""
    data = without_debt(changed(data, timeline__periods_end="anniversary"))
    worth, rate = {}, percent(data["discounting"]["rate"])
    for period in ("year", "month"):
        e = evaluated(changed(data, timeline__period=period))
        factors = (1 + rate) ** (-e.inputs.timeline.boundaries / 12)
        worth[period] = factors @ line(e, "opex")[:, 0]
    assert worth["year"] <= worth["month"] * (1 + 1e-12)
    assert worth["month"] <= worth["year"] * (1 + rate) * (1 + 1e-12)


@invariant(plain=True)
def test_without_debt_shareholders_have_the_project(data):
    """All equity, no bridge, reserve or limit on distributions: shareholders' flow is the project's after tax, so the returns agree."""
    e = evaluated(all_equity(data))
    flow = sum(lines(e, "ebitda disposal grant")) - sum(lines(e, "capex fees tax vat"))
    assert_zero(line(e, "equity_flow") - flow, e)
    np.testing.assert_allclose(e.results["equity_irr"], e.results["project_irr_after_tax"], rtol=1e-8, atol=1e-9)


@invariant(payment="availability", plain=True)
def test_a_higher_payment_earns_more(data):
    """All equity, and a tax on profit below 100 %: every payment that grows leaves more in its row and takes at most the tax of it later,
    so the NPV at a rate of 0 or more rises, and with it a single IRR above 0."""
    data = all_equity(data)
    e = evaluated(data, {"payment.amount.times": [1.0, 1.1]})
    assert e.results["equity_npv"][1] > e.results["equity_npv"][0]
    low, high = e.results["equity_irr"]
    if np.isfinite([low, high]).all() and low > 0:
        assert high > low


@invariant(payment="availability", plain=True)
def test_payment_and_return_lead_to_each_other(data):
    """Round trip: the payment solved for the return that a payment gives is that payment. All equity, where the return rises with the
    payment, so that there is one answer; a return that exists and is above 0."""
    data = all_equity(data)
    project = load(data, "json")
    given = 1.15 * value_at(project, "payment.amount.times")
    earned = ppp.evaluate(project, {"payment.amount.times": np.array([given])}).results["equity_irr"][0]
    assume(np.isfinite(earned) and earned > 0)
    solution = solve(project, "availability_payment", "equity_irr", earned)
    assert solution.values[0] == pytest.approx(given, rel=1e-8)
    assert solution.achieved[0] == pytest.approx(earned, rel=1e-9, abs=1e-9)


@invariant(payment="availability")
def test_a_solved_payment_gives_what_was_asked(data):
    """With debt, reserves and limits on distributions several payments may do, or none; the one that is given does."""
    solution = solve(load(data, "json"), "availability_payment", "project_irr", 0.06)
    assume(solution.reached[0])
    e = evaluated(data, {"payment.amount.times": solution.values})
    assert e.results["project_irr"][0] == pytest.approx(0.06, abs=1e-8)


@invariant(payment="user_pay")
def test_the_guarantee_is_met_and_never_negative(data):
    """Users' payments and the guarantee's make at least what is guaranteed, and no more where users pay less; nobody pays back."""
    data = changed(data, price_basis="nominal", price_year=None, inflation=None, discounting__basis=None)
    data = changed(data, payment={"kind": "user_pay", "minimum_revenue": 300})
    e = evaluated(data)
    own = e.inputs.timeline.operating
    length = np.diff(e.inputs.timeline.boundaries, prepend=0)[:, None]
    scale = {"one": 1.0, "wan": 1e4, "million": 1e6}[data["unit"]]
    paid, users = line(e, "government_payment"), line(e, "user_payments")
    assert_not_more(-paid, 0.0, e)
    assert_not_more((300 * scale * length / 12)[own], (paid + users)[own], e)


@invariant(payment="user_pay")
def test_users_who_pay_more_leave_no_less(data):
    """Each band takes a share of at most the whole and begins no lower than the guarantee ends, so revenue after both never falls when
    users pay more."""
    key = "users.payments.times" if "payments" in data["users"] else "users.tariff.times"
    e = evaluated(data, {key: [0.8, 1.0, 1.2, 1.5]})
    revenue = line(e, "user_payments") + line(e, "government_payment")
    assert_not_more(revenue[:, :-1], revenue[:, 1:], e)


@invariant()
def test_a_refund_at_once_beats_carrying_losses(data):
    """Carried losses come later, or never: at every rate of 0 or more the tax that is carried is worth no less. All equity, no holiday,
    so that profits are the same and a loss is worth the same whenever used."""
    assume("tax" in data)
    data = all_equity(changed(data, tax__holiday=None, tax__loss_years=None))
    carried = evaluated(changed(data, tax__losses="carry_forward"))
    refunded = evaluated(changed(data, tax__losses="refund"))
    assert_not_more(line(refunded, "tax").cumsum(axis=0), line(carried, "tax").cumsum(axis=0), carried)
