"""Every rule pack as it stands: values with their days, citations and whether anybody here has read the official page."""

from __future__ import annotations

from collections.abc import Iterator

from ppp import regimes
from ppp.contract.rules import ContractRules, contract_rules
from ppp.portfolio.packs import DebtRules, bundled_accounts, debt_rules
from ppp.regimes.pack import Cited, DatedValue, Pack, Rule
from ppp.report.words import has_word, word
from reference.markdown import code, escaped, page, table, written

CHECKED = {True: "checked 已查证", False: "**unchecked 未查证**"}
Text = dict[str, str]


def two(text: Text) -> str:
    """A text of a pack in both languages."""
    return escaped(text["en"] if text["en"] == text["zh"] else f"{text['en']} {text['zh']}")


def rule_pages() -> dict[str, str]:
    """Path below docs/reference -> text."""
    packs = {name: regimes.load(name) for name in regimes.available()}
    pages = {f"rules/{name}.md": _pack(pack) for name, pack in packs.items()}
    pages["rules/contract-cn.md"] = _contract(contract_rules())
    pages["rules/debt-risk-cn.md"] = _debt_risk(debt_rules())
    pages["rules/accounts-cn-2021.md"] = _accounts()
    return {**pages, "rules/index.md": _index(packs)}


def _index(packs: dict[str, Pack]) -> str:
    rows = [
        (f"[`{name}`]({name}.md)", two(pack.name), _days(pack.valid_from, pack.valid_to), _counted(pack))
        for name, pack in packs.items()
    ]
    others = [
        ("[`contract-cn`](contract-cn.md)", two(contract_rules().name)),
        ("[`debt-risk-cn`](debt-risk-cn.md)", two(debt_rules().name)),
        ("[`accounts-cn-2021`](accounts-cn-2021.md)", "Budget accounts of sectors and responsibilities 预算科目"),
    ]
    names = [*packs, "contract-cn", "debt-risk-cn", "accounts-cn-2021"]
    contents = "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])
    return page(
        "Rules as they stand 规则一览",
        "the rule packs in ppp/regimes, ppp/contract/packs and ppp/portfolio/packs",
        "Every number that a rule book sets, with the days between which it held, where it stands, and whether somebody on this project has"
        " read the official page. Reports print the same beside each rule that they apply. What a pack may say:"
        " [the file of a rule pack](../pack-file.md); how to add a country: [rule packs](../../rule-packs.md).",
        table(("Rule book", "Text 文件", "In force 有效期", "Values checked 已查证"), rows),
        "Beside the rule books:",
        table(("Rules", "What they are about 内容"), others),
        contents,
    )


def _counted(pack: Pack) -> str:
    values = [value for rule in pack.rules.values() for value in rule.values]
    return f"{sum(value.checked for value in values)} of {len(values)}"


def _days(first, last) -> str:
    return f"{first} to {last if last else 'today 现行'}"


def _pack(pack: Pack) -> str:
    unchecked = "" if pack.dates_checked else " (days not checked 起止日期未查证)"
    head = [
        f"In force 有效期: {_days(pack.valid_from, pack.valid_to)}{unchecked}",
        f"Tests 检验: {', '.join(map(code, pack.tests))}",
        f"The value-for-money figure decides 量值起决定作用: {written(pack.number_decides)}",
        f"Extra results 附加结果: {', '.join(map(code, pack.shows)) or 'none 无'}",
        f"A project file must have 必备字段: {', '.join(map(code, pack.needs)) or 'nothing more 无'}",
        f"Prices 价格口径: {code(pack.price_basis)}",
    ]
    if pack.neutrality_refuses:
        head.append(f"Neutrality items refused 不允许的竞争性中立调整: {', '.join(map(code, pack.neutrality_refuses))}")
    return page(
        f"{code(pack.id)}: {two(pack.name)}",
        f"ppp/regimes/{pack.id}.yaml",
        f"{escaped(pack.note['en'])}\n\n{escaped(pack.note['zh'])}",
        "\n".join(f"- {line}" for line in head),
        "## Rules 规则",
        _rules(pack.rules, pack.documents),
        "## Conventions 约定",
        "What each choice changes: [conventions and switches](../../methods/conventions.md).",
        _conventions(pack),
        *_qualitative(pack),
        *_compliance(pack),
        *_exempt(pack),
        "## Documents 引用文件",
        table(("Key", "Document"), [(code(key), two(text)) for key, text in pack.documents.items()]),
    )


