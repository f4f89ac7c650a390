"""What a project file may say about the life of its contract: what really happened, what is to change, how it may end.

A contract year is a year of construction or of operation, as the model counts them; a table names it by the calendar year of its last
day. Amounts and descriptions as in ppp/project.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from ppp.performance_terms import Noted, Performance, Plain
from ppp.quantities import (
    LARGEST,
    Amount,
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
    Year,
    Years,
    number,
    whole,
)

Net = Annotated[
    float,
    Kind("money"),
    number(-LARGEST, LARGEST, "an amount; negative when it flows the other way"),
    WithJsonSchema({"type": "number"}),
]
OperatingYear = Annotated[int, whole(1, 99, "an operating year from 1 to 99")]


class ActualYear(Section):
    """One contract year as it was. A construction year has capex and progress; an operating year the others."""

    year: Year = Field(description="Calendar year in which the contract year ends. 年度")
    capex: Amount | None = Field(None, description="Construction spending, land apart. 完成建设投资（不含土地）")
    progress: Share | None = Field(None, description="Share of the works done by the end of the year. 累计形象进度")
    demand: Plain | None = Field(None, description="Units sold, in demand_scale of users. 实际需求量")
    tariff: Plain | None = Field(None, description="Average price of a unit, in the currency itself. 实际单价（元）")
    user_payments: Amount | None = Field(None, description="Payments by users. 使用者付费")
    other_revenue: Amount | None = Field(None, description="Revenue from third parties. 第三方收入")
    opex: Amount | None = Field(None, description="Operation and maintenance cost. 运营维护成本")
    lifecycle: Amount | None = Field(None, description="Renewals paid. 大修更新支出")
    lifecycle_done: Amount | None = Field(
        None, description="Forecast cost of the renewals that were done; as forecast when absent. 已完成大修的预算成本"
    )
    government_payment: Net | None = Field(None, description="Paid by the government. 政府付费（补贴）实付")
    retained_risk: Amount | None = Field(None, description="Spent by the government on risks it kept. 自留风险实际支出")
    support: Amount | None = Field(None, description="Supporting input, with the capital grant. 配套投入实际支出")


class Outlook(Section):
    """How much of the last year's deviation stays for the rest of the contract: 0% back to forecast, 100% it stays."""

    users: Share = Field(1.0, description="Of payments by users. 使用者付费偏差的持续比例")
    opex: Share = Field(1.0, description="Of operating cost. 运营成本偏差的持续比例")
    performance: Share = Field(1.0, description="Of the payment lost to performance. 绩效扣减的持续比例")


class Actuals(Section):
    """Outturn, from the first contract year on without a gap."""

    years: Annotated[list[ActualYear], Field(min_length=1, max_length=198)] = Field(
        description="One row a contract year. 逐年实际数"
    )
    variable_opex: Share = Field(
        0.0, description="Part of operating cost that moves with demand. 随需求变动的运营成本占比"
    )
    outlook: Outlook = Field(default_factory=Outlook, description="Assumptions for the rest. 剩余期假设")


class FundYear(Section):
    """Movements of a special fund in one calendar year."""

    year: Year = Field(description="Calendar year. 年度")
    appropriated: Amount = Field(0.0, description="Appropriated. 预算安排（下达）")
    drawn: Amount = Field(0.0, description="Drawn from the appropriation. 拨付到位")
    spent: Amount = Field(0.0, description="Spent on the purpose. 用于规定用途")
    diverted: Amount = Field(0.0, description="Used for something else. 挪用")
    recovered: Amount = Field(0.0, description="Diverted money brought back to the fund. 追回")
    returned: Amount = Field(0.0, description="Drawn money returned to the treasury. 交回国库")
    lapsed: Amount = Field(0.0, description="Appropriation withdrawn before it was drawn. 收回指标")
    next_need: Amount | None = Field(None, description="Spending planned for the next year. 下年度用款计划")


class SpecialFund(Section):
    name: Localised = Field(description="Name. 资金名称")
    purpose: Localised = Field(description="What it may be spent on. 规定用途")
    document: Noted | None = Field(None, description="Document that appropriates it. 下达文号")
    recall_after: Years | None = Field(None, description="Idle for longer, it is recalled. 闲置收回年限")
    years: Annotated[list[FundYear], Field(min_length=1, max_length=99)] = Field(
        description="Movements by year. 逐年收支"
    )


class GateEntry(Section):
    """One thing that an approval needs, and what is there."""

    gate: Identifier = Field(description="Approval step. 审批环节")
    item: Identifier = Field(description="What it needs. 所需文件")
    document: Noted | None = Field(None, description="What is there. 已有文件")
    on: Date | None = Field(None, description="Its day. 日期")
    signed_by: Noted | None = Field(None, description="Who signed. 签批人")


class InvestmentControl(Section):
    """Government investment: the estimates in their order, and the approvals."""

    feasibility: Amount | None = Field(None, description="Total investment of the feasibility study. 可研估算")
    design: Amount | None = Field(None, description="Approved design estimate. 初步设计概算")
    budget: Amount | None = Field(None, description="Construction budget. 施工图预算")
    final_account: Amount | None = Field(None, description="Final account. 竣工决算")
    contractor_advances: Amount = Field(0.0, description="Advanced by contractors. 施工单位垫资")
    reached: Identifier | None = Field(None, description="Last step that the project has taken. 已完成环节")
    gates: list[GateEntry] = Field([], max_length=500, description="Gate sheet. 审批关口资料")


