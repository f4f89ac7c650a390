"""Several tagged PDF files become one: pages, bookmarks, structure for screen readers, links between the parts, page numbers."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, String

LINK = "part:"  # <a href="part:3"> leads to the first page of the part at position 3


@dataclass(frozen=True)
class Part:
    """A PDF file of ours. Neighbours of the same `group` stand below one bookmark of that name; without one a part stands alone."""

    title: str
    data: bytes
    group: str = ""


def page_count(data: bytes) -> int:
    with Pdf.open(io.BytesIO(data)) as file:
        return len(file.pages)


def merged(parts: list[Part], title: str, lang: str, numbers: bytes) -> bytes:
    """One PDF of all parts in order. `numbers` holds as many pages, each with what is to be set over the page of the same number.

    Same parts, same bytes. Raises ValueError when the numbers are not those of the pages."""
    with Pdf.new() as pack, Pdf.open(io.BytesIO(numbers)) as over:
        document = pack.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, K=Array()))
        starts, items, by_number = [], [], Array()
        for position, part in enumerate(parts):
            with Pdf.open(io.BytesIO(part.data)) as file:
                starts.append(len(pack.pages))
                _tell_apart(file, position)
                bookmarks = _bookmarks(file)
                pack.pages.extend(file.pages)
                _structure(pack, file, document, by_number, starts[-1])
                items.append((part, [_moved(item, starts[-1]) for item in _below_title(bookmarks)]))
        if len(over.pages) != len(pack.pages):
            raise ValueError(f"{len(over.pages)} numbers for {len(pack.pages)} pages")
        for position, (page, number) in enumerate(zip(pack.pages, over.pages, strict=True)):
            _set_over(pack, page, number, Name(f"/PageNumber{position}"))  # pages may share their resources
        _links(pack, starts, parts)
        _outline(pack, starts, items)
        _catalogue(pack, document, by_number, title, lang)
        made = io.BytesIO()
        pack.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def _tell_apart(file: Pdf, position: int) -> None:
    """Give the head cells of tables, to which other cells point by name, names that no other part has."""
    for thing in file.objects:
        if not isinstance(thing, Dictionary):
            continue
        if thing.get("/Type") == Name.StructElem:
            if "/ID" in thing:
                thing.ID = String(f"{position}-{thing.ID}")
            if "/A" in thing and "/Headers" in thing.A:
                thing.A.Headers = Array([String(f"{position}-{head}") for head in thing.A.Headers])


def _structure(pack: Pdf, file: Pdf, document: pikepdf.Object, by_number: Array, start: int) -> None:
    """Hang the part's tree of tags below the pack's, and count its pages and links on from those before."""
    tree = file.Root.StructTreeRoot
    copied = pack.copy_foreign(tree)
    for element in copied.K:
        element.S, element.P = Name.Part, document
        document.K.append(element)
    numbers = copied.ParentTree.Nums
    first = len(by_number) // 2
    for position in range(0, len(numbers), 2):
        by_number.append(int(numbers[position]) + first)
        by_number.append(numbers[position + 1])
    for page in list(pack.pages)[start:]:
        if "/StructParents" in page.obj:
            page.obj.StructParents = int(page.obj.StructParents) + first
        for note in page.obj.get("/Annots", []):
            if "/StructParent" in note:
                note.StructParent = int(note.StructParent) + first


@dataclass(frozen=True)
class _Bookmark:
    title: str
    page: int
    left: float
    top: float
    below: list[_Bookmark]


def _bookmarks(file: Pdf) -> list[_Bookmark]:
    pages = {page.obj.objgen: number for number, page in enumerate(file.pages)}

    def read(items: list[OutlineItem]) -> list[_Bookmark]:
        found = []
        for item in items:
            page, _, left, top = list(item.destination)[:4]
            found.append(_Bookmark(item.title, pages[page.objgen], float(left), float(top), read(item.children)))
        return found

    with file.open_outline() as outline:
        return read(outline.root)


def _below_title(marks: list[_Bookmark]) -> list[_Bookmark]:
    """The bookmarks without the document's own title, for which the part has one."""
    return marks[0].below if len(marks) == 1 else marks


def _moved(mark: _Bookmark, by: int) -> OutlineItem:
    item = OutlineItem(mark.title, mark.page + by, "XYZ", left=mark.left, top=mark.top)
    item.children.extend(_moved(each, by) for each in mark.below)
    item.is_closed = True
    return item


def _outline(pack: Pdf, starts: list[int], items: list[tuple[Part, list[OutlineItem]]]) -> None:
    with pack.open_outline() as outline:
        for start, (part, below) in zip(starts, items, strict=True):
            item = OutlineItem(part.title, start, "Fit")
            item.children.extend(below)
            item.is_closed = True
            if not part.group:
                outline.root.append(item)
                continue
            if not outline.root or outline.root[-1].title != part.group:
                outline.root.append(OutlineItem(part.group, start, "Fit"))
            outline.root[-1].children.append(item)


def _set_over(pack: Pdf, page: pikepdf.Page, number: pikepdf.Page, name: Name) -> None:
    """Draw the page number last; it is no part of the text, so that screen readers pass over it."""
    page.add_resource(pack.copy_foreign(number.as_form_xobject()), Name.XObject, name)
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\n/Artifact BMC q " + str(name).encode() + b" Do Q EMC\n")


def _links(pack: Pdf, starts: list[int], parts: list[Part]) -> None:
    """Links to parts, which each file could only name, lead to their pages now."""
    for page in pack.pages:
        for note in page.obj.get("/Annots", []):
            action = note.get("/A")
            if action is None or not str(action.get("/URI", "")).startswith(LINK):
                continue
            position = int(str(action.URI).removeprefix(LINK))
            target = pack.pages[starts[position]]
            note.Contents = String(parts[position].title)  # what a screen reader says of it
            del note["/A"]
            note.Dest = Array([target.obj, Name.Fit])


def _catalogue(pack: Pdf, document: pikepdf.Object, by_number: Array, title: str, lang: str) -> None:
    tree = pack.make_indirect(
        Dictionary(
            Type=Name.StructTreeRoot,
            K=Array([document]),
            ParentTree=pack.make_indirect(Dictionary(Nums=by_number)),
            ParentTreeNextKey=len(by_number) // 2,
        )
    )
    document.P = tree
    pack.Root.StructTreeRoot = tree
    pack.Root.MarkInfo = Dictionary(Marked=True)
    pack.Root.Lang = String("zh-CN" if lang == "zh" else "en")
    pack.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pack.Root.PageMode = Name.UseOutlines
    with pack.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
        about["dc:title"] = title
        about["pdfuaid:part"] = "1"
    pack.docinfo["/Title"] = title
