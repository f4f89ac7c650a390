"""Names of files and the words of failures are text wherever a batch shows them: index, list, run log, failures, folders."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ppp.problems import printable
from ppp.report.batch import FAILURES, Batch, run_batch, write_failures
from ppp.report.index import index
from ppp.report.journal import JOURNAL
from ppp.report.manifest import unsealed
from ppp.report.sources import Sources
from ppp.report.task import BATCH, Outcome, explain

CHINESE = "很长的项目标识" * 14 + "末尾"
NAMES = (
    "<img src=x onerror=alert(1)> {0} {{7*7}} %s $(touch made) `id`.yaml",
    "=HYPERLINK(x) +1 @SUM -2+3 'x' \"y\" &amp; ;ls.yaml",
    "turn\u202e\x1b[31m\x07around.yaml",
    "-o --force !!python.yaml",
)
IDS = (
    "<b>bold</b>",
    "=1+1",
    "../../etc",
    "a/b",
    "!!python/object",
    "{id}",
    "{{ id }}",
    '"a\\x01b"',
    "'$(id)'",
    CHINESE,
    "con",
    "-o",
    ".hidden",
    "a" * 65,
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_refused_file_of_any_name_and_id_is_shown_as_text(tmp_path):
    assert len(CHINESE) == 100
    params, reports = tmp_path / "params", tmp_path / "reports"
    params.mkdir()
    for name in NAMES:
        (params / name).write_text("kind: project\n<script>alert(1)</script>: {0}\n", encoding="utf-8")
    for number, name in enumerate(IDS):
        (params / f"id-{number}.yaml").write_text(f"kind: project\nid: {name}\n", encoding="utf-8")
    batch = run_batch(Sources([params]), reports, ("en", "zh"), 0, 1, False, lambda *_: None)
    assert len(batch.refused) == len(NAMES) + len(IDS) and not batch.outcomes
    for position in range(len(IDS)):  # refused for its identifier, before it could name a folder
        assert any(p.field == "id" for p in batch.refused[str(params / f"id-{position}.yaml")]), IDS[position]
    for page in ("index.html", "index.zh.html"):
        found = BeautifulSoup((reports / page).read_text(encoding="utf-8"), "html.parser")
        assert not found.find_all(["script", "img", "b", "iframe"]) and not found.find_all(onerror=True)
        rows = [
            row.find("th").get_text()
            for row in found.find(id="failures").find_next("table").find("tbody").find_all("tr")
        ]
        assert {row.rpartition("/")[2] for row in rows} >= set(map(printable, NAMES))
        assert found.get_text().replace("\n", "").isprintable()
    for line in (reports / JOURNAL).read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["event"] in ("begin", "end")
        assert "\x1b" not in line and "\x07" not in line
    assert unsealed((reports / BATCH).read_bytes())["reports"] == []
    assert all(str(problem).isprintable() for found in batch.refused.values() for problem in found)
    assert {path.name for path in tmp_path.iterdir()} == {"params", "reports"}
    assert {path.name for path in reports.iterdir()} == {".lock", JOURNAL, BATCH, "index.html", "index.zh.html"}


def test_the_words_of_a_failure_are_text(tmp_path):
    """Whatever a notebook raises, one printable line of it is told, and it is text on the page."""
    said = "<script>alert(1)</script> {0} {{7*7}} =1+1 \x1b[31mred\u202e %s\nsecond line"
    told = explain(ValueError(said))
    assert told.isprintable() and told.startswith("ValueError: <script>alert(1)</script> {0} {{7*7}} =1+1 \\x1b[31mred")
    assert "second" not in told
    batch = Batch(tmp_path, [Outcome("plant", "no report yet", told, False, trace=said)])
    for lang in ("en", "zh"):
        found = BeautifulSoup(index(batch, lang, ("en", "zh")), "html.parser")
        assert not found.find_all("script")
        assert told in found.find(id="failures").find_next("table").get_text()
    assert Path(str(write_failures(batch))).name == FAILURES
    assert told in (tmp_path / FAILURES).read_text(encoding="utf-8")
