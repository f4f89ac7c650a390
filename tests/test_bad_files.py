"""What is wrong with a file is said once, where it stands, with what was given and what is allowed.

Each bad file is params/wastewater.yaml with a small edit. A § in an edit marks where the problem is told;
it is taken out before the file is written.
"""

import os
import random
import shutil
import time
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import ppp
from ppp.loading import canonical, read_district
from ppp.reading import LARGEST_YAML

PARAMS = Path(__file__).resolve().parent.parent / "params"
PROJECT = (PARAMS / "wastewater.yaml").read_text(encoding="utf-8")
DISTRICT_NAME = "districts/dalian-illustrative.yaml"
DISTRICT = (PARAMS / DISTRICT_NAME).read_text(encoding="utf-8")
FUNDING = PROJECT[PROJECT.index("funding:\n") : PROJECT.index("tax:\n")]
DEBT = FUNDING[FUNDING.index("  debt:\n") :].rstrip("\n") + "\n"
GAP = PROJECT[PROJECT.index("  kind: viability_gap") : PROJECT.index("funding:\n")].rstrip("\n") + "\n"
ITEM = "  spending: [45%, 55%]\n  items:\n    pumps:\n      name: Pumps\n      amount: 100\n      SPENDING"
BANDS = "  kind: user_pay\n  revenue_share:\n    - {above: 3000, government: 30%}\n    - {SECOND, government: 50%}\n"
RANGE = "  payment.profit_rate: {low: 5%, high: 8%}\n"


def further(first: str, second: str) -> dict[str, str]:
    """Two tranches more, each with its name and terms."""
    terms = "name: Loan, rate: 8%, repayment: annuity, max_gearing: 80%"
    return {"  debt:\n": f"  further_debt:\n    {first[:-1]}, {terms}}}\n    {second[:-1]}, {terms}}}\n  debt:\n"}


TAX = PROJECT[PROJECT.index("tax:\n") : PROJECT.index("discounting:\n")]


class Folder:
    """A project with its district and CSV files, in a folder of its own."""

    def __init__(self, path: Path):
        self.path = path
        (path / "districts").mkdir()
        self.write(DISTRICT_NAME, DISTRICT)

    def write(self, name: str, text: str | bytes) -> Path:
        raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        (self.path / name).write_bytes(raw)
        return self.path / name

    def problems(self, text: str | bytes, name: str = "project.yaml") -> list[ppp.Problem]:
        """What is wrong with a project; [] when it is valid. Places are without the folder."""
        try:
            ppp.load(self.write(name, text))
        except ppp.InputError as error:
            found = error.problems
        else:
            return []
        return [replace(problem, file=problem.file.replace(str(self.path) + os.sep, "")) for problem in found]


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def edited(edits: dict[str, str], text: str = PROJECT) -> tuple[str, list[tuple[int, int]]]:
    """The file with its edits, and the marked places."""
    for old, new in edits.items():
        assert text.count(old) == 1, f"the file has {text.count(old)} times {old!r}"
        text = text.replace(old, new)
    places = []
    while "§" in text:
        before, _, after = text.partition("§")
        places.append((before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1))
        text = before + after
    return text, places


