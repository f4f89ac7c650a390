"""What a review asks somebody to do (grave) or to watch, in a fixed order. Each point names what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ppp.appraisal.returns import lender_cfads
from ppp.contract.investment_control import BREAKS
from ppp.contract.review import Point, Review
from ppp.contract.special_funds import CENTS
from ppp.model.covers import dscr

ARREARS = 0.005  # of the year's payment: what is less is a matter of days


def points(review: Review) -> list[Point]:
    parts = (_performance, _payments, _investment, _funds, _company, _government, _handback)
    return [point for part in parts for point in part(review)]


def _performance(review: Review) -> Iterator[Point]:
    terms, settled = review.project.contract.performance, review.outturn.settlement
    if terms is None:
        return
    if review.linked is not None and terms.linked < review.linked.value:
        values = {"linked": ("rate", terms.linked), "least": ("rate", review.linked.value)}
        yield Point("linked_below", True, values)
    for scored in settled.scores:
        if scored.rectify:
            values = {"year": ("year", scored.year), "score": ("score", scored.score)}
            yield Point("rectify", True, values)
    for record in review.outturn.operated:
        if settled.lost[record.index] > 0.005:
            values = {"year": ("year", record.year), "amount": ("money", settled.lost[record.index])}
            yield Point("performance_lost", False, {**values, "share": ("rate", 1.0 - settled.earned[record.index])})


def _payments(review: Review) -> Iterator[Point]:
    settled, owed, due = review.outturn.settlement, 0.0, 0.0
    for record in review.outturn.operated:
        due += settled.due[record.index]
        owed += settled.due[record.index] - (record.money("government_payment") or 0.0)
    if owed > ARREARS * due > 0:
        yield Point("arrears", True, {"amount": ("money", owed), "year": ("year", review.outturn.last)})
    if owed < -ARREARS * due < 0:
        yield Point("overpaid", True, {"amount": ("money", -owed), "year": ("year", review.outturn.last)})


def _investment(review: Review) -> Iterator[Point]:
    for control in review.controls:
        if control.state == BREAKS:
            values = {"amount": ("money", control.amount), "allowed": ("money", control.allowed)}
            yield Point(f"control_{control.key}", True, values)
    missing = sum(item.missing for item in review.gates)
    if missing:
        yield Point("approvals_missing", True, {"count": ("count", missing)})


def _funds(review: Review) -> Iterator[Point]:
    for key, stands in review.funds.items():
        last, name = stands[-1], ("text", review.project.contract.special_funds[key].name)
        if last.states["diverted"]:
            amount = ("money", last.states["diverted"] / CENTS)
            yield Point("fund_diverted", True, {"fund": name, "amount": amount, "year": ("year", last.year)})
        if last.overdue:
            amount = ("money", last.overdue / CENTS)
            yield Point("fund_overdue", False, {"fund": name, "amount": amount, "year": ("year", last.year)})


def _company(review: Review) -> Iterator[Point]:
    now, base = review.reforecast.now.results, review.reforecast.base.results
    if "dscr_min" not in now or not np.isfinite(now["dscr_min"][0]):
        return
    cover, before = float(now["dscr_min"][0]), float(base["dscr_min"][0])
    if cover < 1.0:
        yield Point("cover_below_one", True, {"cover": ("ratio", cover), "year": ("year", _worst_year(review))})
    elif cover < before - 0.005:
        yield Point("cover_falls", False, {"cover": ("ratio", cover), "before": ("ratio", before)})


def _worst_year(review: Review) -> int:
    """The budget year of the lowest cover."""
    found = review.reforecast.now
    rows = found.inputs.timeline.operating
    cover = dscr(lender_cfads(found.inputs, found.lines), found.lines["debt_service"][rows])[:, 0]
    return int(found.inputs.timeline.budget_years[rows][np.nanargmin(cover)])


def _government(review: Review) -> Iterator[Point]:
    found, rules = review.reforecast, review.base.rules
    if found.vfm_amount is not None and found.vfm_amount < 0.0 <= float(found.base.vfm.amount[0]):
        yield Point("value_lost", True, {"amount": ("money", found.vfm_amount)})
    if found.load is not None and rules.has("affordability_cap"):
        cap = rules.value("affordability_cap")
        top = int(np.argmax(found.load.share[:, 0]))
        if found.load.share[top, 0] > cap:
            values = {"share": ("rate", float(found.load.share[top, 0])), "cap": ("rate", cap)}
            yield Point("cap_broken", True, {**values, "year": ("year", int(found.load.years[top]))})


def _handback(review: Review) -> Iterator[Point]:
    if review.handback is not None and review.handback.uncovered > 0.0:
        yield Point("handback_uncovered", False, {"amount": ("money", review.handback.uncovered)})
