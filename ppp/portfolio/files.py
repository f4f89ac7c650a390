"""From a district file to everything its report is made from: the district, the results of its projects, and stored results."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ppp import regimes
from ppp.appraisal.budget_years import by_budget_year, contingent_terms, standing
from ppp.appraisal.evaluation import evaluate
from ppp.consistency import district_problems
from ppp.contingent_terms import Contingent, disagreements, in_force, unguaranteed
from ppp.district import District, Listed
from ppp.explain import checked
from ppp.loading import apply_scenario, find_file, input_hash, load
from ppp.portfolio.members import Member, from_record
from ppp.portfolio.stored import Stored, read_stored
from ppp.portfolio.stored_terms import plain_terms, terms_again
from ppp.problems import InputError, Problem
from ppp.project import Project
from ppp.provenance import Inputs, is_file, leaves_folder, separate
from ppp.quantities import given
from ppp.reading import Document, read_document
from ppp.regimes import Rules
from ppp.scalars import EMPTY, Doubtful

_ENVELOPE = {"canonical", "district", "results", "stored"}
FILES = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Portfolio:
    """A district with its projects' results. raw: the file's plain data; records: the results that were added up, by project."""

    district: District
    members: list[Member]
    stored: Stored | None
    raw: dict[str, Any]
    records: dict[str, dict[str, Any]]
    provenance: dict[str, dict[str, str]]
    shown_as: str


def load_portfolio(name: str | Path, results: Path | None = None) -> Portfolio:
    """Read a district file, evaluate every project it lists, and add up the stored results below `results` (those of this district
    that the file does not list itself). Also reads the canonical JSON of an earlier run, which holds the results already.

    Raises InputError naming every problem of the district and of its projects."""
    path = find_file(name)
    document = read_document(path, str(name), keep_going=True)
    records, stored = None, None
    if set(document.data) == _ENVELOPE:
        document, records, stored = _opened(document)
    if document.data.get("kind") == "project":
        raise InputError([document.problem(("kind",), "a district file is wanted here, given project")])
    inputs, raw = separate(document)
    district, findings = checked(District, inputs.data)
    findings += district_problems(district)
    if not findings and district.regime is None:
        findings.append(
            (("regime",), "is missing; the report of a district needs a rule book, such as a file of ppp/regimes")
        )
    problems = inputs.problems + [inputs.problem(*finding) for finding in findings]
    if problems:
        raise InputError(problems)
    listed = district.projects or {}
    if records is None:
        records = _evaluated(district, inputs, path.parent)
    members = [from_record(records[key], entry) for key, entry in listed.items()]
    _refuse_unvalued(district, members, inputs)
    if results is not None:
        stored = _stored(district, results, set(listed))
    return Portfolio(district, members, stored, raw, records, inputs.provenance, document.file)


def canonical(portfolio: Portfolio) -> dict[str, Any]:
    """The whole input of a district's report as plain data: loading it again gives the same report."""
    stored = None if portfolio.stored is None else _plain_stored(portfolio.stored)
    return {
        "canonical": portfolio.shown_as,
        "district": portfolio.raw,
        "results": portfolio.records,
        "stored": stored,
    }


def portfolio_hash(portfolio: Portfolio) -> str:
    """SHA-256 of the canonical data, without the file's own path."""
    data = {key: value for key, value in canonical(portfolio).items() if key != "canonical"}
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()).hexdigest()


def rules_of(district: District) -> Rules:
    """The rule pack as it stands on the day of the report."""
    return Rules(regimes.load(district.regime), day_of(district))


def day_of(district: District) -> dt.date:
    """The report's date; where the file gives none, the last day of the last recorded year."""
    return district.appraised or dt.date(max(entry.year for entry in district.budget), 12, 31)


def record_of(project: Project) -> dict[str, Any]:
    """What a district keeps of one project: the same keys as in summary.json, and whether every hard check of the model passed. A
    figure that does not exist (the index of a comparator that costs nothing) is None, as it is there."""
    evaluation = evaluate(project)
    kept = ("fiscal_total", "vfm_amount", "vfm_index", "psc", "ppp_value")
    results = {key: float(evaluation.results[key][0]) for key in kept if key in evaluation.results}
    record = {
        "id": project.id,
        "name": project.name,
        "sector": project.sector,
        "payment": project.payment.kind,
        "status": project.status,
        "currency": project.currency,
        "scenario": project._origin.scenario or "base",
        "input_hash": input_hash(project),
        "sound": bool(evaluation.sound.all()),
        "results": results,
        "standing": standing(evaluation),
        "contingent": contingent_terms(project),
        "budget_years": by_budget_year(evaluation),
    }
    return _nulled(record)


