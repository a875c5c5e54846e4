"""What was fixed, kept as facts of the engagement: written before a machine is touched, and after."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.journal.journal import Journal
from services.readiness.fixes.model import UndoRecord

STEP = "fixes"
"""Facts of no step of a scenario, so that opening a step again forgets no fix."""
PREFIX = "fix:"
INTENDED, APPLIED, UNDONE, FAILED = "intended", "applied", "undone", "failed"


@dataclass(frozen=True)
class Kept:
    """One fix on one machine. `state`: `intended` (it may have been touched), `applied`, `undone`, `failed`.

    `failed` left the machine as it was. `by` is who consented.
    """

    key: str
    state: str
    undo: UndoRecord
    by: str = ""

    @property
    def standing(self) -> bool:
        """Whether the machine is or may be changed by it."""
        return self.state in (INTENDED, APPLIED)


def kept(journal: Journal, engagement_id: int, machine: str = "", fix: str = "") -> list[Kept]:
    """All fixes ever begun, the oldest first; of one machine or of one fix when these are named."""
    found = [
        Kept(key, str(body["state"]), UndoRecord.from_json(body["undo"]), str(body["by"]))
        for key, body in journal.facts(engagement_id).items()
        if key.startswith(PREFIX)
    ]
    wanted = [one for one in found if machine in ("", one.undo.machine) and fix in ("", one.undo.fix)]
    return sorted(wanted, key=_number)


def later(journal: Journal, engagement_id: int, record: Kept) -> Kept | None:
    """A standing fix that changed the same thing on the same machine after this one, or None."""
    same = [one for one in kept(journal, engagement_id, record.undo.machine) if one.standing]
    number = _number(record)
    return next(
        (one for one in same if one.undo.path == record.undo.path != "" and _number(one) > number), None
    )


def begin(journal: Journal, engagement_id: int, undo: UndoRecord, by: str) -> Kept:
    """Write what will be done. When this returns it is on the disk."""
    number = 1 + max(map(_number, kept(journal, engagement_id)), default=0)
    record = Kept(f"{PREFIX}{number}", INTENDED, undo, by)
    _save(journal, engagement_id, record)
    return record


def move(journal: Journal, engagement_id: int, record: Kept, state: str) -> Kept:
    """Write that a fix has come to another state."""
    moved = replace(record, state=state)
    _save(journal, engagement_id, moved)
    return moved


def _save(journal: Journal, engagement_id: int, record: Kept) -> None:
    body = {"state": record.state, "by": record.by, "undo": record.undo.as_json()}
    journal.save_facts(engagement_id, STEP, {record.key: body})


def _number(record: Kept) -> int:
    return int(record.key.removeprefix(PREFIX))
