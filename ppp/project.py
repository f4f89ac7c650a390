"""What a project file may say. Each key is declared here once; the reader, the editor's schema and the docs follow.

Amounts are in the file's `unit` of its `currency`, positive in the direction their key names. Rates are fractions a year.
Descriptions hold English, then Chinese. Payment stands in ppp/payment_terms.py, finance and taxes in
ppp/financing.py, the reference project, risks, bids and other routes in ppp/procurement.py, draws in ppp/simulation_terms.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from ppp.contingent_terms import Contingent
from ppp.contract_terms import Contract
from ppp.district import District
from ppp.financing import AssumedFunding, Distributions, Funding, Tax, WorkingCapital
from ppp.payment_terms import Payment
from ppp.procurement import Bid, Comparator, Risk, Route, Support, SystematicRisk
from ppp.quantities import (
    Amount,
    Choice,
    Date,
    Flag,
    Identifier,
    Kind,
    Localised,
    Months,
    Profile,
    Rate,
    Score,
    Section,
    Share,
    Text,
    Year,
    whole,
)
from ppp.simulation_terms import SimulationTerms

Sector = Literal[
    "wastewater",
    "water",
    "waste",
    "road",
    "rail",
    "transit",
    "school",
    "hospital",
    "care",
    "housing",
    "park",
    "energy",
    "culture",
    "other",
]


class Timeline(Section):
    """Financial close, construction, operation, and the length of a period."""

    financial_close: Date = Field(
        description="First day of the first period; money is first spent after it. 融资交割日（首个期间的第一天）"
    )
    construction: Months = Field(description="Length of construction; 0 years when all is spent at close. 建设期")
    operation: Months = Field(description="Length of operation. 运营期")
    period: Literal["year", "half_year", "quarter", "month"] = Field(
        "year", description="Length of a period of the model. 模型期间长度"
    )
    periods_end: Literal["anniversary", "calendar"] = Field(
        "anniversary",
        description="Periods run from close and from the start of operation, or end with the calendar's. 期间截止方式",
    )

    @property
    def construction_years(self) -> int:
        """Construction years begun, the last perhaps short; 1 when all is built at close."""
        return -(-self.construction // 12) or 1

    @property
    def operating_years(self) -> int:
        """Operating years begun, the last perhaps short."""
        return -(-self.operation // 12)

    @model_validator(mode="after")
    def _some_operation(self) -> Timeline:
        if self.operation < 1:
            raise ValueError("operation must last at least 1 month")
        if self.periods_end == "calendar" and self.financial_close.day != 1:
            raise ValueError("periods_end: calendar needs a financial_close on the first day of a month")
        return self


class CapexItem(Section):
    """A line of construction cost beside capex."""

    name: Localised = Field(description="What it is. 名称")
    amount: Amount = Field(description="Cost at the prices of the first construction year. 金额")
    spending: list[Share] | None = Field(
        None, description="Share spent in each construction year; as capex when absent. 分年投资比例"
    )
    escalation: Rate = Field(0.0, description="Growth a year after the first construction year. 年涨幅")


class Construction(Section):
    capex: Amount = Field(
        description="Construction cost without interest and financing fees. 建设投资（不含建设期利息和融资费用）"
    )
    spending: list[Share] | None = Field(
        None, description="Share of capex spent in each construction year; even when absent. 分年投资比例"
    )
    escalation: Rate = Field(
        0.0, description="Growth a year of capex spent after the first construction year. 建设成本年涨幅"
    )
    items: dict[Identifier, CapexItem] = Field(
        {}, description="Further lines of construction cost, each with a profile of its own. 其他建设投资分项"
    )
    land: Amount = Field(
        0.0, description="Land and land-use rights, paid at close and written off over operation. 土地费用"
    )


class Users(Section):
    """What users pay: either an amount, or demand times tariff."""

    payments: Profile | None = Field(None, description="Payments by users, by operating year. 使用者付费")
    demand: Annotated[Profile, Kind("plain")] | None = Field(
        None, description="Units sold by operating year, in demand_scale. 需求量"
    )
    demand_scale: Literal["one", "thousand", "wan", "million", "yi", "billion"] = Field(
        "one", description="Scale of demand. 需求量单位倍数"
    )
    measure: Localised | None = Field(None, description="What demand counts, such as m3 or vehicles. 计量对象")
    tariff: Annotated[Profile, Kind("plain")] | None = Field(
        None, description="Price of one unit of demand, in the currency itself (yuan, not 10 000 yuan). 单价（元）"
    )
    ramp_up: list[Share] | None = Field(
        None, description="Share of the forecast reached in each of the first operating years. 初期达产率"
    )

    @model_validator(mode="after")
    def _one_form(self) -> Users:
        by_demand = self.demand is not None and self.tariff is not None
        if by_demand == (self.payments is not None) or (self.demand is None) != (self.tariff is None):
            raise ValueError("needs either payments, or demand and tariff together")
        return self


class Operation(Section):
    opex: Profile = Field(description="Operation and maintenance cost by operating year. 运营维护成本")
    lifecycle: Profile | None = Field(
        None, description="Renewals and major maintenance by operating year. 大修更新支出"
    )
    other_revenue: Profile | None = Field(None, description="Revenue from third parties other than users. 第三方收入")
    disposal: Amount = Field(0.0, description="Sale proceeds at the end of the last year. 期末资产处置收入")


class Discounting(Section):
    rate: Rate = Field(description="Discount rate of the evaluation. 折现率")
    equity_rate: Rate | None = Field(
        None, description="Return that shareholders ask; the discount rate when absent. 股东要求回报率"
    )
    basis: Literal["nominal", "real"] | None = Field(
        None, description="Must agree with price_basis. 折现率口径（名义 / 实际）"
    )
    systematic_risk: SystematicRisk | None = Field(
        None, description="For a rule book that discounts the PPP at its own rate. 系统性风险（双折现率）"
    )
    risk_premium: Rate = Field(
        0.0, description="Part of the rate that stands for risk; shown against the risk register. 折现率中的风险溢价"
    )


class Indicator(Section):
    weight: Share = Field(description="Weight of the indicator. 权重")
    scores: list[Score] = Field(
        min_length=1, description="One score by each expert, 0 to 100; a list, or a column of a score sheet. 专家评分"
    )

    @model_validator(mode="before")
    @classmethod
    def _column_of_a_sheet(cls, value):
        """`{csv, column}` and `{xlsx, sheet, column}` arrive as {values: [...]}, as profiles do."""
        if isinstance(value, dict) and isinstance(value.get("scores"), dict) and set(value["scores"]) == {"values"}:
            return {**value, "scores": value["scores"]["values"]}
        return value


class Answer(Section):
    """Whether a requirement of the rule book's compliance checklist is met."""

    met: Flag = Field(description="Whether it is met. 是否符合")
    evidence: Text | None = Field(None, description="What shows it: document, date, authority. 依据")


