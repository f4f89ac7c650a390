"""What must agree between the section `contract` and the rest of a project file. A finding: where, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from ppp.arrays import timeline_of
from ppp.contract_terms import Actuals, ActualYear, Contract, FundYear, Refinancing
from ppp.explain import Finding, unknown
from ppp.payment_terms import Availability, SubsidyFormula, UserPay
from ppp.performance_terms import Performance
from ppp.project import Project
from ppp.quantities import Profile, given
from ppp.reading import read_document

Found = Iterator[Finding]
WHERE = ("contract",)
USERS = ("demand", "tariff", "user_payments")
_HALF_A_CENT = 0.005


def _contract(project: Project) -> Found:
    contract = project.contract
    if contract is None:
        return
    if contract.performance is not None:
        yield from _performance(project, contract.performance)
    if contract.actuals is not None:
        yield from _actuals(project, contract.actuals)
    for key, fund in contract.special_funds.items():
        yield from _fund(fund.years, *WHERE, "special_funds", key, "years")
    yield from _gates(contract)
    yield from _changes(project, contract)


@cache
def _bundled(part: str) -> list[str]:
    """Names that the bundled rules hold: scales, or approval steps with their items."""
    path = Path(str(resources.files("ppp.contract") / "packs")) / "contract-cn.yaml"
    data = read_document(path, path.name).data
    return list(data["scales"]) if part == "scales" else {g["gate"]: list(g["items"]) for g in data["gates"]}


def _years(project: Project) -> tuple[list[int], int]:
    """Calendar year of each contract year's last day, and how many are years of construction."""
    timeline = timeline_of(project)
    built = [int(year) for year in timeline.years_of_phase("construction")]
    return built + [int(year) for year in timeline.years_of_phase("operation")], len(built)


def _performance(project: Project, terms: Performance) -> Found:
    where = (*WHERE, "performance")
    for key in ("construction_scale", "operation_scale"):
        scale = getattr(terms, key)
        if isinstance(scale, str) and scale not in (known := _bundled("scales")):
            yield (*where, key), unknown(scale, "a scale of the bundled rules", known)
    payment = project.payment
    if isinstance(payment, UserPay):
        yield where, "has no effect: payment: user_pay has no payment that scores could change; allowed: other kinds"
    elif isinstance(payment, SubsidyFormula) and terms.construction_part is not None:
        yield (*where, "construction_part"), "is known from the formula's parts; remove it"
    elif not isinstance(payment, SubsidyFormula) and terms.construction_part is None:
        yield (*where, "construction_part"), "is missing; this payment does not say which part is for construction"
    years, built = _years(project)
    of_phase = {"construction": years[:built], "operation": years[built:]}
    seen: set[tuple[int, str]] = set()
    scored: dict[tuple[int, str], set[str]] = {}
    for index, row in enumerate(terms.scores):
        at = (*where, "scores", index)
        if row.indicator not in terms.indicators:
            yield (*at, "indicator"), unknown(row.indicator, "an indicator", terms.indicators)
            continue
        phase = terms.indicators[row.indicator].phase
        if row.year not in of_phase[phase]:
            span = f"{of_phase[phase][0]} to {of_phase[phase][-1]}"
            yield (*at, "year"), f"is no year of {phase}, given {row.year}; allowed: {span}"
        if (row.year, row.indicator) in seen:
            yield at, f"{row.indicator} is scored twice in {row.year}; allowed: once a year"
        seen.add((row.year, row.indicator))
        scored.setdefault((row.year, phase), set()).add(row.indicator)
    for (year, phase), keys in scored.items():
        missing = [k for k, i in terms.indicators.items() if i.phase == phase and k not in keys]
        if missing:
            yield (*where, "scores"), f"in {year} these indicators of {phase} have no score: {', '.join(missing)}"
    if terms.availability is not None:
        for index, event in enumerate(terms.availability.events):
            at = (*where, "availability", "events", index)
            if event.area not in terms.availability.areas:
                yield (*at, "area"), unknown(event.area, "a kind of area", terms.availability.areas)
            if event.year not in of_phase["operation"]:
                yield (*at, "year"), f"is no year of operation, given {event.year}"
        if not any(area.weight * area.count for area in terms.availability.areas.values()):
            yield (*where, "availability", "areas"), "have no weight together, so no rate follows"