def _rules(rules: dict[str, Rule], documents: dict[str, Text]) -> str:
    head = ("Rule 规则", "What it says 含义", "Value 数值", "Where it stands, and when 出处与有效期", "Read 查证")
    return table(head, [row for key, rule in rules.items() for row in _values(key, rule, documents)])


def _values(key: str, rule: Rule, documents: dict[str, Text]) -> Iterator[tuple[str, ...]]:
    for value in rule.values:
        meaning = f"{two(rule.meaning)} ({escaped(rule.unit)})"
        cited = f"{_cited(value, documents)}; {_days(value.from_, value.to)}"
        yield code(key), meaning, _number(value, rule.unit), cited, CHECKED[value.checked]


def _number(value: DatedValue, unit: str) -> str:
    if value.steps is not None:
        return "; ".join(f"from year {step.after:g}: {_shown(step.value, unit)}" for step in value.steps)
    if value.by is not None:
        return "; ".join(f"{_called(name)}: {_shown(number, unit)}" for name, number in value.by.items())
    return _shown(value.value, unit)


def _shown(number: float, unit: str) -> str:
    return f"{number * 100:.6g} %" if unit.startswith(("share", "rate")) else f"{number:g}"


def _called(choice: bool | str) -> str:
    """A choice with what the glossary calls it."""
    key = f"choice.{written(choice)}"
    return f"{code(written(choice))} ({escaped(word(key, 'en'))} {word(key, 'zh')})" if has_word(key) else code(choice)


def _cited(value: Cited, documents: dict[str, Text]) -> str:
    return f"{two(documents[value.document])}; {two(value.article)}"


def _conventions(pack: Pack) -> str:
    rows = [
        (code(key), two(each.meaning), _called(each.default), ", ".join(_called(choice) for choice in each.allowed))
        for key, each in pack.conventions.items()
    ]
    return table(("Convention 约定", "What it decides 含义", "Default 默认", "Allowed 可选"), rows)


def _qualitative(pack: Pack) -> Iterator[str]:
    if pack.indicators:
        yield "## Indicators of the qualitative assessment 定性评价指标"
        rows = [(code(key), rule.group, two(rule.name)) for key, rule in pack.indicators.items()]
        yield table(("Indicator", "Group", "Name 名称"), rows)
    if pack.score_bands is not None:
        bands = "; ".join(f"from {band.lowest:g}: {two(band.name)}" for band in pack.score_bands.bands)
        cited = f"{_cited(pack.score_bands, pack.documents)}, {CHECKED[pack.score_bands.checked]}"
        yield f"Bands of scores 评分档次: {bands} ({cited})."


def _compliance(pack: Pack) -> Iterator[str]:
    if pack.compliance:
        yield "## Compliance checklist 合规清单"
        rows = [
            (code(key), two(each.statement), _cited(each, pack.documents), CHECKED[each.checked])
            for key, each in pack.compliance.items()
        ]
        yield table(("Key", "What a project must show 合规要求", "Where it stands 出处", "Read 查证"), rows)


def _exempt(pack: Pack) -> Iterator[str]:
    if (given := pack.exempt_sectors) is not None:
        yield "## Exempt sectors 豁免行业"
        sectors = ", ".join(map(code, given.sectors))
        yield f"{sectors} from {code(given.rule)}: {two(given.note)} ({two(pack.documents[given.document])})."


