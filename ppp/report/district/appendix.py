"""What an auditor reads: rules, debt-risk rules, checks, budgets, provenance."""

from __future__ import annotations

from ppp.report import html
from ppp.report.district.risk import condition
from ppp.report.district.view import DistrictView
from ppp.report.html import Html
from ppp.report.words import percent


def rules(view: DistrictView) -> Html:
    """The values of the rule pack that were used."""
    pack = view.study.rules.pack
    rows = [
        (
            view.display.text(pack.rules[a.key].meaning),
            percent(a.value, 0) if a.unit.startswith("share") else f"{a.value:g}",
            f"{view.display.text(pack.documents[a.document])} ({view.display.text(a.article)})",
            html.keep(a.valid_from.isoformat()),
            html.keep(a.valid_to.isoformat() if a.valid_to else "–"),
            html.mark(a.checked or None, view.word("text.checked" if a.checked else "text.unchecked")),
        )
        for a in view.study.rules.used.values()
    ]
    notes = [view.display.text(pack.name), view.display.text(pack.note)]
    return view.section(
        "rules",
        html.bullets(notes),
        html.table(view.heads("rule", "value", "document", "from", "to", "checked"), rows, numbers=(1,)),
    )


def debt_rules(view: DistrictView) -> Html:
    """Lines, triggers, grades and assumptions of the debt-risk pack, each with its source and whether it was checked."""
    pack = view.study.pack
    joint = "；" if view.lang == "zh" else "; "

    def row(what: str, value: str, cited) -> tuple:
        state = html.mark(cited.checked or None, view.word("text.checked" if cited.checked else "text.unchecked"))
        return what, value, view.display.text(pack.documents[cited.document]), state

    rows = [
        row(view.word(f"district_colour.{c.colour}"), view.word("district.ratio_line", value=percent(c.at_least, 0)), c)
        for c in pack.colours
    ]
    rows += [row(view.word(f"district_crossing.{t.measure}"), condition(view, t), t) for t in pack.reorganisation]
    rows += [row(view.display.text(g.name), joint.join(condition(view, c) for c in g.when), g) for g in pack.grades]
    listed = view.listed([view.word(f"district_budget.{part}") for part in pack.capacity.parts])
    bounds = {
        side: view.listed([percent(v, 1) for v in getattr(pack.matrix, side)]) for side in ("likelihood", "impact")
    }
    assumed = view.word("head.district_assumption")
    rows += [
        row(assumed, view.word("district.capacity", parts=listed), pack.capacity),
        row(assumed, view.word("district.rigid", value=percent(pack.rigid_share.value, 0)), pack.rigid_share),
        row(
            assumed,
            view.word("district.assumed_termination", value=percent(pack.assumed_termination.value, 0)),
            pack.assumed_termination,
        ),
        row(assumed, view.word("district.matrix_bounds", **bounds), pack.matrix),
    ]
    return view.section(
        "district_debt_rules",
        html.paragraph(view.display.text(pack.name)),
        html.table(view.heads("district_what", "value", "document", "checked"), rows),
    )


def checks(view: DistrictView) -> Html:
    """Every check of the study with its error."""
    rows = [
        (
            view.word(f"check.{check.key}"),
            html.mark(check.passed, view.word("passed" if check.passed else "failed")),
            view.display.value("error", check.error),
        )
        for check in view.study.checks
    ]
    return view.section(
        "checks",
        html.table(view.heads("check", "result", "error"), rows, numbers=(2,)),
        html.paragraph(view.word("district.limits"), "note"),
    )


def budgets(view: DistrictView) -> Html:
    """The settled budgets, how each is forecast, and where the figures come from."""
    study = view.study
    settled = study.district.budget
    keys = list(study.budgets.columns)
    said = study.portfolio.provenance
    by_rule = any(not by_hand for _, by_hand in study.budgets.growth.values())
    rates = min(int(study.rules.value("budget_growth_years")), len(settled) - 1) if by_rule else 0
    growth = []
    for key in keys:
        rate, by_hand = study.budgets.growth[key]
        how = (
            view.word("district.growth_by_hand") if by_hand else view.word("district.growth_by_rule", count=str(rates))
        )
        source = said.get("growth" if key == "expenditure" else f"other_growth.{key}", {})
        growth.append((view.word(f"district_budget.{key}"), percent(rate), how, "; ".join(source.values()) or "–"))
    rows = [(str(entry.year), *(f"{getattr(entry, key):,.10g}" for key in keys)) for entry in settled]
    heads = [*view.heads("year"), *(view.word(f"district_budget.{key}") for key in keys)]
    unit = view.word("text.file_unit", unit=view.display.file_unit(study.district.unit))
    return view.section(
        "district_budgets",
        html.paragraph(unit, "note"),
        html.table(heads, rows, numbers=range(1, len(heads)), css="dense"),
        html.table(view.heads("district_what", "district_growth", "district_set_how", "source"), growth, numbers=(1,)),
    )


def provenance(view: DistrictView) -> Html:
    """What this report was made from."""
    summary = view.study.summary
    rows = [
        (view.word("meta.id"), view.study.district.id),
        (view.word("meta.input_hash"), summary["input_hash"]),
        (view.word("meta.version"), summary["version"]),
        (view.word("meta.draws"), str(view.study.simulated.draws if view.study.simulated else 0)),
        (view.word("meta.master_check"), view.word("meta.ok" if view.study.complete else "meta.bad")),
    ]
    rows += [(view.display.text(m.name), view.study.portfolio.records[m.id]["input_hash"]) for m in view.study.members]
    return view.section("provenance", html.table(view.heads("item", "value"), rows))
