"""The HTML of reports and index: it opens offline, and text stays text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from ppp.report import html
from ppp.report.export import UnsafeMarkup, _refuse_active, page
from ppp.report.words import LANGUAGES, glossary

ACTIVE = {
    "script",
    "iframe",
    "object",
    "embed",
    "link",
    "base",
    "form",
    "input",
    "button",
    "video",
    "audio",
    "svg",
    "math",
    "template",
}
ADDRESSES = {
    "src",
    "href",
    "srcset",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "xlink:href",
    "ping",
}


class Scan(HTMLParser):
    """Every tag with its attributes, and whether tags are closed in order."""

    VOID = frozenset({"meta", "img", "br", "wbr"})

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)  # in HTML the slash means nothing

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"


def pages(shipped) -> list[Path]:
    kinds = ("index*.html", "*/evaluation.*.html", "*/portfolio.*.html")
    found = sorted(path for kind in kinds for path in shipped.reports.glob(kind))
    assert len(found) >= 26
    return found


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@dataclass(frozen=True)
class Page:
    """What the tests below ask of a page: reading one takes a fifth of a second, and there are dozens."""

    policy: str
    lang: str
    title: str
    first_headings: list[str]
    second_headings: list[str]
    ids: list[str]
    images: list[tuple[str, str]]  # address and words
    text: str  # without the style
    body: str


@cache
def read(path: Path) -> Page:
    page = soup(path)
    page.style.decompose()
    return Page(
        policy=page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"],
        lang=page.html["lang"],
        title=page.title.get_text(),
        first_headings=[heading.get_text() for heading in page.find_all("h1")],
        second_headings=[heading.get_text() for heading in page.find_all("h2")],
        ids=[tag["id"] for tag in page.find_all(id=True)],
        images=[(image["src"], image["alt"]) for image in page.find_all("img")],
        text=page.get_text(" "),
        body=page.body.get_text(" "),
    )


def test_every_page_opens_offline(shipped):
    for path in pages(shipped):
        text = path.read_text(encoding="utf-8")
        scan = Scan(text)
        assert not scan.open, (path, scan.open)
        used = {tag for tag, _ in scan.tags}
        assert not used & ACTIVE, (path, used & ACTIVE)
        for tag, attributes in scan.tags:
            assert not [name for name in attributes if name.startswith("on")], (path, tag)
            for name in ADDRESSES & set(attributes):
                value = attributes[name]
                assert (
                    value.startswith("data:")
                    if name == "src"
                    else re.fullmatch(r"[\w.@%-]+/(evaluation|portfolio|appraisal)\.(en|zh)\.html", value)
                ), (path, tag, value[:80])
        assert not re.search(r"url\((?![\"']?data:)|@import", text), path


def test_every_page_forbids_the_browser_to_fetch_or_run_anything(shipped):
    for path in pages(shipped):
        rules = dict(rule.strip().split(" ", 1) for rule in read(path).policy.split(";"))
        assert rules == {
            "default-src": "'none'",
            "img-src": "data:",
            "style-src": "'unsafe-inline'",
            "font-src": "data:",
        }


def test_no_image_inside_a_page_fetches_or_runs_anything(shipped):
    import base64

    for path in pages(shipped):
        for address, words in read(path).images:
            kind, _, data = address.partition(",")
            assert kind == "data:image/svg+xml;base64"
            svg = base64.b64decode(data).decode("utf-8")
            assert not re.search(r"<script|<foreignObject|\son\w+=", svg, re.IGNORECASE), path
            assert not re.search(r"(href|src)=[\"'](?!#)", svg), path
            assert words.strip(), path


def test_every_page_says_its_language_and_title(shipped):
    for path in pages(shipped):
        page = read(path)
        chinese = ".zh." in path.name
        assert page.lang == ("zh-CN" if chinese else "en")
        assert page.title.strip()
        assert len(page.first_headings) == 1
        assert len(page.ids) == len(set(page.ids)), path


def test_every_character_of_a_page_is_in_its_embedded_font(shipped):
    import base64
    import io

    from fontTools.ttLib import TTFont

    for path in pages(shipped):
        (data,) = re.findall(r"data:font/woff;base64,([\w+/=]+)", path.read_text(encoding="utf-8"))
        held = set(map(chr, TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()))
        assert not {c for c in read(path).text if not c.isspace()} - held, path


def test_no_placeholder_and_no_missing_value_is_left(shipped):
    for path in pages(shipped):
        if path.parent.name != "hostile" and not path.name.startswith("index"):
            text = read(path).text + " ".join(words for _, words in read(path).images)
            assert not re.search(r"\{\w*\}|\bNone\b|\bnan\b|\binf\b|Markup\(|<[a-z]", text), (
                path,
                re.search(r".{40}(\{\w*\}|\bNone\b|\bnan\b|\binf\b|Markup\(|<[a-z]).{20}", text),
            )


def test_a_report_is_wholly_in_its_language(shipped):
    """English reports of files that name things in both languages hold no Chinese; Chinese headings are."""
    for path in pages(shipped):
        if ".zh." in path.name:
            assert all(re.search(r"[\u4e00-\u9fff]", heading) for heading in read(path).second_headings), path
        elif path.parent.name != "hostile" and not path.name.startswith("index"):
            assert not re.findall(r"[\u4e00-\u9fff]+", read(path).body), path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_is_shown_as_text(shipped, commands, lang):
    name = commands["hostile"][lang]
    path = shipped.reports / "hostile" / f"evaluation.{lang}.html"
    page = soup(path)
    assert page.h1.get_text() == name
    assert page.title.get_text().startswith(name)
    assert len([cell for cell in page.find_all(["th", "td"]) if cell.get_text() == name]) >= 2  # a risk and a scenario
    if lang == "en":
        assert name in page.find(id="inputs").find_next("table").get_text()  # a source
    index = soup(shipped.reports / ("index.html" if lang == "en" else "index.zh.html"))
    assert name in index.find(id="ranking").find_next("table").get_text()
    for found in (page, index):
        assert not found.find_all(["script", "iframe"])
        assert not [
            image for image in found.find_all("img") if not image["src"].startswith("data:image/svg+xml;base64,")
        ]


def test_hostile_text_of_a_refused_file_is_shown_as_text(shipped):
    index = soup(shipped.reports / "index.html")
    assert "secter" in index.find(id="failures").find_next("table").get_text()


# the pieces


EVIL = "<script>alert('x')</script> \"quoted\" onclick=x & 'y' {0} {{z}} %s"


@pytest.mark.parametrize(
    "made",
    [
        html.heading(EVIL, "anchor"),
        html.paragraph(EVIL),
        html.paragraph(EVIL, "note"),
        html.bullets([EVIL, EVIL]),
        html.table([EVIL, EVIL], [(EVIL, EVIL)], caption=EVIL),
        html.figure("<svg></svg>", EVIL),
        html.mark(True, EVIL),
        html.keep(EVIL),
    ],
    ids=["heading", "paragraph", "note", "bullets", "table", "figure", "mark", "small"],
)
def test_every_piece_keeps_text_as_text(made):
    assert isinstance(made, Markup)
    _refuse_active(str(made))
    scan = Scan(str(made))
    assert not scan.open
    assert "script" not in {tag for tag, _ in scan.tags}
    page = BeautifulSoup(str(made), "html.parser")
    assert EVIL in page.get_text() or page.img["alt"] == EVIL


@pytest.mark.parametrize(
    "markup",
    [
        "<script>x</script>",
        "<SCRIPT src='a'>",
        "<p onclick='x'>",
        '<p onclick="x">',
        "<p\nonclick = x>",
        "<img src='x' onerror=x>",
        "<img/onerror=x>",
        "<a href=javascript:x>",
        "<a href='javascript:x'>",
        '<a href="JavaScript:x">',
        "<iframe>",
        "<object>",
        "<embed>",
        "<link rel=x>",
        "<base href=x>",
        "<form>",
        "<meta>",
        "<svg>",
        "<style>",
        "</style>",
        "< script>",
        "<script",
        "<img src='https://example.org/x.png'>",
        "<img src=//example.org/x.png>",
    ],
)
def test_active_or_outside_markup_is_refused(markup):
    with pytest.raises(UnsafeMarkup):
        page(Markup(f"<p>before</p>{markup}<p>after</p>"), "Title", "en")


@pytest.mark.parametrize(
    "markup",
    [
        "<p>a &lt;script&gt; b</p>",
        "<img alt='&lt;script&gt; onclick=x' src='data:image/svg+xml;base64,AAAA'>",
        "<a href='a/evaluation.en.html'>x</a>",
        "2 &gt; 1",
    ],
)
def test_harmless_markup_is_kept(markup):
    assert markup in page(Markup(markup), "Title & <b>", "zh")


def test_the_title_of_a_page_is_escaped():
    text = page(Markup("<p></p>"), "</title><script>x</script>", "en")
    assert BeautifulSoup(text, "html.parser").title.get_text() == "</title><script>x</script>"


# the glossary


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text))


def test_every_word_is_in_both_languages_with_the_same_placeholders():
    for key, entry in glossary().items():
        assert set(entry) == set(LANGUAGES), key
        assert all(isinstance(text, str) and text.strip() == text and text for text in entry.values()), key
        assert placeholders(entry["en"]) == placeholders(entry["zh"]), key
        for text in entry.values():
            assert not set("{}") & set(re.sub(r"\{\w+\}", "", text)), key
            assert not re.search("[<>]", text), key


def test_chinese_words_use_chinese_punctuation():
    wrong = [
        key
        for key, entry in glossary().items()
        if re.search(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", entry["zh"])
    ]
    assert not wrong


# Keys that are put together by the program: by prefix, with what may follow.
COMPOSED = (
    "assurance.review_",
    "assurance.",
    "explore.",
    "form.",
    "print.",
    "event.",
    "compare.loan_",
    "compare.",
    "how.",
    "text.simulated.",
    "text.draws_loan.",
    "text.draws_risks.",
    "text.driver_why.",
    "outcome_contract.",
    "point.control_",
    "point.",
    "contract_section.",
    "contract_title.",
    "contract_head.",
    "appraisal.",
    "phase.",
    "group.",
    "fractional.",
    "cause.",
    "cause_note.",
    "fund_state.",
    "control.",
    "control_state.",
    "gate_state.",
    "refinancing.",
    "change.",
    "termination.of_",
    "termination.",
    "equity_basis.",
    "handback.",
    "index.contract_",
    "outcome.",
    "outcome_sentence.",
    "status.",
    "status_short.",
    "test.",
    "check.",
    "section.",
    "choice.",
    "head.",
    "sector.",
    "payment.",
    "category.",
    "unit.",
    "input.",
    "part.",
    "text.binding.",
    "text.budget_base.",
    "text.discounted.",
    "text.irr_one_sign.",
    "statement.",
    "statement.flow.",
    "statement_title.",
    "rank.",
    "repayment.",
    "binding.",
    "text.supported.",
    "counted_again_in_",
    "vfm_driver.",
    "vfm_driver_meaning.",
    "text.reference.",
    "text.start.",
    "position.",
    "driver.",
    "route.",
    "shape.",
    "neutrality.",
    "head.in_",
    "outcome_district.",
    "district.",
    "district_objective.",
    "district_crossing.",
    "district_cause.",
    "district_line.",
    "district_colour.",
    "district_measure.",
    "district_conflict.",
    "district_government_line.",
    "district_permits.",
    "district_permits_now.",
    "district_matrix.",
    "district_shock.",
    "district_state.",
    "district_space.",
    "district_beside.",
    "district_other_rule.",
    "district_case.",
    "district_stage.",
    "district_budget.",
)
REASONS = re.compile(
    r"(vfm|value_for_money|qualitative|affordability|feasibility\w*|integrity)_(pass|fail|missing|cure)"
)


def sources(*without: str) -> str:
    """The text of the package but for folders that have words of their own."""
    import ppp

    root = Path(ppp.__file__).parent
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*"))
        if path.suffix in (".py", ".j2") and not {"charts", *without} & set(path.parts)
    )


def test_no_word_is_unused():
    quoted = set(re.findall(r"(?=[\"']([^\"']*)[\"'])", sources()))  # whatever stands between two quotes
    spelt_out = ("input.", "part.", "unit.", "choice.", "sector.", "status.", "status_short.", "district_shock.")
    unused = []
    for key in glossary():
        prefix = next((p for p in sorted(COMPOSED, key=len, reverse=True) if key.startswith(p)), "")
        said = {key, key.removeprefix(prefix)} & quoted
        if prefix not in spelt_out and not said and not REASONS.fullmatch(key):
            unused.append(key)
    assert not unused, unused


def test_every_sentence_of_the_verdict_is_in_the_glossary():
    text = sources("workbook")
    for key in re.findall(r"Reason\(\s*\"(\w+)\"", text):
        assert key in glossary(), key
    for key in re.findall(r"word\(\s*\"([\w.]+)\"", text):
        assert key in glossary(), key
    for heads in re.findall(r"heads\(([^)]*)\)", text):
        for key in re.findall(r"\"(\w+)\"", heads):
            assert f"head.{key}" in glossary(), key
    for key in re.findall(r"view\.section\(\s*\"(\w+)\"", text):
        assert f"section.{key}" in glossary(), key


def test_every_choice_of_a_file_has_its_word():
    from typing import get_args

    from ppp import payment_terms, project
    from ppp.quantities import SCALES

    words = glossary()
    assert {f"sector.{name}" for name in get_args(project.Sector)} <= set(words)
    assert {f"unit.{name}" for name in SCALES} <= set(words)
    fields = project.Project.model_fields
    assert {f"status.{name}" for name in get_args(fields["status"].annotation)} <= set(words)
    kinds = [get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(payment_terms.Payment)[0])]
    assert {f"payment.{kind}" for kind in kinds} <= set(words)
    for field in ("category", "phase"):
        assert {f"category.{name}" for name in get_args(project.Risk.model_fields[field].annotation)} <= set(words)
