"""Many stored results at once: thousands of summary.json files added up by year, sector and responsibility, and by the lines
that the government's own accounts need.

DuckDB reads the files in parallel, adds up in whole cents with 128-bit integers, and spills to disk above its memory limit, so the
memory does not grow with the number of files. The rounding is carried within a project as in ppp.portfolio.ledger.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.portfolio.stored_terms import ROWS as TERM_ROWS
from ppp.portfolio.stored_terms import Terms, as_record, read_terms
from ppp.problems import InputError, Problem

MEMORY = "160MB"
MOST_THREADS = 2  # each holds buffers of its own
LARGEST_RESULT = 16 * 2**20  # bytes of one summary.json
PORTION = 8 * 2**20  # bytes of them that are read at a time
NOTHING_STORED = "holds no stored result of this district (summary.json)"
LISTED = 20  # projects that are named one by one

# lines of the government's accounts beside the responsibilities: by name, the row of a result and what it counts for
ACCOUNTS = {
    "government_distributions": ("government_distributions", "1.0"),
    "company_profit": ("net_profit", "coalesce(standing.government_share, 0.0)"),
    "company_debt": ("debt_closing", "1.0"),
}
BALANCE = "company_debt"  # as it stands at the end of a year; the others are flows
_ROWS = tuple(row for row, _ in ACCOUNTS.values())  # a result may lack them: a project without a company has none
_TEXT, _AMOUNT = "VARCHAR", "DOUBLE"
_READ = json.dumps(
    {  # what is read of each result; the rest of a file is passed over
        **dict.fromkeys(("id", "kind", "sector", "payment", "district", "currency"), _TEXT),
        "name": {"en": _TEXT, "zh": _TEXT},
        "results": {"fiscal_total": _AMOUNT, "vfm_amount": _AMOUNT},
        "standing": {
            **dict.fromkeys(("government_pay", "spared"), "BOOLEAN"),
            **dict.fromkeys(("user_share", "government_share"), _AMOUNT),
        },
        "contingent": "JSON",
        "budget_years": {key: [_AMOUNT] for key in ("years", *RESPONSIBILITIES, *_ROWS, *TERM_ROWS)},
    }
)
_CELLS = "\nUNION ALL\n".join(
    f"SELECT file, {at} AS place, unnest(budget_years.years)::INTEGER AS year, '{key}' AS responsibility, "
    f"unnest(budget_years.{key}) AS amount FROM kept"
    for at, key in enumerate(RESPONSIBILITIES)
)
_MOVES = "\nUNION ALL\n".join(
    f"SELECT file, '{line}' AS line, unnest(budget_years.years)::INTEGER AS year, unnest(budget_years.{row}) * {weight} AS amount "
    f"FROM kept WHERE budget_years.{row} IS NOT NULL"
    for line, (row, weight) in ACCOUNTS.items()
)


@dataclass(frozen=True)
class Stored:
    """What stored results add up to, in cents. cents: by (year, sector, responsibility), from the asked first year on; accounts: by
    (year, line of ACCOUNTS), likewise; past: what fell before that year, by responsibility and line (no balance);
    largest: (id, name, cents over the term) of the largest, in order; below_user_share: (id, share) of viability-gap projects below
    the asked share; difference: cents by which the cells of all projects, and their lines, differ from the sums of their own
    results, each rounded to the cent; indebted: of the one without termination terms whose company owes most at
    the end of any year from `owing_from` on, what a Member needs; exposed: guarantees and termination terms of each that has some;
    dearest: likewise of the one with termination terms whose end would cost most; span: their first and last year."""

    count: int
    cents: dict[tuple[int, str, str], int]
    accounts: dict[tuple[int, str], int]
    past: dict[str, int]
    largest: list[tuple[str, dict[str, str], int]]
    vfm_total: float
    below_user_share: list[tuple[str, float]]
    difference: int
    indebted: dict[str, Any] | None
    exposed: tuple[Terms, ...] = ()
    dearest: dict[str, Any] | None = None
    span: tuple[int, int] | None = None


def read_stored(
    folder: Path,
    currency: str,
    district: str | None = None,
    smallest_user_share: float = 0.0,
    leave_out: Sequence[str] = (),
    memory: str = MEMORY,
    first_year: int = 0,
    owing_from: int = 0,
    rate: float = 0.0,
) -> Stored:
    """Add up every summary.json below a folder, of one district or of all, but for the projects to leave out. What falls before
    `first_year` is kept apart as past. rate: discount rate of termination sums.

    Raises InputError where there is none, where a file cannot be read, was written by an earlier version, lacks a figure, has rows of
    different lengths, is in another currency, or has the id of another."""
    files = sorted(str(path) for path in folder.rglob("summary.json"))
    if not files:
        raise InputError([Problem(str(folder), 0, 0, "", NOTHING_STORED)])
    with tempfile.TemporaryDirectory() as spill, duckdb.connect(config=_config(memory, spill)) as base:
        base.execute("SET enable_progress_bar = false")  # it would write among the caller's own lines
        try:
            _read(base, files, district, leave_out)
        except duckdb.Error as error:
            raise InputError([Problem(str(folder), 0, 0, "", f"cannot be read: {_first_line(error)}")]) from None
        _refuse_unfit(base, folder, currency)
        exposed, dearest, problems = read_terms(base, owing_from, rate)
        if problems:
            raise InputError(problems)
        base.execute(f"CREATE TABLE cells AS {_CARRIED}")
        base.execute(f"CREATE TABLE moves AS {_MOVED}")
        return _added_up(base, smallest_user_share, first_year, owing_from, exposed, dearest)


def _read(base: duckdb.DuckDBPyConnection, files: list[str], district: str | None, leave_out: Sequence[str]) -> None:
    """The table `kept`: what is asked for of the results that count, and the files that hold no result as JSON (`sound` false).
    Each file is parsed as one document, a few megabytes of them at a time: a reader that looks for a table in each takes far longer."""
    base.execute(
        f"CREATE TABLE kept AS SELECT '' AS file, false AS sound, unnest(json_transform('{{}}', '{_READ}')) LIMIT 0"
    )
    base.begin()
    for portion in _portions(files):
        base.execute(
            "INSERT INTO kept SELECT file, found IS NOT NULL, unnest(found) "
            "FROM (SELECT filename AS file, TRY(json_transform(content, ?)) AS found FROM read_text(?))",
            [_READ, portion],
        )  # a filter here would have every file parsed once more for each of its terms
    base.commit()
    base.execute("DELETE FROM kept WHERE kind = 'district' OR list_contains(?::VARCHAR[], id)", [list(leave_out)])
    if district is not None:
        base.execute("DELETE FROM kept WHERE sound AND district IS DISTINCT FROM ?", [district])
    base.execute("UPDATE kept SET contingent = NULL WHERE contingent::VARCHAR = 'null'")


def _portions(files: list[str]) -> Iterator[list[str]]:
    """The files in order, in groups of up to PORTION bytes; a larger one alone. Raises InputError for those above LARGEST_RESULT."""
    sizes = [os.path.getsize(name) for name in files]
    said = f"is larger than a result can be; allowed: up to {LARGEST_RESULT // 2**20} MB"
    large = [Problem(name, 0, 0, "", said) for name, size in zip(files, sizes, strict=True) if size > LARGEST_RESULT]
    if large:
        raise InputError(large)
    group, held = [], 0
    for name, size in zip(files, sizes, strict=True):
        if group and held + size > PORTION:
            yield group
            group, held = [], 0
        group.append(name)
        held += size
    yield group


_CARRIED = f"""
    SELECT file, year, responsibility, running - lag(running, 1, 0::HUGEINT) OVER whole AS cents
    FROM (SELECT *, (round(sum(amount) OVER w * 100))::HUGEINT AS running FROM ({_CELLS})
          WINDOW w AS (PARTITION BY file ORDER BY year, place ROWS UNBOUNDED PRECEDING))
    WINDOW whole AS (PARTITION BY file ORDER BY year, place)
