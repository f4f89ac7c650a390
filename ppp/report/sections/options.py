"""What else the project may be set beside: the comparator's range, a delayed comparator, other routes, the bids."""

from __future__ import annotations

from markupsafe import Markup

from ppp.appraisal.bids import SHADOW, Levelled, Procured, ranked
from ppp.appraisal.comparison import PPP, REFERENCE, Comparison
from ppp.lines import RESULTS
from ppp.report import html
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING, View
from ppp.report.words import input_label, percent


def options(view: View) -> Html:
    """What the rule book asks beside the two totals, and other ways of procurement."""
    found = view.appraisal.comparison
    if found is None:
        return NOTHING
    parts = [
        _reference(view, found),
        _range(view, found),
        _delayed(view, found),
        _drivers(view, found),
        _indifference(view, found),
        _routes(view, found),
    ]
    return view.section("options", *parts) if any(part is not None for part in parts) else NOTHING


def _reference(view: View, found: Comparison) -> Markup | None:
    """Adjustments of a real reference project, optimism bias, and competitive neutrality item by item, in present value."""
    comparator = view.project.comparator

    def money(value: float) -> str:
        return view.display.money(value, unit=False)

    rows = [
        (view.display.text(item.name), money(found.adjustments[key]), item.evidence or "–")
        for key, item in comparator.adjustments.items()
    ]
    rows += [
        (view.display.text(item.name), money(found.neutrality[key]), view.word(f"neutrality.{item.kind}"))
        for key, item in comparator.competitive_neutrality.items()
    ]
    if comparator.optimism_bias is not None:
        worth = float(view.evaluation.vfm.psc_parts["optimism_bias"][0])
        rows.append((view.line("optimism_bias"), money(worth), _bias(view)))
    if not rows:
        return None
    intro = html.paragraph(view.word(f"text.reference.{comparator.reference}"))
    heads = [*view.heads("item"), view.display.unit, *view.heads("evidence")]
    return html.join([intro, html.table(heads, rows, numbers=(1,), caption=view.word("text.reference_note"))])


def _bias(view: View) -> str:
    bias = view.project.comparator.optimism_bias
    kind = view.choice(bias.kind) if bias.kind else percent(bias.upper_bound, 0)
    said = view.word("text.bias", kind=kind, mitigated=percent(bias.mitigated, 0))
    return f"{said} {bias.evidence}" if bias.evidence else said


def _range(view: View, found: Comparison) -> Markup | None:
    given = found.range
    if given is None:
        return None
    value = float(view.evaluation.vfm.ppp_value[0])
    low, high = (percent(p, 0) for p in given.percentiles)
    rows = [
        (view.word("text.percentile", share=low), view.display.money(given.low)),
        (view.word("text.expected"), view.display.money(given.mean)),
        (view.word("text.percentile", share=high), view.display.money(given.high)),
        (RESULTS["ppp_value"].label(view.lang), view.display.money(value)),
    ]
    table = html.table(view.heads("psc_range", "value"), rows, numbers=(1,))
    note = view.word(f"position.{given.position(value)}") if given.spread else view.word("text.no_spread")
    said = view.word("text.dependence", choice=view.choice(given.dependence))
    return html.join([html.heading(view.word("section.psc_range"), "psc-range", 3), table, view.sentences(note, said)])


def _delayed(view: View, found: Comparison) -> Markup | None:
    if found.delayed is None:
        return None
    delay, vfm = view.project.comparator.delay, view.evaluation.side_rates
    same = view.evaluation.vfm
    if view.evaluation.rules.convention("comparator_start") == "delayed":
        from ppp.appraisal.value_for_money import value_for_money

        same = value_for_money(view.evaluation.lines, vfm.psc, vfm.ppp)
    rows = [
        (
            view.word(f"text.start.{name}"),
            *(view.display.money(float(v)) for v in (side.psc[0], side.ppp_value[0], side.amount[0])),
        )
        for name, side in (("same", same), ("delayed", found.delayed))
    ]
    heads = [*view.heads("start"), *(RESULTS[key].label(view.lang) for key in ("psc", "ppp_value", "vfm_amount"))]
    note = view.word("text.delayed", years=str(delay.years), growth=percent(delay.escalation))
    title = html.heading(view.word("section.delayed"), "delayed", 3)
    return html.join([title, html.table(heads, rows, numbers=(1, 2, 3)), view.sentences(note, delay.evidence or "")])


