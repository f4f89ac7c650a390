"""What a project file may say about performance: indicators, scores, the scales that turn them into payment, and deductions.

Amounts and descriptions as in ppp/project.py. Tables may be written out, or read: `{table: scores.csv}`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ppp.quantities import (
    Flag,
    Identifier,
    Kind,
    Localised,
    Rate,
    Score,
    Section,
    Share,
    Year,
    number,
    text,
    whole,
)
from ppp.scalars import UNREADABLE, Doubtful


def _noted(value: Any) -> str:
    """A cell of a table as text: what stands there, whatever it looks like."""
    if isinstance(value, Doubtful) and value is not UNREADABLE:
        value = value.text
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return text(value)


Noted = Annotated[str, BeforeValidator(_noted), WithJsonSchema({"type": "string"})]
Plain = Annotated[
    float, Kind("plain"), number(0.0, 1e9, "a number from 0 to 1000000000"), WithJsonSchema({"type": "number"})
]
Phase = Literal["construction", "operation"]


class ScaleBand(Section):
    """From a score upwards, up to the next band."""

    score: Score = Field(description="Score at which the band begins. 起始分值")
    share: Share = Field(description="Share of the payment at that score. 对应付费比例")
    per_point: Rate = Field(0.0, description="More for each point above it. 每分增加比例")
    rectify: Flag = Field(False, description="Paid only after rectification. 整改合格后支付")


Scale = Annotated[list[ScaleBand], Field(min_length=1, max_length=101)]


class PerformanceIndicator(Section):
    """One leaf of the indicator tree."""

    name: Localised = Field(description="Name. 指标名称")
    phase: Phase = Field("operation", description="Phase in which it is scored. 评价阶段")
    group: Literal["output", "effect", "management"] = Field(
        description="Branch of the tree. 指标类别（产出 / 效果 / 管理）"
    )
    weight: Share = Field(description="Weight in its phase. 权重")
    target: Localised | None = Field(None, description="Target value. 目标值")


class ScoreRow(Section):
    """One score of one contract year."""

    year: Year = Field(description="Year in which the contract year ends. 年度")
    indicator: Identifier = Field(description="Indicator. 指标")
    score: Score = Field(description="Score, 0 to 100. 得分")
    evidence: Noted | None = Field(None, description="Evidence: document, measurement, page. 佐证材料")
    assessor: Noted | None = Field(None, description="Who assessed it. 评价人")


class Area(Section):
    """Areas of one weight."""

    name: Localised = Field(description="Name. 区域类别")
    weight: Plain = Field(description="Weight of one area. 权重")
    count: Plain = Field(description="How many areas there are. 数量")


class Unavailable(Section):
    """Areas that were not available in a contract year."""

    year: Year = Field(description="Year in which the contract year ends. 年度")
    area: Identifier = Field(description="Kind of area. 区域类别")
    periods: Plain = Field(description="Periods during which one area was not available. 不可用时段数")
    cause: Noted | None = Field(None, description="Cause. 原因")


class Ratchet(Section):
    """Repeated failure costs more."""

    after: Plain = Field(description="Events of a kind of area in a contract year that cost the plain rate. 起算次数")
    factor: Annotated[float, number(1.0, 10.0, "a factor from 1 to 10"), WithJsonSchema({"type": "number"})] = Field(
        description="Factor on the deduction of each later event. 加重系数"
    )


class AvailabilityDeductions(Section):
    """weight x rate x periods; the rate is such that all areas down for half of the periods cost the whole payment."""

    areas: dict[Identifier, Area] = Field(min_length=1, description="Kinds of areas. 区域类别")
    periods_a_day: Annotated[int, whole(1, 1440, "a whole number from 1 to 1440")] = Field(
        description="Periods of a day. 每日时段数"
    )
    days: Annotated[int, whole(1, 366, "a whole number from 1 to 366")] = Field(
        365, description="Days of service a year. 每年服务天数"
    )
    round_rate_to: Plain = Field(
        0.0, description="Step to which the rate is rounded, in the currency itself; 0 leaves it. 单价取整（元）"
    )
    ratchet: Ratchet | None = Field(None, description="Repeated failure. 重复不可用加重")
    cap: Share = Field(1.0, description="Largest deduction as a share of the year's payment. 扣减上限")
    events: list[Unavailable] = Field([], description="What was not available. 不可用记录")


class Performance(Section):
    """Scores become shares of the payment; without scores the payment is whole."""

    linked: Share = Field(
        description="Share of the construction payment that depends on operating performance. 建设成本与运营绩效挂钩比例"
    )
    construction_part: Share | None = Field(
        None,
        description="Part of the payment that is for construction; by the formula's parts when the payment is one. 付费中建设成本占比",
    )
    construction_scale: Identifier | Scale = Field(
        description="Scale of R1: a name of the bundled rules, or bands. 建设期绩效付费标准"
    )
    operation_scale: Identifier | Scale = Field(
        description="Scale of R2: a name of the bundled rules, or bands. 运营期绩效付费标准"
    )
    fractional: Literal["on_the_line", "whole_points", "nearest_point"] = Field(
        "on_the_line", description="How a score between two points is read. 小数分值的处理"
    )
    floor: Share = Field(0.0, description="Smallest share of a year's payment. 付费比例下限")
    cap: Share = Field(1.0, description="Largest share of a year's payment. 付费比例上限")
    indicators: dict[Identifier, PerformanceIndicator] = Field(min_length=1, description="Indicator tree. 绩效指标体系")
    scores: list[ScoreRow] = Field([], max_length=2000, description="Scores by contract year. 绩效评分")
    availability: AvailabilityDeductions | None = Field(None, description="Deductions for unavailability. 可用性扣减")

    @model_validator(mode="after")
    def _whole_trees(self) -> Performance:
        for scale in (self.construction_scale, self.operation_scale):
            if isinstance(scale, list):
                starts = [band.score for band in scale]
                if starts[0] != 0 or starts != sorted(set(starts)):
                    raise ValueError("a scale begins at the score 0 and its bands follow one another upwards")
        for phase in {indicator.phase for indicator in self.indicators.values()}:
            total = sum(i.weight for i in self.indicators.values() if i.phase == phase)
            if abs(total - 1.0) > 1e-9:
                raise ValueError(f"the weights of {phase} add to {total:.4%}; allowed: 100%")
        if self.floor > self.cap:
            raise ValueError("floor is above cap")
        return self