"""
# a flow's rounding is carried along its years; a balance stands by itself
_MOVED = f"""
    SELECT line, year, file, CASE WHEN line = '{BALANCE}' THEN alone ELSE running - lag(running, 1, 0::HUGEINT) OVER whole END AS cents
    FROM (SELECT *, (round(amount * 100))::HUGEINT AS alone, (round(sum(amount) OVER w * 100))::HUGEINT AS running FROM ({_MOVES})
          WINDOW w AS (PARTITION BY file, line ORDER BY year ROWS UNBOUNDED PRECEDING))
    WINDOW whole AS (PARTITION BY file, line ORDER BY year)
"""


def _config(memory: str, spill: str) -> dict[str, object]:
    """No extension is fetched from anywhere, and what does not fit in memory goes to a folder of ours."""
    return {
        "memory_limit": memory,
        "threads": min(os.cpu_count() or 1, MOST_THREADS),
        "temp_directory": spill,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200]


def _refuse_unfit(base: duckdb.DuckDBPyConnection, folder: Path, currency: str) -> None:
    """Every problem of the files at once, each named."""
    rows = " OR ".join(
        f"list_count(budget_years.{key}) IS DISTINCT FROM len(budget_years.years)"
        for key in ("years", *RESPONSIBILITIES)
    )
    rows += "".join(
        f" OR (budget_years.{key} IS NOT NULL AND list_count(budget_years.{key}) <> len(budget_years.years))"
        for key in (*_ROWS, *TERM_ROWS)
    )
    lacking = " OR ".join(
        f"{key} IS NULL" for key in ("budget_years.years", "sector", "payment", "standing", "results.fiscal_total")
    )
    again = "make its report again"
    checks = (
        ("NOT sound", "cannot be read: it holds no result as JSON"),
        ("sound AND (id IS NULL OR budget_years IS NULL)", f"holds no figures by budget year: {again}"),
        (
            f"id IS NOT NULL AND budget_years IS NOT NULL AND ({lacking})",
            f"lacks years, sector, payment, kind or total: {again}",
        ),
        (
            f"budget_years.years IS NOT NULL AND ({rows})",
            f"has a row by budget year that is missing, holds an empty place, or is not as long as its years: {again}",
        ),
        (f"currency <> '{currency}'", f"is in another currency; allowed: {currency}"),
        ("id IN (SELECT id FROM kept GROUP BY id HAVING count(*) > 1)", "has an id that another stored result has too"),
    )
    problems = []
    for condition, message in checks:
        rows = base.execute(f"SELECT file FROM kept WHERE {condition} ORDER BY 1 LIMIT 100").fetchall()
        problems += [Problem(name, 0, 0, "", message) for (name,) in rows]
    if not problems and not base.execute("SELECT count(*) FROM kept").fetchone()[0]:
        problems = [Problem(str(folder), 0, 0, "", NOTHING_STORED)]
    if problems:
        raise InputError(problems)


def _added_up(
    base: duckdb.DuckDBPyConnection,
    smallest_user_share: float,
    first_year: int,
    owing_from: int,
    exposed: tuple[Terms, ...],
    dearest: dict[str, Any] | None,
) -> Stored:
    cube = base.execute(
        "SELECT year, sector, responsibility, sum(cents) FROM cells JOIN kept USING (file) WHERE year >= ? "
        "GROUP BY ALL HAVING sum(cents) <> 0 ORDER BY ALL",
        [first_year],
    ).fetchall()
    accounts = base.execute(
        "SELECT year, line, sum(cents) FROM moves WHERE year >= ? GROUP BY ALL HAVING sum(cents) <> 0 ORDER BY ALL",
        [first_year],
    ).fetchall()
    past = base.execute(
        "SELECT responsibility, sum(cents) FROM cells WHERE year < $1 GROUP BY ALL HAVING sum(cents) <> 0 UNION ALL "
        f"SELECT line, sum(cents) FROM moves WHERE year < $1 AND line <> '{BALANCE}' GROUP BY ALL HAVING sum(cents) <> 0 ORDER BY 1",
        [first_year],
    ).fetchall()
    largest = base.execute(
        "SELECT id, any_value(name), sum(cents) AS whole FROM cells JOIN kept USING (file) "
        f"GROUP BY id ORDER BY whole DESC, id LIMIT {LISTED}"
    ).fetchall()
    below = base.execute(
        "SELECT id, coalesce(standing.user_share, 0) FROM kept WHERE payment = 'viability_gap' "
        "AND coalesce(standing.user_share, 0) < ? ORDER BY id",
        [smallest_user_share],
    ).fetchall()
    count, vfm = base.execute("SELECT count(*), coalesce(fsum(results.vfm_amount), 0) FROM kept").fetchone()
    return Stored(
        count,
        {(year, sector, responsibility): int(cents) for year, sector, responsibility, cents in cube},
        {(year, line): int(cents) for year, line, cents in accounts},
        {what: int(cents) for what, cents in past},
        [(key, name, int(cents)) for key, name, cents in largest],
        float(vfm),
        [(key, float(share)) for key, share in below],
        _difference(base),
        _indebted(base, owing_from),
        exposed,
        dearest,
        _span(base, first_year),
    )


def _span(base: duckdb.DuckDBPyConnection, first_year: int) -> tuple[int, int] | None:
    first, last = base.execute(
        "SELECT min(budget_years.years[1])::INTEGER, max(budget_years.years[-1])::INTEGER FROM kept"
    ).fetchone()
    return None if last is None or last < first_year else (max(first, first_year), last)


def _difference(base: duckdb.DuckDBPyConnection) -> int:
    """Cents by which cells differ from the projects' own totals, and flows of the accounts from the sums of their rows."""
    wrong = _off(base, "cells", "results.fiscal_total")
    for line, (row, weight) in ACCOUNTS.items():
        if line != BALANCE:
            found = f"(SELECT * FROM moves WHERE line = '{line}')"
            wrong += abs(_off(base, found, f"list_sum(budget_years.{row}) * {weight}"))
    return wrong