ONE_MISTAKE = {
    # keys
    "a missing key": (
        {"construction:\n  capex: {value": "§construction:\n  #capex: {value"},
        "construction.capex",
        ["is missing", "Construction cost", "建设投资"],
    ),
    "a misspelt key": (
        {"  financial_close:": "  §finacial_close:"},
        "timeline.finacial_close",
        ["unknown key", "did you mean financial_close?"],
    ),
    "a misspelt optional key": (
        {"max_gearing": "§max_gering"},
        "funding.debt.max_gering",
        ["did you mean max_gearing?"],
    ),
    "a misspelt section": ({"\nsupport:": "\n§suport:"}, "suport", ["did you mean support?"]),
    "a key of another section": (
        {"tax:\n": "tax:\n  §tenor: 5 years\n"},
        "tax.tenor",
        ["unknown key", "allowed here: rate, holiday, vat, method, depreciation"],
    ),
    "a key given twice": (
        {"  rate: 25%\n": "  rate: 25%\n  §rate: 26%\n"},
        "tax.rate",
        ["is given twice", "first on line"],
    ),
    "a misspelt source": (
        {"capex: {value: 30600, source:": "capex: {value: 30600, §sorce:"},
        "construction.capex.sorce",
        ["did you mean source?"],
    ),
    "a value at the top": ({"kind: project": "§value: 5\nkind: project"}, "value", ["unknown key"]),
    "growth beside value": (
        {"{value: 4.5%, source": "{value: 4.5%, §growth: 2%, source"},
        "discounting.rate.growth",
        ["goes with start", "beside value"],
    ),
    # scalars that YAML readers understand in different ways
    "no": (
        {"{value: 30600,": "{§value: no,"},
        "construction.capex",
        ["true / false", "given no", "zero or more"],
    ),
    "an exponent": (
        {"{value: 30600,": "{§value: 3e4,"},
        "construction.capex",
        ["exponents are not read", "given 3e4"],
    ),
    "a leading zero": (
        {"id: wastewater-plant": "§id: 010"},
        "id",
        ["octal", "given 010", "put it in quotes"],
    ),
    "a time of day": (
        {"  tenor: 20 years": "  §tenor: 12:30"},
        "funding.debt.tenor",
        ["time of day", "20 years or 30 months"],
    ),
    "a time of day for whole years": (
        {"  loss_years: 5 years": "  §loss_years: 12:30"},
        "tax.loss_years",
        ["time of day", "20 years or 240 months"],
    ),
    "a date as text": (
        {"en: Connecting sewers,": "§en: 2024-01-01,"},
        "support.pipes.name.en",
        ["it is a date", "put it in quotes"],
    ),
    "a tilde": ({"  rate: 25%": "  §rate: ~"}, "tax.rate", ["it is empty", "written such as 8% or 0.08"]),
    "nothing": ({"  rate: 25%": "  §rate:"}, "tax.rate", ["it is empty"]),
    "an empty section": ({TAX: "§tax:\n"}, "tax", ["it is empty"]),
    "not a number": (
        {"dscr: 1.2": "§dscr: .nan"},
        "funding.debt.dscr",
        ["not a finite number", "given .nan"],
    ),
    "a hexadecimal": ({"dscr: 1.2": "§dscr: 0x1f"}, "funding.debt.dscr", ["hexadecimal", "given 0x1f"]),
    "digit separators": (
        {"amount: 620": "§amount: 1_000"},
        "comparator.competitive_neutrality.land.amount",
        ["digit separators", "given 1_000"],
    ),
    "a number in quotes": (
        {"amount: 620": '§amount: "620"'},
        "comparator.competitive_neutrality.land.amount",
        ["is not an amount over time", "given 620"],
    ),
    "a cover in quotes": (
        {"dscr: 1.2": '§dscr: "1.2"'},
        "funding.debt.dscr",
        ["is a number in quotes", "from 1.0 to 10"],
    ),
    # units and ranges
    "a bare rate": (
        {"profit_rate: 6.5%": "§profit_rate: 6.5"},
        "payment.profit_rate",
        ["given 6.5", "write 6.5% or 0.065"],
    ),
    "a bare rate of one": (
        {"government_share: 20%": "§government_share: 1"},
        "funding.government_share",
        ["write 1% or 100%"],
    ),
    "a share above one": (
        {"transferred: 85%": "§transferred: 185%"},
        "risks.cost_overrun.transferred",
        ["out of range", "given 185%", "0% to 100%"],
    ),
    "years without a unit": (
        {"tenor: 20 years": "§tenor: 20"},
        "funding.debt.tenor",
        ["is not a length of time", "given 20"],
    ),
    "half a year": (
        {"  loss_years: 5 years": "  §loss_years: 30 months"},
        "tax.loss_years",
        ["whole years", "given 30 months"],
    ),
    "a day that is not": (
        {"appraised: 2021-10-15": "§appraised: 2021-02-30"},
        "appraised",
        ["not a day of the calendar"],
    ),
    "a score too high": (
        {"scores: [86, 82,": "scores: [86, §182,"},
        "qualitative.life_cycle_integration.scores.1",
        ["out of range", "0 to 100"],
    ),
    "a list for a number": (
        {"dscr: 1.2": "§dscr: [1.2]"},
        "funding.debt.dscr",
        ["is not a number", "given [1.2]"],
    ),
    "a number for a section": ({TAX: "§tax: 25\n"}, "tax", ["must be keys and values", "given 25"]),
    # choices
    "a misspelt choice": (
        {"sector: wastewater": "§sector: wastwater"},
        "sector",
        ["did you mean wastewater?", "allowed: wastewater, water"],
    ),
    "a misspelt payment": (
        {"kind: viability_gap": "§kind: viability_gapp"},
        "payment.kind",
        ["did you mean viability_gap?"],
    ),
    "a payment without kind": (
        {"payment:\n  kind: viability_gap\n": "§payment:\n"},
        "payment.kind",
        ["is missing", "user_pay, government_pay"],
    ),
    "a rule pack that is not": (
        {"regime: cn-2015": "§regime: cn-2016"},
        "regime",
        ["did you mean cn-2015?", "generic"],
    ),
    "an unknown convention": (
        {"support:": "conventions:\n  §subsidy_metod: a\nsupport:"},
        "conventions.subsidy_metod",
        ["did you mean subsidy_method?"],
    ),
    "a choice that a convention has not": (
        {"support:": "conventions:\n  §negative_gap: cap\nsupport:"},
        "conventions.negative_gap",
        ["given cap", "allowed: floor"],
    ),
    "one language": (
        {"{en: Late completion, zh: 工期延误}": "{en: Late completion}", "delay: {name:": "delay: {§name:"},
        "risks.delay.name",
        ["both languages", "{en: ..., zh: ...}"],
    ),
    "a comma in braces": (
        {
            '{en: "Wastewater plant, second phase",': "{en: Wastewater plant, second phase,",
            "\nname:": "\n§name:",
        },
        "name",
        ["both languages", "comma inside braces"],
    ),
    # parts that must agree
    "a list of the wrong length": (
        {"  opex: {start: 2250, growth: 2.2%,": "  §opex: {values: [1, 2],"},
        "operation.opex",
        ["2 values for 28 years"],
    ),
    "shares that do not add up": (
        {"  spending: [45%, 55%]": "  §spending: [45%, 54%]"},
        "construction.spending",
        ["add to 99", "allowed: 100%"],
    ),
    "a share too few": (
        {"  spending: [45%, 55%]": "  §spending: [45%]"},
        "construction.spending",
        ["1 shares for 2"],
    ),
    "a loan longer than operation": (
        {"tenor: 20 years": "§tenor: 30 years"},
        "funding.debt.tenor",
        ["longer than operation", "up to 28 years"],
    ),
    "sculpting without a cover": (
        {"  debt:\n": "  §debt:\n", "    dscr: 1.2\n": ""},
        "funding.debt",
        ["sculpted needs dscr"],
    ),
    "no funding, with a tax and a scenario on it": (
        {FUNDING: "", "kind: project\n": "§kind: project\n"},
        "funding",
        ["is missing"],
    ),
    "an indicator that is not": (
        {"  asset_life:": "  §asset_lif:"},
        "qualitative.asset_lif",
        ["did you mean asset_life?"],
    ),
    "a weight above the cap": (
        {"{weight: 10%, scores: [70, 62": "{§weight: 11%, scores: [70, 62"},
        "qualitative.cost_accuracy.weight",
        ["above the cap", "up to 10%"],
    ),
    "an expert missing": (
        {"scores: [70, 62, 74,": "scores: [70, 62,", "\nqualitative:": "\n§qualitative:"},
        "qualitative",
        ["numbers of experts", "[6, 7]"],
    ),
    "probabilities that do not add up": (
        {"law: {name": "§law: {name", "probability: 85%": "probability: 80%"},
        "risks.law",
        ["add to 95"],
    ),
    "two methods for a risk": (
        {
            "delay: {name": "§delay: {name",
            "ratio: 2%,": "ratio: 2%, outcomes: [{probability: 100%, cost: 1}],",
        },
        "risks.delay",
        ["one of ratio, outcomes or distribution"],
    ),
    "appraised before the rules": (
        {"appraised: 2021-10-15": "§appraised: 2010-10-15"},
        "appraised",
        ["before the rule pack cn-2015 began"],
    ),
    "published without figures": ({"status: illustrative": "§status: published"}, "status", ["go together"]),
    "another currency than the district's": (
        {"district: d": "§district: d", "currency: CNY": "currency: USD"},
        "district",
        ["CNY", "USD"],
    ),
    # periods
    "no operation": (
        {"timeline:\n": "§timeline:\n", "operation: 28 years": "operation: 0 years"},
        "timeline",
        ["operation must last at least 1 month"],
    ),
    "calendar periods from the middle of a month": (
        {
            "timeline:\n": "§timeline:\n  periods_end: calendar\n",
            "financial_close: 2022-01-01": "financial_close: 2022-01-15",
        },
        "timeline",
        ["first day of a month"],
    ),
    "a period that is not": (
        {"  operation: 28 years\n": "  operation: 28 years\n  §period: week\n"},
        "timeline.period",
        ["given week", "allowed: year, half_year, quarter, month"],
    ),
    "a loan that ends within a period": (
        {"tenor: 20 years": "§tenor: 245 months"},
        "funding.debt.tenor",
        ["does not end with a period", "given 245 months", "nearest: 20 years or 21 years"],
    ),
    "a grace that ends within a period": (
        {"tenor: 20 years": "tenor: 20 years\n    §grace: 6 months"},
        "funding.debt.grace",
        ["does not end with a period", "given 6 months", "nearest: 1 years or 2 years"],
    ),
    # construction and users
    "an item's shares that do not add up": (
        {"  spending: [45%, 55%]": ITEM.replace("SPENDING", "§spending: [45%, 54%]")},
        "construction.items.pumps.spending",
        ["add to 99", "allowed: 100%"],
    ),
    "an item's share too many": (
        {"  spending: [45%, 55%]": ITEM.replace("SPENDING", "§spending: [20%, 30%, 50%]")},
        "construction.items.pumps.spending",
        ["3 shares for 2 construction years"],
    ),
    "a ramp-up longer than operation": (
        {"users:\n": "users:\n  §ramp_up: [" + ", ".join(["50%"] * 29) + "]\n"},
        "users.ramp_up",
        ["29 shares for 28 operating years"],
    ),
    # payments
    "cost passed through for too few years": (
        {RANGE: "", GAP: "  kind: availability\n  amount: 100\n  §pass_through: [1, 2, 3]\n"},
        "payment.pass_through",
        ["3 values for 28 years"],
    ),
    "a shadow tariff of too few years": (
        {RANGE: "", GAP: "  kind: shadow_tariff\n  demand: 100\n  §tariff: [1, 2]\n"},
        "payment.tariff",
        ["2 values for 28 years"],
    ),
    "a guarantee of too few years": (
        {RANGE: "", GAP: "  kind: user_pay\n  §minimum_revenue: [1, 2]\n"},
        "payment.minimum_revenue",
        ["2 values for 28 years"],
    ),
    "bands out of order": (
        {RANGE: "", GAP: BANDS.replace("SECOND", "§above: 2000")},
        "payment.revenue_share.1.above",
        ["begins below the guarantee or the band before it", "rising order"],
    ),
    "a band that falls below the one before it later": (
        {RANGE: "", GAP: BANDS.replace("SECOND", "§above: {start: 4000, growth: -5%}")},
        "payment.revenue_share.1.above",
        ["in some year"],
    ),
    "a band below the guarantee": (
        {
            RANGE: "",
            GAP: BANDS.replace("{above: 3000", "{§above: 3000").replace("SECOND", "above: 4000")
            + "  minimum_revenue: 3500\n",
        },
        "payment.revenue_share.0.above",
        ["begins below the guarantee"],
    ),
    "a band of too few years": (
        {RANGE: "", GAP: BANDS.replace("SECOND", "§above: [4000, 5000]")},
        "payment.revenue_share.1.above",
        ["2 values for 28 years"],
    ),
    "no bands": (
        {RANGE: "", GAP: "  kind: user_pay\n  §revenue_share: []\n"},
        "payment.revenue_share",
        ["has 0 entries", "1 or more"],
    ),
    # debt
    "a loan of no tenor": (
        {"  debt:\n": "  §debt:\n", "tenor: 20 years": "tenor: 0 years"},
        "funding.debt",
        ["tenor must be at least 1 month"],
    ),
    "a grace as long as the tenor": (
        {"  debt:\n": "  §debt:\n", "tenor: 20 years": "tenor: 20 years\n    grace: 20 years"},
        "funding.debt",
        ["grace must be shorter than tenor"],
    ),
    "custom repayment without shares": (
        {"  debt:\n": "  §debt:\n", "repayment: sculpted": "repayment: custom"},
        "funding.debt",
        ["custom and principal", "go together"],
    ),
    "shares of principal without custom repayment": (
        {"  debt:\n": "  §debt:\n    principal: [100%]\n"},
        "funding.debt",
        ["custom and principal", "go together"],
    ),
    "rate steps out of order": (
        {
            "  debt:\n": "  §debt:\n",
            "tenor: 20 years": "tenor: 20 years\n    rate_steps: [{from_year: 6, rate: 5%}, {from_year: 3, rate: 4%}]",
        },
        "funding.debt",
        ["must follow one another", "given [6, 3]"],
    ),
    "a rate step in the first year": (
        {"tenor: 20 years": "tenor: 20 years\n    rate_steps: [{§from_year: 1, rate: 5%}]"},
        "funding.debt.rate_steps.0.from_year",
        ["out of range", "given 1", "from 2 to 99"],
    ),
    "shares of principal for too few years": (
        {"repayment: sculpted": "repayment: custom\n    §principal: [50%, 50%]"},
        "funding.debt.principal",
        ["2 shares for 20 years of the tenor"],
    ),
    "shares of principal that do not add up": (
        {"repayment: sculpted": "repayment: custom\n    §principal: [4%" + ", 5%" * 19 + "]"},
        "funding.debt.principal",
        ["add to 99", "allowed: 100%"],
    ),
    "principal in grace": (
        {
            "tenor: 20 years": "tenor: 20 years\n    grace: 2 years",
            "repayment: sculpted": "repayment: custom\n    §principal: [0%, 10%" + ", 5%" * 18 + "]",
        },
        "funding.debt.principal",
        ["wholly in grace", "allowed: 0"],
    ),
    "a tail that cuts shares of principal": (
        {
            "tenor: 20 years": "tenor: 20 years\n    §tail: 10 years",
            "repayment: sculpted": "repayment: custom\n    principal: [5%" + ", 5%" * 19 + "]",
        },
        "funding.debt.tail",
        ["would cut the shares of principal"],
    ),
    "a tail that leaves nothing": (
        {"tenor: 20 years": "tenor: 20 years\n    grace: 3 years\n    §tail: 25 years"},
        "funding.debt.tail",
        ["leaves no period in which to repay", "given 25 years of 28 years"],
    ),
    "a lender behind a shareholder loan": (
        further("one: {tenor: 9 years, rank: shareholder}", "two: {tenor: 9 years, §rank: subordinated}"),
        "funding.further_debt.two.rank",
        ["after a shareholder loan", "shareholder loans last"],
    ),
    "a further tranche longer than operation": (
        further("one: {tenor: 9 years, rank: subordinated}", "two: {rank: shareholder, §tenor: 29 years}"),
        "funding.further_debt.two.tenor",
        ["longer than operation", "given 29 years", "up to 28 years"],
    ),
    "a further tranche of no rank": (
        further("one: {tenor: 9 years, rank: subordinated}", "§two: {tenor: 9 years}"),
        "funding.further_debt.two.rank",
        ["is missing"],
    ),
    "a further tranche of an unknown rank": (
        further("one: {tenor: 9 years, §rank: junior}", "two: {tenor: 9 years, rank: subordinated}"),
        "funding.further_debt.one.rank",
        ["given junior", "senior, subordinated, shareholder"],
    ),
    "a further tranche called senior": (
        further("one: {tenor: 9 years, rank: subordinated}", "§senior: {tenor: 9 years, rank: subordinated}"),
        "funding.further_debt.senior",
        ["is the name of the first tranche"],
    ),
    "a debt service reserve without debt": (
        {DEBT: "  reserves: {§debt_service: {cover: 6 months}}\n"},
        "funding.reserves.debt_service",
        ["no lender's debt"],
    ),
    # tax and distributions
    "depreciation that outlasts operation": (
        {"  loss_years: 5 years": "  §depreciation: 29 years"},
        "tax.depreciation",
        ["must end within operation", "given 29 years", "1 to 28 years"],
    ),
    "a half first year that outlasts operation": (
        {"  loss_years: 5 years": "  §depreciation: 28 years\n  first_year: half"},
        "tax.depreciation",
        ["must end within operation", "1 to 27 years"],
    ),
    "a method of depreciation without years": (
        {"  loss_years: 5 years": "  §method: declining_balance"},
        "tax.method",
        ["needs depreciation"],
    ),
    "a half first year without years": (
        {"  loss_years: 5 years": "  §first_year: half"},
        "tax.first_year",
        ["needs depreciation"],
    ),
    "a flag that is a word": (
        {"tax:\n": "distributions:\n  §from_profit: maybe\ntax:\n"},
        "distributions.from_profit",
        ["is not true or false", "given maybe"],
    ),
    "too many days": (
        {"tax:\n": "working_capital:\n  §receivable_days: 731\ntax:\n"},
        "working_capital.receivable_days",
        ["out of range", "0 to 730"],
    ),
    "a lock-up below one": (
        {"tax:\n": "distributions:\n  §lock_up: 0.9\ntax:\n"},
        "distributions.lock_up",
        ["out of range", "from 1.0 to 10"],
    ),
    # scenarios
    "a scenario's misspelt section": (
        {"construction: {capex: 33660}": "§constuction: {capex: 33660}"},
        "scenarios.adverse.constuction",
        ["did you mean construction?"],
    ),
    "a scenario's misspelt key": (
        {"demand: {times: 0.85}": "demand: {§time: 0.85}"},
        "scenarios.adverse.users.demand.time",
        ["did you mean times?"],
    ),
    "a scenario's bare rate": (
        {"debt: {rate: 5.6%}": "debt: {§rate: 5.6}"},
        "scenarios.adverse.funding.debt.rate",
        ["write 5.6% or 0.056"],
    ),
    "a scenario that multiplies an amount": (
        {"{capex: 33660}": "{§capex: {times: 1.1}}"},
        "scenarios.adverse.construction.capex",
        ["times does not go with it"],
    ),
    "a scenario at odds with the file": (
        {
            "  adverse:": "  §adverse:",
            "{capex: 33660}": "{spending: [10%]}",
            "construction: {spending": "construction: {§spending",
        },
        "scenarios.adverse.construction.spending",
        ["1 shares for 2"],
    ),
    "a scenario of another district": (
        {"construction: {capex: 33660}": "§district: x.yaml"},
        "scenarios.adverse.district",
        ["cannot be changed by a scenario"],
    ),
    "a scenario called base": (
        {"  adverse:": "  §base:"},
        "scenarios.base",
        ["means the file without a scenario"],
    ),
    "a scenario's title": (
        {'    title: {en: "Capex +20 %': '    §title: {fr: "Capex +20 %'},
        "scenarios.worst.title",
        ["both languages", "given fr, zh"],
    ),
    "a scenario that is a number": (
        {"scenarios:\n": "scenarios:\n  §odd: 5\n"},
        "scenarios.odd",
        ["must be keys and values"],
    ),
    # ranges
    "a range of an unknown input": (
        {"  discounting.rate: {low": "  §discounting.rte: {low"},
        "ranges.discounting.rte",
        ["did you mean rate?"],
    ),
    "a range of a word": (
        {"ranges:\n": "ranges:\n  §payment.kind: {low: 1, high: 2}\n"},
        "ranges.payment.kind",
        ["not a number that can vary"],
    ),
    "a range end of the wrong type": (
        {"{low: 5%, high: 8%}": "{§low: 5, high: 8%}"},
        "ranges.payment.profit_rate.low",
        ["write 5% or 0.05"],
    ),
    "a range without an end": (
        {"  payment.profit_rate: {low: 5%, high: 8%}": "  §payment.profit_rate: {low: 5%}"},
        "ranges.payment.profit_rate",
        ["given low", "low and high"],
    ),
    "a range beside the value": (
        {"  payment.profit_rate: {low: 5%": "  §payment.profit_rate: {low: 7%"},
        "ranges.payment.profit_rate",
        ["0.065", "between low 0.07 and high 0.08"],
    ),
    # more than plain data
    "an anchor": (
        {"  rate: 25%": "  rate: §&r 25%"},
        "tax.rate",
        ["anchors and aliases", "write the value out"],
    ),
    "an alias": ({"  rate: 25%": "  rate: §*r"}, "tax.rate", ["anchors and aliases"]),
    "a merge key": ({"  rate: 25%": "  §<<: {rate: 25%}"}, "tax", ["merge keys"]),
    "a merge key at the top": ({"kind: project": "§<<: {kind: project}"}, "", ["merge keys"]),
    "a python object": (
        {TAX: "tax: §!!python/object/apply:os.system [ls]\n"},
        "tax",
        ["the tag", "plain data"],
    ),
    "a binary": ({"  rate: 25%": "  rate: §!!binary aGVsbG8="}, "tax.rate", ["the tag"]),
    "a tag that changes nothing": ({"  rate: 25%": "  rate: §!!str 25%"}, "tax.rate", ["the tag"]),
    "a list as a key": ({"tax:\n": "tax:\n  ? §[a, b]\n  : 1\n"}, "tax", ["a key must be a word"]),
    "a YAML version": ({"kind: project": "%YAML 1.1\n§---\nkind: project"}, "", ["%YAML and %TAG"]),
    "a second document": ({"  worst:": "§---\n  worst:"}, "", ["a second document"]),
    "a tab": ({"  rate: 25%": "§\trate: 25%"}, "", ["a tab stands where YAML wants spaces"]),
    "an open bracket": ({"  loss_years: 5 years": "  loss_years: [5\n\ndiscount§: 3"}, "", ["is not YAML"]),
    "a control character": (
        {"en: Late completion": "en: Late§\x01 completion"},
        "",
        ["U+0001", "cannot be printed"],
    ),
    "a NUL byte": ({"en: Late completion": "en: Late§\x00 completion"}, "", ["U+0000"]),
    "nesting too deep": (
        {"scores: [86,": "scores: [" + "[" * 26 + "§[1]" + "]" * 26 + ","},
        "",
        ["nested too deeply", "30 levels"],
    ),
    # hostile values
    "a path out of the folder, as CSV": (
        {"{start: 2250, growth: 2.2%,": "{§csv: ../../etc/passwd, column: x,"},
        "operation.opex.csv",
        ["leaves the project's folder"],
    ),
    "an absolute path, as CSV": (
        {"{start: 2250, growth: 2.2%,": "{§csv: /etc/passwd, column: x,"},
        "operation.opex.csv",
        ["leaves the project's folder"],
    ),
    "a Windows path, as CSV": (
        {"{start: 2250, growth: 2.2%,": "{§csv: 'C:\\x.csv', column: x,"},
        "operation.opex.csv",
        ["leaves the project's folder"],
    ),
    "a CSV name with a NUL": (
        {"{start: 2250, growth: 2.2%,": '{§csv: "a\\0b.csv", column: x,'},
        "operation.opex.csv",
        ["there is no such file"],
    ),
    "a CSV name too long for a file": (
        {"{start: 2250, growth: 2.2%,": "{§csv: " + "a" * 5000 + ", column: x,"},
        "operation.opex.csv",
        ["there is no such file"],
    ),
    "a path out of the folder, as district": (
        {"district: d": "§district: ../../etc/passwd #"},
        "district",
        ["there is no such district file", "given ../../etc/passwd"],
    ),
    "an absolute path, as district": (
        {"district: d": "§district: /etc/passwd.yaml #"},
        "district",
        ["there is no such district file"],
    ),
    "an id in Chinese": (
        {"id: wastewater-plant": "§id: " + "污" * 100},
        "id",
        ["is not an identifier", "64 at most"],
    ),
    "markup as an id": (
        {"id: wastewater-plant": "§id: <script>alert(1)</script>"},
        "id",
        ["is not an identifier"],
    ),
    "an id that Windows cannot have": ({"id: wastewater-plant": "§id: con"}, "id", ["Windows"]),
    "text that turns its direction": (
        {"en: Late completion": '§en: "Late \\u202e completion"'},
        "risks.delay.name.en",
        ["U+202E"],
    ),
    "half a character": ({"en: Late completion": '§en: "\\ud800"'}, "risks.delay.name.en", ["U+D800"]),
    "a source that turns its direction": (
        {"signed_off_by: Example engineer": '§signed_off_by: "\\u202e"'},
        "construction.capex.signed_off_by",
        ["U+202E"],
    ),
    "a key that turns its direction": (
        {"tax:\n": 'tax:\n  §"a\\u202eb": 1\n'},
        r"tax.a\u202eb",
        ["unknown key"],
    ),
    "a very long key": (
        {"tax:\n": "tax:\n  §" + "k" * 100 + ": 1\n"},
        "tax." + "k" * 61 + "...",
        ["unknown key"],
    ),
    "an enormous number": (
        {"amount: 620": "§amount: " + "9" * 100},
        "comparator.competitive_neutrality.land.amount",
        ["the number is too long"],
    ),
}


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_one_mistake_gives_one_problem_at_its_place(folder, name):
    edits, field, words = ONE_MISTAKE[name]
    text, places = edited(edits)
    problems = folder.problems(text)
    assert len(problems) == 1, "\n".join(map(str, problems))
    (problem,) = problems
    assert (problem.line, problem.column) == places[-1]
    assert problem.field == field
    for word in words:
        assert word in problem.message
    line, column = places[-1]
    told = f"{field}: {problem.message}" if field else problem.message
    assert str(problem) == f"project.yaml:{line}:{column}: {told}"
    assert str(problem).isprintable()


