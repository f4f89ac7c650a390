"""What a random project costs to run, what users and the government pay, and by which conventions."""

from __future__ import annotations

from typing import Any

from second_model.picks import Data, Picks
from second_model.rows import Rows

PAYMENTS = ("user_pay", "government_pay", "viability_gap", "availability", "shadow_tariff")
FORMULA = ("government_pay", "viability_gap")


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


def money_of(pick: Picks, rows: Rows, capex: float, kind: str) -> Data:
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


def conventions(pick: Picks, data: Data) -> None:
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
