"""Reports as a browser shows them, opened from disk without a network."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs_browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PAGES = {
    "english": "wastewater-plant/evaluation.en.html",
    "chinese": "wastewater-plant/evaluation.zh.html",
    "published": "published-ring-road/evaluation.en.html",
    "not assessable": "my-project/evaluation.zh.html",
    "hostile in english": "hostile/evaluation.en.html",
    "hostile in chinese": "hostile/evaluation.zh.html",
    "index": "index.html",
    "chinese index": "index.zh.html",
    "district": "dalian-illustrative/portfolio.zh.html",
}
SECTIONS = [
    "verdict",
    "tests",
    "key_figures",
    "cash",
    "vfm",
    "risks",
    "options",
    "affordability",
    "qualitative",
    "sensitivity",
    "scenarios",
    "rules",
    "checks",
    "statements",
    "inputs",
    "provenance",
]


@pytest.fixture(scope="module")
def playwright():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield {"playwright": started}


@pytest.fixture
def browser(playwright, chromium):
    """One browser for all tests of this file; ended with playwright."""
    if "browser" not in playwright:
        playwright["browser"] = playwright["playwright"].chromium.launch(executable_path=chromium, args=FLAGS)
    return playwright["browser"]


@contextmanager
def shown(browser, path: Path, width: int = 1100):
    """The page, having complained of nothing and asked for nothing but itself."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB", offline=True)
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.resolve().as_uri())
    page.evaluate("document.fonts.ready")
    yield page
    assert complaints == []
    assert [url for url in asked if not url.startswith("data:")] == [path.resolve().as_uri()]
    context.close()


@pytest.fixture(params=PAGES)
def path(request, shipped) -> Path:
    found = shipped.reports / PAGES[request.param]
    assert found.is_file(), found
    return found


def test_a_page_opens_with_its_font_and_images(browser, path):
    with shown(browser, path) as page:
        images = page.evaluate("Array.from(document.images, i => [i.complete, i.naturalWidth, i.naturalHeight, i.alt])")
        assert all(complete and width > 100 and height > 50 and alt for complete, width, height, alt in images), images
        assert images or "index" in path.name or "published" in path.parent.name
        loaded = page.evaluate("Array.from(document.fonts, f => [f.family.replaceAll('\"', ''), f.status])")
        assert loaded == [["PPP Sans", "loaded"]]
        assert page.evaluate("getComputedStyle(document.body).fontFamily").replace('"', "").startswith("PPP Sans")


@pytest.mark.parametrize("width", [1100, 800])
def test_nothing_is_wider_than_the_window(browser, path, width):
    with shown(browser, path, width) as page:
        wide = page.evaluate(
            """() => Array.from(document.querySelectorAll('body *')).filter(e => {
                const box = e.getBoundingClientRect();
                const frame = e.closest('.wide');
                const scrolls = frame && frame !== e && getComputedStyle(frame).overflowX !== 'visible';
                return box.width && !scrolls && (box.right > innerWidth + 1 || box.left < -1);
            }).map(e => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`)"""
        )
        assert wide == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_table_is_cut_off(browser, shipped):
    """Text in a table is not cut: what does not fit scrolls inside its own frame."""
    with shown(browser, shipped.reports / PAGES["chinese"]) as page:
        hidden = page.evaluate(
            """() => Array.from(document.querySelectorAll('.wide')).filter(e =>
                e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'hidden').length"""
        )
        assert hidden == 0


@pytest.mark.parametrize("lang", ["english", "chinese"])
def test_a_report_has_every_section_in_order(browser, shipped, lang):
    with shown(browser, shipped.reports / PAGES[lang]) as page:
        assert page.evaluate("Array.from(document.querySelectorAll('h2'), h => h.id)") == SECTIONS
        assert page.evaluate("document.querySelectorAll('h1').length") == 1


def test_hostile_text_runs_nothing(browser, shipped, commands):
    for lang, name in (("english", "hostile in english"), ("chinese", "hostile in chinese")):
        with shown(browser, shipped.reports / PAGES[name]) as page:
            assert (
                page.evaluate("document.querySelector('h1').textContent")
                == commands["hostile"]["en" if lang == "english" else "zh"]
            )
            assert page.evaluate("document.scripts.length") == 0


def test_the_links_of_the_index_open_reports(browser, shipped):
    context = browser.new_context(viewport={"width": 1100, "height": 900}, offline=True)
    page = context.new_page()
    page.goto((shipped.reports / "index.html").resolve().as_uri())
    page.locator("#ranking ~ div a").first.click()
    page.wait_for_load_state()
    assert page.url.endswith("/evaluation.en.html")
    assert page.locator("h1").count() == 1
    context.close()


def test_a_report_prints_on_paper(browser, shipped, tmp_path):
    with shown(browser, shipped.reports / PAGES["chinese"]) as page:
        data = page.pdf(format="A4")
    assert data.startswith(b"%PDF")
