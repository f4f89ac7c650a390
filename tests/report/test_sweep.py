"""Whatever step of a batch fails or kills: nothing half-written, no process left, and a rerun gives the bytes of a clean run."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
STEP = 1 if os.environ.get("PPP_PROVE") == "1" else 30


@pytest.mark.skipif(sys.platform != "linux", reason="the fork server is for Linux")
@pytest.mark.parametrize("mode, first", [("fail", 3), ("kill", 7)])
def test_every_step_may_fail_or_kill(tmp_path, small, commands, mode, first):
    for place in ("old", "new"):
        (tmp_path / place).mkdir()
        for name in ("a", "b", "c"):
            path = small(tmp_path / place, name)
            if place == "old":
                text = path.read_text(encoding="utf-8")
                path.write_text(text.replace("rate: 8%, tenor", "rate: 7%, tenor"), encoding="utf-8")
    commands["tiny_notebook"](tmp_path / "tiny.ipynb")
    (tmp_path / "work").mkdir()
    first = 1 if STEP == 1 else first
    run = commands["run"](
        str(HERE / "failpoints.py"), str(tmp_path / "work"), mode, str(first), str(STEP), folder=tmp_path
    )
    assert run.status == 0, run.err
    found = json.loads(run.out.partition("FOUND")[2])
    print(f"{mode}: survived {found['tried'] - len(found['wrong'])} of {found['tried']} (of {found['points']} points)")
    print(found["at"])
    assert found["wrong"] == []
    assert found["tried"] == len(range(first, found["points"] + 1, STEP)) and found["points"] >= 100
