"""What tools/lines_that_run.py says ran is what ran, in processes of any end."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

COUNTED = '''"""A module."""

from __future__ import annotations


def compiled(function):
    return function


def loop(x):
    y = x
    return y


loop = compiled(loop)


def choice(x):
    """Not a statement."""
    if x == 1:
        return "one"
    match x:
        case 2:
            return "two"
        case _:
            return "many"


def never():
    pass
'''


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool over a package of one module, and a way to run a program that imports it."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    spec = importlib.util.spec_from_file_location("coverage_of_ppp", ROOT / "tools" / "lines_that_run.py")
    tool = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, tool)
    spec.loader.exec_module(tool)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    (tmp_path / "ppp").mkdir()
    (tmp_path / "ppp" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "ppp" / "counted.py").write_text(COUNTED, encoding="utf-8")
    return tool


def missing(tool, folder, capsys) -> list[str]:
    tool.show(folder)
    capsys.readouterr()
    return (folder / "missing.txt").read_text(encoding="utf-8").splitlines()


def run(program: str, tmp_path, folder) -> int:
    environment = {**os.environ, "LINES_RUN": str(folder), "PYTHONPATH": str(ROOT / "tools" / "lines_run")}
    return subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment).returncode


def test_lines_and_ways_are_counted_over_processes_that_end_hard(tool, tmp_path, capsys):
    folder = tmp_path / "lines"
    tool.prepare(folder)
    assert len(missing(tool, folder, capsys)) == len(tool.modules()[1].lines)
    program = "import os, ppp.counted as c; assert c.loop(3) == 3 and c.choice({}) == '{}'; os.kill(os.getpid(), 9)"
    assert run(program.format(1, "one"), tmp_path, folder) == -9
    lines = COUNTED.splitlines()

    def at(text, said):
        return f"ppp/counted.py:{lines.index(text) + 1}: {said}"

    left = missing(tool, folder, capsys)
    assert left == [
        at("    match x:", "not run"),
        at('            return "two"', "not run"),
        at('            return "many"', "not run"),
        at("    pass", "not run"),
        at("    if x == 1:", "one way only"),
    ]
    assert run(program.format(2, "two"), tmp_path, folder) == -9
    assert missing(tool, folder, capsys) == [
        at('            return "many"', "not run"),
        at("    pass", "not run"),
        at("    match x:", "one way only"),
    ]


def test_a_module_that_has_changed_since_runs_as_it_stands(tool, tmp_path, capsys):
    folder = tmp_path / "lines"
    tool.prepare(folder)
    path = tmp_path / "ppp" / "counted.py"
    path.write_text(COUNTED.replace('"one"', '"1"'), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert run("import ppp.counted as c; assert c.choice(1) == '1'", tmp_path, folder) == 0
    assert "ppp/counted.py:7: not run" in missing(tool, folder, capsys)


def test_the_table_tells_statements_and_ways_apart(tool, tmp_path, capsys):
    folder = tmp_path / "lines"
    tool.prepare(folder)
    assert run("import ppp.counted as c; c.choice(1)", tmp_path, folder) == 0
    tool.show(folder)
    table = capsys.readouterr().out
    (row,) = (line.split() for line in table.splitlines() if line.startswith("all"))
    module = tool.modules()[1]
    assert len(module.lines) == 12 and len(module.arms) == 4 and module.compiled == 2
    assert row == ["all", "12", f"{8 / 12:.1%}", "4", "25.0%"]
    assert "2 statements of compiled loops are not counted" in table
