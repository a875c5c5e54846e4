"""The chain's head as a text short enough for the comments that Azure keeps with a job."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.journal.base import Base

_TEXT = re.compile(r"lifeboat-chain:(\d{1,15}):([0-9a-f]{64})\b")


@dataclass(frozen=True)
class Head:
    """The number and the hash of an event of the log."""

    seq: int
    hash: str


def head_of(journal: Base) -> Head:
    """The last event that is written; number 0 and no hash for an empty log. ProblemError."""
    rows = journal.read("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")
    return Head(*rows[0]) if rows else Head(0, "")


def anchor_text(journal: Base) -> str:
    """What to add to the comments of a cleanup or a resume, or an empty text for an empty log."""
    head = head_of(journal)
    return f"lifeboat-chain:{head.seq}:{head.hash}" if head.seq else ""


def without_anchor(text: str) -> str:
    """Comments as a person gave them."""
    return _TEXT.sub("", text).strip()


def anchored(text: str) -> Head | None:
    """The head that comments hold, or None."""
    found = _TEXT.search(text)
    return Head(int(found[1]), found[2]) if found else None
