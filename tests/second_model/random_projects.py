"""Valid project files at random, from a seed or drawn by hypothesis: every period, payment, repayment and convention.

Amounts are in proportion to the cost, so that a lender would mostly lend. The generator chooses plain data; `as_yaml` writes it as a
user would, and `load` reads it the public way.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import tempfile
from pathlib import Path
from random import Random
from types import SimpleNamespace

from hypothesis import strategies as st
from ruamel.yaml import YAML

import ppp
from second_model.picks import Data, Picks
from second_model.random_funding import distributions, funding, taxation
from second_model.random_money import PAYMENTS, conventions, money_of
from second_model.rows import Rows

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
                "construction": months_of(timeline["construction"]),
                "operation": months_of(timeline["operation"]),
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
        **money_of(pick, rows, capex, payment or pick.one(PAYMENTS)),
        "funding": funding(pick, rows, capex, plain),
        "discounting": {"rate": pick.percent(0, 9)},
    }
    if published:
        _as_published(pick, data)
    conventions(pick, data)
    _prices(pick, data)
    if pick.chance(40):
        data["discounting"]["equity_rate"] = pick.percent(0, 14)
    if published:
        return data
    if pick.chance(80):
        data["tax"] = taxation(pick, rows, plain)
    if not plain and pick.chance(40):
        data["working_capital"] = {
            "receivable_days": pick.whole(0, 90),
            "government_days": pick.whole(0, 180),
            "payable_days": pick.whole(0, 60),
            "funded": pick.one(("construction", "cash_flow")),
        }
    if not plain and pick.chance(45):
        data["distributions"] = distributions(pick, capex)
    return data


def months_of(text: str) -> int:
    """A length of time as a file writes it, in months."""
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


def _construction(pick: Picks, rows: Rows, capex: float) -> Data:
    data: Data = {"capex": capex}
    if pick.chance(50):
        data["spending"] = pick.shares(rows.construction_years)
    if pick.chance(30):
        data["escalation"] = pick.percent(-2, 6)
    if pick.chance(25):
        data["land"] = pick.amount(0, capex / 5)
    if pick.chance(25):
        item: Data = {"name": "Pipes", "amount": pick.amount(0, capex / 3)}
        if pick.chance(50):
            item["spending"] = pick.shares(rows.construction_years)
        if pick.chance(50):
            item["escalation"] = pick.percent(0, 5)
        data["items"] = {"pipes": item}
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


def _prices(pick: Picks, data: Data) -> None:
    if pick.chance(25) and "assumed_funding" not in data:
        data |= {"price_basis": "real", "price_year": pick.whole(2020, 2023), "inflation": pick.percent(0, 4)}
        data["discounting"]["basis"] = "real"
        for key in ("index", "indexed_share"):  # a real file's payment follows inflation already
            data["payment"].pop(key, None)
    else:
        data["price_basis"] = "nominal"
