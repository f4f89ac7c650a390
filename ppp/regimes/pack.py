"""What the file of a rule pack may say, key by key. Descriptions hold English, then Chinese; the reference is made from them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ppp.quantities import Date, Flag, Identifier, Localised, Section, Text
from ppp.regimes.conventions import disagreement

TestName = Literal["value_for_money", "qualitative", "affordability", "feasibility"]
Shown = Literal["psc_range", "delayed_psc", "drivers", "indifference_irr"]


class Step(Section):
    """A value that holds beyond `after`, which counts years from the valuation date (or points, in a scale)."""

    after: float = Field(
        description="Years from the valuation date beyond which it holds; the first is 0. 自估值日起的年数"
    )
    value: float = Field(description="The value from then on. 数值")


class Cited(Section):
    """Where something stands, when it held, and whether somebody on this project has read the official page."""

    from_: Date = Field(alias="from", description="First day on which it holds. 生效日期")
    to: Date | None = Field(
        description="Last day on which it holds; null while it is in force. 失效日期（null 表示现行）"
    )
    document: Identifier = Field(description="Key of the document that says it. 出处文件")
    article: Localised = Field(description="Article or page; article not noted where nobody has noted it. 条款")
    checked: Flag = Field(description="Whether somebody here has read the official page. 是否已查证")


class DatedValue(Cited):
    """A number, a schedule of `steps`, or one number `by` name, in force `from` a day `to` another."""

    value: float | None = Field(None, description="A number. 数值")
    steps: list[Step] | None = Field(None, min_length=1, description="A schedule that changes with time. 分段数值")
    by: dict[Identifier, float] | None = Field(None, min_length=1, description="A table: one number a name. 分类数值")

    @model_validator(mode="after")
    def _one_form(self) -> DatedValue:
        if sum(form is not None for form in (self.value, self.steps, self.by)) != 1:
            raise ValueError("needs one of value, steps or by")
        if self.steps is not None:
            after = [step.after for step in self.steps]
            if after[0] != 0 or after != sorted(set(after)):
                raise ValueError("the steps begin at 0 and rise")
        return self


class Rule(Section):
    meaning: Localised = Field(description="What the rule says. 规则含义")
    unit: Text = Field(description="Unit of its numbers; those that begin with share or rate print as percent. 单位")
    values: list[DatedValue] = Field(
        min_length=1,
        description="One entry for each period in which it held; the latest that has begun counts. 各时期数值",
    )


class Convention(Section):
    """A named switch: how a text that leaves room is read."""

    meaning: Localised = Field(description="What the switch decides. 约定含义")
    default: bool | str = Field(description="The reading that this rule book takes. 默认选项")
    allowed: list[bool | str] = Field(description="The readings that a project may take instead. 可选项")
    document: Identifier = Field(description="Key of the document that leaves room for them. 出处文件")

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Convention:
        if self.default not in self.allowed:
            raise ValueError("the default is not among the allowed values")
        return self


class IndicatorRule(Section):
    group: Literal["basic", "supplementary"] = Field(
        description="Whether every project is scored on it. 基本或补充指标"
    )
    name: Localised = Field(description="Name. 指标名称")


class Exemption(Section):
    rule: Identifier = Field(description="Key of the rule that does not hold for them. 豁免的规则")
    sectors: list[Text] = Field(description="Sectors, as in project files. 豁免行业")
    document: Identifier = Field(description="Key of the document that exempts them. 出处文件")
    note: Localised = Field(description="What is exempt, in words. 说明")


class Band(Section):
    """A band of scores: from `lowest` up to the next band."""

    lowest: float = Field(description="Score from which the band holds. 分数下限")
    name: Localised = Field(description="Name. 档次名称")


class Scale(Cited):
    """The bands in which experts score, best first."""

    bands: list[Band] = Field(min_length=2, description="The bands, best first; the last begins at 0. 各档次")

    @model_validator(mode="after")
    def _best_first(self) -> Scale:
        lowest = [band.lowest for band in self.bands]
        if lowest != sorted(set(lowest), reverse=True) or lowest[-1] != 0:
            raise ValueError("the bands fall, best first, and the last begins at 0")
        return self


class Requirement(Cited):
    """What a project must show beside its figures; the file answers whether it is met."""

    statement: Localised = Field(description="What a project must show. 合规要求")


class Pack(Section):
    """A rule book as data."""

    id: Identifier = Field(description="The file's own name. 规则编号（与文件名一致）")
    name: Localised = Field(description="Country and text. 规则名称")
    valid_from: Date = Field(description="A project appraised before this day is refused. 生效日期")
    valid_to: Date | None = Field(
        description="A project appraised after this day is refused unless it is a stock project; null while in force. 失效日期"
    )
    dates_checked: Flag = Field(description="Whether these two days were read at the official page. 起止日期是否已查证")
    note: Localised = Field(description="Printed at the head of the rules. 说明")
    tests: list[TestName] = Field(description="What a project must pass. 须通过的检验")
    number_decides: Flag = Field(
        True, description="Whether value for money decides; if not it informs and is a reservation. 量值是否起决定作用"
    )
    shows: list[Shown] = Field([], description="Extra results that the rule book asks for. 附加结果")
    needs: list[Text] = Field(
        [], description="Dotted keys of a project file without which this rule book says nothing. 项目文件必备字段"
    )
    price_basis: Literal["either", "real", "nominal"] = Field(
        "either", description="The money in which its rates are meant. 利率的价格口径"
    )
    neutrality_refuses: list[Text] = Field(
        [], description="Kinds of competitive-neutrality item that it does not allow. 不允许的竞争性中立调整"
    )
    documents: dict[Identifier, Localised] = Field(description="What is cited, by key. 引用文件")
    rules: dict[Identifier, Rule] = Field(description="Rules by the key that code asks for. 规则")
    exempt_sectors: Exemption | None = Field(None, description="Sectors for which a rule does not hold. 豁免行业")
    conventions: dict[Identifier, Convention] = Field(description="Switches of a text that leaves room. 约定")
    score_bands: Scale | None = Field(None, description="Bands in which experts score. 评分档次")
    indicators: dict[Identifier, IndicatorRule] = Field({}, description="Of the qualitative assessment. 定性评价指标")
    compliance: dict[Identifier, Requirement] = Field(
        {}, description="What a project must show beside its figures. 合规清单"
    )

    @model_validator(mode="after")
    def _documents_are_named(self) -> Pack:
        used = {v.document for rule in self.rules.values() for v in rule.values}
        used |= {c.document for c in self.conventions.values()}
        used |= {part.document for part in (self.exempt_sectors, self.score_bands) if part is not None}
        used |= {requirement.document for requirement in self.compliance.values()}
        if missing := used - set(self.documents):
            raise ValueError(f"documents are cited but not named: {', '.join(sorted(missing))}")
        return self

    @model_validator(mode="after")
    def _conventions_are_known(self) -> Pack:
        if wrong := disagreement({key: convention.allowed for key, convention in self.conventions.items()}):
            raise ValueError(wrong)
        return self
