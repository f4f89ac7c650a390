"""Why a file is no YAML, in words that say what to write instead of what a parser expected."""

from __future__ import annotations

import re
import unicodedata

from ruamel.yaml.error import MarkedYAMLError, StringMark

# What a Chinese keyboard types where YAML wants the ASCII character
FULL_WIDTH = {
    "：": ":",
    "，": ",",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "｛": "{",
    "｝": "}",
    "［": "[",
    "］": "]",
    "【": "[",
    "】": "]",
    "％": "%",
    "　": "a space",
}
_OPENED = {"while parsing a flow mapping": "{", "while parsing a flow sequence": "["}


def full_width(text: str) -> str:
    """The full-width characters in a text with what YAML wants for each, as ` (...)`; "" where there is none.

    >>> full_width("start：620")
    ' (full-width characters stand here: ： for :)'
    """
    odd = [
        f"{wide if wide.strip() else 'a wide space'} for {narrow}"
        for wide, narrow in FULL_WIDTH.items()
        if wide in text
    ]
    odd += [
        f"{c} for {narrow}"
        for c in dict.fromkeys(text)
        if (narrow := unicodedata.normalize("NFKC", c)).isdigit() and not c.isascii()
    ]
    return f" (full-width characters stand here: {', '.join(odd)})" if odd else ""


def explained(error: MarkedYAMLError, text: str) -> tuple[int, int, str]:
    """Line and column, counted from 1 (0 where unknown), and the reason."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return 0, 0, error.problem or "cannot be read"
    lines, said = text.splitlines(), (error.problem or "cannot be read").replace("\n", " ")
    if "'\\t'" in said or "\t" in said:
        return *_at(mark), "a tab stands where YAML wants spaces"
    if said == "could not find expected ':'" and error.context_mark is not None:
        return *_at(error.context_mark), _no_colon(_line(lines, error.context_mark))
    line = _line(lines, mark)
    if said == "mapping values are not allowed here":
        above = next((n for n in range(mark.line - 1, -1, -1) if _said(lines[n])), None)
        if above is not None and not re.search(r"\S:(\s|$)|^- ", _said(lines[above])):
            return above + 1, len(lines[above]) - len(lines[above].lstrip()) + 1, _no_colon(lines[above])
        return *_at(mark), _second_colon(line, mark.column)
    if said.startswith("found character") and said.endswith("cannot start any token"):
        return *_at(mark), f"a text that begins with {line[mark.column : mark.column + 1]} goes in quotes"
    if (opened := _OPENED.get(error.context or "")) and error.context_mark is not None:
        return *_at(mark), _not_closed(opened, error.context_mark, mark, lines)
    if said.startswith("expected <block end>") and error.context_mark is not None:
        return *_at(mark), _indented(line, error.context_mark, mark)
    return *_at(mark), said + full_width(line)


def _at(mark: StringMark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _line(lines: list[str], mark: StringMark) -> str:
    return lines[mark.line] if mark.line < len(lines) else ""


def _said(line: str) -> str:
    """A line without its comment and the spaces around it."""
    return re.sub(r"(^|\s)#.*", "", line).strip()


def _no_colon(line: str) -> str:
    said = _said(line)
    if wide := full_width(said):
        return f"this line has no key and value{wide}"
    if near := re.match(r"[\w.-]+(?=:\S)", said):
        return f"a space is missing after the colon; write {said[: near.end() + 1]} {said[near.end() + 1 :]}"
    if " = " in said:
        return f"= gives no value; write {said.replace(' = ', ': ', 1)}"
    return "this line has no key and value; allowed: key: value, with a space after the colon"


def _second_colon(line: str, column: int) -> str:
    """A colon within a value, or a value below another value."""
    before = line[:column]
    if re.search(r":\s", before.strip()):
        return "a text with a colon in it goes in quotes" + full_width(before)
    return "a key stands deeper than the line above it, which has a value already; mind the indentation"


def _not_closed(opened: str, begun: StringMark, mark: StringMark, lines: list[str]) -> str:
    closing = "}" if opened == "{" else "]"
    told = f"the {opened} on line {begun.line + 1}, column {begun.column + 1} is not closed before this"
    between = "\n".join(_said(line) for line in lines[begun.line : mark.line + 1])
    return f"{told}; look for a missing {closing}, comma or quote{full_width(between)}"


def _indented(line: str, begun: StringMark, mark: StringMark) -> str:
    if line[mark.column :].startswith("- ") or line.lstrip().startswith("- "):
        return "a list item (-) stands among keys; allowed: key: value"
    if mark.column != begun.column:
        return f"is indented by {mark.column} spaces, as no key above it is; keys of one section begin in one column"
    return "a key stands among list items (-); allowed: one kind in a section" + full_width(line)