def test_a_valid_file_has_no_problem(folder):
    assert folder.problems(PROJECT) == []


TWELVE = {
    "id: wastewater-plant": "§id: 010",
    "sector: wastewater": "§sector: wastwater",
    "construction:\n  capex: {value": "§construction:\n  #capex: {value",
    "  opex: {start: 2250, growth: 2.2%,": "  §opex: {values: [1, 2],",
    "profit_rate: 6.5%": "§profit_rate: 6.5",
    "tenor: 20 years": "§tenure: 20 years",
    "  rate: 25%": "  rate: §!!str 25%",
    "{value: 4.5%, source": "{value: 4.5%, §sorce",
    "transferred: 85%": "§transferred: 185%",
    "  asset_life:": "  §asset_lif:",
    "{low: 0.8, high: 1.05}": "{§low: less, high: 1.05}",
    "debt: {rate: 5.6%}": "debt: {§rate: 5.6}",
}


def test_twelve_mistakes_are_all_told_at_once_in_the_order_of_the_file(folder):
    text, places = edited(TWELVE)
    problems = folder.problems(text)
    lines = [line for line, _ in sorted(places)]
    assert [p.line for p in problems] == lines, "\n".join(map(str, problems))
    assert len(problems) == 12


def test_problems_of_the_district_are_told_with_those_of_the_project(folder):
    district, _ = edited({"year: 2019": "year: 2091", "currency: CNY": "currency: cny"}, DISTRICT)
    folder.write(DISTRICT_NAME, district)
    text, _ = edited({"dscr: 1.2": "dscr: 99"})
    problems = folder.problems(text)
    assert [(p.file, p.field) for p in problems] == [
        (str(Path(DISTRICT_NAME)), "currency"),
        (str(Path(DISTRICT_NAME)), "budget"),
        ("project.yaml", "funding.debt.dscr"),
    ]
    assert "2091" in problems[1].message and "every year once, in order" in problems[1].message


