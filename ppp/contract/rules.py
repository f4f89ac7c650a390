"""The rules of a contract's life as data: scales of performance pay, lines of investment control, approval steps."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from ppp.performance_terms import ScaleBand
from ppp.problems import InputError
from ppp.project import Project
from ppp.quantities import Flag, Identifier, Localised, Section
from ppp.reading import read_document
from ppp.regimes import Rule, without_null


class NamedScale(Section):
    name: Localised
    document: Identifier
    bands: list[ScaleBand] = Field(min_length=1)


class Gate(Section):
    gate: Identifier
    name: Localised
    document: Identifier
    checked: Flag
    items: dict[Identifier, Localised] = Field(min_length=1)


class ContractRules(Section):
    """regimes: rule books of projects to which `rules` apply; scales and gates may be named by any."""

    id: Identifier
    name: Localised
    regimes: list[Identifier]
    documents: dict[Identifier, Localised]
    rules: dict[Identifier, Rule]
    scales: dict[Identifier, NamedScale]
    gates: list[Gate]

    @model_validator(mode="after")
    def _documents_are_named(self) -> ContractRules:
        used = {value.document for rule in self.rules.values() for value in rule.values}
        used |= {scale.document for scale in self.scales.values()} | {gate.document for gate in self.gates}
        if missing := used - set(self.documents):
            raise ValueError(f"documents are cited but not named: {', '.join(sorted(missing))}")
        return self

    def line(self, key: str, project: Project, day: dt.date) -> Line | None:
        """The value in force on a day for a project's rule book; None where the rules do not apply or say nothing then."""
        if project.regime not in self.regimes:
            return None
        begun = [
            value for value in self.rules[key].values if value.from_ <= day and (value.to is None or day <= value.to)
        ]
        if not begun or begun[-1].value is None:
            return None
        latest = max(begun, key=lambda value: value.from_)
        return Line(
            key=key,
            meaning=self.rules[key].meaning,
            value=latest.value,
            document=self.documents[latest.document],
            article=latest.article,
            checked=latest.checked,
        )


class Line(Section):
    """A rule as applied."""

    key: str
    meaning: dict[str, str]
    value: float
    document: dict[str, str]
    article: dict[str, str]
    checked: bool


@cache
def contract_rules(name: str = "contract-cn") -> ContractRules:
    """The bundled rules. Raises InputError naming the place of each problem in the file."""
    path = Path(str(resources.files("ppp.contract") / "packs")) / f"{name}.yaml"
    document = read_document(path, path.name)
    try:
        return ContractRules.model_validate(without_null(document.data))
    except ValidationError as error:
        raise InputError([document.problem(tuple(e["loc"]), e["msg"]) for e in error.errors()]) from None
