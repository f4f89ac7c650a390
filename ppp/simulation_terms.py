"""What a project file may say about drawing its inputs: which vary, how, together with which others, and how often.

Descriptions hold English, then Chinese. What the distributions mean in numbers stands in ppp/model/distributions.py.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ppp.model.distributions import Distribution, problem_of
from ppp.quantities import LARGEST, Cover, Identifier, Localised, Section, Share, Text, given, number, rate, whole

_PERCENT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})? ?%")
_PLAIN = number(-LARGEST, LARGEST, "a number such as 1.05, or a percentage such as 5%")

PARAMETERS = {
    "triangular": ("low", "likely", "high"),
    "pert": ("low", "likely", "high"),
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "discrete": ("values", "probabilities"),
    "empirical": ("values",),
}
CUT = ("normal", "lognormal")  # shapes without ends of their own, which low and high may cut
POINTS = tuple(2**power for power in range(4, 19))


def _quantity(value: Any) -> float:
    """A number in the unit of the input that it moves, which judges it; a percentage is a fraction."""
    if isinstance(value, str) and _PERCENT.fullmatch(value.strip()):
        return float(Decimal(value.strip().rstrip("%").strip()) / 100)
    return _PLAIN.func(value)


def _points(value: Any) -> int:
    points = whole(POINTS[0], POINTS[-1], f"a power of two from {POINTS[0]} to {POINTS[-1]}").func(value)
    if points not in POINTS:
        near = sorted(POINTS, key=lambda power: abs(power - points))[:2]
        raise ValueError(f"is not a power of two, {given(value)}; allowed: {min(near)} or {max(near)}")
    return points


Quantity = Annotated[
    float,
    BeforeValidator(_quantity),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?\s?%$"}]}),
]


class Drawn(Section):
    """One random quantity and the inputs that it moves."""

    name: Localised | None = Field(None, description="What is uncertain; the input's own name when absent. 名称")
    sets: Text | None = Field(None, description="Dotted key of the input whose value is drawn. 直接取值的输入项")
    multiplies: list[Text] | None = Field(
        None, description="Dotted keys of inputs that the draw multiplies, such as cost on both sides. 共同相乘的输入项"
    )
    adds_to: list[Text] | None = Field(
        None, description="Dotted keys of inputs to which the draw is added, such as rates. 共同相加的输入项"
    )
    shape: Literal["triangular", "pert", "uniform", "normal", "lognormal", "discrete", "empirical"] = Field(
        description="Distribution. 分布类型"
    )
    low: Quantity | None = Field(None, description="Lowest value; cuts a normal or lognormal one. 最低值（或截断下限）")
    likely: Quantity | None = Field(None, description="Most likely value. 最可能值")
    high: Quantity | None = Field(
        None, description="Highest value; cuts a normal or lognormal one. 最高值（或截断上限）"
    )
    mean: Quantity | None = Field(None, description="Mean of the value itself, before any cut. 均值（截断前）")
    sd: Quantity | None = Field(
        None, description="Standard deviation of the value itself, before any cut. 标准差（截断前）"
    )
    values: list[Quantity] | None = Field(
        None, min_length=1, description="Values, as a list or a column of a CSV file or workbook. 取值（列表或数据列）"
    )
    probabilities: list[Share] | None = Field(None, description="Probability of each value. 各值概率")

    @model_validator(mode="before")
    @classmethod
    def _column_of_a_sheet(cls, value: Any) -> Any:
        """`{csv, column}` and `{xlsx, sheet, column}` arrive as {values: [...]}, as profiles do."""
        if isinstance(value, dict) and isinstance(value.get("values"), dict) and set(value["values"]) == {"values"}:
            return {**value, "values": value["values"]["values"]}
        return value

    @model_validator(mode="after")
    def _whole(self) -> Drawn:
        ways = [key for key in ("sets", "multiplies", "adds_to") if getattr(self, key)]
        if len(ways) != 1:
            raise ValueError(f"needs one of sets, multiplies or adds_to, {given(', '.join(ways) or 'none')}")
        needed = PARAMETERS[self.shape]
        optional = ("low", "high") if self.shape in CUT else ()
        present = [
            key for key in ("low", "likely", "high", "mean", "sd", "values", "probabilities") if key in self.said
        ]
        missing = [key for key in needed if key not in present]
        extra = [key for key in present if key not in (*needed, *optional)]
        if missing or extra:
            wrong = f"lacks {', '.join(missing)}" if missing else f"has no {', '.join(extra)}"
            cut = "; low and high may cut it" if optional else ""
            raise ValueError(f"a {self.shape} distribution {wrong}; allowed: {', '.join(needed)}{cut}")
        if wrong := problem_of(self.distribution):
            raise ValueError(wrong)
        return self

    @property
    def said(self) -> set[str]:
        return {key for key in type(self).model_fields if getattr(self, key) is not None}

    @property
    def moves(self) -> tuple[str, ...]:
        """Dotted keys of the inputs that it moves."""
        return (self.sets,) if self.sets else tuple(self.multiplies or self.adds_to or ())

    @property
    def distribution(self) -> Distribution:
        lists = {
            key: None if getattr(self, key) is None else tuple(getattr(self, key))
            for key in ("values", "probabilities")
        }
        return Distribution(self.shape, self.low, self.likely, self.high, self.mean, self.sd, **lists)


class Correlation(Section):
    """Two random quantities that move together."""

    between: list[Text] = Field(
        min_length=2,
        max_length=2,
        description="Two names of inputs here, or dotted keys of ranges. 相关的两个随机量",
    )
    rank: Annotated[float, rate(-1.0, 1.0)] = Field(
        description="Rank correlation (Spearman), -100% to 100%. 秩相关系数（斯皮尔曼）"
    )


class SimulationTerms(Section):
    """Which inputs are drawn and how. Inputs that have a plausible range and no distribution here are drawn triangularly."""

    points: (
        Annotated[int, BeforeValidator(_points), WithJsonSchema({"type": "integer", "enum": list(POINTS)})] | None
    ) = Field(None, description="Points of each scramble, a power of two; else as the command says. 每组样本点数")
    scrambles: Annotated[int, whole(2, 64, "a whole number from 2 to 64")] = Field(
        8, description="Independent scrambles; their scatter is the sampling error. 独立重复组数"
    )
    sampling: Literal["sobol", "pseudo_random"] = Field(
        "sobol", description="Scrambled Sobol points, or pseudo-random numbers. 抽样方法"
    )
    loan: Literal["resized", "held"] = Field(
        "resized",
        description="Each draw sizes its own loan, or bears the base case's loan under stress. 债务处理（逐次重算 / 沿用基准债务）",
    )
    risks: Literal["expected", "drawn"] = Field(
        "expected",
        description="Risks at their expected cost, or drawn from their outcomes and distributions. 风险取期望值或逐次抽样",
    )
    covenant: Cover | None = Field(
        None,
        description="DSCR below which a covenant is broken; the lock-up, else what the lender asks. 偿债备付率约定值",
    )
    inputs: dict[Identifier, Drawn] = Field({}, description="Random quantities by name. 随机量")
    correlations: list[Correlation] = Field([], description="Which of them move together. 相关关系")
