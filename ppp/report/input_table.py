"""The table of what a file gives: each input with its key, its value in the file's own unit, and where it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from ppp.databook import Entry
from ppp.report import html
from ppp.report.inputs_in_words import input_text
from ppp.report.words import Display, word

COLUMNS = ("input", "key", "value", "source")
SAYS = ("source", "date", "signed_off_by")
UNSET: tuple[object, ...] = (None, [], {}, "")


def input_table(entries: Sequence[Entry], display: Display) -> list[Markup]:
    """The inputs that have a value, and how many optional keys the file leaves out that have none.

    A default with a value is listed and marked, for it decides figures; a key with neither says nothing."""
    listed = [entry for entry in entries if not _unset(entry)]
    heads = [word(f"head.{column}", display.lang) for column in COLUMNS]
    parts = [html.table(heads, [_row(entry, display) for entry in listed], css="databook")]
    if left_out := len(entries) - len(listed):
        parts.append(html.paragraph(word("text.left_out", display.lang, count=str(left_out)), "note"))
    return parts


def _unset(entry: Entry) -> bool:
    return entry.is_default and entry.value in UNSET


def _row(entry: Entry, display: Display) -> tuple[object, ...]:
    said = "; ".join(entry.provenance[part] for part in SAYS if entry.provenance.get(part))
    source = word("text.default", display.lang) if entry.is_default else said
    name = entry.zh if display.lang == "zh" else entry.en
    return name, _key(entry.key), input_text(entry.key, entry.value, display), source


def _key(key: str) -> Markup:
    """A dotted key that may be broken after a dot or an underscore, and nowhere else."""
    parts = [Markup("{}").format(part) for part in re.split(r"(?<=[._])", key)]
    return Markup("<code>{}</code>").format(Markup("<wbr>").join(parts))
