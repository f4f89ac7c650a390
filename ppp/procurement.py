"""What a project file may say about buying the same output otherwise: the reference project, its risks, other routes, and bids.

Amounts and rates as in ppp/project.py; descriptions hold English, then Chinese.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ppp.quantities import (
    Amount,
    Factor,
    Identifier,
    Localised,
    Profile,
    Rate,
    Section,
    Share,
    Text,
    Years,
    number,
)

Phase = Literal["construction", "operation"]
CountedIn = Literal["discount_rate", "optimism_bias", "contingency"]


class Item(Section):
    """A named amount of one phase: spread as capex is spent, or by operating year."""

    name: Localised = Field(description="What it is. 名称")
    phase: Phase = Field(description="When it falls. 发生阶段")
    amount: Profile = Field(description="Total in construction, or by operating year. 金额")


class Neutrality(Item):
    """A cost that the government saves by being the government and a company bears."""

    kind: Literal["income_tax", "national_tax", "state_tax", "insurance", "regulation", "other"] = Field(
        "other", description="What kind of advantage; some rule books allow only some. 类别"
    )


class Adjustment(Item):
    """A difference that must be put right before two things are compared."""

    direction: Literal["adds", "removes"] = Field(description="Whether it raises or lowers the cost. 调增或调减")
    evidence: Text | None = Field(None, description="Why it is made. 依据")


class Support(Section):
    """What the government provides beside money, and what the company pays for it."""

    name: Localised = Field(description="What is provided. 配套投入名称")
    phase: Phase = Field(description="When it falls. 发生阶段")
    cost: Profile = Field(description="Cost to the government. 政府成本")
    paid: Profile | None = Field(None, description="What the company pays for it. 社会资本支付")


class OptimismBias(Section):
    """The overrun that cost estimates of such projects had on average, less what has been mitigated."""

    kind: Identifier | None = Field(None, description="Kind of project, in the rule book's table. 项目类别（规则附表）")
    upper_bound: Share | None = Field(None, description="Upper bound of the bias, where no table is used. 乐观偏差上限")
    mitigated: Share = Field(0.0, description="Share of it that has been managed away. 已缓解比例")
    evidence: Text | None = Field(None, description="Why that share is believed. 依据")

    @model_validator(mode="after")
    def _one_source(self) -> OptimismBias:
        if (self.kind is None) == (self.upper_bound is None):
            raise ValueError("needs either kind (from the rule book's table) or upper_bound")
        return self


class Delay(Section):
    """A later start of the reference project, because the public budget cannot pay sooner."""

    years: Years = Field(description="How much later it starts. 推迟年数")
    escalation: Rate = Field(0.0, description="Growth of cost a year while waiting. 推迟期间成本年增长率")
    evidence: Text | None = Field(None, description="Why it must wait. 依据")

    @model_validator(mode="after")
    def _some_delay(self) -> Delay:
        if self.years < 1:
            raise ValueError("a delay lasts at least 1 year")
        return self


class Comparator(Section):
    """The reference project: what the government would spend to deliver the same output itself."""

    reference: Literal["hypothetical", "recent_project"] = Field(
        "hypothetical",
        description="Designed for the comparison, or a real one of late. 参照项目来源（虚拟 / 近期实际项目）",
    )
    capex: Amount = Field(
        description="Construction cost under government procurement as it will be spent: land, further lines and escalation "
        "included. 参照项目建设成本（含土地、分项及涨价）"
    )
    contingency: Amount = Field(0.0, description="Part of capex that is contingency. 其中：预备费")
    opex: Profile = Field(description="Operation and maintenance cost of the reference project. 参照项目运营维护成本")
    lifecycle: Profile | None = Field(None, description="Renewals of the reference project. 参照项目大修更新")
    third_party_revenue: Profile | None = Field(
        None, description="Revenue it would earn; the project's own when absent. 参照项目收入"
    )
    disposal: Amount = Field(0.0, description="Sale proceeds at the end of the last year. 期末处置收入")
    adjustments: dict[Identifier, Adjustment] = Field(
        {}, description="What makes a real reference project comparable. 参照项目调整"
    )
    competitive_neutrality: dict[Identifier, Neutrality] = Field(
        {}, description="Costs that the government saves but a company bears. 竞争性中立调整"
    )
    optimism_bias: OptimismBias | None = Field(None, description="Optimism bias in its capex. 乐观偏差")
    delay: Delay | None = Field(None, description="Later start under public funding. 推迟开工")


class Outcome(Section):
    probability: Share = Field(description="Probability; the outcomes of a risk add to 100 %. 概率")
    cost: Amount = Field(description="Cost a year of the phase if it happens. 年度支出")


class Distribution(Section):
    """Cost over the whole phase if the risk occurs, the probability that it does, and when the cost falls."""

    probability: Share = Field(1.0, description="Probability that it occurs at all. 发生概率")
    shape: Literal["triangular", "pert", "uniform"] = Field("triangular", description="Shape of the cost. 分布类型")
    low: Amount = Field(description="Lowest cost. 最低支出")
    likely: Amount | None = Field(None, description="Most likely cost; not for uniform. 最可能支出")
    high: Amount = Field(description="Highest cost. 最高支出")
    timing: list[Share] | None = Field(
        None, description="Share in each year of the phase; as capex, or even, when absent. 分年比例"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Distribution:
        if (self.likely is None) != (self.shape == "uniform"):
            raise ValueError("likely goes with triangular and pert, and not with uniform")
        middle = self.low if self.likely is None else self.likely
        if not self.low <= middle <= self.high or self.low == self.high:
            raise ValueError("low, likely and high must rise")
        if self.timing is not None and abs(sum(self.timing) - 1) > 1e-9:
            raise ValueError(f"the shares of timing add to {sum(self.timing):.4%}; allowed: 100%")
        return self


class Risk(Section):
    """A risk to cost or revenue, valued on the reference project, and who bears it there and under the PPP."""

    name: Localised = Field(description="What may happen. 风险名称")
    description: Localised | None = Field(None, description="How it would come about, and what it would do. 风险描述")
    category: Literal["construction", "operation", "demand", "finance", "policy", "force_majeure"] = Field(
        description="Kind of risk. 风险类别"
    )
    phase: Phase = Field(description="When it falls. 发生阶段")
    ratio: Share | None = Field(None, description="Share of the phase's cost in each year (ratio method). 比例法")
    outcomes: list[Outcome] | None = Field(
        None, description="Probability and yearly cost of each outcome (scenario method). 情景分析法"
    )
    distribution: Distribution | None = Field(
        None, description="Distribution of the phase's cost (probability method). 概率法"
    )
    times: Annotated[float, number(0.0, 10_000.0, "a factor from 0 to 10000")] = Field(
        1.0, description="Multiplies its cost, by whichever method it is valued. 风险支出系数"
    )
    transferred: Share = Field(description="Share that the company bears under the PPP. 转移比例")
    government_share: Share = Field(
        1.0, description="Share that the government bears without the PPP; others bear the rest. 传统模式下政府承担比例"
    )
    likelihood: Share | None = Field(
        None, description="Probability that it happens, where the method says none. 发生概率（比例法）"
    )
    evidence: Text | None = Field(None, description="Why the figures are believed. 依据")
    mitigation: Text | None = Field(None, description="What is done about it. 应对措施")
    taken_out_of: list[CountedIn] = Field(
        [], description="Where it would be counted again, and has been taken out. 已从何处剔除（避免重复计算）"
    )

    @model_validator(mode="after")
    def _one_method(self) -> Risk:
        if sum(method is not None for method in (self.ratio, self.outcomes, self.distribution)) != 1:
            raise ValueError("needs one of ratio, outcomes or distribution: one method for one risk")
        if self.outcomes is not None and abs(sum(o.probability for o in self.outcomes) - 1) > 1e-9:
            total = sum(o.probability for o in self.outcomes)
            raise ValueError(f"the outcomes' probabilities add to {total:.4%}; allowed: 100%")
        if self.government_share + self.transferred < 1 - 1e-9:
            raise ValueError("the government would keep more of it under the PPP than it bears without one")
        return self


class SystematicRisk(Section):
    """The risk that moves with the whole economy, for which a rule book with two rates asks a premium."""

    share_transferred: Share = Field(description="Share of it that the company bears. 转移的系统性风险份额")
    beta: Factor = Field(description="Asset beta of such projects. 资产贝塔")
    evidence: Text | None = Field(None, description="Why these are believed. 依据")


class Bid(Section):
    """An offer: what the government would pay, and which risks it would leave with the government."""

    name: Localised = Field(description="Bidder. 投标人")
    payment: Profile = Field(description="What the government pays, by operating year. 政府付费")
    capital_contribution: Amount = Field(
        0.0, description="What the government pays in construction, as capex is spent. 建设期政府出资"
    )
    transferred: dict[Identifier, Share] = Field(
        {}, description="Share of a risk that the bidder bears; the register's share when absent. 投标人承担比例"
    )
    systematic_share: Share | None = Field(
        None, description="Share of systematic risk that it bears; the project's when absent. 系统性风险份额"
    )
    adjustments: dict[Identifier, Adjustment] = Field(
        {}, description="Other departures from the terms, priced. 其他偏离项调整"
    )


class Route(Section):
    """Another way of procurement: what the government would pay and which risks it would pass on."""

    name: Localised = Field(description="What it is. 采购方式")
    kind: Literal["direct_investment", "purchase_of_services", "lease", "other"] = Field(
        description="Government investment, purchase of services, lease, other. 类型"
    )
    capex: Amount = Field(0.0, description="Construction cost that the government pays as it is spent. 政府建设支出")
    opex: Profile | None = Field(None, description="Running cost that the government pays. 政府运营支出")
    payments: Profile | None = Field(None, description="Fees to others, by operating year. 服务费等支付")
    revenue: Profile | None = Field(None, description="Revenue that reaches the government. 政府收入")
    disposal: Amount = Field(0.0, description="Sale proceeds at the end of the last year. 期末处置收入")
    transferred: dict[Identifier, Share] = Field(
        {}, description="Share of a risk passed on; none when absent. 转移比例"
    )
