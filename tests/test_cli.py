"""The ppp command: its help, its messages, its exit status."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import openpyxl
import pytest

from ppp.cli.examples import EXAMPLES, FIRST_STEPS

ROOT = Path(__file__).resolve().parent.parent
PARAMS = ROOT / "params"
COMMANDS = (
    *("new", "check", "report", "compare", "solve", "sensitivity", "simulate", "workbook", "assurance"),
    *("batch", "portfolio", "pack", "verify", "schema"),
)


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str


def ppp(*arguments: object, folder: Path, **environment: str) -> Said:
    run = subprocess.run(
        [sys.executable, "-m", "ppp.cli", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=120,
        env={**os.environ, "COLUMNS": "120", **environment},
    )
    said = Said(run.returncode, run.stdout, run.stderr)
    assert "Traceback" not in said.out + said.err, said
    return said


def here(*arguments: object, folder: Path) -> Said:
    """The same command in this process: for what is about its words and not about the process, since starting one takes a second."""
    from ppp.cli import app

    out, err = io.StringIO(), io.StringIO()
    wide = patch.dict(os.environ, COLUMNS="120")
    with chdir(folder), redirect_stdout(out), redirect_stderr(err), wide, pytest.raises(SystemExit) as ended:
        app(list(map(str, arguments)), prog_name="ppp")
    return Said(ended.value.code or 0, out.getvalue(), err.getvalue())


@pytest.fixture
def params(tmp_path) -> Path:
    """A folder with a good project, its district, and nothing else."""
    shutil.copytree(PARAMS / "districts", tmp_path / "params" / "districts")
    shutil.copy(PARAMS / "wastewater.yaml", tmp_path / "params")
    return tmp_path / "params"


def spoilt(params: Path, **changes: str) -> Path:
    text = (params / "wastewater.yaml").read_text(encoding="utf-8")
    for old, new in changes.items():
        old = {"kind": "kind: project\n", "capex": "capex: {value: 30600,", "rate": "  rate: 6%\n"}[old]
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = params / "spoilt.yaml"
    path.write_text(text.replace("id: wastewater-plant", "id: spoilt"), encoding="utf-8")
    return path


# help


def test_help_names_every_command_in_one_line(tmp_path):
    said = ppp("--help", folder=tmp_path)
    assert said.status == 0
    listed = re.findall(r"^  (\w+) {2,}\S", said.out.partition("Commands:")[2], re.MULTILINE)
    assert tuple(listed) == COMMANDS


def test_nothing_said_is_help(tmp_path):
    said = ppp(folder=tmp_path)
    assert said.status == 2
    assert "Usage: ppp" in said.out + said.err
    assert "ppp new my-project.yaml" in said.out and "ppp --help" in said.out  # where to begin


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_ends_with_examples(tmp_path, command):
    said = ppp(command, "--help", folder=tmp_path)
    assert said.status == 0
    assert f"Usage: ppp {command}" in said.out
    _, examples = said.out.split("Examples:\n")
    shown = [line.strip() for line in examples.splitlines() if line.strip()]
    assert all(line.startswith(("# ", f"ppp {command} ")) for line in shown)
    assert [line for line in shown if line.startswith("ppp ")] == [line for line, _ in EXAMPLES[command]]


@pytest.mark.parametrize(
    "line", [line for shown in EXAMPLES.values() for line, _ in shown] + [s for s, _ in FIRST_STEPS]
)
def test_the_parser_takes_every_example(line):
    from typer.main import get_command

    from ppp.cli import app

    program, name, *arguments = shlex.split(line)
    command = get_command(app).commands[name]
    given = command.make_context(name, arguments).params  # raises for an option or a value that is not
    assert program == "ppp" and given
    files = [word.partition("#")[0] for word in arguments if word.startswith("params")]
    assert all((ROOT / file).exists() for file in files), line


def test_the_questions_of_the_examples_have_answers():
    """What an example asks to be solved or shown is something the model knows."""
    from ppp.lines import RESULTS

    asked = [word.partition("=")[0] for shown in EXAMPLES.values() for line, _ in shown for word in shlex.split(line)]
    named = [word for word in asked if word in RESULTS]
    assert {"equity_irr", "dscr_min"} <= set(named)


def test_the_installed_script_is_the_same_command(tmp_path):
    script = shutil.which("ppp", path=str(Path(sys.executable).parent))
    assert script, "make venv installs ppp beside this Python"
    run = subprocess.run([script, "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and "Usage: ppp" in run.stdout


def test_help_imports_nothing_heavy(tmp_path):
    code = (
        "import sys\nsys.argv = ['ppp', '--help']\nfrom ppp.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'numpy', 'scipy', 'pydantic', 'matplotlib', 'papermill', 'nbconvert',\n"
        "         'nbformat', 'ruamel', 'fontTools', 'jinja2'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.stdout.splitlines()[-1] == "HEAVY []", run.stdout + run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("--nonsense",),
        ("check",),
        ("batch",),
        ("report",),
        ("verify",),
        ("new",),
        ("workbook",),
        ("batch", ".", "--draws", "-1"),
        ("report", "x.yaml", "--draws", "-1"),
        ("batch", ".", "--draws", "many"),
        ("batch", ".", "--jobs", "0"),
        ("batch", ".", "--nonsense"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(tmp_path, arguments):
    said = here(*arguments, folder=tmp_path)
    assert said.status == 2
    assert said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("lang", ["fr", "en,fr", "", ",", "EN"])
@pytest.mark.parametrize("command", ["report", "batch"])
def test_an_unknown_language_ends_with_2(params, command, lang):
    said = here(command, params / "wastewater.yaml", "--lang", lang, folder=params.parent)
    assert said.status == 2
    assert said.err == f"ppp: --lang: given {lang}; allowed: en, zh or both separated by a comma\n"
    assert not (params.parent / "reports").exists()


@pytest.mark.parametrize("command", ["check", "report", "batch", "verify", "workbook"])
def test_a_missing_path_ends_with_2(tmp_path, command):
    said = here(command, "nowhere/at-all", folder=tmp_path)
    assert said.status == 2
    assert said.err == f"ppp: there is no such file or folder: {Path('nowhere/at-all')}\n"
    assert not list(tmp_path.iterdir())


# check


def test_check_of_every_shipped_file(tmp_path):
    said = ppp("check", PARAMS, folder=tmp_path)
    count = len(list(PARAMS.rglob("*.yaml")))
    assert (said.status, said.out) == (0, f"{count} of {count} files are valid\n")


def test_check_names_every_problem_on_its_own_line(params):
    path = spoilt(params, kind="kind: project\ncolour: red\n", capex="capex: {value: -1,", rate="  rate: 8\n")
    said = here("check", "params", folder=params.parent)
    assert said.status == 1
    *problems, last = said.out.splitlines()
    lines = path.read_text(encoding="utf-8").splitlines()
    found = {}
    for problem in problems:
        file, line, column, field, message = re.fullmatch(r"(\S+?):(\d+):(\d+): ([\w.]+): (.+)", problem).groups()
        assert Path(file) == Path("params/spoilt.yaml")
        assert lines[int(line) - 1][int(column) - 1 :].strip()
        found[field] = message
    assert set(found) == {"colour", "construction.capex", "payment.rate"}
    assert last == "3 of 4 files are valid; 3 problems"


def test_check_goes_on_after_a_file_that_is_no_yaml(params):
    (params / "a.yaml").write_text("a: [1, 2\n", encoding="utf-8")
    (params / "b.yaml").write_bytes(b"\xff\xfe\x00")
    (params / "c.yaml").write_text("", encoding="utf-8")
    (params / "d.yaml").write_text("- 1\n- 2\n", encoding="utf-8")
    said = here("check", "params", folder=params.parent)
    assert said.status == 1
    assert {re.match(r"params.([a-d])\.yaml", line)[1] for line in said.out.splitlines()[:-1]} == set("abcd")
    assert re.fullmatch(r"(\d+) of (\d+) files are valid; \d+ problems", said.out.splitlines()[-1])


def test_check_of_a_bad_district(params):
    path = next((params / "districts").glob("dalian*.yaml"))
    path.write_text(path.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")
    said = here("check", "params", folder=params.parent)
    assert said.status == 1
    assert [line for line in said.out.splitlines() if "colour" in line] == said.out.splitlines()[:-1]


def test_check_of_one_file_and_of_the_canonical_form(params, tmp_path):
    from ppp.loading import canonical, load

    path = tmp_path / "canonical.json"
    path.write_text(json.dumps(canonical(load(params / "wastewater.yaml"))), encoding="utf-8")
    said = ppp("check", path, folder=tmp_path)
    assert (said.status, said.out) == (0, "1 of 1 files are valid\n")


def test_check_of_a_folder_without_project_files(tmp_path):
    (tmp_path / "empty").mkdir()
    said = ppp("check", "empty", folder=tmp_path)
    cure = f"ppp new {Path('empty/my-project.yaml')} writes one"
    assert (said.status, said.err) == (2, f"ppp: no project files (.yaml or .yml) in empty; {cure}\n")


def test_check_says_that_two_files_have_one_id(params):
    shutil.copy(params / "wastewater.yaml", params / "copy.yaml")
    said = here("check", "params", folder=params.parent)
    assert said.status == 1
    assert sorted(line.partition(":")[0] for line in said.out.splitlines()[:-1]) == sorted(
        str(Path("params") / n) for n in ("copy.yaml", "wastewater.yaml")
    )


# new, schema


def test_new_writes_a_file_that_passes_check(tmp_path):
    said = ppp("new", "项目.yaml", folder=tmp_path)
    assert said.status == 0
    assert "项目.yaml written with my-district.yaml" in said.out
    assert ppp("check", ".", folder=tmp_path).out == "2 of 2 files are valid\n"
    assert not any(b"\r" in path.read_bytes() for path in tmp_path.iterdir())


def test_what_new_writes_reaches_a_verdict_within_the_limit(tmp_path):
    """The first report of a newcomer answers: the example's public money stays below the tenth of the budget that the rule sets."""
    from ppp.loading import load
    from ppp.starting import begin

    begin(tmp_path / "bridge.yaml")
    import ppp as package

    result = package.appraise(load(tmp_path / "bridge.yaml"), draws=64)
    assert result.verdict.outcome == "with_reservations"
    assert 0.01 < result.evaluation.results["share_peak"][0] < 0.1
    assert load(tmp_path / "bridge.yaml").id == "bridge"


