"""make docs: the site is built without a warning, holds every page, and loads nothing from outside."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(r"@\.venv/bin/(sphinx-build .*) -d build/docs docs site$", recipe, re.MULTILINE)
    words = [
        sys.executable,
        "-m",
        "sphinx",
        *line.split()[1:],
        "-d",
        str(folder / "trees"),
        "docs",
        str(folder / "html"),
    ]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"


class Loads(HTMLParser):
    """Everything that a browser fetches by itself when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("search", "index", "next", "prev", "canonical"):
            return
        for name in ("src", "srcset", "data", "poster", *(("href",) if tag in ("link", "use", "image") else ())):
            if given.get(name):
                self.found.append(given[name])


def test_every_page_is_built_and_can_be_reached(site):
    for path in (ROOT / "docs").rglob("*.md"):
        assert (site / path.relative_to(ROOT / "docs").with_suffix(".html")).exists(), path
    home = (site / "index.html").read_text(encoding="utf-8")
    for page in (
        "methods/index.html",
        "reference/project-file.html",
        "reference/rules/index.html",
        "project/contributing.html",
    ):
        assert f'href="{page}"' in home


def test_nothing_is_loaded_from_outside(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        assert loads.found
        for address in loads.found:
            assert not re.match(r"(?:[a-z]+:)?//", address), f"{page.name}: {address}"
            if not address.startswith(("data:", "#")):
                assert (page.parent / address.partition("?")[0].partition("#")[0]).exists(), f"{page.name}: {address}"
    for sheet in site.rglob("*.css"):
        for address in re.findall(r"(?:url\(|@import )\s*[\"']?([^\"')]+)", sheet.read_text(encoding="utf-8")):
            assert not re.match(r"(?:[a-z]+:)?//", address), f"{sheet.name}: {address}"
    for script in site.rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"(?:fetch|import|importScripts)\(\s*[\"'`](?:https?:)?//", text), script.name


def test_chinese_is_there_with_the_font_that_shows_it(site):
    from fontTools.ttLib import TTFont

    (font,) = site.rglob("NotoSansSC-Regular.otf")
    assert "NotoSansSC-Regular.otf" in (site / "_static" / "site.css").read_text(encoding="utf-8")
    covered = set(TTFont(font).getBestCmap())
    for path in (ROOT / "docs").rglob("*.md"):
        chinese = {letter for letter in path.read_text(encoding="utf-8") if "\u3000" <= letter <= "\uffef"}
        assert not {letter for letter in chinese if ord(letter) not in covered}, path.name
    assert "项目文件字段" in (site / "reference" / "project-file.html").read_text(encoding="utf-8")
