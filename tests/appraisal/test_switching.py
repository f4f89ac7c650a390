"""Switching values: put back in by the public way they give nothing, none is missed, and where there is none that is said."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ppp
from ppp.appraisal.evaluation import with_cases, worth
from ppp.appraisal.levers import SHARES
from ppp.appraisal.switching import switching_values

NOTHING = 1e-9  # of the PSC
OFF = {"subsidy_rounding": "none"}


def found_in(project):
    return {each.key: each for each in switching_values(ppp.evaluate(project))}


def relative(project, cases):
    """VfM over the PSC, one value per case, by the public evaluation with rounding off."""
    result = ppp.evaluate(project, cases, OFF)
    return np.broadcast_to(result.vfm.amount / np.abs(result.vfm.psc), next(iter(cases.values())).shape)


def quick(project, cases):
    """The same without what value for money does not need."""
    value = worth(with_cases(project, cases), OFF)
    return np.broadcast_to(value.amount / np.abs(value.psc), next(iter(cases.values())).shape)


def put_back(project, key, at):
    """Cases of the file's own inputs that move what a lever moves to `at`."""
    at = np.asarray(at)
    if key not in SHARES:
        return {key: at}
    comparator, risks = project.comparator, project.risks
    if key == "construction_saving":
        return {"comparator.capex": project.construction.capex / (1.0 - at)}
    if key == "operating_saving":
        lines = ppp.evaluate(project).lines
        spent = [lines["opex"] + lines["lifecycle"], lines["psc_running"]]
        factors = ppp.evaluate(project).side_rates.psc
        own, reference = (float((line * factors).sum()) for line in spent)
        times = own / (1.0 - at) / reference
        profiles = {"opex": comparator.opex, "lifecycle": comparator.lifecycle}
        return {f"comparator.{name}.times": profile.times * times for name, profile in profiles.items() if profile}
    if key == "risk_level":
        return {f"risks.{name}.ratio": risk.ratio * at for name, risk in risks.items() if risk.ratio is not None}
    raise KeyError(key)


def test_put_back_in_each_value_gives_nothing(any_project):
    project = any_project
    found, checked = found_in(project), 0
    for key, each in found.items():
        by_ratio = all(risk.ratio is not None for risk in project.risks.values())
        if each.values and key != "transferred_share" and (by_ratio or key != "risk_level"):
            left = relative(project, put_back(project, key, each.values))
            assert np.max(np.abs(left)) <= NOTHING, key
            checked += len(each.values)
        assert each.jumps == [] and each.flat == [], key
    assert checked or not any(each.values for each in found.values())


def test_no_value_is_missed(any_project):
    """Against a brute search on a grid ten times finer than the solver's."""
    project = any_project
    for key, each in found_in(project).items():
        if key in SHARES and key != "construction_saving":
            continue
        at = np.linspace(*each.searched, 1201)
        changes = np.flatnonzero(np.diff(quick(project, put_back(project, key, at)) >= 0.0))
        assert len(each.flips) == changes.size, key
        assert all(at[i] <= value <= at[i + 1] for i, value in zip(changes, each.flips, strict=True)), key


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.floats(600.0, 1_500.0),
    st.floats(20.0, 90.0),
    st.integers(0, 12),
    st.integers(0, 100),
    st.sampled_from(["viability_gap", "government_pay"]),
)
def test_any_project_s_values_are_zeros_and_all_of_them(project, capex, opex, profit, transferred, kind):
    made = project(
        comparator={"capex": round(capex, 3), "opex": round(opex, 3)},
        payment={"kind": kind, "profit_rate": f"{profit}%", "rate": "5%"},
        risks={"overrun": {"transferred": f"{transferred}%"}},
        ranges={"operation.opex.times": {"low": 0.5, "high": 1.5}},
        **({"users": None} if kind == "government_pay" else {}),
    )
    for key, each in found_in(made).items():
        if key == "transferred_share":
            continue
        if each.values:
            assert np.max(np.abs(relative(made, put_back(made, key, each.values)))) <= NOTHING, key
        if key not in SHARES:
            at = np.linspace(*each.searched, 601)
            changes = np.count_nonzero(np.diff(quick(made, {key: at}) >= 0.0))
            assert len(each.flips) >= changes, key


