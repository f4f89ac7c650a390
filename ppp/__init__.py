"""Evaluate public-private partnerships: value for money, cash flow, affordability, and the reports that officials sign.

import ppp
project = ppp.load("params/wastewater.yaml")      # raises ppp.InputError with every problem found
result = ppp.evaluate(project)                     # one evaluation; result.summary is plain data with the verdict
many = ppp.evaluate(project, cases={"construction.capex": capex})   # one value per case, all at once
drawn = ppp.simulate(project)                      # what the file says is uncertain, drawn; None where nothing is
ppp.save_scenario("params/wastewater.yaml", "dear", {"construction.capex": 34000})   # the file's comments stay
"""

from __future__ import annotations

from ppp.problems import InputError, Problem

__version__ = "0.1.0"
__all__ = ["InputError", "Problem", "__version__", "appraise", "evaluate", "load", "save_scenario", "simulate"]


def __getattr__(name: str):
    """Import the heavy parts when they are first asked for, so that `ppp --help` answers at once."""
    if name == "load":
        from ppp.loading import load

        return load
    if name == "evaluate":
        from ppp.appraisal.evaluation import evaluate

        return evaluate
    if name == "appraise":
        from ppp.appraisal.appraise import appraise

        return appraise
    if name == "simulate":
        from ppp.appraisal.simulation import simulate

        return simulate
    if name == "save_scenario":
        from ppp.saving import save_scenario

        return save_scenario
    raise AttributeError(f"module 'ppp' has no attribute {name!r}")
