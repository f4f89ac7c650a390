"""The statement of assurance that is attached to an evaluation: what was run and found, and blanks for the people who answer for it.

In the spirit of HM Treasury's Aqua Book: fit for a stated purpose, by named people, with what was checked and what was not. It says only
what the appraisal knows; purpose, judgement and signatures are left to be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

import ppp
from ppp.appraisal.appraise import Appraisal
from ppp.appraisal.checks import Check
from ppp.databook import databook
from ppp.loading import input_hash
from ppp.quantities import Profile
from ppp.report.sections.view import View

MOST_NAMED = 12  # inputs without a source that are named one by one
_SPECIAL = re.compile(r"([\\*_<>\[\]|#`~])")
REVIEWS = ("inputs", "terms", "rules", "conventions", "risks", "reservations", "again")
PEOPLE = ("owner", "analyst", "reviewer")


def statement(appraisal: Appraisal, lang: str) -> str:
    """The whole statement as Markdown in one language. Same appraisal, same text: no time, host or path is in it."""
    view = View(appraisal, lang)
    name = _plain(view.display.text(appraisal.project.name))
    parts = [
        f"# {view.word('assurance.title', name=name)}",
        view.word("assurance.intro", version=ppp.__version__),
        _section(view, "evaluation", _facts(view)),
        _section(view, "purpose", _people(view)),
        _section(view, "inputs", _bullets(_inputs(view))),
        _section(view, "tests", _tests(view)),
        _section(view, "checks", _checks(view)),
        _section(view, "analyses", _bullets(_analyses(view))),
        _section(view, "rules", _bullets(_rules(view))),
        _section(view, "limits", _bullets(_limits(view))),
        _section(view, "review", _review(view)),
        _section(view, "sign_off", _signatures(view)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(view: View, name: str, text: str) -> str:
    return f"## {view.word(f'assurance.{name}')}\n\n{text}" if text else ""


def _plain(text: str) -> str:
    """Text of the file as text, not as markup, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _blank(view: View) -> str:
    return f"[{view.word('assurance.blank')}]"


def _facts(view: View) -> str:
    project, rules = view.project, view.evaluation.rules
    sound = bool(view.evaluation.sound.all())
    rows = {
        "meta.id": _plain(project.id),
        "meta.scenario": _plain(view.scenario_title(project._origin.scenario)),
        "assurance.status": view.word(f"status_short.{project.status}"),
        "meta.regime": _plain(view.display.text(rules.pack.name)),
        "meta.appraised": view.display.date(project.appraised),
        "assurance.verdict": view.word(f"outcome.{view.appraisal.verdict.outcome}"),
        "meta.master_check": view.word("meta.ok" if sound else "meta.bad"),
        "meta.version": ppp.__version__,
        "meta.input_hash": f"`{input_hash(project)}`",
    }
    return _table([view.word("meta.project"), _plain(view.display.text(project.name))], _labelled(view, rows))


def _labelled(view: View, rows: dict[str, str]) -> list[tuple[str, str]]:
    return [(view.word(key), value) for key, value in rows.items()]


def _people(view: View) -> str:
    asked = ("decision", "not_for", *PEOPLE)
    return _bullets(_asked(view, key) for key in asked)


def _asked(view: View, key: str) -> str:
    return view.word("assurance.asked", what=view.word(f"assurance.{key}"), blank=_blank(view))


def _inputs(view: View) -> list[str]:
    entries = [entry for entry in databook(view.project) if _is_figure(entry.value)]
    given = [entry for entry in entries if not entry.is_default]
    sourced = [entry for entry in given if "source" in entry.provenance]
    signed = [entry for entry in given if "signed_off_by" in entry.provenance]
    counts = {"given": given, "sourced": sourced, "signed": signed}
    numbers = {key: str(len(found)) for key, found in counts.items()}
    said = [view.word("assurance.inputs_said", **numbers, defaults=str(len(entries) - len(given)))]
    if names := sorted({entry.provenance["signed_off_by"] for entry in signed}):
        said.append(view.word("assurance.signed_by", names=_plain(view.listed(names))))
    if bare := [f"`{entry.key}`" for entry in given if entry not in sourced]:
        more = [] if len(bare) <= MOST_NAMED else [f"+{len(bare) - MOST_NAMED}"]
        said.append(view.word("assurance.unsourced", keys=view.listed(bare[:MOST_NAMED] + more)))
    return said


