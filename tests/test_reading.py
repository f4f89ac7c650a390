"""YAML, JSON and CSV are read as plain data, with the place of everything."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ppp
from ppp.columns import read_column
from ppp.problems import printable
from ppp.reading import DEEPEST, dotted, read_document
from ppp.scalars import Doubtful, plain_scalar


@pytest.fixture
def written(tmp_path):
    def write(text, name="file.yaml"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


def refusals(path) -> list[str]:
    with pytest.raises(ppp.InputError) as caught:
        read_document(path, "f")
    return [str(problem) for problem in caught.value.problems]


NUMBERS = {"42": 42, "-7": -7, "+5": 5, "0": 0, "4.20": 4.2, "-0.5": -0.5, "true": True, "false": False}
TEXTS = ["8%", "-2%", "20 years", "m3 treated", "cn-2015", "a:b", "1.2.3", "=SUM(A1)", "x" * 999]


@pytest.mark.parametrize("text, value", [*NUMBERS.items(), *zip(TEXTS, TEXTS, strict=True)])
def test_a_plain_scalar_that_nobody_doubts(text, value):
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


DOUBTFUL = [
    "no",
    "Yes",
    "on",
    "OFF",
    "y",
    "N",
    "True",
    "FALSE",
    "null",
    "Null",
    "~",
    "010",
    "-007",
    "00",
    "0x1f",
    "0o17",
    "0b11",
    "1e6",
    "1.5E-3",
    ".5e3",
    "12:30",
    "1:30:00",
    "2024-01-01",
    "2024-1-1",
    "2024-01-01T10:00",
    ".inf",
    "-.INF",
    ".nan",
    "NaN",
    "Infinity",
    "1_000",
    "1,000",
    "1,000.5",
    ".5",
    "5.",
]


@pytest.mark.parametrize("text", [*DOUBTFUL, "", "2024-01-01 10:00", "9" * 41])
def test_a_plain_scalar_that_readers_understand_differently(text):
    value = plain_scalar(text)
    assert isinstance(value, Doubtful)
    assert str(value) == text
    assert value.why


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers_are_read_as_written(number):
    assert plain_scalar(str(number)) == number


@given(st.text(max_size=200))
def test_every_scalar_is_read_in_some_way(text):
    assert plain_scalar(text) is not None


def test_every_key_has_its_place(written):
    document = read_document(written("a: 1\nb:\n  c: [x, {d: 2}]\n  e: 'no'\n"))
    assert document.data == {"a": 1, "b": {"c": ["x", {"d": 2}], "e": "no"}}
    assert document.places[("a",)] == (1, 1)
    assert document.places[("b", "c")] == (3, 3)
    assert document.places[("b", "c", 0)] == (3, 7)
    assert document.places[("b", "c", 1, "d")] == (3, 11)
    assert str(document.problem(("b", "c", 1, "q"), "is missing")).endswith(":3:10: b.c.1.q: is missing")


def test_quoted_scalars_and_blocks_are_text(written):
    document = read_document(written("a: 'no'\nb: \"010\"\nc: |\n  1e6\nd: >-\n  12:30\n"))
    assert document.data == {"a": "no", "b": "010", "c": "1e6\n", "d": "12:30"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_change_nothing(written, line_end, mark):
    text = "kind: project\nname: 污水\n".replace("\n", line_end)
    document = read_document(written(mark + text.encode()))
    assert document.data == {"kind": "project", "name": "污水"}
    assert document.places == {(): (1, 1), ("kind",): (1, 1), ("name",): (2, 1)}


def test_every_refusal_of_a_file_is_told(written):
    path = written("a: &x 1\nb: *x\nc: !!int 5\na: 2\nd: {<<: 1}\n? [k]\n: 2\n")
    assert refusals(path) == [
        "f:1:4: a: anchors and aliases (& and *) are not read: write the value out",
        "f:2:4: b: anchors and aliases (& and *) are not read: write the value out",
        "f:3:4: c: the tag 'tag:yaml.org,2002:int' is not read: a project file is plain data",
        "f:4:1: a: is given twice; first on line 1",
        "f:5:5: d: merge keys (<<) are not read: write the values out",
        "f:6:3: a key must be a word",
    ]


def test_levels_of_nesting_are_limited(written):
    assert read_document(written("a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1))).data
    assert "nested too deeply" in refusals(written("a: " + "[" * DEEPEST + "]" * DEEPEST))[0]
    assert "nested too deeply" in refusals(written("? " + "[" * DEEPEST + "]" * DEEPEST + "\n: 1"))[-1]


def test_exponential_aliases_are_refused_at_once(written):
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    assert all("anchors and aliases" in line for line in refusals(written("\n".join(lines))))


@pytest.mark.parametrize(
    "text, words",
    [
        ('{"a": 1, "a": 2}', "f: a: is given twice"),
        ("{", "f:1:2: is not JSON"),
        ("[1]", "must be a mapping"),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", "nested too deeply"),
        ('{"a": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_json_is_refused(written, text, words):
    (line,) = refusals(written(text, "file.json"))
    assert words in line


def test_json_holds_no_doubtful_numbers(written):
    text = '{"a": null, "b": NaN, "c": 1e999, "d": ' + "9" * 5000 + ', "e": "no", "f": 1e-05, "g": true}'
    data = read_document(written(text, "file.JSON")).data
    assert all(isinstance(data[key], Doubtful) for key in "abcd")
    assert (data["e"], data["f"], data["g"]) == ("no", 0.00001, True)


def test_the_same_data_in_both_spellings(written):
    data = {"a": 1.5, "b": ["x", {"c": True}]}
    assert read_document(written(json.dumps(data), "file.json")).data == data
    assert read_document(written(json.dumps(data), "file.yaml")).data == data


def test_a_problem_is_one_printable_line():
    problem = ppp.Problem("a\nb", 1, 2, "x\u202ey", "bad \x00 and \ud800\u2028")
    assert str(problem) == "a\\nb:1:2: x\\u202ey: bad \\x00 and \\ud800\\u2028"
    assert printable("污水 é") == "污水 é"
    assert dotted(("a", 3, "k" * 100)) == "a.3." + "k" * 61 + "..."


@pytest.mark.parametrize(
    "text",
    [
        "year,opex\n1,100\n2,110.5\n",
        "year,opex\r\n1,100\r\n2,110.5\r\n",
        "\ufeffyear, opex \n1, 100\n2,110.5",
        '"year","opex"\n"1","100"\n"2","110.5"\n',
        '"year, of operation","opex"\n1,100\n\n2,110.5\n,\n',
        '"name\nover two lines",opex\n1,100\n"a\nb",110.5\n',
    ],
)
def test_a_column_of_numbers(written, text):
    column = read_column(written(text, "c.csv"), "opex")
    assert column.values == [100.0, 110.5]
    assert column.place(0).column == 2


def test_a_number_of_a_column_knows_its_line(written):
    column = read_column(written('"name\nover two lines",opex\n"a\nb",100\n\nc,110\n', "c.csv"), "opex")
    assert column.lines == [3, 6]


NUMBER = "; allowed: a number such as 1234.5"
BAD_COLUMNS = {
    "year,opex\n1,x\n2,\n3,1e6\n4,5\n": [
        f"c:2:2: opex: is not a number, given x{NUMBER}",
        f"c:3:2: opex: it is empty{NUMBER}",
        f"c:4:2: opex: exponents are not read: write the digits out, given 1e6{NUMBER}",
    ],
    "opex\n010\n": [f"c:2:1: opex: a leading zero may mean an octal number, given 010{NUMBER}"],
    "year,opex\n1\n": [f"c:2:2: opex: it is empty{NUMBER}"],
    "a,b\n1,2\n": ["c:1:1: opex: there is no such column; allowed: one of the headings a, b"],
    "opex,opex\n": ["c:1:1: opex: two columns have this heading; allowed: one of the headings opex, opex"],
    "": ["c:1:1: opex: there is no such column; allowed: one of the headings (none)"],
    "opex\n": ["c:1:1: opex: has no numbers below it; allowed: one number a year"],
    'opex\n"1" 2\n': ["c:2:1: opex: is not CSV: ',' expected after '\"'"],
    'opex\n"1,000"\n': [f"c:2:1: opex: digit separators are not read: write the digits alone, given 1,000{NUMBER}"],
}


@pytest.mark.parametrize("text, lines", BAD_COLUMNS.items())
def test_a_bad_column_is_told_cell_by_cell(written, text, lines):
    with pytest.raises(ppp.InputError) as caught:
        read_column(written(text, "c.csv"), "opex", "c")
    assert [str(problem) for problem in caught.value.problems] == lines


def test_many_bad_cells_are_counted(written):
    with pytest.raises(ppp.InputError) as caught:
        read_column(written("opex\n" + "x\n" * 5000, "c.csv"), "opex", "c")
    assert len(caught.value.problems) == 21
    assert "4980 more such cells follow" in caught.value.problems[-1].message


def test_a_column_in_another_encoding(written):
    with pytest.raises(ppp.InputError, match="looks like GBK"):
        read_column(written("年份,运营成本\n1,2\n".encode("gbk"), "c.csv"), "运营成本")