def _drivers(view: View, found: Comparison) -> Markup | None:
    if not found.drivers:
        return None
    rows = [(view.word(f"driver.{key}"), view.display.money(worth, unit=False)) for key, worth in found.drivers.items()]
    rows.append((RESULTS["vfm_amount"].label(view.lang), view.display.money(sum(found.drivers.values()), unit=False)))
    title = html.heading(view.word("section.drivers"), "drivers", 3)
    table = html.table([*view.heads("driver"), view.display.unit], rows, numbers=(1,), last_is_sum=True)
    return html.join([title, table])


def _indifference(view: View, found: Comparison) -> Markup | None:
    solved = found.indifference
    if solved is None:
        return None
    earned = float(view.evaluation.results["equity_irr"][0])
    return view.sentences(
        view.word(
            "text.indifference",
            lever=input_label(solved.lever, view.project, view.lang),
            at=view.display.input_value(solved.lever, solved.at),
            base=view.display.input_value(solved.lever, solved.base),
            irr=view.display.value("rate", solved.equity_irr),
            earned=view.display.value("rate", earned),
        )
    )


def _routes(view: View, found: Comparison) -> Markup | None:
    if not found.routes:
        return None

    def row(route: Procured) -> tuple[str, ...]:
        money = (view.display.money(v, unit=False) for v in (route.cost, route.retained_risk, route.total))
        return _route_name(view, route.key), _route_kind(view, route.key), *money

    cheapest = min(found.routes, key=lambda route: route.total)
    title = html.heading(view.word("section.routes"), "routes", 3)
    heads = view.heads("route", "kind", "cost", "risk_kept", "total")
    caption = view.word("text.present_values", unit=view.display.unit)
    note = view.word("text.cheapest_route", name=_route_name(view, cheapest.key))
    table = html.table(heads, [row(route) for route in found.routes], numbers=(2, 3, 4), caption=caption)
    return html.join([title, table, html.paragraph(note)])


def _route_name(view: View, key: str) -> str:
    if key == REFERENCE:
        return RESULTS["psc"].label(view.lang)
    return view.word("text.this_ppp") if key == PPP else view.display.text(view.project.routes[key].name)


def _route_kind(view: View, key: str) -> str:
    if key in (REFERENCE, PPP):
        return view.word("route.direct_investment" if key == REFERENCE else "route.ppp")
    return view.word(f"route.{view.project.routes[key].kind}")


def bids(view: View) -> Html:
    """The bids before and after levelling, and which risks each would take."""
    found = view.appraisal.comparison
    if found is None or not found.bids:
        return NOTHING
    before, after = ranked(found.bids, "as_bid"), ranked(found.bids, "levelled")

    def row(bid: Levelled) -> tuple[str, ...]:
        worth = (bid.as_bid, bid.retained_risk, bid.adjusted, bid.levelled, bid.vfm)
        money = [view.display.money(value, unit=False) for value in worth]
        return (_bidder(view, bid.key), money[0], str(before[bid.key]), *money[1:4], str(after[bid.key]), money[4])

    ordered = sorted(found.bids, key=lambda bid: (after[bid.key], bid.key))
    heads = view.heads("bid", "as_bid", "rank_as_bid", "risk_left", "adjusted", "levelled", "rank_levelled", "vfm")
    caption = view.word("text.present_values", unit=view.display.unit)
    moved = [_bidder(view, bid.key) for bid in found.bids if before[bid.key] != after[bid.key]]
    note = view.word("text.levelling_moved", bids=view.listed(moved)) if moved else view.word("text.levelling_same")
    return view.section(
        "bids",
        html.paragraph(view.word("text.bids")),
        html.table(heads, [row(bid) for bid in ordered], numbers=range(1, 8), caption=caption),
        html.paragraph(note),
        _shares(view, found.bids),
    )


def _bidder(view: View, key: str) -> str:
    return view.word("text.shadow_bid") if key == SHADOW else view.display.text(view.project.bids[key].name)


def _shares(view: View, bids: list[Levelled]) -> Markup:
    """The transfer and retain matrix: the share of each risk that each bid would take; what departs from the register is marked."""
    shadow = bids[0].transferred

    def cell(bid: Levelled, key: str) -> object:
        share = percent(bid.transferred[key], 0)
        return share if bid.transferred[key] == shadow[key] else html.mark(None, share)

    rows = [
        (view.display.text(risk.name), *(cell(bid, key) for bid in bids)) for key, risk in view.project.risks.items()
    ]
    heads = [*view.heads("risk"), *(_bidder(view, bid.key) for bid in bids)]
    caption = view.word("text.bid_matrix")
    return html.table(heads, rows, numbers=range(1, len(heads)), caption=caption)
