"""Draws of a project: zero variance is the base case, linear cases have closed forms, and nothing but the file decides what a draw is."""

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

import ppp
from ppp.appraisal import simulation as simulating
from ppp.appraisal.importance import CORRELATED, FEW, STILL, drivers, variance_shares
from ppp.appraisal.simulation import KEPT, simulate
from ppp.draws import plan_of, relative_cost
from ppp.model.sampling import sobol

BOTH = {
    "overrun": {"multiplies": ["construction.capex", "comparator.capex"], "shape": "uniform", "low": 0.9, "high": 1.3}
}
USER_PAY = {"payment": {"kind": "user_pay"}, "users": {"payments": 200}, "tax": None}


def drawing(project, draws=None, changes=None, **terms):
    return simulate(project(simulation=terms, **(changes or {})), draws)


def still(key, value):
    return {"sets": key, "shape": "normal", "mean": value, "sd": 0}


def test_draws_without_variance_are_the_base_case(any_project):
    """Every input of a range drawn at its own value: each draw is the base case to 1e-12, with the loan resized and held."""
    keys = ["construction.capex", "discounting.rate", "operation.opex.times"]
    numbers = {key: ppp.loading.value_at(any_project, key) for key in keys}
    base = ppp.evaluate(any_project)
    from ppp.simulation_terms import SimulationTerms

    for loan in ("resized", "held"):
        inputs = {f"q{i}": still(key, value) for i, (key, value) in enumerate(numbers.items())}
        terms = SimulationTerms.model_validate({"inputs": inputs, "loan": loan})
        calm = any_project.model_copy(update={"simulation": terms, "ranges": {}})
        drawn = simulate(calm, 64)
        for key in KEPT:
            if key in base.results:
                # a difference of present values has the size of what is set off, not of what is left
                size = (
                    float(base.inputs.capex.sum()) if key in ("vfm_amount", "equity_npv") else abs(base.results[key][0])
                )
                allowed = 1e-12 * size
                np.testing.assert_allclose(
                    drawn.results[key], base.results[key][0], rtol=1e-12, atol=allowed, err_msg=key
                )
                assert drawn.quantile(key, 0.95).error <= 2 * allowed or np.isnan(base.results[key][0])


def test_mean_and_quantiles_of_a_linear_case_match_the_closed_form(project):
    """The reference cost alone, normal: value for money is linear in it, so it is normal too."""
    linear = {"cost": {"sets": "comparator.capex", "shape": "normal", "mean": 1100, "sd": 50}}
    plain = {"risks": None, "comparator": {"capex": 1100, "opex": 60}}
    for sampling in ("sobol", "pseudo_random"):
        drawn = drawing(project, 8192, plain, sampling=sampling, inputs=linear)
        ends = ppp.evaluate(drawn.plan.project, {"comparator.capex": np.array([1000.0, 1100.0])}).vfm.amount
        slope, middle = (ends[1] - ends[0]) / 100.0, ends[1]
        assert abs(drawn.mean("vfm_amount").value - middle) <= 3 * drawn.mean("vfm_amount").error + 1e-9 * abs(middle)
        for share in (0.05, 0.5, 0.95):
            found = drawn.quantile("vfm_amount", share)
            assert abs(found.value - (middle + 50 * slope * norm.ppf(share))) <= 3 * found.error
            assert found.error < (0.2 if sampling == "pseudo_random" else 0.02) * 50 * slope
        truth = norm.cdf(middle / (50 * slope))
        cheaper = drawn.probability("ppp_cheaper")
        assert abs(cheaper.value - truth) <= 3 * max(cheaper.error, 1 / 8192)


def test_the_sum_of_two_normals_is_normal_with_their_correlation(project):
    """Reference cost and reference running cost: the variance of the sum holds twice the covariance."""
    inputs = {
        "capex": {"sets": "comparator.capex", "shape": "normal", "mean": 1100, "sd": 50},
        "opex": {"sets": "comparator.opex.times", "shape": "normal", "mean": 1, "sd": 0.05},
    }
    rank = 0.6
    correlated = drawing(
        project, 16384, {"risks": None}, inputs=inputs, correlations=[{"between": ["opex", "capex"], "rank": "60%"}]
    )
    base = ppp.evaluate(correlated.plan.project).vfm.amount[0]
    slopes = [
        ppp.evaluate(correlated.plan.project, {key: np.array([value])}).vfm.amount[0] - base
        for key, value in (("comparator.capex", 1150.0), ("comparator.opex.times", 1.05))
    ]
    rho = 2 * np.sin(np.pi * rank / 6)
    deviation = np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + 2 * rho * slopes[0] * slopes[1])
    for share in (0.05, 0.95):
        found = correlated.quantile("vfm_amount", share)
        assert abs(found.value - (base + deviation * norm.ppf(share))) <= 3 * found.error
    assert spearmanr(*correlated.randoms.values()).statistic == pytest.approx(rank, abs=0.005)


