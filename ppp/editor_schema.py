"""JSON Schema (draft 7) of input files: by it editors complete keys, explain them and refuse unknown ones.

Generated from the pydantic models and the rule packs, so that nothing is said twice. An editor knows the
shape of a file, but not what must agree between its parts: that is what `ppp check` knows. Beside what the
models say, a file may write any value as `{value: ..., source, date, signed_off_by}`, say these three in
any section, and use the short forms of a profile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from ppp import quantities, regimes
from ppp.district import District
from ppp.lines import LINES, RESULTS
from ppp.overlays import HELD, MOVES_NOTHING, RESIZED, UNCHANGEABLE
from ppp.project import Project
from ppp.provenance import PROVENANCE

Node = dict[str, Any]

MODELS = {"project": Project, "district": District}
WHAT = {
    "project": "A PPP project file of ppp. PPP 项目文件",
    "district": "A district's budget and PPP commitments. 地区预算与已有支出责任",
}
SAID = {
    "source": "Where the figure comes from. 数据来源",
    "date": "Date of the source. 来源日期",
    "signed_off_by": "Who answers for the figure. 签认人",
}
VALUE = "The value itself, beside its source. 数值（与来源并列）"
TABLE = {
    "table": "CSV file or XLSX workbook beside this file: a line of headings, a row for each entry. 同目录 CSV 或 XLSX 表格（首行为列名）",
    "sheet": "Sheet of the workbook; the only one when absent. 工作表",
}
XLSX = {
    "xlsx": "XLSX workbook beside this file, with a heading row. 同目录 XLSX 工作簿（首行为列名）",
    "sheet": "Sheet of the workbook; the only one when absent. 工作表",
    "column": "Heading of the column to read. 列名",
}
CSV = {
    "csv": "CSV file beside this file, with a heading line. 同目录 CSV 文件（首行为列名）",
    "column": "Heading of the column to read. 列名",
}
LANGUAGES = {"en": "English text. 英文", "zh": "Chinese text. 中文"}
KIND = "Which mechanism; it decides the other keys here. 付费机制类型"
TITLE = "What the scenario stands for. 情景名称"
LOAN = "Sizes the loan anew, or bears the base case's. 债务处理（重新确定 / 沿用基准债务）"
LOW, HIGH = "Lowest plausible value. 合理下限", "Highest plausible value. 合理上限"
NUMERIC = ("Amount", "Rate")  # of these a range may be given
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
MAP = f"^(?!(?:{'|'.join(PROVENANCE)})$){NAME}$"


def schema(kind: Literal["project", "district"]) -> Node:
    """The schema of one kind of file as plain data, keys in the order of their declaration."""
    return _Builder(MODELS[kind].model_json_schema()).whole(WHAT[kind])


def write(folder: Path) -> list[Path]:
    """Write project.json and district.json into `folder`; returns their paths. Same input, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in MODELS:
        path = folder / f"{kind}.json"
        path.write_text(json.dumps(schema(kind), ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _text(description: str) -> Node:
    return {"description": description, "type": "string", "minLength": 1}


def _provenance() -> dict[str, Node]:
    return {key: _reference(key) for key in PROVENANCE}


def _mapping(properties: dict[str, Node], required: list[str] | None = None, **more: Any) -> Node:
    """An object that refuses unknown keys and may say where it comes from."""
    node: Node = {"type": "object", **more, "properties": {**properties, **_provenance()}}
    return {**node, **({"required": required} if required else {}), "additionalProperties": False}


def _names(by_pattern: dict[str, Node], fixed: dict[str, Node] | None = None) -> Node:
    """An object whose keys are names that the file chooses."""
    by_key = {"properties": fixed} if fixed else {}
    return {"type": "object", **by_key, "patternProperties": by_pattern, "additionalProperties": False}


def _forms(given: Node) -> list[Node]:
    """The forms that pydantic's schema allows for a value, without null, which no file may say."""
    return [form for form in given.get("anyOf", given.get("oneOf", [given])) if form.get("type") != "null"]


def _model_name(given: Node) -> str:
    return given["$ref"].rsplit("/", 1)[1]


def _reference(name: str) -> Node:
    return {"$ref": f"#/definitions/{name}"}


def _described(node: Node, description: str, **more: Any) -> Node:
    """A node with its description. Draft 7 ignores what stands beside $ref, so a reference is wrapped."""
    return {"description": description, **more, **({"allOf": [node]} if "$ref" in node else node)}


def _sourced(*forms: Node) -> Node:
    """A value in any of its forms, or `{value: ..., source, date, signed_off_by}` around it."""
    bare = forms[0] if len(forms) == 1 else {"anyOf": list(forms)}
    return {"anyOf": [*forms, _mapping({"value": _described(bare, VALUE)}, ["value"])]}


class _Builder:
    """Turns pydantic's schema of one file into the editors' schema."""

    def __init__(self, given: Node):
        self.given = given
        self.models: dict[str, Node] = given.get("$defs", {})
        self.definitions: dict[str, Node] = {key: _text(SAID[key]) for key in PROVENANCE}

    def whole(self, description: str) -> Node:
        root = self._model(self.given, change=False)
        if "scenarios" in root["properties"]:
            self._overlays(root)
        head = {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": self.given["title"],
            "description": description,
        }
        return {**head, **root, "definitions": dict(sorted(self.definitions.items()))}

    def _overlays(self, root: Node) -> None:
        """Ranges name numbers of this file by dotted key; a scenario says any part of it again."""
        ends = {end: _described(self._of("Rate", "Amount"), text) for end, text in (("low", LOW), ("high", HIGH))}
        self.definitions["Range"] = _mapping(ends, ["low", "high"])
        fixed, free = {}, {}
        for key, description in self._numbers(self.given, ""):
            node = _described(_reference("Range"), description)
            if "*" in key:
                free["^" + key.replace(".", r"\.").replace("*", NAME) + "$"] = node
            else:
                fixed[key] = node
        changeable = {key: node for key, node in self.given["properties"].items() if key not in UNCHANGEABLE}
        change = self._model({**self.given, "properties": changeable}, change=True)["properties"]
        about = {
            "title": _described(self._of("Localised"), TITLE),
            "loan": _described(_sourced({"enum": [RESIZED, HELD]}), LOAN, default=RESIZED),
        }
        self.definitions["Scenario"] = _mapping({**about, **change})
        scenarios = {f"^{NAME}$": _reference("Scenario")}
        for key, named in (("ranges", _names(free, fixed)), ("scenarios", _names(scenarios))):
            root["properties"][key] = {"description": root["properties"][key]["description"], **named}

    def _of(self, *names: str) -> Node:
        for name in names:
            self.definitions.setdefault(name, _SCALARS[name])
        return _reference(names[0]) if len(names) == 1 else {"anyOf": [_reference(name) for name in names]}

    def _model(self, given: Node, change: bool) -> Node:
        properties = {
            key: self._property(given["title"], key, node, change) for key, node in given["properties"].items()
        }
        return _mapping(properties, None if change else given.get("required"))

    def _property(self, owner: str, key: str, given: Node, change: bool) -> Node:
        description = given.get("description") or (KIND if key == "kind" else "")
        maker = _BY_PLACE.get((owner, key))
        node = maker(self, change) if maker else self._value(given, change)
        shows_default = not change and given.get("default") not in (None, {})
        return _described(node, description, **({"default": given["default"]} if shows_default else {}))

    def _value(self, given: Node, change: bool) -> Node:
        """Any value of pydantic's schema, with short forms and with its source."""
        forms = _forms(given)
        if all("$ref" in form for form in forms):
            sections = [self._section(_model_name(form), change) for form in forms]
            return sections[0] if len(sections) == 1 else {"anyOf": sections}
        name = _scalar_name(forms)
        if name:
            return self._of(name)
        if len(forms) > 1:  # a name, or the thing itself
            return {"anyOf": [self._value(form, change) for form in forms]}
        (form,) = forms
        if "patternProperties" in form or isinstance(form.get("additionalProperties"), dict):
            inner = form.get("additionalProperties") or next(iter(form["patternProperties"].values()))
            return _names({MAP: self._value(inner, change)}, _provenance())
        if form.get("type") == "array":
            limits = {key: form[key] for key in ("minItems", "maxItems") if key in form}
            listed = {"type": "array", "items": self._value(form["items"], change=False), **limits}
            if "$ref" not in form["items"]:
                return _sourced(listed)
            return _sourced(listed, _mapping({key: _text(text) for key, text in TABLE.items()}, ["table"]))
        if "const" in form:
            return {"const": form["const"]}
        return _sourced({key: form[key] for key in ("type", "pattern", "enum", "minimum", "maximum") if key in form})

    def _section(self, model: str, change: bool) -> Node:
        name = f"{model}Change" if change else model
        if name not in self.definitions:
            self.definitions[name] = {}  # its place, should it hold itself
            self.definitions[name] = (
                self._profile(change) if model == "Profile" else self._model(self.models[model], change)
            )
        return _reference(name)

    def _profile(self, change: bool) -> Node:
        """A number, a list, start with growth, values, or a CSV column; a change may say one part alone."""
        parts = {
            key: self._property("Profile", key, node, change)
            for key, node in self.models["Profile"]["properties"].items()
        }
        csv, xlsx = _columns()
        amount = self._of("Amount")
        short = [{"type": "number"}, {"type": "array", "items": amount, "minItems": 1}]
        if change:
            return _sourced(*short, _mapping({**parts, **csv, **xlsx}))
        forms = [
            _mapping({key: parts[key] for key in ("start", "growth", "times")}, ["start"]),
            _mapping({key: parts[key] for key in ("values", "times")}, ["values"]),
            _mapping({**csv, "times": parts["times"]}, ["csv", "column"]),
            _mapping({**xlsx, "times": parts["times"]}, ["xlsx", "column"]),
        ]
        return _sourced(*short, *forms)

    def _numbers(self, given: Node, prefix: str) -> Iterator[tuple[str, str]]:
        """Dotted key and description of every number that can vary; `*` for a name that the file chooses."""
        for key, node in given["properties"].items():
            if not prefix and key in (*UNCHANGEABLE, *MOVES_NOTHING):
                continue
            forms, description = _forms(node), node.get("description", "")
            if _scalar_name(forms) in NUMERIC:
                yield f"{prefix}{key}", description
            for form in forms:
                inner, here = form, f"{prefix}{key}."
                if "patternProperties" in form:
                    inner, here = next(iter(form["patternProperties"].values())), f"{prefix}{key}.*."
                if "$ref" not in inner:
                    continue
                model = _model_name(inner)
                for part, said in self._numbers(self.models[model], here):
                    yield part, f"{description} {said}" if model == "Profile" else said

    def _conventions(self, change: bool) -> Node:
        found: dict[str, Node] = {}
        for pack in _packs():
            for key, convention in pack.conventions.items():
                before = found[key]["anyOf"][0]["enum"] if key in found else []
                offered = _sourced({"enum": list(dict.fromkeys([*before, *convention.allowed]))})
                found[key] = {
                    "description": _bilingual(convention.meaning),
                    "default": convention.default,
                    **offered,
                }
        return _mapping(found)

    def _qualitative(self, change: bool) -> Node:
        inner = self._section("Indicator", change)
        return _mapping(
            {
                key: _described(inner, _bilingual(rule.name))
                for pack in _packs()
                for key, rule in pack.indicators.items()
            }
        )

    def _scores(self, change: bool) -> Node:
        csv, xlsx = _columns()
        score = {"type": "number", "minimum": 0, "maximum": 100}
        listed = {"type": "array", "items": score, "minItems": 1}
        return _sourced(listed, _mapping(csv, ["csv", "column"]), _mapping(xlsx, ["xlsx", "column"]))

    def _drawn_values(self, change: bool) -> Node:
        csv, xlsx = _columns()
        quantity = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?\s?%$"}]}
        listed = {"type": "array", "items": quantity, "minItems": 1}
        return _sourced(listed, _mapping(csv, ["csv", "column"]), _mapping(xlsx, ["xlsx", "column"]))

    def _compliance(self, change: bool) -> Node:
        inner = self._section("Answer", change)
        return _mapping(
            {
                key: _described(inner, _bilingual(rule.statement))
                for pack in _packs()
                for key, rule in pack.compliance.items()
            }
        )

    def _confirmed_rules(self, change: bool) -> Node:
        inner = self._section("Confirmation", change)
        return _mapping(
            {key: _described(inner, _bilingual(rule.meaning)) for pack in _packs() for key, rule in pack.rules.items()}
        )


def _columns() -> tuple[dict[str, Node], dict[str, Node]]:
    """The keys that name a column of a CSV file, and of a workbook."""
    return {key: _text(text) for key, text in CSV.items()}, {key: _text(text) for key, text in XLSX.items()}


def _packs() -> list[regimes.Pack]:
    return [pack for pack in map(regimes.usable, regimes.available()) if pack is not None]


def _bilingual(text: dict[str, str]) -> str:
    return f"{text['en'].rstrip('.')}. {text['zh']}"


def _scalar_name(forms: list[Node]) -> str | None:
    bare = [
        {key: item for key, item in form.items() if key not in ("title", "description", "default")} for form in forms
    ]
    return next((name for name, known in _BARE.items() if known == bare), None)


def _bare_forms() -> dict[str, list[Node]]:
    """pydantic's schema of each kind of scalar, by which it is known again."""
    names = ("Amount", "Rate", "Years", "Date", "Text", "Identifier", "Localised", "Flag", "Year")
    return {name: _forms(TypeAdapter(getattr(quantities, name)).json_schema()) for name in names}


def _scalar_definitions(bare: dict[str, list[Node]]) -> dict[str, Node]:
    found = {name: _sourced(*forms) for name, forms in bare.items()}
    languages = {key: _text(text) for key, text in LANGUAGES.items()}
    found["Localised"] = _sourced({"type": "string", "minLength": 1}, _mapping(languages, ["en", "zh"]))
    return found


_BARE = _bare_forms()
_SCALARS = _scalar_definitions(_BARE)
_BY_PLACE = {
    ("Project", "regime"): lambda builder, change: _sourced({"enum": [pack.id for pack in _packs()]}),
    ("Project", "conventions"): _Builder._conventions,
    ("Project", "qualitative"): _Builder._qualitative,
    ("Project", "compliance"): _Builder._compliance,
    ("Project", "confirmed_rules"): _Builder._confirmed_rules,
    ("Indicator", "scores"): _Builder._scores,
    ("Drawn", "values"): _Builder._drawn_values,
    ("PrintedFigure", "line"): lambda builder, change: _sourced({"enum": list(LINES)}),
    ("PrintedFigure", "result"): lambda builder, change: _sourced({"enum": list(RESULTS)}),
}