def test_new_leads_editors_to_a_schema_that_is_there_without_a_network(tmp_path):
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    ppp("new", "mine.yaml", folder=tmp_path)
    for name, kind in (("mine.yaml", "project"), ("my-district.yaml", "district")):
        first = (tmp_path / name).read_text(encoding="utf-8").splitlines()[0]
        address = urlsplit(re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)[1])
        assert address.scheme == "file"
        schema = json.loads(Path(url2pathname(address.path)).read_text(encoding="utf-8"))
        assert schema == json.loads((ROOT / "ppp" / "schema" / f"{kind}.json").read_text(encoding="utf-8"))


def test_a_second_project_shares_the_district_that_is_there(tmp_path):
    ppp("new", "one.yaml", folder=tmp_path)
    district = (tmp_path / "my-district.yaml").read_text(encoding="utf-8").replace("317000", "417000")
    (tmp_path / "my-district.yaml").write_text(district, encoding="utf-8")
    said = ppp("new", "two.yaml", folder=tmp_path)
    assert "its district is my-district.yaml, which was there" in said.out
    assert (tmp_path / "my-district.yaml").read_text(encoding="utf-8") == district
    assert ppp("check", ".", folder=tmp_path).status == 0  # two files, two ids


@pytest.mark.parametrize("name", ["mine", "mine.xlsx", "my-district.yaml"])
def test_new_asks_for_a_name_that_a_batch_will_find(tmp_path, name):
    said = ppp("new", name, folder=tmp_path)
    assert said.status == 2 and said.err.startswith("ppp: a project file ends in .yaml")
    assert not list(tmp_path.iterdir())


