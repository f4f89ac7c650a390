"""Many stored results at once: thousands of summary.json files added up by year, sector, payment and responsibility.

DuckDB reads the files in parallel, adds up in whole cents with 128-bit integers, and spills to disk above its memory limit, so the
memory does not grow with the number of files. The rounding is carried within a project as in ppp.portfolio.ledger.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.problems import InputError, Problem

MEMORY = "512MB"
MOST_THREADS = 4  # each holds buffers of its own
LARGEST_RESULT = 2 * 2**20  # bytes of one summary.json
NOTHING_STORED = "holds no stored result of this district (summary.json)"
LISTED = 20  # projects that are named one by one

_BY_YEAR = ", ".join(f"{key} DOUBLE[]" for key in ("years", *RESPONSIBILITIES))
_COLUMNS = (
    "{id: 'VARCHAR', kind: 'VARCHAR', sector: 'VARCHAR', payment: 'VARCHAR', district: 'VARCHAR', currency: 'VARCHAR', "
    "name: 'STRUCT(en VARCHAR, zh VARCHAR)', results: 'STRUCT(fiscal_total DOUBLE, vfm_amount DOUBLE)', "
    f"standing: 'STRUCT(government_pay BOOLEAN, spared BOOLEAN, user_share DOUBLE)', budget_years: 'STRUCT({_BY_YEAR})'}}"
)
_CELLS = "\nUNION ALL\n".join(
    f"SELECT file, {at} AS place, unnest(budget_years.years)::INTEGER AS year, '{key}' AS responsibility, "
    f"unnest(budget_years.{key}) AS amount FROM kept"
    for at, key in enumerate(RESPONSIBILITIES)
)


@dataclass(frozen=True)
class Stored:
    """What stored results add up to. cents: by (year, sector, responsibility); largest: (id, name, cents over the term) of the
    largest, in order; user_pay: (id, share) of viability-gap projects below the asked share; difference: cents by which the cells of
    all projects differ from the sum of their own results, each rounded to the cent."""

    count: int
    cents: dict[tuple[int, str, str], int]
    by_payment: dict[str, int]
    largest: list[tuple[str, dict[str, str], int]]
    vfm_total: float
    below_user_share: list[tuple[str, float]]
    difference: int


def read_stored(
    folder: Path,
    currency: str,
    district: str | None = None,
    smallest_user_share: float = 0.0,
    leave_out: Sequence[str] = (),
    memory: str = MEMORY,
) -> Stored:
    """Add up every summary.json below a folder, of one district or of all, but for the projects to leave out.

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
        return _added_up(base, smallest_user_share)


_CARRIED = f"""
    SELECT file, year, responsibility, running - lag(running, 1, 0::HUGEINT) OVER whole AS cents
    FROM (SELECT *, (round(sum(amount) OVER w * 100))::HUGEINT AS running FROM ({_CELLS})
          WINDOW w AS (PARTITION BY file ORDER BY year, place ROWS UNBOUNDED PRECEDING))
    WINDOW whole AS (PARTITION BY file ORDER BY year, place)
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


def _added_up(base: duckdb.DuckDBPyConnection, smallest_user_share: float) -> Stored:
    cube = base.execute(
        "SELECT year, sector, responsibility, sum(cents) FROM cells JOIN kept USING (file) "
        "GROUP BY ALL HAVING sum(cents) <> 0 ORDER BY ALL"
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
    (own,) = base.execute("SELECT sum(round(results.fiscal_total * 100)::HUGEINT) FROM kept").fetchone()
    (added,) = base.execute("SELECT coalesce(sum(cents), 0) FROM cells").fetchone()
    return Stored(
        count,
        {(year, sector, responsibility): int(cents) for year, sector, responsibility, cents in cube},
        {payment: int(cents) for payment, cents in payments},
        [(key, name, int(cents)) for key, name, cents in largest],
        float(vfm),
        [(key, float(share)) for key, share in below],
        int(added) - int(own or 0),
    )
