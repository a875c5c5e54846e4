"""The operations in the journal: rows that move from intent to accepted to finished, with an event each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from services.journal.base import Base
from services.journal.model import OperationRow, now
from services.journal.writer import Record

INTENT = "intent"
ACCEPTED = "accepted"
FINISHED = "finished"
ABANDONED = "abandoned"

_COLUMNS = tuple(field.name for field in fields(OperationRow))


def intend(journal: Base, wanted: OperationRow) -> OperationRow:
    """Write an intent; when this returns it is on the disk. `wanted.id` and its times are given here."""
    at = now()

    def insert(connection: sqlite3.Connection) -> tuple[OperationRow, Record | None]:
        row = replace(wanted, created=at, updated=at)
        columns, marks = ", ".join(_COLUMNS[1:]), ", ".join("?" * (len(_COLUMNS) - 1))
        sql = f"INSERT INTO operation ({columns}) VALUES ({marks})"
        inserted = connection.execute(sql, _values(row)[1:])
        row = replace(row, id=int(inserted.lastrowid or 0))
        return row, Record("operation-intent", asdict(row), row.engagement)

    return journal.write(insert)


def note(
    journal: Base, row: OperationRow, kind: str, why: Mapping[str, Any] | None = None, **changes: Any
) -> OperationRow:
    """Change columns of an operation and say so in an event of this kind, with the reasons in `why`."""
    changed = replace(row, **changes, updated=now())

    def update(connection: sqlite3.Connection) -> tuple[OperationRow, Record | None]:
        names = [*changes, "updated"]
        values = dict(zip(_COLUMNS, _values(changed), strict=True))
        sql = f"UPDATE operation SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"
        connection.execute(sql, (*(values[name] for name in names), row.id))
        said = {"operation": row.id, "client_request_id": row.client_request_id, "verb": row.verb}
        data = {**said, "changes": changes, **(why or {})}
        return changed, Record(kind, data, row.engagement)

    return journal.write(update)


def operations(journal: Base, engagement_id: int | None = None) -> list[OperationRow]:
    """The operations of an engagement, or of all, the oldest first."""
    sql = f"SELECT {', '.join(_COLUMNS)} FROM operation WHERE ?1 IS NULL OR engagement = ?1 ORDER BY id"
    return [_row(values) for values in journal.read(sql, (engagement_id,))]


def newest(journal: Base, engagement_id: int, verb: str, target: str, digest: str) -> OperationRow | None:
    """The last operation that asked for the same: verb, target and body."""
    sql = (
        f"SELECT {', '.join(_COLUMNS)} FROM operation "
        "WHERE engagement = ? AND verb = ? AND target = ? AND digest = ? ORDER BY id DESC LIMIT 1"
    )
    rows = journal.read(sql, (engagement_id, verb, target, digest))
    return _row(rows[0]) if rows else None


def _values(row: OperationRow) -> tuple[Any, ...]:
    values = [getattr(row, name) for name in _COLUMNS]
    return tuple(json.dumps(dict(value)) if isinstance(value, Mapping) else value for value in values)


def _row(values: tuple[Any, ...]) -> OperationRow:
    named = dict(zip(_COLUMNS, values, strict=True))
    return OperationRow(**{**named, "error": json.loads(named["error"])})