RANGE = {"low": "3.3%", "high": "5.6%"}


def bare(project, spent, reference, ranges=None):
    """A project of which nothing is left but the government's support by year (`spent`) and the reference project's cost by year,
    the first at close and the others at year ends; both in the file's unit."""
    years = len(spent) - 1
    return project(
        timeline={"financial_close": "2022-01-01", "construction": "0 years", "operation": f"{years} years"},
        construction={"capex": 1000, "spending": None},
        operation={"opex": 0},
        users={"payments": 0},
        payment={"kind": "user_pay"},
        funding={"government_share": "0%", "debt": None},
        tax=None,
        risks=None,
        qualitative=None,
        comparator={"capex": reference[0], "opex": reference[1:]},
        ranges=ranges,
        discounting={"rate": "4.35%"} if ranges else {"rate": "5%"},
        support={
            "at_close": {"name": "At close", "phase": "construction", "cost": spent[0]},
            "later": {"name": "Later", "phase": "operation", "cost": spent[1:]},
        },
    )


def test_both_values_are_found_where_a_rate_has_two(project):
    """Reference 100 now and 100 x 1.03 x 1.08 in two years against 211 in one: zero at 3 % and at 8 %."""
    two = bare(project, [0, 211, 0], [100, 0, 111.24])
    rate = found_in(two)["discounting.rate"]
    assert rate.values == pytest.approx([0.03, 0.08], abs=1e-9)
    assert rate.nearest == pytest.approx(0.03, abs=1e-9)  # the file's 5 % lies nearer to it


@pytest.mark.parametrize("first, second", [(0.03970043, 0.03993886), (0.0001, 0.0004), (0.11955, 0.1199)])
def test_both_values_are_found_where_they_lie_between_neighbouring_points(project, first, second):
    """Beside a point of the plausible range that nearly coincides with one of what is searched, and at either end of what is searched."""
    reference = [100, 0, 100 * (1 + first) * (1 + second)]
    close = bare(project, [0, 100 * (2 + first + second), 0], reference, {"discounting.rate": RANGE})
    found = found_in(close)["discounting.rate"]
    assert found.values == pytest.approx([first, second], abs=1e-9)


def test_a_value_at_which_the_sign_does_not_change_is_found(project):
    """Reference 100 (1 - 1.037 v)^2 dearer: VfM touches zero at 3.7 % and is positive on both sides."""
    touching = bare(project, [0, 207.4, 0], [100, 0, 107.5369])
    (value,) = found_in(touching)["discounting.rate"].values
    assert value == pytest.approx(0.037, abs=1e-5)
    assert abs(relative(touching, {"discounting.rate": np.array([value])})[0]) <= NOTHING


def test_where_no_value_exists_none_is_named(project):
    dear = found_in(bare(project, [0, 10, 0], [100, 0, 50]))
    assert dear["discounting.rate"].values == [] and dear["discounting.rate"].nearest is None


def test_what_moves_nothing_is_no_lever(params):
    assert "operation.opex.times" not in found_in(params("school"))  # the price is fixed
    assert "payment.amount.times" in found_in(params("school"))


def test_the_loan_rate_is_a_lever_where_it_is_part_of_the_discount_rate(params):
    """With an availability payment it moves nothing but the discount rate; the brute search finds where VfM changes sign."""
    highway = params("us-highway")
    assert "funding.debt.rate" not in found_in(highway)
    at_cost = highway.model_copy(update={"conventions": {**highway.conventions, "discount_method": "financing_cost"}})
    found = found_in(at_cost)["funding.debt.rate"]
    at = np.linspace(*found.searched, 1201)
    curve = quick(at_cost, {"funding.debt.rate": at})
    changes = np.flatnonzero(np.diff(curve >= 0.0))
    assert found.searched == (0.0, 0.12) and np.ptp(curve) > 0.01
    assert len(found.flips) == changes.size > 0
    assert all(at[i] <= value <= at[i + 1] for i, value in zip(changes, found.flips, strict=True))


