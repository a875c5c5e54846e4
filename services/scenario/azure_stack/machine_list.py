"""The list of machines as it is given: tables of an answers file, lines of a CSV file, a Hub's inventory."""

from __future__ import annotations

import csv
import io
import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.secrets import complaint
from services.text import _, plain

COLUMNS = ("name", "address", "os", "user", "secret", "mobility", "fingerprint")
REQUIRED = COLUMNS[:3]
SYSTEMS = {"windows": "Windows", "linux": "Linux"}
MOBILITY = ("push", "installed")
LARGEST_FILE = 4_000_000
"""Bytes; a list of machines is a few hundred lines."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")


@dataclass(frozen=True)
class Entry:
    """One machine as given. `place` says where (`machine 2`, `line 3`); values are stripped text."""

    place: str
    values: Mapping[str, str]

    def get(self, key: str) -> str:
        return self.values.get(key, "")


@dataclass(frozen=True)
class Listing:
    """What was read, and a sentence for everything that could not be."""

    entries: tuple[Entry, ...] = ()
    mistakes: tuple[str, ...] = ()


def from_tables(tables: Any) -> Listing:
    """The machines of an answers file: a list of tables."""
    entries, mistakes = [], []
    for number, table in enumerate(tables if isinstance(tables, list) else [], 1):
        place = _("machine {number}").format(number=number)
        if not isinstance(table, Mapping):
            mistakes.append(_("{place}: is no table with name, address and os").format(place=place))
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
            _("is empty; the first line must be: {columns}").format(columns=",".join(REQUIRED))
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
            counts = _("{place}: has {given} values, the header has {wanted}")
            mistakes.append(counts.format(place=place, given=len(row), wanted=len(columns)))
        else:
            entries.append(Entry(place, {key: cell.strip() for key, cell in zip(columns, row, strict=False)}))
    return Listing(tuple(entries), tuple(mistakes))


def from_line(text: str) -> dict[str, str]:
    """One machine typed on a line, in the order of the columns: `app-01, 10.1.0.11, Linux`."""
    cells = next(csv.reader([text], skipinitialspace=True), [])
    return {key: cell.strip() for key, cell in zip(COLUMNS, cells, strict=False) if cell.strip()}


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


def judge(entries: Sequence[Entry], before: Sequence[Entry] = ()) -> list[str]:
    """A sentence for every mistake of `entries`; `before` are machines already listed elsewhere."""
    found = [sentence for entry in entries for sentence in _entry_mistakes(entry)]
    return found + _twice(entries, before)


def is_private(address: str) -> bool:
    """Whether this is an IPv4 address of RFC 1918."""
    given = ipv4(address)
    return given is not None and any(given in network for network in _PRIVATE)


def ipv4(address: str) -> ipaddress.IPv4Address | None:
    """The address, or None when this is none."""
    try:
        return ipaddress.IPv4Address(address)
    except ValueError:
        return None


_NO_MACHINE = ("is_loopback", "is_multicast", "is_unspecified", "is_link_local", "is_reserved")
_PRIVATE = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def _unreadable(sentence: str) -> Listing:
    return Listing((), (sentence,))


def _unknown(place: str, names: Sequence[str]) -> str:
    return _("{place}: unknown: {names}; known: {known}").format(
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


def _entry_mistakes(entry: Entry) -> list[str]:
    rules = (
        ("name", _wrong_name(entry.get("name"))),
        ("address", _wrong_address(entry.get("address"))),
        ("os", _wrong_word(entry.get("os"), tuple(SYSTEMS.values()), required=True)),
        ("secret", complaint(entry.get("secret")) if entry.get("secret") else None),
        ("mobility", _wrong_word(entry.get("mobility"), MOBILITY, required=False)),
        ("fingerprint", _wrong_fingerprint(entry.get("fingerprint"))),
    )
    return [f"{entry.place}: {key}: {wrong}" for key, wrong in rules if wrong]


def _wrong_name(name: str) -> str | None:
    if not name:
        return _("needs a value")
    if NAME.fullmatch(name):
        return None
    rule = _("'{value}': 1 to 63 letters, digits and . _ -, beginning with a letter or digit")
    return rule.format(value=plain(name, 70))


def _wrong_address(address: str) -> str | None:
    if not address:
        return _("needs a value")
    given = ipv4(address)
    if given is None:
        return _("'{value}' is no IPv4 address such as 10.1.0.11").format(value=plain(address, 60))
    if (
        given.is_loopback
        or given.is_multicast
        or given.is_unspecified
        or given.is_link_local
        or given.is_reserved
    ):
        return _("'{value}' is not the address of one machine; give its private address").format(
            value=address
        )
    return None


def _wrong_word(word: str, known: Sequence[str], *, required: bool) -> str | None:
    if word.lower() in [name.lower() for name in known] or not (word or required):
        return None
    return _("'{value}' is not one of: {known}").format(value=plain(word, 40), known=", ".join(known))


def _wrong_fingerprint(fingerprint: str) -> str | None:
    if not fingerprint or FINGERPRINT.fullmatch(fingerprint):
        return None
    return _("'{value}' is no fingerprint such as ssh-keygen -l prints: SHA256: and 43 characters").format(
        value=plain(fingerprint, 80)
    )


def _twice(entries: Sequence[Entry], before: Sequence[Entry]) -> list[str]:
    found = []
    for key in ("name", "address"):
        seen = {entry.get(key).lower(): entry.place for entry in before}
        for entry in entries:
            value = entry.get(key).lower()
            if value and value in seen:
                shown = plain(entry.get(key), 60)
                found.append(
                    _("{place}: {key} '{value}': a machine twice, it is already {first}").format(
                        place=entry.place, key=key, value=shown, first=seen[value]
                    )
                )
            seen.setdefault(value, entry.place)
    return found