@pytest.mark.parametrize(
    "old, new, field, words",
    [
        ("expenditure: 648000", "§expenditure: -5", "budget.1.expenditure", "zero or more"),
        ("expenditure: 648000", "§expenditur: 5", "budget.1.expenditur", "did you mean expenditure?"),
        ("from_year: 2021", "§from_year: 21", "commitments.sponge_city.from_year", "calendar year"),
        ("spending: [5200,", "spending: [§no,", "commitments.sponge_city.spending.0", "given no"),
        (
            "spending: [5200,",
            "§spending: {csv: x.csv, column: y} #",
            "commitments.sponge_city.spending",
            "a list",
        ),
        ("growth: {value: 3%,", "growth: {§value: 3,", "growth", "write 3% or 0.03"),
        ("\nbudget:", "\n§budget: []\nnote:", "budget", "0 entries"),
        ("kind: district", "§kind: project", "kind", "a district file is wanted here"),
    ],
)
def test_a_bad_district_file_is_told_at_its_place(folder, old, new, field, words):
    text, (place,) = edited({old: new}, DISTRICT)
    if field == "budget":
        text = text[: text.index("note:")] + text[text.index("growth:") :]
    path = folder.write(DISTRICT_NAME, text)
    with pytest.raises(ppp.InputError) as caught:
        read_district(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.field) == (*place, field)
    assert words in problem.message


