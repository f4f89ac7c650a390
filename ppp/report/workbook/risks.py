"""Expected cost of risks: by ratio, by outcomes, or as the mean of a distribution; what the PPP transfers and what is retained."""

from __future__ import annotations

from ppp.procurement import Risk
from ppp.report.workbook.context import Context
from ppp.report.workbook.formula import Expr, call, total
from ppp.report.workbook.grid import Row, Sheet
from ppp.report.workbook.timing import by_construction_year


def risk_lines(m: Context, sheet: Sheet) -> None:
    """Transferred: what the government bears without the PPP less what it retains; both of every risk's expected cost."""
    risks = m.project.risks
    if risks:
        m.given.heading(m.word("head.risks"))
        sheet.heading(m.word("head.risks"))
    whole = {key: _expected(m, sheet, key, risk) for key, risk in risks.items()}
    kept = {key: 1 - m.number(f"risks.{key}.transferred", risk.transferred, "rate") for key, risk in risks.items()}
    before = {
        key: m.number(
            f"risks.{key}.government_share",
            risk.government_share,
            "rate",
            m.word("risk_before", name=m.name_of(f"risks.{key}", key)),
        )
        for key, risk in risks.items()
    }

    def line(key: str, shares: dict[str, Expr]) -> None:
        def formula(t: int) -> Expr:
            value: Expr = m["period"].at(t) * 0
            for n, (risk, row) in enumerate(whole.items()):
                value = row.at(t) * shares[risk] if n == 0 else value + row.at(t) * shares[risk]
            return value

        m.line(key, sheet.row(key, formula, summed=True))

    line("transferred_risk", {key: before[key] - kept[key] for key in whole})
    line("retained_risk", kept)


def _expected(m: Context, sheet: Sheet, key: str, risk: Risk) -> Row:
    """Expected cost of a risk by period, whoever bears it."""
    name = m.name_of(f"risks.{key}", key)
    times = m.number(f"risks.{key}.times", risk.times, "number")
    if risk.ratio is not None:
        ratio = m.number(f"risks.{key}.ratio", risk.ratio, "rate")
        base = _phase_cost(m, risk.phase)
        return sheet.row(f"risks.{key}", lambda t: base(t) * ratio * times, label=name, summed=True)
    if risk.distribution is not None:
        return _spread_over(m, sheet, key, risk, name, times)
    expected = None
    for n, outcome in enumerate(risk.outcomes):
        about = {"name": name, "n": str(n + 1)}
        chance = m.given.constant(
            f"risks.{key}.{n}.probability", outcome.probability, unit="rate", label=m.word("outcome_chance", **about)
        )
        cost = m.given.constant(f"risks.{key}.{n}.cost", outcome.cost, label=m.word("outcome_cost", **about))
        expected = chance * cost if expected is None else expected + chance * cost
    expected = expected * times
    if risk.phase == "construction":
        by_year = m.sheets["building_years"].row(f"risks.{key}", _of_short_years(m, expected), label=name)
        return sheet.row(f"risks.{key}", m.building(by_year), label=name, summed=True)
    yearly = m.sheets["years"].row(
        f"risks.{key}", lambda k: expected * m["operating_index"].at(k) if m.real else expected, label=name
    )
    return sheet.row(f"risks.{key}", m.spread(yearly), label=name, summed=True)


def _of_short_years(m: Context, yearly: Expr):
    """An amount a year by construction year: a short year has its part; without construction the whole stands at close."""
    length, year = m["building_length"], m["months_a_year"]
    share = (lambda j: length.at(j) / year) if m.timeline.construction else (lambda j: 1)
    if m.real:
        return lambda j: yearly * share(j) * m["building_index"].at(j)
    return lambda j: yearly * share(j)


def _phase_cost(m: Context, phase: str):
    """The cost on which a ratio is reckoned: of the reference project, without one of the project itself."""
    if m.project.comparator is not None:
        return m["psc_capex" if phase == "construction" else "psc_running"].at
    if phase == "construction":
        return m["capex"].at
    return lambda t: m["opex"].at(t) + m["lifecycle"].at(t)


def _spread_over(m: Context, sheet: Sheet, key: str, risk: Risk, name: str, times: Expr) -> Row:
    """Probability x mean, on the periods in which the cost falls: as the file says, else as capex is spent or evenly."""
    amount = _mean_cost(m, key, risk, name) * times
    timing = risk.distribution.timing
    shares = None
    if timing is not None:
        label = m.word("risk_timing", name=name)
        shares = m.given.given(f"risks.{key}.distribution.timing", timing, unit="rate", label=label).span(len(timing))
    row = f"risks.{key}"
    if risk.phase == "construction":
        spending = None
        if shares is not None:
            years = m.sheets["building_years"]
            spending = years.row(
                f"{row}.timing", lambda j: call("INDEX", shares, m["building_year"].at(j)), label=label, unit="rate"
            )
        by_year = by_construction_year(m, row, amount, label=name, spending=spending)
        return sheet.row(row, m.building(by_year), label=name, summed=True)
    length = m["operating_length"]

    def yearly(k: int) -> Expr:
        # at a yearly rate, so that the share of a short last year is as well
        if shares is None:
            value = amount / total(length.all)
        else:
            value = amount * call("INDEX", shares, m["operating_year"].at(k)) / length.at(k)
        return value * m["operating_index"].at(k) if m.real else value

    return sheet.row(row, m.spread(m.sheets["years"].row(row, yearly, label=name)), label=name, summed=True)


def _mean_cost(m: Context, key: str, risk: Risk, name: str) -> Expr:
    """Probability x mean: (low + likely + high) / 3, (low + 4 likely + high) / 6 for PERT, (low + high) / 2 for uniform."""
    given = risk.distribution

    def part(what: str, unit: str = "money") -> Expr:
        label = m.word(f"risk_{what}", name=name)
        return m.number(f"risks.{key}.distribution.{what}", getattr(given, what), unit, label)

    chance, low = part("probability", "rate"), part("low")
    likely = [] if given.shape == "uniform" else [part("likely")] * (4 if given.shape == "pert" else 1)
    return chance * call("AVERAGE", low, *likely, part("high"))
