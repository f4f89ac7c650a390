"""What performance earns of the payment: scores, shares, deductions for unavailability. Source: ppp.contract.settlement."""

from __future__ import annotations

from collections.abc import Sequence

from ppp.contract.contract_years import ContractYears
from ppp.contract.settlement import GROUPS, bands_of
from ppp.performance_terms import AvailabilityDeductions, Performance, ScaleBand
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Cell, Expr, call, least, most, product, when, wrap
from ppp.report.workbook.grid import FIXED, INPUT, Row

SECTION = "contract.performance"


def performance_lines(m: Context) -> None:
    """Shares in every period that ends within their year; the deduction spread over its year."""
    terms = m.project.contract.performance if m.project.contract else None
    if terms is None:
        return
    years = ContractYears(m.timeline)
    m.given.heading(m.word("head.performance"))
    m.sheets["years"].heading(m.word("head.performance"))
    entitled = m.sheets["years"].row(
        "entitled", lambda k: m["yearly.government_payment"].at(k) * m["operating_length"].at(k)
    )
    yearly = {
        "construction_share": _construction_share(m, terms),
        "operation_share": _operation_share(m, terms, years),
    }
    yearly["payment_share"] = _payment_share(m, terms, entitled, *yearly.values())
    yearly["availability_rate"], deducted = _deductions(m, terms, years, entitled)
    sheet = m.sheets["value"]
    sheet.heading(m.word("head.performance"))
    ended = year_ended(m)
    for key, row in yearly.items():
        level = sheet.row(
            key, lambda t, row=row: m["operating"].at(t) * call("INDEX", row.all, most(ended.at(t), 1)), unit=row.unit
        )
        m.line(key, level)
    rate = m.sheets["years"].row(
        "deduction_yearly", lambda k: deducted.at(k) / m["operating_length"].at(k), label=m.word("deduction_yearly")
    )
    m.line("availability_deduction", sheet.row("availability_deduction", m.spread(rate), summed=True))


def year_ended(m: Context) -> Row:
    """The operating year within which a period ends; 0 before operation."""
    if not m.has("year_ended"):
        c, year = m["construction_months"], m["months_a_year"]
        m["year_ended"] = m.sheets["value"].row(
            "year_ended",
            lambda t: m["operating"].at(t) * (0 - call("INT", (c - m["month_end"].at(t)) / year)),
            unit="number",
        )
    return m["year_ended"]


def _number(m: Context, key: str, value: float, unit: str, **about: str) -> Cell:
    return m.number(f"{SECTION}.{key}", value, unit, m.word(f"performance.{key.split('.')[-1]}", **about))


def _construction_share(m: Context, terms: Performance) -> Row:
    """R1: of the last year in which construction was scored; 1 without a score."""
    scored = [row.year for row in terms.scores if terms.indicators[row.indicator].phase == "construction"]
    years = m.sheets["years"]
    if not scored:
        return years.row("r1", lambda k: m["operating_year"].at(k) / m["operating_year"].at(k), unit="rate")
    found = [row for row in terms.scores if row.year == max(scored)]
    parts: dict[str, list[Expr]] = {group: [] for group in GROUPS}
    for row in found:
        indicator = terms.indicators[row.indicator]
        if indicator.phase == "construction":
            name = indicator.name[m.lang]
            weight = _number(m, f"indicators.{row.indicator}.weight", indicator.weight, "rate", name=name)
            score = _number(m, f"indicators.{row.indicator}.score", row.score, "score", name=name)
            parts[indicator.group].append(weight * score)
    score = years.single("construction_score", least(_grouped(parts), _full(m)), unit="score")
    scale = _Scale(m, "construction", terms)
    share = years.single("construction_earned", scale.share(score), unit="rate")
    return years.row("r1", lambda k: share + m["operating_year"].at(k) * 0, unit="rate")


