"""reports/index.html: failures first, then the projects ranked, then published examples."""

from __future__ import annotations

import json
from urllib.parse import quote

from markupsafe import Markup

from ppp.appraisal.verdict import NOT_ASSESSABLE, NOT_RECOMMENDED, PUBLISHED, RECOMMENDED, RESERVATIONS
from ppp.lines import RESULTS
from ppp.problems import printable
from ppp.report import html
from ppp.report.batch import Batch
from ppp.report.formats import documents
from ppp.report.places import Place
from ppp.report.task import SUMMARY, Outcome
from ppp.report.words import Display, percent, word

COLUMNS = ("uses_total", "vfm_amount", "vfm_index", "equity_irr", "dscr_min", "share_peak")
ORDER = (RECOMMENDED, RESERVATIONS, NOT_RECOMMENDED)


def index(batch: Batch, lang: str, langs: tuple[str, ...]) -> str:
    """The index page of a batch in one language."""
    from ppp.report.export import page

    found = {o.name: summary_of(batch.folder, o) for o in batch.outcomes}
    good = [o for o in batch.outcomes if o.failure is None and o.complete and found[o.name]]
    districts = [found[o.name] for o in good if is_district(found[o.name])]
    contracts = [found[o.name] for o in good if is_contract(found[o.name])]
    projects = [found[o.name] for o in good if not is_district(found[o.name]) and not is_contract(found[o.name])]
    shown = [summary for summary in projects if summary["verdict"]["outcome"] in ORDER]
    examples = [summary for summary in projects if summary["verdict"]["outcome"] == PUBLISHED]
    failures = [o for o in batch.outcomes if o not in good]
    count = word(
        "index.counts",
        lang,
        done=str(len(good)),
        all=str(len(batch.outcomes) + len(batch.refused)),
        failed=str(len(failures) + len(batch.refused)),
    )
    parts = [Markup("<h1>{}</h1>").format(word("index.title", lang)), html.paragraph(count)]
    if failures or batch.refused:
        parts += [
            html.heading(word("index.failures", lang), "failures"),
            _failures(batch, failures, found, lang, langs),
        ]
    if districts:
        parts += [html.heading(word("index.districts", lang), "districts"), _districts(districts, lang, langs)]
    if contracts:
        parts += [html.heading(word("index.contracts", lang), "contracts"), _contracts(contracts, lang, langs)]
    if shown:
        parts += [html.heading(word("index.ranking", lang), "ranking"), _ranking(shown, lang, langs)]
    if examples:
        parts += [html.heading(word("index.published", lang), "published"), _examples(examples, lang, langs)]
    if not batch.outcomes and not batch.refused:
        parts.append(html.paragraph(word("index.none", lang)))
    return page(Markup("<section>{}</section>").format(html.join(parts)), word("index.title", lang), lang)


def summary_of(folder: Place, outcome: Outcome) -> dict | None:
    try:
        summary = json.loads(folder.read(f"{outcome.name}/{SUMMARY}"))
    except (OSError, ValueError):
        return None
    summary["forms"] = documents.beside(folder / outcome.name)
    return summary


def is_district(summary: dict) -> bool:
    return summary.get("kind") == "district"


def is_contract(summary: dict) -> bool:
    return summary.get("kind") == "appraisal"


def _links(name: str, langs: tuple[str, ...], forms: dict[str, list[str]], page: str = "evaluation") -> Markup:
    """A line a language: the page, and the other forms that lie beside it."""
    labels = {"en": "English", "zh": "中文"}

    def line(lang: str) -> Markup:
        found = [("html", labels[lang]), *((form, word(f"form.{form}", lang)) for form in forms.get(lang, []))]
        return Markup(" · ").join(
            html.keep(Markup("<a href='{}/{}.{}.{}'>{}</a>").format(quote(name), page, lang, form, label))
            for form, label in found
        )

    return Markup("<br>" if forms else " · ").join(line(lang) for lang in langs)


def _links_of(summary: dict, langs: tuple[str, ...]) -> Markup:
    if is_district(summary):
        return _links(summary["id"], langs, summary["forms"], "portfolio")
    if is_contract(summary):
        return _links(f"{_folder_name(summary)}+appraisal", langs, summary["forms"], "appraisal")
    return _links(_folder_name(summary), langs, summary["forms"])


def _districts(summaries: list[dict], lang: str, langs: tuple[str, ...]) -> Markup:
    """The answer of each district's report, with the worst year."""
    rows = []
    for summary in summaries:
        peak = max(range(len(summary["share"])), key=lambda t: summary["share"][t])
        about = [summary["id"], word(f"status_short.{summary['status']}", lang)]
        name = Markup("{}<br><small>{}</small>").format(summary["name"][lang], " · ".join(about))
        outcome = summary["outcome"]
        mark = {"within": True, "cap_broken": False}.get(outcome)
        share = f"{percent(summary['share'][peak])} ({summary['years'][peak]})"
        answer = html.mark(mark, word(f"outcome_district.{outcome}", lang))
        rows.append((name, answer, str(len(summary["projects"])), share, _links_of(summary, langs)))
    heads = [word("meta.district", lang), word("index.district_outcome", lang), word("district.projects", lang)]
    heads += [word("head.share_peak", lang), word("index.open", lang)]
    return html.table(heads, rows, numbers=(2, 3), css="ranking")


