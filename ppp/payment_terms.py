"""What a project file may say about payment: users, subsidy formulas, availability, shadow tariffs, guarantees.

Amounts and rates as in ppp/project.py; descriptions hold English, then Chinese.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ppp.quantities import Amount, Kind, Localised, Profile, Rate, Section, Share, Years


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
