"""Judge what `mutmut run` left in mutants/: how many mistakes in ppp/model the tests notice, and whether each survivor is explained.

python tools/mutants.py [--show]

Fails where fewer than LEAST of them are noticed, where one was not tried, where a survivor has no reason in tests/mutants.yaml, and
where a reason there has lost its survivor. --show prints the survivors without a reason as entries for that file.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
REASONS = ROOT / "tests" / "mutants.yaml"
LEAST = 0.90
NOTICED = {"killed", "timeout", "segfault"}
UNTRIED = {"not checked", "check was interrupted by user"}


@dataclass(frozen=True)
class Survivor:
    """A mistake that no test notices: where it is, the source lines it changes, and what they become."""

    where: str
    was: str
    becomes: str


def results() -> dict[str, dict[str, str]]:
    """{module: {mutant: status}} of every module of the model that was tried."""
    found = {}
    for path in sorted((ROOT / "ppp" / "model").glob("*.py")):
        data = SourceFileMutationData(path=path.relative_to(ROOT))
        data.load()
        statuses = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
        if statuses:
            found[path.stem] = statuses
    return found


def survivor(mutant: str, module: str) -> Survivor:
    """The changed lines without their indentation, so that a reason outlives a new layout elsewhere in the function."""
    diff = get_diff_for_mutant(mutant, path=Path("ppp") / "model" / f"{module}.py").splitlines()[2:]
    name = re.sub(r"__mutmut_\d+$", "", mutant.rpartition(".")[2])
    where = ".".join(part for part in name.removeprefix("x_").removeprefix("x").split("ǁ") if part)
    changed = {sign: " ".join(line[1:].strip() for line in diff if line.startswith(sign)) for sign in "-+"}
    return Survivor(f"{module}.{where}", changed["-"], changed["+"])


@dataclass(frozen=True)
class Reasons:
    """here: {survivor: why}; everywhere: (what is replaced, by what, why) wherever it stands."""

    here: dict[Survivor, str]
    everywhere: list[tuple[str, list[str], str]]

    def explain(self, survivor: Survivor) -> str | None:
        """Why no test can or need notice it, if the file says so."""
        if survivor in self.here:
            return self.here[survivor]
        for was, becomes, why in self.everywhere:
            if any(survivor.becomes in replaced(survivor.was, was, new) for new in becomes):
                return why
        return None


def replaced(text: str, old: str, new: str) -> list[str]:
    """The text with one occurrence of `old` replaced, for each of them."""
    return [text[: m.start()] + new + text[m.end() :] for m in re.finditer(re.escape(old), text)]


def reasons() -> Reasons:
    """What tests/mutants.yaml says."""
    given = YAML(typ="safe").load(REASONS.read_text(encoding="utf-8"))
    here = {
        Survivor(entry["where"], change["was"], change["becomes"]): entry["why"]
        for entry in given["here"]
        for change in entry["changes"]
    }
    return Reasons(here, [(entry["was"], entry["becomes"], entry["why"]) for entry in given["everywhere"]])


def table(found: dict[str, dict[str, str]]) -> list[str]:
    lines = [f"{'module':<18}{'noticed':>9}{'tried':>8}{'share':>9}"]
    total = Counter()
    for module, statuses in found.items():
        noticed, tried = _counted(statuses)
        total.update(noticed=noticed, tried=tried)
        lines.append(f"{module:<18}{noticed:>9}{tried:>8}{noticed / max(tried, 1):>9.1%}")
    return [
        *lines,
        f"{'all':<18}{total['noticed']:>9}{total['tried']:>8}{total['noticed'] / max(total['tried'], 1):>9.1%}",
    ]


def _counted(statuses: dict[str, str]) -> tuple[int, int]:
    tried = [status for status in statuses.values() if status not in UNTRIED]
    return sum(status in NOTICED for status in tried), len(tried)


def main() -> int:
    found = results()
    if not found:
        print("mutants/ holds no results; run: mutmut run")
        return 1
    print("\n".join(table(found)))
    counts = [_counted(statuses) for statuses in found.values()]
    share = sum(noticed for noticed, _ in counts) / max(sum(tried for _, tried in counts), 1)
    untried = sum(status in UNTRIED for statuses in found.values() for status in statuses.values())
    survivors = {
        survivor(mutant, module)
        for module, statuses in found.items()
        for mutant, status in statuses.items()
        if status not in NOTICED | UNTRIED
    }
    explained = reasons()
    unexplained = [s for s in sorted(survivors, key=lambda s: (s.where, s.was, s.becomes)) if not explained.explain(s)]
    lost = set(explained.here) - survivors
    problems = [
        (share < LEAST, f"fewer than {LEAST:.0%} are noticed"),
        (untried > 0, f"{untried} were not tried"),
        (bool(unexplained), f"{len(unexplained)} survivors have no reason in {REASONS.relative_to(ROOT)}"),
        (not untried and bool(lost), f"{len(lost)} reasons have lost their survivor"),
    ]
    if "--show" in sys.argv:
        shown = [{"where": s.where, "changes": [{"was": s.was, "becomes": s.becomes}], "why": ""} for s in unexplained]
        yaml = YAML()
        yaml.width, yaml.allow_unicode = 1000, True
        yaml.dump(shown, sys.stdout)
    for wrong, what in problems:
        if wrong:
            print(what)
    return int(any(wrong for wrong, _ in problems))


if __name__ == "__main__":
    sys.exit(main())