class Confirmation(Section):
    """Somebody has read the official page of a rule that the pack marks unchecked, and signs for it."""

    page: Text = Field(description="Where the rule was read. 查证出处")
    by: Text = Field(description="Who read it. 查证人")


Digits = Annotated[Text, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?%?$")]


class PrintedFigure(Section):
    """A figure of a publication, to set beside the computed one."""

    line: Identifier | None = Field(None, description="Key of a line of the model. 模型行")
    result: Identifier | None = Field(None, description="Key of a result. 结果项")
    year: Annotated[int, Field(ge=1, le=99), whole(1, 99, "an operating year from 1 to 99")] | None = Field(
        None, description="Operating year of the line; its sum over all years when absent. 运营年序"
    )
    scenario: Identifier | None = Field(None, description="Scenario that the figure belongs to. 情景")
    printed: Digits | None = Field(None, description="As printed, in quotes, in the file's unit. 原文数字")
    recomputed: Digits | None = Field(
        None, description="As an independent reader recomputed it where nothing is printed. 他人复算数字（原文未印出）"
    )
    tolerance: Amount | None = Field(
        None, description="Allowed difference; half of the last printed digit when absent. 允许误差"
    )

    @model_validator(mode="after")
    def _one_place(self) -> PrintedFigure:
        if (self.line is None) == (self.result is None):
            raise ValueError("needs either line or result")
        if (self.printed is None) == (self.recomputed is None):
            raise ValueError("needs either printed or recomputed")
        return self

    @property
    def digits(self) -> str:
        """The figure to compare with, as text, so that its own digits say how exact it is."""
        return self.printed if self.printed is not None else self.recomputed


class Published(Section):
    """A published example: the file reproduces printed figures and asks for no verdict."""

    citation: Localised = Field(description="Where it is printed. 出处")
    note: Localised | None = Field(None, description="How the publication is read. 说明")
    figures: list[PrintedFigure] = Field(min_length=1, description="Printed figures. 原文数字")


class Project(Section):
    """A project file."""

    kind: Literal["project"] = Field(description="project, or district for a budget file. 文件类型")
    id: Identifier = Field(description="Unique in a batch; names the report's folder. 项目编号")
    name: Localised = Field(description="Name, in one or both languages. 项目名称")
    status: Literal["illustrative", "published", "draft", "for_decision"] = Field(
        description="What the figures are. 数据性质"
    )
    sector: Sector = Field(description="Sector. 行业")
    district: Text | None = Field(None, description="Path of the district's budget file, from this file. 所属地区文件")
    regime: Identifier = Field(description="Rule book: a file of ppp/regimes. 适用规则")
    appraised: Date = Field(description="Date of the appraisal; rules are those in force then. 评价日期")
    stock_project: Flag = Field(False, description="Begun under the earlier rules and carried on. 存量项目")
    strongly_public: Flag = Field(
        False, description="Strongly public in character, so private capital has a required share. 公共属性较强"
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field(description="ISO code, such as CNY. 币种")
    unit: Literal["one", "thousand", "wan", "million", "yi", "billion"] = Field(
        description="Scale of every amount in the file. 金额单位"
    )
    price_basis: Literal["nominal", "real"] = Field(
        description="nominal: money of each year; real: money of price_year. 价格口径"
    )
    price_year: Year | None = Field(None, description="Year whose prices a real file uses. 价格基准年")
    inflation: Rate | None = Field(None, description="General inflation of a real file. 通货膨胀率")
    timeline: Timeline = Field(description="Dates. 期限")
    construction: Construction = Field(description="Construction. 建设")
    operation: Operation = Field(description="Operation. 运营")
    users: Users | None = Field(None, description="What users pay. 使用者付费")
    payment: Payment = Field(description="What the government pays. 政府付费机制")
    funding: Funding | None = Field(None, description="Funding model. 融资方案")
    assumed_funding: AssumedFunding | None = Field(
        None, description="Capital and loan given, not modelled. 给定的资本金与贷款"
    )
    tax: Tax | None = Field(None, description="Income tax; none when absent. 所得税")
    working_capital: WorkingCapital | None = Field(None, description="Working capital by days. 营运资金")
    distributions: Distributions | None = Field(None, description="Limits on distributions. 分红限制")
    discounting: Discounting = Field(description="Discount rates. 折现")
    comparator: Comparator | None = Field(None, description="Public sector comparator. 公共部门比较值")
    risks: dict[Identifier, Risk] = Field({}, description="Risk register. 风险清单")
    bids: dict[Identifier, Bid] = Field({}, description="Bids, levelled and ranked. 投标方案")
    routes: dict[Identifier, Route] = Field({}, description="Other ways of procurement. 其他采购方式")
    support: dict[Identifier, Support] = Field({}, description="Supporting input by the government. 配套投入")
    qualitative: dict[Identifier, Indicator] | None = Field(
        None, description="Expert scores by indicator of the rule book. 定性评价"
    )
    contract: Contract | None = Field(None, description="The life of the contract. 合同履约")
    contingent: Contingent | None = Field(
        None, description="Guarantees and termination sums, for the district's report. 或有支出条款（担保与提前终止）"
    )
    conventions: dict[Identifier, Choice] = Field(
        {}, description="Conventions of the rule book that this project overrides. 约定调整"
    )
    confirmed_rules: dict[Identifier, Confirmation] = Field(
        {}, description="Unchecked rules that somebody has read at the source. 已查证规则"
    )
    compliance: dict[Identifier, Answer] = Field(
        {}, description="Answers to the rule book's compliance checklist. 合规清单"
    )
    ranges: dict[str, dict[str, object]] = Field(
        {}, description="Plausible low and high of an input, by dotted key. 合理区间"
    )
    scenarios: dict[Identifier, dict[str, object]] = Field({}, description="Named changes to this file. 情景")
    simulation: SimulationTerms | None = Field(None, description="Which inputs are drawn, and how. 模拟（蒙特卡洛）")
    published: Published | None = Field(None, description="Printed figures of a publication. 文献数字")

    _districts: District | None = PrivateAttr(None)
    _origin: object = PrivateAttr(None)
    _signed: Project | None = PrivateAttr(None)  # whose loan this project bears instead of sizing its own

    @property
    def budget(self) -> District | None:
        """The district whose budget bears the project, when the file names one."""
        return self._districts

    @property
    def reviewed(self) -> bool:
        """Whether the file says enough about the life of its contract for a yearly appraisal."""
        given = self.contract
        return self.funding is not None and given is not None and bool(given.model_fields_set - {"on_balance_sheet"})