def _contracts(summaries: list[dict], lang: str, langs: tuple[str, ...]) -> Markup:
    """The answer of each running contract's appraisal, with how much asks for action."""
    rows = []
    for summary in summaries:
        about = [summary["id"], word(f"status_short.{summary['status']}", lang)]
        name = Markup("{}<br><small>{}</small>").format(summary["name"][lang], " · ".join(about))
        mark = {"on_course": True, "act": False}.get(summary["outcome"])
        answer = html.mark(mark, word(f"outcome_contract.{summary['outcome']}", lang))
        grave = str(sum(point["grave"] for point in summary["points"]))
        rows.append((name, answer, grave, summary["day"], _links_of(summary, langs)))
    heads = [word("meta.project", lang), *(word(f"index.contract_{key}", lang) for key in ("outcome", "points", "day"))]
    return html.table([*heads, word("index.open", lang)], rows, numbers=(2,), css="ranking")


def _folder_name(summary: dict) -> str:
    return summary["id"] if summary["scenario"] == "base" else f"{summary['id']}@{summary['scenario']}"


def _display(summary: dict, lang: str) -> Display:
    return Display(lang, summary["currency"], 1e4 if lang == "zh" else 1e6, 0 if lang == "zh" else 1)


def _unit(summaries: list[dict], lang: str) -> str:
    """The money unit of a column, or nothing when projects keep different currencies and each cell must say its own."""
    units = {_display(summary, lang).unit for summary in summaries}
    return units.pop() if len(units) == 1 else ""


def _ranking(summaries: list[dict], lang: str, langs: tuple[str, ...]) -> Markup:
    def rank(summary: dict) -> tuple[int, float]:
        index = summary["results"].get("vfm_index")
        return ORDER.index(summary["verdict"]["outcome"]), -(index if index is not None else -9.0)

    unit = _unit(summaries, lang)
    rows = []
    for summary in sorted(summaries, key=rank):
        results, outcome = summary["results"], summary["verdict"]["outcome"]
        display = _display(summary, lang)

        def shown(key: str, results: dict = results, display: Display = display) -> str:
            value = results.get(key)
            if value is None:
                return "–"
            return (
                display.money(value, unit=not unit)
                if RESULTS[key].unit == "money"
                else display.value(RESULTS[key].unit, value)
            )

        about = [_folder_name(summary)] + [word(f"{key}.{summary[key]}", lang) for key in ("sector", "payment")]
        about.append(word(f"status_short.{summary['status']}", lang))
        verdict = html.mark({RECOMMENDED: True, NOT_RECOMMENDED: False}.get(outcome), word(f"outcome.{outcome}", lang))
        name = Markup("{}<br><small>{}</small>").format(summary["name"][lang], " · ".join(about))
        rows.append((name, verdict, *(shown(key) for key in COLUMNS), _links_of(summary, langs)))
    labels = [
        RESULTS[key].label(lang) + (f" ({unit})" if unit and RESULTS[key].unit == "money" else "") for key in COLUMNS
    ]
    heads = [word("meta.project", lang), word("head.verdict", lang), *labels, word("index.open", lang)]
    return html.table(heads, rows, numbers=range(2, 2 + len(COLUMNS)), css="ranking")


def _examples(summaries: list[dict], lang: str, langs: tuple[str, ...]) -> Markup:
    rows = []
    for summary in summaries:
        agreed = sum(figure["agrees"] for figure in summary["published"])
        rows.append((summary["name"][lang], f"{agreed} / {len(summary['published'])}", _links_of(summary, langs)))
    return html.table(
        [word("meta.project", lang), word("head.agrees", lang), word("index.open", lang)], rows, numbers=(1,)
    )


def _failures(
    batch: Batch, failures: list[Outcome], found: dict[str, dict | None], lang: str, langs: tuple[str, ...]
) -> Markup:
    rows = [
        (printable(name), html.join(Markup("<code>{}</code><br>").format(str(problem)) for problem in problems), "")
        for name, problems in batch.refused.items()
    ]
    for outcome in failures:
        summary = found[outcome.name]
        if outcome.failure is not None:
            kept = (
                Markup("{}<br><small>{}</small>").format(_links_of(summary, langs), word("index.kept", lang))
                if summary
                else Markup("")
            )
            rows.append((outcome.name, outcome.failure, kept))
        else:
            rows.append((summary["name"][lang], why_incomplete(summary, lang), _links_of(summary, langs)))
    return html.table([word("meta.project", lang), word("head.why", lang), word("index.open", lang)], rows)


def why_incomplete(summary: dict, lang: str) -> str:
    """Why a report that was made holds no verdict, or none to rely on."""
    if is_district(summary) or is_contract(summary):
        failed = [word(f"check.{check['check']}", lang) for check in summary["checks"] if not check["passed"]]
        return f"{word('outcome_district.not_sound', lang)}: {', '.join(failed)}"
    verdict = summary["verdict"]
    if verdict["outcome"] != NOT_ASSESSABLE:
        wrong = sum(not figure["agrees"] for figure in summary["published"])
        return word("text.printed_bad", lang, count=str(wrong), all=str(len(summary["published"])))
    missing = [word(f"test.{test['test']}", lang) for test in verdict["tests"] if test["passed"] is None]
    return f"{word('outcome.not_assessable', lang)}: {', '.join(missing)}"