def test_the_error_is_the_one_that_repetitions_have(params):
    """Over projects that differ in their seed alone, the scatter of the estimates is what one of them says."""
    base = params("wastewater")
    runs = [simulate(base.model_copy(update={"id": f"p{i}"}), 256) for i in range(40)]
    means = np.array([run.mean("vfm_amount").value for run in runs])
    said = np.sqrt(np.mean([run.mean("vfm_amount").error ** 2 for run in runs]))
    assert 0.6 < means.std(ddof=1) / said < 1.6


def test_sobol_points_err_less_than_pseudo_random_ones(params):
    base = params("wastewater")
    by = {
        sampling: simulate(with_terms(base, sampling=sampling), 2048).mean("vfm_amount").error
        for sampling in ("sobol", "pseudo_random")
    }
    assert by["sobol"] < 0.2 * by["pseudo_random"]


def with_terms(base, **terms):
    from ppp.simulation_terms import SimulationTerms

    return base.model_copy(update={"simulation": SimulationTerms.model_validate(terms)})


def test_blocks_processes_and_the_number_of_draws_change_no_draw(params, monkeypatch):
    base = params("wastewater")
    whole = simulate(base, 1024)
    monkeypatch.setattr(simulating, "BLOCK", 100)
    for other in (simulate(base, 1024), simulate(base, 1024, jobs=2), simulate(base, 4096)):
        for key, values in whole.results.items():
            np.testing.assert_allclose(other.results[key][:1024], values, rtol=1e-12, atol=1e-3)
        for name, values in whole.randoms.items():
            np.testing.assert_array_equal(other.randoms[name][:1024], values)


def test_the_number_of_draws_is_raised_to_a_power_of_two_in_each_scramble(params):
    assert [simulate(params("wastewater"), draws).draws for draws in (1, 16, 100, 1024)] == [8, 16, 128, 1024]


def test_a_shared_cost_moves_both_sides(project):
    """Twice the cost on both sides is twice the cost: the difference in capex scales with the draw, and PSC and PPP move together."""
    drawn = drawing(project, 512, inputs=BOTH)
    factor = drawn.randoms["overrun"]
    assert np.corrcoef(factor, drawn.results["psc"])[0, 1] > 0.999
    alone = drawing(project, 512, inputs={"overrun": {**BOTH["overrun"], "multiplies": ["construction.capex"]}})
    np.testing.assert_array_equal(alone.randoms["overrun"], factor)
    assert np.ptp(alone.results["psc"]) < 0.2 * np.ptp(
        drawn.results["psc"]
    )  # only through the risks on its cost, if at all
    assert drawn.results["vfm_amount"].std() < alone.results["vfm_amount"].std()


def test_an_input_is_set_then_multiplied_then_added_to(project):
    inputs = {
        "a": {"adds_to": ["discounting.rate"], "shape": "discrete", "values": ["1%"], "probabilities": ["100%"]},
        "b": {"multiplies": ["discounting.rate"], "shape": "discrete", "values": [2], "probabilities": ["100%"]},
        "c": {"sets": "discounting.rate", "shape": "discrete", "values": ["3%"], "probabilities": ["100%"]},
    }
    plan = plan_of(project(simulation={"inputs": inputs}), 16)
    np.testing.assert_allclose(plan.of(np.arange(16))["discounting.rate"], 0.07)
    assert plan.reach()["discounting.rate"] == pytest.approx((0.07, 0.07))


def test_a_range_without_a_distribution_is_drawn_triangularly(project):
    plan = plan_of(project(ranges={"construction.capex": {"low": 900, "high": 1300}}))
    drawn = plan.of(np.arange(plan.draws))["construction.capex"]
    assert drawn.mean() == pytest.approx((900 + 1000 + 1300) / 3, rel=1e-3)
    assert drawn.min() >= 900.0 and drawn.max() <= 1300.0


