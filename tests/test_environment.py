"""environment.yml is what tools/environment.py makes of pyproject.toml."""

import importlib.util
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools" / "environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pyproject():
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_file_is_up_to_date(tool, pyproject):
    written = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert written == tool.environment(pyproject), "run make lock"


def test_it_names_what_the_project_stands_on_and_only_conda_forge():
    made = YAML(typ="safe").load(ROOT / "environment.yml")
    assert made["channels"] == ["conda-forge"]
    plain = {line.split(">=")[0] for line in made["dependencies"] if isinstance(line, str)}
    assert plain >= {"python", "jupyterlab", "numpy-financial", "matplotlib", "papermill"}


def test_every_dependency_is_there_once(tool, pyproject):
    made = YAML(typ="safe").load(tool.environment(pyproject))
    *plain, last = made["dependencies"]
    lines = [*plain, *last["pip"]]
    for _, members in tool.groups(pyproject, "dependencies") + tool.groups(pyproject, "test"):
        for requirement in members:
            name = tool.name_of(requirement)
            wanted = tool.CONDA_NAMES.get(name, name) + requirement[len(name) :]
            assert lines.count(wanted) == 1, wanted


def test_a_dependency_outside_a_group_is_refused(tool):
    with pytest.raises(SystemExit, match="names the group"):
        tool.groups('dependencies = [\n    "numpy",\n]\n', "dependencies")
