"""The hash chain of the log: no entry can be altered, added between or taken away unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

Entry = tuple[int, str, str, int | None, str, str]
"""seq, at, kind, engagement, actor and data; the last two as the JSON text that is stored."""


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no blanks, ASCII only. ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, as hexadecimal."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def genesis(world_id: str) -> str:
    """What the first entry is chained to: the world, so that a log cannot pass for another world's."""
    return digest({"lifeboat": "journal", "world": world_id})


def link(previous: str, entry: Entry) -> str:
    """The hash of an entry that follows the entry of hash `previous`."""
    return hashlib.sha256((previous + canonical(entry)).encode("ascii")).hexdigest()


def first_broken(entries: Iterable[tuple[Entry, str]], world_id: str, head: str) -> int | None:
    """The number of the first entry that is not as it was written, or None when all are.

    `entries` are (entry, stored hash) in order; `head` is the hash that the last one must have, which shows
    an end that was cut off: then the number is that of the first missing one.
    """
    previous, expected = genesis(world_id), 1
    for entry, stored in entries:
        if entry[0] != expected or link(previous, entry) != stored:
            return expected
        previous, expected = stored, expected + 1
    return None if previous == head else expected
