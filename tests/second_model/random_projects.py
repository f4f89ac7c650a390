"""Valid project files at random, from a seed or drawn by hypothesis: every period, payment, repayment and convention.

Amounts are in proportion to the cost, so that a lender would mostly lend. The generator chooses plain data; `as_yaml` writes it as a
user would, and `load` reads it the public way.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

import ppp
from second_model.rows import Rows

Data = dict[str, Any]

# Months of construction and operation by length of period; the short ones keep a monthly project fast.
CONSTRUCTION = {
    "year": (0, 12, 18, 24, 36, 7),
    "half_year": (0, 6, 12, 15, 24),
    "quarter": (0, 3, 12, 14),
    "month": (0, 5, 12, 13),
}
OPERATION = {
    "year": (60, 96, 120, 130, 180, 201),
    "half_year": (48, 60, 66, 75, 96),
    "quarter": (36, 48, 51, 56),
    "month": (24, 30, 36),
}
REPAYMENTS = ("sculpted", "annuity", "equal_principal", "bullet", "custom")
PAYMENTS = ("user_pay", "government_pay", "viability_gap", "availability", "shadow_tariff")
FORMULA = ("government_pay", "viability_gap")


class Picks:
    """Choices from a source of whole numbers: `whole(low, high)`, both included."""

    def __init__(self, whole: Callable[[int, int], int]):
        self.whole = whole

    def one(self, options: Sequence):
        return options[self.whole(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """True so often; shrinks towards False, so that a failing file loses what it does not need."""
        return self.whole(1, 100) > 100 - percent

    def percent(self, low: float, high: float) -> str:
        """A rate between, in steps of 0.05 %."""
        return f"{self.whole(round(low * 20), round(high * 20)) / 20:g}%"

    def amount(self, low: float, high: float) -> float:
        """An amount with one decimal."""
        return self.whole(round(low * 10), round(high * 10)) / 10

    def hundredths(self, low: float, high: float) -> float:
        return self.whole(round(low * 100), round(high * 100)) / 100


def seeded(seed: int, **fixed) -> Data:
    """The project of that seed; `fixed` goes to project_data."""
    return project_data(Picks(Random(seed).randint), **fixed)


@st.composite
def projects(draw, **fixed) -> Data:
    """Projects drawn by hypothesis; `fixed` goes to project_data."""
    return project_data(Picks(lambda low, high: draw(st.integers(low, high))), **fixed)


def as_yaml(data: Data) -> str:
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.representer.ignore_aliases = lambda value: True
    yaml.width, yaml.sort_base_mapping_type_on_output = 10_000, False
    yaml.dump(data, stream)
    return stream.getvalue()


def load(data: Data, ending: str = "yaml") -> ppp.project.Project:
    """The file written (as yaml, or as json, which is read faster) and read the public way. Raises InputError where the generator is
    wrong about what is valid."""
    text = as_yaml(data) if ending == "yaml" else json.dumps(data, default=dt.date.isoformat)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{data['id']}.{ending}"
        path.write_text(text, encoding="utf-8")
        return ppp.load(path)


def project_data(
    pick: Picks, period: str | None = None, payment: str | None = None, plain: bool = False, published: bool = False
) -> Data:
    """One project. `plain` leaves out reserves, VAT, working capital, sweep and limits on distributions; `published` is a formula without
    a funding model."""
    timeline = _timeline(pick, period or pick.one(("year", "year", "half_year", "quarter", "month")))
    rows = Rows(
        SimpleNamespace(
            **{
                **timeline,
                "construction": _months(timeline["construction"]),
                "operation": _months(timeline["operation"]),
            }
        )
    )
    capex = pick.amount(500, 5000)
    data = {
        "kind": "project",
        "id": "random",
        "name": "Random",
        "status": "draft",
        "sector": "other",
        "regime": pick.one(("cn-2015", "cn-2015", "generic")),
        "appraised": dt.date(2021, 1, 1),
        "currency": "CNY",
        "unit": pick.one(("wan", "million", "one")),
        "timeline": timeline,
        "construction": _construction(pick, rows, capex),
        **_money_of(pick, rows, capex, payment or pick.one(PAYMENTS)),
        "funding": _funding(pick, rows, capex, plain),
        "discounting": {"rate": pick.percent(0, 9)},
    }
    if published:
        _as_published(pick, data)
    _conventions(pick, data)
    _prices(pick, data)
    if pick.chance(40):
        data["discounting"]["equity_rate"] = pick.percent(0, 14)
    if published:
        return data
    if pick.chance(80):
        data["tax"] = _tax(pick, rows, plain)
    if not plain and pick.chance(40):
        data["working_capital"] = {
            "receivable_days": pick.whole(0, 90),
            "government_days": pick.whole(0, 180),
            "payable_days": pick.whole(0, 60),
            "funded": pick.one(("construction", "cash_flow")),
        }
    if not plain and pick.chance(45):
        data["distributions"] = _distributions(pick, capex)
    return data


def _months(text: str) -> int:
    number, unit = text.split()
    return int(number) * (12 if unit.startswith("year") else 1)


def _length(months: int) -> str:
    return f"{months} months" if months % 12 else f"{months // 12} years"


def _timeline(pick: Picks, period: str) -> Data:
    ends = pick.one(("anniversary", "calendar"))
    day = 1 if ends == "calendar" else pick.one((1, 1, 15, 31))
    month = pick.one((1, 1, 3, 7, 10)) if day == 31 else pick.one((1, 1, 2, 4, 7, 11))
    return {
        "financial_close": dt.date(pick.whole(2022, 2025), month, day),
        "construction": _length(pick.one(CONSTRUCTION[period])),
        "operation": _length(pick.one(OPERATION[period])),
        "period": period,
        "periods_end": ends,
    }


def _shares(pick: Picks, count: int) -> list[str]:
    """Whole percentages that add to 100."""
    weights = [pick.whole(1, 9) for _ in range(count)]
    percent = [100 * weight // sum(weights) for weight in weights]
    percent[0] += 100 - sum(percent)
    return [f"{p}%" for p in percent]


def _construction(pick: Picks, rows: Rows, capex: float) -> Data:
    data: Data = {"capex": capex}
    if pick.chance(50):
        data["spending"] = _shares(pick, rows.construction_years)
    if pick.chance(30):
        data["escalation"] = pick.percent(-2, 6)
    if pick.chance(25):
        data["land"] = pick.amount(0, capex / 5)
    if pick.chance(25):
        item: Data = {"name": "Pipes", "amount": pick.amount(0, capex / 3)}
        if pick.chance(50):
            item["spending"] = _shares(pick, rows.construction_years)
        if pick.chance(50):
            item["escalation"] = pick.percent(0, 5)
        data["items"] = {"pipes": item}
    return data


def _profile(pick: Picks, level: float, years: int) -> Any:
    """Around `level`: one number, growing, or a list."""
    level = round(level, 2)
    how = pick.one(("number", "growing", "listed"))
    if how == "number":
        return level
    if how == "growing":
        data = {"start": level, "growth": pick.percent(-2, 4)}
        if pick.chance(20):
            data["times"] = pick.hundredths(0.8, 1.2)
        return data
    return [round(level * pick.hundredths(0.85, 1.15), 2) for _ in range(years)]


def _renewals(pick: Picks, level: float, years: int) -> list[float]:
    return [round(level * pick.whole(1, 4), 2) if pick.chance(25) else 0 for _ in range(years)]


def _money_of(pick: Picks, rows: Rows, capex: float, kind: str) -> Data:
    """operation, users and payment, so that income is about what the cost asks for."""
    years, length = rows.operating_years, rows.o / 12
    opex = round(capex * pick.hundredths(0.01, 0.06), 2)
    yearly = capex * (0.05 + 1.05 / length) + opex
    income = yearly * pick.hundredths(0.75, 1.5)
    operation: Data = {"opex": _profile(pick, opex, years)}
    if pick.chance(40):
        operation["lifecycle"] = _renewals(pick, capex * 0.02, years)
    if pick.chance(30):
        operation["other_revenue"] = _profile(pick, yearly * 0.05, years)
    if pick.chance(25):
        operation["disposal"] = pick.amount(0, capex / 4)
    data: Data = {"operation": operation}
    part = {"user_pay": 1.0, "viability_gap": pick.hundredths(0.2, 1.1)}.get(kind, 0.2)
    if kind in ("user_pay", "viability_gap") or pick.chance(25):
        data["users"] = _users(pick, income * part, years)
    data["payment"] = _payment(pick, kind, rows, capex, income)
    return data


def _users(pick: Picks, level: float, years: int) -> Data:
    if pick.chance(60):
        data: Data = {"payments": _profile(pick, level, years)}
    else:
        data = {"demand": _profile(pick, level / 5, years), "tariff": {"start": 5, "growth": pick.percent(0, 3)}}
        # the tariff is in the currency itself: the file's unit is carried by the demand's scale
        data["demand_scale"] = "unit"
    if pick.chance(30):
        data["ramp_up"] = [f"{pick.whole(40, 90)}%", f"{pick.whole(70, 100)}%"][: pick.whole(1, min(2, years))]
    return data


def _payment(pick: Picks, kind: str, rows: Rows, capex: float, income: float) -> Data:
    years, data = rows.operating_years, {"kind": kind}
    if kind == "user_pay":
        above = _profile(pick, income, years)
        level = {"values": above} if isinstance(above, list) else above if isinstance(above, dict) else {"start": above}
        level = {"times": 1, **level}
        if pick.chance(50):  # at most where the first band begins: nobody is guaranteed what he must share
            data["minimum_revenue"] = level | {"times": level["times"] * pick.hundredths(0.6, 1.0)}
        if pick.chance(50):
            bands = [
                {"above": level, "government": pick.percent(10, 50)},
                {"above": level | {"times": level["times"] * 1.3}, "government": pick.percent(50, 90)},
            ]
            data["revenue_share"] = bands[: pick.whole(1, 2)]
    elif kind == "availability":
        data["amount"] = _profile(pick, income * 0.85, years)
        if pick.chance(60):
            data |= {"indexed_share": pick.percent(10, 100), "index": pick.percent(-1, 4)}
        if pick.chance(30):
            data["pass_through"] = _profile(pick, income * 0.03, years)
    elif kind == "shadow_tariff":
        data |= {
            "demand": _profile(pick, income / 4, years),
            "demand_scale": "unit",
            "tariff": _profile(pick, 3.5, years),
        }
    else:
        data |= _formula(pick, kind, rows, capex)
    return data


def _formula(pick: Picks, kind: str, rows: Rows, capex: float) -> Data:
    data: Data = {"profit_rate": pick.percent(2, 9)}
    if pick.chance(60):
        data["rate"] = pick.percent(0, 8)
    if pick.chance(20) and rows.o >= 48:
        data["years"] = f"{pick.whole(rows.o // 24, rows.o // 12)} years"
    if kind == "viability_gap" and pick.chance(50):
        data["excess_share"] = pick.percent(0, 80)
    if pick.chance(20):
        data["equity_returned_without_profit"] = pick.amount(0, capex / 20)
    if pick.chance(20):
        data["debt_service"] = _profile(pick, capex * 0.09, rows.operating_years)
    return data


def _as_published(pick: Picks, data: Data) -> None:
    """A publication's formula: capital and loan are given, nothing is funded or taxed."""
    capital, capex = pick.hundredths(0.2, 0.4), data["construction"]["capex"]
    data["assumed_funding"] = {
        "capital": round(capital * capex, 2),
        "government_share": data.pop("funding")["government_share"],
        "loan": round((1 - capital) * capex, 2),
        "loan_rate": pick.percent(0, 8),
    }
    figure = {"result": "fiscal_total", "printed": "0"}
    data |= {"status": "published", "published": {"citation": "Drawn at random", "figures": [figure]}}


