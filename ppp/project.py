"""What a project file may say. Each key is declared here once; the reader, the editor's schema and the docs follow.

Amounts are in the file's `unit` of its `currency`, positive in the direction their key names. Rates are fractions a year.
Descriptions hold English, then Chinese. The reference project, risks, bids and other routes stand in ppp/procurement.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from ppp.contract_terms import Contract
from ppp.district import District
from ppp.procurement import Bid, Comparator, Risk, Route, Support, SystematicRisk
from ppp.quantities import (
    Amount,
    Choice,
    Cover,
    Date,
    Days,
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
    Years,
    given,
    whole,
)

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


class RevenueBand(Section):
    """What users pay above an amount is shared, up to the next band."""

    above: Profile = Field(description="User payments by operating year above which the band begins. 分成起点")
    government: Share = Field(description="Government's share of what lies in the band. 政府分成比例")


class UserPay(Section):
    """Users pay; the government pays nothing but what it guarantees, and may share what exceeds the forecast."""

    kind: Literal["user_pay"] = Field(description="How the project is paid. 付费机制")
    minimum_revenue: Profile | None = Field(
        None, description="User payments that the government guarantees, by operating year. 最低收入保证"
    )
    revenue_share: list[RevenueBand] | None = Field(
        None, min_length=1, description="Bands of user payments shared with the government. 超额收入分成"
    )


class SubsidyFormula(Section):
    """A yearly payment by formula; the conventions (subsidy_*) say which reading of the formula."""

    profit_rate: Rate = Field(description="Reasonable profit rate, a one-off mark-up of cost. 合理利润率")
    rate: Rate | None = Field(
        None, description="Rate of the formula; the discount rate when absent. 年度折现率（公式用）"
    )
    years: Years | None = Field(
        None, description="Subsidy years from the first operating year; all when absent. 补贴年限"
    )
    equity_returned_without_profit: Amount = Field(
        0.0, description="Part of capital returned evenly without profit. 不计利润返还的资本金"
    )
    debt_service: Profile | None = Field(
        None, description="Debt service passed through, by operating year. 按实支付的还本付息"
    )


class GovernmentPay(SubsidyFormula):
    """The government pays everything by formula."""

    kind: Literal["government_pay"] = Field(description="How the project is paid. 付费机制")


class ViabilityGap(SubsidyFormula):
    """The government pays what the formula gives less what users pay."""

    kind: Literal["viability_gap"] = Field(description="How the project is paid. 付费机制")
    excess_share: Share | None = Field(
        None,
        description="Share of a negative gap that the company pays over (convention negative_gap: share). 超额分成",
    )


class Availability(Section):
    """A yearly payment for keeping the asset available, part of it indexed."""

    kind: Literal["availability"] = Field(description="How the project is paid. 付费机制")
    amount: Profile = Field(description="Payment by operating year at full availability, before indexation. 可用性付费")
    indexed_share: Share = Field(0.0, description="Part of the payment that is indexed. 调价部分占比")
    index: Rate = Field(0.0, description="Growth a year of the index after the first operating year. 调价指数年增长率")
    pass_through: Profile | None = Field(
        None, description="Cost reimbursed as incurred, such as energy, by operating year. 据实支付成本"
    )


class ShadowTariff(Section):
    """The government pays a price for every unit used."""

    kind: Literal["shadow_tariff"] = Field(description="How the project is paid. 付费机制")
    demand: Annotated[Profile, Kind("plain")] = Field(
        description="Units used by operating year, in demand_scale. 需求量"
    )
    demand_scale: Literal["one", "thousand", "wan", "million", "yi", "billion"] = Field(
        "one", description="Scale of demand. 需求量单位倍数"
    )
    measure: Localised | None = Field(None, description="What demand counts, such as vehicles. 计量对象")
    tariff: Annotated[Profile, Kind("plain")] = Field(
        description="What the government pays for one unit, in the currency itself. 影子价格（元）"
    )


Payment = Annotated[UserPay | GovernmentPay | ViabilityGap | Availability | ShadowTariff, Field(discriminator="kind")]


class RateStep(Section):
    from_year: Annotated[int, whole(2, 99, "an operating year from 2 to 99")] = Field(
        description="Operating year from which the rate holds. 起始运营年序"
    )
    rate: Rate = Field(description="Interest rate a year from then on. 利率")


class Debt(Section):
    """A tranche of debt. Its size is the smallest of the limits given."""

    rate: Rate = Field(description="Interest rate a year, nominal; a period bears its share by months. 贷款利率")
    rate_steps: list[RateStep] | None = Field(None, description="Later rates, by operating year. 分段利率")
    tenor: Months = Field(
        description="Repayment, with grace, from the start of operation. 还款期（自运营期起，含宽限期）"
    )
    grace: Months = Field(0, description="Interest only, at the beginning of the tenor. 宽限期（只付息）")
    repayment: Literal["sculpted", "annuity", "equal_principal", "bullet", "custom"] = Field(
        description="How principal is repaid. 还款方式"
    )
    principal: list[Share] | None = Field(
        None, description="Share of principal repaid in each operating year of the tenor (custom). 分年还本比例"
    )
    max_gearing: Share = Field(
        1.0, description="Largest share of this and all earlier debt in debt and equity. 最高债务比例"
    )
    amount: Amount | None = Field(None, description="Largest amount the lender offers. 贷款上限金额")
    dscr: Cover | None = Field(
        None, description="Debt service cover that the lender requires, earlier debt counted. 偿债备付率要求"
    )
    dscr_basis: Literal["after_tax", "before_tax"] = Field(
        "after_tax", description="Cash flow that the cover counts. 偿债备付率口径（税后 / 税前）"
    )
    llcr: Cover | None = Field(
        None, description="Loan life cover at the start of operation, earlier debt counted. 贷款期偿债覆盖率要求"
    )
    tail: Months = Field(0, description="Least time between final maturity and the end of operation. 尾期要求")
    upfront_fee: Rate = Field(0.0, description="Fee on the debt, paid at close. 前端费")
    commitment_fee: Rate = Field(0.0, description="Fee a year on undrawn debt. 承诺费")
    sweep: Share = Field(
        0.0, description="Share of cash left after debt service and reserves that prepays this debt. 现金清偿比例"
    )

    @model_validator(mode="after")
    def _whole(self) -> Debt:
        if self.repayment == "sculpted" and self.dscr is None:
            raise ValueError("repayment: sculpted needs dscr, the cover to sculpt to")
        if (self.repayment == "custom") != (self.principal is not None):
            raise ValueError("repayment: custom and principal, the shares by year, go together")
        if self.tenor < 1:
            raise ValueError("tenor must be at least 1 month")
        if self.grace >= self.tenor:
            raise ValueError("grace must be shorter than tenor")
        steps = [step.from_year for step in self.rate_steps or []]
        if steps != sorted(set(steps)):
            raise ValueError(f"rate_steps must follow one another, {given(steps)}")
        return self


class FurtherDebt(Debt):
    """A tranche behind the senior debt: paid after it, in the order of the file."""

    name: Localised = Field(description="Name. 名称")
    rank: Literal["senior", "subordinated", "shareholder"] = Field(
        description="senior and subordinated lenders count in covers; a shareholder loan is the shareholders' money. 债务级次"
    )


class EquityBridge(Section):
    """A loan that stands in for equity until the end of construction, when equity repays it."""

    rate: Rate = Field(description="Interest rate a year. 利率")


class DebtServiceReserve(Section):
    cover: Months = Field(description="Debt service of how many coming months it holds. 覆盖期限")
    funded: Literal["construction", "cash_flow"] = Field(
        "construction", description="Filled at the end of construction, or from operating cash. 资金来源"
    )


class MaintenanceReserve(Section):
    ahead: Months = Field(description="Renewals are saved for in even parts over so many months before. 提前储备期")
    funded: Literal["construction", "cash_flow"] = Field(
        "construction", description="First filled at the end of construction, or from operating cash. 资金来源"
    )


class Reserves(Section):
    debt_service: DebtServiceReserve | None = Field(None, description="Debt service reserve account. 偿债准备金")
    maintenance: MaintenanceReserve | None = Field(None, description="Maintenance reserve account. 大修准备金")


class StatutoryReserve(Section):
    rate: Share = Field(description="Share of profit put aside. 计提比例")
    limit: Share = Field(description="Until the reserve is this share of paid-in equity. 上限（占实收资本）")


class Distributions(Section):
    """When cash may go to shareholders. Without this section all cash goes to them, and they pay what lacks."""

    lock_up: Cover | None = Field(
        None, description="No distribution in a period with a cover below this. 分红锁定覆盖率"
    )
    from_profit: Flag = Field(True, description="Dividends only from accumulated profit. 仅以累计利润分红")
    return_of_capital: Flag = Field(
        False, description="Cash beyond profit repays capital before the end. 可于期中返还资本金"
    )
    statutory_reserve: StatutoryReserve | None = Field(None, description="Statutory surplus reserve. 法定盈余公积")
    minimum_cash: Amount = Field(0.0, description="Cash that stays in the company. 最低现金余额")


class WorkingCapital(Section):
    """Balances as days of a year of 365; all settled at the end of operation."""

    receivable_days: Days = Field(0.0, description="Days until users and third parties pay. 应收账款周转天数")
    government_days: Days = Field(0.0, description="Days until the government pays. 政府付费回款天数")
    payable_days: Days = Field(0.0, description="Days until operating cost is paid. 应付账款周转天数")
    funded: Literal["construction", "cash_flow"] = Field(
        "construction",
        description="What the first period ties up is filled at the end of construction, or from operating cash. 资金来源",
    )


class Funding(Section):
    """Where the money comes from; debt, fees and interest during construction are solved."""

    government_share: Share = Field(description="Government's share of the equity. 政府方股权比例")
    government_distributions: Share | None = Field(
        None, description="Government's share of distributions; its share of equity when absent. 政府方分红比例"
    )
    order: Literal["pro_rata", "equity_first", "debt_first"] = Field(
        "pro_rata", description="Order in which equity and debt are drawn. 资金到位顺序"
    )
    debt: Debt | None = Field(None, description="Senior debt; all equity when absent. 优先级债务")
    further_debt: dict[Identifier, FurtherDebt] = Field({}, description="Further tranches, in order. 其他债务")
    equity_bridge: EquityBridge | None = Field(None, description="Equity bridge loan. 股权过桥贷款")
    reserves: Reserves | None = Field(None, description="Reserve accounts. 准备金账户")
    opening_cash: Amount = Field(
        0.0, description="Cash left in the company at the end of construction, returned at the end. 铺底流动资金"
    )
    grant: Amount = Field(0.0, description="Capital grant by the government, spent with capex. 政府投资补助")
    close_costs: Amount = Field(0.0, description="Advisers and other costs at financial close. 前期费用")


class AssumedFunding(Section):
    """Capital and loan that a subsidy formula takes as given, without a funding model behind them."""

    capital: Amount = Field(description="Project capital (equity). 项目资本金")
    government_share: Share = Field(description="Government's share of the capital. 政府方股权比例")
    loan: Amount = Field(0.0, description="Loan on which interest during construction is reckoned. 贷款额")
    loan_rate: Rate = Field(0.0, description="Interest rate of that loan. 贷款利率")


class TaxHoliday(Section):
    """Counted from the tax year of the first operating period."""

    exempt: Years = Field(description="Years without tax. 免税年数")
    half: Years = Field(0, description="Years at half the rate after them. 减半年数")


class ValueAddedTax(Section):
    """Amounts of the file are without value-added tax; it moves cash, not cost, unless a credit is never used."""

    revenue: Share = Field(0.0, description="Rate on what users and third parties pay. 使用者付费销项税率")
    government_payment: Share = Field(0.0, description="Rate on what the government pays. 政府付费销项税率")
    capex: Share = Field(0.0, description="Rate on construction cost, without land. 建设投资进项税率")
    costs: Share = Field(0.0, description="Rate on operating cost and renewals. 运营成本进项税率")
    credit: Literal["carried_forward", "refunded"] = Field(
        "carried_forward",
        description="Input tax of construction is set against later output tax, or refunded in the first operating period. 留抵处理",
    )


class Tax(Section):
    """Income tax of the project company."""

    rate: Share = Field(description="Income tax rate. 所得税率")
    holiday: TaxHoliday | None = Field(None, description="Tax holiday. 税收优惠期")
    vat: ValueAddedTax | None = Field(None, description="Value-added tax. 增值税")
    method: Literal["straight_line", "declining_balance", "sum_of_digits"] = Field(
        "straight_line", description="Depreciation method. 折旧方法"
    )
    depreciation: Years | None = Field(
        None,
        description="Years from the start of operation; the whole operation (amortisation of the concession) when absent. 折旧摊销年限",
    )
    first_year: Literal["full", "half"] = Field(
        "full", description="Depreciation in the first year; after a half year the rest falls one year later. 首年折旧"
    )
    losses: Literal["carry_forward", "refund"] = Field(
        "carry_forward", description="A loss reduces later profit, or is refunded at once. 亏损处理"
    )
    loss_years: Years | None = Field(
        None, description="Years for which a loss can be used; without end when absent. 亏损结转年限"
    )


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
    conventions: dict[Identifier, Choice] = Field(
        {}, description="Conventions of the rule book that this project overrides. 约定调整"
    )
    confirmed_rules: dict[Identifier, Confirmation] = Field(
        {}, description="Unchecked rules that somebody has read at the source. 已查证规则"
    )
    ranges: dict[str, dict[str, object]] = Field(
        {}, description="Plausible low and high of an input, by dotted key. 合理区间"
    )
    scenarios: dict[Identifier, dict[str, object]] = Field({}, description="Named changes to this file. 情景")
    published: Published | None = Field(None, description="Printed figures of a publication. 文献数字")

    _districts: District | None = PrivateAttr(None)
    _origin: object = PrivateAttr(None)

    @property
    def budget(self) -> District | None:
        """The district whose budget bears the project, when the file names one."""
        return self._districts

    @property
    def reviewed(self) -> bool:
        """Whether the file says enough about the life of its contract for a yearly appraisal."""
        given = self.contract
        return self.funding is not None and given is not None and bool(given.model_fields_set - {"on_balance_sheet"})