def test_a_held_loan_is_the_base_case_s_and_covers_can_break(project):
    """Sales 10 % lower at most: resized, the lender's cover holds and the loan shrinks; held, the loan stays and the cover breaks."""
    inputs = {"sales": {"sets": "users.payments.times", "shape": "uniform", "low": 0.8, "high": 1.0}}
    resized, held = (drawing(project, 256, USER_PAY, inputs=inputs, loan=loan) for loan in ("resized", "held"))
    base = ppp.evaluate(resized.plan.project)
    asked = float(base.inputs.tranches[0].dscr[0])
    assert resized.covenant == held.covenant == asked
    assert resized.probability("covenant_broken").value == 0.0 and np.ptp(resized.results["debt"]) > 0.0
    np.testing.assert_allclose(held.results["debt"], base.results["debt"][0], rtol=1e-12)
    # the service stays, cash falls with sales: cover = (sales x factor - cost) / service, lowest in a level project's every year
    sales, cost = 200e4 * held.randoms["sales"], 50e4
    np.testing.assert_allclose(
        held.results["dscr_min"], (sales - cost) / (200e4 - cost) * base.results["dscr_min"][0], rtol=1e-9
    )
    breaks = (
        asked / base.results["dscr_min"][0] * (200e4 - cost) + cost
    ) / 200e4  # sales at which the cover is what is asked
    assert 0.8 < breaks < 1.0
    assert held.probability("covenant_broken").value == pytest.approx((breaks - 0.8) / 0.2, abs=0.01)


def test_risks_are_drawn_from_what_the_register_says(project):
    risks = {
        "flood": {"name": "Flood", "category": "operation", "phase": "operation", "transferred": "50%",
                  "outcomes": [{"probability": "70%", "cost": 0}, {"probability": "30%", "cost": 20}]},
        "works": {"name": "Works", "category": "construction", "phase": "construction", "transferred": "50%",
                  "distribution": {"probability": "40%", "low": 10, "likely": 20, "high": 60}},
    }  # fmt: skip
    drawn = drawing(project, 8192, {"risks": risks}, risks="drawn")
    base = ppp.evaluate(drawn.plan.project)
    for key in ("psc", "ppp_value"):
        found = drawn.mean(key)
        assert abs(found.value - base.results[key][0]) <= 3 * found.error + 1e-9 * found.value
    factor = drawn.randoms["risks.flood.times"]
    assert sorted(np.unique(np.round(factor, 9))) == pytest.approx([0.0, 1 / 0.3])
    assert np.mean(factor > 0) == pytest.approx(0.3, abs=0.005)
    assert np.mean(drawn.randoms["risks.works.times"] > 0) == pytest.approx(0.4, abs=0.005)
    at = (np.arange(100_000) + 0.5) / 100_000
    assert relative_cost(drawn.plan.project.risks["works"], at).mean() == pytest.approx(1.0, rel=1e-6)


def test_the_factor_of_a_risk_multiplies_its_cost(project):
    base, twice = ppp.evaluate(project()), ppp.evaluate(project(), {"risks.overrun.times": np.array([2.0])})
    for key in ("transferred_risk", "retained_risk"):
        difference = twice.lines[key] - base.lines[key]
        construction = base.inputs.timeline.built
        np.testing.assert_allclose(difference[construction], base.lines[key][construction], rtol=1e-12)


@pytest.mark.parametrize("loan", ["resized", "held"])
def test_the_worst_draws_open_as_cases(params, loan):
    base = with_terms(params("toll-road"), loan=loan)
    drawn = simulate(base, 512)
    worst = drawn.worst("equity_npv", 3)
    order = np.sort(drawn.results["equity_npv"])
    np.testing.assert_array_equal(drawn.results["equity_npv"][worst], order[:3])
    for number in worst:
        case = ppp.evaluate(drawn.case(number))
        for key, values in drawn.results.items():
            assert float(case.results[key][0]) == pytest.approx(values[number], rel=1e-9, nan_ok=True), key
        assert case.project._origin.scenario == f"draw-{number}"


