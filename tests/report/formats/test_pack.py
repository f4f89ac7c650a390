"""The meeting pack: order, page numbers, bookmarks, links, tags; what it refuses; and a pack that is out of date."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pikepdf
import pytest

from ppp.report.fonts import require_glyphs
from ppp.report.formats import pack as packs
from ppp.report.formats.brief import PAGES, brief_of
from ppp.report.formats.finished import finished
from ppp.report.formats.merge import Part, merged, page_count
from ppp.report.manifest import sealed
from ppp.report.verify import verify
from ppp.report.words import LANGUAGES, word

NAMES = ("dalian-illustrative", "wastewater-plant", "reclaimed-water+appraisal")


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def reports(shipped, tmp_path_factory) -> Path:
    """Three reports of the shipped batch in a folder of their own."""
    folder = tmp_path_factory.mktemp("meeting")
    for name in NAMES:
        shutil.copytree(shipped.reports / name, folder / name)
    (folder / "batch.json").write_bytes(sealed({"format": 2, "outputs": {}, "reports": list(NAMES)}))
    return folder


@pytest.fixture(scope="module")
def built(reports):
    kept = {}

    def build(lang: str) -> bytes:
        if lang not in kept:
            kept[lang] = packs.pack(packs.items_of(reports, (), lang), lang, None, 2)
        return kept[lang]

    return build


@pytest.fixture
def pack(built, program):
    program("pango")
    return built


def bookmarks(file: pikepdf.Pdf) -> dict[str, list[tuple[str, int]]]:
    pages = {page.obj.objgen: number for number, page in enumerate(file.pages, 1)}
    with file.open_outline() as outline:
        return {
            top.title: [(below.title, pages[below.destination[0].objgen]) for below in top.children]
            for top in outline.root
        }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_order_bookmarks_and_page_numbers(pack, reports, pdf_text, tmp_path, lang):
    data = pack(lang)
    (tmp_path / "pack.pdf").write_bytes(data)
    texts = [squeezed(text) for text in pdf_text(tmp_path / "pack.pdf", "-raw")]
    for number, text in enumerate(texts, 1):
        assert squeezed(word("pack.number", lang, page=str(number))) in text, number
    with pikepdf.open(io.BytesIO(data)) as file:
        assert len(file.pages) == len(texts)
        marks = bookmarks(file)
        cover, districts, briefs, whole = marks
        assert [cover, districts, briefs, whole] == [
            word(f"pack.{key}", lang) for key in ("title", "districts", "briefs", "reports")
        ]
        titles = {item.folder.name: item.title for item in packs.items_of(reports, (), lang)}
        assert [title for title, _ in marks[districts]] == [titles["dalian-illustrative"]]
        assert [title for title, _ in marks[briefs]] == [
            titles["wastewater-plant"],
            titles["reclaimed-water+appraisal"],
        ]
        assert [title for title, _ in marks[whole]] == [titles[name] for name in NAMES]
        starts = [page for group in (districts, briefs, whole) for _, page in marks[group]]
        named = {title: page for title, page in marks[cover]}
        contents, agenda = (named[word(f"pack.{key}", lang)] for key in ("contents", "agenda"))
        # each line of the contents and the agenda says the page to which it leads
        lines = pdf_text(tmp_path / "pack.pdf", "-layout")[contents - 1].splitlines()
        stamp = word("pack.number", lang, page=str(contents))
        said = [line.strip() for line in lines if line.strip() != stamp]
        numbered = [int(line.split()[-1]) for line in said if re.search(r"\S +\d+$", line)]
        assert numbered == starts
        assert led_to(file, contents) == starts
        assert sorted(led_to(file, agenda)) == sorted(starts)
        for start, title in zip(starts, (t for g in (districts, briefs, whole) for t, _ in marks[g]), strict=True):
            assert squeezed(title.split(" · ")[0]) in texts[start - 1]


def led_to(file: pikepdf.Pdf, page: int) -> list[int]:
    pages = {each.obj.objgen: number for number, each in enumerate(file.pages, 1)}
    notes = [note for note in file.pages[page - 1].obj.get("/Annots", []) if "/Dest" in note]
    assert not [note for note in file.pages[page - 1].obj.get("/Annots", []) if "/A" in note]
    notes.sort(key=lambda note: (-float(note.Rect[1]), float(note.Rect[0])))
    return [pages[note.Dest[0].objgen] for note in notes]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tags_of_all_parts_lead_to_their_own_pages(pack, lang):
    """Every marked piece of every page is known to the tree, by the number of its page; heads of tables have names of their own."""
    with pikepdf.open(io.BytesIO(pack(lang))) as file:
        tree = file.Root.StructTreeRoot
        numbers = tree.ParentTree.Nums
        assert [int(numbers[i]) for i in range(0, len(numbers), 2)] == list(range(len(numbers) // 2))
        known = {page.obj.objgen for page in file.pages}
        names = []
        for thing in file.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == pikepdf.Name.StructElem:
                assert "/Pg" not in thing or thing.Pg.objgen in known
                names += [str(thing.ID)] if "/ID" in thing else []
        assert len(names) == len(set(names)) > 100
        used = [int(page.obj.StructParents) for page in file.pages if "/StructParents" in page.obj]
        assert len(used) == len(set(used)) == len(file.pages)
        for page in file.pages:
            owners = numbers[2 * int(page.obj.StructParents) + 1]
            assert {owner.Pg.objgen for owner in owners if "/Pg" in owner} <= {page.obj.objgen}
        assert "pdfuaid" in bytes(file.Root.Metadata.read_bytes()).decode()


def test_the_same_reports_give_the_same_bytes(pack, reports):
    again = packs.pack(packs.items_of(reports, (), "zh"), "zh", None, 1)
    assert again == pack("zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_briefs_take_two_pages_at_most(shipped, program, lang):
    program("pango")
    for name in ("wastewater-plant", "hostile", "waste-to-energy"):
        assert page_count(brief_of(finished(shipped.reports / name, "evaluation", lang), "evaluation")) <= PAGES, name


def test_examples_stay_out_of_a_meeting_unless_they_are_named(shipped):
    names = {item.folder.name for item in packs.items_of(shipped.reports, (), "en")}
    assert "wastewater-plant" in names and not [name for name in names if name.startswith("published")]
    (item,) = packs.items_of(shipped.reports, ["published-ring-road"], "en")
    assert item.folder.name == "published-ring-road"


def test_a_report_that_was_altered_is_refused(reports, tmp_path):
    folder = tmp_path / "reports"
    shutil.copytree(reports, folder)
    page = folder / "wastewater-plant" / "evaluation.zh.html"
    page.write_text(page.read_text(encoding="utf-8").replace("有保留地", "完全"), encoding="utf-8")
    packs.items_of(folder, (), "en")
    with pytest.raises(packs.Unusable, match=r"evaluation\.zh\.html .*altered"):
        packs.items_of(folder, (), "zh")
    with pytest.raises(packs.Unusable, match="no report"):
        packs.items_of(folder, ["unknown"], "zh")


def test_a_pack_of_reports_made_anew_is_out_of_date(reports, tmp_path):
    folder = tmp_path / "reports"
    shutil.copytree(reports, folder)
    items = packs.items_of(folder, (), "zh")
    (path,) = packs.write(folder, "meeting", {"zh": b"%PDF-"}, items)
    states = {finding.path: finding.state for finding in verify(folder)}
    assert states[path] == "ok"
    summary = folder / "wastewater-plant" / "summary.json"
    summary.write_text(summary.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert {finding.path: finding.state for finding in verify(folder)}[path] == "outdated"
    path.write_bytes(b"x")
    assert {finding.path: finding.state for finding in verify(folder)}[path] == "altered"


def test_pages_and_numbers_must_be_as_many(shipped, program):
    program("pango")
    report = finished(shipped.reports / "wastewater-plant", "evaluation", "en")
    with pytest.raises(ValueError, match="numbers for"):
        merged([Part("x", brief_of(report, "evaluation"))] * 2, "x", "en", brief_of(report, "evaluation"))


def test_words_of_the_pack_can_be_drawn():
    for lang in LANGUAGES:
        require_glyphs(word("pack.number", lang, page="0123456789"))