def _contract(rules: ContractRules) -> str:
    scales = [
        (
            code(key),
            two(scale.name),
            "; ".join(_band(band) for band in scale.bands),
            two(rules.documents[scale.document]),
        )
        for key, scale in rules.scales.items()
    ]
    gates = [
        (code(gate.gate), two(gate.name), "; ".join(map(two, gate.items.values())), CHECKED[gate.checked])
        for gate in rules.gates
    ]
    return page(
        f"{code(rules.id)}: {two(rules.name)}",
        f"ppp/contract/packs/{rules.id}.yaml",
        f"Applied to projects under {', '.join(map(code, rules.regimes))}; scales and approval steps may be named by any project.",
        "## Rules 规则",
        _rules(rules.rules, rules.documents),
        "## Scales of performance pay 绩效付费标准",
        table(("Scale", "Name 名称", "Bands 档次", "Where it stands 出处"), scales),
        "## Approval steps 审批环节",
        table(("Step", "Name 名称", "What it needs 要件", "Read 查证"), gates),
    )


def _band(band) -> str:
    more = f" + {band.per_point * 100:g} % a point" if band.per_point else ""
    mend = " (to be rectified 须整改)" if band.rectify else ""
    return f"from {band.score:g}: {band.share * 100:g} %{more}{mend}"


def _debt_risk(rules: DebtRules) -> str:
    cited = lambda item: (two(rules.documents[item.document]), CHECKED[item.checked])  # noqa: E731
    head = ("Key", "Value 数值", "Where it stands 出处", "Read 查证")
    colours = [(item.colour, f"from {item.at_least * 100:g} % of capacity", *cited(item)) for item in rules.colours]
    capacity = (code("capacity"), " + ".join(map(code, rules.capacity.parts)), *cited(rules.capacity))
    triggers = [(code(item.measure), f"above {item.above * 100:g} %", *cited(item)) for item in rules.reorganisation]
    grades = [
        (
            two(grade.name),
            " and ".join(map(_condition, grade.when)),
            "; ".join(map(two, grade.actions)),
            CHECKED[grade.checked],
        )
        for grade in rules.grades
    ]
    assumed = [
        (code(key), f"{getattr(rules, key).value * 100:g} %", *cited(getattr(rules, key)))
        for key in ("rigid_share", "assumed_termination")
    ]
    shocks = [(code(shock.key), ", ".join(_shock(shock))) for shock in rules.stress]
    return page(
        f"{code(rules.id)}: {two(rules.name)}",
        f"ppp/portfolio/packs/{rules.id}.yaml",
        "## Colours of debt over comprehensive fiscal capacity 风险等级",
        table(head, [capacity, *colours]),
        "## Fiscal reorganisation 财政重整",
        table(head, triggers),
        "Actions 措施: " + "; ".join(map(two, rules.reorganisation_actions)),
        "## Grades of an event 风险事件级别",
        table(("Grade 级别", "When 条件", "Actions 措施", "Read 查证"), grades),
        "## Stress tests 压力测试",
        table(("Shock", "From the first year of the forecast on"), shocks),
        "## Assumptions 假设",
        table(head, assumed),
    )


def _condition(condition) -> str:
    line = f"above {condition.above:g}" if condition.above is not None else f"at least {condition.at_least:g}"
    return f"{code(condition.measure)} {line}"


def _shock(shock) -> Iterator[str]:
    if shock.revenue:
        yield f"revenue {shock.revenue * 100:+g} %"
    if shock.rate:
        yield f"rates {shock.rate * 100:+g} points"
    words = {
        "no_growth": "no growth",
        "guarantees": "every guarantee called",
        "termination": "the costliest contract ends",
    }
    yield from (text for key, text in words.items() if getattr(shock, key))


def _accounts() -> str:
    accounts = bundled_accounts()
    rows = lambda given: [(code(key), code(item.code), two(item.name)) for key, item in given.items()]  # noqa: E731
    return page(
        "`accounts-cn-2021`: budget accounts 预算科目",
        "ppp/portfolio/packs/accounts-cn-2021.yaml",
        f"Of the code book of {accounts.year}. **Nobody on this project has checked these codes 未查证**; a district file replaces any of"
        " them under `accounts`, and names who has confirmed them.",
        "## Sectors, by function 功能分类",
        table(("Sector", "Code 编码", "Name 名称"), rows(accounts.sectors)),
        "## Responsibilities, by economic classification 经济分类",
        table(("Responsibility", "Code 编码", "Name 名称"), rows(accounts.spending)),
    )
