"""Every tutorial is run as a reader would run it, and shows what comes out, to the letter."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import tutorials  # noqa: E402

PAGES = sorted(tutorials.PAGES.glob("*.md"))
RUN = [page for page in PAGES if page.stem != "index"]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_a_tutorial_shows_what_comes_out(page):
    text = page.read_text(encoding="utf-8")
    shown = 0
    with tutorials.empty_folder(text) as folder:
        for block, said in tutorials.printed(text, folder):
            assert block.text.strip(), (
                f"{page.name}:{block.line}: nothing is shown; python tools/tutorials.py writes it"
            )
            where = f"{page.name}:{block.line}: python tools/tutorials.py writes it anew; it came out as\n{said}"
            assert tutorials.agrees(block.text, said), where
            shown += 1
    assert shown >= 1


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_every_block_is_run_or_marked(page):
    """Blocks of a kind that the runner passes over would rot unseen; only text that is an output, and files and changes, are not code."""
    for block in tutorials.blocks(page.read_text(encoding="utf-8")):
        kinds = {"file": {"yaml"}, "change": {"diff"}, "output": {"text"}, "": {"sh", "python"}}
        assert block.kind in kinds[block.mark], (
            f"{page.name}:{block.line}: {block.mark or 'no mark'} above a block of {block.kind}"
        )


def test_no_fence_or_mark_escapes_the_runner():
    for page in RUN:
        text = page.read_text(encoding="utf-8")
        found = tutorials.blocks(text)
        assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * len(found), page.name
        assert len(re.findall(r"^<!-- ", text, re.MULTILINE)) == sum(bool(block.mark) for block in found), page.name


def test_each_tutorial_ends_in_a_conclusion_and_is_listed():
    index = (tutorials.PAGES / "index.md").read_text(encoding="utf-8")
    for page in RUN:
        assert "**What to conclude.**" in page.read_text(encoding="utf-8"), page.name
        assert f"]({page.name})" in index and f"\n{page.stem}\n" in index


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


# the runner itself must be able to fail


@pytest.mark.parametrize(
    "shown, said, same",
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a  \nb", True),  # a page cannot show blanks at the ends of lines
        ("a\nb\n", "a\nc\n", False),
        ("a\n", "a\nb\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\n", True),
        ("...\nd\n", "a\nc\n", False),
        ("1.5 (a)\n", "125 (a)\n", False),
    ],
)
def test_an_output_agrees_only_where_it_is_the_same(shown, said, same):
    assert tutorials.agrees(shown, said) is same


@pytest.mark.parametrize(
    "page, words",
    [
        ("```sh\nppp check nowhere.yaml\n```\n", "status 2"),
        ("```sh\nrm -rf x\n```\n", "only ppp, cp and mkdir"),
        ("<!-- file: a -->\n```yaml\nx\n```\n<!-- change: a -->\n```diff\n-y\n+z\n```\n", "not once"),
        ("<!-- file: a -->\n```yaml\nx\nx\n```\n<!-- change: a -->\n```diff\n-x\n+z\n```\n", "not once"),
    ],
)
def test_a_command_that_fails_and_a_change_that_does_not_fit_are_told(tmp_path, page, words):
    with pytest.raises(AssertionError, match=words):
        list(tutorials.printed(page, tmp_path))


def test_a_page_is_written_anew_where_it_disagrees_and_nowhere_else(tmp_path):
    page = "```python\nprint('b')\n```\n\n<!-- output -->\n```text\na\n```\nend\n"
    assert tutorials.rewritten(page, tmp_path) == page.replace("\na\n", "\nb\n")
    partly = page.replace("\na\n", "\n...\n")
    assert tutorials.rewritten(partly, tmp_path) == partly