def _operation_share(m: Context, terms: Performance, years: ContractYears) -> Row:
    """R2 of each operating year; 1 in a year without scores."""
    sheet, calendar = m.sheets["years"], years.years[years.building :].tolist()
    rows = [row for row in terms.scores if terms.indicators[row.indicator].phase == "operation"]
    if not rows:
        return sheet.row("r2", lambda k: m["operating_year"].at(k) / m["operating_year"].at(k), unit="rate")
    scored_years = {row.year for row in rows}
    scored = m.given.given(
        f"{SECTION}.scored", [1 if year in scored_years else 0 for year in calendar], unit="flag", status=FIXED
    )
    parts: dict[str, list] = {group: [] for group in GROUPS}
    for key in dict.fromkeys(row.indicator for row in rows):
        indicator = terms.indicators[key]
        name = indicator.name[m.lang]
        weight = _number(m, f"indicators.{key}.weight", indicator.weight, "rate", name=name)
        by_year = {row.year: row.score for row in rows if row.indicator == key}
        scores = m.given.given(
            f"{SECTION}.scores.{key}",
            [by_year.get(year, 0.0) for year in calendar],
            unit="score",
            label=m.word("performance.score", name=name),
        )
        parts[indicator.group].append((weight, scores))
    score = sheet.row(
        "operation_score",
        lambda k: least(
            _grouped({group: [weight * row.at(k) for weight, row in found] for group, found in parts.items()}), _full(m)
        ),
        unit="score",
    )
    scale = _Scale(m, "operation", terms)
    return sheet.row("r2", lambda k: when(scored.at(k).equals(1), scale.share(score.at(k)), 1), unit="rate")


def _full(m: Context) -> Cell:
    return m.fixed("full_score", 100.0, "score")


def _grouped(parts: dict[str, list[Expr]]) -> Expr:
    """Sum by group, then of the groups: in the model's own order, since a score may stand on the edge of a band."""
    value: Expr | None = None
    for found in parts.values():
        if not found:
            continue
        group = found[0]
        for part in found[1:]:
            group = group + part
        value = group if value is None else value + group
    return wrap(0) if value is None else value


class _Scale:
    """The bands that turn a score into a share: inputs where the file writes them out, fixed where they are of the rule book."""

    def __init__(self, m: Context, phase: str, terms: Performance):
        given: str | list[ScaleBand] = terms.construction_scale if phase == "construction" else terms.operation_scale
        bands: Sequence[ScaleBand] = bands_of(given)
        status = FIXED if isinstance(given, str) else INPUT
        about = {"phase": m.word(f"phase.{phase}")}
        self.starts, self.shares, self.slopes = (
            m.given.given(
                f"{SECTION}.{phase}_scale.{key}",
                [float(getattr(band, key)) for band in bands],
                unit=unit,
                label=m.word(f"performance.band_{key}", **about),
                status=status,
            ).span(len(bands))
            for key, unit in (("score", "score"), ("share", "rate"), ("per_point", "rate"))
        )
        self.fractional = terms.fractional

    def share(self, score: Expr) -> Expr:
        """Share at the band's beginning + per point above it."""
        if self.fractional == "whole_points":
            score = call("INT", score)
        elif self.fractional == "nearest_point":
            score = call("INT", score + wrap(1) / 2)
        band = product(self.starts.at_most(score) * 1)
        above = score - call("INDEX", self.starts, band)
        return call("INDEX", self.shares, band) + call("INDEX", self.slopes, band) * above


def _payment_share(m: Context, terms: Performance, entitled: Row, r1: Row, r2: Row) -> Row:
    """R1 x part x (1 - linked) + R2 x (1 - part + part x linked), within floor and cap; 1 where nothing is due."""
    linked = _number(m, "linked", terms.linked, "rate")
    floor, cap = (_number(m, key, getattr(terms, key), "rate") for key in ("floor", "cap"))
    part = _construction_part(m, terms)
    sheet = m.sheets["years"]

    def share(k: int) -> Expr:
        earned = r1.at(k) * part(k) * (1 - linked) + r2.at(k) * (1 - part(k) + part(k) * linked)
        return when(entitled.at(k).above(0), most(least(earned, cap), floor), 1)

    return sheet.row("share_earned", share, unit="rate")


