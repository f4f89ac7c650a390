"""The same project under every rule book: what each says of it, and what the file lacks where one cannot be applied.

Another book is applied as it stands, with the project's own conventions where that book has them and allows the choice, on the day of the
appraisal or, where the book was not in force then, on the nearest day on which it was. What a book knows no use for, or does not allow,
is left out under it: a qualitative assessment, a district's budget, a second rate, a later start, an item of competitive neutrality.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ppp import regimes
from ppp.appraisal.criteria import answered
from ppp.appraisal.evaluation import Evaluation, evaluate
from ppp.consistency import project_problems
from ppp.problems import InputError
from ppp.project import Project
from ppp.reading import dotted

OF_ONE_TEST = {"district": "affordability", "qualitative": "qualitative", "funding": "feasibility"}


@dataclass(frozen=True)
class UnderRules:
    """A project under one rule book. day: the rules applied are those in force then.

    lacks: keys of the file without which the book cannot be applied at all. not_judged: its tests for which the file holds nothing,
    where others are judged. vfm: amount in base units, None where the
    book asks for none or it cannot be computed. failing, passed: its tests that
    decide; a figure that only informs is neither. unusable: why its file cannot be read as a rule book; nothing else is said of it then."""

    pack: str
    day: dt.date
    own: bool
    lacks: list[str]
    vfm: float | None = None
    share_peak: float | None = None
    passed: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    unusable: str | None = None
    not_judged: tuple[str, ...] = ()


def under_every_rule_book(evaluation: Evaluation) -> list[UnderRules]:
    """The project's own book first, then the others by name."""
    own = evaluation.project.regime
    return [_answer(evaluation, own=True)] + [
        _under(evaluation.project, pack) for pack in regimes.available() if pack != own
    ]


def _under(project: Project, pack_id: str) -> UnderRules:
    try:
        other = under(project, pack_id)
    except InputError as broken:  # a rule book that this project does not name must not stop its report
        return UnderRules(pack_id, project.appraised, False, [], unusable=str(broken.problems[0]))
    # that the book is of another time is shown by its day; it is no input that the file lacks
    dated = other.model_copy(update={"appraised": project.appraised})
    differs = {dotted(path) for path, _ in project_problems(dated) if path[0] != "appraised"}
    absent, tests = _not_given(other), set(regimes.load(pack_id).tests)
    # what one test alone looks at leaves that test open, as in the project's own book, and the others are judged
    opened = {key for key in absent if OF_ONE_TEST.get(key) in tests}
    if differs or absent - opened or not tests - {OF_ONE_TEST[key] for key in opened}:
        return UnderRules(pack_id, other.appraised, False, sorted(differs | absent))
    return _answer(evaluate(other), own=False)


def under(project: Project, pack_id: str) -> Project:
    """The project as it would name another rule book; it may lack what that book needs."""
    pack = regimes.load(pack_id)
    day = max(project.appraised, pack.valid_from)
    if pack.valid_to is not None and not project.stock_project:
        day = min(day, pack.valid_to)
    kept = {
        key: choice
        for key, choice in project.conventions.items()
        if key in pack.conventions and choice in pack.conventions[key].allowed
    }
    changes = {
        "regime": pack_id,
        "appraised": day,
        "conventions": kept,
        "confirmed_rules": {key: said for key, said in project.confirmed_rules.items() if key in pack.rules},
    }
    return _without_unused(project.model_copy(update=changes), pack)


def _without_unused(project: Project, pack: regimes.Pack) -> Project:
    """The project without what the book knows no use for, or does not allow: it would be refused there and is nothing that is lacking."""
    if "qualitative" not in pack.tests:
        project = project.model_copy(update={"qualitative": None})
    if "affordability" not in pack.tests:
        project = project.model_copy(update={"district": None})
        project._districts = None
    if "two_rates" not in pack.conventions["discount_method"].allowed:
        discounting = project.discounting.model_copy(update={"systematic_risk": None})
        project = project.model_copy(update={"discounting": discounting})
    comparator = project.comparator
    if comparator is None:
        return project
    bias = comparator.optimism_bias
    in_table = bias is None or bias.kind is None or "optimism_bias_capex" in pack.rules
    neutrality = {
        key: item for key, item in comparator.competitive_neutrality.items() if item.kind not in pack.neutrality_refuses
    }
    may_wait = "delayed" in pack.conventions["comparator_start"].allowed
    changes = {
        "delay": comparator.delay if may_wait else None,
        "optimism_bias": bias if in_table else None,
        "competitive_neutrality": neutrality,
    }
    return project.model_copy(update={"comparator": comparator.model_copy(update=changes)})


def _not_given(project: Project) -> set[str]:
    """What the rule book says that a comparison under it needs, and the file does not give."""
    missing = set()
    for key in regimes.load(project.regime).needs:
        here: object = project
        for part in key.split("."):
            here = getattr(here, part, None)
        if here is None:
            missing.add(key)
    return missing


def _answer(evaluation: Evaluation, own: bool) -> UnderRules:
    tests = [test for test in answered(evaluation) if test.key != "integrity"]
    deciding = [test for test in tests if not test.informs]
    asks = "value_for_money" in evaluation.rules.pack.tests
    load = evaluation.load if "affordability" in evaluation.rules.pack.tests else None
    return UnderRules(
        evaluation.project.regime,
        evaluation.project.appraised,
        own,
        [],
        float(evaluation.vfm.amount[0]) if asks and evaluation.vfm is not None else None,
        None if load is None else float(load.share[:, 0].max()),
        tuple(test.key for test in deciding if test.passed),
        tuple(test.key for test in deciding if test.passed is False),
        not_judged=tuple(test.key for test in tests if test.passed is None),
    )
