"""What a district file may say: the budget that bears the projects."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ppp.quantities import Amount, Identifier, Localised, Rate, Section, Text, Year


class BudgetYear(Section):
    year: Year = Field(description="Calendar year. 年度")
    expenditure: Amount = Field(description="General public budget expenditure. 一般公共预算支出")


class Commitment(Section):
    """Spending already promised to PPP projects, by calendar year from `from_year`."""

    name: Localised = Field(description="Project or group of projects. 项目名称")
    from_year: Year = Field(description="Year of the first amount. 首个年度")
    spending: Annotated[list[Amount], Field(min_length=1, max_length=99)] = Field(
        description="Spending of each year. 逐年支出责任"
    )


class District(Section):
    """A district file."""

    kind: Literal["district"] = Field(description="district. 文件类型")
    id: Identifier = Field(description="Identifier. 编号")
    name: Localised = Field(description="Name. 名称")
    status: Literal["illustrative", "draft", "for_decision"] = Field(description="What the figures are. 数据性质")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field(description="ISO code. 币种")
    unit: Literal["one", "thousand", "wan", "million", "yi", "billion"] = Field(
        description="Scale of amounts. 金额单位"
    )
    budget: Annotated[list[BudgetYear], Field(min_length=1, max_length=60)] = Field(
        description="Past years, five or more in a row. 历年预算"
    )
    growth: Rate | None = Field(
        None, description="Growth a year of expenditure; by the rule book's method when absent. 支出年增长率"
    )
    commitments: dict[Identifier, Commitment] = Field({}, description="Existing PPP commitments. 已有支出责任")
    note: Text | None = Field(None, description="Remark. 备注")
