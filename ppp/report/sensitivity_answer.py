"""What the commands about single inputs and draws print, in words."""

from __future__ import annotations

from collections.abc import Sequence

from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.evaluation import evaluate
from ppp.appraisal.importance import drivers
from ppp.appraisal.simulation import simulate
from ppp.appraisal.solve import target_of
from ppp.appraisal.verdict import Verdict
from ppp.appraisal.whatif import SEVERAL, BreakEven, Whatif, break_even, spider, steps_of, tornados, two_way
from ppp.lines import RESULTS
from ppp.project import Project
from ppp.report import html
from ppp.report.html import Html
from ppp.report.plain import plain_tables
from ppp.report.sections.simulation import tables
from ppp.report.sections.view import View
from ppp.report.sections.whatif import crossed, swings
from ppp.report.words import display_of, input_label, word


def answer(
    project: Project,
    result: str | None,
    by: Sequence[str] | None,
    target: str | None,
    cross: tuple[str, str] | None,
    lang: str,
) -> str:
    """Swings and elasticities; break-even values where a target is asked for, a two-way table where two inputs are named.

    Raises KeyError for an unknown input or result, ValueError for a target that cannot be read."""
    display = display_of(project, lang)
    known = evaluate(project).results
    wanted = target_of(project, target) if target is not None else None
    first = result or (wanted[0] if wanted else next(key for key in (*SEVERAL, *known) if key in known))
    keys = list(by) if by else list(project.ranges)
    parts = []
    if keys:
        shown = [first, *(key for key in SEVERAL if key in known and key != first)]
        found = tornados(project, shown, keys)
        parts.append(swings(Whatif(first, found, spider(project, first, []), None), display))
    elif cross is None:
        parts.append(html.paragraph(word("text.no_ranges", lang)))
    if wanted is not None and keys:
        found = break_even(project, *wanted, keys)
        parts.append(_break_even(found, wanted, project, lang))
    if cross is not None:
        row, column = cross
        rows, columns = steps_of(project, row), steps_of(project, column)
        parts.append(crossed(two_way(project, first, row, rows, column, columns), display))
    return plain_tables(*map(Html, parts))


def _break_even(found: list[BreakEven], wanted: tuple[str, float], project: Project, lang: str):
    display, (result, value) = display_of(project, lang), wanted
    said = {None: "–", True: word("answer.in_range", lang), False: word("answer.out_of_range", lang)}
    rows = []
    for each in found:
        at = word("text.no_value", lang)
        if each.value == each.value:
            at = display.input_value(each.key, each.value)
            at = word("text.several_values", lang, value=at) if each.several else at
        plausible = said[each.plausible if each.value == each.value else None]
        rows.append((input_label(each.key, project, lang), display.input_value(each.key, each.base), at, plausible))
    heads = [word(f"head.{key}", lang) for key in ("input", "now", "break_even", "within_range")]
    shown = display.value(RESULTS[result].unit, value)
    caption = word("caption.break_even", lang, result=RESULTS[result].label(lang), target=shown)
    return html.table(heads, rows, numbers=(1, 2, 3), caption=caption)


def drawn_answer(project: Project, draws: int | None, loan: str | None, risks: str | None, jobs: int, lang: str) -> str:
    """The tables of a simulation. Raises ValueError for a choice that is none."""
    found = simulate(project, draws, loan=loan, risks=risks, jobs=jobs)
    if found is None:
        return word("text.nothing_drawn", lang)
    nothing = Verdict("", (), (), (), ())
    appraisal = Appraisal(evaluate(project), nothing, [], [], found, [], [], drivers=drivers(found))
    return plain_tables(Html(html.join(tables(View(appraisal, lang)))))
