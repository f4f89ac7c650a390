"""What reports need, imported and read once: processes forked from the one that imported this begin with it done. Starts no thread."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
from importlib import resources

import ppp

os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

MODULES = (
    "papermill",
    "nbconvert.exporters.html",
    "numpy.random",
    "ppp.appraisal.summary",
    "ppp.report.computed",
    "ppp.report.produce",
    "ppp.report.evaluation_page",
    "ppp.report.appraisal_page",
    "ppp.report.portfolio_page",
    "ppp.report.workers",
    "ppp.contract.summary",
    "ppp.portfolio.summary",
    "IPython.core.completerlib",
)

SELDOM = (50_000, 20, 20)  # a report is made of many small objects that live as long as it


def preload() -> None:
    for name in MODULES:
        importlib.import_module(name)
    from ppp import regimes
    from ppp.report import export, fonts, processes, words
    from ppp.report.charts import sheet
    from ppp.report.charts.words import chart_words
    from ppp.report.notebook_process import shell

    ppp.evaluate(ppp.load(resources.files("ppp") / "starter.yaml"))  # finds the compiled loops
    words.glossary()
    chart_words()
    for pack in regimes.available():
        regimes.usable(pack)
    shell().run_cell("None", silent=True)
    export._exporter()
    fonts.css_for("A")
    with sheet.style():
        sheet.text_width("1")
    processes.adopt_orphans()  # of a task that was killed
    gc.collect()
    atexit.register(gc.unfreeze)
    gc.set_threshold(*SELDOM)
    gc.freeze()  # what is here stays, and stays shared: a collection in a child does not touch it


preload()
