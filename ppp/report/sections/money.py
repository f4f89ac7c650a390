"""The numbers behind the verdict: cash and debt, value for money, affordability, scores."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.appraisal.affordability import by_calendar_year
from ppp.appraisal.criteria import binding_cap
from ppp.appraisal.payment_profile import payment_profile
from ppp.appraisal.rates import valuation_time
from ppp.procurement import Outcome, Risk
from ppp.quantities import SCALES
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
        _risks(view),
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


def _risks(view: View) -> Markup | None:
    if not view.project.risks:
        return None
    rows = [
        (
            view.display.text(risk.name),
            view.word(f"category.{risk.category}"),
            view.word(f"category.{risk.phase}"),
            _method(view, risk),
            percent(risk.transferred, 0),
            risk.evidence or "–",
        )
        for risk in view.project.risks.values()
    ]
    heads = view.heads("risk", "category", "phase", "method", "transferred", "evidence")
    return html.join([html.heading(view.word("section.risks"), "risks", 3), html.table(heads, rows, numbers=(4,))])


def _method(view: View, risk: Risk) -> str:
    if risk.ratio is not None:
        return view.word("method.ratio", ratio=percent(risk.ratio, 1))
    return view.word("method.outcomes", outcomes=view.listed([_outcome(view, o) for o in risk.outcomes]))


def _outcome(view: View, outcome: Outcome) -> str:
    return f"{percent(outcome.probability, 0)} × {view.display.money(outcome.cost * SCALES[view.project.unit])}"


def affordability(view: View) -> Html:
    """The yearly share of the district's budget, alone and with existing commitments."""
    load = view.evaluation.load
    if load is None:
        return NOTHING
    room = load.headroom(binding_cap(view.evaluation))[:, 0]
    tight, frozen = int(np.argmin(room)), load.share_without_growth
    worst = int(np.argmax(frozen[:, 0]))
    budget_years = view.evaluation.inputs.timeline.budget_years
    columns = [
        load.budget,
        load.existing,
        *(by_calendar_year(view.evaluation.lines[key], budget_years, load.years) for key in FISCAL),
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
        ),
        html.table(
            heads,
            rows,
            numbers=range(1, len(heads)),
            caption=view.word("text.money_note", unit=view.display.unit),
            css="dense",
        ),
    )


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
    indicators = view.evaluation.rules.pack.indicators
    rows = [
        (
            view.display.text(indicators[s.key].name),
            percent(s.weight, 0),
            f"{s.mean:.1f}",
            f"{s.lowest:g} – {s.highest:g}",
        )
        for s in view.evaluation.scores
    ]
    return view.section(
        "qualitative",
        view.chart(charts.qualitative),
        html.table(view.heads("indicator", "weight", "mean", "spread"), rows, numbers=(1, 2, 3)),
    )
