"""What must hold when a loan's terms change: its size, its cover and its interest."""

import numpy as np
import pytest
from hypothesis import assume
from second_model.examples import assert_not_more, changed, evaluated, invariant, line, percent
from second_model.random_projects import months_of


def alone(data, **terms):
    """The file with one senior tranche only, its cover before tax so that the debt hangs on no circle; `terms` change the tranche."""
    assume("debt" in data["funding"])
    return changed(data, funding__further_debt=None, **{f"funding__debt__{key}": value for key, value in terms.items()})


def only_cover(data, **terms):
    """One tranche that nothing but its cover limits, but for the need itself: counted before tax, and high, so that it mostly binds."""
    own = {"dscr_basis": "before_tax", "max_gearing": "100%", "amount": None, "llcr": None, "tail": None, "sweep": None}
    return alone(data, **{**own, "dscr": 4.0, **terms})


@invariant()
def test_a_dearer_loan_that_cover_limits_is_no_larger(data):
    """The same cash serves less debt at a higher rate. Cover before tax, so that the cash does not hang on the debt; and no interest in
    the formula's cost, which would raise the payment with the rate."""
    data = changed(only_cover(data, rate_steps=None, rate="4%"), conventions__subsidy_interest="none")
    e = evaluated(data, {"funding.debt.rate": [0.04, 0.06]})
    assume(e.tranches[0].binding[0] == "dscr")
    assert_not_more(e.results["debt"][1], e.results["debt"][0], e)


@invariant()
def test_more_cover_is_less_debt(data):
    """debt x cover is at most what the cash is worth, for every way of repayment, so debt falls with the cover asked."""
    data = only_cover(data)
    e = evaluated(data, {"funding.debt.dscr": [2.0, 3.0]})
    assert_not_more(e.results["debt"][1], e.results["debt"][0], e)


@invariant()
def test_a_longer_tenor_lends_no_less(data):
    """A sculpted loan takes in the cash of more rows, each worth zero or more. Without grace, cover before tax."""
    data = only_cover(data, repayment="sculpted", principal=None, grace=None, rate_steps=None)
    tenor = data["funding"]["debt"]["tenor"]
    e = evaluated(data)
    longer = evaluated(changed(data, funding__debt__tenor=data["timeline"]["operation"]))
    assume(tenor != data["timeline"]["operation"] and e.tranches[0].binding[0] == "dscr")
    assert_not_more(e.results["debt"][0], longer.results["debt"][0], longer)


@invariant()
def test_every_limit_holds(data):
    """Debt is at most the gearing allowed, the lender's offer, and what its cover and loan life cover allow: the covers of a single tranche
    are at least what it asks, wherever it has cash in every row."""
    data = alone(data, sweep=None)
    e, terms = evaluated(data), data["funding"]["debt"]
    debt = e.results["debt"][0]
    need = e.results["uses_total"][0] - e.results["grant_total"][0]
    assert_not_more(debt, percent(terms["max_gearing"]) * need, e)
    if debt <= 1e-6 * need:
        return
    cash = line(e, "cfads") + (line(e, "tax") if terms.get("dscr_basis") == "before_tax" else 0.0)
    serviced = line(e, "debt_service") > 1e-9 * debt
    if "dscr" in terms:
        least = np.where(serviced, cash, np.inf) / np.where(serviced, line(e, "debt_service"), 1.0)
        assert least.min() >= terms["dscr"] * (1 - 1e-9)
    if "llcr" in terms and (cash[e.inputs.timeline.operating] >= 0).all():
        assert e.results["llcr"][0] >= terms["llcr"] * (1 - 1e-9)


@invariant()
def test_loan_life_cover_is_the_cover_sculpted_to(data):
    """One tranche, all its rows sculpted to one cover on cash above zero, no grace or sweep: each service is CFADS / cover, so the present
    value of CFADS over debt is that cover too."""
    data = alone(data, repayment="sculpted", principal=None, grace=None, sweep=None, tail=None, dscr=1.3)
    e = evaluated(data)
    assume(e.results["debt"][0] > 1e-6 * e.results["uses_total"][0])
    cash = line(e, "cfads") + (line(e, "tax") if data["funding"]["debt"].get("dscr_basis") == "before_tax" else 0.0)
    end = e.inputs.timeline.boundaries
    begins = months_of(data["timeline"]["construction"])
    assume((cash[(end > begins) & (end <= begins + months_of(data["funding"]["debt"]["tenor"]))] > 0).all())
    assert e.results["llcr"][0] == pytest.approx(e.results["dscr_min"][0], rel=1e-9)
    assert e.results["dscr_average"][0] == pytest.approx(e.results["dscr_min"][0], rel=1e-9)


@invariant()
def test_a_sweep_never_raises_interest(data):
    """Prepaying leaves less to bear interest in every later row; the size stays, as its cover is counted before tax."""
    data = alone(data, dscr_basis="before_tax")
    e = evaluated(changed(data, funding__debt__sweep=None))
    swept = evaluated(changed(data, funding__debt__sweep="60%"))
    assert_not_more(line(swept, "interest"), line(e, "interest"), e)
    assert_not_more(line(swept, "debt_closing"), line(e, "debt_closing"), e)


@invariant(plain=True)
def test_drawing_later_in_the_row_costs_less_interest(data):
    """Interest during construction grows with the part of the row that a draw bears it; on a loan of one amount and no commitment fee."""
    data = alone(
        data,
        amount=10,
        max_gearing="100%",
        dscr=None,
        llcr=None,
        repayment="annuity",
        principal=None,
        commitment_fee=None,
    )
    paid = [
        line(evaluated(changed(data, conventions__construction_draws=draws)), "interest_during_construction").sum()
        for draws in ("end", "middle", "start")
    ]
    assert paid[0] <= paid[1] * (1 + 1e-9) + 1e-9
    assert paid[1] <= paid[2] * (1 + 1e-9) + 1e-9


@invariant(plain=True)
def test_equity_first_costs_least_interest(data):
    """Debt of one amount is drawn last when equity comes first, and first when debt does: cumulative draws, and so interest, are ordered.
    No bridge, whose interest goes the other way, and no commitment fee."""
    data = alone(
        changed(data, funding__equity_bridge=None),
        amount=10, max_gearing="100%", dscr=None, llcr=None, repayment="annuity", principal=None, commitment_fee=None,
    )  # fmt: skip
    paid = [
        line(evaluated(changed(data, funding__order=order)), "interest_during_construction").sum()
        for order in ("equity_first", "pro_rata", "debt_first")
    ]
    assert paid[0] <= paid[1] * (1 + 1e-9) + 1e-9
    assert paid[1] <= paid[2] * (1 + 1e-9) + 1e-9
