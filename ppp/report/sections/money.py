"""The numbers behind the verdict: cash and debt, value for money, affordability, scores."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.appraisal.criteria import binding_cap
from ppp.appraisal.payment_profile import payment_profile
from ppp.appraisal.qualitative import Scored, band, bands_apart, by_expert, disputed, totals
from ppp.appraisal.rates import valuation_time
from ppp.report import charts, html
from ppp.report.html import Html
from ppp.report.sections import critics
from ppp.report.sections.accounts import debt_table, sources_uses_tables
from ppp.report.sections.view import NOTHING, View
from ppp.report.words import percent

OPTIONAL_PARTS = {"optimism_bias", "tax_adjustment"}
FISCAL = ("government_equity", "operating_subsidy", "retained_risk", "supporting_input", "fiscal_spending")


def cash(view: View) -> Html:
    """Where the money comes from, cash flow, debt and cover, cash held, and what the payment formula really pays."""
    return view.section(
        "cash",
        sources_uses_tables(view),
        view.chart(charts.cash_flow),
        debt_table(view),
        view.chart(charts.debt_cover),
        view.chart(charts.cash_held),
        _payment_note(view),
    )


def _payment_note(view: View) -> Markup | None:
    profile = payment_profile(view.evaluation)
    if profile is None:
        return None
    money = view.display.money
    return view.sentences(
        view.word("text.subsidy_profile", first=money(profile.first), last=money(profile.last)),
        view.word("text.level_equivalent", level=money(profile.level)),
        view.word("text.implied_irr", profit=percent(profile.profit_rate), irr=percent(profile.implied_irr)),
    )


def value_for_money(view: View) -> Html:
    """PSC against PPP value by part, what share of it is risk, and who bears which risk."""
    vfm = view.evaluation.vfm
    if vfm is None:
        return NOTHING
    rules, timeline = view.evaluation.rules, view.evaluation.inputs.timeline
    date = view.display.date(timeline.date(round(12 * valuation_time(rules, timeline))))
    psc = float(vfm.psc[0])
    sides = (("psc", vfm.psc_parts, psc), ("ppp_value", vfm.ppp_parts, float(vfm.ppp_value[0])))
    tables = [
        html.table(
            [view.line(key), view.display.unit, *view.heads("share")],
            _parts(view, parts, total),
            numbers=(1, 2),
            last_is_sum=True,
        )
        for key, parts, total in sides
    ]
    notes = []
    if psc > 0:
        notes.append(
            view.word("text.vfm_risk_share", share=percent(float(vfm.psc_parts["transferred_risk"][0]) / psc, 1))
        )
    if view.appraisal.critique is None:  # else it is said at the head of the section
        without = float(vfm.amount_without_transferred_risk[0])
        notes.append(view.word("text.vfm_without_risk", amount=view.display.money(without)))
    received = float(view.evaluation.lines["government_distributions"].sum())
    if received:
        notes.append(view.word("text.distributions", amount=view.display.money(received)))
    return view.section(
        "vfm",
        critics.in_short(view),
        html.paragraph(view.word("text.vfm_intro", date=date)),
        html.paragraph(_discounting(view)),
        view.chart(charts.value_for_money),
        Markup("<div class='pair'>{}</div>").format(html.join(tables)),
        view.sentences(*notes) if notes else None,
        critics.answers(view),
    )


def _discounting(view: View) -> str:
    """How each side is discounted, by the rule book's method."""
    rates = view.evaluation.side_rates
    psc, ppp = percent(float(rates.psc_rate[0])), percent(float(rates.ppp_rate[0]))
    return view.word(f"text.discounted.{rates.method}", rate=psc, psc=psc, ppp=ppp)


def _parts(view: View, parts: dict[str, np.ndarray], total: float) -> list[tuple[str, str, str]]:
    def share(amount: float) -> str:
        return percent(amount / total, 1) if total > 0 else "–"

    rows = [
        (view.line(key), view.display.money(float(worth[0]), unit=False), share(float(worth[0])))
        for key, worth in parts.items()
        if worth[0] or key not in OPTIONAL_PARTS
    ]
    return [*rows, (view.word("sum"), view.display.money(total, unit=False), share(total))]