def _conventions(pick: Picks, data: Data) -> None:
    given: Data = {}
    if pick.chance(50):
        given["construction_draws"] = pick.one(("start", "end"))
    if data["payment"]["kind"] in FORMULA:
        for key, options in {
            "subsidy_method": ("level_annuity", "equity_annuity_debt_service")
            if "assumed_funding" in data
            else ("level_annuity",),
            "subsidy_counting": ("from_zero", "from_construction"),
            "subsidy_interest": ("none", "simple"),
            "subsidy_deducts_government_equity": (True,),
            "subsidy_marks_up_opex": (False,),
            "negative_gap": ("share", "carry_forward"),
        }.items():
            if pick.chance(35):
                given[key] = pick.one(options)
        if pick.chance(8):
            given["subsidy_rounding"] = "yearly"
        if given.get("subsidy_method") == "equity_annuity_debt_service":
            data["payment"].setdefault("debt_service", round(data["construction"]["capex"] * 0.09, 2))
        else:
            data["payment"].pop("debt_service", None)
            data["payment"].pop("equity_returned_without_profit", None)
        if given.get("negative_gap") == "share" and data["payment"]["kind"] == "viability_gap":
            data["payment"].setdefault("excess_share", "50%")
        else:
            data["payment"].pop("excess_share", None)
    if given:
        data["conventions"] = given
    for part in (data["payment"], data.get("users", {})):
        if part.get("demand_scale") == "unit":
            part["demand_scale"] = data["unit"]