def test_new_never_overwrites(tmp_path):
    (tmp_path / "mine.yaml").write_text("mine", encoding="utf-8")
    said = ppp("new", "mine.yaml", folder=tmp_path)
    assert (said.status, said.err) == (1, "ppp: mine.yaml exists already; choose another name\n")
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == "mine"


def test_new_into_a_folder_that_is_not_there(tmp_path):
    said = ppp("new", "nowhere/mine.yaml", folder=tmp_path)
    assert said.status == 1
    assert said.err.startswith(f"ppp: {Path('nowhere/mine.yaml')}: ")
    assert not (tmp_path / "nowhere").exists()


def test_schema_writes_both_files(tmp_path):
    said = ppp("schema", "made", folder=tmp_path)
    assert said.status == 0
    assert said.out.split() == [str(Path("made") / name) for name in ("project.json", "district.json")]
    for name in ("project.json", "district.json"):
        assert json.loads((tmp_path / "made" / name).read_text(encoding="utf-8"))["properties"]["kind"]


def test_schema_into_a_place_that_is_a_file(tmp_path):
    (tmp_path / "made").write_text("", encoding="utf-8")
    said = ppp("schema", "made", folder=tmp_path)
    assert said.status == 1
    assert said.err.startswith("ppp: made")


# report, batch, verify: what needs no report to be made (tests/report/ looks at those that are)