def test_a_draw_is_a_scenario_of_the_file_by_its_number(project, tmp_path):
    project(ranges={"construction.capex": {"low": 900, "high": 1300}}, scenarios={"dear": {"operation": {"opex": 55}}})
    drawn = simulate(ppp.load(tmp_path / "bridge.yaml"), 64)
    one = ppp.load(tmp_path / "bridge.yaml", "draw-37")
    assert one.construction.capex == drawn.randoms["construction.capex"][37]
    assert plan_of(one) is None  # a draw draws nothing more
    under = ppp.load(tmp_path / "bridge.yaml", "dear+draw-37")
    assert (under.construction.capex, under.operation.opex.start) == (one.construction.capex, 55.0)
    for wrong in ("draw-x", "draw--1", "draw-01", "none+draw-1"):
        with pytest.raises(ppp.InputError, match="no such scenario"):
            ppp.load(tmp_path / "bridge.yaml", wrong)


def test_what_a_scenario_says_is_known_and_not_drawn(project):
    inputs = {"cost": {"sets": "construction.capex", "shape": "uniform", "low": 900, "high": 1300}}
    inputs["sales"] = {"multiplies": ["users.payments.times"], "shape": "uniform", "low": 0.9, "high": 1.1}
    dear = {"dear": {"construction": {"capex": 1200}, "users": {"payments": {"times": 0.9}}}}
    base = project(simulation={"inputs": inputs}, scenarios=dear)
    assert plan_of(base).names == ("cost", "sales")
    under = plan_of(ppp.loading.apply_scenario(base, "dear"), 64)
    assert under.names == ("sales",)
    assert np.median(under.of(np.arange(512))["users.payments.times"]) == pytest.approx(0.9, abs=0.01)


def test_a_scenario_may_hold_the_loan_of_the_base_case(project):
    base = project(
        **USER_PAY, scenarios={"new": {"users": {"payments": 180}}, "old": {"users": {"payments": 180}, "loan": "held"}}
    )
    original, resized, held = (
        ppp.evaluate(ppp.loading.apply_scenario(base, name) if name else base) for name in (None, "new", "old")
    )
    assert resized.results["debt"][0] < original.results["debt"][0]
    assert held.results["debt"][0] == pytest.approx(original.results["debt"][0], rel=1e-12)
    assert resized.results["dscr_min"][0] >= 1.2 * (1.0 - 1e-9)
    assert held.results["dscr_min"][0] < original.results["dscr_min"][0]
    np.testing.assert_allclose(held.lines["debt_service"], original.lines["debt_service"], rtol=1e-9, atol=1e-3)
    assert np.all(held.sound)


def ishigami(u, a=7.0, b=0.1):
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def crossed(function, first, second):
    found = []
    for i in range(first.shape[1]):
        mixed = first.copy()
        mixed[:, i] = second[:, i]
        found.append(function(mixed))
    return found


def test_variance_shares_of_the_ishigami_function_are_the_analytic_ones():
    """V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 (Ishigami and Homma 1990); only x1 and x3 interact."""
    a, b = 7.0, 0.1
    v1, v2, v13 = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = v1 + v2 + v13
    points = sobol(np.arange(2**14), 6, 8)
    first, second = points[:, :3], points[:, 3:]
    alone, total = variance_shares(ishigami(first), ishigami(second), crossed(ishigami, first, second))
    assert alone == pytest.approx([v1 / whole, v2 / whole, 0.0], abs=0.005)
    assert total == pytest.approx([(v1 + v13) / whole, v2 / whole, v13 / whole], abs=0.005)


def test_shares_of_a_sum_are_its_parts_and_scipy_agrees():
    from scipy.stats import sobol_indices, uniform

    def total_of(u):
        return 3.0 * u[:, 0] + 4.0 * u[:, 1]

    points = sobol(np.arange(4096), 4, 2)
    alone, total = variance_shares(
        total_of(points[:, :2]), total_of(points[:, 2:]), crossed(total_of, points[:, :2], points[:, 2:])
    )
    assert alone == pytest.approx([9 / 25, 16 / 25], abs=2e-3) and total == pytest.approx([9 / 25, 16 / 25], abs=2e-3)
    theirs = sobol_indices(func=lambda x: total_of(x.T), n=4096, dists=[uniform(), uniform()], rng=1)
    assert alone == pytest.approx(theirs.first_order, abs=5e-3)