def _actuals(project: Project, terms: Actuals) -> Found:
    where = (*WHERE, "actuals", "years")
    years, built = _years(project)
    said = [row.year for row in terms.years]
    if said != years[: len(said)]:
        wanted = ", ".join(map(str, years[: min(len(said), 4)]))
        allowed = f"allowed: every contract year from the first on, as {wanted} ..."
        yield where, f"are not the contract's years, {given(said)}; {allowed}"
        return
    before = 0.0
    for index, row in enumerate(terms.years):
        at = (*where, index)
        yield from (
            _built(row, before, index == built - 1, at) if index < built else _operated(project, row, index - built, at)
        )
        before = row.progress or before


def _built(row: ActualYear, before: float, last: bool, at: tuple) -> Found:
    for key in ("capex", "progress"):
        if getattr(row, key) is None:
            yield (*at, key), f"is missing; a year of construction needs it ({row.year})"
    for key in ("demand", "tariff", "user_payments", "opex", "lifecycle", "government_payment"):
        if getattr(row, key) is not None:
            yield (*at, key), f"belongs to operation; {row.year} is a year of construction"
    if row.progress is not None:
        if row.progress < before:
            yield (
                (*at, "progress"),
                f"falls, given {row.progress:.1%} after {before:.1%}; allowed: the share done so far",
            )
        if last and row.progress < 1.0:
            ends = "construction ends with this year; a later end is another timeline"
            yield (*at, "progress"), f"is below 100%, given {row.progress:.1%}; {ends}"


def _operated(project: Project, row: ActualYear, k: int, at: tuple) -> Found:
    for key in ("capex", "progress"):
        if getattr(row, key) is not None:
            yield (*at, key), f"belongs to construction; {row.year} is a year of operation"
    if row.opex is None:
        yield (*at, "opex"), f"is missing; a year of operation needs it ({row.year})"
    users = project.users
    by_demand = users is not None and users.demand is not None
    said = [key for key in USERS if getattr(row, key) is not None]
    allowed = [["demand", "tariff"], ["user_payments"]] if by_demand else [["user_payments"]]
    if users is None and said:
        yield (*at, said[0]), "is given, and the project has no users; remove it"
    elif users is not None and said not in allowed:
        shown = " or ".join(" and ".join(keys) for keys in allowed)
        yield at, f"needs what users paid in {row.year}, given {given(said)[6:]}; allowed: {shown}"
    if row.government_payment is None and not isinstance(project.payment, UserPay):
        yield (*at, "government_payment"), f"is missing; the government pays in {row.year}"
    for key in ("lifecycle", "other_revenue"):
        forecast = _planned(getattr(project.operation, key), k)
        if getattr(row, key) is None and forecast:
            yield (*at, key), f"is missing; the forecast of {row.year} has {forecast:.12g}"


def _planned(profile: Profile | None, k: int) -> float:
    if profile is None:
        return 0.0
    values = profile.values
    if values is None:
        return profile.start * (1.0 + profile.growth) ** k * profile.times
    return values[k] * profile.times if k < len(values) else 0.0


