"""How the files are changed: pure functions from bytes to bytes. Bytes that are no UTF-8 stay as they are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from services.readiness.sshd_settings import split
from services.text import plain


def decoded(data: bytes) -> str:
    """Text that goes back to the same bytes."""
    return data.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes of such a text."""
    return text.encode("utf-8", "surrogateescape")


def with_hosts(data: bytes, addresses: Sequence[str], name: str) -> bytes:
    """A hosts file with a line more for each address."""
    end = b"" if not data or data.endswith(b"\n") else b"\n"
    return data + end + b"".join(f"{address}\t{name}\n".encode("ascii") for address in addresses)


def with_value(data: bytes, line: int, value: str) -> bytes:
    """A configuration with another value in that line (from 0); its indent and keyword stay."""
    rows = decoded(data).split("\n")
    found = re.match(r"(\s*[A-Za-z][A-Za-z0-9]*(?:\s*=\s*|\s+))", rows[line])
    rows[line] = f"{found[1] if found else ''}{value}{_end(rows[line])}"
    return encoded("\n".join(rows))


def with_setting(data: bytes, setting: str) -> bytes:
    """A configuration with a line more, before the first Match block, where it holds for everybody."""
    rows = decoded(data).split("\n")
    place = first_match(rows)
    end = "\r" if rows[0].endswith("\r") else ""
    if place == len(rows) and rows[-1] == "":
        place -= 1
    rows.insert(place, setting + end)
    text = "\n".join(rows)
    return encoded(text if text.endswith("\n") or data.endswith(b"\n") else text + "\n")


def uncommented_subsystem(data: bytes, usable: Callable[[str], bool]) -> bytes | None:
    """A configuration in which the first commented SFTP line before any Match counts; None without one.

    `usable` judges the command that such a line names.
    """
    rows = decoded(data).split("\n")
    for number, row in enumerate(rows[: first_match(rows)]):
        found = re.match(r"\s*#\s*(Subsystem\s+sftp\s+(\S.*))$", row, re.I)
        if found and usable(found[2].rstrip("\r")):
            rows[number] = found[1]
            return encoded("\n".join(rows))
    return None


def first_match(rows: Sequence[str]) -> int:
    """The number of the first line of a Match block; the number of lines when there is none."""
    return next((number for number, row in enumerate(rows) if (split(row) or ("",))[0] == "match"), len(rows))


def diff(path: str, before: bytes, after: bytes) -> tuple[str, ...]:
    """A unified diff, harmless to show."""
    old, new = (decoded(data).split("\n") for data in (before, after))
    return tuple(plain(line) for line in difflib.unified_diff(old, new, path, path, n=2, lineterm=""))


def _end(row: str) -> str:
    return "\r" if row.endswith("\r") else ""
