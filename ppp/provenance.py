"""Part the values of an input file from what is said about them, and put CSV columns in.

Any input may be written `{value: 30600, source: ..., date: ..., signed_off_by: ...}`, and any section may
carry the three keys about itself; `{csv: costs.csv, column: opex}` stands for the numbers under a heading, and so does
`{xlsx: costs.xlsx, sheet: Costs, column: opex}`. `{table: actuals.csv}` and `{table: book.xlsx, sheet: Scores}` stand for a list with
one mapping a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from ppp.broken_yaml import full_width
from ppp.columns import Column, read_column
from ppp.explain import COMMA
from ppp.hints import nearest
from ppp.problems import InputError, Place, Problem
from ppp.quantities import given, text
from ppp.reading import UNREADABLE, Document, Doubtful, KeyPath, dotted
from ppp.tables import Table, read_table

PROVENANCE = ("source", "date", "signed_off_by")
_OF_PROFILES = {"growth", "times"}
_FILES = {
    "csv": ("csv", "column"),
    "xlsx": ("xlsx", "sheet", "column"),
}  # kind of file: the keys that name a column of one
_NAMED = (
    ("scenarios",),
    ("ranges",),
)  # their keys are names, and what is below is a copy of the file's own structure


@dataclass
class Inputs:
    """The plain values of a file. `places` says where each is written: perhaps a CSV file or a scenario.

    `provenance` goes by dotted key. `problems` holds what was refused so far; UNREADABLE stands in its place.
    """

    data: dict[str, Any]
    places: dict[KeyPath, Place]
    provenance: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: KeyPath, message: str) -> Problem:
        """A problem at `path`, or at the nearest thing around it that is written somewhere."""
        length = next(n for n in range(len(path), -1, -1) if path[:n] in self.places)
        return self.places[path[:length]].problem(message, dotted(path[length:]))


@dataclass
class _Separation:
    document: Document
    folder: Path | None  # of CSV files and workbooks; None where there are none to be read
    inputs: Inputs
    columns: dict[KeyPath, Column] = field(default_factory=dict)
    tables: dict[KeyPath, Table] = field(default_factory=dict)

    def values(self, value: Any, written: KeyPath, path: KeyPath) -> Any:
        """The plain form of `value`, which is written at one path and belongs at another."""
        self.inputs.places[path] = self._place(written, path)
        if isinstance(value, list):
            return [self.values(item, (*written, i), (*path, i)) for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if path in _NAMED:
            return {key: self.values(item, (*written, key), (*path, key)) for key, item in value.items()}
        self._note(value, written, path)
        rest = {key: item for key, item in value.items() if key not in PROVENANCE}
        if "value" in rest and path:  # at the top it is an unknown key like any other
            self._refuse_beside_value(rest, written)
            if any(key.isdigit() for key in rest):  # 18,000 in braces: its value is not 18
                return UNREADABLE
            return self.values(rest["value"], (*written, "value"), path)
        kind = next((kind for kind in _FILES if kind in rest), None)
        if kind is not None and path and self.folder is not None:
            return self._with_column(kind, rest, written, path)
        if "table" in rest and path and self.folder is not None:
            return self._rows(rest, written, path)
        return {key: self.values(item, (*written, key), (*path, key)) for key, item in rest.items()}

    def _place(self, written: KeyPath, path: KeyPath) -> Place:
        place = self.document.place(written)
        return Place(place.file, place.line, place.column, dotted(path))

    def _refuse(self, written: KeyPath, message: str) -> None:
        self.inputs.problems.append(self.document.problem(written, message))

    def _note(self, value: dict[str, Any], written: KeyPath, path: KeyPath) -> None:
        """Record what is said about a value or section."""
        for key in PROVENANCE:
            said = value.get(key, UNREADABLE)
            if isinstance(said, Doubtful) and said is not UNREADABLE and key == "date":
                said = said.text  # 2021-08-20 needs no quotes where a date is asked for
            try:
                if said is not UNREADABLE:
                    self.inputs.provenance.setdefault(dotted(path), {})[key] = text(said)
            except ValueError as error:
                self._refuse((*written, key), str(error))

    def _refuse_beside_value(self, rest: dict[str, Any], written: KeyPath) -> None:
        allowed = f"allowed beside value: {', '.join(PROVENANCE)}"
        for key in rest:
            if key in _OF_PROFILES:
                self._refuse((*written, key), f"goes with start or values, not beside value; {allowed}")
            elif key != "value":
                hint = nearest(key, list(PROVENANCE)) or full_width(key) or COMMA
                self._refuse((*written, key), f"unknown key{hint}; {allowed}")

    def _with_column(self, kind: str, rest: dict[str, Any], written: KeyPath, path: KeyPath) -> dict[str, Any]:
        others = {key: item for key, item in rest.items() if key not in _FILES[kind]}
        result = {key: self.values(item, (*written, key), (*path, key)) for key, item in others.items()}
        if "values" in others:
            self._refuse((*written, "values"), f"excludes {kind}: the column says every year")
        column = self._column(kind, rest, written)
        if column is None:
            return {**result, "values": UNREADABLE}
        self.columns[written] = column
        for i in range(len(column.values)):
            self.inputs.places[(*path, "values", i)] = column.place(i)
            self.inputs.places[(*path, i)] = column.place(i)  # where the field is a plain list
        return {**result, "values": column.values}

    def _rows(self, rest: dict[str, Any], written: KeyPath, path: KeyPath) -> Any:
        """The rows of a table, each cell with its place in the file."""
        for key in rest.keys() - {"table", "sheet"}:
            self._refuse((*written, key), f"unknown key; allowed beside table: sheet, {', '.join(PROVENANCE)}")
        name, sheet = rest["table"], rest.get("sheet")
        if UNREADABLE in (name, sheet):
            return UNREADABLE
        if not isinstance(name, str) or not isinstance(sheet, str | None):
            self._refuse(written, "table and sheet are text; allowed: {table: actuals.csv}")
            return UNREADABLE
        file = self._file(name, (*written, "table"))
        if file is None:
            return UNREADABLE
        try:
            table = read_table(file, str(Path(self.document.file).parent / name), sheet)
        except InputError as error:
            self.inputs.problems.extend(error.problems)
            return UNREADABLE
        self.tables[written] = table
        for i, row in enumerate(table.rows):
            self.inputs.places[(*path, i)] = table.place(i)
            for heading in row:
                self.inputs.places[(*path, i, heading)] = table.place(i, heading)
        return [dict(row) for row in table.rows]

    def _file(self, name: str, where: KeyPath) -> Path | None:
        """A CSV file or workbook beside the project; None, with a problem noted, when there is no such one."""
        if leaves_folder(name):
            self._refuse(where, f"leaves the project's folder, {given(name)}; allowed: a file in it or below it")
            return None
        if not name.lower().endswith((".csv", ".xlsx")):
            self._refuse(where, f"is another kind of file, {given(name)}; allowed: a name that ends in .csv or .xlsx")
            return None
        if not is_file(self.folder / name):
            self._refuse(where, f"there is no such file, {given(name)}; allowed: a CSV file or workbook beside it")
            return None
        return self.folder / name

    def _column(self, kind: str, rest: dict[str, Any], written: KeyPath) -> Column | None:
        name, heading, sheet = rest[kind], rest.get("column"), rest.get("sheet") if kind == "xlsx" else None
        if UNREADABLE in (name, heading, sheet):
            return None
        if not isinstance(name, str) or not isinstance(heading, str) or not isinstance(sheet, str | None):
            allowed = f"allowed: {{{kind}: costs.{kind}, column: opex}}"
            self._refuse(written, f"{kind} and column go together, both as text; {allowed}")
            return None
        where = (*written, kind)
        if not name.lower().endswith(f".{kind}") and (kind == "xlsx" or name.lower().endswith(".xlsx")):
            self._refuse(where, f"is another kind of file, {given(name)}; allowed: a name that ends in .{kind}")
            return None
        if leaves_folder(name):
            allowed = "a file in the project's folder or below it"
            self._refuse(where, f"leaves the project's folder, {given(name)}; allowed: {allowed}")
            return None
        path = self.folder / name
        if not is_file(path):
            what = "a CSV file" if kind == "csv" else "an XLSX workbook"
            self._refuse(where, f"there is no such file, {given(name)}; allowed: {what} beside the project")
            return None
        try:
            return read_column(path, heading, str(Path(self.document.file).parent / name), sheet)
        except InputError as error:
            self.inputs.problems.extend(error.problems)
            return None


def separate(document: Document, folder: Path | None = None) -> tuple[Inputs, dict[str, Any]]:
    """The plain values of a document, with CSV columns from `folder`; and the same with what is said of them.

    The second form is ready for JSON. Raises nothing for bad input: the problems are in the first.
    """
    separation = _Separation(document, folder, Inputs({}, {}, problems=list(document.problems)))
    separation.inputs.data = separation.values(document.data, (), ())
    return separation.inputs, _canonical(document.data, (), separation.columns, separation.tables)


def _canonical(value: Any, written: KeyPath, columns: dict[KeyPath, Column], tables: dict[KeyPath, Table]) -> Any:
    if isinstance(value, list):
        return [_canonical(item, (*written, i), columns, tables) for i, item in enumerate(value)]
    if isinstance(value, dict):
        if written in tables:
            rows = [{key: _canonical(cell, (), {}, {}) for key, cell in row.items()} for row in tables[written].rows]
            said = {key: value[key] for key in PROVENANCE if key in value}
            return (
                {"value": rows, **{key: _canonical(item, (), {}, {}) for key, item in said.items()}} if said else rows
            )
        others = value
        if written in columns:
            others = {key: item for key, item in value.items() if key not in ("csv", "xlsx", "sheet", "column")}
            others["values"] = columns[written].values
        return {key: _canonical(item, (*written, key), columns, tables) for key, item in others.items()}
    return value.text if isinstance(value, Doubtful) else value


def leaves_folder(name: str) -> bool:
    """Whether a name in an input file points out of the folder it is looked up in, on any system."""
    return any(path.anchor or ".." in path.parts for path in (PurePosixPath(name), PureWindowsPath(name)))


def is_file(path: Path) -> bool:
    """Whether a regular file is there; a name that no file can have counts as absent."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
