"""The answer to the critics on the value-for-money page: what drives the number, where it flips, how far it can be trusted."""

from __future__ import annotations

from markupsafe import Markup

from ppp import regimes
from ppp.appraisal.attribution import Part
from ppp.appraisal.critique import Critique
from ppp.appraisal.levers import SHARES
from ppp.appraisal.rule_books import UnderRules
from ppp.appraisal.sensitivity import Alternative
from ppp.appraisal.switching import Switching
from ppp.databook import databook, kind_of
from ppp.quantities import SCALES
from ppp.report import charts, html
from ppp.report.sections.view import View
from ppp.report.words import input_label, is_rate, percent


def in_short(view: View) -> Markup | None:
    """What an official needs who reads no further."""
    answer = view.appraisal.critique
    if answer is None or view.evaluation.vfm is None:
        return None
    notes = [_stated(view, answer), *_drivers(view, answer), *_flips(view, answer)]
    firm = html.paragraph(_how_firm(view, answer), "lead")
    return html.join([html.heading(view.word("section.in_short"), "in-short", 3), firm, html.bullets(notes)])


def answers(view: View) -> Markup | None:
    """The evidence behind it: drivers, switching values, other conventions and rule books, limits."""
    answer = view.appraisal.critique
    if answer is None or view.evaluation.vfm is None:
        return None
    parts = [*_attribution(view, answer), *_switching(view, answer), *side_by_side(view)]
    parts += [html.heading(view.word("section.limits"), "limits", 3), html.bullets(_limits(view))]
    return html.join([part for part in parts if part is not None])


def _how_firm(view: View, answer: Critique) -> str:
    """One sentence for the whole: how many of the doubts shown below turn the sign."""
    doubts = [
        *([view.word("doubt.draws")] if answer.supported is not None and not answer.supported.sign_known else []),
        *([view.word("doubt.plausible", count=str(len(turned)))] if (turned := _plausible(answer)) else []),
        *([view.word("doubt.conventions", count=str(len(others)))] if (others := _turning_conventions(view)) else []),
        *([view.word("doubt.books", count=str(len(books)))] if (books := _turning_books(view, answer)) else []),
        *([view.word("doubt.scenarios", count=str(count))] if (count := _turning_scenarios(view, answer)) else []),
    ]
    if doubts:
        return view.word("text.fragile", doubts=view.listed(doubts))
    return view.word("text.firm" if answer.supported is not None else "text.firmness_unknown")


def _ranged(answer: Critique) -> list[Switching]:
    """Inputs with a range in the file; levers made of several inputs would count these twice."""
    return [each for each in answer.switching if each.plausible is not None and each.key not in SHARES]


def _plausible(answer: Critique) -> list[Switching]:
    """Those that turn the sign within it."""
    return [each for each in _ranged(answer) if each.within(*each.plausible)]


def _turning_conventions(view: View) -> list[Alternative]:
    positive = float(view.evaluation.vfm.amount[0]) >= 0.0
    others = view.appraisal.alternatives
    return [other for other in others if other.vfm is not None and (other.vfm >= 0.0) != positive]


def _turning_books(view: View, answer: Critique) -> list[UnderRules]:
    positive = float(view.evaluation.vfm.amount[0]) >= 0.0
    return [book for book in answer.rule_books if book.vfm is not None and (book.vfm >= 0.0) != positive]


def _turning_scenarios(view: View, answer: Critique) -> int:
    passed = any(test.key == "value_for_money" and test.passed for test in view.appraisal.verdict.tests)
    return sum("value_for_money" in failing for failing in answer.scenarios.values()) if passed else 0


def _stated(view: View, answer: Critique) -> str:
    stated = answer.supported
    if stated is None:
        return view.word("text.unsupported")
    value, low, high = (
        view.display.rounded_money(each, stated.step) for each in (stated.value, stated.low, stated.high)
    )
    exact = view.display.money(float(view.evaluation.vfm.amount[0]))
    return view.word(f"text.supported.{answer.by}", value=value, low=low, high=high, exact=exact)


def _drivers(view: View, answer: Critique) -> list[str]:
    """What speaks for and against, what discounting does, what finance costs."""
    shared, money = answer.attribution, view.display.money
    ordered = sorted(shared.given_discounting, key=lambda part: -abs(part.value))

    def named(parts: list[Part]) -> str:
        return view.listed(
            [
                view.word("text.driver", name=view.word(f"vfm_driver.{p.driver}"), amount=money(abs(p.value)))
                for p in parts
            ]
        )

    least = 1e-6 * abs(float(view.evaluation.vfm.psc[0]))
    speaking_for = named([part for part in ordered if part.value > least])
    against = named([part for part in ordered if part.value < -least])
    notes = [view.word("text.drivers", speaking_for=speaking_for, against=against)]
    apart = next(part.value for part in shared.given_discounting if part.driver == "discounting")
    if abs(apart) > least:
        notes.append(view.word("text.sides_apart", amount=money(apart)))
    without = float(view.evaluation.vfm.amount_without_transferred_risk[0])
    notes.append(view.word("text.vfm_without_risk", amount=money(without)))
    key = "text.undiscounted_dearer" if shared.undiscounted < 0.0 else "text.undiscounted_cheaper"
    notes.append(view.word(key, amount=money(abs(shared.undiscounted))))
    paid = answer.subsidy
    if paid is not None:
        key = "text.subsidy" if paid.implied_irr is not None else "text.subsidy_without_rate"
        irr = percent(paid.implied_irr) if paid.implied_irr is not None else ""
        notes.append(view.word(key, level=money(paid.level), irr=irr, rate=percent(paid.discount_rate)))
    return notes


