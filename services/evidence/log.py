"""events.jsonl: a contiguous part of the journal's chained log, one event a line, checkable by itself."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from services.journal import chain
from services.journal.base import Base

RECORD = "evidence"
"""The kind of event that names the digest of a record."""
_START = '{"actor":'
_MIDDLE = re.compile(r',"at":("[^"\\]*"),"data":')
_END = re.compile(r',"engagement":(null|\d+),"hash":"([0-9a-f]{64})","kind":("[^"\\]*"),"seq":(\d{1,15})\}')
_DECODER = json.JSONDecoder()


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


@dataclass(frozen=True)
class Checked:
    """A log that was walked: its first break, the hash of each event, and the records that it names."""

    broken: Break | None
    hashes: dict[int, str] = field(default_factory=dict)
    records: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """An event as its texts, from which its hash is made without writing it anew."""

    seq: int
    hash: str
    kind: str
    data: Any
    texts: tuple[str, str, str, str, str]

    def linked(self, previous: str, seq: int) -> bool:
        """Whether this event, under this number, follows the event of hash `previous`."""
        at, kind, engagement, actor, data = self.texts
        entry = f"[{seq},{at},{kind},{engagement},{json.dumps(actor)},{json.dumps(data)}]"
        return hashlib.sha256((previous + entry).encode("latin-1")).hexdigest() == self.hash


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
    return f'{_START}{actor},"at":{chain.canonical(at)},"data":{data},{rest}\n'


def walk(content: bytes, part: Part) -> Checked:
    """Follow the chain through a written log, up to its first break."""
    try:
        lines = content.decode("ascii").split("\n")
    except UnicodeDecodeError:
        lines = content.decode("latin-1").split("\n")
    previous, expected = part.previous, part.first
    hashes: dict[int, str] = {part.first - 1: part.previous}
    records: set[str] = set()
    for number, text in enumerate(lines[:-1]):
        line = parsed(text)
        if line is None:
            return Checked(Break(expected, "altered"))
        if line.seq != expected or not line.linked(previous, expected):
            return Checked(Break(expected, _how(line, parsed(lines[number + 1]), previous, expected)))
        if expected > part.last:
            return Checked(Break(expected, "added"))
        if line.kind == RECORD and isinstance(line.data, dict):
            records.add(str(line.data.get("record")))
        hashes[expected] = previous = line.hash
        expected += 1
    if expected <= part.last:
        return Checked(Break(expected, "missing"))
    whole = not lines[-1] and previous == part.head
    return Checked(None if whole else Break(part.last, "altered"), hashes, frozenset(records))


def _how(line: Line, following: Line | None, previous: str, expected: int) -> str:
    """What kind of break this is: an event that only changed still leads on to the one behind it."""
    if line.linked(previous, expected):
        return "altered"
    if following and following.seq == expected:
        if following.linked(previous, expected):
            return "added"
    elif line.seq < expected:
        return "added"
    elif line.seq > expected:
        return "missing"
    return "altered"


def parsed(text: str) -> Line | None:
    """The event of a line, or None where it does not stand as events are written."""
    try:
        if not text.startswith(_START):
            return None
        _actor, end = _DECODER.raw_decode(text, len(_START))
        middle = _MIDDLE.match(text, end)
        if middle is None:
            return None
        data, stop = _DECODER.raw_decode(text, middle.end())
        rest = _END.fullmatch(text, stop)
    except (ValueError, RecursionError):
        return None
    if rest is None:
        return None
    texts = (middle[1], rest[3], rest[1], text[len(_START) : end], text[middle.end() : stop])
    return Line(int(rest[4]), rest[2], rest[3][1:-1], data, texts)
