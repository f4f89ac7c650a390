"""What a district file may say: the budgets that bear the projects, the debt, the projects themselves and the plan for them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from ppp.contingent_terms import Correlation, DebtGuarantee, RevenueGuarantee, Termination
from ppp.quantities import (
    Amount,
    Date,
    Identifier,
    Kind,
    Localised,
    Rate,
    Score,
    Section,
    Share,
    Text,
    Year,
    Years,
    number,
)

Count = Annotated[
    float, Kind("plain"), number(0.0, 1e6, "a number from 0 to 1000000"), WithJsonSchema({"type": "number"})
]
Sequence = Annotated[list[Amount], Field(min_length=1, max_length=99)]


class BudgetYear(Section):
    """One settled year of the three budgets; what is given beside expenditure is given for every year."""

    year: Year = Field(description="Calendar year. 年度")
    expenditure: Amount = Field(description="General public budget expenditure. 一般公共预算支出")
    revenue: Amount | None = Field(None, description="General public budget revenue of its own. 一般公共预算收入")
    transfers: Amount | None = Field(None, description="Transfers from higher governments. 上级转移支付收入")
    fund_revenue: Amount | None = Field(None, description="Government-fund budget revenue. 政府性基金预算收入")
    fund_expenditure: Amount | None = Field(None, description="Government-fund budget expenditure. 政府性基金预算支出")
    capital_revenue: Amount | None = Field(None, description="State-capital budget revenue. 国有资本经营预算收入")
    capital_expenditure: Amount | None = Field(
        None, description="State-capital budget expenditure. 国有资本经营预算支出"
    )


class BudgetGrowth(Section):
    """Growth a year by hand; by the rule book's method where absent."""

    revenue: Rate | None = Field(None, description="General public budget revenue. 一般公共预算收入增长率")
    transfers: Rate | None = Field(None, description="Transfers. 转移支付增长率")
    fund_revenue: Rate | None = Field(None, description="Government-fund revenue. 基金收入增长率")
    fund_expenditure: Rate | None = Field(None, description="Government-fund expenditure. 基金支出增长率")
    capital_revenue: Rate | None = Field(None, description="State-capital revenue. 国资预算收入增长率")
    capital_expenditure: Rate | None = Field(None, description="State-capital expenditure. 国资预算支出增长率")


class Commitment(Section):
    """Spending already promised to PPP projects, by calendar year from `from_year`."""

    name: Localised = Field(description="Project or group of projects. 项目名称")
    from_year: Year = Field(description="Year of the first amount. 首个年度")
    spending: Annotated[list[Amount], Field(min_length=1, max_length=99)] = Field(
        description="Spending of each year. 逐年支出责任"
    )
    sector: Identifier = Field("other", description="Sector, as in project files. 行业")


class DebtStock(Section):
    """Government debt of one kind at the end of the last recorded year, and its service."""

    outstanding: Amount = Field(description="Debt at the end of the last recorded year. 期末债务余额")
    rate: Rate = Field(description="Average interest rate a year. 平均利率")
    principal: Sequence = Field(description="Principal due in each year after that. 逐年到期本金")
    refinanced: Share = Field(0.0, description="Part of principal that new bonds repay. 再融资比例")
    floating: Share = Field(0.0, description="Part whose rate follows the market at once. 浮动利率占比")
    borrowing: list[Amount] = Field([], description="New bonds in each year after that. 逐年新增债券")


class DebtStocks(Section):
    general: DebtStock = Field(description="General debt, served by the general public budget. 一般债务")
    special: DebtStock = Field(description="Special debt, served by the government-fund budget. 专项债务")


class Listed(Section):
    """A project of the district, under its own id."""

    file: Text = Field(description="Path of the project file, from this file. 项目文件")
    scenario: Identifier | None = Field(None, description="Scenario of that file; the base when absent. 情景")
    stage: Literal["committed", "candidate"] = Field("committed", description="Decided, or up for choice. 已定 / 备选")
    priority: Score | None = Field(None, description="Stated priority, 0 to 100. 优先级评分")
    defer_up_to: Years = Field(0, description="Latest start after its own date. 最长推迟")
    scales: list[Share] = Field([], description="Sizes at which it can be built, beside the whole. 可选规模")
    needs: list[Identifier] = Field([], description="Projects that must be there when it starts. 前置项目")
    staff: Count = Field(0.0, description="Staff it needs in each year before operation. 建设期所需人员")
    revenue_guarantee: RevenueGuarantee | None = Field(None, description="Minimum revenue. 最低收入保障")
    debt_guarantee: DebtGuarantee | None = Field(None, description="Debt guarantee. 债务担保")
    termination: Termination | None = Field(None, description="Early termination. 提前终止")