def _flips(view: View, answer: Critique) -> list[str]:
    """Where the sign turns within a plausible range; what other conventions and rule books say."""
    notes = []
    given = _ranged(answer)
    turned = _plausible(answer)
    if turned:
        each = [
            view.word(
                "text.flip",
                input=input_label(found.key, view.project, view.lang),
                value=view.display.input_value(
                    found.key, min(found.within(*found.plausible), key=lambda v: abs(v - found.base))
                ),
                base=view.display.input_value(found.key, found.base),
            )
            for found in turned
        ]
        notes.append(
            view.word("text.flips_plausible", count=str(len(turned)), all=str(len(given)), flips=view.listed(each))
        )
    elif given:
        notes.append(view.word("text.no_flip_plausible", all=str(len(given))))
    others = [other for other in view.appraisal.alternatives if other.vfm is not None]
    meanings = view.evaluation.rules.pack.conventions
    if turning := _turning_conventions(view):
        names = [
            view.word(
                "text.reading",
                convention=view.display.text(meanings[other.convention].meaning),
                choice=view.choice(other.choice),
            )
            for other in turning
        ]
        count, names = str(len(turning)), view.listed(names)
        notes.append(view.word("text.conventions_turn", count=count, all=str(len(others)), names=names))
    elif others:
        notes.append(view.word("text.conventions_hold", all=str(len(others))))
    books = [book for book in answer.rule_books if book.vfm is not None]
    lacking = sum(bool(book.lacks) for book in answer.rule_books)
    agree = len(books) - len(_turning_books(view, answer))
    notes.append(view.word("text.books_agree", agree=str(agree), all=str(len(books)), lacking=str(lacking)))
    return notes


def _attribution(view: View, answer: Critique) -> list[Markup | None]:
    shared = answer.attribution
    given = {part.driver: part for part in shared.given_discounting}
    rows = [
        (
            view.word(f"vfm_driver.{part.driver}"),
            view.word(f"vfm_driver_meaning.{part.driver}"),
            *(cell for each in (given[part.driver], part) for cell in (_money(view, each.value), _range(view, each))),
        )
        for part in shared.parts
    ]
    total = _money(view, sum(part.value for part in shared.parts))
    rows.append((view.word("text.vfm_total"), "", total, "", total, ""))
    heads = view.heads("driver", "what_moves", "part_given", "over_orders", "part_shared", "over_orders")
    caption = view.word("text.money_note", unit=view.display.unit)
    return [
        html.heading(view.word("section.attribution"), "attribution", 3),
        html.paragraph(view.word("text.attribution")),
        view.chart(charts.waterfall),
        html.table(heads, rows, numbers=(2, 3, 4, 5), caption=caption, last_is_sum=True),
    ]


def _money(view: View, amount: float) -> str:
    return view.display.money(amount, unit=False)


def _range(view: View, part: Part) -> str:
    low, high = _money(view, part.low), _money(view, part.high)
    return low if low == high else view.word("text.from_to", low=low, high=high)


def _switching(view: View, answer: Critique) -> list[Markup | None]:
    if not answer.switching:
        return []
    rows = [
        (
            input_label(each.key, view.project, view.lang),
            _at(view, each.key, each.base),
            _flip_values(view, each),
            _change(view, each),
            "–" if each.plausible is None else _span(view, each.key, each.plausible),
            _is_plausible(view, each),
        )
        for each in answer.switching
    ]
    heads = view.heads("lever", "in_file", "zero_at", "change", "plausible", "within")
    return [
        html.heading(view.word("section.switching"), "switching", 3),
        html.paragraph(view.word("text.switching")),
        html.table(heads, rows, numbers=(1, 3), caption=view.word("text.money_note", unit=view.display.unit)),
    ]


def _at(view: View, key: str, value: float) -> str:
    """A lever's value in a table whose caption gives the unit of money."""
    if kind_of(key) == "money" and key not in SHARES:
        return _money(view, value * SCALES[view.project.unit])
    return view.display.input_value(key, value)


def _flip_values(view: View, each: Switching) -> str:
    found = [_at(view, each.key, v) for v in each.values]
    found += [view.word("text.jumps_at", value=_at(view, each.key, v)) for v in each.jumps]
    found += [
        view.word("text.zero_between", low=_at(view, each.key, a), high=_at(view, each.key, b)) for a, b in each.flat
    ]
    if found:
        return view.listed(found)
    if each.searched == each.plausible:
        return view.word("text.none_within")
    low, high = (_at(view, each.key, end) for end in each.searched)
    return view.word("text.none_between", low=low, high=high)


