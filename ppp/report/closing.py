"""What a terminal says of a report that was made: its answer in one line, and the pages to open."""

from __future__ import annotations

import json

from ppp.report.index import is_contract, is_district, why_incomplete
from ppp.report.places import Place
from ppp.report.task import SUMMARY
from ppp.report.words import word


def closing(home: Place, lang: str) -> list[str]:
    """Lines about the report in a folder: the answer as the first page has it, and each page's path. [] where there is no report."""
    if not home.is_file(SUMMARY):
        return []
    pages = [f"{home / name}" for name in home.names() if name.endswith(".html")]
    return [*_answer(json.loads(home.read(SUMMARY)), lang), *pages]


def _answer(summary: dict, lang: str) -> list[str]:
    if not summary.get("complete", True):
        return [why_incomplete(summary, lang)]
    kind = "district" if is_district(summary) else "contract" if is_contract(summary) else None
    if kind:
        return [word(f"outcome_{kind}.{summary['outcome']}", lang)]
    return [word(f"outcome.{summary['verdict']['outcome']}", lang)] if "verdict" in summary else []
