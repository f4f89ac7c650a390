"""Which lines of ppp the tests run: python tools/lines_that_run.py prepare | show FOLDER.

`prepare` compiles every module with marks, a store of one byte before each statement and where an `if` is passed over; `show` prints
how many were set, by folder, and writes those that were not to missing.txt. tools/lines_run/sitecustomize.py brings the marked modules
into every process, also those that tests start, kill or fork. A tracer (coverage.py) makes the tests three times as slow on Python
3.11 and loses the processes that end hard; marks cost a few percent.

Loops compiled by numba are left out, because machine code sets no marks: they are counted in a line of their own, and `make prove`
changes them one mistake at a time.
"""

from __future__ import annotations

import ast
import marshal
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from lines_run.sitecustomize import state_of

ROOT = Path(__file__).resolve().parent.parent
MARKS = "__lines_run__"
FUTURE = "__future__"


@dataclass
class Module:
    """lines: of its statements; arms: places in the map that tell of a way out of an `if` or `match`, and the line of its head."""

    path: Path
    tree: ast.Module
    size: int  # lines of the file
    lines: set[int] = field(default_factory=set)
    arms: dict[int, int] = field(default_factory=dict)
    compiled: int = 0  # statements of compiled loops

    @property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> list[Module]:
    found = []
    for path in sorted((ROOT / "ppp").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        module = Module(path, ast.parse(text), text.count("\n") + 2)
        loops = _compiled_loops(module.tree)
        module.tree.body = _marked(module, module.tree.body, loops)
        found.append(module)
    return found


def _compiled_loops(tree: ast.Module) -> set[str]:
    """Functions that are given to `compiled`, as `f = compiled(f)` or by a decorator."""

    def is_compiled(node) -> bool:
        return isinstance(node, ast.Name) and node.id == "compiled"

    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_compiled(node.func)]
    decorated = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any(map(is_compiled, node.decorator_list))
    ]
    return {arg.id for call in calls for arg in call.args if isinstance(arg, ast.Name)} | set(decorated)


def _marked(module: Module, body: list[ast.stmt], loops: set[str]) -> list[ast.stmt]:
    """Statements with a mark before each, and within each."""
    made = []
    for statement in body:
        if _says_nothing(statement):
            made.append(statement)
            continue
        line = statement.lineno
        module.lines.add(line)
        made += [_mark(line, statement), statement]
        if isinstance(statement, ast.FunctionDef) and statement.name in loops:
            module.compiled += sum(isinstance(node, ast.stmt) for node in ast.walk(statement)) - 1
            continue
        for part in ("body", "orelse", "finalbody"):
            if within := getattr(statement, part, None):
                setattr(statement, part, _marked(module, within, loops))
        for handler in getattr(statement, "handlers", ()):
            handler.body = _marked(module, handler.body, loops)
        for case in getattr(statement, "cases", ()):
            module.arms[case.body[0].lineno] = line
            case.body = _marked(module, case.body, loops)
        if isinstance(statement, ast.If):
            _mark_arms(module, statement)
    return made


def _mark_arms(module: Module, statement: ast.If) -> None:
    """Both ways out of an `if`, in the second half of the map so that a body on the line of its head is told apart."""
    line = statement.lineno
    for part, place in (("body", module.size + 2 * line), ("orelse", module.size + 2 * line + 1)):
        module.arms[place] = line
        setattr(statement, part, [_mark(place, statement), *getattr(statement, part)])


def _says_nothing(statement: ast.stmt) -> bool:
    """Docstrings, `...`, imports from the future, and what only type checkers read."""
    if isinstance(statement, ast.ImportFrom) and statement.module == FUTURE:
        return True
    if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING":
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _mark(place: int, at: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.parse(f"{MARKS}[{place}] = 1").body[0], at)


def prepare(folder: Path) -> None:
    if folder.is_file():  # what coverage.py once left here
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for module in modules():
        first = ast.parse(f'{MARKS} = __import__("sitecustomize").marks({module.name!r})').body
        body = module.tree.body
        head = next((i for i, statement in enumerate(body) if not _says_nothing(statement)), len(body))
        body[head:head] = first
        code = compile(ast.fix_missing_locations(module.tree), str(module.path), "exec", dont_inherit=True)
        (folder / f"{module.name}.code").write_bytes(state_of(module.path).encode() + marshal.dumps(code))
        (folder / f"{module.name}.ran").write_bytes(bytes(3 * module.size + 2))


def show(folder: Path) -> None:
    """Statements and ways out of an `if` or `match`, by folder of ppp."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0] * 4)
    compiled, missing = 0, []
    for module in modules():
        ran = (folder / f"{module.name}.ran").read_bytes()
        lines = [line for line in sorted(module.lines) if not ran[line]]
        arms = sorted({head for place, head in module.arms.items() if not ran[place]} - set(lines))
        arms_run = sum(ran[place] for place in module.arms)
        row = (len(module.lines), len(module.lines) - len(lines), len(module.arms), arms_run)
        area = module.path.parent.relative_to(ROOT).as_posix()
        for key in (area, "all"):
            counted[key] = [a + b for a, b in zip(counted[key], row, strict=True)]
        compiled += module.compiled
        name = module.path.relative_to(ROOT).as_posix()
        missing += [f"{name}:{line}: not run" for line in lines] + [f"{name}:{line}: one way only" for line in arms]
    (folder / "missing.txt").write_text("".join(f"{line}\n" for line in missing), encoding="utf-8")
    print(f"\n{'coverage':<28}{'statements':>12}{'run':>8}{'ways':>8}{'taken':>8}")
    for area in [*sorted(counted.keys() - {"all"}), "all"]:
        statements, run, ways, taken = counted[area]
        print(f"{area:<28}{statements:>12}{run / statements:>8.1%}{ways:>8}{taken / max(ways, 1):>8.1%}")
    print(
        f"{compiled} statements of compiled loops are not counted; make prove tests them. Not run: {folder}/missing.txt"
    )


if __name__ == "__main__":
    {"prepare": prepare, "show": show}[sys.argv[1]](Path(sys.argv[2]))