def test_the_drivers_of_a_project_add_up_where_it_is_additive(project):
    inputs = {
        "capex": {"sets": "comparator.capex", "shape": "uniform", "low": 1000, "high": 1200},
        "opex": {"sets": "comparator.opex.times", "shape": "uniform", "low": 0.9, "high": 1.1},
        "asked": {"sets": "discounting.equity_rate", "shape": "uniform", "low": "7%", "high": "9%"},
    }
    found = drivers(drawing(project, 4096, {"risks": None}, inputs=inputs))
    vfm = found["vfm_amount"]
    assert vfm.why is None and vfm.ranked[0] == "capex" and vfm.ranked[-1] == "asked"
    base = project(simulation={"inputs": inputs}, risks=None)
    slopes = {
        name: np.diff(ppp.evaluate(base, {key: np.array(ends)}).vfm.amount)[0] ** 2
        for name, key, ends in (
            ("capex", "comparator.capex", (1000.0, 1200.0)),
            ("opex", "comparator.opex.times", (0.9, 1.1)),
        )
    }
    for name, squared in slopes.items():
        truth = squared / sum(slopes.values())
        assert vfm.alone[name].value == pytest.approx(truth, abs=4 * vfm.alone[name].error + 0.005)
        assert vfm.total[name].value == pytest.approx(truth, abs=4 * vfm.total[name].error + 0.005)
    assert abs(vfm.total["asked"].value) < 1e-12
    assert vfm.rank["capex"] > 0.5 and vfm.rank["opex"] > 0.1
    assert found["share_peak"].why == STILL and found["equity_npv"].ranked[0] == "asked"


def test_correlated_quantities_are_ranked_by_their_rank_correlation_and_it_is_said_why(project):
    inputs = {
        "capex": {"sets": "comparator.capex", "shape": "uniform", "low": 1000, "high": 1200},
        "opex": {"sets": "comparator.opex.times", "shape": "uniform", "low": 0.9, "high": 1.1},
    }
    drawn = drawing(project, 1024, inputs=inputs, correlations=[{"between": ["capex", "opex"], "rank": "50%"}])
    found = drivers(drawn)["vfm_amount"]
    assert found.why == CORRELATED and found.alone == found.total == {}
    for name, values in drawn.randoms.items():
        assert found.rank[name] == pytest.approx(spearmanr(values, drawn.vfm).statistic, abs=1e-12)
    assert found.ranked == sorted(found.rank, key=lambda name: -abs(found.rank[name]))
    few = drivers(drawing(project, 32, inputs=inputs))["vfm_amount"]
    assert few.why == FEW


def test_a_project_in_another_company_or_order_draws_the_same(params):
    names = ["wastewater", "school", "toll-road"]
    there = {name: simulate(params(name), 64).results for name in names}
    back = {name: simulate(params(name), 64).results for name in reversed(names)}
    for name in names:
        for key, values in there[name].items():
            np.testing.assert_array_equal(values, back[name][key])
    assert not np.array_equal(
        simulate(params("school"), 64).plan.uniform(np.arange(64)),
        simulate(params("hospital"), 64).plan.uniform(np.arange(64)),
    )


def test_nothing_drawn_is_no_simulation(project, params):
    assert simulate(project()) is None
    assert simulate(params("wastewater"), 0) is None
    with pytest.raises(ValueError, match="loan: given keep; allowed: resized or held"):
        simulate(params("wastewater"), loan="keep")


def test_an_irr_that_a_draw_does_not_have_is_counted_and_left_out(project):
    """Sales so low in half the draws that shareholders never get anything back: no equity IRR there."""
    inputs = {
        "sales": {
            "sets": "users.payments.times",
            "shape": "discrete",
            "values": [0.05, 1],
            "probabilities": ["50%", "50%"],
        }
    }
    drawn = drawing(project, 64, {**USER_PAY, "risks": None}, inputs=inputs)
    assert drawn.undefined("equity_irr") == pytest.approx(0.5)
    known = drawn.results["equity_irr"][~np.isnan(drawn.results["equity_irr"])]
    assert drawn.quantile("equity_irr", 0.5).value == pytest.approx(known[0])
    assert drawn.probability("equity_loses").value == pytest.approx(0.5)
    assert drawn.probability("cash_call").value == pytest.approx(0.5)
    assert all(np.isfinite(drawn.results["equity_irr"][drawn.worst("equity_irr", 64)]))