def test_rounded_payments_do_not_hide_a_value(project):
    """With payments rounded each year VfM steps past zero; the value is that of the payments without rounding."""
    exact = found_in(project())["payment.profit_rate"].values
    rounded = found_in(project(conventions={"subsidy_rounding": "yearly"}))["payment.profit_rate"].values
    assert rounded == exact and exact


def test_whether_a_value_is_plausible_is_said_by_the_file_s_range(project):
    base = found_in(project())["discounting.rate"]
    (value,) = base.values
    assert base.plausible is None
    for low, high, inside in ((value - 0.01, value + 0.03, True), (value + 0.001, 0.09, False)):
        ranges = {"discounting.rate": {"low": f"{100 * low:.3f}%", "high": f"{100 * high:.3f}%"}}
        ranged = found_in(project(ranges=ranges))["discounting.rate"]
        assert ranged.values == pytest.approx([value], abs=1e-12)
        assert ranged.within(*ranged.plausible) == (ranged.values if inside else [])


def test_a_saving_is_plausible_where_both_costs_ranges_allow_it(project):
    made = project(
        ranges={"construction.capex": {"low": 900, "high": 1050}, "comparator.capex": {"low": 1050, "high": 1200}}
    )
    saving = found_in(made)["construction_saving"]
    assert saving.base == pytest.approx(1 - 1000 / 1100)
    assert saving.plausible == pytest.approx((1 - 1050 / 1050, 1 - 900 / 1200))


def test_the_plausible_saving_escalates_with_the_cost(project):
    """Each end is the saving of the file that has this end as its cost."""

    def made(capex):
        return project(
            timeline={"construction": "2 years"},
            construction={"capex": capex, "spending": ["50%", "50%"], "escalation": "10%", "land": 40},
            ranges={"construction.capex": {"low": 900, "high": 1050}},
        )

    saving = {capex: found_in(made(capex))["construction_saving"] for capex in (900, 1000, 1050)}
    assert saving[1000].plausible == pytest.approx((saving[1050].base, saving[900].base), abs=1e-12)
    assert saving[1000].base < 1 - 1000 * 1.05 / 1100 - 1e-3  # with land, escalated


def test_transferring_less_takes_the_transferred_cost_out_in_proportion(project):
    """VfM is linear in the share: what is left at share x is amount - PV of transferred risk x (1 - x / share now)."""
    evaluation = ppp.evaluate(project())
    share = found_in(project())["transferred_share"]
    transferred, amount = float(evaluation.vfm.psc_parts["transferred_risk"][0]), float(evaluation.vfm.amount[0])
    whole = transferred + float(evaluation.vfm.psc_parts["retained_risk"][0])
    assert share.base == pytest.approx(transferred / whole)
    for at, value in zip(share.grid, share.vfm, strict=True):
        assert value == pytest.approx(amount + (at - share.base) * whole, abs=1e-9 * whole)
    wanted = share.base - amount / whole
    assert share.values == (pytest.approx([wanted]) if 0.0 <= wanted <= 1.0 else [])


def test_the_level_of_risk_counts_every_method(params):
    """Doubling every ratio and every outcome's cost doubles both risk lines."""
    wastewater = params("wastewater")
    level = found_in(wastewater)["risk_level"]
    at = level.values[0]
    evaluation = ppp.evaluate(wastewater)
    transferred = float(evaluation.vfm.psc_parts["transferred_risk"][0])
    assert at == pytest.approx(1.0 - float(evaluation.vfm.amount[0]) / transferred, rel=1e-9)
