"""Charts of the yearly appraisal: why outturn differs, what the budget bears now, and what an early end would cost."""

from __future__ import annotations

import numpy as np

from ppp.contract.review import Review
from ppp.contract.variance import CAUSES
from ppp.report.charts.sheet import DARK, GREY, INK, PALE, RED, SAND, Sheet, area, calendar, chart, stack
from ppp.report.charts.words import Money, money_in, word
from ppp.report.words import display_of

LOOKS = {
    "volume": DARK,
    "price": PALE,
    "timing": SAND,
    "performance": area("#d55e00", "#ffffff", "////"),
    "other": area("#cccccc", INK, "xxxx"),
}
LINES = {
    "authority": {"color": INK, "linestyle": "-", "marker": "o"},
    "company": {"color": "#d55e00", "linestyle": (0, (6, 2)), "marker": "s"},
    "force_majeure": {"color": "#1f4e79", "linestyle": (0, (2, 2)), "marker": "^"},
    "voluntary": {"color": GREY, "linestyle": (0, (1, 1)), "marker": "D"},
}
# How a line moves the government's purse or the company's: cost and payment by users count against each other's sign.
GAINS = ("user_payments", "other_revenue", "government_payment")


def _money(review: Review, lang: str, *amounts) -> Money:
    return money_in(display_of(review.project, lang), *amounts)


@chart
def variance(review: Review, lang: str) -> Sheet | None:
    """The company's surplus against forecast by year and cause: income above forecast counts up, cost above forecast down.
    None without outturn."""
    if not review.variances:
        return None
    years = np.arange(review.variances[0].year, review.variances[-1].year + 1)
    parts = {cause: np.zeros(years.size) for cause in CAUSES}
    for found in review.variances:
        sign = 1.0 if found.line in GAINS else -1.0
        for cause, value in found.parts.items():
            parts[cause][found.year - years[0]] += sign * value
    whole = sum(parts.values())
    money = _money(review, lang, *parts.values())
    worst = int(np.argmax(np.abs(whole)))
    key = "variance_below" if whole.sum() < 0 else "variance_above"
    title = word(key, lang, total=money.say(abs(whole.sum())), year=years[worst], most=money.say(abs(whole[worst])))
    sheet = Sheet(title, "alt.variance", 175.0)
    (panel,) = sheet.panels
    shown = [(word(f"cause_{cause}", lang), parts[cause] / money.scale, LOOKS[cause]) for cause in CAUSES]
    stack(panel, years, [entry for entry in shown if np.abs(entry[1]).max() > 0])
    panel.axhline(0.0, color=INK, linewidth=0.9)
    look = {"marker": "o", "markersize": 4, "markerfacecolor": "#ffffff", "linewidth": 0.0, "color": INK}
    panel.plot(years, whole / money.scale, label=word("variance_net", lang), **look)
    panel.set_title(money.unit)
    calendar(panel, years)
    return sheet


@chart
def spending(review: Review, lang: str) -> Sheet:
    """Fiscal spending by year, as approved and as it stands now."""
    found = review.reforecast
    timeline = found.base.inputs.timeline
    years = timeline.calendar_years
    approved = timeline.by_calendar_year(found.base.lines["fiscal_spending"])[:, 0]
    now = timeline.by_calendar_year(found.lines["fiscal_spending"])[:, 0]
    more = float((now - approved).sum())
    money = _money(review, lang, approved, now)
    key = "spending_same" if abs(more) <= 1e-6 * approved.sum() else "spending_more" if more > 0 else "spending_less"
    sheet = Sheet(word(key, lang, more=money.say(abs(more)), total=money.say(now.sum())), "alt.spending", 175.0)
    (panel,) = sheet.panels
    stack(panel, years, [(word("spending_now", lang), now / money.scale, PALE)])
    panel.plot(years, approved / money.scale, color=INK, linewidth=1.3, label=word("spending_approved", lang))
    if review.outturn.records:
        at = review.outturn.last + 0.5
        panel.axvline(at, color=RED, linewidth=1.0, linestyle=(0, (5, 2)), label=word("recorded_until", lang))
    panel.set_title(money.unit)
    panel.set_ylim(bottom=min(0.0, now.min() / money.scale))
    calendar(panel, years)
    return sheet


@chart
def termination(review: Review, lang: str) -> Sheet | None:
    """Compensation if the contract ended at the end of each year, by cause. None without terms, or where no value is known."""
    found = [exposure for exposure in review.exposures if np.isfinite(exposure.total).all()]
    if not found:
        return None
    years = found[0].years
    top = max(found, key=lambda exposure: exposure.total.max())
    at = int(np.argmax(top.total))
    money = _money(review, lang, top.total)
    values = {"cause": word(f"termination_{top.cause}", lang), "year": years[at], "most": money.say(top.total[at])}
    sheet = Sheet(word("termination_most", lang, last=money.say(top.total[-1]), **values), "alt.termination", 175.0)
    (panel,) = sheet.panels
    for exposure in found:
        look = {**LINES[exposure.cause], "markersize": 3.0, "markerfacecolor": "#ffffff", "linewidth": 1.3}
        panel.plot(years, exposure.total / money.scale, label=word(f"termination_{exposure.cause}", lang), **look)
    panel.set_title(money.unit)
    panel.set_ylim(bottom=0.0)
    calendar(panel, years)
    return sheet
