"""The papermill engine: a notebook shows the same in a forked process as in a kernel, and ends as badly without doing harm."""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path

import nbformat
import psutil
import pytest

CELLS = {
    "printed": "print('one')\nprint('two', end='')\nimport sys\nprint('three', file=sys.stderr)",
    "value": "x = 6 * 7\nx",
    "nothing": "None",
    "display": "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))\nprint('after')\n'last'",
    "updated": "h = display('first', display_id='here')\ndisplay('between')\nh.update('changed')",
    "updated later": "h.update('changed in another cell')",
    "cleared": "from IPython.display import clear_output\nprint('gone')\nclear_output(wait=True)\nprint('stays')",
    "magic": "a, b = 1, 2\n%who_ls int",
    "awaited": "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "figure": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(1, 1))\nax.plot([0, 1])\nplt.show()",
    "numbers": "import numpy as np\nnp.arange(3.0)",
    "raises": "1 / 0",
    "after": "print('still here', x)",
    "skipped": "raise SystemError('never run')",
    "chinese": "print('评价 \\U0001f600')",
    "background": "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start(); t.join()",
}
TAGS = {"raises": ["raises-exception"], "skipped": ["skip-execution"]}

# Runs one notebook by both engines, or by ours alone; what came out is printed as JSON.
DRIVER = """\
import json, os, sys, time
import nbformat, papermill
from ppp.report import processes

path, engines, options = sys.argv[1], sys.argv[2].split(","), json.loads(sys.argv[3])
assert processes.can_fork()
found = {}
for engine in engines:
    begun = time.monotonic()
    try:
        papermill.execute_notebook(
            path, f"{path}.{engine}", engine_name=engine, progress_bar=False, kernel_name="python3", **options
        )
        error = None
    except Exception as raised:
        error = [type(raised).__name__, str(raised)]
    made = nbformat.read(f"{path}.{engine}", 4)
    cells = [{"outputs": cell.outputs, "count": cell.execution_count} for cell in made.cells if cell.cell_type == "code"]
    found[engine] = {"cells": cells, "error": error, "seconds": time.monotonic() - begun}
    found[engine]["left"] = [p.pid for p in __import__("psutil").Process().children(recursive=True)]
print("FOUND" + json.dumps(found))
"""


def notebook(path: Path, cells: dict[str, str]) -> Path:
    made = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(textwrap.dedent(source), metadata={"tags": TAGS.get(name, [])})
            for name, source in cells.items()
        ],
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
    )
    nbformat.write(made, path)
    return path


def both(commands, folder: Path, cells: dict[str, str], engines: str = "ppp", **options) -> dict:
    path = notebook(folder / "notebook.ipynb", cells)
    run = commands["run"]("-c", DRIVER, str(path), engines, json.dumps(options), folder=folder)
    assert run.status == 0, run.err
    assert run.left == []
    return json.loads(run.out.partition("FOUND")[2])


def told(cell: dict) -> list:
    """Outputs in a form that leaves out where pieces of a stream begin, how errors are coloured, and a figure's bytes."""
    found: list = []
    for output in cell["outputs"]:
        kind = output["output_type"]
        if kind == "stream":
            if found and found[-1][:2] == [kind, output["name"]]:
                found[-1][2] += output["text"]
            else:
                found.append([kind, output["name"], output["text"]])
        elif kind == "error":
            found.append([kind, output["ename"], output["evalue"]])
        else:
            found.append([kind, {mime: text[:30] for mime, text in output["data"].items()}, output["metadata"]])
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory, commands) -> dict:
    return both(commands, tmp_path_factory.mktemp("engines"), CELLS, "nbclient,ppp")


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_shows_what_it_shows_in_a_kernel(made, name):
    position = list(CELLS).index(name)
    kernel, ours = (made[engine]["cells"][position] for engine in ("nbclient", "ppp"))
    assert told(ours) == told(kernel)
    assert ours["count"] == kernel["count"]
    assert name in ("nothing", "updated later", "skipped") or told(ours)


def test_streams_do_not_depend_on_time(commands, tmp_path):
    slow = "import sys, time\nfor i in range(5):\n    print(i)\n    time.sleep(0.05)\n    sys.stdout.flush() if i == 9 else None"
    (cell,) = both(commands, tmp_path, {"slow": slow})["ppp"]["cells"]
    assert [output["text"] for output in cell["outputs"]] == ["0\n1\n2\n3\n4\n"]


