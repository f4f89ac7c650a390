"""The panel in which an analyst moves a project's inputs and sees what follows: notebooks/explore.ipynb."""

from ppp.report.explore.panel import Explorer

__all__ = ["Explorer"]
