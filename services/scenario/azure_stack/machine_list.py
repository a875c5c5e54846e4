"""The list of machines as it is given: tables of an answers file, lines of a CSV file, a Hub's inventory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.scenario.azure_stack.machine_rules import COLUMNS, REQUIRED, SYSTEMS, Entry, is_private, judge
from services.scenario.validate import SECRET_COLUMNS
from services.secrets import complaint
from services.text import _, plain

LARGEST_FILE = 4_000_000
"""Bytes; a list of machines is a few hundred lines."""


@dataclass(frozen=True)
class Listing:
    """What was read, and a sentence for everything that could not be."""

    entries: tuple[Entry, ...] = ()
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Typed:
    """A machine that was typed: its values by column, and a sentence for every mistake."""

    values: Mapping[str, str]
    mistakes: tuple[str, ...]


def mistakes_of(tables: Any) -> list[str]:
    """A sentence for every mistake of a list that stands in an answer."""
    listed = from_tables(tables)
    return [*listed.mistakes, *judge(listed.entries)]


def from_tables(tables: Any) -> Listing:
    """The machines of an answers file: a list of tables."""
    entries, mistakes = [], []
    for number, table in enumerate(tables if isinstance(tables, list) else [], 1):
        place = _("machine {number}").format(number=number)
        if not isinstance(table, Mapping):
            mistakes.append(_("{place}: give a table with name, address and os").format(place=place))
            continue
        unknown = sorted(str(key) for key in table if key not in COLUMNS)
        if unknown:
            mistakes.append(_unknown(place, unknown))
        entries.append(Entry(place, {key: str(table[key]).strip() for key in COLUMNS if key in table}))
    return Listing(tuple(entries), tuple(mistakes))


def from_csv_file(path: str) -> Listing:
    """The machines of a CSV file whose first line names the columns; nothing for an empty path."""
    if not path.strip():
        return Listing()
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        return _unreadable(_("{path}: cannot be read: {why}").format(path=path, why=reason))
    if len(content) > LARGEST_FILE:
        return _unreadable(_("{path}: is larger than 4 MB, so it is no list of machines").format(path=path))
    try:
        return from_csv(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _unreadable(_("{path}: is not UTF-8; save it as 'CSV UTF-8'").format(path=path))


def from_csv(text: str) -> Listing:
    """The machines of CSV text, separated by comma, or by semicolon when the header is."""
    header_line = next((line for line in text.splitlines() if _says_something([line])), "")
    separator = ";" if header_line.count(";") > header_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows = _numbered(reader)
    if isinstance(rows, str):
        return _unreadable(rows)
    if not rows:
        return _unreadable(
            _("The file is empty; its first line must be: {columns}").format(columns=",".join(REQUIRED))
        )
    (number, header), *body = rows
    columns = [cell.strip().lower() for cell in header]
    mistakes = _header_mistakes(number, columns)
    if mistakes:
        return Listing((), tuple(mistakes))
    entries, mistakes = [], []
    for number, row in body:
        place = _("line {number}").format(number=number)
        if len(row) > len(columns) or len(row) < len(REQUIRED):
            counts = _("{place}: number of values: {given}; the header names {wanted}: {columns}")
            mistakes.append(
                counts.format(place=place, given=len(row), wanted=len(columns), columns=", ".join(columns))
            )
        else:
            entries.append(Entry(place, {key: cell.strip() for key, cell in zip(columns, row, strict=False)}))
    return Listing(tuple(entries), tuple(mistakes))


def from_line(text: str) -> dict[str, str]:
    """One machine typed on a line, in the order of the columns: `app-01, 10.1.0.11, Linux`."""
    cells = next(csv.reader([text], skipinitialspace=True), [])
    return {key: cell.strip() for key, cell in zip(COLUMNS, cells, strict=False) if cell.strip()}


def from_typed(text: str, tables: Sequence[Mapping[str, Any]], number: int) -> Typed:
    """A machine typed on a line, to be number `number` (from 1) of `tables`, with its mistakes.

    A password that was typed where its source belongs is not kept: it will be asked for.
    """
    place = _("machine {number}").format(number=number)
    count = len(next(csv.reader([text], skipinitialspace=True), []))
    if count > len(COLUMNS):
        wrong = _("{place}: number of values: {given}; a machine has at most {most}: {columns}")
        said = wrong.format(place=place, given=count, most=len(COLUMNS), columns=", ".join(COLUMNS))
        return Typed(from_line(text), (said,))
    values = from_line(text)
    for key in SECRET_COLUMNS:
        if values.get(key) and complaint(values[key]) is not None:
            values[key] = "prompt"
    others = [entry for entry in from_tables(tables).entries if entry.place != place]
    return Typed(values, tuple(judge([Entry(place, values)], others)))


def from_inventory(inventory: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Tables for the machines that a Hub lists (`name`, `addresses`, `os`), by their first private address.

    A machine without a private address keeps its first one, so that the address check can say so.
    """
    tables = []
    for item in inventory:
        addresses = [str(address) for address in item.get("addresses") or ()]
        best = next((address for address in addresses if is_private(address)), (addresses or [""])[0])
        os_type = SYSTEMS.get(str(item.get("os", "")).lower(), "")
        tables.append({"name": str(item.get("name", "")), "address": best, "os": os_type})
    return tables


def _unreadable(sentence: str) -> Listing:
    return Listing((), (sentence,))


def _unknown(place: str, names: Sequence[str]) -> str:
    return _("{place}: not known: {names}; known: {known}").format(
        place=place, names=", ".join(plain(name, 40) for name in names), known=", ".join(COLUMNS)
    )


def _says_something(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")


def _numbered(reader: Any) -> list[tuple[int, list[str]]] | str:
    rows = []
    try:
        for row in reader:
            if _says_something(row or [""]):
                rows.append((reader.line_num, row))
    except csv.Error as error:
        return _("line {number}: {why}").format(number=reader.line_num, why=error)
    return rows


def _header_mistakes(number: int, columns: Sequence[str]) -> list[str]:
    place = _("line {number}").format(number=number)
    mistakes = []
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in COLUMNS]
    if missing:
        wanted = _("{place}: the header has no column {names}; it must name {columns}")
        mistakes.append(wanted.format(place=place, names=", ".join(missing), columns=", ".join(REQUIRED)))
    if unknown:
        mistakes.append(_unknown(place, unknown))
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        mistakes.append(
            _("{place}: column {names} stands twice").format(place=place, names=", ".join(repeated))
        )
    return mistakes