def _prices(pick: Picks, data: Data) -> None:
    if pick.chance(25) and "assumed_funding" not in data:
        data |= {"price_basis": "real", "price_year": pick.whole(2020, 2023), "inflation": pick.percent(0, 4)}
        data["discounting"]["basis"] = "real"
        for key in ("index", "indexed_share"):  # a real file's payment follows inflation already
            data["payment"].pop(key, None)
    else:
        data["price_basis"] = "nominal"


def _funding(pick: Picks, rows: Rows, capex: float, plain: bool) -> Data:
    data: Data = {"government_share": pick.percent(0, 45)}
    if pick.chance(25):
        data["government_distributions"] = pick.percent(0, 40)
    if pick.chance(50):
        data["order"] = pick.one(("equity_first", "debt_first"))
    if pick.chance(30):
        data["grant"] = pick.amount(0, capex / 4)
    if pick.chance(40):
        data["close_costs"] = pick.amount(0, capex / 40)
    if pick.chance(30):
        data["opening_cash"] = pick.amount(0, capex / 40)
    if pick.chance(88):
        gearing = pick.whole(50, 85)
        data["debt"] = _debt(pick, rows, capex, gearing, plain)
        further = _further(pick, rows, capex, gearing, plain)
        if further:
            data["further_debt"] = further
    if pick.chance(25):
        data["equity_bridge"] = {"rate": pick.percent(0, 6)}
    if not plain and pick.chance(50):
        data["reserves"] = _reserves(pick, "debt" in data)
    return data


