"""What the author of a refused value most likely meant, as the text to write instead.

A hint is never acted upon: the file says what it says until its author changes it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from difflib import get_close_matches

_NUMBER = r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,12})?"
_FRACTIONS = (  # what a share of something is called, and how many of it are one
    (re.compile(rf"({_NUMBER}) ?(?:percent|per cent|pct|pc|％|百分点)", re.IGNORECASE), 1),
    (re.compile(rf"百分之({_NUMBER})"), 1),
    (re.compile(rf"({_NUMBER}) ?(?:‰|per mille)", re.IGNORECASE), 10),
    (re.compile(rf"({_NUMBER}) ?(?:bps?|basis points|个?基点)", re.IGNORECASE), 100),
)
_WITH_UNIT = re.compile(rf"(?:[¥￥$€£] ?)?{_NUMBER} ?(?:[^\W\d_]|[¥￥$€£]).*|[¥￥$€£] ?{_NUMBER}")
_ISO = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN_DATE = (
    re.compile(r"(?P<day>\d{1,2}) (?P<month>[A-Za-z]{3,9})\.?,? (?P<year>\d{4})"),
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})"),
)
_LENGTH = re.compile(r"([0-9]{1,4}) ?(y|yr|yrs|a|years?|m|mo|mth|mths|months?|月|个年|周年)?", re.IGNORECASE)
# Everyday names of a file's words, by word; none is accepted, for a file is read by others too.
_EVERYDAY = {
    "one": ("元", "yuan", "dollar", "dollars", "1"),
    "thousand": ("千元", "千", "k", "1000", "thousands"),
    "wan": ("万元", "万", "10000", "10 000", "10k", "ten thousand", "人民币万元"),
    "million": ("百万元", "百万", "m", "mn", "mio", "mln", "1000000", "millions"),
    "yi": ("亿元", "亿", "100000000", "100 million"),
    "billion": ("十亿元", "十亿", "bn", "bln", "1000000000", "billions"),
    "CNY": ("人民币", "元", "rmb", "yuan", "¥", "￥", "cny"),
    "USD": ("美元", "$", "us$", "dollar", "dollars", "usd"),
    "EUR": ("欧元", "€", "euro", "eur"),
    "GBP": ("英镑", "£", "pound", "gbp"),
    "project": ("ppp", "项目"),
    "district": ("地区", "县", "区", "市"),
    "true": ("yes", "y", "on", "是", "true"),
    "false": ("no", "n", "off", "否", "false"),
}


def nearest(word: str, known: list[str]) -> str:
    """A hint at the known word most like this one, if one is."""
    close = closest(word, known)
    return f"; did you mean {close}?" if close else ""


def closest(word: str, known: list[str]) -> str | None:
    return next(iter(get_close_matches(word[:100], known, n=1, cutoff=0.6)), None)


def narrow(text: str) -> str:
    """Text with its full-width characters as ASCII, without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def everyday(word: str, allowed: list[str]) -> str:
    """`; did you mean wan?` for an everyday name of one of the allowed words, else ""."""
    plain = " ".join(narrow(word).casefold().split())
    return next((f"; did you mean {one}?" for one in allowed if plain in _EVERYDAY.get(one, ())), "")


def number(text: str, *, share: bool = False) -> str:
    """`; write ...` for a number in another spelling, else "". share: a percentage is one of the ways to write it."""
    plain = narrow(text)
    for pattern, parts in _FRACTIONS:
        if found := pattern.fullmatch(plain):
            return f"; write {_digits(Decimal(found[1]) / parts)}%"
    percent = re.fullmatch(rf"({_NUMBER}) ?%", plain)
    if percent and not share:
        return f"; write {_digits(Decimal(percent[1]) / 100)}"
    if percent or re.fullmatch(_NUMBER, plain):
        return f"; write {plain}" if plain != text.strip() else ""
    if re.fullmatch(rf"{_NUMBER}e[-+]?[0-9]{{1,2}}", plain, re.IGNORECASE):
        return f"; write {_digits(Decimal(plain))}" if abs(Decimal(plain)) < Decimal(10) ** 15 else ""
    if re.fullmatch(r"[-+]?[0-9]{1,3}([,_ ][0-9]{3})+(\.[0-9]+)?", plain):
        return f"; write {re.sub('[,_ ]', '', plain)}"
    if not share and not re.match(rf"{_NUMBER}e[-+]?[0-9]", plain, re.IGNORECASE) and _WITH_UNIT.fullmatch(plain):
        return "; write the number alone: currency and unit stand once, at the top of the file"
    return ""


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def date(text: str) -> str:
    """`; write 2025-03-01` for a date in another order or spelling that leaves no doubt, else ""."""
    plain = narrow(text)
    found = _ISO.fullmatch(plain)
    year, month, day = (int(part) for part in found.groups()) if found else (0, 0, 0)
    for pattern in _WRITTEN_DATE:
        if (words := pattern.fullmatch(plain)) and words["month"].lower()[:3] in _MONTHS:
            year, month, day = int(words["year"]), 1 + _MONTHS.index(words["month"].lower()[:3]), int(words["day"])
    try:
        return f"; write {dt.date(year, month, day).isoformat()}"
    except ValueError:
        return ""


def length_of_time(value: object) -> str:
    """`; write 15 years` for a length without its unit, or with another word for it, else ""."""
    found = (
        _LENGTH.fullmatch(narrow(str(value))) if isinstance(value, int | str) and not isinstance(value, bool) else None
    )
    if not found:
        return ""
    months = (found[2] or "").lower().startswith(("m", "月"))
    return f"; write {found[1]} {'months' if months else 'years'}"


def identifier(text: str) -> str:
    """`; write my-project` for a name that only wants its spaces and signs replaced, else ""."""
    made = re.sub(r"[^A-Za-z0-9._-]+", "-", narrow(text)).strip("-._")[:64]
    letters = sum(c.isalnum() for c in text)
    return f"; write {made}" if made and sum(c.isalnum() for c in made) == letters else ""
