"""Many stored results at once: thousands of summary.json files added up by year, sector, payment and responsibility, and by the lines
that the government's own accounts need.

DuckDB reads the files in parallel, adds up in whole cents with 128-bit integers, and spills to disk above its memory limit, so the
memory does not grow with the number of files. The rounding is carried within a project as in ppp.portfolio.ledger.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.problems import InputError, Problem

MEMORY = "512MB"
MOST_THREADS = 4  # each holds buffers of its own
LARGEST_RESULT = 2 * 2**20  # bytes of one summary.json
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
_BY_YEAR = ", ".join(f"{key} DOUBLE[]" for key in ("years", *RESPONSIBILITIES, *_ROWS))
_COLUMNS = (
    "{id: 'VARCHAR', kind: 'VARCHAR', sector: 'VARCHAR', payment: 'VARCHAR', district: 'VARCHAR', currency: 'VARCHAR', "
    "name: 'STRUCT(en VARCHAR, zh VARCHAR)', results: 'STRUCT(fiscal_total DOUBLE, vfm_amount DOUBLE)', "
    "standing: 'STRUCT(government_pay BOOLEAN, spared BOOLEAN, user_share DOUBLE, government_share DOUBLE)', "
    f"budget_years: 'STRUCT({_BY_YEAR})'}}"
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
    results, each rounded to the cent; indebted: of the one whose company owes most at the end of any year
    from `owing_from` on, what a Member needs."""

    count: int
    cents: dict[tuple[int, str, str], int]
    accounts: dict[tuple[int, str], int]
    past: dict[str, int]
    by_payment: dict[str, int]
    largest: list[tuple[str, dict[str, str], int]]
    vfm_total: float
    below_user_share: list[tuple[str, float]]
    difference: int
    indebted: dict[str, Any] | None


def read_stored(
    folder: Path,
    currency: str,
    district: str | None = None,
    smallest_user_share: float = 0.0,
    leave_out: Sequence[str] = (),
    memory: str = MEMORY,
    first_year: int = 0,
    owing_from: int = 0,
) -> Stored:
    """Add up every summary.json below a folder, of one district or of all, but for the projects to leave out. What falls before
    `first_year` is kept apart as past.

    Raises InputError where there is none, where a file cannot be read, was written by an earlier version, lacks a figure, has rows of
    different lengths, is in another currency, or has the id of another."""
    files = sorted(str(path) for path in folder.rglob("summary.json"))
    if not files:
        raise InputError([Problem(str(folder), 0, 0, "", NOTHING_STORED)])
    with tempfile.TemporaryDirectory() as spill, duckdb.connect(config=_config(memory, spill)) as base:
        base.execute("SET enable_progress_bar = false")  # it would write among the caller's own lines
        try:
            base.execute(
                f"CREATE TABLE kept AS SELECT filename AS file, * FROM read_json(?, "
                f"columns = {_COLUMNS}, filename = true, maximum_object_size = {LARGEST_RESULT}) "
                "WHERE kind IS DISTINCT FROM 'district'",
                [files],
            )
        except duckdb.Error as error:
            raise InputError([Problem(str(folder), 0, 0, "", f"cannot be read: {_first_line(error)}")]) from None
        if district is not None:
            base.execute("DELETE FROM kept WHERE district IS DISTINCT FROM ?", [district])
        base.execute("DELETE FROM kept WHERE list_contains(?::VARCHAR[], id)", [list(leave_out)])
        _refuse_unfit(base, folder, currency)
        base.execute(f"CREATE TABLE cells AS {_CARRIED}")
        base.execute(f"CREATE TABLE moves AS {_MOVED}")
        return _added_up(base, smallest_user_share, first_year, owing_from)


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
        for key in _ROWS
    )
    lacking = " OR ".join(
        f"{key} IS NULL" for key in ("budget_years.years", "sector", "payment", "standing", "results.fiscal_total")
    )
    again = "make its report again"
    checks = (
        ("id IS NULL OR budget_years IS NULL", f"holds no figures by budget year: {again}"),
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
        rows = base.execute(f"SELECT filename FROM kept WHERE {condition} ORDER BY 1 LIMIT 100").fetchall()
        problems += [Problem(name, 0, 0, "", message) for (name,) in rows]
    if not problems and not base.execute("SELECT count(*) FROM kept").fetchone()[0]:
        problems = [Problem(str(folder), 0, 0, "", NOTHING_STORED)]
    if problems:
        raise InputError(problems)


def _added_up(base: duckdb.DuckDBPyConnection, smallest_user_share: float, first_year: int, owing_from: int) -> Stored:
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
    payments = base.execute(
        "SELECT payment, sum(cents) FROM cells JOIN kept USING (file) GROUP BY payment ORDER BY payment"
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
        {payment: int(cents) for payment, cents in payments},
        [(key, name, int(cents)) for key, name, cents in largest],
        float(vfm),
        [(key, float(share)) for key, share in below],
        _difference(base),
        _indebted(base, owing_from),
    )


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
    found = base.execute(
        "SELECT id, name, sector, payment, currency, standing, budget_years FROM kept JOIN (SELECT file, max(cents) AS owed FROM moves "
        f"WHERE line = '{BALANCE}' AND year >= ? GROUP BY file) USING (file) WHERE owed > 0 ORDER BY owed DESC, id LIMIT 1",
        [owing_from],
    ).fetchone()
    if found is None:
        return None
    record = dict(zip(("id", "name", "sector", "payment", "currency", "standing", "budget_years"), found, strict=True))
    by_year = {key: row for key, row in record["budget_years"].items() if row is not None}
    return {
        **record,
        "status": "stored",
        "results": {},
        "budget_years": {**by_year, "years": [int(y) for y in by_year["years"]]},
    }