def _reserves(pick: Picks, lent: bool) -> Data:
    data: Data = {}
    funded = ("construction", "cash_flow")
    if lent and pick.chance(75):
        data["debt_service"] = {"cover": f"{pick.one((3, 6, 7, 12))} months", "funded": pick.one(funded)}
    if not data or pick.chance(50):
        data["maintenance"] = {"ahead": f"{pick.one((7, 12, 24, 36))} months", "funded": pick.one(funded)}
    return data


def _debt(pick: Picks, rows: Rows, capex: float, gearing: int, plain: bool) -> Data:
    ends = [rows.ends[t] - rows.c for t in rows.operating]  # a tenor ends with a row
    repayment = pick.one(REPAYMENTS)
    long_enough = [month for month in ends if month >= rows.o * 0.45]
    tenor = pick.one(long_enough)
    data: Data = {
        "rate": pick.one(("0%", "4.65%", pick.percent(1, 9), pick.percent(1, 9))),
        "tenor": f"{tenor} months",
        "repayment": repayment,
        "max_gearing": f"{gearing}%",
    }
    grace = _grace(pick, repayment, [month for month in ends if month < tenor])
    if grace:
        data["grace"] = f"{grace} months"
    if repayment == "sculpted" or pick.chance(50):
        data["dscr"] = pick.hundredths(1.05, 1.5)
    if pick.chance(25):
        data["dscr_basis"] = "before_tax"
    if pick.chance(25):
        data["llcr"] = pick.hundredths(1.1, 1.6)
    if pick.chance(20):
        data["amount"] = pick.amount(capex * gearing / 400, capex * gearing / 100)
    if repayment == "custom":
        data["principal"] = _principal(pick, tenor, grace)
    elif pick.chance(20):
        before = [month for month in ends if grace < month <= rows.o]
        data["tail"] = f"{rows.o - pick.one(before)} months"
    if pick.chance(30):
        data["rate_steps"] = [{"from_year": pick.whole(2, max(2, rows.operating_years)), "rate": pick.percent(0, 8)}]
    if pick.chance(40):
        data |= {"upfront_fee": pick.percent(0, 2), "commitment_fee": pick.percent(0, 1)}
    if not plain and pick.chance(25):
        data["sweep"] = pick.one(("25%", "50%", "100%"))
    return data


