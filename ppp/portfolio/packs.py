"""Debt-risk rules and budget codes as data: files of ppp/portfolio/packs, read strictly. Code asks for them by key."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError

from ppp.district import Accounts, BudgetYear, Code, District
from ppp.problems import InputError
from ppp.quantities import Flag, Identifier, Localised, Section
from ppp.reading import read_document

Model = TypeVar("Model", bound=Section)
Measure = Literal[
    "interest_share_general", "interest_share_special", "unpaid", "places_share_in_default", "places_in_default"
]
Part = Literal[tuple(key for key in BudgetYear.model_fields if key.endswith(("revenue", "transfers")))]


class Cited(Section):
    document: Identifier
    checked: Flag


class Capacity(Cited):
    parts: list[Part]


class Colour(Cited):
    colour: Literal["red", "orange", "yellow", "green"]
    at_least: float


class Condition(Section):
    """A measure of a year is above a line, or reaches it."""

    measure: Measure
    above: float | None = None
    at_least: float | None = None


class Trigger(Cited, Condition):
    pass


class Grade(Cited):
    grade: Identifier
    name: Localised
    when: list[Condition] = Field(min_length=1)
    actions: list[Localised] = Field(min_length=1)


class CitedValue(Cited):
    value: float


class Matrix(Cited):
    """Bounds between low and medium, and between medium and high."""

    likelihood: list[float] = Field(min_length=2, max_length=2)
    impact: list[float] = Field(min_length=2, max_length=2)


class Shock(Section):
    """One stress test: what is changed from the first year of the forecast on."""

    key: Identifier
    revenue: float = 0.0
    no_growth: Flag = False
    rate: float = 0.0
    guarantees: Flag = False
    termination: Flag = False


class DebtRules(Section):
    id: Identifier
    name: Localised
    documents: dict[Identifier, Localised]
    capacity: Capacity
    colours: list[Colour] = Field(min_length=1)
    reorganisation: list[Trigger] = Field(min_length=1)
    reorganisation_actions: list[Localised] = Field(min_length=1)
    grades: list[Grade] = Field(min_length=1)
    rigid_share: CitedValue
    assumed_termination: CitedValue
    stress: list[Shock]
    matrix: Matrix


def folder() -> Path:
    return Path(str(resources.files("ppp.portfolio") / "packs"))


@cache
def debt_rules(name: str = "debt-risk-cn") -> DebtRules:
    return _read(DebtRules, folder() / f"{name}.yaml")


@cache
def bundled_accounts(name: str = "accounts-cn-2021") -> Accounts:
    return _read(Accounts, folder() / f"{name}.yaml")


def accounts_of(district: District) -> Accounts:
    """The district's codes; where its file is silent the bundled ones, which nobody has confirmed."""
    bundled, own = bundled_accounts(), district.accounts
    if own is None:
        return bundled
    sectors, spending = {**bundled.sectors, **own.sectors}, {**bundled.spending, **own.spending}
    return Accounts(year=own.year, sectors=sectors, spending=spending, confirmed_by=own.confirmed_by)


def code_of(accounts: Accounts, sector: str, responsibility: str) -> tuple[Code, Code]:
    """Budget account (by function) and economic classification of a spending."""
    return accounts.sectors[sector], accounts.spending[responsibility]


def _read(model: type[Model], path: Path) -> Model:
    document = read_document(path, path.name)
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise InputError([document.problem(tuple(e["loc"]), e["msg"]) for e in error.errors()]) from None
