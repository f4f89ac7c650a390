"""Files that use every part of the model, each a change of the school: the workbook equals the model, by our reading and by ironcalc."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import ppp
from ppp.appraisal.evaluation import replaced
from ppp.overlays import number_at
from ppp.report.workbook.build import build
from ppp.report.workbook.context import Context
from ppp.report.workbook.write import agreed, save, settled

_spec = importlib.util.spec_from_file_location("engines", Path(__file__).with_name("engines.py"))
engines = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(engines)

PARAMS = Path(__file__).parents[3] / "params"
SHAREHOLDER_LOAN = {
    "name": {"en": "Shareholder loan", "zh": "股东借款"},
    "rank": "shareholder",
    "rate": "6.5%",
    "tenor": "16 years",
    "grace": "2 years",
    "repayment": "equal_principal",
    "amount": 1500,
    "max_gearing": "90%",
}
MEZZANINE = {
    "name": {"en": "Mezzanine", "zh": "次级贷款"},
    "rank": "subordinated",
    "rate": "6%",
    "tenor": "12 years",
    "repayment": "annuity",
    "amount": 1200,
    "max_gearing": "80%",
    "dscr": 1.05,
    "commitment_fee": "0.3%",
    "sweep": "20%",
}
GENERIC = {"regime": "generic", "qualitative": None, "confirmed_rules": None}
ADJUSTMENTS = {
    "scope": {
        "name": {"en": "Larger scope", "zh": "范围更大"},
        "phase": "construction",
        "amount": 400,
        "direction": "adds",
    },
    "site": {
        "name": {"en": "Easier site", "zh": "场地更好"},
        "phase": "operation",
        "amount": {"start": 5, "growth": "2%"},
        "direction": "removes",
    },
}
DISTRIBUTED = {"category": "construction", "transferred": "70%", "times": 1.3}
DISTRIBUTIONS = {
    "ground": {
        **DISTRIBUTED,
        "name": {"en": "Ground", "zh": "地质"},
        "phase": "construction",
        "distribution": {"shape": "pert", "low": 100, "likely": 300, "high": 900},
        "government_share": "80%",
    },
    "wear": {
        **DISTRIBUTED,
        "name": {"en": "Wear", "zh": "磨损"},
        "phase": "operation",
        "distribution": {"probability": "60%", "shape": "uniform", "low": 10, "high": 700},
    },
}
VARIANTS = {
    "half_years_two_lenders_and_a_shareholder": {
        "timeline": {"period": "half_year"},
        "funding": {"further_debt": {"mezzanine": {**MEZZANINE, "sweep": "0%"}, "shareholder": SHAREHOLDER_LOAN}},
    },
    "equity_first_with_bridge": {"funding": {"order": "equity_first", "equity_bridge": {"rate": "4%"}}},
    "debt_first_short_last_periods": {
        "timeline": {"construction": "20 months", "operation": "215 months", "periods_end": "calendar"},
        "funding": {
            "order": "debt_first",
            "debt": {"commitment_fee": "0.4%", "tenor": "166 months", "grace": "10 months"},
        },
    },
    "reserves_and_sweeps": {
        "funding": {
            "further_debt": {"mezzanine": MEZZANINE},
            "debt": {"sweep": "30%", "llcr": 1.3, "tail": "2 years"},
            "reserves": {
                "debt_service": {"cover": "18 months", "funded": "construction"},
                "maintenance": {"ahead": "4 years", "funded": "construction"},
            },
            "opening_cash": 90,
        },
        "distributions": {
            "lock_up": 1.1,
            "return_of_capital": True,
            "statutory_reserve": {"rate": "10%", "limit": "50%"},
            "minimum_cash": 60,
        },
    },
    "taxes_and_days": {
        "timeline": {"period": "quarter"},
        "tax": {
            "holiday": {"exempt": "2 years", "half": "3 years"},
            "method": "declining_balance",
            "depreciation": "12 years",
            "first_year": "half",
            "vat": {"government_payment": "6%", "capex": "9%", "costs": "6%", "credit": "refunded"},
        },
        "working_capital": {"government_days": 75, "payable_days": 30},
    },
    "losses_lapse_and_a_real_file": {
        "price_basis": "real",
        "price_year": 2024,
        "payment": {"index": None, "indexed_share": None},
        "inflation": "2%",
        "construction": {"capex": 29000, "land": 800, "escalation": "1%"},
        "tax": {"loss_years": "2 years", "depreciation": "10 years", "method": "sum_of_digits"},
        "funding": {"debt": {"repayment": "sculpted", "dscr_basis": "before_tax"}, "close_costs": 120, "grant": 700},
    },
    "refund_bullet_and_steps": {
        "tax": {"losses": "refund"},
        "funding": {
            "debt": {
                "repayment": "bullet",
                "dscr": 1.0,
                "max_gearing": "20%",
                "rate_steps": [{"from_year": 4, "rate": "5%"}, {"from_year": 9, "rate": "3.5%"}],
            }
        },
    },
    "all_equity": {"funding": {"debt": None}},
    "two_rates_and_distributions": {
        **GENERIC,
        "timeline": {"period": "half_year"},
        "conventions": {"discount_method": "two_rates"},
        "discounting": {"systematic_risk": {"share_transferred": "40%", "beta": 0.5}},
        "comparator": {"reference": "recent_project", "adjustments": ADJUSTMENTS},
        "risks": DISTRIBUTIONS,
    },
    "declining_rates_of_a_delayed_reference_project": {
        **GENERIC,
        "timeline": {"operation": "35 years"},
        "operation": {"lifecycle": None},
        "conventions": {
            "discount_method": "declining",
            "comparator_start": "delayed",
            "tax_adjustment": "company_tax",
            "discount_timing": "start",
        },
        "comparator": {
            "lifecycle": None,
            "delay": {"years": "3 years", "escalation": "3%"},
            "optimism_bias": {"upper_bound": "30%", "mitigated": "40%"},
        },
    },
    "cost_of_finance": {
        **GENERIC,
        "conventions": {"discount_method": "financing_cost"},
        "discounting": {"equity_rate": "8%"},
    },
}


BANDS = [
    {"score": 0, "share": "0%"},
    {"score": 55.5, "share": "40%", "per_point": "1%"},
    {"score": 90, "share": "100%"},
]
SERVICE = {"name": {"en": "Service", "zh": "服务"}, "group": "output", "weight": "60%"}
WORKS = {"name": {"en": "Works", "zh": "工程"}, "group": "output", "weight": "100%", "phase": "construction"}
VARIANTS |= {
    "performance_with_repeated_failure": {
        "timeline": {"period": "quarter", "operation": "200 months"},
        "operation": {"lifecycle": None},
        "comparator": {"lifecycle": None},
        "contract": {
            "performance": {
                "linked": "40%",
                "construction_part": "70%",
                "construction_scale": "linear",
                "operation_scale": BANDS,
                "fractional": "whole_points",
                "floor": "30%",
                "indicators": {
                    "works": WORKS,
                    "service": SERVICE,
                    "users": {**SERVICE, "group": "effect", "weight": "40%"},
                },
                "scores": [
                    {"year": 2026, "indicator": "works", "score": 93},
                    {"year": 2027, "indicator": "service", "score": 89.6},
                    {"year": 2027, "indicator": "users", "score": 81},
                    {"year": 2029, "indicator": "service", "score": 12},
                    {"year": 2029, "indicator": "users", "score": 20},
                ],
                "availability": {
                    "periods_a_day": 3,
                    "areas": {"hall": {"name": {"en": "Halls", "zh": "馆"}, "weight": 5, "count": 4}},
                    "ratchet": {"after": 1, "factor": 2.5},
                    "cap": "2%",
                    "events": [
                        {"year": 2027, "area": "hall", "periods": 3},
                        {"year": 2027, "area": "hall", "periods": 5},
                        {"year": 2027, "area": "hall", "periods": 7},
                        {"year": 2028, "area": "hall", "periods": 7000},
                    ],
                },
            }
        },
    },
    "liability_in_half_years_of_the_calendar": {
        "timeline": {"period": "half_year", "periods_end": "calendar", "operation": "200 months"},
        "operation": {"lifecycle": None},
        "comparator": {"lifecycle": None},
        "contract": {"on_balance_sheet": {"liability": 20000, "rate": "3.7%", "residual": 100}},
    },
    "outcomes_of_a_short_construction_year": {
        "timeline": {"construction": "20 months"},
        "construction": {"spending": None},
        "risks": {
            "ground": {
                **DISTRIBUTED,
                "name": {"en": "Ground", "zh": "地质"},
                "phase": "construction",
                "outcomes": [{"probability": "60%", "cost": 0}, {"probability": "40%", "cost": 500}],
            }
        },
    },
    "two_swept_shareholder_loans": {
        "funding": {
            "debt": {"sweep": "20%"},
            "further_debt": {
                "first": {**SHAREHOLDER_LOAN, "sweep": "50%"},
                "second": {**SHAREHOLDER_LOAN, "amount": 700, "rate": "0%", "sweep": "25%"},
            },
        },
    },
}


def merged(base: dict, change: dict) -> dict:
    found = dict(base)
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(found.get(key), dict):
            found[key] = merged(found[key], value)
        elif value is None:
            found.pop(key, None)
        else:
            found[key] = value
    return found


@pytest.fixture(params=VARIANTS)
def project(request, tmp_path):
    base = YAML(typ="safe", pure=True).load((PARAMS / "school.yaml").read_text(encoding="utf-8"))
    for key in ("ranges", "scenarios"):
        base.pop(key)
    shutil.copytree(PARAMS / "districts", tmp_path / "districts")
    shutil.copy(PARAMS / "school-experts.csv", tmp_path)
    path = tmp_path / "variant.yaml"
    _write(path, merged(base, VARIANTS[request.param]))
    return ppp.load(path)


def _write(path: Path, data: dict) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.representer.ignore_aliases = lambda value: True
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(data, file)


def test_the_workbook_equals_the_model(project, tmp_path):
    """As the file stands, and with dearer construction, opex and money."""
    m = build(ppp.evaluate(project), "en")
    assert not m.book.pasted
    agreed(m, m.book.computed())
    moved = {"construction.capex": 1.04, "operation.opex.start": 1.1, "discounting.rate": 1.1, "tax.rate": 0.8}
    if project.funding.debt is not None:
        moved["funding.debt.rate"] = 1.15
    changes = {key: factor * m.book.values[m.book.inputs[key].place] for key, factor in moved.items()}
    other = project
    for key, value in changes.items():
        other = replaced(other, number_at(project, key)[0], value)
    changed = Context(ppp.evaluate(other), "en")
    changed.book = m.book
    places = {m.book.inputs[key].place: value for key, value in changes.items()}
    agreed(changed, m.book.computed(places))
    path = tmp_path / "x.xlsx"
    save(m, path, dict(m.book.values))
    asked = [cell.place for cell in m.book.results.values()] + [
        row.at(t).place for row in m.book.lines.values() for t in range(m.timeline.rows)
    ]
    agreed(changed, engines.ironcalc_values(path, asked, places))


def test_a_circle_that_closes_slowly_is_given_more_rounds(tmp_path):
    """Dear debt up to the whole need and a tax of 60 %: each round takes little off what the one before left."""
    base = YAML(typ="safe", pure=True).load((PARAMS / "school.yaml").read_text(encoding="utf-8"))
    debt = {"max_gearing": "100%", "repayment": "sculpted", "dscr": 1.01, "rate": "14%"}
    steep = {"tax": {"rate": "60%"}, "payment": {"amount": 5200}, "funding": {"debt": debt}}
    for key in ("ranges", "scenarios"):
        base.pop(key)
    shutil.copytree(PARAMS / "districts", tmp_path / "districts")
    shutil.copy(PARAMS / "school-experts.csv", tmp_path)
    _write(tmp_path / "steep.yaml", merged(base, steep))
    m, values = settled(ppp.evaluate(ppp.load(tmp_path / "steep.yaml")), "en")
    assert m.rounds > 16 and not m.book.pasted
    assert max(values[cell.place] for cell in m["circle_errors"]) < 1e-12
