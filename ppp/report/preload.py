"""What reports need, imported once: processes forked from the one that imported this begin with it done. Starts no thread."""

from __future__ import annotations

import os

os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

import nbconvert.exporters.html  # noqa: F401
import numpy.random  # noqa: F401
import papermill  # noqa: F401

from ppp.report import export, fonts, processes, words
from ppp.report.notebook_process import shell

words.glossary()
shell()
export._exporter()
fonts.require_glyphs("A")
processes.adopt_orphans()  # of a task that was killed
