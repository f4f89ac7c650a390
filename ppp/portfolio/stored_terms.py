"""Guarantees and termination sums of stored results: only the rows by budget year that their terms need, so that thousands stay small."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from ppp.contingent_terms import CAUSES, Contingent, disagreements, unguaranteed
from ppp.explain import checked
from ppp.portfolio.contingent import Exposure
from ppp.portfolio.exposures import exposure_of, termination_sums
from ppp.portfolio.members import Member, from_record
from ppp.problems import Problem
from ppp.reading import dotted

ROWS = ("user_payments", "minimum_revenue", "equity", "distributions")  # beside those that every result is read for
PORTION = 500  # results read at a time
MOST_TOLD = 100  # problems


@dataclass(frozen=True)
class Terms:
    """The contingent liabilities of one stored result: its terms as its file states them, rows by budget year from `first` on."""

    id: str
    name: dict[str, str]
    first: int
    government_share: float
    terms: dict[str, Any]
    rows: dict[str, array]

    def exposure(self, years: np.ndarray, rate: float) -> Exposure | None:
        """What it can cost on these years."""
        return exposure_of(self._member(), years, rate)

    def _member(self) -> Member:
        size = len(next(iter(self.rows.values())))
        flows = {key: np.asarray(row) for key, row in self.rows.items()}
        years, terms = np.arange(self.first, self.first + size), Contingent.model_validate(self.terms)
        share = self.government_share
        return Member(self.id, self.name, "", "", "", "", years, flows, {}, False, False, None, share, own=terms)


def rows_needed(terms: Contingent) -> list[str]:
    """The lines by budget year that an exposure is made from."""
    found = []
    if terms.revenue_guarantee is not None:
        found += (
            ["user_payments"] if terms.revenue_guarantee.share is not None else ["user_payments", "minimum_revenue"]
        )
    if terms.debt_guarantee is not None or terms.termination is not None:
        found.append("debt_closing")
    causes = [getattr(terms.termination, key) for key in CAUSES] if terms.termination else []
    bases = {cause.equity_basis for cause in causes if cause is not None and cause.equity > 0.0}
    if "paid_in" in bases:
        found.append("equity")
    if "distributions" in bases:
        found += ["distributions", "government_distributions"]
    return found


def read_terms(
    base: duckdb.DuckDBPyConnection, owing_from: int, rate: float
) -> tuple[tuple[Terms, ...], dict[str, Any] | None, list[Problem]]:
    """Of the results in the table `kept`: the terms of each that has some, by id; the record of the one whose end would cost most in
    any year from `owing_from` on, at this discount rate; and what is wrong with the terms of any."""
    found, problems = [], []
    dearest, most = None, 0.0
    for file, record in _records(base):
        terms, findings = checked(Contingent, record["contingent"])
        if not findings:
            findings = [*disagreements(terms), *unguaranteed(terms.revenue_guarantee, record["budget_years"])]
        problems = (
            problems
            if len(problems) >= MOST_TOLD
            else problems + [Problem(file, 0, 0, dotted(("contingent", *path)), said) for path, said in findings]
        )
        if problems or not any(getattr(terms, key) for key in Contingent.model_fields):
            continue
        member = from_record(record)
        found.append(_compact(record, terms))
        cost = _dearest(member, owing_from, rate)
        if cost > most:
            dearest, most = record, cost
    return tuple(found), dearest, problems


def _records(base: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, dict[str, Any]]]:
    keys = ("id", "name", "sector", "payment", "currency", "standing", "contingent", "budget_years")
    rows = base.execute(f"SELECT file, {', '.join(keys)} FROM kept WHERE contingent IS NOT NULL ORDER BY id")
    while portion := rows.fetchmany(PORTION):
        for file, *values in portion:
            yield file, as_record(dict(zip(keys, values, strict=True)))


def as_record(read: dict[str, Any]) -> dict[str, Any]:
    """A row of the table as a result that a Member is made from."""
    by_year = {key: row for key, row in read["budget_years"].items() if row is not None}
    years = [int(year) for year in by_year["years"]]
    terms = read["contingent"]
    plain = json.loads(terms) if isinstance(terms, str) else terms
    return {**read, "status": "stored", "results": {}, "contingent": plain, "budget_years": {**by_year, "years": years}}


def _compact(record: dict[str, Any], terms: Contingent) -> Terms:
    by_year = record["budget_years"]
    size = len(by_year["years"])
    rows = {key: array("d", by_year.get(key) or [0.0] * size) for key in rows_needed(terms)}
    share = record["standing"]["government_share"] or 0.0
    return Terms(record["id"], record["name"], by_year["years"][0], share, record["contingent"], rows)


def _dearest(member: Member, owing_from: int, rate: float) -> float:
    ahead = member.years[member.years >= owing_from]
    if member.terms.termination is None or not ahead.size:
        return 0.0
    sums = termination_sums(member, member.terms.termination, ahead, rate)
    return max((float(row.max()) for row in sums.values()), default=0.0)


def plain_terms(terms: Terms) -> dict[str, Any]:
    """As plain data, to be written as JSON."""
    return {**vars(terms), "rows": {key: list(row) for key, row in terms.rows.items()}}


def terms_again(data: dict[str, Any]) -> Terms:
    """What `plain_terms` wrote."""
    return Terms(**{**data, "rows": {key: array("d", row) for key, row in data["rows"].items()}})
