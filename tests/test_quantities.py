"""Every kind of value takes what it says it takes, and refuses the rest in a sentence."""

import datetime as dt

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ppp import quantities as q
from ppp.scalars import Doubtful, plain_scalar


def read(kind, value):
    return TypeAdapter(kind).validate_python(value)


def refusal(kind, value) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    (error,) = caught.value.errors()
    return str(error["ctx"]["error"])


@pytest.mark.parametrize(
    "kind, written, meant",
    [
        (q.Rate, "8%", 0.08),
        (q.Rate, "8 %", 0.08),
        (q.Rate, 0.08, 0.08),
        (q.Rate, "4.65%", 0.0465),
        (q.Rate, "-2.5%", -0.025),
        (q.Rate, 0, 0.0),
        (q.Share, "100%", 1.0),
        (q.Share, "0%", 0.0),
        (q.Cover, 1.2, 1.2),
        (q.Amount, 30600, 30600.0),
        (q.Year, 2024, 2024),
        (q.Years, "20 years", 20),
        (q.Years, "1 year", 1),
        (q.Years, "240 months", 20),
        (q.Years, "20年", 20),
        (q.Years, "24个月", 2),
        (q.Date, "2024-02-29", dt.date(2024, 2, 29)),
        (q.Date, plain_scalar("2024-02-29"), dt.date(2024, 2, 29)),
        (q.Flag, True, True),
        (q.Choice, "floor", "floor"),
        (q.Localised, "x", {"en": "x", "zh": "x"}),
        (q.Localised, {"en": "x", "zh": "某"}, {"en": "x", "zh": "某"}),
        (q.Identifier, "a.B_c-9", "a.B_c-9"),
        (q.Identifier, "x" * 64, "x" * 64),
    ],
)
def test_what_is_written_is_what_is_meant(kind, written, meant):
    assert read(kind, written) == meant


@pytest.mark.parametrize(
    "kind, written, words",
    [
        (q.Rate, 8, "given 8; write 8% or 0.08"),
        (q.Rate, 12.3456789, "write 12.3456789% or 0.123456789"),
        (q.Share, 1, "write 1% or 100%"),
        (q.Rate, -3, "write -3% or -0.03"),
        (q.Rate, "80%", "out of range"),
        (q.Rate, 5000, "out of range"),
        (q.Rate, "8", "is a number in quotes"),
        (q.Rate, "８%", "is not a number"),
        (q.Rate, "8％", "is not a number"),
        (q.Rate, "+8%", "is not a number"),
        (q.Rate, "9" * 5000 + "%", "is not a number"),
        (q.Rate, True, "is not a number, given true"),
        (q.Cover, 0.9, "from 1.0 to 10"),
        (q.Amount, -1, "out of range, given -1"),
        (q.Amount, 1e16, "out of range"),
        (q.Amount, float("nan"), "not a finite number"),
        (q.Amount, "10%", "is not a number"),
        (q.Amount, None, "is not a number"),
        (q.Amount, {"valu": 5}, "{value: ..., source: ...}"),
        (q.Year, 2024.5, "not a whole number"),
        (q.Years, 20, "20 years or 240 months"),
        (q.Years, "100 years", "out of range"),
        (q.Years, "18 months", "whole years"),
        (q.Years, "1.5 years", "is not a length of time"),
        (q.Date, "2024-13-01", "not a day of the calendar"),
        (q.Date, "2024-1-1", "is not a date"),
        (q.Date, "1889-01-01", "from 1990 to 2100"),
        (q.Date, 20240101, "is not a date"),
        (q.Flag, "true", "allowed: true or false"),
        (q.Flag, 1, "allowed: true or false"),
        (q.Choice, 3, "is not a choice"),
        (q.Text, "", "is empty"),
        (q.Text, "  ", "is empty"),
        (q.Text, 5, "put it in quotes"),
        (q.Text, "x" * 4001, "at most 4000"),
        (q.Text, "a\x00b", "U+0000"),
        (q.Text, "a\u202eb", "U+202E"),
        (q.Text, "a\ud800b", "U+D800"),
        (q.Localised, 5, "{en: ..., zh: ...}"),
        (q.Localised, {"en": "x"}, "given en"),
        (q.Localised, {"en": "x", "zh": 5}, "is not text, given 5"),
        (q.Localised, {}, "given nothing"),
        (q.Identifier, "-x", "is not an identifier"),
        (q.Identifier, "x" * 65, "64 at most"),
        (q.Identifier, "a/b", "is not an identifier"),
        (q.Identifier, "x\n", "is not an identifier"),
        (q.Identifier, "LPT1.txt", "Windows"),
        (q.Identifier, "end.", "Windows"),
        (q.Profile, "lots", "a number, a list of numbers, {start, growth} or {csv, column}"),
        (q.Profile, True, "is not an amount over time"),
        (q.Profile, {}, "either start or values"),
        (q.Profile, {"start": 1, "values": [1]}, "either start or values"),
        (q.Profile, {"values": [1], "growth": 0.02}, "growth goes with start"),
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(kind, written, words):
    assert words in refusal(kind, written)


@pytest.mark.parametrize("kind", [q.Rate, q.Share, q.Cover, q.Factor, q.Score, q.Amount, q.Year, q.Years, q.Flag])
@pytest.mark.parametrize("text", ["no", "1e6", "010", "12:30", "2024-01-01", "~", ".nan", "0x1f", "1_000", ""])
def test_a_doubtful_scalar_is_refused_everywhere(kind, text):
    value = plain_scalar(text)
    assert isinstance(value, Doubtful)
    assert value.why in refusal(kind, value)


@pytest.mark.parametrize(
    "written, full",
    [
        (300, {"start": 300.0}),
        ([1, 2], {"values": [1.0, 2.0]}),
        ({"start": 300, "growth": "2%"}, {"start": 300.0, "growth": 0.02}),
        ({"values": [1], "times": 0.9}, {"values": [1.0], "times": 0.9}),
    ],
)
def test_a_profile_may_be_written_short(written, full):
    assert read(q.Profile, written).model_dump(exclude_unset=True) == full


@drawn(st.integers(-4999, 4999))
def test_a_percentage_and_its_fraction_are_the_same_number(hundredths):
    percent = f"{hundredths / 100:.2f}%"
    assert read(q.Rate, percent) == float(f"{hundredths / 10000:.4f}")


KINDS = [q.Rate, q.Amount, q.Year, q.Years, q.Date, q.Flag, q.Text, q.Localised, q.Identifier, q.Profile]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(SCALARS, lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=5)


@drawn(ANYTHING)
@pytest.mark.parametrize("kind", [*KINDS, q.Choice])
def test_no_value_breaks_a_reader(kind, value):
    try:
        read(kind, value)
    except ValidationError as error:
        assert error.errors()


def test_what_was_given_is_shown_as_a_file_writes_it():
    assert q.given(True) == "given true"
    assert q.given({"start": plain_scalar("no"), "x": [1, "a\nb"]}) == "given {start: no, x: [1, a\\nb]}"
    assert q.given("x" * 100) == "given " + "x" * 57 + "..."