def test_a_district_in_place_of_a_project_and_the_reverse(folder):
    (problem,) = folder.problems(DISTRICT)
    assert (problem.field, problem.message) == ("kind", "a project file is wanted here, given district")
    (problem,) = folder.problems(PROJECT.replace(f"district: {DISTRICT_NAME}", "district: project.yaml"))
    assert (problem.field, problem.message) == ("kind", "a district file is wanted here, given project")


WHOLE_FILES = {
    "empty": (b"", (1, 1), "is empty"),
    "only a comment": (b"# nothing\n", (1, 1), "is empty"),
    "a list": (b"# x\n- 1\n- 2\n", (2, 1), "must be a mapping"),
    "a sentence": (b"hello\n", (1, 1), "must be a mapping"),
    "GBK": ("# x\nname: 污水处理厂\n".encode("gbk"), (2, 7), "looks like GBK"),
    "UTF-16": (PROJECT.encode("utf-16"), (1, 1), "looks like UTF-16"),
    "Latin-1 after Chinese": (
        "kind: project\nname: 污水 ".encode() + b"\xe9t\xe9\n",
        (2, 10),
        "is not UTF-8 text",
    ),
    "too long": (b"#" * (LARGEST_YAML + 1), (0, 0), "is too long"),
    "brackets without end": (b"a: " + b"[" * 100_000, (1, 33), "nested too deeply"),
    "an escape of no character": (b'a: "\\UFFFFFFFF"', (0, 0), "names no character"),
}


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_a_file_that_cannot_be_read_gets_one_line(folder, name):
    raw, place, words = WHOLE_FILES[name]
    (problem,) = folder.problems(raw)
    assert (problem.line, problem.column, problem.field) == (*place, "")
    assert words in problem.message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ppp.InputError, match="cannot be read: No such file"):
        ppp.load(tmp_path / "nowhere.yaml")
    with pytest.raises(ppp.InputError, match="cannot be read"):
        ppp.load(tmp_path)
    with pytest.raises(ppp.InputError, match="cannot be read"):
        ppp.load("a\0b.yaml")
    with pytest.raises(ppp.InputError, match="cannot be read"):
        ppp.load("a" * 5000)


