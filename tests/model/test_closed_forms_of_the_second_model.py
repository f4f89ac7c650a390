"""The second model against closed forms and printed figures, so that agreement with it means something."""

import importlib.util
from decimal import Decimal
from pathlib import Path

import pytest
from second_model import second_model, second_operation
from second_model.examples import changed
from second_model.random_projects import load

import ppp

VALIDATION = Path(__file__).parents[1] / "validation"
PARAMS = Path(__file__).parents[2] / "params"

PLAIN = {
    "kind": "project",
    "id": "plain",
    "name": "Plain",
    "status": "draft",
    "sector": "other",
    "regime": "generic",
    "appraised": "2020-01-01",
    "currency": "USD",
    "unit": "one",
    "price_basis": "nominal",
    "timeline": {"financial_close": "2020-01-01", "construction": "0 years", "operation": "20 years"},
    "construction": {"capex": 1000},
    "operation": {"opex": 30},
    "payment": {"kind": "availability", "amount": 100},
    "funding": {
        "government_share": 0,
        "debt": {"rate": "5%", "tenor": "20 years", "repayment": "annuity", "max_gearing": "70%"},
    },
    "discounting": {"rate": "5%"},
}


def annuity(rate: float, years: int) -> float:
    return (1 - (1 + rate) ** -years) / rate


def second(data):
    return second_model(load(data, "json"))


def test_level_payment_for_a_return():
    """C funded at close, flat cost O, sculpted to DSCR over the whole life, no tax: the equity IRR is k when the yearly payment is
    O + C / [a(i, n) / DSCR + (1 - 1 / DSCR) a(k, n)]."""
    i, k, n, cover = 0.05, 0.11, 20, 1.25
    payment = 30 + 1000 / (annuity(i, n) / cover + (1 - 1 / cover) * annuity(k, n))
    data = changed(PLAIN, payment__amount=payment, funding__debt__repayment="sculpted", funding__debt__dscr=cover)
    found = second(changed(data, funding__debt__max_gearing="100%"))
    assert float(found.results["equity_irr"]) == pytest.approx(k, rel=1e-12)
    assert float(found.results["llcr"]) == pytest.approx(cover, rel=1e-14)
    assert found.binding == {"senior": "dscr"}


@pytest.mark.parametrize("period, months", [("year", 12), ("half_year", 6), ("quarter", 3), ("month", 1)])
def test_an_annuity_is_level_in_every_period(period, months):
    found = second(changed(PLAIN, timeline__period=period))
    rate, count = 0.05 * months / 12, 240 // months
    assert found.floats("debt_service")[1:] == pytest.approx([700 / annuity(rate, count)] * count, rel=1e-13)
    assert abs(found.floats("debt_closing")[-1]) < 1e-20


@pytest.mark.parametrize("draws, part", [("start", 1.0), ("middle", 0.5), ("end", 0.0)])
def test_interest_during_construction_in_closed_form(draws, part):
    """Two even years, debt g of all uses, draws bearing `part` of their year: with d_t = g (500 + I_t), I_1 = i p d_1 and
    I_2 = i (d_1 + p d_2)."""
    g, i = 0.7, 0.05
    first = g * 500 / (1 - g * i * part)
    then = g * (500 + i * first) / (1 - g * i * part)
    data = changed(PLAIN, timeline__construction="2 years", conventions__construction_draws=draws)
    found = second(data)
    assert found.floats("interest_during_construction")[1:3] == pytest.approx(
        [i * part * first, i * (first + part * then)], rel=1e-13, abs=1e-12
    )
    assert float(found.results["debt"]) == pytest.approx(first + then, rel=1e-13)


def test_losses_and_a_holiday_in_a_hand_calculation():
    """Two exempt tax years, then one at half: depreciation 1000 / 4, profits of 70 - 250 for four years, then 70 a year; the loss of
    720 is worn down by 70 a year in years 5 to 14, and what lies over five tax years back has expired."""
    data = changed(PLAIN, funding__debt=None, payment__amount=100)
    data["tax"] = {"rate": "25%", "depreciation": "4 years", "loss_years": "5 years"}
    found = second(data)
    # the losses of years 1 to 4 (180 each) can be used until years 6, 7, 8 and 9: 70 each in years 5 to 9
    assert found.floats("losses_used")[5:11] == pytest.approx([70] * 5 + [0])
    assert found.floats("tax")[5:11] == pytest.approx([0] * 5 + [17.5])


def test_the_ring_road_and_the_contract_as_printed():
    road = second_operation(ppp.load(PARAMS / "published" / "ring-road.yaml"))
    assert float(road["government_payment"][3]) / 1e4 == pytest.approx(9044.46, abs=0.005)
    contract = second_operation(ppp.load(PARAMS / "published" / "hospital-care-park.yaml"))
    assert sum(contract["government_payment"]) == pytest.approx(Decimal("909053854.85"), abs=Decimal("0.01"))


def single_owner():
    spec = importlib.util.spec_from_file_location("single_owner", VALIDATION / "test_single_owner.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["S1", "S2", "S3", "S5"])
def test_the_single_owner_reference(name, tmp_path):
    module = single_owner()
    case = module.CASES[name]
    given = case["inputs"]
    tax = module.TAX.format(**given) if given["tax_rate"] else ""
    gearing = "100%" if given["max_gearing"] == 1 else given["max_gearing"]
    path = tmp_path / "project.yaml"
    path.write_text(module.FILE.format(**given, gearing=gearing, tax=tax), encoding="utf-8")
    found = second_model(ppp.load(path))
    for key, expected in case["results"].items():
        assert float(found.results[key]) == pytest.approx(expected, rel=1e-9)
    for key, expected in case["rows"].items():
        assert found.floats(key) == pytest.approx(expected, rel=1e-9, abs=1e-9 * given["capex"])
