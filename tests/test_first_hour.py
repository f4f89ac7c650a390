"""What a first user mistypes is answered with the text to write instead.

Each mistake is one edit of the starter file; the words are the part of the message that names the fix.
"""

from __future__ import annotations

from importlib import resources

import pytest

from ppp import hints
from ppp.loading import read_project
from ppp.problems import InputError

STARTER = (resources.files("ppp") / "starter.yaml").read_text(encoding="utf-8")
MISTAKES = {
    # rates and amounts in other spellings
    "a rate in words": ("profit_rate: 6%", "profit_rate: 6 percent", "write 6%"),
    "a full-width percent sign": ("profit_rate: 6%", "profit_rate: 6％", "write 6%"),
    "per mille": ("profit_rate: 6%", "profit_rate: 60‰", "write 6%"),
    "basis points": ("rate: 4.3%", "rate: 430bp", "write 4.3%"),
    "basis points in Chinese": ("rate: 4.3%", "rate: 430个基点", "write 4.3%"),
    "a share in Chinese": ("rate: 4.3%", "rate: 百分之4.3", "write 4.3%"),
    "a cover in percent": ("dscr: 1.2", "dscr: 120%", "write 1.2"),
    "full-width digits": ("value: 18000", "value: １８０００", "write 18000"),
    "thousands": ("{start: 620, growth: 2.5%}", "1,620", "write 1620"),
    "an exponent": ("value: 18000", "value: 1.8e4", "write 18000"),
    "thousands in braces": ("value: 18000", "value: 18,000", "write 1,620 as 1620"),
    "a unit beside the number": ("value: 18000", "value: 18000万元", "write the number alone"),
    "a currency sign": ("value: 18000", "value: ￥18000", "write the number alone"),
    # dates and lengths
    "slashes in a date": ("appraised: 2025-03-01", "appraised: 2025/3/1", "write 2025-03-01"),
    "a date without zeros": ("appraised: 2025-03-01", "appraised: 2025-3-1", "write 2025-03-01"),
    "a date in Chinese": ("appraised: 2025-03-01", "appraised: 2025年3月1日", "write 2025-03-01"),
    "a date in English": ("appraised: 2025-03-01", "appraised: 1 March 2025", "write 2025-03-01"),
    "a date in American English": ("appraised: 2025-03-01", "appraised: March 1 2025", "write 2025-03-01"),
    "years without the word": ("operation: 15 years", "operation: 15", "write 15 years"),
    "years cut short": ("operation: 15 years", "operation: 15 yrs", "write 15 years"),
    # words
    "the unit in Chinese": ("unit: wan", "unit: 万元", "did you mean wan?"),
    "the unit as a number": ("unit: wan", "unit: 10000", "did you mean wan?"),
    "the currency in Chinese": ("currency: CNY", "currency: 人民币", "did you mean CNY?"),
    "yes": ("# stock_project: true", "stock_project: yes", "did you mean true?"),
    "a name as identifier": ("id: my-project", "id: my project", "write my-project"),
    # keys
    "a key in Chinese": ("  capex: {value", "  建设投资: {value", "did you mean capex?"),
    "a capital letter": ("\ntimeline:", "\nTimeline:", "did you mean timeline?"),
    "another word for a section": ("\nfunding:", "\nfinancing:", "did you mean funding?"),
    "a key in another section": ("tax:\n", "tax:\n  profit_rate: 6%\n", "a key of payment"),
    "an empty section": (
        '  capex: {value: 18000, source: "Feasibility study, table 1", date: 2025-01-20, signed_off_by: My engineer}\n',
        "",
        "keys below it, indented: capex, spending",
    ),
    # what a Chinese keyboard types
    "a full-width colon": ("sector: water", "sector：water", "： for :"),
    "full-width colon and comma": ("{start: 620, growth: 2.5%}", "{start：620，growth：2.5%}", "： for :, ， for ,"),
    "a full-width comma": ("{start: 620, growth: 2.5%}", "{start: 620，growth: 2.5%}", "， for ,"),
    "Chinese quotes": ('"Feasibility study, table 1"', "“Feasibility study, table 1”", '” for "'),
    "Chinese brackets": ("# spending: [40%, 60%]", "spending: 【40%，60%】", "【 for ["),
    "a wide space": ("  # lifecycle: {csv: my-costs.csv, column: renewals}", "\u3000other_revenue: 40", "a wide space for a space"),
    # broken YAML
    "no space after the colon": ("regime: generic", "regime:generic", "write regime: generic"),
    "an equals sign": ("  rate: 25%", "  rate = 25%", "write rate: 25%"),
    "a colon in a text": ("name: {en: My project, zh: 我的项目}", "name: Phase 2: bridge", "goes in quotes"),
    "an at sign": ("id: my-project", "id: @me", "a text that begins with @ goes in quotes"),
    "a brace not closed": ("growth: 2.5%}\n", "growth: 2.5%\n", "look for a missing }"),
    "a line indented otherwise": ("    tenor: 13 years", "   tenor: 13 years", "begin in one column"),
    "a line not indented": ("  rate: 25%", "rate: 25%", "mind the indentation"),
    "a tab": ("  opex: {start", "\topex: {start", "a tab stands where YAML wants spaces"),
}  # fmt: skip


def told(path, text: str | bytes) -> list[str]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        read_project(path, path.name)
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("name", MISTAKES)
def test_the_message_names_the_fix(tmp_path, name):
    old, new, fix = MISTAKES[name]
    assert STARTER.count(old) >= 1
    problems = told(tmp_path / "mine.yaml", STARTER.replace(old, new, 1))
    assert len(problems) == 1, problems
    assert fix in problems[0]
    assert len(problems[0]) < 400, "too long to be read"


@pytest.mark.parametrize(
    "raw, words",
    [
        (STARTER.encode("gbk"), "looks like GBK"),
        (b"PK\x03\x04" + bytes(60), "{xlsx: costs.xlsx, column: opex}"),
        (b"\xd0\xcf\x11\xe0" + bytes(60), "save it as XLSX"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"", "ppp new writes a file to start from"),
        (b"- a\n- b\n", "ppp new writes a file to start from"),
    ],
)
def test_a_file_of_another_kind_is_known_by_its_beginning(tmp_path, raw, words):
    (problem,) = told(tmp_path / "mine.yaml", raw)
    assert words in problem


def test_a_folder_is_said_to_be_one(tmp_path):
    with pytest.raises(InputError, match="it is a folder"):
        read_project(tmp_path)


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("6%", "6 %")]
)
def test_what_means_the_same_is_no_mistake(tmp_path, change):
    assert told(tmp_path / "mine.yaml", change(STARTER)) == []


@pytest.mark.parametrize(
    "text",
    ["", "x", "-", "%", "1.2.3", "1e999999999", "９" * 500, "百分之", "$", "12/05/2025", "2025-02-30", "2025/13/1"],
)
def test_a_hint_is_given_only_where_there_is_no_doubt(text):
    """12/05/2025 is in May or in December; none of the others is anything."""
    assert hints.date(text) == "" and hints.number(text) == "" and hints.identifier("我的") == ""
