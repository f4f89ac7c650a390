"""The meeting pack: cover, contents, agenda, the district in short, a brief of each project, then the full reports, in one PDF."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lxml.html import HtmlElement
from lxml.html.builder import CLASS, E

from ppp.lines import RESULTS
from ppp.report.formats import pdf
from ppp.report.formats.brief import brief_of
from ppp.report.formats.finished import HASH_CHARACTERS, Finished, finished, text_of
from ppp.report.formats.merge import LINK, Part, merged, page_count
from ppp.report.manifest import digest, file_hash, sealed, unsealed
from ppp.report.task import BATCH, COMPARISON, FILES, MANIFEST, SUMMARY
from ppp.report.whole_files import replace
from ppp.report.words import word

HOME = "+pack"  # ends the name of a pack's folder; no identifier of a project holds the plus sign
AGENDA_FIGURES = ("uses_total", "vfm_amount", "share_peak")
EXAMPLES = "published"  # a status: reports that decide nothing stay out of a meeting


class Unusable(ValueError):
    """A report that a pack was asked for is missing, altered, or none at all."""


@dataclass(frozen=True)
class Item:
    """One report of the pack: its folder, the stem of its pages, and whether it is a district's."""

    folder: Path
    stem: str
    title: str
    is_district: bool


def items_of(folder: Path, wanted: Iterable[str], lang: str) -> list[Item]:
    """The reports of a batch for a meeting, in the batch's order, or those that are named, in that order. Raises Unusable."""
    names = list(wanted) or _all(folder)
    return [_item(folder / name, lang) for name in dict.fromkeys(names)]


def _all(folder: Path) -> list[str]:
    try:
        names = unsealed((folder / BATCH).read_bytes())["reports"]
    except FileNotFoundError:  # made one by one
        names = _one_by_one(folder)
    except (OSError, ValueError, KeyError) as error:
        raise Unusable(f"{folder / BATCH}: a batch writes it, and it cannot be read ({error})") from None
    found = []
    for name in names:
        summary = json.loads((folder / name / SUMMARY).read_text(encoding="utf-8"))
        if summary["status"] != EXAMPLES:
            found.append(name)
    if not found:
        raise Unusable(f"{folder} holds no report for a meeting: published examples are left out unless they are named")
    return found


def _one_by_one(folder: Path) -> list[str]:
    """The reports of a folder that no batch has listed, by name. Raises Unusable where there is none."""
    decide = {SUMMARY, *(executed for _, executed in FILES.values() if executed != COMPARISON)}
    names = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith("."))
    found = [name for name in names if len(decide.intersection(_outputs(folder / name))) > 1]
    if not found:
        raise Unusable(f"{folder} holds no report; make some with ppp report FILE -o {folder} or ppp batch")
    return found


def _outputs(folder: Path) -> dict[str, str]:
    """The files of a report with their hashes, from its manifest. Raises Unusable."""
    try:
        return unsealed((folder / MANIFEST).read_bytes())["outputs"]
    except (OSError, ValueError, KeyError) as error:
        raise Unusable(f"{folder}: there is no report with a manifest that can be read ({error})") from None


def _item(folder: Path, lang: str) -> Item:
    outputs = _outputs(folder)
    executed = next((name for _, name in FILES.values() if name in outputs), None)
    if executed == COMPARISON:
        raise Unusable(f"{folder}: a comparison decides nothing and stays out of a meeting")
    if executed is None:
        raise Unusable(f"{folder}: its manifest names no notebook of ours")
    stem = Path(executed).stem
    page = f"{stem}.{lang}.html"
    if page not in outputs:
        raise Unusable(f"{folder}: there is no report in this language; make it with --lang {lang}")
    for name in (page, SUMMARY, f"{stem}.{lang}.pdf"):
        if name in outputs and (not (folder / name).is_file() or file_hash(folder / name) != outputs[name]):
            raise Unusable(f"{folder / name} is missing or was altered; make the report anew")
    report = finished(folder, stem, lang)
    plain = stem == "evaluation" and "@" not in folder.name  # else the same project may stand in the pack twice
    title = report.name if plain else f"{report.name} · {_kind(report)}"
    return Item(folder, stem, title, stem == "portfolio")


def pack(items: list[Item], lang: str, title: str | None, jobs: int) -> bytes:
    """The pack as PDF. Same reports and title, same bytes, whatever the number of processes. Raises MissingGlyph, Refused, Unusable."""
    title = title or word("pack.title", lang)
    work = [(item.folder, item.stem, lang, whole) for whole in (False, True) for item in items]
    with ProcessPoolExecutor(max(1, min(jobs, len(work))), mp_context=multiprocessing.get_context("spawn")) as workers:
        made = list(workers.map(_made, *zip(*work, strict=True)))
    briefs, reports = made[: len(items)], made[len(items) :]
    placed = _parts(items, briefs, reports, lang)
    parts = [Part(title, _front(items, placed, title, lang)), *(part for _, part in placed)]
    count = sum(page_count(part.data) for part in parts)
    return merged(parts, title, lang, _numbers(count, lang))


def _made(folder: Path, stem: str, lang: str, whole: bool) -> bytes:
    """One report, in full or in brief."""
    report = finished(folder, stem, lang)
    if not whole:
        return brief_of(report, stem)
    stored = folder / f"{stem}.{lang}.pdf"
    outputs = unsealed((folder / MANIFEST).read_bytes())["outputs"]
    return stored.read_bytes() if stored.name in outputs else pdf.pdf_of(report)


