"""What a project file may say about finance: tranches of debt, equity, reserves, distributions, working capital, taxes.

Amounts and rates as in ppp/project.py; descriptions hold English, then Chinese.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ppp.quantities import (
    Amount,
    Cover,
    Days,
    Flag,
    Identifier,
    Localised,
    Months,
    Rate,
    Section,
    Share,
    Years,
    given,
    whole,
)


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
