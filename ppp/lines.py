"""The lines of the model and the results of an evaluation, each declared once: key, unit, direction, label and meaning.

Tables, charts, summary.json and the docs read this list; the model uses the keys alone. A line holds positive amounts in its own
direction: `out` is paid, `in` is received, `stock` is a balance, `net` may have either sign.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """unit: money, rate, ratio, years, score or text. whose: company, government, comparator or district."""

    key: str
    unit: str
    sign: str
    whose: str
    en: str
    zh: str
    meaning: str

    def label(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


def _declare(*rows: tuple[str, ...]) -> dict[str, Line]:
    return {row[0]: Line(*row) for row in rows}


LINES = _declare(
    ("capex", "money", "out", "company", "Construction cost", "建设投资", "Construction cost without interest and fees."),
    ("interest_during_construction", "money", "out", "company", "Interest during construction", "建设期利息", "Interest on drawn debt before operation, capitalised."),
    ("fees", "money", "out", "company", "Financing fees and close costs", "融资费用及前期费用", "Upfront and commitment fees, costs at close; capitalised."),
    ("uses", "money", "out", "company", "Total uses", "资金运用合计", "capex + interest during construction + fees."),
    ("grant", "money", "in", "company", "Capital grant", "政府投资补助", "Grant by the government, spent with capex; not repaid."),
    ("equity", "money", "in", "company", "Equity paid in", "资本金", "Paid pro rata with debt; uses - grant - debt drawn."),
    ("debt_drawn", "money", "in", "company", "Debt drawn", "债务提款", "Gearing x (uses - grant) of each row."),
    ("user_payments", "money", "in", "company", "Payments by users", "使用者付费", "Given, or demand x tariff."),
    ("other_revenue", "money", "in", "company", "Other revenue", "第三方收入", "Revenue from third parties other than users."),
    ("government_payment", "money", "in", "company", "Government payment", "政府运营补贴（付费）", "Operating payment by the project's mechanism."),
    ("payment_capital_part", "money", "in", "company", "Formula: capital part", "公式：建设成本（资本金）部分", "Return of construction cost or of capital, before user payments."),
    ("payment_running_part", "money", "in", "company", "Formula: running cost part", "公式：运营成本部分", "Operating cost and renewals with their mark-up."),
    ("payment_debt_service_part", "money", "in", "company", "Formula: debt service part", "公式：还本付息部分", "Debt service passed through."),
    ("revenue", "money", "in", "company", "Revenue", "收入合计", "Users + other + government."),
    ("opex", "money", "out", "company", "Operating cost", "运营维护成本", "Operation and maintenance."),
    ("lifecycle", "money", "out", "company", "Renewals", "大修更新支出", "Major maintenance, charged when spent."),
    ("ebitda", "money", "net", "company", "Operating surplus (EBITDA)", "息税折旧摊销前利润", "Revenue - operating cost - renewals."),
    ("depreciation", "money", "out", "company", "Depreciation", "折旧摊销", "Straight line on uses - grant."),
    ("interest", "money", "out", "company", "Interest", "利息支出", "Rate x opening debt."),
    ("profit_before_tax", "money", "net", "company", "Profit before tax", "利润总额", "EBITDA + disposal - depreciation - interest."),
    ("losses_used", "money", "in", "company", "Losses used", "弥补以前年度亏损", "Earlier losses set against profit, oldest first."),
    ("tax", "money", "out", "company", "Income tax", "所得税", "Rate x (profit - losses used); negative only where losses are refunded."),
    ("net_profit", "money", "net", "company", "Net profit", "净利润", "Profit before tax - tax."),
    ("cfads", "money", "net", "company", "Cash flow available for debt service (CFADS)", "可偿债现金流", "EBITDA - tax."),
    ("principal", "money", "out", "company", "Principal repaid", "偿还本金", "Debt service - interest."),
    ("debt_service", "money", "out", "company", "Debt service", "还本付息", "Interest + principal."),
    ("debt_closing", "money", "stock", "company", "Debt at year end", "年末债务余额", "Opening + drawn - principal."),
    ("disposal", "money", "in", "company", "Disposal proceeds", "资产处置收入", "Sale at the end; not counted in CFADS."),
    ("distributions", "money", "net", "company", "Cash to shareholders", "股东现金流入", "CFADS + disposal - debt service; negative means that shareholders pay in."),
    ("equity_flow", "money", "net", "company", "Shareholders' net flow", "股东净现金流", "Cash to shareholders - equity paid in."),
    ("fixed_assets", "money", "stock", "company", "Fixed assets", "固定资产净值", "Cumulative uses - grant - depreciation."),
    ("cash", "money", "stock", "company", "Cash", "货币资金", "All cash is distributed each year."),
    ("shareholders_funds", "money", "stock", "company", "Shareholders' funds", "所有者权益", "Equity + profit kept."),
    ("government_equity", "money", "out", "government", "Equity by the government", "股权投资支出", "Government's share of equity paid in."),
    ("operating_subsidy", "money", "out", "government", "Operating subsidy", "运营补贴支出", "The company's government payment, seen from the budget."),
    ("retained_risk", "money", "out", "government", "Retained risk", "风险承担支出", "Expected cost of the risks that the government keeps."),
    ("supporting_input", "money", "out", "government", "Supporting input", "配套投入支出", "Cost of support - what the company pays for it, and the capital grant."),
    ("fiscal_spending", "money", "out", "government", "Fiscal spending", "财政支出责任", "Equity + operating subsidy + retained risk + supporting input."),
    ("government_distributions", "money", "in", "government", "Distributions to the government", "政府方分红", "Government's share of cash to shareholders; shown, not counted."),
    ("psc_capex", "money", "out", "comparator", "Reference construction cost", "参照项目建设成本", "Construction cost under government procurement."),
    ("psc_running", "money", "out", "comparator", "Reference operating cost", "参照项目运营成本", "Operating cost and renewals under government procurement."),
    ("psc_revenue", "money", "in", "comparator", "Reference revenue", "参照项目收入", "User charges and disposal that the reference project would earn."),
    ("neutrality", "money", "out", "comparator", "Competitive neutrality", "竞争性中立调整", "Costs that the government saves but a company bears."),
    ("transferred_risk", "money", "out", "comparator", "Transferred risk", "可转移风险", "Expected cost of the risks that the company bears under the PPP."),
)

RESULTS = _declare(
    ("uses_total", "money", "out", "company", "Total investment", "项目总投资", "Sum of uses."),
    ("debt", "money", "stock", "company", "Senior debt", "优先债务", "Debt at the end of construction."),
    ("equity_total", "money", "in", "company", "Equity", "资本金", "Sum of equity paid in."),
    ("gearing", "rate", "net", "company", "Gearing", "债务占比", "Debt over debt and equity."),
    ("project_irr", "rate", "net", "company", "Project IRR before tax", "项目内部收益率（税前）", "IRR of EBITDA + disposal - capex - close costs + grant."),
    ("project_npv", "money", "net", "company", "Project NPV before tax", "项目净现值（税前）", "The same flow at the discount rate."),
    ("equity_irr", "rate", "net", "company", "Equity IRR", "资本金内部收益率", "IRR of shareholders' net flow."),
    ("equity_npv", "money", "net", "company", "Equity NPV", "资本金净现值", "Shareholders' net flow at the return that they ask."),
    ("dscr_min", "ratio", "net", "company", "Lowest debt service cover (DSCR)", "最低偿债备付率", "Smallest CFADS / debt service of the debt years."),
    ("dscr_average", "ratio", "net", "company", "Average DSCR", "平均偿债备付率", "Mean over the debt years only."),
    ("llcr", "ratio", "net", "company", "Loan life cover (LLCR)", "贷款期覆盖率", "PV of CFADS to maturity at the loan rate over debt, at the start of operation."),
    ("plcr", "ratio", "net", "company", "Project life cover (PLCR)", "项目期覆盖率", "PV of all CFADS at the loan rate over debt, at the start of operation."),
    ("payback_years", "years", "net", "company", "Payback from close", "静态投资回收期（自交割）", "Years until the project's flow has returned the investment."),
    ("discounted_payback_years", "years", "net", "company", "Discounted payback from close", "动态投资回收期（自交割）", "The same, discounted."),
    ("psc", "money", "out", "comparator", "Public sector comparator (PSC)", "公共部门比较值（PSC）", "PV of what the government would pay to deliver the same itself."),
    ("ppp_value", "money", "out", "government", "PPP value", "PPP值", "PV of what the government pays and risks under the PPP."),
    ("vfm_amount", "money", "net", "government", "Value for money", "物有所值量值", "PSC - PPP value."),
    ("vfm_index", "rate", "net", "government", "Value-for-money index", "物有所值指数", "(PSC - PPP value) / PSC."),
    ("qualitative_score", "score", "net", "government", "Qualitative score", "定性评价得分", "Weighted mean of the experts' scores."),
    ("share_peak", "rate", "net", "district", "Largest yearly share, with existing commitments", "最高年度占比（含已有项目）", "Largest share of the budget that all PPP projects take in a year."),
    ("share_peak_alone", "rate", "net", "district", "Largest yearly share, this project alone", "最高年度占比（仅本项目）", "Largest share of the budget that this project takes in a year."),
    ("fiscal_total", "money", "out", "government", "Fiscal spending over the term", "全周期财政支出责任", "Sum of fiscal spending, undiscounted."),
)