def _parts(items: list[Item], briefs: list[bytes], reports: list[bytes], lang: str) -> list[tuple[int, Part]]:
    """The districts in short, the briefs of the others, the full reports; each with the position of its item."""
    inside = {True: word("pack.districts", lang), False: word("pack.briefs", lang)}
    short = [(n, Part(i.title, briefs[n], inside[i.is_district])) for n, i in enumerate(items)]
    short.sort(key=lambda part: not items[part[0]].is_district)
    return short + [(n, Part(i.title, reports[n], word("pack.reports", lang))) for n, i in enumerate(items)]


def _front(items: list[Item], placed: list[tuple[int, Part]], title: str, lang: str) -> bytes:
    """Cover, contents and agenda. How many pages they take decides the page numbers in them, so they are laid out again."""
    parts = [part for _, part in placed]
    counts = [page_count(part.data) for part in parts]
    pages = 3
    for _ in range(3):
        starts = [1 + pages + sum(counts[:position]) for position in range(len(counts))]
        content = [
            _cover(items, parts, title, lang),
            _contents(parts, starts, lang),
            _agenda(items, placed, starts, lang),
        ]
        made = pdf.pdf(title, lang, content, pdf.style("pack.css"))
        if page_count(made) == pages:
            return made
        pages = page_count(made)
    raise Unusable("the contents do not come to rest")


def _cover(items: list[Item], parts: list[Part], title: str, lang: str) -> HtmlElement:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part.data).digest())
    made_of = word("pack.made_of", lang, count=str(len(items)), hash=whole.hexdigest()[:HASH_CHARACTERS])
    return E.section(
        E.h1(title),
        E.p(word("pack.subtitle", lang, count=str(len(items))), CLASS("subtitle")),
        E.p(made_of, CLASS("note")),
        CLASS("cover"),
    )


def _contents(parts: list[Part], starts: list[int], lang: str) -> HtmlElement:
    section = E.section(E.h2(word("pack.contents", lang)), CLASS("contents"))
    group = ""
    for position, (part, start) in enumerate(zip(parts, starts, strict=True), 1):
        if part.group != group:
            group = part.group
            section.append(E.h3(group))
        section.append(E.p(E.span(_link(part.title, position), CLASS("to")), E.span(str(start), CLASS("at"))))
    return section


def _agenda(items: list[Item], placed: list[tuple[int, Part]], starts: list[int], lang: str) -> HtmlElement:
    """What is to be decided, one line a report: its answer and its key figures as the report prints them."""
    heads = [word("pack.item", lang), word("pack.subject", lang), word("head.verdict", lang)]
    heads += [RESULTS[key].label(lang) for key in AGENDA_FIGURES]
    heads += [word("pack.brief_page", lang), word("pack.report_page", lang)]
    body = E.tbody()
    for number, item in enumerate(items, 1):
        short, whole = (place for place, (of, _) in enumerate(placed) if of == number - 1)
        report = finished(item.folder, item.stem, lang)
        cells = [
            E.th(str(number), CLASS("number"), scope="row"),
            E.td(E.span(report.name), E.br(), E.small(_kind(report))),
        ]
        cells.append(E.td(_answer(report)))
        cells += [E.td(_figure(report, RESULTS[key].label(lang)), CLASS("number")) for key in AGENDA_FIGURES]
        cells += [E.td(_link(str(starts[p]), p + 1), CLASS("number")) for p in (short, whole)]
        body.append(E.tr(*cells))
    numbers = (0, *range(3, len(heads)))
    row = [E.th(text, CLASS("number" if i in numbers else "text"), scope="col") for i, text in enumerate(heads)]
    table = E.table(E.thead(E.tr(*row)), body)
    note = E.p(word("pack.agenda_note", lang), CLASS("note"))
    return E.section(E.h2(word("pack.agenda", lang)), table, note, CLASS("agenda"))


def _kind(report: Finished) -> str:
    (subtitle,) = report.body.xpath(".//p[@class='subtitle']")
    return text_of(subtitle)


def _answer(report: Finished) -> str:
    return text_of(report.body.xpath(".//p[@class='outcome']")[0])


def _figure(report: Finished, label: str) -> str:
    """A key figure as the report prints it; a dash where it has none."""
    for row in report.body.xpath(".//section[h2[@id='key_figures']]//tbody/tr"):
        if text_of(row.find("th")) == label:
            return text_of(row.find("td"))
    return "–"


def _link(text: str, part: int) -> HtmlElement:
    return E.a(text, href=f"{LINK}{part}")


def _numbers(count: int, lang: str) -> bytes:
    """As many pages as the pack has, with nothing on them but their number."""
    before, after = word("pack.number", lang, page="\0").split("\0")
    pages = [E.div(CLASS("blank")) for _ in range(count)]
    css = f'@page {{ @bottom-right {{ content: "{before}" counter(page) "{after}" }} }}'
    return pdf.pdf(word("pack.title", lang), lang, pages, pdf.style("numbers.css") + css)


def write(folder: Path, name: str, packs: dict[str, bytes], items: list[Item]) -> list[Path]:
    """Put the packs of one meeting, by language, into a folder of their own beside the reports, with a manifest that says of which
    reports they were made. Returns their paths."""
    home = folder / f"{name}{HOME}"
    home.mkdir(exist_ok=True)
    files = {f"{name}.{lang}.pdf": data for lang, data in packs.items()}
    outputs = {file: digest(data) for file, data in files.items()}
    of = {item.folder.name: file_hash(item.folder / SUMMARY) for item in items}
    manifest = sealed({"format": 2, "name": home.name, "of": of, "outputs": outputs})
    for file, data in {**files, MANIFEST: manifest}.items():
        replace(home / file, data)
    for stale in home.glob(f"{name}.*.pdf"):
        if stale.name not in files:
            stale.unlink()
    return [home / file for file in files]
