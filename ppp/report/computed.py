"""The result that a report shows, computed once in a process and in all that it forks: the report of a second language, and the check of
the first, need no second evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ppp.appraisal.appraise import Appraisal, appraise
from ppp.appraisal.side_by_side import SideBySide, side_by_side
from ppp.contract.review import Review, review
from ppp.loading import canonical
from ppp.portfolio.files import Portfolio
from ppp.portfolio.files import canonical as canonical_portfolio
from ppp.portfolio.study import Study, study
from ppp.project import Project

_last: dict[str, tuple[str, Any]] = {}  # by kind: what the last result was computed from, and the result


def appraisal_of(project: Project, draws: int) -> Appraisal:
    return _kept("project", _inputs(project, draws), lambda: appraise(project, draws))


def review_of(project: Project) -> Review:
    return _kept("appraisal", _inputs(project), lambda: review(project))


def study_of(portfolio: Portfolio, draws: int) -> Study:
    return _kept("district", _text([canonical_portfolio(portfolio), draws]), lambda: study(portfolio, draws))


def comparison_of(sides: list[Project]) -> SideBySide:
    return _kept("comparison", _text([_inputs(side) for side in sides]), lambda: side_by_side(sides))


def _inputs(project: Project, *more: object) -> str:
    return _text([canonical(project), project._origin.scenario or "base", *more])


def _text(data: object) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False)


def _kept(kind: str, made_from: str, compute: Callable[[], Any]) -> Any:
    before, result = _last.get(kind, ("", None))
    if before != made_from:
        result = compute()
        _last[kind] = (made_from, result)
    return result