def _fund(years: list[FundYear], *where) -> Found:
    """No state of a fund's money may fall below nothing: what leaves it must have come into it."""
    not_drawn = idle = diverted = 0.0
    said = [row.year for row in years]
    if said != sorted(set(said)):
        yield where, f"the years do not follow one another, {given(said)}; allowed: each once, in order"
    for index, row in enumerate(years):
        not_drawn += row.appropriated - row.drawn - row.lapsed
        diverted += row.diverted - row.recovered
        idle += row.drawn + row.recovered - row.spent - row.diverted - row.returned
        for value, what in (
            (not_drawn, "more is drawn or lapsed than was appropriated"),
            (idle, "more is spent, diverted or returned than was drawn"),
            (diverted, "more is recovered than was diverted"),
        ):
            if value < -_HALF_A_CENT / 1e4:
                yield (*where, index), f"{what} up to {row.year}, by {-value:.12g}"


def _gates(contract: Contract) -> Found:
    terms = contract.investment_control
    if terms is None:
        return
    known = _bundled("gates")
    where = (*WHERE, "investment_control")
    if terms.reached is not None and terms.reached not in known:
        yield (*where, "reached"), unknown(terms.reached, "an approval step", known)
    seen = set()
    for index, entry in enumerate(terms.gates):
        if entry.gate not in known:
            yield (*where, "gates", index, "gate"), unknown(entry.gate, "an approval step", known)
        elif entry.item not in known[entry.gate]:
            yield (*where, "gates", index, "item"), unknown(entry.item, f"needed by {entry.gate}", known[entry.gate])
        if (entry.gate, entry.item) in seen:
            yield (*where, "gates", index), f"{entry.gate} / {entry.item} is said twice; allowed: once"
        seen.add((entry.gate, entry.item))


def _changes(project: Project, contract: Contract) -> Found:
    timeline = timeline_of(project)
    whole = timeline.operation // 12
    needs_funding = {
        "refinancing": contract.refinancing,
        "termination": contract.termination,
        "extension": contract.extension,
    }
    needs_funding |= {
        "actuals": contract.actuals,
        "variations": contract.variations or None,
        "index_reset": contract.index_reset,
    }
    for key, said in needs_funding.items():
        if said is not None and project.funding is None:
            yield (*WHERE, key), "needs a funding model: what shareholders and lenders receive follows from it"
            return
    if contract.refinancing is not None:
        yield from _refinancing(project, contract.refinancing, whole)
    for key, variation in contract.variations.items():
        if variation.from_year > whole:
            at = (*WHERE, "variations", key, "from_year")
            yield at, f"is after the last whole operating year, given {variation.from_year}; allowed: 1 to {whole}"
    reset = contract.index_reset
    if reset is not None:
        if not isinstance(project.payment, Availability):
            yield (*WHERE, "index_reset"), "goes with payment: availability, whose part is indexed"
        if reset.from_year > whole:
            yield (*WHERE, "index_reset", "from_year"), f"is after the last whole operating year; allowed: 1 to {whole}"
    if contract.extension is not None:
        for key in ("user_payments", "government_payment", "opex"):
            profile = getattr(contract.extension, key)
            if profile is not None and profile.values is not None and len(profile.values) != contract.extension.years:
                said = f"has {len(profile.values)} values for {contract.extension.years} years"
                yield (*WHERE, "extension", key), f"{said}; allowed: {contract.extension.years}"


def _refinancing(project: Project, terms: Refinancing, whole: int) -> Found:
    where = (*WHERE, "refinancing")
    debt = project.funding.debt
    if debt is None:
        yield where, "needs debt to refinance; the file has none"
        return
    if debt.sweep:
        yield where, "of a loan that is swept is not modelled: what is owed then hangs on every year's cash"
    last = min(debt.tenor, project.timeline.operation - debt.tail) // 12
    if terms.after_year >= last:
        yield (*where, "after_year"), f"finds the loan repaid, given {terms.after_year}; allowed: 1 to {last - 1}"
    if terms.maturity is not None and not 12 * terms.after_year < terms.maturity <= project.timeline.operation:
        yield (*where, "maturity"), f"must lie after year {terms.after_year} and within operation ({whole} years)"


CHECKS = (_contract,)
