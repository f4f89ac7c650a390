"""The verdict: tests with their margins, and the words that follow from them. Rule: all pass -> recommended; all pass but one flips in a
plausible range, in more than a fifth of the draws, or by a rule nobody has checked -> with reservations; one fails -> not
recommended; an input is missing or a hard check fails -> not assessable. A test that only informs (a rule book whose number never
decides alone) is shown and decides nothing; it is a reservation either way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DRAWS_THAT_MATTER = 0.2

RECOMMENDED = "recommended"
RESERVATIONS = "with_reservations"
NOT_RECOMMENDED = "not_recommended"
NOT_ASSESSABLE = "not_assessable"
PUBLISHED = "published_example"


@dataclass(frozen=True)
class Reason:
    """A sentence of the glossary with its values: name -> (kind, value), kind as in lines.Line.unit, or "text" or "year"."""

    key: str
    values: dict[str, tuple[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Test:
    """One test: passed (None: not assessable), what was measured against which limit, and by which rules of the pack.

    informs: the rule book has it computed and lets it decide nothing; `passed` then says which way it points."""

    key: str
    passed: bool | None
    measured: tuple[str, float] | None = None
    limit: tuple[str, float] | None = None
    margin: tuple[str, float] | None = None
    rules: tuple[str, ...] = ()
    why: tuple[Reason, ...] = ()
    cures: tuple[Reason, ...] = ()
    informs: bool = False


@dataclass(frozen=True)
class Verdict:
    outcome: str
    tests: tuple[Test, ...]
    reasons: tuple[Reason, ...]
    reservations: tuple[Reason, ...]
    cures: tuple[Reason, ...]


def verdict(tests: list[Test], reservations: list[Reason]) -> Verdict:
    """The outcome from the tests; reservations matter only when every test passes."""
    reasons = tuple(reason for test in tests for reason in test.why)
    cures = tuple(cure for test in tests for cure in test.cures)
    deciding = [test for test in tests if not test.informs]
    if any(test.passed is None for test in tests):
        outcome = NOT_ASSESSABLE
    elif not all(test.passed for test in deciding):
        outcome = NOT_RECOMMENDED
    else:
        outcome = RESERVATIONS if reservations else RECOMMENDED
    return Verdict(outcome, tuple(tests), reasons, tuple(reservations), cures)
