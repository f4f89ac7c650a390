"""The declared lines and results, the checks, and the functions of the model with what their docstrings say."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import ppp.model
from ppp.appraisal.checks import CIRCLE_TOLERANCE, IDENTITY_TOLERANCE
from ppp.lines import LINES, RESULTS, Line
from ppp.report.words import glossary, word
from reference.markdown import code, escaped, page, table

SOURCES = Path(ppp.__file__).parent
UNITS = {
    "money": "money 金额",
    "rate": "fraction 比例",
    "ratio": "ratio 倍数",
    "years": "years 年",
    "score": "points 分",
}
SIGNS = {"in": "received 收入", "out": "paid 支出", "net": "either 净额", "stock": "balance 余额"}
WHOSE = {
    "company": "company 项目公司",
    "government": "government 政府",
    "comparator": "comparator PSC",
    "district": "district 地区",
}


def lines_page() -> str:
    return page(
        "Lines and results 行项目与结果",
        "ppp/lines.csv",
        "Every line of the model and every result, as `summary.json`, tables, charts and workbook name it. A line holds one amount for each"
        " period, positive in its own direction: *received* and *paid* are positive flows, a *balance* stands at the end of the period,"
        " *either* may have both signs. Money is in the currency's base unit, a fraction of 0.08 is 8 %. What the inputs do not support is"
        " absent; `null` means that the figure does not exist. Symbols and equations: [the model](../model.md).",
        "## Lines 行项目",
        _declared(LINES.values()),
        "## Results 结果",
        _declared(RESULTS.values()),
    )


def _declared(lines) -> str:
    head = ("Key", "Name 名称", "Unit, sign, whose 单位、方向、主体", "What it is", "Function")
    return table(head, [_line(line) for line in lines])


def _line(line: Line) -> tuple[str, ...]:
    unit = f"{UNITS[line.unit]}, {SIGNS[line.sign]}; {WHOSE[line.whose]}"
    name = f"{escaped(line.en)} {escaped(line.zh)}"
    return code(line.key), name, unit, escaped(line.meaning), code(line.function.removeprefix("ppp."))


@dataclass(frozen=True)
class Found:
    """A check and the function that makes it."""

    key: str
    function: str

    @property
    def hard(self) -> bool:
        return not self.function.endswith(".alerts")


def checks() -> list[Found]:
    """Every check that the glossary names, with the function whose source holds its key. Raises ValueError for one that no code makes."""
    named = {key.removeprefix("check.") for key in glossary() if key.startswith("check.")}
    found: dict[str, str] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        if "report" in path.parts:  # which prints checks and makes none
            continue
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(function, ast.FunctionDef):
                for key in named & set(_texts(function)):
                    found.setdefault(
                        key, f"{'.'.join(path.relative_to(SOURCES).with_suffix('').parts)}.{function.name}"
                    )
    if lost := named - found.keys():
        raise ValueError(f"no function makes these checks: {', '.join(sorted(lost))}")
    order = list(glossary())
    return [Found(key, found[key]) for key in sorted(found, key=lambda key: order.index(f"check.{key}"))]


def _texts(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def checks_page() -> str:
    found = checks()
    head = ("Key", "What must hold", "须成立", "Function")
    rows = lambda hard: [_check(each) for each in found if each.hard == hard]  # noqa: E731
    return page(
        "Checks and alerts 校验与提示",
        "the check functions and the glossary",
        f"Errors are relative to the largest amount that enters the identity. A hard check fails above {_plain(IDENTITY_TOLERANCE)}"
        f" (`circle_converged` above {_plain(CIRCLE_TOLERANCE)}, cents must agree to the cent). What each compares, and what a failure"
        " points at: [the checks](../methods/checks.md).",
        "## Hard checks 硬性校验",
        "One that fails makes the verdict *not assessable*.",
        table(head, rows(True)),
        "## Alerts 提示",
        "Shown on the report, a reservation of the verdict, and not fatal.",
        table(head, rows(False)),
    )


def _plain(number: float) -> str:
    return f"{number:g}".replace("e-0", "e-")


def _check(found: Found) -> tuple[str, ...]:
    key = f"check.{found.key}"
    return code(found.key), escaped(word(key, "en")), escaped(word(key, "zh")), code(found.function)


def resolved(dotted: str) -> object:
    """What a dotted name of the package stands for. Raises LookupError where there is no such thing."""
    names = dotted.split(".")
    for count in range(len(names), 0, -1):
        try:
            here: object = importlib.import_module(".".join(names[:count]))
        except ModuleNotFoundError:
            continue
        for name in names[count:]:
            here = getattr(here, name, None)
        if here is not None:
            return here
        break
    raise LookupError(f"there is no {dotted}")


def modules() -> list[ModuleType]:
    """Every module of ppp.model."""
    names = sorted(found.name for found in pkgutil.iter_modules(ppp.model.__path__))
    return [importlib.import_module(f"ppp.model.{name}") for name in names]


def public(module: ModuleType) -> list[tuple[str, object]]:
    """The public functions and classes that a module declares itself, in the order of its source."""
    own = [
        (name, item)
        for name, item in vars(module).items()
        if not name.startswith("_") and getattr(item, "__module__", None) == module.__name__ and callable(item)
    ]
    return sorted(own, key=lambda pair: inspect.getsourcelines(inspect.unwrap(pair[1]))[1])


def functions_page() -> str:
    parts = [
        "Every public function and class of `ppp/model`, as its docstring says it. Arrays have time on the first axis and cases on the"
        " second; amounts are positive in the direction that their name says; rates are fractions a year. What each formula is for, by"
        " subject: [formulas and functions](../methods/formulas.md).",
    ]
    for module in modules():
        parts += [f"## ppp.model.{module.__name__.rpartition('.')[2]}", escaped(inspect.getdoc(module) or "")]
        for name, item in public(module):
            parts += [f"### {escaped(name)}", f"`{_signature(name, item)}`", _paragraphs(inspect.getdoc(item) or "")]
            parts += [f"`{method}` {_paragraphs(text)}" for method, text in _methods(item)]
    return page("Functions of the model", "the docstrings of ppp/model", *parts)


def _methods(item: object) -> Iterator[tuple[str, str]]:
    if inspect.isclass(item):
        for name, member in vars(item).items():
            bare = getattr(member, "fget", None) or getattr(member, "func", None) or member
            if not name.startswith("_") and inspect.isfunction(bare) and bare.__doc__:
                yield name, inspect.getdoc(bare)


def _paragraphs(text: str) -> str:
    return "\n\n".join(escaped(part) for part in text.split("\n\n"))


def _signature(name: str, item: object) -> str:
    """As it stands in the source, without the kinds of its arguments, which the docstring says."""
    if inspect.isclass(item) and "__init__" not in vars(item):
        return name
    found = inspect.signature(item)
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in found.parameters.values()]
    return f"{name}{found.replace(parameters=bare, return_annotation=inspect.Signature.empty)}"