def _change(view: View, each: Switching) -> str:
    """From the file's value to the nearest flip: in percentage points for rates and shares, in percent of the value for the rest."""
    if each.nearest is None:
        return "–"
    if is_rate(each.key):
        decimals = 1 if each.key in SHARES else 2
        return view.word("text.points", points=_signed(100.0 * (each.nearest - each.base), decimals))
    return "–" if each.base == 0.0 else _signed(100.0 * (each.nearest / each.base - 1.0), 1) + "%"


def _signed(value: float, decimals: int) -> str:
    return f"{value:+.{decimals}f}".replace("-", "−")


def _span(view: View, key: str, span: tuple[float, float]) -> str:
    return " – ".join(_at(view, key, end) for end in span)


def _is_plausible(view: View, each: Switching) -> str | Markup:
    if each.plausible is None:
        return view.word("text.no_range")
    flips = bool(each.within(*each.plausible))
    return html.mark(None if flips else True, view.word("text.flips_within" if flips else "text.holds_within"))


def side_by_side(view: View) -> list[Markup | None]:
    """One table: the file as it stands, each convention changed alone, each rule book."""
    answer = view.appraisal.critique
    if answer is None:
        return []
    own = answer.rule_books[0]
    rows = [(view.word("text.as_it_stands"), view.display.text(regimes.load(own.pack).name), *_figures(view, own))]
    conventions = view.evaluation.rules.pack.conventions
    for other in view.appraisal.alternatives:
        rows.append(
            (
                view.display.text(conventions[other.convention].meaning),
                view.choice(other.choice),
                "–" if other.vfm is None else _money(view, other.vfm),
                "–" if other.share_peak is None else percent(other.share_peak),
                _failing(view, other.failing, own.not_judged),  # the same file, so the same tests are open
            )
        )
    rows += [_rule_book(view, book) for book in answer.rule_books if not book.own]
    heads = view.heads("changed", "choice", "vfm", "share_peak", "outcome")
    return [
        html.heading(view.word("section.side_by_side"), "side-by-side", 3),
        html.paragraph(view.word("text.side_by_side")),
        html.table(heads, rows, numbers=(2, 3), caption=view.word("text.money_note", unit=view.display.unit)),
    ]


def _rule_book(view: View, book: UnderRules) -> tuple[str | Markup, ...]:
    if book.unusable is not None:
        return view.word("text.rule_book_undated"), book.pack, "–", "–", view.word("text.unusable", why=book.unusable)
    dated = view.word("text.rule_book", day=view.display.date(book.day))
    return dated, view.display.text(regimes.load(book.pack).name), *_figures(view, book)


def _figures(view: View, book: UnderRules) -> tuple[str, str, str | Markup]:
    vfm = "–" if book.vfm is None else _money(view, book.vfm)
    share = "–" if book.share_peak is None else percent(book.share_peak)
    if book.lacks:
        return (
            vfm,
            share,
            view.word(
                "text.lacks", keys=view.listed([input_label(key, view.project, view.lang) for key in book.lacks])
            ),
        )
    if not book.passed and not book.failing:
        informs = view.word("text.informs") if "value_for_money" not in book.not_judged else ""
        return vfm, share, "; ".join(filter(None, [informs, _open(view, book.not_judged)]))
    return vfm, share, _failing(view, [*book.failing], book.not_judged)


def _failing(view: View, failing: list[str], not_judged: tuple[str, ...]) -> Markup:
    if not failing and not_judged:
        return html.mark(None, view.word("text.others_pass", open=_open(view, not_judged)))
    if not failing:
        return html.mark(True, view.word("text.all_pass"))
    failed = html.mark(
        False, view.word("text.fails", tests=view.listed([view.word(f"test.{test}") for test in failing]))
    )
    return failed + Markup("<br>") + _open(view, not_judged) if not_judged else failed


def _open(view: View, not_judged: tuple[str, ...]) -> str:
    """Which tests the file holds nothing for; "" where all are judged."""
    if not not_judged:
        return ""
    return view.word("text.not_judged", tests=view.listed([view.word(f"test.{test}") for test in not_judged]))


def _limits(view: View) -> list[str]:
    """What this comparison does not see, with what this file in particular leaves open."""
    risks = view.project.risks.values()
    evident = sum(risk.evidence is not None for risk in risks)
    entries = [
        entry for entry in databook(view.project) if entry.key.startswith("comparator.") and not entry.is_default
    ]
    sourced = sum("source" in entry.provenance for entry in entries)
    notes = [
        view.word("limit.scope"),
        view.word("limit.comparator", sourced=str(sourced), all=str(len(entries))),
        view.word("limit.risk", evident=str(evident), all=str(len(risks))) if risks else view.word("limit.no_risk"),
        view.word("limit.attribution"),
        view.word("limit.switching"),
    ]
    if view.project.qualitative is None:
        notes.append(view.word("limit.qualitative"))
    return notes