def test_full_width_punctuation_is_named(folder):
    (problem,) = folder.problems(PROJECT.replace("  rate: 25%", "  rate： 25%"))
    assert "： for :" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x", "y")',
        "<script>alert(1)</script> & <b>",
        "{braces} {0} %s ${HOME} `id` $(id)",
        "../../etc/passwd",
        "{{ 7 * 7 }} {% raw %}",
        "‏עברית‏ and 中文 and 👩‍💻",
    ],
)
def test_hostile_text_in_a_name_is_only_text(folder, text):
    quoted = "'" + text.replace("'", "''") + "'"
    project = ppp.load(folder.write("project.yaml", PROJECT.replace("en: Late completion", f"en: {quoted}")))
    assert project.risks["delay"].name["en"] == text


def test_more_problems_than_anybody_reads_are_counted(folder):
    text = PROJECT + "".join(f"    zz{i}: 1\n" for i in range(300))
    problems = folder.problems(text)
    assert len(problems) == 101
    assert any("200 more problems follow" in p.message for p in problems)


def test_a_mistake_in_the_program_is_no_input_error(folder, monkeypatch):
    def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr("ppp.variants.project_problems", broken)
    with pytest.raises(ZeroDivisionError):
        folder.problems(PROJECT)


def test_problems_travel_between_processes():
    import pickle

    error = ppp.InputError([ppp.Problem("a.yaml", 1, 2, "tax", "is wrong")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


# Any damage to a valid file gives a valid project or an InputError, nothing else, and soon.

PIECES = b"""null ~ {} [] &a *a !!int <<: 1e400 .nan -1 csv: value: kind: scenarios: --- # ' | ? %
    "\\ud800" "\\x00" {start:1,times:2} \xff \xe2\x80\xae \xef\xbc\x9a""".split()
PIECES += [b"\n- ", b"\n", b": ", b"\t", b"\r", b"\x00", b"9" * 50]
PUBLISHED = [f"published/{path.name}" for path in sorted((PARAMS / "published").glob("*.yaml"))]
FILES = [path.name for path in sorted(PARAMS.glob("*.yaml"))] + [DISTRICT_NAME, *PUBLISHED]


def damaged(raw: bytes, rng: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        i, j = rng.randrange(len(data)), rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[i] = rng.randrange(256)
        elif kind == 1:
            del data[i : i + rng.choice([1, 1, 3, 30, 200])]
        elif kind == 2:
            data[i:i] = rng.choice(PIECES)
        elif kind == 3:
            data[i:i] = data[j : j + rng.choice([1, 10, 100])]
        else:
            lines = bytes(data).split(b"\n")
            lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))
            data = bytearray(b"\n".join(lines))
        data = data or bytearray(b"x")
    return bytes(data)


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_file_is_refused_or_read_and_nothing_else(tmp_path, seed):
    shutil.copytree(PARAMS, tmp_path / "params")
    rng, became = random.Random(seed), Counter()
    for _ in range(500 if os.environ.get("PPP_PROVE") == "1" else 15):
        name = rng.choice(FILES)
        sound = (PARAMS / name).read_bytes()
        hurt = damaged(sound, rng)
        (tmp_path / "params" / name).write_bytes(hurt)
        begun = time.process_time()  # the processor's: a loaded machine is no fault of the file
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                named = "wastewater.yaml" if name == DISTRICT_NAME else name
                project = ppp.load(tmp_path / "params" / named)
                for scenario in project.scenarios:
                    ppp.load(project._origin.path, scenario)
                canonical(project)
                became["valid"] += 1
            except ppp.InputError as error:
                became["refused"] += 1
                assert error.problems, hurt
                assert all(str(problem).isprintable() for problem in error.problems), hurt
        assert time.process_time() - begun < 10, hurt
        (tmp_path / "params" / name).write_bytes(sound)
    print(dict(became))
    assert len(became) == 2 or os.environ.get("PPP_PROVE") != "1"