class Refinancing(Section):
    """New terms for the lenders' debt from the end of an operating year. What is not said stays as it is."""

    after_year: OperatingYear = Field(description="At the end of this operating year. 再融资时点（运营年序）")
    rate: Rate | None = Field(None, description="New interest rate. 新利率")
    amount: Amount | None = Field(None, description="New debt; what is owed when absent. 新债务金额")
    maturity: Months | None = Field(
        None, description="Last repayment, from the start of operation. 新到期日（自运营期起）"
    )
    repayment: Literal["annuity", "equal_principal", "sculpted"] | None = Field(
        None, description="How it is repaid. 还款方式"
    )
    cost: Amount = Field(0.0, description="Fees and breakage cost, paid then. 再融资费用及违约金")
    threshold: Amount = Field(0.0, description="Gain up to which nothing is shared. 分享起点")
    government_share: Share = Field(0.5, description="Government's share of the gain above it. 政府分享比例")
    paid: Literal["lump_sum", "payment_cut"] = Field(
        "lump_sum", description="As a sum at once, or by lower payments. 分享方式（一次性 / 降低付费）"
    )


class Variation(Section):
    """A change that the government orders, from an operating year on."""

    name: Localised = Field(description="What changes. 变更内容")
    from_year: OperatingYear = Field(description="First operating year of the change. 起始运营年序")
    cost: Amount = Field(0.0, description="One-off cost in that year. 一次性成本")
    opex: Net = Field(0.0, description="More operating cost a year. 年运营成本增加")
    payment: Net | None = Field(
        None,
        description="More payment a year; solved so that shareholders neither gain nor lose when absent. 年付费增加",
    )


class IndexReset(Section):
    from_year: OperatingYear = Field(description="First operating year of the new index. 起始运营年序")
    index: Rate = Field(description="Growth a year from then on. 新调价指数")


class Extension(Section):
    """More operating years after the last. Amounts are of each added year; debt is repaid by then."""

    years: Annotated[int, whole(1, 50, "a whole number from 1 to 50")] = Field(description="Years added. 延长年数")
    user_payments: Profile | None = Field(None, description="Payments by users. 使用者付费")
    government_payment: Profile | None = Field(None, description="Payment by the government. 政府付费")
    opex: Profile | None = Field(None, description="Operating cost and renewals. 运营成本及大修")


class TerminationTerms(Section):
    """What is paid when the contract ends early for one cause."""

    debt: Share = Field(description="Part of the lenders' debt. 债务补偿比例")
    breakage: Rate = Field(0.0, description="Lenders' breakage cost as a share of that debt. 提前还款费用率")
    equity: Literal["none", "paid_in", "base_case_irr", "base_case_distributions", "market_value"] = Field(
        "none",
        description="How equity is valued; market_value is the PV of the distributions now expected. 股权补偿口径",
    )
    equity_share: Share = Field(1.0, description="Part of that value. 股权补偿比例")
    market_rate: Rate | None = Field(
        None, description="Rate for market_value; the return that shareholders ask when absent. 市场折现率"
    )
    fixed: Amount = Field(0.0, description="Sum that is paid whenever it ends: subcontractors, staff. 固定补偿")
    deducted: Amount = Field(0.0, description="Cost of rectification, taken off. 扣除修复成本")
    less_cash: Flag = Field(True, description="Cash and reserves in the company are taken off. 扣除公司账面资金")


class Termination(Section):
    authority: TerminationTerms | None = Field(None, description="Default of the government. 政府违约")
    company: TerminationTerms | None = Field(None, description="Default of the company. 项目公司违约")
    force_majeure: TerminationTerms | None = Field(None, description="Force majeure. 不可抗力")
    voluntary: TerminationTerms | None = Field(None, description="The government's own choice. 政府单方解除")


class HandbackItem(Section):
    name: Localised = Field(description="What is handed back. 移交内容")
    required: Score = Field(description="Condition required, 0 to 100. 要求的状况评分")
    found: Score | None = Field(None, description="Condition found. 检测的状况评分")
    cost: Amount = Field(0.0, description="Cost of reaching the condition required. 恢复性大修费用")


class Handback(Section):
    retention: Amount = Field(0.0, description="Held back or secured for it. 移交保证金")
    items: dict[Identifier, HandbackItem] = Field(min_length=1, description="Conditions at handback. 移交标准")


class OnBalanceSheet(Section):
    """The asset as a liability of the government's own accounts."""

    liability: Amount = Field(description="Liability at the start of operation. 初始负债")
    rate: Rate = Field(description="Interest rate implicit in the contract. 内含利率")
    payment: Amount | None = Field(
        None, description="Part of the yearly payment that serves it; level over the operation when absent. 每年偿付额"
    )
    residual: Amount = Field(0.0, description="Added to the residual interest every year. 剩余权益年增加额")
    decimals: Annotated[int, whole(0, 6, "a whole number from 0 to 6")] | None = Field(
        None,
        description="Decimals, in the file's unit, to which every year is rounded; unrounded when absent. 逐年保留小数位",
    )


class Contract(Section):
    """The life of the contract."""

    performance: Performance | None = Field(None, description="Performance pay. 绩效付费")
    actuals: Actuals | None = Field(None, description="What really happened. 实际执行")
    special_funds: dict[Identifier, SpecialFund] = Field({}, description="Special funds. 专项资金")
    investment_control: InvestmentControl | None = Field(None, description="Government investment. 政府投资控制")
    refinancing: Refinancing | None = Field(None, description="Refinancing. 再融资")
    variations: dict[Identifier, Variation] = Field({}, description="Ordered changes. 合同变更")
    index_reset: IndexReset | None = Field(None, description="New indexation of the payment. 调价重置")
    extension: Extension | None = Field(None, description="Longer term. 延长期限")
    termination: Termination | None = Field(None, description="Early termination. 提前终止")
    handback: Handback | None = Field(None, description="Handback. 移交")
    on_balance_sheet: OnBalanceSheet | None = Field(
        None, description="Liability in the government's accounts. 表内负债"
    )