@pytest.mark.parametrize("command", ["report", "batch"])
@pytest.mark.parametrize("output", ["file", "file/below"])
def test_an_output_that_cannot_be_a_folder_is_said(params, command, output):
    (params.parent / "file").write_text("", encoding="utf-8")
    said = ppp(command, params / "wastewater.yaml", "-o", output, folder=params.parent)
    assert said.status == 1
    assert re.fullmatch(r"ppp: \S*file\S*: .+\n", said.err), said.err


@pytest.mark.skipif(os.name == "nt", reason="folders of POSIX")
def test_an_output_that_may_not_be_written_is_said(params):
    closed = params.parent / "closed"
    closed.mkdir(mode=0o555)
    if os.geteuid() == 0:  # root may write into any folder of a disk, but not everywhere
        closed = Path("/sys/closed")
    said = ppp("batch", params, "-o", closed, folder=params.parent)
    assert said.status == 1
    assert re.fullmatch(r"ppp: \S*closed\S*: .+\n", said.err), said.err


def test_report_of_a_bad_file_names_its_problems(params):
    path = spoilt(params, capex="capex: {value: -1,", rate="  rate: 8\n")
    said = here("report", path, folder=params.parent)
    assert said.status == 1
    assert [re.search(r"spoilt\.yaml:\d+:\d+: (\S+):", line)[1] for line in said.out.splitlines()] == [
        "construction.capex",
        "payment.rate",
    ]
    assert not (params.parent / "reports").exists()


def test_report_of_a_scenario_that_the_file_lacks(params):
    said = here("report", "params/wastewater.yaml#advers", folder=params.parent)
    assert said.status == 1
    assert "no such scenario, given advers; allowed: base, adverse, worst" in said.out
    assert not (params.parent / "reports").exists()


def test_report_of_a_district_says_what_is_wanted(params):
    district = next((params / "districts").glob("*.yaml"))
    said = here("report", district, folder=params.parent)
    assert said.status == 1
    assert "a project file is wanted here, given district" in said.out


def test_report_of_a_folder_is_refused(params):
    said = here("report", "params", folder=params.parent)
    assert said.status in (1, 2)
    assert "params" in said.out + said.err
    assert not (params.parent / "reports").exists()


def test_verify_of_a_folder_without_reports(tmp_path):
    said = ppp("verify", ".", folder=tmp_path)
    assert (said.status, said.err) == (2, "ppp: there is no manifest below .\n")