class Guarantee(Section):
    """A guarantee of the district outside its PPP projects."""

    name: Localised = Field(description="What is guaranteed. 担保事项")
    from_year: Year = Field(description="Year of the first amount. 首个年度")
    outstanding: Sequence = Field(description="Guaranteed amount of each year. 逐年担保余额")
    probability: Share = Field(description="Probability of a call in a year. 年代偿概率")
    recovery: Share = Field(0.0, description="Part that is recovered afterwards. 回收率")
    correlation: Correlation = Field(0.0, description="Correlation with a weak economy. 与经济下行的相关系数")


class Plan(Section):
    """How candidates are chosen and scheduled."""

    objective: Literal["value_for_money", "priority"] = Field(
        "value_for_money", description="What is made as large as possible in total. 优化目标"
    )
    escalation: Rate = Field(0.0, description="Growth a year of the cost of a deferred project. 推迟成本增长率")
    staff: list[Count] = Field([], description="Staff in each year from the first; the last one stays. 各年可用人员")
    sector_limits: dict[Identifier, Share] = Field(
        {}, description="Largest share of general expenditure by sector. 行业占比上限"
    )
    wished: list[Identifier] = Field([], description="Candidates that are wanted all together. 拟同时实施的项目")


class Places(Section):
    """Counties and cities of the province, for the grades of the emergency plan."""

    all: Count = Field(description="How many there are. 市县总数")
    in_default: Count = Field(0.0, description="How many others cannot pay. 其他无法偿付的市县数")


class Code(Section):
    code: Text = Field(description="Code as printed, in quotes. 科目编码")
    name: Localised = Field(description="Name. 科目名称")


class Accounts(Section):
    """Budget accounts by sector and economic classification by responsibility, with the year of the code book."""

    year: Year = Field(description="Year of the code book. 科目年度")
    sectors: dict[Identifier, Code] = Field({}, description="Budget account by sector. 功能分类科目")
    spending: dict[Identifier, Code] = Field({}, description="Economic classification by responsibility. 经济分类科目")
    confirmed_by: Text | None = Field(None, description="Who has checked the codes. 核对人")


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
    other_growth: BudgetGrowth = Field(
        default_factory=BudgetGrowth, description="Growth a year of the other budget lines. 其他预算增长率"
    )
    commitments: dict[Identifier, Commitment] = Field({}, description="Existing PPP commitments. 已有支出责任")
    note: Text | None = Field(None, description="Remark. 备注")
    regime: Identifier | None = Field(
        None, description="Rule book of the district's report; needed where the file lists projects. 适用规则"
    )
    appraised: Date | None = Field(
        None, description="Date of the report; the end of the last recorded year when absent. 报告日期"
    )
    discount_rate: Rate | None = Field(None, description="Rate for present values. 折现率")
    reserves: Amount = Field(0.0, description="Cash reserves at the end of the last recorded year. 期末结余资金")
    found_within_budget: Share = Field(
        0.0, description="Part of projects' spending met by cutting other spending; the rest is added. 预算内消化比例"
    )
    debt: DebtStocks | None = Field(None, description="Government debt. 政府债务")
    economy: Share = Field(0.0, description="Standard deviation a year of revenue's growth. 财政收入年波动率")
    projects: dict[Identifier, Listed] | None = Field(None, description="Projects, by their own id. 项目")
    guarantees: dict[Identifier, Guarantee] = Field({}, description="Guarantees outside PPP. 其他担保")
    plan: Plan | None = Field(None, description="Choice and schedule of candidates. 项目排期")
    places: Places | None = Field(None, description="The province's counties and cities. 全省市县")
    accounts: Accounts | None = Field(None, description="Budget codes; the bundled ones when absent. 预算科目")