def _off(base: duckdb.DuckDBPyConnection, cells: str, own: str) -> int:
    """Cents by which the cells of the projects differ from their own amounts. Half a cent is rounding, and so are the last bits of an
    amount that lies on it, added up in another order."""
    (cents,) = base.execute(
        "SELECT coalesce(sum(added - round(own)::HUGEINT), 0) FROM "
        f"(SELECT file, sum(cents) AS added FROM {cells} GROUP BY file) JOIN (SELECT file, {own} * 100 AS own FROM kept) USING (file) "
        "WHERE abs(added - own) > 0.5 + 1e-13 * abs(own) + 1e-9"
    ).fetchone()
    return int(cents)


def _indebted(base: duckdb.DuckDBPyConnection, owing_from: int) -> dict[str, Any] | None:
    keys = ("id", "name", "sector", "payment", "currency", "standing", "contingent", "budget_years")
    found = base.execute(
        f"SELECT {', '.join(keys)} FROM kept JOIN (SELECT file, max(cents) AS owed FROM moves WHERE line = '{BALANCE}' AND year >= ? "
        "GROUP BY file) USING (file) WHERE owed > 0 AND json_extract(contingent, '$.termination') IS NULL "
        "ORDER BY owed DESC, id LIMIT 1",
        [owing_from],
    ).fetchone()
    return None if found is None else as_record(dict(zip(keys, found, strict=True)))
