"""Projects with the life of a contract, made from the files in params/."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import ppp
from ppp.appraisal.evaluation import evaluate
from ppp.contract.contract_years import ContractYears
from ppp.loading import canonical
from ppp.model.payments import government_payment
from ppp.quantities import SCALES

PARAMS = Path(__file__).resolve().parents[2] / "params"


def with_contract(name: str, folder: Path, contract: dict, **changes) -> ppp.project.Project:
    """A file of params/ with a section `contract`, and other keys changed, loaded through the public path."""
    data = canonical(ppp.load(PARAMS / f"{name}.yaml"))
    data["project"] = {**data["project"], "contract": contract, **changes}
    path = folder / "project.json"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return ppp.load(path)


def forecast_rows(project, count: int) -> list[dict]:
    """The forecast of the first `count` contract years as rows of actuals, in the file's unit, with every digit."""
    found = evaluate(project)
    inputs, years, scale = found.inputs, ContractYears(found.inputs.timeline), SCALES[project.unit]
    capex = inputs.capex_by_year[:, 0].copy()
    capex[0] -= inputs.land[0]
    progress = np.cumsum(capex) / capex.sum()
    rows = []
    for k in range(count):
        row = {"year": int(years.years[k])}
        if k < years.building:
            row |= {"capex": capex[k] / scale, "progress": "100%" if k == years.building - 1 else progress[k]}
        else:
            at = k - years.building
            paid = government_payment(inputs)["government_payment"]
            yearly = {key: getattr(inputs, key) for key in ("user_payments", "other_revenue", "opex", "lifecycle")}
            amounts = {key: years.of_operation(value)[at] / scale for key, value in yearly.items()}
            if project.users is None:
                del amounts["user_payments"]
            row |= {**amounts, "government_payment": years.of_operation(paid)[at] / scale}
        rows.append(
            {key: value if key == "year" or isinstance(value, str) else float(value) for key, value in row.items()}
        )
    return rows