def affordability(view: View) -> Html:
    """The yearly share of the district's budget, alone and with existing commitments."""
    load = view.evaluation.load
    if load is None:
        return NOTHING
    room = load.headroom(binding_cap(view.evaluation))[:, 0]
    tight, frozen = int(np.argmin(room)), load.share_without_growth
    worst = int(np.argmax(frozen[:, 0]))
    timeline = view.evaluation.inputs.timeline
    columns = [
        load.budget,
        load.existing,
        *(timeline.by_calendar_year(view.evaluation.lines[key]) for key in FISCAL),
    ]
    rows = [
        (
            str(int(year)),
            *(view.display.money(float(column[i, 0]), unit=False) for column in columns),
            percent(float(load.share_alone[i, 0])),
            percent(float(load.share[i, 0])),
        )
        for i, year in enumerate(load.years)
    ]
    heads = [
        *view.heads("year", "budget", "existing"),
        *(view.line(key) for key in FISCAL),
        *view.heads("share_own", "share_total"),
    ]
    return view.section(
        "affordability",
        view.chart(charts.fiscal_share),
        view.sentences(
            _budget_note(view),
            view.word("text.headroom", amount=view.display.money(float(room[tight])), year=str(int(load.years[tight]))),
            view.word("text.no_growth", share=percent(float(frozen[worst, 0])), year=str(int(load.years[worst]))),
            *_demand_risk_note(view),
        ),
        html.table(
            heads,
            rows,
            numbers=range(1, len(heads)),
            caption=view.word("text.money_note", unit=view.display.unit),
            css="dense",
        ),
    )


def _demand_risk_note(view: View) -> list[str]:
    """What the guarantee of revenue costs and what sharing it brings, over the term: both are part of the operating subsidy."""
    lines, notes = view.evaluation.lines, []
    said = {"guarantee_payment": "text.guarantee_payment", "revenue_shared": "text.revenue_shared"}
    for key, text in said.items():
        total = float(lines[key][:, 0].sum()) if key in lines else 0.0
        if total > 0.0:
            notes.append(view.word(text, amount=view.display.money(total)))
    return notes


def _budget_note(view: View) -> str:
    district, rules = view.project.budget, view.evaluation.rules
    return view.word(
        "text.budget_method",
        year=str(max(entry.year for entry in district.budget)),
        growth=percent(view.evaluation.budget_growth),
        base=view.word(f"text.budget_base.{rules.convention('budget_base')}"),
        source=view.word("text.budget_by_hand" if district.growth is not None else "text.budget_by_rule"),
    )


def qualitative(view: View) -> Html:
    """The experts' scores by indicator, with their spread."""
    if not view.evaluation.scores:
        return NOTHING
    rules = view.evaluation.rules
    indicators = rules.pack.indicators
    rows = [
        (
            view.display.text(indicators[s.key].name),
            percent(s.weight, 0),
            _score(s.plain),
            _score(s.trimmed),
            f"{s.lowest:g} – {s.highest:g}",
            _score(s.deviation),
            _agreement(view, s),
        )
        for s in view.evaluation.scores
    ]
    heads = view.heads("indicator", "weight", "mean", "trimmed_mean", "spread", "deviation", "agreement")
    return view.section(
        "qualitative",
        view.chart(charts.qualitative),
        html.table(heads, rows, numbers=(1, 2, 3, 4, 5)),
        view.sentences(*_experts(view)),
    )


def _score(value: float) -> str:
    return f"{value:.1f}" if np.isfinite(value) else "–"


def _agreement(view: View, item: Scored) -> str:
    """Whether the experts agree: across the pass mark, or by bands of the rule book's scale."""
    rules = view.evaluation.rules
    said = []
    if rules.has("qualitative_pass_mark") and disputed(item, rules.value("qualitative_pass_mark")):
        said.append(view.word("text.across_the_mark"))
    scale = rules.pack.score_bands
    if scale is not None:
        lowest = [band.lowest for band in scale.bands]
        names = [view.display.text(scale.bands[band(value, lowest)].name) for value in (item.lowest, item.highest)]
        apart = bands_apart(item, lowest)
        said.append(names[0] if not apart else view.word("text.bands", low=names[0], high=names[1]))
    return view.listed(said)


def _experts(view: View) -> list[str]:
    """Either mean, each expert's own total, and how many of them alone would have failed it."""
    scores, rules = view.evaluation.scores, view.evaluation.rules
    both, alone = totals(scores), by_expert(scores)
    counted = view.choice(rules.convention("qualitative_mean"))
    said = [view.word("text.two_means", plain=_score(both["all"]), trimmed=_score(both["trimmed"]), counted=counted)]
    said.append(view.word("text.by_expert", scores=view.listed([_score(value) for value in alone])))
    if rules.has("qualitative_pass_mark"):
        mark = rules.value("qualitative_pass_mark")
        failing = sum(value < mark for value in alone)
        said.append(view.word("text.experts_failing", count=str(failing), all=str(len(alone)), mark=f"{mark:g}"))
    return said
