"""The charts of an evaluation report: each says its message in its title and its unit on its axis.

What differs, differs in lightness, hatch, marker or line as well as in hue. A chart is None where the
appraisal lacks what it shows.
"""

from ppp.report.charts.company import cash_flow, cash_held, debt_cover
from ppp.report.charts.critics import waterfall
from ppp.report.charts.firmness import distribution, rates, tornado
from ppp.report.charts.government import fiscal_share, qualitative, value_for_money
from ppp.report.charts.risks import heat_map
from ppp.report.charts.sheet import Chart, style
from ppp.report.charts.simulation import drivers, s_curve

__all__ = [
    "Chart",
    "cash_flow",
    "cash_held",
    "debt_cover",
    "distribution",
    "drivers",
    "fiscal_share",
    "heat_map",
    "qualitative",
    "rates",
    "s_curve",
    "style",
    "tornado",
    "value_for_money",
    "waterfall",
]
