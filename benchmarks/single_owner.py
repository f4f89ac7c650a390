"""A single case against NREL's Singleowner (PySAM), a compiled pro forma of like size: 25 years, debt sized by cover, tax, equity returns.

Run by hand: .venv/bin/python benchmarks/single_owner.py, after `.venv/bin/uv pip install nrel-pysam` (it is no part of the lock). The
two compute the same figures where the file is the same (tests/validation/test_single_owner.py); what is timed here is PySAM's own
default case, whose tax rules and incentives are others, against a file of ours of the same length with the same kind of debt. So the ratio
is one of like tools, not of like formulas. CPU time, medians.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measured import record

import ppp

CONFIGURATION = "CustomGenerationProfileSingleOwner"
FILE = """
kind: project
id: single-owner
name: Single owner
status: draft
sector: energy
regime: generic
appraised: 2020-01-01
currency: USD
unit: one
price_basis: nominal
timeline: {financial_close: 2020-01-01, construction: 0 years, operation: 25 years}
construction: {capex: 120000000}
operation: {opex: {start: 2000000, growth: 2.5%}}
users: {payments: {start: 12000000, growth: 1%}}
payment: {kind: user_pay}
funding:
  government_share: 0%
  debt: {rate: 7%, tenor: 18 years, repayment: sculpted, dscr: 1.3, dscr_basis: before_tax, max_gearing: 100%}
tax: {rate: 21%, depreciation: 20 years, first_year: half, losses: refund}
discounting: {rate: 6.4%}
"""
CASES = 1_000


def cpu(call: Callable[[], object], runs: int) -> float:
    """Median CPU seconds of a call, after one to warm up."""
    call()
    taken = []
    for _ in range(runs):
        begun = time.process_time()
        call()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def main() -> None:
    try:
        from PySAM import Singleowner
    except ImportError:
        print("PySAM is not here: .venv/bin/uv pip install nrel-pysam")
        return
    model = Singleowner.default(CONFIGURATION)
    model.SystemOutput.gen = [10_000.0] * 8_760
    other = cpu(lambda: model.execute(0), 21)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "single-owner.yaml"
        path.write_text(FILE, encoding="utf-8")
        project = ppp.load(path)
    one = cpu(lambda: ppp.evaluate(project), 21)
    cases = {"construction.capex": np.linspace(110e6, 130e6, CASES)}
    many = cpu(lambda: ppp.evaluate(project, cases=cases), 5) / CASES
    print(f"PySAM {1e3 * other:.2f} ms a case; ppp {1e3 * one:.2f} ms one case, {1e3 * many:.3f} ms a case of {CASES}")
    record("one case of 25 years", 1e3 * one, "NREL Singleowner (PySAM), a case of like size", 1e3 * other, "ms of CPU")
    record(
        f"a case among {CASES}", 1e3 * many, "NREL Singleowner (PySAM), a case of like size", 1e3 * other, "ms of CPU"
    )


if __name__ == "__main__":
    main()
