"""How a random project is funded, taxed and distributed: tranches, reserves, bridge, order, tax, limits on distributions."""

from __future__ import annotations

from second_model.picks import Data, Picks
from second_model.rows import Rows

REPAYMENTS = ("sculpted", "annuity", "equal_principal", "bullet", "custom")


def funding(pick: Picks, rows: Rows, capex: float, plain: bool) -> Data:
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
    return ["0%"] * free + pick.shares(-(-tenor // 12) - free)


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


def taxation(pick: Picks, rows: Rows, plain: bool) -> Data:
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


def distributions(pick: Picks, capex: float) -> Data:
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