def _nulled(value: Any) -> Any:
    """The same plain data with None for every number that is not finite: JSON has no other way to say it."""
    if isinstance(value, dict):
        return {key: _nulled(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_nulled(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _opened(document: Document) -> tuple[Document, dict[str, Any], Stored | None]:
    data = document.data
    stored = data["stored"]
    if not isinstance(data["district"], dict) or not isinstance(data["results"], dict):
        message = "is not canonical JSON; allowed: canonical (text), district and results (mappings), stored"
        raise InputError([Problem(document.file, 0, 0, "", message)])
    again = _stored_again(stored) if isinstance(stored, dict) else None
    district = Document(str(data["canonical"]), data["district"], problems=document.problems)
    return district, _with_null(data["results"]), again


def _with_null(value: Any) -> Any:
    """JSON's null as None again: in a result it says that a figure does not exist; a field of an input refuses it."""
    if isinstance(value, dict):
        return {key: _with_null(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_null(part) for part in value]
    return None if isinstance(value, Doubtful) and value.why == EMPTY else value


def _evaluated(district: District, inputs: Inputs, folder: Path) -> dict[str, dict[str, Any]]:
    """The result of each listed project; every problem of every project file at once."""
    records: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for key, listed in (district.projects or {}).items():
        where = ("projects", key)
        if leaves_folder(listed.file.replace("../", "")) or not listed.file.lower().endswith(FILES):
            allowed = f"a relative path to a project file ({', '.join(FILES)})"
            problems.append(
                inputs.problem((*where, "file"), f"is no such path, {given(listed.file)}; allowed: {allowed}")
            )
            continue
        if not is_file(folder / listed.file):
            message = f"there is no such project file, {given(listed.file)}; allowed: a file beside the district's"
            problems.append(inputs.problem((*where, "file"), message))
            continue
        try:
            project = load(folder / listed.file)
            if listed.scenario not in (None, "base", *project.scenarios):
                allowed = ", ".join(["base", *project.scenarios])
                message = f"is not a scenario of that file, {given(listed.scenario)}; allowed: {allowed}"
                problems.append(inputs.problem((*where, "scenario"), message))
                continue
            if listed.scenario not in (None, "base"):
                project = apply_scenario(project, listed.scenario)
        except InputError as error:
            problems += error.problems
            continue
        found = [inputs.problem((*where, part), message) for part, message in _unfit(district, key, project)]
        problems += found
        if found:
            continue
        records[key] = record_of(project)
        problems += [inputs.problem((*where, *at), said) for at, said in _unfit_terms(listed, records[key])]
    if problems:
        raise InputError(problems)
    return records


def _unfit(district: District, key: str, project: Project):
    if project.id != key:
        yield "file", f"holds the project {project.id}, given {key}; allowed: every project under its own id"
    if project.currency != district.currency:
        yield "file", f"is in {project.currency}, the district in {district.currency}; allowed: one currency"
    if project.budget is not None and project.budget.id != district.id:
        yield "file", f"belongs to the district {project.budget.id}; allowed: projects of {district.id}"
    last, begins = max(entry.year for entry in district.budget), project.timeline.financial_close.year
    if begins <= last and (district.projects or {})[key].stage == "candidate":
        yield (
            "stage",
            f"is candidate, but the project begins in {begins}, which is settled; allowed: from {last + 1} on, or committed",
        )


def _unfit_terms(listed: Listed, record: dict[str, Any]):
    """What the entry's own terms lack in the project's result, and what they do not agree on with those of the project's own file."""
    yield from unguaranteed(listed.revenue_guarantee, record["budget_years"])
    own = record["contingent"]
    if own is not None:
        yield from disagreements(in_force(Contingent.model_validate(own), listed))


def _refuse_unvalued(district: District, members: list[Member], inputs: Inputs) -> None:
    if district.plan is not None and district.plan.objective == "priority":
        return
    problems = [
        inputs.problem(
            ("projects", m.id),
            "has no value for money (its file has no comparator), so it cannot be scheduled by it; "
            "allowed: stage: committed, or plan: objective: priority",
        )
        for m in members
        if m.candidate and m.results.get("vfm_amount") is None
    ]
    if problems:
        raise InputError(problems)


def _stored(district: District, results: Path, listed: set[str]) -> Stored:
    rules = rules_of(district)
    key = "user_pay_share_of_viability_gap"
    smallest = rules.value(key) if rules.has(key) else 0.0
    settled = [entry.year for entry in district.budget]
    span = {"first_year": min(settled), "owing_from": max(settled) + 1, "rate": district.discount_rate or 0.0}
    return read_stored(results, district.currency, district.id, smallest, leave_out=sorted(listed), **span)


def _plain_stored(stored: Stored) -> dict[str, Any]:
    cents = [[*key, cents] for key, cents in sorted(stored.cents.items())]
    accounts = [[*key, cents] for key, cents in sorted(stored.accounts.items())]
    largest = [list(row) for row in stored.largest]
    whole = {key: value for key, value in vars(stored).items() if key != "exposed"}
    exposed = [plain_terms(terms) for terms in stored.exposed]
    return {**whole, "cents": cents, "accounts": accounts, "largest": largest, "exposed": exposed}


def _stored_again(data: dict[str, Any]) -> Stored:
    cents = {(year, sector, kind): cents for year, sector, kind, cents in data["cents"]}
    accounts = {(year, line): cents for year, line, cents in data["accounts"]}
    largest = [tuple(row) for row in data["largest"]]
    below = [tuple(row) for row in data["below_user_share"]]
    return Stored(
        **{
            **data,
            "cents": cents,
            "accounts": accounts,
            "largest": largest,
            "below_user_share": below,
            **{key: _with_null(data[key]) if isinstance(data[key], dict) else None for key in ("indebted", "dearest")},
            "exposed": tuple(terms_again(_with_null(terms)) for terms in data["exposed"]),
            "span": tuple(data["span"]) if isinstance(data["span"], list) else None,
        }
    )