def test_what_subprocesses_and_c_code_print_is_shown_in_its_cell(commands, tmp_path):
    """A kernel shows it in whichever cell is at work when it arrives."""
    cells = {
        "both": "import os, subprocess\nprint('before')\n_ = subprocess.run('echo out; echo err >&2', shell=True)",
        "raw": "_ = os.write(1, b'raw \\xff')",
    }
    both_, raw = both(commands, tmp_path, cells)["ppp"]["cells"]
    assert told(both_) == [["stream", "stdout", "before\nout\n"], ["stream", "stderr", "err\n"]]
    assert told(raw) == [["stream", "stdout", "raw \ufffd"]]


ENDS_BADLY = {
    "raises": ("raise ValueError('on purpose')", "PapermillExecutionError", "on purpose"),
    "dies": ("import os\nos._exit(3)", "DeadKernelError", "exit status 3"),
    "is killed": ("import os\nos.kill(os.getpid(), 9)", "DeadKernelError", "SIGKILL"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "DeadKernelError", "SIGSEGV"),
    "asks": ("input('name? ')", "PapermillExecutionError", "cannot ask for input"),
    "is no Python": ("for", "PapermillExecutionError", "SyntaxError"),
}


@pytest.mark.parametrize("how", ENDS_BADLY)
def test_a_notebook_that_ends_badly_says_so_and_keeps_what_it_had_shown(commands, tmp_path, how):
    source, kind, words = ENDS_BADLY[how]
    found = both(commands, tmp_path, {"good": "print('shown')", "bad": source, "never": "print('never')"})["ppp"]
    assert found["error"][0] == kind
    assert words in found["error"][1]
    assert found["left"] == []
    counts = [cell["count"] for cell in found["cells"]]
    position = 1 if kind == "PapermillExecutionError" else 0  # papermill adds a cell at the head of a failed notebook
    shown = [told(cell) for cell in found["cells"]]
    assert [["stream", "stdout", "shown\n"]] in shown
    assert counts[-1] is None and position in (0, 1)


def test_a_cell_that_takes_too_long_inside_c_code_is_ended_with_all_it_started(commands, tmp_path):
    marker = f"{time.time_ns()}"
    source = f"""\
    import subprocess
    import numpy as np
    subprocess.Popen(["sleep", "1{marker[-6:]}"], start_new_session=True)
    subprocess.Popen("(sleep 1{marker[-6:]} &)", shell=True)
    print("begun")
    a = np.ones((6000, 6000)); a @ a @ a @ a @ a @ a @ a @ a
    """
    found = both(commands, tmp_path, {"long": source}, execution_timeout=1)["ppp"]
    assert found["error"][0] == "CellTimeoutError"
    assert found["seconds"] < 20 and found["left"] == []
    left = [
        p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if f"1{marker[-6:]}" in (p.info["cmdline"] or [])
    ]
    assert left == []


def test_each_notebook_has_its_own_random_numbers(commands, tmp_path):
    source = "import random\nimport numpy as np\n(random.random(), np.random.rand())"
    found = [
        both(commands, tmp_path, {"draw": source})["ppp"]["cells"][0]["outputs"][0]["data"]["text/plain"]
        for _ in range(2)
    ]
    assert found[0] != found[1]


def test_with_other_threads_about_a_kernel_is_used(commands, tmp_path):
    driver = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    driver += DRIVER.replace("assert processes.can_fork()", "assert not processes.can_fork()")
    path = notebook(tmp_path / "n.ipynb", {"a": "import sys\n'ipykernel' in sys.modules"})
    run = commands["run"]("-c", driver, str(path), "ppp", "{}", folder=tmp_path)
    assert run.status == 0, run.err
    found = json.loads(run.out.partition("FOUND")[2])["ppp"]
    assert found["error"] is None
    assert found["cells"][0]["outputs"][0]["data"]["text/plain"] == "True"


def test_the_process_from_which_workers_are_forked_has_one_thread(commands, tmp_path):
    source = "import os\nfrom ppp.report.workers import QUIET\nos.environ.update(QUIET)\n"
    source += (
        "import sys\nfrom ppp.report.workers import MADE_BY\nfor name in MADE_BY.values():\n    __import__(name)\n"
    )
    source += "import ppp.report.preload\nfrom ppp.report import processes\nfrom ppp.report.formats import pdf\n"
    source += "print(processes.threads(), ('weasyprint' in sys.modules) or pdf.why_not())"
    run = commands["run"]("-c", source, folder=tmp_path)
    assert run.out == "1 True\n"
