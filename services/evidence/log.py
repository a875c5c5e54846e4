"""events.jsonl: a contiguous part of the journal's chained log, one event a line, checkable by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.journal import chain
from services.journal.base import Base

KEYS = {"actor", "at", "data", "engagement", "hash", "kind", "seq"}


@dataclass(frozen=True)
class Part:
    """Which part of the log: numbers of its first and last event, the hash before and the hash at its end."""

    first: int
    last: int
    previous: str
    head: str


@dataclass(frozen=True)
class Break:
    """The first event that is not as it was written: `how` is altered, added or missing."""

    seq: int
    how: str


def written(journal: Base, engagement_id: int) -> tuple[bytes, Part]:
    """The log from the first event of an engagement to its head. ProblemError; it must have an event."""
    sql = "SELECT min(seq) FROM event WHERE engagement = ?"
    first = int(journal.read(sql, (engagement_id,))[0][0])
    rows = journal.read(
        "SELECT seq, at, kind, engagement, actor, data, hash FROM event WHERE seq >= ? ORDER BY seq", (first,)
    )
    before = journal.read("SELECT hash FROM event WHERE seq = ?", (first - 1,))
    previous = before[0][0] if before else chain.genesis(journal.world_id)
    text = "".join(_line(row) for row in rows)
    return text.encode("ascii"), Part(first, rows[-1][0], previous, rows[-1][6])


def _line(row: tuple[Any, ...]) -> str:
    seq, at, kind, engagement, actor, data, hash_ = row
    # Actor and data are stored as canonical JSON already; keys in sorted order.
    rest = chain.canonical({"engagement": engagement, "hash": hash_, "kind": kind, "seq": seq})[1:]
    return f'{{"actor":{actor},"at":{chain.canonical(at)},"data":{data},{rest}\n'


def first_break(content: bytes, part: Part) -> Break | None:
    """The first event of a written log that is not as it was, or None when all are."""
    lines = content.split(b"\n")
    previous, expected = part.previous, part.first
    for number, line in enumerate(lines[:-1]):
        event = parsed(line)
        if event is None:
            return Break(expected, "altered")
        if event["seq"] != expected or chain.link(previous, _entry(event)) != event["hash"]:
            following = parsed(lines[number + 1])
            return Break(expected, _how(event, following, previous, expected))
        if expected > part.last:
            return Break(expected, "added")
        previous, expected = event["hash"], expected + 1
    if expected <= part.last:
        return Break(expected, "missing")
    return Break(part.last, "altered") if lines[-1] or previous != part.head else None


def _how(event: dict[str, Any], following: dict[str, Any] | None, previous: str, expected: int) -> str:
    """What kind of break this is: an event that only changed still leads on to the one behind it."""
    if chain.link(previous, _entry({**event, "seq": expected})) == event["hash"]:
        return "altered"
    if following and following["seq"] == expected:
        if chain.link(previous, _entry(following)) == following["hash"]:
            return "added"
    elif event["seq"] < expected:
        return "added"
    elif event["seq"] > expected:
        return "missing"
    return "altered"


def events(content: bytes) -> Iterator[dict[str, Any]]:
    """The events of a log that was checked."""
    for line in content.split(b"\n")[:-1]:
        event = parsed(line)
        if event is not None:
            yield event


def parsed(line: bytes) -> dict[str, Any] | None:
    """The event of a line, or None where it is not the one text that an event is written as."""
    try:
        event = json.loads(line)
        whole = isinstance(event, dict) and set(event) == KEYS and isinstance(event["seq"], int)
        return event if whole and chain.canonical(event).encode("ascii") == line else None
    except (ValueError, RecursionError):
        return None


def _entry(event: dict[str, Any]) -> chain.Entry:
    actor, data = chain.canonical(event["actor"]), chain.canonical(event["data"])
    return event["seq"], event["at"], event["kind"], event["engagement"], actor, data