def _construction_part(m: Context, terms: Performance):
    if terms.construction_part is not None:
        given = _number(m, "construction_part", terms.construction_part, "rate")
        return lambda k: given
    capital, running, service = (
        m[f"yearly.{key}"] for key in ("payment_capital_part", "payment_running_part", "payment_debt_service_part")
    )
    whole = lambda k: capital.at(k) + running.at(k) + service.at(k)  # noqa: E731
    part = m.sheets["years"].row(
        "construction_part",
        lambda k: when(whole(k).above(0), (capital.at(k) + service.at(k)) / whole(k), 0),
        unit="rate",
    )
    return part.at


def _deductions(m: Context, terms: Performance, years: ContractYears, entitled: Row) -> tuple[Row, Row]:
    """Rate of a weighted area and period, and the deduction of each operating year."""
    sheet, given = m.sheets["years"], terms.availability
    if given is None:
        none = lambda k: m["operating_year"].at(k) * 0  # noqa: E731
        return sheet.row("deduction_rate", none), sheet.row("deducted", none)
    weights = {}
    weighted: Expr | None = None
    for key, area in given.areas.items():
        name = area.name[m.lang]
        weights[key] = _number(m, f"availability.areas.{key}.weight", area.weight, "number", name=name)
        count = _number(m, f"availability.areas.{key}.count", area.count, "number", name=name)
        weighted = weights[key] * count if weighted is None else weighted + weights[key] * count
    periods = m.fixed("periods_a_day", given.periods_a_day, "number")
    days = m.fixed("days_of_service", given.days, "days")
    units = sheet.single("weighted_periods", weighted * periods * days / 2, unit="number")
    exact = lambda k: most(entitled.at(k), 0) / units  # noqa: E731
    if given.round_rate_to == 0:
        rate = sheet.row("deduction_rate", exact)
    else:
        step = m.fixed("rate_step", given.round_rate_to / m.scale)
        rate = sheet.row("deduction_rate", lambda k: call("INT", exact(k) / step + wrap(1) / 2) * step)
    cap = _number(m, "availability.cap", given.cap, "rate")
    lost = _lost(m, given, years, weights)
    return rate, sheet.row("deducted", lambda k: least(rate.at(k) * lost(k), cap * most(entitled.at(k), 0)))


def _lost(m: Context, given: AvailabilityDeductions, years: ContractYears, weights: dict[str, Cell]):
    """Weighted periods lost in each operating year; those of repeated failure count more."""
    calendar = years.years[years.building :].tolist()
    factor = None
    if given.ratchet is not None:
        factor = _number(m, "availability.ratchet.factor", given.ratchet.factor, "number")
    rows: list[tuple[Expr, Row]] = []
    for key in dict.fromkeys(event.area for event in given.events):
        plain, repeated = [0.0] * len(calendar), [0.0] * len(calendar)
        for k, year in enumerate(calendar):
            events = [event.periods for event in given.events if event.area == key and event.year == year]
            first = len(events) if given.ratchet is None else int(given.ratchet.after)
            plain[k], repeated[k] = sum(events[:first]), sum(events[first:])
        about = {"name": given.areas[key].name[m.lang]}
        name = f"{SECTION}.availability.events.{key}"
        lost = m.given.given(name, plain, unit="number", label=m.word("performance.lost", **about))
        rows.append((weights[key], lost))
        if factor is not None:
            again = m.given.given(
                f"{name}.repeated", repeated, unit="number", label=m.word("performance.lost_again", **about)
            )
            rows.append((weights[key] * factor, again))

    def lost(k: int) -> Expr:
        value: Expr = m["operating_year"].at(k) * 0
        for n, (weight, row) in enumerate(rows):
            value = weight * row.at(k) if n == 0 else value + weight * row.at(k)
        return value

    return lost
