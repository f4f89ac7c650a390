"""The methods manual names what the code has: its functions, conventions, switches and checks, all of them and no others."""

import inspect
import re
import typing
from pathlib import Path

import numpy as np
import pytest
from reference.blocks import written_pages
from reference.keys import kind_of, parts
from reference.model import checks, modules, public, resolved

from ppp.lines import LINES, RESULTS
from ppp.project import Project
from ppp.quantities import SCALES
from ppp.regimes.conventions import CHOICES

ROOT = Path(__file__).resolve().parent.parent
METHODS = ROOT / "docs" / "methods"
# of ppp.model: what holds data, or helps to compute and is no formula of the field
NO_FORMULA = {
    "ppp.model.compiled": {"whole", "added", "largest", "running_sum"},
    "ppp.model.cash": {"Paid"},
    "ppp.model.circle": {"Financed"},
    "ppp.model.company": {"TrancheLines", "Company"},
    "ppp.model.debt": {"Schedule"},
    "ppp.model.funding": {"Funded"},
    "ppp.model.irr": {"Irr"},
    "ppp.model.zeros": {"Zeros"},
}
NO_SWITCH = {"status", "sector", "unit", "demand_scale", "phase", "category", "group", "direction", "shape", "met"}


def text_of(name: str) -> str:
    return (METHODS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", written_pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_name_of_the_package_is_there(path):
    for dotted in re.findall(r"`(ppp(?:\.[A-Za-z_]\w*)+)`", path.read_text(encoding="utf-8")):
        resolved(dotted)


def test_every_function_of_the_model_that_computes_a_formula_is_named():
    text, lacking = text_of("formulas.md"), []
    for module in modules():
        if module.__name__ == "ppp.model.inputs":  # data alone
            continue
        for name, _ in public(module):
            dotted = f"{module.__name__}.{name}"
            if (
                name not in NO_FORMULA.get(module.__name__, ())
                and f"`{dotted}`" not in text
                and f"`{dotted}." not in text
            ):
                lacking.append(dotted)
    assert not lacking, f"docs/methods/formulas.md names them not: {', '.join(lacking)}"


def test_what_is_left_out_is_there_and_is_not_named():
    for module, names in NO_FORMULA.items():
        for name in names:
            assert inspect.isclass(resolved(f"{module}.{name}")) or module == "ppp.model.compiled"
            assert f"`{module}.{name}`" not in text_of("formulas.md")


def test_every_function_that_computes_a_line_is_named_on_a_page():
    text = text_of("formulas.md")
    for line in (*LINES.values(), *RESULTS.values()):
        if line.function.startswith("ppp.model."):
            owner = ".".join(line.function.split(".")[:4])  # of a method its class
            assert f"`{owner}`" in text or f"`{line.function}`" in text, f"{line.key}: {line.function}"


def rows_of(text: str, columns: int) -> list[list[str]]:
    """The cells of every table row, the first cell carried down where it is empty."""
    rows, first = [], ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == columns and not set(line) <= set("|- "):
            first = cells[0] or first
            rows.append([first, *cells[1:]])
    return rows


def test_every_choice_of_every_convention_is_explained_once():
    conventions = text_of("conventions.md").split("## Switches")[0]
    said = [(row[0].strip("`"), row[1].strip("`")) for row in rows_of(conventions, 3) if row[1].startswith("`")]
    wanted = [
        (key, str(choice).lower() if isinstance(choice, bool) else choice)
        for key, given in CHOICES.items()
        for choice in given
    ]
    assert sorted(said) == sorted(wanted)


def switches() -> dict[str, list[str]]:
    """Every key of a project file that takes one of several words, or yes and no, with its choices."""
    named: dict[str, list[str]] = {}
    for part in parts(Project):
        for key, info in part.model.model_fields.items():
            choices = [str(choice) for choice in choices_of(info.annotation)]
            if key not in NO_SWITCH and len(choices) > 1 and not (key == "kind" and kind_of(part.model) is None):
                named.setdefault(f"{part.path}.{key}".lstrip("."), choices)
    return named


def choices_of(annotation) -> list:
    if typing.get_origin(annotation) is typing.Literal:
        return list(typing.get_args(annotation))
    if annotation is bool:
        return ["true", "false"]
    if typing.get_origin(annotation) is dict:  # entries, of which none is a switch of its own
        return []
    return [choice for argument in typing.get_args(annotation) for choice in choices_of(argument)]


def test_every_switch_of_the_file_is_explained():
    table = text_of("conventions.md").split("## Switches")[1]
    said: dict[str, set[str]] = {}
    for keys, choices, _ in rows_of(table, 3):
        for key in re.findall(r"`([^`]+)`", keys):
            said.setdefault(key, set()).update(re.findall(r"`([^`]+)`", choices))
    alike = {f"funding.further_debt.<name>.{key}": f"funding.debt.{key}" for key in ("repayment", "dscr_basis")}
    wanted = switches()
    assert set(SCALES) not in map(set, wanted.values())
    for key, choices in wanted.items():
        given = said.get(alike.get(key, key))
        assert given is not None, f"docs/methods/conventions.md explains it not: {key}"
        assert given <= set(choices), key
        assert given == set(choices) or set(choices) == {"true", "false"}, key
    assert set(said) <= set(wanted), set(said) - set(wanted)


def test_every_check_is_explained_and_called_what_it_is():
    text = text_of("checks.md")
    alerts = text.split("## Alerts")[1].split("\n## ")[0]
    rows = [re.match(r"\| `(\w+)` \|", line) for line in text.splitlines()]
    assert sorted(row[1] for row in rows if row) == sorted(each.key for each in checks())
    for each in checks():
        assert (f"| `{each.key}` |" in alerts) == (not each.hard), each.key


def test_the_formulas_that_are_written_out_are_those_of_the_functions():
    """A sample of the page's own equations, evaluated by hand beside the functions that it names for them."""
    from ppp.appraisal.risk import residual_bias
    from ppp.contract.performance import performance_payment, unavailability_rate
    from ppp.model.discounting import annuity_factor, level_payment
    from ppp.model.payments import construction_subsidy, revenue_shared
    from ppp.model.sampling import normal_correlation

    assert annuity_factor(0.05, 10) == pytest.approx((1 - 1.05**-10) / 0.05)
    assert level_payment(100.0, 0.05, 10) == pytest.approx(100.0 / annuity_factor(0.05, 10))
    paid = construction_subsidy(1000.0, 0.06, 0.045, np.ones(12), 1)[:, 0]
    assert paid == pytest.approx([1000 * 1.06 * 1.045**n / 12 for n in range(1, 13)])
    assert revenue_shared(np.array([[130.0]]), [(100.0, 0.5), (120.0, 0.7)]) == pytest.approx(0.5 * 30 + 0.2 * 10)
    assert residual_bias(0.51, 0.92) == pytest.approx(0.51 * 0.08)
    assert performance_payment(100.0, 40.0, 0.9, 0.8, 0.3) == pytest.approx(0.9 * 100 * 0.7 + 0.8 * (40 + 100 * 0.3))
    assert unavailability_rate(5e6, 6900, 2, 365) == pytest.approx(5e6 / (6900 * 2 * 365 / 2))
    assert normal_correlation(0.3) == pytest.approx(2 * np.sin(np.pi * 0.3 / 6))