def test_a_folder_of_any_name_will_do(params):
    odd = params.rename(params.with_name("{参数} $x #1 'q'"))
    assert ppp("check", odd.name, folder=odd.parent).status == 0


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_messages_survive_a_terminal_that_cannot_show_them(params, encoding):
    path = params / "wastewater.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("sector: wastewater", "sector: 污水\U0001f4a7"),
        encoding="utf-8",
    )
    run = subprocess.run(
        [sys.executable, "-m", "ppp.cli", "check", "params"],
        cwd=params.parent,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert run.returncode == 1
    assert b"Traceback" not in run.stderr, run.stderr.decode(encoding, "replace")
    assert b"sector" in run.stdout


def test_solve_prints_the_value_and_the_scenario_that_holds_it(params):
    said = ppp(
        "solve",
        PARAMS / "hospital.yaml",
        "--for",
        "availability_payment",
        "--target",
        "equity_irr=8%",
        folder=params.parent,
    )
    assert said.status == 0
    assert "Equity IRR = 8.00%" in said.out
    assert re.search(r"scenarios:\n  solved:\n    payment:\n      amount:\n        times: 1\.0\d+\n", said.out)


def test_solve_of_a_target_out_of_reach_shows_what_was_tried(params):
    said = here("solve", PARAMS / "toll-road.yaml", "--for", "grant", "--target", "project_npv=0", folder=params.parent)
    assert said.status == 1
    assert said.out.startswith("No value of") and len(said.out.splitlines()) == 10


@pytest.mark.parametrize(
    "wanted, target, message",
    [
        (
            "tariff",
            "equity_irr=8",
            "--target: may be a percentage or a fraction, given equity_irr=8; write equity_irr=8%",
        ),
        ("subsidy", "equity_irr=8%", "--for: subsidy is not an input of this project, which is paid by availability"),
        ("opexx", "equity_irr=8%", "--for: there is no input 'opexx'"),
        ("term", "equity_irr=8%", "--for: the term cannot vary: operation.lifecycle: has 20 values"),
    ],
)
def test_solve_says_what_is_wrong_with_a_question(params, wanted, target, message):
    said = here("solve", PARAMS / "hospital.yaml", "--for", wanted, "--target", target, folder=params.parent)
    assert said.status == 2
    assert message in said.err


# workbook


def shown(path: Path, key: str) -> float:
    """The value of a result, by the name that the workbook gives its cell."""
    book = openpyxl.load_workbook(path, data_only=True)
    ((sheet, place),) = book.defined_names[key].destinations
    return book[sheet][place].value


def test_a_workbook_is_written_where_asked_in_the_language_asked(params):
    said = ppp("workbook", params / "wastewater.yaml", "-o", "a.xlsx", "--lang", "zh", folder=params.parent)
    assert (said.status, said.out, said.err) == (0, "a.xlsx\n", "")
    assert "控制" in openpyxl.load_workbook(params.parent / "a.xlsx").sheetnames[0]


def test_a_workbook_of_a_scenario_is_another(params):
    file = params / "wastewater.yaml"
    base, adverse = (here("workbook", f"{file}{of}", folder=params.parent) for of in ("", "#adverse"))
    assert (base.out, adverse.out) == ("wastewater-plant.xlsx\n", "wastewater-plant-adverse.xlsx\n")
    folder = params.parent
    assert shown(folder / "wastewater-plant-adverse.xlsx", "equity_irr") < shown(
        folder / "wastewater-plant.xlsx", "equity_irr"
    )


def test_a_file_that_is_wrong_gives_no_workbook(params):
    path = spoilt(params, capex="capex: {value: -1,")
    said = here("workbook", path, folder=params.parent)
    assert said.status == 1
    assert re.fullmatch(r"\S+spoilt.yaml:\d+:\d+: construction.capex: .+\n", said.out)
    assert not list(params.parent.glob("*.xlsx"))


def test_a_workbook_that_differs_is_written_with_pasted_values_and_names_them(params, monkeypatch, capsys):
    """Two rounds do not close this project's circle."""
    from ppp import cli
    from ppp.lines import LINES
    from ppp.report.workbook import write

    monkeypatch.setattr(write, "ROUNDS", 2)
    monkeypatch.setattr(write, "MOST_ROUNDS", 2)
    written = params.parent / "pasted.xlsx"
    cli.workbook(str(params / "wastewater.yaml"), written, "en")
    book = openpyxl.load_workbook(written, data_only=True)
    said = [row[1] for row in book.worksheets[0].iter_rows(max_col=2, values_only=True) if row[1]]
    assert any(LINES["tax"].en in str(text) and "asted" in str(text) for text in said)
    assert "A CHECK FAILS" in said
    assert str(written) in capsys.readouterr().out


def test_a_workbook_that_cannot_be_written_is_one_line(params):
    said = here("workbook", params / "wastewater.yaml", "-o", "none/a.xlsx", folder=params.parent)
    assert (said.status, said.err.count("\n")) == (1, 1)
    assert said.err.startswith(f"ppp: {Path('none/a.xlsx')}: ")


def test_a_workbook_has_one_language(params):
    said = here("workbook", params / "wastewater.yaml", "--lang", "en,zh", folder=params.parent)
    assert (said.status, said.err) == (2, "ppp: --lang: given en,zh; allowed: en or zh\n")