def _is_figure(value: object) -> bool:
    """Whether an input is a figure or a list of them, and no name, choice or date."""
    return isinstance(value, int | float | list | Profile) and not isinstance(value, bool)


def _tests(view: View) -> str:
    answers, found = {True: "passed", False: "failed", None: "not_assessable"}, view.appraisal.verdict
    rows = [(view.word(f"test.{test.key}"), view.word(answers[test.passed])) for test in found.tests]
    if not rows:
        return ""
    said = _bullets(_plain(view.display.say(reason)) for reason in found.reasons)
    return f"{_table((view.word('assurance.test'), view.word('head.result')), rows)}\n\n{said}"


def _checks(view: View) -> str:
    def row(check: Check) -> tuple[str, str, str]:
        passed = bool(np.all(check.passed))
        state = view.word("passed" if passed else "failed" if check.hard else "alert")
        return view.word(f"check.{check.key}"), state, view.display.value("error", float(np.max(check.error)))

    found = (*view.evaluation.checks, *view.evaluation.alerts)
    return _table(view.heads("check", "result", "error"), [row(check) for check in found])


def _analyses(view: View) -> list[str]:
    appraisal, answers = view.appraisal, view.appraisal.critique
    if answers is None:  # a published example: its figures are compared and nothing else is asked
        met = sum(figure.agrees for figure in appraisal.printed)
        return [view.word("assurance.published", count=str(len(appraisal.printed)), met=str(met))]
    said = {
        "ranges": (len(appraisal.ranges), "flips", sum(bool(response.flips) for response in appraisal.ranges)),
        "conventions": (
            len(appraisal.alternatives),
            "fail",
            sum(bool(each.failing) for each in appraisal.alternatives),
        ),
    }
    others = [book for book in answers.rule_books if not book.own]
    said["rule_books"] = (len(others), "lack", sum(bool(book.lacks or book.unusable) for book in others))
    lines = [
        view.word(f"assurance.{key}", count=str(count), **{of: str(number)})
        for key, (count, of, number) in said.items()
    ]
    drawn = appraisal.simulation
    lines.append(view.word("assurance.draws", count=f"{drawn.draws:,}") if drawn else view.word("assurance.no_draws"))
    failing = [_plain(view.scenario_title(name)) for name, tests in answers.scenarios.items() if tests]
    named = {"count": str(len(answers.scenarios)), "names": view.listed(failing)}
    return [*lines, view.word("assurance.scenarios", **named)]


def _rules(view: View) -> list[str]:
    rules, said = view.evaluation.rules, []
    for applied in {used.key: used for used in rules.used.values()}.values():
        named = _plain(view.display.text(rules.pack.rules[applied.key].meaning))
        if applied.confirmed_by:
            said.append(view.word("assurance.read_by", rule=named, by=_plain(applied.confirmed_by)))
        elif not applied.checked:
            document = _plain(view.display.text(rules.pack.documents[applied.document]))
            said.append(view.word("assurance.not_read", rule=named, document=document))
    said = said or [view.word("assurance.all_checked")]
    for key in view.project.conventions:
        meaning = _plain(view.display.text(rules.pack.conventions[key].meaning))
        choice = view.choice(rules.convention(key))
        said.append(view.word("assurance.changed", convention=meaning, choice=_plain(choice)))
    return said


def _limits(view: View) -> list[str]:
    said = [_plain(view.display.say(reason)) for reason in view.appraisal.verdict.reservations]
    said = said or [view.word("assurance.no_reservations")]
    return [*said, view.word("text.limits"), view.word("assurance.tool")]


def _review(view: View) -> str:
    rows = [(view.word(f"assurance.review_{key}"), _blank(view)) for key in REVIEWS]
    head = (view.word("assurance.review"), view.word("assurance.done"))
    return f"{_table(head, rows)}\n\n{_asked(view, 'found')}"


def _signatures(view: View) -> str:
    head = [view.word(f"assurance.{key}") for key in ("role", "name", "day", "signature")]
    return _table(head, [(view.word(f"assurance.{key}"), *[_blank(view)] * 3) for key in PEOPLE])
