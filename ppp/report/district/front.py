"""What an official reads first: the answer, what decides it, and the list of projects."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ppp.portfolio.affordability import DECIDED, Line, allowed_now, level_equivalent
from ppp.portfolio.breakdown import in_cents
from ppp.portfolio.files import day_of
from ppp.portfolio.study import CAP_BROKEN, NOT_SOUND, WITHIN, Study
from ppp.quantities import SCALES
from ppp.report import html
from ppp.report.district.view import DistrictView
from ppp.report.html import Html
from ppp.report.sections.view import NOTHING
from ppp.report.words import percent

CSS = {CAP_BROKEN: "not_recommended", NOT_SOUND: "not_assessable", WITHIN: "recommended"}
DEBT_CSS = {
    "green": "recommended",
    "yellow": "with_reservations",
    "orange": "with_reservations",
    "red": "not_recommended",
}
SAID_TERM = 20  # years paid of the further project on the first page; the table has every term
ORDER = ("recommended", "with_reservations", "not_recommended", "not_assessable")


def answer(view: DistrictView) -> Html:
    """Name, facts, the answer and the sentences behind it."""
    study, district = view.study, view.study.district
    found = study.outcome
    facts = html.join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*fact) for fact in _facts(view))
    parts = [
        Markup("<p class='status {}'>{}</p>").format(district.status, view.word(f"status.{district.status}")),
        Markup("<h1>{}</h1>").format(view.display.text(district.name)),
        Markup("<p class='subtitle'>{}</p>").format(view.word("district.title")),
        Markup("<dl class='facts'>{}</dl>").format(facts),
        html.heading(view.word("section.verdict"), "verdict"),
        Markup("<div class='verdict {}'><p class='outcome'>{}</p>{}</div>").format(
            verdict_look(study), view.word(f"outcome_district.{found}"), _debt_verdict(view)
        ),
        html.bullets(_sentences(view)),
    ]
    return Html(html.join(parts))


def verdict_look(study: Study) -> str:
    """The look of the answer: the worse of PPP spending and debt, for a green box above red debt would mislead."""
    looks = [CSS.get(study.outcome, "with_reservations")]
    if study.standing is not None and study.outcome != NOT_SOUND:
        looks.append("not_recommended" if _event(study) else DEBT_CSS[_worst_colour(study)])
    return max(looks, key=ORDER.index)


def _worst_colour(study: Study) -> str:
    return study.standing.colours[int(np.argmax(study.standing.ratio))]


def _event(study: Study) -> bool:
    """Whether the forecast holds a debt-risk event: reorganisation, or debt service that cash does not reach."""
    return study.standing.reorganised or bool((study.standing.unpaid > 0.0).any())


def _debt_verdict(view: DistrictView) -> Markup | str:
    study = view.study
    if study.standing is None or study.outcome == NOT_SOUND:
        return ""
    key = "district.debt_verdict_event" if _event(study) else "district.debt_verdict"
    colour = view.word(f"district_colour.{_worst_colour(study)}")
    return Markup("<p class='outcome'>{}</p>").format(view.word(key, colour=colour))


def _facts(view: DistrictView) -> list[tuple[str, str]]:
    study, district, years = view.study, view.study.district, view.study.years
    last = max(district.budget, key=lambda entry: entry.year)
    scale = SCALES[district.unit]
    candidates = sum(m.candidate for m in study.members)
    stored = study.portfolio.stored.count if study.portfolio.stored else 0
    count = {
        "committed": str(len(study.members) - candidates),
        "candidates": str(candidates),
        "stored": str(stored),
        "existing": str(len(district.commitments)),
    }
    debt = district.debt
    owed = view.word("district.not_given")
    if debt is not None:
        total = (debt.general.outstanding + debt.special.outstanding) * scale
        owed = view.word("district.in_year", amount=view.display.money(total), year=str(last.year))
    pack, day = view.display.text(study.rules.pack.name), view.display.date(day_of(district))
    spent = view.display.money(last.expenditure * scale)
    span = {"first": str(years[0]), "last": str(years[-1]), "recorded": str(study.budgets.recorded)}
    return [
        (view.word("meta.regime"), view.word("district.regime_day", regime=pack, day=day)),
        (view.word("district.period"), view.word("district.span", **span)),
        (view.word("district.projects"), view.word("district.counted", **count)),
        (view.word("district.budget_last"), view.word("district.in_year", amount=spent, year=str(last.year))),
        (view.word("district.debt_last"), owed),
    ]


def _sentences(view: DistrictView) -> list[str]:
    study = view.study
    candidates = any(member.candidate for member in study.members)
    said = []
    if study.decided.any():
        key = "district.sentence_peak_decided" if candidates else "district.sentence_peak"
        said.append(view.word(key, **_peak(view, study.decided)))
        said += _level(view)
    else:
        said.append(view.word("district.sentence_none_decided" if candidates else "district.sentence_none"))
    if not study.members and study.portfolio.stored is None:
        said.append(view.word("district.sentence_no_projects"))
    said += _above(view, study.decided_lines)
    cap = next(line for line in study.decided_lines if line.key == "affordability_cap")
    if cap.first is not None and cap.first <= study.budgets.recorded + 1:
        said.append(view.word("district.sentence_first_year"))
    said += [view.word(f"district_permits_now.{key}") for key in allowed_now(study.decided_lines)]
    said += _space(view)
    if candidates:
        said.append(view.word("district.sentence_candidates", **_peak(view, study.spending)))
        said += [view.word("district.sentence_of_candidates", said=part) for part in _above(view, study.lines)]
    said += _of_plan(view)
    if candidates and study.standing is not None:
        said.append(view.word("district.sentence_debt_takes_candidates"))
    return [*said, *_of_debt(view)]


def _level(view: DistrictView) -> list[str]:
    """Peak against level equivalent of what is decided; nothing without a discount rate."""
    study, rate = view.study, view.study.district.discount_rate
    if rate is None:
        return []
    level, top = level_equivalent(study.decided, rate), int(np.argmax(study.decided))
    times, year = f"{study.decided[top] / level:.2f}", str(study.years[top])
    return [
        view.word(
            "district.sentence_level", rate=percent(rate), level=view.display.money(level), times=times, year=year
        )
    ]


def _space(view: DistrictView) -> list[str]:
    """What still fits beside what is decided, by line, for the usual term: one sentence, for the lines differ in limit and first year."""
    parts = []
    for space in view.study.spaces:
        room = next(room for room in space.rooms if room.term == SAID_TERM)
        if space.beside == DECIDED:
            limit = percent(view.study.rules.value(space.line), 0)
            kind = view.word(f"district_space.{space.line}", limit=limit)
            cost = view.display.money(room.formula_cost)
            parts.append(view.word("district.space_part", kind=kind, cost=cost, start=str(space.start)))
    if not parts:
        return []
    joint = "；" if view.lang == "zh" else "; "
    return [view.word("district.sentence_space", term=str(SAID_TERM), each=joint.join(parts))]


def _peak(view: DistrictView, spending: np.ndarray) -> dict[str, str]:
    """The largest share of the budget that a row of spending takes."""
    share = spending / view.study.budgets.columns["expenditure"]
    peak = int(np.argmax(share))
    amount = view.display.money(float(spending[peak]))
    return {"share": percent(float(share[peak])), "year": str(view.study.years[peak]), "amount": amount}


def _above(view: DistrictView, lines: list[Line]) -> list[str]:
    return [
        view.word(
            "district.sentence_above",
            count=str(line.count),
            year=str(line.first),
            limit=percent(line.limit),
            line=view.word(f"district_line.{line.key}"),
        )
        for line in lines
        if line.count
    ]


def _of_debt(view: DistrictView) -> list[str]:
    study, found = view.study, view.study.standing
    if found is None:
        return [view.word("district.sentence_no_debt")]
    top = int(np.argmax(found.ratio))
    ratio, colour = percent(float(found.ratio[top]), 1), view.word(f"district_colour.{found.colours[top]}")
    said = [view.word("district.sentence_debt", ratio=ratio, year=str(found.years[top]), colour=colour)]
    triggered = np.logical_or.reduce(list(found.triggered.values()))
    if triggered.any():
        said.append(view.word("district.sentence_reorganise", year=str(found.first_year(triggered))))
    if (found.unpaid > 0.0).any():
        grade = view.display.text(found.gravest.name) if found.gravest else view.word("district.no_event")
        said.append(view.word("district.sentence_unpaid", year=str(found.first_year(found.unpaid > 0.0)), grade=grade))
    if study.simulated is not None:
        worth = dict(zip(("expected", "quantile", "tail"), study.simulated.total.worth, strict=True))
        said.append(view.word("district.sentence_calls", **{k: view.display.money(v) for k, v in worth.items()}))
    return said


def _of_plan(view: DistrictView) -> list[str]:
    found = view.study.scheduled
    if found is None:
        return []
    chosen = sum(choice.start is not None for choice in found.choices)
    count = {"all": str(len(found.choices)), "chosen": str(chosen)}
    return [view.word("district.sentence_plan", **count, **_peak(view, found.spending))]


def members(view: DistrictView) -> Html:
    """Every listed project with its stage, spending and value for money."""
    study = view.study
    if not study.members:
        return NOTHING
    rows = []
    for member in study.members:
        spending = in_cents(study.cells, study.years, member.id)
        peak = int(np.argmax(spending))
        vfm = member.results.get("vfm_amount")
        rows.append(
            (
                view.display.text(member.name),
                view.word(f"sector.{member.sector}"),
                view.word(f"payment.{member.payment}"),
                view.word(f"district_stage.{member.listed.stage}"),
                f"{member.years[0]} – {member.years[-1]}",
                view.amount(spending.sum()),
                f"{view.amount(spending[peak])} ({study.years[peak]})",
                "–" if vfm is None else view.amount(vfm),
            )
        )
    heads = [
        view.word("meta.project"),
        view.word("meta.sector"),
        view.word("meta.payment"),
        *view.heads("district_stage", "district_years", "district_spending_total", "district_spending_peak", "vfm"),
    ]
    note = view.word("text.money_note", unit=view.display.unit)
    return view.section("district_members", html.table(heads, rows, numbers=(5, 6, 7), caption=note))