def _grace(pick: Picks, repayment: str, ends: list[int]) -> int:
    """Months of grace that end with a row; custom shares are by operating year, so there with an operating year too."""
    possible = [month for month in ends[: len(ends) // 3] if repayment != "custom" or month % 12 == 0]
    return pick.one(possible) if possible and pick.chance(30) else 0


def _principal(pick: Picks, tenor: int, grace: int) -> list[str]:
    free = grace // 12
    return ["0%"] * free + _shares(pick, -(-tenor // 12) - free)


def _further(pick: Picks, rows: Rows, capex: float, gearing: int, plain: bool) -> Data:
    """Up to three tranches behind the first, shareholders' money last."""
    ranks = sorted(pick.one(("senior", "subordinated", "shareholder")) for _ in range(pick.one((0, 0, 0, 1, 1, 2, 3))))
    ranks = [r for r in ranks if r != "shareholder"] + [r for r in ranks if r == "shareholder"]
    further: Data = {}
    for number, rank in enumerate(ranks, start=2):
        gearing = min(gearing + pick.whole(2, 8), 97)
        terms = _debt(pick, rows, capex, gearing, plain)
        further[f"tranche-{number}"] = {"name": f"Tranche {number}", "rank": rank, **terms}
    return further


def _tax(pick: Picks, rows: Rows, plain: bool) -> Data:
    data: Data = {"rate": pick.one(("25%", "25%", "15%", "0%", "33.3%"))}
    if pick.chance(30):
        data["holiday"] = {"exempt": f"{pick.whole(0, 3)} years", "half": f"{pick.whole(0, 3)} years"}
    whole_years = rows.o // 12
    if pick.chance(50) and whole_years >= 2:
        data["method"] = pick.one(("straight_line", "declining_balance", "sum_of_digits"))
        if pick.chance(40):
            data |= {"first_year": "half", "depreciation": f"{pick.whole(1, whole_years - 1)} years"}
        else:
            data["depreciation"] = f"{pick.whole(1, whole_years)} years"
    if pick.chance(20):
        data["losses"] = "refund"
    elif pick.chance(50):
        data["loss_years"] = f"{pick.whole(1, 5)} years"
    if not plain and pick.chance(35):
        data["vat"] = {
            "revenue": pick.one(("0%", "6%", "9%")),
            "government_payment": pick.one(("0%", "6%")),
            "capex": pick.one(("9%", "13%")),
            "costs": pick.one(("0%", "6%", "13%")),
            "credit": pick.one(("carried_forward", "refunded")),
        }
    return data


def _distributions(pick: Picks, capex: float) -> Data:
    data: Data = {}
    if pick.chance(50):
        data["lock_up"] = pick.hundredths(1.03, 1.3)
    if pick.chance(40):
        data["from_profit"] = False
    if pick.chance(50):
        data["return_of_capital"] = True
    if pick.chance(50):
        data["statutory_reserve"] = {"rate": "10%", "limit": pick.one(("5%", "50%"))}
    if pick.chance(40):
        data["minimum_cash"] = pick.amount(0, capex / 50)
    return data
